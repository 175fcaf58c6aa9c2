//! Every bound of the engine in one place, each with its unit and its reason.

use serde::{Deserialize, Serialize};

/// What one run may cost. The plan refuses whatever would pass a bound, before pixel memory is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of a source file. A 108-megapixel JPEG has about 20 to 40 MB, an 8K PNG about 60 MB.
    pub source_bytes: u64,
    /// Pixels (width x height) that a source's header may claim; keeps header bombs out before any decoder starts.
    pub source_pixels: u64,
    /// Pixels of a source's longer side. JPEG ends at 65,535.
    pub source_side: u32,
    /// Bytes of an embedded colour profile, after inflation. Matrix profiles have under 4 KB, printer tables up to 2 MB.
    pub profile_bytes: usize,
    /// Scans of one JPEG file. Encoders write at most a dozen; files made to waste time write thousands.
    pub jpeg_scans: usize,
    /// Outputs of one recipe.
    pub outputs: usize,
    /// Pixels of an output's longer side. JPEG encoders end at 65,535, WebP at 16,383.
    pub output_side: u32,
    /// Pixels of all outputs of one recipe together.
    pub output_pixels: u64,
    /// Peak working memory in bytes that a plan may ask for, beside the source's own bytes.
    pub memory: u64,
    /// Bytes of a receipt or recipe in JSON.
    pub json_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            source_bytes: 256 << 20,
            source_pixels: 1 << 29,
            source_side: 65_535,
            profile_bytes: 2 << 20,
            jpeg_scans: 100,
            outputs: 8,
            output_side: 16_383,
            output_pixels: 64 << 20,
            memory: 1 << 30,
            json_bytes: 64 << 10,
        }
    }
}
