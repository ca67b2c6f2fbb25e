//! The state machine of one call.

use super::learning::Learning;
use super::schedule::{Plan, Schedule};
use crate::protocol::{ApiError, Code, Error, Reply, State, Submitted, What, is_limited};

/// What a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Submit, then wait for the number.
    Find,
    /// Wait for a job whose id is known.
    Poll,
    /// Submit only.
    Submit,
    /// Exactly one poll, never repeated.
    Check,
}

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    /// The call begins. `age` is how long ago, in ms, its job was submitted, if that is known.
    Start { age: Option<f64> },
    /// The exchange under way was answered. `wait` is how long the answer asks to stay away, in ms.
    Reply { reply: Reply, wait: Option<f64> },
    /// The exchange under way gave no answer: no connection, or it broke, or `fetch` threw.
    Broken,
    /// The timer set for [`Lookup::due`] fired, perhaps early.
    Tick,
    /// The caller wants no more of it.
    Abort,
    /// The module itself broke while it handled an event of this call.
    Fault,
}

/// What the host must do, and before that, tell the caller.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// For `onStatus`.
    pub update: Option<Update>,
    pub action: Action,
}

/// For the caller's eyes: where the lookup stands after a good answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Update {
    /// Good polls so far.
    pub polls: f64,
    /// Since the call began, in ms.
    pub elapsed: f64,
    /// Until the next poll, in ms; `None` if there is none to come.
    pub next_poll_in: Option<f64>,
}

/// What the host must do now. Whatever was under way before is over: a request is cancelled, a timer cleared.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    /// Send the submit, and tick at [`Lookup::due`].
    Submit,
    /// Send a poll, and tick at [`Lookup::due`].
    Poll,
    /// Do nothing but tick at [`Lookup::due`].
    Wait,
    /// The event came too late to matter.
    Ignore,
    /// The call is over.
    Settle(Result<Outcome, Error>),
}

/// What a call was for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// The id of the job, just submitted.
    Request,
    /// The job, as the reply tells it; if it is still running, when to ask again, in ms.
    Job { state: State, poll_after: f64 },
}

/// Until when no request should be sent, in the time of [`Moment::now`]: the service said so to this call or, where they
/// share a client, to another.
pub type Pause = f64;

/// The longest pause that one answer can impose on all calls, in ms: the service's longest published limit is an hour.
const LONGEST_PAUSE: f64 = 3_600_000.0;

/// When, and with what luck, an event happens; and what is shared with other calls of the same client.
pub struct Moment<'a> {
    /// A clock in ms that only goes forward.
    pub now: f64,
    /// In 0..1.
    pub random: f64,
    pub pause: &'a mut Pause,
    pub learning: &'a mut Learning,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Before a submit.
    SubmitWait,
    Submitting,
    /// Before a poll.
    PollWait,
    Polling,
    Settled,
}

/// One call: what it is for, its limits, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lookup {
    operation: Operation,
    plan: Plan,
    phase: Phase,
    started: f64,
    /// When the job was submitted; for one submitted elsewhere, as far as is known.
    submitted_at: f64,
    /// Whether `submitted_at` is more than a guess.
    age_known: bool,
    submitted: Submitted,
    due: f64,
    polls: f64,
    /// Failed exchanges in a row.
    failures: f64,
}

impl Lookup {
    /// A call that has yet to get its [`Event::Start`].
    pub fn new(operation: Operation, plan: Plan, now: f64) -> Lookup {
        let submits = matches!(operation, Operation::Find | Operation::Submit);
        Lookup {
            operation,
            plan,
            phase: if submits { Phase::SubmitWait } else { Phase::PollWait },
            started: now,
            submitted_at: now,
            age_known: false,
            submitted: if submits { Submitted::No } else { Submitted::Yes },
            due: now,
            polls: 0.0,
            failures: 0.0,
        }
    }

    /// When to tick, in the time of [`Moment::now`]; infinite for never.
    pub fn due(&self) -> f64 {
        self.due
    }

    /// Whether an exchange is under way.
    pub fn exchanging(&self) -> bool {
        matches!(self.phase, Phase::Submitting | Phase::Polling)
    }

    /// Whether a job may have been made.
    pub fn submitted(&self) -> Submitted {
        self.submitted
    }

