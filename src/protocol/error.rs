//! The one error: its codes, what happened, and what each asks the reader to do.
//!
//! The words are lists in texts, separated by `|`, so that the host takes each list in one piece. They have gaps for what the
//! host holds: `{n}` for a number, `{code}` for what the service called it, `{text}` for a text, `{reason}` for why a job
//! failed, `{body}` for the start of the body, `{it}` for the answer or the callback. A gap that stays empty takes the space
//! and the colon before it with it.

/// The word of this number in a list.
pub(super) fn word(list: &'static str, number: usize) -> &'static str {
    list.split('|').nth(number).unwrap_or_default()
}

/// Whether a job may have been made, and so credits spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Submitted {
    No,
    Yes,
    Unknown,
}

impl Submitted {
    /// As JavaScript sees them, in the order of the enum.
    pub const NAMES: &str = "no|yes|unknown";
}

/// Stable, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    // The service's.
    MissingParameters,
    InvalidRequest,
    MissingApiKey,
    InvalidApiKey,
    MissingApiSecret,
    InvalidApiSecret,
    InvalidCredentials,
    InsufficientCredits,
    SubscriptionRequired,
    IpNotAllowed,
    ApiKeyDisabled,
    PermissionDenied,
    Forbidden,
    RequestNotFound,
    RateLimitExceeded,
    InternalError,
    ServiceUnavailable,
    // The client's own.
    HttpError,
    InvalidArgument,
    Aborted,
    Timeout,
    NetworkError,
    InvalidResponse,
    SubmitOutcomeUnknown,
    JobFailed,
    PollBudgetExhausted,
    ClientFault,
    /// One that the service named and nobody here knows. The host has its name.
    Other,
}

impl Code {
    const COUNT: usize = 28;

    /// In the order of the enum.
    pub const ALL: [Code; Code::COUNT] = [
        Code::MissingParameters,
        Code::InvalidRequest,
        Code::MissingApiKey,
        Code::InvalidApiKey,
        Code::MissingApiSecret,
        Code::InvalidApiSecret,
        Code::InvalidCredentials,
        Code::InsufficientCredits,
        Code::SubscriptionRequired,
        Code::IpNotAllowed,
        Code::ApiKeyDisabled,
        Code::PermissionDenied,
        Code::Forbidden,
        Code::RequestNotFound,
        Code::RateLimitExceeded,
        Code::InternalError,
        Code::ServiceUnavailable,
        Code::HttpError,
        Code::InvalidArgument,
        Code::Aborted,
        Code::Timeout,
        Code::NetworkError,
        Code::InvalidResponse,
        Code::SubmitOutcomeUnknown,
        Code::JobFailed,
        Code::PollBudgetExhausted,
        Code::ClientFault,
        Code::Other,
    ];

    /// As JavaScript sees them, in the order of the enum.
    pub const NAMES: &str = "missing_parameters\
        |invalid_request\
        |missing_api_key\
        |invalid_api_key\
        |missing_api_secret\
        |invalid_api_secret\
        |invalid_credentials\
        |insufficient_credits\
        |subscription_required\
        |ip_not_allowed\
        |api_key_disabled\
        |permission_denied\
        |forbidden\
        |request_not_found\
        |rate_limit_exceeded\
        |internal_error\
        |service_unavailable\
        |http_error\
        |invalid_argument\
        |aborted\
        |timeout\
        |network_error\
        |invalid_response\
        |submit_outcome_unknown\
        |job_failed\
        |poll_budget_exhausted\
        |client_fault\
        |";

