//! Named receivers that record whatever they are sent: for callbacks, or as a foreign origin.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::answer::Request;
use crate::log;

/// Requests beyond this are no longer recorded.
const KEPT: usize = 10_000;

#[derive(Default)]
pub struct Sinks {
    sinks: HashMap<String, Vec<Value>>,
}

impl Sinks {
    pub fn record(&mut self, name: &str, request: &Request) {
        let requests = self.sinks.entry(name.to_owned()).or_default();
        if requests.len() < KEPT {
            requests.push(json!({
                "method": request.method().as_str(),
                "url": log::url_of(request),
                "headers": log::headers_of(request),
                "body": log::body_of(request),
            }));
        }
    }

    pub fn list(&self, name: &str) -> Value {
        self.sinks.get(name).map_or_else(|| json!([]), |requests| json!(requests))
    }
}
