//! What the pure core costs natively: time and allocations of reading an answer, of one decision, and of all of a lookup.
//! Compiled with the profile of the package. The host parses the JSON: here serde_json's values stand in for the host's,
//! and are parsed before the time is taken.

#![allow(clippy::expect_used, reason = "a benchmark may fail")]

use divan::{AllocProfiler, Bencher, black_box};
use nyne_phone_finder::lookup::{Action, Event, Learning, Lookup, Moment, Operation, Plan, Step};
use nyne_phone_finder::protocol::{Body, Expected, Reply};
use serde_json::Value;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const ID: &str = "a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4_1717000000_4271";
const QUEUED: &str = r#"{"success":true,"data":{"request_id":"a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4_1717000000_4271","status":"queued","completed":false},"timestamp":"2026-01-15T10:30:00"}"#;
const RUNNING: &str = r#"{"success":true,"data":{"request_id":"a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4_1717000000_4271","status":"processing","completed":false},"timestamp":"2026-01-15T10:30:00"}"#;
const DONE: &str = r#"{"success":true,"data":{"request_id":"a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4_1717000000_4271","status":"completed","completed":true,"result":{"mobile":"+1-555-123-4567"},"completed_on":"2026-01-15T10:31:00Z"},"timestamp":"2026-01-15T10:31:00"}"#;

fn main() {
    divan::main();
}

/// A body, as the host parses it.
fn parsed(body: &str) -> Value {
    serde_json::from_str(body).expect("a body is JSON")
}

/// Reads the answer to a submit.
fn submitted(json: &Value) -> Reply {
    Reply::read(202, Body::Object((json, None)), Expected::Submit).0
}

/// Reads the answer to a poll.
fn polled(json: &Value) -> Reply {
    Reply::read(200, Body::Object((json, Some(ID))), Expected::Status).0
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
        let mut driven = Driven::new();
        driven.on(Event::Start { age: None });
        driven.on(Event::Reply { reply: submitted(&parsed(QUEUED)), wait: None });
        driven.now = driven.lookup.due();
        driven
    }

    fn on(&mut self, event: Event) -> Step {
        let Driven { lookup, now, pause, learning } = self;
        lookup.on(event, &mut Moment { now: *now, random: 0.5, pause, learning })
    }
}

#[divan::bench(args = ["running", "done"])]
fn read_an_answer(bencher: Bencher, which: &str) {
    let json = parsed(if which == "running" { RUNNING } else { DONE });
    bencher.bench_local(|| polled(black_box(&json)));
}

/// A timer fired, and the next poll is due.
#[divan::bench]
fn decide_on_a_tick(bencher: Bencher) {
    bencher.with_inputs(Driven::waiting).bench_local_refs(|driven| driven.on(black_box(Event::Tick)));
}

/// A poll was answered, and the job runs on.
#[divan::bench]
fn decide_on_a_reply(bencher: Bencher) {
    let reply = polled(&parsed(RUNNING));
    let polling = || {
        let mut driven = Driven::waiting();
        driven.on(Event::Tick);
        driven
    };
    bencher.with_inputs(polling).bench_local_refs(|driven| driven.on(black_box(Event::Reply { reply, wait: None })));
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
    let [queued, running, done] = [QUEUED, RUNNING, DONE].map(parsed);
    bencher.bench_local(|| {
        let mut driven = Driven::new();
        driven.on(Event::Start { age: None });
        for poll in 0..=4 {
            driven.lookup = Lookup::restore(driven.lookup.save());
            let reply = match poll {
                0 => submitted(black_box(&queued)),
                4 => polled(black_box(&done)),
                _ => polled(black_box(&running)),
            };
            let step = driven.on(Event::Reply { reply, wait: None });
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
