//! Tombstones, of which there may be more than fit into memory: the sweep holds a part of them at once, as 16 bytes each.

use super::list::{Group, is_old};
use super::{Id, Key, Result, Stage, Store};
use futures::TryStreamExt;
use futures::stream::BoxStream;
use std::time::SystemTime;

/// Most tombstones that a sweep holds at once: 4 MiB.
pub(super) const MOST_HELD: usize = 1 << 18;

/// A list of all tombstones.
pub(super) type Tombstones = BoxStream<'static, Result<Group>>;

/// Some tombstones.
pub(super) struct Buried {
    /// In order.
    ids: Vec<Id>,
    /// Whether there are no others.
    pub(super) are_all: bool,
}

impl Buried {
    pub(super) fn has(&self, id: Id) -> bool {
        self.ids.binary_search(&id).is_ok()
    }

    /// The next of a list, at most so many.
    pub(super) async fn next(list: &mut Tombstones, most: usize) -> Result<Self> {
        let mut ids = Vec::new();
        while ids.len() < most {
            let Some(group) = list.try_next().await? else {
                ids.sort_unstable();
                return Ok(Self { ids, are_all: true });
            };
            ids.extend(group.id());
        }
        ids.sort_unstable();
        Ok(Self { ids, are_all: false })
    }
}

impl Store {
    pub(super) fn tombstones(&self) -> Tombstones {
        self.groups(&Key::tombstones())
    }

    /// Whether an upload has ended, where not all tombstones are known.
    pub(super) async fn has_tombstone(&self, id: Id, buried: &Buried) -> Result<bool> {
        Ok(buried.has(id) || (!buried.are_all && self.is_buried(id).await?))
    }

    /// Removes what is left of uploads that have ended, by a look at every upload.
    pub(super) async fn clean_buried(&self, buried: &Buried) -> Result<()> {
        for stage in [Stage::Pending, Stage::Kept] {
            let mut uploads = self.groups(&Key::stage(stage));
            while let Some(group) = uploads.try_next().await? {
                if let Some(id) = group.id().filter(|id| buried.has(*id)) {
                    self.clean(id).await?;
                }
            }
        }
        Ok(())
    }

    /// Removes old tombstones, after everything else of their uploads.
    pub(super) async fn sweep_tombstones(&self, limit: Option<SystemTime>) -> Result<()> {
        let mut tombstones = self.tombstones();
        while let Some(group) = tombstones.try_next().await? {
            if let Some(id) = group.id().filter(|_| is_old(group.youngest(), limit)) {
                self.clean(id).await?;
                self.remove(&Key::Tombstone(id).path()).await?;
            }
        }
        Ok(())
    }
}
