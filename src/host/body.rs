//! Bodies that the host cannot be trusted to read in one piece, read to their end or to a limit.

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::task::Poll;

use gloo_timers::future::TimeoutFuture;
use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::call::{self, Call};
use super::event::{BODY, BROKEN};
use crate::protocol::MAX_BODY;

#[wasm_bindgen]
extern "C" {
    pub type Stream;
    #[wasm_bindgen(method, catch, js_name = getReader)]
    fn get_reader(this: &Stream) -> Result<JsValue, JsValue>;
}

/// How long the sender of a callback may take for its body, in ms.
const CALLBACK_LIMIT: u32 = 15_000;

/// More reads than this under way, and the instance is replaced for all that comes after. A read is the one thing an
/// instance holds between two events, and one that a Worker abandons is never ended: so what those hold is bounded.
const MOST_READS: u32 = 1024;

thread_local! {
    static READS: Cell<u32> = const { Cell::new(0) };
}

/// Reads the body of the answer to the call's request. The timer of the exchange bounds it.
///
/// # Errors
/// What the stream threw, as one does that is being read already.
pub fn read_answer(call: &Call, stream: &Stream) -> Result<(), JsValue> {
    let reader = stream.get_reader()?;
    call.set_reader(&reader);
    let (of, turn) = (call.clone(), call.turn());
    spawn(call, async move { read_all(&reader, &of, turn).await });
    Ok(())
}

/// Reads the body of a callback. Its sender is anybody, and gets so much time and no more.
///
/// # Errors
/// What the stream threw.
pub fn read_callback(call: &Call, request: &JsValue, stream: Option<&Stream>) -> Result<(), JsValue> {
    // Made here and not in the task: in a host without timers it throws, and here that ends the event and nothing else.
    let mut limit = TimeoutFuture::new(CALLBACK_LIMIT);
    let reader = stream.map(Stream::get_reader).transpose()?;
    if let Some(reader) = &reader {
        call.set_reader(reader);
    }
    let (of, turn, request) = (call.clone(), call.turn(), request.clone());
    spawn(call, async move {
        let mut body = pin!(async {
            match &reader {
                Some(reader) => read_all(reader, &of, turn).await,
                None => JsFuture::from(call::text(&request)).await,
            }
        });
        std::future::poll_fn(|context| match body.as_mut().poll(context) {
            Poll::Pending if pin!(&mut limit).poll(context).is_ready() => {
                Poll::Ready(Err(JsValue::from_str("it did not arrive within 15 s")))
            }
            result => result,
        })
        .await
    });
    Ok(())
}

/// Enters with what `body` gives: a text, or `null` if it is larger than the limit.
fn spawn(call: &Call, body: impl Future<Output = Result<JsValue, JsValue>> + 'static) {
    let (call, turn) = (call.clone(), call.turn());
    READS.with(|reads| {
        reads.set(reads.get() + 1);
        if reads.get() > MOST_READS {
            call::retire();
        }
    });
    spawn_local(async move {
        let result = body.await;
        READS.with(|reads| reads.set(reads.get().wrapping_sub(1)));
        match result {
            Ok(body) => call::read_to(&call, BODY, &body, turn),
            Err(error) => call::read_to(&call, BROKEN, &error, turn),
        }
    });
}

async fn read_all(reader: &JsValue, call: &Call, turn: u32) -> Result<JsValue, JsValue> {
    let mut bytes = Vec::new();
    let mut rest = MAX_BODY;
    loop {
        let chunk = JsFuture::from(call::step(reader)).await?;
        // A stream of the caller's own may go on after it was cancelled.
        if chunk.is_undefined() || call.turn() != turn {
            return Ok(call::decode(&bytes));
        }
        let chunk: Uint8Array = chunk.unchecked_into();
        // An empty chunk counts for a thousand bytes: a stream of nothing else would let nothing else run.
        let weight = if chunk.length() == 0 { 1000 } else { chunk.length() as usize };
        let Some(left) = rest.checked_sub(weight) else {
            call::cancel(reader);
            return Ok(JsValue::NULL);
        };
        rest = left;
        bytes.extend_from_slice(&chunk.to_vec());
    }
}
