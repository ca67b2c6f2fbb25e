//! The rules that every lookup keeps, whatever happens to it.
//!
//! A [`Watched`] lookup is driven like a [`Lookup`], put away and taken out again between every two events, and judged after
//! each by what can be seen from outside: the events, the answers, the times. It panics at the first broken rule.

use nyne_phone_finder::lookup::{
    Action, Event, Learning, Lookup, Moment, Operation, Outcome, Pause, Plan, Step, Update,
};
use nyne_phone_finder::protocol::{ApiError, Code, Error, Reply, State, Submitted, What};

/// What the lookups of a client share.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shared {
    pub pause: Pause,
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
    /// The exchange under way.
    pub in_flight: Option<Exchange>,
    submits: usize,
    checks: usize,
    polls: f64,
    /// Failed exchanges in a row.
    failures: f64,
    /// The caller or an answer told the id of the job.
    pub job_known: bool,
    /// The last submit was answered with a proof that it made no job.
    proven: bool,
    submitted_at: f64,
    age_known: bool,
    /// When the next request may be sent at the earliest.
    not_before: f64,
    pub settled: bool,
}

/// What an event tells a lookup that heeds it.
#[derive(Clone, Debug)]
enum News {
    Begun {
        age: Option<f64>,
    },
    Stopped {
        code: Code,
        what: What,
    },
    Early,
    /// A wait is over, or the deadline has come.
    Due,
    /// The exchange gave nothing that can be used.
    Broken {
        code: Code,
        what: What,
    },
    Refused(ApiError),
    Running,
    Completed,
    JobFailed,
}

/// What has to come of it.
#[derive(Debug, PartialEq)]
enum Must {
    Succeed,
    Fail(Code),
    Wait,
    /// Unless the client pauses, which may outlast the lookup.
    Send,
    /// Chance decides whether what was learned says to wait.
    WaitOrSend,
    /// Chance decides whether there is room for another try.
    WaitOrFail(Code),
}

