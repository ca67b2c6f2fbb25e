//! A lookup that outlives its program: `advance` goes from one state, which is plain JSON, to the next.

use std::rc::Rc;

use js_sys::{Date, Function, JsString, Promise};
use wasm_bindgen::prelude::*;

use super::calls::InFlight;
use super::client::Client;
use super::context::Context;
use super::driver::{CallFuture, Claiming, Setup, run};
use super::error::{self, member};
use super::exchange::Broken;
use super::options::{self, Submission};
use super::promise::Promises;
use super::values::{self, Stage, Standing};
use crate::lookup::{Operation, Outcome, Progress};
use crate::protocol::{Error, Failure, Secrets, Submitted, Value, check_id, decimal, unknown_name};

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
        if saved.is_final {
            let state = state.clone();
            return Ok(Box::pin(async { Ok(state) }));
        }
        let options = client.options.with(options).map_err(wrong)?;
        let context = Rc::new(Context::capture());
        let setup = Setup::of(&options, &client.shared, &context, &saved.submission.personal, flight);
        let mut setup = setup.map_err(wrong)?;
        setup.progress = Some(saved.progress.clone());
        if let Some(id) = &id {
            flight.0.record(Submitted::Yes, Some(id));
        } else {
            const MISSING: &str = "Option claim is missing. Without it, a step that is run again would submit again.";
            let claim = options.claim().ok_or_else(|| wrong(MISSING.into()))?;
            setup.claim = Some(claiming(claim, context, saved.claim_key(), setup.secrets().clone(), &flight.0));
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
                Ok(Some(true)) => Ok(()),
                Ok(Some(false)) => Err(Broken(Failure::Claimed, JsValue::UNDEFINED)),
                Ok(None) => Err(failed("it gave neither true nor false", JsValue::UNDEFINED)),
                Err(thrown) => Err(failed(&error::reason(&thrown, &secrets), thrown)),
            }
        })
    })
}

/// A state that was read.
struct Saved {
    query: JsValue,
    submission: Submission,
    /// Identifies the lookup, in its claims and for the caller.
    key: JsValue,
    id: Option<String>,
    submitted_at: JsValue,
    /// How long ago that was, in ms.
    age: Option<f64>,
    /// How often a submit was begun.
    submits: u32,
    progress: Progress,
    /// Nothing is left to do.
    is_final: bool,
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
        let query = field("query").ok_or("State needs a query.")?;
        let submission = options::read_query(&query)?;
        if field("requestId").is_some() && id.is_none() {
            return Err("State.requestId cannot be used: it must be the request id that Nyne gave.".into());
        }
        let key = field("key").unwrap_or_else(|| submission.key.clone().into());
        if key.exact_text().is_none_or(|key| key.is_empty()) {
            return Err("State.key must be a text that identifies this lookup.".into());
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
        let stage = field("state").and_then(|stage| stage.as_string());
        let (is_final, failures) = match stage.as_deref() {
            Some("completed") => (true, 0),
            // It goes on if the caller advances it all the same, save for a submit that may have made a job: that needs an id.
            Some("failed") => {
                let error = field("error").unwrap_or_default();
                let submitted = member(&error, "submitted").and_then(|submitted| submitted.as_string());
                (id.is_none() && submitted.as_deref() != Some(Submitted::No.name()), 0)
            }
            Some("pending") | None => (false, count("failures")?),
            Some(_) => return Err("State.state must be \"pending\", \"completed\" or \"failed\".".into()),
        };
        let status = field("status").and_then(|status| status.as_string());
        let status = status.unwrap_or_else(|| if id.is_some() { "queued" } else { "submitting" }.into());
        let (submits, polls) = (count("submits")?, count("polls")?);
        let progress = Progress { status, polls, failures };
        Ok(Saved { query, submission, key, id, submitted_at, age, submits, progress, is_final })
    }

    /// What the next submit claims. Each one has a claim of its own: if its step is run again, that is taken.
    fn claim_key(&self) -> String {
        let key = self.key.as_string().unwrap_or_default();
        if self.submits == 0 { key } else { [&key, "#", &decimal(f64::from(self.submits + 1))].concat() }
    }

    /// Sends the next request, and makes the next state.
    fn advance(self, setup: Setup) -> CallFuture {
        Box::pin(async move {
            let body = self.id.is_none().then(|| self.submission.body.clone());
            match setup.lookup(Operation::Advance, self.id.clone(), body, self.age).await {
                Ok((Outcome::Paused { after, progress, problem }, id)) => {
                    let problem = problem.map(|error| setup.problem(&error));
                    Ok(self.next(Some(id), progress, &Stage::Pending { after, problem }))
                }
                Ok((Outcome::Job { job, .. }, id)) => {
                    let progress = Progress { status: job.status.clone(), polls: self.polls(), failures: 0 };
                    Ok(self.next(Some(id), progress, &Stage::Completed(job)))
                }
                Ok((Outcome::Request, _)) => Ok(JsValue::UNDEFINED),
                Err((error, cause, data)) => {
                    let thrown = setup.fail(&error, cause, data);
                    match error.failure {
                        // The step can be run again: that has a claim of its own, or takes none.
                        Failure::Aborted | Failure::SignalTimeout | Failure::Host(_) | Failure::Store(_) => {
                            Err(thrown.into())
                        }
                        _ => Ok(self.next(error.request_id, self.progress.clone(), &Stage::Failed(thrown))),
                    }
                }
            }
        })
    }

    /// Successful polls, with one that has found the job finished.
    fn polls(&self) -> u32 {
        self.progress.polls + u32::from(self.id.is_some())
    }

    fn next(&self, id: Option<String>, progress: Progress, stage: &Stage) -> JsValue {
        let id = id.filter(|id| !id.is_empty());
        let submitted_at = match &id {
            Some(_) if self.submitted_at.is_null() => values::present(),
            _ => self.submitted_at.clone(),
        };
        let standing = Standing {
            query: &self.query,
            key: &self.key,
            id: id.as_deref(),
            submitted_at: &submitted_at,
            submits: self.submits + u32::from(self.id.is_none()),
            progress: &progress,
        };
        values::lookup_state(&standing, stage)
    }
}
