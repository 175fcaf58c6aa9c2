//! What is stored: metadata, bytes, confirm, delete.

use super::App;
use super::answer::Image;
use super::problem::Problem;
use crate::metrics;
use crate::store::{Id, Key, State as Stage};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use bytes::Bytes;
use truecrop_core::receipt::Digest;
use truecrop_core::{Code, Error};

/// `GET /v1/images/{id}`.
pub async fn metadata(State(app): State<App>, Path(id): Path<String>) -> Result<Response, Problem> {
    let (stage, manifest) = app.store().find(parse(&id)?).await?.ok_or_else(gone)?;
    let private = [(header::CACHE_CONTROL, "private, no-cache")];
    Ok((private, Json(Image::new(stage, &manifest))).into_response())
}

/// `POST /v1/images/{id}/confirm`. Doing it again gives the same answer.
pub async fn confirm(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    authorise(&app, &headers)?;
    let id = parse(&id)?;
    let waited = matches!(app.store().find(id).await?, Some((Stage::Pending, _)));
    let manifest = app.store().confirm(id).await?.ok_or_else(gone)?;
    if waited {
        metrics::pending(-1.0);
    }
    Ok(Json(Image::new(Stage::Kept, &manifest)).into_response())
}

/// `DELETE /v1/images/{id}`. Doing it again is no error.
pub async fn delete(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    authorise(&app, &headers)?;
    let id = parse(&id)?;
    let waited = matches!(app.store().find(id).await?, Some((Stage::Pending, _)));
    app.store().delete(id).await?;
    if waited {
        metrics::pending(-1.0);
    }
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /v1/images/{id}/confirm`: an output may have that name.
pub async fn output_named_confirm(
    app: State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    output(app, headers, Path((id, "confirm".to_owned()))).await
}

/// `GET /v1/images/{id}/{name}`: an output's bytes, or the receipt.
pub async fn output(
    State(app): State<App>,
    headers: HeaderMap,
    Path((id, name)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let id = parse(&id)?;
    let (stage, manifest) = app.store().find(id).await?.ok_or_else(gone)?;
    if name == "receipt" {
        let json = app.store().get(&Key::Receipt(stage, id)).await?.ok_or_else(gone)?;
        return Ok(([(header::CONTENT_TYPE, "application/json")], json).into_response());
    }
    let stored = manifest.outputs.iter().find(|o| o.name == name);
    let stored = stored.ok_or_else(|| Problem::not_found("This upload has no output of that name."))?;
    let tag = etag(&stored.digest);
    if knows(&headers, &tag) {
        let head = [(header::ETAG, tag.as_str()), (header::CACHE_CONTROL, cache(stage))];
        return Ok((StatusCode::NOT_MODIFIED, head).into_response());
    }
    let bytes = app.store().get(&Key::Output(stage, id, &stored.file)).await?.ok_or_else(gone)?;
    let mut response = picture(bytes, stored.format.mime(), stage);
    let headers = response.headers_mut();
    let name = format!("inline; filename=\"{id}-{}\"", stored.file);
    for (key, value) in [(header::ETAG, tag), (header::CONTENT_DISPOSITION, name)] {
        headers.insert(key, value.parse().map_err(|_| internal())?);
    }
    headers.insert("repr-digest", stored.digest.to_string().parse().map_err(|_| internal())?);
    Ok(response)
}

/// Bytes with headers under which a browser takes them for nothing but a picture.
fn picture(bytes: Bytes, mime: &'static str, stage: Stage) -> Response {
    let headers = [
        (header::CONTENT_TYPE, mime),
        (header::CACHE_CONTROL, cache(stage)),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    let mut response = (headers, bytes).into_response();
    response.headers_mut().insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    response
}

/// What is kept never changes; what is pending may be gone tomorrow.
fn cache(stage: Stage) -> &'static str {
    match stage {
        Stage::Kept => "public, max-age=31536000, immutable",
        Stage::Pending => "private, no-store",
    }
}

/// Whether the client has these bytes already: a list, compared weakly (RFC 9110, 13.1.2).
fn knows(headers: &HeaderMap, tag: &str) -> bool {
    let lists = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut known = lists.flat_map(|list| list.split(',')).map(str::trim);
    known.any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

fn etag(digest: &Digest) -> String {
    format!("\"{digest}\"")
}

fn parse(id: &str) -> Result<Id, Problem> {
    id.parse().map_err(|()| gone())
}

fn gone() -> Problem {
    Problem::not_found(
        "There is no such upload: it was never there, was deleted, or was swept because nobody confirmed it.",
    )
}

fn internal() -> Problem {
    Error::new(Code::Internal, "A header could not be written.").into()
}

/// Where an API key is set, only who has it may confirm and delete.
fn authorise(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(key) = &app.config().api_key else { return Ok(()) };
    let given = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()?.strip_prefix("Bearer "));
    // Digests are compared, so the time tells nothing of the key.
    if given.is_some_and(|given| Digest::of(given.as_bytes()) == Digest::of(key.as_bytes())) {
        return Ok(());
    }
    Err(Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", "This needs the application's API key."))
}
