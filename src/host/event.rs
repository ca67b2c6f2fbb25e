//! What happens to a call, handed to its state machine, and what that answers, done.

use js_sys::{Array, Date, Function, JSON, Math, Reflect, global};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, RequestInit, RequestRedirect};

use super::Task;
use super::body::{self, Carrier, header};
use super::call::{self, Call};
use super::options::Options;
use super::{arguments, values};
use crate::lookup::{Action, Event, Failure, Lookup, Moment, Operation, Outcome, Plan};
use crate::protocol::{
    Answer, Error, Expected, Json, Query, Reply, Secrets, Submitted, WaitHeaders, readable, request_id_query,
    valid_request_id,
};

/// The module broke while it handled an event of this call. The value is what was thrown.
pub const FAULT: u32 = 0;
/// The call begins. The value holds the task, its input, the options and the client.
pub const START: u32 = 1;
/// The caller's signal fired.
const ABORT: u32 = 2;
/// The timer fired.
const TICK: u32 = 3;
/// `fetch` gave a response, or failed (the token after it).
const RESPONSE: u32 = 4;
const NO_RESPONSE: u32 = 5;
/// A body was read, or broke off (the token after it).
const BODY: u32 = 6;
const NO_BODY: u32 = 7;
/// How many kinds there are. A token is the call's turn times this, plus the kind.
const KINDS: u32 = 8;

/// The longest time a host's timer can hold, in ms. A longer wait takes several.
const LONGEST_TIMER: f64 = 2_147_483_647.0;
/// How long the sender of a callback may take for its body, in ms.
const CALLBACK_LIMIT: u32 = 15_000;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn now() -> f64;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn console_error(text: &str, value: &JsValue);
}

/// Breaks the module, where a test asks for it.
#[cfg(feature = "trap")]
fn trap() {
    if Reflect::get(&global(), &"nynePhoneFinderTrap".into()).is_ok_and(|flag| flag.is_truthy()) {
        #[cfg(target_arch = "wasm32")]
        core::arch::wasm32::unreachable();
    }
}

/// Takes an event of a call. One that belongs to an earlier turn comes too late and changes nothing.
pub fn handle(call: Call, token: u32, value: JsValue) {
    let (turn, kind) = (token / KINDS, token % KINDS);
    #[cfg(feature = "trap")]
    if kind != FAULT {
        trap();
    }
    match kind {
        FAULT => fault(&call, &value),
        START => start(&call, &value.unchecked_into()),
        ABORT => {
            let reason = call.signal().map(|signal| signal.reason()).unwrap_or_default();
            advance(&call, Event::Abort, None, &reason);
        }
        _ if turn != call.turn() => {}
        TICK => advance(&call, Event::Tick, None, &JsValue::UNDEFINED),
        RESPONSE => response(&call, value),
        NO_RESPONSE | NO_BODY => broken(&call, &value),
        _ => body(&call, &value),
    }
}

fn fault(call: &Call, thrown: &JsValue) {
    if call.lookup().is_none() {
        call.set_lookup(&Lookup::new(Operation::Find, Plan::default(), now()));
    }
    let (_, cause) = values::network_failure(thrown, &secrets(call));
    advance(call, Event::Fault, None, &cause);
}

/// Ends a call before it has begun.
fn reject(call: &Call, error: &Error) {
    call.reject(&values::error(error, call.id().as_deref(), &JsValue::UNDEFINED));
}

fn start(call: &Call, begin: &Array) {
    let Some(task) = Task::from_number(begin.get(0).as_f64().unwrap_or_default()) else { return };
    let submitted = if matches!(task, Task::Poll | Task::Check) { Submitted::Yes } else { Submitted::No };
    if let Err(what) = prepare(call, task, begin) {
        reject(call, &Error::new("invalid_argument", what, submitted));
    }
}

