//! Events in any order that a host can send them in: the rules hold whatever the server says.

use nyne_phone_finder::lookup::{Event, Operation};
use nyne_phone_finder::protocol::{Defect, Expected, Failure, Reply};

use super::chance::Chance;
use super::http::Http;
use super::plan::plan;
use super::rules::{Exchange, Shared, Watched};

/// The most events in a storm, and how many still come when it is over.
const EVENTS: usize = 200;
const LATE_EVENTS: usize = 3;

pub fn run(mut chance: Chance) {
    let operation = chance.pick(&[Operation::Find, Operation::Poll, Operation::Submit, Operation::Check]);
    let mut now = chance.pick(&[0.0, 0.1, 1e9]);
    let asks = matches!(operation, Operation::Poll | Operation::Check);
    let mut watched = Watched::new(operation, plan(&mut chance), asks.then(|| "a1".into()), now);
    let mut shared = Shared::default();
    if chance.likely(0.2) {
        shared.budget.pause = now + chance.magnitude(1.0, 1e7);
    }
    for _ in 0..chance.below(9) {
        shared.learning.remember(chance.magnitude(0.1, 1e7), chance.magnitude(0.1, 1e7));
    }
    let age = chance.pick(&[None, Some(0.0), Some(-1e6), Some(1.5), Some(1e6)]);
    let mut event = Event::Start { age: age.filter(|_| asks) };
    let mut late = 0;
    for _ in 0..EVENTS {
        watched.on(event, now, chance.fraction(), &mut shared);
        late += usize::from(watched.settled);
        if !chance.is_left() || late > LATE_EVENTS {
            return;
        }
        now += match chance.below(4) {
            0 if watched.due().is_finite() => (watched.due() - now).max(0.0),
            1 => 0.0,
            2 => chance.magnitude(0.1, 1e3),
            _ => chance.magnitude(1e3, 1e6),
        };
        event = match chance.below(32) {
            // After the end a timer may still fire, and nothing else comes.
            _ if watched.settled => Event::Tick,
            0 => Event::Stop(chance.pick(&[Failure::Aborted, Failure::SignalTimeout, Failure::Host("trap".into())])),
            1..12 => Event::Tick,
            // The rest is about a request under way.
            _ if watched.in_flight.is_none() => Event::Tick,
            12..14 => Event::Broken(Failure::Network("reset".into())),
            14 => Event::Broken(Failure::NotSent("refused".into())),
            15 => Event::Broken(Failure::Host("fetch is missing".into())),
            16 => {
                let reply = Reply::Unreadable { status: 0, defect: Defect::NotAResponse("status is missing") };
                Event::Reply { reply, wait: None }
            }
            _ => {
                let submits = watched.in_flight == Some(Exchange::Submit);
                let expected = if submits { Expected::Submit } else { Expected::Status };
                let reply = answer(&mut chance).read(expected, watched.id.as_deref());
                let wait = chance.likely(0.3).then(|| chance.magnitude(1.0, 1e7).floor() - 1.0);
                Event::Reply { reply, wait }
            }
        };
    }
}

fn answer(chance: &mut Chance) -> Http {
    let body = chance.pick(&[
        r#"{"data":{"request_id":"a1","status":"queued"}}"#,
        r#"{"data":{"request_id":"a1","status":"processing"}}"#,
        r#"{"request_id":"a1","status":"completed","result":{"mobile":"+1"}}"#,
        r#"{"request_id":"a1","status":"failed","error":"no"}"#,
        r#"{"request_id":"b2","status":"completed"}"#,
        r#"{"request_id":"a1","data":{"status":" FAILED"}}"#,
        r#"{"data":{"request_id":17,"status":"queued","completed":true,"result":{"mobile":["+1"]}}}"#,
        r#"{"request_id":"a1","status":"Completed","result":{"mobile":{}}}"#,
        r#"{"success":false,"error":{"code":"rate_limit_exceeded"}}"#,
        r#"{"success":false,"error":"service_unavailable"}"#,
        r#"{"error":{"code":"insufficient_credits","message":"none left"}}"#,
        r#"{"error":{"code":"request_not_found"}}"#,
        r#"{"error":{"code":"new_code"}}"#,
        r#"{"message":"no code"}"#,
        "<html>",
        "",
    ]);
    let status =
        chance.pick(&[200, 200, 202, 202, 429, 503, 500, 502, 400, 401, 402, 404, 408, 425, 302, 0, 99, 65_535]);
    Http::new(status, body.into())
}
