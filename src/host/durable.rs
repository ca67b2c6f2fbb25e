//! A lookup that outlives its program: `advance` goes from one state, which is plain JSON, to the next.

use std::rc::Rc;

use js_sys::{Date, Function, JsString, Promise};
use wasm_bindgen::prelude::*;

use super::calls::InFlight;
use super::client::Client;
use super::context::Context;
use super::driver::{CallFuture, Claiming, Settled, Setup, run};
use super::error::{self, member};
use super::exchange::Broken;
use super::options::{self, Submission};
use super::promise::Promises;
use super::values::{self, End};
use crate::lookup::{Durable, Operation, Outcome, Progress, Stage};
use crate::protocol::{Error, Failure, Secrets, Submitted, Value, check_id, unknown_name};

/// The fields of a state.
const NAMES: [&str; 15] = [
    "state",
    "query",
    "key",
    "requestId",
    "submittedAt",
    "status",
    "submits",
    "polls",
    "failures",
    "pollAfter",
    "problem",
    "mobile",
    "completedOn",
    "error",
    "data",
];
const GUESSES: [(&str, &str); 2] = [("id", "requestId"), ("person", "query")];

pub fn advance(client: &Client, state: &JsValue, options: &JsValue, call: JsValue) -> Promise {
    run(call, &mut |flight| {
        let id = member(state, "requestId").and_then(|id| id.exact_text()).filter(|id| check_id(id));
        let wrong = |text: String| Error::invalid_argument(text, id.clone());
        let saved = Saved::read(state, id.clone()).map_err(wrong)?;
        if saved.durable.is_final() {
            let state = state.clone();
            return Ok(Box::pin(async { Ok(state) }));
        }
        let options = client.options.with(options).map_err(wrong)?;
        let context = Rc::new(Context::capture());
        let setup = Setup::of(&options, &client.shared, &context, &saved.submission.personal, flight);
        let mut setup = setup.map_err(wrong)?;
        setup.progress = Some(saved.durable.progress.clone());
        if let Some(id) = &id {
            flight.0.record(Submitted::Yes, Some(id));
        } else {
            const MISSING: &str = "Option claim is missing. Without it, a step that is run again would submit again.";
            let claim = options.claim().ok_or_else(|| wrong(MISSING.into()))?;
            let key = saved.durable.claim(&saved.key.as_string().unwrap_or_default());
            setup.claim = Some(claiming(claim, context, key, setup.secrets().clone(), &flight.0));
        }
        Ok(saved.advance(setup))
    })
}

/// Takes the caller's claim on `key`. A submit whose claim was taken before is not sent.
fn claiming(claim: Function, context: Rc<Context>, key: String, secrets: Secrets, call: &Rc<InFlight>) -> Claiming {
    let call = call.clone();
    Rc::new(move || {
        let (claim, context, key, secrets) = (claim.clone(), context.clone(), JsString::from(&*key), secrets.clone());
        let promises = Promises::new(&call);
        Box::pin(async move {
            let failed =
                |reason: &str, thrown| Broken(Failure::Store(["options.claim failed: ", reason].concat()), thrown);
            let taken = match context.call(&claim, &key, None) {
                Ok(taken) => promises.settle(&taken).await,
                thrown => thrown,
            };
            match taken.map(|taken| taken.as_bool()) {
                Ok(Some(taken)) => Ok(taken),
                Ok(None) => Err(failed("it gave neither true nor false", JsValue::UNDEFINED)),
                Err(thrown) => Err(failed(&error::reason(&thrown, &secrets), thrown)),
            }
        })
    })
}

/// A state that was read.
struct Saved {
    durable: Durable,
    query: JsValue,
    submission: Submission,
    /// Identifies the lookup, in its claims and for the caller.
    key: JsValue,
    submitted_at: JsValue,
    /// How long ago that was, in ms.
    age: Option<f64>,
}