    /// Takes an event and says what to do.
    pub fn on(&mut self, event: Event, moment: &mut Moment) -> Step {
        if self.phase == Phase::Settled {
            return Action::Ignore.into();
        }
        match event {
            Event::Abort => self.settle(Error::new(Code::Aborted, What::Aborted, self.submitted)),
            Event::Fault => {
                let retryable = self.submitted != Submitted::Unknown;
                self.settle(Error { retryable, ..Error::new(Code::ClientFault, What::ModuleBroke, self.submitted) })
            }
            Event::Start { age } => self.start(age, moment),
            Event::Tick => self.tick(moment),
            Event::Broken => self.failed(Code::NetworkError, What::RequestFailed, None, moment),
            Event::Reply { reply, wait } => match (self.phase, reply) {
                (Phase::Submitting, Reply::Job(state)) => self.accepted(state, wait, moment),
                (Phase::Submitting, Reply::Error(error)) => self.refused(error, wait, moment),
                (Phase::Polling, Reply::Job(state)) => self.polled(state, wait, moment),
                (Phase::Polling, Reply::Error(error)) => self.poll_failed(error, wait, moment),
                (Phase::Submitting | Phase::Polling, Reply::Unreadable(what)) => {
                    self.failed(Code::InvalidResponse, what, wait, moment)
                }
                _ => Action::Ignore.into(),
            },
        }
    }

    fn deadline(&self) -> f64 {
        self.started + self.plan.timeout
    }

    fn start(&mut self, age: Option<f64>, moment: &mut Moment) -> Step {
        // The clock of the machine that submitted may be ahead of this one's.
        let age = age.map(|age| age.max(0.0));
        if let Some(age) = age {
            self.age_known = true;
            self.submitted_at = moment.now - age;
        }
        // A job of unknown age may well be done, and a check is made at once: polls are free.
        if let (Operation::Poll, Some(age)) = (self.operation, age) {
            let wait = self.plan.schedule.first(moment.learning.first_delay(), moment.random) - age;
            if wait > 0.0 {
                return self.wait_for_poll(wait, 0.0, moment).unwrap_or_else(|| self.time_out());
            }
        }
        self.exchange(moment)
    }

    fn tick(&mut self, moment: &mut Moment) -> Step {
        let over = moment.now >= self.deadline();
        match self.phase {
            // A timer may fire early, and a wait beyond what a timer can hold takes several.
            _ if moment.now < self.due => Action::Wait.into(),
            _ if over => self.time_out(),
            Phase::SubmitWait | Phase::PollWait => self.exchange(moment),
            _ => {
                let number = self.plan.request_timeout;
                self.repeat(Error { number, ..Error::new(Code::Timeout, What::NoAnswer, self.submitted) }, None, moment)
            }
        }
    }

    /// Sends what is next, unless the service asked to stay away.
    fn exchange(&mut self, moment: &mut Moment) -> Step {
        // A check is one request, now: whoever asks for it has their own schedule.
        if *moment.pause > moment.now && self.operation != Operation::Check {
            if *moment.pause >= self.deadline() {
                let mut error = Error::new(Code::RateLimitExceeded, What::StayAway, self.submitted);
                error.retry_after = Some(*moment.pause - moment.now);
                error.retryable = true;
                return self.settle(error);
            }
            // All that a pause holds back should not come at once when it ends.
            let spread = *moment.pause + self.plan.schedule.backoff(1.0, moment.random);
            self.due = if spread < self.deadline() { spread } else { *moment.pause };
            return Action::Wait.into();
        }
        self.due = (moment.now + self.plan.request_timeout).min(self.deadline());
        if self.phase == Phase::SubmitWait {
            self.phase = Phase::Submitting;
            self.submitted = Submitted::Unknown;
            Action::Submit.into()
        } else {
            self.phase = Phase::Polling;
            Action::Poll.into()
        }
    }

    /// The submit was answered with a job.
    fn accepted(&mut self, state: State, wait: Option<f64>, moment: &mut Moment) -> Step {
        self.submitted = Submitted::Yes;
        self.phase = Phase::PollWait;
        self.submitted_at = moment.now;
        self.age_known = true;
        self.failures = 0.0;
        if self.operation == Operation::Submit {
            return self.settle(Ok(Outcome::Request));
        }
        if let Some(step) = self.finished(state, moment) {
            return step;
        }
        let first = self.plan.schedule.first(moment.learning.first_delay(), moment.random);
        self.go_on(first, wait, moment)
    }

