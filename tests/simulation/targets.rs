//! What the fuzzer calls with bytes it made up, and the corpus test with bytes that were kept.

use nyne_phone_finder::protocol::{
    Answer, ApiError, Expected, Json, Query, Reply, Secrets, State, WaitHeaders, http_date, readable, valid_request_id,
};

use super::chance::Chance;
use super::http::KEY;
use super::storm;

pub type Target = fn(&[u8]);

/// Each with the name of its binary and of its corpus.
pub const ALL: [(&str, Target); 5] = [
    ("callback", callback),
    ("envelope", envelope),
    ("lookup", lookup),
    ("query", query),
    ("retry_after", retry_after),
];

/// Any answer: two bytes for the status, one for what it is read for, then the body.
pub fn envelope(bytes: &[u8]) {
    let [high, low, expected, body @ ..] = bytes else { return };
    let expected = if expected % 2 == 0 { Expected::Submit } else { Expected::Status("a1") };
    read(u16::from_be_bytes([*high, *low]), &String::from_utf8_lossy(body), expected);
}

/// Any callback.
pub fn callback(bytes: &[u8]) {
    read(200, &String::from_utf8_lossy(bytes), Expected::Callback);
}

/// Any values of the headers that ask to wait, one a line, and after them the time.
pub fn retry_after(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.split('\n');
    let mut value = || lines.next().filter(|line| !line.is_empty());
    let headers =
        WaitHeaders { retry_after: value(), rate_limit_reset: value(), x_rate_limit_reset: value(), date: value() };
    let now = value().and_then(|line| line.parse().ok()).filter(|now: &f64| now.abs() < 1e15).unwrap_or(0.0);
    if let Some(wait) = headers.wait(now) {
        assert!(wait.is_finite() && wait >= 0.0, "{wait}");
    }
    for date in [headers.retry_after, headers.date].into_iter().flatten().filter_map(http_date) {
        // From 1970 to the end of the year 9999.
        assert!((0.0..253_402_300_800_000.0).contains(&date) && date % 1_000.0 == 0.0, "{date}");
    }
}

/// Any query: a field a line, its name before the first `=`.
pub fn query(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut query = Query::default();
    let mut given = Vec::new();
    for line in text.split('\n') {
        let (name, value) = line.split_once('=').map_or((line, None), |(name, value)| (name, Some(value)));
        match query.set(name, value.map(String::from)) {
            Ok(()) => given.push((name, value.expect("only a text is accepted"))),
            Err(what) => assert!(!what.contains(char::is_control), "{what:?}"),
        }
    }
    if let Ok(body) = query.body() {
        let json = Json::parse(&body).expect("a submit is JSON");
        for (name, value) in given {
            let wire = match name {
                "socialMediaUrl" => "social_media_url",
                "callbackUrl" => "callback_url",
                same => same,
            };
            assert_eq!(
                json.get(wire).and_then(Json::as_str).as_deref(),
                Some(value),
                "a field is sent as it was given"
            );
        }
    }
}

/// Any events.
pub fn lookup(bytes: &[u8]) {
    storm::run(Chance::Bytes(bytes));
}

fn read(status: u16, body: &str, expected: Expected) {
    let text = readable(body);
    let json = text.as_deref().map(|text| Json::parse(text).expect("readable means JSON"));
    let mut secrets = Secrets::default();
    secrets.add(KEY.into());
    match Reply::read(&Answer { status, json, body }, expected, &secrets) {
        Reply::Job(job) => {
            assert!((200..300).contains(&status), "a job in an answer with status {status}");
            match (expected, &job.request_id) {
                (Expected::Status(known), id) => assert!(id.as_deref().is_none_or(|id| id == known)),
                (_, id) => assert!(id.as_deref().is_some_and(valid_request_id)),
            }
            assert!(!job.request_id.is_some_and(|id| id.contains(KEY)));
            assert!(!job.status.contains(KEY));
            assert!(Json::parse(job.data).is_some_and(Json::is_object), "data is an object");
            match job.state {
                State::Pending => {}
                State::Completed { mobile, .. } => assert!(mobile.is_none_or(|mobile| !mobile.trim().is_empty())),
                State::Failed { error } => fits_a_message(&error),
            }
        }
        Reply::Error(ApiError { status: told, code, message, .. }) => {
            assert_eq!(told, status);
            assert!(!code.is_empty() && code.len() <= 64, "{code}");
            fits_a_message(&code);
            fits_a_message(&message);
        }
        Reply::Unreadable(what) => {
            assert!((200..300).contains(&status), "what has another status is an error, whatever its body");
            fits_a_message(&what);
        }
    }
}

/// Text from outside that ends in a message is one short line without a key.
fn fits_a_message(text: &str) {
    assert!(text.chars().count() <= 260, "{text:?}");
    assert!(!text.contains(char::is_control), "{text:?}");
    assert!(!text.contains(KEY), "a key in {text:?}");
}
