//! How much an upload has to prove.

use serde::{Deserialize, Serialize};

/// How much is to be proved. A later one proves more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// From receipt and outputs alone.
    #[default]
    Result,
    /// The same, with the source's digest kept as a promise.
    Committed,
    /// By making the outputs again.
    Source,
}

impl Level {
    /// As in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Result => "result",
            Level::Committed => "committed",
            Level::Source => "source",
        }
    }
}
