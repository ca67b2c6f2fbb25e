//! Why a call ended without its result: the one error, its codes and its texts.

use std::borrow::Cow;

use super::reply::ApiError;

/// Whether a job may have been made, and credits spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Submitted {
    /// Nothing was submitted by this call, or the service refused it.
    No,
    /// A job was made.
    Yes,
    /// Nobody can tell whether a job was made.
    Unknown,
}

impl Submitted {
    /// As JavaScript sees it.
    pub fn name(self) -> &'static str {
        match self {
            Submitted::No => "no",
            Submitted::Yes => "yes",
            Submitted::Unknown => "unknown",
        }
    }
}

/// A code of the service's, like `insufficient_credits`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code(Cow<'static, str>);

/// The codes that are known, and the HTTP status that each stands for, whatever status it came with.
const CODES: [(&str, u16); 17] = [
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
];

/// The client's own codes. From a server they are not accepted: callers would take them for the client's.
const OWN: [&str; 9] = [
    "invalid_argument",
    "aborted",
    "timeout",
    "network_error",
    "invalid_response",
    "submit_outcome_unknown",
    "job_failed",
    "poll_budget_exhausted",
    "client_fault",
];

impl Code {
    /// Returns `text` as a code if it has the form of one: up to 64 of `a-z`, `0-9` and `_`. Unknown codes pass.
    pub fn of(text: String) -> Option<Code> {
        let form = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
        let begins = text.bytes().next().is_some_and(|first| first.is_ascii_lowercase());
        let is_code = begins && text.len() <= 64 && text.bytes().all(form) && !OWN.contains(&&*text);
        is_code.then_some(Code(Cow::Owned(text)))
    }

    /// The code for an error that names none.
    pub fn of_status(status: u16) -> Code {
        Code(Cow::Borrowed(match status {
            400 => "invalid_request",
            401 => "invalid_credentials",
            402 => "insufficient_credits",
            403 => "forbidden",
            404 => "request_not_found",
            429 => "rate_limit_exceeded",
            503 => "service_unavailable",
            _ => "http_error",
        }))
    }

    /// The code as text.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// The status that a known code stands for.
    pub fn status(&self) -> Option<u16> {
        CODES.iter().find(|(name, _)| *name == self.0).map(|(_, status)| *status)
    }
}

/// What is wrong with a reply or a callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Defect {
    /// The body is empty.
    Empty,
    /// The body is not JSON. Of a page of HTML, its beginning.
    NotJson(Option<String>),
    /// The body is JSON, but not an object.
    NotAnObject,
    /// `request_id` cannot be an id.
    UnusableId,
    /// `request_id` is that of another job.
    AnotherJob,
    /// `request_id` is missing.
    NoId,
    /// `status` is missing or not a text.
    NoStatus,
    /// `result` is not an object.
    ResultNotAnObject,
    /// `result.mobile` is not a text.
    MobileNotText,
    /// The body is larger than [`MAX_BODY`](super::MAX_BODY).
    TooLarge,
    /// `fetch` resolved with something that is not a response. Says what is missing.
    NotAResponse(&'static str),
}

