//! Resumable uploads by tus 1.0 (<https://tus.io/protocols/resumable-upload>), `/v1/tus`, where the store is a folder: each part of an
//! announced upload is an upload of tus, and a client that knows tus alone announces a picture of one part by its metadata.
//! Extensions: creation, creation-with-upload, expiration, checksum, termination.
//!
//! What has come is judged as by every other way: when the last part has come, or by `POST /v1/uploads/{id}/complete`.

mod create;
mod head;
mod lock;
mod receive;

pub use create::OneFile;
pub use lock::Writers;

use super::{cancel_upload, expired, no_such_upload, parse, refused_before};
use crate::http::App;
use crate::http::uploads::room::on_disk;
use crate::problem::Problem;
use crate::store::{Id, Intent, IntentPicture, Outcome, Part};
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{patch, post};
pub use head::{DISCOVERY, REQUEST_FIELDS, RESPONSE_FIELDS};
use head::{METHOD_OVERRIDE, TUS_RESUMABLE, UPLOAD_EXPIRES, UPLOAD_LENGTH, UPLOAD_OFFSET, VERSION};
use std::time::SystemTime;

/// The routes. No timeout of whole requests applies to them: a part may be long. What is slow, or late, is cut off by `receive`.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/v1/tus", post(create::create))
        .route("/v1/tus/{id}/{part}", patch(part).head(part).delete(part).post(part))
        .layer(middleware::map_response(with_version))
}

/// The address of a part.
pub fn address(id: Id, part: &Part) -> String {
    format!("/v1/tus/{id}/{}", part.file)
}

/// What a client sends with the whole part, if it sends it at once: a request that needs to know nothing of tus.
pub fn fields_of_whole() -> [(String, String); 3] {
    let field = |name: &HeaderName, value: &str| (name.as_str().to_owned(), value.to_owned());
    [
        field(&header::CONTENT_TYPE, head::OFFSET_STREAM),
        field(&TUS_RESUMABLE, VERSION),
        field(&UPLOAD_OFFSET, "0"),
    ]
}

/// The length of the file that a request announces.
///
/// # Errors
/// `invalid-tus`.
pub fn length_of(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    head::number(headers, &UPLOAD_LENGTH)
}

async fn with_version(mut response: Response) -> Response {
    response.headers_mut().insert(TUS_RESUMABLE, HeaderValue::from_static(VERSION));
    if response.status() == StatusCode::PRECONDITION_FAILED {
        response.headers_mut().insert(head::TUS_VERSION, HeaderValue::from_static(VERSION));
    }
    response
}

