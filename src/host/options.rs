//! Reads the caller's arguments without trusting them: names and getters through `Reflect`, each value checked.
//!
//! What is wrong comes back as a sentence, which never holds a value: it might be a key.

use std::borrow::Cow;

use js_sys::{Date, Function, JSON, JsString, Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, Url};

use super::caught::{is_array, time};
use super::error::member;
use crate::lookup::{Limits, Plan, Schedule};
use crate::protocol::{self, Peer, Query, Secrets, Value, check_id, short_name, unknown_name};

/// The named values of an object that are not undefined. `what` is its name in messages.
pub fn entries(object: &JsValue, what: &str) -> Result<Vec<(String, JsValue)>, String> {
    let unreadable = |name: &[&str]| [what, &name.concat(), " could not be read: it threw."].concat();
    let mut entries = Vec::new();
    if !object.is_object() || is_array(object) {
        return Err([what, " must be an object."].concat());
    }
    for key in Reflect::own_keys(object).map_err(|_| unreadable(&[]))?.iter() {
        // The rest are symbols, which are not ours.
        let Some(name) = key.as_string() else { continue };
        let value = Reflect::get(object, &key).map_err(|_| unreadable(&[".", &short_name(&name)]))?;
        if !value.is_undefined() {
            entries.push((name, value));
        }
    }
    Ok(entries)
}

