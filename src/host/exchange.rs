//! One request and its reply.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Date, Function, JsString, Object, Reflect};
use wasm_bindgen::JsThreadLocal;
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal, Headers, Request, RequestCache, RequestInit, RequestRedirect, Response};

use super::body::{self, Unread};
use super::calls::InFlight;
use super::caught;
use super::context::Context;
use super::error::{self, member};
use super::json;
use super::navigator::{is_offline, is_worker};
use super::options::Target;
use super::promise::Promises;
use crate::protocol::{Body, Defect, Failure, MAX_BODY, WaitHeaders, is_limited};

#[wasm_bindgen]
extern "C" {
    /// A response may come from a caller's own `fetch`, or of a test's, and throw anywhere.
    #[wasm_bindgen(extends = Response)]
    type AnyResponse;
    #[wasm_bindgen(method, getter, catch)]
    fn status(this: &AnyResponse) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch)]
    fn headers(this: &AnyResponse) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, js_name = type)]
    fn kind(this: &AnyResponse) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(extends = Headers)]
    type AnyHeaders;
    #[wasm_bindgen(method, catch)]
    fn get(this: &AnyHeaders, name: &JsString) -> Result<JsValue, JsValue>;

}

// rustfmt removes the values.
#[rustfmt::skip]
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(thread_local_v2, static_string)]
    static RETRY_AFTER: JsString = "retry-after";
    #[wasm_bindgen(thread_local_v2, static_string)]
    static CONTENT_LENGTH: JsString = "content-length";
    #[wasm_bindgen(thread_local_v2, static_string)]
    static CONTENT_ENCODING: JsString = "content-encoding";
    #[wasm_bindgen(thread_local_v2, static_string)]
    static RATE_LIMIT_RESET: JsString = "ratelimit-reset";
    #[wasm_bindgen(thread_local_v2, static_string)]
    static X_RATE_LIMIT_RESET: JsString = "x-ratelimit-reset";
    #[wasm_bindgen(thread_local_v2, static_string)]
    static DATE: JsString = "date";
}

/// What a request is for.
pub enum Method {
    /// Submit this JSON body.
    Post(JsString),
    /// Ask for the job of this id.
    Get(String),
}

/// What came back.
pub struct Answer {
    pub status: u16,
    /// How long it asks to wait, in ms.
    pub wait: Option<f64>,
    pub body: Result<Body<JsValue>, Defect>,
}

/// Why nothing came back, and what was thrown.
pub struct Broken(pub Failure, pub JsValue);

/// Sends the requests of one call.
pub struct Exchanger {
    pub call: Rc<InFlight>,
    pub promises: Promises,
    pub target: Target,
    pub fetch: Function,
    /// True if the caller gave none of their own.
    pub is_hosts_fetch: bool,
    pub context: Rc<Context>,
    /// Where the job's status is asked for, once its id is known.
    pub poll_url: RefCell<Option<JsString>>,
}

impl Exchanger {
    /// Sends a request and reads its reply. Dropping the future aborts the request.
    pub async fn send(&self, method: Method) -> Result<Answer, Broken> {
        let controller = AbortController::new();
        let controller = controller.and_then(|controller| Ok((caught::signal(&controller)?, controller)));
        let (signal, controller) = controller
            .map_err(|thrown| Broken(error::of_host("AbortController", &thrown, &self.target.secrets), thrown))?;
        let mut guard = Guard::new(controller, &self.call);
        let url = self.url(&method);
        let init = self.init(&method, Some(&signal));
        let was_offline = matches!(method, Method::Post(_)) && is_offline();
        let fetched = match self.fetch(&url, &init).await {
            // A host may refuse the signal of another one's AbortController, like jsdom's: send again without it. What a
            // caller's own function throws proves nothing.
            Err(thrown) if self.is_hosts_fetch && refused(&url, &init, &thrown) => {
                let init = self.init(&method, None);
                if Request::new_with_str_and_init(&String::from(&url), &init).is_err() {
                    return Err(Broken(Failure::NotSent(error::reason(&thrown, &self.target.secrets)), thrown));
                }
                self.fetch(&url, &init).await
            }
            fetched => fetched,
        };
        let response = fetched.map_err(|thrown| {
            let reason = error::reason(&thrown, &self.target.secrets);
            let unsent = was_offline && is_offline() || never_connected(&thrown);
            Broken(if unsent { Failure::NotSent(reason) } else { Failure::Network(reason) }, thrown)
        })?;
        let (status, headers, is_short) = match head(response.unchecked_ref()) {
            Ok(head) => head,
            Err(missing) => {
                let body = Err(Defect::NotAResponse(missing));
                return Ok(Answer { status: 0, wait: None, body });
            }
        };
        let wait = wait(status, &headers);
        let read = body::read(response.unchecked_ref(), is_short, &self.promises, &self.call).await;
        guard.is_done = read.is_ok();
        let body = match read {
            Ok(text) => Ok(json::read(&text)),
            // Such a status says enough.
            Err(_) if !(200..300).contains(&status) => Ok(Body::Empty),
            Err(Unread::Defect(defect)) => Err(defect),
            Err(Unread::Thrown(thrown)) => {
                return Err(Broken(Failure::Interrupted(error::reason(&thrown, &self.target.secrets)), thrown));
            }
        };
        Ok(Answer { status, wait, body })
    }

    async fn fetch(&self, url: &JsString, init: &RequestInit) -> Result<JsValue, JsValue> {
        let promise = self.context.call(&self.fetch, url, Some(init))?;
        self.promises.settle(&promise).await
    }

