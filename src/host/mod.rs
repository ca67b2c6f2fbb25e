//! Carries out what [`crate::lookup`] decides. The only code that touches JavaScript.
//!
//! One call, from its arguments to its result, is one future: see [`driver`]. What belongs to the caller or to the host may
//! throw at any time, so each import that reaches such code is declared `catch`. gloo's `clearTimeout` is the one exception.

mod batch;
mod body;
mod callback;
mod calls;
mod caught;
mod client;
mod context;
mod driver;
mod durable;
mod error;
mod exchange;
mod json;
mod navigator;
mod options;
mod promise;
mod signal;
mod store;
mod timer;
mod values;

pub use batch::Batch;
pub use client::Client;
pub use driver::{check_status, confirm_callback, find_phone, parse_callback, poll_result, submit_phone};
pub use durable::advance;
pub use error::NyneError;
