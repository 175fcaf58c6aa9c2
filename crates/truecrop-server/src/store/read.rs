//! Reads what clients are given, and never gives bytes under a digest that is not theirs.
//!
//! A small picture is verified before the first byte of the answer; of a large one the last bytes are held back until
//! everything is verified, so that a client never has a whole picture that is not the one that was kept.

use super::{Id, Key, Manifest, Result, Stage, Store, StoreError, StoredOutput, failed};
use crate::metrics;
use bytes::{Bytes, BytesMut};
use futures::stream::{self, BoxStream, StreamExt};
use object_store::ObjectStoreExt;
use std::ops::Range;
use truecrop_core::receipt::{Digest, Sha256};

/// Longest output that is read and verified before it is answered.
const WHOLE: u64 = 64 << 10;

/// The bytes of an output.
pub enum Content {
    /// All of them, verified.
    Whole(Bytes),
    /// Verified while they are read: the stream fails before its last bytes when they are not what they should be.
    Streamed(BoxStream<'static, Result<Bytes>>),
}

impl Content {
    /// The bytes in pieces.
    pub fn into_stream(self) -> BoxStream<'static, Result<Bytes>> {
        match self {
            Content::Whole(bytes) => stream::once(async { Ok(bytes) }).boxed(),
            Content::Streamed(chunks) => chunks,
        }
    }

    /// All bytes, verified.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Failed`].
    pub async fn bytes(self) -> Result<Bytes> {
        let mut chunks = self.into_stream();
        let mut bytes = BytesMut::new();
        while let Some(chunk) = chunks.next().await {
            bytes.extend_from_slice(&chunk?);
        }
        Ok(bytes.freeze())
    }
}

impl Store {
    /// An output of an upload that was found in this stage, and the stage that it is in now; `None` when the upload has
    /// ended since.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when the bytes are missing or no longer those that were verified, [`StoreError::Failed`].
    pub async fn read_output(
        &self,
        stage: Stage,
        id: Id,
        output: &StoredOutput,
    ) -> Result<Option<(Stage, Content)>> {
        self.read_part(stage, id, output, 0..output.bytes).await
    }

    /// The same of a part of its bytes. The whole is read and verified all the same: a digest of a part is not known.
    ///
    /// # Errors
    /// As [`Store::read_output`].
    pub async fn read_part(
        &self,
        mut stage: Stage,
        id: Id,
        output: &StoredOutput,
        part: Range<u64>,
    ) -> Result<Option<(Stage, Content)>> {
        loop {
            if let Some(content) = self.content(stage, id, output, &part).await? {
                return Ok(Some((stage, content)));
            }
            match self.moved(stage, id).await? {
                Some(new) => stage = new,
                None => return Ok(None),
            }
        }
    }

    /// The receipt of an upload that was found in this stage; `None` when the upload has ended since.
    ///
    /// # Errors
    /// As [`Store::read_output`].
    pub async fn read_receipt(&self, mut stage: Stage, manifest: &Manifest) -> Result<Option<Bytes>> {
        let id = manifest.id;
        loop {
            if let Some(bytes) = self.get(&Key::Receipt(stage, id)).await? {
                let right = is_receipt(&bytes, manifest);
                return if right { Ok(Some(bytes)) } else { Err(rotten(id, "receipt.json")) };
            }
            match self.moved(stage, id).await? {
                Some(new) => stage = new,
                None => return Ok(None),
            }
        }
    }

    /// Why an object is missing: the upload has moved from pending to kept, or it has ended (`None`).
    async fn moved(&self, stage: Stage, id: Id) -> Result<Option<Stage>> {
        match self.find(id).await? {
            Some((now, _)) if now == stage => Err(StoreError::damaged(id, "One of its objects is missing.")),
            found => Ok(found.map(|(now, _)| now)),
        }
    }

    /// `None` when the object does not exist.
    async fn content(
        &self,
        stage: Stage,
        id: Id,
        output: &StoredOutput,
        part: &Range<u64>,
    ) -> Result<Option<Content>> {
        let timer = metrics::store_timer("get");
        let found = match self.objects.get(&Key::Output(stage, id, &output.file).path()).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        if found.meta.size != output.bytes {
            return Err(rotten(id, &output.file));
        }
        if output.bytes > WHOLE {
            let chunks = found.into_stream().map(|chunk| chunk.map_err(failed)).boxed();
            return Ok(Some(Content::Streamed(verified(chunks, id, output.clone(), part.clone()))));
        }
        let bytes = found.bytes().await.map_err(failed)?;
        drop(timer);
        if Digest::of(&bytes) != output.digest {
            return Err(rotten(id, &output.file));
        }
        Ok(Some(Content::Whole(overlap(&bytes, 0, part))))
    }
}

/// What has been read so far of a large output.
struct Reading {
    chunks: BoxStream<'static, Result<Bytes>>,
    hasher: Sha256,
    /// The chunk that waits until the next one, or the digest, is there.
    held: Option<Bytes>,
    id: Id,
    output: StoredOutput,
    /// The bytes that are wanted; what lies outside is read and dropped.
    part: Range<u64>,
    /// How many bytes were read.
    at: u64,
}

/// What of a chunk, which begins at this byte, lies in a range.
fn overlap(chunk: &Bytes, at: u64, part: &Range<u64>) -> Bytes {
    let end = at + chunk.len() as u64;
    let (from, to) = (part.start.clamp(at, end) - at, part.end.clamp(at, end) - at);
    // Both are within the chunk.
    chunk.slice(from as usize..(to as usize).max(from as usize))
}

fn verified(
    chunks: BoxStream<'static, Result<Bytes>>,
    id: Id,
    output: StoredOutput,
    part: Range<u64>,
) -> BoxStream<'static, Result<Bytes>> {
    let reading = Reading { chunks, hasher: Sha256::default(), held: None, id, output, part, at: 0 };
    stream::unfold(Some(reading), |reading| async move {
        let mut reading = reading?;
        loop {
            match reading.chunks.next().await {
                Some(Ok(chunk)) => {
                    reading.hasher.update(&chunk);
                    let wanted = overlap(&chunk, reading.at, &reading.part);
                    reading.at += chunk.len() as u64;
                    if wanted.is_empty() {
                        continue;
                    }
                    if let Some(ready) = reading.held.replace(wanted) {
                        return Some((Ok(ready), Some(reading)));
                    }
                }
                Some(Err(error)) => return Some((Err(error), None)),
                None if reading.hasher.finish() == reading.output.digest => {
                    return reading.held.map(|last| (Ok(last), None));
                }
                None => return Some((Err(rotten(reading.id, &reading.output.file)), None)),
            }
        }
    })
    .boxed()
}

/// Whether these are the bytes of the receipt that was verified. Manifests of the first versions cannot tell.
pub(super) fn is_receipt(bytes: &[u8], manifest: &Manifest) -> bool {
    manifest.receipt_file.is_none_or(|digest| Digest::of(bytes) == digest)
}

fn rotten(id: Id, file: &str) -> StoreError {
    StoreError::damaged(id, format!("The bytes of {file} are no longer those that were verified."))
}
