//! Reads a reply: the state of a job, an error of the service's, or nothing that can be used.

use super::error::{Code, Defect};
use super::secrets::Secrets;
use super::value::{Member, Value, trim};

/// The body of a reply.
#[derive(Clone, Debug)]
pub enum Body<V> {
    /// A JSON value.
    Json(V),
    /// Anything else.
    Text(String),
    /// Nothing at all.
    Empty,
}

/// The purpose of a reply, which decides what it must contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The reply to a submit. It only has to carry an id: losing one is losing a paid job. Other defects are ignored; the
    /// first poll will report them.
    Submit,
    /// The reply to a poll.
    Status,
    /// A callback. It must say which job it is about.
    Callback,
}

/// How to read a reply.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// The purpose of the reply.
    pub expected: Expected,
    /// The id of the job that was asked for, if one was.
    pub id: Option<&'a str>,
    /// Texts that must not be quoted from the reply.
    pub secrets: &'a Secrets,
}

/// The content of a reply.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply<V> {
    /// The state of a job.
    Job(Job<V>),
    /// The request was refused. Beside the error, the body that says so, if it is JSON.
    Error(ApiError, Option<V>),
    /// Nothing usable, and why.
    Unreadable {
        /// The HTTP status.
        status: u16,
        /// What is wrong.
        defect: Defect,
    },
}

/// The state of a job, and the data it came with.
#[derive(Clone, Debug, PartialEq)]
pub struct Job<V> {
    /// The job's id. `None` in the reply to a poll that does not repeat it.
    pub id: Option<String>,
    /// The service's own word: "queued".
    pub status: String,
    /// The meaning of the word.
    pub state: State,
    /// The object that describes the job, as it came.
    pub data: V,
}

/// The meaning of a job's status.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// Still running. Any status that is not known to be final is this.
    Pending,
    /// Done. Without a number nobody matched, or the person has none, and nothing was charged.
    Completed {
        /// The number.
        mobile: Option<String>,
        /// When the job was done, as the service says it.
        completed_on: Option<String>,
    },
    /// Done, but the number cannot be read. Another poll will not change that.
    Unusable(Defect),
    /// Over without a result.
    Failed {
        /// Why.
        reason: Option<String>,
    },
}

/// An error, as the service tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiError {
    /// The HTTP status; 0 where the host hides it, as a browser does for a redirect that is not followed.
    pub status: u16,
    /// The error's code: the service's, or one by the status.
    pub code: Code,
    /// True if the body itself carried the code: a proxy's 503 does not.
    pub own: bool,
    /// The beginning of a page of HTML in its place, on one line.
    pub text: Option<String>,
}

impl ApiError {
    /// An error without a readable body.
    fn plain(status: u16, text: Option<String>) -> ApiError {
        ApiError { status, code: Code::of_status(status), own: false, text }
    }

    /// Returns the HTTP status that the error stands for. The code counts before the status: an older endpoint answered 429 with
    /// `insufficient_credits`, and waiting brings no credits.
    pub fn kind(&self) -> u16 {
        self.code.status().unwrap_or(self.status)
    }
}

impl<V: Value> Reply<V> {
    /// Reads a reply, or a callback (status 200).
    pub fn read(status: u16, body: Body<V>, reading: &Reading) -> Reply<V> {
        let success = (200..300).contains(&status);
        let unreadable = |defect| Reply::Unreadable { status, defect };
        let json = match body {
            Body::Json(json) if json.is_object() => json,
            Body::Json(_) if success => return unreadable(Defect::NotAnObject),
            Body::Text(text) => {
                let excerpt = excerpt(text, reading.secrets);
                return if success {
                    unreadable(Defect::NotJson(excerpt))
                } else {
                    Reply::Error(ApiError::plain(status, excerpt), None)
                };
            }
            Body::Empty if success => return unreadable(Defect::Empty),
            Body::Json(_) | Body::Empty => return Reply::Error(ApiError::plain(status, None), None),
        };
        let data = json.get(Member::Data);
        let enveloped = data.is_object();
        let job = if enveloped { &data } else { &json };
        let word = job.get(Member::Status).text();
        // A job's own status says more than the envelope: a job that failed is not a failed request.
        let refused = !success || (word.is_none() && json.get(Member::Success).truth() == Some(false));
        let id = id([job, &json], reading);
        // A submit that was accepted has made the job whose id it carries, whatever else it says.
        let accepted = success && reading.expected == Expected::Submit && id.is_ok();
        if refused && !accepted {
            let error = error(status, &json, &data, reading.secrets);
            return Reply::Error(error, Some(json));
        }
        let id = match id {
            Ok(id) => id,
            Err(defect) => return unreadable(defect),
        };
        let (state, status) = match state(job, word, reading.secrets) {
            Ok((State::Unusable(_), _)) | Err(_) if reading.expected == Expected::Submit => {
                (State::Pending, QUEUED.into())
            }
            Ok(found) => found,
            Err(defect) => return unreadable(defect),
        };
        Reply::Job(Job { id, status, state, data: if enveloped { data } else { json } })
    }
}

