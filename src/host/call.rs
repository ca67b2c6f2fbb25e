//! `pkg-template/call.js`, as Rust sees it.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use web_sys::Response;

use crate::lookup::{Learning, Lookup, Pause, Plan, Schedule};
use crate::protocol::WaitHeaders;

#[wasm_bindgen(module = "/pkg-template/call.js")]
extern "C" {
    /// What is kept of one call between two events.
    pub type Call;

    /// Begins a call. All that can go wrong goes wrong inside an event, where it is caught.
    pub fn begin(task: i32, input: &JsValue, options: &JsValue, client: &JsValue) -> Promise;
    /// Takes this instance's exports, whose `handle` is given every event of every call, and the words that are known here
    /// by their numbers.
    pub fn register(exports: &JsValue, vocabulary: &JsValue);

    /// The answer to its request, if there is one.
    #[wasm_bindgen(method, getter)]
    pub fn response(this: &Call) -> Response;
    /// Whether there is one.
    pub fn answered(call: &Call) -> bool;

    /// Whether the call is about a job whose id is known.
    #[wasm_bindgen(js_name = knowsId)]
    pub fn knows_id(call: &Call) -> bool;
    /// Whether the caller wants updates.
    pub fn listening(call: &Call) -> bool;
    /// Lets the caller's signal abort the call. Returns whether it has done so already.
    pub fn listen(call: &Call) -> bool;

    /// Sets those limits that the caller has set.
    #[wasm_bindgen(js_name = setLimits)]
    fn set_limits(call: &Call, limits: &mut [f64]);
    /// How long ago the job was submitted, in ms; NaN if that is not known.
    fn age(call: &Call) -> f64;
    /// Gives out the state machine's numbers, and the client's. Returns whether the call has begun.
    fn load(call: &Call, state: &mut [f64], shared: &mut [f64]) -> bool;
    fn save(call: &Call, state: &[f64], shared: &[f64]);

    /// Ends what is under way and ticks after `ms`, or never if that is negative.
    pub fn next(call: &Call, ms: f64);
    /// Sets the timer of the present turn again.
    pub fn again(call: &Call, ms: f64);
    /// Sends the call's request.
    pub fn send(call: &Call);
    /// Whether the answer has a Retry-After.
    #[wasm_bindgen(js_name = asksToWait)]
    pub fn asks_to_wait(call: &Call) -> bool;
    #[wasm_bindgen(js_name = readWaitHeaders)]
    fn read_wait_headers(call: &Call, headers: &mut [f64]);

    /// From now on requests ask for the job of this id.
    #[wasm_bindgen(js_name = askFor)]
    pub fn ask_for(call: &Call, id: &JsValue);
    /// Calls the caller's listener with an update. No next poll is a negative time.
    pub fn tell(call: &Call, state: i32, status: &JsValue, polls: f64, elapsed: f64, next_poll_in: f64);
    /// Resolves with the `PhoneRequest` of a job that was submitted just now.
    #[wasm_bindgen(js_name = resolveRequest)]
    pub fn resolve_request(call: &Call);
    /// Resolves with a `PhoneStatus`.
    #[wasm_bindgen(js_name = resolveStatus)]
    pub fn resolve_status(
        call: &Call,
        state: i32,
        status: &JsValue,
        text: &JsValue,
        completed_on: &JsValue,
        poll_after: f64,
        data: &JsValue,
    );
    /// Rejects with the `NyneError` that `fields` make up, with these texts for its gaps.
    pub fn reject(call: &Call, fields: &[f64], text: &JsValue, code: &JsValue);
}

impl Call {
    /// The limits of the call, and the age of its job, in ms, if that is known.
    pub fn plan(&self) -> (Plan, Option<f64>) {
        let Plan { schedule, timeout, request_timeout, max_retries, max_polls } = Plan::default();
        let mut limits =
            [schedule.first_delay, schedule.max_delay, timeout, request_timeout, max_retries, max_polls];
        set_limits(self, &mut limits);
        let [first_delay, max_delay, timeout, request_timeout, max_retries, max_polls] = limits;
        let schedule = Schedule { first_delay, max_delay };
        let age = Some(age(self)).filter(|age| !age.is_nan());
        (Plan { schedule, timeout, request_timeout, max_retries, max_polls }, age)
    }

    /// Where the call stands, `None` before it has begun; and what the calls of its client share, which is nothing yet for
    /// one without a client.
    pub fn load(&self) -> (Option<Lookup>, Shared) {
        let mut state = [0.0; Lookup::SIZE];
        let mut shared = [0.0; Shared::SIZE];
        let begun = load(self, &mut state, &mut shared);
        let [pause, durations @ ..] = shared;
        (begun.then(|| Lookup::restore(state)), Shared { pause, learning: Learning::restore(durations) })
    }

    pub fn save(&self, lookup: &Lookup, shared: &Shared) {
        let mut values = [shared.pause; Shared::SIZE];
        let [_, durations @ ..] = &mut values;
        *durations = shared.learning.save();
        save(self, &lookup.save(), &values);
    }

    /// The answer's headers that ask to wait.
    pub fn wait_headers(&self) -> WaitHeaders {
        let mut headers = [f64::NAN; WaitHeaders::COUNT];
        read_wait_headers(self, &mut headers);
        let [retry_after, retry_at, rate_limit_reset, x_rate_limit_reset, date] = headers;
        WaitHeaders { retry_after, retry_at, rate_limit_reset, x_rate_limit_reset, date }
    }
}

/// What the calls of a client share. `createClient` makes the array of [`Shared::SIZE`] numbers for it.
pub struct Shared {
    pub pause: Pause,
    pub learning: Learning,
}

impl Shared {
    const SIZE: usize = 1 + Learning::SIZE;
}