    fn polled(&mut self, state: State, wait: Option<f64>, moment: &mut Moment) -> Step {
        self.polls += 1.0;
        self.failures = 0.0;
        let next = self.plan.schedule.next(moment.now - self.submitted_at, moment.random);
        if self.operation == Operation::Check {
            let poll_after = next.max(wait.unwrap_or(0.0)).ceil();
            return self.settle(Ok(Outcome::Job { state, poll_after }));
        }
        if let Some(step) = self.finished(state, moment) {
            return step;
        }
        if self.polls >= self.plan.max_polls {
            let error = Error::new(Code::PollBudgetExhausted, What::StillRunning, self.submitted);
            let step = self.settle(Error { number: self.polls, retryable: true, ..error });
            return self.told(step, None, moment);
        }
        self.go_on(next, wait, moment)
    }

    /// The end of the call, if the job has come to its own.
    fn finished(&mut self, state: State, moment: &mut Moment) -> Option<Step> {
        let result = match state {
            State::Pending => return None,
            State::Completed => {
                // What was long finished when it was first asked for had no such length.
                if self.age_known && (self.operation == Operation::Find || self.polls > 1.0) {
                    moment.learning.remember(moment.now - self.submitted_at);
                }
                Ok(Outcome::Job { state, poll_after: 0.0 })
            }
            State::Failed => Err(Error::new(Code::JobFailed, What::JobFailed, self.submitted)),
        };
        let step = self.settle(result);
        Some(self.told(step, None, moment))
    }

    /// The job runs on: polls again after `wait`, or after what the service asks for if that is longer.
    fn go_on(&mut self, wait: f64, asked: Option<f64>, moment: &mut Moment) -> Step {
        let Some(step) = self.wait_for_poll(wait, asked.unwrap_or(0.0), moment) else {
            let mut step = self.time_out();
            if let Action::Settle(Err(error)) = &mut step.action {
                error.retry_after = asked.filter(|asked| moment.now + asked >= self.deadline());
            }
            return self.told(step, None, moment);
        };
        self.told(step, Some(self.due - moment.now), moment)
    }

    fn told(&self, step: Step, next_poll_in: Option<f64>, moment: &Moment) -> Step {
        let update = Update {
            polls: self.polls,
            elapsed: (moment.now - self.started).floor(),
            next_poll_in: next_poll_in.map(f64::ceil),
        };
        Step { update: Some(update), ..step }
    }

    /// Waits for the next poll: `wait` ms, at least `asked`. A wait that would miss the deadline is cut so that the last
    /// poll comes just before it. `None` if that one was made, or if `asked` leaves no room.
    fn wait_for_poll(&mut self, wait: f64, asked: f64, moment: &Moment) -> Option<Step> {
        let last = self.deadline() - (self.plan.timeout / 10.0).min(1_000.0);
        let earliest = moment.now + asked;
        if moment.now >= last || earliest >= self.deadline() {
            return None;
        }
        self.due = (moment.now + wait).min(last).max(earliest);
        self.phase = Phase::PollWait;
        Some(Action::Wait.into())
    }

    /// The submit was answered with an error.
    fn refused(&mut self, error: ApiError, wait: Option<f64>, moment: &mut Moment) -> Step {
        // Only these two prove that no job was made and may go better next time. A 503 that is not Nyne's own comes from
        // something in between, which may have passed the submit on.
        let unavailable = error.own && error.code == Code::ServiceUnavailable;
        if (error.status == 429 && error.code == Code::RateLimitExceeded) || (error.status == 503 && unavailable) {
            return self.repeat(Self::api_error(error, wait, Submitted::No), wait, moment);
        }
        // A request that the service refuses makes no job; 408 says only that the answer was late.
        if (400..500).contains(&error.status) && error.status != 408 {
            self.submitted = Submitted::No;
            let error = Self::api_error(error, wait, Submitted::No);
            return self.settle(error);
        }
        let unknown = Self::outcome_unknown(Self::api_error(error, wait, Submitted::Unknown));
        self.settle(unknown)
    }

