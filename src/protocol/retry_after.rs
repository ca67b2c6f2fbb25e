//! How long an answer asks to stay away.

/// The headers that say so, as far as the host shows them (a browser hides all of them unless the server exposes them) and
/// can read them; NaN where it does not.
#[derive(Clone, Copy, Debug)]
pub struct WaitHeaders {
    /// `Retry-After`, where it is seconds.
    pub retry_after: f64,
    /// `Retry-After`, where it is an HTTP date: a Unix time in ms.
    pub retry_at: f64,
    /// `RateLimit-Reset`: seconds.
    pub rate_limit_reset: f64,
    /// `X-RateLimit-Reset`: a Unix time in seconds.
    pub x_rate_limit_reset: f64,
    /// `Date`: the server's own clock, a Unix time in ms, against which its dates are to be read.
    pub date: f64,
}

impl WaitHeaders {
    /// The wait in ms, never negative; `None` if nothing readable asks for one. `now` is the local Unix time in ms, for
    /// an answer without a date of its own.
    pub fn wait(&self, status: u16, now: f64) -> Option<f64> {
        let server_now = if self.date.is_nan() { now } else { self.date };
        let asked = [self.retry_after * 1000.0, self.retry_at - server_now];
        let reset = [self.rate_limit_reset * 1000.0, self.x_rate_limit_reset * 1000.0 - server_now];
        // Other answers tell when the limit's window ends as well, and ask for nothing.
        let reset = reset.into_iter().filter(|_| is_limited(status));
        let wait = asked.into_iter().chain(reset).find(|wait| !wait.is_nan());
        wait.map(|wait| wait.max(0.0))
    }
}

/// Whether an answer of this status asks to stay away, whatever its headers say.
pub fn is_limited(status: u16) -> bool {
    matches!(status, 429 | 503)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: WaitHeaders = WaitHeaders {
        retry_after: f64::NAN,
        retry_at: f64::NAN,
        rate_limit_reset: f64::NAN,
        x_rate_limit_reset: f64::NAN,
        date: f64::NAN,
    };
    const NOW: f64 = 784_111_777_000.0;

    #[test]
    fn the_first_that_is_readable_counts() {
        assert_eq!(NONE.wait(429, NOW), None);
        let headers = WaitHeaders { x_rate_limit_reset: 784_111_800.0, ..NONE };
        assert_eq!(headers.wait(429, NOW), Some(23_000.0));
        let headers = WaitHeaders { rate_limit_reset: 12.0, ..headers };
        assert_eq!(headers.wait(503, NOW), Some(12_000.0));
        let headers = WaitHeaders { retry_at: NOW + 10_000.0, ..headers };
        assert_eq!(headers.wait(429, NOW), Some(10_000.0));
        let headers = WaitHeaders { retry_after: 7.0, ..headers };
        assert_eq!(headers.wait(429, NOW), Some(7_000.0));
    }

    #[test]
    fn the_end_of_a_window_counts_where_a_limit_was_hit() {
        let headers = WaitHeaders { rate_limit_reset: 12.0, x_rate_limit_reset: 784_111_800.0, ..NONE };
        assert_eq!(headers.wait(200, NOW), None);
        assert_eq!(headers.wait(500, NOW), None);
        assert_eq!(WaitHeaders { retry_after: 0.5, ..headers }.wait(200, NOW), Some(500.0));
    }

    #[test]
    fn no_wait_is_negative() {
        assert_eq!(WaitHeaders { retry_after: -5.0, ..NONE }.wait(429, NOW), Some(0.0));
        assert_eq!(WaitHeaders { retry_at: NOW - 1.0, ..NONE }.wait(200, NOW), Some(0.0));
    }

    #[test]
    fn dates_are_read_by_the_servers_clock() {
        // It is an hour ahead: the difference counts.
        let headers = WaitHeaders { retry_at: NOW + 3_603_000.0, date: NOW + 3_600_000.0, ..NONE };
        assert_eq!(headers.wait(429, NOW), Some(3_000.0));
        let headers = WaitHeaders { x_rate_limit_reset: 784_111_777.0 + 3_602.0, date: NOW + 3_600_000.0, ..NONE };
        assert_eq!(headers.wait(429, NOW), Some(2_000.0));
    }
}
