//! Masks as a policy writes them: `"ellipse"`, and `"none"` for outputs that have none.

use crate::recipe::Mask;
use serde::{Deserialize, Serialize};

/// What of an output's rectangle may be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutputMask {
    /// All of it.
    None,
    /// [`Mask::Ellipse`].
    Ellipse,
}

impl OutputMask {
    /// The name as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            OutputMask::None => "none",
            OutputMask::Ellipse => "ellipse",
        }
    }
}

impl From<Option<Mask>> for OutputMask {
    fn from(mask: Option<Mask>) -> Self {
        match mask {
            None => OutputMask::None,
            Some(Mask::Ellipse) => OutputMask::Ellipse,
        }
    }
}
