//! A JSON value, and how it is written.

use super::number;
use serde::ser::{Serialize, Serializer};
use std::fmt;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number without a sign or a fraction.
    Unsigned(u64),
    /// Any other number; always finite.
    Float(f64),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Value>),
    /// An object's names and values, in the order of the text; one name may stand twice.
    Object(Vec<(String, Value)>),
}

impl Value {
    /// The string, if the value is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = self { Some(text) } else { None }
    }

    /// Removes the member of this name.
    pub(crate) fn remove(&mut self, name: &str) {
        if let Value::Object(members) = self {
            members.retain(|(key, _)| key != name);
        }
    }

    /// Sorts members as RFC 8785 asks. Our names are ASCII, where its order by UTF-16 is the order of the bytes.
    fn sort(&mut self) {
        match self {
            Value::Array(items) => items.iter_mut().for_each(Value::sort),
            Value::Object(members) => {
                members.iter_mut().for_each(|(_, value)| value.sort());
                // insertion sort: objects have few members, and its code is small
                for end in 1..members.len() {
                    let mut at = end;
                    while at > 0 && members[at].0 < members[at - 1].0 {
                        members.swap(at, at - 1);
                        at -= 1;
                    }
                }
            }
            _ => {}
        }
    }

    /// RFC 8785 JSON.
    pub(crate) fn into_canonical_string(mut self) -> String {
        self.sort();
        self.to_json()
    }

    /// JSON without white space.
    pub(super) fn to_json(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Value::Null => out.push_str("null"),
            Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Value::Unsigned(value) => out.push_str(&value.to_string()),
            Value::Float(value) => out.push_str(&number::to_string(*value)),
            Value::String(text) => quote(text, out),
            Value::Array(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    out.push_str(if i > 0 { "," } else { "" });
                    item.write(out);
                }
                out.push(']');
            }
            Value::Object(members) => {
                out.push('{');
                for (i, (name, value)) in members.iter().enumerate() {
                    out.push_str(if i > 0 { "," } else { "" });
                    quote(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

impl fmt::Display for Value {
    /// JSON without white space.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}

/// Writes a string with the escapes of RFC 8785, 3.2.2.2.
fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            c if c < ' ' => {
                let digit = |v: u32| char::from_digit(v, 16).unwrap_or('0');
                out.push_str("\\u00");
                out.push(digit(c as u32 >> 4));
                out.push(digit(c as u32 & 15));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Unsigned(value) => serializer.serialize_u64(*value),
            Value::Float(value) => serializer.serialize_f64(*value),
            Value::String(text) => serializer.serialize_str(text),
            Value::Array(items) => serializer.collect_seq(items),
            Value::Object(members) => {
                serializer.collect_map(members.iter().map(|(name, value)| (name, value)))
            }
        }
    }
}

macro_rules! from_unsigned {
    ($($from:ty)*) => {$(
        impl From<$from> for Value {
            fn from(value: $from) -> Self {
                Value::Unsigned(value as u64)
            }
        }
    )*};
}

from_unsigned!(u8 u16 u32 u64 usize);

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Value::Array(items.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        u64::try_from(value).map_or(Value::Float(value.into()), Value::Unsigned)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        if value.is_finite() { Value::Float(value) } else { Value::Null }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::String(text)
    }
}

impl From<std::borrow::Cow<'_, str>> for Value {
    fn from(text: std::borrow::Cow<'_, str>) -> Self {
        Value::String(text.into_owned())
    }
}
