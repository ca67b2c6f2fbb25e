//! How long a reply asks to wait.

/// The headers that say so, as far as the host shows them: a browser hides all of them unless the server exposes them.
#[derive(Clone, Copy, Debug, Default)]
pub struct WaitHeaders<'a> {
    /// `Retry-After`: seconds or a date (RFC 9110, section 10.2.3).
    pub retry_after: Option<&'a str>,
    /// `RateLimit-Reset`: seconds. Some servers send a Unix time instead.
    pub rate_limit_reset: Option<&'a str>,
    /// `X-RateLimit-Reset`: a Unix time in seconds. Some servers send ms, or the seconds to wait.
    pub x_rate_limit_reset: Option<&'a str>,
    /// `Date`: the server's own clock, against which its dates are read.
    pub date: Option<&'a str>,
}

/// The longest wait that is believed, in ms: a year. A longer one is a mistake of the server's.
const LONGEST: f64 = 366.0 * 86_400_000.0;

impl WaitHeaders<'_> {
    /// The wait in ms, never negative; `None` if nothing readable asks for one. `now` is the local Unix time in ms, for a
    /// reply without a date of its own.
    pub fn wait(&self, status: u16, now: f64) -> Option<f64> {
        // The comma of a date stands behind its weekday, which is not needed.
        let now = self.date.and_then(|text| text.split(',').find_map(date)).unwrap_or(now);
        let longest = |header: Option<&str>| {
            // A header that was sent twice arrives as a list.
            header?.split(',').filter_map(|part| wait_until(part, now)).reduce(f64::max)
        };
        // Other replies also carry the window's end, but don't ask to wait.
        let reset = || {
            let limited = is_limited(status);
            limited.then(|| longest(self.rate_limit_reset).or_else(|| longest(self.x_rate_limit_reset))).flatten()
        };
        longest(self.retry_after).or_else(reset)
    }
}

/// Returns true if a reply of this status asks to stay away, whatever its headers say.
pub fn is_limited(status: u16) -> bool {
    matches!(status, 429 | 503)
}

/// The wait in ms that one value asks for: seconds, or a point in time as a Unix time in seconds or ms, or as a date.
fn wait_until(text: &str, now: f64) -> Option<f64> {
    let wait = match decimal(text.trim()) {
        // By its size: as seconds the wait would be 30 years; as a Unix time in seconds it would be the year 5138.
        Some(number) if number < 1e9 => number * 1000.0,
        Some(number) if number < 1e11 => number * 1000.0 - now,
        Some(number) => number - now,
        None => date(text)? - now,
    };
    (wait.abs() <= LONGEST).then_some(wait.max(0.0))
}

/// A plain decimal number, perhaps with a fraction. Not what Rust reads beyond that: "inf", "nan", "1e999".
fn decimal(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (mut value, mut scale, mut count) = (0.0, 0.0, 0);
    for byte in digits.bytes() {
        match byte {
            b'0'..=b'9' => {
                value = value * 10.0 + f64::from(byte - b'0');
                scale *= 10.0;
                count += 1;
            }
            b'.' if scale == 0.0 && count > 0 => scale = 1.0,
            _ => return None,
        }
    }
    let value = if scale > 1.0 { value / scale } else { value };
    (1..=20).contains(&count).then_some(if digits.len() < text.len() { -value } else { value })
}

