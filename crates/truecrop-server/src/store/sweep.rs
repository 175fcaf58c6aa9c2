//! Deleting what was uploaded and never confirmed.

use super::{Id, Key, State, Store, failed};
use futures::StreamExt;
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
    /// Uploads that still wait.
    pub waiting: usize,
    /// Left-over staging files of a crash that were deleted.
    pub leftovers: usize,
    /// Whether nothing was touched.
    pub dry_run: bool,
}

impl Store {
    /// Deletes pending uploads that are older than this; kept ones are not even looked at. Several sweeps at once do no
    /// harm.
    ///
    /// # Errors
    /// [`truecrop_core::Code::Io`].
    pub async fn sweep(&self, older_than: Duration, dry_run: bool) -> Result<Swept> {
        let newest = self.newest_by_upload().await?;
        let limit = SystemTime::now().checked_sub(older_than);
        let old = |time: SystemTime| limit.is_some_and(|limit| time <= limit);
        let mut swept = Swept { dry_run, ..Swept::default() };
        for (id, time) in newest {
            if !old(time) {
                swept.waiting += 1;
                continue;
            }
            if !dry_run {
                self.remove_all(State::Pending, id).await?;
            }
            swept.deleted.push(id);
        }
        if let (Some(folder), Some(limit), false) = (&self.folder, limit, dry_run) {
            swept.leftovers = remove_leftovers(&folder.join(Key::pending().as_ref()), limit);
        }
        if !dry_run {
            crate::metrics::swept(swept.deleted.len(), swept.waiting);
        }
        Ok(swept)
    }

    /// The time of the youngest object of each pending upload, also of those without a manifest.
    async fn newest_by_upload(&self) -> Result<BTreeMap<Id, SystemTime>> {
        let mut list = self.objects.list(Some(&Key::pending()));
        let mut newest = BTreeMap::new();
        while let Some(object) = list.next().await {
            let object = match object {
                Ok(object) => object,
                // Confirmed or deleted while the list was made.
                Err(object_store::Error::NotFound { .. }) => continue,
                Err(error) => return Err(failed(&error)),
            };
            let id = object.location.parts().nth(1).and_then(|part| part.as_ref().parse::<Id>().ok());
            let Some(id) = id else { continue };
            let time = SystemTime::from(object.last_modified);
            newest.entry(id).and_modify(|t: &mut SystemTime| *t = (*t).max(time)).or_insert(time);
        }
        Ok(newest)
    }
}

/// A crash can leave staging files, `name#1`, that the store hides from its lists; and empty folders.
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
        // Only goes when it is empty.
        let _ = std::fs::remove_dir(upload.path());
    }
    removed
}