/// The word for a job that is known to run and of which nothing more is known.
const QUEUED: &str = "queued";

/// The id of the job: beside its status, or else beside the envelope's `data`.
fn id<V: Value>(holders: [&V; 2], reading: &Reading) -> Result<Option<String>, Defect> {
    let mut defect = None;
    for holder in holders {
        let id = holder.get(Member::RequestId);
        if id.is_absent() {
            continue;
        }
        match id.exact_text().or_else(|| whole(id.number()?)).filter(|id| check_id(id) && !reading.secrets.occur_in(id))
        {
            None => defect = Some(Defect::UnusableId),
            // Another job's number is worse than none.
            Some(id) if reading.expected == Expected::Status && reading.id != Some(&id) => {
                return Err(Defect::AnotherJob);
            }
            id => return Ok(id),
        }
    }
    match (defect, reading.expected) {
        (Some(defect), _) => Err(defect),
        (None, Expected::Submit | Expected::Callback) => Err(Defect::NoId),
        (None, Expected::Status) => Ok(None),
    }
}

/// Returns true if `id` can be an id at all. Its form is the service's business: only what could not be carried in a URL
/// or stored as one line is refused. Nor can half a surrogate pair: see [`Value::exact_text`].
pub fn check_id(id: &str) -> bool {
    id.len() <= 1024 && !trim(id).is_empty() && !id.chars().any(char::is_control)
}

/// A whole number as text, if a JavaScript number holds it exactly.
fn whole(number: f64) -> Option<String> {
    ((0.0..9_007_199_254_740_992.0).contains(&number) && number.fract() == 0.0).then(|| super::error::decimal(number))
}

/// How the job stands, and the word for it.
fn state<V: Value>(job: &V, word: Option<String>, secrets: &Secrets) -> Result<(State, String), Defect> {
    let flag = job.get(Member::Completed).truth() == Some(true);
    let known = word.as_deref().map(trim);
    let is = |name| known.is_some_and(|known| known.eq_ignore_ascii_case(name));
    if is("failed") {
        return Ok((State::Failed { reason: reason(job, secrets) }, "failed".into()));
    }
    if is("completed") || (flag && word.is_none()) {
        return Ok((completed(job, secrets), "completed".into()));
    }
    // The word may lag behind: a number is there, if perhaps in a form that no poll will change.
    if flag
        && let state @ (State::Completed { mobile: Some(_), .. } | State::Unusable(Defect::MobileNotText)) =
            completed(job, secrets)
    {
        return Ok((state, "completed".into()));
    }
    Ok((State::Pending, secrets.redact(word.ok_or(Defect::NoStatus)?)))
}

fn completed<V: Value>(job: &V, secrets: &Secrets) -> State {
    // How the service tells "no match" is not published: missing, null and empty all mean it.
    let result = job.get(Member::Result);
    if !result.is_absent() && !result.is_object() {
        return State::Unusable(Defect::ResultNotAnObject);
    }
    let mobile = result.get(Member::Mobile);
    let text = mobile.text().or_else(|| whole(mobile.number()?)).or_else(|| mobile.first_text());
    if text.is_none() && !mobile.is_absent() {
        return State::Unusable(Defect::MobileNotText);
    }
    let mobile = text.map(|text| trim(&secrets.redact(text)).to_owned()).filter(|text| !text.is_empty());
    let completed_on = job.get(Member::CompletedOn).text().map(|text| secrets.redact(text));
    State::Completed { mobile, completed_on }
}

