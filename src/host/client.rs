//! What the calls of one client have in common.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::caught::random;
use super::error::{self, NyneError};
use super::options::{self, Options};
use crate::lookup::{Learning, Moment, Pause};
use crate::protocol::{Error, Peer, Secrets};

/// A client: default options, and what its calls share. A call without a client uses a fresh one.
#[derive(Default)]
pub struct Client {
    pub options: Options,
    pub shared: Rc<Shared>,
    defaults: JsValue,
}

impl Client {
    pub fn new(defaults: &JsValue) -> Result<Client, NyneError> {
        let read = || {
            let entries = if defaults.is_undefined() { Vec::new() } else { options::entries(defaults, "options")? };
            let mut options = Options::default();
            options.read(&entries)?;
            Ok(Client { options, shared: Rc::default(), defaults: options::object(&entries) })
        };
        read().map_err(|text| {
            error::new(&Error::invalid_argument(text, None), Peer::Nyne, &Secrets::default(), None, None)
        })
    }

    pub fn defaults(&self) -> JsValue {
        self.defaults.clone()
    }
}

/// What the calls of a client share.
#[derive(Default)]
pub struct Shared {
    pause: Cell<Pause>,
    learning: RefCell<Learning>,
}

impl Shared {
    /// Lets `act` use what is shared, at the time `now`.
    pub fn at<R>(&self, now: f64, act: impl FnOnce(&mut Moment) -> R) -> R {
        let mut pause = self.pause.get();
        let learning = &mut *self.learning.borrow_mut();
        let result = act(&mut Moment { now, random: random(), pause: &mut pause, learning });
        self.pause.set(pause);
        result
    }
}
