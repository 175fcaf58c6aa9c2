//! `Ignored`: what a file holds and the picture does not show.

use serde::{Deserialize, Serialize};

/// Something that a file holds and the picture does not show, as a word in receipts. Their order is that of the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ignored {
    /// `checksum`: the checksum of pixel data is wrong (PNG): what stands behind that data is missing.
    Checksum,
    /// `gain-map`: there is a gain map, by which displays of high dynamic range show the picture brighter. No output has it, because
    /// none asked for it, or because the map cannot be used.
    GainMap,
    /// `pages`: there are further pages.
    Pages,
    /// `profile`: the file says something of its colours (by an ICC profile or a PNG chunk) that could not be applied.
    Profile,
}

impl Ignored {
    /// The word in receipts.
    pub fn as_str(self) -> &'static str {
        match self {
            Ignored::Checksum => "checksum",
            Ignored::GainMap => "gain-map",
            Ignored::Pages => "pages",
            Ignored::Profile => "profile",
        }
    }
}
