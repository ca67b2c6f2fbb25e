//! What goes out to JavaScript: results, updates, and the fields of an error.

use serde::ser::{Serialize, SerializeMap};
use serde_wasm_bindgen::{Serializer, preserve};
use wasm_bindgen::prelude::*;

use crate::lookup::{Durable, Lookup, Outcome, Update};
use crate::protocol::{Error, Job, Peer, Problem, State};

/// A plain object: names and values. One type for all of them, since each more would be a kilobyte of the module.
struct Fields<'a>(&'a [(&'static str, Field<'a>)]);

enum Field<'a> {
    Absent,
    Null,
    Text(&'a str),
    Number(f64),
    Flag(bool),
    Value(&'a JsValue),
    Object(Fields<'a>),
}

impl Serialize for Fields<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(self.0.len()))?;
        for (name, field) in self.0 {
            if !matches!(field, Field::Absent) {
                object.serialize_entry(name, field)?;
            }
        }
        object.end()
    }
}

impl Serialize for Field<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Field::Absent | Field::Null => serializer.serialize_none(),
            Field::Text(text) => serializer.serialize_str(text),
            Field::Number(number) => serializer.serialize_f64(*number),
            Field::Flag(flag) => serializer.serialize_bool(*flag),
            Field::Value(value) => preserve::serialize(*value, serializer),
            Field::Object(fields) => fields.serialize(serializer),
        }
    }
}

impl<'a> From<Option<&'a str>> for Field<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or(Field::Null, Field::Text)
    }
}

impl From<Option<f64>> for Field<'_> {
    fn from(number: Option<f64>) -> Self {
        number.map_or(Field::Null, Field::Number)
    }
}

