//! Uploads by way of the store, `/v1/uploads`: the client announces what it will put, puts it into the store itself, and says
//! when it has. `announce` reads the first, `judge` checks what is there. `store::incoming` has the protocol. Where the store is a folder,
//! `tus` takes what is put.

mod announce;
mod judge;
mod judgements;
mod room;
pub mod tus;

pub use judge::complete;
pub use judgements::Judgements;
pub use room::Room;

use super::App;
use super::audit::described;
use super::permission::Permission;
use super::response::{Mount, UploadResponse};
use crate::metrics;
use crate::problem::Problem;
use crate::request_id::RequestId;
use crate::store::{Id, Intent, Outcome, Part, SignedPut};
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{Extensions, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::SystemTime;

/// The routes.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/v1/uploads", post(begin))
        .route("/v1/uploads/{id}", get(status).delete(cancel))
        .route("/v1/uploads/{id}/complete", post(complete_now))
}

/// An upload as its client sees it.
#[derive(Serialize)]
struct Answer {
    id: Id,
    /// `waiting` or `stored`; what was refused, given up or is too late is a problem.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    /// The addresses to put to, while it waits for its parts, as `POST /v1/uploads` gives them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    parts: BTreeMap<String, PictureParts>,
    /// The pictures, once they are stored.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    images: BTreeMap<String, UploadResponse>,
}

#[derive(Serialize)]
struct PictureParts {
    outputs: BTreeMap<String, Put>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Put>,
}

/// A request that the client is to make.
#[derive(Serialize)]
struct Put {
    method: &'static str,
    url: String,
    headers: BTreeMap<String, String>,
    bytes: u64,
}

