//! What a crash leaves in a local folder besides objects: staging files, `name#1`, which the store hides from its
//! lists, and empty folders. Other stores have neither.

use super::{Id, Key, Stage, Store};
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

impl Store {
    /// Removes the staging files of an upload that has ended, and its folder once that is empty. Somebody who still
    /// writes there fails, or makes the folder again.
    pub(super) fn remove_staging(&self, stage: Stage, id: Id) {
        let Some(folder) = &self.folder else { return };
        let folder = folder.join(Key::folder(stage, id).as_ref());
        for file in staging_files(&folder) {
            let _ = fs::remove_file(file.path());
        }
        // Only an empty folder can be removed this way.
        let _ = fs::remove_dir(folder);
    }

    /// Removes a folder of the store, if it is one and empty. Somebody who writes there makes it again.
    pub(super) fn remove_empty_folder(&self, path: &object_store::path::Path) {
        if let Some(root) = &self.folder {
            let _ = fs::remove_dir(root.join(path.as_ref()));
        }
    }

    /// Calls `each` with every staging file that was written at this time or before, as a path in the store.
    pub(super) fn old_staging_files(&self, limit: SystemTime, mut each: impl FnMut(&Path)) {
        let Some(root) = &self.folder else { return };
        for folder in folders_of_files(root) {
            for file in staging_files(&folder).filter(|file| is_old(file, limit)) {
                each(&file.path());
            }
        }
    }

    /// Removes staging files and empty folders of uploads that are as old as this. Gives the number of files.
    pub(super) fn remove_old_staging(&self, limit: SystemTime) -> usize {
        let mut removed = 0;
        self.old_staging_files(limit, |file| removed += usize::from(fs::remove_file(file).is_ok()));
        let Some(root) = &self.folder else { return removed };
        for parent in parents(root) {
            for folder in entries(&parent).filter(|entry| is_old(entry, limit)) {
                let _ = fs::remove_dir(folder.path());
            }
        }
        for folder in judgements(root) {
            // Only empty folders, and those of judgements under way are not, or not yet.
            let old = fs::metadata(&folder).and_then(|m| m.modified()).is_ok_and(|time| time <= limit);
            if old && fs::remove_dir(&folder).is_ok() {
                let _ = folder.parent().map(fs::remove_dir);
            }
        }
        removed
    }
}

/// Every folder in which the store writes files.
fn folders_of_files(root: &Path) -> impl Iterator<Item = PathBuf> {
    let flat = [
        Key::tombstones(),
        Key::requests(),
        Key::outbox(),
        Key::self_tests(),
        Key::intents(),
        Key::outcomes(),
    ]
    .map(|folder| root.join(folder.as_ref()));
    let nested = parents(root).into_iter().flat_map(|parent| entries(&parent).map(|entry| entry.path()));
    flat.into_iter().chain(nested).chain(judgements(root))
}

/// The folders whose files lie in folders of their own.
fn parents(root: &Path) -> [PathBuf; 4] {
    let folders = [Key::stage(Stage::Pending), Key::stage(Stage::Kept), Key::used_tokens(), Key::running()];
    folders.map(|folder| root.join(folder.as_ref()))
}

/// The folders of copies that were made to be judged.
fn judgements(root: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let uploads = entries(&root.join(Key::frozen().as_ref()));
    uploads.flat_map(|upload| entries(&upload.path())).map(|entry| entry.path())
}

fn entries(folder: &Path) -> impl Iterator<Item = DirEntry> + use<> {
    fs::read_dir(folder).into_iter().flatten().flatten()
}

fn staging_files(folder: &Path) -> impl Iterator<Item = DirEntry> + use<> {
    entries(folder).filter(|file| {
        let name = file.file_name();
        name.to_string_lossy().rsplit_once('#').is_some_and(|(_, number)| number.parse::<u64>().is_ok())
    })
}

fn is_old(entry: &DirEntry, limit: SystemTime) -> bool {
    entry.metadata().and_then(|m| m.modified()).is_ok_and(|time| time <= limit)
}
