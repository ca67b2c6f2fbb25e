//! When to poll, and how to back off.
//!
//! The service asks to "poll every few seconds at first, backing off for long-running jobs". A wait in proportion to the
//! time already waited keeps the lateness of the result a bounded share of the job's own length, however long it is.

use super::budget::Limits;

/// The share of the time already waited that the next wait lasts.
const SHARE: f64 = 2.0 / 3.0;
/// The share of a wait that chance decides, so that many clients spread out.
const SPREAD: f64 = 0.2;

/// When to poll, in ms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    /// From the submit to the first poll, and the shortest wait between polls.
    pub first_delay: f64,
    /// The longest wait between polls.
    pub max_delay: f64,
    /// The latest first poll, however long the jobs are known to take.
    pub max_first: f64,
}

impl Default for Schedule {
    fn default() -> Self {
        Schedule { first_delay: 6_000.0, max_delay: 15_000.0, max_first: f64::INFINITY }
    }
}

impl Schedule {
    /// The wait from the submit to the first poll: `first_delay`, up to a fifth longer, or what was learned if that is more, up to
    /// a tenth longer or shorter. `random` is in 0..1.
    pub fn first(&self, learned: Option<f64>, random: f64) -> f64 {
        // Sometimes earlier: a client that only ever polled later than it knows to be worth it would never see jobs get shorter.
        let learned = learned.unwrap_or(0.0).min(self.max_first) * (1.0 + SPREAD * (random - 0.5));
        if learned > self.first_delay { learned } else { self.first_delay * (1.0 + SPREAD * random) }
    }

    /// The wait to the next poll of a job that was submitted `age` ms ago: what was learned, or else two thirds of that,
    /// within the bounds, and up to a fifth shorter.
    pub fn next(&self, age: f64, learned: Option<f64>, random: f64) -> f64 {
        learned.unwrap_or(age * SHARE).max(self.first_delay).min(self.max_delay) * (1.0 - SPREAD * random)
    }

    /// What is added to a wait after the `failures`th failure in a row: full jitter over a span that doubles.
    pub fn backoff(&self, failures: u32, random: f64) -> f64 {
        // A span past any delay need not grow further.
        let span = (1..failures.min(64)).fold(self.first_delay, |span, _| span * 2.0);
        span.min(self.max_delay) * random
    }
}

/// The limits of a call. Times are in ms, infinite for no limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// When to poll.
    pub schedule: Schedule,
    /// The whole call.
    pub timeout: f64,
    /// The time for the whole call begins with its first request: before that it waits as long as the limits want.
    pub patient: bool,
    /// A claim is taken before each submit.
    pub claims: bool,
    /// One request, its reply's body included.
    pub request_timeout: f64,
    /// Retries of one request that may be sent again; `u32::MAX` for no limit.
    pub max_retries: u32,
    /// Successful polls; `u32::MAX` for no limit.
    pub max_polls: u32,
    /// Requests of all calls of the client.
    pub limits: Limits,
}

impl Default for Plan {
    fn default() -> Self {
        Plan {
            schedule: Schedule::default(),
            timeout: 300_000.0,
            patient: false,
            claims: false,
            request_timeout: 15_000.0,
            max_retries: 5,
            max_polls: u32::MAX,
            limits: Limits::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Schedule = Schedule { first_delay: 6_000.0, max_delay: 15_000.0, max_first: f64::INFINITY };

    /// Equal but for what is lost in adding and multiplying.
    fn same(left: f64, right: f64) {
        assert!((left - right).abs() < 1e-6, "{left} is not {right}");
    }

    #[test]
    fn the_defaults_are_the_published_ones() {
        assert_eq!(Schedule::default(), USUAL);
        let Plan { schedule, timeout, request_timeout, max_retries, max_polls, patient, claims, limits } =
            Plan::default();
        assert_eq!(schedule, USUAL);
        assert_eq!((timeout, request_timeout, max_retries, max_polls), (300_000.0, 15_000.0, 5, u32::MAX));
        assert!(!patient && !claims);
        assert_eq!(limits, Limits { per_minute: 100, per_hour: 1_000, at_once: usize::MAX });
    }

    #[test]
    fn the_first_poll_comes_after_the_first_delay_or_what_was_learned() {
        for (learned, random, wait) in [
            (None, 0.0, 6_000.0),
            (None, 0.5, 6_600.0),
            (None, 1.0, 7_200.0),
            (Some(5_999.0), 0.0, 6_000.0),
            (Some(6_000.0), 0.0, 6_000.0),
            (Some(6_500.0), 0.0, 6_000.0),
            (Some(8_000.0), 0.0, 7_200.0),
            (Some(8_000.0), 1.0, 8_800.0),
            (Some(60_000.0), 0.5, 60_000.0),
        ] {
            same(USUAL.first(learned, random), wait);
        }
        same(Schedule { max_first: 30_000.0, ..USUAL }.first(Some(60_000.0), 0.5), 30_000.0);
        same(Schedule { first_delay: 20_000.0, max_first: 1.0, ..USUAL }.first(Some(9.0), 0.0), 20_000.0);
    }

    #[test]
    fn later_polls_come_in_proportion_to_the_age_or_as_learned_within_bounds() {
        for (age, learned, random, wait) in [
            (0.0, None, 0.0, 6_000.0),
            (9_000.0, None, 0.0, 6_000.0),
            (12_000.0, None, 0.0, 8_000.0),
            (12_000.0, None, 0.5, 7_200.0),
            (12_000.0, None, 1.0, 6_400.0),
            (22_500.0, None, 0.0, 15_000.0),
            (600_000.0, None, 0.0, 15_000.0),
            (600_000.0, None, 1.0, 12_000.0),
            (12_000.0, Some(9_000.0), 0.0, 9_000.0),
            (12_000.0, Some(9_000.0), 1.0, 7_200.0),
            (12_000.0, Some(1_000.0), 0.0, 6_000.0),
            (12_000.0, Some(99_000.0), 0.0, 15_000.0),
        ] {
            same(USUAL.next(age, learned, random), wait);
        }
        same(Schedule { first_delay: 1.0, max_delay: 1.0, ..USUAL }.next(600_000.0, None, 1.0), 0.8);
        same(Schedule { first_delay: 9.0, max_delay: 1.0, ..USUAL }.next(0.0, None, 0.0), 1.0);
    }

    #[test]
    fn each_failure_doubles_the_span_that_chance_draws_from() {
        for (failures, longest) in [(1, 6_000.0), (2, 12_000.0), (3, 15_000.0), (99, 15_000.0)] {
            same(USUAL.backoff(failures, 0.0), 0.0);
            same(USUAL.backoff(failures, 0.25), longest / 4.0);
            same(USUAL.backoff(failures, 1.0), longest);
        }
    }
}
