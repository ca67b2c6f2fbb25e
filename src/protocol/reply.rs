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
        let [data, flag] = json.members(["data", "success"]);
        let inner = data.filter(|data| data.is_object()).unwrap_or(json);
        let [request_id, status, completed, result, completed_on] =
            inner.members(["request_id", "status", "completed", "result", "completed_on"]);
        let status = status.and_then(Json::as_str);
        // A job's own status says more than the envelope: a job that failed is no failed request.
        if !success || (status.is_none() && flag.is_some_and(Json::is_false)) {
            return Reply::Error(error(answer, json, secrets));
        }

        let request_id = match request_id.filter(|id| !id.is_null()) {
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

        let state = match status.as_deref() {
            Some("failed") => Ok(State::Failed { error: reason(inner, secrets) }),
            Some("completed") => completion(result, completed_on),
            Some(_) => Ok(State::Pending),
            None if completed.is_some_and(Json::is_true) => completion(result, completed_on),
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

fn completion(result: Option<Json>, completed_on: Option<Json>) -> Result<State, &'static str> {
    let result = result.filter(|result| !result.is_null());
    if result.is_some_and(|result| !result.is_object()) {
        return Err("result is no object");
    }
    // How the service tells "no match" is not published: missing, null and empty all mean it.
    let mobile = match result.and_then(|result| result.get("mobile")).filter(|mobile| !mobile.is_null()) {
        None => None,
        Some(mobile) => Some(mobile.as_str().ok_or("result.mobile is no text")?.trim().to_owned())
            .filter(|mobile| !mobile.is_empty()),
    };
    let completed_on = completed_on.and_then(Json::as_str).map(Cow::into_owned);
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
    // A key that was put where the code belongs is no code.
    let own = own.or(json.get("code").and_then(Json::as_str)).filter(|code| is_code(code) && !secrets.occur_in(code));
    let message = message
        .or(json.get("message").and_then(Json::as_str))
        .or(json.get("detail").and_then(Json::as_str))
        .map(|message| clip(&message, secrets))
        .unwrap_or_default();
    let has_own = own.is_some();
    let code = own.map_or(Cow::Borrowed(code_of(answer.status)), |code| Cow::Owned(code.into_owned()));
    ApiError { status: answer.status, code, message, own: has_own }
}

fn error_without_body(answer: &Answer, secrets: &Secrets) -> ApiError {
    let message = match answer.status {
        0 | 300..400 => "it redirects, and a redirect is not followed, so that the keys stay with one origin; set baseUrl to where the service really is".into(),
        _ => clip(answer.body, secrets),
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

/// At most 200 characters on one line, without keys. The keys go first: any cut could leave half of one.
fn clip(text: &str, secrets: &Secrets) -> String {
    let mut line = String::new();
    for (count, c) in secrets.redact(text).chars().enumerate() {
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

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "nyne_sec_123";

    fn read(status: u16, body: &str, expected: Expected) -> Reply<'static> {
        let mut secrets = Secrets::default();
        secrets.add(KEY.into());
        let body = body.to_owned().leak();
        let text = readable(body).map(|text| &*text.into_owned().leak());
        Reply::read(&Answer { status, json: text.and_then(Json::parse), body }, expected, &secrets)
    }

    fn job(body: &str, expected: Expected) -> Job<'static> {
        match read(200, body, expected) {
            Reply::Job(job) => job,
            other => panic!("{body} is no job but {other:?}"),
        }
    }

    fn polled(body: &str) -> Job<'static> {
        job(body, Expected::Status("a1"))
    }

    fn state(inner: &str) -> State {
        polled(&["{\"request_id\":\"a1\",", inner, "}"].concat()).state
    }

    fn refused(status: u16, body: &str) -> ApiError {
        match read(status, body, Expected::Status("a1")) {
            Reply::Error(error) => error,
            other => panic!("{status} {body} is no error but {other:?}"),
        }
    }

    fn unreadable(body: &str, expected: Expected) -> String {
        match read(200, body, expected) {
            Reply::Unreadable(what) => what,
            other => panic!("{body} is {other:?}"),
        }
    }

    #[test]
    fn an_answer_comes_in_an_envelope_or_bare() {
        let bare = r#"{"request_id":"a1","status":"processing"}"#;
        for body in [
            bare.into(),
            ["{\"success\":true,\"data\":", bare, ",\"timestamp\":\"2026-06-12T12:24:49\"}"].concat(),
            ["\u{feff} ", bare, "\r\n"].concat(),
            ["{\"note\":\"raw\u{1}\n\",\"data\":", bare, "}"].concat(),
            ["{\"data\":[],", &bare[1..]].concat(),
        ] {
            let job = polled(&body);
            assert_eq!(
                (job.request_id.as_deref(), &*job.status, &job.state),
                (Some("a1"), "processing", &State::Pending)
            );
        }
        assert_eq!(polled(&["{\"data\": ", bare, " }"].concat()).data, bare);
        assert_eq!(polled(bare).data, bare);
    }

    #[test]
    fn control_characters_are_replaced_only_where_they_must_be() {
        assert!(matches!(readable("{\n\"a\":1}"), Some(Cow::Borrowed("{\n\"a\":1}"))));
        assert_eq!(readable("{\"a\":\"x\u{0}\u{1f}\ny z\"}").unwrap(), "{\"a\":\"x   y z\"}");
        assert_eq!(readable("\u{feff}[]").unwrap(), "[]");
        assert_eq!(readable("\u{feff}\u{feff}[]"), None);
        assert_eq!(readable("{\"a\":\u{1}"), None);
    }

    #[test]
    fn a_number_is_found_or_nobody_matched() {
        let found = |mobile: Option<&str>, on: Option<&str>| State::Completed {
            mobile: mobile.map(String::from),
            completed_on: on.map(String::from),
        };
        for (inner, expected) in [
            (
                r#""status":"completed","completed":true,"result":{"mobile":" +1-555 "},"completed_on":"2026""#,
                found(Some("+1-555"), Some("2026")),
            ),
            (r#""completed":true,"result":{"mobile":"1"},"completed_on":7"#, found(Some("1"), None)),
            (r#""status":"completed","result":{"mobile":null}"#, found(None, None)),
            (r#""status":"completed","result":{"mobile":" "}"#, found(None, None)),
            (r#""status":"completed","result":{}"#, found(None, None)),
            (r#""status":"completed","result":null"#, found(None, None)),
            (r#""status":"completed""#, found(None, None)),
        ] {
            assert_eq!(state(inner), expected, "{inner}");
        }
        assert_eq!(polled(r#"{"completed":true}"#).status, "completed");
    }

    #[test]
    fn what_is_not_known_to_be_final_runs_on() {
        for status in ["queued", "pending", "Completed", "cancelled", ""] {
            let job = polled(&["{\"status\":\"", status, "\",\"completed\":true}"].concat());
            assert_eq!((&*job.status, job.state), (status, State::Pending));
        }
    }

    #[test]
    fn a_failed_job_is_no_failed_request() {
        for (inner, expected) in [
            (r#""error":"no source""#, "no source"),
            (r#""error":{"code":"x","message":"no source"}"#, "no source"),
            (r#""error":{"code":"x"},"message":"no\nsource""#, "no source"),
            (r#""error":"","message":"later""#, "no reason was given"),
            (r#""error":null"#, "no reason was given"),
            (r#""error":"it held nyne_sec_123""#, "it held [redacted]"),
        ] {
            let inner = ["\"status\":\"failed\",\"success\":false,", inner].concat();
            assert_eq!(state(&inner), State::Failed { error: expected.into() }, "{inner}");
        }
    }

    #[test]
    fn errors_are_read_in_every_form_seen() {
        for (body, code, message) in [
            (r#"{"error":{"code":"c_1","message":"m"}}"#, "c_1", "m"),
            (r#"{"success":false,"data":null,"error":{"code":"c_1"},"message":"m"}"#, "c_1", "m"),
            (r#"{"error":"c_1","message":"m"}"#, "c_1", "m"),
            (r#"{"code":"c_1","error":"Plain text!"}"#, "c_1", "Plain text!"),
            (r#"{"code":"c_1","detail":"m"}"#, "c_1", "m"),
            (r#"{"data":{"error":{"code":"c_1","message":"m"}}}"#, "c_1", "m"),
            (r#"{"error":{"code":"c_1"},"data":{"error":{"code":"c_2","message":"m"}}}"#, "c_1", "m"),
            (r#"{"error":{"message":"m"},"message":"n","detail":"o","code":"c_1"}"#, "c_1", "m"),
            (r#"{"message":"n","detail":"o","code":"c_1"}"#, "c_1", "n"),
        ] {
            let error = refused(400, body);
            assert_eq!((error.status, &*error.code, error.own), (400, code, true), "{body}");
            // A plain text that may be a code is the message too, where there is no other.
            assert!(error.message == message || error.message == "c_1" && body.contains("\"error\":\"c_1\""), "{body}");
        }
        for body in [
            r#"{"error":"Plain text!"}"#,
            r#"{"error":{"code":"Not a code"}}"#,
            r#"{"error":{"code":""}}"#,
            r#"{"code":7}"#,
            r#"{"error":null}"#,
            "[]",
            "{",
            "",
        ] {
            let error = refused(429, body);
            assert_eq!((&*error.code, error.own), ("rate_limit_exceeded", false), "{body}");
        }
        let longest = "x".repeat(64);
        assert_eq!(refused(400, &["{\"code\":\"", &longest, "\"}"].concat()).code, longest);
        assert!(!refused(400, &["{\"code\":\"", &longest, "x\"}"].concat()).own);
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
            (199, "http_error"),
            (300, "http_error"),
            (500, "http_error"),
            (502, "http_error"),
        ] {
            assert_eq!(refused(status, r#"{"request_id":"a1","status":"completed"}"#).code, code, "{status}");
            assert_eq!(refused(status, "<html>").code, code, "{status}");
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
            ("a_new_one", 418),
        ] {
            assert_eq!(refused(418, &["{\"code\":\"", code, "\"}"].concat()).kind(), kind, "{code}");
        }
    }

    #[test]
    fn success_false_is_an_error_unless_a_job_tells_its_status() {
        let error = refused(200, r#"{"success":false,"error":{"code":"request_not_found"}}"#);
        assert_eq!((error.status, &*error.code), (200, "request_not_found"));
        assert_eq!(polled(r#"{"success":false,"status":"queued"}"#).state, State::Pending);
        assert_eq!(polled(r#"{"success":true,"completed":true}"#).status, "completed");
    }

    #[test]
    fn every_message_says_what_is_wrong() {
        for (body, what) in [
            ("", "the body is empty"),
            (" \n", "the body is empty"),
            ("<html>\r\n\t<b>", "the body is not JSON: <html> <b>"),
            ("[1]", "the body is JSON but no object: [1]"),
            (r#"{"request_id":7}"#, r#"request_id is no usable text: {"request_id":7}"#),
            (r#"{"request_id":"a\nb"}"#, r#"request_id is no usable text: {"request_id":"a\nb"}"#),
            (r#"{"request_id":"nyne_sec_123"}"#, r#"request_id is no usable text: {"request_id":"[redacted]"}"#),
            (r#"{"request_id":"b2"}"#, r#"it is about another job: {"request_id":"b2"}"#),
            ("{}", "status is missing or no text: {}"),
            (r#"{"completed":false}"#, r#"status is missing or no text: {"completed":false}"#),
            (r#"{"status":7}"#, r#"status is missing or no text: {"status":7}"#),
            (r#"{"completed":true,"result":[]}"#, r#"result is no object: {"completed":true,"result":[]}"#),
            (
                r#"{"completed":true,"result":{"mobile":1}}"#,
                r#"result.mobile is no text: {"completed":true,"result":{"mobile":1}}"#,
            ),
        ] {
            assert_eq!(unreadable(body, Expected::Status("a1")), what);
        }
        let missing = r#"request_id is missing: {"status":"queued"}"#;
        assert_eq!(unreadable(r#"{"status":"queued"}"#, Expected::Submit), missing);
        assert_eq!(unreadable(r#"{"status":"queued"}"#, Expected::Callback), missing);
        assert_eq!(refused(500, "").message, "");
        for status in [0, 300, 302, 399] {
            assert!(refused(status, "<b>").message.starts_with("it redirects"), "{status}");
        }
        assert_eq!(refused(400, "<b>").message, "<b>");
    }

    #[test]
    fn whatever_is_wrong_with_the_answer_to_a_submit_its_id_counts() {
        for body in [
            r#"{"request_id":"a1"}"#,
            r#"{"request_id":"a1","status":7}"#,
            r#"{"request_id":"a1","status":"completed","result":7}"#,
            r#"{"request_id":"a1","completed":true,"result":{"mobile":[]}}"#,
        ] {
            let job = job(body, Expected::Submit);
            assert_eq!((job.request_id.as_deref(), job.state, job.data), (Some("a1"), State::Pending, body), "{body}");
        }
        assert_eq!(job(r#"{"request_id":"a1"}"#, Expected::Submit).status, "queued");
        assert_eq!(job(r#"{"request_id":"a1","completed":true}"#, Expected::Submit).status, "completed");
        assert!(unreadable(r#"{"request_id":"a1","status":7}"#, Expected::Callback).starts_with("status is missing"));
    }

    #[test]
    fn a_poll_takes_an_answer_without_an_id() {
        for body in [r#"{"status":"queued"}"#, r#"{"request_id":null,"status":"queued"}"#] {
            assert_eq!(polled(body).request_id, None);
        }
    }

    #[test]
    fn every_success_status_is_read() {
        for status in [200, 201, 202, 299] {
            assert!(matches!(read(status, r#"{"request_id":"a1"}"#, Expected::Submit), Reply::Job(_)), "{status}");
        }
    }

    #[test]
    fn messages_are_one_short_line_without_keys() {
        let clipped = |text: &str| {
            let mut secrets = Secrets::default();
            secrets.add(KEY.into());
            clip(text, &secrets)
        };
        assert_eq!(clipped(" a\u{0}\n\t\u{a0}b\u{7f} "), "a b");
        assert_eq!(clipped(&"é".repeat(200)), "é".repeat(200));
        assert_eq!(clipped(&"é".repeat(201)), ["é".repeat(200), "…".into()].concat());
        let across = ["x".repeat(195), KEY.into()].concat();
        assert_eq!(clipped(&across), ["x".repeat(195), "[reda…".into()].concat());
        assert_eq!(polled(r#"{"status":"for nyne_sec_123"}"#).status, "for [redacted]");
        assert_eq!(refused(400, r#"{"code":"nyne_sec_123"}"#).code, "invalid_request");
        assert_eq!(refused(400, r#"{"message":"for nyne_sec_123"}"#).message, "for [redacted]");
        assert_eq!(refused(400, "<b>for nyne_sec_123").message, "<b>for [redacted]");
    }

    #[test]
    fn no_part_of_a_long_key_is_left_however_often_it_is_repeated() {
        let key = "k".repeat(299) + "!";
        let mut secrets = Secrets::default();
        secrets.add(key.clone());
        assert_eq!(clip(&key.repeat(9), &secrets), "[redacted]".repeat(9));
    }
}
