//! What goes out to the caller: results, statuses and errors.

use js_sys::{JSON, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::lookup::Update;
use crate::protocol::{Error, Job, Secrets, State, Submitted};

#[wasm_bindgen(module = "/pkg-template/errors.js")]
extern "C" {
    type NyneError;
    #[wasm_bindgen(constructor)]
    fn new(fields: &JsValue, cause: &JsValue) -> NyneError;

    #[wasm_bindgen(js_name = plainError)]
    fn plain_error(message: &str, name: Option<&str>, code: Option<&str>, cause: &JsValue) -> JsValue;
}

fn to_js(value: &impl Serialize) -> JsValue {
    // Only maps with odd keys and numbers out of range can fail: there are none.
    value.serialize(&serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true)).unwrap_or_default()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorFields<'a> {
    code: &'a str,
    message: &'a str,
    status: Option<u16>,
    request_id: Option<&'a str>,
    submitted: &'a str,
    retryable: bool,
    retry_after: Option<f64>,
}

/// The `NyneError`.
pub fn error(error: &Error, request_id: Option<&str>, cause: &JsValue) -> JsValue {
    // A job that is there has an id: until a callback has given it, there is none to speak of.
    let submitted =
        if request_id.is_none() && error.submitted == Submitted::Yes { Submitted::No } else { error.submitted };
    let error = &Error { submitted, ..error.clone() };
    let fields = to_js(&ErrorFields {
        code: &error.code,
        message: &error.message(),
        status: error.status,
        request_id,
        submitted: error.submitted.name(),
        retryable: error.retryable,
        retry_after: error.retry_after,
    });
    NyneError::new(&fields, cause).into()
}

/// The `NyneError` of a wrong argument, where there is no call yet.
pub fn invalid_argument(what: &str) -> JsValue {
    error(&Error::new("invalid_argument", what, Submitted::No), None, &JsValue::UNDEFINED)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhoneRequest<'a> {
    request_id: &'a str,
    submitted_at: String,
}

/// The `PhoneRequest` of a job that was submitted just now.
pub fn request(request_id: &str) -> JsValue {
    to_js(&PhoneRequest { request_id, submitted_at: js_sys::Date::new_0().to_iso_string().into() })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatusUpdate<'a> {
    request_id: &'a str,
    status: &'a str,
    polls: f64,
    elapsed: f64,
    next_poll_in: Option<f64>,
}

/// What `onStatus` is given.
pub fn update(request_id: &str, status: &str, update: &Update) -> JsValue {
    let Update { polls, elapsed, next_poll_in } = *update;
    to_js(&StatusUpdate { request_id, status, polls, elapsed, next_poll_in })
}

#[derive(Serialize)]
#[serde(tag = "state", rename_all = "lowercase", rename_all_fields = "camelCase")]
enum PhoneStatus<'a> {
    Pending {
        request_id: &'a str,
        status: &'a str,
        poll_after: f64,
    },
    Completed {
        request_id: &'a str,
        status: &'a str,
        mobile: Option<&'a str>,
        completed_on: Option<&'a str>,
        #[serde(with = "serde_wasm_bindgen::preserve")]
        data: JsValue,
    },
    Failed {
        request_id: &'a str,
        status: &'a str,
        error: &'a str,
        #[serde(with = "serde_wasm_bindgen::preserve")]
        data: JsValue,
    },
}

/// The `PhoneStatus` of a job.
pub fn status(job: &Job, request_id: &str, poll_after: f64) -> JsValue {
    let status = &*job.status;
    // The text was checked when it was read.
    let data = || JSON::parse(job.data).unwrap_or_default();
    to_js(&match &job.state {
        State::Pending => PhoneStatus::Pending { request_id, status, poll_after },
        State::Completed { mobile, completed_on } => PhoneStatus::Completed {
            request_id,
            status,
            mobile: mobile.as_deref(),
            completed_on: completed_on.as_deref(),
            data: data(),
        },
        State::Failed { error } => PhoneStatus::Failed { request_id, status, error, data: data() },
    })
}

/// What `fetch` threw, in words, and a copy of it that holds nothing but names, codes and words: the original may carry
/// the request with its keys.
pub fn network_failure(thrown: &JsValue, secrets: &Secrets) -> (String, JsValue) {
    copy_error(thrown, secrets, 4)
}

fn copy_error(thrown: &JsValue, secrets: &Secrets, depth: u32) -> (String, JsValue) {
    let member = |name: &str| {
        thrown.is_object().then(|| Reflect::get(thrown, &JsValue::from_str(name)).ok()).flatten().unwrap_or_default()
    };
    let text = |value: JsValue| value.as_string().map(|text| secrets.redact(&text));
    let message =
        text(member("message")).or_else(|| text(thrown.clone())).unwrap_or_else(|| "fetch gave no reason".into());
    let cause = member("cause");
    let (words, cause) = if depth > 0 && cause.is_object() {
        let (deeper, cause) = copy_error(&cause, secrets, depth - 1);
        ([&message, " (", &deeper, ")"].concat(), cause)
    } else {
        (message.clone(), JsValue::UNDEFINED)
    };
    let copy = plain_error(&message, text(member("name")).as_deref(), text(member("code")).as_deref(), &cause);
    (words, copy)
}
