//! What happened in a world, for tests to read.

use std::collections::{BTreeMap, VecDeque};

use http::Method;
use serde::Serialize;

use crate::answer::Request;
use crate::clock::UnixMillis;

/// Entries beyond this push the oldest out; the counts go on.
const KEPT: usize = 10_000;

pub struct Log {
    began: UnixMillis,
    posts: u64,
    gets: u64,
    requests: VecDeque<RequestEntry>,
    forgotten: u64,
    callbacks: VecDeque<CallbackEntry>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestEntry {
    method: String,
    url: String,
    headers: BTreeMap<String, String>,
    body: String,
    at_ms: u64,
    answered: Option<u16>,
    fault: Option<String>,
    closed_early: bool,
}

#[derive(Serialize)]
struct CallbackEntry {
    url: String,
    status: Option<u16>,
    body: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    posts: u64,
    gets: u64,
    jobs: u64,
    credits_left: i64,
    requests: &'a VecDeque<RequestEntry>,
    callbacks: &'a VecDeque<CallbackEntry>,
}

/// Which request of its method a request is, and which of both, counted from 1.
#[derive(Clone, Copy)]
pub struct Count {
    pub of_method: u64,
    pub of_any: u64,
}

impl Log {
    pub fn new(began: UnixMillis) -> Self {
        Self { began, posts: 0, gets: 0, requests: VecDeque::new(), forgotten: 0, callbacks: VecDeque::new() }
    }

    /// Takes a request down, under the number that is returned.
    pub fn request(&mut self, request: &Request, now: UnixMillis) -> u64 {
        self.requests.push_back(RequestEntry {
            method: request.method().to_string(),
            url: url_of(request),
            headers: headers_of(request),
            body: body_of(request),
            at_ms: now.saturating_sub(self.began),
            answered: None,
            fault: None,
            closed_early: false,
        });
        if self.requests.len() > KEPT {
            self.requests.pop_front();
            self.forgotten += 1;
        }
        self.forgotten + self.requests.len() as u64 - 1
    }

    /// Counts a POST or a GET; other methods have no count.
    pub fn count(&mut self, method: &Method) -> Option<Count> {
        let of_method = match *method {
            Method::POST => &mut self.posts,
            Method::GET => &mut self.gets,
            _ => return None,
        };
        *of_method += 1;
        Some(Count { of_method: *of_method, of_any: self.posts + self.gets })
    }

    pub fn fault(&mut self, number: u64, name: &str) {
        if let Some(entry) = self.entry(number) {
            entry.fault = Some(name.to_owned());
        }
    }

    pub fn answered(&mut self, number: u64, status: u16) {
        if let Some(entry) = self.entry(number) {
            entry.answered = Some(status);
        }
    }

    pub fn closed_early(&mut self, number: u64) {
        if let Some(entry) = self.entry(number) {
            entry.closed_early = true;
        }
    }

    pub fn callback(&mut self, url: String, status: Option<u16>, body: String) {
        self.callbacks.push_back(CallbackEntry { url, status, body });
        if self.callbacks.len() > KEPT {
            self.callbacks.pop_front();
        }
    }

    pub fn report(&self, jobs: u64, credits_left: i64) -> serde_json::Value {
        serde_json::json!(Report {
            posts: self.posts,
            gets: self.gets,
            jobs,
            credits_left,
            requests: &self.requests,
            callbacks: &self.callbacks,
        })
    }

    fn entry(&mut self, number: u64) -> Option<&mut RequestEntry> {
        let place = number.checked_sub(self.forgotten)?;
        self.requests.get_mut(usize::try_from(place).ok()?)
    }
}

/// Path and query.
pub fn url_of(request: &Request) -> String {
    let uri = request.uri();
    uri.path_and_query().map_or_else(|| uri.path().to_owned(), ToString::to_string)
}

/// Names in lower case; repeated ones joined by commas.
pub fn headers_of(request: &Request) -> BTreeMap<String, String> {
    let mut headers = BTreeMap::new();
    for (name, value) in request.headers() {
        let value = String::from_utf8_lossy(value.as_bytes());
        headers
            .entry(name.as_str().to_owned())
            .and_modify(|all: &mut String| {
                all.push_str(", ");
                all.push_str(&value);
            })
            .or_insert_with(|| value.into_owned());
    }
    headers
}

pub fn body_of(request: &Request) -> String {
    String::from_utf8_lossy(request.body()).into_owned()
}
