//! What happens to a call, handed to its state machine, and what that answers, done.

use js_sys::{Array, Date, JSON, Math, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::Response;

use super::Task;
use super::body;
use super::call::{self, Call, ask_for};
use super::options::Options;
use super::{arguments, values};
use crate::lookup::{Action, Event, Failure, Lookup, Moment, Operation, Outcome, Plan};
use crate::protocol::{
    Answer, Error, Expected, Job, Json, MAX_BODY, Query, Reply, Secrets, Submitted, WaitHeaders, readable, sentence,
    valid_request_id,
};

/// The module broke while it handled an event of this call. The value is what was thrown.
const FAULT: u32 = 0;
/// The call begins. The value holds the task, its input, the options and the client.
pub const START: u32 = 1;
/// The caller's signal fired. The value is its reason.
const ABORT: u32 = 2;
/// The timer fired.
const TICK: u32 = 3;
/// An answer came; its body, the value, is of unknown length.
const STREAM: u32 = 4;
/// A body was read: of an answer, or of a callback. The value is its text, or `null` if it is too large.
pub const BODY: u32 = 5;
/// An exchange, or the reading of a callback, broke off. The value is what was thrown.
pub const BROKEN: u32 = 6;
// What is left is 7: `fetch` gave something that is no response.

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
    if Reflect::get(&js_sys::global(), &"nynePhoneFinderTrap".into()).is_ok_and(|flag| flag.is_truthy()) {
        #[cfg(target_arch = "wasm32")]
        core::arch::wasm32::unreachable();
    }
}

/// Takes an event of a call.
pub fn handle(call: Call, kind: u32, value: JsValue) {
    #[cfg(feature = "trap")]
    if kind != FAULT {
        trap();
    }
    match kind {
        FAULT => fault(&call, &value),
        START => start(&call, &value.unchecked_into()),
        ABORT => advance(&call, Event::Abort, None, &value),
        TICK => advance(&call, Event::Tick, None, &JsValue::UNDEFINED),
        STREAM => {
            if let Err(thrown) = body::read_answer(&call, value.unchecked_ref()) {
                broken(&call, &thrown);
            }
        }
        BODY => body(&call, &value),
        BROKEN => broken(&call, &value),
        _ => {
            let failure = Failure::Unreadable("fetch did not give a Response".into());
            advance(&call, Event::Failed(failure), None, &JsValue::UNDEFINED);
        }
    }
}

fn fault(call: &Call, thrown: &JsValue) {
    // The state may be missing, or older than the id: the module broke before it could save it.
    if call.id().is_some() {
        call.set_lookup(&Lookup::new(Operation::Poll, Plan::default(), now()));
    } else if call.lookup().is_none() {
        call.set_lookup(&Lookup::new(Operation::Find, Plan::default(), now()));
    }
    let (_, cause) = values::network_failure(thrown, &secrets(call));
    advance(call, Event::Fault, None, &cause);
}

/// Ends a call before it has begun.
fn reject(call: &Call, error: &Error) {
    end(call, false, &values::error(error, call.id().as_deref(), &JsValue::UNDEFINED));
}