impl Saved {
    /// Reads a state. `id` is its request id, if that can be used.
    ///
    /// # Errors
    /// What is wrong.
    fn read(state: &JsValue, id: Option<String>) -> Result<Saved, String> {
        for (name, _) in options::entries(state, "State")? {
            if !NAMES.contains(&&*name) {
                return Err(unknown_name("field of the state", &name, &NAMES, &GUESSES));
            }
        }
        let field = |name: &str| member(state, name);
        let text = |name: &str| field(name).and_then(|value| value.as_string());
        let query = field("query").ok_or("State needs a query.")?;
        let submission = options::read_query(&query)?;
        if field("requestId").is_some() && id.is_none() {
            return Err("State.requestId cannot be used: it must be the request id that Nyne gave.".into());
        }
        let key = field("key").unwrap_or_else(|| submission.key.clone().into());
        if key.exact_text().is_none_or(|key| !Durable::is_key(&key)) {
            return Err(
                "State.key must be a text that identifies this lookup, and must not end in # and a number.".into()
            );
        }
        let submitted_at = field("submittedAt").unwrap_or(JsValue::NULL);
        let age = submitted_at.as_string().map(|time| Date::now() - Date::parse(&time));
        if !submitted_at.is_null() && age.is_none_or(f64::is_nan) {
            return Err("State.submittedAt must be a date and time as text (ISO 8601).".into());
        }
        let count = |name: &str| {
            let number = field(name).map_or(Some(0.0), |number| number.as_f64());
            let number = number.filter(|number| number.fract() == 0.0 && (0.0..f64::from(u32::MAX)).contains(number));
            number.map(|number| number as u32).ok_or_else(|| ["State.", name, " must be a whole number."].concat())
        };
        let stage = match text("state").as_deref() {
            Some("pending") => Stage::Pending,
            None if field("state").is_none() => Stage::Pending,
            Some("completed") => Stage::Completed,
            Some("failed") => {
                let submitted = field("error").and_then(|error| member(&error, "submitted"));
                let none = submitted.is_some_and(|submitted| submitted == Submitted::No.name());
                Stage::Failed(if none { Submitted::No } else { Submitted::Unknown })
            }
            _ => return Err("State.state must be \"pending\", \"completed\" or \"failed\".".into()),
        };
        let progress = Progress {
            status: text("status").unwrap_or_default(),
            polls: count("polls")?,
            failures: count("failures")?,
        };
        let durable = Durable { id, submits: count("submits")?, progress, stage };
        Ok(Saved { durable, query, submission, key, submitted_at, age })
    }

    /// Sends the next request, and makes the next state.
    fn advance(self, setup: Setup) -> CallFuture {
        Box::pin(async move {
            let Durable { id, .. } = &self.durable;
            let body = id.is_none().then(|| self.submission.body.clone());
            let Settled { end, lookup } = setup.lookup(Operation::Advance, id.clone(), body, self.age).await;
            let next = self.durable.after(end.as_ref().map_err(|(error, ..)| &**error), &lookup);
            let end = match end {
                Ok(Outcome::Paused { after, problem }) => {
                    End::Pending { after, problem: problem.map(|error| setup.problem(&error)) }
                }
                Ok(Outcome::Job { job, .. }) => End::Completed(job),
                // `Operation::Advance` has no such outcome.
                Ok(Outcome::Request) => return Ok(JsValue::UNDEFINED),
                Err((error, cause, data)) => {
                    let thrown = setup.fail(&error, cause, data);
                    if next.is_none() {
                        return Err(thrown.into());
                    }
                    End::Failed(thrown.to_json(), member(&thrown, "data").unwrap_or(JsValue::NULL))
                }
            };
            Ok(self.state(&next.unwrap_or_default(), &end))
        })
    }

    fn state(&self, next: &Durable, end: &End) -> JsValue {
        let submitted_at = match &next.id {
            Some(_) if self.submitted_at.is_null() => values::present(),
            _ => self.submitted_at.clone(),
        };
        values::lookup_state([&self.query, &self.key, &submitted_at], next, end)
    }
}
