//! Many people under the limits: lookups that share a budget, each request of which takes a moment, in virtual time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use nyne_phone_finder::lookup::{Action, Budget, Event, Learning, Limits, Lookup, Moment, Operation, Outcome, Plan};
use nyne_phone_finder::protocol::{Job, Reply, State};
use serde_json::Value;

use super::chance::Chance;

/// How long a request takes, in ms.
const EXCHANGE: f64 = 200.0;

/// The people of a batch, and how they are looked up.
pub struct Batch {
    pub people: usize,
    pub concurrency: usize,
    pub limits: Limits,
    /// How long each job takes, in ms.
    pub lengths: fn(&mut Chance) -> f64,
}

/// What came of a batch.
#[derive(Debug, Default)]
pub struct Outcomes {
    /// When each request was sent.
    pub sent: Vec<f64>,
    /// When each number arrived.
    pub found: Vec<f64>,
    /// How long each took from its submit to that, in ms.
    pub took: Vec<f64>,
    pub polls: usize,
    pub failed: usize,
}

impl Outcomes {
    /// The numbers found within `span` ms after the first `skipped` ms.
    pub fn found_within(&self, skipped: f64, span: f64) -> usize {
        self.found.iter().filter(|at| (skipped..skipped + span).contains(*at)).count()
    }

    /// The most requests in any `span` ms.
    pub fn most_within(&self, span: f64) -> usize {
        let ends = self.sent.iter().enumerate();
        ends.map(|(place, at)| self.sent[place..].partition_point(|other| *other < at + span)).max().unwrap_or(0)
    }
}

struct Person {
    lookup: Lookup,
    submitted_at: f64,
    length: f64,
    /// Counts the timers that were set: an older one means nothing.
    timer: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Happening {
    Reply,
    Timer(usize),
    Turn,
}

/// Looks everybody up.
pub fn run(batch: &Batch, mut chance: Chance) -> Outcomes {
    let (mut budget, mut learning) = (Budget::default(), Learning::default());
    let mut outcomes = Outcomes::default();
    let mut people: Vec<Person> = Vec::new();
    let mut events: BinaryHeap<Reverse<(u64, usize, usize)>> = BinaryHeap::new();
    let mut kept: Vec<(usize, Happening)> = Vec::new();
    let push = |events: &mut BinaryHeap<_>, kept: &mut Vec<_>, at: f64, person: usize, what: Happening| {
        if at.is_finite() {
            kept.push((person, what));
            // In µs, so that they can be ordered; a timer never fires early.
            events.push(Reverse(((at * 1_000.0) as u64 + 1, kept.len() - 1, person)));
        }
    };
    let plan = Plan { patient: true, limits: batch.limits, ..Plan::default() };
    let (mut in_flight, mut now) = (0, 0.0);
    loop {
        while in_flight < batch.concurrency && people.len() < batch.people {
            let lookup = Lookup::new(Operation::Find, plan, None, now);
            people.push(Person { lookup, submitted_at: 0.0, length: (batch.lengths)(&mut chance), timer: 0 });
            in_flight += 1;
            kept.push((people.len() - 1, Happening::Turn));
            events.push(Reverse(((now * 1_000.0).ceil() as u64, kept.len() - 1, people.len() - 1)));
        }
        let Some(Reverse((at, event, number))) = events.pop() else { break };
        now = at as f64 / 1_000.0;
        let person = &mut people[number];
        let event = match kept[event].1 {
            // The first turn of a person is the start of the lookup.
            Happening::Turn if person.timer == 0 => Event::Start { age: None },
            Happening::Turn => match person.lookup.ticket() {
                Some(ticket) if budget.claim(ticket) => Event::Turn,
                _ => continue,
            },
            Happening::Timer(timer) if timer == person.timer => Event::Tick,
            Happening::Timer(_) => continue,
            Happening::Reply => {
                let done = person.lookup.id().is_some() && now - person.submitted_at >= person.length;
                if person.lookup.id().is_none() {
                    person.submitted_at = now - EXCHANGE / 2.0;
                }
                let state = if done { State::Completed { mobile: None, completed_on: None } } else { State::Pending };
                let job = Job { id: Some(number.to_string()), status: "queued".into(), state, data: Value::Null };
                Event::Reply { reply: Reply::Job(job), wait: None }
            }
        };
        let mut moment = Moment { now, random: chance.fraction(), budget: &mut budget, learning: &mut learning };
        let step = person.lookup.on(event, &mut moment);
        person.timer += 1;
        match step.action {
            Action::Submit | Action::Poll => {
                outcomes.sent.push(now);
                outcomes.polls += usize::from(matches!(step.action, Action::Poll));
                push(&mut events, &mut kept, now + EXCHANGE, number, Happening::Reply);
            }
            Action::Wait => {}
            Action::Claim => unreachable!("these plans want no claim"),
            Action::Settle(result) => {
                in_flight -= 1;
                match result {
                    Ok(Outcome::Job { .. }) => {
                        outcomes.found.push(now);
                        outcomes.took.push(now - person.submitted_at);
                    }
                    _ => outcomes.failed += 1,
                }
            }
        }
        budget.give(now, &learning);
        for ticket in budget.given() {
            let owner = people.iter().position(|person| person.lookup.ticket() == Some(*ticket));
            push(&mut events, &mut kept, now, owner.expect("a ticket has an owner"), Happening::Turn);
        }
        let person = &people[number];
        let look_at = person.lookup.ticket().map_or(f64::INFINITY, |ticket| budget.look_at(ticket, now, &learning));
        let due = person.lookup.due().min(look_at);
        push(&mut events, &mut kept, due, number, Happening::Timer(person.timer));
    }
    assert_eq!(people.len(), batch.people, "somebody was left out");
    assert_eq!(outcomes.found.len() + outcomes.failed, batch.people, "somebody has no outcome");
    outcomes
}
