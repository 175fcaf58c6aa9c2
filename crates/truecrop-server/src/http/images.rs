//! The routes of one stored upload, `/v1/images/{id}`: its metadata, its pictures and receipt, confirm, delete.

use super::App;
use super::audit::{described, unproved};
use super::credentials::authorise;
use super::ranges::{self, Asked};
use super::response::{Mount, UploadResponse};
use super::upload_id::{no_such_upload, parse};
use crate::problem::Problem;
use crate::store::{Confirmed, Content, Stage, StoreError, cache_control};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Extensions, HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use futures::StreamExt;
use truecrop_core::receipt::Digest;
use truecrop_core::{Code, Error};

/// `GET /v1/images/{id}`.
pub async fn metadata(
    State(app): State<App>,
    extensions: Extensions,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (stage, manifest) = app.store().find(parse(&id)?).await?.ok_or_else(no_such_upload)?;
    let private = [(header::CACHE_CONTROL, "private, no-cache")];
    let upload = described(&app, stage, &manifest, &Mount::of(&extensions)).await?;
    Ok((private, Json(upload)).into_response())
}

/// `POST /v1/images/{id}/confirm`. Confirming again gets the same response.
pub async fn confirm(
    State(app): State<App>,
    headers: HeaderMap,
    extensions: Extensions,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    authorise(&app, &headers)?;
    let kept = confirm_one(&app, &id, &Mount::of(&extensions)).await?;
    Ok(Json(kept).into_response())
}

/// Confirms an upload.
///
/// # Errors
/// `not-found`, and those of the store.
pub async fn confirm_one(app: &App, id: &str, mount: &Mount) -> Result<UploadResponse, Problem> {
    let budget = app.memory_budget();
    let reserve = |bytes: u64| async move {
        // One picture at a time is kept also where the budget has been lowered since it came.
        budget.reserve(bytes.min(budget.bytes())).await.map_err(|_| StoreError::NoRoom)
    };
    let manifest = match app.store().confirm_within(parse(id)?, reserve).await? {
        Confirmed::Now(manifest) | Confirmed::Already(manifest) => manifest,
        Confirmed::Unproved(state) => return Err(unproved(state)),
        Confirmed::Absent => return Err(no_such_upload()),
    };
    // Only the application is told who uploaded.
    Ok(UploadResponse::new(Stage::Kept, &manifest, mount).with_subject(&manifest))
}

/// `DELETE /v1/images/{id}`. Deleting again is no error.
pub async fn delete(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    authorise(&app, &headers)?;
    app.store().delete(parse(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /v1/images/{id}/confirm`: an output may have that name.
pub async fn output_named_confirm(
    app: State<App>,
    method: Method,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    output(app, method, headers, Path((id, "confirm".to_owned()))).await
}

/// `GET /v1/images/{id}/source`: no output has that name.
pub async fn no_output() -> Problem {
    Problem::not_found("This upload has no output of that name.")
}

/// `GET /v1/images/{id}/{name}`: an output's bytes, or some of them, or the receipt.
pub async fn output(
    State(app): State<App>,
    method: Method,
    headers: HeaderMap,
    Path((id, name)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let id = parse(&id)?;
    let (stage, manifest) = app.store().find(id).await?.ok_or_else(no_such_upload)?;
    if name == "receipt" {
        let json = app.store().read_receipt(stage, &manifest).await?.ok_or_else(no_such_upload)?;
        let digest = HeaderValue::from_str(&Digest::of(&json).to_string()).map_err(|_| internal())?;
        let mut response = ([(header::CONTENT_TYPE, "application/json")], json).into_response();
        response.headers_mut().insert("repr-digest", digest);
        return Ok(response);
    }
    let stored = manifest.outputs.iter().find(|o| o.name == name);
    let stored = stored.ok_or_else(|| Problem::not_found("This upload has no output of that name."))?;
    let tag = etag(&stored.digest);
    if none_match_names(&headers, &tag) {
        let head = [(header::ETAG, tag.as_str()), (header::CACHE_CONTROL, cache_control(stage))];
        return Ok((StatusCode::NOT_MODIFIED, head).into_response());
    }
    let part = match ranges::asked(&method, &headers, &tag, stored.bytes) {
        Asked::Whole => None,
        Asked::Part(part) => Some(part),
        Asked::Unsatisfiable => return Ok(unsatisfiable(stored.bytes)),
    };
    let range = part.clone().unwrap_or(0..stored.bytes);
    let length = range.end - range.start;
    let found = app.store().read_part(stage, id, stored, range).await?;
    let (stage, content) = found.ok_or_else(no_such_upload)?;
    let mut response = picture_response(in_pieces(&app, content), stored.format.mime(), stage);
    if let Some(part) = part {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let range = format!("bytes {}-{}/{}", part.start, part.end - 1, stored.bytes);
        response.headers_mut().insert(header::CONTENT_RANGE, range.parse().map_err(|_| internal())?);
    }
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, length.into());
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let name = format!("inline; filename=\"{id}-{}\"", stored.file);
    for (key, value) in [(header::ETAG, tag), (header::CONTENT_DISPOSITION, name)] {
        headers.insert(key, value.parse().map_err(|_| internal())?);
    }
    headers.insert("repr-digest", stored.digest.to_string().parse().map_err(|_| internal())?);
    Ok(response)
}

/// 416, with the length that the client did not know.
fn unsatisfiable(bytes: u64) -> Response {
    let detail = "The picture does not have these bytes: ask for some of those that it has, or for all.";
    let mut refused =
        Problem::new(StatusCode::RANGE_NOT_SATISFIABLE, "range-not-satisfiable", detail).into_response();
    let range = HeaderValue::from_str(&format!("bytes */{bytes}"));
    refused.headers_mut().extend(range.ok().map(|range| (header::CONTENT_RANGE, range)));
    refused
}

/// Bytes with headers that make a browser treat them as a picture and as nothing else.
fn picture_response(body: Body, mime: &'static str, stage: Stage) -> Response {
    let headers = [
        (header::CONTENT_TYPE, mime),
        (header::CACHE_CONTROL, cache_control(stage)),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    let mut response = (headers, body).into_response();
    response.headers_mut().insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    response
}

/// An answer that is read from the store while the client reads it: a client that stalls holds one piece, not the whole.
/// And a store that stops in the middle ends the answer, which is then too short for its Content-Length.
fn in_pieces(app: &App, content: Content) -> Body {
    let limit = app.config().request_timeout.0;
    Body::from_stream(futures::stream::unfold(content.into_stream(), move |mut stream| async move {
        let late = || Err(Error::new(Code::Io, "The store did not send the rest in time.").into());
        let piece = tokio::time::timeout(limit, stream.next()).await.unwrap_or_else(|_| Some(late()))?;
        if let Err(error) = &piece {
            tracing::error!("an answer was cut off: {error}");
        }
        Some((piece, stream))
    }))
}

/// Whether `If-None-Match`, a list that is compared weakly (RFC 9110, 13.1.2), names this tag.
fn none_match_names(headers: &HeaderMap, tag: &str) -> bool {
    let lists = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = lists.flat_map(|list| list.split(',')).map(str::trim);
    tags.any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

fn etag(digest: &Digest) -> String {
    format!("\"{digest}\"")
}

fn internal() -> Problem {
    Error::new(Code::Internal, "A header could not be written.").into()
}