impl Defect {
    fn text(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Defect::Empty => "its body is empty",
            Defect::NotJson(None) => "its body is not JSON",
            Defect::NotJson(Some(excerpt)) => return ["its body is not JSON: ", excerpt].concat().into(),
            Defect::NotAnObject => "its body is JSON, but not an object",
            Defect::UnusableId => "its request_id cannot be used",
            Defect::AnotherJob => "it is about another job",
            Defect::NoId => "request_id is missing",
            Defect::NoStatus => "status is missing or not a text",
            Defect::ResultNotAnObject => "result is not an object",
            Defect::MobileNotText => "result.mobile is not a text",
            Defect::TooLarge => "its body is larger than 1 MiB",
            Defect::NotAResponse(missing) => {
                return ["fetch did not return a Response (", missing, ")"].concat().into();
            }
        })
    }
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// An argument is wrong. The text names it.
    InvalidArgument(String),
    /// The caller's signal was aborted.
    Aborted,
    /// The caller's signal was one of `AbortSignal.timeout`, and its time is over.
    SignalTimeout,
    /// The call's `timeout`, in ms, is over.
    Timeout(f64),
    /// A request and its reply took longer than `requestTimeout`, in ms.
    RequestTimeout(f64),
    /// The request failed. Says what `fetch` said.
    Network(String),
    /// The reply broke off. Says what was thrown.
    Interrupted(String),
    /// It is proven that the request was not sent. Says what `fetch` said.
    NotSent(String),
    /// The reply cannot be used.
    InvalidResponse {
        /// Its HTTP status.
        status: u16,
        /// What is wrong with it.
        defect: Defect,
    },
    /// The callback cannot be used.
    InvalidCallback(Defect),
    /// The callback could not be read. Says what was thrown.
    UnreadableCallback(String),
    /// The callback reports an error instead of a job.
    CallbackError(Code),
    /// The service refused the request.
    Api(ApiError),
    /// The service asked all calls of the client to wait for so many ms, longer than this call may last.
    Paused(f64),
    /// The job failed. Says why.
    JobFailed(Option<String>),
    /// The job is still running after as many polls as `poll.maxPolls` allows.
    PollBudget(u32),
    /// A function of the host's failed. Says which, and what it threw.
    Host(String),
    /// The store of a batch failed before anything was submitted. Says which function, and what it threw.
    Store(String),
    /// An earlier run of a batch has claimed the query and left no id.
    Claimed,
}

/// Whose replies the call reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Nyne itself.
    Nyne,
    /// A server at another address, such as a proxy.
    Server,
}

/// Why a call ended without its result. Becomes JavaScript's `NyneError`.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    /// What went wrong.
    pub failure: Failure,
    /// Whether a job may exist.
    pub submitted: Submitted,
    /// True if the submit failed and may have made a job all the same.
    pub outcome_unknown: bool,
    /// The job's id, once it is known.
    pub request_id: Option<String>,
    /// True if the same call may succeed later and cannot be charged twice.
    pub retryable: bool,
    /// How long the service asked to wait, in ms.
    pub retry_after: Option<f64>,
}

/// A request that failed and will be retried, for `onStatus`.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The code of the failure.
    pub code: String,
    /// What happened.
    pub message: String,
}

impl Error {
    /// An error that is not retryable and says nothing of a job.
    pub fn new(failure: Failure, submitted: Submitted) -> Error {
        Error { failure, submitted, outcome_unknown: false, request_id: None, retryable: false, retry_after: None }
    }

    /// A wrong argument of a call that is about the job `request_id`, if that is known.
    pub fn invalid_argument(text: String, request_id: Option<String>) -> Error {
        let submitted = if request_id.is_some() { Submitted::Yes } else { Submitted::No };
        Error { request_id, ..Error::new(Failure::InvalidArgument(text), submitted) }
    }

    /// The stable code, for programs.
    pub fn code(&self) -> &str {
        if self.outcome_unknown { "submit_outcome_unknown" } else { self.failure.code() }
    }

    /// The HTTP status of the reply that ended the call.
    pub fn status(&self) -> Option<u16> {
        match &self.failure {
            Failure::Api(ApiError { status, .. }) | Failure::InvalidResponse { status, .. } => {
                (*status > 0).then_some(*status)
            }
            _ => None,
        }
    }

    /// Returns true if the request was refused only because there were too many.
    pub fn is_limited(&self) -> bool {
        self.code() == "rate_limit_exceeded"
    }

    /// What happened, for `onStatus`.
    pub fn problem(&self, peer: Peer) -> Problem {
        Problem { code: self.code().into(), message: self.failure.text(peer) }
    }

    /// What happened, then what to do next. The code and the id are in it, since structuredClone and step engines carry an
    /// error's message and drop the rest.
    pub fn message(&self, peer: Peer) -> String {
        let mut message = self.failure.text(peer);
        let mut add = |parts: &[&str]| {
            message.push(' ');
            message.push_str(&parts.concat());
        };
        if self.submitted == Submitted::Unknown && self.request_id.is_none() {
            add(&[
                "A job may exist and may be charged, so the submit was not sent again. Before you submit again, look for \
                   it in Nyne's dashboard.",
            ]);
        }
        let advice = self.advice(peer);
        if !advice.is_empty() && !self.outcome_unknown {
            add(&[advice]);
        }
        match (&self.request_id, self.job_is_over()) {
            (Some(id), false) => {
                // Of an id that the caller gave it is not certain that there is a job.
                let known = self.submitted == Submitted::Yes && !matches!(self.failure, Failure::InvalidArgument(_));
                let advice = if known { "The job keeps running. Resume it" } else { "Ask again" };
                add(&[advice, ": pollResult(\"", &escaped(id), "\")."]);
            }
            (Some(id), true) => add(&["Request id: ", &escaped(id), "."]),
            (None, _) => {}
        }
        add(&["Code: ", self.code(), "."]);
        message
    }

