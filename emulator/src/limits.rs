//! Request limits: so many a minute and so many an hour, POST and GET together.

use std::cmp::Reverse;

use http::{HeaderMap, HeaderValue};

use crate::clock::UnixMillis;

const MINUTE: f64 = 60_000.0;
const HOUR: f64 = 3_600_000.0;

pub struct Limits {
    windows: [Window; 2],
}

/// Opens with the first request after the last one closed. Refused requests do not count.
struct Window {
    limit: u32,
    length: u64,
    opened: UnixMillis,
    used: u32,
}

impl Limits {
    pub fn new(per_minute: u32, per_hour: u32, speed: f64) -> Self {
        let window =
            |limit, length: f64| Window { limit, length: ((length / speed).ceil() as u64).max(1), opened: 0, used: 0 };
        Self { windows: [window(per_minute, MINUTE), window(per_hour, HOUR)] }
    }

    /// Counts one request, unless a limit is used up.
    pub fn admit(&mut self, now: UnixMillis) -> bool {
        for window in &mut self.windows {
            if window.used == 0 || now >= window.closes() {
                window.opened = now;
                window.used = 0;
            }
        }
        let admitted = self.windows.iter().all(|window| window.remaining() > 0);
        if admitted {
            for window in &mut self.windows {
                window.used += 1;
            }
        }
        admitted
    }

    /// Adds both families of headers that Nyne's sister endpoints send.
    pub fn describe(&self, now: UnixMillis, headers: &mut HeaderMap) {
        let window = self.scarcest();
        let mut put = |name, value: u64| headers.insert(name, HeaderValue::from(value));
        put("x-ratelimit-limit", window.limit.into());
        put("x-ratelimit-remaining", window.remaining().into());
        put("x-ratelimit-reset", window.closes().div_ceil(1000));
        put("ratelimit-limit", window.limit.into());
        put("ratelimit-remaining", window.remaining().into());
        put("ratelimit-reset", window.seconds_left(now));
    }

    /// What a refused client is told to wait, in whole seconds.
    pub fn retry_after(&self, now: UnixMillis) -> u64 {
        self.scarcest().seconds_left(now).max(1)
    }

    fn scarcest(&self) -> &Window {
        let [minute, hour] = &self.windows;
        let scarcity = |window: &Window| (window.remaining(), Reverse(window.closes()));
        if scarcity(hour) < scarcity(minute) { hour } else { minute }
    }
}

impl Window {
    fn remaining(&self) -> u32 {
        self.limit - self.used
    }

    fn closes(&self) -> UnixMillis {
        self.opened.saturating_add(self.length)
    }

    fn seconds_left(&self, now: UnixMillis) -> u64 {
        self.closes().saturating_sub(now).div_ceil(1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: UnixMillis = 1_700_000_000_000;

    fn headers(limits: &Limits, now: UnixMillis) -> HeaderMap {
        let mut headers = HeaderMap::new();
        limits.describe(now, &mut headers);
        headers
    }

    #[test]
    fn a_minute_admits_its_share_and_the_next_minute_again() {
        let mut limits = Limits::new(3, 1000, 1.0);
        let admitted = |limits: &mut Limits, at| (0..5).filter(|_| limits.admit(at)).count();
        assert_eq!(admitted(&mut limits, START), 3);
        assert_eq!(admitted(&mut limits, START + 59_999), 0);
        assert_eq!(admitted(&mut limits, START + 60_000), 3);
    }

    #[test]
    fn the_hour_limits_what_the_minutes_would_admit() {
        let mut limits = Limits::new(100, 150, 1.0);
        let admitted: usize = (0..60)
            .map(|minute| {
                let at = START + minute * 60_000;
                (0..100).filter(|_| limits.admit(at)).count()
            })
            .sum();
        assert_eq!(admitted, 150);
        let late = START + 3_595_000;
        assert_eq!(headers(&limits, late)["x-ratelimit-limit"], "150");
        assert_eq!(limits.retry_after(late), 5);
        assert!(limits.admit(START + 3_600_000));
    }

    #[test]
    fn headers_tell_the_limit_the_rest_and_the_reset_in_both_forms() {
        let mut limits = Limits::new(2, 1000, 1.0);
        limits.admit(START);
        let first = headers(&limits, START + 500);
        assert_eq!(first["x-ratelimit-limit"], "2");
        assert_eq!(first["x-ratelimit-remaining"], "1");
        assert_eq!(first["x-ratelimit-reset"], "1700000060");
        assert_eq!(first["ratelimit-remaining"], "1");
        assert_eq!(first["ratelimit-reset"], "60");
        limits.admit(START + 1_000);
        assert!(!limits.admit(START + 20_000));
        assert_eq!(limits.retry_after(START + 20_000), 40);
    }

    #[test]
    fn speed_shortens_the_windows() {
        let mut limits = Limits::new(1, 1000, 60.0);
        assert!(limits.admit(START));
        assert!(!limits.admit(START + 999));
        assert!(limits.admit(START + 1_000));
    }

    #[test]
    fn a_limit_of_zero_admits_nothing() {
        let mut limits = Limits::new(0, 0, 1.0);
        assert!(!limits.admit(START));
        assert!(limits.retry_after(START) > 0);
    }
}
