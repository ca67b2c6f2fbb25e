//! The one error, and what each code asks the reader to do.

use std::borrow::Cow;

/// Whether a job may have been made, and so credits spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Submitted {
    No,
    Yes,
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

/// Why a call ended without what it was for. Becomes JavaScript's `NyneError`.
#[derive(Clone, Debug)]
pub struct Error {
    /// Stable, for programs: one of the client's own, or the service's as it came.
    pub code: Cow<'static, str>,
    /// What happened.
    pub what: String,
    /// The HTTP status of the answer that ended the call.
    pub status: Option<u16>,
    pub submitted: Submitted,
    /// Whether going on may help and costs nothing twice: with the id through `pollResult`, without one by the same call
    /// again. Set where that is decided: by what repeats an exchange.
    pub retryable: bool,
    /// How long to stay away, in ms, where the service said so.
    pub retry_after: Option<f64>,
}

impl Error {
    /// An error that no answer of the service stands behind.
    pub fn new(code: &'static str, what: impl Into<String>, submitted: Submitted) -> Error {
        Error {
            code: Cow::Borrowed(code),
            what: what.into(),
            status: None,
            submitted,
            retryable: false,
            retry_after: None,
        }
    }

    /// What happened, then what to do.
    pub fn message(&self) -> String {
        let advice = advice(&self.code, self.submitted);
        if advice.is_empty() { self.what.clone() } else { [&self.what, " ", advice].concat() }
    }
}

/// Words with an end.
pub fn sentence(parts: &[&str]) -> String {
    let mut sentence = parts.concat();
    if !sentence.ends_with(['.', '!', '?', '…']) {
        sentence.push('.');
    }
    sentence
}

fn advice(code: &str, submitted: Submitted) -> &'static str {
    match code {
        "submit_outcome_unknown" => {
            "The job may have been made and may be charged, so it was not sent again. Look it up in Nyne's dashboard, or wait for the callback, before you submit it anew."
        }
        "missing_api_key" | "invalid_api_key" | "missing_api_secret" | "invalid_api_secret" | "invalid_credentials" => {
            "Check apiKey and apiSecret: both belong to the same key in Nyne's dashboard."
        }
        "insufficient_credits" => "Add credits to the account, then call again.",
        "subscription_required" | "permission_denied" | "forbidden" => {
            "Check what the account's plan and this key allow."
        }
        "ip_not_allowed" => "Add this machine's address to the key's allow-list in Nyne's dashboard.",
        "api_key_disabled" => "Enable the key in Nyne's dashboard or use another.",
        "request_not_found" => "The id is unknown or has expired, or belongs to another account.",
        "missing_parameters" | "invalid_request" => "Correct the query, then call again.",
        "rate_limit_exceeded" => "Wait for retryAfter (ms) if it is set, and send fewer requests a minute.",
        "job_failed" => "Submit again to try anew; a failed job finds no number.",
        "invalid_response" if submitted == Submitted::No => {
            "A callback is unauthenticated: if it should be Nyne's, ask with checkStatus(requestId)."
        }
        "aborted"
        | "timeout"
        | "network_error"
        | "invalid_response"
        | "poll_budget_exhausted"
        | "service_unavailable"
        | "internal_error"
        | "http_error"
        | "client_fault" => match submitted {
            Submitted::Yes => "The job is not lost: pollResult(error.requestId) goes on waiting for it, at no cost.",
            Submitted::No => "This call made no job and cost nothing.",
            Submitted::Unknown => "The submit was under way: the job may have been made and may be charged.",
        },
        _ => "",
    }
}

/// The status that stands behind a code the service is known to use, whatever status it came with.
pub(super) fn status_of(code: &str) -> Option<u16> {
    Some(match code {
        "missing_parameters" | "invalid_request" => 400,
        "missing_api_key" | "invalid_api_key" | "missing_api_secret" | "invalid_api_secret" | "invalid_credentials" => {
            401
        }
        "insufficient_credits" => 402,
        "subscription_required" | "ip_not_allowed" | "api_key_disabled" | "permission_denied" | "forbidden" => 403,
        "request_not_found" => 404,
        "rate_limit_exceeded" => 429,
        "internal_error" => 500,
        "service_unavailable" => 503,
        _ => return None,
    })
}

/// The code for an answer that names none.
pub(super) fn code_of(status: u16) -> &'static str {
    match status {
        400 => "invalid_request",
        401 => "invalid_credentials",
        402 => "insufficient_credits",
        403 => "forbidden",
        404 => "request_not_found",
        429 => "rate_limit_exceeded",
        503 => "service_unavailable",
        _ => "http_error",
    }
}