/// Reads the arguments and sets off.
fn prepare(call: &Call, task: Task, begin: &Array) -> Result<(), String> {
    let input = begin.get(1);
    let mut age = None;
    match task {
        Task::Find | Task::Submit => {
            let mut query = Query::default();
            for (name, value) in arguments::entries(&input, "query")? {
                query.set(&name, value.as_string())?;
            }
            call.set_body(&query.body()?);
        }
        Task::Poll | Task::Check => age = known_request(call, &input)?,
        Task::Parse => return callback(call, &input),
        Task::Confirm => {}
    }

    let client = begin.get(3);
    let member = |name: &str| {
        client.is_object().then(|| Reflect::get(&client, &JsValue::from_str(name)).ok()).flatten().unwrap_or_default()
    };
    let mut options = Options::default();
    options.read(&member("defaults"), None)?;
    options.read(&begin.get(2), Some(task))?;
    call.set_shared(&member("shared"));
    call.set_url(&options.url()?);
    call.set_fetch_function(&options.fetch()?);
    let headers = options.headers();
    if matches!(task, Task::Find | Task::Submit) {
        let _ = Reflect::set(&headers, &"Content-Type".into(), &"application/json".into());
    }
    call.set_headers(&headers);
    call.set_key(options.api_key.as_deref());
    call.set_secret(options.api_secret.as_deref());
    call.set_onstatus(options.on_status.as_ref());
    call.set_signal(options.signal.as_ref());

    let operation = match task {
        Task::Find => Operation::Find,
        Task::Poll => Operation::Poll,
        Task::Submit => Operation::Submit,
        _ => Operation::Check,
    };
    let mut plan = options.plan;
    if operation == Operation::Check {
        plan.timeout = f64::INFINITY;
    }
    call.set_lookup(&Lookup::new(operation, plan, now()));
    if let Some(signal) = &options.signal {
        if signal.aborted() {
            advance(call, Event::Abort, None, &signal.reason());
            return Ok(());
        }
        let listener = call::listener(call, ABORT);
        call.set_onabort(Some(&listener));
        let _ = signal.add_event_listener_with_callback("abort", &listener);
    }
    if task == Task::Confirm {
        return callback(call, &input);
    }
    advance(call, Event::Start { age }, None, &JsValue::UNDEFINED);
    Ok(())
}

/// Reads what `pollResult` and `checkStatus` are given: an id, or what `submitPhone` gave. Returns the job's age in ms.
fn known_request(call: &Call, input: &JsValue) -> Result<Option<f64>, String> {
    let field = |name: &str| Reflect::get(input, &JsValue::from_str(name)).unwrap_or_default();
    let (id, submitted_at) = if input.is_object() {
        (field("requestId"), field("submittedAt"))
    } else {
        (input.clone(), JsValue::UNDEFINED)
    };
    match id.as_string().filter(|id| valid_request_id(id)) {
        Some(id) => call.set_id(&id),
        None => return Err(
            "request must be a request id, or the PhoneRequest that submitPhone gave: its requestId is no usable text."
                .into(),
        ),
    }
    if submitted_at.is_undefined() {
        return Ok(None);
    }
    let time = submitted_at.as_string().map_or(f64::NAN, |text| Date::parse(&text));
    if time.is_nan() {
        return Err("request.submittedAt must be a date and time as submitPhone gave it (ISO 8601).".into());
    }
    Ok(Some(Date::now() - time))
}

/// Gets at the text of a callback.
fn callback(call: &Call, input: &JsValue) -> Result<(), String> {
    let token = call.turn() * KINDS + BODY;
    if input.is_string() {
        body(call, input);
        return Ok(());
    }
    if !input.is_object() {
        return Err("the callback must be a Request, the body's text, or the object parsed from it.".into());
    }
    if Reflect::get(input, &"text".into()).is_ok_and(|text| text.is_function()) {
        if let Err(thrown) = body::read(call, input.unchecked_ref(), token, Some(CALLBACK_LIMIT)) {
            broken(call, &thrown);
        }
        return Ok(());
    }
    match JSON::stringify(input) {
        Ok(text) => body(call, &text.into()),
        Err(_) => return Err("the callback's object cannot be written as JSON.".into()),
    }
    Ok(())
}

fn secrets(call: &Call) -> Secrets {
    let mut secrets = Secrets::default();
    for secret in [call.key(), call.secret()].into_iter().flatten() {
        secrets.add(secret);
    }
    secrets
}

fn response(call: &Call, response: JsValue) {
    let carrier: &Carrier = response.unchecked_ref();
    if !response.is_object() || carrier.status().ok().and_then(|status| status.as_f64()).is_none() {
        call.set_controller(None);
        return unreadable(call, "fetch did not give a Response".into());
    }
    call.set_response(&response);
    if let Err(thrown) = body::read(call, carrier, call.turn() * KINDS + BODY, None) {
        broken(call, &thrown);
    }
}

