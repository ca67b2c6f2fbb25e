//! How long jobs take.

use std::str::FromStr;

use serde::Deserialize;

/// The distribution of a job's duration, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(
    untagged,
    expecting = "a latency is a number, {\"uniform\":[a,b]} or {\"lognormal\":{\"medianMs\":m,\"sigma\":s}}"
)]
pub enum Latency {
    Fixed(f64),
    Uniform {
        uniform: (f64, f64),
    },
    #[serde(rename_all = "camelCase")]
    LogNormal {
        lognormal: LogNormal,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LogNormal {
    median_ms: f64,
    sigma: f64,
}

/// Nyne's sister endpoints are published as "typically 30-60 s".
impl Default for Latency {
    fn default() -> Self {
        Self::LogNormal { lognormal: LogNormal { median_ms: 40_000.0, sigma: 0.35 } }
    }
}

impl Latency {
    pub fn draw(&self, rng: &mut fastrand::Rng) -> f64 {
        match *self {
            Self::Fixed(ms) => ms,
            Self::Uniform { uniform: (a, b) } => a + (b - a) * rng.f64(),
            Self::LogNormal { lognormal } => lognormal.median_ms * (lognormal.sigma * standard_normal(rng)).exp(),
        }
    }

    pub fn check(&self) -> Result<(), String> {
        let numbers = match *self {
            Self::Fixed(ms) => [ms, 0.0],
            Self::Uniform { uniform: (a, b) } if a > b => {
                return Err("a uniform latency goes from the smaller time to the larger".into());
            }
            Self::Uniform { uniform: (a, b) } => [a, b],
            Self::LogNormal { lognormal } => [lognormal.median_ms, lognormal.sigma],
        };
        if numbers.iter().all(|n| n.is_finite() && *n >= 0.0) {
            return Ok(());
        }
        Err("a latency is made of finite numbers that are not negative".into())
    }
}

/// Box and Muller's transform.
fn standard_normal(rng: &mut fastrand::Rng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.f64()).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.f64()).cos()
}

/// The command line's form: `fixed:30s`, `uniform:20s..60s`, `lognormal:40s,0.35`.
impl FromStr for Latency {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const FORMS: &str = "write fixed:30s, uniform:20s..60s or lognormal:40s,0.35";
        let (kind, values) = text.split_once(':').ok_or(FORMS)?;
        let latency = match kind {
            "fixed" => Self::Fixed(milliseconds(values)?),
            "uniform" => {
                let (from, to) = values.split_once("..").ok_or(FORMS)?;
                Self::Uniform { uniform: (milliseconds(from)?, milliseconds(to)?) }
            }
            "lognormal" => {
                let (median, sigma) = values.split_once(',').ok_or(FORMS)?;
                Self::LogNormal {
                    lognormal: LogNormal {
                        median_ms: milliseconds(median)?,
                        sigma: sigma.trim().parse().map_err(|_| FORMS)?,
                    },
                }
            }
            _ => return Err(FORMS.into()),
        };
        latency.check()?;
        Ok(latency)
    }
}

fn milliseconds(text: &str) -> Result<f64, String> {
    humantime::parse_duration(text.trim())
        .map(|duration| duration.as_secs_f64() * 1000.0)
        .map_err(|error| format!("{text}: {error}; write a time like 30s or 500ms"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(latency: &str) -> Vec<f64> {
        let latency: Latency = latency.parse().unwrap();
        let mut rng = fastrand::Rng::with_seed(7);
        let mut draws: Vec<f64> = (0..10_001).map(|_| latency.draw(&mut rng)).collect();
        draws.sort_by(f64::total_cmp);
        draws
    }

    #[test]
    fn draws_follow_the_distribution() {
        assert!(draws("fixed:1500ms").iter().all(|ms| *ms == 1500.0));
        let uniform = draws("uniform:20s..60s");
        assert!(uniform[0] >= 20_000.0 && uniform[10_000] <= 60_000.0);
        assert!((uniform[5_000] - 40_000.0).abs() < 1_000.0);
        let lognormal = draws("lognormal:40s,0.35");
        assert!((lognormal[5_000] - 40_000.0).abs() < 1_000.0);
        // One sigma above the median lie 84.1 % of the draws.
        assert!((lognormal[8_413] - 40_000.0 * 0.35f64.exp()).abs() < 2_000.0);
    }

    #[test]
    fn json_has_the_same_three_forms() {
        for (json, text) in [
            ("1500", "fixed:1500ms"),
            (r#"{"uniform":[1000,2000]}"#, "uniform:1s..2s"),
            (r#"{"lognormal":{"medianMs":5,"sigma":1}}"#, "lognormal:5ms,1"),
        ] {
            let latency: Latency = serde_json::from_str(json).unwrap();
            assert_eq!(latency, text.parse().unwrap());
        }
        assert!(serde_json::from_str::<Latency>("\"fast\"").is_err());
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "30s", "fixed:soon", "uniform:9s..1s", "lognormal:40s,-1", "lognormal:1s,NaN"] {
            assert!(text.parse::<Latency>().is_err(), "{text}");
        }
    }
}
