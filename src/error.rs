//! The core's errors as JavaScript's.

use serde::Serialize;
use serde::de::DeserializeOwned;
use truecrop_core::{Code, Error, json};
use wasm_bindgen::prelude::*;

/// What exported functions return.
pub type JsResult<T> = Result<T, JsValue>;

/// An `Error` named `TruecropError` with the core error's members.
pub fn throw(error: Error) -> JsValue {
    let thrown = js_sys::Error::new(error.detail());
    thrown.set_name("TruecropError");
    let members = json::to_string(&error).ok().and_then(|json| js_sys::JSON::parse(&json).ok());
    if let Some(members) = members {
        js_sys::Object::assign(&thrown, members.unchecked_ref());
    }
    thrown.into()
}

/// JSON from the page.
pub fn parse<T: DeserializeOwned>(text: &str, code: Code, field: &str) -> JsResult<T> {
    json::from_slice(text.as_bytes())
        .map_err(|e| throw(Error::new(code, format!("The {field} can not be read: {e}.")).at(field)))
}

/// JSON for the page.
pub fn to_json<T: Serialize>(value: &T) -> JsResult<String> {
    json::to_string(value).map_err(|e| throw(Error::new(Code::Internal, e.to_string())))
}
