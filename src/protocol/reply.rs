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
        // A code alone says nothing that the error does not say already.
        let kind = holder.look(text);
        if told.text.is_none() && (kind == Kind::Text || kind.is_text() && text != code) {
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
    [&holder, job]
        .into_iter()
        .find(|holder| holder.look(Member::Message).is_text())
        .map(|holder| holder.get(Member::Message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};

    /// Reads a body as the host does, for a call that knows its job's id only when it polls.
    fn read(status: u16, body: &str, expected: Expected) -> (Reply, Told<Json>) {
        read_as(status, body, expected, (expected == Expected::Status).then_some("a1"))
    }

    fn read_as(status: u16, body: &str, expected: Expected, id: Option<&str>) -> (Reply, Told<Json>) {
        let json: Option<Json> = serde_json::from_str(body).ok();
        let body = match &json {
            Some(json) if json.is_object() => Body::Object((json, id)),
            Some(_) => Body::Json,
            None if body.trim().is_empty() => Body::Empty,
            None => Body::Text,
        };
        let (reply, Told { job, text, code }) = Reply::read(status, body, expected);
        let owned = |value: Option<(&Json, _)>| value.map(|(json, _)| json.clone());
        (reply, Told { job: owned(job), text: owned(text), code: owned(code) })
    }

    fn polled(body: &str) -> (State, Told<Json>) {
        match read(200, body, Expected::Status) {
            (Reply::Job(state), told) => (state, told),
            (other, _) => panic!("{body} is no job but {other:?}"),
        }
    }

    /// How the job stands, and the number or the reason that is told.
    fn state(inner: &str) -> (State, Option<Json>) {
        let (state, told) = polled(&["{\"request_id\":\"a1\",", inner, "}"].concat());
        (state, told.text)
    }

    fn refused(status: u16, body: &str) -> (ApiError, Told<Json>) {
        match read(status, body, Expected::Status) {
            (Reply::Error(error), told) => (error, told),
            (other, _) => panic!("{status} {body} is no error but {other:?}"),
        }
    }

    fn unreadable(body: &str, expected: Expected) -> What {
        match read(200, body, expected) {
            (Reply::Unreadable(what), _) => what,
            (other, _) => panic!("{body} is {other:?}"),
        }
    }

    #[test]
    fn an_answer_comes_in_an_envelope_or_bare() {
        let bare = r#"{"request_id":"a1","status":"processing"}"#;
        for body in [
            bare.into(),
            ["{\"success\":true,\"data\":", bare, ",\"timestamp\":\"2026-06-12T12:24:49\"}"].concat(),
            ["{\"data\":[],", &bare[1..]].concat(),
            ["{\"data\":null,", &bare[1..]].concat(),
        ] {
            let (state, told) = polled(&body);
            let job = told.job.unwrap();
            assert_eq!(
                (state, &job["request_id"], &job["status"]),
                (State::Pending, &json!("a1"), &json!("processing"))
            );
            assert_eq!((told.text, told.code), (None, None), "{body}");
        }
    }

    #[test]
    fn what_tells_of_the_job_is_inside_the_envelope_or_all_there_is() {
        let told = |status, body: &str| read(status, body, Expected::Status).1.job;
        for inner in [r#"{"status":"queued"}"#, r#"{"status":"completed"}"#, r#"{"status":"failed","error":"e"}"#, "{}"]
        {
            let job: Json = serde_json::from_str(inner).unwrap();
            assert_eq!(told(200, &["{\"data\":", inner, ",\"b\":2}"].concat()), Some(job.clone()));
            assert_eq!(told(200, inner), Some(job));
        }
        let whole = json!({ "data": [], "status": "queued" });
        assert_eq!(told(200, &whole.to_string()), Some(whole));
        // An error tells of no job, and neither does what is no object.
        assert_eq!(told(404, r#"{"data":{"status":"queued"}}"#), None);
        assert_eq!(told(200, r#"{"success":false}"#), None);
        for body in ["[]", "", "<html>"] {
            assert_eq!(told(200, body), None);
        }
    }

    #[test]
    fn a_number_is_found_or_nobody_matched() {
        for (inner, mobile) in [
            (r#""status":"completed","completed":true,"result":{"mobile":" +1-555 "}"#, json!(" +1-555 ")),
            (r#""status":"completed","completed":false,"result":{"mobile":"+1"}"#, json!("+1")),
            (r#""completed":true,"result":{"mobile":"1"},"completed_on":7"#, json!("1")),
            // A number may have the form of a code, and a text is a number whatever its words.
            (r#""completed":true,"result":{"mobile":"15550100"}"#, json!("15550100")),
            (r#""completed":true,"result":{"mobile":"completed"}"#, json!("completed")),
            (r#""completed":true,"result":{"mobile":"failed"}"#, json!("failed")),
            (r#""status":"completed","result":{"mobile":" "}"#, json!(" ")),
            (r#""status":"completed","result":{"mobile":null}"#, Json::Null),
            (r#""status":"completed","result":{}"#, Json::Null),
            (r#""status":"completed","result":null"#, Json::Null),
            (r#""status":"completed""#, Json::Null),
            (r#""completed":true,"status":null"#, Json::Null),
        ] {
            assert_eq!(state(inner), (State::Completed, Some(mobile)), "{inner}");
        }
        assert_eq!(polled(r#"{"data":{"completed":true,"result":{"mobile":"1"}}}"#).1.text, Some(json!("1")));
    }

    #[test]
    fn what_is_not_known_to_be_final_runs_on() {
        for status in ["queued", "pending", "Completed", "cancelled", "", "request_not_found", "läuft"] {
            let (state, told) = polled(&["{\"status\":\"", status, "\",\"completed\":true}"].concat());
            assert_eq!((state, told.text), (State::Pending, None), "{status}");
            assert_eq!(told.job.unwrap()["status"], json!(status));
        }
    }

    #[test]
    fn a_failed_job_is_no_failed_request() {
        for (inner, reason) in [
            (r#""error":"no source""#, Some("no source")),
            (r#""error":"no source","message":"later""#, Some("no source")),
            (r#""error":"failed""#, Some("failed")),
            (r#""error":"internal_error""#, Some("internal_error")),
            (r#""error":{"code":"x","message":"no source"},"message":"later""#, Some("no source")),
            (r#""error":{"code":"x"},"message":"no\nsource""#, Some("no\nsource")),
            (r#""error":{"message":7},"message":"no source""#, Some("no source")),
            (r#""error":7,"message":"no source""#, Some("no source")),
            (r#""error":"","message":"later""#, Some("")),
            (r#""error":null"#, None),
            (r#""error":{},"message":[]"#, None),
        ] {
            let inner = ["\"status\":\"failed\",\"success\":false,", inner].concat();
            assert_eq!(state(&inner), (State::Failed, reason.map(Json::from)), "{inner}");
        }
        // Only the word says so: what has no status runs on, is completed, or is an error.
        assert_eq!(unreadable(r#"{"completed":false,"error":"no source"}"#, Expected::Status), What::NoStatus);
    }

    #[test]
    fn errors_are_read_in_every_form_seen() {
        for (body, code, text) in [
            (r#"{"error":{"code":"c_1","message":"m"}}"#, "c_1", Some("m")),
            (r#"{"success":false,"data":null,"error":{"code":"c_1"},"message":"m"}"#, "c_1", Some("m")),
            (r#"{"code":"c_1","error":"Plain text!"}"#, "c_1", Some("Plain text!")),
            (r#"{"code":"c_1","error":"Plain text!","message":"m"}"#, "c_1", Some("Plain text!")),
            (r#"{"code":"c_1","detail":"m"}"#, "c_1", Some("m")),
            (r#"{"data":{"error":{"code":"c_1","message":"m"}}}"#, "c_1", Some("m")),
            (r#"{"data":{"error":"Plain text!"},"code":"c_1","message":"m"}"#, "c_1", Some("Plain text!")),
            (r#"{"error":{"code":"c_1"},"data":{"error":{"code":"c_2","message":"m"}}}"#, "c_1", Some("m")),
            (r#"{"error":{"message":"m"},"message":"n","detail":"o","code":"c_1"}"#, "c_1", Some("m")),
            (r#"{"message":"n","detail":"o","code":"c_1"}"#, "c_1", Some("n")),
            // What is no code, or no text, is passed over.
            (r#"{"error":{"code":"Not a code","message":7},"code":"c_1","message":"n"}"#, "c_1", Some("n")),
            (r#"{"error":{"code":"c_1"},"message":null,"detail":"o"}"#, "c_1", Some("o")),
            (r#"{"error":{"code":"c_1","message":""},"message":"n"}"#, "c_1", Some("")),
            (r#"{"error":["c_2"],"code":"c_1","detail":{}}"#, "c_1", None),
            // A plain text that may be a code is one, and says nothing beside.
            (r#"{"error":"c_1"}"#, "c_1", None),
            (r#"{"data":{"error":"c_1"}}"#, "c_1", None),
            (r#"{"error":"c_1","message":"m"}"#, "c_1", Some("m")),
            // Words that mean something elsewhere are codes here.
            (r#"{"code":"completed","message":"failed"}"#, "completed", Some("failed")),
            (r#"{"error":{"code":"failed","message":"completed"}}"#, "failed", Some("completed")),
        ] {
            let (error, told) = refused(400, body);
            assert_eq!(error, ApiError { status: 400, code: Code::Other, own: true, what: What::Answered }, "{body}");
            assert_eq!((told.code, told.text), (Some(code.into()), text.map(Json::from)), "{body}");
        }
        for (body, text) in [
            (r#"{"error":"Plain text!"}"#, Some("Plain text!")),
            (r#"{"error":{"code":"Not a code"}}"#, None),
            (r#"{"error":{"code":""}}"#, None),
            (r#"{"error":{"code":"cödé"}}"#, None),
            (r#"{"code":7,"message":"m"}"#, Some("m")),
            (r#"{"error":null,"detail":"o"}"#, Some("o")),
            (r#"{"code":true}"#, None),
            ("{}", None),
            ("[]", None),
            ("{", None),
            ("", None),
        ] {
            let (error, told) = refused(429, body);
            assert_eq!((error.code, error.own, told.code), (Code::RateLimitExceeded, false, None), "{body}");
            assert_eq!(told.text, text.map(Json::from), "{body}");
        }
        let longest = "x".repeat(64);
        assert!(refused(400, &["{\"code\":\"", &longest, "\"}"].concat()).0.own);
        assert!(!refused(400, &["{\"code\":\"", &longest, "x\"}"].concat()).0.own);
    }

    #[test]
    fn every_code_is_known_by_its_name() {
        for code in Code::ALL.into_iter().filter(|code| *code != Code::Other) {
            let (error, told) = refused(418, &json!({ "code": code.name() }).to_string());
            assert_eq!((error.code, error.own, told.code), (code, true, Some(code.name().into())));
        }
    }

    #[test]
    fn an_error_without_a_code_gets_one_from_its_status() {
        for (status, code) in [
            (400, Code::InvalidRequest),
            (401, Code::InvalidCredentials),
            (402, Code::InsufficientCredits),
            (403, Code::Forbidden),
            (404, Code::RequestNotFound),
            (429, Code::RateLimitExceeded),
            (503, Code::ServiceUnavailable),
            (199, Code::HttpError),
            (300, Code::HttpError),
            (500, Code::HttpError),
            (502, Code::HttpError),
        ] {
            let (error, _) = refused(status, r#"{"request_id":"a1","status":"completed"}"#);
            assert_eq!(error, ApiError { status, code, own: false, what: What::Answered });
            for body in ["<html>", "[1]", ""] {
                let what = if status == 300 { What::Redirected } else { What::AnsweredPlainly };
                assert_eq!(refused(status, body).0, ApiError { status, code, own: false, what }, "{body}");
            }
        }
    }

    #[test]
    fn a_redirect_is_told_from_other_answers() {
        for (status, what) in [
            (0, What::Redirected),
            (300, What::Redirected),
            (302, What::Redirected),
            (399, What::Redirected),
            (1, What::AnsweredPlainly),
            (199, What::AnsweredPlainly),
            (400, What::AnsweredPlainly),
        ] {
            assert_eq!(refused(status, "<b>").0.what, what, "{status}");
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
            // No status stands behind the client's own codes.
            ("http_error", 418),
            ("client_fault", 418),
            ("a_new_one", 418),
        ] {
            let (error, _) = refused(418, &["{\"code\":\"", code, "\"}"].concat());
            assert_eq!((error.status, error.kind()), (418, kind), "{code}");
        }
    }

    #[test]
    fn success_false_is_an_error_unless_a_job_tells_its_status() {
        let (error, _) = refused(200, r#"{"success":false,"error":{"code":"request_not_found"}}"#);
        assert_eq!((error.status, error.code), (200, Code::RequestNotFound));
        let (error, _) = refused(200, r#"{"success":false,"status":7,"completed":true}"#);
        assert_eq!((error.code, error.own), (Code::HttpError, false));
        assert_eq!(polled(r#"{"success":false,"status":"queued"}"#).0, State::Pending);
        assert_eq!(polled(r#"{"success":false,"status":"completed"}"#).0, State::Completed);
        for success in ["true", "null", "0", "\"false\""] {
            let body = ["{\"success\":", success, ",\"completed\":true}"].concat();
            assert_eq!(polled(&body).0, State::Completed, "{body}");
        }
    }

    #[test]
    fn what_cannot_be_used_says_what_is_wrong() {
        for (body, what) in [
            ("", What::Empty),
            (" \n", What::Empty),
            ("<html>\r\n\t<b>", What::NotJson),
            ("[1]", What::NoObject),
            ("null", What::NoObject),
            ("\"completed\"", What::NoObject),
            (r#"{"request_id":7}"#, What::NoUsableId),
            (r#"{"request_id":"a\nb"}"#, What::NoUsableId),
            (r#"{"request_id":"b2"}"#, What::AnotherJob),
            ("{}", What::NoStatus),
            (r#"{"completed":false}"#, What::NoStatus),
            (r#"{"completed":"true"}"#, What::NoStatus),
            (r#"{"status":7}"#, What::NoStatus),
            (r#"{"status":{"status":"completed"}}"#, What::NoStatus),
            (r#"{"completed":true,"result":[]}"#, What::ResultNoObject),
            (r#"{"completed":true,"result":"+1"}"#, What::ResultNoObject),
            (r#"{"status":"completed","result":false}"#, What::ResultNoObject),
            (r#"{"completed":true,"result":{"mobile":1}}"#, What::MobileNoText),
            (r#"{"completed":true,"result":{"mobile":{}}}"#, What::MobileNoText),
            (r#"{"status":"completed","result":{"mobile":true}}"#, What::MobileNoText),
        ] {
            let (reply, told) = read(200, body, Expected::Status);
            assert_eq!(reply, Reply::Unreadable(what), "{body}");
            assert_eq!((told.text, told.code), (None, None), "{body}");
        }
    }

    #[test]
    fn an_id_is_needed_to_begin_with_and_is_the_known_one_from_then_on() {
        use Expected::{Callback, Status, Submit};
        let wrong = |what| Reply::Unreadable(what);
        let fine = Reply::Job(State::Pending);
        // The call knows the id `a1` or none.
        for (body, known, [submit, status, callback]) in [
            (r#"{"status":"queued"}"#, None, [wrong(What::NoId), fine, wrong(What::NoId)]),
            (r#"{"status":"queued"}"#, Some("a1"), [wrong(What::NoId), fine, wrong(What::NoId)]),
            (r#"{"request_id":null,"status":"queued"}"#, Some("a1"), [wrong(What::NoId), fine, wrong(What::NoId)]),
            (r#"{"request_id":" ","status":"queued"}"#, Some("a1"), [wrong(What::NoUsableId); 3]),
            (r#"{"request_id":true,"status":"queued"}"#, None, [wrong(What::NoUsableId); 3]),
            (r#"{"request_id":"a1","status":"queued"}"#, Some("a1"), [fine; 3]),
            (r#"{"request_id":"a1","status":"queued"}"#, None, [fine, wrong(What::AnotherJob), fine]),
            (r#"{"request_id":"A1","status":"queued"}"#, Some("a1"), [fine, wrong(What::AnotherJob), fine]),
        ] {
            for (expected, reply) in [(Submit, submit), (Status, status), (Callback, callback)] {
                assert_eq!(read_as(200, body, expected, known).0, reply, "{body} {expected:?} {known:?}");
            }
        }
        // A job inside an envelope has its id there and nowhere else.
        let outside = r#"{"request_id":"a1","data":{"status":"queued"}}"#;
        assert_eq!(unreadable(outside, Submit), What::NoId);
    }

    #[test]
    fn whatever_is_wrong_with_the_answer_to_a_submit_its_id_counts() {
        for body in [
            r#"{"request_id":"a1"}"#,
            r#"{"request_id":"a1","status":7}"#,
            r#"{"request_id":"a1","status":"completed","result":7}"#,
            r#"{"request_id":"a1","completed":true,"result":{"mobile":[]}}"#,
        ] {
            let (reply, told) = read(202, body, Expected::Submit);
            assert_eq!((reply, told.text), (Reply::Job(State::Pending), None), "{body}");
            assert_eq!(told.job.unwrap()["request_id"], json!("a1"), "{body}");
        }
        let (reply, told) = read(202, r#"{"request_id":"a1","completed":true}"#, Expected::Submit);
        assert_eq!((reply, told.text), (Reply::Job(State::Completed), Some(Json::Null)));
        let (reply, told) = read(202, r#"{"request_id":"a1","status":"failed","error":"no"}"#, Expected::Submit);
        assert_eq!((reply, told.text), (Reply::Job(State::Failed), Some(json!("no"))));
        assert_eq!(unreadable(r#"{"request_id":"a1","status":7}"#, Expected::Callback), What::NoStatus);
    }

    #[test]
    fn every_success_status_is_read_and_no_other() {
        for status in [200, 201, 202, 299] {
            let (reply, _) = read(status, r#"{"request_id":"a1"}"#, Expected::Submit);
            assert_eq!(reply, Reply::Job(State::Pending), "{status}");
        }
        for status in [0, 199, 300, 404, 500, u16::MAX] {
            for body in [r#"{"request_id":"a1","status":"completed"}"#, "[]", "<html>", ""] {
                assert_eq!(refused(status, body).0.status, status);
            }
        }
    }
}
