//! Bodies, read to their end or to the limit.

use std::cell::Cell;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::Poll;

use gloo_timers::future::TimeoutFuture;
use js_sys::{Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::call::{self, Call};
use crate::protocol::MAX_BODY;

#[wasm_bindgen]
extern "C" {
    /// A response or a request: whatever has a body. Getters may be the caller's own code.
    pub type Carrier;
    #[wasm_bindgen(method, getter, catch)]
    pub fn status(this: &Carrier) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch)]
    pub fn headers(this: &Carrier) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, js_name = type)]
    fn kind(this: &Carrier) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch)]
    fn body(this: &Carrier) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn text(this: &Carrier) -> Result<JsValue, JsValue>;

    pub type HeaderList;
    #[wasm_bindgen(method, catch)]
    fn get(this: &HeaderList, name: &str) -> Result<JsValue, JsValue>;

    type Stream;
    #[wasm_bindgen(method, catch, js_name = getReader)]
    fn get_reader(this: &Stream) -> Result<Reader, JsValue>;

    type Reader;
    #[wasm_bindgen(method, catch)]
    fn read(this: &Reader) -> Result<Promise, JsValue>;

    type Chunk;
    #[wasm_bindgen(method, getter)]
    fn done(this: &Chunk) -> bool;
    #[wasm_bindgen(method, getter)]
    fn value(this: &Chunk) -> JsValue;
}

/// The header `name`, if there is one that the host shows.
pub fn header(carrier: &Carrier, name: &str) -> Option<String> {
    let headers = carrier.headers().ok().filter(JsValue::is_object)?;
    headers.unchecked_ref::<HeaderList>().get(name).ok()?.as_string()
}

/// More reads than this under way, and the instance is replaced for all that comes after. A read is the one thing an
/// instance holds between two events, and one that a Worker abandons is never ended: so what those hold is bounded.
const MOST_READS: u32 = 1024;

thread_local! {
    static READS: Cell<u32> = const { Cell::new(0) };
}

/// Reads the body of `carrier` and enters with it: a text, or `null` if it is larger than the limit. A failure enters
/// with the token after it. `limit` is for how long, in ms, where nothing else bounds it.
///
/// # Errors
/// What the carrier threw.
pub fn read(call: &Call, carrier: &Carrier, token: u32, limit: Option<u32>) -> Result<(), JsValue> {
    let stream = carrier.body()?;
    if limit.is_none() && (!stream.is_object() || is_short(carrier)) {
        call::follow(call, &carrier.text()?, token);
        return Ok(());
    }
    if !stream.is_object() {
        call::enter(call, token, &JsValue::from_str(""));
        return Ok(());
    }
    let reader = stream.unchecked_into::<Stream>().get_reader()?;
    call.set_reader(&reader);
    // Made here and not inside the task, where a host without timers would leave the task unfinished for ever.
    let limit = limit.map(TimeoutFuture::new);
    let call = call.clone();
    READS.with(|reads| {
        reads.set(reads.get() + 1);
        if reads.get() > MOST_READS {
            call::retire();
        }
    });
    spawn_local(async move {
        let result = within(limit, pin!(read_all(&reader))).await;
        READS.with(|reads| reads.set(reads.get().saturating_sub(1)));
        match result {
            Ok(body) => call::enter(&call, token, &body),
            Err(error) => call::enter(&call, token + 1, &error),
        }
    });
    Ok(())
}

/// Whether the body is known to end within the limit, so that the host may read it in one piece. That holds for a
/// declared length, unless the body is compressed; and where headers are hidden, nobody knows whether it is.
fn is_short(carrier: &Carrier) -> bool {
    let hidden = carrier.kind().ok().and_then(|kind| kind.as_string()).is_some_and(|kind| kind == "cors");
    let length = || header(carrier, "content-length")?.parse::<usize>().ok();
    !hidden && length().is_some_and(|length| length <= MAX_BODY) && header(carrier, "content-encoding").is_none()
}

async fn read_all(reader: &Reader) -> Result<JsValue, JsValue> {
    let mut bytes = Vec::new();
    loop {
        let chunk = JsFuture::from(reader.read()?).await?;
        let chunk: Chunk = chunk.unchecked_into();
        if chunk.done() {
            return Ok(JsValue::from_str(&String::from_utf8_lossy(&bytes)));
        }
        let chunk: Uint8Array = chunk.value().dyn_into()?;
        if bytes.len() + chunk.length() as usize > MAX_BODY {
            call::cancel(reader);
            return Ok(JsValue::NULL);
        }
        bytes.extend_from_slice(&chunk.to_vec());
    }
}

/// What `future` gives, or an error once `limit` is over.
async fn within<T>(
    limit: Option<TimeoutFuture>,
    mut future: Pin<&mut impl Future<Output = Result<T, JsValue>>>,
) -> Result<T, JsValue> {
    let Some(limit) = limit else {
        return future.await;
    };
    let mut limit = pin!(limit);
    std::future::poll_fn(|context| match (future.as_mut().poll(context), limit.as_mut().poll(context)) {
        (Poll::Ready(result), _) => Poll::Ready(result),
        (_, Poll::Ready(())) => Poll::Ready(Err(JsValue::from_str("it did not arrive in time"))),
        _ => Poll::Pending,
    })
    .await
}
