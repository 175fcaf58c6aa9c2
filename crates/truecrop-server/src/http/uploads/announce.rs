//! Reads what a client announces: its pictures, each with its receipt or recipe, and whether the source comes too. What no bytes
//! could make right is refused here, before anything is sent.

use crate::config::Config;
use crate::http::App;
use crate::http::body_meter;
use crate::http::form::{Claim, First};
use crate::problem::Problem;
use crate::store::{Claimed, IntentPicture, Part};
use axum::extract::Request;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use truecrop_core::policy::Policy;
use truecrop_core::receipt::{Digest, Receipt};
use truecrop_core::verify::{Level, check_receipt};
use truecrop_core::{Code, Error};

/// Longest name of a picture.
const MOST_NAME_BYTES: usize = 128;

/// JSON of a picture beside its receipt or recipe.
const REST_BYTES: usize = 1024;

/// The type of every source: it is never served, and a browser would do nothing with it.
const SOURCE_TYPE: &str = "application/octet-stream";

/// `{"images": {NAME: {"receipt": ..., "source": {"bytes": ..., "digest": ...}}}}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Announcement {
    images: BTreeMap<String, Picture>,
}

/// The texts stay as they are: their own parser sees what others overlook, such as members that stand twice.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Picture {
    receipt: Option<Box<RawValue>>,
    recipe: Option<Box<RawValue>>,
    source: Option<Source>,
}

impl Picture {
    fn announced(&self) -> Result<Announced<'_>, Problem> {
        let (kind, text) = match (&self.receipt, &self.recipe) {
            (Some(receipt), None) => (First::Receipt, receipt),
            (None, Some(recipe)) => (First::Recipe, recipe),
            _ => return Err(invalid("a picture has either a receipt or a recipe")),
        };
        let source = self.source.as_ref().map(|source| (source.bytes, Some(source.digest)));
        Ok(Announced { kind, json: text.get().as_bytes(), source })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    bytes: u64,
    digest: Digest,
}

/// Reads and checks an announcement.
///
/// # Errors
/// `invalid-upload` for what is no announcement; those of the receipts and recipes; `policy-violation`; `source-required`;
/// `source-mismatch` for a source that is not the receipt's; what is over a limit.
pub async fn read(app: &App, policy: &Policy, request: Request) -> Result<Vec<IntentPicture>, Problem> {
    let config = app.config();
    let most = config.form.pictures.saturating_mul(config.limits.json_bytes + REST_BYTES);
    let (request, meter) = body_meter::metered(app, request)?;
    let body = axum::body::to_bytes(request.into_body(), most).await.map_err(|_| {
        let long = || Error::new(Code::TooManyBytes, "This announcement is too long.").at("body");
        meter.refusal().unwrap_or_else(|| long().figures(most as u64, format!("more than {most}")).into())
    })?;
    let announced: Announcement = serde_json::from_slice(&body).map_err(|e| invalid(&e.to_string()))?;
    if announced.images.is_empty() {
        return Err(invalid("it has no picture"));
    }
    let most = config.form.pictures.min(policy.max_pictures.unwrap_or(usize::MAX));
    if announced.images.len() > most {
        let detail = format!("The upload has more than {most} pictures.");
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-many-pictures", detail));
    }
    let mut pictures = Vec::new();
    for (index, (name, picture)) in announced.images.into_iter().enumerate() {
        let read = picture.announced().and_then(|p| read_picture(config, policy, index, &name, p));
        pictures.push(read.map_err(|problem| problem.of_picture(&name))?);
    }
    let parts = || pictures.iter().flat_map(|picture: &IntentPicture| &picture.outputs);
    let bytes = parts().fold(0u64, |sum, (_, part)| sum.saturating_add(part.bytes));
    if bytes > config.upload_bytes {
        let error = Error::new(Code::TooManyBytes, "The outputs are longer than allowed.").at("images");
        return Err(error.figures(config.upload_bytes, bytes).into());
    }
    Ok(pictures)
}

/// A picture that a client announces, however it does.
pub struct Announced<'a> {
    /// Which of both the text is.
    pub kind: First,
    /// Its receipt or recipe.
    pub json: &'a [u8],
    /// The length of the photo, and its digest where that is known, if the photo comes too.
    pub source: Option<(u64, Option<Digest>)>,
}