/// `POST /v1/uploads`.
async fn begin(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let mount = Mount::of(request.extensions());
    if !app.store().can_sign() && !app.store().can_receive() {
        return Err(no_addresses(&app));
    }
    let permission = Permission::of(&app, request.headers())?;
    // An announcement has no part that could be a token.
    permission.check_part(&app, "")?;
    permission.refuse_used(&app).await?;
    let pictures = announce::read(&app, permission.policy(), request).await?;
    let intent = room::begin(&app, &permission, pictures).await?;
    let mut parts = BTreeMap::new();
    for picture in &intent.pictures {
        let mut outputs = BTreeMap::new();
        for (name, part) in &picture.outputs {
            outputs.insert(name.clone(), put(&app, &mount, &intent, part).await?);
        }
        let source = match &picture.source {
            Some(part) => Some(put(&app, &mount, &intent, part).await?),
            None => None,
        };
        parts.insert(picture.name.clone(), PictureParts { outputs, source });
    }
    let expires_at = Some(intent.expires_at);
    let answer = Answer { id: intent.id, state: "waiting", expires_at, parts, images: BTreeMap::new() };
    let location = format!("{}/v1/uploads/{}", mount.0, intent.id);
    let mut response = (StatusCode::CREATED, Json(answer)).into_response();
    response.headers_mut().extend(HeaderValue::from_str(&location).ok().map(|at| (header::LOCATION, at)));
    // Whoever has the addresses can put what was announced.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Begins an upload of one file that comes to this server piece by piece.
///
/// # Errors
/// As of an announcement; `uploads-unsupported` where the store is no folder.
pub async fn begin_one(
    app: &App,
    permission: &Permission,
    file: &tus::OneFile,
    length: u64,
) -> Result<Id, Problem> {
    if !app.store().can_receive() {
        return Err(no_addresses(app));
    }
    let picture = file.picture(app, permission, length)?;
    Ok(room::begin(app, permission, vec![picture]).await?.id)
}

async fn put(app: &App, mount: &Mount, intent: &Intent, part: &Part) -> Result<Put, Problem> {
    if !app.store().can_sign() {
        let (url, headers) =
            (format!("{}{}", mount.0, tus::address(intent.id, part)), tus::fields_of_whole());
        return Ok(Put { method: "PATCH", url, headers: headers.into(), bytes: part.bytes });
    }
    let SignedPut { url, headers } = app.store().sign(intent.id, part, app.config().uploads.ttl.0).await?;
    Ok(Put { method: "PUT", url, headers: headers.into_iter().collect(), bytes: part.bytes })
}

/// `POST /v1/uploads/{id}/complete`. Completing again gets the same answer.
async fn complete_now(
    State(app): State<App>,
    extensions: Extensions,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id = parse(&id)?;
    let outcome = complete(&app, id).await?;
    answer(&app, id, outcome, &Mount::of(&extensions)).await
}

/// `GET /v1/uploads/{id}`: for a client that leaves completing to the store's events.
async fn status(
    State(app): State<App>,
    extensions: Extensions,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id = parse(&id)?;
    if let Some(outcome) = app.store().outcome(id).await? {
        return answer(&app, id, outcome, &Mount::of(&extensions)).await;
    }
    let intent = app.store().intent(id).await?.ok_or_else(no_such_upload)?;
    if intent.has_expired(SystemTime::now()) {
        return Err(expired());
    }
    let (parts, images, expires_at) = (BTreeMap::new(), BTreeMap::new(), Some(intent.expires_at));
    Ok(uncached(Answer { id, state: "waiting", expires_at, parts, images }))
}

/// `DELETE /v1/uploads/{id}`: gives up an upload that is not stored. Again: the same.
async fn cancel(State(app): State<App>, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    cancel_upload(&app, parse(&id)?).await
}

/// Gives up an upload that is not stored.
///
/// # Errors
/// `not-found`, `already-stored`.
pub async fn cancel_upload(app: &App, id: Id) -> Result<StatusCode, Problem> {
    app.writers().interrupt_all(id);
    let decided = match app.store().outcome(id).await? {
        Some(outcome) => outcome,
        None if app.store().intent(id).await?.is_none() => return Err(no_such_upload()),
        None => app.store().decide(id, Outcome::Cancelled).await?,
    };
    if matches!(decided, Outcome::Stored(_)) {
        let detail = "This upload is stored already: delete its pictures instead.";
        return Err(Problem::new(StatusCode::CONFLICT, "already-stored", detail));
    }
    // What cannot be removed now is left to the sweep.
    let _ = app.store().remove_incoming(id).await;
    Ok(StatusCode::NO_CONTENT)
}

/// What a client is told of an outcome.
async fn answer(app: &App, id: Id, outcome: Outcome, mount: &Mount) -> Result<Response, Problem> {
    let stored = match outcome {
        Outcome::Stored(stored) => stored,
        Outcome::Refused(problem) => return Ok(refused_before(problem)),
        Outcome::Cancelled => return Err(cancelled()),
        Outcome::Expired => return Err(expired()),
    };
    let mut images = BTreeMap::new();
    for (name, picture) in stored {
        let Some((stage, manifest)) = app.store().find(picture).await? else {
            let detail = "This picture was deleted since, or nobody confirmed it in time: upload it again.";
            return Err(Problem::new(StatusCode::GONE, "upload-ended", detail).of_picture(&name));
        };
        images.insert(name, described(app, stage, &manifest, mount).await?);
    }
    let (parts, expires_at) = (BTreeMap::new(), None);
    Ok(uncached(Answer { id, state: "stored", expires_at, parts, images }))
}

fn uncached(answer: Answer) -> Response {
    ([(header::CACHE_CONTROL, "private, no-cache")], Json(answer)).into_response()
}

/// The refusal that was decided, as it was told the first time.
fn refused_before(mut problem: serde_json::Value) -> Response {
    if let Some(id) = RequestId::current() {
        problem["instance"] = id.instance().into();
    }
    let status = problem["status"].as_u64().and_then(|status| StatusCode::from_u16(status as u16).ok());
    metrics::refusal(problem["code"].as_str().unwrap_or("internal"));
    let headers = [(header::CONTENT_TYPE, "application/problem+json"), (header::CACHE_CONTROL, "no-store")];
    let status = status.unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    (status, headers, problem.to_string()).into_response()
}

fn parse(id: &str) -> Result<Id, Problem> {
    id.parse().map_err(|()| no_such_upload())
}

fn no_such_upload() -> Problem {
    Problem::not_found("There is no such upload. Perhaps nobody completed it in time: announce a new one.")
}

/// 501: what this server's store cannot do, and what to do instead.
fn no_addresses(app: &App) -> Problem {
    let detail = if app.store().can_sign() {
        "The bucket of this server takes the parts of an upload itself: announce it by POST /v1/uploads."
    } else {
        "This server's store gives clients no addresses to put pictures to: send a form to POST /v1/images. \
         A folder and a bucket of S3 (store = \"s3://...\") give them."
    };
    Problem::new(StatusCode::NOT_IMPLEMENTED, "uploads-unsupported", detail)
}

fn cancelled() -> Problem {
    let detail = "This upload was given up: announce a new one.";
    Problem::new(StatusCode::GONE, "upload-cancelled", detail)
}

fn expired() -> Problem {
    let detail = "The time for this upload is over: announce a new one.";
    Problem::new(StatusCode::GONE, "upload-expired", detail)
}
