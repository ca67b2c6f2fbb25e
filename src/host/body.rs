//! Reads a body as text, up to 1 MiB.

use js_sys::{ArrayBuffer, JSON, JsString, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{ReadableStream, ReadableStreamDefaultReader};

use super::calls::InFlight;
use super::caught::otherwise;
use super::error::member;
use super::promise::{Promises, ignore};
use crate::protocol::{Defect, MAX_BODY};

#[wasm_bindgen]
extern "C" {
    /// A `TextDecoder` whose texts stay with JavaScript. That of web-sys gives a `String`: a body would be copied into the
    /// module and, for `JSON.parse`, out again.
    #[wasm_bindgen(js_name = TextDecoder)]
    pub type Decoder;
    #[wasm_bindgen(constructor, catch, js_class = "TextDecoder")]
    pub fn new() -> Result<Decoder, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub fn decode(this: &Decoder, bytes: &JsValue, options: &JsValue) -> Result<JsValue, JsValue>;

    /// A `Response` or `Request`, or what a caller takes for one: each of its members may throw, or be missing.
    pub type Source;
    #[wasm_bindgen(method, getter, catch)]
    fn body(this: &Source) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, js_name = text)]
    fn text_method(this: &Source) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn text(this: &Source) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn json(this: &Source) -> Result<JsValue, JsValue>;

    /// What a stream's reader gives.
    type Chunk;
    #[wasm_bindgen(method, getter, catch)]
    fn done(this: &Chunk) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch)]
    fn value(this: &Chunk) -> Result<JsValue, JsValue>;

    /// A stream and its reader may be of the caller's making, so their methods may throw.
    #[wasm_bindgen(extends = ReadableStream)]
    type Stream;
    #[wasm_bindgen(method, catch, js_name = getReader)]
    fn get_reader(this: &Stream) -> Result<Reader, JsValue>;

    #[wasm_bindgen(extends = ReadableStreamDefaultReader)]
    type Reader;
    #[wasm_bindgen(method, catch)]
    fn read(this: &Reader) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn cancel(this: &Reader) -> Result<JsValue, JsValue>;
}

/// Why there is no text.
pub enum Unread {
    /// What came is not a text within the limit.
    Defect(Defect),
    /// The body broke off. Says what was thrown.
    Thrown(JsValue),
}

impl From<JsValue> for Unread {
    fn from(thrown: JsValue) -> Unread {
        Unread::Thrown(thrown)
    }
}

/// Reads the body of `source`. The host reads it in one piece if `is_short`, or if it has no stream that could be read in
/// pieces.
pub async fn read(source: &Source, is_short: bool, promises: &Promises, call: &InFlight) -> Result<JsString, Unread> {
    let has_text = source.text_method().is_ok_and(|text| text.is_function());
    let body = if is_short && has_text { JsValue::UNDEFINED } else { source.body().unwrap_or_default() };
    if member(&body, "getReader").is_some() {
        match body.unchecked_ref::<Stream>().get_reader() {
            Ok(reader) => return read_stream(reader, promises, call).await,
            Err(thrown) if !has_text => return Err(thrown.into()),
            // Somebody reads it already. A mock's `text()` may give the body all the same.
            Err(_) => {}
        }
    }
    let text = if has_text {
        promises.settle(&source.text()?).await?
    } else if let Ok(json) = source.json() {
        JSON::stringify(&promises.settle(&json).await?)?.into()
    } else if let Some(text) = plain(&body) {
        text.into()
    } else {
        return Err(Unread::Defect(Defect::NotAResponse("it has neither text() nor json()")));
    };
    let Ok(text) = text.dyn_into::<JsString>() else {
        return Err(Unread::Defect(Defect::NotAResponse("its text() gives no text")));
    };
    if text.length() as usize > MAX_BODY { Err(Unread::Defect(Defect::TooLarge)) } else { Ok(text) }
}

/// A body that is there already: a text, or bytes of any kind and realm.
pub fn plain(body: &JsValue) -> Option<JsString> {
    if let Some(text) = body.dyn_ref::<JsString>() {
        return Some(text.clone());
    }
    member(body, "byteLength")?;
    Decoder::new().and_then(|decoder| decoder.decode(body, &JsValue::UNDEFINED)).ok()?.dyn_into().ok()
}

async fn read_stream(reader: Reader, promises: &Promises, call: &InFlight) -> Result<JsString, Unread> {
    let mut reading = Reading { reader, call, done: false };
    let decoder = Decoder::new()?;
    let more = Object::new();
    Reflect::set(&more, &"stream".into(), &true.into())?;
    let mut text = JsString::from("");
    let mut size = 0;
    loop {
        let chunk: Chunk = promises.settle(&reading.reader.read()?).await?.unchecked_into();
        if chunk.done()?.is_truthy() {
            reading.done = true;
            return Ok(text.concat(&decoder.decode(&JsValue::UNDEFINED, &JsValue::UNDEFINED)?));
        }
        let bytes = chunk.value()?;
        if !ArrayBuffer::is_view(&bytes) {
            return Err(js_sys::TypeError::new("the body does not consist of bytes")
                .unchecked_into::<JsValue>()
                .into());
        }
        let bytes: Uint8Array = bytes.unchecked_into();
        // An empty chunk counts for a thousand bytes: a stream of nothing else would let nothing else run.
        let length = bytes.byte_length() as usize;
        size += if length == 0 { 1_000 } else { length };
        if size > MAX_BODY {
            return Err(Unread::Defect(Defect::TooLarge));
        }
        text = text.concat(&decoder.decode(&bytes, &more)?);
    }
}

/// A stream that is being read. Dropping it cancels what is left.
struct Reading<'a> {
    reader: Reader,
    call: &'a InFlight,
    done: bool,
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        if self.done || self.call.is_given_up() {
            return;
        }
        // The result of the cancel does not matter.
        if let Ok(cancelled) = self.reader.cancel()
            && let Some(cancelled) = cancelled.dyn_ref::<Promise>()
        {
            ignore(|ignore| otherwise(cancelled, ignore));
        }
    }
}
