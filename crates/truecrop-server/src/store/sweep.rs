//! The sweep: ends uploads that nobody has confirmed in time, and removes tombstones and what a crash has left.
//!
//! It decides by lists, which may be out of date when it acts. So each action asks the store again, by a create that
//! fails when the upload is not what the list said.

use super::list::{Listed, is_old};
use super::outbox::LONGEST_EVENT;
use super::record::Record;
use super::{
    AuditState, Event, EventKind, GRACE, Id, Key, Result, Settlement, Stage, Store, StoreError, failed,
};
use crate::metrics;
use bytes::Bytes;
use object_store::ObjectStoreExt;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

/// What a sweep did.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Swept {
    /// Uploads that were deleted (or would be, in a dry run).
    pub deleted: Vec<Id>,
    /// Uploads that still wait to be confirmed.
    pub waiting: usize,
    /// What crashes have left and was removed: staging files, and uploads without a manifest.
    pub leftovers: usize,
    /// Uploads by way of the store that ended because nobody completed them in time.
    pub uploads: usize,
    /// Whether nothing was touched.
    pub dry_run: bool,
}

/// The ages from which a sweep removes something, by the store's clock and the youngest object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ages {
    /// Of uploads that wait to be confirmed.
    pub pending: Duration,
    /// Of what a crash has left. A younger one may be under way.
    pub leftovers: Duration,
    /// Of tombstones. They must outlive every call that began before them.
    pub tombstones: Duration,
}

impl Ages {
    /// The age for uploads that wait to be confirmed; the others are [`GRACE`]. A tombstone stays as long as the record of a request
    /// that names its id: else the same request would bring the upload back.
    pub fn of_pending(pending: Duration) -> Self {
        Self { pending, leftovers: GRACE, tombstones: GRACE.max(pending) }
    }

    /// The ages for what is left over: uploads that wait are not touched.
    pub fn of_leftovers(age: Duration) -> Self {
        Self { pending: Duration::MAX, leftovers: age, tombstones: age.max(GRACE) }
    }
}

/// The latest times of things that are old enough; `None` for ages before all time.
struct Limits {
    pending: Option<SystemTime>,
    leftovers: Option<SystemTime>,
    tombstones: Option<SystemTime>,
    /// For deadlines, in seconds since 1970.
    now: u64,
}

