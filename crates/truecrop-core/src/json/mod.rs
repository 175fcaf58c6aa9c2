//! JSON of the engine's own: it reads recipes, receipts and options by their serde derives, and writes the canonical
//! form (RFC 8785).
//!
//! Own code, because general crates bring tables and copies for every case: they were a third of what a browser had to
//! load for a JPEG. Numbers are exact both ways (see [`number`]), so every target reads and writes the same ones.

mod form;
pub mod number;
mod read;
mod tree;

pub use form::read;
pub use read::parse;
use tree::unused;
pub use tree::{Json, tree};

use serde::Serialize;
use serde::de::{Expected, Unexpected};
use std::fmt;

/// What is wrong with a text, or a value that JSON can not hold.
#[derive(Debug)]
pub struct Wrong {
    /// Where, as `outputs[0].width`; empty for the whole.
    place: String,
    what: String,
}

impl Wrong {
    #[cold]
    fn new(what: &str) -> Self {
        Self { place: String::new(), what: what.to_owned() }
    }

    /// The same, in a member or item of this name.
    #[cold]
    #[inline(never)]
    fn within(mut self, name: &str) -> Self {
        let joint = if self.place.is_empty() || self.place.starts_with('[') { "" } else { "." };
        self.place = [name, joint, &self.place].concat();
        self
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joint = if self.place.is_empty() { "" } else { ": " };
        f.write_str(&[&self.place, joint, &self.what].concat())
    }
}

impl std::error::Error for Wrong {}

impl serde::ser::Error for Wrong {
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self::new(&what.to_string())
    }
}

// As serde's sentences, but for numbers: to print those of a wrong type would bring the code for it.
impl serde::de::Error for Wrong {
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
        Self::new(&format!("a list of {length}, expected {expected}"))
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
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "a whole number",
        Unexpected::Float(_) => "a number",
        Unexpected::Str(_) | Unexpected::Char(_) => "a text",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::Seq => "a list",
        Unexpected::Map => "an object",
        _ => "something else",
    }
}

/// RFC 8785 JSON of a value.
///
/// # Errors
/// [`Wrong`] for numbers that are not finite.
pub fn canonical<T: Serialize + ?Sized>(value: &T) -> Result<String, Wrong> {
    Ok(tree(value)?.canonical())
}

/// JSON of a value, with its members in their own order.
///
/// # Errors
/// As [`canonical`].
pub fn text<T: Serialize + ?Sized>(value: &T) -> Result<String, Wrong> {
    Ok(tree(value)?.to_text())
}

#[cfg(test)]
mod tests;
