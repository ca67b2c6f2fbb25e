//! The forms in which a callback can be passed.

use js_sys::{JSON, JsString, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use super::body;
use super::error::member;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch)]
    fn atob(text: &JsString) -> Result<JsString, JsValue>;
}

/// A callback's body, or what gives it.
pub enum Carrier {
    /// The body.
    Text(JsString),
    /// A `Request`, or whatever has a `text()`.
    Request(JsValue),
}

/// Finds the body in what a server's framework hands over.
///
/// # Errors
/// What is wrong with the argument, and what to pass instead.
pub fn open(input: &JsValue) -> Result<Carrier, String> {
    // A carrier's own `body` is a body, not a carrier.
    match open_body(input)? {
        Some(carrier) => Ok(carrier),
        None => {
            let mut body = member(input, "body").unwrap_or_default();
            let is_base64 = member(input, "isBase64Encoded").is_some_and(|flag| flag == true);
            if is_base64 && let Some(text) = body.dyn_ref::<JsString>() {
                let units = atob(text).map_err(|_| "The callback's body is not base64.")?;
                let bytes = Uint8Array::new_with_length(units.length());
                (0..units.length()).for_each(|at| bytes.set_index(at, units.char_code_at(at) as u8));
                body = bytes.into();
            }
            open_body(&body)?.ok_or_else(|| UNUSABLE.into())
        }
    }
}

pub const UNUSABLE: &str = "The callback has no body that can be read. Pass the Request, the body as text or bytes, the object \
                            parsed from it, or a request whose `body` holds one of these.";

/// A body; `None` for an object that is not one itself but may carry one.
fn open_body(input: &JsValue) -> Result<Option<Carrier>, String> {
    if let Some(text) = body::plain(input) {
        return Ok(Some(Carrier::Text(text)));
    }
    if !input.is_object() {
        return Err(UNUSABLE.into());
    }
    if member(input, "text").is_some_and(|text| text.is_function()) {
        return Ok(Some(Carrier::Request(input.clone())));
    }
    // An unread stream cannot be read here, and the context of a framework is not the request. Its `status` is a number.
    let has = |name: &str| member(input, name).is_some();
    let carries = Reflect::has(input, &"body".into()).unwrap_or(true);
    let is_job = !carries && member(input, "status").is_some_and(|status| status.is_string());
    let is_payload = has("request_id") || has("data") || has("success") || is_job;
    if !is_payload && (carries || has("pipe") || has("getReader") || has("request")) {
        return Ok(None);
    }
    match JSON::stringify(input) {
        // The JSON of a Date or of what else writes itself is a text.
        Ok(text) if text.is_string() && text != "{}" && !text.starts_with("\"", 0) => Ok(Some(Carrier::Text(text))),
        _ => Err(UNUSABLE.into()),
    }
}
