//! Nyne's Phone Finder, emulated from its contract.
//!
//! The emulated service is a deterministic function of the requests it gets, the time it is told
//! and its seed: nothing in here opens a socket or reads a clock. [`Emulator::answer`] takes a
//! request and the time and gives back an [`Answer`]: the response, and how it is to reach the
//! client (whole, late, in drips, cut off). The binary beside this library supplies the sockets,
//! the clock and the delivery of callbacks.
//!
//! ```
//! use nyne_emulator::{Emulator, Request, Settings};
//!
//! let mut emulator = Emulator::new(Settings::default(), 1)?;
//! let now = 1_780_000_000_000;
//! let answer = emulator.answer(&Request::default(), now);
//! assert_eq!(answer.response.status(), 404); // nothing but /person/phone is served
//! # Ok::<(), String>(())
//! ```
//!
//! Start at [`Emulator`]; what Nyne's contract says is in `service`, one concern per file below it.

mod account;
mod answer;
mod clock;
mod codes;
mod cors;
mod directory;
mod emulator;
mod envelope;
mod faults;
mod jobs;
mod latency;
mod limits;
mod log;
mod people;
mod service;
mod settings;
mod sinks;
mod world;

pub use answer::{Answer, Cut, Delivery, Ending, LARGEST_REQUEST, Request, Response};
pub use clock::UnixMillis;
pub use emulator::{Callback, Emulator, Ticket};
pub use latency::Latency;
pub use people::People;
pub use settings::Settings;
