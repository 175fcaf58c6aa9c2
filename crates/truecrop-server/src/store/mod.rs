//! Storage over `object_store`, without a database: state is where an object lies.
//!
//! ```text
//! pending/<id>/main.jpg, receipt.json, manifest.json     uploaded, waiting for its confirm
//! kept/<id>/...                                          confirmed
//! ```
//!
//! An upload is there when its manifest is: the manifest is written last and created, never replaced. Confirm copies
//! to `kept/` and is done when the manifest there is created. The sweep touches `pending/` only. So any number of servers
//! can run side by side, and a crash at any point leaves nothing that is half there.

mod id;
mod key;
mod manifest;
mod sweep;

pub use id::Id;
pub use key::{Key, State};
pub use manifest::{Manifest, StoredOutput};
pub use sweep::Swept;

use bytes::Bytes;
use futures::StreamExt;
use object_store::local::LocalFileSystem;
use object_store::{ObjectStore, ObjectStoreExt, PutMode};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use truecrop_core::receipt::Digest;
use truecrop_core::verify::Verified;
use truecrop_core::{Code, Error, Result};

/// Where pictures are kept. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    objects: Arc<dyn ObjectStore>,
    /// Set for a local folder, where staging files of a crash can be left over.
    folder: Option<PathBuf>,
}

impl Store {
    /// Opens a folder (made when it is not there) or a store's URL.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] for a URL that this build does not know, [`Code::Io`] for a folder that can not be had.
    pub fn open(place: &str) -> Result<Self> {
        match place.split_once("://") {
            Some(("file", path)) => Self::open_folder(path),
            Some(_) => Self::open_url(place),
            None => Self::open_folder(place),
        }
    }

    /// Over any backend, such as one that lies in memory.
    pub fn with_backend(objects: Arc<dyn ObjectStore>) -> Self {
        Self { objects, folder: None }
    }

    fn open_folder(path: &str) -> Result<Self> {
        let folder = PathBuf::from(path);
        let failed = |e: &dyn std::fmt::Display| {
            Error::new(Code::Io, format!("The store's folder {path} can not be used: {e}.")).at("store")
        };
        std::fs::create_dir_all(&folder).map_err(|e| failed(&e))?;
        let local = LocalFileSystem::new_with_prefix(&folder).map_err(|e| failed(&e))?;
        let local = local.with_fsync(true).with_automatic_cleanup(true);
        Ok(Self { objects: Arc::new(local), folder: Some(folder) })
    }

    #[cfg(feature = "cloud")]
    fn open_url(place: &str) -> Result<Self> {
        let bad = |e: &dyn std::fmt::Display| {
            Error::new(Code::InvalidOption, format!("The store {place} can not be opened: {e}.")).at("store")
        };
        let url = url::Url::parse(place).map_err(|e| bad(&e))?;
        let (objects, path) = object_store::parse_url_opts(&url, std::env::vars()).map_err(|e| bad(&e))?;
        let objects = object_store::prefix::PrefixStore::new(objects, path);
        Ok(Self { objects: Arc::new(objects), folder: None })
    }

    #[cfg(not(feature = "cloud"))]
    fn open_url(place: &str) -> Result<Self> {
        let detail =
            "This build stores in folders only: build it with --features cloud for s3://, gs:// and az://.";
        Err(Error::new(Code::InvalidOption, detail).at("store").figures("a folder", place))
    }

    /// Tries what everything rests on: an object that exists can not be created again. Some stores say yes to it.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] for a store that can not keep the promise, [`Code::Io`] when it does not work at all.
    pub async fn probe(&self) -> Result<()> {
        let key = Key::Probe(Id::random()?);
        self.create(&key, Bytes::from_static(b"probe")).await?;
        let again = self.create(&key, Bytes::from_static(b"again")).await?;
        self.remove(&key).await?;
        if again {
            let detail = "This store replaces objects that it was asked to create: it can not be used.";
            return Err(Error::new(Code::InvalidOption, detail).at("store"));
        }
        Ok(())
    }

    /// Stores a verified upload as pending.
    ///
    /// # Errors
    /// [`Code::Io`]; then nothing of it is left.
    pub async fn put(&self, verified: &Verified, ttl: Duration) -> Result<Manifest> {
        let manifest = Manifest::new(Id::random()?, verified, SystemTime::now(), ttl)?;
        let written = self.write_pending(&manifest, verified).await;
        if written.is_err() {
            // What can not be cleaned now has no manifest, so nobody sees it, and the sweep takes it.
            let _ = self.remove_all(State::Pending, manifest.id).await;
        }
        written.map(|()| manifest)
    }

