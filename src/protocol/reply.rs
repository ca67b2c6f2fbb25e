//! What came back, read: a job's state, the service's error, or nothing that can be used.

use std::borrow::Cow;

use super::error::{code_of, status_of};
use super::json::Json;
use super::query::valid_request_id;
use super::secrets::Secrets;

/// An HTTP answer, or a callback (status 200).
pub struct Answer<'a> {
    /// 0 where the host hides it, as a browser does for a redirect that is not followed.
    pub status: u16,
    /// What [`readable`] made of the body; `None` if that is not JSON.
    pub json: Option<Json<'a>>,
    /// The body as it came, for messages.
    pub body: &'a str,
}

/// What the answer is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected<'a> {
    /// The answer to a submit: all that counts is the id. Losing one is losing a paid job, so nothing else that may be
    /// wrong with the answer gets in its way.
    Submit,
    /// The answer to a poll for the job with this id.
    Status(&'a str),
    /// A callback: it must say which job it is about.
    Callback,
}

/// What an answer says.
#[derive(Clone, Debug)]
pub enum Reply<'a> {
    Job(Job<'a>),
    Error(ApiError),
    /// Nothing usable, and why.
    Unreadable(String),
}

/// A job, as the service tells it.
#[derive(Clone, Debug)]
pub struct Job<'a> {
    pub request_id: Option<String>,
    /// The service's word for the state, as it came.
    pub status: String,
    pub state: State,
    /// The text of the inner object.
    pub data: &'a str,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Still running. Any status that is not known to be final is this.
    Pending,
    /// Done; without a `mobile` nobody matched, or the person has none, and nothing was charged.
    Completed { mobile: Option<String>, completed_on: Option<String> },
    /// Over without a result, and the service's reason.
    Failed { error: String },
}

/// An error, as the service tells it.
#[derive(Clone, Debug)]
pub struct ApiError {
    pub status: u16,
    pub code: Cow<'static, str>,
    pub message: String,
    /// Whether the body itself carried the code: a proxy's 503 does not.
    pub own: bool,
}

impl ApiError {
    /// The status that the error amounts to. The code counts before the status: an older endpoint answered 429 with
    /// `insufficient_credits`, which no waiting mends.
    pub fn kind(&self) -> u16 {
        status_of(&self.code).unwrap_or(self.status)
    }
}

/// The body as a JSON text: as it is, or else with raw control characters, which the service has been seen to put inside
/// strings, replaced by spaces. `None` if it is not JSON either way.
pub fn readable(body: &str) -> Option<Cow<'_, str>> {
    let body = body.strip_prefix('\u{feff}').unwrap_or(body);
    if Json::parse(body).is_some() {
        return Some(Cow::Borrowed(body));
    }
    let clean = body.replace(|c: char| c < ' ', " ");
    Json::parse(&clean).is_some().then_some(Cow::Owned(clean))
}

impl<'a> Reply<'a> {
    /// Reads an answer. `secrets` are kept out of every text that may end in a message.
    pub fn read(answer: &Answer<'a>, expected: Expected<'_>, secrets: &Secrets) -> Reply<'a> {
        let unreadable = |what: &str| Reply::Unreadable([what, &excerpt(answer.body, secrets)].concat());
        let success = (200..300).contains(&answer.status);
        let Some(json) = answer.json.filter(|json| json.is_object()) else {
            return match (success, answer.json) {
                (true, Some(_)) => unreadable("the body is JSON but no object"),
                (true, None) if answer.body.trim().is_empty() => Reply::Unreadable("the body is empty".into()),
                (true, None) => unreadable("the body is not JSON"),
                (false, _) => Reply::Error(error_without_body(answer, secrets)),
            };
        };
        let data = json.get("data").filter(|data| data.is_object());
        let inner = data.unwrap_or(json);
        let status = inner.get("status").and_then(Json::as_str);
        // A job's own status says more than the envelope: a job that failed is no failed request.
        if !success || (status.is_none() && json.get("success").is_some_and(Json::is_false)) {
            return Reply::Error(error(answer, json, secrets));
        }

        let request_id = match inner.get("request_id").filter(|id| !id.is_null()) {
            None => None,
            Some(id) => match id.as_str().filter(|id| valid_request_id(id) && !secrets.occur_in(id)) {
                Some(id) => Some(id.into_owned()),
                None => return unreadable("request_id is no usable text"),
            },
        };
        match (expected, request_id.as_deref()) {
            (Expected::Status(_), None) => {}
            // Another job's number is worse than none.
            (Expected::Status(known), Some(id)) if id != known => return unreadable("it is about another job"),
            (_, Some(_)) => {}
            (_, None) => return unreadable("request_id is missing"),
        }

