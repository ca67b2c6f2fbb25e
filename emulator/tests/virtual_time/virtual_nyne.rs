//! The emulator in virtual time: no sockets, no clock, no waiting.

use http::HeaderMap;
use nyne_emulator::{Delivery, Emulator, Request, Settings};
use serde_json::{Value, json};

pub struct Virtual {
    pub emulator: Emulator,
    pub now: u64,
    pub base: String,
}

pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub delivery: Delivery,
}

impl Virtual {
    /// The main service.
    pub fn with(settings: Settings) -> Self {
        let emulator = Emulator::new(settings, 1).unwrap();
        Self { emulator, now: 1_780_000_000_000, base: String::new() }
    }

    /// A world of its own.
    pub fn world(settings: Value) -> Self {
        let mut emulator = Self::with(Settings::default());
        let made = emulator.send("POST", "/emulator/worlds", settings.to_string().as_bytes(), &[]);
        assert_eq!(made.status, 201, "{}", made.text());
        emulator.base = made.json()["path"].as_str().unwrap().to_owned();
        emulator
    }

    pub fn pass(&mut self, ms: u64) {
        self.now += ms;
    }

    pub fn send(&mut self, method: &str, url: &str, body: &[u8], headers: &[(&str, &str)]) -> Reply {
        let mut request = Request::new(body.to_vec());
        *request.method_mut() = method.parse().unwrap();
        *request.uri_mut() = url.parse().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap());
        }
        let answer = self.emulator.answer(&request, self.now);
        let (head, body) = answer.response.into_parts();
        Reply { status: head.status.as_u16(), headers: head.headers, body, delivery: answer.delivery }
    }

    pub fn post_text(&mut self, body: &str) -> Reply {
        let url = format!("{}/person/phone", self.base);
        self.send("POST", &url, body.as_bytes(), &KEYS)
    }

    pub fn post(&mut self, query: Value) -> Reply {
        self.post_text(&query.to_string())
    }

    /// Submits, which must succeed, and gives the request's id.
    pub fn submit(&mut self, query: Value) -> String {
        let reply = self.post(query);
        assert_eq!(reply.status, 202, "{}", reply.text());
        reply.json()["data"]["request_id"].as_str().unwrap().to_owned()
    }

    pub fn submit_ada(&mut self) -> String {
        self.submit(json!({ "email": "ada@example.com" }))
    }

    pub fn get(&mut self, id: &str) -> Reply {
        let url = format!("{}/person/phone?request_id={id}", self.base);
        self.send("GET", &url, b"", &KEYS)
    }

    /// Polls, which must succeed, and gives the answer's `data`.
    pub fn poll(&mut self, id: &str) -> Value {
        let reply = self.get(id);
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()["data"].clone()
    }

    pub fn log(&mut self) -> Value {
        let url = self.base.clone();
        self.send("GET", &url, b"", &[]).json()
    }

    pub fn credits_left(&mut self) -> i64 {
        self.log()["creditsLeft"].as_i64().unwrap()
    }
}

impl Reply {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// Checks the error envelope and gives its code.
    pub fn error_code(&self) -> String {
        let body = self.json();
        assert_eq!(body["success"], false);
        assert!(body["timestamp"].is_string() && body["error"]["message"].is_string());
        body["error"]["code"].as_str().unwrap().to_owned()
    }
}

const KEYS: [(&str, &str); 2] = [("x-api-key", "nyne_live_emulator"), ("x-api-secret", "nyne_sec_emulator")];
