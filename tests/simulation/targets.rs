//! What the fuzzer calls with bytes it made up, and the corpus test with bytes that were kept.

use nyne_phone_finder::protocol::{
    ApiError, Code, Error, Expected, Failure, Peer, Query, Reply, State, Submitted, WaitHeaders, check_id,
};

use super::chance::Chance;
use super::http::{self, KEY};
use super::rules::{fits_a_message, judge_message};
use super::storm;

pub type Target = fn(&[u8]);

/// Each with the name of its binary and of its corpus. Those of `query`, `envelope`, `callback` and `retry_after` are also
/// the package's own, in `tests/fuzz/`.
pub const ALL: [(&str, Target); 6] = [
    ("callback", callback),
    ("envelope", envelope),
    ("error", error),
    ("lookup", lookup),
    ("query", query),
    ("retry_after", retry_after),
];

/// Any reply: two bytes for the status, one for what it is read for, then the body.
pub fn envelope(bytes: &[u8]) {
    let [high, low, expected, body @ ..] = bytes else { return };
    let (expected, id) = if expected % 2 == 0 { (Expected::Submit, None) } else { (Expected::Status, Some("a1")) };
    read(u16::from_be_bytes([*high, *low]), &String::from_utf8_lossy(body), expected, id);
}

/// Any callback.
pub fn callback(bytes: &[u8]) {
    read(200, &String::from_utf8_lossy(bytes), Expected::Callback, None);
}

/// Any events.
pub fn lookup(bytes: &[u8]) {
    storm::run(Chance::Bytes(bytes));
}

/// Any error: one byte for its kind, one for what is known of the job, then a text from outside.
pub fn error(bytes: &[u8]) {
    let [kind, known, text @ ..] = bytes else { return };
    let text = http::secrets().shorten(String::from_utf8_lossy(text).into_owned());
    let failure = match kind % 8 {
        0 => Failure::Network(text),
        1 => Failure::NotSent(text),
        2 => Failure::UnreadableCallback(text),
        3 => Failure::JobFailed(Some(text)),
        4 => Failure::Host(text),
        5 => Failure::Api(ApiError {
            status: u16::from(*kind) * 4,
            code: Code::of(text.clone()).unwrap_or_else(|| Code::of_status(u16::from(*kind) * 4)),
            own: false,
            text: Some(text),
        }),
        6 => Failure::Timeout(f64::from(*kind) * 1e3),
        _ => Failure::Paused(f64::from(*kind) * 1e5),
    };
    let submitted = [Submitted::No, Submitted::Yes, Submitted::Unknown][usize::from(known % 3)];
    let request_id = (submitted == Submitted::Yes || known & 4 > 0).then(|| "a1".to_owned());
    let outcome_unknown = submitted == Submitted::Unknown && request_id.is_none();
    let retryable = known & 8 > 0 && !outcome_unknown;
    judge_message(&Error { request_id, outcome_unknown, retryable, ..Error::new(failure, submitted) });
}

/// Any values of the headers that ask to wait, one a line, and after them the time.
pub fn retry_after(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.split('\n');
    let mut value = || lines.next().filter(|line| !line.is_empty());
    let headers =
        WaitHeaders { retry_after: value(), rate_limit_reset: value(), x_rate_limit_reset: value(), date: value() };
    let now = value().and_then(|line| line.parse().ok()).filter(|now: &f64| now.abs() < 1e15).unwrap_or(0.0);
    let [limited, usual] = [429, 200].map(|status| headers.wait(status, now));
    for wait in [limited, usual].into_iter().flatten() {
        assert!((0.0..=366.0 * 86_400_000.0).contains(&wait), "{wait}");
    }
    let retry_after = WaitHeaders { rate_limit_reset: None, x_rate_limit_reset: None, ..headers };
    assert_eq!(usual, retry_after.wait(429, now), "only a limit's reply asks to wait for the end of its window");
    assert!(usual.is_none() || usual == limited, "Retry-After counts first");
}

/// Any query: a field a line, its name before the first `=`.
pub fn query(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut query = Query::default();
    let mut given = Vec::new();
    for line in text.split('\n') {
        let Some((name, value)) = line.split_once('=') else { continue };
        match query.set(name, value.into()) {
            Ok(()) => given.push((name, value)),
            Err(what) => is_a_complaint(&what),
        }
    }
    match query.fields() {
        Ok(fields) => {
            assert_eq!(fields.len(), given.len(), "a field is sent once");
            for (name, value) in given {
                let wire = match name {
                    "socialMediaUrl" => "social_media_url",
                    "callbackUrl" => "callback_url",
                    same => same,
                };
                assert!(fields.contains(&(wire, value)), "a field is sent as it was given");
                let personal = !matches!(wire, "company" | "callback_url");
                assert!(!personal || query.personal().any(|text| text == value), "{name} is personal");
            }
        }
        Err(what) => {
            assert_eq!(query.personal().count(), 0, "a query that names a person is one");
            is_a_complaint(&what);
        }
    }
}

/// The text of an argument that is wrong: short, and on one line. A key for a name is shown, but for the host.
fn is_a_complaint(text: &str) {
    assert!(text.chars().count() < 200, "{text:?}");
    assert!(text.ends_with(['.', '?']) && !text.contains(char::is_control), "{text:?}");
}

fn read(status: u16, body: &str, expected: Expected, id: Option<&str>) {
    let success = (200..300).contains(&status);
    let failure = match http::read(status, body, expected, id) {
        Reply::Job(job) => {
            assert!(success, "a job in a reply with status {status}");
            match (expected, &job.id) {
                (Expected::Status, told) => assert!(told.is_none() || told.as_deref() == id, "{told:?} is another job"),
                (_, id) => assert!(id.as_deref().is_some_and(check_id), "{id:?}"),
            }
            assert!(!job.id.is_some_and(|id| id.contains(KEY)), "a key for an id");
            assert!(!job.status.contains(KEY), "a key in {:?}", job.status);
            assert!(job.data.is_object(), "data is an object");
            match job.state {
                State::Pending => return,
                State::Completed { mobile, .. } => {
                    assert_eq!(job.status, "completed");
                    assert!(mobile.is_none_or(|mobile| !mobile.is_empty()));
                    return;
                }
                State::Unusable(defect) => {
                    assert!(expected != Expected::Submit, "the polls will tell of it");
                    Failure::InvalidResponse { status, defect }
                }
                State::Failed { reason } => {
                    assert_eq!(job.status, "failed");
                    Failure::JobFailed(reason)
                }
            }
        }
        Reply::Error(error, _) => {
            assert_eq!(error.status, status);
            let name = error.code.name();
            assert!(Code::of(name.into()).is_some_and(|code| code == error.code) && !name.contains(KEY), "{name}");
            assert!(error.own || error.code == Code::of_status(status), "{name} is not in the body");
            Failure::Api(error)
        }
        Reply::Unreadable { status: told, defect } => {
            assert!(success && told == status, "any other status is an error, whatever the body");
            Failure::InvalidResponse { status, defect }
        }
    };
    let error = Error { request_id: Some("a1".into()), ..Error::new(failure, Submitted::Yes) };
    judge_message(&error);
    fits_a_message(&error.problem(Peer::Server).message);
}
