//! Everything that can go wrong between a client and Nyne, on demand.

use std::collections::BTreeMap;
use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use crate::answer::{Cut, Delivery, Ending, Request, Response};
use crate::clock::UnixMillis;
use crate::codes::{Code, REQUEST_NOT_FOUND};
use crate::envelope::{self, ApiError};
use crate::jobs::{self, Outcome};
use crate::log::Count;
use crate::service::Service;

/// Which requests of a world a fault befalls.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    on: On,
    #[serde(default = "first")]
    from: u64,
    /// None: for ever.
    to: Option<u64>,
    /// How many more requests it befalls. None: any number.
    times: Option<u64>,
    pub fault: Fault,
}

#[derive(Clone, Copy, Deserialize)]
enum On {
    #[serde(rename = "POST")]
    Post,
    #[serde(rename = "GET")]
    Get,
    #[serde(rename = "any")]
    Any,
}

fn first() -> u64 {
    1
}

impl FaultRule {
    /// To be told that it has befallen a request.
    pub fn spend(&mut self) {
        self.times = self.times.map(|times| times.saturating_sub(1));
    }

    pub fn applies(&self, method: &Method, count: Count) -> bool {
        let number = match self.on {
            On::Post if *method == Method::POST => count.of_method,
            On::Get if *method == Method::GET => count.of_method,
            On::Any => count.of_any,
            _ => return false,
        };
        number >= self.from && self.to.is_none_or(|to| number <= to) && self.times != Some(0)
    }
}

#[derive(Clone, Deserialize)]
#[serde(try_from = "Value")]
pub struct Fault {
    name: String,
    kind: Kind,
    /// Whether a POST makes its job although the answer is lost.
    then_job: bool,
}

/// In the order of the README's table. The first group answers in the service's place, the second
/// alters or delays what the service answers.
#[derive(Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
enum Kind {
    Status {
        status: Status,
        #[serde(default)]
        body: Value,
        #[serde(default)]
        headers: Headers,
    },
    Error {
        /// None: what the code stands for.
        status: Option<Status>,
        code: String,
        message: Option<String>,
        #[serde(default)]
        headers: Headers,
    },
    Reset {
        at: Cut,
    },
    Hang {
        at: Cut,
    },
    Empty {
        #[serde(default)]
        status: Status,
    },
    NoContent {},
    Html {
        #[serde(default = "bad_gateway")]
        status: Status,
    },
    NotFound {},
    Redirect {
        #[serde(default = "found")]
        status: Status,
        location: HeaderText,
    },
    EchoSecrets {
        #[serde(default = "unauthorized")]
        status: Status,
    },

    SlowBody {
        bytes_per_second: f64,
    },
    Delay {
        ms: u64,
    },
    Truncate {},
    ControlCharacters {},
    Replace {
        path: String,
        #[serde(default, deserialize_with = "present")]
        value: Option<Value>,
    },
    Bare {},
    Oversized {
        #[serde(default = "two_mebibytes")]
        bytes: usize,
        #[serde(default)]
        chunked: bool,
    },
    ContentType {
        value: HeaderText,
    },
    Headers {
        headers: Headers,
    },
    Gzip {
        /// Pads the body to this size first, as a compression bomb does.
        #[serde(default)]
        bytes: usize,
    },
    JobStatus {
        status: String,
    },
    JobFailed {
        #[serde(default = "default_failure")]
        error: Value,
    },
    CompletedAtOnce {},
    NoMatch {
        form: Absence,
    },
}

/// How a completed answer says that there is no mobile.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Absence {
    Missing,
    Null,
    Empty,
}

impl TryFrom<Value> for Fault {
    type Error = String;

    fn try_from(mut value: Value) -> Result<Self, String> {
        let fields = value.as_object_mut().ok_or("a fault is an object with a kind")?;
        let then_job = match fields.remove("thenJob") {
            None => false,
            Some(Value::Bool(then_job)) => then_job,
            Some(_) => return Err("thenJob is true or false".into()),
        };
        let name = fields.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
        let kind = Kind::deserialize(value).map_err(|error| format!("fault {name}: {error}"))?;
        kind.check().map_err(|error| format!("fault {name}: {error}"))?;
        Ok(Self { name, kind, then_job })
    }
}

