//! JSON of the engine's own: it reads recipes, receipts and options by their serde derives, and writes the canonical
//! form (RFC 8785).
//!
//! Own code, because general crates bring tables and a copy of their code for each type: they were a third of what a
//! browser had to load for a JPEG. The modules are laid out as in `serde_json`; every text goes through a [`Value`], so
//! that the code made for each type stays small. Numbers are exact both ways (see [`number`]), so every target reads and
//! writes the same ones.

mod de;
mod error;
pub mod number;
mod parse;
mod ser;
mod value;

pub use de::from_slice;
pub use error::Error;
pub use parse::parse;
pub use ser::{to_canonical_string, to_string, to_value};
pub use value::Value;

#[cfg(test)]
mod tests;
