//! What happens to a call, handed to its state machine, and what that answers, done.

use js_sys::{Date, Math};
use wasm_bindgen::prelude::*;

use super::call::{self, Call};
use super::json::Json;
use super::{Task, values};
use crate::lookup::{Action, Event, Lookup, Moment, Operation, Outcome, Plan};
use crate::protocol::{Body, Code, Error, Expected, Member, Reply, Submitted, Told, Value, What, is_limited};

/// The call begins. The number is its task.
const START: u32 = 0;
/// The caller's signal fired.
const ABORT: u32 = 1;
/// The timer fired.
const TICK: u32 = 2;
/// A body was read: of an answer, or of a callback. The number is 0 for a JSON object, the value; 1 for other JSON, 2 for
/// anything else, 3 for nothing at all.
const BODY: u32 = 3;
/// What came is nothing that can be read. The value says why, in words.
const UNREADABLE: u32 = 4;
/// An exchange, or the reading of a callback, broke off. The value is what was thrown, in words.
const BROKEN: u32 = 5;
// What is left is 6: the module broke while it handled an event of this call.

/// The longest time a host's timer can hold, in ms. A longer wait takes several.
const LONGEST_TIMER: f64 = 2_147_483_647.0;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn now() -> f64;
}

/// Breaks the module, where a test asks for it.
#[cfg(feature = "trap")]
fn trap() {
    if js_sys::Reflect::get(&js_sys::global(), &"nynePhoneFinderTrap".into()).is_ok_and(|flag| flag.is_truthy()) {
        #[cfg(target_arch = "wasm32")]
        core::arch::wasm32::unreachable();
    }
}

/// Takes an event of a call.
pub fn handle(call: &Call, kind: u32, number: u32, value: JsValue) {
    #[cfg(feature = "trap")]
    if kind <= BROKEN {
        trap();
    }
    let said = |value| Told { job: None, text: Some(Json { call, value }), code: None };
    match kind {
        START => start(call, number),
        ABORT => advance(call, Event::Abort, None),
        TICK => advance(call, Event::Tick, None),
        BODY => read(call, number, value),
        UNREADABLE => answered(call, Reply::Unreadable(What::Unreadable), said(value)),
        BROKEN => broken(call, said(value)),
        _ => fault(call),
    }
}

fn start(call: &Call, task: u32) {
    let Some(task) = Task::from_number(task) else { return };
    let operation = match task {
        Task::Find => Operation::Find,
        Task::Poll => Operation::Poll,
        Task::Submit => Operation::Submit,
        _ => Operation::Check,
    };
    let (mut plan, age) = call.plan();
    // What waits for no job has no use for a limit of those that do, which may be a client's.
    match operation {
        Operation::Check => plan.timeout = f64::INFINITY,
        Operation::Submit => plan.timeout = Plan::default().timeout,
        _ => {}
    }
    let (_, shared) = call.load();
    call.save(&Lookup::new(operation, plan, now()), &shared);
    if call::listen(call) {
        advance(call, Event::Abort, None);
    } else if task != Task::Confirm {
        advance(call, Event::Start { age }, None);
    }
}

fn fault(call: &Call) {
    // The state may be missing, or older than the id: the module broke before it could save it.
    let (lookup, shared) = call.load();
    let knows_id = call::knows_id(call);
    if knows_id || lookup.is_none() {
        let operation = if knows_id { Operation::Poll } else { Operation::Find };
        call.save(&Lookup::new(operation, Plan::default(), now()), &shared);
    }
    advance(call, Event::Fault, None);
}

fn broken(call: &Call, told: Told<Json>) {
    if let (Some(lookup), _) = call.load()
        && lookup.exchanging()
    {
        return advance(call, Event::Broken, Some(told));
    }
    no_callback(call, What::CallbackBroke, Code::InvalidResponse, told);
}

fn read(call: &Call, kind: u32, value: JsValue) {
    let body = match kind {
        0 => Body::Object(Json { call, value }),
        1 => Body::Json,
        2 => Body::Text,
        _ => Body::Empty,
    };
    let (expected, status) = if !call::answered(call) {
        (Expected::Callback, 200)
    } else if call::knows_id(call) {
        (Expected::Status, call.response().status())
    } else {
        (Expected::Submit, call.response().status())
    };
    let (reply, told) = Reply::read(status, body, expected);
    if let (Reply::Job(_), Some(job)) = (reply, &told.job)
        && expected != Expected::Status
    {
        call::ask_for(call, &job.get(Member::RequestId).value);
    }
    answered(call, reply, told);
}

/// An answer was read, or a callback: then that was all, or now its job is asked for.
fn answered(call: &Call, reply: Reply, told: Told<Json>) {
    if call::answered(call) {
        let status = call.response().status();
        let asks = is_limited(status) || call::asks_to_wait(call);
        let wait = if asks { call.wait_headers().wait(status, Date::now()) } else { None };
        return advance(call, Event::Reply { reply, wait }, Some(told));
    }
    match reply {
        Reply::Job(state) => {
            if let (Some(_), _) = call.load() {
                return advance(call, Event::Start { age: None }, None);
            }
            call::stop(call);
            values::status(call, state, Plan::default().schedule.first_delay, told);
        }
        Reply::Error(error) => no_callback(call, What::CallbackTellsError, error.code, told),
        Reply::Unreadable(what) => no_callback(call, what, Code::InvalidResponse, told),
    }
}

fn no_callback(call: &Call, what: What, named: Code, told: Told<Json>) {
    call::stop(call);
    values::error(call, &Error { named, ..Error::new(Code::InvalidResponse, what, Submitted::No) }, told);
}

/// Gives the machine an event and does what it says. `told` is what the event is about.
fn advance(call: &Call, event: Event, told: Option<Told<Json>>) {
    let (Some(mut lookup), mut shared) = call.load() else { return };
    let now = now();
    let mut moment = Moment { now, random: Math::random(), pause: &mut shared.pause, learning: &mut shared.learning };
    let step = lookup.on(event, &mut moment);
    let ms = match step.action {
        Action::Ignore => return,
        Action::Settle(_) => -1.0,
        _ if lookup.due().is_infinite() => -1.0,
        _ => (lookup.due() - now).ceil().clamp(0.0, LONGEST_TIMER),
    };
    if let (Action::Wait, true) = (step.action, lookup.exchanging()) {
        return call::again(call, ms);
    }
    call.next(&lookup, &shared, ms);

    // Below, the caller's own code runs: it may come back in with an abort. The state is saved, so nothing is in its way.
    let told = told.unwrap_or(Told { job: None, text: None, code: None });
    if let (Some(update), Event::Reply { reply: Reply::Job(state), .. }, Some(job)) = (step.update, event, &told.job)
        && call::listening(call)
    {
        let status = job.get(Member::Status).value;
        let next_poll_in = update.next_poll_in.unwrap_or(-1.0);
        call::tell(call, state as i32, &status, update.polls, update.elapsed, next_poll_in);
    }
    match step.action {
        Action::Submit | Action::Poll => call::send(call),
        Action::Wait | Action::Ignore => {}
        Action::Settle(Ok(Outcome::Request)) => call::resolve_request(call),
        Action::Settle(Ok(Outcome::Job { state, poll_after })) => values::status(call, state, poll_after, told),
        Action::Settle(Err(error)) => values::error(call, &error, told),
    }
}