impl Fault {
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The answer to a request that this fault befalls.
    pub fn answer(
        &self,
        service: &mut Service,
        path: &str,
        request: &Request,
        now: UnixMillis,
    ) -> (Response, Delivery) {
        if let Some(answer) = self.kind.answer_in_place(request, now) {
            if self.then_job && *request.method() == Method::POST {
                service.respond(path, request, now);
            }
            return answer;
        }
        let response = service.respond(path, request, now);
        self.kind.alter(response, service, now)
    }
}

impl Kind {
    fn check(&self) -> Result<(), &'static str> {
        match self {
            Self::SlowBody { bytes_per_second } if !(bytes_per_second.is_finite() && *bytes_per_second > 0.0) => {
                Err("bytesPerSecond is a number above 0")
            }
            Self::Error { status: None, code, .. } if Code::find(code).is_none() => {
                Err("give a status: only Nyne's own codes stand for one")
            }
            Self::Oversized { bytes, .. } | Self::Gzip { bytes } if *bytes > 1 << 26 => Err("bytes is at most 2^26"),
            _ => Ok(()),
        }
    }

    fn answer_in_place(&self, request: &Request, now: UnixMillis) -> Option<(Response, Delivery)> {
        let response = match self {
            Self::Status { status, body, headers } => {
                let mut response = envelope::json_response(status.0, body);
                match body {
                    Value::Null => response.body_mut().clear(),
                    Value::String(text) => *response.body_mut() = text.clone().into_bytes(),
                    _ => {}
                }
                response.headers_mut().extend(headers.0.clone());
                response
            }
            Self::Error { status, code, message, headers } => {
                let known = Code::find(code);
                let message = message.as_deref().or(known.map(|code| code.message)).unwrap_or(DEFAULT_MESSAGE);
                let status = status.map(|status| status.0).or(known.map(|code| code.status)).unwrap_or_default();
                let body = envelope::error(code, message, now);
                let mut response = envelope::json_response(status, &body);
                response.headers_mut().extend(headers.0.clone());
                response
            }
            Self::Reset { at } => return Some((stand_in(now), cut(*at, Ending::Reset))),
            Self::Hang { at } => return Some((stand_in(now), cut(*at, Ending::Silence))),
            Self::Empty { status } => plain(status.0, "application/json", ""),
            Self::NoContent {} => plain(StatusCode::NO_CONTENT, "application/json", ""),
            Self::Html { status } => plain(status.0, "text/html; charset=utf-8", HTML),
            Self::NotFound {} => ApiError::from(REQUEST_NOT_FOUND).into_response(now),
            Self::Redirect { status, location } => {
                let mut response = plain(status.0, "text/plain", "");
                response.headers_mut().insert(header::LOCATION, location.0.clone());
                response
            }
            Self::EchoSecrets { status } => echo_secrets(status.0, request, now),
            _ => return None,
        };
        Some((response, Delivery::Whole))
    }

    fn alter(&self, mut response: Response, service: &mut Service, now: UnixMillis) -> (Response, Delivery) {
        let mut delivery = Delivery::Whole;
        match self {
            Self::SlowBody { bytes_per_second } => {
                delivery = Delivery::Drip { bytes_per_second: *bytes_per_second };
            }
            Self::Delay { ms } => delivery = Delivery::Later { ms: *ms },
            Self::Truncate {} => {
                let half = response.body().len() / 2;
                response.body_mut().truncate(half);
            }
            Self::ControlCharacters {} => add_control_characters(&mut response),
            Self::Replace { path, value } => {
                edit(&mut response, |body| replace(body, path, value.clone()));
            }
            Self::Bare {} => edit(&mut response, |body| {
                if let Some(inner) = body.get("data").or_else(|| body.get("error")) {
                    *body = inner.clone();
                }
            }),
            Self::Oversized { bytes, chunked } => {
                pad(&mut response, *bytes);
                if *chunked {
                    delivery = Delivery::Chunked;
                }
            }
            Self::ContentType { value } => {
                response.headers_mut().insert(header::CONTENT_TYPE, value.0.clone());
            }
            Self::Headers { headers } => response.headers_mut().extend(headers.0.clone()),
            Self::Gzip { bytes } => {
                if *bytes > 0 {
                    pad(&mut response, *bytes);
                }
                gzip(&mut response);
            }
            Self::JobStatus { status } => edit_data(&mut response, |data| {
                data.retain(|name, _| name == "request_id");
                data.insert("status".into(), json!(status));
                data.insert("completed".into(), json!(false));
            }),
            Self::JobFailed { error } => {
                end_job(&mut response, service, Some(Outcome::Failed(error.clone())), now);
            }
            Self::CompletedAtOnce {} => end_job(&mut response, service, None, now),
            Self::NoMatch { form } => {
                end_job(&mut response, service, Some(Outcome::NoMatch), now);
                let result = match form {
                    Absence::Missing => json!({}),
                    Absence::Null => json!({ "mobile": null }),
                    Absence::Empty => json!({ "mobile": "" }),
                };
                edit_data(&mut response, |data| {
                    data.insert("result".into(), result);
                });
            }
            _ => {}
        }
        (response, delivery)
    }
}

