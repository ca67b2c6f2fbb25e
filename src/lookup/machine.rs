//! The state machine of one call.
//!
//! ```text
//!  Start ──▶ Submitting ──job──▶ PollWait ──due──▶ Polling ──completed──▶ Settled(Ok)
//!              │  ▲                 ▲                │  │
//!              │  │ due             └──running───────┘  ├──failed job, 400 to 403, 404──▶ Settled(Err)
//!              │  │                 ▲                   │
//!              │ SubmitWait         └──network, timeout, 408, 425, 429, 5xx, unreadable: backoff
//!              │  ▲
//!              ├──┘ 429, Nyne's own 503: they prove that no job was made
//!              ├──other 4xx, not sent──▶ Settled(Err)
//!              └──anything else──▶ Settled(submit_outcome_unknown)
//! ```
//!
//! Before each request the lookup may have to wait for its turn: see [`Budget`]. Before a submit it takes a claim, if its plan
//! wants one; without the claim nothing is sent. An abort, the deadline and a fault of the host lead from everywhere to
//! `Settled(Err)`. [`Operation::Advance`] settles wherever another lookup begins to wait.

use super::budget::{Budget, Ticket, Want};
use super::learning::Learning;
use super::schedule::Plan;
use crate::protocol::{ApiError, Error, Failure, Job, Reply, State, Submitted, is_limited};

/// The purpose of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Submit, then wait for the number.
    Find,
    /// Wait for a job whose id is known.
    Poll,
    /// Submit only.
    Submit,
    /// Exactly one poll, never retried.
    Check,
    /// One request of a lookup that outlives the call: the next call continues from what this one returned.
    Advance,
}

impl Operation {
    /// Returns true for a call that sends one request, now: its caller has the schedule.
    fn is_one_request(self) -> bool {
        matches!(self, Operation::Check | Operation::Advance)
    }
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event<V> {
    /// The call begins. `age` is how long ago, in ms, its job was submitted, if that is known.
    Start {
        /// In ms.
        age: Option<f64>,
    },
    /// The request under way was answered.
    Reply {
        /// The answer.
        reply: Reply<V>,
        /// How long it asks to wait, in ms.
        wait: Option<f64>,
    },
    /// The request under way has no reply: [`Failure::Network`]; or it was never sent: [`Failure::NotSent`] and, if the host
    /// cannot send any, [`Failure::Host`].
    Broken(Failure),
    /// The timer set for [`Lookup::due`] fired.
    Tick,
    /// It is the turn of this call's [`Lookup::ticket`].
    Turn,
    /// The claim on the submit is taken.
    Claimed {
        /// True if this call has taken it; false if it was taken before.
        was_free: bool,
    },
    /// The call must stop: [`Failure::Aborted`], [`Failure::SignalTimeout`] or [`Failure::Host`].
    Stop(Failure),
}

/// The answer to an event: an update for the caller, to be delivered first, and an action for the host.
#[derive(Clone, Debug)]
pub struct Step<V> {
    /// For `onStatus`.
    pub update: Option<Update>,
    /// For the host.
    pub action: Action<V>,
}

/// Where the call stands, for `onStatus`. The id and the status are [`Lookup::id`] and [`Lookup::status`].
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    /// Successful polls so far.
    pub polls: u32,
    /// Since the call began, in ms.
    pub elapsed: f64,
    /// Until the next request, in ms; `None` if none will follow.
    pub next_poll_in: Option<f64>,
    /// Why the last request failed, if it did and will be retried.
    pub problem: Option<Box<Error>>,
}

/// What the host must do now. If [`Lookup::exchanging`] returns false, a request that is still under way must be aborted.
#[derive(Clone, Debug)]
pub enum Action<V> {
    /// Take the claim on the submit, and tick at [`Lookup::due`].
    Claim,
    /// Send the submit, and tick at [`Lookup::due`].
    Submit,
    /// Send a poll, and tick at [`Lookup::due`].
    Poll,
    /// Do nothing until [`Lookup::due`], then tick.
    Wait,
    /// The call is over.
    Settle(Result<Outcome<V>, Settled<V>>),
}

/// The result of a call that succeeded.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome<V> {
    /// The job was submitted. Its id is [`Lookup::id`].
    Request,
    /// How the job stands.
    Job {
        /// The job.
        job: Job<V>,
        /// If it is still running, when to ask again, in ms.
        poll_after: f64,
    },
    /// [`Operation::Advance`] has come this far.
    Paused {
        /// When to continue, in ms.
        after: f64,
        /// Why the request failed, if it did and is to be retried.
        problem: Option<Box<Error>>,
    },
}

/// How far a lookup has come, beside its id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// The service's last word on the job.
    pub status: String,
    /// Successful polls so far.
    pub polls: u32,
    /// Failed requests in a row.
    pub failures: u32,
}

/// An error, and what a finished job said or the body of the reply that refused the request.
pub type Settled<V> = (Box<Error>, Option<V>);

/// The longest pause that Nyne's own 429 can impose on all calls of a client, in ms: its longest published limit is an
/// hour.
const LONGEST_PAUSE: f64 = 3_600_000.0;
/// The longest one that any other reply can impose, which may be a proxy's.
const LONGEST_FOREIGN_PAUSE: f64 = 60_000.0;

/// How long the service may take to know of a job that it has accepted, in ms. Until then a 404 proves nothing.
const SETTLING: f64 = 30_000.0;

/// The time and the random number of an event; and what is shared with other calls of the same client.
#[derive(Debug)]
pub struct Moment<'a> {
    /// A clock in ms that only goes forward.
    pub now: f64,
    /// In 0..1.
    pub random: f64,
    /// The requests of all calls.
    pub budget: &'a mut Budget,
    /// What finished jobs have taught.
    pub learning: &'a mut Learning,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Before a submit.
    SubmitWait,
    /// Until it is the submit's turn.
    SubmitQueued,
    Claiming,
    Submitting,
    /// Before a poll.
    PollWait,
    /// Until it is the poll's turn.
    PollQueued,
    Polling,
    Settled,
}

/// One call: what it is for, its limits, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Lookup {
    operation: Operation,
    plan: Plan,
    phase: Phase,
    started: f64,
    /// The job's id, from the moment it is known.
    id: Option<String>,
    /// When the job was submitted; for one submitted elsewhere, as far as is known.
    submitted_at: f64,
    /// False while `submitted_at` is only a guess.
    age_known: bool,
    /// When the job was last seen running.
    seen_at: f64,
    submitted: Submitted,
    due: f64,
    progress: Progress,
    /// The place in the queue, while the call waits for its turn.
    ticket: Option<Ticket>,
    /// Its job is counted among those that run.
    counted: bool,
}

impl Lookup {
    /// A call that has yet to get its [`Event::Start`]. `id` is that of the job to poll or to check.
    pub fn new(operation: Operation, plan: Plan, id: Option<String>, now: f64) -> Lookup {
        let submits = id.is_none();
        Lookup {
            operation,
            plan,
            phase: if submits { Phase::SubmitWait } else { Phase::PollWait },
            started: now,
            id,
            submitted_at: now,
            age_known: false,
            seen_at: now,
            submitted: if submits { Submitted::No } else { Submitted::Yes },
            due: now,
            progress: Progress { status: if submits { "submitting" } else { "queued" }.into(), polls: 0, failures: 0 },
            ticket: None,
            counted: false,
        }
    }