    fn poll_failed(&mut self, error: ApiError, wait: Option<f64>, moment: &mut Moment) -> Step {
        let failure = Self::api_error(error, wait, Submitted::Yes);
        match error.kind() {
            // Success, says the status, but the body says otherwise without a code that is known.
            200..300 | 408 | 425 | 429 | 500.. => self.repeat(failure, wait, moment),
            _ => self.settle(failure),
        }
    }

    fn api_error(error: ApiError, wait: Option<f64>, submitted: Submitted) -> Error {
        let ApiError { status, code, what, .. } = error;
        Error { number: status.into(), status, retry_after: wait, ..Error::new(code, what, submitted) }
    }

    /// The exchange gave nothing that can be used.
    fn failed(&mut self, code: Code, what: What, wait: Option<f64>, moment: &mut Moment) -> Step {
        match self.phase {
            Phase::Submitting | Phase::Polling => {
                let error = Error { retry_after: wait, ..Error::new(code, what, self.submitted) };
                self.repeat(error, wait, moment)
            }
            _ => Action::Ignore.into(),
        }
    }

    /// Sends the exchange once more after a wait, if it may be repeated and there is time; otherwise ends with `error`.
    /// A submit comes here with [`Submitted::No`] only if it is proven that it made no job.
    fn repeat(&mut self, mut error: Error, wait: Option<f64>, moment: &mut Moment) -> Step {
        if self.phase == Phase::Submitting && error.submitted != Submitted::No {
            let unknown = Self::outcome_unknown(error);
            return self.settle(unknown);
        }
        self.submitted = error.submitted;
        error.retryable = true;
        error.retry_after = wait;
        // These speak for the service and so for all calls; no more than its longest limit lasts, or one odd answer
        // would end them all.
        if let (Some(wait), true) = (wait, is_limited(error.status)) {
            *moment.pause = moment.pause.max(moment.now + wait.min(LONGEST_PAUSE));
        }
        if self.operation == Operation::Check || self.failures >= self.plan.max_retries {
            return self.settle(error);
        }
        self.failures += 1.0;
        let asked = wait.unwrap_or(0.0);
        // Chance is drawn once an event: the two uses of it don't meet in one sum twice as wide.
        let scheduled = self.plan.schedule.next(moment.now - self.submitted_at, 0.0);
        let pause = scheduled.max(asked) + self.plan.schedule.backoff(self.failures, moment.random);
        if self.phase == Phase::Polling {
            return match self.wait_for_poll(pause, asked, moment) {
                Some(step) => step,
                None => self.settle(error),
            };
        }
        self.due = moment.now + pause;
        if self.due >= self.deadline() {
            return self.settle(error);
        }
        self.phase = Phase::SubmitWait;
        Action::Wait.into()
    }

    fn time_out(&mut self) -> Step {
        let error = Error::new(Code::Timeout, What::TimedOut, self.submitted);
        let error = Error { number: self.plan.timeout, retryable: true, ..error };
        let error = if self.phase == Phase::Submitting { Self::outcome_unknown(error) } else { error };
        self.settle(error)
    }

    /// Nothing proves that the submit made no job.
    fn outcome_unknown(error: Error) -> Error {
        Error { code: Code::SubmitOutcomeUnknown, retryable: false, ..error }
    }

    fn settle(&mut self, result: impl Into<Settled>) -> Step {
        self.phase = Phase::Settled;
        self.due = f64::INFINITY;
        Action::Settle(result.into().0).into()
    }
}

/// Lets [`Lookup::settle`] take an error as it is.
struct Settled(Result<Outcome, Error>);

impl From<Error> for Settled {
    fn from(error: Error) -> Self {
        Settled(Err(error))
    }
}

impl From<Result<Outcome, Error>> for Settled {
    fn from(result: Result<Outcome, Error>) -> Self {
        Settled(result)
    }
}

impl From<Action> for Step {
    fn from(action: Action) -> Self {
        Step { update: None, action }
    }
}

/// As plain numbers, so that the host can put a call away between two events wherever it likes.
impl Lookup {
    /// The number of values in [`Lookup::save`].
    pub const SIZE: usize = 12;

    /// The call as numbers.
    pub fn save(&self) -> [f64; Self::SIZE] {
        let Plan { schedule: Schedule { first_delay, max_delay }, timeout, request_timeout, max_retries, max_polls } =
            self.plan;
        let choices = self.operation as u32
            | (self.phase as u32) << 2
            | (self.submitted as u32) << 5
            | u32::from(self.age_known) << 7;
        [
            f64::from(choices),
            first_delay,
            max_delay,
            timeout,
            request_timeout,
            max_retries,
            max_polls,
            self.started,
            self.submitted_at,
            self.due,
            self.polls,
            self.failures,
        ]
    }

