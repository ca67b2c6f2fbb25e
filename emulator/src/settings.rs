//! What can be set for a world: the command line's flags and the body of `POST /emulator/worlds`.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::cors::Cors;
use crate::faults::FaultRule;
use crate::latency::Latency;
use crate::people::People;

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Settings {
    pub api_key: String,
    pub api_secret: String,
    pub credits: i64,
    #[serde(rename = "latencyMs")]
    pub latency: Latency,
    /// Divides every duration of the service: latency, limits' windows, expiry, callback retries.
    pub speed: f64,
    pub seed: Option<u64>,
    /// Whether pages of other origins may call.
    pub cors: bool,
    pub expose_headers: bool,
    /// Empty: every host.
    pub callback_hosts: Vec<String>,
    pub per_minute: u32,
    pub per_hour: u32,
    /// How long an ended job can be asked for.
    pub expire_after_ms: u64,
    pub failure_share: f64,
    /// What successive polls of a job say before it is done, instead of by time.
    pub statuses: Option<Vec<String>>,
    /// People of one's own, who are found before those of the directory.
    pub people: People,
    pub faults: Vec<FaultRule>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            api_key: "nyne_live_emulator".into(),
            api_secret: "nyne_sec_emulator".into(),
            credits: 1000,
            latency: Latency::default(),
            speed: 1.0,
            seed: None,
            cors: true,
            expose_headers: false,
            callback_hosts: Vec::new(),
            per_minute: 100,
            per_hour: 1000,
            expire_after_ms: 3_600_000,
            failure_share: 0.0,
            statuses: None,
            people: People::default(),
            faults: Vec::new(),
        }
    }
}

/// Reads what was set. Fails with the field that is wrong, and why.
pub fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, String> {
    // By way of a value, whose errors name no line and column: who wrote JavaScript has not seen the text.
    let value: Value = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    serde_path_to_error::deserialize(value).map_err(|error| error.to_string())
}

impl Settings {
    /// Fails, saying why, if that is not settings as JSON.
    pub fn from_json(json: &[u8]) -> Result<Self, String> {
        read(json)
    }

    pub fn cors(&self) -> Cors {
        Cors { allowed: self.cors, expose_headers: self.expose_headers }
    }

    pub fn check(&self) -> Result<(), String> {
        self.latency.check()?;
        if !(self.speed.is_finite() && self.speed > 0.0) {
            return Err("speed is a number above 0".into());
        }
        if !(0.0..=1.0).contains(&self.failure_share) {
            return Err("the share of failures is a number from 0 to 1".into());
        }
        Ok(())
    }
}
