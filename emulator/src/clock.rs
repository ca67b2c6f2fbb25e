//! Time as the emulator tells it: always given by the caller, never read here.

use jiff::{Timestamp, fmt::rfc2822::DateTimePrinter};

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type UnixMillis = u64;

/// `2026-06-12T12:24:49`, the envelope's form: UTC without saying so.
pub fn without_zone(at: UnixMillis) -> String {
    timestamp(at).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// `2026-01-15T10:31:00Z`, the form of `completed_on`.
pub fn with_zone(at: UnixMillis) -> String {
    timestamp(at).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `Thu, 15 Jan 2026 10:31:00 GMT`, the form of the `Date` header.
pub fn http_date(at: UnixMillis) -> String {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&timestamp(at)).unwrap_or_default()
}

fn timestamp(at: UnixMillis) -> Timestamp {
    i64::try_from(at).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok()).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_the_forms_of_the_contract_page() {
        let at = 1_768_473_060_789;
        assert_eq!(without_zone(at), "2026-01-15T10:31:00");
        assert_eq!(with_zone(at), "2026-01-15T10:31:00Z");
        assert_eq!(http_date(at), "Thu, 15 Jan 2026 10:31:00 GMT");
    }

    #[test]
    fn any_number_is_a_time() {
        assert!(with_zone(u64::MAX).starts_with("9999-"));
        assert!(!http_date(u64::MAX).is_empty());
    }
}
