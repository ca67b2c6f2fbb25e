//! What the calls of one client have in common.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::calls::InFlight;
use super::caught::random;
use super::error::{self, NyneError};
use super::options::{self, Options};
use crate::lookup::{Budget, Learning, Moment, Ticket};
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
            let entries = if defaults.is_undefined() { Vec::new() } else { options::entries(defaults, "Options")? };
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
    budget: RefCell<Budget>,
    learning: RefCell<Learning>,
    /// The calls that wait for their turn.
    queue: RefCell<Vec<(Ticket, Rc<InFlight>)>>,
}

impl Shared {
    /// Lets `act` of the call `by` use what is shared, at the time `now`, and wakes the calls whose turn it is then. If it is
    /// nobody's, but a request has ended or a call has left the queue, the first in the queue looks when it will be.
    pub fn at<R>(&self, now: f64, by: &InFlight, act: impl FnOnce(&mut Moment) -> R) -> R {
        let (budget, learning) = (&mut *self.budget.borrow_mut(), &mut *self.learning.borrow_mut());
        let before = budget.busy();
        let result = act(&mut Moment { now, random: random(), budget, learning });
        budget.give(now, learning);
        let (open, queued) = budget.busy();
        if budget.given().is_empty()
            && (open < before.0 || queued < before.1)
            && let Some((_, call)) = self.queue.borrow().first()
        {
            call.look(by);
        }
        if !budget.given().is_empty() {
            self.queue.borrow_mut().retain(|(ticket, call)| {
                let waits = !budget.given().contains(ticket);
                if !waits {
                    call.nudge(by);
                }
                waits
            });
        }
        result
    }

    /// Adds a call to those that are woken when it is their turn. Returns when it must look by itself.
    pub fn queue(&self, ticket: Ticket, call: &Rc<InFlight>, now: f64) -> f64 {
        let budget = self.budget.borrow();
        let mut queue = self.queue.borrow_mut();
        // Whose turn has come is woken for it already.
        if !budget.given().contains(&ticket) && !queue.iter().any(|(other, _)| *other == ticket) {
            queue.push((ticket, call.clone()));
        }
        budget.look_at(ticket, now, &self.learning.borrow())
    }

    /// Removes a call from those that are woken.
    pub fn leave(&self, ticket: Ticket) {
        self.queue.borrow_mut().retain(|(other, _)| *other != ticket);
    }

    /// Begins a request, if it is the turn of `ticket`.
    pub fn claim(&self, ticket: Ticket) -> bool {
        self.budget.borrow_mut().claim(ticket)
    }
}
