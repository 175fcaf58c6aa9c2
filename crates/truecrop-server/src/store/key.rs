//! The name of every object in the store, and the stages of an upload's life.

use super::Id;
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
    /// The tombstone: while it is there, nothing of the upload is.
    Tombstone(Id),
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
            Key::Tombstone(id) => Self::tombstones().join(id.to_string()),
            Key::SelfTest(id) => Self::self_tests().join(id.to_string()),
        }
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

    /// The folder of the objects that only test the store.
    pub fn self_tests() -> Path {
        Path::from("self-test")
    }
}
