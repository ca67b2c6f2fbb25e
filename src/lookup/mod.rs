//! What to do next. A lookup is a deterministic state machine: it is given [`Event`]s and answers with a [`Step`] that says
//! what the host must do: send this, wait until then, or settle. No I/O, no clock, no randomness of its own and no
//! JavaScript: time and chance come in with each event, so every rule here is tested in virtual time.
//!
//! Start with [`Lookup`]. It is small, plain data ([`Lookup::save`], [`Lookup::restore`]): the host keeps nothing else
//! between two events.

mod learning;
mod schedule;
mod state;

pub use learning::Learning;
pub use schedule::{Plan, Schedule};
pub use state::{Action, Event, Lookup, Moment, Operation, Outcome, Pause, Step, Update};
