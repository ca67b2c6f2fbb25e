//! What browsers need before a page of another origin may call.

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use crate::answer::{Request, Response};

const EXPOSED: &str = "Date, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, \
     X-RateLimit-Reset, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset";

#[derive(Clone, Copy)]
pub struct Cors {
    pub allowed: bool,
    /// Whether a page may read the rate limits' headers, too.
    pub expose_headers: bool,
}

impl Cors {
    /// The answer to a preflight, if this is one and it is allowed.
    pub fn preflight(self, request: &Request) -> Option<Response> {
        let asked = request.headers();
        let is_preflight =
            *request.method() == Method::OPTIONS && asked.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        if !(self.allowed && is_preflight) {
            return None;
        }
        let mut response = Response::new(Vec::new());
        *response.status_mut() = StatusCode::NO_CONTENT;
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, PATCH, DELETE"));
        if let Some(names) = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
        }
        self.allow(headers);
        Some(response)
    }

    /// Lets pages read an answer.
    pub fn allow(self, headers: &mut HeaderMap) {
        if !self.allowed {
            return;
        }
        headers.entry(header::ACCESS_CONTROL_ALLOW_ORIGIN).or_insert(HeaderValue::from_static("*"));
        if self.expose_headers {
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
        }
    }
}
