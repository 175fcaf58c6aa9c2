//! Ends uploads that nobody has completed in time, and removes what is left of others. The head of the folder says why each
//! may go.

use super::Outcome;
use crate::store::list::is_old;
use crate::store::{GRACE, Id, Key, Result, Store, StoreError};
use futures::TryStreamExt;
use object_store::path::Path;
use std::time::{Duration, SystemTime};

impl Store {
    /// Ends uploads whose intent is older than this, and removes what they and others have left. Gives the number of
    /// uploads that were ended, or would be.
    ///
    /// `older_than` is the time for which addresses are valid, and some more: a judgement that runs then loses.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn sweep_incoming(&self, older_than: Duration, dry_run: bool) -> Result<usize> {
        self.sweep_incoming_by_age(older_than, GRACE, dry_run).await
    }

    /// The same with an age for what judgements have left, and for outcomes.
    ///
    /// # Errors
    /// As [`Store::sweep_incoming`].
    pub async fn sweep_incoming_by_age(
        &self,
        older_than: Duration,
        leftovers: Duration,
        dry_run: bool,
    ) -> Result<usize> {
        let folders = [Key::incoming(), Key::frozen(), Key::intents(), Key::outcomes()];
        let mut empty = true;
        for folder in &folders {
            empty = empty && self.is_empty(folder).await?;
        }
        if empty {
            return Ok(0);
        }
        let now = if dry_run { SystemTime::now() } else { self.now().await? };
        let (limit, left) = (now.checked_sub(older_than), now.checked_sub(leftovers));
        let ended = self.end_all_late(limit, dry_run).await?;
        if dry_run {
            return Ok(ended);
        }
        for folder in [Key::incoming(), Key::frozen()] {
            self.sweep_objects(&folder, left).await?;
        }
        self.sweep_outcomes(left).await?;
        Ok(ended)
    }

    async fn end_all_late(&self, limit: Option<SystemTime>, dry_run: bool) -> Result<usize> {
        let mut ended = 0;
        let mut intents = self.groups(&Key::intents());
        while let Some(intent) = intents.try_next().await? {
            let Some(id) = intent.id().filter(|_| is_old(intent.youngest(), limit)) else { continue };
            match self.end_late(id, dry_run).await {
                Ok(open) => ended += usize::from(open),
                Err(damaged @ StoreError::Damaged { .. }) => tracing::warn!("{damaged}"),
                Err(error) => return Err(error),
            }
        }
        Ok(ended)
    }

    /// Removes what nobody needs of a folder of objects. An intent comes before all objects of its upload, so where it is looked for after
    /// them and is not there, it is gone.
    async fn sweep_objects(&self, folder: &Path, left: Option<SystemTime>) -> Result<()> {
        let mut uploads = self.groups(folder);
        while let Some(upload) = uploads.try_next().await? {
            let Some(id) = upload.id() else { continue };
            let gone = self.intent_is_gone(id).await? || self.has_outcome(id).await?;
            for object in upload.objects {
                let dead = Key::is_frozen(&object.location) && is_old(object.last_modified.into(), left);
                if gone || dead {
                    self.remove(&object.location).await?;
                }
            }
        }
        Ok(())
    }

    async fn sweep_outcomes(&self, left: Option<SystemTime>) -> Result<()> {
        let mut outcomes = self.groups(&Key::outcomes());
        while let Some(outcome) = outcomes.try_next().await? {
            let Some(id) = outcome.id().filter(|_| is_old(outcome.youngest(), left)) else { continue };
            if self.intent_is_gone(id).await? {
                self.remove_incoming(id).await?;
                self.remove(&Key::Outcome(id).path()).await?;
            }
        }
        Ok(())
    }

    /// Ends an upload whose time is over; true when nothing was decided of it.
    async fn end_late(&self, id: Id, dry_run: bool) -> Result<bool> {
        let open = self.outcome(id).await?.is_none();
        if !dry_run {
            // A judgement that still runs sees that it has lost.
            self.decide(id, Outcome::Expired).await?;
            self.remove_incoming(id).await?;
            self.remove(&Key::Intent(id).path()).await?;
        }
        Ok(open)
    }

    async fn intent_is_gone(&self, id: Id) -> Result<bool> {
        Ok(self.get(&Key::Intent(id)).await?.is_none())
    }

    async fn has_outcome(&self, id: Id) -> Result<bool> {
        Ok(self.get(&Key::Outcome(id)).await?.is_some())
    }
}
