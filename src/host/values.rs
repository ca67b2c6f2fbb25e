//! What goes out: the words that are known here by their numbers, results and errors. `pkg-template/call.js` makes objects
//! of them.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::body;
use super::call::{self, Call, knows_id};
use super::json::Json;
use crate::protocol::{Advice, Code, Error, Member, OUTCOME_UNKNOWN, State, Submitted, Told, What};

fn to_js(value: &impl Serialize) -> JsValue {
    // Only maps with odd keys and numbers out of range can fail: there are none.
    value.serialize(&serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true)).unwrap_or_default()
}

/// The words that are known here by their numbers, and the largest body that is read, in bytes.
pub fn vocabulary() -> JsValue {
    to_js(&(
        &Member::NAMES[..],
        &Code::NAMES[..],
        &What::WORDS[..],
        &Advice::WORDS[..],
        &Submitted::NAMES[..],
        &OUTCOME_UNKNOWN,
        body::LARGEST,
    ))
}

/// Rejects with a `NyneError`.
pub fn error(call: &Call, error: &Error, told: Told<Json>) {
    let mut error = *error;
    // A job that is there has an id: until a callback has given it, there is none to speak of.
    if error.submitted == Submitted::Yes && !knows_id(call) {
        error.submitted = Submitted::No;
    }
    let fields = to_js(&(
        error.code as u32,
        error.what as u32,
        error.advice() as u32,
        error.named as u32,
        error.number,
        error.status.map(f64::from),
        error.submitted as u32,
        error.retryable,
        error.retry_after,
    ));
    call::reject(call, &fields, &value(told.text), &value(told.code));
}

/// Resolves with the `PhoneStatus` of a job.
pub fn status(call: &Call, state: State, poll_after: f64, told: Told<Json>) {
    let job = told.job.unwrap_or(Json { call, value: JsValue::UNDEFINED });
    let member = |member| value(Some(crate::protocol::Value::get(&job, member)));
    let (status, completed_on) = (member(Member::Status), member(Member::CompletedOn));
    call::resolve_status(call, state as u32, &status, &value(told.text), &completed_on, poll_after, &job.value);
}

fn value(json: Option<Json>) -> JsValue {
    json.map(|json| json.value).unwrap_or_default()
}
