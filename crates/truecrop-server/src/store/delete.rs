//! Delete, and the removal of what an upload has in the store once it has ended.

use super::record::{End, Record};
use super::{Id, Key, Result, Stage, Store};
use crate::metrics;
use truecrop_core::{Code, Error};

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

/// What a look before a delete has found.
enum Ending {
    /// Confirmed: the tombstone ends it.
    Kept,
    /// It ended before it was confirmed; the tombstone may be missing yet.
    Pending(End),
    /// Objects without a manifest, as a crash leaves them.
    Fragment,
    /// It has its tombstone already.
    Buried,
    /// Nothing, or an upload under way, whose id nobody knows.
    Absent,
}

impl Store {
    /// Deletes an upload in whichever stage it is, also one that is damaged. When this returns, nothing of it is
    /// served and no picture of it is left, whatever runs at the same time. Of several calls at the same time, exactly
    /// one is told that it deleted the upload.
    ///
    /// # Errors
    /// [`StoreError::Failed`](super::StoreError::Failed); then the upload may still be there: delete it again.
    pub async fn delete(&self, id: Id) -> Result<Deleted> {
        let ending = self.decide_end(id).await?;
        let how = if let Ending::Pending(how) = ending { how } else { End::Deleted };
        let deleted = match ending {
            Ending::Kept => Deleted::Kept,
            Ending::Pending(_) => Deleted::Pending,
            Ending::Fragment | Ending::Buried => Deleted::Absent,
            Ending::Absent => return Ok(Deleted::Absent),
        };
        // An earlier delete may have put it up and stopped midway: the rest is done again.
        let first = self.bury(id, how).await?;
        self.clean(id).await?;
        if !first {
            return Ok(Deleted::Absent);
        }
        match deleted {
            Deleted::Pending => metrics::deleted(Stage::Pending.as_str()),
            Deleted::Kept => metrics::deleted(Stage::Kept.as_str()),
            Deleted::Absent => {}
        }
        Ok(deleted)
    }

    /// Deletes an upload that waits to be confirmed; false, and nothing is deleted, when it is confirmed.
    ///
    /// # Errors
    /// As [`Store::delete`].
    pub async fn delete_pending(&self, id: Id) -> Result<bool> {
        if self.end_pending(id, End::Deleted).await?.first {
            metrics::deleted(Stage::Pending.as_str());
            return Ok(true);
        }
        Ok(!matches!(self.record(Stage::Kept, id).await?, Some(Record::Reached(_) | Record::Damaged)))
    }

    /// Makes sure that the upload is confirmed or can never be: only then may a tombstone be put up.
    async fn decide_end(&self, id: Id) -> Result<Ending> {
        // Each round but the last has lost to a step that an upload makes only once.
        for _ in 0..4 {
            match self.record(Stage::Kept, id).await? {
                Some(Record::Ended(how)) => return Ok(Ending::Pending(how)),
                Some(Record::Reached(_) | Record::Damaged) => return Ok(Ending::Kept),
                None => {}
            }
            let pending = self.record(Stage::Pending, id).await?;
            let waits = matches!(pending, Some(Record::Reached(_) | Record::Damaged));
            if !waits {
                // Perhaps it was confirmed between the two looks.
                if self.record(Stage::Kept, id).await?.is_some() {
                    continue;
                }
                if self.is_buried(id).await? {
                    return Ok(Ending::Buried);
                }
                if pending.is_some() || !self.has_objects(id).await? {
                    return Ok(Ending::Absent);
                }
            }
            if self.end(Stage::Kept, id, End::Deleted).await? {
                return Ok(if waits { Ending::Pending(End::Deleted) } else { Ending::Fragment });
            }
        }
        Err(Error::new(Code::Io, "The upload's state changes all the time: the store seems to lose objects.")
            .into())
    }

    async fn has_objects(&self, id: Id) -> Result<bool> {
        for stage in [Stage::Pending, Stage::Kept] {
            if !self.list(&Key::folder(stage, id)).await?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Removes everything of an upload that has ended, except its tombstone. Pending goes first, and the manifest of
    /// kept last: while anything is in pending, that manifest or the word that it ended is there.
    pub(super) async fn clean(&self, id: Id) -> Result<()> {
        self.remove_folder(Stage::Pending, id, true).await?;
        self.remove_folder(Stage::Kept, id, true).await
    }

    /// Removes an upload's objects in one stage: pictures and receipt first, then the manifest if asked. So a manifest
    /// that stands alone is the worst that a crash leaves, and the sweep knows what to do with it.
    pub(super) async fn remove_folder(&self, stage: Stage, id: Id, with_manifest: bool) -> Result<()> {
        let manifest = Key::Manifest(stage, id).path();
        let mut found = false;
        for object in self.list(&Key::folder(stage, id)).await? {
            if object.location == manifest {
                found = true;
            } else {
                self.remove(&object.location).await?;
            }
        }
        if found && with_manifest {
            self.remove(&manifest).await?;
        }
        self.remove_staging(stage, id);
        Ok(())
    }
}
