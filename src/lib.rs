//! Finds a person's mobile number through Nyne's Phone Finder, from any JavaScript runtime.
//!
//! Three layers, each of which knows only the ones before it:
//!
//! - [`protocol`]: what goes over the wire and what it means. Pure.
//! - [`lookup`]: what to do next, as a state machine. Pure.
//! - `host`: has it done by `pkg-template/call.js`. The only Rust that touches JavaScript.
//!
//! This file is the module's surface. It returns promises and knows no `NyneClient`: the package around it
//! (`pkg-template/`) adds the loading, and a fresh instance should one ever break.

pub mod lookup;
pub mod protocol;

mod host;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use host::{Call, Task};

/// A tenth of the standard library's in size, and fast enough: the module holds next to nothing between two events.
// SAFETY: wasm-bindgen's modules have one thread.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::AssumeSingleThreaded<lol_alloc::FreeListAllocator> =
    unsafe { lol_alloc::AssumeSingleThreaded::new(lol_alloc::FreeListAllocator::new()) };

/// Submits `query`, then waits for the number.
#[wasm_bindgen(js_name = findPhone)]
pub fn find_phone(query: JsValue, options: JsValue, client: JsValue) -> Promise {
    host::run(Task::Find, query, options, client)
}

/// Waits for a job whose id is known.
#[wasm_bindgen(js_name = pollResult)]
pub fn poll_result(request: JsValue, options: JsValue, client: JsValue) -> Promise {
    host::run(Task::Poll, request, options, client)
}

/// Submits `query` and does not wait.
#[wasm_bindgen(js_name = submitPhone)]
pub fn submit_phone(query: JsValue, options: JsValue, client: JsValue) -> Promise {
    host::run(Task::Submit, query, options, client)
}

/// Asks once how a job stands.
#[wasm_bindgen(js_name = checkStatus)]
pub fn check_status(request: JsValue, options: JsValue, client: JsValue) -> Promise {
    host::run(Task::Check, request, options, client)
}

/// Reads a callback.
#[wasm_bindgen(js_name = parseCallback)]
pub fn parse_callback(input: JsValue) -> Promise {
    host::run(Task::Parse, input, JsValue::UNDEFINED, JsValue::UNDEFINED)
}

/// Reads a callback, then asks the service whether it is true.
#[wasm_bindgen(js_name = confirmCallback)]
pub fn confirm_callback(input: JsValue, options: JsValue, client: JsValue) -> Promise {
    host::run(Task::Confirm, input, options, client)
}

/// Takes an event of a call: `pkg-template/call.js` hands them over.
#[wasm_bindgen]
pub fn handle(call: Call, kind: u32, number: u32, value: JsValue) {
    host::handle(&call, kind, number, value);
}

/// Registers this instance as the one that takes the events.
#[wasm_bindgen(start)]
pub fn start() {
    host::start();
}
