//! A body's bytes lie in memory until they are verified, so they are counted in the memory budget as they come.
//!
//! As they come, and not by what the head states: who states much and sends nothing would take the memory of others.

use super::App;
use super::gate::Reserved;
use super::problem::Problem;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header;
use futures::StreamExt;
use std::sync::{Arc, Mutex, PoisonError};
use truecrop_core::{Code, Error};

/// Reserved at a time.
const STEP: u64 = 64 << 10;

/// What a body has taken so far. The memory is given back when this and the body are dropped.
#[derive(Clone, Default)]
pub struct Tally(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    read: u64,
    held: Vec<Reserved>,
    refusal: Option<Problem>,
}

impl Tally {
    /// Why the body was not read on, if it was not.
    pub fn refusal(&self) -> Option<Problem> {
        self.with(|state| state.refusal.take())
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Counts a chunk.
    async fn add(&self, app: &App, chunk: &Bytes) -> Result<(), Problem> {
        let missing = self.with(|state| {
            state.read += chunk.len() as u64;
            state.read.saturating_sub(state.held.len() as u64 * STEP)
        });
        check(app, self.with(|state| state.read))?;
        for _ in 0..missing.div_ceil(STEP) {
            let reserved = app.gate().reserve(STEP).await?;
            self.with(|state| state.held.push(reserved));
        }
        Ok(())
    }
}

/// The request with its body counted.
///
/// # Errors
/// `too-many-bytes` when the head already states more than is allowed.
pub fn count(app: &App, request: Request) -> Result<(Request, Tally), Problem> {
    let stated = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
    check(app, stated.unwrap_or(0))?;
    let tally = Tally::default();
    let (app, counting) = (app.clone(), tally.clone());
    let request = request.map(|body| {
        Body::from_stream(body.into_data_stream().then(move |chunk| {
            let (app, tally) = (app.clone(), counting.clone());
            async move {
                let chunk = chunk.map_err(|e| e.to_string())?;
                let added = tally.add(&app, &chunk).await;
                added.map_err(|problem| {
                    tally.with(|state| state.refusal = Some(problem));
                    "refused".to_owned()
                })?;
                Ok::<Bytes, String>(chunk)
            }
        }))
    });
    Ok((request, tally))
}

fn check(app: &App, bytes: u64) -> Result<(), Problem> {
    let config = app.config();
    let most = config.upload_bytes + config.limits.source_bytes + config.limits.json_bytes as u64;
    if bytes <= most {
        return Ok(());
    }
    let error = Error::new(Code::TooManyBytes, "The upload is longer than allowed.").at("body");
    Err(error.figures(most, bytes).into())
}