    /// The opposite of [`Lookup::save`].
    pub fn restore(values: [f64; Self::SIZE]) -> Lookup {
        let [
            choices,
            first_delay,
            max_delay,
            timeout,
            request_timeout,
            max_retries,
            max_polls,
            started,
            submitted_at,
            due,
            polls,
            failures,
        ] = values;
        let choices = choices as u32;
        Lookup {
            operation: match choices & 3 {
                0 => Operation::Find,
                1 => Operation::Poll,
                2 => Operation::Submit,
                _ => Operation::Check,
            },
            plan: Plan {
                schedule: Schedule { first_delay, max_delay },
                timeout,
                request_timeout,
                max_retries,
                max_polls,
            },
            phase: match choices >> 2 & 7 {
                0 => Phase::SubmitWait,
                1 => Phase::Submitting,
                2 => Phase::PollWait,
                3 => Phase::Polling,
                _ => Phase::Settled,
            },
            started,
            submitted_at,
            age_known: choices >> 7 & 1 == 1,
            submitted: match choices >> 5 & 3 {
                0 => Submitted::No,
                1 => Submitted::Yes,
                _ => Submitted::Unknown,
            },
            due,
            polls,
            failures,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Body, Expected};

    const RUNNING: &str = r#"{"request_id":"a1","status":"queued"}"#;
    const DONE: &str = r#"{"request_id":"a1","status":"completed","result":{"mobile":"+1"}}"#;

    /// A call of a client of its own that began at 0 and has no luck but 0.
    struct Driven {
        lookup: Lookup,
        pause: Pause,
        learning: Learning,
    }

    impl Driven {
        fn new(operation: Operation, plan: Plan) -> Driven {
            Driven { lookup: Lookup::new(operation, plan, 0.0), pause: 0.0, learning: Learning::default() }
        }

        /// One that has sent its first request.
        fn started(operation: Operation, plan: Plan) -> Driven {
            let mut driven = Driven::new(operation, plan);
            driven.on(0.0, Event::Start { age: None });
            driven
        }

        fn on(&mut self, now: f64, event: Event) -> Step {
            let moment = &mut Moment { now, random: 0.0, pause: &mut self.pause, learning: &mut self.learning };
            self.lookup.on(event, moment)
        }

        fn answer(&mut self, now: f64, status: u16, body: &str, wait: Option<f64>) -> Step {
            let (expected, id) = match self.lookup.phase {
                Phase::Submitting => (Expected::Submit, None),
                _ => (Expected::Status, Some("a1")),
            };
            let json: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
            let body = match body {
                _ if json.is_object() => Body::Object((&json, id)),
                "" => Body::Empty,
                _ => Body::Text,
            };
            let (reply, _) = Reply::read(status, body, expected);
            self.on(now, Event::Reply { reply, wait })
        }
    }

    fn error(step: Step) -> Error {
        match step.action {
            Action::Settle(Err(error)) => error,
            other => panic!("no error: {other:?}"),
        }
    }

    fn outcome(step: Step) -> Outcome {
        match step.action {
            Action::Settle(Ok(outcome)) => outcome,
            other => panic!("no success: {other:?}"),
        }
    }

    #[test]
    fn a_submit_that_was_answered_is_not_unknown_even_if_no_poll_fits() {
        let mut call = Driven::started(Operation::Find, Plan { timeout: 1_000.0, ..Plan::default() });
        let step = call.answer(950.0, 202, RUNNING, None);
        assert_eq!(step.update, Some(Update { polls: 0.0, elapsed: 950.0, next_poll_in: None }));
        let error = error(step);
        assert_eq!((error.code, error.submitted), (Code::Timeout, Submitted::Yes));
    }

    #[test]
    fn a_job_from_the_future_is_as_good_as_new() {
        let mut call = Driven::new(Operation::Poll, Plan::default());
        let step = call.on(0.0, Event::Start { age: Some(-3_600_000.0) });
        assert!(matches!(step.action, Action::Wait));
        assert_eq!(call.lookup.due(), 3_000.0);
    }

    #[test]
    fn a_job_as_old_as_the_first_delay_is_polled_at_once() {
        let mut call = Driven::new(Operation::Poll, Plan::default());
        assert!(matches!(call.on(0.0, Event::Start { age: Some(3_000.0) }).action, Action::Poll));
    }

    #[test]
    fn an_answer_that_cannot_be_read_may_still_ask_to_wait() {
        let mut call = Driven::started(Operation::Poll, Plan::default());
        assert!(matches!(call.answer(100.0, 200, "<html>", Some(20_000.0)).action, Action::Wait));
        // It may be a proxy's: it holds for this call alone.
        assert_eq!((call.lookup.due(), call.pause), (20_100.0, 0.0));

        let mut call = Driven::started(Operation::Find, Plan::default());
        let error = error(call.answer(100.0, 200, "<html>", Some(20_000.0)));
        assert_eq!((error.code, error.retry_after), (Code::SubmitOutcomeUnknown, Some(20_000.0)));
    }

    #[test]
    fn retry_after_is_only_what_the_service_said() {
        let plan = Plan { timeout: 10_000.0, ..Plan::default() };
        let late = |wait| {
            let mut call = Driven::started(Operation::Poll, plan);
            error(call.answer(10_001.0, 200, RUNNING, wait)).retry_after
        };
        assert_eq!(late(None), None);
        assert_eq!(late(Some(5.0)), Some(5.0));
        let mut call = Driven::started(Operation::Poll, plan);
        assert_eq!(error(call.answer(100.0, 200, RUNNING, Some(9_900.0))).retry_after, Some(9_900.0));
        let mut call = Driven::started(Operation::Poll, plan);
        assert_eq!(error(call.answer(9_500.0, 200, RUNNING, Some(499.0))).retry_after, None);
    }

    #[test]
    fn a_number_is_found_on_schedule() {
        let mut call = Driven::new(Operation::Find, Plan::default());
        assert!(matches!(call.on(0.0, Event::Start { age: None }).action, Action::Submit));
        assert!(call.lookup.exchanging());
        assert_eq!((call.lookup.due(), call.lookup.submitted()), (15_000.0, Submitted::Unknown));

        let step = call.answer(500.0, 202, RUNNING, None);
        assert!(matches!(step.action, Action::Wait) && !call.lookup.exchanging());
        assert_eq!(step.update, Some(Update { polls: 0.0, elapsed: 500.0, next_poll_in: Some(3_000.0) }));
        assert_eq!((call.lookup.due(), call.lookup.submitted()), (3_500.0, Submitted::Yes));

        assert!(matches!(call.on(3_499.9, Event::Tick).action, Action::Wait));
        assert_eq!(call.lookup.due(), 3_500.0);
        assert!(matches!(call.on(3_500.0, Event::Tick).action, Action::Poll));
        assert!(call.lookup.exchanging());
        let step = call.answer(12_500.7, 200, RUNNING, None);
        assert_eq!(step.update, Some(Update { polls: 1.0, elapsed: 12_500.0, next_poll_in: Some(4_001.0) }));
        assert!((call.lookup.due() - 16_500.933).abs() < 1e-3);

        call.on(16_501.0, Event::Tick);
        let step = call.answer(16_600.0, 200, DONE, None);
        assert_eq!(step.update, Some(Update { polls: 2.0, elapsed: 16_600.0, next_poll_in: None }));
        assert!(matches!(step.action, Action::Settle(Ok(Outcome::Job { state: State::Completed, poll_after: 0.0 }))));
        assert_eq!((call.lookup.due(), call.lookup.exchanging()), (f64::INFINITY, false));
        assert_eq!(call.learning.save()[7], 16_100.0);
        assert!(matches!(call.on(16_700.0, Event::Tick).action, Action::Ignore));
    }

    #[test]
    fn a_check_is_one_request_even_in_a_pause() {
        let mut call = Driven::new(Operation::Check, Plan::default());
        call.pause = 60_000.0;
        assert!(matches!(call.on(0.0, Event::Start { age: Some(30_000.0) }).action, Action::Poll));
        let step = call.answer(0.5, 200, RUNNING, Some(10_000.5));
        assert!(step.update.is_none());
        assert_eq!(outcome(step), Outcome::Job { state: State::Pending, poll_after: 10_001.0 });

        let mut call = Driven::started(Operation::Check, Plan::default());
        let error = error(call.answer(1.0, 503, "", Some(7_000.0)));
        assert_eq!((error.code, error.submitted), (Code::ServiceUnavailable, Submitted::Yes));
        assert_eq!((error.status, error.retry_after, call.pause), (503, Some(7_000.0), 7_001.0));
    }

    #[test]
    fn a_check_tells_how_the_job_stands_whatever_that_is() {
        for (body, expected) in [
            (RUNNING, State::Pending),
            (DONE, State::Completed),
            (r#"{"request_id":"a1","status":"failed"}"#, State::Failed),
        ] {
            let step = Driven::started(Operation::Check, Plan::default()).answer(1.0, 200, body, None);
            assert!(matches!(outcome(step), Outcome::Job { state, .. } if state == expected), "{body}");
        }
    }

    #[test]
    fn an_error_says_what_happened_and_fills_the_gaps_of_its_words() {
        let plan =
            Plan { timeout: 120_000.0, request_timeout: 1_234.5, max_retries: 0.0, max_polls: 1.0, ..Plan::default() };
        let polling = || Driven::started(Operation::Poll, plan);
        let said = |step| {
            let error = error(step);
            (error.code, error.what, error.number)
        };
        assert_eq!(said(polling().on(1_234.5, Event::Tick)), (Code::Timeout, What::NoAnswer, 1_234.5));
        let still_running = said(polling().answer(1.0, 200, RUNNING, None));
        assert_eq!(still_running, (Code::PollBudgetExhausted, What::StillRunning, 1.0));
        let failed = said(polling().answer(1.0, 200, r#"{"status":"failed","error":"no"}"#, None));
        assert_eq!(failed, (Code::JobFailed, What::JobFailed, 0.0));
        let broken = said(polling().on(1.0, Event::Broken));
        assert_eq!(broken, (Code::NetworkError, What::RequestFailed, 0.0));
        let strange = said(polling().on(1.0, Event::Reply { reply: Reply::Unreadable(What::Unreadable), wait: None }));
        assert_eq!(strange, (Code::InvalidResponse, What::Unreadable, 0.0));
        assert_eq!(said(polling().answer(1.0, 200, "", None)), (Code::InvalidResponse, What::Empty, 0.0));
        assert_eq!(said(polling().on(1.0, Event::Abort)), (Code::Aborted, What::Aborted, 0.0));
        assert_eq!(said(polling().on(1.0, Event::Fault)), (Code::ClientFault, What::ModuleBroke, 0.0));
        let mut paused = Driven::new(Operation::Poll, plan);
        paused.pause = 120_000.0;
        let paused = said(paused.on(0.0, Event::Start { age: None }));
        assert_eq!(paused, (Code::RateLimitExceeded, What::StayAway, 0.0));

        for (status, body, code, what) in [
            (404, r#"{"message":"Gone!"}"#, Code::RequestNotFound, What::Answered),
            (404, r#"{"code":"gone"}"#, Code::Other, What::Answered),
            (401, "", Code::InvalidCredentials, What::AnsweredPlainly),
            (0, "", Code::HttpError, What::Redirected),
        ] {
            let error = error(polling().answer(1.0, status, body, None));
            assert_eq!((error.code, error.named, error.what), (code, code, what), "{status} {body}");
            assert_eq!((error.status, error.number), (status, f64::from(status)), "{status} {body}");
        }
    }

    #[test]
    fn an_unknown_outcome_still_says_what_happened() {
        let plan = Plan { timeout: 120_000.0, request_timeout: f64::INFINITY, ..Plan::default() };
        let submitting = || Driven::started(Operation::Find, plan);
        let said = |step| {
            let error = error(step);
            assert_eq!((error.code, error.submitted), (Code::SubmitOutcomeUnknown, Submitted::Unknown));
            (error.what, error.named, error.status, error.number)
        };
        let late = said(submitting().on(120_000.0, Event::Tick));
        assert_eq!(late, (What::TimedOut, Code::Timeout, 0, 120_000.0));
        let broken = said(submitting().on(1.0, Event::Broken));
        assert_eq!(broken, (What::RequestFailed, Code::NetworkError, 0, 0.0));
        let refused = said(submitting().answer(1.0, 500, r#"{"error":{"code":"internal_error"}}"#, None));
        assert_eq!(refused, (What::Answered, Code::InternalError, 500, 500.0));
        let refused = said(submitting().answer(1.0, 502, r#"{"code":"never_seen"}"#, None));
        assert_eq!(refused, (What::Answered, Code::Other, 502, 502.0));
        let strange = said(submitting().answer(1.0, 202, "{}", None));
        assert_eq!(strange, (What::NoId, Code::InvalidResponse, 0, 0.0));
    }

    #[test]
    fn every_value_survives_being_put_away() {
        for operation in [Operation::Find, Operation::Poll, Operation::Submit, Operation::Check] {
            for phase in [Phase::SubmitWait, Phase::Submitting, Phase::PollWait, Phase::Polling, Phase::Settled] {
                for submitted in [Submitted::No, Submitted::Yes, Submitted::Unknown] {
                    for age_known in [false, true] {
                        let plan = Plan {
                            schedule: Schedule { first_delay: 1.0, max_delay: 2.0 },
                            timeout: f64::INFINITY,
                            request_timeout: 3.0,
                            max_retries: 4.0,
                            max_polls: 5.0,
                        };
                        let lookup = Lookup {
                            phase,
                            submitted,
                            age_known,
                            submitted_at: 6.0,
                            due: 7.0,
                            polls: 8.0,
                            failures: 9.0,
                            ..Lookup::new(operation, plan, 10.5)
                        };
                        assert_eq!(Lookup::restore(lookup.save()), lookup);
                    }
                }
            }
        }
    }

    #[test]
    fn what_a_pause_holds_back_is_spread_out_where_there_is_time() {
        let due = |timeout, random| {
            let plan = Plan { timeout, ..Plan::default() };
            let mut lookup = Lookup::new(Operation::Poll, plan, 0.0);
            let (mut pause, mut learning) = (60_000.0, Learning::default());
            let moment = &mut Moment { now: 0.0, random, pause: &mut pause, learning: &mut learning };
            assert!(matches!(lookup.on(Event::Start { age: None }, moment).action, Action::Wait));
            lookup.due()
        };
        assert_eq!(due(300_000.0, 0.5), 61_500.0);
        assert_eq!(due(61_501.0, 0.5), 61_500.0);
        // At the deadline it would be too late.
        assert_eq!(due(61_500.0, 0.5), 60_000.0);
    }

    #[test]
    fn only_the_service_pauses_all_calls_and_for_an_hour_at_most() {
        const LIMITED: &str = r#"{"success":false,"error":{"code":"rate_limit_exceeded"}}"#;
        let pause = |status, body, wait| {
            let mut call = Driven::started(Operation::Poll, Plan { timeout: f64::INFINITY, ..Plan::default() });
            call.answer(100.0, status, body, Some(wait));
            call.pause
        };
        assert_eq!(pause(429, LIMITED, 7_000.0), 7_100.0);
        assert_eq!(pause(429, LIMITED, 1e15), 3_600_100.0);
        assert_eq!(pause(502, "<html>", 86_400_000.0), 0.0);
    }

    #[test]
    fn a_job_that_was_over_before_anyone_asked_teaches_nothing() {
        let learned = |answers: &[&str]| {
            let mut call = Driven::new(Operation::Poll, Plan::default());
            call.on(0.0, Event::Start { age: Some(86_400_000.0) });
            let mut at = 0.0;
            for body in answers {
                call.answer(at, 200, body, None);
                at = call.lookup.due();
                call.on(at, Event::Tick);
            }
            call.learning != Learning::default()
        };
        assert!(!learned(&[DONE]));
        assert!(learned(&[RUNNING, DONE]));
    }

    #[test]
    fn retryable_is_what_may_go_better_and_costs_nothing_twice() {
        let ended = |operation, status, body| {
            let mut call = Driven::started(operation, Plan { max_retries: 0.0, ..Plan::default() });
            error(call.answer(100.0, status, body, None)).retryable
        };
        for (status, retryable) in
            [(401, false), (404, false), (302, false), (408, true), (425, true), (429, true), (502, true)]
        {
            assert_eq!(ended(Operation::Poll, status, ""), retryable, "{status}");
        }
        assert!(ended(Operation::Poll, 500, r#"{"error":{"code":"never_seen"}}"#));
        assert!(ended(Operation::Find, 429, ""));
        assert!(!ended(Operation::Find, 502, ""));
    }
}
