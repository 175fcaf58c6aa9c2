//! FilePond's server API (<https://pqina.nl/filepond/docs/api/server/>), `/v1/filepond`: `server: 'https://pictures.example/v1/filepond'`.
//!
//! | FilePond | request | |
//! | --- | --- | --- |
//! | process | `POST`, a form: the item's metadata, then its files | 201, the picture's id as text |
//! | the same in chunks | `POST` with `Upload-Length`, then `PATCH ?patch=ID`; `HEAD ?patch=ID` | the upload's id, by `uploads::tus` |
//! | revert | `DELETE`, the id as the body | 204 |
//! | load, restore | `GET ?load=ID`, `GET ?restore=ID` | the picture |
//! | fetch | `GET ?fetch=URL` | 501: this server asks no others for files |
//!
//! What a picture is stands in the item's metadata: `{"truecrop": {"receipt": ...}}`, and the files are its outputs, then perhaps the photo; or
//! `{"truecrop": {"recipe": ...}}`, and the file is the photo.

use super::App;
use super::body_meter;
use super::credentials::authorise;
use super::form::{self, Claim, First, Picture, Source, unparsed};
use super::images;
use super::permission::{self, Permission};
use super::response::Mount;
use super::spool::spool;
use super::upload::store_new;
use super::upload_id::{no_such_upload, parse};
use super::uploads::tus::{self, OneFile};
use super::uploads::{begin_one, cancel_upload};
use super::verification;
use crate::problem::Problem;
use crate::store::{EventKind, Id, Outcome, Stage};
use axum::Router;
use axum::extract::{FromRequest, Multipart, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch};
use futures::TryStreamExt;
use serde::Deserialize;
use serde_json::value::RawValue;
use truecrop_core::{Code, Error};

/// The metadata of an item may have more than truecrop's.
const REST_BYTES: usize = 16 << 10;

/// Longest body of a revert: an id, with blanks around it.
const ID_BYTES: usize = 256;

/// The routes.
pub fn routes() -> Router<App> {
    Router::new().route("/v1/filepond", get(read).post(process).delete(revert))
}

/// The route of chunks, to which no timeout of whole requests applies.
pub fn chunk_routes() -> Router<App> {
    Router::new().route("/v1/filepond", patch(write))
}

/// An item's metadata. What else is in it is left aside.
#[derive(Deserialize)]
struct Metadata {
    #[serde(default)]
    truecrop: Option<Wanted>,
}

#[derive(Deserialize)]
struct Wanted {
    receipt: Option<Box<RawValue>>,
    recipe: Option<Box<RawValue>>,
}

/// `POST /v1/filepond`.
async fn process(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let mount = Mount::of(request.extensions());
    // What is sent without a file is followed by chunks.
    let length = tus::length_of(request.headers())?;
    let mut permission = Permission::of(&app, request.headers())?;
    permission.refuse_used(&app).await?;
    let (request, meter) = body_meter::metered(&app, request)?;
    let multipart = Multipart::from_request(unparsed::watched(request), &())
        .await
        .map_err(|e| Problem::new(StatusCode::BAD_REQUEST, "invalid-multipart", e.body_text()))?;
    let item = unparsed::scope(Item::read(&app, multipart, &mut permission, length.is_some())).await;
    let item = item.map_err(|problem| meter.refusal().unwrap_or(problem))?;
    meter.check_end()?;
    if let Some(length) = length {
        let id = begin_one(&app, &permission, &item.file, length).await?;
        return Ok(created(&id.to_string(), None));
    }
    let name = item.file.name.clone();
    let picture = item.picture().map_err(|problem| problem.of_picture(&name))?;
    // Until the store has them, what was reserved is held.
    let checked = verification::check_all(&app, vec![picture], permission.policy(), &meter).await?;
    permission.spend(&app).await?;
    let stored = store_new(&app, &checked, permission.policy(), permission.subject()).await;
    let stored = match stored {
        Ok(stored) => stored,
        Err(problem) => {
            permission.give_back(&app).await;
            return Err(problem);
        }
    };
    for manifest in &stored {
        app.store().happened(EventKind::Accepted, manifest.id);
    }
    let id = stored.first().map(|manifest| manifest.id.to_string()).unwrap_or_default();
    Ok(created(&id, stored.first().map(|manifest| mount.address(manifest))))
}

