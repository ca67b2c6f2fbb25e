//! Reading what the caller passed, without trusting any of it.

use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;

/// The named values of an object that are not `undefined`. `what` is its name in messages.
pub fn entries(object: &JsValue, what: &str) -> Result<Vec<(String, JsValue)>, String> {
    if !object.is_object() || Array::is_array(object) {
        return Err([what, " must be an object."].concat());
    }
    let mut entries = Vec::new();
    let Ok(keys) = Reflect::own_keys(object) else {
        return Err([what, " could not be read: it threw."].concat());
    };
    for key in keys.iter() {
        // What is no text is a symbol, and nobody's option.
        let Some(name) = key.as_string() else { continue };
        match Reflect::get(object, &key) {
            Ok(value) if value.is_undefined() => {}
            Ok(value) => entries.push((name, value)),
            Err(_) => return Err([what, ".", &name, " could not be read: its getter threw."].concat()),
        }
    }
    Ok(entries)
}

/// The number that `value` is, within `least..=most`.
pub fn number(name: &str, value: &JsValue, least: f64, most: f64, unit: &str) -> Result<f64, String> {
    // A NaN is in no range.
    let number = value.as_f64().filter(|number| (least..=most).contains(number));
    let infinite = if most == f64::INFINITY { " or Infinity" } else { "" };
    let smallest = if least == 0.0 { " (0 or more" } else { " (1 or more" };
    number.ok_or_else(|| ["options.", name, " must be ", unit, smallest, infinite, ")."].concat())
}

/// The same, for a count.
pub fn count(name: &str, value: &JsValue, least: f64) -> Result<f64, String> {
    let number = number(name, value, least, f64::INFINITY, "a whole number")?;
    if number.fract() == 0.0 || number.is_infinite() {
        Ok(number)
    } else {
        Err(["options.", name, " must be a whole number."].concat())
    }
}
