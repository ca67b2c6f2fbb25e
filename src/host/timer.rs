//! Time: the clock, and one call's timer.

use std::cell::Cell;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use wasm_bindgen::prelude::*;

use super::calls::InFlight;
use super::navigator::is_worker;
use super::promise::ignore;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;

    #[wasm_bindgen(catch, js_name = setTimeout)]
    fn set_timeout(handler: &Closure<dyn FnMut(JsValue)>, ms: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue) -> Result<(), JsValue>;
}

/// The longest time that a host's timer can hold, in ms. A longer wait takes several timers.
const LONGEST: f64 = 2_147_483_647.0;

/// During a request in a Worker the host's timer fires at least this often, in ms: so a call shows that its host has not
/// forgotten it.
const HEARTBEAT: f64 = 2_000.0;

/// How far a host's clock and its timers may disagree, in ms: both are rounded.
const ROUNDING: f64 = 1.0;

thread_local! {
    /// The latest time that [`now`] gave or that a timer proved.
    static LATEST: Cell<f64> = const { Cell::new(0.0) };
    /// How far that is ahead of the host's clock, because the clock stood still or was set back.
    static AHEAD: Cell<f64> = const { Cell::new(0.0) };
    /// When the host's clock was set back: what it showed before, and what [`AHEAD`] was.
    static BEFORE: Cell<Option<(f64, f64)>> = const { Cell::new(None) };
}

/// A clock in ms that only goes forward, also when a test replaces the host's and gives it back.
pub fn now() -> f64 {
    let (clock, latest, ahead) = (performance_now(), LATEST.get(), AHEAD.get());
    let last = latest - ahead;
    match BEFORE.get() {
        _ if clock < last - ROUNDING => BEFORE.set(Some((last, ahead))),
        // The host has its own back. If it is the test's clock that came this far, its timers prove the time.
        Some((shown, ahead)) if clock >= shown => {
            BEFORE.set(None);
            AHEAD.set(ahead);
        }
        _ => {}
    }
    if clock + AHEAD.get() < latest - ROUNDING {
        AHEAD.set(latest - clock);
    }
    LATEST.set(latest.max(clock + AHEAD.get()));
    LATEST.get()
}

/// A timer that fired proves that its time has come, even if the clock disagrees: test clocks often move timers alone.
fn prove(time: f64) {
    let now = now();
    if time > now + ROUNDING {
        AHEAD.set(AHEAD.get() + time - now);
    }
    LATEST.set(now.max(time));
}

/// A timer of a call. Dropping it clears it.
pub struct Timer {
    call: Rc<InFlight>,
    /// The longest time that the host's timer is set to.
    longest: f64,
    /// When it is over, in the time of [`now`].
    due: f64,
    /// The host's timer, and when it fires: by `due`, and perhaps earlier.
    timeout: Option<(f64, Timeout)>,
    fired: Rc<Cell<bool>>,
}

impl Timer {
    /// A timer for waits.
    pub fn of_wait(call: &Rc<InFlight>) -> Timer {
        Timer { call: call.clone(), longest: LONGEST, due: f64::INFINITY, timeout: None, fired: Rc::default() }
    }

    /// A timer for requests.
    pub fn of_request(call: &Rc<InFlight>) -> Timer {
        Timer { longest: if is_worker() { HEARTBEAT } else { LONGEST }, ..Timer::of_wait(call) }
    }

    /// Sets the timer to `due`; infinite for never. A host's timer that fires before that is left alone: it is cheaper to
    /// let it fire and to wait for the rest.
    ///
    /// # Errors
    /// What the host threw: a Worker, for one, has no timers at its global scope.
    pub fn set(&mut self, due: f64) -> Result<(), JsValue> {
        self.due = due;
        if self.fired.take() {
            self.timeout = None;
        }
        match &self.timeout {
            Some((fires_at, _)) if *fires_at <= due && due.is_finite() => {
                self.call.expect_by(*fires_at);
                Ok(())
            }
            _ => self.start(),
        }
    }

    /// Clears the timer until it is set again.
    pub fn clear(&mut self) {
        self.timeout = None;
        self.fired.set(false);
    }

    /// Returns true once the time has come.
    ///
    /// # Errors
    /// As [`Timer::set`].
    pub fn is_over(&mut self) -> Result<bool, JsValue> {
        if !self.fired.take() {
            return Ok(false);
        }
        self.timeout = None;
        // The timer has proven how late it is.
        if LATEST.get() < self.due {
            self.start()?;
            return Ok(false);
        }
        Ok(true)
    }

    fn start(&mut self) -> Result<(), JsValue> {
        self.timeout = None;
        if self.due.is_infinite() {
            self.call.expect_by(f64::INFINITY);
            return Ok(());
        }
        let start = now();
        let ms = (self.due - start).ceil().clamp(0.0, self.longest);
        // gloo's timer traps where the host's throws, which would end every call of this instance.
        let probe = ignore(|ignore| set_timeout(ignore, ms))?;
        let _ = clear_timeout(&probe);

        let (fired, call) = (self.fired.clone(), self.call.clone());
        let fires_at = (start + ms).min(self.due);
        let timeout = Timeout::new(ms as u32, move || {
            prove(fires_at);
            fired.set(true);
            call.wake();
        });
        self.call.expect_by(fires_at);
        self.timeout = Some((fires_at, timeout));
        Ok(())
    }
}
