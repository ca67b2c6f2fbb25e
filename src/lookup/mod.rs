//! What to do next. A lookup is a deterministic state machine without I/O and without a clock: it is given [`Event`]s and
//! answers each with a [`Step`], which says what the host must do: send this, wait until then, or settle. Time and chance
//! come in with each event, so every rule here is tested in virtual time.
//!
//! Start with [`Lookup`], and [`Lookup::on`], its one entry.
//!
//! ```
//! use nyne_phone_finder::lookup::{Action, Budget, Event, Learning, Lookup, Moment, Operation, Plan};
//! use nyne_phone_finder::protocol::{Body, Expected, Reading, Reply, Secrets};
//! use serde_json::{Value, json};
//!
//! let (mut budget, mut learning, secrets) = (Budget::default(), Learning::default(), Secrets::default());
//! let mut moment = Moment { now: 0.0, random: 0.5, budget: &mut budget, learning: &mut learning };
//! let mut lookup = Lookup::new(Operation::Find, Plan::default(), None, 0.0);
//!
//! // The call begins: send the submit.
//! let step = lookup.on(Event::<Value>::Start { age: None }, &mut moment);
//! assert!(matches!(step.action, Action::Submit));
//!
//! // The reply carries the job's id. Wait, then poll.
//! let reading = Reading { expected: Expected::Submit, id: None, secrets: &secrets };
//! let reply = Reply::read(202, Body::Json(json!({ "request_id": "a1", "status": "queued" })), &reading);
//! moment.now = 200.0;
//! let step = lookup.on(Event::Reply { reply, wait: None }, &mut moment);
//! assert!(matches!(step.action, Action::Wait));
//! assert_eq!(lookup.id(), Some("a1"));
//!
//! moment.now = lookup.due();
//! let step = lookup.on(Event::<Value>::Tick, &mut moment);
//! assert!(matches!(step.action, Action::Poll));
//! ```

mod budget;
mod durable;
mod learning;
mod machine;
mod schedule;

pub use budget::{Budget, Limits, Ticket, Want};
pub use durable::{Durable, Stage};
pub use learning::Learning;
pub use machine::{Action, Event, Lookup, Moment, Operation, Outcome, Progress, Step, Update};
pub use schedule::{Plan, Schedule};
