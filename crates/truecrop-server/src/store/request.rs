//! Requests that a client may send again: `requests/{digest}`, made by who comes first, says what the request was and which ids its
//! pictures have. Who comes later, on any server and also after a crash, goes on with the same ids.

use super::list::is_old;
use super::record::Record;
use super::{About, Id, Key, RequestKey, Result, Stage, Store, StoreError, existing};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};
use truecrop_core::receipt::Digest;
use truecrop_core::{Code, Error};

/// What a request was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestRecord {
    /// Seconds since 1970.
    created: u64,
    /// What was sent.
    content: Digest,
    /// The ids of its pictures by their names.
    ids: BTreeMap<String, Id>,
}

impl RequestRecord {
    /// A request that comes now, with new ids for its pictures.
    ///
    /// # Errors
    /// As [`Id::random`].
    pub fn new<'a>(content: Digest, pictures: impl IntoIterator<Item = &'a str>) -> Result<Self, Error> {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let ids = pictures.into_iter().map(|name| Ok((name.to_owned(), Id::random()?)));
        let ids = ids.collect::<Result<_, Error>>()?;
        Ok(Self { created: since.unwrap_or_default().as_secs(), content, ids })
    }

    /// Whether this is a record of the same content.
    pub fn is_of(&self, content: Digest) -> bool {
        self.content == content
    }

    /// Tells this record from every other, also from a later one of the same request: the ids are random.
    pub fn fingerprint(&self) -> Digest {
        // Such a value always serialises.
        Digest::of(&serde_json::to_vec(self).unwrap_or_default())
    }

    /// What is known of a picture of this request; the same, whoever asks.
    pub fn about(&self, picture: &str, ttl: Duration) -> Option<About> {
        let created = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(self.created))?;
        Some(About { id: *self.ids.get(picture)?, created, ttl, subject: None, audit: None, shared: true })
    }
}

impl Store {
    /// The record of a request: this one, or the one of who came first.
    ///
    /// # Errors
    /// [`StoreError::Failed`], also for a record that cannot be read.
    pub async fn begin_request(&self, key: &RequestKey, record: RequestRecord) -> Result<RequestRecord> {
        let json = serde_json::to_vec(&record).map_err(|e| Error::new(Code::Internal, e.to_string()))?;
        if self.create(&Key::Request(key), json.into()).await? {
            return Ok(record);
        }
        let there = self.get(&Key::Request(key)).await?;
        let read = there.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        // Perhaps the sweep has just removed it.
        read.ok_or_else(|| {
            StoreError::Failed(Error::new(Code::Io, "The record of this request cannot be read."))
        })
    }

    /// Whether an upload was there and has ended.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn has_ended(&self, id: Id) -> Result<bool> {
        for stage in [Stage::Kept, Stage::Pending] {
            if matches!(self.record(stage, id).await?, Some(Record::Ended(_))) {
                return Ok(true);
            }
        }
        self.is_buried(id).await
    }

    /// Forgets requests that began at this time or before.
    pub(super) async fn sweep_requests(&self, limit: Option<SystemTime>) -> Result<()> {
        let mut list = self.objects.list(Some(&Key::requests()));
        while let Some(object) = list.next().await {
            let Some(object) = existing(object)? else { continue };
            if is_old(object.last_modified.into(), limit) {
                self.remove(&object.location).await?;
            }
        }
        Ok(())
    }
}
