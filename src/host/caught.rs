//! Imports that js-sys and web-sys declare without `catch`, and that reach an object of the caller's, or of a test's, after
//! all: a throw out of them would break the instance.

use js_sys::{Date, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = Array, js_name = isArray)]
    fn array_is_array(value: &JsValue) -> Result<bool, JsValue>;
    #[wasm_bindgen(catch, js_namespace = Math, js_name = random)]
    fn math_random() -> Result<f64, JsValue>;

    #[wasm_bindgen(extends = Date)]
    type AnyDate;
    #[wasm_bindgen(method, catch, js_name = getTime)]
    fn get_time(this: &AnyDate) -> Result<f64, JsValue>;

    #[wasm_bindgen(extends = Promise)]
    type AnyPromise;
    #[wasm_bindgen(method, catch)]
    fn then(
        this: &AnyPromise,
        resolved: &Closure<dyn FnMut(JsValue)>,
        rejected: &Closure<dyn FnMut(JsValue)>,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = catch)]
    fn otherwise(this: &AnyPromise, rejected: &Closure<dyn FnMut(JsValue)>) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(extends = AbortController)]
    type AnyController;
    #[wasm_bindgen(method, getter, catch)]
    fn signal(this: &AnyController) -> Result<AbortSignal, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn abort(this: &AnyController) -> Result<(), JsValue>;
}

/// Returns true for a list. A proxy that was revoked throws; it is not one.
pub fn is_array(value: &JsValue) -> bool {
    array_is_array(value).unwrap_or(false)
}

/// A number in 0..1.
pub fn random() -> f64 {
    math_random().unwrap_or(0.5)
}

/// The Unix time of a date in ms; NaN if it has none.
pub fn time(date: &Date) -> f64 {
    date.unchecked_ref::<AnyDate>().get_time().unwrap_or(f64::NAN)
}

/// `promise.then(resolved, rejected)`.
pub fn then(
    promise: &Promise,
    resolved: &Closure<dyn FnMut(JsValue)>,
    rejected: &Closure<dyn FnMut(JsValue)>,
) -> Result<JsValue, JsValue> {
    promise.unchecked_ref::<AnyPromise>().then(resolved, rejected)
}

/// `promise.catch(rejected)`. What else comes of it is of no interest.
pub fn otherwise(promise: &Promise, rejected: &Closure<dyn FnMut(JsValue)>) {
    let _ = promise.unchecked_ref::<AnyPromise>().otherwise(rejected);
}

/// The signal of a controller.
pub fn signal(controller: &AbortController) -> Result<AbortSignal, JsValue> {
    controller.unchecked_ref::<AnyController>().signal()
}

/// Aborts a request. A controller that throws cannot be helped.
pub fn abort(controller: &AbortController) {
    let _ = controller.unchecked_ref::<AnyController>().abort();
}