    /// Continues from where an earlier call has come. A status that is empty is not known.
    #[must_use]
    pub fn resume(mut self, progress: Progress) -> Lookup {
        let status = if progress.status.is_empty() { self.progress.status } else { progress.status };
        self.progress = Progress { status, ..progress };
        self
    }

    /// When to tick, in the time of [`Moment::now`]; infinite for never.
    pub fn due(&self) -> f64 {
        self.due
    }

    /// Returns true while a request is under way, or the claim before it.
    pub fn exchanging(&self) -> bool {
        matches!(self.phase, Phase::Claiming | Phase::Submitting | Phase::Polling)
    }

    /// Returns true while the claim on a submit is being taken.
    pub fn claiming(&self) -> bool {
        self.phase == Phase::Claiming
    }

    /// The place in the queue, while the call waits for its turn.
    pub fn ticket(&self) -> Option<Ticket> {
        self.ticket
    }

    /// Returns true while a job runs that this call will poll.
    fn runs(&self) -> bool {
        self.submitted == Submitted::Yes && self.phase != Phase::Settled && !self.operation.is_one_request()
    }

    /// Whether a job may have been made.
    pub fn submitted(&self) -> Submitted {
        self.submitted
    }

    /// The job's id, once it is known.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// How far the lookup has come.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The service's last word on the job; "submitting" as long as there is none.
    pub fn status(&self) -> &str {
        &self.progress.status
    }

    /// Takes an event and says what to do. Events that are about a request, [`Event::Reply`] and [`Event::Broken`], belong to
    /// the one under way; after [`Action::Settle`] the host sends none but a late [`Event::Tick`], which does nothing. A host
    /// that gives a call up before that calls [`Lookup::leave`].
    pub fn on<V>(&mut self, event: Event<V>, moment: &mut Moment) -> Step<V> {
        let exchanging = self.exchanging();
        let mut step = self.take(event, moment);
        if self.operation == Operation::Advance {
            // There are no `onStatus` updates: the outcome says what they would.
            let problem = step.update.take().and_then(|update| update.problem);
            if matches!(step.action, Action::Wait) && !self.exchanging() {
                let after = (self.due - moment.now).ceil();
                step = self.settle(Ok(Outcome::Paused { after, problem }));
            }
        }
        self.account(exchanging, moment);
        step
    }

    /// The call is over, wherever it stands: what it has of the budget goes to the others.
    pub fn leave(&mut self, moment: &mut Moment) {
        let exchanging = self.exchanging();
        self.phase = Phase::Settled;
        self.account(exchanging, moment);
    }

    /// Keeps the budget up to date. `exchanging` says whether a request was under way before.
    fn account(&mut self, exchanging: bool, moment: &mut Moment) {
        if exchanging && !self.exchanging() {
            moment.budget.end(moment.now);
        }
        if self.phase == Phase::Settled
            && let Some(ticket) = self.ticket.take()
        {
            moment.budget.leave(ticket);
        }
        if self.counted != self.runs() {
            self.counted = self.runs();
            moment.budget.job(self.counted);
        }
    }

    fn take<V>(&mut self, event: Event<V>, moment: &mut Moment) -> Step<V> {
        match event {
            Event::Start { age } => self.start(age, moment),
            Event::Tick => self.tick(moment),
            Event::Turn => {
                self.ticket = None;
                self.begin(moment.now)
            }
            Event::Claimed { was_free: true } => self.send(moment.now),
            Event::Claimed { was_free: false } => {
                self.submitted = Submitted::Unknown;
                self.unknown(self.error(Failure::Claimed, None, false))
            }
            Event::Stop(failure) => {
                let retryable = matches!(failure, Failure::SignalTimeout) && self.submitted != Submitted::Unknown;
                self.fail(self.error(failure, None, retryable))
            }
            Event::Broken(failure) => self.broken(failure, None, moment),
            Event::Reply { reply: Reply::Job(job), wait } => match self.phase {
                Phase::Submitting => self.accepted(job, wait, moment),
                _ => self.polled(job, wait, moment),
            },
            Event::Reply { reply: Reply::Error(error, body), wait } => {
                let mut step = match self.phase {
                    Phase::Submitting => self.refused(error, wait, moment),
                    _ => self.poll_failed(error, wait, moment),
                };
                if let Action::Settle(Err((_, said))) = &mut step.action {
                    *said = body;
                }
                step
            }
            Event::Reply { reply: Reply::Unreadable { status, defect }, wait } => {
                self.broken(Failure::InvalidResponse { status, defect }, wait, moment)
            }
        }
    }

    fn deadline(&self) -> f64 {
        let is_unlimited = self.operation == Operation::Advance || self.plan.patient && self.waits_to_begin();
        if is_unlimited { f64::INFINITY } else { self.started + self.plan.timeout }
    }

    /// Returns true before the submit or, if the job was submitted before, until the first poll.
    fn waits_to_begin(&self) -> bool {
        match self.phase {
            Phase::SubmitWait | Phase::SubmitQueued | Phase::Claiming => true,
            Phase::PollWait | Phase::PollQueued => {
                self.operation == Operation::Poll && self.progress.polls == 0 && self.progress.failures == 0
            }
            _ => false,
        }
    }

    fn start<V>(&mut self, age: Option<f64>, moment: &mut Moment) -> Step<V> {
        // The clock of the machine that submitted may be ahead of this one's.
        let age = age.map(|age| age.max(0.0));
        if let Some(age) = age {
            self.age_known = true;
            (self.submitted_at, self.seen_at) = (moment.now - age, moment.now - age);
        }
        // A job of unknown age may well be done, and a check is made at once: polls are free.
        if let (Operation::Poll, Some(age)) = (self.operation, age) {
            let wait = self.first_wait(moment) - age;
            if wait > 0.0 {
                return self.wait_for_poll(wait, 0.0, moment).unwrap_or_else(|| self.time_out());
            }
        }
        self.exchange(moment)
    }

    fn tick<V>(&mut self, moment: &mut Moment) -> Step<V> {
        let over = moment.now >= self.deadline();
        match self.phase {
            _ if moment.now < self.due => Action::Wait.into(),
            // The service asked to stay away while this call waited for its turn.
            Phase::SubmitQueued | Phase::PollQueued if over && moment.budget.pause > moment.now => {
                self.paused(moment.budget.pause - moment.now)
            }
            _ if over => self.time_out(),
            Phase::Claiming => self.fail(self.error(Failure::store_timeout(), None, false)),
            Phase::Submitting | Phase::Polling => {
                self.broken(Failure::RequestTimeout(self.plan.request_timeout), None, moment)
            }
            _ => self.exchange(moment),
        }
    }

