//! Numbers that may be written as text in JSON.

use crate::json;
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A number, or a string that holds one: Croppie writes its points as strings. Other strings become NaN, which no crop
/// accepts.
#[derive(Clone, Copy)]
pub(super) struct TextNumber(pub(super) f64);

impl Serialize for TextNumber {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(self.0)
    }
}

impl<'de> Deserialize<'de> for TextNumber {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(NumberVisitor)
    }
}

/// Written by hand, because the code derived for an untagged enum is larger than everything else here.
struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = TextNumber;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a number, or text that is one")
    }

    fn visit_f64<E>(self, value: f64) -> Result<TextNumber, E> {
        Ok(TextNumber(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<TextNumber, E> {
        Ok(TextNumber(value as f64))
    }

    fn visit_str<E>(self, text: &str) -> Result<TextNumber, E> {
        Ok(TextNumber(json::from_slice(text.trim().as_bytes()).unwrap_or(f64::NAN)))
    }
}