/// Checks a picture that is announced.
///
/// # Errors
/// As [`read`].
pub fn read_picture(
    config: &Config,
    policy: &Policy,
    index: usize,
    name: &str,
    picture: Announced<'_>,
) -> Result<IntentPicture, Problem> {
    if name.is_empty() || name.len() > MOST_NAME_BYTES {
        return Err(Error::new(Code::InvalidReceipt, "The name of this picture is empty or too long.").into());
    }
    let claim = Claim::from_json(picture.kind, picture.json, &config.limits)?;
    let source = picture.source;
    let outputs = match &claim {
        Claim::Receipt(receipt) => {
            check_receipt(receipt, config.level, policy, &config.limits)?;
            check_source(receipt, source, policy.level.unwrap_or_default().max(config.level))?;
            outputs(index, receipt)?
        }
        Claim::Recipe(_) if source.is_none() => {
            let detail = "A recipe alone makes no picture: announce the source as well.";
            return Err(Error::new(Code::SourceRequired, detail).at("source").into());
        }
        Claim::Recipe(_) => Vec::new(),
    };
    let source = source.map(|(bytes, digest)| {
        let (file, mime) = (format!("{index}-source"), SOURCE_TYPE.to_owned());
        Part { file, bytes, mime, digest }
    });
    let most = config.limits.source_bytes.min(policy.max_source_bytes.unwrap_or(u64::MAX));
    if let Some(source) = source.as_ref().filter(|s| s.bytes == 0 || s.bytes > most) {
        let error = Error::new(Code::SourceTooLarge, "The source is empty, or longer than allowed.");
        return Err(error.at("source.bytes").figures(most, source.bytes).into());
    }
    let claim = match claim {
        Claim::Receipt(receipt) => Claimed::Receipt(receipt.to_json()?),
        Claim::Recipe(recipe) => Claimed::Recipe(recipe.to_json()),
    };
    Ok(IntentPicture { name: name.to_owned(), claim, outputs, source })
}

/// Each output as the receipt tells of it.
fn outputs(index: usize, receipt: &Receipt) -> Result<Vec<(String, Part)>, Problem> {
    let mut names = BTreeSet::new();
    let mut parts = Vec::new();
    for (i, facts) in receipt.outputs().iter().enumerate() {
        if !names.insert(facts.name()) {
            let error = Error::new(Code::InvalidReceipt, "Two outputs have the same name.");
            return Err(error.at(format!("outputs[{i}].name")).into());
        }
        let (file, mime) = (format!("{index}-{i}"), facts.format().mime().to_owned());
        let part = Part { file, bytes: facts.bytes(), mime, digest: Some(facts.digest()) };
        parts.push((facts.name().to_owned(), part));
    }
    Ok(parts)
}

/// Whether the source that is announced is the one of the receipt, and is there where it is needed.
fn check_source(
    receipt: &Receipt,
    source: Option<(u64, Option<Digest>)>,
    level: Level,
) -> Result<(), Problem> {
    let Some((bytes, digest)) = source else {
        if level == Level::Source {
            let detail = "This server makes the outputs again: announce the source as well.";
            return Err(Error::new(Code::SourceRequired, detail).at("source").into());
        }
        return Ok(());
    };
    let facts = receipt.source();
    let refused = |field: &str| {
        Error::new(Code::SourceMismatch, "This is not the source of the receipt.")
            .at(format!("source.{field}"))
    };
    if bytes != facts.bytes {
        return Err(refused("bytes").figures(facts.bytes, bytes).into());
    }
    if let Some(digest) = digest.filter(|digest| *digest != facts.digest) {
        return Err(refused("digest").figures(facts.digest.to_string(), digest.to_string()).into());
    }
    Ok(())
}

fn invalid(why: &str) -> Problem {
    let detail = format!(
        "This is no announcement ({why}): send {{\"images\": {{NAME: {{\"receipt\": RECEIPT, \"source\": {{\"bytes\": N, \"digest\": \
         D}}}}}}}}, where the source may be missing."
    );
    Problem::new(StatusCode::BAD_REQUEST, "invalid-upload", detail)
}
