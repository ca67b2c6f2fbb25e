//! An HTTP answer, and how a host reads it: the same steps in the same order as `src/host/event.rs`.

use nyne_phone_finder::protocol::{Answer, Expected, Json, MAX_BODY, Reply, Secrets, WaitHeaders, readable};

/// A key that the client sends and the server likes to repeat.
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
    /// Reads the answer at the local Unix time `clock`, in ms: what it says, and how long it asks to stay away.
    pub fn read<T>(&self, expected: Expected, clock: f64, then: impl FnOnce(&Reply, Option<f64>) -> T) -> T {
        let mut secrets = Secrets::default();
        secrets.add(KEY.into());
        let text = readable(&self.body);
        let answer = Answer { status: self.status, json: text.as_deref().and_then(Json::parse), body: &self.body };
        let reply = if self.body.len() > MAX_BODY {
            Reply::Unreadable("the body is larger than 1 MiB".into())
        } else {
            Reply::read(&answer, expected, &secrets)
        };
        then(&reply, self.wait(clock))
    }

    fn wait(&self, clock: f64) -> Option<f64> {
        let limited = matches!(self.status, 429 | 503);
        let headers = WaitHeaders {
            retry_after: self.retry_after.as_deref(),
            rate_limit_reset: self.rate_limit_reset.as_deref().filter(|_| limited),
            x_rate_limit_reset: self.x_rate_limit_reset.as_deref().filter(|_| limited),
            date: self.date.as_deref(),
        };
        if self.retry_after.is_some() || limited { headers.wait(clock) } else { None }
    }
}
