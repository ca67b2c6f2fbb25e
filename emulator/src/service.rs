//! Nyne's contract: one account's `POST /person/phone` and `GET /person/phone?request_id=…`.

use std::collections::HashMap;

use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use crate::account::Account;
use crate::answer::{Request, Response};
use crate::clock::UnixMillis;
use crate::codes::REQUEST_NOT_FOUND;
use crate::directory::{DIRECTORY, Identifiers};
use crate::envelope::{self, ApiError};
use crate::jobs::{Course, Jobs, Outcome, Plan};
use crate::limits::Limits;
use crate::settings::Settings;

/// The share of jobs that say `pending` before they end.
const PENDING_SHARE: f64 = 0.3;

const IDENTIFIERS: [&str; 4] = ["name", "email", "phone", "social_media_url"];
const FIELDS: [&str; 6] = ["name", "company", "email", "phone", "social_media_url", "callback_url"];

pub struct Service {
    settings: Settings,
    account: Account,
    limits: Limits,
    jobs: Jobs,
    rng: fastrand::Rng,
    finished: Vec<Finished>,
}

/// A finished job's news for its callback URL.
pub struct Finished {
    pub callback_url: String,
    pub payload: String,
}

impl Service {
    pub fn new(settings: Settings, seed: u64) -> Self {
        let speed = settings.speed;
        Self {
            account: Account::new(settings.api_key.clone(), settings.api_secret.clone(), settings.credits),
            limits: Limits::new(settings.per_minute, settings.per_hour, speed),
            jobs: Jobs::new((settings.expire_after_ms as f64 / speed) as u64),
            rng: fastrand::Rng::with_seed(settings.seed.unwrap_or(seed)),
            finished: Vec::new(),
            settings,
        }
    }

    pub fn speed(&self) -> f64 {
        self.settings.speed
    }

    pub fn credits(&self) -> i64 {
        self.account.credits()
    }

    pub fn jobs_made(&self) -> u64 {
        self.jobs.made()
    }

    pub fn next_end(&self) -> Option<UnixMillis> {
        self.jobs.next_end()
    }

    /// Lets the jobs get on until now.
    pub fn advance(&mut self, now: UnixMillis) {
        self.jobs.advance(now);
        self.settle(now);
    }

    /// What is to be delivered to callback URLs since the last call.
    pub fn take_finished(&mut self) -> Vec<Finished> {
        std::mem::take(&mut self.finished)
    }

    /// Answers a request for a path below the base URL.
    pub fn respond(&mut self, path: &str, request: &Request, now: UnixMillis) -> Response {
        self.advance(now);
        let response = self.answer(path, request, now);
        self.settle(now);
        response.unwrap_or_else(|error| error.into_response(now))
    }

    /// Ends a running job at once, if need be with another outcome than planned, and gives the
    /// `data` of answers about it.
    pub fn end_job(&mut self, id: &str, outcome: Option<Outcome>, now: UnixMillis) -> Option<Value> {
        self.jobs.end(id, outcome, now);
        self.settle(now);
        self.jobs.describe(id, now)
    }

    /// Draws the consequences of ended jobs: only a found number is charged, and only here.
    fn settle(&mut self, now: UnixMillis) {
        for ended in self.jobs.take_news() {
            if ended.found {
                self.account.charge_for_number();
            }
            if let Some(callback_url) = ended.callback_url {
                let payload = envelope::success(ended.data, now).to_string();
                self.finished.push(Finished { callback_url, payload });
            }
        }
    }

    fn answer(&mut self, path: &str, request: &Request, now: UnixMillis) -> Result<Response, ApiError> {
        if path != "/person/phone" {
            let message = "There is only /person/phone here.";
            return Err(ApiError::new(StatusCode::NOT_FOUND, "not_found", message));
        }
        self.account.authenticate(request.headers())?;
        if !self.limits.admit(now) {
            let seconds = self.limits.retry_after(now);
            let message = format!("Too many requests: wait {seconds} s, then go on.");
            let error = ApiError::new(StatusCode::TOO_MANY_REQUESTS, "rate_limit_exceeded", message);
            let mut response = error.into_response(now);
            self.limits.describe(now, response.headers_mut());
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            return Ok(response);
        }
        let outcome = match *request.method() {
            Method::POST => self.submit(request.body(), now),
            Method::GET => self.status(request.uri().query().unwrap_or_default(), now),
            _ => Err(ApiError::method_not_allowed("Use POST to submit and GET to poll.")),
        };
        let mut response = outcome.unwrap_or_else(|error| error.into_response(now));
        self.limits.describe(now, response.headers_mut());
        Ok(response)
    }

