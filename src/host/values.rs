//! What goes out: the words that are known here by their numbers, results and errors. `pkg-template/call.js` makes objects
//! of them.

use wasm_bindgen::prelude::*;

use super::call::{self, Call, knows_id};
use super::json::Json;
use crate::protocol::{Advice, Code, Error, Member, State, Submitted, Told, Value, What};

/// The words that are known here by their numbers: lists of them.
pub fn vocabulary() -> JsValue {
    let lists = (Member::NAMES, Code::NAMES, What::WORDS, Advice::WORDS, Submitted::NAMES);
    // Texts cannot fail to be handed over.
    serde_wasm_bindgen::to_value(&lists).unwrap_or_default()
}

/// Rejects with a `NyneError`.
pub fn error(call: &Call, error: &Error, told: Told<Json>) {
    let mut error = *error;
    // A job that is there has an id: until a callback has given it, there is none to speak of; and once it is known, so is
    // that the job is there.
    error.submitted = match (error.submitted, knows_id(call)) {
        (Submitted::Yes, false) => Submitted::No,
        (Submitted::Unknown, true) => Submitted::Yes,
        (submitted, _) => submitted,
    };
    let fields = [
        f64::from(error.code as u8),
        f64::from(error.what as u8),
        f64::from(error.advice() as u8),
        f64::from(error.named as u8),
        f64::from(error.submitted as u8),
        f64::from(u8::from(error.retryable)),
        f64::from(error.status),
        error.number,
        error.retry_after.unwrap_or(-1.0),
    ];
    call.reject(fields, &value(told.text), &value(told.code));
}

/// Resolves with the `PhoneStatus` of a job.
pub fn status(call: &Call, state: State, poll_after: f64, told: Told<Json>) {
    let job = told.job.unwrap_or(Json { call, value: JsValue::UNDEFINED });
    let member = |member| value(Some(job.get(member)));
    let (status, completed_on) = (member(Member::Status), member(Member::CompletedOn));
    call::resolve_status(call, state as i32, &status, &value(told.text), &completed_on, poll_after, &job.value);
}

fn value(json: Option<Json>) -> JsValue {
    json.map(|json| json.value).unwrap_or_default()
}
