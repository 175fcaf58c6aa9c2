//! Audits: an upload at level `committed` may be asked for its source before it can be confirmed. What becomes of that is decided by one
//! object, `pending/{id}/audit`: whoever creates it first, the source that proves the upload or disproves it, or the sweep after the
//! deadline. A marker with the deadline in its name, `pending/{id}/audit-{deadline}`, tells the sweep which uploads these are.

use super::{Event, EventKind, Id, Key, Result, Stage, Store};
use crate::metrics;
use bytes::Bytes;
use truecrop_core::verify::Level;

/// What has become of an audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditState {
    /// The source is awaited.
    Waiting,
    /// The source has proved the upload at this level: `committed` still where only the browser can decode it.
    Passed(Level),
    /// The source has disproved it, or has not come in time.
    Failed,
}

/// How an audit ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The source has proved the upload at this level.
    Proved(Level),
    /// The source has disproved it.
    Disproved,
    /// It has not come in time.
    Late,
}

impl AuditState {
    /// As in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            AuditState::Waiting => "waiting",
            AuditState::Passed(_) => "passed",
            AuditState::Failed => "failed",
        }
    }
}

impl Settlement {
    /// As in labels of metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Settlement::Proved(_) => "passed",
            Settlement::Disproved => "failed",
            Settlement::Late => "late",
        }
    }
}

impl Store {
    /// What has become of the audit of a pending upload.
    ///
    /// # Errors
    /// [`StoreError::Failed`](super::StoreError::Failed).
    pub async fn audit_state(&self, id: Id) -> Result<AuditState> {
        let Some(word) = self.get(&Key::Audit(id)).await? else { return Ok(AuditState::Waiting) };
        let level = [Level::Committed, Level::Source].into_iter().find(|level| word == level.as_str());
        Ok(level.map_or(AuditState::Failed, AuditState::Passed))
    }

    /// Ends an audit, unless it has ended: gives how it stands then, whoever was first; `None` when there is no such upload any more.
    ///
    /// # Errors
    /// [`StoreError::Failed`](super::StoreError::Failed), and those of [`Store::find`].
    pub async fn settle_audit(&self, id: Id, how: Settlement) -> Result<Option<AuditState>> {
        let word = match how {
            Settlement::Proved(level) => level.as_str(),
            Settlement::Disproved | Settlement::Late => "failed",
        };
        let fails = !matches!(how, Settlement::Proved(_));
        if fails {
            self.announce_failed_audit(id).await?;
        }
        let first = self.create(&Key::Audit(id), Bytes::from_static(word.as_bytes())).await?;
        let state = self.audit_state(id).await?;
        let found = self.find(id).await?;
        if let Some((Stage::Pending, _)) = found {
            if first {
                metrics::audit(how.as_str());
                if fails {
                    self.happened(EventKind::AuditFailed, id);
                }
            }
            if matches!(state, AuditState::Passed(_)) {
                self.forget_failed_audit(id).await?;
            }
            return Ok(Some(state));
        }
        // What was decided here came too late to count, unless somebody had decided it before.
        if found.is_some() || (first && !self.burial(id).await?.is_some_and(|burial| burial.audit_failed)) {
            self.forget_failed_audit(id).await?;
        }
        // It has been confirmed or has ended, and perhaps was cleaned up before this call wrote.
        self.remove(&Key::Audit(id).path()).await?;
        Ok(found.map(|(_, manifest)| AuditState::Passed(manifest.level)))
    }

    /// The event of a failure that another call, or this one, has announced before the source proved the upload.
    async fn forget_failed_audit(&self, id: Id) -> Result<()> {
        if self.outbox.is_none() {
            return Ok(());
        }
        self.forget_event(Event { kind: EventKind::AuditFailed, id }).await
    }

    async fn announce_failed_audit(&self, id: Id) -> Result<()> {
        if self.outbox.is_none() {
            return Ok(());
        }
        match self.find(id).await? {
            Some((_, manifest)) => self.announce_event(EventKind::AuditFailed, id, Some(&manifest)).await,
            None => Ok(()),
        }
    }
}
