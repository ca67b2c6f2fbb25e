//! A client with a few lookups, a server, and a clock that jumps from one event to the next.

use std::collections::BTreeMap;

use nyne_phone_finder::lookup::{Action, Event, Operation, Outcome};
use nyne_phone_finder::protocol::{Defect, Expected, Failure, Reply, State, Submitted};

use super::chance::Chance;
use super::http::Step;
use super::plan::plan;
use super::rules::{Exchange, Shared, Watched};
use super::server::{Arrival, CLOCK, Delivery, Ending, Job, REASONS, Server, Wait};

/// More events than a lookup can need where in the end everything goes right.
const MOST_EVENTS: usize = 5_000;

/// How many lookups ended how: with success or which code.
pub type Endings = BTreeMap<String, usize>;

/// Lets a client's lookups run to their ends.
pub fn run(mut chance: Chance) -> Endings {
    let server = Server {
        faults: chance.pick(&[0.0, 0.03, 0.1, 0.1, 0.2, 0.3, 0.5, 1.0]),
        skew: chance.pick(&[0.0, 0.0, 3_600_000.0, -86_400_000.0, 1_234.0]),
        lag: chance.pick(&[0.0, 0.0, 0.0, 3_500.0, 10_000.0, 40_000.0]),
    };
    let mut shared = Shared::default();
    let mut client_leaves_alone_until: f64 = 0.0;
    let begin = chance.pick(&[0.0, 12.5, 1_000_000.0]);
    let mut callers: Vec<Caller> = (0..=chance.below(4)).map(|n| Caller::new(n, begin, &mut chance)).collect();
    let mut endings = Endings::new();

    while let Some((now, what, caller)) = next(&mut callers) {
        let (step, delivery) = caller.happen(what, now, chance.fraction(), &mut shared);
        caller.ticks = None;
        // Whatever was under way is over, unless the timer just fired early.
        if !(matches!(step.action, Action::Wait) && caller.watched.in_flight.is_some()) {
            caller.arrives = None;
        }
        if let Some(delivery) = delivery {
            caller.leaves_alone_until = delivery.wait.until(now);
            client_leaves_alone_until =
                client_leaves_alone_until.max(caller.leaves_alone_until.min(now + delivery.for_all));
        }
        match step.action {
            Action::Submit | Action::Poll => {
                if caller.watched.operation != Operation::Check {
                    let until = caller.leaves_alone_until.max(client_leaves_alone_until);
                    assert!(now > until - 1e-3, "a request {} ms before the server wants it", until - now);
                }
                caller.arrives = Some(caller.send(&server, now, &mut chance));
                assert!(caller.job.made <= 1, "a second job was made");
            }
            Action::Settle(result) => {
                let ending = result.as_ref().map_or_else(|(error, _)| error.code(), |_| "success");
                *endings.entry(ending.into()).or_default() += 1;
                let claim = result.map_or_else(|(error, _)| error.submitted, |_| Submitted::Yes);
                let made = caller.job.made == 1;
                assert!(claim == Submitted::Unknown || (claim == Submitted::Yes) == made, "a false claim: {claim:?}");
                (caller.starts, caller.aborts, caller.breaks) = (None, None, None);
                caller.watched.on(Event::Tick, now, 0.5, &mut shared);
                continue;
            }
            Action::Wait => {}
            Action::Claim => unreachable!("these plans want no claim"),
        }
        let due = caller.watched.due();
        caller.ticks = due.is_finite().then(|| match chance.below(16) {
            // Early where a timer's clock is another or the wait is longer than a timer can be; late on a machine that
            // is busy or was asleep.
            0 => now + (due - now) * chance.fraction(),
            1 => due + chance.magnitude(0.1, 100.0),
            2 if chance.likely(0.05) => due + 3_600_000.0,
            _ => due,
        });
    }
    for caller in &callers {
        assert!(caller.watched.settled, "a lookup that waits for nothing has settled");
    }
    endings
}

