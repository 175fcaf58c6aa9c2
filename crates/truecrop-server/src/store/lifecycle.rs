//! The life of an upload: put, found, confirmed, deleted. The metric of each of these steps is
//! counted here, once, by the call that made the change.

use super::{Id, Key, Manifest, Stage, Store};
use crate::metrics;
use bytes::Bytes;
use std::time::{Duration, SystemTime};
use truecrop_core::receipt::Digest;
use truecrop_core::verify::Verified;
use truecrop_core::{Code, Error, Result};

/// What a confirm did.
#[derive(Clone, Debug, PartialEq)]
pub enum Confirmed {
    /// This call confirmed the upload. Of several calls at the same time exactly one gets this.
    Now(Manifest),
    /// An earlier call did, or another one at the same time.
    Already(Manifest),
    /// There is no such upload.
    Absent,
}

/// What a delete removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deleted {
    /// An upload that waited to be confirmed.
    Pending,
    /// A confirmed upload.
    Kept,
    /// There was no such upload.
    Absent,
}

impl Store {
    /// Stores a verified upload as pending.
    ///
    /// # Errors
    /// [`Code::Io`]; then nobody ever sees the upload.
    pub async fn put(&self, verified: &Verified, ttl: Duration) -> Result<Manifest> {
        let manifest = Manifest::new(Id::random()?, verified, SystemTime::now(), ttl)?;
        let written = self.write_pending(&manifest, verified).await;
        if written.is_err() {
            self.remove_pending(&manifest).await;
        }
        written?;
        metrics::stored();
        Ok(manifest)
    }

    async fn write_pending(&self, manifest: &Manifest, verified: &Verified) -> Result<()> {
        let id = manifest.id;
        for (stored, (_, bytes)) in manifest.outputs.iter().zip(verified.outputs()) {
            let key = Key::Output(Stage::Pending, id, &stored.file);
            self.create(&key, Bytes::copy_from_slice(bytes)).await?;
        }
        let receipt = verified.receipt().to_json()?;
        self.create(&Key::Receipt(Stage::Pending, id), receipt.into()).await?;
        self.create(&Key::Manifest(Stage::Pending, id), manifest.to_json()?.into()).await?;
        Ok(())
    }

    /// An upload's stage and manifest; `None` when there is no such upload.
    ///
    /// # Errors
    /// [`Code::Io`].
    pub async fn find(&self, id: Id) -> Result<Option<(Stage, Manifest)>> {
        for stage in [Stage::Kept, Stage::Pending] {
            if let Some(manifest) = self.manifest(stage, id).await? {
                return Ok(Some((stage, manifest)));
            }
        }
        Ok(None)
    }

    async fn manifest(&self, stage: Stage, id: Id) -> Result<Option<Manifest>> {
        let json = self.get(&Key::Manifest(stage, id)).await?;
        json.map(|json| Manifest::from_json(&json)).transpose()
    }

    /// Keeps a pending upload. Confirming it again changes nothing.
    ///
    /// # Errors
    /// [`Code::Io`], also when the stored bytes are no longer those that the manifest names.
    pub async fn confirm(&self, id: Id) -> Result<Confirmed> {
        // Pending first: an upload moves to kept before it leaves pending, so in this order no move hides it.
        let pending = self.manifest(Stage::Pending, id).await?;
        let copied = match &pending {
            Some(manifest) => self.copy_to_kept(manifest).await?,
            None => false,
        };
        let Some(manifest) = pending.filter(|_| copied) else {
            // Confirmed already, perhaps a moment ago by another call; or swept or deleted.
            let kept = self.manifest(Stage::Kept, id).await?;
            return Ok(kept.map_or(Confirmed::Absent, Confirmed::Already));
        };
        let created = self.create(&Key::Manifest(Stage::Kept, id), manifest.to_json()?.into()).await?;
        self.remove_pending(&manifest).await;
        if !created {
            return Ok(Confirmed::Already(manifest));
        }
        metrics::confirmed();
        Ok(Confirmed::Now(manifest))
    }

    /// Copies outputs and receipt; false when some of them are not in pending any more.
    async fn copy_to_kept(&self, manifest: &Manifest) -> Result<bool> {
        let id = manifest.id;
        for stored in &manifest.outputs {
            let Some(bytes) = self.get(&Key::Output(Stage::Pending, id, &stored.file)).await? else {
                return Ok(false);
            };
            if Digest::of(&bytes) != stored.digest {
                let detail = "The stored picture is no longer the one that was verified.";
                return Err(Error::new(Code::Io, detail).at(&*stored.name));
            }
            self.create(&Key::Output(Stage::Kept, id, &stored.file), bytes).await?;
        }
        let Some(receipt) = self.get(&Key::Receipt(Stage::Pending, id)).await? else {
            return Ok(false);
        };
        self.create(&Key::Receipt(Stage::Kept, id), receipt).await?;
        Ok(true)
    }

    /// Removes a pending upload's objects, the manifest first. What cannot be removed now is left to the sweep.
    async fn remove_pending(&self, manifest: &Manifest) {
        let (stage, id) = (Stage::Pending, manifest.id);
        let outputs = manifest.outputs.iter().map(|stored| Key::Output(stage, id, &stored.file));
        for key in [Key::Manifest(stage, id)].into_iter().chain(outputs).chain([Key::Receipt(stage, id)]) {
            let _ = self.remove(&key.path()).await;
        }
    }

    /// Deletes an upload in whichever stage it is. Pending first, so that no later confirm brings it back.
    ///
    /// Of several calls at the same time, exactly one is told that it deleted the upload where the store says whether
    /// a deleted object existed, as a folder does; on S3, which does not, several may be.
    ///
    /// # Errors
    /// [`Code::Io`].
    pub async fn delete(&self, id: Id) -> Result<Deleted> {
        let pending = self.remove_all(Stage::Pending, id).await?;
        let kept = self.remove_all(Stage::Kept, id).await?;
        let deleted = match (pending, kept) {
            // Pending as well: what a confirm that was interrupted has left.
            (_, true) => Deleted::Kept,
            (true, false) => Deleted::Pending,
            (false, false) => Deleted::Absent,
        };
        match deleted {
            Deleted::Pending => metrics::deleted(Stage::Pending),
            Deleted::Kept => metrics::deleted(Stage::Kept),
            Deleted::Absent => {}
        }
        Ok(deleted)
    }
}
