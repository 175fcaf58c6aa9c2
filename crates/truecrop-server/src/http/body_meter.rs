//! Meters the body of an upload: its length is bounded, and its bytes are reserved in the memory budget because they
//! stay in memory until the upload is verified.
//!
//! Reserved as bytes arrive, not from Content-Length: otherwise a client could reserve memory without sending anything.

use super::App;
use super::memory_budget::Reservation;
use super::problem::Problem;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header;
use futures::StreamExt;
use std::sync::{Arc, Mutex, PoisonError};
use truecrop_core::{Code, Error};

/// Reserved at a time.
const STEP: u64 = 64 << 10;

/// What has been read of a body. The memory is given back when this and the body are dropped.
#[derive(Clone, Default)]
pub struct BodyMeter(Arc<Mutex<Reading>>);

#[derive(Default)]
struct Reading {
    bytes: u64,
    reservations: Vec<Reservation>,
    refusal: Option<Problem>,
}

impl BodyMeter {
    /// Why the body was not read to its end, if it was refused.
    pub fn refusal(&self) -> Option<Problem> {
        self.with(|reading| reading.refusal.take())
    }

    fn with<T>(&self, work: impl FnOnce(&mut Reading) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reserves memory for a chunk.
    async fn add(&self, app: &App, chunk: &Bytes) -> Result<(), Problem> {
        let (bytes, missing) = self.with(|reading| {
            reading.bytes += chunk.len() as u64;
            (reading.bytes, reading.bytes.saturating_sub(reading.reservations.len() as u64 * STEP))
        });
        check_length(app, bytes)?;
        for _ in 0..missing.div_ceil(STEP) {
            let reservation = app.memory_budget().reserve(STEP).await?;
            self.with(|reading| reading.reservations.push(reservation));
        }
        Ok(())
    }
}

/// The request with a meter on its body.
///
/// # Errors
/// `too-many-bytes` when Content-Length already states more than is allowed.
pub fn metered(app: &App, request: Request) -> Result<(Request, BodyMeter), Problem> {
    let stated = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
    check_length(app, stated.unwrap_or(0))?;
    let meter = BodyMeter::default();
    let (app, counting) = (app.clone(), meter.clone());
    let request = request.map(|body| {
        Body::from_stream(body.into_data_stream().then(move |chunk| {
            let (app, meter) = (app.clone(), counting.clone());
            async move {
                let chunk = chunk.map_err(|e| e.to_string())?;
                let added = meter.add(&app, &chunk).await;
                added.map_err(|problem| {
                    meter.with(|reading| reading.refusal = Some(problem));
                    "refused".to_owned()
                })?;
                Ok::<Bytes, String>(chunk)
            }
        }))
    });
    Ok((request, meter))
}

fn check_length(app: &App, bytes: u64) -> Result<(), Problem> {
    let config = app.config();
    let most = config.upload_bytes + config.limits.source_bytes + config.limits.json_bytes as u64;
    if bytes <= most {
        return Ok(());
    }
    let error = Error::new(Code::TooManyBytes, "The upload is longer than allowed.").at("body");
    Err(error.figures(most, bytes).into())
}