/// The object with these entries.
pub fn object(entries: &[(String, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in entries {
        set(&object, name, value);
    }
    object.into()
}

/// A query that was checked.
pub struct Submission {
    /// The JSON body of the submit.
    pub body: JsString,
    /// The same without the callback's address: equal for queries that ask for the same person in the same words.
    pub key: JsString,
    /// What it says of a person.
    pub personal: Vec<String>,
}

/// Reads a query.
pub fn read_query(query: &JsValue) -> Result<Submission, String> {
    let mut checked = Query::default();
    for (name, value) in entries(query, "Query")? {
        // An empty column of a database is a field that is not given.
        if value.is_null() {
            continue;
        }
        match value.as_string() {
            Some(text) => checked.set(&name, text)?,
            // An unknown name is the better error.
            None => {
                checked.clone().set(&name, "https://x".into())?;
                return Err(["Query field ", &name, " must be a string. Leave it out if it is not known."].concat());
            }
        }
    }
    let (body, key) = (Object::new(), Object::new());
    for (name, value) in checked.fields()? {
        let value = JsValue::from_str(value);
        set(&body, name, &value);
        if name != "callback_url" {
            set(&key, name, &value);
        }
    }
    // Plain texts can be written.
    let [body, key] = [body, key].map(|object| JSON::stringify(&object).unwrap_or_default());
    Ok(Submission { body, key, personal: checked.personal().map(str::to_owned).collect() })
}

/// A job that the caller asks about.
pub struct Requested {
    pub id: String,
    /// How long ago it was submitted, in ms, if that is known.
    pub age: Option<f64>,
}

/// Reads an id, or what `submitPhone` gave.
///
/// # Errors
/// What is wrong, and the id if that could be read.
pub fn read_request(request: &JsValue) -> Result<Requested, (String, Option<String>)> {
    let member = |name: &str| Reflect::get(request, &name.into());
    let unreadable = |_| ("The request could not be read: it threw.".to_owned(), None);
    let id = if request.is_object() { member("requestId").map_err(unreadable)? } else { request.clone() };
    let Some(id) = id.exact_text().filter(|id| check_id(id)) else {
        return Err((
            "The request must be a request id, or the PhoneRequest that submitPhone gave. Its requestId cannot be used."
                .into(),
            None,
        ));
    };
    let submitted_at =
        if request.is_object() { member("submittedAt").map_err(unreadable)? } else { JsValue::UNDEFINED };
    if submitted_at.is_undefined() || submitted_at.is_null() {
        return Ok(Requested { id, age: None });
    }
    let time = match submitted_at.as_string() {
        Some(text) => Date::parse(&text),
        // Also a Date of another realm, as drivers give tests; of what is none the time is NaN.
        None => time(submitted_at.unchecked_ref()),
    };
    if time.is_nan() {
        let text = "The request's submittedAt must be a Date, or a date and time as text (ISO 8601).";
        return Err((text.into(), Some(id)));
    }
    Ok(Requested { id, age: Some(Date::now() - time) })
}

/// The options. Those of `poll` follow.
const NAMES: [&str; 17] = [
    "apiKey",
    "apiSecret",
    "baseUrl",
    "headers",
    "fetch",
    "signal",
    "onStatus",
    "requestTimeout",
    "timeout",
    "maxRetries",
    "concurrency",
    "requestsPerMinute",
    "requestsPerHour",
    "store",
    "resubmitUnknown",
    "claim",
    "poll",
];
const POLL_NAMES: [&str; 3] = ["firstDelay", "maxDelay", "maxPolls"];

/// The places of the options in [`Options`].
#[derive(Clone, Copy)]
enum At {
    ApiKey,
    ApiSecret,
    BaseUrl,
    Headers,
    Fetch,
    Signal,
    OnStatus,
    RequestTimeout,
    Timeout,
    MaxRetries,
    Concurrency,
    RequestsPerMinute,
    RequestsPerHour,
    Store,
    ResubmitUnknown,
    Claim,
    Poll,
    FirstDelay,
    MaxDelay,
    MaxPolls,
}

/// Names that people try, and the option that each stands for.
const GUESSES: [(&str, &str); 11] = [
    ("onProgress", "onStatus"),
    ("onUpdate", "onStatus"),
    ("progress", "onStatus"),
    ("key", "apiKey"),
    ("secret", "apiSecret"),
    ("url", "baseUrl"),
    ("endpoint", "baseUrl"),
    ("retries", "maxRetries"),
    ("attempts", "maxRetries"),
    ("abortSignal", "signal"),
    ("interval", "poll"),
];

/// Options as read so far, each checked and in its normal form; later ones override earlier ones.
#[derive(Clone, Default)]
pub struct Options([JsValue; 20]);

impl Options {
    /// Makes sure that nobody relies on a claim that is not taken.
    ///
    /// # Errors
    /// That there is one.
    pub fn without_claim(self) -> Result<Options, String> {
        match self.claim() {
            None => Ok(self),
            Some(_) => Err("Option claim is for advance of nyne-phone-finder/durable. Nothing else takes it.".into()),
        }
    }

    /// Reads options over those that were read before.
    ///
    /// # Errors
    /// What is wrong.
    pub fn read(&mut self, entries: &[(String, JsValue)]) -> Result<(), String> {
        self.read_named("option", "Option ", &NAMES, At::ApiKey, entries)
    }

    /// These options, and those of one call over them.
    ///
    /// # Errors
    /// What is wrong.
    pub fn with(&self, options: &JsValue) -> Result<Options, String> {
        let mut read = self.clone();
        if !options.is_undefined() {
            read.read(&entries(options, "Options")?)?;
        }
        Ok(read)
    }

    fn read_named(
        &mut self,
        kind: &str,
        of: &str,
        names: &[&str],
        first: At,
        entries: &[(String, JsValue)],
    ) -> Result<(), String> {
        for (name, value) in entries {
            let place = names.iter().position(|known| known == name);
            let place = place.ok_or_else(|| unknown_name(kind, name, names, &GUESSES))? + first as usize;
            let path = [of, name].concat();
            if place == At::Poll as usize {
                let entries = self::entries(value, &path)?;
                self.read_named("option of poll", "Option poll.", &POLL_NAMES, At::FirstDelay, &entries)?;
            } else if let Some(slot) = self.0.get_mut(place) {
                let checked = check(place, value, slot);
                *slot = checked.map_err(|wrong| [&path, " ", &wrong].concat())?;
            }
        }
        Ok(())
    }

    fn at(&self, place: At) -> JsValue {
        self.0.get(place as usize).cloned().unwrap_or_default()
    }

    pub fn fetch(&self) -> Option<Function> {
        self.at(At::Fetch).dyn_into().ok()
    }

    pub fn on_status(&self) -> Option<Function> {
        self.at(At::OnStatus).dyn_into().ok()
    }

    pub fn claim(&self) -> Option<Function> {
        self.at(At::Claim).dyn_into().ok()
    }

    pub fn signal(&self) -> Option<AbortSignal> {
        let signal = self.at(At::Signal);
        signal.is_object().then(|| signal.unchecked_into())
    }

    /// The limits.
    pub fn plan(&self) -> Plan {
        let given = |place, default| self.at(place).as_f64().unwrap_or(default);
        let Plan { schedule, timeout, patient, claims, request_timeout, max_retries, max_polls, limits } =
            Plan::default();
        let max_delay = given(At::MaxDelay, schedule.max_delay);
        Plan {
            // A default that fits what is given beside it.
            schedule: Schedule {
                first_delay: given(At::FirstDelay, schedule.first_delay.min(max_delay)),
                max_delay,
                // What the caller gives is the caller's; the default is only for what is between polls.
                max_first: given(At::MaxDelay, schedule.max_first),
            },
            timeout: given(At::Timeout, timeout),
            patient,
            claims,
            request_timeout: given(At::RequestTimeout, request_timeout),
            // Infinity becomes the largest number.
            max_retries: given(At::MaxRetries, max_retries.into()) as u32,
            max_polls: given(At::MaxPolls, max_polls.into()) as u32,
            limits: Limits {
                per_minute: given(At::RequestsPerMinute, limits.per_minute as f64) as usize,
                per_hour: given(At::RequestsPerHour, limits.per_hour as f64) as usize,
                ..limits
            },
        }
    }

    /// How many lookups of a batch may be in flight.
    pub fn concurrency(&self) -> usize {
        self.at(At::Concurrency).as_f64().unwrap_or(64.0) as usize
    }

    /// Where a batch keeps its claims.
    pub fn store(&self) -> Option<JsValue> {
        Some(self.at(At::Store)).filter(JsValue::is_object)
    }

    /// Whether a batch submits those again whose submit has an unknown outcome.
    pub fn resubmit(&self) -> bool {
        self.at(At::ResubmitUnknown).is_truthy()
    }

    /// Where requests go and what they carry.
    ///
    /// # Errors
    /// That a key is missing.
    pub fn target(&self) -> Result<Target, String> {
        let base = self.at(At::BaseUrl).as_string().unwrap_or_else(|| protocol::BASE_URL.into());
        let peer = if base == protocol::BASE_URL { Peer::Nyne } else { Peer::Server };
        let headers = Object::new();
        set(&headers, "accept", &"application/json".into());
        let headers = Object::assign(&headers, self.at(At::Headers).unchecked_ref());
        let mut secrets = Secrets::default();
        for (place, header) in [(At::ApiKey, "X-API-Key"), (At::ApiSecret, "X-API-Secret")] {
            if let Some(key) = self.at(place).as_string() {
                secrets.add_key(&key);
                set(&headers, header, &self.at(place));
            }
        }
        let (key, secret) = (self.at(At::ApiKey), self.at(At::ApiSecret));
        if key.is_undefined() != secret.is_undefined() {
            let missing = if key.is_undefined() { "apiKey" } else { "apiSecret" };
            return Err(["Option ", missing, " is missing: apiKey and apiSecret belong together."].concat());
        }
        if key.is_undefined() && peer == Peer::Nyne {
            return Err(
                "Options apiKey and apiSecret are missing. Nyne needs both. In a page, where keys do not belong, set \
                        baseUrl to your own proxy instead."
                    .into(),
            );
        }
        Ok(Target { url: [&base, protocol::PATH].concat(), headers, secrets, peer })
    }
}

/// Sets a property of a plain object, which takes every one.
fn set(object: &Object, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &JsValue::from_str(name), value);
}

/// Checks the value of the option at `place`, of which `before` was read before, and returns it in its normal form.
///
/// # Errors
/// What it must be.
fn check(place: usize, value: &JsValue, before: &JsValue) -> Result<JsValue, Cow<'static, str>> {
    const KEY: usize = At::ApiKey as usize;
    const SECRET: usize = At::ApiSecret as usize;
    const BASE_URL: usize = At::BaseUrl as usize;
    const HEADERS: usize = At::Headers as usize;
    const FETCH: usize = At::Fetch as usize;
    const SIGNAL: usize = At::Signal as usize;
    const ON_STATUS: usize = At::OnStatus as usize;
    const MAX_RETRIES: usize = At::MaxRetries as usize;
    const CONCURRENCY: usize = At::Concurrency as usize;
    const PER_MINUTE: usize = At::RequestsPerMinute as usize;
    const PER_HOUR: usize = At::RequestsPerHour as usize;
    const STORE: usize = At::Store as usize;
    const RESUBMIT: usize = At::ResubmitUnknown as usize;
    const CLAIM: usize = At::Claim as usize;
    const FIRST_DELAY: usize = At::FirstDelay as usize;
    const MAX_POLLS: usize = At::MaxPolls as usize;
    let number = value.as_f64().unwrap_or(f64::NAN);
    let whole = number.fract() == 0.0 || number == f64::INFINITY;
    let member = |name: &str| Reflect::get(value, &name.into()).unwrap_or_default();
    let (fits, must_be) = match place {
        KEY | SECRET => {
            let text = value.as_string().unwrap_or_default();
            let fits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
            (fits, "must be the text from Nyne's dashboard, without spaces or line breaks.")
        }
        BASE_URL => return base_url(value).map(JsValue::from).map_err(Cow::Borrowed),
        HEADERS => return read_headers(value, before).map(JsValue::from).map_err(Cow::Owned),
        FETCH | ON_STATUS | CLAIM => (value.is_function(), "must be a function."),
        SIGNAL if value.is_null() => (true, ""),
        SIGNAL => {
            let fits =
                value.is_object() && member("addEventListener").is_function() && member("aborted").as_bool().is_some();
            (fits, "must be an AbortSignal.")
        }
        MAX_RETRIES => (whole && number >= 0.0, "must be a whole number, 0 or more, or Infinity."),
        MAX_POLLS | CONCURRENCY | PER_MINUTE | PER_HOUR => {
            (whole && number >= 1.0, "must be a whole number, 1 or more, or Infinity.")
        }
        STORE => (member("get").is_function() && member("set").is_function(), "must have the functions get and set."),
        RESUBMIT => (value.as_bool().is_some(), "must be true or false."),
        FIRST_DELAY if number.is_infinite() => (false, "must not be Infinity."),
        _ => (number >= 1.0, "must be a number of milliseconds, 1 or more."),
    };
    if fits { Ok(value.clone()) } else { Err(Cow::Borrowed(must_be)) }
}

