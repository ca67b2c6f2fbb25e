//! What the fuzzer calls with bytes it made up, and the corpus test with bytes that were kept.
//!
//! What the host reads by itself (a query, the headers that ask to wait) is fuzzed in JavaScript.

use nyne_phone_finder::protocol::{ApiError, Code, Expected, Reply, State, Told, What};
use serde_json::Value;

use super::chance::Chance;
use super::http::{self, KEY};
use super::storm;

pub type Target = fn(&[u8]);

/// Each with the name of its binary and of its corpus.
pub const ALL: [(&str, Target); 3] = [("callback", callback), ("envelope", envelope), ("lookup", lookup)];

/// Any answer: two bytes for the status, one for what it is read for, then the body.
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

fn read(status: u16, body: &str, expected: Expected, id: Option<&str>) {
    let (reply, told) = http::read(status, body, expected, id);
    let success = (200..300).contains(&status);
    match reply {
        Reply::Job(state) => {
            assert!(success, "a job in an answer with status {status}");
            is_a_job(state, &told, id);
        }
        Reply::Error(error) => {
            assert_eq!(error.status, status);
            is_an_error(error, &told);
        }
        Reply::Unreadable(what) => {
            assert!(success, "what has another status is an error, whatever its body");
            assert!(what.words().starts_with("{it} cannot be used: "), "{what:?}");
            assert!(told.text.is_none() && told.code.is_none(), "what cannot be used tells nothing");
        }
    }
}

/// A job, told in an answer to a call that knows this id or none.
fn is_a_job(state: State, told: &Told<Value>, known: Option<&str>) {
    let job = told.job.as_ref().expect("a job is told of");
    assert!(job.is_object(), "data is an object");
    match (known, job.get("request_id").filter(|id| !id.is_null())) {
        (Some(known), id) => assert!(id.is_none_or(|id| id == known), "{id:?} is another job"),
        (None, id) => {
            let id = id.and_then(Value::as_str).expect("a new job has an id");
            assert!(!id.trim().is_empty() && id.len() <= 1024 && !id.contains(char::is_control), "{id:?}");
            assert!(!id.contains(KEY), "a key for an id");
        }
    }
    match state {
        State::Pending => assert_eq!(told.text, None, "what runs on has neither number nor reason"),
        State::Completed => {
            let mobile = told.text.as_ref().expect("what stands for the number");
            assert!(mobile.is_null() || mobile.is_string(), "{mobile} is no number");
            assert_eq!(job.pointer("/result/mobile").unwrap_or(&Value::Null), mobile, "the number is the job's own");
        }
        State::Failed => assert!(told.text.as_ref().is_none_or(Value::is_string), "a reason is words"),
    }
    assert_eq!(told.code, None, "a job is no error");
}

fn is_an_error(error: ApiError, told: &Told<Value>) {
    let ApiError { status, code, own, what } = error;
    assert_eq!(told.job, None, "an error is no job");
    assert!(told.text.as_ref().is_none_or(Value::is_string), "what is told of an error is words");
    assert_eq!(told.code.is_some(), own, "a code of the service's own stands in the body");
    let name = told.code.as_ref().map(|code| code.as_str().expect("a code is a text"));
    match (name, code) {
        (Some(name), Code::Other) => {
            assert!(Code::ALL.into_iter().all(|code| code.name() != name), "{name} is known");
            assert!((1..=64).contains(&name.len()), "{name}");
            assert!(name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_')), "{name}");
            assert!(!name.contains(KEY), "a key for a code");
        }
        (name, code) => assert!(name.is_none_or(|name| name == code.name()), "{name:?} is read as {code:?}"),
    }
    match what {
        What::Answered => {}
        What::AnsweredPlainly | What::Redirected => {
            assert!(!own && told.text.is_none(), "what is no object tells nothing");
            assert_eq!(what == What::Redirected, matches!(status, 0 | 300..400), "{status}");
        }
        _ => panic!("{what:?} is no answer"),
    }
}
