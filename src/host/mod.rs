//! Carries out what [`crate::lookup`] decides, with the host's `fetch` and timers. The only code that touches JavaScript.
//!
//! An instance of the module keeps nothing between two events. What a call is stands in its [`Call`], which belongs to
//! JavaScript: see `pkg-template/call.js`, the other half of this.
//!
//! Functions that may throw for reasons of the caller's (a `fetch`, a getter) are imported with `catch`. What else throws
//! ends the event, is caught in `call.js` and becomes that call's `client_fault`.

mod arguments;
mod body;
mod call;
mod event;
mod options;
mod values;

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;

use call::Call;
use options::Options;

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

    fn from_number(number: f64) -> Option<Task> {
        Task::ALL.into_iter().find(|task| f64::from(*task as u8) == number)
    }

    /// The name of its function, for messages.
    fn name(self) -> &'static str {
        match self {
            Task::Find => "findPhone",
            Task::Poll => "pollResult",
            Task::Submit => "submitPhone",
            Task::Check => "checkStatus",
            Task::Parse => "parseCallback",
            Task::Confirm => "confirmCallback",
        }
    }
}

/// Begins a call. All that can go wrong goes wrong inside an event, where it is caught.
pub fn run(task: Task, input: JsValue, options: JsValue, client: JsValue) -> Promise {
    let call = Call::new();
    let begin = Array::of4(&JsValue::from_f64(f64::from(task as u8)), &input, &options, &client);
    call::enter(&call, event::START, &begin);
    call.promise()
}

/// Reads the defaults of a client for nothing but their errors.
pub fn check_defaults(defaults: &JsValue) -> JsValue {
    match Options::default().read(defaults, None) {
        Ok(()) => JsValue::UNDEFINED,
        Err(what) => values::invalid_argument(&what),
    }
}

/// Registers this instance's way in. The closure lives as long as the instance.
pub fn start() {
    call::register(&Closure::<dyn Fn(Call, u32, JsValue)>::new(event::handle).into_js_value());
}
