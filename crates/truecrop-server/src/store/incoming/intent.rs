//! What was announced of an upload, and what became of it: two small JSON objects in the store, each written once.

use crate::store::{Id, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};
use truecrop_core::policy::Policy;
use truecrop_core::receipt::Digest;
use truecrop_core::{Code, Error};

/// What a client has announced. Only what it says here can be stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intent {
    /// The upload's id: not that of a picture.
    pub id: Id,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339; from then on nothing can be put or completed.
    pub expires_at: String,
    /// The pictures.
    pub pictures: Vec<IntentPicture>,
    /// What the announcement was permitted.
    #[serde(default)]
    pub policy: Policy,
    /// Who has announced it, in the words of the application's token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

/// One picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntentPicture {
    /// Its name, as in a form.
    pub name: String,
    /// What the client says that it is.
    pub claim: Claimed,
    /// Each output that the client puts, by its name in the receipt.
    pub outputs: Vec<(String, Part)>,
    /// The photo that it is a crop of, where the client puts that too.
    pub source: Option<Part>,
}

/// Receipt or recipe, as canonical JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Claimed {
    /// The outputs were made by the client.
    Receipt(String),
    /// The outputs are to be made of the source.
    Recipe(String),
}

/// One object that the client is to put.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Its file name in the store.
    pub file: String,
    /// Its length.
    pub bytes: u64,
    /// Its media type.
    #[serde(rename = "type")]
    pub mime: String,
    /// Its digest; `None` where nothing promises it, as for a photo of which the server makes the outputs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
}

impl IntentPicture {
    /// Everything that the client is to put.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        self.outputs.iter().map(|(_, part)| part).chain(&self.source)
    }
}

/// What became of an upload. Decided once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The ids of its pictures, by their names.
    Stored(BTreeMap<String, Id>),
    /// It did not hold: the problem that the client is told.
    Refused(serde_json::Value),
    /// The client has given it up.
    Cancelled,
    /// Nobody has completed it in time.
    Expired,
}

impl Intent {
    /// An upload that begins now.
    ///
    /// # Errors
    /// [`Code::Io`] without random bytes, [`Code::InvalidOption`] for a `ttl` that no time can be told for.
    pub fn new(pictures: Vec<IntentPicture>, now: SystemTime, ttl: Duration) -> Result<Self> {
        let far =
            || Error::new(Code::InvalidOption, "ttl is too long: choose a shorter one.").at("uploads.ttl");
        let expires = now.checked_add(ttl).ok_or_else(far)?;
        let time = |t| humantime::format_rfc3339_seconds(t).to_string();
        let (created_at, expires_at) = (time(now), time(expires));
        let policy = Policy::default();
        Ok(Self { id: Id::random()?, created_at, expires_at, pictures, policy, subject: None })
    }

    /// Whether it is too late to put or to complete anything.
    pub fn has_expired(&self, now: SystemTime) -> bool {
        humantime::parse_rfc3339(&self.expires_at).is_ok_and(|end| end <= now)
    }

    /// When it is too late; long ago for a time that cannot be read.
    pub fn ends(&self) -> SystemTime {
        humantime::parse_rfc3339(&self.expires_at).unwrap_or(SystemTime::UNIX_EPOCH)
    }

    /// The bytes that the client is to put.
    pub fn bytes(&self) -> u64 {
        let parts = self.pictures.iter().flat_map(IntentPicture::parts);
        parts.fold(0, |sum, part| sum.saturating_add(part.bytes))
    }

    pub(super) fn to_json(&self) -> Result<String> {
        Ok(serde_json::to_string(self).map_err(|e| Error::new(Code::Internal, e.to_string()))?)
    }

    /// `None` for anything else than what was announced under this id.
    pub(super) fn from_json(json: &[u8], id: Id) -> Option<Self> {
        serde_json::from_slice(json).ok().filter(|intent: &Self| intent.id == id)
    }
}
