//! How long an answer asks to stay away.

/// The headers that say so, as far as the host shows them: a browser hides all of them unless the server exposes them.
#[derive(Default)]
pub struct WaitHeaders<'a> {
    /// `Retry-After`: seconds or an HTTP date.
    pub retry_after: Option<&'a str>,
    /// `RateLimit-Reset`: seconds.
    pub rate_limit_reset: Option<&'a str>,
    /// `X-RateLimit-Reset`: a Unix time in seconds.
    pub x_rate_limit_reset: Option<&'a str>,
    /// `Date`: the server's own clock, against which its dates are to be read.
    pub date: Option<&'a str>,
}

impl WaitHeaders<'_> {
    /// The wait in ms, never negative; `None` if nothing readable asks for one. `now` is the local Unix time in ms, for
    /// an answer without a date of its own.
    pub fn wait(&self, now: f64) -> Option<f64> {
        let server_now = || self.date.and_then(http_date).unwrap_or(now);
        let seconds = |text: Option<&str>| text.and_then(number).map(|seconds| seconds * 1000.0);
        seconds(self.retry_after)
            .or_else(|| Some(http_date(self.retry_after?)? - server_now()))
            .or_else(|| seconds(self.rate_limit_reset))
            .or_else(|| Some(seconds(self.x_rate_limit_reset)? - server_now()))
            .map(|wait| wait.max(0.0))
    }
}

/// A plain decimal number. Not what Rust reads beyond that: "inf", "nan", "1e999".
fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || digits.len() > 15 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value = digits.bytes().fold(0.0, |value, digit| value * 10.0 + f64::from(digit - b'0'));
    Some(if text.starts_with('-') { -value } else { value })
}

/// An HTTP date (RFC 9110, section 5.6.7: its three forms) as a Unix time in ms.
pub fn http_date(text: &str) -> Option<f64> {
    // All three forms hold the same things in two orders, between spaces, commas and hyphens:
    //   Sun, 06 Nov 1994 08:49:37 GMT    Sunday, 06-Nov-94 08:49:37 GMT    Sun Nov  6 08:49:37 1994
    let mut parts = text.split([' ', ',', '-']).filter(|part| !part.is_empty()).skip(1);
    let (first, second, third, fourth) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let (day, month, year, time) = match month(first) {
        Some(month) => (second, month, fourth, third),
        None => (first, month(second)?, third, fourth),
    };
    let two = |text: &str| if text.len() <= 2 { number(text) } else { None };
    let mut clock = time.split(':').map(two);
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let (day, year) = (
        two(day)?,
        match (year.len(), number(year)?) {
            (2, year) if year < 70.0 => 2000.0 + year,
            (2, year) => 1900.0 + year,
            (4, year) => year,
            _ => return None,
        },
    );
    if !(1.0..=31.0).contains(&day)
        || !(0.0..24.0).contains(&hour)
        || !(0.0..60.0).contains(&minute)
        || !(0.0..61.0).contains(&second)
        || year < 1970.0
    {
        return None;
    }
    // Days since 1970 in the proleptic Gregorian calendar; the year begins in March, so a leap day is its last.
    let (year, month) = if month < 3.0 { (year - 1.0, month + 9.0) } else { (year, month - 3.0) };
    let days = (year * 365.25).floor() - (year / 100.0).floor()
        + (year / 400.0).floor()
        + ((month * 153.0 + 2.0) / 5.0).floor()
        + day
        - 719_469.0;
    Some((((days * 24.0 + hour) * 60.0 + minute) * 60.0 + second) * 1000.0)
}

/// The month's number, from 1.
fn month(name: &str) -> Option<f64> {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    months.iter().zip(1..).find(|(month, _)| **month == name).map(|(_, number)| f64::from(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_all_three_forms() {
        for (text, expected) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777.0),
            ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777.0),
            ("Sun Nov  6 08:49:37 1994", 784_111_777.0),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
            ("Thu, 29 Feb 2024 23:59:60 GMT", 1_709_251_200.0),
            ("Fri, 01 Mar 2024 00:00:00 GMT", 1_709_251_200.0),
            ("Tue, 31 Dec 2999 00:00:00 GMT", 32_503_593_600.0),
            ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400.0),
        ] {
            assert_eq!(http_date(text), Some(expected * 1000.0), "{text}");
        }
        for text in [
            "",
            "tomorrow",
            "Sun, 06 Nov",
            "Sun, 06 Noo 1994 08:49:37 GMT",
            "Sun, 32 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 06 Nov 19945 08:49:37 GMT",
            "Sun, -6 Nov 1994 08:49 GMT",
        ] {
            assert_eq!(http_date(text), None, "{text}");
        }
    }

    #[test]
    fn waits_from_whatever_is_readable() {
        let now = 784_111_777_000.0;
        let retry_after = |text| WaitHeaders { retry_after: Some(text), ..WaitHeaders::default() }.wait(now);
        assert_eq!(retry_after("7"), Some(7000.0));
        assert_eq!(retry_after(" 0 "), Some(0.0));
        assert_eq!(retry_after("-5"), Some(0.0));
        assert_eq!(retry_after("9999999"), Some(9_999_999_000.0));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:47 GMT"), Some(10_000.0));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:00:00 GMT"), Some(0.0));
        for text in ["", "soon", "1e9", "inf", "NaN", "--1", "99999999999999999999"] {
            assert_eq!(retry_after(text), None, "{text}");
        }
        // The server's clock is an hour ahead: the difference counts.
        let skewed = WaitHeaders {
            retry_after: Some("Sun, 06 Nov 1994 09:49:40 GMT"),
            date: Some("Sun, 06 Nov 1994 09:49:37 GMT"),
            ..WaitHeaders::default()
        };
        assert_eq!(skewed.wait(now), Some(3000.0));
        let reset = WaitHeaders {
            rate_limit_reset: Some("12"),
            x_rate_limit_reset: Some("784111800"),
            ..WaitHeaders::default()
        };
        assert_eq!(reset.wait(now), Some(12_000.0));
        let reset =
            WaitHeaders { retry_after: Some("x"), x_rate_limit_reset: Some("784111800"), ..WaitHeaders::default() };
        assert_eq!(reset.wait(now), Some(23_000.0));
        assert_eq!(WaitHeaders::default().wait(now), None);
    }
}