    /// Sends what is next, unless the service asked to stay away.
    fn exchange<V>(&mut self, moment: &mut Moment) -> Step<V> {
        if self.operation.is_one_request() {
            moment.budget.begin(self.plan.limits);
            return self.begin(moment.now);
        }
        let until = moment.budget.pause;
        if until > moment.now {
            let pause = until - moment.now;
            if until >= self.deadline() {
                return self.paused(pause);
            }
            // All that a pause holds back should not come at once when it ends.
            let spread = until + self.plan.schedule.backoff(1, moment.random);
            self.due = if spread < self.deadline() { spread } else { until };
            return Action::Wait.into();
        }
        let (queued, want) = match self.phase {
            // A job that could not be polled before its time is over would be paid for in vain.
            Phase::SubmitWait => (Phase::SubmitQueued, Want::Submit { within: self.plan.timeout / 3.0 }),
            _ => (
                Phase::PollQueued,
                Want::Poll { submitted: self.submitted_at, seen: self.seen_at, last: self.last_poll() },
            ),
        };
        self.phase = queued;
        let ticket = moment.budget.queue(want, self.plan.limits);
        moment.budget.give(moment.now, moment.learning);
        if moment.budget.claim(ticket) {
            return self.begin(moment.now);
        }
        self.ticket = Some(ticket);
        self.due = self.deadline();
        Action::Wait.into()
    }

    /// Sends what is next, or takes the claim on it first.
    fn begin<V>(&mut self, now: f64) -> Step<V> {
        if !(self.plan.claims && matches!(self.phase, Phase::SubmitWait | Phase::SubmitQueued)) {
            return self.send(now);
        }
        self.phase = Phase::Claiming;
        // A claim that is given up may still be taken later, so only a batch, which others wait for, ever does that.
        let patience = if self.operation == Operation::Advance { f64::INFINITY } else { self.plan.request_timeout };
        self.due = (now + patience).min(self.deadline());
        Action::Claim.into()
    }

    fn send<V>(&mut self, now: f64) -> Step<V> {
        if self.plan.patient && self.waits_to_begin() {
            self.started = now;
        }
        let submits = matches!(self.phase, Phase::SubmitWait | Phase::SubmitQueued | Phase::Claiming);
        self.phase = if submits { Phase::Submitting } else { Phase::Polling };
        self.due = (now + self.plan.request_timeout).min(self.deadline());
        if submits {
            self.submitted = Submitted::Unknown;
            Action::Submit.into()
        } else {
            Action::Poll.into()
        }
    }

    /// The submit was answered with a job.
    fn accepted<V>(&mut self, job: Job<V>, wait: Option<f64>, moment: &mut Moment) -> Step<V> {
        self.submitted = Submitted::Yes;
        self.phase = Phase::PollWait;
        (self.submitted_at, self.seen_at) = (moment.now, moment.now);
        self.age_known = true;
        self.progress.failures = 0;
        self.hear(&job);
        if self.operation == Operation::Submit {
            return self.settle(Ok(Outcome::Request));
        }
        if !matches!(job.state, State::Pending) {
            return self.finished(job, moment);
        }
        self.go_on(self.first_wait(moment), wait, moment)
    }

    fn polled<V>(&mut self, job: Job<V>, wait: Option<f64>, moment: &mut Moment) -> Step<V> {
        self.progress.polls += 1;
        self.progress.failures = 0;
        self.hear(&job);
        if !matches!(job.state, State::Pending) {
            return self.finished(job, moment);
        }
        self.seen_at = moment.now;
        let next = self.next_wait(moment, moment.random);
        if self.operation == Operation::Check {
            let poll_after = next.max(wait.unwrap_or(0.0)).ceil();
            return self.settle(Ok(Outcome::Job { job, poll_after }));
        }
        if self.progress.polls >= self.plan.max_polls {
            let step = self.fail(self.error(Failure::PollBudget(self.progress.polls), None, true));
            return self.told(step, None, moment);
        }
        if self.operation == Operation::Advance && moment.now - self.submitted_at >= self.plan.timeout {
            return self.time_out();
        }
        self.go_on(next, wait, moment)
    }

    /// Notes what the service says of the job, before any code of the caller's runs.
    fn hear<V>(&mut self, job: &Job<V>) {
        if self.id.is_none() {
            self.id.clone_from(&job.id);
        }
        self.progress.status.clone_from(&job.status);
    }

    /// The job has come to its end.
    fn finished<V>(&mut self, job: Job<V>, moment: &mut Moment) -> Step<V> {
        let failure = match &job.state {
            State::Failed { .. } if self.operation == Operation::Check => None,
            State::Failed { reason } => Some(Failure::JobFailed(reason.clone())),
            State::Unusable(defect) => Some(Failure::InvalidResponse { status: 200, defect: defect.clone() }),
            State::Pending | State::Completed { .. } => None,
        };
        let step = match failure {
            Some(failure) => self.settle(Err((self.error(failure, None, false), Some(job.data)))),
            None => {
                // A job that was over before anyone asked was not as long as its age.
                let watched = self.operation == Operation::Find || self.progress.polls > 1;
                if matches!(job.state, State::Completed { .. }) && self.age_known && watched {
                    let (seen, now) = (self.seen_at - self.submitted_at, moment.now - self.submitted_at);
                    moment.learning.remember(seen, now);
                }
                self.settle(Ok(Outcome::Job { job, poll_after: 0.0 }))
            }
        };
        self.told(step, None, moment)
    }

    /// From the submit to the first poll.
    fn first_wait(&self, moment: &Moment) -> f64 {
        let Plan { schedule, .. } = self.plan;
        schedule.first(moment.learning.wait(0.0, schedule.first_delay), moment.random)
    }

    /// From now to the next poll.
    fn next_wait(&self, moment: &Moment, random: f64) -> f64 {
        let (Plan { schedule, .. }, age) = (self.plan, moment.now - self.submitted_at);
        schedule.next(age, moment.learning.wait(age, schedule.first_delay), random)
    }

    /// The job keeps running: polls again after `wait`, or after `asked`, what the service asks for, if that is longer.
    fn go_on<V>(&mut self, wait: f64, asked: Option<f64>, moment: &mut Moment) -> Step<V> {
        let Some(step) = self.wait_for_poll(wait, asked.unwrap_or(0.0), moment) else {
            let mut step = self.time_out();
            if let Action::Settle(Err((error, _))) = &mut step.action {
                error.retry_after = asked.filter(|asked| moment.now + asked >= self.deadline());
            }
            return self.told(step, None, moment);
        };
        self.told(step, Some(self.due - moment.now), moment)
    }

    fn told<V>(&self, step: Step<V>, next_poll_in: Option<f64>, moment: &Moment) -> Step<V> {
        // `checkStatus` has no `onStatus` updates.
        if self.operation == Operation::Check {
            return step;
        }
        let update = Update {
            polls: self.progress.polls,
            elapsed: (moment.now - self.started).floor(),
            next_poll_in: next_poll_in.map(f64::ceil),
            problem: None,
        };
        Step { update: Some(update), ..step }
    }

