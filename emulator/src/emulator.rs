//! The whole emulator: the main service, the worlds for tests, and the sinks.

use std::collections::BTreeMap;

use http::{HeaderValue, Method, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::answer::{Answer, Delivery, LARGEST_REQUEST, Request, Response};
use crate::clock::{self, UnixMillis};
use crate::cors::Cors;
use crate::directory::DIRECTORY;
use crate::envelope::{self, ApiError};
use crate::service::{Finished, Service};
use crate::settings::{self, Settings};
use crate::sinks::Sinks;
use crate::world::{Change, World};

/// Where a callback is tried again, and how long after each failure, before it is given up.
const CALLBACK_RETRIES_MS: [f64; 2] = [1_000.0, 5_000.0];

/// Tests must be able to reach the controls from any page.
const CONTROL_CORS: Cors = Cors { allowed: true, expose_headers: true };

pub struct Emulator {
    main: Service,
    main_cors: Cors,
    worlds: BTreeMap<u64, World>,
    worlds_made: u64,
    sinks: Sinks,
    rng: fastrand::Rng,
}

/// A request's entry in the log of its world.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Ticket {
    world: u64,
    entry: u64,
}

/// A finished job's payload, to be POSTed to the customer as JSON.
#[derive(Debug, Deserialize, Serialize)]
pub struct Callback {
    pub url: String,
    pub payload: String,
    /// How long to wait before each further try, in milliseconds.
    pub retries: Vec<u64>,
    world: Option<u64>,
}

impl Emulator {
    /// Fails, saying why, when the settings make no sense.
    pub fn new(settings: Settings, seed: u64) -> Result<Self, String> {
        settings.check()?;
        let mut rng = fastrand::Rng::with_seed(settings.seed.unwrap_or(seed));
        Ok(Self {
            main_cors: settings.cors(),
            main: Service::new(settings, rng.u64(..)),
            worlds: BTreeMap::new(),
            worlds_made: 0,
            sinks: Sinks::default(),
            rng,
        })
    }

    pub fn answer(&mut self, request: &Request, now: UnixMillis) -> Answer {
        if request.body().len() > LARGEST_REQUEST {
            return Answer::too_large();
        }
        let path = request.uri().path();
        let (mut response, delivery, ticket) = match path.strip_prefix("/emulator/") {
            Some(control) => self.answer_control(control, request, now),
            None => (self.answer_main(path, request, now), Delivery::Whole, None),
        };
        if let Ok(date) = HeaderValue::from_str(&clock::http_date(now)) {
            response.headers_mut().entry(header::DATE).or_insert(date);
        }
        Answer { response, delivery, ticket }
    }

    /// To be told when the head of an answer has been sent.
    pub fn answered(&mut self, ticket: Ticket, status: StatusCode) {
        if let Some(world) = self.worlds.get_mut(&ticket.world) {
            world.log.answered(ticket.entry, status.as_u16());
        }
    }

    /// To be told when a client went away before its whole answer was sent.
    pub fn closed_early(&mut self, ticket: Ticket) {
        if let Some(world) = self.worlds.get_mut(&ticket.world) {
            world.log.closed_early(ticket.entry);
        }
    }

    /// The callbacks that have become due since the last call.
    pub fn due_callbacks(&mut self, now: UnixMillis) -> Vec<Callback> {
        let worlds = self.worlds.iter_mut().map(|(id, world)| (Some(*id), &mut world.service));
        let services = worlds.chain([(None, &mut self.main)]);
        let mut due = Vec::new();
        for (world, service) in services {
            service.advance(now);
            let retries = CALLBACK_RETRIES_MS.map(|ms| (ms / service.speed()) as u64);
            for Finished { callback_url, payload } in service.take_finished() {
                due.push(Callback { url: callback_url, payload, retries: retries.to_vec(), world });
            }
        }
        due
    }

    /// When callbacks may become due without a further request.
    pub fn next_end(&self) -> Option<UnixMillis> {
        let services = self.worlds.values().map(|world| &world.service).chain([&self.main]);
        services.filter_map(Service::next_end).min()
    }

    /// To be told how a try to deliver a callback went: its HTTP status, if it got one.
    pub fn callback_tried(&mut self, callback: &Callback, status: Option<u16>) {
        if let Some(world) = callback.world.and_then(|id| self.worlds.get_mut(&id)) {
            world.log.callback(callback.url.clone(), status, callback.payload.clone());
        }
    }

