//! Nyne's codes: the status that each stands for, and the words of an answer that has nothing more particular to say.

use http::StatusCode;

use crate::envelope::ApiError;

pub struct Code {
    pub name: &'static str,
    pub status: StatusCode,
    pub message: &'static str,
}

const fn code(name: &'static str, status: StatusCode, message: &'static str) -> Code {
    Code { name, status, message }
}

/// The service's own refusals, and those that only a fault makes.
static CODES: [Code; 17] = [
    MISSING_API_KEY,
    INVALID_API_KEY,
    MISSING_API_SECRET,
    INVALID_API_SECRET,
    INSUFFICIENT_CREDITS,
    REQUEST_NOT_FOUND,
    code("missing_parameters", StatusCode::BAD_REQUEST, "A required parameter is missing."),
    code("invalid_request", StatusCode::BAD_REQUEST, "The request is not valid."),
    code("invalid_credentials", StatusCode::UNAUTHORIZED, "The API credentials are not valid."),
    code("subscription_required", StatusCode::FORBIDDEN, "The plan does not include the Phone Finder."),
    code("ip_not_allowed", StatusCode::FORBIDDEN, "The key may not be used from this address."),
    code("api_key_disabled", StatusCode::FORBIDDEN, "The key is disabled."),
    code("permission_denied", StatusCode::FORBIDDEN, "The key may not do this."),
    code("forbidden", StatusCode::FORBIDDEN, "This is forbidden."),
    code("rate_limit_exceeded", StatusCode::TOO_MANY_REQUESTS, "Too many requests: wait, then go on."),
    code("internal_error", StatusCode::INTERNAL_SERVER_ERROR, "The service met an error of its own."),
    code("service_unavailable", StatusCode::SERVICE_UNAVAILABLE, "The service is not available: try again later."),
];

pub const MISSING_API_KEY: Code = code("missing_api_key", StatusCode::UNAUTHORIZED, "Send X-API-Key.");
pub const INVALID_API_KEY: Code = code("invalid_api_key", StatusCode::UNAUTHORIZED, "X-API-Key is not a known key.");
pub const MISSING_API_SECRET: Code = code("missing_api_secret", StatusCode::UNAUTHORIZED, "Send X-API-Secret.");
pub const INVALID_API_SECRET: Code =
    code("invalid_api_secret", StatusCode::UNAUTHORIZED, "X-API-Secret does not belong to this key.");
pub const INSUFFICIENT_CREDITS: Code =
    code("insufficient_credits", StatusCode::PAYMENT_REQUIRED, "No credits are left: add some, then submit again.");
pub const REQUEST_NOT_FOUND: Code =
    code("request_not_found", StatusCode::NOT_FOUND, "No such request, or it has expired.");

impl Code {
    pub fn find(name: &str) -> Option<&'static Code> {
        CODES.iter().find(|code| code.name == name)
    }
}

impl From<Code> for ApiError {
    fn from(code: Code) -> Self {
        ApiError::new(code.status, code.name, code.message)
    }
}
