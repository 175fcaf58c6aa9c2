//! The life of an upload: put, found, confirmed. Each step's metric is counted here, once, by the call that made the
//! change. The head of the module has the protocol that these calls keep.

use super::record::Record;
use super::{
    About, AuditState, EventKind, Id, Key, LONGEST_WRITE, Manifest, Result, Stage, Store, StoreError,
};
use crate::metrics;
use bytes::Bytes;
use std::time::{Duration, Instant};
use truecrop_core::receipt::Digest;
use truecrop_core::verify::Verified;

/// What a confirm did.
#[derive(Clone, Debug, PartialEq)]
pub enum Confirmed {
    /// This call confirmed the upload. Of several calls at the same time exactly one gets this.
    Now(Manifest),
    /// An earlier call did, or another one at the same time.
    Already(Manifest),
    /// Its source is awaited, or has not proved it: it stays pending.
    Unproved(AuditState),
    /// There is no such upload.
    Absent,
}

impl Store {
    /// Stores a verified upload as pending.
    ///
    /// # Errors
    /// [`StoreError::TooLate`] when a sweep took it for what a crash has left, [`StoreError::Failed`]. Nobody ever sees
    /// such an upload.
    pub async fn put(&self, verified: &Verified, ttl: Duration) -> Result<Manifest> {
        self.put_about(verified, &About::new(ttl)?).await
    }

    /// The same with what is known of it beside.
    ///
    /// # Errors
    /// As [`Store::put`].
    pub async fn put_about(&self, verified: &Verified, about: &About) -> Result<Manifest> {
        let manifest = Manifest::new(verified, about)?;
        let written = self.write_pending(&manifest, verified).await;
        if written.is_err() && !about.shared {
            // What cannot be removed now is left to the sweep.
            let _ = self.remove_folder(Stage::Pending, manifest.id, true).await;
        }
        let written = written?;
        metrics::stored();
        Ok(written)
    }

    /// Gives the manifest that stands there in the end.
    async fn write_pending(&self, manifest: &Manifest, verified: &Verified) -> Result<Manifest> {
        let (id, begun) = (manifest.id, Instant::now());
        let receipt = verified.receipt().to_json()?;
        let key = Key::Receipt(Stage::Pending, id);
        // Side by side, because a folder waits for the disk with each. Both end, so that nothing comes after what a failure removes.
        let (outputs, receipt) =
            futures::join!(self.write_outputs(manifest, verified), self.create(&key, receipt.into()));
        outputs?;
        receipt?;
        if let Some(deadline) = manifest.audit {
            self.create(&Key::AuditDeadline(id, deadline), Bytes::new()).await?;
        }
        self.announce_event(EventKind::Accepted, id, Some(manifest)).await?;
        in_time(begun)?;
        if self.create(&Key::Manifest(Stage::Pending, id), manifest.to_json()?.into()).await? {
            if manifest.audit.is_some() {
                metrics::audit("asked");
            }
            return Ok(manifest.clone());
        }
        // Either a sweep was here first, or the store's client has asked twice after a lost answer, or the client of this server has
        // sent the upload twice.
        match self.record(Stage::Pending, id).await? {
            Some(Record::Reached(there)) if there.is_same_upload(manifest) => Ok(there),
            _ => Err(StoreError::TooLate),
        }
    }

    /// One after the other: the copy of one of them is held, and no more.
    async fn write_outputs(&self, manifest: &Manifest, verified: &Verified) -> Result<()> {
        for (stored, (_, bytes)) in manifest.outputs.iter().zip(verified.outputs()) {
            let key = Key::Output(Stage::Pending, manifest.id, &stored.file);
            self.create(&key, Bytes::copy_from_slice(bytes)).await?;
        }
        Ok(())
    }

    /// An upload's stage and manifest; `None` when there is no such upload.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when its manifest cannot be read, [`StoreError::Failed`].
    pub async fn find(&self, id: Id) -> Result<Option<(Stage, Manifest)>> {
        if let Some(kept) = self.record(Stage::Kept, id).await? {
            return self.found(Stage::Kept, id, kept).await;
        }
        match self.record(Stage::Pending, id).await? {
            Some(pending) => self.found(Stage::Pending, id, pending).await,
            // Perhaps it was confirmed between the two looks: it leaves pending only when kept has it.
            None => match self.record(Stage::Kept, id).await? {
                Some(kept) => self.found(Stage::Kept, id, kept).await,
                None => Ok(None),
            },
        }
    }

    /// The tombstone is looked for last: when it is not there, the upload was there at that moment or just before.
    async fn found(&self, stage: Stage, id: Id, record: Record) -> Result<Option<(Stage, Manifest)>> {
        if matches!(record, Record::Ended(_)) || self.is_buried(id).await? {
            return Ok(None);
        }
        match record {
            Record::Reached(manifest) => Ok(Some((stage, manifest))),
            _ => Err(unreadable(id)),
        }
    }

    /// Keeps a pending upload. Confirming it again changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when the stored bytes are no longer those that the manifest names,
    /// [`StoreError::TooLate`], [`StoreError::Failed`].
    pub async fn confirm(&self, id: Id) -> Result<Confirmed> {
        self.confirm_within(id, |_| std::future::ready(Ok(()))).await
    }

