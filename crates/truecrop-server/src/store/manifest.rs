//! What there is of an upload.

use super::Id;
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime};
use truecrop_core::receipt::Digest;
use truecrop_core::recipe::Format;
use truecrop_core::verify::{Level, Verified};
use truecrop_core::{Code, Error, Result};

/// The content of `manifest.json`. Immutable: it does not say the state, which is where it lies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The upload's name.
    pub id: Id,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339; a pending upload may be swept from then on.
    pub expires_at: String,
    /// The level that was proved.
    pub level: Level,
    /// The receipt's digest.
    pub receipt: Digest,
    /// In the receipt's order.
    pub outputs: Vec<StoredOutput>,
}

/// One stored output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredOutput {
    /// As in the receipt.
    pub name: String,
    /// The file's name in the store.
    pub file: String,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// The format.
    pub format: Format,
    /// The file's length.
    pub bytes: u64,
    /// Of the file.
    pub digest: Digest,
}

impl Manifest {
    pub(super) fn new(id: Id, verified: &Verified, now: SystemTime, ttl: Duration) -> Result<Self> {
        let far = || Error::new(Code::InvalidOption, "pending_ttl is too long.").at("pending_ttl");
        let expires = now.checked_add(ttl).ok_or_else(far)?;
        let time = |t| humantime::format_rfc3339_seconds(t).to_string();
        let outputs = verified.outputs().iter().map(|(facts, _)| StoredOutput {
            name: facts.name.clone(),
            file: format!("{}.{}", facts.name, facts.format.extension()),
            width: facts.width,
            height: facts.height,
            format: facts.format,
            bytes: facts.bytes,
            digest: facts.digest,
        });
        let (level, receipt) = (verified.level(), verified.receipt().digest);
        let outputs = outputs.collect();
        Ok(Self { id, created_at: time(now), expires_at: time(expires), level, receipt, outputs })
    }

    pub(super) fn to_json(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|e| Error::new(Code::Internal, e.to_string()))
    }

    pub(super) fn from_json(json: &[u8]) -> Result<Self> {
        serde_json::from_slice(json)
            .map_err(|e| Error::new(Code::Io, format!("A stored manifest is damaged: {e}.")))
    }
}
