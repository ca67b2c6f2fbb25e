//! `pkg-template/call.js`, as Rust sees it.

use js_sys::{Float64Array, Function, Object, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal};

use crate::lookup::{Learning, Lookup, Pause};

#[wasm_bindgen(module = "/pkg-template/call.js")]
extern "C" {
    /// What is kept of one call between two events.
    #[derive(Clone)]
    pub type Call;

    #[wasm_bindgen(constructor)]
    pub fn new() -> Call;
    #[wasm_bindgen(method, getter)]
    pub fn promise(this: &Call) -> Promise;
    #[wasm_bindgen(method)]
    pub fn resolve(this: &Call, value: &JsValue);
    #[wasm_bindgen(method)]
    pub fn reject(this: &Call, error: &JsValue);

    #[wasm_bindgen(method, getter)]
    fn state(this: &Call) -> Option<Float64Array>;
    #[wasm_bindgen(method, setter)]
    fn set_state(this: &Call, state: &Float64Array);
    #[wasm_bindgen(method, getter)]
    pub fn turn(this: &Call) -> u32;
    #[wasm_bindgen(method, setter)]
    pub fn set_turn(this: &Call, turn: u32);
    #[wasm_bindgen(method, getter)]
    fn shared(this: &Call) -> Option<Float64Array>;
    #[wasm_bindgen(method, setter)]
    pub fn set_shared(this: &Call, shared: &JsValue);

    #[wasm_bindgen(method, getter, js_name = fetch)]
    pub fn fetch_function(this: &Call) -> Function;
    #[wasm_bindgen(method, setter, js_name = fetch)]
    pub fn set_fetch_function(this: &Call, fetch: &Function);
    #[wasm_bindgen(method, getter)]
    pub fn url(this: &Call) -> String;
    #[wasm_bindgen(method, setter)]
    pub fn set_url(this: &Call, url: &str);
    #[wasm_bindgen(method, getter)]
    pub fn body(this: &Call) -> JsValue;
    #[wasm_bindgen(method, setter)]
    pub fn set_body(this: &Call, body: &str);
    #[wasm_bindgen(method, getter)]
    pub fn headers(this: &Call) -> Object;
    #[wasm_bindgen(method, setter)]
    pub fn set_headers(this: &Call, headers: &Object);
    #[wasm_bindgen(method, getter)]
    pub fn key(this: &Call) -> Option<String>;
    #[wasm_bindgen(method, setter)]
    pub fn set_key(this: &Call, key: Option<&str>);
    #[wasm_bindgen(method, getter)]
    pub fn secret(this: &Call) -> Option<String>;
    #[wasm_bindgen(method, setter)]
    pub fn set_secret(this: &Call, secret: Option<&str>);
    #[wasm_bindgen(method, getter)]
    pub fn signal(this: &Call) -> Option<AbortSignal>;
    #[wasm_bindgen(method, setter)]
    pub fn set_signal(this: &Call, signal: Option<&AbortSignal>);
    #[wasm_bindgen(method, getter)]
    pub fn onabort(this: &Call) -> Option<Function>;
    #[wasm_bindgen(method, setter)]
    pub fn set_onabort(this: &Call, listener: Option<&Function>);
    #[wasm_bindgen(method, getter)]
    pub fn onstatus(this: &Call) -> Option<Function>;
    #[wasm_bindgen(method, setter)]
    pub fn set_onstatus(this: &Call, listener: Option<&Function>);
    #[wasm_bindgen(method, getter)]
    pub fn id(this: &Call) -> Option<String>;
    #[wasm_bindgen(method, setter)]
    pub fn set_id(this: &Call, id: &str);
    #[wasm_bindgen(method, getter)]
    pub fn controller(this: &Call) -> Option<AbortController>;
    #[wasm_bindgen(method, setter)]
    pub fn set_controller(this: &Call, controller: Option<&AbortController>);
    #[wasm_bindgen(method, getter)]
    pub fn reader(this: &Call) -> JsValue;
    #[wasm_bindgen(method, setter)]
    pub fn set_reader(this: &Call, reader: &JsValue);
    #[wasm_bindgen(method, getter)]
    pub fn response(this: &Call) -> JsValue;
    #[wasm_bindgen(method, setter)]
    pub fn set_response(this: &Call, response: &JsValue);
    #[wasm_bindgen(method, getter)]
    pub fn timer(this: &Call) -> JsValue;
    #[wasm_bindgen(method, setter)]
    pub fn set_timer(this: &Call, timer: &JsValue);

    /// Takes a function that is given every event of every call.
    pub fn register(handler: &JsValue);
    /// Lets the next event start a fresh instance.
    pub fn retire();
    /// Comes back into the module with an event, on whatever instance is the living one.
    pub fn enter(call: &Call, token: u32, value: &JsValue);
    /// Enters with what `promise` becomes: a value with `token`, a failure with the token after it.
    pub fn follow(call: &Call, promise: &JsValue, token: u32);
    /// Enters after `ms`.
    pub fn tick(call: &Call, token: u32, ms: f64) -> JsValue;
    /// Ends a read that may be under way.
    pub fn cancel(reader: &JsValue);
    /// A function that enters.
    pub fn listener(call: &Call, token: u32) -> Function;
}

impl Call {
    /// Where the call stands; `None` before it has begun.
    pub fn lookup(&self) -> Option<Lookup> {
        let mut values = [0.0; Lookup::SIZE];
        let state = self.state()?;
        (state.length() as usize == values.len()).then(|| state.copy_to(&mut values))?;
        Some(Lookup::restore(values))
    }

    pub fn set_lookup(&self, lookup: &Lookup) {
        match self.state() {
            Some(state) => state.copy_from(&lookup.save()),
            None => self.set_state(&Float64Array::from(lookup.save().as_slice())),
        }
    }

    /// What the calls of a client share; for a call without one, nothing yet.
    pub fn load_shared(&self) -> Shared {
        let mut values = [0.0; Shared::SIZE];
        if let Some(shared) = self.shared().filter(|shared| shared.length() as usize == Shared::SIZE) {
            shared.copy_to(&mut values);
        }
        let [pause, durations @ ..] = values;
        Shared { pause, learning: Learning::restore(durations) }
    }

    pub fn save_shared(&self, state: &Shared) {
        if let Some(shared) = self.shared().filter(|shared| shared.length() as usize == Shared::SIZE) {
            let mut values = [state.pause; Shared::SIZE];
            let [_, durations @ ..] = &mut values;
            *durations = state.learning.save();
            shared.copy_from(&values);
        }
    }
}

/// What the calls of a client share. `createClient` makes the array of [`Shared::SIZE`] numbers for it.
#[derive(Clone, Copy, PartialEq)]
pub struct Shared {
    pub pause: Pause,
    pub learning: Learning,
}

impl Shared {
    const SIZE: usize = 1 + Learning::SIZE;
}