fn start(call: &Call, begin: &Array) {
    let Some(task) = Task::from_number(begin.get(0).as_f64().unwrap_or_default()) else { return };
    if let Err(what) = prepare(call, task, begin) {
        let submitted = if call.id().is_some() { Submitted::Yes } else { Submitted::No };
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
    call::set_url(call, &options.url()?);
    call.set_fetch(&options.fetch()?);
    call.set_headers(&options.headers());
    call::set_keys(call, &options.api_key, &options.api_secret);
    call.set_onstatus(options.on_status.as_ref());

    let operation = match task {
        Task::Find => Operation::Find,
        Task::Poll => Operation::Poll,
        Task::Submit => Operation::Submit,
        _ => Operation::Check,
    };
    let mut plan = options.plan();
    // These two wait for no job, and a client's limit for those that do is not for them.
    match operation {
        Operation::Check => plan.timeout = f64::INFINITY,
        Operation::Submit => plan.timeout = Plan::default().timeout,
        _ => {}
    }
    call.set_lookup(&Lookup::new(operation, plan, now()));
    if let Some(signal) = &options.signal {
        if signal.aborted() {
            advance(call, Event::Abort, None, &signal.reason());
            return Ok(());
        }
        call::listen(call, signal);
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
        Some(id) => ask_for(call, &id),
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
    if !input.is_object() && !input.is_string() {
        return Err("the callback must be a Request, the body's text, or the object parsed from it.".into());
    }
    let member = |name: &str| Reflect::get(input, &JsValue::from_str(name)).unwrap_or_default();
    if input.is_string() {
        body(call, input);
    } else if member("text").is_function() {
        let stream = member("body");
        let stream = stream.is_object().then(|| stream.unchecked_ref());
        if let Err(thrown) = body::read_callback(call, input, stream) {
            broken(call, &thrown);
        }
    } else {
        match JSON::stringify(input) {
            Ok(text) if text.is_string() => body(call, &text.into()),
            _ => return Err("the callback's object cannot be written as JSON.".into()),
        }
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

fn broken(call: &Call, thrown: &JsValue) {
    let (what, cause) = values::network_failure(thrown, &secrets(call));
    if call.lookup().is_none_or(|lookup| !lookup.exchanging()) {
        let what = sentence(&["The callback's body could not be read: ", &what]);
        return no_callback(call, what, &cause);
    }
    advance(call, Event::Failed(Failure::Network(what)), None, &cause);
}

fn body(call: &Call, value: &JsValue) {
    let text = value.as_string();
    let lookup = call.lookup();
    let id = call.id();
    let answered = call.response().filter(|_| lookup.is_some_and(|lookup| lookup.exchanging()));
    let expected = match (&answered, &id) {
        (None, _) => Expected::Callback,
        (_, Some(id)) => Expected::Status(id),
        (_, None) => Expected::Submit,
    };
    let status = answered.as_ref().map_or(200, Response::status);
    let readable = text.as_deref().and_then(readable);
    let json = readable.as_deref().and_then(Json::parse);
    let reply = match &text {
        Some(body) if body.len() <= MAX_BODY => Reply::read(&Answer { status, json, body }, expected, &secrets(call)),
        None if !value.is_null() => Reply::Unreadable("the body is no text".into()),
        _ => Reply::Unreadable("the body is larger than 1 MiB".into()),
    };
    let Some(answered) = answered else {
        return called_back(call, &reply);
    };
    if let (Expected::Submit, Reply::Job(Job { request_id: Some(id), .. })) = (expected, &reply) {
        ask_for(call, id);
    }
    advance(call, Event::Reply { reply: &reply, wait: wait(call, &answered) }, Some(&reply), &JsValue::UNDEFINED);
}

/// How long the answer asks to stay away.
fn wait(call: &Call, response: &Response) -> Option<f64> {
    let retry_after = call::retry_after(call);
    let limited = matches!(response.status(), 429 | 503);
    if retry_after.is_none() && !limited {
        return None;
    }
    let list = response.headers();
    let header = |name| list.get(name).ok().flatten();
    let (date, reset, x_reset) = (header("date"), header("ratelimit-reset"), header("x-ratelimit-reset"));
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
    let what = match reply {
        Reply::Job(job) => {
            let id = job.request_id.as_deref().unwrap_or_default();
            if call.lookup().is_some() {
                ask_for(call, id);
                return advance(call, Event::Start { age: None }, None, &JsValue::UNDEFINED);
            }
            let poll_after = Plan::default().schedule.first_delay;
            return end(call, true, &values::status(job, id, poll_after));
        }
        Reply::Error(error) => ["it tells an error, ", &error.code].concat(),
        Reply::Unreadable(what) => what.clone(),
    };
    no_callback(call, sentence(&["The callback cannot be used: ", &what]), &JsValue::UNDEFINED);
}

fn no_callback(call: &Call, what: String, cause: &JsValue) {
    let error = Error::new("invalid_response", what, Submitted::No);
    end(call, false, &values::error(&error, None, cause));
}

/// Ends a call outside its state machine, and whatever it has under way.
fn end(call: &Call, ok: bool, value: &JsValue) {
    call::next(call, -1.0);
    call::settle(call, ok, value);
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

    let ms = match step.action {
        Action::Settle(_) => -1.0,
        _ if lookup.due().is_infinite() => -1.0,
        _ => (lookup.due() - now).ceil().clamp(0.0, LONGEST_TIMER),
    };
    if let (Action::Wait, true) = (&step.action, lookup.exchanging()) {
        return call::again(call, ms);
    }
    call::next(call, ms);
    call.set_lookup(&lookup);

    // Below, the caller's own code runs: it may come back in with an abort. The state is saved, so nothing is in its way.
    if let (Some(update), Some(Reply::Job(job)), Some(listener)) = (step.update, reply, call.onstatus()) {
        call::tell(&listener, &values::update(&call.id().unwrap_or_default(), &job.status, &update));
    }
    match step.action {
        Action::Submit | Action::Poll => call::send(call),
        Action::Wait | Action::Ignore => {}
        Action::Settle(result) => {
            let id = call.id();
            let id = id.as_deref();
            let (ok, value) = match (result, reply) {
                (Ok(Outcome::Job { poll_after }), Some(Reply::Job(job))) => {
                    (true, values::status(job, id.unwrap_or_default(), poll_after))
                }
                (Ok(_), _) => (true, values::request(id.unwrap_or_default())),
                (Err(error), _) => (false, values::error(&error, id, cause)),
            };
            call::settle(call, ok, &value);
        }
    }
}
