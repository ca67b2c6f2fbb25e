//! `pkg-template/call.js`, as Rust sees it.

use js_sys::{Float64Array, Function, Object, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, Response};

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

    #[wasm_bindgen(method, getter)]
    fn state(this: &Call) -> Option<Float64Array>;
    #[wasm_bindgen(method, setter)]
    fn set_state(this: &Call, state: &Float64Array);
    #[wasm_bindgen(method, getter)]
    fn shared(this: &Call) -> Option<Float64Array>;
    #[wasm_bindgen(method, setter)]
    pub fn set_shared(this: &Call, shared: &JsValue);
    #[wasm_bindgen(method, getter)]
    pub fn turn(this: &Call) -> u32;

    #[wasm_bindgen(method, setter)]
    pub fn set_fetch(this: &Call, fetch: &Function);
    #[wasm_bindgen(method, setter)]
    pub fn set_body(this: &Call, body: &str);
    #[wasm_bindgen(method, setter)]
    pub fn set_headers(this: &Call, headers: &Object);
    #[wasm_bindgen(method, getter)]
    pub fn key(this: &Call) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    pub fn secret(this: &Call) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    pub fn id(this: &Call) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    pub fn onstatus(this: &Call) -> Option<Function>;
    #[wasm_bindgen(method, setter)]
    pub fn set_onstatus(this: &Call, listener: Option<&Function>);
    #[wasm_bindgen(method, setter)]
    pub fn set_reader(this: &Call, reader: &JsValue);
    #[wasm_bindgen(method, getter)]
    pub fn response(this: &Call) -> Option<Response>;

    /// Takes a function that is given every event of every call.
    pub fn register(handler: &JsValue);
    /// Lets the next event start a fresh instance.
    pub fn retire();
    /// Comes back into the module with an event, on whatever instance is the living one.
    pub fn enter(call: &Call, kind: u32, value: &JsValue);
    /// The same with a body that was read, for the given turn, which may be over.
    #[wasm_bindgen(js_name = readTo)]
    pub fn read_to(call: &Call, kind: u32, value: &JsValue, turn: u32);
    /// Ends what is under way and ticks after `ms`, or never if that is negative.
    pub fn next(call: &Call, ms: f64);
    /// Sets the timer of the present turn again.
    pub fn again(call: &Call, ms: f64);
    /// Calls a listener with an update.
    pub fn tell(listener: &Function, update: &JsValue);
    /// Resolves or rejects.
    pub fn settle(call: &Call, ok: bool, value: &JsValue);
    /// Lets a signal abort the call.
    pub fn listen(call: &Call, signal: &AbortSignal);
    /// Says where requests go.
    #[wasm_bindgen(js_name = setUrl)]
    pub fn set_url(call: &Call, url: &str);
    /// From now on requests ask for the job `id`.
    #[wasm_bindgen(js_name = askFor)]
    pub fn ask_for(call: &Call, id: &str);
    /// Adds the keys to the headers.
    #[wasm_bindgen(js_name = setKeys)]
    pub fn set_keys(call: &Call, key: &JsValue, secret: &JsValue);
    /// A URL in its normal form, and a relative one made absolute where the host has an address.
    #[wasm_bindgen(catch, js_name = normalUrl)]
    pub fn normal_url(url: &JsValue) -> Result<String, JsValue>;
    /// The host's fetch, as it is now.
    #[wasm_bindgen(js_name = hostFetch)]
    pub fn host_fetch() -> Option<Function>;
    /// Sends the call's request.
    pub fn send(call: &Call);
    /// The text of a callback.
    pub fn text(request: &JsValue) -> Promise;
    /// The next bytes of a stream, or `undefined` at its end.
    pub fn step(reader: &JsValue) -> Promise;
    /// The answer's Retry-After.
    #[wasm_bindgen(js_name = retryAfter)]
    pub fn retry_after(call: &Call) -> Option<String>;
    /// The text that UTF-8 bytes are, with U+FFFD for what is none.
    pub fn decode(bytes: &[u8]) -> JsValue;
    /// Ends a read that may be under way.
    pub fn cancel(reader: &JsValue);
}

impl Call {
    /// Where the call stands; `None` before it has begun.
    pub fn lookup(&self) -> Option<Lookup> {
        let mut values = [0.0; Lookup::SIZE];
        self.state()?.copy_to(&mut values);
        Some(Lookup::restore(values))
    }

    pub fn set_lookup(&self, lookup: &Lookup) {
        match self.state() {
            Some(state) => state.copy_from(&lookup.save()),
            None => self.set_state(&Float64Array::new_from_slice(&lookup.save())),
        }
    }

    /// What the calls of a client share; for a call without one, nothing yet.
    pub fn load_shared(&self) -> Shared {
        let mut values = [0.0; Shared::SIZE];
        if let Some(shared) = self.shared() {
            shared.copy_to(&mut values);
        }
        let [pause, durations @ ..] = values;
        Shared { pause, learning: Learning::restore(durations) }
    }

    pub fn save_shared(&self, state: &Shared) {
        if let Some(shared) = self.shared() {
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
