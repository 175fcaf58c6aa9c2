//! Lists of what lies in the store, by upload.

use super::record::WORD_BYTES;
use super::{Id, Key, Result, Stage, Store, existing};
use futures::future::ready;
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use object_store::ObjectMeta;
use object_store::path::Path;
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
        self.manifest.is_some_and(|length| length != WORD_BYTES)
    }
}

/// The objects of one upload in a folder, or of whatever has a name there.
pub(super) struct Group {
    /// The name in the folder.
    pub(super) name: String,
    pub(super) objects: Vec<ObjectMeta>,
}

impl Group {
    fn of(object: ObjectMeta) -> Self {
        Self { name: name_of(&object), objects: vec![object] }
    }

    /// The id that the name is.
    pub(super) fn id(&self) -> Option<Id> {
        self.name.parse().ok()
    }

    /// The time of the youngest object.
    pub(super) fn youngest(&self) -> SystemTime {
        let times = self.objects.iter().map(|object| SystemTime::from(object.last_modified));
        times.max().unwrap_or(SystemTime::UNIX_EPOCH)
    }
}

impl Store {
    /// The objects under a folder, by what they belong to, while the store lists them: one group is held at once. Every store lists a
    /// folder's objects one after the other; if one did not, an upload would be seen in pieces, which each action looks at again.
    pub(super) fn groups(&self, folder: &Path) -> BoxStream<'static, Result<Group>> {
        let list = self.objects.list(Some(folder));
        let grouped = stream::try_unfold((list, None), |(mut list, first)| async {
            let mut group: Option<Group> = first;
            while let Some(object) = list.next().await {
                let Some(object) = existing(object)? else { continue };
                let same = group.as_mut().filter(|group| group.name == name_of(&object));
                match same {
                    Some(group) => group.objects.push(object),
                    None => {
                        if let Some(whole) = group.replace(Group::of(object)) {
                            return Ok(Some((whole, (list, group))));
                        }
                    }
                }
            }
            Ok(group.map(|last| (last, (list, None))))
        });
        grouped.boxed()
    }

    /// Whether a folder has no object.
    pub(super) async fn is_empty(&self, folder: &Path) -> Result<bool> {
        Ok(self.groups(folder).try_next().await?.is_none())
    }

    /// Every upload with objects in a stage.
    pub(super) fn uploads(&self, stage: Stage) -> BoxStream<'static, Result<(Id, Listed)>> {
        let listed = move |group: Group| Some((group.id()?, listed_of(stage, group.id()?, &group.objects)?));
        self.groups(&Key::stage(stage)).try_filter_map(move |group| ready(Ok(listed(group)))).boxed()
    }

    /// An upload's objects in one stage, now; `None` when there are none.
    pub(super) async fn listed(&self, stage: Stage, id: Id) -> Result<Option<Listed>> {
        Ok(listed_of(stage, id, &self.list(&Key::folder(stage, id)).await?))
    }

    /// Calls `each` for every upload with objects in a stage, and gives the paths that belong to none.
    pub(super) async fn for_each_upload(
        &self,
        stage: Stage,
        mut each: impl FnMut(Id, Listed),
    ) -> Result<Vec<Path>> {
        let mut strangers = Vec::new();
        let mut groups = self.groups(&Key::stage(stage));
        while let Some(group) = groups.try_next().await? {
            match group.id().and_then(|id| Some((id, listed_of(stage, id, &group.objects)?))) {
                Some((id, listed)) => each(id, listed),
                None => strangers.extend(group.objects.into_iter().map(|object| object.location)),
            }
        }
        Ok(strangers)
    }
}

fn listed_of(stage: Stage, id: Id, objects: &[ObjectMeta]) -> Option<Listed> {
    objects.iter().fold(None, |listed, object| Some(add(listed, stage, id, object)))
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

/// What comes after the folder.
fn name_of(object: &ObjectMeta) -> String {
    object.location.parts().nth(1).map(|part| part.as_ref().to_owned()).unwrap_or_default()
}

pub(super) fn is_old(time: SystemTime, limit: Option<SystemTime>) -> bool {
    limit.is_some_and(|limit| time <= limit)
}