const DEFAULT_MESSAGE: &str = "The emulator was told to answer so.";

const HTML: &str = "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head>\
     <body><h1>Bad Gateway</h1></body></html>\n";

/// What is cut off where no answer was made: it names no job.
fn stand_in(now: UnixMillis) -> Response {
    let data = json!({ "status": "queued", "completed": false });
    envelope::json_response(StatusCode::OK, &envelope::success(data, now))
}

fn cut(at: Cut, then: Ending) -> Delivery {
    Delivery::Cut { at, then }
}

fn plain(status: StatusCode, content_type: &'static str, body: &str) -> Response {
    let mut response = Response::new(body.as_bytes().to_vec());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn echo_secrets(status: StatusCode, request: &Request, now: UnixMillis) -> Response {
    let received = |name| request.headers().get(name);
    let text = |name| received(name).map(|value| String::from_utf8_lossy(value.as_bytes())).unwrap_or_default();
    let message = format!("Rejected X-API-Key {} with X-API-Secret {}.", text("x-api-key"), text("x-api-secret"));
    let body = envelope::error("invalid_credentials", &message, now);
    let mut response = envelope::json_response(status, &body);
    for (name, echo) in [("x-api-key", "x-received-key"), ("x-api-secret", "x-received-secret")] {
        if let Some(value) = received(name) {
            response.headers_mut().insert(echo, value.clone());
        }
    }
    response
}

/// Rewrites a JSON body.
fn edit(response: &mut Response, change: impl FnOnce(&mut Value)) {
    if let Ok(mut body) = serde_json::from_slice(response.body()) {
        change(&mut body);
        *response.body_mut() = body.to_string().into_bytes();
    }
}

/// Rewrites the `data` of a successful answer.
fn edit_data(response: &mut Response, change: impl FnOnce(&mut serde_json::Map<String, Value>)) {
    edit(response, |body| {
        if let Some(data) = body.get_mut("data").and_then(Value::as_object_mut) {
            change(data);
        }
    });
}

/// Ends the job that a successful answer is about, and makes it the answer about the ended job.
/// A given outcome is what the answer says even where the job had already ended with another.
fn end_job(response: &mut Response, service: &mut Service, outcome: Option<Outcome>, now: UnixMillis) {
    let mut ended = false;
    edit(response, |body| {
        let Some(id) = body.pointer("/data/request_id").and_then(Value::as_str) else {
            return;
        };
        let actual = service.end_job(id, outcome.clone(), now);
        let told = outcome.map(|outcome| jobs::describe_ended(id, &outcome, now));
        if let Some(data) = told.or(actual) {
            *body = envelope::success(data, now);
            ended = true;
        }
    });
    if ended {
        *response.status_mut() = StatusCode::OK;
    }
}

/// Sets or deletes the field at a dotted path; objects that are missing on the way to a new value are made.
fn replace(body: &mut Value, path: &str, value: Option<Value>) {
    let (parents, field) = path.rsplit_once('.').map_or((None, path), |(parents, field)| (Some(parents), field));
    let mut place = body;
    for name in parents.into_iter().flat_map(|parents| parents.split('.')) {
        if value.is_some() && !place.get(name).is_some_and(Value::is_object) {
            set(place, name, json!({}));
        }
        match place.get_mut(name) {
            Some(inner) => place = inner,
            None => return,
        }
    }
    match value {
        Some(value) => set(place, field, value),
        None => {
            if let Some(object) = place.as_object_mut() {
                object.shift_remove(field);
            }
        }
    }
}

fn set(place: &mut Value, name: &str, value: Value) {
    if let Some(object) = place.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}

/// Adds a string with raw control characters, which JSON forbids.
fn add_control_characters(response: &mut Response) {
    const MARK: &str = "control-characters";
    edit(response, |body| {
        let place = match body.get_mut("data") {
            Some(data) if data.is_object() => data,
            _ => body,
        };
        set(place, "note", json!(MARK));
    });
    let text = String::from_utf8_lossy(response.body());
    *response.body_mut() = text.replace(MARK, "raw\ttab,\nline feed,\u{1}\u{1f}end").into_bytes();
}

fn pad(response: &mut Response, bytes: usize) {
    let mut without = 0;
    edit(response, |body| {
        set(body, "padding", json!(""));
        without = body.to_string().len();
        set(body, "padding", json!("x".repeat(bytes.saturating_sub(without))));
    });
}

fn gzip(response: &mut Response) {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to a Vec does not fail.
    if encoder.write_all(response.body()).is_ok()
        && let Ok(compressed) = encoder.finish()
    {
        *response.body_mut() = compressed;
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
}

/// A final status, which is all that can be sent as an answer.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(try_from = "u16")]
struct Status(StatusCode);

impl TryFrom<u16> for Status {
    type Error = &'static str;

    fn try_from(status: u16) -> Result<Self, Self::Error> {
        match StatusCode::from_u16(status) {
            Ok(status) if status.as_u16() >= 200 => Ok(Self(status)),
            _ => Err("status is a number from 200 to 999"),
        }
    }
}

#[derive(Clone, Default, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>")]
struct Headers(HeaderMap);

impl TryFrom<BTreeMap<String, String>> for Headers {
    type Error = String;

    fn try_from(texts: BTreeMap<String, String>) -> Result<Self, String> {
        let mut headers = HeaderMap::new();
        for (name, value) in texts {
            let name: HeaderName = name.parse().map_err(|_| format!("{name:?} is not a header name"))?;
            if [header::CONTENT_LENGTH, header::TRANSFER_ENCODING].contains(&name) {
                return Err(format!("{name} follows from the body and cannot be set"));
            }
            headers.insert(name, HeaderText::try_from(value)?.0);
        }
        Ok(Self(headers))
    }
}

#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
struct HeaderText(HeaderValue);

impl TryFrom<String> for HeaderText {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        HeaderValue::from_str(&text).map(Self).map_err(|_| format!("{text:?} is not a header value"))
    }
}

/// Tells `null` from nothing.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

fn bad_gateway() -> Status {
    Status(StatusCode::BAD_GATEWAY)
}

fn found() -> Status {
    Status(StatusCode::FOUND)
}

fn unauthorized() -> Status {
    Status(StatusCode::UNAUTHORIZED)
}

fn default_failure() -> Value {
    json!("The lookup could not be completed.")
}

fn two_mebibytes() -> usize {
    2 << 20
}
