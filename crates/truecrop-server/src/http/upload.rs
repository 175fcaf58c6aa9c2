//! `POST /v1/images`: reads a form, verifies or makes its pictures within the memory budget, and stores them as pending: all or
//! none.

use super::App;
use super::body_meter;
use super::form;
use super::problem::Problem;
use super::response::{Mount, UploadResponse};
use super::verification::{self, Checked};
use crate::store::{Manifest, Stage};
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use serde::Serialize;
use std::collections::BTreeMap;

/// What became of a form: its pictures by their names.
#[derive(Serialize)]
struct FormResponse {
    images: BTreeMap<String, UploadResponse>,
}

/// Reads, verifies and stores a form.
pub async fn upload(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let mount = Mount::of(request.extensions());
    let (request, meter) = body_meter::metered(&app, request)?;
    let multipart = Multipart::from_request(request, &())
        .await
        .map_err(|e| Problem::new(StatusCode::BAD_REQUEST, "invalid-multipart", e.body_text()))?;
    let read = form::read(&app, multipart).await;
    let pictures = read.map_err(|problem| meter.refusal().unwrap_or(problem))?;
    // Until the store has them, and this function ends, all are held: the body's memory and what was reserved for each.
    let checked = verification::check_all(&app, pictures, &meter).await?;
    let stored = store_all(&app, &checked).await?;
    Ok(answer(&checked, &stored, &mount))
}

/// Stores all pictures, or none.
pub(super) async fn store_all(app: &App, checked: &[Checked]) -> Result<Vec<Manifest>, Problem> {
    let mut stored: Vec<Manifest> = Vec::with_capacity(checked.len());
    for picture in checked {
        match app.store().put(&picture.verified, app.config().pending_ttl.0).await {
            Ok(manifest) => stored.push(manifest),
            Err(error) => {
                for manifest in stored {
                    // Nobody has been told its id. What cannot be removed now is left to the sweep.
                    let _ = app.store().delete(manifest.id).await;
                }
                return Err(Problem::from(error).of_picture(&picture.name));
            }
        }
    }
    Ok(stored)
}

fn answer(checked: &[Checked], stored: &[Manifest], mount: &Mount) -> Response {
    let response = |(picture, manifest): (&Checked, &Manifest)| {
        let image = UploadResponse::new(Stage::Pending, manifest, mount);
        (picture.name.clone(), image.with_verdict(picture.verified.verdict()))
    };
    let images = checked.iter().zip(stored).map(response).collect();
    let mut headers = HeaderMap::new();
    // Of several pictures, none is the one that was created.
    if let [only] = stored {
        headers.extend(HeaderValue::from_str(&mount.address(only)).ok().map(|at| (header::LOCATION, at)));
    }
    (StatusCode::CREATED, headers, Json(FormResponse { images })).into_response()
}