    pub fn name(self) -> &'static str {
        word(Code::NAMES, self as usize)
    }

    /// The status that stands behind a code of the service's, whatever status it came with.
    pub(super) fn status(self) -> Option<u16> {
        Some(match self as u8 {
            0..=1 => 400,
            2..=6 => 401,
            7 => 402,
            8..=12 => 403,
            13 => 404,
            14 => 429,
            15 => 500,
            16 => 503,
            _ => return None,
        })
    }

    /// The code for an answer that names none.
    pub(super) fn of_status(status: u16) -> Code {
        match status {
            400 => Code::InvalidRequest,
            401 => Code::InvalidCredentials,
            402 => Code::InsufficientCredits,
            403 => Code::Forbidden,
            404 => Code::RequestNotFound,
            429 => Code::RateLimitExceeded,
            503 => Code::ServiceUnavailable,
            _ => Code::HttpError,
        }
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The text says all of it.
    Text,
    Aborted,
    ModuleBroke,
    NoAnswer,
    StayAway,
    StillRunning,
    JobFailed,
    RequestFailed,
    Unreadable,
    Empty,
    NotJson,
    NoObject,
    NoUsableId,
    AnotherJob,
    NoId,
    NoStatus,
    ResultNoObject,
    MobileNoText,
    Answered,
    AnsweredPlainly,
    Redirected,
    TimedOut,
    CallbackBroke,
    CallbackTellsError,
    /// Precedes what happened where the submit's outcome is unknown.
    OutcomeUnknown,
}

impl What {
    /// In words, in the order of the enum.
    pub const WORDS: &str = "{text}\
        |The caller aborted the call.\
        |The client's own module broke; the next call works again.\
        |No answer came within {n} ms.\
        |Nyne asked to send nothing for longer than this call may last.\
        |The job is still running after {n} polls, the most that poll.maxPolls allows.\
        |Nyne could not complete the job: {reason}\
        |The request failed: {text}\
        |{it} cannot be used: {text}\
        |{it} cannot be used: the body is empty.\
        |{it} cannot be used: the body is not JSON: {body}\
        |{it} cannot be used: the body is JSON but no object: {body}\
        |{it} cannot be used: request_id is no usable text: {body}\
        |{it} cannot be used: it is about another job: {body}\
        |{it} cannot be used: request_id is missing: {body}\
        |{it} cannot be used: status is missing or no text: {body}\
        |{it} cannot be used: result is no object: {body}\
        |{it} cannot be used: result.mobile is no text: {body}\
        |Nyne answered {n} {code}: {text}\
        |Nyne answered {n} {code}: {body}\
        |Nyne answered {n} {code}: it redirects, and a redirect is not followed, so that the keys stay with one origin; set baseUrl to where the service really is.\
        |The call was not done within its timeout of {n} ms.\
        |The callback's body could not be read: {text}\
        |The callback cannot be used: it tells an error, {code}.\
        |It is not known whether the submit reached Nyne.";

    pub fn words(self) -> &'static str {
        word(What::WORDS, self as usize)
    }
}

/// Why a call ended without what it was for. Becomes JavaScript's `NyneError`.
#[derive(Clone, Copy, Debug)]
pub struct Error {
    pub code: Code,
    pub what: What,
    /// For the gap `{n}`; 0 for none.
    pub number: f64,
    /// For the gap `{code}`.
    pub named: Code,
    /// The HTTP status of the answer that ended the call; 0 for none.
    pub status: u16,
    pub submitted: Submitted,
    /// Whether going on may help and costs nothing twice: with the id through `pollResult`, without one by the same call
    /// again. Set where that is decided: by what repeats an exchange.
    pub retryable: bool,
    /// How long to stay away, in ms, where the service said so.
    pub retry_after: Option<f64>,
}

impl Error {
    /// An error that no answer of the service stands behind.
    pub fn new(code: Code, what: What, submitted: Submitted) -> Error {
        Error { code, what, number: 0.0, named: code, status: 0, submitted, retryable: false, retry_after: None }
    }

