//! Opens a store by its folder or URL, and tests whether it can be relied on. A new store backend is added here.

use super::{Id, Key, Result, SignPuts, Stage, Store, StoreError};
use bytes::Bytes;
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use truecrop_core::{Code, Error};

impl Store {
    /// Opens a folder (made when it does not exist) or the URL of a store.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] for a URL that this build does not support, [`Code::Io`] for a folder that cannot be
    /// used.
    pub fn open(place: &str) -> Result<Self, Error> {
        match folder_of(place) {
            Some(path) => Self::open_folder(path),
            None => Self::open_url(place),
        }
    }

    /// The same for a check of what is there: a folder that does not exist is a wrong path, and not an empty store.
    ///
    /// # Errors
    /// As [`Store::open`]; [`Code::Io`] for a folder that does not exist.
    pub fn open_existing(place: &str) -> Result<Self, Error> {
        if folder_of(place).is_some_and(|path| !Path::new(path).is_dir()) {
            let detail = format!("There is no folder {place}: truecrop serve makes it.");
            return Err(Error::new(Code::Io, detail).at("store"));
        }
        Self::open(place)
    }

    /// A store over any backend, such as one in memory.
    pub fn with_backend(objects: Arc<dyn ObjectStore>) -> Self {
        Self { objects, folder: None, storage_class: None, signer: None, outbox: None }
    }

    /// The same with a signer, so that clients can put objects into it.
    #[must_use]
    pub fn with_signer(self, signer: Arc<dyn SignPuts>) -> Self {
        Self { signer: Some(signer), ..self }
    }

    fn open_folder(path: &str) -> Result<Self, Error> {
        let folder = PathBuf::from(path);
        let failed = |e: &dyn Display| {
            Error::new(Code::Io, format!("The store's folder {path} cannot be used: {e}.")).at("store")
        };
        // They stay, also when they are empty: only the folders of single uploads come and go.
        for inner in [Key::stage(Stage::Pending), Key::stage(Stage::Kept), Key::tombstones()] {
            std::fs::create_dir_all(folder.join(inner.as_ref())).map_err(|e| failed(&e))?;
        }
        let local = LocalFileSystem::new_with_prefix(&folder).map_err(|e| failed(&e))?.with_fsync(true);
        Ok(Self {
            objects: Arc::new(local),
            folder: Some(folder),
            storage_class: None,
            signer: None,
            outbox: None,
        })
    }

    #[cfg(feature = "cloud")]
    fn open_url(place: &str) -> Result<Self, Error> {
        let failed = |e: &dyn Display| {
            let error = Error::new(Code::InvalidOption, format!("The store {place} cannot be opened: {e}."));
            error.at("store").figures("a folder, or s3://, gs:// or az://", place)
        };
        let url = url::Url::parse(place).map_err(|e| failed(&e))?;
        if let Some((bucket, path)) = super::incoming::open_bucket(&url).map_err(|e| failed(&e))? {
            let objects = object_store::prefix::PrefixStore::new(bucket.clone(), path.clone());
            let signer = super::incoming::BucketSigner::new(bucket, path);
            return Ok(Self::with_backend(Arc::new(objects)).with_signer(Arc::new(signer)));
        }
        let (objects, path) = object_store::parse_url_opts(&url, std::env::vars()).map_err(|e| failed(&e))?;
        Ok(Self::with_backend(Arc::new(object_store::prefix::PrefixStore::new(objects, path))))
    }

    #[cfg(not(feature = "cloud"))]
    fn open_url(place: &str) -> Result<Self, Error> {
        let detail =
            "This build stores in folders only: build it with --features cloud for s3://, gs:// and az://.";
        Err(Error::new(Code::InvalidOption, detail).at("store").figures("a folder", place))
    }

    /// Tests what everything here relies on: an object that exists cannot be created again. Some stores say that
    /// they did.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] for a store that replaces objects, [`Code::Io`] for one that does not work at all.
    pub async fn self_test(&self) -> Result<(), Error> {
        self.replaces_nothing().await.map_err(Error::from)
    }

    async fn replaces_nothing(&self) -> Result<()> {
        let key = Key::SelfTest(Id::random()?);
        self.create(&key, Bytes::from_static(b"first")).await?;
        let again = self.create(&key, Bytes::from_static(b"second")).await?;
        self.remove(&key.path()).await?;
        if again {
            let detail = "This store replaces objects that it should only create: it would lose pictures. Use another.";
            return Err(StoreError::Failed(Error::new(Code::InvalidOption, detail).at("store")));
        }
        Ok(())
    }
}

/// The path of a store that is a folder.
fn folder_of(place: &str) -> Option<&str> {
    match place.split_once("://") {
        Some(("file", path)) => Some(path),
        Some(_) => None,
        None => Some(place),
    }
}
