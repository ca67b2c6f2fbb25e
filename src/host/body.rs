//! Bodies of unknown length, read chunk by chunk to their end or to the limit.

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::task::Poll;

use gloo_timers::future::TimeoutFuture;
use js_sys::{Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::call::{self, Call};
use super::event::{BODY, BROKEN};
use crate::protocol::MAX_BODY;

#[wasm_bindgen]
extern "C" {
    /// A stream may be the caller's own: whatever it throws must not end up in the middle of a future.
    pub type Stream;
    #[wasm_bindgen(method, catch, js_name = getReader)]
    fn get_reader(this: &Stream) -> Result<Reader, JsValue>;

    type Reader;
    #[wasm_bindgen(method, catch)]
    fn read(this: &Reader) -> Result<Promise, JsValue>;

    type Chunk;
    #[wasm_bindgen(method, getter, catch)]
    fn done(this: &Chunk) -> Result<bool, JsValue>;
    #[wasm_bindgen(method, getter, catch)]
    fn value(this: &Chunk) -> Result<JsValue, JsValue>;
}

/// More reads than this under way, and the instance is replaced for all that comes after. A read is the one thing an
/// instance holds between two events, and one that a Worker abandons is never ended: so what those hold is bounded.
const MOST_READS: u32 = 1024;

thread_local! {
    static READS: Cell<u32> = const { Cell::new(0) };
}

/// Reads `stream` and enters with its text, or with `null` if it is larger than the limit. `limit` is for how long, in ms,
/// where nothing else bounds it.
///
/// # Errors
/// What the stream threw, as one does that is being read already.
pub fn read(call: &Call, stream: &Stream, limit: Option<u32>) -> Result<(), JsValue> {
    let reader = stream.get_reader()?;
    call.set_reader(&reader);
    // Made here and not in the task: in a host without timers it throws, and here that ends the event and nothing else.
    let mut limit = limit.map(TimeoutFuture::new);
    let (call, turn) = (call.clone(), call.turn());
    READS.with(|reads| {
        reads.set(reads.get() + 1);
        if reads.get() > MOST_READS {
            call::retire();
        }
    });
    spawn_local(async move {
        let mut body = pin!(read_all(&reader, &call, turn));
        let result = std::future::poll_fn(|context| {
            let late = limit.as_mut().is_some_and(|limit| pin!(limit).poll(context).is_ready());
            match body.as_mut().poll(context) {
                Poll::Pending if late => Poll::Ready(Err(JsValue::from_str("it did not arrive in time"))),
                result => result,
            }
        })
        .await;
        READS.with(|reads| reads.set(reads.get().wrapping_sub(1)));
        match result {
            Ok(body) => call::enter_at(&call, BODY, &body, turn),
            Err(error) => call::enter_at(&call, BROKEN, &error, turn),
        }
    });
    Ok(())
}

async fn read_all(reader: &Reader, call: &Call, turn: u32) -> Result<JsValue, JsValue> {
    let mut bytes = Vec::new();
    let mut rest = MAX_BODY;
    loop {
        let chunk: Chunk = JsFuture::from(reader.read()?).await?.unchecked_into();
        // A stream of the caller's own may go on after it was cancelled.
        if chunk.done()? || call.turn() != turn {
            return Ok(call::decode(&bytes));
        }
        let bytes_of_chunk = chunk.value()?;
        if !bytes_of_chunk.is_object() {
            return Err(JsValue::from_str("the body does not consist of bytes"));
        }
        // A copy, since the chunk may come from another realm, where it is no Uint8Array of this one.
        let chunk = Uint8Array::new(&bytes_of_chunk);
        // An empty chunk counts too: a stream of nothing else would let nothing else run.
        let Some(left) = rest.checked_sub((chunk.length() as usize).max(1)) else {
            call::cancel(reader);
            return Ok(JsValue::NULL);
        };
        rest = left;
        bytes.extend_from_slice(&chunk.to_vec());
    }
}
