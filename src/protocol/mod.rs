//! Nyne's wire contract: what an answer, a status and an error mean, and what to say of them. Pure: no I/O, no clock, no
//! JavaScript.
//!
//! No text from outside comes in here: the host keeps the texts, says what kind of value stands where ([`Value`]) and fills
//! them into the words that are chosen here ([`What`], [`Advice`]).
//!
//! Start with [`Reply`], which is what came back.

mod error;
mod reply;
mod retry_after;
mod value;

pub use error::{Advice, Code, Error, Submitted, What};
pub use reply::{ApiError, Body, Expected, Reply, State, Told};
pub use retry_after::{WaitHeaders, is_limited};
pub use value::{Id, Kind, Member, Value};