/// An exchange, or the reading of a callback, broke off.
fn broken(call: &Call, thrown: &JsValue) {
    let (what, cause) = values::network_failure(thrown, &secrets(call));
    if call.id().is_none() && !call.lookup().is_some_and(|lookup| lookup.submitting()) {
        let error = Error::new(
            "invalid_response",
            ["The callback's body could not be read: ", &what, "."].concat(),
            Submitted::No,
        );
        return settle(call, Err(values::error(&error, None, &cause)));
    }
    call.set_controller(None);
    advance(call, Event::Failed(Failure::Network(what)), None, &cause);
}

fn unreadable(call: &Call, what: String) {
    advance(call, Event::Failed(Failure::Unreadable(what)), None, &JsValue::UNDEFINED);
}

/// A body is there: of an answer, or of a callback.
fn body(call: &Call, value: &JsValue) {
    let text = value.as_string();
    let response = call.response();
    let carrier = response.is_object().then(|| response.unchecked_ref::<Carrier>());
    if carrier.is_some() && text.is_some() {
        // The exchange is complete: there is nothing to cancel.
        call.set_controller(None);
    }
    call.set_reader(&JsValue::UNDEFINED);
    call.set_response(&JsValue::UNDEFINED);

    let text = text.filter(|text| text.len() <= crate::protocol::MAX_BODY);
    let status = carrier.and_then(|carrier| carrier.status().ok()?.as_f64()).unwrap_or(200.0) as u16;
    let id = call.id();
    let submitting = call.lookup().is_some_and(|lookup| lookup.submitting());
    let expected = match &id {
        _ if carrier.is_none() => Expected::Callback,
        Some(id) if !submitting => Expected::Status(id),
        _ => Expected::Submit,
    };
    let readable = text.as_deref().and_then(readable);
    let json = readable.as_deref().and_then(Json::parse);
    let reply = match &text {
        None => Reply::Unreadable("the body is larger than 1 MiB".into()),
        Some(body) => Reply::read(&Answer { status, json, body }, expected, &secrets(call)),
    };
    let Some(carrier) = carrier else {
        return called_back(call, &reply);
    };
    if let (Expected::Submit, Reply::Job(job)) = (expected, &reply)
        && let Some(id) = &job.request_id
    {
        call.set_id(id);
    }
    advance(call, Event::Reply { reply: &reply, wait: wait(carrier, status) }, Some(&reply), &JsValue::UNDEFINED);
}

/// How long the answer asks to stay away.
fn wait(carrier: &Carrier, status: u16) -> Option<f64> {
    let retry_after = header(carrier, "retry-after");
    let limited = status == 429 || status == 503;
    if retry_after.is_none() && !limited {
        return None;
    }
    let (date, reset, x_reset) =
        (header(carrier, "date"), header(carrier, "ratelimit-reset"), header(carrier, "x-ratelimit-reset"));
    let headers = WaitHeaders {
        retry_after: retry_after.as_deref(),
        rate_limit_reset: reset.as_deref().filter(|_| limited),
        x_rate_limit_reset: x_reset.as_deref().filter(|_| limited),
        date: date.as_deref(),
    };
    headers.wait(Date::now())
}

/// A callback was read: that was all, or now its job is asked for.
fn called_back(call: &Call, reply: &Reply) {
    let (job, id) = match reply {
        Reply::Job(job) => (job, job.request_id.as_deref().unwrap_or_default()),
        Reply::Error(error) => return no_callback(call, &["it tells an error: ", &error.code].concat()),
        Reply::Unreadable(what) => return no_callback(call, what),
    };
    if call.lookup().is_none() {
        let poll_after = Plan::default().schedule.first_delay;
        return settle(call, Ok(values::status(job, id, poll_after)));
    }
    call.set_id(id);
    advance(call, Event::Start { age: None }, None, &JsValue::UNDEFINED);
}

fn no_callback(call: &Call, what: &str) {
    let error = Error::new("invalid_response", ["The callback cannot be used: ", what, "."].concat(), Submitted::No);
    settle(call, Err(values::error(&error, None, &JsValue::UNDEFINED)));
}

