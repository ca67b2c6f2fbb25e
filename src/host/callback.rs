//! The forms in which a callback can be passed.

use js_sys::{ArrayBuffer, JSON, JsString};
use wasm_bindgen::prelude::*;

use super::body::Decoder;
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
            let body = member(input, "body").unwrap_or_default();
            let is_base64 = member(input, "isBase64Encoded").is_some_and(|flag| flag == true);
            if is_base64 && let Some(text) = body.dyn_ref::<JsString>() {
                return atob(text).map(Carrier::Text).map_err(|_| "The callback's body is not base64.".into());
            }
            open_body(&body)?.ok_or_else(|| UNUSABLE.into())
        }
    }
}

const UNUSABLE: &str = "The callback has no body that can be read. Pass the Request, the body as text or bytes, the object \
                        parsed from it, or a request whose `body` holds one of these.";

/// A body; `None` for an object that is not one itself but may carry one.
fn open_body(input: &JsValue) -> Result<Option<Carrier>, String> {
    if let Some(text) = input.dyn_ref::<JsString>() {
        return Ok(Some(Carrier::Text(text.clone())));
    }
    if input.is_instance_of::<ArrayBuffer>() || ArrayBuffer::is_view(input) {
        let text = Decoder::new().and_then(|decoder| decoder.decode(input, &JsValue::UNDEFINED));
        return text.map(|text| Some(Carrier::Text(text.unchecked_into()))).map_err(|_| UNUSABLE.into());
    }
    if !input.is_object() {
        return Err(UNUSABLE.into());
    }
    if member(input, "text").is_some_and(|text| text.is_function()) {
        return Ok(Some(Carrier::Request(input.clone())));
    }
    // An unread stream cannot be read here.
    let has = |name: &str| member(input, name).is_some();
    let is_payload = has("request_id") || has("data") || has("success") || has("status") && !has("body");
    if !is_payload && (has("body") || has("pipe") || has("getReader")) {
        return Ok(None);
    }
    match JSON::stringify(input) {
        Ok(text) if text.is_string() && text != "{}" => Ok(Some(Carrier::Text(text))),
        Ok(_) => Err(UNUSABLE.into()),
        Err(_) => Err("The callback's object cannot be written as JSON.".into()),
    }
}
