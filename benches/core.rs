//! What the pure core costs natively: time and allocations of reading an answer, of one decision, and of all of a lookup.
//! Compiled as the package is: for size.

use divan::{AllocProfiler, Bencher, black_box};
use nyne_phone_finder::lookup::{Action, Event, Learning, Lookup, Moment, Operation, Plan, Step};
use nyne_phone_finder::protocol::{Answer, Expected, Json, Query, Reply, Secrets, readable};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const ID: &str = "a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4_1717000000_4271";
const QUEUED: &str = r#"{"success":true,"data":{"request_id":"a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4_1717000000_4271","status":"queued","completed":false},"timestamp":"2026-01-15T10:30:00"}"#;
const RUNNING: &str = r#"{"success":true,"data":{"request_id":"a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4_1717000000_4271","status":"processing","completed":false},"timestamp":"2026-01-15T10:30:00"}"#;
const DONE: &str = r#"{"success":true,"data":{"request_id":"a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4_1717000000_4271","status":"completed","completed":true,"result":{"mobile":"+1-555-123-4567"},"completed_on":"2026-01-15T10:31:00Z"},"timestamp":"2026-01-15T10:31:00"}"#;

fn main() {
    divan::main();
}

fn secrets() -> Secrets {
    let mut secrets = Secrets::default();
    secrets.add("nyne_live_a17f0000000000000000000000003c9b".into());
    secrets.add("nyne_sec_0123456789abcdef0123456789abcdef".into());
    secrets
}

/// Reads an answer and gives what it says to `then`.
fn answered<T>(status: u16, body: &str, expected: Expected, secrets: &Secrets, then: impl FnOnce(&Reply) -> T) -> T {
    let text = readable(body);
    let answer = Answer { status, json: text.as_deref().and_then(Json::parse), body };
    then(&Reply::read(&answer, expected, secrets))
}

/// A call of a client of its own, in virtual time.
struct Driven {
    lookup: Lookup,
    now: f64,
    pause: f64,
    learning: Learning,
}

impl Driven {
    fn new() -> Driven {
        let lookup = Lookup::new(Operation::Find, Plan::default(), 0.0);
        Driven { lookup, now: 0.0, pause: 0.0, learning: Learning::default() }
    }

    /// One that waits for its first poll.
    fn waiting() -> Driven {
        let secrets = secrets();
        let mut driven = Driven::new();
        driven.on(Event::Start { age: None });
        answered(202, QUEUED, Expected::Submit, &secrets, |reply| driven.on(Event::Reply { reply, wait: None }));
        driven.now = driven.lookup.due();
        driven
    }

    fn on(&mut self, event: Event) -> Step {
        let Driven { lookup, now, pause, learning } = self;
        lookup.on(event, &mut Moment { now: *now, random: 0.5, pause, learning })
    }
}

#[divan::bench]
fn write_a_query() -> Result<String, String> {
    let mut query = Query::default();
    query.set("email", Some(black_box("ada@example.com").to_owned()))?;
    query.body()
}

#[divan::bench(args = ["running", "done"])]
fn read_an_answer(bencher: Bencher, which: &str) {
    let body = if which == "running" { RUNNING } else { DONE };
    let secrets = secrets();
    bencher.bench_local(|| {
        answered(200, black_box(body), Expected::Status(ID), &secrets, |reply| matches!(reply, Reply::Job(_)))
    });
}

/// A timer fired, and the next poll is due.
#[divan::bench]
fn decide_on_a_tick(bencher: Bencher) {
    bencher.with_inputs(Driven::waiting).bench_local_refs(|driven| driven.on(black_box(Event::Tick)));
}

/// A poll was answered, and the job runs on.
#[divan::bench]
fn decide_on_a_reply(bencher: Bencher) {
    let secrets = secrets();
    answered(200, RUNNING, Expected::Status(ID), &secrets, |reply| {
        let polling = || {
            let mut driven = Driven::waiting();
            driven.on(Event::Tick);
            driven
        };
        bencher
            .with_inputs(polling)
            .bench_local_refs(|driven| driven.on(black_box(Event::Reply { reply, wait: None })));
    });
}

/// What the host does before and after each decision.
#[divan::bench]
fn restore_and_save(bencher: Bencher) {
    let state = Driven::waiting().lookup.save();
    bencher.bench_local(|| Lookup::restore(black_box(state)).save());
}

/// One submit and four polls: five answers read, ten decisions, and the state put away and taken up for each.
#[divan::bench]
fn a_lookup(bencher: Bencher) {
    let secrets = secrets();
    bencher.bench_local(|| {
        let mut driven = Driven::new();
        driven.on(Event::Start { age: None });
        for poll in 0..=4 {
            let (status, body, expected) = match poll {
                0 => (202, QUEUED, Expected::Submit),
                4 => (200, DONE, Expected::Status(ID)),
                _ => (200, RUNNING, Expected::Status(ID)),
            };
            driven.lookup = Lookup::restore(driven.lookup.save());
            let step = answered(status, black_box(body), expected, &secrets, |reply| {
                driven.on(Event::Reply { reply, wait: None })
            });
            if let Action::Settle(result) = step.action {
                return result.is_ok();
            }
            driven.now = driven.lookup.due();
            driven.lookup = Lookup::restore(driven.lookup.save());
            driven.on(Event::Tick);
        }
        false
    });
}