/// A lookup, what the server has to do with it, and when something happens to it.
struct Caller {
    watched: Watched,
    job: Job,
    /// How long ago the job was submitted, as far as the caller knows.
    age: Option<f64>,
    starts: Option<f64>,
    aborts: Option<f64>,
    breaks: Option<f64>,
    ticks: Option<f64>,
    arrives: Option<(f64, Delivery)>,
    leaves_alone_until: f64,
    events: usize,
}

#[derive(Clone, Copy)]
enum Happening {
    Start,
    Abort,
    Fault,
    Tick,
    Arrival,
}

/// What happens next, and to whom; `None` at the end of the world.
fn next(callers: &mut [Caller]) -> Option<(f64, Happening, &mut Caller)> {
    let times = callers.iter().enumerate().flat_map(|(index, caller)| {
        let arrives = caller.arrives.as_ref().map(|(time, _)| *time);
        [
            (caller.starts, Happening::Start),
            (caller.aborts, Happening::Abort),
            (caller.breaks, Happening::Fault),
            (arrives, Happening::Arrival),
            (caller.ticks, Happening::Tick),
        ]
        .into_iter()
        .filter_map(move |(time, what)| Some((time.filter(|time| time.is_finite())?, what, index)))
    });
    let (time, what, index) = times.min_by(|a, b| a.0.total_cmp(&b.0))?;
    Some((time, what, &mut callers[index]))
}

impl Caller {
    fn new(number: usize, begin: f64, chance: &mut Chance) -> Caller {
        let operation = chance.pick(&[
            Operation::Find,
            Operation::Find,
            Operation::Find,
            Operation::Find,
            Operation::Poll,
            Operation::Poll,
            Operation::Submit,
            Operation::Check,
        ]);
        let mut plan = plan(chance);
        if operation == Operation::Check {
            plan.timeout = f64::INFINITY;
        }
        let starts = if number == 0 { begin } else { begin + chance.magnitude(1.0, 100_000.0) };
        let submits = matches!(operation, Operation::Find | Operation::Submit);
        let age = if submits { 0.0 } else { chance.magnitude(1.0, 1_000_000.0) };
        let mut some_time = |share| chance.likely(share).then(|| starts - 0.1 + chance.magnitude(0.1, 400_000.0));
        let mut caller = Caller {
            watched: Watched::new(operation, plan, None, starts),
            starts: Some(starts),
            aborts: some_time(0.15),
            breaks: some_time(0.02),
            ticks: None,
            arrives: None,
            age: match chance.below(4) {
                _ if submits => None,
                0 => None,
                // Told by a clock that is ahead of ours.
                1 => Some(age - 500_000.0),
                _ => Some(age),
            },
            job: Job {
                number: number + 1,
                made: usize::from(!submits),
                made_at: starts - age,
                length: chance.magnitude(1.0, 600_000.0),
                patience: chance.pick(&[1, 3, 10, 60, 300]),
                ending: match chance.below(8) {
                    0..4 => Ending::Found,
                    4..6 => Ending::NoMatch,
                    6 => Ending::Failed,
                    _ => Ending::Unusable,
                },
                faults_left: chance.pick(&[1, 5, 60]),
            },
            leaves_alone_until: 0.0,
            events: 0,
        };
        if !submits {
            caller.watched = Watched::new(operation, plan, Some(caller.job.id()), starts);
        }
        caller
    }

    fn happen(&mut self, what: Happening, now: f64, random: f64, shared: &mut Shared) -> (Step, Option<Delivery>) {
        self.events += 1;
        assert!(self.events < MOST_EVENTS, "a lookup that does not come to an end");
        let event = match what {
            Happening::Start => {
                self.starts = None;
                Event::Start { age: self.age }
            }
            Happening::Abort => {
                self.aborts = None;
                Event::Stop(if now.fract() < 0.5 { Failure::Aborted } else { Failure::SignalTimeout })
            }
            Happening::Fault => {
                self.breaks = None;
                Event::Stop(Failure::Host("the module stopped".into()))
            }
            Happening::Tick => {
                self.ticks = None;
                Event::Tick
            }
            Happening::Arrival => {
                let (_, delivery) = self.arrives.take().expect("what arrives was sent");
                return (self.arrive(&delivery, now, random, shared), Some(delivery));
            }
        };
        (self.watched.on(event, now, random, shared), None)
    }

