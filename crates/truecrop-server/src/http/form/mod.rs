//! Reads the form of an upload: the pictures in it, and other fields, which are left alone.
//!
//! A picture has a name, by which its parts are called: `NAME.receipt` before the others, `NAME` for its only output or
//! `NAME.OUTPUT` for each of several, `NAME.source` where it is needed. A client that cannot make pixels sends `NAME.recipe` and
//! `NAME.source`. A part that belongs to no picture is another field of the form, unless it looks like a part that came too
//! early or that no receipt names: those are refused at once. A policy token may stand before everything.

mod names;
mod parts;
pub mod unparsed;

use super::App;
use super::permission::{self, Permission};
use super::spool::spool;
use crate::problem::Problem;
use crate::store::{Failure, FrozenObject};
use axum::extract::Multipart;
use futures::TryStreamExt;
pub use names::First;
use names::{Names, Part};
use parts::skip_part;
pub use parts::{invalid_multipart, read_part, read_token};
use std::fs::File;
use std::io::BufReader;
use truecrop_core::receipt::Receipt;
use truecrop_core::recipe::Recipe;
use truecrop_core::{Code, Error, Limits, Reader};

/// What a client says that a picture is.
pub enum Claim {
    /// Its outputs were made by the client.
    Receipt(Receipt),
    /// Its outputs are to be made here.
    Recipe(Recipe),
}

/// The parts of one picture.
pub struct Picture {
    /// Its name in the form.
    pub name: String,
    /// Its receipt or recipe.
    pub claim: Claim,
    /// Names in the receipt, and bytes.
    pub outputs: Vec<(String, Vec<u8>)>,
    /// The photo that it is a crop of.
    pub source: Option<Source>,
}

/// Where a source lies. Nobody else can change it.
pub enum Source {
    /// In a temporary file without a name.
    File(File),
    /// In the store.
    Frozen(FrozenObject),
}

impl Source {
    /// To read its headers.
    pub fn peek(&mut self) -> &mut dyn truecrop_core::Source {
        match self {
            Source::File(file) => file,
            Source::Frozen(object) => object,
        }
    }

    /// To read all of it.
    pub fn into_reader(self) -> Reader {
        match self {
            Source::File(file) => Box::new(BufReader::with_capacity(64 << 10, file)),
            Source::Frozen(object) => Box::new(object),
        }
    }
}

impl Picture {
    /// What tells whether the store failed while the source was read.
    pub fn store_failure(&self) -> Option<Failure> {
        match &self.source {
            Some(Source::Frozen(object)) => Some(object.failure()),
            _ => None,
        }
    }
}

/// Reads a form to its end: one picture or several.
///
/// # Errors
/// For the first part that cannot be used; nothing behind it is read.
pub async fn read(
    app: &App,
    mut multipart: Multipart,
    permission: &mut Permission,
) -> Result<Vec<Picture>, Problem> {
    let (config, limits) = (app.config(), &app.config().limits);
    let mut pictures: Vec<Picture> = Vec::new();
    let mut names = Names::default();
    let mut bytes_left = config.upload_bytes;
    let mut fields_left = config.form.fields_bytes;
    let mut first = true;
    while let Some(field) = multipart.next_field().await.map_err(invalid_multipart)? {
        unparsed::found();
        let part = field.name().unwrap_or_default().to_owned();
        if first && part == permission::PART && permission.may_come_first() {
            permission.take(app, &read_token(field).await?)?;
            permission.refuse_used(app).await?;
            first = false;
            continue;
        }
        first = false;
        permission.check_part(app, &part)?;
        let picture_type = field.content_type().is_some_and(|kind| kind.starts_with("image/"));
        match names.part(&part, picture_type)? {
            Part::First { picture, kind } => {
                let most = permission.policy().max_pictures.unwrap_or(usize::MAX);
                names.check_room(config.form.pictures.min(most))?;
                let json = read_part(field, &part, limits.json_bytes as u64).await?;
                // Parsed now, so that nothing else is read after an invalid receipt.
                let claim = Claim::from_json(kind, &json, limits);
                let claim = claim.map_err(|e| Problem::from(e).of_picture(&picture))?;
                names.open(&picture, &claim.sent_outputs())?;
                pictures.push(Picture { name: picture, claim, outputs: Vec::new(), source: None });
            }
            Part::Output { picture, output } => {
                let bytes = read_part(field, &part, bytes_left).await?;
                bytes_left -= bytes.len() as u64;
                pictures[picture].outputs.push((output, bytes));
            }
            Part::Source { picture } => {
                let most = permission.policy().max_source_bytes.unwrap_or(u64::MAX);
                let file = spool(
                    field.inspect_ok(|_| unparsed::found()).map_err(invalid_multipart),
                    limits.source_bytes.min(most),
                )
                .await;
                let picture = &mut pictures[picture];
                picture.source =
                    Some(Source::File(file.map_err(|problem| problem.of_picture(&picture.name))?));
            }
            Part::Other => {
                fields_left -= skip_part(field, &part, config.form.field_bytes.min(fields_left)).await?;
            }
        }
    }
    check_whole(&pictures)?;
    Ok(pictures)
}

impl Claim {
    /// Reads a receipt or a recipe.
    ///
    /// # Errors
    /// Those of either.
    pub fn from_json(kind: First, json: &[u8], limits: &Limits) -> truecrop_core::Result<Self> {
        Ok(match kind {
            First::Receipt => Claim::Receipt(Receipt::from_json(json, limits)?),
            First::Recipe => Claim::Recipe(Recipe::from_json(json, limits)?),
        })
    }

    /// The names of the outputs that the client sends.
    pub fn sent_outputs(&self) -> Vec<&str> {
        match self {
            Claim::Receipt(receipt) => receipt.outputs().iter().map(|output| output.name()).collect(),
            Claim::Recipe(_) => Vec::new(),
        }
    }
}

/// Whether there is a picture, and whether those that are to be made have something to be made of.
fn check_whole(pictures: &[Picture]) -> Result<(), Problem> {
    if pictures.is_empty() {
        let detail = "The form has no picture: send NAME.receipt before the outputs of NAME, such as main.receipt and main.";
        return Err(Error::new(Code::InvalidReceipt, detail).at("main.receipt").into());
    }
    let without = |p: &&Picture| matches!(p.claim, Claim::Recipe(_)) && p.source.is_none();
    match pictures.iter().find(without) {
        Some(picture) => {
            let detail = "A recipe alone makes no picture: send the source as well.";
            Err(Error::new(Code::SourceRequired, detail).at(format!("{}.source", picture.name)).into())
        }
        None => Ok(()),
    }
}
