//! Storage of uploads over `object_store`, without a database: what an upload is follows from three objects.
//!
//! ```text
//! pending/<id>/main.jpg, receipt.json, manifest.json     waiting to be confirmed
//! kept/<id>/...                                          confirmed
//! deleted/<id>                                           the tombstone of an upload that has ended
//! requests/<digest>                                      a request that may be sent again
//! running/<digest>/<number>                              such a request, while a server works on it
//! outbox/<event>-<id>                                    what the application is still to hear of an upload
//! used/<digest>/holder, until-<time>                     a token for one upload that has been used, and when it expires
//! ```
//!
//! Any number of servers share a store, and each of them may die at any moment. The store gives no transactions, so
//! everything rests on one property, which [`Store::self_test`] tests: an object that exists cannot be created again,
//! so of several who create it exactly one succeeds. No object is ever replaced.
//!
//! # What an upload is
//!
//! The first line that applies:
//!
//! 1. its tombstone exists: it is gone;
//! 2. `kept/<id>/manifest.json` holds a manifest: it is kept; it holds the word *ended*: it is gone;
//! 3. `pending/<id>/manifest.json` holds a manifest: it is pending; otherwise there is no such upload.
//!
//! # Each step is one create
//!
//! | step | happens at the moment when this object is created |
//! | --- | --- |
//! | put | the manifest in `pending/`, after outputs and receipt |
//! | confirm | the manifest in `kept/`, after the copies of outputs and receipt |
//! | sweep, delete of a pending upload | the word *ended* in place of the manifest in `kept/` |
//! | delete of a kept upload | the tombstone |
//! | sweep of what a dead put has left | the word *ended* in place of the manifest in `pending/` |
//!
//! Steps that exclude each other create the same object, so one of them wins and the others see that they lost:
//! confirm against delete and sweep, put against sweep. A kept upload only ever gets a tombstone from a delete: a sweep
//! puts one up only after it has created the word *ended* itself, or found it.
//!
//! # Removing
//!
//! Nothing is removed before the upload has left the stage that it lies in: from `pending/` only when `kept/` has the
//! manifest, from anywhere only when the tombstone stands. So whatever is visible is whole. Pictures go before their
//! manifest, so a crash while removing leaves a manifest, by which the sweep goes on.
//!
//! A confirm that is overtaken by a delete may copy pictures, and even create a manifest, after the delete has cleaned.
//! Nobody sees them, because the tombstone stands. Confirm looks for the tombstone after it has created the manifest,
//! says that there is no such upload, and removes what it wrote; if it dies before, the sweep removes it.
//!
//! # Tombstones and fences end by age
//!
//! Tombstones and words *ended* must outlive every call that began before them. The sweep removes them, after
//! everything else of that upload, when they are older than [`GRACE`]; put and confirm give up before their last create
//! when they have taken longer than [`LONGEST_WRITE`]. What a crash has left (parts without a manifest, copies in
//! `kept/`, staging files of a folder) must be older than [`GRACE`] as well, so that nobody is still writing it; and
//! if somebody is, the word *ended* makes the writer fail. Ages are by the store's own clock.
//!
//! # Files
//!
//! | file | what |
//! | --- | --- |
//! | this one | the operations on single objects; `tests/interleavings` tries every order of them |
//! | `key`, `id`, `hashed_name` | the name of every object |
//! | `record`, `manifest` | the objects that decide, and what a manifest says |
//! | `lifecycle`, `delete`, `sweep` | the steps: put, find, confirm; delete; the sweep |
//! | `read`, `attributes` | what clients are given, and what a bucket says of an object |
//! | `request`, `lease`, `used` | requests that may be sent again, those that run, tokens that were used |
//! | `audit`, `event`, `outbox` | sources that were asked for; what the application is told, until it has heard it |
//! | `incoming` | uploads by way of the store |
//! | `list`, `check` | what lies in the store, and whether it is right |
//! | `backend`, `probe`, `staging`, `error` | the store itself: opened, tested, a folder's own files, what goes wrong |

mod attributes;
mod audit;
mod backend;
mod check;
mod delete;
mod error;
mod event;
mod hashed_name;
mod id;
mod incoming;
mod key;
mod lease;
mod lifecycle;
mod list;
mod manifest;
mod outbox;
mod probe;
mod read;
mod record;
mod request;
mod staging;
mod sweep;
mod tombstones;
mod used;

