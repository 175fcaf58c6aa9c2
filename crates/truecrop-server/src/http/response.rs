//! The JSON that describes an upload to clients.

use crate::store::{AuditState, Manifest, Stage};
use axum::http::Extensions;
use serde::Serialize;
use std::time::{Duration, UNIX_EPOCH};
use truecrop_core::receipt::Digest;
use truecrop_core::verify::{Level, Verdict};

/// What clients have to put before every path, such as `/prod` behind a stage of API Gateway. An extension of the request.
#[derive(Clone, Debug, Default)]
pub struct Mount(pub String);

impl Mount {
    /// That of a request.
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().cloned().unwrap_or_default()
    }

    /// The address of an upload.
    pub fn address(&self, manifest: &Manifest) -> String {
        format!("{}/v1/images/{}", self.0, manifest.id)
    }
}

/// An upload as clients see it.
#[derive(Debug, Serialize)]
pub struct UploadResponse {
    id: String,
    state: Stage,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    level: Level,
    receipt: ReceiptLink,
    outputs: Vec<Output>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audit: Option<Audit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Verdict>,
}

/// What is asked of an upload before it can be confirmed.
#[derive(Debug, Serialize)]
struct Audit {
    state: &'static str,
    deadline: String,
    /// Where the source is to be sent.
    source: String,
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

impl UploadResponse {
    /// From the stage and the manifest of a stored upload.
    pub fn new(stage: Stage, manifest: &Manifest, mount: &Mount) -> Self {
        let address = mount.address(manifest);
        let url = |name: &str| format!("{address}/{name}");
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
            state: stage,
            created_at: manifest.created_at.clone(),
            expires_at: (stage == Stage::Pending).then(|| manifest.expires_at.clone()),
            subject: None,
            level: manifest.level,
            receipt: ReceiptLink { url: url("receipt"), digest: manifest.receipt },
            outputs: outputs.collect(),
            audit: None,
            verdict: None,
        }
    }

    /// The same with who uploaded it.
    pub fn with_subject(self, manifest: &Manifest) -> Self {
        Self { subject: manifest.subject.clone(), ..self }
    }

    /// The same with its audit, where it has one.
    pub fn with_audit(self, manifest: &Manifest, state: AuditState, mount: &Mount) -> Self {
        let level = if let AuditState::Passed(level) = state { level } else { self.level };
        let audit = manifest.audit.map(|deadline| Audit {
            state: state.as_str(),
            deadline: rfc3339(deadline),
            source: format!("{}/source", mount.address(manifest)),
        });
        Self { level, audit, ..self }
    }

    /// The same with the verdict of its verification.
    pub fn with_verdict(self, verdict: Verdict) -> Self {
        Self { verdict: Some(verdict), ..self }
    }
}

/// A time in seconds since 1970; the last one that can be written for later ones.
fn rfc3339(seconds: u64) -> String {
    // The year 9999 ends.
    let time = UNIX_EPOCH + Duration::from_secs(seconds.min(253_402_300_799));
    humantime::format_rfc3339_seconds(time).to_string()
}
