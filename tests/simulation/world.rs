//! A client with a few lookups, a server, and a clock that jumps from one event to the next.

use std::collections::BTreeMap;

use nyne_phone_finder::lookup::{Action, Event, Operation, Outcome, Step};
use nyne_phone_finder::protocol::{Code, Expected, Reply, State, Submitted, Told, What};
use serde_json::Value;

use super::chance::Chance;
use super::plan::plan;
use super::rules::{Exchange, Shared, Watched};
use super::server::{Arrival, CLOCK, Delivery, Ending, Job, REASONS, Server, UNKNOWN_CODES, Wait};

/// More events than a lookup can need where in the end everything goes right.
const MOST_EVENTS: usize = 5_000;

/// How many lookups ended how: with success or which code.
pub type Endings = BTreeMap<&'static str, usize>;

/// Lets a client's lookups run to their ends.
pub fn run(mut chance: Chance) -> Endings {
    let server = Server {
        faults: chance.pick(&[0.0, 0.03, 0.1, 0.1, 0.2, 0.3, 0.5, 1.0]),
        skew: chance.pick(&[0.0, 0.0, 3_600_000.0, -86_400_000.0, 1_234.0]),
    };
    let mut shared = Shared::default();
    let mut client_leaves_alone_until: f64 = 0.0;
    let begin = chance.pick(&[0.0, 12.5, 1_000_000.0]);
    let mut callers: Vec<Caller> = (0..=chance.below(4)).map(|n| Caller::new(n, begin, &mut chance)).collect();
    let mut endings = Endings::new();

    while let Some((now, what, caller)) = next(&mut callers) {
        let (step, delivery) = caller.happen(what, now, chance.fraction(), &mut shared);
        if let Action::Ignore = step.action {
            continue;
        }
        caller.ticks = None;
        // Whatever was under way is over, unless the timer just fired early.
        if !(matches!(step.action, Action::Wait) && caller.watched.in_flight.is_some()) {
            caller.arrives = None;
        }
        if let Some(delivery) = delivery {
            caller.leaves_alone_until = delivery.wait.until(now);
            if delivery.for_all {
                client_leaves_alone_until =
                    client_leaves_alone_until.max(caller.leaves_alone_until.min(now + 3_600_000.0));
            }
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
                let ending = match result {
                    Ok(_) => "success",
                    Err(error) if error.code == Code::Other => "a_code_nobody_knows",
                    Err(error) => error.code.name(),
                };
                *endings.entry(ending).or_default() += 1;
                let claim = result.map_or_else(|error| error.submitted, |_| Submitted::Yes);
                let made = caller.job.made == 1;
                assert!(claim == Submitted::Unknown || (claim == Submitted::Yes) == made, "a false claim: {claim:?}");
                for event in [Event::Tick, Event::Abort, Event::Fault, Event::Broken] {
                    caller.watched.on(event, now, 0.5, &mut shared);
                }
                continue;
            }
            Action::Wait | Action::Ignore => {}
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
        Caller {
            watched: Watched::new(operation, plan, starts),
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
                ending: chance.pick(&[Ending::Found, Ending::Found, Ending::NoMatch, Ending::Failed]),
                faults_left: chance.pick(&[1, 5, 60]),
            },
            leaves_alone_until: 0.0,
            events: 0,
        }
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
                Event::Abort
            }
            Happening::Fault => {
                self.breaks = None;
                Event::Fault
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
        let http = match &delivery.arrival {
            Arrival::Http(http) => http,
            Arrival::NetworkError => return self.watched.on(Event::Broken, now, random, shared),
            Arrival::Nonsense => {
                let reply = Reply::Unreadable(What::Unreadable);
                return self.watched.on(Event::Reply { reply, wait: None }, now, random, shared);
            }
        };
        let id = self.job.id();
        let submits = self.watched.in_flight == Some(Exchange::Submit);
        let (expected, known) = if submits { (Expected::Submit, None) } else { (Expected::Status, Some(&*id)) };
        let (reply, told) = http.read(expected, known);
        let wait = http.wait(CLOCK + now);
        match (delivery.wait, wait) {
            (Wait::Nothing, None) => {}
            (wait, Some(ms)) => {
                assert!((now + ms - wait.until(now).max(now)).abs() < 1e-3, "{http:?} asks for {ms}")
            }
            _ => panic!("{http:?} asks for {wait:?} ms"),
        }
        assert_eq!(delivery.tells, matches!(reply, Reply::Job(_)), "{http:?} was read as {reply:?}");
        if let (Reply::Job(_), true) = (reply, submits) {
            let told = told.job.as_ref().and_then(|job| job.get("request_id"));
            assert_eq!(told, Some(&Value::from(id)), "the id is the one the server gave");
        }
        let step = self.watched.on(Event::Reply { reply, wait }, now, random, shared);
        self.judge_told(&step, &told);
        step
    }

    /// What the host can tell the caller of the answer that ended the call.
    fn judge_told(&self, step: &Step, told: &Told<Value>) {
        let text = told.text.as_ref().and_then(Value::as_str).filter(|text| !text.is_empty());
        let name = told.code.as_ref().and_then(Value::as_str);
        let Action::Settle(result) = step.action else { return };
        match result {
            Ok(Outcome::Job { state: State::Completed, .. }) => {
                assert_eq!(text, self.job.mobile().as_deref(), "the number is the one the server gave");
            }
            Ok(Outcome::Job { state: State::Failed, .. }) => self.judge_reason(text),
            Err(error) if error.code == Code::JobFailed => self.judge_reason(text),
            Err(error) if error.named == Code::Other => {
                assert!(name.is_some_and(|name| UNKNOWN_CODES.contains(&name)), "no name of the server's: {name:?}");
            }
            Err(error) if name.is_some() => assert_eq!(name, Some(error.named.name())),
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
