//! Appends a chunk to a part. It goes to the disk as it comes, so an upload takes no memory, however long it is and however slow its
//! client; and what has come stays when the connection is cut or the server dies. A chunk with a checksum is added only once it has all
//! come and is right.

use super::head::{Checksum, Chunk};
use super::lock::{Locked, Writer, lock};
use super::{expired, part_of};
use crate::connections::pace::Pace;
use crate::http::App;
use crate::http::body_meter::next_chunk;
use crate::http::spool::spool;
use crate::http::uploads::judge::{complete, not_announced};
use crate::http::uploads::refused_before;
use crate::http::uploads::room::on_disk;
use crate::metrics;
use crate::problem::Problem;
use crate::store::{Intent, Outcome, PartialPart, StoreError};
use axum::body::{Body, BodyDataStream, Bytes};
use axum::http::StatusCode;
use axum::response::Response;
use futures::{Stream, StreamExt, TryStreamExt};
use std::fs::File;
use std::io::{self, Seek};
use std::pin::pin;
use std::time::{Duration, SystemTime};
use tokio::io::AsyncWriteExt;
use truecrop_core::{Code, Error};

const SEND_AGAIN: &str =
    "This is not what was announced, and was thrown away: send this part again, from its start.";

/// What became of a chunk.
pub enum Received {
    /// The part ends here now.
    Offset(u64),
    /// With it everything had come, and was refused.
    Refused(Response),
    /// The upload has ended meanwhile.
    Ended,
}

/// Appends a chunk. With the last chunk of the last part, the upload is judged.
///
/// # Errors
/// `offset-mismatch`, `too-many-bytes`, `checksum-mismatch`, `upload-locked`, `timeout`; `source-mismatch` and `outputs-mismatch` for a
/// part that is not what was announced, which may then come again.
pub async fn receive(
    app: &App,
    intent: &Intent,
    file: &str,
    chunk: &Chunk,
    body: Body,
) -> Result<Received, Problem> {
    let (picture, part, field) = part_of(intent, file)?;
    let (writer, mut partial) = match lock(app, intent.id, part).await? {
        Locked::Mine(writer, partial) => (writer, partial),
        Locked::Gone => return Ok(Received::Ended),
        Locked::Whole => {
            chunk.check_offset(part.bytes)?;
            return judged(app, intent, part.bytes).await;
        }
    };
    chunk.check_offset(partial.offset)?;
    let room = part.bytes - partial.offset.min(part.bytes);
    if chunk.length.is_some_and(|length| length > room) {
        return Err(too_long(&field, room));
    }
    let body = Incoming::new(app, intent, &writer, &field, room, body);
    let before = partial.offset;
    let came = match &chunk.checksum {
        None => append(&mut partial, body.stream()).await,
        Some(checksum) => append_checked(&mut partial, checksum, body.stream(), room).await,
    };
    metrics::received(partial.offset - before);
    came?;
    if partial.offset < part.bytes {
        return Ok(Received::Offset(partial.offset));
    }
    let announced = part.clone();
    let ended = on_disk(move || match partial.finish(&announced) {
        Err(StoreError::TooLate) => Ok(None),
        ended => ended.map(Some),
    });
    let Some(ended) = ended.await? else { return Ok(Received::Ended) };
    drop(writer);
    ended.map_err(|wrong| not_announced(&field, wrong, SEND_AGAIN).of_picture(&picture.name))?;
    judged(app, intent, part.bytes).await
}

/// Judges an upload if everything has come. What may be otherwise later is left to the client, who completes the upload anyway.
pub async fn judged(app: &App, intent: &Intent, offset: u64) -> Result<Received, Problem> {
    let (store, all) = (app.store().clone(), intent.clone());
    if on_disk(move || store.has_received(&all)).await? {
        let time = app.config().request_timeout.0;
        if let Ok(Ok(Outcome::Refused(problem))) = tokio::time::timeout(time, complete(app, intent.id)).await
        {
            return Ok(Received::Refused(refused_before(problem)));
        }
    }
    Ok(Received::Offset(offset))
}

/// The body of a chunk as it comes.
struct Incoming<'a> {
    body: BodyDataStream,
    pace: Pace,
    writer: &'a Writer,
    field: &'a str,
    /// Bytes that may still come.
    room: u64,
    /// Until the end of the upload's time.
    left: Duration,
    ended: bool,
}

