//! The rules that every lookup keeps, whatever happens to it.
//!
//! A [`Watched`] lookup is driven like a [`Lookup`], and judged after every event by what can be seen from outside: the
//! events, the replies, the times. It panics at the first broken rule.

use nyne_phone_finder::lookup::{Action, Budget, Event, Learning, Lookup, Moment, Operation, Outcome, Plan, Update};
use nyne_phone_finder::protocol::{ApiError, Defect, Error, Failure, Peer, Reply, State, Submitted};
use serde_json::Value;

use super::http::{self, KEY, Step};

/// What the lookups of a client share.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shared {
    pub budget: Budget,
    pub learning: Learning,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Exchange {
    Submit,
    Poll,
}

pub struct Watched {
    lookup: Lookup,
    pub operation: Operation,
    plan: Plan,
    started: f64,
    /// The request under way.
    pub in_flight: Option<Exchange>,
    submits: usize,
    checks: usize,
    polls: u32,
    /// Failed requests in a row.
    failures: u32,
    /// The job's id, told by the caller or in a reply.
    pub id: Option<String>,
    /// The last word on the job.
    status: String,
    /// It is proven that the last submit made no job.
    proven: bool,
    submitted_at: f64,
    age_known: bool,
    /// When the job was last seen running.
    seen_at: f64,
    /// When the next request may be sent at the earliest.
    not_before: f64,
    pub settled: bool,
}

/// What an event tells a lookup.
#[derive(Clone, Debug)]
enum News {
    Begun {
        age: Option<f64>,
    },
    Stopped(Failure),
    Early,
    /// A wait is over, or the deadline has come.
    Due,
    /// The request gave nothing that can be used.
    Broken(Failure),
    Refused(ApiError),
    Running,
    Completed,
    Unusable(Defect),
    JobFailed(Option<String>),
}

/// What has to come of it.
#[derive(Debug, PartialEq)]
enum Must {
    Succeed,
    Fail(String),
    Wait,
    /// Unless the client pauses, which may outlast the lookup.
    Send,
    /// Chance decides whether what was learned says to wait.
    WaitOrSend,
    /// Chance decides whether there is room for another try.
    WaitOrFail(String),
}

impl Watched {
    pub fn new(operation: Operation, plan: Plan, id: Option<String>, now: f64) -> Watched {
        Watched {
            lookup: Lookup::new(operation, plan, id.clone(), now),
            operation,
            plan,
            started: now,
            in_flight: None,
            submits: 0,
            checks: 0,
            polls: 0,
            failures: 0,
            status: if id.is_some() { "queued" } else { "submitting" }.into(),
            id,
            proven: false,
            submitted_at: now,
            age_known: false,
            seen_at: now,
            not_before: now,
            settled: false,
        }
    }

    pub fn due(&self) -> f64 {
        self.lookup.due()
    }

    pub fn deadline(&self) -> f64 {
        self.started + self.plan.timeout
    }

    /// Hands over an event, as a host may send it: a reply only to the request under way, and after the end nothing but a
    /// timer that fired already.
    pub fn on(&mut self, event: http::Event, now: f64, random: f64, shared: &mut Shared) -> Step {
        let late = self.settled.then(|| self.lookup.clone());
        let news = self.news(&event, now);
        let asked = if let Event::Reply { wait, .. } = event { wait } else { None };
        let before = shared.clone();
        let mut moment = Moment { now, random, budget: &mut shared.budget, learning: &mut shared.learning };
        let step = self.lookup.on(event, &mut moment);
        if let Some(late) = late {
            assert!(matches!(step.action, Action::Wait) && step.update.is_none(), "it has settled: {step:?}");
            assert!(late == self.lookup && *shared == before, "a timer that fires too late changes nothing");
            return step;
        }
        let exchange = self.in_flight;
        Judge { watched: self, now, news, exchange, asked, before, after: shared.clone() }.judge(&step);
        step
    }