    fn submit(&mut self, body: &[u8], now: UnixMillis) -> Result<Response, ApiError> {
        self.account.require_credits()?;
        let query = read_query(body)?;
        let field = |name: &str| query.get(name).map_or("", String::as_str);
        let callback_url = query.get("callback_url").cloned();
        if let Some(url) = &callback_url {
            self.check_callback(url)?;
        }
        let identifiers = Identifiers {
            email: field("email"),
            phone: field("phone"),
            social_media_url: field("social_media_url"),
            name: field("name"),
            company: field("company"),
        };
        let mobile = match self.settings.people.find(identifiers) {
            Some(mobile) => mobile,
            None => DIRECTORY.find(identifiers).and_then(|person| person.mobile.as_deref()),
        };
        let outcome = if self.rng.f64() < self.settings.failure_share {
            Outcome::Failed("The lookup could not be completed.".into())
        } else {
            match mobile {
                Some(mobile) => Outcome::Found(mobile.to_owned()),
                None => Outcome::NoMatch,
            }
        };
        let course = self.course(now);
        let request_id = self.new_request_id(now);
        let data = json!({ "request_id": request_id, "status": "queued", "completed": false });
        self.jobs.submit(Plan { request_id, course, outcome, callback_url }, now);
        Ok(envelope::json_response(StatusCode::ACCEPTED, &envelope::success(data, now)))
    }

    fn status(&mut self, query: &str, now: UnixMillis) -> Result<Response, ApiError> {
        let id = form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name == "request_id")
            .map(|(_, id)| id)
            .filter(|id| !id.is_empty())
            .ok_or_else(|| {
                let message = "Pass request_id in the query string.";
                ApiError::new(StatusCode::BAD_REQUEST, "missing_parameters", message)
            })?;
        let data = self.jobs.poll(&id, now).ok_or(REQUEST_NOT_FOUND)?;
        Ok(envelope::json_response(StatusCode::OK, &envelope::success(data, now)))
    }

    fn check_callback(&self, callback_url: &str) -> Result<(), ApiError> {
        let url = Url::parse(callback_url).ok().filter(|url| ["http", "https"].contains(&url.scheme()));
        let host = url.as_ref().and_then(Url::host_str);
        let host = host.ok_or_else(|| invalid_field("callback_url must be a valid HTTP(S) URL."))?;
        let allowed = &self.settings.callback_hosts;
        if allowed.is_empty() || allowed.iter().any(|name| name.eq_ignore_ascii_case(host)) {
            return Ok(());
        }
        Err(invalid_field("callback_url is on a host that is not on the allow-list."))
    }

    fn course(&mut self, now: UnixMillis) -> Course {
        match &self.settings.statuses {
            Some(statuses) if statuses.is_empty() => Course::Time { ends: now, pends: false },
            Some(statuses) => Course::Polls(statuses.clone().into()),
            None => {
                let duration = self.settings.latency.draw(&mut self.rng) / self.settings.speed;
                Course::Time { ends: now.saturating_add(duration as u64), pends: self.rng.f64() < PENDING_SHARE }
            }
        }
    }

    fn new_request_id(&mut self, now: UnixMillis) -> String {
        let hex = (self.rng.u64(..), self.rng.u64(..));
        let number = self.rng.u16(1000..10_000);
        format!("{:016x}{:016x}_{}_{number}", hex.0, hex.1, now / 1000)
    }
}

fn read_query(body: &[u8]) -> Result<HashMap<String, String>, ApiError> {
    let value: Value = serde_json::from_slice(body).map_err(|error| {
        let message = format!("The body is not JSON: {error}.");
        ApiError::new(StatusCode::BAD_REQUEST, "malformed_json", message)
    })?;
    let Value::Object(fields) = value else {
        return Err(invalid_field("The body must be a JSON object."));
    };
    let mut query = HashMap::new();
    for (name, value) in fields {
        let Value::String(value) = value else {
            return Err(invalid_field(format!("{name} must be a string.")));
        };
        if !FIELDS.contains(&name.as_str()) {
            let message = format!("{name} is not a field: there are {}.", FIELDS.join(", "));
            return Err(invalid_field(message));
        }
        query.insert(name, value);
    }
    if IDENTIFIERS.iter().all(|name| query.get(*name).is_none_or(|value| value.trim().is_empty())) {
        let message = format!("Pass at least one of {}.", IDENTIFIERS.join(", "));
        return Err(ApiError::new(StatusCode::BAD_REQUEST, "missing_parameters", message));
    }
    Ok(query)
}

fn invalid_field(message: impl Into<String>) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "invalid_field", message)
}