    /// When the last poll is made, if none finds the end before: just before the deadline.
    fn last_poll(&self) -> f64 {
        self.deadline() - (self.plan.timeout / 10.0).min(1_000.0)
    }

    /// Waits for the next poll: `wait` ms, at least `asked`. A wait that would miss the deadline is cut so that the last
    /// poll comes just before it. `None` if that one was made, or if `asked` leaves no room.
    fn wait_for_poll<V>(&mut self, wait: f64, asked: f64, moment: &Moment) -> Option<Step<V>> {
        let last = self.last_poll();
        let earliest = moment.now + asked;
        if moment.now >= last || earliest >= self.deadline() {
            return None;
        }
        self.due = (moment.now + wait).min(last).max(earliest);
        self.phase = Phase::PollWait;
        Some(Action::Wait.into())
    }

    /// The submit was answered with an error.
    fn refused<V>(&mut self, error: ApiError, wait: Option<f64>, moment: &mut Moment) -> Step<V> {
        // Only these two prove that no job was made and may go better next time. A 503 that is not Nyne's own comes from
        // something in between, which may have passed the submit on.
        let unavailable = error.status == 503 && error.own && error.code.name() == "service_unavailable";
        let limited = error.status == 429 && error.code.name() == "rate_limit_exceeded";
        // A request that the service refuses makes no job; 408 says only that the answer was late.
        let refused = (400..500).contains(&error.status) && error.status != 408;
        if limited || unavailable || refused {
            self.submitted = Submitted::No;
        }
        let error = self.error(Failure::Api(error), wait, false);
        if limited || unavailable {
            self.repeat(error, moment)
        } else if refused {
            self.fail(error)
        } else {
            self.unknown(error)
        }
    }

    fn poll_failed<V>(&mut self, error: ApiError, wait: Option<f64>, moment: &mut Moment) -> Step<V> {
        let kind = error.kind();
        let unseen = self.age_known && self.progress.polls == 0 && moment.now - self.submitted_at < SETTLING;
        let mut error = self.error(Failure::Api(error), wait, false);
        // An id that the caller gave may never have been one.
        let given = match self.operation {
            Operation::Find | Operation::Submit => false,
            Operation::Poll | Operation::Check => true,
            Operation::Advance => !self.age_known,
        };
        if kind == 404 && given && self.progress.polls == 0 {
            error.submitted = Submitted::Unknown;
        }
        match kind {
            404 if unseen => self.repeat(error, moment),
            // A status of success whose body reports an error without a known code.
            200..300 | 408 | 425 | 429 | 500.. => self.repeat(error, moment),
            _ => self.fail(error),
        }
    }

    /// The request gave nothing that can be used.
    fn broken<V>(&mut self, failure: Failure, wait: Option<f64>, moment: &mut Moment) -> Step<V> {
        // It is proven: nothing was sent, or the host cannot even make a request.
        let unsent = matches!(failure, Failure::NotSent(_));
        let impossible = matches!(failure, Failure::Host(_) | Failure::Store(_));
        if self.phase == Phase::Claiming || self.phase == Phase::Submitting && (unsent || impossible) {
            self.submitted = Submitted::No;
            return self.fail(self.error(failure, None, unsent));
        }
        let error = self.error(failure, wait, false);
        match self.phase {
            Phase::Submitting => self.unknown(error),
            _ if impossible => self.fail(error),
            _ => self.repeat(error, moment),
        }
    }

    /// Sends the request again after a wait, if there is time. A submit comes here only if it is proven that it made
    /// no job.
    fn repeat<V>(&mut self, mut error: Box<Error>, moment: &mut Moment) -> Step<V> {
        error.retryable = true;
        let asked = error.retry_after.unwrap_or(0.0);
        if let Failure::Api(api) = &error.failure
            && is_limited(api.status)
        {
            // These speak for the service and so for all calls.
            let own = api.status == 429 && api.own && api.code.name() == "rate_limit_exceeded";
            let longest = if own { LONGEST_PAUSE } else { LONGEST_FOREIGN_PAUSE };
            if asked > 0.0 {
                moment.budget.pause = moment.budget.pause.max(moment.now + asked.min(longest));
            }
        }
        if self.operation == Operation::Check || self.progress.failures >= self.plan.max_retries {
            return self.fail(error);
        }
        self.progress.failures += 1;
        // Chance is drawn once an event: the two uses of it don't meet in one sum twice as wide.
        let wait =
            self.next_wait(moment, 0.0).max(asked) + self.plan.schedule.backoff(self.progress.failures, moment.random);
        let step = if self.phase == Phase::Polling {
            match self.wait_for_poll(wait, asked, moment) {
                Some(step) => step,
                None => return self.fail(error),
            }
        } else {
            self.due = moment.now + wait;
            if self.due >= self.deadline() {
                return self.fail(error);
            }
            self.phase = Phase::SubmitWait;
            Action::Wait.into()
        };
        let mut step = self.told(step, Some(self.due - moment.now), moment);
        if let Some(update) = &mut step.update {
            update.problem = Some(error);
        }
        step
    }

    /// The service asked to stay away for longer than this call may last.
    fn paused<V>(&mut self, pause: f64) -> Step<V> {
        self.fail(self.error(Failure::Paused(pause), Some(pause), true))
    }

    fn time_out<V>(&mut self) -> Step<V> {
        let submitting = self.phase == Phase::Submitting;
        let error = self.error(Failure::Timeout(self.plan.timeout), None, !submitting);
        if submitting { self.unknown(error) } else { self.fail(error) }
    }

    /// Nothing proves that the submit made no job.
    fn unknown<V>(&mut self, mut error: Box<Error>) -> Step<V> {
        error.outcome_unknown = true;
        self.fail(error)
    }

    fn error(&self, failure: Failure, retry_after: Option<f64>, retryable: bool) -> Box<Error> {
        let request_id = self.id.clone();
        Box::new(Error {
            failure,
            submitted: self.submitted,
            outcome_unknown: false,
            request_id,
            retryable,
            retry_after,
        })
    }

    fn fail<V>(&mut self, error: Box<Error>) -> Step<V> {
        self.settle(Err((error, None)))
    }

    fn settle<V>(&mut self, result: Result<Outcome<V>, Settled<V>>) -> Step<V> {
        self.phase = Phase::Settled;
        self.due = f64::INFINITY;
        Action::Settle(result).into()
    }
}

impl<V> From<Action<V>> for Step<V> {
    fn from(action: Action<V>) -> Self {
        Step { update: None, action }
    }
}

#[cfg(test)]
mod tests {
    use super::super::schedule::Schedule;
    use super::*;
    use crate::protocol::{Body, Defect, Expected, Peer, Reading, Secrets};
    use serde_json::{Value, json};

    const RUNNING: &str = r#"{"request_id":"a1","status":"queued"}"#;
    const DONE: &str = r#"{"request_id":"a1","status":"completed","result":{"mobile":"+1"}}"#;
    const LIMITED: &str = r#"{"success":false,"error":{"code":"rate_limit_exceeded"}}"#;
    const UNAVAILABLE: &str = r#"{"success":false,"error":{"code":"service_unavailable"}}"#;