fn out(fields: &[(&'static str, Field)]) -> JsValue {
    let serializer = Serializer::new().serialize_missing_as_null(true).serialize_maps_as_objects(true);
    // Plain data cannot fail to be written.
    Fields(fields).serialize(&serializer).unwrap_or_default()
}

/// The result of a call.
pub fn outcome(outcome: Outcome<JsValue>, id: &str) -> JsValue {
    match outcome {
        // `PhoneRequest`.
        Outcome::Request => out(&[("requestId", Field::Text(id)), ("submittedAt", Field::Value(&present()))]),
        Outcome::Job { job, poll_after } => status(job, id, poll_after),
        // Only a lookup that outlives its call pauses.
        Outcome::Paused { .. } => JsValue::UNDEFINED,
    }
}

/// How a job stands: `PhonePending`, `PhoneResult` or `PhoneFailure`.
pub fn status(job: Job<JsValue>, id: &str, poll_after: f64) -> JsValue {
    let (id, status, data) = (Field::Text(id), Field::Text(&job.status), Field::Value(&job.data));
    match &job.state {
        State::Pending => out(&[
            ("state", Field::Text("pending")),
            ("requestId", id),
            ("status", status),
            ("pollAfter", Field::Number(poll_after)),
        ]),
        State::Completed { mobile, completed_on } => out(&[
            ("state", Field::Text("completed")),
            ("requestId", id),
            ("status", status),
            ("mobile", mobile.as_deref().into()),
            ("completedOn", completed_on.as_deref().into()),
            ("data", data),
        ]),
        State::Failed { reason } => out(&[
            ("state", Field::Text("failed")),
            ("requestId", id),
            ("status", status),
            ("error", Field::Text(reason.as_deref().unwrap_or("no reason was given"))),
            ("data", data),
        ]),
        State::Unusable(_) => JsValue::UNDEFINED,
    }
}

/// `PhoneOutcome`: what became of one query of a batch.
pub fn batch_outcome(index: f64, query: &JsValue, result: &Result<JsValue, JsValue>) -> JsValue {
    let (name, value) = match result {
        Ok(result) => ("result", result),
        Err(error) => ("error", error),
    };
    out(&[
        ("index", Field::Number(index)),
        ("query", Field::Value(query)),
        ("ok", Field::Flag(result.is_ok())),
        (name, Field::Value(value)),
    ])
}

/// What an async iterator gives.
pub fn iteration(value: Option<&JsValue>) -> JsValue {
    out(&[("done", Field::Flag(value.is_none())), ("value", Field::Value(value.unwrap_or(&JsValue::UNDEFINED)))])
}

/// `LookupClaim`. The job was submitted at `submitted_at`.
pub fn claim(submitted_at: &JsValue, id: Option<&str>, result: &JsValue) -> JsValue {
    out(&[("submittedAt", Field::Value(submitted_at)), ("requestId", id.into()), ("result", Field::Value(result))])
}

/// How the latest request of a lookup that outlives its program ended.
pub enum End {
    Pending {
        after: f64,
        problem: Option<Problem>,
    },
    Completed(Job<JsValue>),
    /// The error as a plain object, and its `data`.
    Failed(JsValue, JsValue),
}

/// `LookupState`.
pub fn lookup_state([query, key, submitted_at]: [&JsValue; 3], durable: &Durable, end: &End) -> JsValue {
    let Durable { id, submits, progress, .. } = durable;
    let problem;
    let (mut poll_after, mut because, mut found) = (Field::Absent, Field::Absent, [Field::Absent, Field::Absent]);
    let (mut failure, mut data) = (Field::Absent, Field::Absent);
    let state = match end {
        End::Pending { after, problem: why } => {
            problem = why.as_ref().map(fields_of);
            poll_after = Field::Number(*after);
            because = problem.as_ref().map_or(Field::Null, |problem| Field::Object(Fields(problem)));
            "pending"
        }
        End::Completed(job) => {
            if let State::Completed { mobile, completed_on } = &job.state {
                found = [mobile.as_deref().into(), completed_on.as_deref().into()];
            }
            data = Field::Value(&job.data);
            "completed"
        }
        End::Failed(error, said) => {
            (failure, data) = (Field::Value(error), Field::Value(said));
            "failed"
        }
    };
    let [mobile, completed_on] = found;
    out(&[
        ("state", Field::Text(state)),
        ("query", Field::Value(query)),
        ("key", Field::Value(key)),
        ("requestId", id.as_deref().into()),
        ("submittedAt", Field::Value(submitted_at)),
        ("submits", Field::Number((*submits).into())),
        ("status", Field::Text(&progress.status)),
        ("polls", Field::Number(progress.polls.into())),
        ("failures", Field::Number(progress.failures.into())),
        ("pollAfter", poll_after),
        ("problem", because),
        ("mobile", mobile),
        ("completedOn", completed_on),
        ("error", failure),
        ("data", data),
    ])
}

fn fields_of(problem: &Problem) -> [(&'static str, Field<'_>); 2] {
    [("code", Field::Text(&problem.code)), ("message", Field::Text(&problem.message))]
}

/// The time, as ISO 8601 text.
pub fn present() -> JsValue {
    js_sys::Date::new_0().to_iso_string().into()
}

/// `PhoneUpdate`.
pub fn update(update: &Update, lookup: &Lookup, peer: Peer) -> JsValue {
    let problem = update.problem.as_ref().map(|error| error.problem(peer));
    let problem = problem.as_ref().map(fields_of);
    out(&[
        ("requestId", lookup.id().into()),
        ("status", Field::Text(lookup.status())),
        ("polls", Field::Number(update.polls.into())),
        ("elapsed", Field::Number(update.elapsed)),
        ("nextPollIn", update.next_poll_in.into()),
        ("problem", problem.as_ref().map_or(Field::Null, |problem| Field::Object(Fields(problem)))),
    ])
}

/// The fields of a `NyneError` beside its message and cause.
pub fn fields(error: &Error) -> JsValue {
    out(&[
        ("code", Field::Text(error.code())),
        ("status", error.status().map(f64::from).into()),
        ("requestId", error.request_id.as_deref().into()),
        ("submitted", Field::Text(error.submitted.name())),
        ("retryable", Field::Flag(error.retryable)),
        ("retryAfter", error.retry_after.into()),
    ])
}
