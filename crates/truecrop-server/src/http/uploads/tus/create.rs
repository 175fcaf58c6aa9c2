//! `POST /v1/tus`: begins an upload whose client knows tus alone. Its metadata says what the picture is: `NAME.receipt`, and then the
//! picture itself comes; or `NAME.recipe`, and then the photo comes, of which the server makes the outputs. Other metadata, such as the
//! name of the file, is left aside and kept nowhere.

use super::head::{self, Chunk, UPLOAD_LENGTH, UPLOAD_METADATA, UPLOAD_OFFSET, invalid, is_chunk};
use super::{address, expires, receive};
use crate::http::App;
use crate::http::form::First;
use crate::http::permission::Permission;
use crate::http::response::Mount;
use crate::http::uploads::announce::{self, Announced};
use crate::http::uploads::{no_addresses, no_such_upload, room};
use crate::problem::Problem;
use crate::store::IntentPicture;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use truecrop_core::receipt::Digest;
use truecrop_core::{Code, Error};

/// `POST /v1/tus`.
pub async fn create(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let mount = Mount::of(request.extensions());
    let headers = request.headers();
    head::check_version(headers)?;
    if !app.store().can_receive() {
        return Err(no_addresses(&app));
    }
    let length = head::number(headers, &UPLOAD_LENGTH)?;
    let length = length.ok_or_else(|| invalid("Upload-Length", "Say how long the file is."))?;
    let chunk = if is_chunk(headers) { Some(Chunk::at(0, headers)?) } else { None };
    let permission = Permission::of(&app, headers)?;
    permission.check_part(&app, "")?;
    permission.refuse_used(&app).await?;
    app.admission().check()?;
    let picture = OneFile::of(headers)?.picture(&app, &permission, length)?;
    let intent = room::begin(&app, &permission, vec![picture]).await?;
    let Some(part) = intent.pictures[0].parts().next() else {
        return Err(invalid("Upload-Metadata", "This picture has no part."));
    };
    let (location, file) = (format!("{}{}", mount.0, address(intent.id, part)), part.file.clone());
    let offset = match chunk {
        None => None,
        Some(chunk) => match receive::receive(&app, &intent, &file, &chunk, request.into_body()).await? {
            receive::Received::Offset(offset) => Some(offset),
            receive::Received::Refused(response) => return Ok(response),
            receive::Received::Ended => return Err(no_such_upload()),
        },
    };
    let mut response = StatusCode::CREATED.into_response();
    let headers = response.headers_mut();
    headers.extend(HeaderValue::from_str(&location).ok().map(|at| (header::LOCATION, at)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.extend(offset.map(|offset| (UPLOAD_OFFSET, offset.into())));
    expires(headers, &intent);
    Ok(response)
}

/// A picture of which one file comes: the picture itself, or the photo that it is to be made of.
pub struct OneFile {
    /// Its name, as in a form.
    pub name: String,
    /// Which of both `json` is.
    pub kind: First,
    /// Its receipt or recipe.
    pub json: Vec<u8>,
    /// Of the photo, where the client knows it.
    pub digest: Option<Digest>,
}

impl OneFile {
    /// By the metadata of an upload of tus.
    fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let refused = |detail: &str| invalid("Upload-Metadata", detail);
        let mut found = None;
        let mut digest = None;
        let fields = headers.get_all(UPLOAD_METADATA).iter();
        for pair in fields.filter_map(|field| field.to_str().ok()).flat_map(|field| field.split(',')) {
            let (key, value) = pair.trim().split_once(' ').unwrap_or((pair.trim(), ""));
            let decode = || {
                let bytes = STANDARD.decode(value.trim()).ok();
                let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
                text.ok_or_else(|| refused("A value is no text in Base64."))
            };
            if key == "digest" {
                digest =
                    Some(decode()?.parse().map_err(|_| refused("This is no digest: sha-256=:BASE64:."))?);
            }
            let Some((name, kind)) = First::of(key) else { continue };
            if found.is_some() {
                return Err(refused("It names several pictures: a file of tus is one."));
            }
            found = Some((name.to_owned(), kind, decode()?.into_bytes()));
        }
        let (name, kind, json) = found
            .ok_or_else(|| refused("Say what the picture is: NAME.receipt, or NAME.recipe for a photo."))?;
        Ok(Self { name, kind, json, digest })
    }

    /// The picture, with a file of this length as its only part.
    ///
    /// # Errors
    /// As of an announcement; `outputs-mismatch` for another length than the receipt says; `invalid-upload` for a picture of several
    /// files.
    pub fn picture(&self, app: &App, permission: &Permission, length: u64) -> Result<IntentPicture, Problem> {
        let source = (self.kind == First::Recipe).then_some((length, self.digest));
        let announced = Announced { kind: self.kind, json: &self.json, source };
        let picture = announce::read_picture(app.config(), permission.policy(), 0, &self.name, announced)
            .map_err(|problem| problem.of_picture(&self.name))?;
        let lengths: Vec<u64> = picture.parts().map(|part| part.bytes).collect();
        match lengths[..] {
            [only] if only == length => Ok(picture),
            [only] => {
                let error = Error::new(Code::OutputsMismatch, "The file is not as long as the receipt says.");
                let refused: Problem = error.at("Upload-Length").figures(only, length).into();
                Err(refused.of_picture(&self.name))
            }
            _ => {
                let detail = "A picture of several files is announced by POST /v1/uploads.";
                Err(Problem::new(StatusCode::BAD_REQUEST, "invalid-upload", detail).of_picture(&self.name))
            }
        }
    }
}