    /// Advice on the failure itself. The message adds advice on the job: once there is one, "call again" would be paid for
    /// twice.
    fn advice(&self, peer: Peer) -> &'static str {
        let has_id = self.request_id.is_some();
        match &self.failure {
            Failure::Api(ApiError { status: 0 | 300..400, .. }) => "Set baseUrl to the address it redirects to.",
            Failure::Api(error) => match (error.code.name(), error.kind()) {
                ("ip_not_allowed", _) => "Add this machine's address to the key's allow-list in Nyne's dashboard.",
                ("api_key_disabled", _) => "Enable the key in Nyne's dashboard, or use another one.",
                (_, 400) if has_id => "The error's `data` may say more.",
                (_, 400) => "Correct the query, then call again. The error's `data` may say more.",
                (_, 401) if peer == Peer::Server => {
                    "Check apiKey and apiSecret, or sign in again at the server that baseUrl names."
                }
                (_, 401) => "Check apiKey and apiSecret: both must belong to the same key in Nyne's dashboard.",
                (_, 402) if has_id => "Add credits to the account.",
                (_, 402) => "Add credits to the account, then call again.",
                (_, 403) => "Check what the account's plan and this key allow.",
                (_, 404) if self.retryable => "The job may be too new to be known.",
                (_, 404) => "The request id is unknown or has expired, or belongs to another account.",
                (_, 429) => "Wait for retryAfter (ms) if it is set, and send fewer requests a minute.",
                (_, 503) if !has_id => "Call again later.",
                _ => "",
            },
            Failure::Store(_) => "Nobody was submitted. Repair the store, then start again.",
            Failure::NotSent(_) if has_id => "Check the network and baseUrl.",
            Failure::NotSent(_) => "Check the network and baseUrl, then call again.",
            Failure::Paused(_) if has_id => "Wait for retryAfter (ms).",
            Failure::Paused(_) => "Wait for retryAfter (ms), then call again.",
            Failure::JobFailed(_) => "A failed job has no number. Submit again to try once more.",
            Failure::InvalidCallback(_) | Failure::UnreadableCallback(_) | Failure::CallbackError(_) => {
                "A callback is not authenticated. If you expected one from Nyne, ask with checkStatus(requestId)."
            }
            _ => "",
        }
    }

    /// Returns true if no further poll can give a result.
    fn job_is_over(&self) -> bool {
        match &self.failure {
            Failure::JobFailed(_) => true,
            Failure::InvalidResponse { defect, .. } => {
                matches!(defect, Defect::ResultNotAnObject | Defect::MobileNotText)
            }
            Failure::Api(error) => error.kind() == 404 && !self.retryable,
            _ => false,
        }
    }
}

impl Failure {
    /// The store of a batch, or the claim that it takes, did not answer in time.
    pub fn store_timeout() -> Failure {
        Failure::Store("options.store did not answer within requestTimeout".into())
    }

    /// The stable code, for programs.
    fn code(&self) -> &str {
        match self {
            Failure::InvalidArgument(_) => "invalid_argument",
            Failure::Aborted => "aborted",
            Failure::SignalTimeout | Failure::Timeout(_) | Failure::RequestTimeout(_) => "timeout",
            Failure::Network(_) | Failure::Interrupted(_) | Failure::NotSent(_) => "network_error",
            Failure::InvalidResponse { .. }
            | Failure::InvalidCallback(_)
            | Failure::UnreadableCallback(_)
            | Failure::CallbackError(_) => "invalid_response",
            Failure::Api(error) => error.code.name(),
            Failure::Paused(_) => "rate_limit_exceeded",
            Failure::JobFailed(_) => "job_failed",
            Failure::PollBudget(_) => "poll_budget_exhausted",
            Failure::Host(_) | Failure::Store(_) => "client_fault",
            Failure::Claimed => "submit_outcome_unknown",
        }
    }

