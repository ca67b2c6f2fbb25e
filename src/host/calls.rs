//! The calls in flight: what the guard needs to know of each, and the sweep of those that their host forgot.

use std::cell::{Cell, RefCell};
use std::ptr;
use std::rc::Rc;
use std::task::Waker;

use wasm_bindgen::prelude::*;
use web_sys::AbortController;

use super::navigator::is_worker;
use super::timer;
use crate::protocol::Submitted;

#[wasm_bindgen]
extern "C" {
    /// The guard's record of a call in flight. If the module ever traps, the guard rejects the call with what
    /// stands here.
    type Call;
    #[wasm_bindgen(method, setter, js_name = requestId)]
    fn set_request_id(this: &Call, id: &str);
    #[wasm_bindgen(method, setter)]
    fn set_submitted(this: &Call, submitted: &str);
    #[wasm_bindgen(method, setter)]
    fn set_controller(this: &Call, controller: &AbortController);
    /// The call is over.
    #[wasm_bindgen(method)]
    fn forget(this: &Call);
}

/// How often the calls are checked, in ms.
const INTERVAL: f64 = 2_000.0;

thread_local! {
    static CALLS: RefCell<Vec<Rc<InFlight>>> = const { RefCell::new(Vec::new()) };
    static SWEPT: Cell<f64> = const { Cell::new(0.0) };
}

/// One call in flight.
pub struct InFlight {
    record: Option<Call>,
    submitted: Cell<Submitted>,
    identified: Cell<bool>,
    waker: RefCell<Option<Waker>>,
    /// Where it stands in [`CALLS`].
    place: Cell<usize>,
    /// When its timer is due, in the time of [`timer::now`].
    due: Cell<f64>,
    /// It was overdue when the calls were last looked through.
    overdue: Cell<bool>,
    given_up: Cell<bool>,
    /// It must look again when it will be its turn.
    looks: Cell<bool>,
    /// The batch that it belongs to.
    batch: Option<Rc<InFlight>>,
}

/// Keeps a call among those in flight. Dropping it says that the call is over.
pub struct Registration(pub Rc<InFlight>);

impl Registration {
    /// Registers a call, and gives up the calls that their host forgot. `record` is the guard's, if there is one.
    pub fn new(record: JsValue) -> Registration {
        Registration::of_batch(record, None)
    }

    /// The same for a call that belongs to a batch, which is given up as a whole.
    pub fn of_batch(record: JsValue, batch: Option<Rc<InFlight>>) -> Registration {
        let call = Rc::new(InFlight {
            record: record.is_object().then(|| record.unchecked_into()),
            submitted: Cell::new(Submitted::No),
            identified: Cell::new(false),
            waker: RefCell::new(None),
            place: Cell::new(0),
            due: Cell::new(f64::INFINITY),
            overdue: Cell::new(false),
            given_up: Cell::new(false),
            looks: Cell::new(false),
            batch,
        });
        // Only a Worker forgets calls: it drops a request with all its promises and timers.
        if is_worker() {
            call.sweep();
            CALLS.with_borrow_mut(|calls| {
                call.place.set(calls.len());
                calls.push(call.clone());
            });
        }
        Registration(call)
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        if let Some(record) = &self.0.record {
            record.forget();
        }
        CALLS.with_borrow_mut(|calls| {
            let place = self.0.place.get();
            if calls.get(place).is_some_and(|call| Rc::ptr_eq(call, &self.0)) {
                calls.swap_remove(place);
                if let Some(moved) = calls.get(place) {
                    moved.place.set(place);
                }
            }
        });
    }
}

impl InFlight {
    /// Tells the guard what is known of the job.
    pub fn record(&self, submitted: Submitted, id: Option<&str>) {
        let is_new = self.submitted.replace(submitted) != submitted;
        let Some(record) = &self.record else { return };
        if is_new {
            record.set_submitted(submitted.name());
        }
        if let Some(id) = id
            && !self.identified.replace(true)
        {
            record.set_request_id(id);
        }
    }

    /// Whether a job may have been made, as the guard knows it.
    pub fn submitted(&self) -> Submitted {
        self.submitted.get()
    }

    /// Tells the guard what aborts the latest request.
    pub fn record_controller(&self, controller: &AbortController) {
        if let Some(record) = &self.record {
            record.set_controller(controller);
        }
    }

    /// Gives up each call that is overdue for the second time in a row. Once is not enough: after the host was suspended, all
    /// calls are overdue until their timers fire. This call lives, and so does its batch, however late its timers are.
    pub fn sweep(&self) {
        let now = timer::now();
        if now - SWEPT.with(Cell::get) < INTERVAL {
            return;
        }
        SWEPT.with(|swept| swept.set(now));
        CALLS.with_borrow(|calls| {
            for call in calls {
                let overdue = now > call.due.get() && !self.belongs_with(call);
                if call.overdue.replace(overdue) && overdue {
                    call.whole().given_up.set(true);
                    call.whole().wake();
                }
            }
        });
    }

    /// Returns true if both are parts of one batch, or one call. In a Worker that is one request, so either may continue the other.
    fn belongs_with(&self, other: &InFlight) -> bool {
        ptr::eq(self.whole(), other.whole())
    }

    /// The batch, or a call that belongs to none.
    fn whole(&self) -> &InFlight {
        self.batch.as_deref().unwrap_or(self)
    }

    /// Notes that the call expects an event by `due`.
    pub fn expect_by(&self, due: f64) {
        self.due.set(due);
        self.overdue.set(false);
    }

    /// Returns true if the host has forgotten the call: nothing of it will happen any more, and nobody waits for it.
    pub fn is_given_up(&self) -> bool {
        self.whole().given_up.get()
    }

    /// Sets the waker that [`InFlight::wake`] wakes.
    pub fn wake_with(&self, waker: &Waker) {
        self.waker.borrow_mut().clone_from(&Some(waker.clone()));
    }

    /// Polls the call again, if this host allows it to the call `by`: in a Worker, no request may continue the call of another
    /// one. There each call looks by itself.
    pub fn nudge(&self, by: &InFlight) {
        if !is_worker() || self.belongs_with(by) {
            self.wake();
        }
    }

    /// Lets the call look again when it will be its turn.
    pub fn look(&self, by: &InFlight) {
        self.looks.set(true);
        self.nudge(by);
    }

    /// Returns true, once, if the call must look again when it will be its turn.
    pub fn looks(&self) -> bool {
        self.looks.take()
    }

    /// Polls the call again.
    pub fn wake(&self) {
        if let Some(waker) = &*self.waker.borrow() {
            waker.wake_by_ref();
        }
    }
}
