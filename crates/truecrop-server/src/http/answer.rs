//! An upload as JSON.

use crate::store::{Manifest, State};
use serde::Serialize;
use truecrop_core::receipt::Digest;
use truecrop_core::verify::{Level, Verdict};

/// What clients see of an upload.
#[derive(Debug, Serialize)]
pub struct Image {
    id: String,
    state: State,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    level: Level,
    receipt: ReceiptLink,
    outputs: Vec<Output>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Verdict>,
}

#[derive(Debug, Serialize)]
struct ReceiptLink {
    url: String,
    digest: Digest,
}

#[derive(Debug, Serialize)]
struct Output {
    name: String,
    url: String,
    #[serde(rename = "type")]
    mime: &'static str,
    width: u32,
    height: u32,
    bytes: u64,
    digest: Digest,
}

impl Image {
    /// From what is stored.
    pub fn new(state: State, manifest: &Manifest) -> Self {
        let url = |name: &str| format!("/v1/images/{}/{name}", manifest.id);
        let outputs = manifest.outputs.iter().map(|o| Output {
            name: o.name.clone(),
            url: url(&o.name),
            mime: o.format.mime(),
            width: o.width,
            height: o.height,
            bytes: o.bytes,
            digest: o.digest,
        });
        Self {
            id: manifest.id.to_string(),
            state,
            created_at: manifest.created_at.clone(),
            expires_at: (state == State::Pending).then(|| manifest.expires_at.clone()),
            level: manifest.level,
            receipt: ReceiptLink { url: url("receipt"), digest: manifest.receipt },
            outputs: outputs.collect(),
            verdict: None,
        }
    }

    /// With what verification said.
    pub fn with_verdict(self, verdict: Verdict) -> Self {
        Self { verdict: Some(verdict), ..self }
    }
}
