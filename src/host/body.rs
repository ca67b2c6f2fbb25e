//! Bodies that the host cannot be trusted to read in one piece, read to their end or to a limit.

use std::cell::Cell;

use gloo_timers::callback::Timeout;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::call::{self, Call};
use super::event::UNREADABLE;

/// The largest body that is read, in bytes.
pub const LARGEST: u32 = 1 << 20;

/// How long the sender of a callback may take for its body, in ms.
const CALLBACK_LIMIT: u32 = 15_000;

/// More reads than this under way, and the instance is replaced for all that comes after. A read is the one thing an
/// instance holds between two events, and one that a Worker abandons is never ended: so what those hold is bounded.
const MOST_READS: u32 = 1024;

thread_local! {
    static READS: Cell<u32> = const { Cell::new(0) };
}

/// Reads the body of the answer to the call's request, which the timer of the exchange bounds; or of a callback, whose
/// sender is anybody and gets so much time and no more.
pub fn read(call: &Call, is_callback: bool) {
    let (call, turn) = (call.clone(), call.turn());
    let limit = is_callback.then(|| {
        let call = call.clone();
        let late = JsValue::from_str("it did not arrive within 15 s");
        Timeout::new(CALLBACK_LIMIT, move || call::read_to(&call, turn, false, &late))
    });
    READS.set(READS.get() + 1);
    if READS.get() > MOST_READS {
        call::retire();
    }
    spawn_local(async move {
        let result = read_all(&call, turn).await;
        drop(limit);
        READS.set(READS.get().saturating_sub(1));
        call::read_to(&call, turn, result.is_ok(), &result.err().unwrap_or_default());
    });
}

async fn read_all(call: &Call, turn: u32) -> Result<(), JsValue> {
    let mut rest = f64::from(LARGEST);
    // A stream of the caller's own may go on after it was cancelled.
    while let Some(bytes) = JsFuture::from(call::step(call)).await?.as_f64()
        && call.turn() == turn
    {
        // An empty chunk counts for a thousand bytes: a stream of nothing else would let nothing else run.
        rest -= if bytes == 0.0 { 1000.0 } else { bytes };
        if rest < 0.0 {
            call::enter(call, UNREADABLE, turn, &JsValue::from_str("the body is larger than 1 MiB"));
            break;
        }
    }
    Ok(())
}
