//! The manifest of an upload: its outputs with their digests, its level and its times.

use super::Id;
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime};
use truecrop_core::receipt::Digest;
use truecrop_core::recipe::Format;
use truecrop_core::verify::{Level, Verified};
use truecrop_core::{Code, Error, Result};

/// The content of `manifest.json`. Immutable: the stage is not in it, but in the path where it lies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The upload's id.
    pub id: Id,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339; a pending upload may be swept from then on.
    pub expires_at: String,
    /// Who uploaded it, in the words of the application's token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Until when its source is awaited, in seconds since 1970, where it is audited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<u64>,
    /// The level at which it was verified.
    pub level: Level,
    /// The receipt's digest.
    pub receipt: Digest,
    /// Digest of the file `receipt.json`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt_file: Option<Digest>,
    /// In the receipt's order.
    pub outputs: Vec<StoredOutput>,
}

/// What is known of an upload beside what was verified.
#[derive(Clone, Debug)]
pub struct About {
    /// Its id.
    pub id: Id,
    /// When it came.
    pub created: SystemTime,
    /// How long it may wait to be confirmed.
    pub ttl: Duration,
    /// Who uploaded it, in the application's words.
    pub subject: Option<String>,
    /// Until when its source is awaited, in seconds since 1970.
    pub audit: Option<u64>,
    /// Whether others may write the same upload at the same time: a client that has sent it again. Then what one of them has written
    /// stays when it fails.
    pub shared: bool,
}

impl About {
    /// A new id, from now on.
    ///
    /// # Errors
    /// As [`Id::random`].
    pub fn new(ttl: Duration) -> Result<Self> {
        Ok(Self {
            id: Id::random()?,
            created: SystemTime::now(),
            ttl,
            subject: None,
            audit: None,
            shared: false,
        })
    }
}

/// One stored output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredOutput {
    /// Its name in the receipt.
    pub name: String,
    /// The file name in the store.
    pub file: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The format.
    pub format: Format,
    /// Length of the file.
    pub bytes: u64,
    /// Digest of the file.
    pub digest: Digest,
}

impl Manifest {
    pub(super) fn new(verified: &Verified, about: &About) -> Result<Self> {
        let (now, ttl) = (about.created, about.ttl);
        let far = || {
            Error::new(Code::InvalidOption, "pending_ttl is too long: choose a shorter one.")
                .at("pending_ttl")
        };
        let expires = now.checked_add(ttl).ok_or_else(far)?;
        let time = |t| humantime::format_rfc3339_seconds(t).to_string();
        let outputs = verified.outputs().iter().map(|(facts, _)| StoredOutput {
            name: facts.name().to_owned(),
            file: format!("{}.{}", facts.name(), facts.format().extension()),
            width: facts.size().width,
            height: facts.size().height,
            format: facts.format(),
            bytes: facts.bytes(),
            digest: facts.digest(),
        });
        let (level, receipt) = (verified.level(), verified.receipt().digest());
        let receipt_file = Some(Digest::of(verified.receipt().to_json()?.as_bytes()));
        let (created_at, expires_at, outputs) = (time(now), time(expires), outputs.collect());
        let (id, subject) = (about.id, about.subject.clone());
        let audit = about.audit;
        Ok(Self { id, created_at, expires_at, subject, audit, level, receipt, receipt_file, outputs })
    }

    /// Whether both are of the same pictures under the same id: the receipt names all of them.
    pub(super) fn is_same_upload(&self, other: &Self) -> bool {
        (self.id, self.level, self.receipt, self.receipt_file)
            == (other.id, other.level, other.receipt, other.receipt_file)
    }

    pub(super) fn to_json(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|e| Error::new(Code::Internal, e.to_string()))
    }

    /// `None` for anything else than the manifest of this upload.
    pub(super) fn from_json(json: &[u8], id: Id) -> Option<Self> {
        serde_json::from_slice(json).ok().filter(|manifest: &Self| manifest.id == id)
    }
}
