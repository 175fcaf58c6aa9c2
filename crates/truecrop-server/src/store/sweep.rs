//! The sweep: deletes uploads that nobody has confirmed in time, and what a crash has left of others.

use super::{Id, Key, Stage, Store, failed};
use crate::metrics;
use futures::StreamExt;
use object_store::ObjectMeta;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, SystemTime};
use truecrop_core::Result;

/// What a sweep did.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Swept {
    /// Uploads that were deleted (or would be, in a dry run).
    pub deleted: Vec<Id>,
    /// Uploads that still wait to be confirmed.
    pub waiting: usize,
    /// Staging files of a crash that were deleted.
    pub leftovers: usize,
    /// Whether nothing was touched.
    pub dry_run: bool,
}

/// A pending upload in the list of objects.
struct Listed {
    /// The time of its youngest object.
    time: SystemTime,
    /// Without a manifest it is being written, or a crash has left it.
    has_manifest: bool,
}

impl Store {
    /// Deletes pending uploads that are older than this; kept ones are not even looked at. Several sweeps at the same
    /// time do no harm.
    ///
    /// # Errors
    /// [`truecrop_core::Code::Io`].
    pub async fn sweep(&self, older_than: Duration, dry_run: bool) -> Result<Swept> {
        let limit = SystemTime::now().checked_sub(older_than);
        let mut swept = Swept { dry_run, ..Swept::default() };
        let mut removed = 0;
        for (id, upload) in self.list_pending().await? {
            if limit.is_none_or(|limit| upload.time > limit) {
                swept.waiting += usize::from(upload.has_manifest);
                continue;
            }
            if !dry_run {
                removed += u64::from(self.remove_all(Stage::Pending, id).await?);
            }
            swept.deleted.push(id);
        }
        if let (Some(folder), Some(limit), false) = (&self.folder, limit, dry_run) {
            swept.leftovers = remove_leftovers(&folder.join(Key::pending().as_ref()), limit);
        }
        if !dry_run {
            metrics::swept(removed, swept.waiting);
        }
        Ok(swept)
    }

    async fn list_pending(&self) -> Result<BTreeMap<Id, Listed>> {
        let mut list = self.objects.list(Some(&Key::pending()));
        let mut uploads = BTreeMap::new();
        while let Some(object) = list.next().await {
            match object {
                Ok(object) => add(&mut uploads, &object),
                // Confirmed or deleted while the list was made.
                Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(failed(&error)),
            }
        }
        Ok(uploads)
    }
}

fn add(uploads: &mut BTreeMap<Id, Listed>, object: &ObjectMeta) {
    let Some(id) = object.location.parts().nth(1).and_then(|part| part.as_ref().parse::<Id>().ok()) else {
        return;
    };
    let time = SystemTime::from(object.last_modified);
    let upload = uploads.entry(id).or_insert(Listed { time, has_manifest: false });
    upload.time = upload.time.max(time);
    upload.has_manifest |= object.location == Key::Manifest(Stage::Pending, id).path();
}

/// A crash can leave staging files, `name#1`, which the store hides from its lists; and empty folders.
fn remove_leftovers(folder: &Path, limit: SystemTime) -> usize {
    let mut removed = 0;
    for upload in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        for file in std::fs::read_dir(upload.path()).into_iter().flatten().flatten() {
            let staging = file
                .file_name()
                .to_string_lossy()
                .rsplit_once('#')
                .is_some_and(|(_, n)| n.parse::<u64>().is_ok());
            let old = file.metadata().and_then(|m| m.modified()).is_ok_and(|time| time <= limit);
            if staging && old && std::fs::remove_file(file.path()).is_ok() {
                removed += 1;
            }
        }
        // Only an empty folder can be removed this way.
        let _ = std::fs::remove_dir(upload.path());
    }
    removed
}