impl Store {
    /// Deletes pending uploads that are older than this, and what crashes have left; a kept upload is never touched.
    /// Several sweeps at the same time do no harm.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn sweep(&self, older_than: Duration, dry_run: bool) -> Result<Swept> {
        self.sweep_by_age(Ages::of_pending(older_than), dry_run).await
    }

    /// The same with an age for each kind of thing.
    ///
    /// # Errors
    /// As [`Store::sweep`].
    pub async fn sweep_by_age(&self, ages: Ages, dry_run: bool) -> Result<Swept> {
        let now = if dry_run { SystemTime::now() } else { self.now().await? };
        let limits = Limits {
            pending: now.checked_sub(ages.pending),
            leftovers: now.checked_sub(ages.leftovers),
            tombstones: now.checked_sub(ages.tombstones),
            now: now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs(),
        };
        let mut swept = Swept { dry_run, ..Swept::default() };
        let tombstones = self.tombstones().await?;
        let mut pending = BTreeMap::new();
        self.for_each_upload(Stage::Pending, |id, listed| {
            pending.insert(id, listed);
        })
        .await?;
        let mut buried: BTreeSet<Id> =
            pending.keys().filter(|id| tombstones.contains_key(id)).copied().collect();
        pending.retain(|id, _| !tombstones.contains_key(id));
        // Uploads with something wrong in kept; the others are only counted, because there may be millions.
        let (mut orphans, mut halfway) = (Vec::new(), Vec::new());
        let mut kept = BTreeSet::new();
        self.for_each_upload(Stage::Kept, |id, listed| match listed.manifest {
            _ if tombstones.contains_key(&id) => drop(buried.insert(id)),
            None if is_old(listed.time, limits.leftovers) => orphans.push(id),
            Some(_) if !listed.is_manifest() => halfway.push(id),
            Some(_) if pending.contains_key(&id) => drop(kept.insert(id)),
            _ => {}
        })
        .await?;

        let mut removed = 0;
        for (id, listed) in pending {
            removed += self.sweep_pending(id, listed, kept.contains(&id), &limits, &mut swept).await?;
        }
        swept.leftovers += self.sweep_kept(&orphans, &halfway, &limits, dry_run).await?;
        if dry_run {
            return Ok(swept);
        }
        // For as long as an upload waits to be confirmed, and for as long as one may be under way.
        self.sweep_requests(limits.pending.min(limits.leftovers)).await?;
        self.sweep_leases(limits.leftovers).await?;
        self.sweep_outbox(now.checked_sub(LONGEST_EVENT)).await?;
        for (id, time) in tombstones {
            let old = is_old(time, limits.tombstones);
            if old || buried.contains(&id) {
                self.clean(id).await?;
            }
            if old {
                self.remove(&Key::Tombstone(id).path()).await?;
            }
        }
        swept.leftovers += self.sweep_files(limits.leftovers).await?;
        self.sweep_used_tokens(now).await?;
        metrics::swept(removed, swept.waiting);
        Ok(swept)
    }

    /// The time by the store's own clock, which its objects' times are to be compared with.
    pub(super) async fn now(&self) -> Result<SystemTime> {
        let key = Key::SelfTest(Id::random()?);
        self.create(&key, Bytes::from_static(b"now")).await?;
        let now = self.objects.head(&key.path()).await.map_err(failed)?.last_modified;
        self.remove(&key.path()).await?;
        Ok(now.into())
    }

    /// What to do with one upload in pending. Gives the number of uploads that this call ended.
    async fn sweep_pending(
        &self,
        id: Id,
        listed: Listed,
        kept: bool,
        limits: &Limits,
        swept: &mut Swept,
    ) -> Result<u64> {
        if listed.is_manifest() {
            // With a manifest in kept as well, this is what an interrupted confirm has not removed.
            let limit = if kept { limits.leftovers } else { limits.pending };
            let unproved = !kept && self.is_unproved(id, listed, limits, swept.dry_run).await?;
            if !unproved && !is_old(listed.time, limit) {
                swept.waiting += usize::from(!kept);
                return Ok(0);
            }
            if !kept {
                swept.deleted.push(id);
            }
            if swept.dry_run {
                return Ok(0);
            }
            if !kept {
                self.announce_expiry(id).await?;
            }
            let ended = self.end_pending(id).await?;
            if ended {
                self.happened(EventKind::Expired, id);
            } else if !kept {
                self.take_expiry_back(id).await?;
            }
            return Ok(u64::from(ended));
        }
        let limit = if listed.manifest.is_some() { limits.tombstones } else { limits.leftovers };
        if is_old(listed.time, limit) {
            swept.leftovers += usize::from(swept.dry_run || self.remove_fragment(id, limits).await?);
        }
        Ok(0)
    }

    async fn announce_expiry(&self, id: Id) -> Result<()> {
        if self.outbox.is_none() {
            return Ok(());
        }
        let record = self.record(Stage::Pending, id).await?;
        let manifest = if let Some(Record::Reached(manifest)) = &record { Some(manifest) } else { None };
        self.announce_event(EventKind::Expired, id, manifest).await
    }

    /// For an upload that was confirmed at the last moment.
    async fn take_expiry_back(&self, id: Id) -> Result<()> {
        let confirmed = matches!(self.record(Stage::Kept, id).await?, Some(Record::Reached(_)));
        if self.outbox.is_none() || !confirmed {
            return Ok(());
        }
        self.forget_event(Event { kind: EventKind::Expired, id }).await
    }

    /// Whether the source of an upload was awaited, and has not proved it until its deadline.
    async fn is_unproved(&self, id: Id, listed: Listed, limits: &Limits, dry_run: bool) -> Result<bool> {
        if listed.audit.is_none_or(|deadline| deadline > limits.now) {
            return Ok(false);
        }
        if dry_run {
            return Ok(!matches!(self.audit_state(id).await?, AuditState::Passed(_)));
        }
        match self.settle_audit(id, Settlement::Late).await {
            Ok(state) => Ok(state == Some(AuditState::Failed)),
            // It ends by age.
            Err(StoreError::Damaged { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Ends an upload that nobody has confirmed; true when this call did. If it was confirmed after all, only what
    /// the confirm has left in pending is removed.
    pub(super) async fn end_pending(&self, id: Id) -> Result<bool> {
        if !self.end(Stage::Kept, id).await? {
            match self.record(Stage::Kept, id).await? {
                // Another call has ended it, and perhaps died before the tombstone.
                Some(Record::Ended) => {}
                Some(Record::Reached(_) | Record::Damaged) => {
                    self.remove_folder(Stage::Pending, id, true).await?;
                    return Ok(false);
                }
                None => return Ok(false),
            }
        }
        let first = self.bury(id).await?;
        self.clean(id).await?;
        Ok(first)
    }

    /// Removes what a dead put has left, and makes the put fail if it lives. True when something was removed.
    async fn remove_fragment(&self, id: Id, limits: &Limits) -> Result<bool> {
        let Some(listed) = self.listed(Stage::Pending, id).await? else { return Ok(false) };
        match self.record(Stage::Pending, id).await? {
            // The list is from before its manifest.
            Some(Record::Reached(_) | Record::Damaged) => Ok(false),
            Some(Record::Ended) => {
                let old = is_old(listed.time, limits.tombstones);
                self.remove_folder(Stage::Pending, id, old).await?;
                Ok(old)
            }
            None if !is_old(listed.time, limits.leftovers) => Ok(false),
            None if self.end(Stage::Pending, id).await? => {
                self.remove_folder(Stage::Pending, id, false).await?;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Removes copies whose confirm has died, and completes deletes that stopped before their tombstone.
    async fn sweep_kept(
        &self,
        orphans: &[Id],
        halfway: &[Id],
        limits: &Limits,
        dry_run: bool,
    ) -> Result<usize> {
        let mut removed = 0;
        for id in orphans {
            let pending = self.record(Stage::Pending, *id).await?;
            if matches!(pending, Some(Record::Reached(_) | Record::Damaged)) {
                // It can be confirmed again; else it ends with what is in pending.
                continue;
            }
            let Some(listed) = self.listed(Stage::Kept, *id).await? else { continue };
            if listed.manifest.is_some() || !is_old(listed.time, limits.leftovers) {
                continue;
            }
            if dry_run || self.end_pending(*id).await? {
                removed += 1;
            }
        }
        for id in halfway {
            if !dry_run && self.record(Stage::Kept, *id).await? == Some(Record::Ended) {
                self.end_pending(*id).await?;
            }
        }
        Ok(removed)
    }

    /// Removes old staging files, and objects of self-tests that were killed.
    async fn sweep_files(&self, limit: Option<SystemTime>) -> Result<usize> {
        let Some(limit) = limit else { return Ok(0) };
        for object in self.list(&Key::self_tests()).await? {
            if is_old(object.last_modified.into(), Some(limit)) {
                self.remove(&object.location).await?;
            }
        }
        Ok(self.remove_old_staging(limit))
    }
}