    /// What the event means; takes note of the id and the status that it tells.
    fn news(&mut self, event: &http::Event, now: f64) -> News {
        match event {
            Event::Start { age } => News::Begun { age: *age },
            Event::Stop(failure) => News::Stopped(failure.clone()),
            Event::Tick if now < self.due() => News::Early,
            Event::Tick if self.in_flight.is_some() && now < self.deadline() => {
                News::Broken(Failure::RequestTimeout(self.plan.request_timeout))
            }
            Event::Tick | Event::Turn => News::Due,
            Event::Claimed { .. } => panic!("these plans want no claim"),
            Event::Broken(failure) => News::Broken(failure.clone()),
            Event::Reply { reply: Reply::Unreadable { status, defect }, .. } => {
                News::Broken(Failure::InvalidResponse { status: *status, defect: defect.clone() })
            }
            Event::Reply { reply: Reply::Error(error, _), .. } => News::Refused(error.clone()),
            Event::Reply { reply: Reply::Job(job), .. } => {
                self.id = self.id.take().or_else(|| job.id.clone());
                self.status.clone_from(&job.status);
                match &job.state {
                    State::Pending => News::Running,
                    State::Completed { .. } => News::Completed,
                    State::Unusable(defect) => News::Unusable(defect.clone()),
                    State::Failed { reason } => News::JobFailed(reason.clone()),
                }
            }
        }
    }

    /// Where the last poll is placed, if none comes before.
    fn last_poll(&self) -> f64 {
        self.deadline() - (self.plan.timeout / 10.0).min(1_000.0)
    }

    /// The wait that the schedule names, before chance changes it.
    fn scheduled(&self, now: f64, learning: &Learning) -> f64 {
        let (schedule, age) = (self.plan.schedule, now - self.submitted_at);
        let learned = learning.wait(age, schedule.first_delay);
        learned.unwrap_or(age * 2.0 / 3.0).max(schedule.first_delay).min(schedule.max_delay)
    }

    fn longest_backoff(&self) -> f64 {
        (self.plan.schedule.first_delay * (f64::from(self.failures) - 1.0).exp2()).min(self.plan.schedule.max_delay)
    }
}

/// A lookup right after an event that matters to it.
struct Judge<'a> {
    watched: &'a mut Watched,
    now: f64,
    news: News,
    /// The exchange that was under way.
    exchange: Option<Exchange>,
    /// How long the answer asks to stay away.
    asked: Option<f64>,
    before: Shared,
    after: Shared,
}

