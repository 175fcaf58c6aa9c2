//! Which requests run: `running/{digest}/{number}`, created by the server that works on a request and removed when it ends. Who finds one
//! waits. A server that dies leaves it, so it counts for as long as a request can take; then exactly one of those who come next creates
//! the one with the next number.
//!
//! It spares work and tells a client to wait, and nothing else rests on it: two servers that work on the same request, because one of
//! them was taken for dead, create the same objects.

use super::list::is_old;
use super::{Key, RequestKey, Result, Store};
use bytes::Bytes;
use futures::TryStreamExt;
use object_store::path::Path;
use std::time::{Duration, SystemTime};

/// The right to work on a request, until [`Store::end_lease`].
#[derive(Debug)]
pub struct Lease {
    key: RequestKey,
    number: u32,
}

/// Whether a request may begin.
#[derive(Debug)]
pub enum Leased {
    /// Nobody else works on it.
    Taken(Lease),
    /// Somebody does, or has died; for so long from now at most.
    Held(Duration),
}

impl Store {
    /// Begins a request, unless another server works on it. `longest`: what a request can take.
    ///
    /// # Errors
    /// [`StoreError::Failed`](super::StoreError::Failed); then it may be held for as long as a request can take.
    pub async fn take_lease(&self, key: RequestKey, longest: Duration) -> Result<Leased> {
        if self.create(&Key::Running(&key, 0), Bytes::new()).await? {
            return Ok(Leased::Taken(Lease { key, number: 0 }));
        }
        let held = self.list(&Key::running().join(key.to_string())).await?;
        let Some(youngest) = held.iter().map(|object| SystemTime::from(object.last_modified)).max() else {
            // It has just ended.
            return Ok(Leased::Held(Duration::ZERO));
        };
        let age = self.now().await?.duration_since(youngest).unwrap_or_default();
        if let Some(left) = longest.checked_sub(age).filter(|left| !left.is_zero()) {
            return Ok(Leased::Held(left));
        }
        let last = held.iter().filter_map(|object| number_of(&object.location)).max().unwrap_or(0);
        let number = last.saturating_add(1);
        if self.create(&Key::Running(&key, number), Bytes::new()).await? {
            return Ok(Leased::Taken(Lease { key, number }));
        }
        Ok(Leased::Held(longest))
    }

    /// Ends a request. Its own object goes last: before that, nobody can create it and be taken for this one.
    ///
    /// # Errors
    /// [`StoreError::Failed`](super::StoreError::Failed); then it is held for as long as a request can take.
    pub async fn end_lease(&self, lease: Lease) -> Result<()> {
        for number in 0..=lease.number {
            self.remove(&Key::Running(&lease.key, number).path()).await?;
        }
        self.remove_empty_folder(&Key::running().join(lease.key.to_string()));
        Ok(())
    }

    /// Removes what dead servers have left: of a request either all of its objects, or none.
    pub(super) async fn sweep_leases(&self, limit: Option<SystemTime>) -> Result<()> {
        let mut requests = self.groups(&Key::running());
        while let Some(request) = requests.try_next().await? {
            if !is_old(request.youngest(), limit) {
                continue;
            }
            for object in &request.objects {
                self.remove(&object.location).await?;
            }
            self.remove_empty_folder(&Key::running().join(request.name));
        }
        Ok(())
    }
}

fn number_of(path: &Path) -> Option<u32> {
    path.filename()?.parse().ok()
}
