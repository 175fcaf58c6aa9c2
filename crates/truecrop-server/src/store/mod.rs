//! Storage of uploads over `object_store`, without a database: an upload's stage is the folder that its objects lie in.
//!
//! ```text
//! pending/<id>/main.jpg, receipt.json, manifest.json     waiting to be confirmed
//! kept/<id>/...                                          confirmed
//! ```
//!
//! An upload exists if and only if its manifest does: the manifest is written last, removed first and never replaced.
//! Confirm copies to `kept/`, and has happened once it has created the manifest there. The sweep deletes in `pending/`
//! only. So any number of servers can share a store, and a crash at any point leaves no half upload that anyone can
//! see.
//!
//! This file has the operations on single objects; `backend` opens a store, `lifecycle` has put, confirm and delete.

mod backend;
mod id;
mod key;
mod lifecycle;
mod manifest;
mod pieces;
mod probe;
mod sweep;

pub use id::Id;
pub use key::{Key, Stage};
pub use lifecycle::{Confirmed, Deleted};
pub use manifest::{Manifest, StoredOutput};
pub use pieces::Pieces;
pub use sweep::Swept;

use bytes::Bytes;
use futures::StreamExt;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode};
use std::path::PathBuf;
use std::sync::Arc;
use truecrop_core::{Code, Error, Result};

/// Where uploads are stored. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    objects: Arc<dyn ObjectStore>,
    /// Set for a local folder, where a crash can leave staging files.
    folder: Option<PathBuf>,
}

impl Store {
    /// An object's bytes; `None` when it does not exist.
    ///
    /// # Errors
    /// [`Code::Io`].
    pub async fn get(&self, key: &Key<'_>) -> Result<Option<Bytes>> {
        match self.objects.get(&key.path()).await {
            Ok(found) => Ok(Some(found.bytes().await.map_err(|e| failed(&e))?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }

    /// Creates an object; false when it exists already, and then it stays as it is.
    async fn create(&self, key: &Key<'_>, bytes: Bytes) -> Result<bool> {
        match self.objects.put_opts(&key.path(), bytes.into(), PutMode::Create.into()).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::AlreadyExists { .. }) => Ok(false),
            Err(error) => Err(failed(&error)),
        }
    }

    /// Removes an object; false when the store says that it did not exist. Some stores, such as S3, never say so.
    async fn remove(&self, path: &Path) -> Result<bool> {
        match self.objects.delete(path).await {
            Ok(()) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(failed(&error)),
        }
    }

    /// Removes all objects that an upload has in one stage, the manifest first; true when this call removed the
    /// manifest, and with it the upload.
    async fn remove_all(&self, stage: Stage, id: Id) -> Result<bool> {
        let manifest = Key::Manifest(stage, id).path();
        let (mut paths, mut listed) = (Vec::new(), false);
        let mut list = self.objects.list(Some(&Key::folder(stage, id)));
        while let Some(object) = list.next().await {
            match object {
                Ok(object) if object.location == manifest => listed = true,
                Ok(object) => paths.push(object.location),
                Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(failed(&error)),
            }
        }
        let removed = listed && self.remove(&manifest).await?;
        for path in &paths {
            self.remove(path).await?;
        }
        Ok(removed)
    }
}

/// The field tells clients that it is the store that failed (see `http::problem`).
fn failed(error: &dyn std::fmt::Display) -> Error {
    Error::new(Code::Io, format!("The store failed: {error}.")).at("store")
}
