//! What an error tells its reader.

use nyne_phone_finder::protocol::{Error, Submitted, unknown_name};

/// What there is to do, by code and by whether there is a job: a telling part of the message.
const ADVICE: [(&str, Submitted, &str); 36] = [
    ("submit_outcome_unknown", Submitted::Unknown, "was not sent again"),
    ("missing_api_key", Submitted::No, "apiKey and apiSecret"),
    ("invalid_api_key", Submitted::No, "apiKey and apiSecret"),
    ("missing_api_secret", Submitted::No, "apiKey and apiSecret"),
    ("invalid_api_secret", Submitted::No, "apiKey and apiSecret"),
    ("invalid_credentials", Submitted::Yes, "apiKey and apiSecret"),
    ("insufficient_credits", Submitted::No, "Add credits"),
    ("subscription_required", Submitted::No, "plan"),
    ("permission_denied", Submitted::No, "plan"),
    ("forbidden", Submitted::No, "plan"),
    ("ip_not_allowed", Submitted::No, "allow-list"),
    ("api_key_disabled", Submitted::No, "Enable the key"),
    ("request_not_found", Submitted::Yes, "has expired"),
    ("missing_parameters", Submitted::No, "Correct the query"),
    ("invalid_request", Submitted::No, "Correct the query"),
    ("rate_limit_exceeded", Submitted::No, "retryAfter"),
    ("job_failed", Submitted::Yes, "Submit again"),
    ("invalid_response", Submitted::No, "checkStatus(requestId)"),
    ("invalid_response", Submitted::Yes, "pollResult(error.requestId)"),
    ("aborted", Submitted::No, "made no job"),
    ("aborted", Submitted::Yes, "pollResult(error.requestId)"),
    ("aborted", Submitted::Unknown, "may be charged"),
    ("timeout", Submitted::No, "made no job"),
    ("timeout", Submitted::Yes, "pollResult(error.requestId)"),
    ("timeout", Submitted::Unknown, "may be charged"),
    ("network_error", Submitted::Yes, "pollResult(error.requestId)"),
    ("poll_budget_exhausted", Submitted::Yes, "pollResult(error.requestId)"),
    ("service_unavailable", Submitted::No, "made no job"),
    ("service_unavailable", Submitted::Yes, "pollResult(error.requestId)"),
    ("internal_error", Submitted::Yes, "pollResult(error.requestId)"),
    ("http_error", Submitted::No, "made no job"),
    ("http_error", Submitted::Yes, "pollResult(error.requestId)"),
    ("client_fault", Submitted::No, "made no job"),
    ("client_fault", Submitted::Yes, "pollResult(error.requestId)"),
    ("client_fault", Submitted::Unknown, "may be charged"),
    ("a_code_nobody_knows", Submitted::Yes, ""),
];

#[test]
fn every_error_says_what_happened_then_what_to_do() {
    for (code, submitted, advice) in ADVICE {
        let message = Error::new(code, "It happened.", submitted).message();
        let rest = message.strip_prefix("It happened.").expect("first what happened");
        assert_eq!(rest.is_empty(), advice.is_empty(), "{code}: {rest}");
        assert!(rest.contains(advice), "{code} {submitted:?}: {rest}");
    }
}

#[test]
fn whether_there_is_a_job_has_three_names() {
    assert_eq!([Submitted::No, Submitted::Yes, Submitted::Unknown].map(Submitted::name), ["no", "yes", "unknown"]);
}

#[test]
fn a_name_is_offered_where_it_is_near() {
    let known = ["name", "company", "email"];
    let offered = |name| {
        let message = unknown_name("the query", name, &known);
        known.into_iter().find(|known| message.contains(&format!("did you mean \"{known}\"?")))
    };
    for (name, meant) in [
        ("mail", Some("email")),
        ("E_MAIL", Some("email")),
        ("e-mails", Some("email")),
        ("naXX", Some("name")),
        ("compXXX", Some("company")),
        ("comXXXX", None),
        ("nXXX", None),
        ("emailXXXXX", None),
        ("", None),
    ] {
        assert_eq!(offered(name), meant, "{name}");
    }
}