impl Watched {
    pub fn new(operation: Operation, plan: Plan, now: f64) -> Watched {
        Watched {
            lookup: Lookup::new(operation, plan, now),
            operation,
            plan,
            started: now,
            in_flight: None,
            submits: 0,
            checks: 0,
            polls: 0.0,
            failures: 0.0,
            job_known: matches!(operation, Operation::Poll | Operation::Check),
            proven: false,
            submitted_at: now,
            age_known: false,
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

    pub fn on(&mut self, event: Event, now: f64, random: f64, shared: &mut Shared) -> Step {
        let news = self.news(&event, now);
        let asked = if let Event::Reply { wait, .. } = event { wait } else { None };
        let before = *shared;

        let saved = self.lookup.save();
        let mut lookup = Lookup::restore(saved);
        assert_eq!(lookup, self.lookup, "a lookup comes back as it was put away");
        let mut learning = Learning::restore(shared.learning.save());
        let mut moment = Moment { now, random, pause: &mut shared.pause, learning: &mut learning };
        let step = lookup.on(event, &mut moment);
        shared.learning = learning;

        let Some(news) = news.filter(|_| !self.settled) else {
            assert!(matches!(step.action, Action::Ignore), "what comes too late is ignored, not: {step:?}");
            assert!(step.update.is_none() && lookup.save() == saved && *shared == before, "it changes nothing");
            return step;
        };
        self.lookup = lookup;
        let exchange = self.in_flight;
        Judge { watched: self, now, news, exchange, asked, before, after: *shared }.judge(&step);
        step
    }

    /// `None` for an event of an exchange that is not under way.
    fn news(&self, event: &Event, now: f64) -> Option<News> {
        Some(match event {
            Event::Start { age } => News::Begun { age: *age },
            Event::Abort => News::Stopped { code: Code::Aborted, what: What::Aborted },
            Event::Fault => News::Stopped { code: Code::ClientFault, what: What::ModuleBroke },
            Event::Tick if now < self.due() => News::Early,
            Event::Tick if self.in_flight.is_some() && now < self.deadline() => {
                News::Broken { code: Code::Timeout, what: What::NoAnswer }
            }
            Event::Tick => News::Due,
            _ if self.in_flight.is_none() => return None,
            Event::Broken => News::Broken { code: Code::NetworkError, what: What::RequestFailed },
            Event::Reply { reply: Reply::Unreadable(what), .. } => {
                News::Broken { code: Code::InvalidResponse, what: *what }
            }
            Event::Reply { reply: Reply::Error(error), .. } => News::Refused(*error),
            Event::Reply { reply: Reply::Job(state), .. } => match state {
                State::Pending => News::Running,
                State::Completed => News::Completed,
                State::Failed => News::JobFailed,
            },
        })
    }

    /// Where the last poll is placed, if none comes before.
    fn last_poll(&self) -> f64 {
        self.deadline() - (self.plan.timeout / 10.0).min(1_000.0)
    }

    /// The wait that the schedule names, before chance changes it.
    fn scheduled(&self, now: f64) -> f64 {
        ((now - self.submitted_at) / 3.0).max(self.plan.schedule.first_delay).min(self.plan.schedule.max_delay)
    }

    fn longest_backoff(&self) -> f64 {
        (self.plan.schedule.first_delay * (self.failures - 1.0).exp2()).min(self.plan.schedule.max_delay)
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
        self.judge_shared();
        self.judge_update(step.update);
        match &step.action {
            Action::Ignore => panic!("{:?} was ignored", self.news),
            Action::Submit => self.judge_send(Exchange::Submit, &must),
            Action::Poll => self.judge_send(Exchange::Poll, &must),
            Action::Wait => self.judge_wait(&must),
            Action::Settle(result) => {
                self.watched.settled = true;
                assert_eq!(self.watched.due(), f64::INFINITY, "who has settled waits for nothing");
                match result {
                    Ok(outcome) => self.judge_outcome(*outcome, &must),
                    Err(error) => self.judge_error(error, &must),
                }
            }
        }
    }

    /// Keeps count.
    fn note(&mut self) {
        let Judge { watched, now, exchange, .. } = self;
        let (now, earliest) = (*now, *now + self.asked.unwrap_or(0.0));
        match (&self.news, *exchange) {
            (News::Begun { age: Some(age) }, _) => {
                let age = age.max(0.0);
                watched.age_known = true;
                watched.submitted_at = now - age;
                if watched.operation == Operation::Poll {
                    let first = watched.plan.schedule.first_delay - age;
                    watched.not_before = (now + first).min(watched.last_poll());
                }
            }
            (News::Running | News::Completed | News::JobFailed, Some(Exchange::Submit)) => {
                watched.job_known = true;
                watched.age_known = true;
                watched.submitted_at = now;
                watched.failures = 0.0;
                let first = watched.plan.schedule.first_delay;
                watched.not_before = (now + first).min(watched.last_poll()).max(earliest);
            }
            (News::Running | News::Completed | News::JobFailed, _) => {
                watched.polls += 1.0;
                watched.failures = 0.0;
                watched.not_before = (now + 0.8 * watched.scheduled(now)).min(watched.last_poll()).max(earliest);
            }
            (News::Broken { .. } | News::Refused(_), _) => {
                watched.failures += 1.0;
                watched.proven = matches!(&self.news, News::Refused(error) if proves_no_job(error));
                let mut next = now + 0.8 * watched.scheduled(now);
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
        match (&self.news, self.exchange) {
            (News::Stopped { code, .. }, _) => Must::Fail(*code),
            (News::Early, _) => Must::Wait,
            (News::Due, Some(Exchange::Submit)) => Must::Fail(Code::SubmitOutcomeUnknown),
            (News::Due, _) if self.now >= watched.deadline() => Must::Fail(Code::Timeout),
            (News::Begun { age: Some(age) }, _) if watched.operation == Operation::Poll => {
                let schedule = watched.plan.schedule;
                let learned = self.before.learning.first_delay().min(schedule.max_delay);
                if *age < schedule.first_delay {
                    Must::Wait
                } else if *age < 1.2 * learned.max(schedule.first_delay) {
                    Must::WaitOrSend
                } else {
                    Must::Send
                }
            }
            (News::Begun { .. } | News::Due, _) => Must::Send,

            (News::Running | News::Completed | News::JobFailed, _)
                if matches!(watched.operation, Operation::Submit | Operation::Check) =>
            {
                Must::Succeed
            }
            (News::Completed, _) => Must::Succeed,
            (News::JobFailed, _) => Must::Fail(Code::JobFailed),
            (News::Running, Some(Exchange::Poll)) if watched.polls >= watched.plan.max_polls => {
                Must::Fail(Code::PollBudgetExhausted)
            }
            (News::Running, _) if no_room => Must::Fail(Code::Timeout),
            (News::Running, _) => Must::Wait,

            (News::Refused(error), Some(Exchange::Submit)) if proves_no_job(error) => {
                let longest = asked.max(watched.scheduled(self.now)) + watched.longest_backoff();
                if exhausted || asked_too_long {
                    Must::Fail(error.code)
                } else if self.now + longest < watched.deadline() {
                    Must::Wait
                } else {
                    Must::WaitOrFail(error.code)
                }
            }
            // What the service refuses makes no job, but will not go better either.
            (News::Refused(error), Some(Exchange::Submit))
                if (400..500).contains(&error.status) && error.status != 408 =>
            {
                Must::Fail(error.code)
            }
            (News::Broken { .. } | News::Refused(_), Some(Exchange::Submit)) => Must::Fail(Code::SubmitOutcomeUnknown),

            (News::Refused(error), _) if exhausted || no_room || !may_pass(error) => Must::Fail(error.code),
            (News::Broken { code, .. }, _) if exhausted || no_room => Must::Fail(*code),
            (News::Broken { .. } | News::Refused(_), _) => Must::Wait,
        }
    }

    /// No lookup makes a pause shorter, and only the service makes one: for an hour at most, and not if it would not help.
    fn judge_shared(&self) {
        let pauses = match (&self.news, self.exchange) {
            (News::Refused(error), Some(Exchange::Submit)) => proves_no_job(error),
            (News::Refused(error), Some(Exchange::Poll)) => matches!(error.status, 429 | 503) && may_pass(error),
            _ => false,
        };
        let until = self.asked.filter(|_| pauses).map_or(0.0, |asked| self.now + asked.min(3_600_000.0));
        assert_eq!(self.after.pause, self.before.pause.max(until), "the pause is the longest that was asked for");

        let mut learning = self.before.learning;
        let watches = matches!(self.watched.operation, Operation::Find | Operation::Poll);
        let seen_running = self.watched.operation == Operation::Find || self.watched.polls > 1.0;
        if watches && seen_running && self.watched.age_known && matches!(self.news, News::Completed) {
            learning.remember(self.now - self.watched.submitted_at);
        }
        assert_eq!(
            self.after.learning, learning,
            "what is learned is how long the jobs took that were seen to the end"
        );
    }

    fn judge_update(&self, update: Option<Update>) {
        let watched = &*self.watched;
        let watches = matches!(watched.operation, Operation::Find | Operation::Poll);
        let is_news = watches && matches!(self.news, News::Running | News::Completed | News::JobFailed);
        assert_eq!(update.is_some(), is_news, "the caller hears of each good answer and of nothing else");
        if let Some(Update { polls, elapsed, next_poll_in }) = update {
            assert_eq!(polls, watched.polls, "polls are counted");
            assert_eq!(elapsed, (self.now - watched.started).floor(), "elapsed is since the call began");
            let next = Some(watched.due() - self.now).filter(|next| next.is_finite()).map(f64::ceil);
            assert_eq!(next_poll_in, next, "the caller is told when the next poll comes");
        }
    }

    fn judge_send(&mut self, what: Exchange, must: &Must) {
        let Judge { watched, now, .. } = self;
        let now = *now;
        assert!(matches!(must, Must::Send | Must::WaitOrSend), "{what:?} is sent where there must be: {must:?}");
        assert!(now < watched.deadline(), "{what:?} is sent when the deadline is over");
        assert!(now >= watched.not_before - tolerance(now), "{what:?} is sent {} ms early", watched.not_before - now);
        assert!(now >= self.before.pause || watched.operation == Operation::Check, "{what:?} is sent in a pause");
        assert_eq!(
            watched.due(),
            (now + watched.plan.request_timeout).min(watched.deadline()),
            "an exchange has a limit"
        );
        match what {
            Exchange::Submit => {
                assert!(matches!(watched.operation, Operation::Find | Operation::Submit), "a submit nobody asked for");
                assert!(!watched.job_known, "a submit after the id is known");
                assert!(watched.submits == 0 || watched.proven, "a submit after one that may have made a job");
                watched.submits += 1;
                watched.proven = false;
            }
            Exchange::Poll => {
                assert!(watched.operation != Operation::Submit, "a poll nobody asked for");
                assert!(watched.job_known, "a poll for a job without an id");
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
        let pause_ends = self.before.pause..=self.before.pause + schedule.first_delay.min(schedule.max_delay);
        if paused || *must == Must::WaitOrSend && self.is_paused() && pause_ends.contains(&due) {
            assert!(pause_ends.contains(&due), "a pause lasts as long as it was asked for, and little more");
            assert!(due < watched.deadline(), "a pause that outlasts the lookup is not waited for");
        } else if !matches!(self.news, News::Early) {
            assert!(due >= watched.not_before - tolerance(now), "a wait {} ms short", watched.not_before - due);
            assert!(due.is_finite(), "a wait without an end");
            let scheduled = 1.2 * schedule.first_delay.max(schedule.max_delay);
            let backoff = if watched.failures > 0.0 { watched.longest_backoff() } else { 0.0 };
            let asked = self.asked.unwrap_or(0.0);
            let longest = asked.max(scheduled) + backoff;
            assert!(due <= now + longest + tolerance(now), "a wait of {}, longer than any reason for it", due - now);
            if watched.job_known {
                assert!(due <= watched.last_poll().max(now + asked), "no poll just before the deadline");
            }
        }
    }

    fn judge_outcome(&self, outcome: Outcome, must: &Must) {
        let watched = &*self.watched;
        assert_eq!(*must, Must::Succeed, "success where there is none");
        if let Outcome::Job { state, .. } = outcome {
            let told = match self.news {
                News::Running => State::Pending,
                News::JobFailed => State::Failed,
                _ => State::Completed,
            };
            assert_eq!(state, told, "a job is as its last answer told");
        }
        match (outcome, watched.operation) {
            (Outcome::Request, Operation::Submit) => {}
            (Outcome::Job { poll_after, .. }, Operation::Find | Operation::Poll) => assert_eq!(poll_after, 0.0),
            (Outcome::Job { poll_after, .. }, Operation::Check) => {
                let asked = self.asked.unwrap_or(0.0);
                let scheduled = watched.scheduled(self.now);
                assert!(poll_after >= (0.8 * scheduled).max(asked) && poll_after.fract() == 0.0, "{poll_after}");
                assert!(poll_after <= scheduled.max(asked) + 1.0, "{poll_after}");
            }
            _ => panic!("{outcome:?} is not what the call is for"),
        }
    }

    fn judge_error(&self, error: &Error, must: &Must) {
        match must {
            Must::Fail(code) | Must::WaitOrFail(code) => assert_eq!(error.code, *code, "{error:?}"),
            Must::Send | Must::WaitOrSend if self.is_paused() => {
                assert!(self.before.pause >= self.watched.deadline(), "a pause that ends in time is no error");
                assert_eq!(error.code, Code::RateLimitExceeded);
            }
            _ => panic!("there must be {must:?}, not {error:?}"),
        }
        let submitted = self.submitted();
        assert_eq!(error.submitted, submitted, "whether a job may have been made: {error:?}");
        assert_eq!(error.code == Code::SubmitOutcomeUnknown, submitted == Submitted::Unknown && !self.is_stopped());
        let status = if let News::Refused(error) = &self.news { error.status } else { 0 };
        assert_eq!(error.status, status, "{error:?}");

        let retry_after = match &self.news {
            News::Begun { .. } | News::Due if error.code == Code::RateLimitExceeded => {
                Some(self.before.pause - self.now)
            }
            News::Running if error.code == Code::Timeout => {
                self.asked.filter(|asked| self.now + asked >= self.watched.deadline())
            }
            News::Broken { .. } | News::Refused(_) => self.asked,
            _ => None,
        };
        assert_eq!(error.retry_after, retry_after, "{error:?}");

        let retryable = match (&self.news, self.exchange) {
            _ if submitted == Submitted::Unknown => false,
            (News::Stopped { code, .. }, _) => *code == Code::ClientFault,
            (News::Refused(error), Some(Exchange::Submit)) => proves_no_job(error),
            (News::Refused(error), _) => may_pass(error),
            _ => error.code != Code::JobFailed,
        };
        assert_eq!(error.retryable, retryable, "whether going on may help: {error:?}");
        self.judge_words(error);
    }

    /// What the message is made of: the words for what happened, and what stands in their gaps.
    fn judge_words(&self, error: &Error) {
        let plan = &self.watched.plan;
        let (what, number) = match &self.news {
            News::Begun { .. } | News::Due if error.code == Code::RateLimitExceeded => (What::StayAway, 0.0),
            News::Running if error.code == Code::PollBudgetExhausted => (What::StillRunning, self.watched.polls),
            News::Due | News::Running => (What::TimedOut, plan.timeout),
            News::Broken { what: What::NoAnswer, .. } => (What::NoAnswer, plan.request_timeout),
            News::Stopped { what, .. } | News::Broken { what, .. } => (*what, 0.0),
            News::Refused(error) => (error.what, error.status.into()),
            News::JobFailed => (What::JobFailed, 0.0),
            News::Begun { .. } | News::Early | News::Completed => panic!("{:?} is no reason for {error:?}", self.news),
        };
        assert_eq!((error.what, error.number), (what, number), "what happened: {error:?}");
        assert!(error.number.is_finite(), "a number that can be written: {error:?}");
        // Only in the answer that ends the call can the host look up what the service calls it.
        match &self.news {
            News::Refused(refused) => assert_eq!(error.named, refused.code, "what the service calls it: {error:?}"),
            _ => assert!(error.named != Code::Other && error.code != Code::Other, "a name nobody told: {error:?}"),
        }
    }

    /// Whether the client sends nothing now.
    fn is_paused(&self) -> bool {
        self.before.pause > self.now && self.watched.operation != Operation::Check
    }

    fn is_stopped(&self) -> bool {
        matches!(self.news, News::Stopped { .. })
    }

    /// Whether a job may have been made.
    fn submitted(&self) -> Submitted {
        let watched = &*self.watched;
        match (&self.news, self.exchange) {
            _ if watched.job_known => Submitted::Yes,
            (News::Refused(error), Some(_)) if (400..500).contains(&error.status) && error.status != 408 => {
                Submitted::No
            }
            (_, Some(_)) if !watched.proven => Submitted::Unknown,
            _ => Submitted::No,
        }
    }
}

/// Whether an answer to a submit proves that it made no job, and may be another one the next time.
fn proves_no_job(error: &ApiError) -> bool {
    match error.status {
        429 => error.code == Code::RateLimitExceeded,
        503 => error.own && error.code == Code::ServiceUnavailable,
        _ => false,
    }
}

/// Whether the answer to a poll may be another one the next time.
fn may_pass(error: &ApiError) -> bool {
    matches!(error.kind(), 200..300 | 408 | 425 | 429 | 500..)
}

/// What is lost when a wait is added to a clock.
fn tolerance(now: f64) -> f64 {
    now.abs() * 1e-12 + 1e-6
}
