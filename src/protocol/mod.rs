//! Nyne's wire contract: what a query, an answer, a status and an error look like. Pure: text in, values out; no I/O, no
//! clock, no JavaScript. Everything here that reads bytes from outside accepts any bytes.
//!
//! Start with [`Query`], which becomes the body of a submit, and [`Reply`], which is what came back.

mod error;
mod json;
mod names;
mod query;
mod reply;
mod retry_after;
mod secrets;

pub use error::{Error, Submitted, sentence};
pub use json::Json;
pub use names::unknown_name;
pub use query::{Query, valid_request_id};
pub use reply::{Answer, ApiError, Expected, Job, Reply, State, readable};
pub use retry_after::{WaitHeaders, http_date};
pub use secrets::Secrets;

/// What the service answers on, below the base URL.
pub const PATH: &str = "/person/phone";
/// Where the service is, unless the caller says otherwise.
pub const BASE_URL: &str = "https://api.nyne.ai";
/// The largest body that is read, in bytes.
pub const MAX_BODY: usize = 1 << 20;
