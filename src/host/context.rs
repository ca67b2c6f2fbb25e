//! The async context of the caller, in which `fetch` and `onStatus` are called.
//!
//! wasm-bindgen-futures polls all calls that were woken in one microtask, which has the context of whichever woke first.
//! Node and hosts like it can keep the caller's (its `AsyncLocalStorage`, and so its trace) for later; others have none to
//! lose.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    type Process;
    #[wasm_bindgen(thread_local_v2, js_name = process)]
    static PROCESS: Option<Process>;
    #[wasm_bindgen(method, catch, js_name = getBuiltinModule)]
    fn get_builtin_module(this: &Process, name: &str) -> Result<AsyncHooks, JsValue>;

    type AsyncHooks;
    #[wasm_bindgen(method, getter, catch, js_name = AsyncResource)]
    fn async_resource(this: &AsyncHooks) -> Result<Function, JsValue>;

    /// Keeps the context in which it is made.
    type AsyncResource;
    #[wasm_bindgen(method, catch, js_name = runInAsyncScope)]
    fn run1(this: &AsyncResource, call: &Function, of: &JsValue, first: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = runInAsyncScope)]
    fn run2(
        this: &AsyncResource,
        call: &Function,
        of: &JsValue,
        first: &JsValue,
        second: &JsValue,
    ) -> Result<JsValue, JsValue>;
}

thread_local! {
    /// The class, in a host that has it.
    static ASYNC_RESOURCE: Option<Function> = PROCESS.with(|process| {
        process.as_ref()?.get_builtin_module("node:async_hooks").ok()?.async_resource().ok()
    });
}

/// The context of one call.
pub struct Context(Option<AsyncResource>);

impl Context {
    /// The present one.
    pub fn capture() -> Context {
        Context(ASYNC_RESOURCE.with(|class| {
            let name = Array::of1(&"nyne-phone-finder".into());
            Some(Reflect::construct(class.as_ref()?, &name).ok()?.unchecked_into())
        }))
    }

    /// Calls a function of the caller's, with its first argument and perhaps a second.
    ///
    /// # Errors
    /// What it threw.
    pub fn call(&self, function: &Function, first: &JsValue, second: Option<&JsValue>) -> Result<JsValue, JsValue> {
        let none = JsValue::UNDEFINED;
        match (&self.0, second) {
            (Some(resource), Some(second)) => resource.run2(function, &none, first, second),
            (Some(resource), None) => resource.run1(function, &none, first),
            (None, Some(second)) => function.call2(&none, first, second),
            (None, None) => function.call1(&none, first),
        }
    }
}