fn created(id: &str, location: Option<String>) -> Response {
    let mut response = (StatusCode::CREATED, id.to_owned()).into_response();
    let location = location.and_then(|location| HeaderValue::from_str(&location).ok());
    response.headers_mut().extend(location.map(|location| (header::LOCATION, location)));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// An item as FilePond sends it.
struct Item {
    file: OneFile,
    outputs: Vec<(String, Vec<u8>)>,
    source: Option<std::fs::File>,
    claim: Claim,
}

impl Item {
    /// Reads a form. Its files have the name of the metadata, which is that of the picture.
    async fn read(
        app: &App,
        mut multipart: Multipart,
        permission: &mut Permission,
        chunked: bool,
    ) -> Result<Self, Problem> {
        let limits = &app.config().limits;
        let mut field = next(&mut multipart).await?.ok_or_else(no_metadata)?;
        if field.name() == Some(permission::PART) && permission.may_come_first() {
            permission.take(app, &form::read_token(field).await?)?;
            permission.refuse_used(app).await?;
            field = next(&mut multipart).await?.ok_or_else(no_metadata)?;
        }
        let name = field.name().unwrap_or_default().to_owned();
        permission.check_part(app, &name)?;
        let json = form::read_part(field, &name, (limits.json_bytes + REST_BYTES) as u64).await?;
        let (kind, json) = wanted(&json)?;
        let claim = Claim::from_json(kind, &json, limits).map_err(|e| Problem::from(e).of_picture(&name))?;
        let awaited: Vec<String> = claim.sent_outputs().into_iter().map(str::to_owned).collect();
        let file = OneFile { name: name.clone(), kind, json, digest: None };
        let mut item = Self { file, outputs: Vec::new(), source: None, claim };
        let mut bytes_left = app.config().upload_bytes;
        while let Some(field) = next(&mut multipart).await? {
            if chunked || item.source.is_some() || field.name() != Some(&name) {
                let error = Error::new(Code::OutputsMismatch, "This file belongs to no picture.");
                return Err(Problem::from(error.at(name.as_str())).of_picture(&name));
            }
            if let Some(output) = awaited.get(item.outputs.len()) {
                let bytes = form::read_part(field, output, bytes_left).await?;
                bytes_left -= bytes.len() as u64;
                item.outputs.push((output.clone(), bytes));
                continue;
            }
            let most = limits.source_bytes.min(permission.policy().max_source_bytes.unwrap_or(u64::MAX));
            item.source = Some(
                spool(field.inspect_ok(|_| unparsed::found()).map_err(form::invalid_multipart), most).await?,
            );
        }
        Ok(item)
    }

    fn picture(self) -> Result<Picture, Problem> {
        if matches!(self.claim, Claim::Recipe(_)) && self.source.is_none() {
            let detail = "A recipe alone makes no picture: send the photo as well.";
            return Err(Error::new(Code::SourceRequired, detail).at("source").into());
        }
        let source = self.source.map(Source::File);
        Ok(Picture { name: self.file.name, claim: self.claim, outputs: self.outputs, source })
    }
}

async fn next(multipart: &mut Multipart) -> Result<Option<axum::extract::multipart::Field<'_>>, Problem> {
    let field = multipart.next_field().await.map_err(form::invalid_multipart)?;
    unparsed::found();
    Ok(field)
}

