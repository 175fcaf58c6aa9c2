//! The name of every object that there is.

use super::Id;
use object_store::path::Path;
use serde::Serialize;

/// Where an upload stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Uploaded, waiting for its confirm.
    Pending,
    /// Confirmed.
    Kept,
}

impl State {
    fn folder(self) -> &'static str {
        match self {
            State::Pending => "pending",
            State::Kept => "kept",
        }
    }
}

/// One object.
#[derive(Clone, Copy, Debug)]
pub enum Key<'a> {
    /// What there is of an upload; its being there makes the upload be there.
    Manifest(State, Id),
    /// The receipt as it was verified.
    Receipt(State, Id),
    /// One output, by its file's name.
    Output(State, Id, &'a str),
    /// For the test at start.
    Probe(Id),
}

impl Key<'_> {
    /// Its place in the store.
    pub fn path(&self) -> Path {
        match self {
            Key::Manifest(state, id) => Self::folder(*state, *id).join("manifest.json"),
            Key::Receipt(state, id) => Self::folder(*state, *id).join("receipt.json"),
            Key::Output(state, id, file) => Self::folder(*state, *id).join(*file),
            Key::Probe(id) => Path::from_iter(["probe".to_owned(), id.to_string()]),
        }
    }

    /// The folder of an upload.
    pub fn folder(state: State, id: Id) -> Path {
        Path::from_iter([state.folder().to_owned(), id.to_string()])
    }

    /// The folder of all pending uploads.
    pub fn pending() -> Path {
        Path::from(State::Pending.folder())
    }
}
