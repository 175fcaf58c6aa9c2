//! Lists of what lies in the store, by upload.

use super::record::ENDED;
use super::{Id, Key, Result, Stage, Store, existing};
use futures::StreamExt;
use object_store::ObjectMeta;
use object_store::path::Path;
use std::collections::BTreeMap;
use std::time::SystemTime;

/// The objects of one upload in one stage, as a list shows them.
#[derive(Clone, Copy)]
pub(super) struct Listed {
    /// The time of the youngest.
    pub(super) time: SystemTime,
    /// The length of the object under the manifest's key.
    pub(super) manifest: Option<u64>,
    /// Until when its source is awaited, in seconds since 1970.
    pub(super) audit: Option<u64>,
}

impl Listed {
    /// Whether that may be a manifest; the word *ended* has another length.
    pub(super) fn is_manifest(&self) -> bool {
        self.manifest.is_some_and(|length| length != ENDED.len() as u64)
    }
}

impl Store {
    /// Tombstones with their times.
    pub(super) async fn tombstones(&self) -> Result<BTreeMap<Id, SystemTime>> {
        let mut tombstones = BTreeMap::new();
        let mut list = self.objects.list(Some(&Key::tombstones()));
        while let Some(object) = list.next().await {
            let Some(object) = existing(object)? else { continue };
            if let Some(id) = id_of(&object) {
                tombstones.insert(id, object.last_modified.into());
            }
        }
        Ok(tombstones)
    }

    /// An upload's objects in one stage, now; `None` when there are none.
    pub(super) async fn listed(&self, stage: Stage, id: Id) -> Result<Option<Listed>> {
        let objects = self.list(&Key::folder(stage, id)).await?;
        Ok(objects.iter().fold(None, |listed, object| Some(add(listed, stage, id, object))))
    }

    /// Calls `each` for every upload with objects in a stage, and gives the paths that belong to none. Every store
    /// lists a folder's objects one after the other; if one did not, an upload would be seen in pieces, which each
    /// action here looks at again.
    pub(super) async fn for_each_upload(
        &self,
        stage: Stage,
        mut each: impl FnMut(Id, Listed),
    ) -> Result<Vec<Path>> {
        let mut strangers = Vec::new();
        let mut list = self.objects.list(Some(&Key::stage(stage)));
        let mut current: Option<(Id, Listed)> = None;
        while let Some(object) = list.next().await {
            let Some(object) = existing(object)? else { continue };
            let Some(id) = id_of(&object) else {
                strangers.push(object.location);
                continue;
            };
            let same = current.take_if(|(last, _)| *last == id).map(|(_, listed)| listed);
            let next = (id, add(same, stage, id, &object));
            if let Some((last, listed)) = current.replace(next) {
                each(last, listed);
            }
        }
        if let Some((last, listed)) = current {
            each(last, listed);
        }
        Ok(strangers)
    }
}

fn add(listed: Option<Listed>, stage: Stage, id: Id, object: &ObjectMeta) -> Listed {
    let time = SystemTime::from(object.last_modified);
    let mut listed = listed.unwrap_or(Listed { time, manifest: None, audit: None });
    listed.time = listed.time.max(time);
    // A try that died may have left an earlier one than its manifest has.
    listed.audit = listed.audit.max(object.location.filename().and_then(Key::deadline_in));
    if object.location == Key::Manifest(stage, id).path() {
        listed.manifest = Some(object.size);
    }
    listed
}

fn id_of(object: &ObjectMeta) -> Option<Id> {
    object.location.parts().nth(1)?.as_ref().parse().ok()
}

pub(super) fn is_old(time: SystemTime, limit: Option<SystemTime>) -> bool {
    limit.is_some_and(|limit| time <= limit)
}
