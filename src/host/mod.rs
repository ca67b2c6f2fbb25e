//! Hands events to [`crate::lookup`] and has done what it decides. The only Rust that touches JavaScript.
//!
//! An instance of the module keeps nothing between two events. What a call is stands in its [`Call`], which belongs to
//! JavaScript: see `pkg-template/call.js`, the other half of this.
//!
//! What is imported here throws only where the host is broken: that ends the event, is caught in `call.js` and becomes that
//! call's `client_fault`.

mod call;
mod event;
mod json;
mod values;

pub use call::Call;
pub use event::handle;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

/// What a call is to do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Task {
    Find,
    Poll,
    Submit,
    Check,
    Parse,
    Confirm,
}

impl Task {
    const ALL: [Task; 6] = [Task::Find, Task::Poll, Task::Submit, Task::Check, Task::Parse, Task::Confirm];

    fn from_number(number: u32) -> Option<Task> {
        Task::ALL.into_iter().find(|task| *task as u32 == number)
    }
}

/// Begins a call.
pub fn run(task: Task, input: JsValue, options: JsValue, client: JsValue) -> Promise {
    call::begin(task as i32, &input, &options, &client)
}

/// Registers this instance as the one that takes the events.
pub fn start() {
    call::register_this(&values::vocabulary());
}
