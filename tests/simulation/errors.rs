//! What an error tells its reader.

use nyne_phone_finder::protocol::{Advice, Code, Error, Submitted, What};

const GO_ON: &str = "pollResult(error.requestId)";
const NONE_MADE: &str = "made no job";
const MAY_BE: &str = "may be charged";

/// What there is to do, by code and by whether a job was made, was not, or may have been: a telling part of the words.
const ADVICE: [(Code, [&str; 3]); 28] = [
    (Code::MissingParameters, ["Correct the query"; 3]),
    (Code::InvalidRequest, ["Correct the query"; 3]),
    (Code::MissingApiKey, ["apiKey and apiSecret"; 3]),
    (Code::InvalidApiKey, ["apiKey and apiSecret"; 3]),
    (Code::MissingApiSecret, ["apiKey and apiSecret"; 3]),
    (Code::InvalidApiSecret, ["apiKey and apiSecret"; 3]),
    (Code::InvalidCredentials, ["apiKey and apiSecret"; 3]),
    (Code::InsufficientCredits, ["Add credits"; 3]),
    (Code::SubscriptionRequired, ["plan"; 3]),
    (Code::IpNotAllowed, ["allow-list"; 3]),
    (Code::ApiKeyDisabled, ["Enable the key"; 3]),
    (Code::PermissionDenied, ["plan"; 3]),
    (Code::Forbidden, ["plan"; 3]),
    (Code::RequestNotFound, ["has expired"; 3]),
    (Code::RateLimitExceeded, ["retryAfter"; 3]),
    (Code::InternalError, [GO_ON, NONE_MADE, MAY_BE]),
    (Code::ServiceUnavailable, [GO_ON, NONE_MADE, MAY_BE]),
    (Code::HttpError, [GO_ON, NONE_MADE, MAY_BE]),
    (Code::InvalidArgument, [""; 3]),
    (Code::Aborted, [GO_ON, NONE_MADE, MAY_BE]),
    (Code::Timeout, [GO_ON, NONE_MADE, MAY_BE]),
    (Code::NetworkError, [GO_ON, NONE_MADE, MAY_BE]),
    (Code::InvalidResponse, [GO_ON, "checkStatus(requestId)", MAY_BE]),
    (Code::SubmitOutcomeUnknown, ["was not sent again"; 3]),
    (Code::JobFailed, ["Submit again"; 3]),
    (Code::PollBudgetExhausted, [GO_ON, NONE_MADE, MAY_BE]),
    (Code::ClientFault, [GO_ON, NONE_MADE, MAY_BE]),
    // What it asks for is the service's to say.
    (Code::Other, [""; 3]),
];

#[test]
fn every_error_says_what_to_do() {
    assert_eq!(ADVICE.map(|(code, _)| code), Code::ALL, "the table is whole");
    for (code, advice) in ADVICE {
        for (submitted, part) in [Submitted::Yes, Submitted::No, Submitted::Unknown].into_iter().zip(advice) {
            // What happened makes no difference.
            let advice = Error::new(code, What::Aborted, submitted).advice();
            let words = advice.words();
            assert!(words.contains(part), "{code:?} {submitted:?}: {words}");
            assert_eq!((words.is_empty(), advice == Advice::None), (part.is_empty(), part.is_empty()), "{code:?}");
            assert!(words.is_empty() || words.ends_with('.'), "{words}");
            assert!(!words.contains(['{', '}']), "advice has no gaps: {words}");
        }
    }
}

/// What happened, by a telling part of its words, with the gaps in them.
const WHAT: [(What, &str, &[&str]); 25] = [
    (What::Text, "{text}", &["text"]),
    (What::Aborted, "caller aborted", &[]),
    (What::ModuleBroke, "the next call works again", &[]),
    (What::NoAnswer, "No answer came within", &["n"]),
    (What::StayAway, "asked to send nothing", &[]),
    (What::StillRunning, "poll.maxPolls", &["n"]),
    (What::JobFailed, "could not complete the job", &["reason"]),
    (What::RequestFailed, "The request failed", &["text"]),
    (What::Unreadable, "cannot be used: {text}", &["it", "text"]),
    (What::Empty, "the body is empty", &["it"]),
    (What::NotJson, "the body is not JSON", &["it", "body"]),
    (What::NoObject, "JSON but no object", &["it", "body"]),
    (What::NoUsableId, "request_id is no usable text", &["it", "body"]),
    (What::AnotherJob, "about another job", &["it", "body"]),
    (What::NoId, "request_id is missing", &["it", "body"]),
    (What::NoStatus, "status is missing or no text", &["it", "body"]),
    (What::ResultNoObject, "result is no object", &["it", "body"]),
    (What::MobileNoText, "result.mobile is no text", &["it", "body"]),
    (What::Answered, "Nyne answered {n} {code}: {text}", &["n", "code", "text"]),
    (What::AnsweredPlainly, "Nyne answered {n} {code}: {body}", &["n", "code", "body"]),
    (What::Redirected, "it redirects", &["n", "code"]),
    (What::TimedOut, "within its timeout of", &["n"]),
    (What::CallbackBroke, "The callback's body could not be read", &["text"]),
    (What::CallbackTellsError, "it tells an error", &["code"]),
    (What::OutcomeUnknown, "not known whether the submit reached Nyne", &[]),
];

#[test]
fn every_error_says_what_happened() {
    for (number, (what, part, gaps)) in WHAT.into_iter().enumerate() {
        assert_eq!(what as usize, number, "the table is in order");
        let words = what.words();
        assert!(words.contains(part), "{what:?}: {words}");
        let found: Vec<_> =
            words.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(gap, _)| gap).collect();
        assert_eq!(found, gaps, "{words}");
        assert!(words.ends_with(['.', '}']), "a sentence, or what stands in the last gap ends it: {words}");
    }
    assert_eq!(What::WORDS.split('|').count(), WHAT.len(), "the table is whole");
}

#[test]
fn every_code_has_the_name_that_programs_know() {
    for code in Code::ALL {
        // As Rust writes it, without the underscores; what has no name here has the service's.
        let expected = if code == Code::Other { String::new() } else { format!("{code:?}").to_lowercase() };
        assert_eq!(code.name().replace('_', ""), expected);
    }
}

#[test]
fn whether_there_is_a_job_has_three_names() {
    let names: Vec<_> = Submitted::NAMES.split('|').collect();
    let name = |submitted| names[submitted as usize];
    assert_eq!([Submitted::No, Submitted::Yes, Submitted::Unknown].map(name), ["no", "yes", "unknown"]);
    assert_eq!(names.len(), 3);
}