    /// What happened, in sentences.
    fn text(&self, peer: Peer) -> String {
        let peer = match peer {
            Peer::Nyne => "Nyne",
            Peer::Server => "The server",
        };
        match self {
            Failure::InvalidArgument(text) => text.clone(),
            Failure::Aborted => "The call was aborted.".into(),
            Failure::SignalTimeout => "The signal timed out.".into(),
            Failure::Timeout(ms) => ["Timed out after ", &decimal(*ms), " ms."].concat(),
            Failure::RequestTimeout(ms) => {
                ["A request took longer than ", &decimal(*ms), " ms, its `requestTimeout`."].concat()
            }
            Failure::Network(reason) => sentence(&["The request failed: ", reason]),
            Failure::Interrupted(reason) => sentence(&["The reply broke off: ", reason]),
            Failure::NotSent(reason) => sentence(&["The request could not be sent: ", reason]),
            Failure::InvalidResponse { status: 0, defect } => sentence(&["The reply cannot be used: ", &defect.text()]),
            Failure::InvalidResponse { status, defect } => {
                sentence(&[peer, " answered ", &decimal(f64::from(*status)), ", but ", &defect.text()])
            }
            Failure::InvalidCallback(defect) => sentence(&["The callback cannot be used: ", &defect.text()]),
            Failure::UnreadableCallback(reason) => sentence(&["The callback could not be read: ", reason]),
            Failure::CallbackError(code) => ["The callback reports an error, ", code.name(), ", and no job."].concat(),
            Failure::Api(ApiError { status: 0 | 300..400, .. }) => {
                [peer, " answered with a redirect, which is not followed: keys stay with one origin."].concat()
            }
            Failure::Api(ApiError { status, code, own, text }) => {
                let status = decimal(f64::from(*status));
                // A code that was made of the status says no more.
                let code = if *own { [" ", code.name()] } else { [""; 2] };
                let text = text.as_ref().map_or([""; 2], |text| [": ", text]);
                sentence(&[peer, " answered ", &status, &code.concat(), &text.concat()])
            }
            Failure::Paused(ms) => [peer, " asked us to wait ", &duration(*ms), ", longer than `timeout`."].concat(),
            Failure::JobFailed(None) => [peer, " could not complete the job and gave no reason."].concat(),
            // The reason may name a person or hold a number, and messages end in logs.
            Failure::JobFailed(Some(_)) => [peer, " could not complete the job. The error's `data` says why."].concat(),
            Failure::PollBudget(polls) => {
                let polls = decimal(f64::from(*polls));
                ["The job is still running after ", &polls, " polls, the limit that poll.maxPolls sets."].concat()
            }
            Failure::Host(reason) => sentence(&["This host cannot run the call: ", reason]),
            Failure::Store(reason) => sentence(&["The store cannot be used: ", reason]),
            Failure::Claimed => "An earlier run broke off while it submitted this query.".into(),
        }
    }
}

/// An id as it stands in a string of JavaScript, on one line.
fn escaped(id: &str) -> String {
    let mut text = String::new();
    for c in id.chars() {
        match c {
            '\u{2028}' => text.push_str("\\u2028"),
            '\u{2029}' => text.push_str("\\u2029"),
            '"' | '\\' => text.extend(['\\', c]),
            _ => text.push(c),
        }
    }
    text
}

/// The parts as one sentence.
fn sentence(parts: &[&str]) -> String {
    let mut text = parts.concat();
    if !text.ends_with(['.', '!', '?', '…']) {
        text.push('.');
    }
    text
}

/// A number of ms, rounded up: in seconds below 2 min, in minutes below 2 h, else in hours.
fn duration(ms: f64) -> String {
    let (length, unit) = match ms {
        ..120_000.0 => (1_000.0, " s"),
        ..7_200_000.0 => (60_000.0, " min"),
        _ => (3_600_000.0, " h"),
    };
    [&decimal(ms / length), unit].concat()
}