    fn url(&self, method: &Method) -> JsString {
        let url = &self.target.url;
        match method {
            Method::Post(_) => JsString::from(&**url),
            Method::Get(id) => {
                let poll = || JsString::from([url, "?request_id="].concat()).concat(&js_sys::encode_uri_component(id));
                self.poll_url.borrow_mut().get_or_insert_with(poll).clone()
            }
        }
    }

    /// A plain object: building a `Request` and `Headers` costs several times as much.
    fn init(&self, method: &Method, signal: Option<&AbortSignal>) -> RequestInit {
        let init = RequestInit::new();
        // A copy, since the caller's `fetch` may change what it is given.
        let headers = Object::assign(&Object::new(), &self.target.headers);
        match method {
            Method::Post(body) => {
                init.set_method("POST");
                init.set_body(body);
                // A plain object takes every property.
                let _ = Reflect::set(&headers, &"Content-Type".into(), &"application/json".into());
            }
            Method::Get(_) => init.set_method("GET"),
        }
        init.set_headers(&headers);
        init.set_redirect(RequestRedirect::Manual);
        // A poll is a new question: browsers and frameworks otherwise answer it from a cache.
        if knows_cache() {
            init.set_cache(RequestCache::NoStore);
        }
        if signal.is_some() {
            init.set_signal(signal);
        }
        init
    }
}

/// The status and headers of a response, and whether its body is known to end within the limit.
fn head(response: &AnyResponse) -> Result<(u16, AnyHeaders, bool), &'static str> {
    let status = response.status().ok().and_then(|status| status.as_f64());
    let status = status.ok_or("its status is not a number")?;
    let headers = response.headers().unwrap_or_default().unchecked_into();
    let is_short = is_short(&headers) && response.kind().is_ok_and(|kind| kind != "cors");
    Ok((status as u16, headers, is_short))
}

/// Returns true if a declared length is within the limit. It does not hold for a compressed body; and whether a body is
/// compressed is not known if CORS hides the headers.
fn is_short(headers: &AnyHeaders) -> bool {
    let length = header(headers, &CONTENT_LENGTH).is_some_and(|length| {
        length.len() < 8
            && length.bytes().all(|byte| byte.is_ascii_digit())
            && length.parse().is_ok_and(|length: usize| length <= MAX_BODY)
    });
    length && header(headers, &CONTENT_ENCODING).is_none()
}

/// How long a response asks to wait, in ms.
fn wait(status: u16, headers: &AnyHeaders) -> Option<f64> {
    let retry_after = header(headers, &RETRY_AFTER);
    if retry_after.is_none() && !is_limited(status) {
        return None;
    }
    let (reset, x_reset) = (header(headers, &RATE_LIMIT_RESET), header(headers, &X_RATE_LIMIT_RESET));
    let date = header(headers, &DATE);
    let headers = WaitHeaders {
        retry_after: retry_after.as_deref(),
        rate_limit_reset: reset.as_deref(),
        x_rate_limit_reset: x_reset.as_deref(),
        date: date.as_deref(),
    };
    headers.wait(status, Date::now())
}

fn header(headers: &AnyHeaders, name: &'static JsThreadLocal<JsString>) -> Option<String> {
    name.with(|name| headers.get(name)).ok()?.as_string()
}

/// Returns true if nothing was sent: the host's own `Request` refuses the arguments for the same reason.
fn refused(url: &JsString, init: &RequestInit, thrown: &JsValue) -> bool {
    let Err(own) = Request::new_with_str_and_init(&String::from(url), init) else { return false };
    let message = |error| member(error, "message").and_then(|message| message.as_string());
    // Without a `Request` there is nothing to compare with.
    member(&js_sys::global(), "Request").is_some() && message(&own).is_some() && message(&own) == message(thrown)
}

/// Returns true if Node says that the connection was never made.
fn never_connected(thrown: &JsValue) -> bool {
    const CODES: [&str; 7] = [
        "ECONNREFUSED",
        "ENOTFOUND",
        "EAI_AGAIN",
        "UND_ERR_CONNECT_TIMEOUT",
        "DEPTH_ZERO_SELF_SIGNED_CERT",
        "SELF_SIGNED_CERT_IN_CHAIN",
        "ERR_TLS_CERT_ALTNAME_INVALID",
    ];
    // OpenSSL's other names for a certificate that does not hold, such as CERT_NOT_YET_VALID.
    let of_certificate = |code: &str| code.starts_with("CERT_") || code.starts_with("UNABLE_TO_");
    // An address without a route, as without a network.
    error::code(thrown).is_some_and(|code| CODES.contains(&&*code) || of_certificate(&code))
        || error::system_call(thrown).is_some_and(|call| call == "connect")
}

/// Returns true if requests of this host may have a `cache`: older Workers throw on one. Others are not asked: in Node that
/// alone would load all of its `fetch`.
fn knows_cache() -> bool {
    thread_local! {
        static KNOWS: bool = !is_worker()
            || member(&js_sys::global(), "Request")
                .and_then(|class| member(&class, "prototype"))
                .is_some_and(|prototype| Reflect::has(&prototype, &"cache".into()).unwrap_or(false));
    }
    KNOWS.with(|knows| *knows)
}

/// The request under way. Dropping it aborts the request, unless all of the reply was read.
struct Guard<'a> {
    controller: AbortController,
    call: &'a InFlight,
    is_done: bool,
}

impl<'a> Guard<'a> {
    fn new(controller: AbortController, call: &'a InFlight) -> Self {
        call.record_controller(&controller);
        Guard { controller, call, is_done: false }
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if !self.is_done && !self.call.is_given_up() {
            caught::abort(&self.controller);
        }
    }
}