/// The receipt or the recipe in an item's metadata.
fn wanted(metadata: &[u8]) -> Result<(First, Vec<u8>), Problem> {
    let metadata: Metadata = serde_json::from_slice(metadata).map_err(|_| no_metadata())?;
    let wanted = metadata.truecrop.ok_or_else(no_metadata)?;
    let (kind, text) = match (&wanted.receipt, &wanted.recipe) {
        (Some(receipt), None) => (First::Receipt, receipt.get()),
        (None, Some(recipe)) => (First::Recipe, recipe.get()),
        _ => return Err(no_metadata()),
    };
    // A receipt may be the text as the element gives it.
    let text = serde_json::from_str::<String>(text).unwrap_or_else(|_| text.to_owned());
    Ok((kind, text.into_bytes()))
}

fn no_metadata() -> Problem {
    let detail = "Nothing says what this picture is: FilePond's metadata of the item needs truecrop.receipt, or truecrop.recipe for a photo.";
    Error::new(Code::InvalidReceipt, detail).at("truecrop").into()
}

/// `GET /v1/filepond`, by its query: load and restore show the picture; `HEAD ?patch=ID` tells how much of it has come.
async fn read(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let (method, headers) = (request.method().clone(), request.headers().clone());
    let (asked, value) = query(&request);
    match asked {
        "load" | "restore" => {
            let id = pictures(&app, value).await?.into_iter().next().ok_or_else(no_such_upload)?;
            let (_, manifest) = app.store().find(id).await?.ok_or_else(no_such_upload)?;
            let output = manifest.outputs.first().ok_or_else(no_such_upload)?.name.clone();
            images::output(State(app), method, headers, Path((id.to_string(), output))).await
        }
        "patch" if method == Method::HEAD => {
            let id = parse(value)?;
            let part = tus::only_part(&app, id).await?;
            tus::offset(&app, id, &part).await
        }
        "fetch" => {
            let detail = "This server asks no others for files: let the browser fetch the file, and add it to FilePond.";
            Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "fetch-unsupported", detail))
        }
        _ => Err(Problem::not_found("FilePond asks by ?load=ID, ?restore=ID, or ?patch=ID.")),
    }
}

/// `PATCH /v1/filepond?patch=ID`: a chunk.
async fn write(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let ("patch", id) = query(&request) else {
        return Err(Problem::not_found("A chunk is sent to ?patch=ID."));
    };
    let id = parse(id)?;
    let part = tus::only_part(&app, id).await?;
    tus::write(&app, id, &part, request).await
}

/// `DELETE /v1/filepond`: whoever uploaded a picture takes it back, while nobody has confirmed it.
async fn revert(State(app): State<App>, request: Request) -> Result<StatusCode, Problem> {
    let headers = request.headers().clone();
    let body = axum::body::to_bytes(request.into_body(), ID_BYTES).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&body).trim().to_owned();
    let id = parse(&text)?;
    if app.store().outcome(id).await?.is_none() && app.store().intent(id).await?.is_some() {
        return cancel_upload(&app, id).await;
    }
    for id in pictures(&app, &text).await? {
        revert_picture(&app, &headers, id).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn revert_picture(app: &App, headers: &HeaderMap, id: Id) -> Result<(), Problem> {
    let Some((stage, manifest)) = app.store().find(id).await? else { return Ok(()) };
    let permission = Permission::of(app, headers)?;
    let own = permission.subject().is_some() && permission.subject() == manifest.subject.as_deref();
    // It may be confirmed since the look.
    if own && stage == Stage::Pending && app.store().delete_pending(id).await? {
        return Ok(());
    }
    authorise(app, headers)?;
    app.store().delete(id).await?;
    Ok(())
}

/// The first member of the query.
fn query(request: &Request) -> (&str, &str) {
    let first = request.uri().query().unwrap_or_default().split('&').next().unwrap_or_default();
    first.split_once('=').unwrap_or((first, ""))
}

/// The pictures that FilePond means by an id: one that it was given for chunks is that of the upload.
async fn pictures(app: &App, id: &str) -> Result<Vec<Id>, Problem> {
    let id = parse(id)?;
    Ok(match app.store().outcome(id).await? {
        Some(Outcome::Stored(stored)) => stored.into_values().collect(),
        _ => vec![id],
    })
}