        let completed = inner.get("completed").is_some_and(Json::is_true);
        let state = match status.as_deref() {
            Some("failed") => Ok(State::Failed { error: reason(inner, secrets) }),
            Some("completed") => completion(inner),
            Some(_) => Ok(State::Pending),
            None if completed => completion(inner),
            None => Err("status is missing or no text"),
        };
        let (status, state) = match (state, expected) {
            (Ok(state), _) => {
                let implied = if state == State::Pending { "" } else { "completed" };
                (secrets.redact(status.as_deref().unwrap_or(implied)), state)
            }
            // The polls will tell.
            (Err(_), Expected::Submit) => (String::from("queued"), State::Pending),
            (Err(what), _) => return unreadable(what),
        };
        Reply::Job(Job { request_id, status, state, data: inner.text() })
    }
}

fn completion(inner: Json) -> Result<State, &'static str> {
    let result = inner.get("result").filter(|result| !result.is_null());
    if result.is_some_and(|result| !result.is_object()) {
        return Err("result is no object");
    }
    // How the service tells "no match" is not published: missing, null and empty all mean it.
    let mobile = match result.and_then(|result| result.get("mobile")).filter(|mobile| !mobile.is_null()) {
        None => None,
        Some(mobile) => Some(mobile.as_str().ok_or("result.mobile is no text")?.trim().to_owned())
            .filter(|mobile| !mobile.is_empty()),
    };
    let completed_on = inner.get("completed_on").and_then(Json::as_str).map(Cow::into_owned);
    Ok(State::Completed { mobile, completed_on })
}

/// The service's error. Its body has no published form; these are the ones seen in callers, in the order of trust.
fn error(answer: &Answer, json: Json, secrets: &Secrets) -> ApiError {
    let texts = [json.get("error"), json.get("data").and_then(|data| data.get("error"))];
    let mut own = None;
    let mut message = None;
    for error in texts.into_iter().flatten() {
        // A plain text may be the code itself.
        let text = error.as_str();
        own = own.or(error.get("code").and_then(Json::as_str)).or(text.clone().filter(|text| is_code(text)));
        message = message.or(error.get("message").and_then(Json::as_str)).or(text);
    }
    let own = own.or(json.get("code").and_then(Json::as_str)).filter(|code| is_code(code));
    let message = message
        .or(json.get("message").and_then(Json::as_str))
        .or(json.get("detail").and_then(Json::as_str))
        .map(|message| clip(&message, secrets))
        .unwrap_or_default();
    let has_own = own.is_some();
    let code = own.map_or(Cow::Borrowed(code_of(answer.status)), |code| Cow::Owned(secrets.redact(&code)));
    ApiError { status: answer.status, code, message, own: has_own }
}

fn error_without_body(answer: &Answer, secrets: &Secrets) -> ApiError {
    let message = match answer.status {
        0 | 300..400 => "it redirects, and a redirect is not followed, so that the keys stay with one origin; set baseUrl to where the service really is".into(),
        _ => excerpt(answer.body, secrets).trim_start_matches(": ").into(),
    };
    ApiError { status: answer.status, code: Cow::Borrowed(code_of(answer.status)), message, own: false }
}

fn reason(inner: Json, secrets: &Secrets) -> String {
    let error = inner.get("error");
    let text = error.and_then(|error| error.as_str().or(error.get("message").and_then(Json::as_str)));
    let text = text.or(inner.get("message").and_then(Json::as_str)).map(|text| clip(&text, secrets));
    text.filter(|text| !text.is_empty()).unwrap_or_else(|| "no reason was given".into())
}

fn is_code(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

/// The start of a body, for a message.
fn excerpt(body: &str, secrets: &Secrets) -> String {
    let start = clip(body, secrets);
    if start.is_empty() { start } else { [": ", &start].concat() }
}

/// At most 200 characters on one line, without keys. The keys go first: a cut could leave half of one.
fn clip(text: &str, secrets: &Secrets) -> String {
    // Only so much is looked at that a key across the cut is still seen whole.
    let head: String = text.chars().take(2000).collect();
    let mut line = String::new();
    for (count, c) in secrets.redact(&head).chars().enumerate() {
        if count == 200 {
            line.push('…');
            break;
        }
        match c {
            c if c.is_control() || c.is_whitespace() => {
                if !line.ends_with(' ') {
                    line.push(' ');
                }
            }
            c => line.push(c),
        }
    }
    line.trim().to_owned()
}
