//! Nyne's JSON around every answer.

use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::answer::Response;
use crate::clock::{self, UnixMillis};

/// A request that is answered with an error, in Nyne's form.
#[derive(Debug)]
pub struct ApiError {
    pub status: StatusCode,
    pub code: &'static str,
    pub message: String,
}

impl ApiError {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub fn method_not_allowed(message: &str) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
    }

    pub fn into_response(self, now: UnixMillis) -> Response {
        json_response(self.status, &error(self.code, &self.message, now))
    }
}

pub fn success(data: Value, now: UnixMillis) -> Value {
    json!({ "success": true, "data": data, "timestamp": clock::without_zone(now) })
}

pub fn error(code: &str, message: &str, now: UnixMillis) -> Value {
    json!({
        "success": false,
        "error": { "code": code, "message": message },
        "timestamp": clock::without_zone(now),
    })
}

pub fn json_response(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(body.to_string().into_bytes());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
