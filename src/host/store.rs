//! The caller's store, from which an interrupted batch goes on.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Date, JsString};
use wasm_bindgen::prelude::*;

use super::driver::{Ended, OnId, report};
use super::error::{self, member};
use super::promise::Promises;
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
    /// How long ago the job was submitted, in ms.
    pub age: Option<f64>,
    /// The result, once there was one.
    pub result: Option<JsValue>,
}

/// What the store returned when it was told an id.
pub type Noted = Rc<RefCell<Option<JsValue>>>;

/// The store of one batch.
pub struct Store(AnyStore);

impl Store {
    pub fn new(store: JsValue) -> Store {
        Store(store.unchecked_into())
    }

    /// The claim under a key, if there is one.
    ///
    /// # Errors
    /// That the store failed.
    pub async fn get(&self, key: &JsString, promises: &Promises) -> Result<Option<Claim>, Ended> {
        let found = match self.0.get(key) {
            Ok(found) => promises.settle(&found).await,
            thrown => thrown,
        };
        let found = found.map_err(|thrown| failed("get", thrown))?;
        if found.is_undefined() || found.is_null() {
            return Ok(None);
        }
        if !found.is_object() {
            return Err(failed("get", "it gave no claim".into()));
        }
        let id = member(&found, "requestId").and_then(|id| id.exact_text()).filter(|id| check_id(id));
        let submitted_at = member(&found, "submittedAt").and_then(|time| time.as_string());
        let age = submitted_at.map(|time| Date::now() - Date::parse(&time)).filter(|age| !age.is_nan());
        Ok(Some(Claim { id, age, result: member(&found, "result").filter(JsValue::is_object) }))
    }

    /// Keeps a claim; null takes it back.
    ///
    /// # Errors
    /// As [`Store::get`].
    pub async fn set(&self, key: &JsString, claim: &JsValue, promises: &Promises) -> Result<(), Ended> {
        let set = match self.0.set(key, claim) {
            Ok(set) => promises.settle(&set).await,
            thrown => thrown,
        };
        set.map(drop).map_err(|thrown| failed("set", thrown))
    }

    /// Notes the id of a job at once; `noted` gets what the store returned.
    pub fn noting(&self, key: &JsString, noted: &Noted) -> OnId {
        let (store, key, noted) = (self.0.clone(), key.clone(), noted.clone());
        Box::new(move |id| match store.set(&key, &values::claim(&values::present(), Some(id), &JsValue::NULL)) {
            Ok(set) => *noted.borrow_mut() = Some(set),
            Err(thrown) => report_failure(&thrown),
        })
    }
}

/// Says in the console that the store did not keep what is known of a job.
pub fn report_failure(thrown: &JsValue) {
    report("nyne-phone-finder: the store failed; the lookup continues.", thrown);
}

/// A function of the store failed, and nothing was submitted.
fn failed(function: &str, thrown: JsValue) -> Ended {
    let reason = thrown.as_string().unwrap_or_else(|| error::reason(&thrown, &Secrets::default()));
    let failure = Failure::Store(["options.store.", function, " failed: ", &reason].concat());
    (Box::new(Error::new(failure, Submitted::No)), Some(error::copy(&thrown, &Secrets::default())), None)
}
