//! Events: what the application is told of an upload. An event has one name, whoever writes it, so that a receiver knows those that
//! come twice.

use super::{Id, Manifest};
use serde_json::{Value, json};
use std::fmt;
use std::time::SystemTime;

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EventKind {
    /// An upload was verified and stored as pending.
    Accepted,
    /// It was confirmed.
    Confirmed,
    /// Nobody has confirmed it in time, or its source has not come: the sweep has ended it.
    Expired,
    /// Its source has disproved it, or has not come in time.
    AuditFailed,
}

/// An event of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Event {
    /// What has happened.
    pub kind: EventKind,
    /// To which upload.
    pub id: Id,
}

impl EventKind {
    const ALL: [Self; 4] = [Self::Accepted, Self::Confirmed, Self::Expired, Self::AuditFailed];

    /// As in the events themselves and in labels of metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            EventKind::Accepted => "upload.accepted",
            EventKind::Confirmed => "upload.confirmed",
            EventKind::Expired => "upload.expired",
            EventKind::AuditFailed => "audit.failed",
        }
    }
}

/// Its name in the store, and for the receiver: without a dot, which the signature puts between its parts.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.kind.as_str().replace('.', "-"), self.id)
    }
}

impl Event {
    pub(super) fn parse(name: &str) -> Option<Self> {
        let (_, id) = name.rsplit_once('-')?;
        let id = id.parse().ok()?;
        EventKind::ALL.map(|kind| Self { kind, id }).into_iter().find(|event| event.to_string() == name)
    }

    /// What the receiver is told. The manifest is missing where it cannot be read any more.
    pub(super) fn to_json(self, manifest: Option<&Manifest>, now: SystemTime) -> Value {
        let mut data = json!({ "id": self.id });
        if let Some(manifest) = manifest {
            let outputs = manifest.outputs.iter().map(|output| {
                json!({
                    "name": output.name, "width": output.width, "height": output.height,
                    "format": output.format, "bytes": output.bytes, "digest": output.digest,
                })
            });
            data["created_at"] = manifest.created_at.as_str().into();
            data["expires_at"] = manifest.expires_at.as_str().into();
            data["level"] = json!(manifest.level);
            data["receipt"] = json!(manifest.receipt);
            data["outputs"] = outputs.collect();
            if let Some(subject) = &manifest.subject {
                data["subject"] = subject.as_str().into();
            }
        }
        let time = humantime::format_rfc3339_millis(now).to_string();
        json!({ "type": self.kind.as_str(), "timestamp": time, "data": data })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_known_by_its_name() {
        let id = Id::random().unwrap();
        for kind in EventKind::ALL {
            let event = Event { kind, id };
            assert_eq!(Event::parse(&event.to_string()), Some(event));
            assert!(!event.to_string().contains('.'));
        }
        for name in ["", "x", "upload-accepted-", "upload-other-aaaaaaaaaaaaaaaaaaaaaaaaab", "-"] {
            assert_eq!(Event::parse(name), None, "{name}");
        }
    }
}
