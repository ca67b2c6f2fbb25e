//! Errors on their way out. The message of each is redacted in [`new`].

use js_sys::{JSON, Object, Reflect};
use wasm_bindgen::prelude::*;

use super::values;
use crate::protocol::{Error, Failure, Peer, Secrets};

#[wasm_bindgen(module = "/pkg-template/errors.js")]
extern "C" {
    /// The package's error class.
    #[wasm_bindgen(extends = js_sys::Error)]
    pub type NyneError;

    #[wasm_bindgen(constructor)]
    fn make(message: &str, fields: &JsValue, cause: &JsValue, data: &JsValue) -> NyneError;

    /// The error as a plain object.
    #[wasm_bindgen(method, js_name = toJSON)]
    pub fn to_json(this: &NyneError) -> JsValue;
}

/// The `NyneError` for an error. `cause` is what was thrown, as [`copy`] gives it, or the signal's reason; `data` what a
/// finished job said.
pub fn new(error: &Error, peer: Peer, secrets: &Secrets, cause: Option<JsValue>, data: Option<JsValue>) -> NyneError {
    let message = secrets.redact(error.message(peer));
    let data = data.map(|data| redacted(data, secrets));
    NyneError::make(&message, &values::fields(error), &cause.unwrap_or_default(), &data.unwrap_or_default())
}

/// What a job said, without keys.
fn redacted(data: JsValue, secrets: &Secrets) -> JsValue {
    // What cannot be written cannot be looked through.
    let Ok(text) = JSON::stringify(&data).map(String::from) else { return JsValue::UNDEFINED };
    if secrets.occur_in(&text) { JSON::parse(&secrets.redact(text)).unwrap_or_default() } else { data }
}

/// What was thrown, in words.
pub fn reason(thrown: &JsValue, secrets: &Secrets) -> String {
    let message = text(thrown, "message").or_else(|| thrown.as_string());
    let deeper = member(thrown, "cause").and_then(|cause| text(&cause, "message"));
    let reason = match (message, deeper) {
        (Some(message), Some(deeper)) => [&message, " (", &deeper, ")"].concat(),
        (Some(message), None) => message,
        (None, _) => "no reason was given".into(),
    };
    secrets.shorten(reason)
}

/// The failure of a function of the host's that threw.
pub fn of_host(function: &str, thrown: &JsValue, secrets: &Secrets) -> Failure {
    Failure::Host([function, " failed: ", &reason(thrown, secrets)].concat())
}

/// A copy of what was thrown with its name, code, message and cause only: the original may hold the keys.
pub fn copy(thrown: &JsValue, secrets: &Secrets) -> JsValue {
    copy_to_depth(thrown, secrets, 4)
}

fn copy_to_depth(thrown: &JsValue, secrets: &Secrets, depth: u32) -> JsValue {
    let clean = |name: &str| text(thrown, name).map(|text| secrets.redact(text));
    let message = clean("message").or_else(|| thrown.as_string().map(|text| secrets.redact(text)));
    let error: Object = js_sys::Error::new(&message.unwrap_or_default()).unchecked_into();
    // A new error takes every property.
    let set = |name: &str, value: &JsValue| drop(Reflect::set(&error, &name.into(), value));
    for name in ["name", "code"] {
        if let Some(text) = clean(name) {
            set(name, &text.into());
        }
    }
    if let Some(cause) = member(thrown, "cause").filter(|cause| cause.is_object() && depth > 0) {
        set("cause", &copy_to_depth(&cause, secrets, depth - 1));
    }
    error.into()
}

/// The code that Node gives the error that is behind what `fetch` threw.
pub fn code(thrown: &JsValue) -> Option<String> {
    text_behind(thrown, "code")
}

/// The call to the system that failed, as Node names it.
pub fn system_call(thrown: &JsValue) -> Option<String> {
    text_behind(thrown, "syscall")
}

fn text_behind(thrown: &JsValue, name: &str) -> Option<String> {
    member(thrown, "cause").and_then(|cause| text(&cause, name)).or_else(|| text(thrown, name))
}

/// A member of anything, if it can be read.
pub fn member(value: &JsValue, name: &str) -> Option<JsValue> {
    if !value.is_object() && !value.is_function() {
        return None;
    }
    Reflect::get(value, &name.into()).ok().filter(|value| !value.is_undefined() && !value.is_null())
}

fn text(value: &JsValue, name: &str) -> Option<String> {
    member(value, name)?.as_string()
}
