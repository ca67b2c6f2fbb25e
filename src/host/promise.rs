//! Awaiting a promise without a leak.
//!
//! The callbacks of wasm-bindgen-futures' `JsFuture` own themselves until the promise settles. A Worker that drops a request
//! never settles its promises, so each would stay for ever. These belong to the call: [`Promises`] makes one pair of
//! callbacks and uses it for one promise after another.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::calls::InFlight;
use super::caught::then;

#[wasm_bindgen]
extern "C" {
    /// `Promise.resolve`. It calls `then` of a foreign thenable, which is the caller's code.
    #[wasm_bindgen(catch, js_namespace = Promise, js_name = resolve)]
    fn resolve(value: &JsValue) -> Result<Promise, JsValue>;
}

/// How a promise settled.
type Settled = Result<JsValue, JsValue>;

/// A function that JavaScript calls with what a promise settled with.
type Callback = Closure<dyn FnMut(JsValue)>;

/// The callbacks of one call.
pub struct Promises {
    call: Rc<InFlight>,
    /// Those that wait for no promise at present.
    free: RefCell<Option<Rc<Inbox>>>,
}

/// Where a pair of callbacks leaves what a promise settled with. Both own it, and it owns them: whoever
/// finishes last breaks the cycle.
struct Inbox {
    settled: Cell<Option<Settled>>,
    /// Nobody waits any more.
    abandoned: Cell<bool>,
    callbacks: RefCell<Option<[Callback; 2]>>,
}

impl Inbox {
    fn new(call: &Rc<InFlight>) -> Rc<Inbox> {
        let inbox =
            Rc::new(Inbox { settled: Cell::new(None), abandoned: Cell::new(false), callbacks: RefCell::new(None) });
        let callback = |settled: fn(JsValue) -> Settled| {
            let (inbox, call) = (inbox.clone(), call.clone());
            Closure::new(move |value| inbox.settle(settled(value), &call))
        };
        *inbox.callbacks.borrow_mut() = Some([callback(Ok), callback(Err)]);
        inbox
    }

    fn settle(&self, settled: Settled, call: &InFlight) {
        if self.abandoned.get() {
            drop(self.callbacks.take());
        } else {
            self.settled.set(Some(settled));
            call.wake();
        }
    }
}

impl Promises {
    pub fn new(call: &Rc<InFlight>) -> Promises {
        Promises { call: call.clone(), free: RefCell::new(None) }
    }

    /// Frees the callbacks that wait for no promise.
    pub fn clear(&self) {
        if let Some(inbox) = self.free.take() {
            drop(inbox.callbacks.take());
        }
    }

    /// Waits for `value`: a promise, or anything that `await` takes.
    ///
    /// # Errors
    /// What it was rejected with.
    pub async fn settle(&self, value: &JsValue) -> Settled {
        let promise = resolve(value)?;
        let inbox = self.free.take().unwrap_or_else(|| Inbox::new(&self.call));
        let mut waiting = Waiting { promises: self, inbox, pending: false };
        if let Some([resolved, rejected]) = &*waiting.inbox.callbacks.borrow() {
            then(&promise, resolved, rejected)?;
        }
        waiting.pending = true;
        poll_fn(|_| match waiting.inbox.settled.take() {
            Some(settled) => {
                waiting.pending = false;
                Poll::Ready(settled)
            }
            None => Poll::Pending,
        })
        .await
    }
}

impl Drop for Promises {
    fn drop(&mut self) {
        self.clear();
    }
}

/// One wait. Dropping it gives the callbacks back.
struct Waiting<'a> {
    promises: &'a Promises,
    inbox: Rc<Inbox>,
    pending: bool,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !self.pending || self.inbox.settled.take().is_some() {
            *self.promises.free.borrow_mut() = Some(self.inbox.clone());
        } else if self.promises.call.is_given_up() {
            drop(self.inbox.callbacks.take());
        } else {
            // The promise will still settle, as one does whose request is aborted, and needs callbacks to call.
            self.inbox.abandoned.set(true);
        }
    }
}

/// Lets `act` use a function that does nothing.
pub fn ignore<R>(act: impl FnOnce(&Closure<dyn FnMut(JsValue)>) -> R) -> R {
    thread_local! {
        static IGNORE: Closure<dyn FnMut(JsValue)> = Closure::new(|_| {});
    }
    IGNORE.with(act)
}