impl<'a> Incoming<'a> {
    fn new(app: &App, intent: &Intent, writer: &'a Writer, field: &'a str, room: u64, body: Body) -> Self {
        let deadlines = &app.config().deadlines;
        let pace = Pace::new(deadlines.body.0, deadlines.least_rate);
        let left = intent.ends().duration_since(SystemTime::now()).unwrap_or_default();
        Self { body: body.into_data_stream(), pace, writer, field, room, left, ended: false }
    }

    /// Its pieces, until the first that cannot be taken.
    fn stream(self) -> impl Stream<Item = Result<Bytes, Problem>> + use<'a> {
        let ends = tokio::time::Instant::now() + self.left;
        futures::stream::unfold(self, move |mut incoming| async move {
            if incoming.ended {
                return None;
            }
            let piece = incoming.piece(ends).await?;
            incoming.ended = piece.is_err();
            Some((piece, incoming))
        })
    }

    async fn piece(&mut self, ends: tokio::time::Instant) -> Option<Result<Bytes, Problem>> {
        let piece = tokio::select! {
            biased;
            () = self.writer.stopped() => return Some(Err(taken_over())),
            () = tokio::time::sleep_until(ends) => return Some(Err(expired())),
            piece = next_chunk(&mut self.body, &mut self.pace) => piece?,
        };
        Some(match piece {
            Ok(Ok(bytes)) if bytes.len() as u64 > self.room => Err(too_long(self.field, self.room)),
            Ok(Ok(bytes)) => {
                self.room -= bytes.len() as u64;
                Ok(bytes)
            }
            // Nobody is there to be told.
            Ok(Err(broken)) => Err(super::head::invalid("body", &format!("The chunk breaks off: {broken}."))),
            Err(_) => Err(too_slow()),
        })
    }
}

/// Appends what comes, and keeps it whatever follows.
async fn append(
    partial: &mut PartialPart,
    chunks: impl Stream<Item = Result<Bytes, Problem>>,
) -> Result<(), Problem> {
    let mut chunks = pin!(chunks);
    let mut file = tokio::fs::File::from_std(partial.file.try_clone().map_err(disk)?);
    let came = loop {
        match chunks.next().await {
            None => break Ok(()),
            Some(Err(problem)) => break Err(problem),
            Some(Ok(bytes)) => {
                file.write_all(&bytes).await.map_err(disk)?;
                partial.offset += bytes.len() as u64;
            }
        }
    };
    file.flush().await.map_err(disk)?;
    file.sync_data().await.map_err(disk)?;
    came
}

/// Appends a chunk that is what its checksum says, or nothing.
async fn append_checked(
    partial: &mut PartialPart,
    checksum: &Checksum,
    chunks: impl Stream<Item = Result<Bytes, Problem>>,
    room: u64,
) -> Result<(), Problem> {
    let mut sum = checksum.sum();
    let chunks = pin!(chunks.inspect_ok(|bytes| sum.update(bytes)));
    let mut spooled = spool(chunks, room).await?;
    checksum.check(sum)?;
    let mut file = partial.file.try_clone().map_err(disk)?;
    let copied = on_disk(move || Ok(copy(&mut spooled, &mut file))).await?;
    partial.offset += copied.map_err(disk)?;
    Ok(())
}

fn copy(from: &mut File, to: &mut File) -> io::Result<u64> {
    from.rewind()?;
    let copied = io::copy(from, to)?;
    to.sync_data()?;
    Ok(copied)
}

fn disk(error: io::Error) -> Problem {
    StoreError::Failed(Error::new(Code::Io, format!("A part could not be written: {error}.")).at("store"))
        .into()
}

fn too_long(field: &str, room: u64) -> Problem {
    let error = Error::new(Code::TooManyBytes, "This chunk goes beyond the end of the part.").at(field);
    error.figures(room, format!("more than {room}")).into()
}

/// 423, and not 409: it needs no other offset, but to let the other one end.
fn taken_over() -> Problem {
    let detail = "Another request goes on with this part: what has come until then is kept.";
    Problem::new(StatusCode::LOCKED, "upload-locked", detail)
}

/// 503, and not 408: clients of tus go on after it.
fn too_slow() -> Problem {
    let detail = "The chunk comes too slowly: go on from where the part ends now.";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "timeout", detail).retry_after(1)
}