    /// The same for servers that bound their memory. `reserve` is asked for the bytes that this call will hold at most, once it
    /// knows them; what it gives is dropped at the end.
    ///
    /// # Errors
    /// As [`Store::confirm`], and those of `reserve`: then nothing has changed.
    pub async fn confirm_within<Room, F>(&self, id: Id, reserve: impl FnOnce(u64) -> F) -> Result<Confirmed>
    where
        F: Future<Output = Result<Room>>,
    {
        let begun = Instant::now();
        // Pending first: an upload moves to kept before it leaves pending, so in this order no move hides it.
        let mut manifest = match self.record(Stage::Pending, id).await? {
            Some(Record::Reached(manifest)) => manifest,
            Some(Record::Damaged) => return self.confirmed_before(id, Err(unreadable(id))).await,
            Some(Record::Ended(_)) | None => return self.confirmed_before(id, Ok(Confirmed::Absent)).await,
        };
        if manifest.audit.is_some() {
            match self.audit_state(id).await? {
                AuditState::Passed(level) => manifest.level = level,
                // What an earlier confirm has kept has passed, also where that is cleaned up already.
                state => return self.confirmed_before(id, Ok(Confirmed::Unproved(state))).await,
            }
        }
        // One output after the other is copied.
        let largest = manifest.outputs.iter().map(|output| output.bytes).max().unwrap_or(0);
        let _room = reserve(largest).await?;
        if let Err(error) = self.copy_to_kept(&manifest).await {
            // Parts that are missing were removed because another call has confirmed or ended the upload.
            return self.confirmed_before(id, Err(error)).await;
        }
        self.announce_event(EventKind::Confirmed, id, Some(&manifest)).await?;
        in_time(begun)?;
        if !self.create(&Key::Manifest(Stage::Kept, id), manifest.to_json()?.into()).await? {
            return self.confirmed_before(id, Err(StoreError::TooLate)).await;
        }
        if self.is_buried(id).await? {
            // Deleted while this call copied: the tombstone was there before the manifest, so nobody saw the manifest.
            let _ = self.clean(id).await;
            return Ok(Confirmed::Absent);
        }
        // What cannot be removed now is left to the sweep.
        let _ = self.remove_folder(Stage::Pending, id, true).await;
        metrics::confirmed();
        self.happened(EventKind::Confirmed, id);
        Ok(Confirmed::Now(manifest))
    }

    /// For a confirm that cannot go on: what others have made of the upload, or `otherwise` if nothing.
    async fn confirmed_before(&self, id: Id, otherwise: Result<Confirmed>) -> Result<Confirmed> {
        let kept = self.record(Stage::Kept, id).await?;
        let buried = self.is_buried(id).await?;
        match kept {
            _ if buried => {}
            Some(Record::Reached(manifest)) => {
                let _ = self.remove_folder(Stage::Pending, id, true).await;
                return Ok(Confirmed::Already(manifest));
            }
            Some(Record::Damaged) => return Err(unreadable(id)),
            Some(Record::Ended(_)) => {}
            None => return otherwise,
        }
        // Ended. This call may have copied something since whoever ended it has cleaned.
        let _ = self.remove_folder(Stage::Kept, id, false).await;
        Ok(Confirmed::Absent)
    }

    /// Copies outputs and receipt, and verifies what it copies.
    async fn copy_to_kept(&self, manifest: &Manifest) -> Result<()> {
        let id = manifest.id;
        for stored in &manifest.outputs {
            let from = Key::Output(Stage::Pending, id, &stored.file);
            let right = |bytes: &[u8]| Digest::of(bytes) == stored.digest;
            self.copy(id, &from, &Key::Output(Stage::Kept, id, &stored.file), right).await?;
        }
        let right = |bytes: &[u8]| super::read::is_receipt(bytes, manifest);
        self.copy(id, &Key::Receipt(Stage::Pending, id), &Key::Receipt(Stage::Kept, id), right).await
    }

    async fn copy(&self, id: Id, from: &Key<'_>, to: &Key<'_>, right: impl Fn(&[u8]) -> bool) -> Result<()> {
        let wrong = |key: &Key<'_>| {
            let detail = format!("{} is missing, or no longer what was verified.", key.path());
            StoreError::damaged(id, detail)
        };
        let bytes = self.get(from).await?.filter(|bytes| right(bytes)).ok_or_else(|| wrong(from))?;
        if self.create(to, bytes).await? {
            return Ok(());
        }
        // An earlier confirm has left it, or another one has just written it.
        let there = self.get(to).await?;
        there.filter(|bytes| right(bytes)).map(|_| ()).ok_or_else(|| wrong(to))
    }
}

/// Refuses to complete a write that has taken so long that the fences of a sweep may be gone.
fn in_time(begun: Instant) -> Result<()> {
    if begun.elapsed() > LONGEST_WRITE { Err(StoreError::TooLate) } else { Ok(()) }
}

fn unreadable(id: Id) -> StoreError {
    StoreError::damaged(id, "Its manifest cannot be read.")
}