/// Gives the machine an event and does what it says. `cause` is for an error that comes of it.
fn advance(call: &Call, event: Event, reply: Option<&Reply>, cause: &JsValue) {
    let Some(mut lookup) = call.lookup() else { return };
    let now = now();
    let before = call.load_shared();
    let mut shared = before;
    let mut moment = Moment { now, random: Math::random(), pause: &mut shared.pause, learning: &mut shared.learning };
    let step = lookup.on(event, &mut moment);
    if let Action::Ignore = step.action {
        return;
    }
    if shared != before {
        call.save_shared(&shared);
    }

    let turn = (call.turn() + 1) % (u32::MAX / KINDS);
    stop(call);
    // The timer first: if the host has none, nothing has been sent yet, and the state says so.
    if lookup.due().is_finite() && !matches!(step.action, Action::Settle(_)) {
        let ms = (lookup.due() - now).ceil().clamp(0.0, LONGEST_TIMER);
        call.set_timer(&call::tick(call, turn * KINDS + TICK, ms));
    }
    call.set_turn(turn);
    call.set_lookup(&lookup);

    // Below, the caller's own code runs: it may come back in with an abort. The state is saved, so nothing is in its way.
    if let (Some(update), Some(Reply::Job(job)), Some(listener)) = (step.update, reply, call.onstatus()) {
        let update = values::update(&call.id().unwrap_or_default(), &job.status, &update);
        if let Err(thrown) = listener.call1(&JsValue::UNDEFINED, &update) {
            console_error("nyne-phone-finder: onStatus threw; the lookup goes on.", &thrown);
        }
    }
    match step.action {
        Action::Submit => send(call, turn, "POST"),
        Action::Poll => send(call, turn, "GET"),
        Action::Wait | Action::Ignore => {}
        Action::Settle(result) => {
            let id = call.id();
            let result = match (result, reply) {
                (Ok(Outcome::Job { poll_after }), Some(Reply::Job(job))) => {
                    Ok(values::status(job, id.as_deref().unwrap_or_default(), poll_after))
                }
                (Ok(_), _) => Ok(values::request(id.as_deref().unwrap_or_default())),
                (Err(error), _) => Err(values::error(&error, id.as_deref(), cause)),
            };
            settle(call, result);
        }
    }
}

/// Leaves nothing of what was under way: no timer, no request.
fn stop(call: &Call) {
    let timer = call.timer();
    if !timer.is_undefined() {
        clear_timeout(&timer);
        call.set_timer(&JsValue::UNDEFINED);
    }
    if let Some(controller) = call.controller() {
        call.set_controller(None);
        controller.abort();
    }
    let reader = call.reader();
    if !reader.is_undefined() {
        call.set_reader(&JsValue::UNDEFINED);
        call::cancel(&reader);
    }
}

fn settle(call: &Call, result: Result<JsValue, JsValue>) {
    if let (Some(signal), Some(listener)) = (call.signal(), call.onabort()) {
        let _ = signal.remove_event_listener_with_callback("abort", &listener);
        call.set_onabort(None);
    }
    match result {
        Ok(value) => call.resolve(&value),
        Err(error) => call.reject(&error),
    }
}

/// Begins an exchange.
fn send(call: &Call, turn: u32, method: &str) {
    let init = RequestInit::new();
    init.set_method(method);
    init.set_headers(&call.headers());
    init.set_redirect(RequestRedirect::Manual);
    let mut url = call.url();
    if method == "POST" {
        init.set_body(&call.body());
    } else {
        url.push_str(&request_id_query(&call.id().unwrap_or_default()));
    }
    match AbortController::new() {
        Ok(controller) => {
            init.set_signal(Some(&controller.signal()));
            call.set_controller(Some(&controller));
        }
        // Without it a request cannot be cancelled, and is left to itself.
        Err(_) => call.set_controller(None),
    }
    let token = turn * KINDS + RESPONSE;
    let fetch: Function = call.fetch_function();
    // A browser's fetch insists on being called on its global.
    match fetch.call2(&global(), &JsValue::from_str(&url), &init) {
        Ok(promise) => call::follow(call, &promise, token),
        Err(thrown) => call::enter(call, token + 1, &thrown),
    }
}