    /// What to do now.
    pub fn advice(&self) -> Advice {
        use Code::*;
        match self.code {
            SubmitOutcomeUnknown => Advice::LookItUp,
            MissingApiKey | InvalidApiKey | MissingApiSecret | InvalidApiSecret | InvalidCredentials => {
                Advice::CheckKeys
            }
            InsufficientCredits => Advice::AddCredits,
            SubscriptionRequired | PermissionDenied | Forbidden => Advice::CheckPlan,
            IpNotAllowed => Advice::AllowAddress,
            ApiKeyDisabled => Advice::EnableKey,
            RequestNotFound => Advice::CheckId,
            MissingParameters | InvalidRequest => Advice::CorrectQuery,
            RateLimitExceeded => Advice::SlowDown,
            JobFailed => Advice::SubmitAgain,
            InvalidResponse if self.submitted == Submitted::No => Advice::Confirm,
            InvalidArgument | Other => Advice::None,
            _ => match self.submitted {
                Submitted::Yes => Advice::GoOn,
                Submitted::No => Advice::NothingMade,
                Submitted::Unknown => Advice::MayBeMade,
            },
        }
    }
}

/// What an error asks the reader to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    None,
    LookItUp,
    CheckKeys,
    AddCredits,
    CheckPlan,
    AllowAddress,
    EnableKey,
    CheckId,
    CorrectQuery,
    SlowDown,
    SubmitAgain,
    Confirm,
    GoOn,
    NothingMade,
    MayBeMade,
}

impl Advice {
    /// In words, in the order of the enum.
    pub const WORDS: &str = "\
        |The job may have been made and may be charged, so it was not sent again. Look it up in Nyne's dashboard, or wait for the callback, before you submit it anew.\
        |Check apiKey and apiSecret: both belong to the same key in Nyne's dashboard.\
        |Add credits to the account, then call again.\
        |Check what the account's plan and this key allow.\
        |Add this machine's address to the key's allow-list in Nyne's dashboard.\
        |Enable the key in Nyne's dashboard or use another.\
        |The id is unknown or has expired, or belongs to another account.\
        |Correct the query, then call again.\
        |Wait for retryAfter (ms) if it is set, and send fewer requests a minute.\
        |Submit again to try anew; a failed job finds no number.\
        |A callback is unauthenticated: if it should be Nyne's, ask with checkStatus(requestId).\
        |The job is not lost: pollResult(error.requestId) goes on waiting for it, at no cost.\
        |This call made no job and cost nothing.\
        |The submit was under way: the job may have been made and may be charged.";

    pub fn words(self) -> &'static str {
        word(Advice::WORDS, self as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_where_its_number_says() {
        for (number, code) in Code::ALL.into_iter().enumerate() {
            assert_eq!(code as usize, number);
        }
        assert_eq!((Code::MissingParameters.name(), Code::ClientFault.name()), ("missing_parameters", "client_fault"));
        assert_eq!((Code::HttpError.name(), Code::ServiceUnavailable.name()), ("http_error", "service_unavailable"));
    }

    #[test]
    fn the_words_are_where_their_numbers_say() {
        let count = |list: &str| list.split('|').count();
        assert_eq!(count(What::WORDS), What::OutcomeUnknown as usize + 1);
        assert_eq!(count(Advice::WORDS), Advice::MayBeMade as usize + 1);
        assert_eq!(count(Code::NAMES), Code::Other as usize + 1);
        assert_eq!(count(Submitted::NAMES), Submitted::Unknown as usize + 1);
        for (what, words) in [
            (What::Aborted, "aborted"),
            (What::StillRunning, "poll.maxPolls"),
            (What::Empty, "is empty"),
            (What::MobileNoText, "mobile"),
            (What::AnsweredPlainly, "{body}"),
            (What::Redirected, "redirect"),
            (What::TimedOut, "timeout"),
        ] {
            assert!(what.words().contains(words), "{what:?}");
        }
        for (advice, words) in
            [(Advice::CheckKeys, "apiSecret"), (Advice::CheckId, "expired"), (Advice::GoOn, "pollResult")]
        {
            assert!(advice.words().contains(words), "{advice:?}");
        }
    }
}