    fn plan() -> Plan {
        Plan { schedule: Schedule { first_delay: 3_000.0, ..Schedule::default() }, ..Plan::default() }
    }

    /// A call of a client of its own that began at 0 and always draws 0.
    struct Driven {
        lookup: Lookup,
        budget: Budget,
        learning: Learning,
    }

    impl Driven {
        fn new(operation: Operation, plan: Plan) -> Driven {
            let known = matches!(operation, Operation::Poll | Operation::Check).then(|| "a1".to_owned());
            let lookup = Lookup::new(operation, plan, known, 0.0);
            Driven { lookup, budget: Budget::default(), learning: Learning::default() }
        }

        /// One that has sent its first request.
        fn started(operation: Operation, plan: Plan) -> Driven {
            let mut driven = Driven::new(operation, plan);
            driven.on(0.0, Event::Start { age: None });
            assert!(driven.lookup.exchanging());
            driven
        }

        /// One that has submitted its job, which runs, and that has sent the first poll at 3000.
        fn polling(plan: Plan) -> Driven {
            let mut driven = Driven::started(Operation::Find, plan);
            driven.answer(0.0, 202, RUNNING, None);
            driven.on(3_000.0, Event::Tick);
            assert!(driven.lookup.exchanging());
            driven
        }

        fn on(&mut self, now: f64, event: Event<Value>) -> Step<Value> {
            let moment = &mut Moment { now, random: 0.0, budget: &mut self.budget, learning: &mut self.learning };
            self.lookup.on(event, moment)
        }

        fn answer(&mut self, now: f64, status: u16, body: &str, wait: Option<f64>) -> Step<Value> {
            let expected = if self.lookup.phase == Phase::Submitting { Expected::Submit } else { Expected::Status };
            let body = match body {
                "" => Body::Empty,
                _ => serde_json::from_str(body).map_or_else(|_| Body::Text(body.into()), Body::Json),
            };
            let reading = Reading { expected, id: self.lookup.id(), secrets: &Secrets::default() };
            let reply = Reply::read(status, body, &reading);
            self.on(now, Event::Reply { reply, wait })
        }
    }

    fn settled(step: Step<Value>) -> Settled<Value> {
        match step.action {
            Action::Settle(Err(settled)) => settled,
            other => panic!("no error: {other:?}"),
        }
    }

    fn error(step: Step<Value>) -> Box<Error> {
        settled(step).0
    }

    fn outcome(step: Step<Value>) -> Outcome<Value> {
        match step.action {
            Action::Settle(Ok(outcome)) => outcome,
            other => panic!("no success: {other:?}"),
        }
    }

    fn waits(step: &Step<Value>) -> bool {
        matches!(step.action, Action::Wait)
    }

    fn problem(step: Step<Value>) -> Box<Error> {
        step.update.and_then(|update| update.problem).expect("an update with a problem")
    }

    fn update(polls: u32, elapsed: f64, next_poll_in: Option<f64>) -> Option<Update> {
        Some(Update { polls, elapsed, next_poll_in, problem: None })
    }

    #[test]
    fn a_number_is_found_on_schedule() {
        let mut call = Driven::new(Operation::Find, plan());
        assert_eq!((call.lookup.id(), call.lookup.status()), (None, "submitting"));
        assert!(matches!(call.on(0.0, Event::Start { age: None }).action, Action::Submit));
        assert!(call.lookup.exchanging());
        assert_eq!((call.lookup.due(), call.lookup.submitted()), (15_000.0, Submitted::Unknown));

        let step = call.answer(500.0, 202, RUNNING, None);
        assert!(waits(&step) && !call.lookup.exchanging());
        assert_eq!(step.update, update(0, 500.0, Some(3_000.0)));
        assert_eq!((call.lookup.id(), call.lookup.status()), (Some("a1"), "queued"));
        assert_eq!((call.lookup.due(), call.lookup.submitted()), (3_500.0, Submitted::Yes));

        assert!(waits(&call.on(3_499.9, Event::Tick)));
        assert_eq!(call.lookup.due(), 3_500.0);
        assert!(matches!(call.on(3_500.0, Event::Tick).action, Action::Poll));
        assert!(call.lookup.exchanging());
        let step = call.answer(12_500.7, 200, RUNNING, None);
        assert_eq!(step.update, update(1, 12_500.0, Some(8_001.0)));
        assert!((call.lookup.due() - 20_501.167).abs() < 1e-3);

        call.on(20_502.0, Event::Tick);
        let step = call.answer(20_600.0, 200, DONE, None);
        assert_eq!(step.update, update(2, 20_600.0, None));
        assert_eq!(call.lookup.status(), "completed");
        let Outcome::Job { job, poll_after } = outcome(step) else { panic!("no job") };
        assert_eq!(job.state, State::Completed { mobile: Some("+1".into()), completed_on: None });
        assert_eq!((job.data["request_id"].as_str(), poll_after), (Some("a1"), 0.0));
        assert_eq!((call.lookup.due(), call.lookup.exchanging()), (f64::INFINITY, false));
        let mut learned = Learning::default();
        learned.remember(12_500.7 - 500.0, 20_100.0);
        assert_eq!(call.learning, learned);
        // A timer that was already on its way does no harm.
        assert!(waits(&call.on(20_700.0, Event::Tick)) && call.lookup.due() == f64::INFINITY);
    }

    #[test]
    fn a_submit_ends_with_the_id() {
        let mut call = Driven::started(Operation::Submit, plan());
        let step = call.answer(1.0, 202, RUNNING, None);
        assert_eq!(step.update, None);
        assert_eq!(outcome(step), Outcome::Request);
        assert_eq!((call.lookup.id(), call.lookup.submitted()), (Some("a1"), Submitted::Yes));
    }