pub use attributes::cache_control;
pub use audit::{AuditState, Settlement};
pub use check::{Checked, Finding, State};
pub use delete::Deleted;
pub use error::StoreError;
pub use event::{Event, EventKind};
pub use hashed_name::{RequestKey, UsedToken};
pub use id::Id;
pub use incoming::{
    Claimed, Failure, FrozenObject, Intent, IntentPicture, Mismatch, Opened, Outcome, Part, PartialPart,
    SignPuts, SignedPut,
};
pub use key::{Key, Stage};
pub use lease::{Lease, Leased};
pub use lifecycle::Confirmed;
pub use manifest::{About, Manifest, StoredOutput};
pub use outbox::LONGEST_EVENT;
pub use read::Content;
pub use request::RequestRecord;
pub use sweep::{Ages, Swept};
pub use used::Holder;

use crate::metrics;
use bytes::Bytes;
use futures::StreamExt;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use truecrop_core::{Code, Error};

/// Shorthand for results of the store.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Least age at which the sweep removes what no upload needs: tombstones, and what a crash has left.
pub const GRACE: Duration = Duration::from_secs(3600);

/// A put or a confirm that takes longer than this does not complete. Far less than [`GRACE`].
pub const LONGEST_WRITE: Duration = Duration::from_secs(900);

/// How often a folder's create is tried when somebody removes the empty folder at the same moment.
const CREATE_ATTEMPTS: usize = 4;

/// Where uploads are stored. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    objects: Arc<dyn ObjectStore>,
    /// Set for a local folder, where a crash can leave staging files.
    folder: Option<PathBuf>,
    /// Of kept pictures, in a bucket.
    storage_class: Option<Arc<str>>,
    /// Set where clients can be given addresses to put objects to.
    signer: Option<Arc<dyn SignPuts>>,
    /// Set where somebody sends what is in the outbox.
    outbox: Option<tokio::sync::mpsc::Sender<Event>>,
}

impl Store {
    /// An object's bytes, whatever they are; `None` when it does not exist.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn get(&self, key: &Key<'_>) -> Result<Option<Bytes>> {
        self.get_path(&key.path()).await
    }

    async fn get_path(&self, path: &Path) -> Result<Option<Bytes>> {
        let timer = metrics::store_timer("get");
        let fails = |error| {
            timer.failed();
            failed(error)
        };
        match self.objects.get(path).await {
            Ok(found) => Ok(Some(found.bytes().await.map_err(fails)?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(fails(error)),
        }
    }

    /// Creates an object; false when it exists already, and then it stays as it is.
    async fn create(&self, key: &Key<'_>, bytes: Bytes) -> Result<bool> {
        let timer = metrics::store_timer("create");
        let path = key.path();
        let mut attempt = 1;
        loop {
            let options = PutOptions {
                mode: PutMode::Create,
                attributes: self.attributes(key),
                ..PutOptions::default()
            };
            match self.objects.put_opts(&path, bytes.clone().into(), options).await {
                Ok(_) => return Ok(true),
                Err(object_store::Error::AlreadyExists { .. }) => return Ok(false),
                Err(error) if attempt < CREATE_ATTEMPTS && is_missing_folder(&error) => attempt += 1,
                Err(error) => {
                    timer.failed();
                    return Err(failed(error));
                }
            }
        }
    }

    /// Removes an object; false when the store says that it did not exist. Some stores, such as S3, never say so.
    async fn remove(&self, path: &Path) -> Result<bool> {
        let timer = metrics::store_timer("delete");
        match self.objects.delete(path).await {
            Ok(()) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => {
                timer.failed();
                Err(failed(error))
            }
        }
    }

    /// The objects under a folder that holds few.
    async fn list(&self, folder: &Path) -> Result<Vec<ObjectMeta>> {
        let _timer = metrics::store_timer("list");
        let mut objects = Vec::new();
        let mut list = self.objects.list(Some(folder));
        while let Some(object) = list.next().await {
            objects.extend(existing(object)?);
        }
        Ok(objects)
    }
}

/// An object of a list; `None` when it was removed while the list was made.
fn existing(object: object_store::Result<ObjectMeta>) -> Result<Option<ObjectMeta>> {
    match object {
        Ok(object) => Ok(Some(object)),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

/// Whether a folder vanished while a file was written into it: only the local store's own errors say so.
fn is_missing_folder(error: &object_store::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if cause.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == ErrorKind::NotFound) {
            return true;
        }
        source = cause.source();
    }
    false
}

fn failed(error: impl std::fmt::Display) -> StoreError {
    Error::new(Code::Io, format!("The store failed: {error}.")).at("store").into()
}
