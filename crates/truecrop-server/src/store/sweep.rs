//! The sweep: ends uploads that nobody has confirmed in time, and removes tombstones and what a crash has left.
//!
//! It decides by lists, which may be out of date when it acts. So each action asks the store again, by a create that
//! fails when the upload is not what the list said.

use super::list::{Listed, is_old};
use super::outbox::LONGEST_EVENT;
use super::record::{End, Record};
use super::tombstones::{Buried, MOST_HELD};
use super::{
    AuditState, Event, EventKind, GRACE, Id, Key, Result, Settlement, Stage, Store, StoreError, failed,
};
use crate::metrics;
use bytes::Bytes;
use futures::TryStreamExt;
use object_store::ObjectStoreExt;
use serde::Serialize;
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

/// What a call that ends an upload has found.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ended {
    /// Whether this call has put up the tombstone: of several, one has.
    pub(super) first: bool,
    /// How it has ended, by whichever call; `None` where it was confirmed, or nothing is left of it.
    pub(super) how: Option<End>,
}

/// The latest times of things that are old enough; `None` for ages before all time.
struct Limits {
    pending: Option<SystemTime>,
    leftovers: Option<SystemTime>,
    tombstones: Option<SystemTime>,
    /// For deadlines, in seconds since 1970; 0, at which none is over, where no upload that waits is to be touched.
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
        self.sweep_holding(MOST_HELD, ages, dry_run).await
    }

    /// The same with so many tombstones in memory at once. Of everything else one upload is, while the store lists them.
    pub(super) async fn sweep_holding(&self, most_held: usize, ages: Ages, dry_run: bool) -> Result<Swept> {
        let now = if dry_run { SystemTime::now() } else { self.now().await? };
        let pending = now.checked_sub(ages.pending);
        let since_1970 = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let limits = Limits {
            pending,
            leftovers: now.checked_sub(ages.leftovers),
            tombstones: now.checked_sub(ages.tombstones),
            now: pending.map_or(0, |_| since_1970.as_secs()),
        };
        let mut swept = Swept { dry_run, ..Swept::default() };
        let mut tombstones = self.tombstones();
        let mut buried = Buried::next(&mut tombstones, most_held).await?;
        let removed = self.sweep_all_pending(&buried, &limits, &mut swept).await?;
        self.sweep_all_kept(&buried, &limits, &mut swept).await?;
        if dry_run {
            return Ok(swept);
        }
        while !buried.are_all {
            buried = Buried::next(&mut tombstones, most_held).await?;
            self.clean_buried(&buried).await?;
        }
        // For as long as an upload waits to be confirmed, and for as long as one may be under way.
        self.sweep_requests(limits.pending.min(limits.leftovers)).await?;
        self.sweep_leases(limits.leftovers).await?;
        self.sweep_outbox(now.checked_sub(LONGEST_EVENT)).await?;
        self.sweep_tombstones(limits.tombstones).await?;
        swept.leftovers += self.sweep_files(limits.leftovers).await?;
        self.sweep_used_tokens(now).await?;
        metrics::swept(removed, swept.waiting);
        Ok(swept)
    }

    /// Gives the number of uploads that this call ended.
    async fn sweep_all_pending(&self, buried: &Buried, limits: &Limits, swept: &mut Swept) -> Result<u64> {
        let mut removed = 0;
        let mut uploads = self.uploads(Stage::Pending);
        while let Some((id, listed)) = uploads.try_next().await? {
            if self.has_tombstone(id, buried).await? {
                self.clean_unless(swept.dry_run, id).await?;
            } else {
                removed += self.sweep_pending(id, listed, limits, swept).await?;
            }
        }
        Ok(removed)
    }

    /// Uploads with something wrong in kept; of the others, of which there may be millions, no more is asked than the list.
    async fn sweep_all_kept(&self, buried: &Buried, limits: &Limits, swept: &mut Swept) -> Result<()> {
        let mut uploads = self.uploads(Stage::Kept);
        while let Some((id, listed)) = uploads.try_next().await? {
            match listed.manifest {
                _ if buried.has(id) => self.clean_unless(swept.dry_run, id).await?,
                None if is_old(listed.time, limits.leftovers) => {
                    swept.leftovers += usize::from(self.sweep_orphan(id, limits, swept.dry_run).await?);
                }
                Some(_) if !listed.is_manifest() && !swept.dry_run => self.complete_end(id).await?,
                _ => {}
            }
        }
        Ok(())
    }

    async fn clean_unless(&self, dry_run: bool, id: Id) -> Result<()> {
        if dry_run { Ok(()) } else { self.clean(id).await }
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
    async fn sweep_pending(&self, id: Id, listed: Listed, limits: &Limits, swept: &mut Swept) -> Result<u64> {
        if listed.is_manifest() {
            // A younger one may be confirmed at this moment.
            let due = listed.audit.is_some_and(|deadline| deadline <= limits.now);
            let old = is_old(listed.time, limits.leftovers.max(limits.pending));
            let kept = (due || old) && self.is_kept(id).await?;
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
            let ended = self.end_pending(id, End::Expired).await?;
            if ended.how == Some(End::Expired) {
                self.happened(EventKind::Expired, id);
            } else if !kept {
                self.take_expiry_back(id).await?;
            }
            return Ok(u64::from(ended.first));
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

    /// For an upload that was confirmed or deleted at the last moment. Not where another sweep has ended it: the event is the same.
    async fn take_expiry_back(&self, id: Id) -> Result<()> {
        if self.outbox.is_none() || self.has_expired(id).await? != Some(false) {
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

    /// Ends an upload that nobody has confirmed. If it was confirmed after all, only what the confirm has left in pending is removed.
    pub(super) async fn end_pending(&self, id: Id, mut how: End) -> Result<Ended> {
        if !self.end(Stage::Kept, id, how).await? {
            match self.record(Stage::Kept, id).await? {
                // Another call has ended it, and perhaps died before the tombstone.
                Some(Record::Ended(by_others)) => how = by_others,
                Some(Record::Reached(_) | Record::Damaged) => {
                    self.remove_folder(Stage::Pending, id, true).await?;
                    return Ok(Ended::default());
                }
                None => return Ok(Ended::default()),
            }
        }
        let first = self.bury(id, how).await?;
        if let (false, Some(burial)) = (first, self.burial(id).await?) {
            // Where a delete was over before, and has cleaned, this call's word means nothing.
            how = burial.end;
        }
        self.clean(id).await?;
        Ok(Ended { first, how: Some(how) })
    }

    /// Removes what a dead put has left, and makes the put fail if it lives. True when something was removed.
    async fn remove_fragment(&self, id: Id, limits: &Limits) -> Result<bool> {
        let Some(listed) = self.listed(Stage::Pending, id).await? else { return Ok(false) };
        match self.record(Stage::Pending, id).await? {
            // The list is from before its manifest.
            Some(Record::Reached(_) | Record::Damaged) => Ok(false),
            Some(Record::Ended(_)) => {
                let old = is_old(listed.time, limits.tombstones);
                self.remove_folder(Stage::Pending, id, old).await?;
                Ok(old)
            }
            None if !is_old(listed.time, limits.leftovers) => Ok(false),
            None if self.end(Stage::Pending, id, End::Deleted).await? => {
                self.remove_folder(Stage::Pending, id, false).await?;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    async fn is_kept(&self, id: Id) -> Result<bool> {
        Ok(matches!(self.record(Stage::Kept, id).await?, Some(Record::Reached(_) | Record::Damaged)))
    }

    /// Removes copies whose confirm has died; true when it did, or would.
    async fn sweep_orphan(&self, id: Id, limits: &Limits, dry_run: bool) -> Result<bool> {
        let pending = self.record(Stage::Pending, id).await?;
        if matches!(pending, Some(Record::Reached(_) | Record::Damaged)) {
            // It can be confirmed again; else it ends with what is in pending.
            return Ok(false);
        }
        let Some(listed) = self.listed(Stage::Kept, id).await? else { return Ok(false) };
        if listed.manifest.is_some() || !is_old(listed.time, limits.leftovers) {
            return Ok(false);
        }
        Ok(dry_run || self.end_pending(id, End::Deleted).await?.first)
    }

    /// Completes a delete that has stopped before its tombstone.
    async fn complete_end(&self, id: Id) -> Result<()> {
        if let Some(Record::Ended(how)) = self.record(Stage::Kept, id).await? {
            self.end_pending(id, how).await?;
        }
        Ok(())
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