    fn arrive(&mut self, delivery: &Delivery, now: f64, random: f64, shared: &mut Shared) -> Step {
        let broken = |failure| Event::Broken(failure);
        let http = match &delivery.arrival {
            Arrival::Http(http) => http,
            Arrival::NetworkError => {
                return self.watched.on(broken(Failure::Network("reset".into())), now, random, shared);
            }
            Arrival::NotSent => {
                return self.watched.on(broken(Failure::NotSent("refused".into())), now, random, shared);
            }
            Arrival::Fault => {
                return self.watched.on(broken(Failure::Host("fetch is missing".into())), now, random, shared);
            }
            Arrival::Nonsense => {
                let reply = Reply::Unreadable { status: 0, defect: Defect::NotAResponse("text() is missing") };
                return self.watched.on(Event::Reply { reply, wait: None }, now, random, shared);
            }
        };
        let submits = self.watched.in_flight == Some(Exchange::Submit);
        let expected = if submits { Expected::Submit } else { Expected::Status };
        let reply = http.read(expected, self.watched.id.as_deref());
        let wait = http.wait(CLOCK + now);
        match (delivery.wait, wait) {
            (Wait::Nothing, None) => {}
            (wait, Some(ms)) => {
                assert!((now + ms - wait.until(now).max(now)).abs() < 1e-3, "{http:?} asks for {ms}")
            }
            _ => panic!("{http:?} asks for {wait:?} ms"),
        }
        assert_eq!(delivery.tells, matches!(reply, Reply::Job(_)), "{http:?} was read as {reply:?}");
        let step = self.watched.on(Event::Reply { reply, wait }, now, random, shared);
        if delivery.tells {
            assert_eq!(self.watched.id.as_ref(), Some(&self.job.id()), "the id is the one the server gave");
        }
        self.judge_told(&step);
        step
    }

    /// What the caller is told of the job's end.
    fn judge_told(&self, step: &Step) {
        match &step.action {
            Action::Settle(Ok(Outcome::Job { job, .. })) => match &job.state {
                State::Completed { mobile, .. } => {
                    assert_eq!(*mobile, self.job.mobile(), "the number is the one the server gave");
                }
                State::Failed { reason } => self.judge_reason(reason.as_deref()),
                State::Pending | State::Unusable(_) => {}
            },
            Action::Settle(Err((error, _))) => match &error.failure {
                Failure::JobFailed(reason) => self.judge_reason(reason.as_deref()),
                Failure::InvalidResponse { defect: Defect::MobileNotText | Defect::ResultNotAnObject, .. } => {
                    assert!(self.job.ending == Ending::Unusable, "a number that can be read was not");
                }
                _ => {}
            },
            _ => {}
        }
    }

    fn judge_reason(&self, reason: Option<&str>) {
        assert!(self.job.ending == Ending::Failed, "a job failed that did not");
        assert!(reason.is_none_or(|reason| REASONS.contains(&reason)), "the server gave no such reason: {reason:?}");
    }

    /// When what comes back arrives, and what it is.
    fn send(&mut self, server: &Server, now: f64, chance: &mut Chance) -> (f64, Delivery) {
        let mut delivery = match self.watched.in_flight {
            Some(Exchange::Submit) => server.submit(&mut self.job, now, chance),
            _ => server.poll(&mut self.job, now, chance),
        };
        if self.watched.due().is_infinite() {
            // Without a limit of the caller's own, a call lasts as long as its connection.
            delivery.after = delivery.after.min(60_000.0);
        }
        (now + delivery.after, delivery)
    }
}