/// Headers over those that were read before. Their names are lower case.
fn read_headers(headers: &JsValue, before: &JsValue) -> Result<Object, String> {
    // A Headers or a Map has no properties of its own and would be taken for an empty object.
    let plain = headers.is_object() && {
        let prototype = Reflect::get_prototype_of(headers).unwrap_or_default();
        prototype.is_falsy() || Reflect::get_prototype_of(&prototype).is_ok_and(|next| next.is_falsy())
    };
    if !plain {
        return Err("must be a plain object of names and texts.".into());
    }
    let all = Object::assign(&Object::new(), before.unchecked_ref());
    for (given, value) in entries(headers, "Option headers")? {
        let name = given.to_ascii_lowercase();
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        let text = value.as_string().unwrap_or_else(|| "\n".into());
        // An object would take `__proto__` for its prototype.
        let wrong = if name.is_empty() || name == "__proto__" || !name.bytes().all(token) {
            "must not hold a name that no header can have."
        } else if name == "x-api-key" || name == "x-api-secret" {
            "must not hold X-API-Key and X-API-Secret, which are sent for you. Use apiKey and apiSecret."
        } else if name == "content-type" {
            "must not hold Content-Type, which is sent for you."
        } else if text.chars().any(|c| c != '\t' && (c.is_control() || c > '\u{ff}')) {
            return Err(["must hold texts of one line. Correct \"", &short_name(&name), "\"."].concat());
        } else {
            set(&all, &name, &value);
            continue;
        };
        return Err(wrong.into());
    }
    Ok(all)
}

