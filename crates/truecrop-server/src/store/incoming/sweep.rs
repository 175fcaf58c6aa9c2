//! Ends uploads that nobody has completed in time, and removes what is left of others. The head of the folder says why each
//! may go.

use super::Outcome;
use crate::store::list::is_old;
use crate::store::{GRACE, Id, Key, Result, Store, StoreError, existing};
use futures::StreamExt;
use object_store::path::Path;
use std::collections::BTreeMap;
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
        // Objects before intents: what is listed here without an intent has lost it, because the intent came first.
        let incoming = self.listed_by_upload(Key::incoming()).await?;
        let frozen = self.listed_by_upload(Key::frozen()).await?;
        let intents = self.listed_by_upload(Key::intents()).await?;
        if incoming.is_empty() && frozen.is_empty() && intents.is_empty() {
            let outcomes = self.listed_by_upload(Key::outcomes()).await?;
            if outcomes.is_empty() {
                return Ok(0);
            }
        }
        let now = if dry_run { SystemTime::now() } else { self.now().await? };
        let (limit, left) = (now.checked_sub(older_than), now.checked_sub(leftovers));
        let mut ended = 0;
        for (id, objects) in &intents {
            if !objects.iter().all(|(_, time)| is_old(*time, limit)) {
                continue;
            }
            match self.end_late(*id, dry_run).await {
                Ok(open) => ended += usize::from(open),
                Err(damaged @ StoreError::Damaged { .. }) => tracing::warn!("{damaged}"),
                Err(error) => return Err(error),
            }
        }
        if dry_run {
            return Ok(ended);
        }
        let outcomes = self.listed_by_upload(Key::outcomes()).await?;
        let gone = |id: &Id| !intents.contains_key(id) || outcomes.contains_key(id);
        for (id, objects) in incoming.iter().chain(&frozen) {
            for (path, time) in objects {
                let dead = Key::is_frozen(path) && is_old(*time, left);
                if gone(id) || dead {
                    self.remove(path).await?;
                }
            }
        }
        for (id, objects) in &outcomes {
            let old = objects.iter().all(|(_, time)| is_old(*time, left));
            if old && self.intent_is_gone(*id).await? {
                self.remove_incoming(*id).await?;
                self.remove(&Key::Outcome(*id).path()).await?;
            }
        }
        Ok(ended)
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

    async fn listed_by_upload(&self, folder: Path) -> Result<BTreeMap<Id, Vec<(Path, SystemTime)>>> {
        let mut found: BTreeMap<Id, Vec<(Path, SystemTime)>> = BTreeMap::new();
        let mut list = self.objects.list(Some(&folder));
        while let Some(object) = list.next().await {
            let Some(object) = existing(object)? else { continue };
            let id = object.location.parts().nth(1).and_then(|part| part.as_ref().parse().ok());
            if let Some(id) = id {
                found.entry(id).or_default().push((object.location, object.last_modified.into()));
            }
        }
        Ok(found)
    }
}
