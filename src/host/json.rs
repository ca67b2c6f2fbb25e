//! JSON in JavaScript's own values.

use js_sys::{Array, JsString};
use wasm_bindgen::prelude::*;

use crate::protocol::{Body, Member, Value};

#[wasm_bindgen]
extern "C" {
    /// `JSON.parse`. That of js-sys takes a `&str`: a body would be copied into the module and out again.
    #[wasm_bindgen(catch, js_namespace = JSON, js_name = parse)]
    fn parse(text: &JsString) -> Result<JsValue, JsValue>;

    /// An object that `JSON.parse` has made: its members are plain data.
    type Parsed;
    #[wasm_bindgen(method, getter)]
    fn code(this: &Parsed) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn completed(this: &Parsed) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn completed_on(this: &Parsed) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn data(this: &Parsed) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn detail(this: &Parsed) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn error(this: &Parsed) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn message(this: &Parsed) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn mobile(this: &Parsed) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn request_id(this: &Parsed) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn result(this: &Parsed) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn status(this: &Parsed) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn success(this: &Parsed) -> JsValue;
}

impl Value for JsValue {
    fn get(&self, member: Member) -> JsValue {
        if !self.is_object() {
            return JsValue::UNDEFINED;
        }
        let parsed: &Parsed = self.unchecked_ref();
        match member {
            Member::Code => parsed.code(),
            Member::Completed => parsed.completed(),
            Member::CompletedOn => parsed.completed_on(),
            Member::Data => parsed.data(),
            Member::Detail => parsed.detail(),
            Member::Error => parsed.error(),
            Member::Message => parsed.message(),
            Member::Mobile => parsed.mobile(),
            Member::RequestId => parsed.request_id(),
            Member::Result => parsed.result(),
            Member::Status => parsed.status(),
            Member::Success => parsed.success(),
        }
    }

    fn is_absent(&self) -> bool {
        self.is_undefined() || self.is_null()
    }

    fn is_object(&self) -> bool {
        JsValue::is_object(self) && !Array::is_array(self)
    }

    fn text(&self) -> Option<String> {
        self.as_string()
    }

    fn exact_text(&self) -> Option<String> {
        // Half a surrogate pair comes in as U+FFFD, and goes out as that.
        self.as_string()
            .filter(|text| !text.chars().any(|c| c == char::REPLACEMENT_CHARACTER) || *self == JsValue::from_str(text))
    }

    fn number(&self) -> Option<f64> {
        self.as_f64()
    }

    fn truth(&self) -> Option<bool> {
        self.as_bool()
    }

    fn first_text(&self) -> Option<String> {
        if !Array::is_array(self) {
            return None;
        }
        self.unchecked_ref::<Array>().iter().find_map(|value| value.as_string())
    }
}

/// Parses a body: as it is, or else with raw control characters, which the service has been seen to put inside strings,
/// replaced by spaces.
pub fn read(text: &JsString) -> Body<JsValue> {
    if let Ok(json) = parse(text) {
        return Body::Json(json);
    }
    let body = String::from(text);
    let body = body.strip_prefix('\u{feff}').unwrap_or(&body);
    let clean: String = body.chars().map(|c| if c < ' ' { ' ' } else { c }).collect();
    match parse(&JsString::from(clean)) {
        Ok(json) => Body::Json(json),
        Err(_) if body.trim().is_empty() => Body::Empty,
        Err(_) => Body::Text(body.to_owned()),
    }
}
