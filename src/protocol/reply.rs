//! What came back, read: a job's state, the service's error, or nothing that can be used.

use super::error::{Code, What};
use super::value::{Id, Kind, Member, Value};

/// The body of an answer.
pub enum Body<V> {
    /// A JSON object.
    Object(V),
    /// JSON, but no object.
    Json,
    /// Anything else.
    Text,
    Empty,
}

/// What the answer is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The answer to a submit: all that counts is the id. Losing one is losing a paid job, so nothing else that may be
    /// wrong with the answer gets in its way.
    Submit,
    /// The answer to a poll.
    Status,
    /// A callback: it must say which job it is about.
    Callback,
}

/// What an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    Job(State),
    Error(ApiError),
    /// Nothing usable, and why.
    Unreadable(What),
}

/// How a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Still running. Any status that is not known to be final is this.
    Pending,
    /// Done; without a `mobile` nobody matched, or the person has none, and nothing was charged.
    Completed,
    /// Over without a result.
    Failed,
}

/// An error, as the service tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// 0 where the host hides it, as a browser does for a redirect that is not followed.
    pub status: u16,
    pub code: Code,
    /// Whether the body itself carried the code: a proxy's 503 does not.
    pub own: bool,
    pub what: What,
}

impl ApiError {
    /// The status that the error amounts to. The code counts before the status: an older endpoint answered 429 with
    /// `insufficient_credits`, which no waiting mends.
    pub fn kind(&self) -> u16 {
        self.code.status().unwrap_or(self.status)
    }
}

/// The values that a reply is about, for the host to take texts from.
pub struct Told<V> {
    /// What tells of the job: the envelope's `data`, or all of it where there is no envelope.
    pub job: Option<V>,
    /// What the service says of an error, why the job failed, or the number that it found.
    pub text: Option<V>,
    /// The code that it gives an error.
    pub code: Option<V>,
}

impl Reply {
    /// Reads an answer, or a callback (status 200).
    pub fn read<V: Value>(status: u16, body: Body<V>, expected: Expected) -> (Reply, Told<V>) {
        let mut told = Told { job: None, text: None, code: None };
        let success = (200..300).contains(&status);
        let json = match body {
            Body::Object(json) => json,
            _ if !success => return (Reply::Error(plain_error(status)), told),
            Body::Json => return (Reply::Unreadable(What::NoObject), told),
            Body::Text => return (Reply::Unreadable(What::NotJson), told),
            Body::Empty => return (Reply::Unreadable(What::Empty), told),
        };
        let data = (json.look(Member::Data) == Kind::Object).then(|| json.get(Member::Data));
        let job = data.as_ref().unwrap_or(&json);
        let state = job.look(Member::Status);
        // A job's own status says more than the envelope: a job that failed is no failed request.
        if !success || (!state.is_text() && json.look(Member::Success) == Kind::False) {
            return (Reply::Error(error(status, &json, &mut told)), told);
        }
        let reply = match (job.id(), expected) {
            (Id::Unusable, _) => Reply::Unreadable(What::NoUsableId),
            // Another job's number is worse than none.
            (Id::New, Expected::Status) => Reply::Unreadable(What::AnotherJob),
            (Id::Absent, Expected::Submit | Expected::Callback) => Reply::Unreadable(What::NoId),
            _ => match (state, expected) {
                (Kind::Failed, _) => {
                    told.text = reason(job);
                    Reply::Job(State::Failed)
                }
                (Kind::Completed, _) => completed(job, expected, &mut told),
                (Kind::Code(_) | Kind::Text, _) => Reply::Job(State::Pending),
                _ if job.look(Member::Completed) == Kind::True => completed(job, expected, &mut told),
                _ => unless_submitted(What::NoStatus, expected),
            },
        };
        told.job = Some(data.unwrap_or(json));
        (reply, told)
    }
}

/// What is wrong with the answer to a submit is nothing: the polls will tell.
fn unless_submitted(what: What, expected: Expected) -> Reply {
    if expected == Expected::Submit { Reply::Job(State::Pending) } else { Reply::Unreadable(what) }
}

