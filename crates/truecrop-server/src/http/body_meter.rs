//! Meters the body of an upload: its length is bounded, its bytes must come at the least rate and have the digests that the head
//! promises, and they are reserved in the memory budget because they stay in memory until the upload is verified.
//!
//! Reserved as bytes arrive, not from Content-Length: otherwise a client could reserve memory without sending anything.

use super::App;
use super::body_digest::{BodyDigests, mismatched};
use super::memory_budget::Reservation;
use crate::connections::pace::Pace;
use crate::problem::Problem;
use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use futures::StreamExt;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::Instant;
use truecrop_core::{Code, Error};

/// Reserved at a time.
const STEP: u64 = 64 << 10;

/// What has been read of a body. The memory is given back when this and the body are dropped.
#[derive(Clone, Default)]
pub struct BodyMeter(Arc<Mutex<Reading>>);

#[derive(Default)]
struct Reading {
    bytes: u64,
    reserved: u64,
    reservation: Option<Reservation>,
    refusal: Option<Problem>,
    /// The body's digests are still to be checked: its end has not come.
    unchecked: bool,
}

impl BodyMeter {
    /// For bytes that come by another way, and for which this is reserved.
    pub fn holding(reservation: Option<Reservation>) -> Self {
        let reading = Reading { reservation, ..Reading::default() };
        Self(Arc::new(Mutex::new(reading)))
    }

    /// Why the body was not read to its end, if it was refused.
    pub fn refusal(&self) -> Option<Problem> {
        self.with(|reading| reading.refusal.take())
    }

    /// Refuses a body that goes on behind what was read of it, where its digest was promised.
    ///
    /// # Errors
    /// `digest-mismatched-values`.
    pub fn check_end(&self) -> Result<(), Problem> {
        if self.with(|reading| reading.unchecked) {
            return Err(mismatched("The body goes on behind the end of its form."));
        }
        Ok(())
    }

    fn with<T>(&self, work: impl FnOnce(&mut Reading) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reserves memory for a chunk.
    async fn add(&self, app: &App, chunk: &Bytes) -> Result<(), Problem> {
        let (bytes, missing) = self.with(|reading| {
            reading.bytes += chunk.len() as u64;
            (reading.bytes, reading.bytes.saturating_sub(reading.reserved))
        });
        check_length(app, bytes)?;
        for _ in 0..missing.div_ceil(STEP) {
            let reservation = app.memory_budget().reserve_for_body(STEP).await?;
            self.with(|reading| {
                reading.reserved += STEP;
                match &mut reading.reservation {
                    Some(all) => all.merge(reservation),
                    none => *none = Some(reservation),
                }
            });
        }
        Ok(())
    }
}

/// The request with a meter on its body.
///
/// # Errors
/// `too-many-bytes` when Content-Length already states more than is allowed; `digest-invalid-values`; `memory-over-budget` and `busy` when there is no room
/// for it, `busy` when the upload would wait in vain to be verified. A client that asked by `Expect: 100-continue` is answered
/// before it sends anything.
pub fn metered(app: &App, request: Request) -> Result<(Request, BodyMeter), Problem> {
    let stated = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
    check_length(app, stated.unwrap_or(0))?;
    app.memory_budget().check_body(stated.unwrap_or(0))?;
    app.admission().check()?;
    let digests = BodyDigests::of(request.headers())?;
    let meter = BodyMeter::default();
    meter.with(|reading| reading.unchecked = !digests.is_empty());
    let deadlines = &app.config().deadlines;
    let pace = Pace::new(deadlines.body.0, deadlines.least_rate);
    let (app, metered) = (app.clone(), meter.clone());
    let request = request.map(|body| {
        let body = body.into_data_stream();
        let reader = BodyReader { app, meter: metered, pace, body, digests, last: None };
        Body::from_stream(futures::stream::unfold(reader, |mut reader| async {
            let piece = reader.next().await?;
            Some((piece, reader))
        }))
    });
    Ok((request, meter))
}

/// A body on its way to the parser of forms.
struct BodyReader {
    app: App,
    meter: BodyMeter,
    pace: Pace,
    body: BodyDataStream,
    digests: BodyDigests,
    /// Where a digest was promised, the last piece waits here until the body has ended and is what was promised: without it, no form
    /// is whole.
    last: Option<Bytes>,
}

impl BodyReader {
    /// The next piece; `None` at the end.
    async fn next(&mut self) -> Option<Result<Bytes, String>> {
        loop {
            let piece = match next_chunk(&mut self.body, &mut self.pace).await {
                Some(Ok(Ok(chunk))) => self.meter.add(&self.app, &chunk).await.map(|()| chunk),
                Some(Ok(Err(error))) => return Some(Err(error.to_string())),
                Some(Err(late)) => Err(late),
                None => return self.end(),
            };
            let chunk = match piece {
                Ok(chunk) => chunk,
                Err(problem) => return Some(self.refuse(problem)),
            };
            if self.digests.is_empty() {
                return Some(Ok(chunk));
            }
            self.digests.update(&chunk);
            if let Some(before) = self.last.replace(chunk) {
                return Some(Ok(before));
            }
        }
    }

    fn end(&mut self) -> Option<Result<Bytes, String>> {
        let last = self.last.take()?;
        if let Err(problem) = self.digests.check() {
            return Some(self.refuse(problem));
        }
        self.meter.with(|reading| reading.unchecked = false);
        Some(Ok(last))
    }

    fn refuse(&self, problem: Problem) -> Result<Bytes, String> {
        self.meter.with(|reading| reading.refusal = Some(problem));
        Err("refused".to_owned())
    }
}

/// The next chunk, or the refusal of a body that comes too slowly.
pub async fn next_chunk(
    body: &mut BodyDataStream,
    pace: &mut Pace,
) -> Option<Result<Result<Bytes, axum::Error>, Problem>> {
    let now = Instant::now();
    pace.wait(now);
    let deadline = pace.deadline().unwrap_or(now);
    match tokio::time::timeout_at(deadline, body.next()).await {
        Ok(chunk) => {
            let bytes = chunk.as_ref().and_then(|chunk| chunk.as_ref().ok()).map_or(0, Bytes::len);
            pace.moved(bytes as u64, Instant::now());
            chunk.map(Ok)
        }
        Err(_) => {
            let detail = "The body of the request comes too slowly: try again on a better connection.";
            Some(Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "timeout", detail)))
        }
    }
}

fn check_length(app: &App, bytes: u64) -> Result<(), Problem> {
    let config = app.config();
    let limits = &config.limits;
    let of_each = limits.source_bytes.saturating_add(limits.json_bytes as u64);
    let most = of_each
        .saturating_mul(config.form.pictures as u64)
        .saturating_add(config.upload_bytes)
        .saturating_add(config.form.fields_bytes);
    if bytes <= most {
        return Ok(());
    }
    let error = Error::new(Code::TooManyBytes, "The upload is longer than allowed.").at("body");
    Err(error.figures(most, bytes).into())
}
