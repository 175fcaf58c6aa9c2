//! What is wrong with a JSON text, or with a value that JSON cannot hold.

use serde::de::{Expected, Unexpected};
use std::fmt;

/// Why a value cannot be read or written, and which member is at fault.
#[derive(Debug)]
pub struct Error(Box<Reason>);

/// Boxed, as results are passed through many functions.
#[derive(Debug)]
struct Reason {
    /// The member's path, as `outputs[0].width`; empty for the whole value.
    path: String,
    message: String,
}

impl Error {
    #[cold]
    pub(super) fn new(message: &str) -> Self {
        Self(Box::new(Reason { path: String::new(), message: message.to_owned() }))
    }

    /// The same error, seen from the object or array around it: `name` goes before the path.
    #[cold]
    #[inline(never)]
    pub(super) fn within(mut self, name: &str) -> Self {
        let path = &mut self.0.path;
        let joint = if path.is_empty() || path.starts_with('[') { "" } else { "." };
        *path = [name, joint, path].concat();
        self
    }
}

/// For the parts of serde's data model that no type of the engine uses.
#[cold]
pub(super) fn unsupported<T>() -> Result<T, Error> {
    Err(Error::new("this kind of value is not supported"))
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Reason { path, message } = &*self.0;
        let joint = if path.is_empty() { "" } else { ": " };
        f.write_str(&[path, joint, message].concat())
    }
}

impl std::error::Error for Error {}

impl serde::ser::Error for Error {
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self::new(&what.to_string())
    }
}

// serde's sentences, without a number's value: to print it takes more code.
impl serde::de::Error for Error {
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self::new(&what.to_string())
    }

    fn invalid_type(got: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(&format!("{}, expected {expected}", kind(got)))
    }

    fn invalid_value(got: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(got, expected)
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Self::new(&format!("an array of {length}, expected {expected}"))
    }

    fn unknown_variant(variant: &str, known: &'static [&'static str]) -> Self {
        Self::new(&["unknown value `", variant, "`, expected one of ", &known.join(", ")].concat())
    }

    fn unknown_field(field: &str, known: &'static [&'static str]) -> Self {
        Self::new(&["unknown field `", field, "`, expected one of ", &known.join(", ")].concat())
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(&["missing field `", field, "`"].concat())
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new(&["duplicate field `", field, "`"].concat())
    }
}

fn kind(got: Unexpected<'_>) -> &'static str {
    match got {
        Unexpected::Bool(_) => "a boolean",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "an integer",
        Unexpected::Float(_) => "a number",
        Unexpected::Str(_) | Unexpected::Char(_) => "a string",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::Seq => "an array",
        Unexpected::Map => "an object",
        _ => "something else",
    }
}