/// The service's error. Its body has no published form; these are the ones seen in callers, in the order of trust. Its
/// description is not read: it may name a person or hold a number, and messages end in logs.
fn error<V: Value>(status: u16, json: &V, data: &V, secrets: &Secrets) -> ApiError {
    let code = |value: &V| value.text().filter(|code| !secrets.occur_in(code)).and_then(Code::of);
    let (nested, inner) = (json.get(Member::Error), data.get(Member::Error));
    // A plain text may be the code itself.
    let places = [nested.get(Member::Code), nested, inner.get(Member::Code), inner, json.get(Member::Code)];
    let code = places.iter().find_map(code);
    ApiError { status, own: code.is_some(), code: code.unwrap_or_else(|| Code::of_status(status)), text: None }
}

/// Why a job failed.
fn reason<V: Value>(job: &V, secrets: &Secrets) -> Option<String> {
    let error = job.get(Member::Error);
    let reason = secrets.line(&error).or_else(|| secrets.line(&error.get(Member::Message)));
    reason.or_else(|| secrets.line(&job.get(Member::Message))).filter(|reason| !reason.is_empty())
}

/// The beginning of a body that is not JSON, like a gateway's page. Nothing of a broken JSON text: it may hold a number
/// or a name, and messages end in logs.
fn excerpt(text: String, secrets: &Secrets) -> Option<String> {
    let start = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    start.starts_with('<').then(|| secrets.shorten(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};

    const KEY: &str = "nyne_sec_0123456789abcdef";

    /// Reads a body as the host does, for a call that knows its job's id only when it polls.
    fn read(status: u16, body: &str, expected: Expected) -> Reply<Json> {
        read_as(status, body, expected, (expected == Expected::Status).then_some("a1"))
    }

    fn read_as(status: u16, body: &str, expected: Expected, id: Option<&str>) -> Reply<Json> {
        let mut secrets = Secrets::default();
        secrets.add_key(KEY);
        let body = match serde_json::from_str(body) {
            Ok(json) => Body::Json(json),
            Err(_) if body.trim().is_empty() => Body::Empty,
            Err(_) => Body::Text(body.into()),
        };
        Reply::read(status, body, &Reading { expected, id, secrets: &secrets })
    }

    fn job(body: &str, expected: Expected) -> Job<Json> {
        match read(200, body, expected) {
            Reply::Job(job) => job,
            other => panic!("{body} is not a job but {other:?}"),
        }
    }

    fn polled(body: &str) -> Job<Json> {
        job(body, Expected::Status)
    }

    fn state(inner: &str) -> State {
        polled(&["{\"request_id\":\"a1\",", inner, "}"].concat()).state
    }

    fn found(mobile: Option<&str>) -> State {
        State::Completed { mobile: mobile.map(String::from), completed_on: None }
    }

    fn refused(status: u16, body: &str) -> ApiError {
        match read(status, body, Expected::Status) {
            Reply::Error(error, _) => error,
            other => panic!("{status} {body} is not an error but {other:?}"),
        }
    }

    fn unreadable(body: &str, expected: Expected) -> Defect {
        match read(200, body, expected) {
            Reply::Unreadable { status: 200, defect } => defect,
            other => panic!("{body} is {other:?}"),
        }
    }

    #[test]
    fn a_reply_comes_in_an_envelope_or_bare() {
        let bare = r#"{"request_id":"a1","status":"processing"}"#;
        for body in [
            bare.into(),
            ["{\"success\":true,\"data\":", bare, ",\"timestamp\":\"2026-06-12T12:24:49\"}"].concat(),
            ["{\"data\":[],", &bare[1..]].concat(),
            ["{\"data\":null,", &bare[1..]].concat(),
        ] {
            let Job { id, status, state, data } = polled(&body);
            assert_eq!((id.as_deref(), &*status, state), (Some("a1"), "processing", State::Pending), "{body}");
            assert_eq!((&data["request_id"], &data["status"]), (&json!("a1"), &json!("processing")), "{body}");
        }
    }

    #[test]
    fn data_is_the_object_inside_the_envelope_or_all_there_is() {
        for inner in [r#"{"status":"queued"}"#, r#"{"status":"completed"}"#, r#"{"status":"failed","error":"e"}"#] {
            let job: Json = serde_json::from_str(inner).unwrap();
            assert_eq!(polled(&["{\"data\":", inner, ",\"b\":2}"].concat()).data, job);
            assert_eq!(polled(inner).data, job);
        }
        let whole = json!({ "data": [], "status": "queued" });
        assert_eq!(polled(&whole.to_string()).data, whole);
    }

    #[test]
    fn a_number_is_found_or_nobody_matched() {
        for (inner, mobile) in [
            (r#""status":"completed","completed":true,"result":{"mobile":" +1-555 "}"#, Some("+1-555")),
            (r#""status":"completed","completed":false,"result":{"mobile":"+1"}"#, Some("+1")),
            (r#""completed":true,"result":{"mobile":"1"},"completed_on":7"#, Some("1")),
            (r#""completed":true,"result":{"mobile":"failed"}"#, Some("failed")),
            // A number becomes a text, and of a list the first text counts.
            (r#""completed":true,"result":{"mobile":15550100}"#, Some("15550100")),
            (r#""completed":true,"result":{"mobile":15550100.0}"#, Some("15550100")),
            (r#""completed":true,"result":{"mobile":9007199254740991}"#, Some("9007199254740991")),
            (r#""completed":true,"result":{"mobile":["+1","+2"]}"#, Some("+1")),
            (r#""completed":true,"result":{"mobile":[null,7,"+2"]}"#, Some("+2")),
            (r#""status":"completed","result":{"mobile":" "}"#, None),
            (r#""status":"completed","result":{"mobile":""}"#, None),
            (r#""status":"completed","result":{"mobile":null}"#, None),
            (r#""status":"completed","result":{}"#, None),
            (r#""status":"completed","result":null"#, None),
            (r#""status":"completed""#, None),
            (r#""completed":true,"status":null"#, None),
            (r#""completed":true,"status":7"#, None),
        ] {
            assert_eq!(state(inner), found(mobile), "{inner}");
        }
        let job = polled(r#"{"data":{"completed":true,"result":{"mobile":"1"},"completed_on":"2026"}}"#);
        assert_eq!(job.state, State::Completed { mobile: Some("1".into()), completed_on: Some("2026".into()) });
        assert_eq!(job.status, "completed");
    }

    #[test]
    fn a_final_number_that_cannot_be_read_is_unusable() {
        for (result, defect) in [
            ("[]", Defect::ResultNotAnObject),
            ("\"+1\"", Defect::ResultNotAnObject),
            ("false", Defect::ResultNotAnObject),
            (r#"{"mobile":{}}"#, Defect::MobileNotText),
            (r#"{"mobile":true}"#, Defect::MobileNotText),
            (r#"{"mobile":[]}"#, Defect::MobileNotText),
            (r#"{"mobile":[7,["+1"]]}"#, Defect::MobileNotText),
            (r#"{"mobile":1.5}"#, Defect::MobileNotText),
            (r#"{"mobile":-1}"#, Defect::MobileNotText),
            (r#"{"mobile":9007199254740992}"#, Defect::MobileNotText),
        ] {
            for word in [r#""status":"completed""#, r#""completed":true"#, r#""status":"COMPLETED ","completed":true"#]
            {
                assert_eq!(
                    state(&[word, ",\"result\":", result].concat()),
                    State::Unusable(defect.clone()),
                    "{result}"
                );
            }
        }
    }

    #[test]
    fn a_status_counts_without_regard_to_case_and_spaces() {
        for word in ["completed", "Completed", "COMPLETED", " completed\\n", "\\tcOmPlEtEd "] {
            let job = polled(&["{\"status\":\"", word, "\"}"].concat());
            assert_eq!((job.state, &*job.status), (found(None), "completed"), "{word}");
        }
        for word in ["failed", "Failed", " FAILED "] {
            let job = polled(&["{\"status\":\"", word, "\",\"completed\":true}"].concat());
            assert_eq!((job.state, &*job.status), (State::Failed { reason: None }, "failed"), "{word}");
        }
    }

    #[test]
    fn a_status_that_is_not_known_to_be_final_is_pending() {
        for status in ["queued", "pending", "cancelled", "", "completed!", "request_not_found", "läuft"] {
            for rest in ["", ",\"completed\":true", ",\"completed\":true,\"result\":{\"mobile\":\"\"}"] {
                let job = polled(&["{\"status\":\"", status, "\"", rest, "}"].concat());
                assert_eq!((job.state, &*job.status), (State::Pending, status), "{status}");
            }
        }
        // Completed is what says so itself, and has a number.
        let job = polled(r#"{"status":"queued","completed":true,"result":{"mobile":"+1"}}"#);
        assert_eq!((job.state, &*job.status), (found(Some("+1")), "completed"));
        for other in [r#""result":{"mobile":"+1"}"#, r#""completed":1,"result":{"mobile":"+1"}"#] {
            assert_eq!(state(&["\"status\":\"queued\",", other].concat()), State::Pending);
        }
        for (result, expected) in [("{\"mobile\":{}}", State::Unusable(Defect::MobileNotText)), ("[]", State::Pending)]
        {
            assert_eq!(state(&["\"status\":\"queued\",\"completed\":true,\"result\":", result].concat()), expected);
        }
    }

    #[test]
    fn a_failed_job_is_not_a_failed_request() {
        for (inner, reason) in [
            (r#""error":"no source""#, Some("no source")),
            (r#""error":"no source","message":"later""#, Some("no source")),
            (r#""error":"failed""#, Some("failed")),
            (r#""error":{"code":"x","message":"no source"},"message":"later""#, Some("no source")),
            (r#""error":{"code":"x"},"message":"no\nsource""#, Some("no source")),
            (r#""error":{"message":7},"message":"no source""#, Some("no source")),
            (r#""error":7,"message":"no source""#, Some("no source")),
            (r#""error":null"#, None),
            (r#""error":{},"message":[]"#, None),
        ] {
            let inner = ["\"status\":\"failed\",\"success\":false,", inner].concat();
            assert_eq!(state(&inner), State::Failed { reason: reason.map(String::from) }, "{inner}");
        }
        // Only the word says so.
        assert_eq!(unreadable(r#"{"completed":false,"error":"no source"}"#, Expected::Status), Defect::NoStatus);
    }

    #[test]
    fn errors_are_read_in_every_form_seen() {
        for (body, code) in [
            (r#"{"error":{"code":"c_1","message":"m"}}"#, "c_1"),
            (r#"{"success":false,"data":null,"error":{"code":"c_1"},"message":"m"}"#, "c_1"),
            (r#"{"code":"c_1","error":"Plain text!"}"#, "c_1"),
            (r#"{"code":"c_1","error":"Plain text!","message":"m"}"#, "c_1"),
            (r#"{"code":"c_1","detail":"m"}"#, "c_1"),
            (r#"{"data":{"error":{"code":"c_1","message":"m"}}}"#, "c_1"),
            (r#"{"data":{"error":"Plain text!"},"code":"c_1","message":"m"}"#, "c_1"),
            (r#"{"error":{"code":"c_1"},"data":{"error":{"code":"c_2","message":"m"}}}"#, "c_1"),
            (r#"{"error":{"message":"m"},"message":"n","detail":"o","code":"c_1"}"#, "c_1"),
            (r#"{"message":"n","detail":"o","code":"c_1"}"#, "c_1"),
            // What is not a code, or not a text, is passed over.
            (r#"{"error":{"code":"Not a code","message":7},"code":"c_1","message":"n"}"#, "c_1"),
            (r#"{"error":{"code":"c_1"},"message":null,"detail":"o"}"#, "c_1"),
            (r#"{"error":{"code":"c_1","message":""},"message":"n"}"#, "c_1"),
            (r#"{"error":["c_2"],"code":"c_1","detail":{}}"#, "c_1"),
            // The client's own codes are not the service's.
            (r#"{"error":{"code":"client_fault"},"code":"c_1"}"#, "c_1"),
            // A plain text that may be a code is one, and says nothing beside.
            (r#"{"error":"c_1"}"#, "c_1"),
            (r#"{"data":{"error":"c_1"}}"#, "c_1"),
            (r#"{"error":"c_1","message":"m"}"#, "c_1"),
        ] {
            let expected = ApiError { status: 400, code: Code::of(code.into()).unwrap(), own: true, text: None };
            assert_eq!(refused(400, body), expected, "{body}");
        }
        for (body, text) in [
            (r#"{"error":"Plain text!"}"#, None),
            (r#"{"error":{"code":"Not a code"}}"#, None),
            (r#"{"error":{"code":""}}"#, None),
            (r#"{"error":{"code":"cödé"}}"#, None),
            (r#"{"error":{"code":"timeout","message":"m"}}"#, None),
            (r#"{"code":7,"message":"m"}"#, None),
            (r#"{"error":null,"detail":"o"}"#, None),
            (r#"{"code":true}"#, None),
            ("<html>\n<b>", Some("<html> <b>")),
            ("Bad Gateway", None),
            ("{}", None),
            ("[]", None),
            ("{", None),
            ("", None),
        ] {
            let expected =
                ApiError { status: 429, code: Code::of_status(429), own: false, text: text.map(String::from) };
            assert_eq!(refused(429, body), expected, "{body}");
        }
    }

    #[test]
    fn an_error_without_a_code_gets_one_from_its_status() {
        for (status, code) in [
            (400, "invalid_request"),
            (401, "invalid_credentials"),
            (402, "insufficient_credits"),
            (403, "forbidden"),
            (404, "request_not_found"),
            (429, "rate_limit_exceeded"),
            (503, "service_unavailable"),
            (0, "http_error"),
            (199, "http_error"),
            (300, "http_error"),
            (500, "http_error"),
            (502, "http_error"),
        ] {
            for body in [r#"{"request_id":"a1","status":"completed"}"#, "<html>", "[1]", ""] {
                let error = refused(status, body);
                assert_eq!((error.status, error.code.name(), error.own), (status, code, false), "{body}");
            }
        }
    }

    #[test]
    fn the_code_counts_before_the_status() {
        for (code, kind) in [
            ("missing_parameters", 400),
            ("invalid_request", 400),
            ("missing_api_key", 401),
            ("invalid_api_key", 401),
            ("missing_api_secret", 401),
            ("invalid_api_secret", 401),
            ("invalid_credentials", 401),
            ("insufficient_credits", 402),
            ("subscription_required", 403),
            ("ip_not_allowed", 403),
            ("api_key_disabled", 403),
            ("permission_denied", 403),
            ("forbidden", 403),
            ("request_not_found", 404),
            ("rate_limit_exceeded", 429),
            ("internal_error", 500),
            ("service_unavailable", 503),
            ("http_error", 418),
            ("client_fault", 418),
            ("a_new_one", 418),
        ] {
            let error = refused(418, &json!({ "code": code }).to_string());
            assert_eq!((error.status, error.kind()), (418, kind), "{code}");
        }
    }

    #[test]
    fn success_false_is_an_error_unless_a_job_tells_its_status() {
        let error = refused(200, r#"{"success":false,"error":{"code":"request_not_found"}}"#);
        assert_eq!((error.status, error.code.name()), (200, "request_not_found"));
        let error = refused(200, r#"{"success":false,"status":7,"completed":true}"#);
        assert_eq!((error.code.name(), error.own), ("http_error", false));
        assert_eq!(polled(r#"{"success":false,"status":"queued"}"#).state, State::Pending);
        assert_eq!(polled(r#"{"success":false,"status":"completed"}"#).state, found(None));
        for success in ["true", "null", "0", "\"false\""] {
            let body = ["{\"success\":", success, ",\"completed\":true}"].concat();
            assert_eq!(polled(&body).state, found(None), "{body}");
        }
    }

    #[test]
    fn an_unusable_reply_says_what_is_wrong_and_quotes_no_json() {
        for (body, defect) in [
            ("", Defect::Empty),
            (" \n", Defect::Empty),
            ("<html>\r\n\t<b>", Defect::NotJson(Some("<html> <b>".into()))),
            (" \u{feff}<!doctype html>", Defect::NotJson(Some("<!doctype html>".into()))),
            (r#"{"mobile":"+1-555"#, Defect::NotJson(None)),
            ("Ada Example", Defect::NotJson(None)),
            ("[1]", Defect::NotAnObject),
            ("null", Defect::NotAnObject),
            ("\"completed\"", Defect::NotAnObject),
            (r#"{"request_id":"a\nb"}"#, Defect::UnusableId),
            (r#"{"request_id":"b2"}"#, Defect::AnotherJob),
            ("{}", Defect::NoStatus),
            (r#"{"completed":false}"#, Defect::NoStatus),
            (r#"{"completed":"true"}"#, Defect::NoStatus),
            (r#"{"status":7}"#, Defect::NoStatus),
            (r#"{"status":{"status":"completed"}}"#, Defect::NoStatus),
        ] {
            assert_eq!(unreadable(body, Expected::Status), defect, "{body}");
        }
        let page = ["<p>", KEY, &"x".repeat(300)].concat();
        let Defect::NotJson(Some(excerpt)) = unreadable(&page, Expected::Status) else { panic!("a page") };
        assert_eq!(excerpt, ["<p>[redacted]", &"x".repeat(187), "…"].concat());
    }

    #[test]
    fn an_id_stands_in_the_job_or_beside_it_as_a_text_or_a_whole_number() {
        for (body, id) in [
            (r#"{"request_id":"a1"}"#, "a1"),
            (r#"{"data":{"request_id":"a1"}}"#, "a1"),
            (r#"{"request_id":"a1","data":{"status":"queued"}}"#, "a1"),
            (r#"{"request_id":"b2","data":{"request_id":"a1"}}"#, "a1"),
            (r#"{"request_id":"a1","data":{"request_id":null}}"#, "a1"),
            (r#"{"request_id":"a1","data":{"request_id":" "}}"#, "a1"),
            (r#"{"request_id":4271}"#, "4271"),
            (r#"{"request_id":0}"#, "0"),
            (r#"{"request_id":4271.0,"data":{}}"#, "4271"),
            (r#"{"data":{"request_id":9007199254740991}}"#, "9007199254740991"),
            (r#"{"request_id":"é & ?"}"#, "é & ?"),
        ] {
            for expected in [Expected::Submit, Expected::Callback] {
                let body = body.replacen('{', "{\"status\":\"queued\",", 1);
                let body = if expected == Expected::Callback {
                    body.replace("\"data\":{", "\"data\":{\"status\":\"queued\",")
                } else {
                    body
                };
                assert_eq!(job(&body.replace(",}", "}"), expected).id.as_deref(), Some(id), "{body}");
            }
        }
        let long = "x".repeat(1024);
        let body = |id: Json| json!({ "request_id": id, "status": "queued" }).to_string();
        assert_eq!(job(&body(json!(long)), Expected::Submit).id, Some(long.clone()));
        for id in [
            json!(""),
            json!(" \u{a0}\u{feff}"),
            json!("a\nb"),
            json!("a\u{85}b"),
            json!(long + "x"),
            json!(["a1"]),
            json!(true),
            json!(1.5),
            json!(-1),
            json!(9_007_199_254_740_992_u64),
            json!(KEY),
            json!(format!("{KEY}-1")),
        ] {
            for expected in [Expected::Submit, Expected::Status, Expected::Callback] {
                assert_eq!(unreadable(&body(id.clone()), expected), Defect::UnusableId, "{id}");
            }
        }
    }

    #[test]
    fn an_id_is_needed_to_begin_with_and_is_the_known_one_from_then_on() {
        use Expected::{Callback, Status, Submit};
        let read = |body, expected, known| match read_as(200, body, expected, known) {
            Reply::Job(job) => Ok(job.id.is_some()),
            Reply::Unreadable { defect, .. } => Err(defect),
            Reply::Error(error, _) => panic!("{error:?}"),
        };
        let no_id = Err(Defect::NoId);
        let another = Err(Defect::AnotherJob);
        // The call knows the id `a1` or none.
        for (body, known, [submit, status, callback]) in [
            (r#"{"status":"queued"}"#, None, [no_id.clone(), Ok(false), no_id.clone()]),
            (r#"{"status":"queued"}"#, Some("a1"), [no_id.clone(), Ok(false), no_id.clone()]),
            (r#"{"request_id":null,"status":"queued"}"#, Some("a1"), [no_id.clone(), Ok(false), no_id.clone()]),
            (r#"{"request_id":"a1","status":"queued"}"#, Some("a1"), [Ok(true), Ok(true), Ok(true)]),
            (r#"{"request_id":"a1","status":"queued"}"#, None, [Ok(true), another.clone(), Ok(true)]),
            (r#"{"request_id":"A1","status":"queued"}"#, Some("a1"), [Ok(true), another.clone(), Ok(true)]),
            (r#"{"request_id":7,"status":"queued"}"#, Some("7"), [Ok(true), Ok(true), Ok(true)]),
            (r#"{"request_id":7,"status":"queued"}"#, Some("a1"), [Ok(true), another.clone(), Ok(true)]),
            (r#"{"request_id":"b2","data":{"status":"queued"}}"#, Some("a1"), [Ok(true), another, Ok(true)]),
        ] {
            for (expected, outcome) in [(Submit, submit), (Status, status), (Callback, callback)] {
                assert_eq!(read(body, expected, known), outcome, "{body} {expected:?} {known:?}");
            }
        }
    }

    #[test]
    fn the_reply_to_a_submit_counts_if_it_has_an_id_whatever_else_is_wrong() {
        for body in [
            r#"{"request_id":"a1"}"#,
            r#"{"request_id":"a1","status":7}"#,
            r#"{"request_id":"a1","status":"completed","result":7}"#,
            r#"{"request_id":"a1","completed":true,"result":{"mobile":[]}}"#,
        ] {
            let job = job(body, Expected::Submit);
            assert_eq!((job.id.as_deref(), &*job.status, job.state), (Some("a1"), "queued", State::Pending), "{body}");
            assert_eq!(job.data["request_id"], json!("a1"));
        }
        assert_eq!(job(r#"{"request_id":"a1","completed":true}"#, Expected::Submit).state, found(None));
        let failed = job(r#"{"request_id":"a1","status":"failed","error":"no"}"#, Expected::Submit).state;
        assert_eq!(failed, State::Failed { reason: Some("no".into()) });
        assert_eq!(unreadable(r#"{"request_id":"a1","status":7}"#, Expected::Callback), Defect::NoStatus);
    }

    #[test]
    fn every_success_status_is_read_and_no_other() {
        for status in [200, 201, 202, 299] {
            assert!(matches!(read(status, r#"{"request_id":"a1"}"#, Expected::Submit), Reply::Job(_)), "{status}");
            assert_eq!(read(status, "", Expected::Submit), Reply::Unreadable { status, defect: Defect::Empty });
        }
        for status in [0, 199, 300, 404, 500, u16::MAX] {
            for body in [r#"{"request_id":"a1","status":"completed"}"#, "[]", "<html>", ""] {
                assert_eq!(refused(status, body).status, status);
            }
        }
    }

    #[test]
    fn no_text_repeats_a_key() {
        let json = |json: Json| json.to_string();
        let job = polled(&json(json!({ "status": format!("at {KEY}") })));
        assert_eq!(job.status, "at [redacted]");
        let job = polled(&json(json!({ "status": "failed", "error": format!("for {KEY}") })));
        assert_eq!(job.state, State::Failed { reason: Some("for [redacted]".into()) });
        let error = refused(400, &json(json!({ "error": { "code": KEY, "message": format!("for {KEY}") } })));
        assert_eq!((error.code.name(), error.own, error.text.as_deref()), ("invalid_request", false, None));
        let error = refused(400, &format!("<p>for {KEY}"));
        assert_eq!(error.text.as_deref(), Some("<p>for [redacted]"));
    }
}
