//! The emulated service for JavaScript, with nothing added: a request and the time go in, an answer comes out.
//!
//! JavaScript supplies what the library leaves to others: the clock, the delivery of answers and that of callbacks. Answers,
//! tickets and callbacks are plain objects, in the library's own form.

use http::StatusCode;
use js_sys::Uint8Array;
use nyne_emulator::Settings;
use serde::Serialize;
use wasm_bindgen::prelude::*;

/// See [`nyne_emulator::Emulator`].
#[wasm_bindgen]
pub struct Emulator(nyne_emulator::Emulator);

#[derive(Serialize)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    body: Uint8Array,
    delivery: nyne_emulator::Delivery,
    ticket: Option<nyne_emulator::Ticket>,
}

#[wasm_bindgen]
impl Emulator {
    /// `settings` are those of the main service, as JSON.
    ///
    /// # Errors
    /// Says what is wrong with the settings.
    #[wasm_bindgen(constructor)]
    pub fn new(settings: &str, seed: f64) -> Result<Emulator, JsError> {
        Settings::from_json(settings.as_bytes())
            .and_then(|settings| nyne_emulator::Emulator::new(settings, seed as u64))
            .map(Emulator)
            .map_err(|reason| JsError::new(&reason))
    }

    /// `headers` are pairs of a name and a value; `now` is in Unix milliseconds, as wherever a time is given.
    ///
    /// # Errors
    /// If the headers are no such pairs.
    pub fn answer(
        &mut self,
        method: &str,
        url: &str,
        headers: JsValue,
        body: Vec<u8>,
        now: f64,
    ) -> Result<JsValue, JsError> {
        let headers: Vec<(String, String)> = serde_wasm_bindgen::from_value(headers)?;
        let request = http::Request::builder().method(method).uri(url);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(name, latin1(value)));
        let answer = match request.body(body) {
            Ok(request) => self.0.answer(&request, now as u64),
            Err(_) => nyne_emulator::Answer::bad_request(),
        };
        let (head, body) = answer.response.into_parts();
        let headers = head.headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes())));
        Ok(serde_wasm_bindgen::to_value(&Answer {
            status: head.status.as_u16(),
            headers: headers.collect(),
            body: Uint8Array::from(&body[..]),
            delivery: answer.delivery,
            ticket: answer.ticket,
        })?)
    }

    /// To be told when the head of an answer has been sent.
    pub fn answered(&mut self, ticket: JsValue, status: u16) -> Result<(), JsError> {
        self.0.answered(serde_wasm_bindgen::from_value(ticket)?, StatusCode::from_u16(status)?);
        Ok(())
    }

    /// To be told when a client went away before its whole answer was sent.
    #[wasm_bindgen(js_name = closedEarly)]
    pub fn closed_early(&mut self, ticket: JsValue) -> Result<(), JsError> {
        self.0.closed_early(serde_wasm_bindgen::from_value(ticket)?);
        Ok(())
    }

    /// The callbacks that have become due since the last call.
    #[wasm_bindgen(js_name = dueCallbacks)]
    pub fn due_callbacks(&mut self, now: f64) -> Result<JsValue, JsError> {
        Ok(serde_wasm_bindgen::to_value(&self.0.due_callbacks(now as u64))?)
    }

    /// When callbacks may become due without a further request.
    #[wasm_bindgen(js_name = nextEnd)]
    pub fn next_end(&self) -> Option<f64> {
        self.0.next_end().map(|at| at as f64)
    }

    /// To be told how a try to deliver a callback went: its HTTP status, if it got one.
    #[wasm_bindgen(js_name = callbackTried)]
    pub fn callback_tried(&mut self, callback: JsValue, status: Option<u16>) -> Result<(), JsError> {
        self.0.callback_tried(&serde_wasm_bindgen::from_value(callback)?, status);
        Ok(())
    }
}

/// A header's bytes, which JavaScript has as one character each.
fn latin1(value: &str) -> Vec<u8> {
    value.chars().map(|character| character as u8).collect()
}

fn text(value: &[u8]) -> String {
    value.iter().copied().map(char::from).collect()
}