/// Tells what there is of tus to who asks by OPTIONS. Outside of the layer for other origins, which answers every OPTIONS.
pub async fn discovery(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let asked = *request.method() == Method::OPTIONS && (path == "/v1/tus" || path.starts_with("/v1/tus/"));
    let mut response = next.run(request).await;
    if asked && app.store().can_receive() {
        let headers = response.headers_mut();
        for (name, value) in DISCOVERY {
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers.insert(HeaderName::from_static("tus-max-size"), app.config().limits.source_bytes.into());
    }
    response
}

/// `HEAD`, `PATCH` and `DELETE /v1/tus/{id}/{part}`; `POST` with `X-HTTP-Method-Override` is any of them.
async fn part(
    State(app): State<App>,
    Path((id, file)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    let method = match request.headers().get(METHOD_OVERRIDE) {
        Some(name) => Method::from_bytes(name.as_bytes()).unwrap_or_default(),
        None => request.method().clone(),
    };
    head::check_version(request.headers())?;
    if !app.store().can_receive() {
        return Err(super::no_addresses(&app));
    }
    let id = parse(&id)?;
    match method {
        Method::HEAD => offset(&app, id, &file).await,
        Method::PATCH => write(&app, id, &file, request).await,
        Method::DELETE => Ok(cancel_upload(&app, id).await?.into_response()),
        _ => {
            let detail = "Of a part there are HEAD, PATCH and DELETE.";
            Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", detail))
        }
    }
}

/// An upload of which parts may still come, or that is stored.
enum Found {
    Waiting(Intent),
    Stored(Intent),
    /// What was decided before.
    Refused(Response),
}

async fn find(app: &App, id: Id) -> Result<Found, Problem> {
    let outcome = app.store().outcome(id).await?;
    let intent = app.store().intent(id).await?;
    match (outcome, intent) {
        (Some(Outcome::Stored(_)), Some(intent)) => Ok(Found::Stored(intent)),
        (Some(Outcome::Refused(problem)), _) => Ok(Found::Refused(refused_before(problem))),
        (Some(Outcome::Cancelled), _) => Err(super::cancelled()),
        (Some(Outcome::Expired), _) => Err(expired()),
        (None, Some(intent)) if intent.has_expired(SystemTime::now()) => Err(expired()),
        (None, Some(intent)) => Ok(Found::Waiting(intent)),
        (_, None) => Err(no_such_upload()),
    }
}

/// How much of a part has come, as an answer. A client that asks has lost its connection: whoever still writes by an older one is
/// stopped.
///
/// # Errors
/// `not-found`; those of an upload that has ended.
pub async fn offset(app: &App, id: Id, file: &str) -> Result<Response, Problem> {
    app.writers().stop(id, file).await;
    let mut last = false;
    let (intent, part, offset) = loop {
        match find(app, id).await? {
            Found::Refused(response) => return Ok(response),
            Found::Stored(intent) => {
                let part = part_of(&intent, file)?.1.clone();
                let bytes = part.bytes;
                break (intent, part, bytes);
            }
            Found::Waiting(intent) => {
                let part = part_of(&intent, file)?.1.clone();
                let (store, wanted) = (app.store().clone(), part.clone());
                let come = on_disk(move || {
                    store.finish_left(id, &wanted)?;
                    store.received_bytes(id, &wanted)
                });
                match come.await? {
                    // The answer to the last chunk was lost, and perhaps its judgement.
                    Some(offset) if offset == part.bytes => {
                        match receive::judged(app, &intent, offset).await? {
                            receive::Received::Refused(response) => return Ok(response),
                            _ => break (intent, part, offset),
                        }
                    }
                    Some(offset) => break (intent, part, offset),
                    // It has ended since.
                    None if last => return Err(no_such_upload()),
                    None => last = true,
                }
            }
        }
    };
    let mut response = StatusCode::OK.into_response();
    let headers = response.headers_mut();
    headers.insert(UPLOAD_OFFSET, offset.into());
    headers.insert(UPLOAD_LENGTH, part.bytes.into());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    expires(headers, &intent);
    Ok(response)
}

/// Appends what comes to a part.
///
/// # Errors
/// As `receive`: what is wrong with the chunk, or with the part that it ends.
pub async fn write(app: &App, id: Id, file: &str, request: Request) -> Result<Response, Problem> {
    let chunk = head::Chunk::of(request.headers())?;
    let found = find(app, id).await?;
    if let Found::Waiting(intent) = &found {
        match receive::receive(app, intent, file, &chunk, request.into_body()).await? {
            receive::Received::Offset(offset) => return Ok(written(intent, offset)),
            receive::Received::Refused(response) => return Ok(response),
            receive::Received::Ended => {}
        }
    }
    let found = if let Found::Waiting(_) = found { find(app, id).await? } else { found };
    match found {
        // An answer was lost, or another request has sent the rest: there is nothing more to come.
        Found::Stored(intent) => {
            let bytes = part_of(&intent, file)?.1.bytes;
            chunk.check_offset(bytes)?;
            Ok(written(&intent, bytes))
        }
        Found::Refused(response) => Ok(response),
        Found::Waiting(_) => Err(no_such_upload()),
    }
}

/// The name of the file of an upload of one part.
///
/// # Errors
/// `not-found`, also for an upload of several.
pub async fn only_part(app: &App, id: Id) -> Result<String, Problem> {
    let intent = app.store().intent(id).await?.ok_or_else(no_such_upload)?;
    let mut parts = intent.pictures.iter().flat_map(|picture| picture.parts());
    match (parts.next(), parts.next()) {
        (Some(only), None) => Ok(only.file.clone()),
        _ => Err(no_such_upload()),
    }
}

fn written(intent: &Intent, offset: u64) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().insert(UPLOAD_OFFSET, offset.into());
    expires(response.headers_mut(), intent);
    response
}

fn expires(headers: &mut HeaderMap, intent: &Intent) {
    let time = httpdate::fmt_http_date(intent.ends());
    headers.extend(HeaderValue::from_str(&time).ok().map(|time| (UPLOAD_EXPIRES, time)));
}

/// A part by its file name, with its picture, and its name as of the part of a form.
fn part_of<'a>(intent: &'a Intent, file: &str) -> Result<(&'a IntentPicture, &'a Part, String), Problem> {
    for picture in &intent.pictures {
        let name = &picture.name;
        if let Some(source) = picture.source.as_ref().filter(|part| part.file == file) {
            return Ok((picture, source, format!("{name}.source")));
        }
        if let Some((output, part)) = picture.outputs.iter().find(|(_, part)| part.file == file) {
            let field = if picture.outputs.len() == 1 { name.clone() } else { format!("{name}.{output}") };
            return Ok((picture, part, field));
        }
    }
    Err(Problem::not_found("This upload has no such part."))
}
