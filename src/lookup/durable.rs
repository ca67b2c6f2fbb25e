//! A lookup that outlives the program that began it: what is kept between two of its requests.
//!
//! An engine that is interrupted in a request runs it again, from what was kept before. So each submit is preceded by a claim on
//! a key that no other submit has: a submit that is run again finds its claim taken and is not sent.

use super::machine::{Lookup, Outcome, Progress};
use crate::protocol::{Error, Failure, Submitted, decimal};

/// What is kept, beside the query and the key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Durable {
    /// The job's id, once it is known.
    pub id: Option<String>,
    /// How many submits were begun.
    pub submits: u32,
    /// How far the lookup has come.
    pub progress: Progress,
    /// Whether it continues.
    pub stage: Stage,
}

/// Whether a lookup continues.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// It does.
    #[default]
    Pending,
    /// The job finished.
    Completed,
    /// It ended without a result. Says whether a job may have been made.
    Failed(Submitted),
}

impl Durable {
    /// Returns true if nothing can be done any more. A lookup that failed continues if it is advanced all the same, save for one
    /// whose submit may have made a job: that needs the id.
    pub fn is_final(&self) -> bool {
        match self.stage {
            Stage::Pending => false,
            Stage::Completed => true,
            Stage::Failed(submitted) => self.id.is_none() && submitted != Submitted::No,
        }
    }

    /// Returns true if `key` can identify a lookup. One that ends in `#` and a number is the claim of a further submit of another
    /// lookup.
    pub fn is_key(key: &str) -> bool {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        !key.is_empty() && !key.rsplit_once('#').is_some_and(|(_, number)| is_number(number))
    }

    /// What the next submit of the lookup with this key claims.
    pub fn claim(&self, key: &str) -> String {
        match self.submits {
            0 => key.into(),
            submits => [key, "#", &decimal(f64::from(submits) + 1.0)].concat(),
        }
    }

    /// What is kept after the request that `lookup` has sent. `None` if nothing was sent, or if the caller aborted the request: the
    /// step can be run again, and a submit whose claim is taken is not sent.
    pub fn after<V>(&self, end: Result<&Outcome<V>, &Error>, lookup: &Lookup) -> Option<Durable> {
        let stage = match end {
            Ok(Outcome::Paused { .. }) => Stage::Pending,
            Ok(Outcome::Job { .. }) => Stage::Completed,
            Ok(Outcome::Request) => return None,
            Err(error) => match error.failure {
                Failure::Aborted | Failure::SignalTimeout | Failure::Host(_) | Failure::Store(_) => return None,
                _ => Stage::Failed(error.submitted),
            },
        };
        let mut progress = lookup.progress().clone();
        if stage != Stage::Pending {
            // If it is advanced all the same, it may fail as often as before.
            progress.failures = 0;
        }
        let submits = self.submits + u32::from(self.id.is_none());
        Some(Durable { id: lookup.id().map(str::to_owned), submits, progress, stage })
    }
}
