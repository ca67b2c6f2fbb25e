//! Finds a person's mobile number through Nyne's Phone Finder, from any JavaScript runtime.
//!
//! Three layers, each of which knows only the ones before it:
//!
//! - [`protocol`]: what goes over the wire and what it means. Pure.
//! - [`lookup`]: what to do next, as a state machine. Pure. Start there.
//! - `host`: carries it out. The only code that touches JavaScript.
//!
//! This file is the module's surface: each export is one line into `host`. The npm package (`pkg-template/`) adds a loader
//! for each kind of host, and a guard that starts a fresh instance if one breaks. Its record of a call in flight is the
//! last argument of each function; callers without the package leave it out.

#![deny(missing_docs)]

pub mod lookup;
pub mod protocol;

mod host;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

pub use host::NyneError;

/// Half the size of the standard library's, and faster. (A plain free list is smaller still, and takes longer with each call
/// in flight.)
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Submits `query`, then waits for the number.
#[wasm_bindgen(js_name = findPhone)]
pub fn find_phone(query: JsValue, options: JsValue, call: JsValue) -> Promise {
    Client::default().find_phone(query, options, call)
}

/// Waits for a job whose id is known.
#[wasm_bindgen(js_name = pollResult)]
pub fn poll_result(request: JsValue, options: JsValue, call: JsValue) -> Promise {
    Client::default().poll_result(request, options, call)
}

/// Submits `query` and does not wait.
#[wasm_bindgen(js_name = submitPhone)]
pub fn submit_phone(query: JsValue, options: JsValue, call: JsValue) -> Promise {
    Client::default().submit_phone(query, options, call)
}

/// Asks once how a job stands.
#[wasm_bindgen(js_name = checkStatus)]
pub fn check_status(request: JsValue, options: JsValue, call: JsValue) -> Promise {
    Client::default().check_status(request, options, call)
}

/// Looks many people up under one budget.
///
/// # Errors
/// `invalid_argument`, which names what is wrong.
#[wasm_bindgen(js_name = findPhones)]
pub fn find_phones(queries: JsValue, options: JsValue, call: JsValue) -> Result<Batch, NyneError> {
    Client::default().find_phones(queries, options, call)
}

/// Sends the next request of a lookup that outlives this program, and returns where the lookup stands.
#[wasm_bindgen]
pub fn advance(state: JsValue, options: JsValue, call: JsValue) -> Promise {
    host::advance(&Client::default().0, &state, &options, call)
}

/// Reads a callback, without asking whether it is true.
#[wasm_bindgen(js_name = parseCallback)]
pub fn parse_callback(input: JsValue, call: JsValue) -> Promise {
    host::parse_callback(&input, call)
}

/// Reads a callback, then asks the service how its job stands.
#[wasm_bindgen(js_name = confirmCallback)]
pub fn confirm_callback(input: JsValue, options: JsValue, call: JsValue) -> Promise {
    Client::default().confirm_callback(input, options, call)
}

/// Options that several calls have in common, and what those calls share: pauses that the service asked for, and what
/// finished jobs have taught about the length of the next one.
#[wasm_bindgen]
#[derive(Default)]
pub struct Client(host::Client);

#[wasm_bindgen]
impl Client {
    /// A client with these default options.
    ///
    /// # Errors
    /// `invalid_argument`, which names what is wrong with them.
    #[wasm_bindgen(constructor)]
    pub fn new(defaults: JsValue) -> Result<Client, NyneError> {
        host::Client::new(&defaults).map(Client)
    }

    /// The default options as they were read: a client made of them is like this one. They hold the keys.
    #[wasm_bindgen(getter)]
    pub fn defaults(&self) -> JsValue {
        self.0.defaults()
    }

    /// As [`find_phone`].
    #[wasm_bindgen(js_name = findPhone)]
    pub fn find_phone(&self, query: JsValue, options: JsValue, call: JsValue) -> Promise {
        host::find_phone(&self.0, &query, &options, call)
    }

    /// As [`poll_result`].
    #[wasm_bindgen(js_name = pollResult)]
    pub fn poll_result(&self, request: JsValue, options: JsValue, call: JsValue) -> Promise {
        host::poll_result(&self.0, &request, &options, call)
    }

    /// As [`find_phones`].
    ///
    /// # Errors
    /// As [`find_phones`].
    #[wasm_bindgen(js_name = findPhones)]
    pub fn find_phones(&self, queries: JsValue, options: JsValue, call: JsValue) -> Result<Batch, NyneError> {
        host::Batch::new(&self.0, &queries, &options, call).map(Batch)
    }

    /// As [`submit_phone`].
    #[wasm_bindgen(js_name = submitPhone)]
    pub fn submit_phone(&self, query: JsValue, options: JsValue, call: JsValue) -> Promise {
        host::submit_phone(&self.0, &query, &options, call)
    }

    /// As [`check_status`].
    #[wasm_bindgen(js_name = checkStatus)]
    pub fn check_status(&self, request: JsValue, options: JsValue, call: JsValue) -> Promise {
        host::check_status(&self.0, &request, &options, call)
    }

    /// As [`confirm_callback`].
    #[wasm_bindgen(js_name = confirmCallback)]
    pub fn confirm_callback(&self, input: JsValue, options: JsValue, call: JsValue) -> Promise {
        host::confirm_callback(&self.0, &input, &options, call)
    }
}

/// The lookups of one [`find_phones`]. They begin with the first [`Batch::next`]. Dropping it ends them.
#[wasm_bindgen]
pub struct Batch(host::Batch);

#[wasm_bindgen]
impl Batch {
    /// The next outcome, as an async iterator gives it.
    pub fn next(&self) -> Promise {
        self.0.next()
    }
}
