//! A service of one's own: isolated account, limits, jobs and log, and faults on demand.

use serde::Deserialize;
use serde_json::Value;

use crate::answer::{Delivery, Request, Response};
use crate::clock::UnixMillis;
use crate::cors::Cors;
use crate::faults::FaultRule;
use crate::log::Log;
use crate::service::Service;
use crate::settings::Settings;

pub struct World {
    pub service: Service,
    pub log: Log,
    cors: Cors,
    faults: Vec<FaultRule>,
}

/// A change of a running world: the body of `PATCH /emulator/worlds/w1`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// More of them, after those that are there.
    faults: Vec<FaultRule>,
}

impl World {
    pub fn new(settings: Settings, seed: u64, now: UnixMillis) -> Self {
        Self {
            log: Log::new(now),
            cors: settings.cors(),
            faults: settings.faults.clone(),
            service: Service::new(settings, seed),
        }
    }

    /// Answers a request for a path below the world's base URL; the number is the log entry's.
    pub fn answer(&mut self, path: &str, request: &Request, now: UnixMillis) -> (Response, Delivery, u64) {
        let number = self.log.request(request, now);
        if let Some(preflight) = self.cors.preflight(request) {
            return (preflight, Delivery::Whole, number);
        }
        let count = self.log.count(request.method());
        let rule = count.and_then(|count| self.faults.iter_mut().find(|rule| rule.applies(request.method(), count)));
        let (mut response, delivery) = match rule {
            Some(rule) => {
                rule.spend();
                self.log.fault(number, rule.fault.name());
                rule.fault.answer(&mut self.service, path, request, now)
            }
            None => (self.service.respond(path, request, now), Delivery::Whole),
        };
        self.cors.allow(response.headers_mut());
        (response, delivery, number)
    }

    pub fn change(&mut self, change: Change) {
        self.faults.extend(change.faults);
    }

    pub fn report(&mut self, now: UnixMillis) -> Value {
        self.service.advance(now);
        self.log.report(self.service.jobs_made(), self.service.credits())
    }
}