    fn answer_main(&mut self, path: &str, request: &Request, now: UnixMillis) -> Response {
        if let Some(preflight) = self.main_cors.preflight(request) {
            return preflight;
        }
        let mut response = self.main.respond(path, request, now);
        self.main_cors.allow(response.headers_mut());
        response
    }

    fn answer_control(
        &mut self,
        path: &str,
        request: &Request,
        now: UnixMillis,
    ) -> (Response, Delivery, Option<Ticket>) {
        let (area, rest) = path.split_once('/').unwrap_or((path, ""));
        let (name, below) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if area == "worlds"
            && !below.is_empty()
            && let Some(id) = world_id(name)
            && let Some(world) = self.worlds.get_mut(&id)
        {
            let (response, delivery, entry) = world.answer(below, request, now);
            return (response, delivery, Some(Ticket { world: id, entry }));
        }
        let is_list = below.is_empty() && *request.method() == Method::GET;
        if area == "sink" && !name.is_empty() && !is_list {
            self.sinks.record(name, request);
        }
        let response = CONTROL_CORS.preflight(request).unwrap_or_else(|| {
            let mut response =
                self.control(area, name, below, request, now).unwrap_or_else(|error| error.into_response(now));
            CONTROL_CORS.allow(response.headers_mut());
            response
        });
        (response, Delivery::Whole, None)
    }

    fn control(
        &mut self,
        area: &str,
        name: &str,
        below: &str,
        request: &Request,
        now: UnixMillis,
    ) -> Result<Response, ApiError> {
        let invalid = |message: String| ApiError::new(StatusCode::BAD_REQUEST, "invalid_world", message);
        let not_found = |message: &str| Err(ApiError::new(StatusCode::NOT_FOUND, "not_found", message));
        match (area, name, request.method().as_str()) {
            ("worlds", "", "POST") => self.make_world(request.body(), now),
            ("worlds", name, method) => {
                let id = world_id(name);
                match (id.and_then(|id| self.worlds.get_mut(&id)), method) {
                    (None, _) => not_found("There is no such world: POST /emulator/worlds makes one."),
                    (Some(world), "GET") => Ok(ok(&world.report(now))),
                    (Some(world), "PATCH") => {
                        world.change(settings::read::<Change>(request.body()).map_err(invalid)?);
                        Ok(ok(&json!({})))
                    }
                    (Some(_), "DELETE") => {
                        self.worlds.remove(&id.unwrap_or_default());
                        Ok(ok(&json!({})))
                    }
                    _ => Err(ApiError::method_not_allowed(
                        "Use GET for the log, PATCH to add faults and DELETE to remove the world.",
                    )),
                }
            }
            ("sink", "", _) => not_found("A sink has a name: /emulator/sink/NAME."),
            ("sink", name, "GET") if below.is_empty() => Ok(ok(&self.sinks.list(name))),
            ("sink", ..) => Ok(ok(&json!({}))),
            ("people", "", "GET") => Ok(ok(&json!(DIRECTORY.people()))),
            _ => not_found("There are /emulator/worlds, /emulator/sink/NAME and /emulator/people."),
        }
    }

    fn make_world(&mut self, body: &[u8], now: UnixMillis) -> Result<Response, ApiError> {
        let invalid = |message: String| ApiError::new(StatusCode::BAD_REQUEST, "invalid_world", message);
        let settings = match body.trim_ascii() {
            [] => Settings::default(),
            body => Settings::from_json(body).map_err(invalid)?,
        };
        settings.check().map_err(invalid)?;
        self.worlds_made += 1;
        let world = World::new(settings, self.rng.u64(..), now);
        self.worlds.insert(self.worlds_made, world);
        let id = format!("w{}", self.worlds_made);
        let body = json!({ "id": id, "path": format!("/emulator/worlds/{id}") });
        Ok(envelope::json_response(StatusCode::CREATED, &body))
    }
}

fn world_id(name: &str) -> Option<u64> {
    name.strip_prefix('w')?.parse().ok()
}

fn ok(body: &Value) -> Response {
    envelope::json_response(StatusCode::OK, body)
}
