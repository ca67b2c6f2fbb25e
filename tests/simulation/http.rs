//! An HTTP reply, and how a host reads it: the same steps in the same order as `src/host/exchange.rs`.

use nyne_phone_finder::lookup;
use nyne_phone_finder::protocol::{Body, Expected, Reading, Reply, Secrets, WaitHeaders};
use serde_json::Value;

/// What the core is given and gives back here, where serde_json's values stand in for JavaScript's.
pub type Event = lookup::Event<Value>;
pub type Step = lookup::Step<Value>;

/// A key that the client sends and the server likes to repeat. It has the form of an id and of a code.
pub const KEY: &str = "nyne_sec_0123456789abcdef";

#[derive(Clone, Debug, Default)]
pub struct Http {
    pub status: u16,
    pub body: String,
    pub retry_after: Option<String>,
    pub rate_limit_reset: Option<String>,
    pub x_rate_limit_reset: Option<String>,
    pub date: Option<String>,
}

impl Http {
    /// A reply without headers.
    pub fn new(status: u16, body: String) -> Http {
        Http { status, body, ..Http::default() }
    }

    /// Reads the reply, for a call about the job of this id or not yet about any.
    pub fn read(&self, expected: Expected, id: Option<&str>) -> Reply<Value> {
        read(self.status, &self.body, expected, id)
    }

    /// How long it asks to stay away, at the local Unix time `clock`, in ms.
    pub fn wait(&self, clock: f64) -> Option<f64> {
        let headers = WaitHeaders {
            retry_after: self.retry_after.as_deref(),
            rate_limit_reset: self.rate_limit_reset.as_deref(),
            x_rate_limit_reset: self.x_rate_limit_reset.as_deref(),
            date: self.date.as_deref(),
        };
        headers.wait(self.status, clock)
    }
}

/// Reads the body of a reply or of a callback.
pub fn read(status: u16, body: &str, expected: Expected, id: Option<&str>) -> Reply<Value> {
    let parsed = match parse(body) {
        Some(json) => Body::Json(json),
        None if body.trim().is_empty() => Body::Empty,
        None => Body::Text(body.into()),
    };
    Reply::read(status, parsed, &Reading { expected, id, secrets: &secrets() })
}

/// What no text may repeat.
pub fn secrets() -> Secrets {
    let mut secrets = Secrets::default();
    secrets.add_key(KEY);
    secrets
}

/// A body's JSON: as it is, or else with raw control characters replaced by spaces.
fn parse(body: &str) -> Option<Value> {
    let json = body.strip_prefix('\u{feff}').unwrap_or(body);
    let clean = || serde_json::from_str(&json.replace(|c: char| c < ' ', " ")).ok();
    serde_json::from_str(json).ok().or_else(clean)
}
