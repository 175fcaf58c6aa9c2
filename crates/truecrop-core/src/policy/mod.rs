//! Rules that an application sets on top of the engine's limits: shapes, formats, sizes, enlargement. The server reads them from
//! its configuration, and from tokens that the application signs ([`Claims`]); `verify` applies them. docs/POLICY.md is the
//! normative text.
//!
//! | file | what |
//! | --- | --- |
//! | this one | [`Policy`], as it is read |
//! | `shapes`, `masks`, `level` | what its members are made of |
//! | `mistakes` | rules that make no sense |
//! | `join` | two policies at once |
//! | `check` | a receipt against a policy |
//! | `claims` | what a token says |

mod check;
mod claims;
mod join;
mod level;
mod masks;
mod mistakes;
mod shapes;
#[cfg(test)]
mod tests;

pub use claims::{Claims, Expected, MOST_CLAIM_BYTES, MOST_TOKEN_BYTES};
pub use level::Level;
pub use masks::OutputMask;
pub use shapes::{AspectRatio, ExactSize};

use crate::error::{Code, Error, Result};
use crate::recipe::Format;
use serde::{Deserialize, Serialize};

/// An application's rules; a missing rule allows everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Policy {
    /// Shapes that outputs may have, exactly: `["1:1", "16:9"]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aspects: Option<Vec<AspectRatio>>,
    /// Sizes that outputs may have, exactly: `["512x512"]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sizes: Option<Vec<ExactSize>>,
    /// Formats that outputs may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formats: Option<Vec<Format>>,
    /// Masks that outputs may have: `["ellipse"]` wants each output cut to an ellipse.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub masks: Option<Vec<OutputMask>>,
    /// Names that outputs may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_names: Option<Vec<String>>,
    /// Fewest pixels of an output's shorter side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_output_side: Option<u32>,
    /// Most pixels of an output's longer side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_side: Option<u32>,
    /// Most bytes of one output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_bytes: Option<u64>,
    /// Most outputs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_outputs: Option<usize>,
    /// Most pictures of one form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_pictures: Option<usize>,
    /// Most bytes of the source, as the receipt names them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_source_bytes: Option<u64>,
    /// Lowest quality that a JPEG or lossy WebP may be made with. Lossless outputs have none, and pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_quality: Option<u8>,
    /// Highest quality that a JPEG or lossy WebP may be made with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_quality: Option<u8>,
    /// Fewest source pixels of the crop's shorter side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_crop_side: Option<f64>,
    /// Most output pixels per source pixel along a side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_upscale: Option<f64>,
    /// Whether a crop may have another shape than its output, so that the picture is stretched. Allowed when missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_stretch: Option<bool>,
    /// Whether a background may show. Allowed when missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_background: Option<bool>,
    /// Whether the browser's own decoder may have read the source, so that nobody can make the outputs again. When missing, at level
    /// `result` alone, which proves nothing of any source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_platform: Option<bool>,
    /// Whether an output may have a gain map: a second picture in its file. Allowed when missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_hdr: Option<bool>,
    /// The least that an upload has to prove.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// The share of uploads at level `committed` that are asked for their source, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit: Option<f64>,
    /// Whether a token is good for one upload only; it needs a `jti` then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub once: Option<bool>,
}

impl Policy {
    /// Reads a policy from JSON.
    ///
    /// ```
    /// use truecrop_core::Code;
    /// use truecrop_core::policy::Policy;
    /// use truecrop_core::recipe::Format;
    ///
    /// let policy = Policy::from_json(br#"{"aspects": ["1:1", "16:9"], "formats": ["jpeg"]}"#)?;
    /// assert_eq!(policy.formats, Some(vec![Format::Jpeg]));
    /// // A misspelt rule is refused: it would allow everything.
    /// assert_eq!(Policy::from_json(br#"{"aspect": ["1:1"]}"#).unwrap_err().code(), Code::InvalidOption);
    /// # Ok::<(), truecrop_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Code::InvalidOption`] with the reason: for what cannot be read, and for the first of [`Policy::mistakes`].
    pub fn from_json(json: &[u8]) -> Result<Self> {
        let policy: Self = crate::json::from_slice(json).map_err(|e| {
            Error::new(Code::InvalidOption, format!("The policy cannot be read: {e}.")).at("policy")
        })?;
        match policy.mistakes().into_iter().next() {
            Some(mistake) => Err(mistake),
            None => Ok(policy),
        }
    }
}
