//! Costs of the pure core, compiled natively: time and allocations of reading a reply, of one decision, and of a whole
//! lookup. Compiled with the profile of the package. The host parses JSON; here serde_json's values stand in for the host's.
//! They are parsed before the time is taken, but looking into one copies it, which the host does not do.

#![allow(clippy::expect_used, reason = "a benchmark may fail")]

use divan::{AllocProfiler, Bencher, black_box};
use nyne_phone_finder::lookup::{Action, Budget, Event, Learning, Lookup, Moment, Operation, Plan, Step};
use nyne_phone_finder::protocol::WaitHeaders;
use nyne_phone_finder::protocol::{Body, Error, Expected, Failure, Peer, Query, Reading, Reply, Secrets, Submitted};
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

/// Reads the reply to a submit.
fn submitted(json: Value) -> Reply<Value> {
    let reading = Reading { expected: Expected::Submit, id: None, secrets: &Secrets::default() };
    Reply::read(202, Body::Json(json), &reading)
}

/// Reads the reply to a poll.
fn polled(json: Value) -> Reply<Value> {
    let reading = Reading { expected: Expected::Status, id: Some(ID), secrets: &Secrets::default() };
    Reply::read(200, Body::Json(json), &reading)
}

/// A call of a client of its own, in virtual time.
struct Driven {
    lookup: Lookup,
    now: f64,
    budget: Budget,
    learning: Learning,
}

impl Driven {
    fn new() -> Driven {
        let lookup = Lookup::new(Operation::Find, Plan::default(), None, 0.0);
        Driven { lookup, now: 0.0, budget: Budget::default(), learning: Learning::default() }
    }

    /// One that waits for its first poll.
    fn waiting() -> Driven {
        let mut driven = Driven::new();
        driven.on(Event::Start { age: None });
        driven.on(Event::Reply { reply: submitted(parsed(QUEUED)), wait: None });
        driven.now = driven.lookup.due();
        driven
    }

    fn on(&mut self, event: Event<Value>) -> Step<Value> {
        let Driven { lookup, now, budget, learning } = self;
        lookup.on(event, &mut Moment { now: *now, random: 0.5, budget, learning })
    }
}

#[divan::bench(args = ["running", "done"])]
fn read_a_reply(bencher: Bencher, which: &str) {
    let json = parsed(if which == "running" { RUNNING } else { DONE });
    bencher.with_inputs(|| json.clone()).bench_local_values(|json| polled(black_box(json)));
}

#[divan::bench(args = ["7", "Sun, 06 Nov 1994 08:49:47 GMT"])]
fn read_retry_after(bencher: Bencher, retry_after: &str) {
    let headers = WaitHeaders { retry_after: Some(retry_after), ..WaitHeaders::default() };
    bencher.bench_local(|| black_box(headers).wait(429, 784_111_777_000.0));
}

#[divan::bench]
fn check_a_query(bencher: Bencher) {
    bencher.bench_local(|| {
        let mut query = Query::default();
        for (name, value) in [("name", "Ada Example"), ("company", "Example"), ("email", "ada@example.com")] {
            query.set(black_box(name), value.into()).expect("a known field");
        }
        query.fields().map(|fields| fields.len())
    });
}

#[divan::bench]
fn write_a_message(bencher: Bencher) {
    let error = Error::new(Failure::Timeout(300_000.0), Submitted::Yes);
    let error = Error { request_id: Some(ID.into()), ..error };
    bencher.bench_local(|| black_box(&error).message(Peer::Nyne));
}

/// A timer fired, and the next poll is due.
#[divan::bench]
fn decide_on_a_tick(bencher: Bencher) {
    bencher.with_inputs(Driven::waiting).bench_local_refs(|driven| driven.on(black_box(Event::Tick)));
}

/// A poll was answered, and the job is still running.
#[divan::bench]
fn decide_on_a_reply(bencher: Bencher) {
    let reply = polled(parsed(RUNNING));
    let polling = || {
        let mut driven = Driven::waiting();
        driven.on(Event::Tick);
        (driven, Event::Reply { reply: reply.clone(), wait: None })
    };
    bencher.with_inputs(polling).bench_local_values(|(mut driven, event)| driven.on(black_box(event)));
}

/// One submit and four polls: five replies read and ten decisions.
#[divan::bench]
fn a_lookup(bencher: Bencher) {
    let bodies = [QUEUED, RUNNING, RUNNING, RUNNING, DONE].map(parsed);
    bencher.with_inputs(|| bodies.clone()).bench_local_values(|bodies| {
        let mut driven = Driven::new();
        driven.on(Event::Start { age: None });
        for (poll, body) in bodies.into_iter().enumerate() {
            let reply = if poll == 0 { submitted(black_box(body)) } else { polled(black_box(body)) };
            let step = driven.on(Event::Reply { reply, wait: None });
            if let Action::Settle(result) = step.action {
                return result.is_ok();
            }
            driven.now = driven.lookup.due();
            driven.on(Event::Tick);
        }
        false
    });
}