/// A date as a Unix time in ms: one of the three forms of HTTP (RFC 9110, section 5.6.7), or of ISO 8601. Without a zone
/// it is UTC. A fraction of a second is ignored.
fn date(text: &str) -> Option<f64> {
    let mut numbers = Vec::new();
    // The month's name and the zone's sign, and how many numbers come before each.
    let (mut month, mut zone) = (None, None);
    let mut bytes = text.trim().as_bytes();
    while let Some((byte, rest)) = bytes.split_first() {
        let is_digit = byte.is_ascii_digit();
        let same = |other: &u8| if is_digit { other.is_ascii_digit() } else { other.is_ascii_alphabetic() };
        let length = bytes.iter().position(|other| !same(other)).unwrap_or(bytes.len());
        match byte {
            b'0'..=b'9' if length <= 4 => {
                let digits = bytes.iter().take(length);
                numbers.push(digits.fold(0, |value, digit| value * 10 + i64::from(digit - b'0')));
            }
            b'.' => {
                let end = rest.iter().position(|other| !other.is_ascii_digit()).unwrap_or(rest.len());
                bytes = rest.get(end..)?;
                continue;
            }
            b'+' | b'-' if numbers.len() > 4 => zone = Some((if *byte == b'+' { 1 } else { -1 }, numbers.len())),
            b' ' | b':' | b'-' => {}
            b'A'..=b'Z' | b'a'..=b'z' => match (month_named(bytes.get(..length)?), bytes.get(..length)?) {
                (Some(number), _) => month = Some((number, numbers.len())),
                // In front stands the weekday.
                (None, b"GMT" | b"UTC" | b"Z" | b"T" | b"z" | b"t") => {}
                (None, _) if numbers.is_empty() => {}
                (None, _) => return None,
            },
            _ => return None,
        }
        bytes = bytes.get(length.max(1)..)?;
    }
    let end = zone.map_or(numbers.len(), |(_, end)| end);
    let ([year, month, date, hour, minute], second) = match (numbers.get(..end)?, month) {
        // "1994-11-06T08:49:37", also without the seconds.
        ([year, month, date, hour, minute, rest @ ..], None) => {
            ([*year, *month, *date, *hour, *minute], rest.first().copied().unwrap_or(0))
        }
        // "Nov  6 08:49:37 1994"
        ([date, hour, minute, second, year], Some((month, 0))) => ([*year, month, *date, *hour, *minute], *second),
        // "06 Nov 1994 08:49:37", "06-Nov-94 08:49:37"
        ([date, year, hour, minute, second], Some((month, 1))) => ([*year, month, *date, *hour, *minute], *second),
        _ => return None,
    };
    let year = match year {
        0..70 => year + 2000,
        70..100 => year + 1900,
        _ => year,
    };
    let ahead = match (zone, numbers.get(end..)?) {
        (None, _) => 0,
        (Some((sign, _)), [hours, minutes]) => sign * (hours * 60 + minutes),
        (Some((sign, _)), [hours @ 0..24]) => sign * hours * 60,
        (Some((sign, _)), [both]) => sign * (both / 100 * 60 + both % 100),
        _ => return None,
    };
    // 60 is a leap second.
    let real = year >= 1970 && (1..=12).contains(&month) && (1..=31).contains(&date) && hour < 24 && minute < 60;
    let minutes = (days(year, month, date) * 24 + hour) * 60 + minute - ahead;
    (real && second < 61).then_some((minutes * 60 + second) as f64 * 1000.0)
}

/// The month's number, from 1.
fn month_named(name: &[u8]) -> Option<i64> {
    let months = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    months.chunks(3).position(|month| month == name).map(|index| index as i64 + 1)
}

