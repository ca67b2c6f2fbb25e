//! The caller's `AbortSignal`.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::calls::InFlight;
use super::error;
use crate::protocol::Failure;

#[wasm_bindgen]
extern "C" {
    /// As it is the caller's, each of its members may throw.
    #[wasm_bindgen(extends = AbortSignal)]
    #[derive(Clone)]
    type CallersSignal;
    #[wasm_bindgen(method, getter, catch)]
    fn aborted(this: &CallersSignal) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch)]
    fn reason(this: &CallersSignal) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = addEventListener)]
    fn add_event_listener(this: &CallersSignal, name: &str, listener: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = removeEventListener)]
    fn remove_event_listener(this: &CallersSignal, name: &str, listener: &JsValue) -> Result<(), JsValue>;
}

/// Listens to a signal. Dropping it removes the listener.
pub struct Signal {
    signal: CallersSignal,
    listener: Option<Closure<dyn FnMut()>>,
    reason: Rc<RefCell<Option<JsValue>>>,
}

impl Signal {
    /// Listens to `signal` for `call`.
    ///
    /// # Errors
    /// What the signal threw.
    pub fn listen(signal: &AbortSignal, call: &Rc<InFlight>) -> Result<Signal, JsValue> {
        let signal: CallersSignal = signal.clone().unchecked_into();
        let reason = Rc::new(RefCell::new(None));
        if signal.aborted()?.is_truthy() {
            *reason.borrow_mut() = Some(signal.reason().unwrap_or_default());
            return Ok(Signal { signal, listener: None, reason });
        }
        let listener = {
            let (signal, reason, call) = (signal.clone(), reason.clone(), call.clone());
            Closure::new(move || {
                // The first reason counts.
                reason.borrow_mut().get_or_insert_with(|| signal.reason().unwrap_or_default());
                call.wake();
            })
        };
        signal.add_event_listener("abort", listener.as_ref())?;
        Ok(Signal { signal, listener: Some(listener), reason })
    }

    /// The same for another call, without a listener of its own: who listens wakes it.
    pub fn share(&self) -> Signal {
        Signal { signal: self.signal.clone(), listener: None, reason: self.reason.clone() }
    }

    /// Returns what the abort amounts to and the signal's reason, once it is aborted.
    pub fn aborted(&self) -> Option<(Failure, JsValue)> {
        let reason = self.reason.borrow().clone()?;
        // What `AbortSignal.timeout` gives.
        let timeout = error::member(&reason, "name").is_some_and(|name| name == "TimeoutError");
        Some((if timeout { Failure::SignalTimeout } else { Failure::Aborted }, reason))
    }
}

impl Drop for Signal {
    fn drop(&mut self) {
        if let Some(listener) = self.listener.take()
            && self.signal.remove_event_listener("abort", listener.as_ref()).is_err()
        {
            // The signal may still call it.
            drop(listener.into_js_value());
        }
    }
}
