//! What goes wrong in the store, sorted by what a caller can do about it.

use super::Id;
use std::fmt;
use truecrop_core::{Code, Error};

/// An error of the store.
#[derive(Clone, Debug, PartialEq)]
pub enum StoreError {
    /// What lies in the store is not what was verified: bits have rotted, or someone changed or removed an object.
    /// Trying again does not help; deleting the upload does.
    Damaged {
        /// The upload.
        id: Id,
        /// What is wrong with it, as a sentence.
        detail: String,
    },
    /// The work took so long that a sweep has removed it, or may have. Nothing was stored: try again.
    TooLate,
    /// The server's memory is taken by others. Nothing has changed: try again.
    NoRoom,
    /// The store itself failed.
    Failed(Error),
}

impl StoreError {
    pub(super) fn damaged(id: Id, detail: impl Into<String>) -> Self {
        Self::Damaged { id, detail: detail.into() }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::Damaged { id, detail } => write!(f, "The stored upload {id} is damaged: {detail}"),
            StoreError::TooLate => {
                f.write_str("This took so long that the sweep may have removed it: try again.")
            }
            StoreError::NoRoom => f.write_str("There is no memory for this at the moment: try again."),
            StoreError::Failed(error) => f.write_str(error.detail()),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Failed(error) => error,
            other => Error::new(Code::Io, other.to_string()).at("store"),
        }
    }
}