    #[test]
    fn an_id_is_kept_whatever_happens_later() {
        let mut call = Driven::started(Operation::Find, Plan { timeout: f64::INFINITY, ..plan() });
        call.answer(0.0, 202, r#"{"data":{"status":"queued"},"request_id":17}"#, None);
        assert_eq!(call.lookup.id(), Some("17"));
        call.on(3_000.0, Event::Tick);
        let step = call.answer(3_001.0, 200, r#"{"request_id":18,"status":"completed"}"#, None);
        assert_eq!(problem(step).failure, Failure::InvalidResponse { status: 200, defect: Defect::AnotherJob });
        assert_eq!(error(call.on(4_000.0, Event::Stop(Failure::Aborted))).request_id.as_deref(), Some("17"));
    }

    #[test]
    fn submitting_is_repeated_only_after_proof_that_no_job_was_made() {
        for (status, body) in [(429, LIMITED), (429, ""), (503, UNAVAILABLE)] {
            let mut call = Driven::started(Operation::Find, plan());
            let step = call.answer(100.0, status, body, None);
            assert!(waits(&step) && call.lookup.submitted() == Submitted::No, "{status} {body}");
            assert_eq!(call.lookup.due(), 3_100.0);
            let problem = problem(step);
            assert!(problem.retryable && problem.submitted == Submitted::No);
            assert!(matches!(call.on(3_100.0, Event::Tick).action, Action::Submit));
            assert_eq!(call.lookup.submitted(), Submitted::Unknown);
        }
        for (status, body) in [
            (503, ""),
            (503, LIMITED),
            (502, UNAVAILABLE),
            (500, ""),
            (504, ""),
            (408, ""),
            (302, ""),
            (0, ""),
            (202, "{}"),
            (202, ""),
            (200, r#"{"success":false}"#),
        ] {
            let mut call = Driven::started(Operation::Find, plan());
            let error = error(call.answer(100.0, status, body, None));
            assert_eq!(error.code(), "submit_outcome_unknown", "{status} {body}");
            assert_eq!((error.submitted, error.retryable), (Submitted::Unknown, false), "{status} {body}");
        }
        for status in [400, 401, 402, 403, 404, 405, 422, 425, 499] {
            let mut call = Driven::started(Operation::Find, plan());
            let error = error(call.answer(100.0, status, "", None));
            assert_eq!((error.submitted, error.retryable, error.outcome_unknown), (Submitted::No, false, false));
            assert_eq!(error.status(), Some(status));
        }
    }

    #[test]
    fn a_submit_that_was_not_sent_ends_at_once_and_made_no_job() {
        let mut call = Driven::started(Operation::Find, plan());
        let refused = error(call.on(5.0, Event::Broken(Failure::NotSent("connect ECONNREFUSED".into()))));
        assert_eq!((refused.code(), refused.submitted), ("network_error", Submitted::No));
        assert_eq!((refused.retryable, refused.outcome_unknown), (true, false));
        assert_eq!(call.lookup.submitted(), Submitted::No);

        let mut call = Driven::started(Operation::Find, plan());
        let faulty = error(call.on(5.0, Event::Broken(Failure::Host("fetch is missing".into()))));
        assert_eq!((faulty.code(), faulty.submitted, faulty.retryable), ("client_fault", Submitted::No, false));

        let mut call = Driven::started(Operation::Find, plan());
        let lost = error(call.on(5.0, Event::Broken(Failure::Network("reset".into()))));
        assert_eq!((lost.code(), lost.submitted), ("submit_outcome_unknown", Submitted::Unknown));
    }

    #[test]
    fn a_poll_that_was_not_sent_is_repeated_and_one_that_no_host_can_send_is_not() {
        let mut call = Driven::polling(plan());
        let step = call.on(3_001.0, Event::Broken(Failure::NotSent("offline".into())));
        assert!(waits(&step));
        assert_eq!(problem(step).code(), "network_error");

        let mut call = Driven::polling(plan());
        let error = error(call.on(3_001.0, Event::Broken(Failure::Host("fetch is missing".into()))));
        assert_eq!((error.code(), error.submitted, error.retryable), ("client_fault", Submitted::Yes, false));
    }

    #[test]
    fn a_failed_poll_is_told_and_repeated_and_a_successful_one_resets_the_count() {
        let mut call = Driven::polling(Plan { max_retries: 1, timeout: f64::INFINITY, ..plan() });
        for _ in 0..3 {
            let now = call.lookup.due() - 1.0;
            let step = call.answer(now, 502, "<html>", None);
            assert!(waits(&step));
            let told = step.update.clone().expect("an update");
            assert_eq!(told.next_poll_in, Some((call.lookup.due() - now).ceil()));
            let told = problem(step);
            assert_eq!((told.code(), told.retryable, told.status()), ("http_error", true, Some(502)));
            assert_eq!(told.problem(Peer::Nyne).message, "Nyne answered 502: <html>.");
            call.on(call.lookup.due(), Event::Tick);
            let step = call.answer(call.lookup.due() - 1.0, 200, RUNNING, None);
            assert!(step.update.is_some_and(|update| update.problem.is_none()));
            call.on(call.lookup.due(), Event::Tick);
        }
        call.answer(call.lookup.due() - 1.0, 502, "", None);
        call.on(call.lookup.due(), Event::Tick);
        let error = error(call.answer(call.lookup.due() - 1.0, 502, "", None));
        assert_eq!((error.code(), error.retryable), ("http_error", true));
        assert_eq!(error.request_id.as_deref(), Some("a1"));
    }

    #[test]
    fn polling_is_repeated_on_what_may_pass() {
        for status in [408, 425, 429, 500, 502, 503, 504, 529] {
            assert!(waits(&Driven::polling(plan()).answer(3_001.0, status, "", None)), "{status}");
        }
        for body in ["", "<html>", "[]", "{}", r#"{"success":false}"#] {
            assert!(waits(&Driven::polling(plan()).answer(3_001.0, 200, body, None)), "{body}");
        }
        for status in [400, 401, 402, 403, 405, 302, 0] {
            let error = error(Driven::polling(plan()).answer(3_001.0, status, "", None));
            assert_eq!((error.retryable, error.submitted), (false, Submitted::Yes), "{status}");
        }
        // The code counts before the status.
        let body = r#"{"error":{"code":"insufficient_credits"}}"#;
        assert!(!error(Driven::polling(plan()).answer(3_001.0, 429, body, None)).retryable);
    }

    #[test]
    fn polling_an_unseen_young_job_is_repeated_on_404() {
        let mut call = Driven::polling(plan());
        assert!(waits(&call.answer(29_999.0, 404, "", None)));
        let mut call = Driven::polling(plan());
        let gone = error(call.answer(30_000.0, 404, "", None));
        assert_eq!((gone.code(), gone.submitted, gone.retryable), ("request_not_found", Submitted::Yes, false));

        // Once a poll has seen the job, it is known.
        let mut call = Driven::polling(plan());
        call.answer(3_001.0, 200, RUNNING, None);
        call.on(call.lookup.due(), Event::Tick);
        assert!(!error(call.answer(call.lookup.due(), 404, "", None)).retryable);

        let mut call = Driven::polling(Plan { max_retries: 0, ..plan() });
        let error = error(call.answer(3_001.0, 404, "", None));
        assert_eq!((error.submitted, error.retryable), (Submitted::Yes, true));
    }

    #[test]
    fn nobody_knows_whether_an_id_that_the_caller_gave_is_a_job() {
        let ask = |operation, age, max_retries| {
            let mut call = Driven::new(operation, Plan { max_retries, ..plan() });
            call.on(0.0, Event::Start { age });
            call.answer(1.0, 404, "", None)
        };
        for operation in [Operation::Poll, Operation::Check] {
            for age in [None, Some(60_000.0)] {
                let error = error(ask(operation, age, 5));
                assert_eq!((error.submitted, error.retryable), (Submitted::Unknown, false));
                assert_eq!(error.request_id.as_deref(), Some("a1"));
            }
        }
        // The service may not know of a young job at once.
        assert_eq!(problem(ask(Operation::Poll, Some(5_000.0), 5)).submitted, Submitted::Unknown);
        for step in [ask(Operation::Poll, Some(5_000.0), 0), ask(Operation::Check, Some(5_000.0), 5)] {
            let error = error(step);
            assert_eq!((error.submitted, error.retryable), (Submitted::Unknown, true));
            let message = error.message(Peer::Nyne);
            assert!(message.contains("pollResult(\"a1\")") && !message.contains("keeps running"), "{message}");
        }
        // A job that a poll has seen is one.
        let mut call = Driven::started(Operation::Poll, plan());
        call.answer(1.0, 200, RUNNING, None);
        call.on(call.lookup.due(), Event::Tick);
        assert_eq!(error(call.answer(call.lookup.due(), 404, "", None)).submitted, Submitted::Yes);
    }

    #[test]
    fn polling_ends_at_a_number_that_cannot_be_read() {
        for (result, defect) in [
            (json!({ "mobile": true }), Defect::MobileNotText),
            (json!({ "mobile": [7] }), Defect::MobileNotText),
            (json!("+1"), Defect::ResultNotAnObject),
        ] {
            let body = json!({ "request_id": "a1", "status": "completed", "result": result });
            let mut call = Driven::polling(plan());
            let step = call.answer(3_001.0, 200, &body.to_string(), None);
            assert_eq!(step.update, update(1, 3_001.0, None));
            let (error, data) = settled(step);
            assert_eq!(error.failure, Failure::InvalidResponse { status: 200, defect });
            assert_eq!((error.code(), error.retryable, error.submitted), ("invalid_response", false, Submitted::Yes));
            assert_eq!(data, Some(body));
            assert_eq!(call.learning, Learning::default());
        }
    }

    #[test]
    fn polling_ends_at_a_failed_job_with_what_it_said() {
        let body = json!({ "request_id": "a1", "status": "Failed ", "error": "no source" });
        let (error, data) = settled(Driven::polling(plan()).answer(3_001.0, 200, &body.to_string(), None));
        assert_eq!((error.code(), error.retryable, data), ("job_failed", false, Some(body)));
        assert_eq!(error.failure, Failure::JobFailed(Some("no source".into())));
    }

    #[test]
    fn a_job_that_is_over_when_it_is_submitted_is_not_polled() {
        let step = Driven::started(Operation::Find, plan()).answer(9.0, 202, DONE, None);
        assert_eq!(step.update, update(0, 9.0, None));
        assert!(matches!(outcome(step), Outcome::Job { .. }));
        // But a number that cannot be read is left to the polls.
        let body = r#"{"request_id":"a1","status":"completed","result":7}"#;
        assert!(waits(&Driven::started(Operation::Find, plan()).answer(9.0, 202, body, None)));
    }

    #[test]
    fn a_submit_that_was_answered_is_not_unknown_even_if_no_poll_fits() {
        let mut call = Driven::started(Operation::Find, Plan { timeout: 1_000.0, ..plan() });
        let step = call.answer(950.0, 202, RUNNING, None);
        assert_eq!(step.update, update(0, 950.0, None));
        let error = error(step);
        assert_eq!((error.code(), error.submitted), ("timeout", Submitted::Yes));
        assert_eq!(error.request_id.as_deref(), Some("a1"));
    }

    #[test]
    fn the_last_poll_comes_just_before_the_deadline() {
        let mut call = Driven::polling(Plan { timeout: 10_000.0, ..plan() });
        call.answer(8_500.0, 200, RUNNING, None);
        assert_eq!(call.lookup.due(), 9_000.0);
        call.on(9_000.0, Event::Tick);
        assert_eq!(call.lookup.due(), 10_000.0);
        assert_eq!(error(call.answer(9_001.0, 200, RUNNING, None)).failure, Failure::Timeout(10_000.0));
        let mut call = Driven::polling(Plan { timeout: 10_000.0, ..plan() });
        let late = error(call.on(10_000.0, Event::Tick));
        assert_eq!((late.code(), late.retryable, late.submitted), ("timeout", true, Submitted::Yes));
        // A late failure keeps its own name.
        let mut call = Driven::polling(Plan { timeout: 10_000.0, ..plan() });
        assert_eq!(error(call.answer(9_500.0, 502, "", None)).code(), "http_error");
    }

    #[test]
    fn a_job_from_the_future_is_as_good_as_new() {
        let mut call = Driven::new(Operation::Poll, plan());
        assert!(waits(&call.on(0.0, Event::Start { age: Some(-3_600_000.0) })));
        assert_eq!(call.lookup.due(), 3_000.0);
    }

    #[test]
    fn a_job_as_old_as_the_first_delay_is_polled_at_once() {
        let mut call = Driven::new(Operation::Poll, plan());
        assert!(matches!(call.on(0.0, Event::Start { age: Some(3_000.0) }).action, Action::Poll));
    }

    #[test]
    fn an_answer_that_cannot_be_read_may_still_ask_to_wait() {
        let mut call = Driven::started(Operation::Poll, plan());
        assert!(waits(&call.answer(100.0, 200, "<html>", Some(20_000.0))));
        // It may be a proxy's: it holds for this call alone.
        assert_eq!((call.lookup.due(), call.budget.pause), (20_100.0, 0.0));

        let mut call = Driven::started(Operation::Find, plan());
        let error = error(call.answer(100.0, 200, "<html>", Some(20_000.0)));
        assert_eq!((error.code(), error.retry_after), ("submit_outcome_unknown", Some(20_000.0)));
    }

    #[test]
    fn retry_after_is_only_what_the_service_said() {
        let plan = Plan { timeout: 10_000.0, ..plan() };
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
        let mut call = Driven::started(Operation::Poll, plan);
        assert_eq!(error(call.answer(100.0, 429, LIMITED, Some(9_900.0))).retry_after, Some(9_900.0));
        let mut call = Driven::started(Operation::Find, plan);
        assert_eq!(error(call.answer(100.0, 429, LIMITED, Some(9_900.0))).retry_after, Some(9_900.0));
    }

    #[test]
    fn a_check_is_one_request_even_in_a_pause() {
        let mut call = Driven::new(Operation::Check, plan());
        call.budget.pause = 60_000.0;
        assert!(matches!(call.on(0.0, Event::Start { age: Some(10_000.0) }).action, Action::Poll));
        let step = call.answer(0.5, 200, RUNNING, Some(10_000.5));
        assert!(step.update.is_none());
        assert!(matches!(outcome(step), Outcome::Job { job: Job { state: State::Pending, .. }, poll_after: 10_001.0 }));

        let mut call = Driven::started(Operation::Check, plan());
        let step = call.answer(1.0, 503, "", Some(7_000.0));
        assert!(step.update.is_none());
        let error = error(step);
        assert_eq!((error.code(), error.submitted), ("service_unavailable", Submitted::Yes));
        assert_eq!((error.status(), error.retry_after, call.budget.pause), (Some(503), Some(7_000.0), 7_001.0));
    }

    #[test]
    fn a_check_tells_how_the_job_stands_whatever_that_is() {
        for (body, expected) in [
            (RUNNING, State::Pending),
            (DONE, State::Completed { mobile: Some("+1".into()), completed_on: None }),
            (r#"{"request_id":"a1","status":"failed"}"#, State::Failed { reason: None }),
        ] {
            let step = Driven::started(Operation::Check, plan()).answer(1.0, 200, body, None);
            assert!(matches!(outcome(step), Outcome::Job { job, .. } if job.state == expected), "{body}");
        }
    }

    #[test]
    fn an_error_says_what_happened() {
        let plan = Plan { timeout: 120_000.0, request_timeout: 1_234.5, max_retries: 0, max_polls: 1, ..plan() };
        let polling = || Driven::started(Operation::Poll, plan);
        let said = |step| error(step).failure;
        assert_eq!(said(polling().on(1_234.5, Event::Tick)), Failure::RequestTimeout(1_234.5));
        assert_eq!(said(polling().answer(1.0, 200, RUNNING, None)), Failure::PollBudget(1));
        let failed = said(polling().answer(1.0, 200, r#"{"status":"failed","error":"no"}"#, None));
        assert_eq!(failed, Failure::JobFailed(Some("no".into())));
        let broken = said(polling().on(1.0, Event::Broken(Failure::Network("reset".into()))));
        assert_eq!(broken, Failure::Network("reset".into()));
        let odd = Defect::NotAResponse("text() is missing");
        let reply = Reply::Unreadable { status: 0, defect: odd.clone() };
        let odd = (said(polling().on(1.0, Event::Reply { reply, wait: None })), odd);
        assert_eq!(odd.0, Failure::InvalidResponse { status: 0, defect: odd.1 });
        let empty = said(polling().answer(1.0, 200, "", None));
        assert_eq!(empty, Failure::InvalidResponse { status: 200, defect: Defect::Empty });
        let mut paused = Driven::new(Operation::Poll, plan);
        paused.budget.pause = 120_000.0;
        let paused = error(paused.on(0.0, Event::Start { age: None }));
        assert_eq!((paused.code(), paused.retry_after), ("rate_limit_exceeded", Some(120_000.0)));
        assert_eq!((paused.failure, paused.retryable), (Failure::Paused(120_000.0), true));
    }

    #[test]
    fn an_unknown_outcome_still_says_what_happened() {
        let plan = Plan { timeout: 120_000.0, request_timeout: f64::INFINITY, ..plan() };
        let said = |step| {
            let error = error(step);
            assert_eq!((error.code(), error.submitted), ("submit_outcome_unknown", Submitted::Unknown));
            (error.failure.clone(), error.status())
        };
        let submitting = || Driven::started(Operation::Find, plan);
        assert_eq!(said(submitting().on(120_000.0, Event::Tick)), (Failure::Timeout(120_000.0), None));
        let broken = Failure::Network("reset".into());
        assert_eq!(said(submitting().on(1.0, Event::Broken(broken.clone()))), (broken, None));
        let (failure, status) = said(submitting().answer(1.0, 502, r#"{"code":"never_seen"}"#, None));
        assert!(matches!(failure, Failure::Api(api) if api.code.name() == "never_seen"));
        assert_eq!(status, Some(502));
        let no_id = Failure::InvalidResponse { status: 202, defect: Defect::NoId };
        assert_eq!(said(submitting().answer(1.0, 202, "{}", None)), (no_id, Some(202)));
    }

    #[test]
    fn a_stop_ends_the_call_wherever_it_stands() {
        let mut unstarted = Driven::new(Operation::Find, plan());
        let mut retrying = Driven::started(Operation::Find, plan());
        retrying.answer(1.0, 429, "", None);
        let mut waiting = Driven::started(Operation::Find, plan());
        waiting.answer(1.0, 202, RUNNING, None);
        for (call, submitted, id) in [
            (&mut unstarted, Submitted::No, None),
            (&mut retrying, Submitted::No, None),
            (&mut Driven::started(Operation::Find, plan()), Submitted::Unknown, None),
            (&mut waiting, Submitted::Yes, Some("a1")),
            (&mut Driven::polling(plan()), Submitted::Yes, Some("a1")),
            (&mut Driven::new(Operation::Check, plan()), Submitted::Yes, Some("a1")),
        ] {
            for (failure, code, retryable) in [
                (Failure::Aborted, "aborted", false),
                (Failure::SignalTimeout, "timeout", submitted != Submitted::Unknown),
                (Failure::Host("trapped".into()), "client_fault", false),
            ] {
                let mut call =
                    Driven { lookup: call.lookup.clone(), budget: call.budget.clone(), learning: Learning::default() };
                let error = error(call.on(3_500.0, Event::Stop(failure)));
                assert_eq!((error.code(), error.retryable, error.submitted), (code, retryable, submitted));
                assert_eq!(error.request_id.as_deref(), id);
                assert_eq!((call.lookup.due(), call.lookup.exchanging()), (f64::INFINITY, false));
            }
        }
    }

    #[test]
    fn what_a_pause_holds_back_is_spread_out_if_there_is_time() {
        let due = |timeout, random| {
            let plan = Plan { timeout, ..plan() };
            let mut lookup = Lookup::new(Operation::Poll, plan, Some("a1".into()), 0.0);
            let (mut budget, mut learning) = (Budget::default(), Learning::default());
            budget.pause = 60_000.0;
            let moment = &mut Moment { now: 0.0, random, budget: &mut budget, learning: &mut learning };
            assert!(waits(&lookup.on(Event::Start { age: None }, moment)));
            lookup.due()
        };
        assert_eq!(due(300_000.0, 0.5), 61_500.0);
        assert_eq!(due(61_501.0, 0.5), 61_500.0);
        // At the deadline it would be too late.
        assert_eq!(due(61_500.0, 0.5), 60_000.0);
    }

    #[test]
    fn only_nynes_own_429_pauses_all_calls_for_longer_than_a_minute() {
        let pause = |status, body, wait| {
            let mut call = Driven::started(Operation::Poll, Plan { timeout: f64::INFINITY, ..plan() });
            call.answer(100.0, status, body, wait);
            call.budget.pause
        };
        assert_eq!(pause(429, LIMITED, Some(7_000.0)), 7_100.0);
        assert_eq!(pause(429, LIMITED, Some(120_000.0)), 120_100.0);
        assert_eq!(pause(429, LIMITED, Some(1e15)), 3_600_100.0);
        for (status, body) in [(429, ""), (429, "<html>"), (429, UNAVAILABLE), (503, ""), (503, UNAVAILABLE)] {
            assert_eq!(pause(status, body, Some(7_000.0)), 7_100.0, "{status} {body}");
            assert_eq!(pause(status, body, Some(120_000.0)), 60_100.0, "{status} {body}");
        }
        assert_eq!(pause(502, "<html>", Some(86_400_000.0)), 0.0);
        assert_eq!(pause(503, LIMITED, Some(120_000.0)), 60_100.0);
        assert_eq!(pause(429, LIMITED, Some(0.0)), 0.0);
        assert_eq!(pause(429, LIMITED, None), 0.0);
    }

    #[test]
    fn a_job_that_was_over_before_anyone_asked_teaches_nothing() {
        let learned = |answers: &[&str]| {
            let mut call = Driven::new(Operation::Poll, plan());
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
            let mut call = Driven::started(operation, Plan { max_retries: 0, ..plan() });
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
