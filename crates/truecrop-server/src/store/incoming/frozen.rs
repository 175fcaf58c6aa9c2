//! What a judgement reads: objects that nobody can change while it reads them.
//!
//! An output is read once, into memory, so its bytes are those that are judged and those that are stored. A source may be large,
//! and is read more than once: the store copies it to a place that clients cannot write, and the copy is read by ranges.

use super::Part;
use crate::store::{Id, Key, Result, Store, StoreError, failed};
use bytes::Bytes;
use object_store::path::Path;
use object_store::{Attribute, CopyMode, CopyOptions, GetOptions, GetResult, ObjectStore, ObjectStoreExt};
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;

/// Bytes of one request to the store.
const BLOCK: u64 = 512 << 10;

/// Blocks that are held: a progressive JPEG is read at as many places as it has scans, mostly ten.
const BLOCKS: usize = 16;

/// An object that is not what was announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// `bytes` or `type`.
    pub field: &'static str,
    /// What was announced.
    pub expected: String,
    /// What it is.
    pub got: String,
}

impl Store {
    /// The bytes of an incoming object; `None` when it is not there.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn read_incoming(&self, id: Id, part: &Part) -> Result<Option<Result<Bytes, Mismatch>>> {
        let path = Key::Incoming(id, &part.file).path();
        let Some(found) = found(self.objects.get(&path).await)? else { return Ok(None) };
        if let Some(mismatch) = mismatch(&found, part) {
            return Ok(Some(Err(mismatch)));
        }
        Ok(Some(Ok(found.bytes().await.map_err(failed)?)))
    }

    /// Copies an incoming object for a judgement; `None` when it is not there. It must be read by a thread that may wait.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn freeze(
        &self,
        id: Id,
        judgement: Id,
        part: &Part,
        patience: Duration,
    ) -> Result<Option<Result<FrozenObject, Mismatch>>> {
        let path = Key::Frozen(id, judgement, &part.file).path();
        let from = Key::Incoming(id, &part.file).path();
        // Nobody else knows the id of this judgement, so nothing is replaced.
        let copied = CopyOptions::new().with_mode(CopyMode::Overwrite);
        if found(self.objects.copy_opts(&from, &path, copied).await)?.is_none() {
            return Ok(None);
        }
        let head = GetOptions::new().with_head(true);
        let head = self.objects.get_opts(&path, head).await.map_err(failed)?;
        if let Some(mismatch) = mismatch(&head, part) {
            return Ok(Some(Err(mismatch)));
        }
        Ok(Some(Ok(FrozenObject {
            objects: Arc::clone(&self.objects),
            runtime: Handle::current(),
            path,
            size: part.bytes,
            at: 0,
            blocks: Vec::new(),
            ends: Instant::now() + patience,
            failure: Failure::default(),
        })))
    }
}

/// `None` for an object that does not exist.
fn found<T>(result: object_store::Result<T>) -> Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

fn mismatch(found: &GetResult, part: &Part) -> Option<Mismatch> {
    if found.meta.size != part.bytes {
        let (expected, got) = (part.bytes.to_string(), found.meta.size.to_string());
        return Some(Mismatch { field: "bytes", expected, got });
    }
    // Some stores keep no type.
    let got = found.attributes.get(&Attribute::ContentType)?.to_string();
    (got != part.mime).then(|| Mismatch { field: "type", expected: part.mime.clone(), got })
}

/// Why a [`FrozenObject`] could not be read, for whoever sees only that it could not.
#[derive(Clone, Debug, Default)]
pub struct Failure(Arc<Mutex<Option<StoreError>>>);

impl Failure {
    /// The store's error, once.
    pub fn take(&self) -> Option<StoreError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// An object that is read by ranges and never held whole. Each read may wait for the store, so it is for threads that may
/// wait, of the runtime in which it was frozen.
pub struct FrozenObject {
    objects: Arc<dyn ObjectStore>,
    runtime: Handle,
    path: Path,
    size: u64,
    at: u64,
    /// The last used comes last.
    blocks: Vec<(u64, Bytes)>,
    ends: Instant,
    failure: Failure,
}

impl FrozenObject {
    /// Most bytes that one of this length holds.
    pub fn held_bytes(size: u64) -> u64 {
        size.min(BLOCK * BLOCKS as u64)
    }

    /// What a failed read says.
    pub fn failure(&self) -> Failure {
        self.failure.clone()
    }

    fn block(&mut self, number: u64) -> io::Result<&Bytes> {
        if let Some(held) = self.blocks.iter().position(|(held, _)| *held == number) {
            self.blocks[held..].rotate_left(1);
        } else {
            if self.blocks.len() == BLOCKS {
                self.blocks.remove(0);
            }
            let block = self.fetch(number).map_err(|error| {
                *self.failure.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                io::Error::from(io::ErrorKind::Other)
            })?;
            self.blocks.push((number, block));
        }
        self.blocks.last().map(|(_, block)| block).ok_or_else(|| io::ErrorKind::Other.into())
    }

    fn fetch(&self, number: u64) -> Result<Bytes> {
        let range = number * BLOCK..((number + 1) * BLOCK).min(self.size);
        let length = range.end - range.start;
        let left = self.ends.checked_duration_since(Instant::now()).ok_or(StoreError::TooLate)?;
        let read = async {
            let read = tokio::time::timeout(left, self.objects.get_range(&self.path, range)).await;
            read.map_err(|_| StoreError::TooLate)?.map_err(failed)
        };
        let bytes = self.runtime.block_on(read)?;
        // A store that gives other than was asked for would be read for ever.
        if bytes.len() as u64 == length {
            Ok(bytes)
        } else {
            Err(failed("it gave another range than was asked for"))
        }
    }
}

impl Read for FrozenObject {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.size || out.is_empty() {
            return Ok(0);
        }
        let (number, from) = (self.at / BLOCK, (self.at % BLOCK) as usize);
        let block = self.block(number)?;
        let count = out.len().min(block.len() - from);
        out[..count].copy_from_slice(&block[from..from + count]);
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for FrozenObject {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