impl Judge<'_> {
    fn judge(mut self, step: &Step) {
        self.note();
        let must = self.must();
        assert_eq!(self.watched.lookup.id(), self.watched.id.as_deref(), "the id is the one that was told first");
        assert_eq!(self.watched.lookup.status(), self.watched.status, "the status is the service's last word");
        self.judge_shared();
        self.judge_update(step);
        match &step.action {
            Action::Submit => self.judge_send(Exchange::Submit, &must),
            Action::Poll => self.judge_send(Exchange::Poll, &must),
            Action::Wait => self.judge_wait(&must),
            Action::Claim => panic!("these plans want no claim"),
            Action::Settle(result) => {
                self.watched.settled = true;
                self.watched.in_flight = None;
                assert_eq!(self.watched.due(), f64::INFINITY, "who has settled waits for nothing");
                match result {
                    Ok(outcome) => self.judge_outcome(outcome, &must),
                    Err((error, data)) => self.judge_error(error, data.as_ref(), &must),
                }
            }
        }
        assert_eq!(
            self.watched.lookup.exchanging(),
            self.watched.in_flight.is_some(),
            "whether a request is under way"
        );
    }

    /// Keeps count.
    fn note(&mut self) {
        let Judge { watched, now, exchange, before: Shared { learning, .. }, .. } = self;
        let (now, earliest) = (*now, *now + self.asked.unwrap_or(0.0));
        match (&self.news, *exchange) {
            (News::Begun { age: Some(age) }, _) => {
                let age = age.max(0.0);
                watched.age_known = true;
                (watched.submitted_at, watched.seen_at) = (now - age, now - age);
                if watched.operation == Operation::Poll {
                    let first = watched.plan.schedule.first_delay - age;
                    watched.not_before = (now + first).min(watched.last_poll());
                }
            }
            (News::Running | News::Completed | News::Unusable(_) | News::JobFailed(_), Some(Exchange::Submit)) => {
                watched.age_known = true;
                (watched.submitted_at, watched.seen_at) = (now, now);
                watched.failures = 0;
                let first = watched.plan.schedule.first_delay;
                watched.not_before = (now + first).min(watched.last_poll()).max(earliest);
            }
            (News::Running | News::Completed | News::Unusable(_) | News::JobFailed(_), _) => {
                watched.polls += 1;
                watched.failures = 0;
                if matches!(self.news, News::Running) {
                    watched.seen_at = now;
                }
                watched.not_before =
                    (now + 0.8 * watched.scheduled(now, learning)).min(watched.last_poll()).max(earliest);
            }
            (News::Broken(_) | News::Refused(_), _) => {
                watched.failures += 1;
                watched.proven = matches!(&self.news, News::Refused(error) if proves_no_job(error));
                let mut next = now + 0.8 * watched.scheduled(now, learning);
                if *exchange == Some(Exchange::Poll) {
                    next = next.min(watched.last_poll());
                }
                watched.not_before = next.max(earliest);
            }
            _ => return,
        }
        watched.in_flight = None;
    }

    fn must(&self) -> Must {
        let watched = &*self.watched;
        let asked = self.asked.unwrap_or(0.0);
        let asked_too_long = self.now + asked >= watched.deadline();
        let no_room = asked_too_long || self.now >= watched.last_poll();
        let exhausted = watched.failures > watched.plan.max_retries || watched.operation == Operation::Check;
        let fail = |failure: &Failure| Must::Fail(code(failure));
        let unknown = || Must::Fail("submit_outcome_unknown".into());
        match (&self.news, self.exchange) {
            (News::Stopped(failure), _) => fail(failure),
            (News::Early, _) => Must::Wait,
            (News::Due, Some(Exchange::Submit)) => unknown(),
            (News::Due, _) if self.now >= watched.deadline() => fail(&Failure::Timeout(0.0)),
            (News::Begun { age: Some(age) }, _) if watched.operation == Operation::Poll => {
                let schedule = watched.plan.schedule;
                let learned =
                    self.before.learning.wait(0.0, schedule.first_delay).unwrap_or(0.0).min(schedule.max_first);
                if *age < schedule.first_delay {
                    Must::Wait
                } else if *age < 1.2 * learned.max(schedule.first_delay) {
                    Must::WaitOrSend
                } else {
                    Must::Send
                }
            }
            (News::Begun { .. } | News::Due, _) => Must::Send,

            (News::Running | News::Completed | News::JobFailed(_) | News::Unusable(_), _)
                if watched.operation == Operation::Submit =>
            {
                Must::Succeed
            }
            // No poll will make it another one.
            (News::Unusable(_), _) => Must::Fail("invalid_response".into()),
            (News::Running | News::JobFailed(_), _) if watched.operation == Operation::Check => Must::Succeed,
            (News::Completed, _) => Must::Succeed,
            (News::JobFailed(_), _) => Must::Fail("job_failed".into()),
            (News::Running, Some(Exchange::Poll)) if watched.polls >= watched.plan.max_polls => {
                fail(&Failure::PollBudget(0))
            }
            (News::Running, _) if no_room => fail(&Failure::Timeout(0.0)),
            (News::Running, _) => Must::Wait,

            (News::Refused(error), Some(Exchange::Submit)) if proves_no_job(error) => {
                let longest = asked.max(watched.scheduled(self.now, &self.before.learning)) + watched.longest_backoff();
                if exhausted || asked_too_long {
                    Must::Fail(error.code.name().into())
                } else if self.now + longest < watched.deadline() {
                    Must::Wait
                } else {
                    Must::WaitOrFail(error.code.name().into())
                }
            }
            // A request that the service refuses makes no job, but will not go better either.
            (News::Refused(error), Some(Exchange::Submit)) if refuses(error) => Must::Fail(error.code.name().into()),
            // One that was not sent neither.
            (News::Broken(failure @ (Failure::NotSent(_) | Failure::Host(_))), Some(Exchange::Submit)) => fail(failure),
            (News::Broken(_) | News::Refused(_), Some(Exchange::Submit)) => unknown(),

            (News::Refused(error), _) if exhausted || no_room || !self.may_pass(error) => {
                Must::Fail(error.code.name().into())
            }
            (News::Broken(failure @ Failure::Host(_)), _) => fail(failure),
            (News::Broken(failure), _) if exhausted || no_room => fail(failure),
            (News::Broken(_) | News::Refused(_), _) => Must::Wait,
        }
    }

    /// No lookup makes a pause shorter, and only the service makes one, if it helps to wait: for an hour at most, and if it
    /// may be a proxy's for a minute.
    fn judge_shared(&self) {
        let asked = self.asked.filter(|asked| *asked > 0.0);
        let until = match (&self.news, asked) {
            (News::Refused(error), Some(asked)) if matches!(error.status, 429 | 503) => {
                let pauses = match self.exchange {
                    Some(Exchange::Submit) => proves_no_job(error),
                    _ => self.may_pass(error),
                };
                let own = error.status == 429 && error.own && error.code.name() == "rate_limit_exceeded";
                let longest = if own { 3_600_000.0 } else { 60_000.0 };
                if pauses { self.now + asked.min(longest) } else { 0.0 }
            }
            _ => 0.0,
        };
        assert_eq!(
            self.after.budget.pause,
            self.before.budget.pause.max(until),
            "the pause is the longest that was asked for"
        );

        let mut learning = self.before.learning.clone();
        let watches = matches!(self.watched.operation, Operation::Find | Operation::Poll);
        let seen_running = self.watched.operation == Operation::Find || self.watched.polls > 1;
        if watches && seen_running && self.watched.age_known && matches!(self.news, News::Completed) {
            let submitted_at = self.watched.submitted_at;
            learning.remember(self.watched.seen_at - submitted_at, self.now - submitted_at);
        }
        assert_eq!(
            self.after.learning, learning,
            "what is learned is how long the jobs took that were seen to the end"
        );
    }

    fn judge_update(&self, step: &Step) {
        let watched = &*self.watched;
        let watches = matches!(watched.operation, Operation::Find | Operation::Poll);
        let told =
            matches!(self.news, News::Running | News::Completed | News::JobFailed(_) | News::Unusable(_)) && watches;
        let goes_on = matches!(step.action, Action::Wait) && matches!(self.news, News::Broken(_) | News::Refused(_));
        assert_eq!(step.update.is_some(), told || goes_on, "the caller hears of each good reply and each retry");
        if let Some(Update { polls, elapsed, next_poll_in, problem }) = &step.update {
            assert_eq!(*polls, watched.polls, "polls are counted");
            assert_eq!(*elapsed, (self.now - watched.started).floor(), "elapsed is since the call began");
            let next = Some(watched.due() - self.now).filter(|next| next.is_finite()).map(f64::ceil);
            assert_eq!(*next_poll_in, next, "the caller is told when the next request comes");
            assert_eq!(problem.is_some(), goes_on, "a problem is a failure that is retried");
            if let Some(error) = problem {
                self.judge_failure(error);
                assert!(error.retryable, "what is retried may be retried: {error:?}");
                assert_eq!(error.retry_after, self.asked, "{error:?}");
                assert!(!error.outcome_unknown, "{error:?}");
                fits_a_message(&error.problem(Peer::Server).message);
            }
        }
    }

    fn judge_send(&mut self, what: Exchange, must: &Must) {
        let Judge { watched, now, .. } = self;
        let now = *now;
        assert!(matches!(must, Must::Send | Must::WaitOrSend), "{what:?} is sent where there must be: {must:?}");
        assert!(now < watched.deadline(), "{what:?} is sent when the deadline is over");
        assert!(now >= watched.not_before - tolerance(now), "{what:?} is sent {} ms early", watched.not_before - now);
        assert!(
            now >= self.before.budget.pause || watched.operation == Operation::Check,
            "{what:?} is sent in a pause"
        );
        assert_eq!(
            watched.due(),
            (now + watched.plan.request_timeout).min(watched.deadline()),
            "an exchange has a limit"
        );
        match what {
            Exchange::Submit => {
                assert!(matches!(watched.operation, Operation::Find | Operation::Submit), "a submit nobody asked for");
                assert!(watched.id.is_none(), "a submit after the id is known");
                assert!(watched.submits == 0 || watched.proven, "a submit after one that may have made a job");
                watched.submits += 1;
                watched.proven = false;
            }
            Exchange::Poll => {
                assert!(watched.operation != Operation::Submit, "a poll nobody asked for");
                assert!(watched.id.is_some(), "a poll for a job without an id");
                assert!(watched.polls < watched.plan.max_polls, "more polls than allowed");
                watched.checks += 1;
                assert!(watched.checks == 1 || watched.operation != Operation::Check, "a check is one request");
            }
        }
        assert!(watched.failures <= watched.plan.max_retries, "more repeats than allowed");
        watched.in_flight = Some(what);
    }

    fn judge_wait(&self, must: &Must) {
        let Judge { watched, now, .. } = self;
        let (now, due) = (*now, watched.due());
        let paused = *must == Must::Send && self.is_paused();
        assert!(
            paused || matches!(must, Must::Wait | Must::WaitOrSend | Must::WaitOrFail(_)),
            "a wait where there must be: {must:?}"
        );
        // It is false for NaN.
        assert!(due >= now, "a wait into the past: until {due} at {now}");
        assert!(due <= watched.deadline(), "a wait beyond the deadline");
        let schedule = watched.plan.schedule;
        let pause_ends =
            self.before.budget.pause..=self.before.budget.pause + schedule.first_delay.min(schedule.max_delay);
        if paused || *must == Must::WaitOrSend && self.is_paused() && pause_ends.contains(&due) {
            assert!(pause_ends.contains(&due), "a pause lasts as long as it was asked for, and little more");
            assert!(due < watched.deadline(), "a pause that outlasts the lookup is not waited for");
        } else if !matches!(self.news, News::Early) {
            assert!(due >= watched.not_before - tolerance(now), "a wait {} ms short", watched.not_before - due);
            assert!(due.is_finite(), "a wait without an end");
            // What was learned may put off the first poll further.
            let learned = self.before.learning.wait(0.0, schedule.first_delay).filter(|_| watched.polls == 0);
            let scheduled = 1.2 * schedule.first_delay.max(schedule.max_delay).max(learned.unwrap_or(0.0));
            let backoff = if watched.failures > 0 { watched.longest_backoff() } else { 0.0 };
            let asked = self.asked.unwrap_or(0.0);
            let longest = asked.max(scheduled) + backoff;
            assert!(due <= now + longest + tolerance(now), "a wait of {}, longer than any reason for it", due - now);
            if watched.id.is_some() {
                assert!(due <= watched.last_poll().max(now + asked), "no poll just before the deadline");
            }
        }
    }

    fn judge_outcome(&self, outcome: &Outcome<Value>, must: &Must) {
        let watched = &*self.watched;
        assert_eq!(*must, Must::Succeed, "success where there is none");
        assert!(watched.id.is_some(), "a success without an id");
        if let Outcome::Job { job, .. } = outcome {
            let told = match (&self.news, &job.state) {
                (News::Running, State::Pending) | (News::Completed, State::Completed { .. }) => true,
                (News::JobFailed(told), State::Failed { reason }) => told == reason,
                _ => false,
            };
            assert!(told, "a job is as its last reply told: {job:?}");
        }
        match (outcome, watched.operation) {
            (Outcome::Request, Operation::Submit) => {}
            (Outcome::Job { poll_after, .. }, Operation::Find | Operation::Poll) => assert_eq!(*poll_after, 0.0),
            (Outcome::Job { poll_after, .. }, Operation::Check) if matches!(self.news, News::Running) => {
                let asked = self.asked.unwrap_or(0.0);
                let scheduled = watched.scheduled(self.now, &self.before.learning);
                assert!(*poll_after >= (0.8 * scheduled).max(asked) && poll_after.fract() == 0.0, "{poll_after}");
                assert!(*poll_after <= scheduled.max(asked) + 1.0, "{poll_after}");
            }
            (Outcome::Job { poll_after, .. }, Operation::Check) => assert_eq!(*poll_after, 0.0),
            _ => panic!("{outcome:?} is not what the call is for"),
        }
    }

    fn judge_error(&self, error: &Error, data: Option<&Value>, must: &Must) {
        match must {
            Must::Fail(code) | Must::WaitOrFail(code) => assert_eq!(error.code(), code, "{error:?}"),
            Must::Send | Must::WaitOrSend if self.is_paused() => {
                assert!(
                    self.before.budget.pause >= self.watched.deadline(),
                    "a pause that ends in time is not an error"
                );
                assert_eq!(error.code(), "rate_limit_exceeded");
            }
            _ => panic!("there must be {must:?}, not {error:?}"),
        }
        self.judge_failure(error);
        assert_eq!(error.outcome_unknown, *must == Must::Fail("submit_outcome_unknown".into()), "{error:?}");
        match self.news {
            News::JobFailed(_) | News::Unusable(_) => assert!(data.is_some_and(Value::is_object), "{error:?}"),
            // The body of the refusal, if it had one.
            News::Refused(_) => {}
            _ => assert_eq!(data, None, "{error:?}"),
        }

        let retry_after = match &self.news {
            News::Begun { .. } | News::Due if error.code() == "rate_limit_exceeded" => {
                Some(self.before.budget.pause - self.now)
            }
            News::Running if error.code() == "timeout" => {
                self.asked.filter(|asked| self.now + asked >= self.watched.deadline())
            }
            News::Broken(_) | News::Refused(_) => self.asked,
            _ => None,
        };
        assert_eq!(error.retry_after, retry_after, "{error:?}");

        let retryable = match (&self.news, self.exchange) {
            _ if error.outcome_unknown => false,
            (News::Stopped(failure), _) => {
                matches!(failure, Failure::SignalTimeout) && error.submitted != Submitted::Unknown
            }
            (News::Refused(error), Some(Exchange::Submit)) => proves_no_job(error),
            (News::Refused(error), _) => self.may_pass(error),
            (News::Broken(Failure::Host(_)) | News::JobFailed(_) | News::Unusable(_), _) => false,
            _ => true,
        };
        assert_eq!(error.retryable, retryable, "whether another call may help: {error:?}");
        judge_message(error);
    }

    /// What happened, and what is known of the job.
    fn judge_failure(&self, error: &Error) {
        assert_eq!(error.request_id, self.watched.id, "an error has the id as soon as it is known");
        assert_eq!(error.submitted, self.submitted(), "whether a job may have been made: {error:?}");
        let plan = &self.watched.plan;
        let expected = match &self.news {
            News::Begun { .. } | News::Due if error.code() == "rate_limit_exceeded" => {
                Failure::Paused(self.before.budget.pause - self.now)
            }
            News::Running if error.code() == "poll_budget_exhausted" => Failure::PollBudget(self.watched.polls),
            News::Due | News::Begun { .. } | News::Running => Failure::Timeout(plan.timeout),
            News::Broken(failure) | News::Stopped(failure) => failure.clone(),
            News::Refused(error) => Failure::Api(error.clone()),
            News::Unusable(defect) => Failure::InvalidResponse { status: 200, defect: defect.clone() },
            News::JobFailed(reason) => Failure::JobFailed(reason.clone()),
            News::Early | News::Completed => panic!("{:?} is not a reason for {error:?}", self.news),
        };
        assert_eq!(error.failure, expected, "what happened");
    }

    /// Whether the client sends nothing now.
    fn is_paused(&self) -> bool {
        self.before.budget.pause > self.now && self.watched.operation != Operation::Check
    }

    /// Whether the reply to a poll may be another one the next time.
    fn may_pass(&self, error: &ApiError) -> bool {
        let Watched { polls, age_known, submitted_at, .. } = *self.watched;
        let young = polls == 0 && age_known && self.now - submitted_at < 30_000.0;
        matches!(error.kind(), 200..300 | 408 | 425 | 429 | 500..) || (error.kind() == 404 && young)
    }

    /// Whether a job may have been made.
    fn submitted(&self) -> Submitted {
        let watched = &*self.watched;
        match (&self.news, self.exchange) {
            // Only the caller says that there is such a job.
            (News::Refused(error), Some(Exchange::Poll))
                if error.kind() == 404 && watched.submits == 0 && watched.polls == 0 =>
            {
                Submitted::Unknown
            }
            _ if watched.id.is_some() => Submitted::Yes,
            (News::Refused(error), Some(_)) if refuses(error) => Submitted::No,
            (News::Broken(Failure::NotSent(_) | Failure::Host(_)), Some(_)) => Submitted::No,
            (_, Some(_)) if !watched.proven => Submitted::Unknown,
            _ => Submitted::No,
        }
    }
}

