//! When to poll, and how to back off.
//!
//! The service asks to "poll every few seconds at first, backing off for long-running jobs". A wait in proportion to the
//! time already waited keeps the lateness of the result a bounded share of the job's own length, however long it is.

/// The share of the time already waited that the next wait lasts.
const SHARE: f64 = 1.0 / 3.0;
/// The share of a wait that chance decides, so that many clients spread out.
const SPREAD: f64 = 0.2;

/// When to poll, in ms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    /// From the submit to the first poll.
    pub first_delay: f64,
    /// The longest wait between polls.
    pub max_delay: f64,
}

impl Default for Schedule {
    fn default() -> Self {
        Schedule { first_delay: 3_000.0, max_delay: 15_000.0 }
    }
}

impl Schedule {
    /// The wait from the submit to the first poll: `first_delay`, or what was learned if that is more, and up to a fifth
    /// longer. `random` is in 0..1.
    pub fn first(&self, learned: f64, random: f64) -> f64 {
        self.first_delay.max(learned.min(self.max_delay)) * (1.0 + SPREAD * random)
    }

    /// The wait to the next poll of a job that was submitted `age` ms ago, up to a fifth shorter than a third of that.
    pub fn next(&self, age: f64, random: f64) -> f64 {
        (age * SHARE).max(self.first_delay).min(self.max_delay) * (1.0 - SPREAD * random)
    }

    /// What is added to a wait after the `failures`th failure in a row: full jitter over a span that doubles.
    pub fn backoff(&self, failures: f64, random: f64) -> f64 {
        // A span past any delay need not grow on.
        let span = (1..failures.min(64.0) as u32).fold(self.first_delay, |span, _| span * 2.0);
        span.min(self.max_delay) * random
    }
}

/// The limits a call keeps, in ms and numbers; infinite where there is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    pub schedule: Schedule,
    /// The whole call.
    pub timeout: f64,
    /// One HTTP exchange, body included.
    pub request_timeout: f64,
    /// Repeats of one exchange that may be repeated.
    pub max_retries: f64,
    /// Good polls.
    pub max_polls: f64,
}

impl Default for Plan {
    fn default() -> Self {
        Plan {
            schedule: Schedule::default(),
            timeout: 300_000.0,
            request_timeout: 15_000.0,
            max_retries: 5.0,
            max_polls: f64::INFINITY,
        }
    }
}