fn completed<V: Value>(job: &V, expected: Expected, told: &mut Told<V>) -> Reply {
    // How the service tells "no match" is not published: missing, null and empty all mean it.
    if !matches!(job.look(Member::Result), Kind::Absent | Kind::Object) {
        return unless_submitted(What::ResultNoObject, expected);
    }
    let result = job.get(Member::Result);
    let mobile = result.look(Member::Mobile);
    if mobile != Kind::Absent && !mobile.is_text() {
        return unless_submitted(What::MobileNoText, expected);
    }
    told.text = Some(result.get(Member::Mobile));
    Reply::Job(State::Completed)
}

/// The service's error. Its body has no published form; these are the ones seen in callers, in the order of trust.
fn error<V: Value>(status: u16, json: &V, told: &mut Told<V>) -> ApiError {
    let mut own = None;
    let mut look = |holder: &V, code: Member, text: Member| {
        if let (None, Some(code_found)) = (own, code_of(holder.look(code))) {
            own = Some(code_found);
            told.code = Some(holder.get(code));
        }
        if told.text.is_none() && holder.look(text).is_text() {
            told.text = Some(holder.get(text));
        }
    };
    look(&json.get(Member::Error), Member::Code, Member::Message);
    // A plain text may be the code itself.
    look(json, Member::Error, Member::Error);
    let data = json.get(Member::Data);
    look(&data.get(Member::Error), Member::Code, Member::Message);
    look(&data, Member::Error, Member::Error);
    look(json, Member::Code, Member::Message);
    look(json, Member::Code, Member::Detail);
    let code = own.unwrap_or(Code::of_status(status));
    ApiError { status, code, own: own.is_some(), what: What::Answered }
}

fn plain_error(status: u16) -> ApiError {
    let what = if matches!(status, 0 | 300..400) { What::Redirected } else { What::AnsweredPlainly };
    ApiError { status, code: Code::of_status(status), own: false, what }
}

fn code_of(kind: Kind) -> Option<Code> {
    match kind {
        Kind::Code(code) => Some(code),
        Kind::Completed | Kind::Failed => Some(Code::Other),
        _ => None,
    }
}

/// Why a job failed.
fn reason<V: Value>(job: &V) -> Option<V> {
    if job.look(Member::Error).is_text() {
        return Some(job.get(Member::Error));
    }
    let holder = job.get(Member::Error);
    [&holder, job].into_iter().find(|holder| holder.look(Member::Message).is_text()).map(|holder| holder.get(Member::Message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str, expected: Expected) -> Reply {
        let json: Option<serde_json::Value> = serde_json::from_str(body).ok();
        Reply::read(&Answer { status, json: json.as_ref(), excerpt: &|| body.trim().into() }, expected)
    }

    fn job(body: &str, expected: Expected) -> Job {
        match read(200, body, expected) {
            Reply::Job(job) => job,
            other => panic!("{body} is no job but {other:?}"),
        }
    }

    fn polled(body: &str) -> Job {
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
            ["{\"data\":[],", &bare[1..]].concat(),
        ] {
            let job = polled(&body);
            assert_eq!(
                (job.request_id.as_deref(), &*job.status, &job.state),
                (Some("a1"), "processing", &State::Pending)
            );
        }
    }

    #[test]
    fn what_tells_of_the_job_is_inside_the_envelope_or_all_there_is() {
        let told = |body: &str| {
            let json: serde_json::Value = serde_json::from_str(body).unwrap();
            let answer = Answer { status: 200, json: Some(&json), excerpt: &String::new };
            answer.job().map(serde_json::Value::to_string)
        };
        assert_eq!(told(r#"{"data":{"a":1},"b":2}"#).unwrap(), r#"{"a":1}"#);
        assert_eq!(told(r#"{"data":[],"b":2}"#).unwrap(), r#"{"b":2,"data":[]}"#);
        assert!(Answer::<&serde_json::Value> { status: 200, json: None, excerpt: &String::new }.job().is_none());
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
            ("<html>\r\n\t<b>", "the body is not JSON: <html>\r\n\t<b>"),
            ("[1]", "the body is JSON but no object: [1]"),
            (r#"{"request_id":7}"#, r#"request_id is no usable text: {"request_id":7}"#),
            (r#"{"request_id":"a\nb"}"#, r#"request_id is no usable text: {"request_id":"a\nb"}"#),
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
            assert_eq!((job.request_id.as_deref(), job.state), (Some("a1"), State::Pending), "{body}");
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
}
