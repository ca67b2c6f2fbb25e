//! A call's options, from the client's defaults and its own.

use js_sys::{Function, Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::Task;
use super::arguments::{count, entries, number};
use super::call::{host_fetch, normal_url};
use crate::lookup::Plan;
use crate::protocol::{self, unknown_name};

/// Every option, and whether it is for lookups only: `submitPhone` and `checkStatus` wait for nothing.
const NAMES: [(&str, bool); 11] = [
    ("apiKey", false),
    ("apiSecret", false),
    ("baseUrl", false),
    ("headers", false),
    ("fetch", false),
    ("signal", false),
    ("requestTimeout", false),
    ("maxRetries", false),
    ("timeout", true),
    ("poll", true),
    ("onStatus", true),
];

/// Every option inside `poll`.
const POLL_NAMES: [&str; 3] = ["firstDelay", "maxDelay", "maxPolls"];

/// Options as read so far: what is read later counts.
#[derive(Default)]
pub struct Options {
    plan: Plan,
    /// The keys, as they came: nothing here needs to look at them again.
    pub api_key: JsValue,
    pub api_secret: JsValue,
    pub fetch: Option<Function>,
    pub signal: Option<AbortSignal>,
    pub on_status: Option<Function>,
    /// In its normal form.
    base_url: Option<String>,
    /// Lower-case names and values.
    headers: Vec<(String, JsValue)>,
    first_delay_given: bool,
}

impl Options {
    /// Reads `source`. Only a client's defaults may hold options that `task` has no use for: they are for all of them.
    ///
    /// # Errors
    /// What is wrong, for a person; never a value, which might be a key.
    pub fn read(&mut self, source: &JsValue, task: Option<Task>) -> Result<(), String> {
        if source.is_undefined() {
            return Ok(());
        }
        for (name, value) in entries(source, "options")? {
            let must_be = |what: &str| Err(["options.", &name, " must be ", what].concat());
            let Some((_, lookup_only)) = NAMES.iter().find(|(known, _)| *known == name) else {
                return Err(unknown_name("options", &name, &NAMES.map(|(name, _)| name)));
            };
            if let (true, Some(task @ (Task::Submit | Task::Check | Task::Confirm))) = (lookup_only, task) {
                return Err(
                    ["options.", &name, " has no meaning for ", task.name(), ", which waits for no result."].concat()
                );
            }
            match &*name {
                "apiKey" => self.api_key = key(&name, value)?,
                "apiSecret" => self.api_secret = key(&name, value)?,
                "baseUrl" => self.base_url = Some(base_url(&value)?),
                "headers" => self.read_headers(&value)?,
                "fetch" => match value.dyn_into() {
                    Ok(fetch) => self.fetch = Some(fetch),
                    Err(_) => return must_be("a function like the platform's fetch."),
                },
                "signal" => {
                    let member = |name| Reflect::get(&value, &JsValue::from_str(name)).unwrap_or_default();
                    if !value.is_object()
                        || !member("addEventListener").is_function()
                        || member("aborted").as_bool().is_none()
                    {
                        return must_be("an AbortSignal.");
                    }
                    self.signal = Some(value.unchecked_into());
                }
                "onStatus" => match value.dyn_into() {
                    Ok(listener) => self.on_status = Some(listener),
                    Err(_) => return must_be("a function."),
                },
                "timeout" => self.plan.timeout = number(&name, &value, 1.0, f64::INFINITY, MILLISECONDS)?,
                "requestTimeout" => {
                    self.plan.request_timeout = number(&name, &value, 1.0, f64::INFINITY, MILLISECONDS)?
                }
                "maxRetries" => self.plan.max_retries = count(&name, &value, 0.0)?,
                _ => self.read_poll(&value)?,
            }
        }
        Ok(())
    }

    fn read_poll(&mut self, poll: &JsValue) -> Result<(), String> {
        let schedule = &mut self.plan.schedule;
        for (name, value) in entries(poll, "options.poll")? {
            let path = ["poll.", &name].concat();
            match &*name {
                "firstDelay" => {
                    schedule.first_delay = number(&path, &value, 1.0, f64::MAX, MILLISECONDS)?;
                    self.first_delay_given = true;
                }
                "maxDelay" => schedule.max_delay = number(&path, &value, 1.0, f64::INFINITY, MILLISECONDS)?,
                "maxPolls" => self.plan.max_polls = count(&path, &value, 1.0)?,
                _ => return Err(unknown_name("options.poll", &name, &POLL_NAMES)),
            }
        }
        Ok(())
    }

    fn read_headers(&mut self, headers: &JsValue) -> Result<(), String> {
        // A Headers or a Map has no properties of its own and would be taken for an empty object.
        let plain = headers.is_object() && {
            let prototype = Object::get_prototype_of(headers);
            prototype.is_falsy() || Object::get_prototype_of(&prototype).is_falsy()
        };
        if !plain {
            return Err("options.headers must be a plain object of names and texts.".into());
        }
        for (name, value) in entries(headers, "options.headers")? {
            let name = name.to_ascii_lowercase();
            let wrong = |what: &str| Err(["options.headers: ", what].concat());
            let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
            if name.is_empty() || !name.bytes().all(token) {
                return wrong("a name is no header name.");
            }
            if let "x-api-key" | "x-api-secret" = &*name {
                return wrong("X-API-Key and X-API-Secret are sent for you: use apiKey and apiSecret.");
            }
            if name == "content-type" {
                return wrong("Content-Type is the client's own.");
            }
            let text = value
                .as_string()
                .filter(|text| text.chars().all(|c| c == '\t' || (' '..='\u{ff}').contains(&c) && !c.is_control()));
            if text.is_none() {
                return Err(["options.headers: the value of \"", &name, "\" must be text on one line."].concat());
            }
            self.headers.retain(|(known, _)| *known != name);
            self.headers.push((name, value));
        }
        Ok(())
    }

    /// The function to fetch with.
    pub fn fetch(&self) -> Result<Function, String> {
        self.fetch
            .clone()
            .or_else(host_fetch)
            .ok_or_else(|| "this host has no fetch: pass one as options.fetch.".into())
    }

    /// The caller's own headers.
    pub fn headers(&self) -> Object {
        let headers = Object::new();
        for (name, value) in &self.headers {
            // A plain object takes every property.
            let _ = Reflect::set(&headers, &JsValue::from_str(name), value);
        }
        headers
    }

    /// The limits, with a default that fits what is given beside it.
    pub fn plan(&self) -> Plan {
        let mut plan = self.plan;
        if !self.first_delay_given {
            plan.schedule.first_delay = plan.schedule.first_delay.min(plan.schedule.max_delay);
        }
        plan
    }

    /// What requests go to.
    pub fn url(&self) -> Result<String, String> {
        match (self.api_key.is_undefined(), self.api_secret.is_undefined(), &self.base_url) {
            (false, true, _) => Err("options.apiSecret is missing: a key goes with its secret.".into()),
            (true, false, _) => Err("options.apiKey is missing: a secret goes with its key.".into()),
            (true, true, None) => Err("options.apiKey and options.apiSecret are missing. Nyne needs both; in a page, where keys do not belong, set options.baseUrl to your own proxy instead.".into()),
            (_, _, base_url) => {
                Ok([base_url.as_deref().unwrap_or(protocol::BASE_URL).trim_end_matches('/'), protocol::PATH].concat())
            }
        }
    }
}

/// A base URL in its normal form.
fn base_url(value: &JsValue) -> Result<String, String> {
    let wrong = |what: &str| Err(["options.baseUrl ", what].concat());
    if value.as_string().is_none_or(|url| url.trim().is_empty()) {
        return wrong("must be a URL or a path, as text.");
    }
    let Ok(url) = normal_url(value) else {
        return wrong(
            "must be a whole URL, like \"https://api.nyne.ai\"; a path alone only where the script has an address to resolve it against.",
        );
    };
    // The URL parser has made it lower case, any spelling of an IPv4 address four decimal numbers, and ended the
    // authority with a slash.
    let (secure, rest) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => return wrong("must begin with https:."),
    };
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.contains('@') || rest.contains(['?', '#']) {
        return wrong("must have no user, password, query or fragment.");
    }
    if !secure && !is_loopback(authority) {
        return wrong(
            "must begin with https: (http: is only for this machine itself): keys and names would go over the wire in the open.",
        );
    }
    Ok(url)
}

const MILLISECONDS: &str = "a number of milliseconds";

/// A key as it can stand in a header. Its value is in no message.
fn key(name: &str, value: JsValue) -> Result<JsValue, String> {
    if value.as_string().is_some_and(|key| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic())) {
        return Ok(value);
    }
    Err(["options.", name, " must be the text from Nyne's dashboard, without spaces or line breaks."].concat())
}

/// Whether a host, perhaps with a port, is this machine.
fn is_loopback(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    host == "localhost"
        || host.ends_with(".localhost")
        || host == "[::1]"
        || (host.starts_with("127.") && host.bytes().all(|byte| byte == b'.' || byte.is_ascii_digit()))
}
