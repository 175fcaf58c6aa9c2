//! The name of every object in the store, and the stages of an upload's life.

use super::{Event, Id, RequestKey, UsedToken};
use object_store::path::Path;
use serde::Serialize;

/// The stage of an upload's life: the folder that its objects lie in. It only ever moves from pending to kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Uploaded and verified, waiting to be confirmed.
    Pending,
    /// Confirmed.
    Kept,
}

impl Stage {
    /// As in JSON, in the store's paths and in labels of metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Pending => "pending",
            Stage::Kept => "kept",
        }
    }
}

/// One object.
#[derive(Clone, Copy, Debug)]
pub enum Key<'a> {
    /// The manifest's key: whoever creates the object decides what becomes of the upload in this stage.
    Manifest(Stage, Id),
    /// The receipt as it was verified.
    Receipt(Stage, Id),
    /// One output, by its file name.
    Output(Stage, Id, &'a str),
    /// Says until when the source of a pending upload is awaited.
    AuditDeadline(Id, u64),
    /// Decides what has become of that.
    Audit(Id),
    /// The tombstone: while it is there, nothing of the upload is.
    Tombstone(Id),
    /// What was announced of an upload by way of the store; `Id` is that of the upload, not of a picture.
    Intent(Id),
    /// What became of it: whoever creates the object decides.
    Outcome(Id),
    /// An object that the client puts here itself.
    Incoming(Id, &'a str),
    /// A copy of it that the client cannot write, for one judgement.
    Frozen(Id, Id, &'a str),
    /// A request that may be sent again.
    Request(&'a RequestKey),
    /// Who has used a token.
    UsedToken(&'a UsedToken),
    /// When a used token expires.
    TokenExpiry(&'a UsedToken),
    /// Says that a request runs: the number tells those that came after others had died.
    Running(&'a RequestKey, u32),
    /// What the application is still to hear.
    Event(Event),
    /// Written and removed by [`Store::self_test`](super::Store::self_test) and by each sweep.
    SelfTest(Id),
}

impl Key<'_> {
    /// Its path in the store.
    pub fn path(&self) -> Path {
        match self {
            Key::Manifest(stage, id) => Self::folder(*stage, *id).join("manifest.json"),
            Key::Receipt(stage, id) => Self::folder(*stage, *id).join("receipt.json"),
            Key::Output(stage, id, file) => Self::folder(*stage, *id).join(*file),
            Key::AuditDeadline(id, deadline) => {
                Self::folder(Stage::Pending, *id).join(format!("audit-{deadline}"))
            }
            Key::Audit(id) => Self::folder(Stage::Pending, *id).join("audit"),
            Key::Tombstone(id) => Self::tombstones().join(id.to_string()),
            Key::Intent(id) => Self::intents().join(id.to_string()),
            Key::Outcome(id) => Self::outcomes().join(id.to_string()),
            Key::Incoming(id, file) => Self::incoming().join(id.to_string()).join(*file),
            Key::Frozen(id, judgement, file) => {
                Self::frozen().join(id.to_string()).join(judgement.to_string()).join(*file)
            }
            Key::Request(key) => Self::requests().join(key.to_string()),
            Key::UsedToken(token) => Self::used_tokens().join(token.to_string()).join("holder"),
            Key::TokenExpiry(token) => {
                Self::used_tokens().join(token.to_string()).join(format!("until-{}", token.expires()))
            }
            Key::Running(key, turn) => Self::running().join(key.to_string()).join(turn.to_string()),
            Key::Event(event) => Self::outbox().join(event.to_string()),
            Key::SelfTest(id) => Self::self_tests().join(id.to_string()),
        }
    }

    /// The deadline in the file name of a [`Key::AuditDeadline`], in seconds since 1970.
    pub fn deadline_in(file: &str) -> Option<u64> {
        file.strip_prefix("audit-")?.parse().ok()
    }

    /// The folder of an upload.
    pub fn folder(stage: Stage, id: Id) -> Path {
        Path::from_iter([stage.as_str().to_owned(), id.to_string()])
    }

    /// The folder of all uploads in a stage.
    pub fn stage(stage: Stage) -> Path {
        Path::from(stage.as_str())
    }

    /// The folder of all tombstones.
    pub fn tombstones() -> Path {
        Path::from("deleted")
    }

    /// The folder of what was announced.
    pub fn intents() -> Path {
        Path::from("intents")
    }

    /// The folder of what became of that.
    pub fn outcomes() -> Path {
        Path::from("outcomes")
    }

    /// The folder that clients write to.
    pub fn incoming() -> Path {
        Path::from("incoming")
    }

    /// The folder of copies that clients cannot write.
    pub fn frozen() -> Path {
        Path::from("frozen")
    }

    /// Whether a path is that of a copy that clients cannot write.
    pub fn is_frozen(path: &Path) -> bool {
        path.prefix_matches(&Self::frozen())
    }

    /// The folder of all requests that may be sent again.
    pub fn requests() -> Path {
        Path::from("requests")
    }

    /// The folder of all requests that run.
    pub fn running() -> Path {
        Path::from("running")
    }

    /// The folder of all events that are still to be sent.
    pub fn outbox() -> Path {
        Path::from("outbox")
    }

    /// The folder of all used tokens.
    pub fn used_tokens() -> Path {
        Path::from("used")
    }

    /// The folder of the objects that only test the store.
    pub fn self_tests() -> Path {
        Path::from("self-test")
    }
}
