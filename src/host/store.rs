//! The caller's store, from which an interrupted batch goes on.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Date, JsString, Promise};
use wasm_bindgen::prelude::*;

use super::calls::InFlight;
use super::caught::otherwise;
use super::driver::{Claiming, Ended, OnAnswer, report};
use super::error::{self, member};
use super::exchange::Broken;
use super::promise::{Promises, ignore};
use super::values;
use crate::protocol::{Error, Failure, Secrets, Submitted, Value, check_id};

#[wasm_bindgen]
extern "C" {
    #[derive(Clone)]
    type AnyStore;
    #[wasm_bindgen(method, catch)]
    fn get(this: &AnyStore, key: &JsString) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn set(this: &AnyStore, key: &JsString, claim: &JsValue) -> Result<JsValue, JsValue>;
}

/// What is known of a query that an earlier run has claimed.
pub struct Claim {
    /// The job's id, unless that run broke off before it knew.
    pub id: Option<String>,
    /// When the job was submitted, as the store has it, and how long ago that was, in ms.
    pub submitted_at: Option<JsValue>,
    pub age: Option<f64>,
    /// The result, once there was one.
    pub result: Option<JsValue>,
}

/// What this run has told the store of one lookup.
#[derive(Default)]
pub struct Noted {
    is_claimed: Cell<bool>,
    /// When the job was submitted.
    pub submitted_at: RefCell<Option<JsValue>>,
    /// What the store returned when it was told the id, or that there is none.
    pub pending: RefCell<Option<JsValue>>,
}

/// The store of one batch.
pub struct Store(AnyStore);

impl Store {
    pub fn new(store: JsValue) -> Store {
        Store(store.unchecked_into())
    }

    /// The claim under a key, if there is one.
    ///
    /// # Errors
    /// That the store failed. No text of the error repeats `secrets`.
    pub async fn get(&self, key: &JsString, promises: &Promises, secrets: &Secrets) -> Result<Option<Claim>, Ended> {
        let found = match self.0.get(key) {
            Ok(found) => promises.settle(&found).await,
            thrown => thrown,
        };
        let found = found.map_err(|thrown| failed("get", &thrown, secrets))?;
        if found.is_undefined() || found.is_null() {
            return Ok(None);
        }
        if !found.is_object() {
            return Err(failed("get", &"it gave no claim".into(), secrets));
        }
        let id = member(&found, "requestId").and_then(|id| id.exact_text()).filter(|id| check_id(id));
        let submitted_at = member(&found, "submittedAt").filter(JsValue::is_string);
        let time = submitted_at.as_ref().and_then(|time| time.as_string());
        let age = time.map(|time| Date::now() - Date::parse(&time)).filter(|age| !age.is_nan());
        Ok(Some(Claim { id, submitted_at, age, result: member(&found, "result").filter(is_result) }))
    }

    /// Keeps a claim; null takes it back.
    ///
    /// # Errors
    /// As [`Store::get`].
    pub async fn set(
        &self,
        key: &JsString,
        claim: &JsValue,
        promises: &Promises,
        secrets: &Secrets,
    ) -> Result<(), Ended> {
        set(&self.0, key, claim, promises).await.map_err(|thrown| failed("set", &thrown, secrets))
    }

    /// Claims a query before its submit.
    pub fn claiming(&self, key: &JsString, noted: &Rc<Noted>, call: &Rc<InFlight>, secrets: &Secrets) -> Claiming {
        let (store, key, noted, call, secrets) =
            (self.0.clone(), key.clone(), noted.clone(), call.clone(), secrets.clone());
        Rc::new(move || {
            let (store, key, noted, promises) = (store.clone(), key.clone(), noted.clone(), Promises::new(&call));
            let secrets = secrets.clone();
            Box::pin(async move {
                // An earlier claim is taken back first, lest that undo this one.
                if let Some(pending) = noted.pending.take() {
                    let _ = promises.settle(&pending).await;
                }
                let claim = values::claim(&values::present(), None, &JsValue::NULL);
                // Whatever becomes of this call from now on, the store may have the claim.
                noted.is_claimed.set(true);
                set(&store, &key, &claim, &promises).await.map_err(|thrown| {
                    noted.is_claimed.set(false);
                    Broken(failure("set", &thrown, &secrets), thrown)
                })?;
                Ok(true)
            })
        })
    }

    /// Notes at once what the reply to a submit proves: the id of a job, or that there is none, which takes the claim back.
    pub fn noting(&self, key: &JsString, noted: &Rc<Noted>, secrets: &Secrets) -> OnAnswer {
        let (store, key, noted, secrets) = (self.0.clone(), key.clone(), noted.clone(), secrets.clone());
        Box::new(move |id| {
            let claim = match id {
                Some(id) => {
                    let now = values::present();
                    *noted.submitted_at.borrow_mut() = Some(now.clone());
                    values::claim(&now, Some(id), &JsValue::NULL)
                }
                None if noted.is_claimed.take() => JsValue::NULL,
                None => return,
            };
            match store.set(&key, &claim) {
                Ok(set) => {
                    // It may be rejected long before anyone waits for it.
                    if let Some(promise) = set.dyn_ref::<Promise>() {
                        ignore(|ignore| otherwise(promise, ignore));
                    }
                    *noted.pending.borrow_mut() = Some(set);
                }
                Err(thrown) => report_failure(&thrown, &secrets),
            }
        })
    }
}

async fn set(store: &AnyStore, key: &JsString, claim: &JsValue, promises: &Promises) -> Result<(), JsValue> {
    promises.settle(&store.set(key, claim)?).await.map(drop)
}

/// Returns true for what may be a `PhoneResult`.
fn is_result(value: &JsValue) -> bool {
    member(value, "state").is_some_and(|state| state == "completed")
}

/// Says in the console that the store did not keep what is known of a job.
pub fn report_failure(thrown: &JsValue, secrets: &Secrets) {
    report("nyne-phone-finder: the store failed; the lookup continues.", &error::copy(thrown, secrets));
}

/// A function of the store failed, and nothing was submitted.
fn failed(function: &str, thrown: &JsValue, secrets: &Secrets) -> Ended {
    let error = Error::new(failure(function, thrown, secrets), Submitted::No);
    (Box::new(error), Some(error::copy(thrown, secrets)), None)
}

fn failure(function: &str, thrown: &JsValue, secrets: &Secrets) -> Failure {
    let reason = error::reason(thrown, secrets);
    Failure::Store(["options.store.", function, " failed: ", &reason].concat())
}
