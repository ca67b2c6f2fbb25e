//! Nyne's wire contract: what a query, a reply and an error look like, and what to tell people about them. Pure: no I/O, no
//! clock, no JavaScript.
//!
//! Start with [`Reply`], the reply read, and [`Error`], which is why a call ended without a result. JSON is read
//! through the small trait [`Value`]: the host implements it for JavaScript values, the tests for `serde_json`.

mod error;
mod names;
mod query;
mod reply;
mod retry_after;
mod secrets;
mod value;

pub use error::{Code, Defect, Error, Failure, Peer, Problem, Submitted, decimal};
pub use names::{short as short_name, unknown_name};
pub use query::Query;
pub use reply::{ApiError, Body, Expected, Job, Reading, Reply, State, check_id};
pub use retry_after::{WaitHeaders, is_limited};
pub use secrets::Secrets;
pub use value::{Member, Value};

/// Nyne's own address.
pub const BASE_URL: &str = "https://api.nyne.ai";

/// The one path of the Phone Finder: POST submits, GET asks for the status.
pub const PATH: &str = "/person/phone";

/// The largest body that is read, in bytes.
pub const MAX_BODY: usize = 1 << 20;