/// Days since 1970 in the proleptic Gregorian calendar. The year begins in March, so a leap day is its last.
fn days(year: i64, month: i64, date: i64) -> i64 {
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + date - 719_469
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: f64 = 784_111_777_000.0;

    #[test]
    fn dates_in_every_form() {
        for (text, expected) in [
            ("06 Nov 1994 08:49:37 GMT", 784_111_777.0),
            (" 06-Nov-94 08:49:37 GMT", 784_111_777.0),
            ("Sun Nov  6 08:49:37 1994", 784_111_777.0),
            ("06 Nov 1994 10:49:37 +0200", 784_111_777.0),
            ("06 Nov 1994 00:49:37 -0800", 784_111_777.0),
            ("1994-11-06T08:49:37Z", 784_111_777.0),
            ("1994-11-06 08:49:37", 784_111_777.0),
            ("1994-11-06T08:49:37.500Z", 784_111_777.0),
            ("1994-11-06T10:49:37+02:00", 784_111_777.0),
            ("1994-11-06T03:19:37-05:30", 784_111_777.0),
            ("1994-11-06T08:49Z", 784_111_740.0),
            ("1994-11-06T10:49:37+02", 784_111_777.0),
            ("06-Nov-70 08:49:37 GMT", 26_729_377.0),
            ("06-Nov-69 08:49:37 GMT", 3_150_953_377.0),
            ("01 Jan 1970 00:00:00 GMT", 0.0),
            ("29 Feb 2024 23:59:60 GMT", 1_709_251_200.0),
            ("01 Mar 2024 00:00:00 GMT", 1_709_251_200.0),
            ("31 Dec 2999 00:00:00 GMT", 32_503_593_600.0),
            ("01 Mar 2100 00:00:00 GMT", 4_107_542_400.0),
        ] {
            assert_eq!(date(text), Some(expected * 1000.0), "{text}");
        }
        for text in [
            "",
            ":",
            "tomorrow",
            "Sun",
            "06 Nov",
            "06 Noo 1994 08:49:37 GMT",
            "32 Nov 1994 08:49:37 GMT",
            "06 Nov 1994 24:49:37 GMT",
            "06 Nov 1994 24:00:00 GMT",
            "06 Nov 1994 08:60:00 GMT",
            "06 Nov 1994 08:49:61 GMT",
            "06 Nov 19945 08:49:37 GMT",
            "06 Nov 1994 08:49:37 PST",
            "06 Nov 1994 08:49:37 +2:3:4",
            "06 Nov 1994",
            "1994-13-06T08:49:37Z",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_point_in_time() {
        let wait = |text| WaitHeaders { retry_after: Some(text), ..WaitHeaders::default() }.wait(200, NOW);
        for (text, expected) in [
            ("7", 7_000.0),
            (" 0 ", 0.0),
            ("2.4", 2_400.0),
            ("-5", 0.0),
            ("2, 5", 5_000.0),
            ("5,soon", 5_000.0),
            ("9999999", 9_999_999_000.0),
            ("Sun, 06 Nov 1994 08:49:47 GMT", 10_000.0),
            ("Sunday, 06-Nov-94 08:49:47 GMT", 10_000.0),
            ("Sun, 06 Nov 1994 08:49:47 GMT, Sun, 06 Nov 1994 08:49:57 GMT", 20_000.0),
            ("Sun, 06 Nov 1994 08:00:00 GMT", 0.0),
            ("1994-11-06T09:49:40+01:00", 3_000.0),
        ] {
            assert_eq!(wait(text), Some(expected), "{text}");
        }
        // The last ones are plain mistakes: nobody asks to wait for centuries.
        for text in ["", "soon", "1e9", "inf", "NaN", "--1", ".", "1.2.3", "9999999999", "99999999999999999999999"] {
            assert_eq!(wait(text), None, "{text}");
        }
        let now = 1_795_650_000_000.0;
        let wait = |text| WaitHeaders { retry_after: Some(text), ..WaitHeaders::default() }.wait(200, now);
        assert_eq!(wait("1795650007"), Some(7_000.0));
        assert_eq!(wait("1795650007000"), Some(7_000.0));
        assert_eq!(wait("1795649000"), Some(0.0));
        // The smallest number that is a Unix time, and the smallest one in ms.
        for (text, now) in [("1000000000", 1e12), ("100000000000", 1e11)] {
            let headers = WaitHeaders { retry_after: Some(text), ..WaitHeaders::default() };
            assert_eq!(headers.wait(200, now - 7_000.0), Some(7_000.0), "{text}");
        }
    }

    #[test]
    fn the_end_of_a_window_counts_where_a_limit_was_hit() {
        let now = 1_795_650_000_000.0;
        let headers =
            WaitHeaders { rate_limit_reset: Some("12"), x_rate_limit_reset: Some("1795650030"), ..Default::default() };
        assert_eq!(headers.wait(200, now), None);
        assert_eq!(headers.wait(500, now), None);
        assert_eq!(headers.wait(503, now), Some(12_000.0));
        assert_eq!(WaitHeaders { rate_limit_reset: None, ..headers }.wait(429, now), Some(30_000.0));
        assert_eq!(WaitHeaders { retry_after: Some("0.5"), ..headers }.wait(429, now), Some(500.0));
        assert_eq!(WaitHeaders { retry_after: Some("soon"), ..headers }.wait(429, now), Some(12_000.0));
        let in_ms = WaitHeaders { x_rate_limit_reset: Some("1795650001000"), ..Default::default() };
        assert_eq!(in_ms.wait(429, now), Some(1_000.0));
        let in_seconds = WaitHeaders { x_rate_limit_reset: Some("3"), ..Default::default() };
        assert_eq!(in_seconds.wait(429, now), Some(3_000.0));
    }

    #[test]
    fn dates_are_read_by_the_servers_clock() {
        // It is an hour ahead: the difference counts.
        let headers = WaitHeaders {
            retry_after: Some("Sun, 06 Nov 1994 09:49:40 GMT"),
            date: Some("Sun, 06 Nov 1994 09:49:37 GMT"),
            ..WaitHeaders::default()
        };
        assert_eq!(headers.wait(429, NOW), Some(3_000.0));
    }
}
