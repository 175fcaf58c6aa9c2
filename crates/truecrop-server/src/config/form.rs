//! What may be in a form.

use serde::Deserialize;

/// The bounds of one form. Those of its pictures are in `upload_bytes` and in the limits of the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FormLimits {
    /// Most pictures.
    pub pictures: usize,
    /// Most bytes of a field that is no part of a picture.
    pub field_bytes: u64,
    /// Most bytes of all such fields together.
    pub fields_bytes: u64,
}

impl Default for FormLimits {
    fn default() -> Self {
        Self { pictures: 16, field_bytes: 64 << 10, fields_bytes: 256 << 10 }
    }
}
