//! The command line.

use std::time::Duration;

use clap::Parser;
use nyne_emulator::{Latency, People, Settings};

/// Nyne's Phone Finder, emulated: POST and GET /person/phone as Nyne's contract says.
#[derive(Parser)]
#[command(name = "nyne-emulator", version)]
pub struct Flags {
    /// Port to listen on; 0 takes any free one
    #[arg(long, default_value_t = 8787)]
    pub port: u16,

    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    pub host: String,

    /// The key that X-API-Key must carry
    #[arg(long, env = "NYNE_EMULATOR_API_KEY", hide_env_values = true, default_value = "nyne_live_emulator")]
    api_key: String,

    /// The secret that X-API-Secret must carry
    #[arg(long, env = "NYNE_EMULATOR_API_SECRET", hide_env_values = true, default_value = "nyne_sec_emulator")]
    api_secret: String,

    /// The account's credits; a found number costs one
    #[arg(long, value_name = "N", default_value_t = 1000, allow_negative_numbers = true)]
    credits: i64,

    /// How long jobs take: fixed:30s, uniform:20s..60s or lognormal:MEDIAN,SIGMA
    #[arg(long, value_name = "DIST", default_value = "lognormal:40s,0.35")]
    latency: Latency,

    /// Divides every duration: latency, limit windows, expiry and callback retries
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    speed: f64,

    /// Makes ids, latencies and failures repeatable [default: different each time]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// Let pages of other origins call (CORS); nothing is published on whether Nyne does
    #[arg(long)]
    cors: bool,

    /// With --cors: let those pages read Retry-After and the rate limits' headers, too
    #[arg(long, requires = "cors")]
    expose_headers: bool,

    /// Hosts that a callback_url may name, separated by commas [default: every host]
    #[arg(long, value_name = "HOST,HOST", value_delimiter = ',')]
    callback_hosts: Vec<String>,

    /// Requests admitted in a minute
    #[arg(long, value_name = "N", default_value_t = 100)]
    per_minute: u32,

    /// Requests admitted in an hour
    #[arg(long, value_name = "N", default_value_t = 1000)]
    per_hour: u32,

    /// How long an ended job can be asked for, as in 90s or 1h
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = humantime::parse_duration)]
    expire_after: Duration,

    /// Share of the jobs that end as failed, from 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    failures: f64,
}

impl Flags {
    pub fn into_settings(self) -> Settings {
        Settings {
            api_key: self.api_key,
            api_secret: self.api_secret,
            credits: self.credits,
            latency: self.latency,
            speed: self.speed,
            seed: self.seed,
            cors: self.cors,
            expose_headers: self.expose_headers,
            callback_hosts: self.callback_hosts.into_iter().filter(|host| !host.is_empty()).collect(),
            per_minute: self.per_minute,
            per_hour: self.per_hour,
            expire_after_ms: self.expire_after.as_millis().try_into().unwrap_or(u64::MAX),
            failure_share: self.failures,
            statuses: None,
            people: People::default(),
            faults: Vec::new(),
        }
    }
}