    async fn write_pending(&self, manifest: &Manifest, verified: &Verified) -> Result<()> {
        let id = manifest.id;
        for (stored, (_, bytes)) in manifest.outputs.iter().zip(verified.outputs()) {
            self.create(&Key::Output(State::Pending, id, &stored.file), Bytes::copy_from_slice(bytes))
                .await?;
        }
        let receipt = verified.receipt().to_json()?;
        self.create(&Key::Receipt(State::Pending, id), receipt.into()).await?;
        self.create(&Key::Manifest(State::Pending, id), manifest.to_json()?.into()).await?;
        Ok(())
    }

    /// An upload's state and manifest; `None` when there is no such.
    ///
    /// # Errors
    /// [`Code::Io`].
    pub async fn find(&self, id: Id) -> Result<Option<(State, Manifest)>> {
        for state in [State::Kept, State::Pending] {
            if let Some(bytes) = self.get(&Key::Manifest(state, id)).await? {
                return Ok(Some((state, Manifest::from_json(&bytes)?)));
            }
        }
        Ok(None)
    }

    /// An object's bytes; `None` when there is no such.
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

    /// Keeps a pending upload. Doing it again changes nothing. `None` when there is no such upload.
    ///
    /// # Errors
    /// [`Code::Io`], also when the stored bytes are no longer what the manifest says.
    pub async fn confirm(&self, id: Id) -> Result<Option<Manifest>> {
        let (state, manifest) = match self.find(id).await? {
            None => return Ok(None),
            Some(found) => found,
        };
        if state == State::Pending {
            if !self.copy_to_kept(&manifest).await? {
                return Ok(None);
            }
            self.create(&Key::Manifest(State::Kept, id), manifest.to_json()?.into()).await?;
            // Once kept, what is left in pending is only clutter, and the sweep takes it.
            let _ = self.remove_all(State::Pending, id).await;
        }
        Ok(Some(manifest))
    }

    /// False when the sweep was faster.
    async fn copy_to_kept(&self, manifest: &Manifest) -> Result<bool> {
        let id = manifest.id;
        for stored in &manifest.outputs {
            let Some(bytes) = self.get(&Key::Output(State::Pending, id, &stored.file)).await? else {
                return Ok(false);
            };
            if Digest::of(&bytes) != stored.digest {
                return Err(Error::new(Code::Io, "The stored picture is no longer what was verified.")
                    .at(&*stored.name));
            }
            self.create(&Key::Output(State::Kept, id, &stored.file), bytes).await?;
        }
        let Some(receipt) = self.get(&Key::Receipt(State::Pending, id)).await? else {
            return Ok(false);
        };
        self.create(&Key::Receipt(State::Kept, id), receipt).await?;
        Ok(true)
    }

    /// Deletes an upload, wherever it is; true when there was one. Pending first, so that no late confirm brings it back.
    ///
    /// # Errors
    /// [`Code::Io`].
    pub async fn delete(&self, id: Id) -> Result<bool> {
        let pending = self.remove_all(State::Pending, id).await?;
        let kept = self.remove_all(State::Kept, id).await?;
        Ok(pending + kept > 0)
    }

    /// Creates an object; false when there is one already.
    async fn create(&self, key: &Key<'_>, bytes: Bytes) -> Result<bool> {
        match self.objects.put_opts(&key.path(), bytes.into(), PutMode::Create.into()).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::AlreadyExists { .. }) => Ok(false),
            Err(error) => Err(failed(&error)),
        }
    }

    async fn remove(&self, key: &Key<'_>) -> Result<()> {
        self.remove_path(&key.path()).await
    }

    async fn remove_path(&self, path: &object_store::path::Path) -> Result<()> {
        match self.objects.delete(path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(&error)),
        }
    }

    /// Deletes everything of an upload in one state, the manifest first; the number of objects.
    async fn remove_all(&self, state: State, id: Id) -> Result<usize> {
        self.remove(&Key::Manifest(state, id)).await?;
        let mut list = self.objects.list(Some(&Key::folder(state, id)));
        let mut paths = Vec::new();
        while let Some(object) = list.next().await {
            match object {
                Ok(object) => paths.push(object.location),
                Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(failed(&error)),
            }
        }
        for path in &paths {
            self.remove_path(path).await?;
        }
        Ok(paths.len())
    }
}

fn failed(error: &dyn std::fmt::Display) -> Error {
    Error::new(Code::Io, format!("The store failed: {error}."))
}
