//! `pkg-template/call.js`, as Rust sees it.

use std::cell::Cell;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use web_sys::Response;

use crate::lookup::{Learning, Lookup, Pause, Plan, Schedule};
use crate::protocol::WaitHeaders;

/// What `call.js` imports. wasm-bindgen's own output holds the files that an import here names, and no others.
#[allow(dead_code, reason = "to be named is all that they are here for")]
mod beside_call {
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen(module = "/pkg-template/arguments.js")]
    extern "C" {
        #[wasm_bindgen(js_name = isId)]
        fn is_id(value: &JsValue) -> bool;
    }

    #[wasm_bindgen(module = "/pkg-template/errors.js")]
    extern "C" {
        #[wasm_bindgen(js_name = isNyneError)]
        fn is_nyne_error(value: &JsValue) -> bool;
    }
}

#[wasm_bindgen(module = "/pkg-template/call.js")]
extern "C" {
    /// What is kept of one call between two events.
    pub type Call;

    /// Begins a call: reads its arguments, then enters with the first event.
    pub fn begin(task: i32, input: &JsValue, options: &JsValue, client: &JsValue) -> Promise;
    /// Takes this instance's exports, whose `handle` is given every event of every call; the words that are known here by
    /// their numbers; and where [`FRAME`] is in its memory.
    pub fn register(exports: &JsValue, vocabulary: &JsValue, frame: i32);

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

    /// Sets those limits in the frame that the caller has set.
    #[wasm_bindgen(js_name = setLimits)]
    fn set_limits(call: &Call);
    /// How long ago the job was submitted, in ms; NaN if that is not known.
    fn age(call: &Call) -> f64;
    /// Puts the state machine's numbers into the frame, and behind them the client's. Returns whether the call has begun.
    fn load(call: &Call) -> bool;
    /// Takes them out of it.
    fn save(call: &Call);
    /// The same, and begins the next turn: ends what is under way, and ticks after `ms`, or never if that is negative.
    fn next(call: &Call, ms: f64);
    /// Ends the call outside of its state machine.
    pub fn stop(call: &Call);

    /// Sets the timer of the present turn again.
    pub fn again(call: &Call, ms: f64);
    /// Sends the call's request.
    pub fn send(call: &Call);
    /// Whether the answer has a Retry-After.
    #[wasm_bindgen(js_name = asksToWait)]
    pub fn asks_to_wait(call: &Call) -> bool;
    /// Puts those of its headers that ask to wait into the frame.
    #[wasm_bindgen(js_name = readWaitHeaders)]
    fn read_wait_headers(call: &Call);

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
    /// Rejects with the `NyneError` that the numbers in the frame make up, with these texts for its gaps.
    fn reject(call: &Call, text: &JsValue, code: &JsValue);
}

/// Numbers on their way in or out. JavaScript knows where they are: a view of them for each crossing would be more garbage
/// than all else that a call leaves behind.
#[repr(C)]
struct Frame {
    /// The state machine's, or any others that go alone.
    state: Cell<[f64; Lookup::SIZE]>,
    /// The client's.
    shared: Cell<[f64; Shared::SIZE]>,
}

thread_local! {
    static FRAME: Frame =
        const { Frame { state: Cell::new([0.0; Lookup::SIZE]), shared: Cell::new([0.0; Shared::SIZE]) } };
}

/// The first numbers in the frame.
fn taken<const N: usize>() -> [f64; N] {
    FRAME.with(|frame| frame.state.get().first_chunk().copied().unwrap_or([0.0; N]))
}

fn put<const N: usize>(numbers: [f64; N]) {
    let mut state = [0.0; Lookup::SIZE];
    if let Some(first) = state.first_chunk_mut() {
        *first = numbers;
    }
    FRAME.with(|frame| frame.state.set(state));
}

fn put_all(lookup: &Lookup, shared: &Shared) {
    let mut values = [shared.pause; Shared::SIZE];
    let [_, durations @ ..] = &mut values;
    *durations = shared.learning.save();
    put(lookup.save());
    FRAME.with(|frame| frame.shared.set(values));
}

/// Registers this instance as the one that takes the events.
pub fn register_this(vocabulary: &JsValue) {
    register(&wasm_bindgen::exports(), vocabulary, FRAME.with(|frame| frame.state.as_ptr()) as i32);
}

impl Call {
    /// The limits of the call, and the age of its job, in ms, if that is known.
    pub fn plan(&self) -> (Plan, Option<f64>) {
        let Plan { schedule, timeout, request_timeout, max_retries, max_polls } = Plan::default();
        put([schedule.first_delay, schedule.max_delay, timeout, request_timeout, max_retries, max_polls]);
        set_limits(self);
        let age = Some(age(self)).filter(|age| !age.is_nan());
        let [first_delay, max_delay, timeout, request_timeout, max_retries, max_polls] = taken();
        let schedule = Schedule { first_delay, max_delay };
        (Plan { schedule, timeout, request_timeout, max_retries, max_polls }, age)
    }

    /// Where the call stands, `None` before it has begun; and what the calls of its client share.
    pub fn load(&self) -> (Option<Lookup>, Shared) {
        let begun = load(self);
        let [pause, durations @ ..] = FRAME.with(|frame| frame.shared.get());
        (begun.then(|| Lookup::restore(taken())), Shared { pause, learning: Learning::restore(durations) })
    }

    pub fn save(&self, lookup: &Lookup, shared: &Shared) {
        put_all(lookup, shared);
        save(self);
    }

    /// Saves, and begins the next turn.
    pub fn next(&self, lookup: &Lookup, shared: &Shared, ms: f64) {
        put_all(lookup, shared);
        next(self, ms);
    }

    /// The answer's headers that ask to wait.
    pub fn wait_headers(&self) -> WaitHeaders {
        read_wait_headers(self);
        let [retry_after, retry_at, rate_limit_reset, x_rate_limit_reset, date] = taken();
        WaitHeaders { retry_after, retry_at, rate_limit_reset, x_rate_limit_reset, date }
    }

    /// Rejects with an error made of these numbers, with these texts for its gaps.
    pub fn reject(&self, fields: [f64; 9], text: &JsValue, code: &JsValue) {
        put(fields);
        reject(self, text, code);
    }
}

/// What the calls of a client share. `clientOf` makes the array of [`Shared::SIZE`] numbers for it.
pub struct Shared {
    pub pause: Pause,
    pub learning: Learning,
}

impl Shared {
    const SIZE: usize = 1 + Learning::SIZE;
}
