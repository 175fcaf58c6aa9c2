//! The outbox: what the application is to hear of uploads, `outbox/{event}-{id}`, until it has heard it.
//!
//! An event is written before the step that it tells of, and sent after it. So no crash loses it: what is found in the outbox later is
//! sent if the store says that its step has happened, and removed otherwise.

use super::list::is_old;
use super::record::{End, Record};
use super::{AuditState, Event, EventKind, GRACE, Id, Key, Manifest, Result, Stage, Store, existing};
use bytes::Bytes;
use futures::StreamExt;
use serde::de::IgnoredAny;
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc;

/// Events that may wait for the sender; further ones wait in the outbox for the next sweep.
const MOST_WAITING: usize = 1024;

/// Longest time for which an event can be configured to be sent.
pub const LONGEST_EVENT: Duration = Duration::from_secs(30 * 24 * 3600);

impl Store {
    /// The same that keeps what the application is to hear, and tells the receiver when there is something to send.
    #[must_use]
    pub fn with_outbox(self) -> (Self, mpsc::Receiver<Event>) {
        let (sender, receiver) = mpsc::channel(MOST_WAITING);
        (Self { outbox: Some(sender), ..self }, receiver)
    }

    /// Writes what is about to happen. Nothing where nobody is to hear it.
    ///
    /// # Errors
    /// [`StoreError::Failed`](super::StoreError::Failed); then the step must not happen.
    pub(super) async fn announce_event(
        &self,
        kind: EventKind,
        id: Id,
        manifest: Option<&Manifest>,
    ) -> Result<()> {
        if self.outbox.is_none() {
            return Ok(());
        }
        let event = Event { kind, id };
        let json = event.to_json(manifest, SystemTime::now()).to_string();
        self.create(&Key::Event(event), json.into()).await.map(drop)
    }

    /// Has an event sent whose step has happened. If too many wait, the next sweep does it.
    pub fn happened(&self, kind: EventKind, id: Id) {
        if let Some(outbox) = &self.outbox {
            let _ = outbox.try_send(Event { kind, id });
        }
    }

    /// What an event says; `None` when somebody has sent it. One that cannot be read any more says at least which it is.
    ///
    /// # Errors
    /// [`StoreError::Failed`](super::StoreError::Failed).
    pub async fn event(&self, event: Event) -> Result<Option<Bytes>> {
        let written = self.get(&Key::Event(event)).await?;
        let is_json = |bytes: &Bytes| serde_json::from_slice::<IgnoredAny>(bytes).is_ok();
        let again = || event.to_json(None, SystemTime::now()).to_string().into();
        Ok(written.map(|bytes| if is_json(&bytes) { bytes } else { again() }))
    }

    /// Removes an event that was sent, or never will be.
    ///
    /// # Errors
    /// [`StoreError::Failed`](super::StoreError::Failed); then it is sent again.
    pub async fn forget_event(&self, event: Event) -> Result<()> {
        self.remove(&Key::Event(event).path()).await.map(drop)
    }

    /// Events of this age and older, with their ages; at most so many.
    ///
    /// # Errors
    /// [`StoreError::Failed`](super::StoreError::Failed).
    pub async fn events(&self, older_than: Duration, most: usize) -> Result<Vec<(Event, Duration)>> {
        let now = self.now().await?;
        let limit = now.checked_sub(older_than);
        let mut events = Vec::new();
        let mut list = self.objects.list(Some(&Key::outbox()));
        while let Some(object) = list.next().await {
            let Some(object) = existing(object)? else { continue };
            let time = SystemTime::from(object.last_modified);
            let event = object.location.filename().and_then(Event::parse).filter(|_| is_old(time, limit));
            events.extend(event.map(|event| (event, now.duration_since(time).unwrap_or_default())));
            if events.len() == most {
                break;
            }
        }
        Ok(events)
    }

    /// Removes events that nobody sends any more, such as those of a webhook that is no longer configured.
    pub(super) async fn sweep_outbox(&self, limit: Option<SystemTime>) -> Result<()> {
        let mut list = self.objects.list(Some(&Key::outbox()));
        while let Some(object) = list.next().await {
            let Some(object) = existing(object)? else { continue };
            if is_old(object.last_modified.into(), limit) {
                self.remove(&object.location).await?;
            }
        }
        Ok(())
    }

    /// Whether what an event tells of has happened; `None` when it may happen yet. Of an upload that has ended, its tombstone says how. When
    /// that is gone too, which takes longer than an upload may wait, what was announced is believed.
    ///
    /// Each step finds its upload in pending. While something lies there, it may be made at this moment, however old the event is: a try
    /// that died has announced it before.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn has_happened(&self, event: Event, age: Duration) -> Result<Option<bool>> {
        let id = event.id;
        // Before the other looks: they see what leaves pending after this one.
        let may_happen = age <= GRACE || self.listed(Stage::Pending, id).await?.is_some();
        let happened = match event.kind {
            EventKind::Accepted => self.find(id).await?.is_some().then_some(true),
            EventKind::Confirmed => matches!(self.find(id).await?, Some((Stage::Kept, _))).then_some(true),
            EventKind::Expired => self.has_expired(id).await?,
            EventKind::AuditFailed => match self.burial(id).await? {
                Some(burial) => Some(burial.audit_failed),
                None => self.has_failed_audit(id).await?,
            },
        };
        Ok(happened.or((!may_happen).then_some(false)))
    }

    /// Whether the sweep has ended an upload; `None` while nothing has.
    pub(super) async fn has_expired(&self, id: Id) -> Result<Option<bool>> {
        if let Some(burial) = self.burial(id).await? {
            return Ok(Some(burial.end == End::Expired));
        }
        Ok(match self.record(Stage::Kept, id).await? {
            Some(Record::Ended(how)) => Some(how == End::Expired),
            Some(Record::Reached(_) | Record::Damaged) => Some(false),
            None if self.find(id).await?.is_some() => None,
            // It may have ended since the first look.
            None => Some(self.burial(id).await?.is_none_or(|burial| burial.end == End::Expired)),
        })
    }

    /// Whether the audit of an upload without a tombstone has failed; `None` while nothing is decided.
    async fn has_failed_audit(&self, id: Id) -> Result<Option<bool>> {
        Ok(match self.audit_state(id).await? {
            AuditState::Failed => Some(true),
            AuditState::Passed(_) => Some(false),
            AuditState::Waiting => match self.find(id).await? {
                Some((Stage::Kept, _)) => Some(false),
                Some((Stage::Pending, _)) => None,
                None => Some(self.burial(id).await?.is_none_or(|burial| burial.audit_failed)),
            },
        })
    }
}
