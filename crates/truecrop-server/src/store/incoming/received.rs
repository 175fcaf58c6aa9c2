//! Parts that come to the server piece by piece, where the store is a folder: `incoming/<upload>/<file>.partial` grows, and becomes
//! `<file>` once it is whole and what was announced.
//!
//! How much has come is the length of that file, so it outlives the process. One writer at a time, by a lock on the file that ends with
//! its process, and that other servers of the folder see. Once a part is whole nobody writes it again: whoever still has it open finds it
//! at its full length. The folder of an upload exists from its announcement to its outcome, so nothing comes to one that has ended.
//!
//! These functions wait for the disk: they are for threads that may.

use super::{Intent, Mismatch, Part};
use crate::store::{Id, Key, Result, Store, StoreError, failed};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use truecrop_core::receipt::{Digest, Sha256};

/// Read at a time to be digested.
const BLOCK: usize = 256 << 10;

/// A part, for somebody who wants to write it.
pub enum Opened {
    /// Everything has come.
    Whole,
    /// Somebody else writes it.
    Locked,
    /// Its upload has ended.
    Gone,
    /// Nobody else writes it until this is dropped.
    Partial(PartialPart),
}

/// A part of which some is missing. The lock ends when the file is closed.
pub struct PartialPart {
    /// Open at its end.
    pub file: File,
    /// Bytes that have come.
    pub offset: u64,
    partial: PathBuf,
    whole: PathBuf,
}

impl Store {
    /// Whether parts may come to the server piece by piece.
    pub fn can_receive(&self) -> bool {
        self.folder.is_some()
    }

    /// Makes room for the parts of an upload that was announced.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub fn begin_receiving(&self, id: Id) -> Result<()> {
        match &self.folder {
            Some(root) => fs::create_dir_all(folder_of(root, id)).map_err(failed),
            None => Err(no_folder()),
        }
    }

    /// The uploads that wait for parts, here or on another server of this folder.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub fn receiving(&self) -> Result<Vec<Id>> {
        let root = self.folder.as_ref().ok_or_else(no_folder)?;
        let entries = match fs::read_dir(root.join(Key::incoming().as_ref())) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed)?,
        };
        let ids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        Ok(ids.collect())
    }

    /// The bytes of a part that have come for good; `None` when its upload has ended.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub fn received_bytes(&self, id: Id, part: &Part) -> Result<Option<u64>> {
        let (partial, whole) = self.places(id, part)?;
        // In this order: it may become whole in between.
        let partial = length(&partial)?;
        if length(&whole)?.is_some() {
            return Ok(Some(part.bytes));
        }
        let exists = whole.parent().is_some_and(Path::is_dir);
        Ok(exists.then(|| partial.unwrap_or(0).min(part.bytes)))
    }

    /// Opens a part to write it.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub fn open_partial(&self, id: Id, part: &Part) -> Result<Opened> {
        let (partial, whole) = self.places(id, part)?;
        if length(&whole)?.is_some() {
            return Ok(Opened::Whole);
        }
        let opened = OpenOptions::new().create(true).read(true).append(true).open(&partial);
        let file = match opened {
            // Only an announcement makes the folder.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Opened::Gone),
            opened => opened.map_err(failed)?,
        };
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Ok(Opened::Locked),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
            Ok(()) => {}
        }
        if length(&whole)?.is_some() {
            // Somebody has just ended it, and this may have made the file anew.
            let _ = fs::remove_file(&partial);
            return Ok(Opened::Whole);
        }
        let offset = file.metadata().map_err(failed)?.len();
        Ok(Opened::Partial(PartialPart { file, offset, partial, whole }))
    }

    /// Ends a part of which everything has come but that nobody has ended: its writer was stopped, or has died. True when it is whole
    /// then; a part that is not what was announced is thrown away. Nothing happens to one that somebody writes.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub fn finish_left(&self, id: Id, part: &Part) -> Result<bool> {
        let (partial, _) = self.places(id, part)?;
        // To open it would make it.
        if !fs::metadata(&partial).is_ok_and(|file| file.len() == part.bytes) {
            return Ok(false);
        }
        match self.open_partial(id, part)? {
            Opened::Whole => Ok(true),
            Opened::Partial(partial) if partial.offset == part.bytes => match partial.finish(part) {
                Err(StoreError::TooLate) => Ok(false),
                ended => Ok(ended?.is_ok()),
            },
            Opened::Partial(_) | Opened::Locked | Opened::Gone => Ok(false),
        }
    }

    /// Whether every part of an upload has come.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub fn has_received(&self, intent: &Intent) -> Result<bool> {
        for part in intent.pictures.iter().flat_map(|picture| picture.parts()) {
            if length(&self.places(intent.id, part)?.1)?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Removes the empty folders of an upload that has its outcome, or of one of its judgements.
    pub(super) fn remove_empty_folders(&self, id: Id, judgement: Option<Id>) {
        let Some(root) = &self.folder else { return };
        let frozen = root.join(Key::frozen().as_ref()).join(id.to_string());
        let judged = judgement.map(|judgement| frozen.join(judgement.to_string()));
        let incoming = judgement.is_none().then(|| folder_of(root, id));
        for folder in judged.into_iter().chain([frozen]).chain(incoming) {
            // Only an empty folder can be removed this way.
            let _ = fs::remove_dir(folder);
        }
    }

    fn places(&self, id: Id, part: &Part) -> Result<(PathBuf, PathBuf)> {
        let folder = folder_of(self.folder.as_ref().ok_or_else(no_folder)?, id);
        Ok((folder.join(format!("{}.partial", part.file)), folder.join(&part.file)))
    }
}

impl PartialPart {
    /// Ends a part of which everything has come: it is what was announced, or it is thrown away, and may come again.
    ///
    /// # Errors
    /// [`StoreError::Failed`]; [`StoreError::TooLate`] when its upload has ended.
    pub fn finish(self, part: &Part) -> Result<Result<(), Mismatch>> {
        let mut file = self.file;
        let got = digest_of(&mut file).map_err(failed)?;
        if let Some(expected) = part.digest.filter(|digest| *digest != got) {
            file.set_len(0).and_then(|()| file.sync_data()).map_err(failed)?;
            let (expected, got) = (expected.to_string(), got.to_string());
            return Ok(Err(Mismatch { field: "digest", expected, got }));
        }
        file.sync_all().map_err(failed)?;
        match fs::rename(&self.partial, &self.whole) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(StoreError::TooLate),
            renamed => renamed.map_err(failed)?,
        }
        sync_folder(&self.whole).map_err(failed)?;
        Ok(Ok(()))
    }
}

fn folder_of(root: &Path, id: Id) -> PathBuf {
    root.join(Key::incoming().as_ref()).join(id.to_string())
}

/// A file's length, once that is on the disk; `None` when there is no file.
fn length(path: &Path) -> Result<Option<u64>> {
    match File::open(path) {
        Ok(file) => {
            let length = file.metadata().map_err(failed)?.len();
            // Elsewhere only who may write it can.
            #[cfg(unix)]
            file.sync_data().map_err(failed)?;
            Ok(Some(length))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

fn digest_of(file: &mut File) -> io::Result<Digest> {
    file.seek(SeekFrom::Start(0))?;
    let (mut hasher, mut block) = (Sha256::default(), vec![0; BLOCK]);
    loop {
        match file.read(&mut block)? {
            0 => return Ok(hasher.finish()),
            count => hasher.update(&block[..count]),
        }
    }
}

/// A new name lasts once its folder is on the disk.
fn sync_folder(file: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = file.parent() {
        File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}

fn no_folder() -> StoreError {
    failed("it is no folder")
}