/// Where requests go and what they carry.
pub struct Target {
    pub url: String,
    pub headers: Object,
    /// What no text may repeat.
    pub secrets: Secrets,
    pub peer: Peer,
}

/// A base URL in its normal form, without a slash at its end.
fn base_url(value: &JsValue) -> Result<String, &'static str> {
    let text = value.as_string().unwrap_or_default();
    if text.trim().is_empty() {
        return Err("must be a URL or a path, as text.");
    }
    let page = member(&js_sys::global(), "location").and_then(|page| member(&page, "href")?.as_string());
    let url = match page {
        Some(page) => Url::new_with_base(&text, &page),
        None => Url::new(&text),
    };
    let Ok(url) = url else {
        return Err("must be a full URL, such as \"https://api.nyne.ai\". A path works only in a page.");
    };
    // The URL parser has made the scheme and the host lower case, and any spelling of an IPv4 address four numbers.
    let (scheme, href) = (url.protocol(), url.href());
    if scheme != "https:" && scheme != "http:" {
        return Err("must begin with https:.");
    }
    if !url.username().is_empty() || !url.password().is_empty() || href.bytes().any(|byte| matches!(byte, b'?' | b'#'))
    {
        return Err("must have no user, password, query or fragment.");
    }
    if scheme == "http:" && !is_loopback(&url.hostname()) {
        return Err(
            "must begin with https:. Plain http: would expose keys and names, and is allowed to this machine only.",
        );
    }
    Ok(href.trim_end_matches('/').into())
}

/// Returns true if a host is this machine.
fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || host == "[::1]"
        || (host.starts_with("127.") && host.bytes().all(|byte| byte == b'.' || byte.is_ascii_digit()))
}