/// A number that is not negative, rounded up, as text. The standard library's formatting would be a tenth of the module.
pub fn decimal(number: f64) -> String {
    let mut rest = number.ceil() as u64;
    let mut digits = Vec::new();
    loop {
        digits.insert(0, char::from(b'0' + (rest % 10) as u8));
        rest /= 10;
        if rest == 0 {
            return digits.into_iter().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(status: u16, code: &str) -> Failure {
        Failure::Api(ApiError { status, code: Code::of(code.into()).unwrap(), own: true, text: None })
    }

    #[test]
    fn numbers_and_durations_are_written_plainly() {
        for (number, text) in [(0.0, "0"), (7.0, "7"), (1_000.2, "1001"), (9_007_199_254_740_991.0, "9007199254740991")]
        {
            assert_eq!(decimal(number), text);
        }
        for (ms, text) in [
            (900.0, "1 s"),
            (60_000.0, "60 s"),
            (119_999.0, "120 s"),
            (120_000.0, "2 min"),
            (3_480_000.0, "58 min"),
            (7_200_000.0, "2 h"),
            (9e6, "3 h"),
        ] {
            assert_eq!(duration(ms), text);
        }
    }

    #[test]
    fn a_code_has_the_form_of_one_and_is_not_the_clients_own() {
        for text in ["forbidden", "a_new_1", &"x".repeat(64)] {
            assert_eq!(Code::of(text.into()).unwrap().name(), text);
        }
        for text in ["", "A", "15551234567", "a code", "c-1", "é", "aborted", "client_fault", &"x".repeat(65)] {
            assert_eq!(Code::of(text.into()), None, "{text}");
        }
    }

    #[test]
    fn every_message_says_what_happened_and_what_to_do() {
        let id = Some("a1".to_owned());
        for (error, expected) in [
            (Error::new(Failure::Aborted, Submitted::No), "The call was aborted. Code: aborted."),
            (
                Error { request_id: id.clone(), ..Error::new(Failure::Timeout(1_000.0), Submitted::Yes) },
                "Timed out after 1000 ms. The job keeps running. Resume it: pollResult(\"a1\"). Code: timeout.",
            ),
            (
                Error { outcome_unknown: true, ..Error::new(Failure::Network("reset".into()), Submitted::Unknown) },
                "The request failed: reset. A job may exist and may be charged, so the submit was not sent again. Before \
                 you submit again, look for it in Nyne's dashboard. Code: submit_outcome_unknown.",
            ),
            (
                Error::new(api(402, "insufficient_credits"), Submitted::No),
                "Nyne answered 402 insufficient_credits. Add credits to the account, then call again. Code: \
                 insufficient_credits.",
            ),
            (
                Error { request_id: id.clone(), ..Error::new(api(404, "request_not_found"), Submitted::Unknown) },
                "Nyne answered 404 request_not_found. The request id is unknown or has expired, or belongs to another \
                 account. Request id: a1. Code: request_not_found.",
            ),
            (
                Error { request_id: id, ..Error::new(Failure::JobFailed(None), Submitted::Yes) },
                "Nyne could not complete the job and gave no reason. A failed job has no number. Submit again to try \
                 once more. Request id: a1. Code: job_failed.",
            ),
        ] {
            assert_eq!(error.message(Peer::Nyne), expected);
        }
    }

    #[test]
    fn an_answered_submit_is_not_said_to_have_been_lost() {
        let error = Error { outcome_unknown: true, ..Error::new(api(502, "bad"), Submitted::Unknown) };
        let message = error.message(Peer::Server);
        assert!(message.starts_with("The server answered 502 bad. A job may exist and may be charged"), "{message}");
        // Of what stopped a submit it is not known whether the reply had begun.
        for error in each_error().filter(|error| error.outcome_unknown) {
            let message = error.message(Peer::Nyne);
            assert!(!message.contains("not answered") && !message.contains("reached"), "{message}");
        }
    }

    #[test]
    fn no_message_with_an_id_says_to_call_again() {
        for error in each_error().filter(|error| error.request_id.is_some()) {
            let message = error.message(Peer::Nyne).to_lowercase();
            assert!(!message.contains("call again") && !message.contains("correct the query"), "{message}");
        }
    }

    #[test]
    fn a_code_made_of_the_status_is_not_said_twice() {
        let error = ApiError { status: 502, code: Code::of_status(502), own: false, text: None };
        let message = Error::new(Failure::Api(error), Submitted::No).message(Peer::Server);
        assert_eq!(message, "The server answered 502. Code: http_error.");
    }

    #[test]
    fn a_proxy_that_refuses_may_want_another_sign_in() {
        let message = |peer| Error::new(api(401, "invalid_credentials"), Submitted::No).message(peer);
        assert!(message(Peer::Server).contains("sign in again at the server that baseUrl names"));
        assert!(message(Peer::Nyne).contains("both must belong to the same key"));
    }

    #[test]
    fn a_job_that_is_not_known_yet_is_not_said_to_have_expired() {
        let id = Some("a1".to_owned());
        let error = Error::new(api(404, "request_not_found"), Submitted::Yes);
        let message = Error { request_id: id, retryable: true, ..error }.message(Peer::Nyne);
        assert_eq!(
            message,
            "Nyne answered 404 request_not_found. The job may be too new to be known. The job keeps running. Resume it: \
             pollResult(\"a1\"). Code: request_not_found."
        );
    }

    /// One of each failure, with texts as the host and the reader of replies make them.
    fn each_failure() -> Vec<Failure> {
        let defects = [
            Defect::Empty,
            Defect::NotJson(None),
            Defect::NotJson(Some("<html>".into())),
            Defect::NotAnObject,
            Defect::UnusableId,
            Defect::AnotherJob,
            Defect::NoId,
            Defect::NoStatus,
            Defect::ResultNotAnObject,
            Defect::MobileNotText,
            Defect::TooLarge,
            Defect::NotAResponse("text() is missing"),
        ];
        let mut failures = vec![
            Failure::InvalidArgument("Query needs email.".into()),
            Failure::Aborted,
            Failure::SignalTimeout,
            Failure::Timeout(1_000.0),
            Failure::RequestTimeout(1_000.0),
            Failure::Network("reset".into()),
            Failure::NotSent("refused!".into()),
            Failure::UnreadableCallback("locked".into()),
            Failure::CallbackError(Code::of_status(500)),
            Failure::Paused(60_000.0),
            Failure::Interrupted("terminated".into()),
            Failure::JobFailed(None),
            Failure::JobFailed(Some("no source".into())),
            Failure::PollBudget(7),
            Failure::Host("setTimeout is missing".into()),
            Failure::Store("options.store.get failed: the disk is gone".into()),
            Failure::Claimed,
        ];
        failures.extend(defects.iter().map(|defect| Failure::InvalidCallback(defect.clone())));
        for status in [0, 200] {
            failures.extend(defects.iter().map(|defect| Failure::InvalidResponse { status, defect: defect.clone() }));
        }
        failures.extend(CODES.map(|(code, status)| api(status, code)));
        failures.extend([api(0, "http_error"), api(302, "http_error"), api(418, "a_new_one"), api(404, "gone")]);
        for failure in &failures {
            // A variant that is added must be added above as well.
            match failure {
                Failure::InvalidArgument(_) | Failure::Aborted | Failure::SignalTimeout | Failure::Timeout(_) => {}
                Failure::RequestTimeout(_) | Failure::Network(_) | Failure::Interrupted(_) | Failure::NotSent(_) => {}
                Failure::Paused(_) => {}
                Failure::InvalidResponse { .. } | Failure::InvalidCallback(_) | Failure::UnreadableCallback(_) => {}
                Failure::CallbackError(_) | Failure::Api(_) | Failure::JobFailed(_) | Failure::PollBudget(_) => {}
                Failure::Host(_) | Failure::Store(_) | Failure::Claimed => {}
            }
        }
        failures
    }

    /// Each failure in each state that a call can be in when it fails.
    fn each_error() -> impl Iterator<Item = Error> {
        each_failure().into_iter().flat_map(|failure| {
            let error = move |submitted| Error::new(failure.clone(), submitted);
            let id = Some("a1".to_owned());
            let unknown = error(Submitted::Unknown);
            [
                error(Submitted::No),
                Error { outcome_unknown: true, ..unknown.clone() },
                Error { request_id: id.clone(), ..unknown.clone() },
                Error { request_id: id.clone(), retryable: true, ..unknown.clone() },
                unknown,
                Error { request_id: id.clone(), ..error(Submitted::Yes) },
                Error { request_id: id, retryable: true, ..error(Submitted::Yes) },
            ]
        })
    }

    #[test]
    fn every_message_is_made_of_sentences_and_ends_with_the_code() {
        for error in each_error() {
            for (peer, other) in [(Peer::Nyne, "The server"), (Peer::Server, "Nyne answered")] {
                let message = error.message(peer);
                assert!(message.ends_with(&format!(" Code: {}.", error.code())), "{message}");
                assert!(!message.contains("  ") && !message.contains("..") && !message.contains(other), "{message}");
                let Problem { code, message: problem } = error.problem(peer);
                assert_eq!(code, error.code());
                assert!(message.starts_with(&problem), "{message}");
                assert!(problem.ends_with(['.', '!', '?', '…']), "{problem}");
            }
        }
    }

    #[test]
    fn a_message_says_that_a_job_may_exist_whenever_one_may() {
        for error in each_error() {
            let message = error.message(Peer::Nyne);
            assert_eq!(
                message.contains("A job may exist"),
                error.submitted == Submitted::Unknown && error.request_id.is_none()
            );
            match error.request_id {
                Some(_) => {
                    assert!(message.contains("pollResult(\"a1\")") || message.contains("Request id: a1."), "{message}")
                }
                None => assert!(!message.contains("pollResult("), "{message}"),
            }
        }
    }

    #[test]
    fn a_message_names_poll_result_while_a_poll_can_still_give_the_number() {
        let named = |failure: Failure, retryable| {
            let error = Error { request_id: Some("a1".into()), retryable, ..Error::new(failure, Submitted::Yes) };
            error.message(Peer::Nyne).contains("pollResult(\"a1\")")
        };
        let over = |defect| Failure::InvalidResponse { status: 200, defect };
        for failure in [
            Failure::JobFailed(None),
            over(Defect::MobileNotText),
            over(Defect::ResultNotAnObject),
            api(404, "request_not_found"),
        ] {
            assert!(!named(failure.clone(), false), "{failure:?}");
        }
        assert!(named(api(404, "request_not_found"), true));
        for failure in
            [over(Defect::NotAnObject), api(401, "invalid_api_key"), Failure::Aborted, Failure::PollBudget(1)]
        {
            assert!(named(failure.clone(), false), "{failure:?}");
        }
    }

    #[test]
    fn every_failure_has_its_code_and_advice() {
        let advice = |failure: Failure| Error::new(failure, Submitted::No).message(Peer::Nyne);
        for (failure, code, text) in [
            (Failure::InvalidArgument("x".into()), "invalid_argument", ""),
            (Failure::Aborted, "aborted", ""),
            (Failure::SignalTimeout, "timeout", ""),
            (Failure::Timeout(1.0), "timeout", ""),
            (Failure::RequestTimeout(1.0), "timeout", ""),
            (Failure::Network("x".into()), "network_error", ""),
            (Failure::NotSent("x".into()), "network_error", "Check the network and baseUrl"),
            (Failure::InvalidResponse { status: 200, defect: Defect::NoId }, "invalid_response", ""),
            (Failure::InvalidCallback(Defect::NoId), "invalid_response", "checkStatus(requestId)"),
            (Failure::UnreadableCallback("x".into()), "invalid_response", "checkStatus(requestId)"),
            (Failure::CallbackError(Code::of_status(500)), "invalid_response", "checkStatus(requestId)"),
            (Failure::Paused(1.0), "rate_limit_exceeded", "retryAfter"),
            (Failure::JobFailed(None), "job_failed", "Submit again"),
            (Failure::PollBudget(1), "poll_budget_exhausted", ""),
            (Failure::Host("x".into()), "client_fault", ""),
            (api(302, "http_error"), "http_error", "Set baseUrl"),
            (api(0, "http_error"), "http_error", "Set baseUrl"),
            (api(403, "ip_not_allowed"), "ip_not_allowed", "allow-list"),
            (api(403, "api_key_disabled"), "api_key_disabled", "Enable the key"),
            (api(422, "missing_parameters"), "missing_parameters", "Correct the query"),
            (api(401, "a_new_one"), "a_new_one", "apiKey and apiSecret"),
            (api(429, "insufficient_credits"), "insufficient_credits", "Add credits"),
            (api(403, "forbidden"), "forbidden", "plan"),
            (api(404, "gone"), "gone", "has expired"),
            (api(429, "rate_limit_exceeded"), "rate_limit_exceeded", "fewer requests a minute"),
            (api(503, "service_unavailable"), "service_unavailable", "Call again later"),
            (api(500, "internal_error"), "internal_error", ""),
        ] {
            let message = advice(failure.clone());
            assert!(message.ends_with(&format!(" Code: {code}.")) && message.contains(text), "{message}");
        }
    }

    #[test]
    fn a_wrong_argument_of_a_call_about_a_job_keeps_its_id() {
        let error = Error::invalid_argument("x".into(), Some("a1".into()));
        assert_eq!((error.submitted, error.request_id.as_deref()), (Submitted::Yes, Some("a1")));
        let error = Error::invalid_argument("x".into(), None);
        assert_eq!((error.submitted, error.request_id, error.retryable), (Submitted::No, None, false));
    }

    #[test]
    fn submitted_has_three_names() {
        let names = [Submitted::No, Submitted::Yes, Submitted::Unknown].map(Submitted::name);
        assert_eq!(names, ["no", "yes", "unknown"]);
    }

    #[test]
    fn the_message_for_a_body_that_is_too_large_names_the_limit() {
        assert_eq!(crate::protocol::MAX_BODY, 1_048_576);
        assert!(Defect::TooLarge.text().contains("1 MiB"));
    }

    #[test]
    fn only_a_reply_has_a_status() {
        for error in each_error() {
            let expected = match error.failure {
                Failure::Api(ApiError { status, .. }) | Failure::InvalidResponse { status, .. } if status > 0 => {
                    Some(status)
                }
                _ => None,
            };
            assert_eq!(error.status(), expected);
        }
    }

    /// What a reply, a callback or a failed job says stands in a message only if the service says it of an error.
    #[test]
    fn no_message_repeats_a_value_of_a_json_body() {
        use crate::protocol::{Body, Expected, Reading, Reply, Secrets, State};
        use serde_json::json;
        let (number, name) = ("+1-555-123-4567", "Ada Example");
        let secrets = Secrets::default();
        for body in [
            json!([name, number]),
            json!(name),
            json!({ "request_id": format!("a\n{name}"), "status": name }),
            json!({ "request_id": name, "status": number }),
            json!({ "status": { name: number } }),
            json!({ "status": "completed", "result": number }),
            json!({ "status": "completed", "result": { "mobile": { "number": number }, "name": name } }),
            json!({ "status": "completed", "result": { "mobile": [15_551_234_567_u64] } }),
            json!({ "data": { "completed": true, "result": [number, name] } }),
        ] {
            for expected in [Expected::Submit, Expected::Status, Expected::Callback] {
                let reading = Reading { expected, id: Some("a1"), secrets: &secrets };
                let failures = match Reply::read(200, Body::Json(body.clone()), &reading) {
                    Reply::Unreadable { status, defect } => {
                        vec![Failure::InvalidCallback(defect.clone()), Failure::InvalidResponse { status, defect }]
                    }
                    Reply::Job(job) => match job.state {
                        State::Unusable(defect) => vec![Failure::InvalidResponse { status: 200, defect }],
                        _ => continue,
                    },
                    Reply::Error(error, _) => panic!("{body} is {error:?}"),
                };
                for failure in failures {
                    let message = Error::new(failure, Submitted::Yes).message(Peer::Nyne);
                    for value in [number, name, "15551234567"] {
                        assert!(!message.contains(value), "{message}");
                    }
                }
            }
        }
        // Half a body is not quoted either.
        let reading = Reading { expected: Expected::Status, id: Some("a1"), secrets: &secrets };
        for status in [200, 500] {
            let text = format!("{{\"mobile\":\"{number}\"");
            let failure = match Reply::<serde_json::Value>::read(status, Body::Text(text), &reading) {
                Reply::Unreadable { status, defect } => Failure::InvalidResponse { status, defect },
                Reply::Error(error, _) => Failure::Api(error),
                Reply::Job(job) => panic!("{job:?}"),
            };
            assert!(!Error::new(failure, Submitted::Yes).message(Peer::Nyne).contains(number));
        }
    }
}