fn code(failure: &Failure) -> String {
    Error::new(failure.clone(), Submitted::No).code().into()
}

/// Whether a reply to a submit proves that it made no job, and may be another one the next time.
fn proves_no_job(error: &ApiError) -> bool {
    match error.status {
        429 => error.code.name() == "rate_limit_exceeded",
        503 => error.own && error.code.name() == "service_unavailable",
        _ => false,
    }
}

/// Whether a reply to a submit refuses it.
fn refuses(error: &ApiError) -> bool {
    (400..500).contains(&error.status) && error.status != 408
}

/// The message that a caller gets: with the id if there is one, or else a warning if there may be a job.
pub fn judge_message(error: &Error) {
    let message = error.message(Peer::Nyne);
    fits_a_message(&message);
    assert!(message.ends_with(&format!(" Code: {}.", error.code())), "{message}");
    match &error.request_id {
        Some(id) => assert!(message.contains(&**id), "{message}"),
        None => assert_eq!(message.contains("A job may exist"), error.submitted == Submitted::Unknown, "{message}"),
    }
}

/// Whatever comes from outside, a message is one line without a key.
pub fn fits_a_message(text: &str) {
    assert!(text.chars().count() < 2_000, "{text:?}");
    assert!(text.ends_with(['.', '!', '?', '…']), "{text:?}");
    assert!(!text.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')), "{text:?}");
    assert!(!text.contains(KEY), "a key in {text:?}");
}

/// What is lost when a wait is added to a clock.
fn tolerance(now: f64) -> f64 {
    now.abs() * 1e-12 + 1e-6
}
