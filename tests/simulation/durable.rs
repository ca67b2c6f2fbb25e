//! A lookup on an engine that is interrupted anywhere, and runs each interrupted step again, as they all do.

use std::collections::HashSet;

use nyne_phone_finder::lookup::{
    Action, Budget, Durable, Event, Learning, Lookup, Moment, Operation, Outcome, Plan, Stage,
};
use nyne_phone_finder::protocol::{Body, Error, Expected, Failure, Reading, Reply, Secrets, Submitted};
use serde_json::{Value, json};

use super::chance::Chance;

/// Steps after which the engine is interrupted no more and the service is well.
const TROUBLED: usize = 30;
/// No lookup of these takes more.
const MOST_STEPS: usize = 200;

/// What a lookup ended as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    Completed,
    Failed(Submitted),
}

/// The service, as one lookup meets it.
#[derive(Default)]
struct Service {
    jobs: usize,
    /// The id that a callback would bring.
    lost: Option<String>,
}

/// What comes of a step.
type End = (Result<Outcome<Value>, Box<Error>>, Lookup);

/// Runs one lookup to its end, and checks the promises of `advance` on the way.
pub fn run(mut chance: Chance) -> Ending {
    let mut service = Service::default();
    let mut claims = HashSet::new();
    let mut kept = Durable::default();
    let mut now = 0.0;
    for step in 0.. {
        assert!(step < MOST_STEPS, "it does not end: {kept:?}");
        let troubled = step < TROUBLED;
        let interrupted = troubled && chance.likely(0.2);
        let end = advance(&kept, &mut service, &mut claims, now, troubled, interrupted, &mut chance);
        now += chance.magnitude(1.0, 100_000.0);
        // An interrupted step leaves no trace but its claim and what the service has done.
        let (Some((end, lookup)), false) = (end, interrupted) else { continue };
        assert!(service.jobs <= 1, "{} jobs were made", service.jobs);
        let Some(next) = kept.after(end.as_ref().map_err(|error| &**error), &lookup) else { continue };
        assert!(next.submits >= kept.submits && (kept.id.is_none() || next.id == kept.id), "{kept:?} became {next:?}");
        kept = next;
        match kept.stage {
            Stage::Pending => continue,
            Stage::Completed => {
                assert_eq!(service.jobs, 1, "it completed");
                assert!(kept.is_final());
                return Ending::Completed;
            }
            Stage::Failed(submitted) => {
                assert!(submitted != Submitted::No || service.jobs == 0, "a job was made, and it says that none was");
                if submitted == Submitted::Unknown && kept.id.is_none() {
                    assert!(kept.is_final(), "it would be submitted again");
                    // The callback of the job, if there is one, heals it.
                    match service.lost.clone().filter(|_| chance.likely(0.7)) {
                        Some(id) => kept.id = Some(id),
                        None => return Ending::Failed(submitted),
                    }
                }
                assert!(!kept.is_final());
                if chance.likely(0.3) {
                    return Ending::Failed(submitted);
                }
            }
        }
    }
    unreachable!("the steps have no end")
}

/// One step; `None` if it was interrupted before there was a reply.
fn advance(
    kept: &Durable,
    service: &mut Service,
    claims: &mut HashSet<String>,
    now: f64,
    troubled: bool,
    interrupted: bool,
    chance: &mut Chance,
) -> Option<End> {
    let (mut budget, mut learning) = (Budget::default(), Learning::default());
    let plan = Plan { claims: true, ..Plan::default() };
    let mut lookup = Lookup::new(Operation::Advance, plan, kept.id.clone(), now).resume(kept.progress.clone());
    let mut on = |lookup: &mut Lookup, event: Event<Value>, random: f64| {
        let moment = &mut Moment { now, random, budget: &mut budget, learning: &mut learning };
        lookup.on(event, moment).action
    };
    let mut event = Event::Start { age: kept.id.as_ref().map(|_| now) };
    let mut requests = 0;
    loop {
        event = match on(&mut lookup, event, chance.fraction()) {
            Action::Claim if interrupted && chance.likely(0.3) => return None,
            Action::Claim => Event::Claimed { was_free: claims.insert(kept.claim("k")) },
            Action::Submit if interrupted && chance.likely(0.3) => return None,
            Action::Submit => submit(service, troubled, chance),
            Action::Poll => poll(kept.id.as_deref().unwrap_or_default(), troubled, chance),
            Action::Wait => panic!("it waits"),
            Action::Settle(end) => return Some((end.map_err(|(error, _)| error), lookup)),
        };
        requests += usize::from(matches!(event, Event::Reply { .. } | Event::Broken(_)));
        assert!(requests <= 1, "it sends a second request");
    }
}

fn submit(service: &mut Service, troubled: bool, chance: &mut Chance) -> Event<Value> {
    let accept = |service: &mut Service| {
        service.jobs += 1;
        let id = format!("job-{}", service.jobs);
        service.lost = Some(id.clone());
        id
    };
    let running = |id: &str| (202, json!({ "request_id": id, "status": "queued" }));
    let (status, body) = match if troubled { chance.below(8) } else { 0 } {
        0..3 => running(&accept(service)),
        3 => (429, json!({ "success": false, "error": { "code": "rate_limit_exceeded" } })),
        4 => (503, json!({ "success": false, "error": { "code": "service_unavailable" } })),
        5 => (402, json!({ "success": false, "error": { "code": "insufficient_credits" } })),
        6 => {
            accept(service);
            return Event::Broken(Failure::Network("reset".into()));
        }
        _ => {
            let made = chance.likely(0.5);
            if made {
                accept(service);
            }
            (502, json!({ "message": "bad gateway" }))
        }
    };
    reply(status, body, Reading { expected: Expected::Submit, id: None, secrets: &Secrets::default() })
}

fn poll(id: &str, troubled: bool, chance: &mut Chance) -> Event<Value> {
    let (status, body) = match if troubled { chance.below(6) } else { 5 } {
        0 | 1 => (200, json!({ "request_id": id, "status": "processing" })),
        2 => (502, json!({ "message": "bad gateway" })),
        3 => return Event::Broken(Failure::RequestTimeout(15_000.0)),
        4 => (429, json!({ "success": false, "error": { "code": "rate_limit_exceeded" } })),
        _ => (200, json!({ "request_id": id, "status": "completed", "result": { "mobile": "+1" } })),
    };
    reply(status, body, Reading { expected: Expected::Status, id: Some(id), secrets: &Secrets::default() })
}

fn reply(status: u16, body: Value, reading: Reading) -> Event<Value> {
    Event::Reply { reply: Reply::read(status, Body::Json(body), &reading), wait: None }
}
