//! The core's errors as JavaScript's.

use serde::Serialize;
use serde::de::DeserializeOwned;
use truecrop_core::{Code, Error, json};
use wasm_bindgen::prelude::*;

/// The result of exported functions: what they throw is made by [`js_error`].
pub type JsResult<T> = Result<T, JsValue>;

/// A JavaScript `Error` named `TruecropError`, with the members of the core's error.
pub fn js_error(error: Error) -> JsValue {
    let thrown = js_sys::Error::new(error.detail());
    thrown.set_name("TruecropError");
    let members = json::to_string(&error).ok().and_then(|json| js_sys::JSON::parse(&json).ok());
    if let Some(members) = members {
        js_sys::Object::assign(&thrown, members.unchecked_ref());
    }
    thrown.into()
}

/// Reads JSON from the page.
pub fn parse<T: DeserializeOwned>(text: &str, code: Code, field: &str) -> JsResult<T> {
    json::from_slice(text.as_bytes())
        .map_err(|e| js_error(Error::new(code, format!("The {field} cannot be read: {e}.")).at(field)))
}

/// Writes JSON for the page.
pub fn to_json<T: Serialize>(value: &T) -> JsResult<String> {
    json::to_string(value).map_err(|e| js_error(Error::new(Code::Internal, e.to_string())))
}
