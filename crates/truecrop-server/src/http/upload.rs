//! `POST /v1/images`: receipt first, then the outputs, then the source where the level wants it.

use super::App;
use super::answer::Image;
use super::problem::Problem;
use super::tally;
use crate::store::State as Stage;
use crate::{memory, metrics};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::time::Instant;
use tokio::io::AsyncWriteExt;
use truecrop_core::encode;
use truecrop_core::plan::Plan;
use truecrop_core::probe;
use truecrop_core::receipt::Receipt;
use truecrop_core::recipe::{Format, Recipe};
use truecrop_core::verify::{Submission, Verified, verify};
use truecrop_core::{Code, Error, Limits, Reader};

/// For a receipt of the longest JSON in a few forms at once, and for walking a JPEG.
const RECEIPT_COST: u64 = 512 << 10;

/// What an upload held. The source lies in a nameless temporary file.
struct Parts {
    receipt: Vec<u8>,
    outputs: Vec<(String, Vec<u8>)>,
    source: Option<File>,
}

/// Takes an upload: read, verify, store as pending.
pub async fn upload(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let (request, tally) = tally::count(&app, request)?;
    let multipart = Multipart::from_request(request, &())
        .await
        .map_err(|e| Problem::new(StatusCode::BAD_REQUEST, "invalid-multipart", e.body_text()))?;
    let read = read_parts(&app, multipart).await;
    let parts = read.map_err(|broken| tally.refusal().unwrap_or(broken))?;
    let verified = check(&app, parts).await?;
    let manifest = app.store().put(&verified, app.config().pending_ttl.0).await?;
    metrics::pending(1.0);
    let location = format!("/v1/images/{}", manifest.id);
    let image = Image::new(Stage::Pending, &manifest).with_verdict(verified.verdict());
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(image)).into_response())
}

async fn read_parts(app: &App, mut multipart: Multipart) -> Result<Parts, Problem> {
    let limits = &app.config().limits;
    let Some(first) = multipart.next_field().await.map_err(broken)? else {
        return Err(Error::new(Code::InvalidReceipt, "The upload has no parts: send receipt first.")
            .at("receipt")
            .into());
    };
    if first.name() != Some("receipt") {
        let error = Error::new(Code::InvalidReceipt, "The first part must be the receipt.").at("receipt");
        return Err(error.figures("receipt", first.name().unwrap_or_default()).into());
    }
    let receipt = read_part(first, "receipt", limits.json_bytes as u64).await?;
    // Refused early: nothing else is read for a receipt that can not be.
    let named = Receipt::from_json(&receipt, limits)?;
    let mut parts = Parts { receipt, outputs: Vec::new(), source: None };
    let mut room = app.config().upload_bytes;
    while let Some(field) = multipart.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        if parts.source.is_some() || parts.outputs.iter().any(|(n, _)| *n == name) {
            return Err(unexpected(&name, &named, "This part comes twice, or behind the source."));
        }
        if name == "source" {
            parts.source = Some(spool(field, limits.source_bytes).await?);
        } else if named.outputs.iter().any(|o| o.name == name) {
            let bytes = read_part(field, &name, room).await?;
            room -= bytes.len() as u64;
            parts.outputs.push((name, bytes));
        } else {
            return Err(unexpected(&name, &named, "The receipt does not name this part."));
        }
    }
    Ok(parts)
}

fn unexpected(name: &str, receipt: &Receipt, detail: &str) -> Problem {
    let names: Vec<_> = receipt.outputs.iter().map(|o| o.name.as_str()).chain(["source"]).collect();
    Error::new(Code::OutputsMismatch, detail).at(name).figures(names, name).into()
}

async fn read_part(mut field: Field<'_>, name: &str, most: u64) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(broken)? {
        if (bytes.len() + chunk.len()) as u64 > most {
            let error = Error::new(Code::TooManyBytes, "This part is longer than allowed.").at(name);
            return Err(error.figures(most, format!("more than {most}")).into());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

async fn spool(mut field: Field<'_>, most: u64) -> Result<File, Problem> {
    let mut file = tokio::fs::File::from_std(tempfile::tempfile().map_err(Error::from)?);
    let mut length = 0;
    while let Some(chunk) = field.chunk().await.map_err(broken)? {
        length += chunk.len() as u64;
        if length > most {
            let error = Error::new(Code::SourceTooLarge, "The source is longer than allowed.").at("source");
            return Err(error.figures(most, format!("more than {most}")).into());
        }
        file.write_all(&chunk).await.map_err(Error::from)?;
    }
    file.flush().await.map_err(Error::from)?;
    Ok(file.into_std().await)
}

fn broken(error: MultipartError) -> Problem {
    let status = match error.status() {
        StatusCode::INTERNAL_SERVER_ERROR => StatusCode::BAD_REQUEST,
        status => status,
    };
    Problem::new(status, "invalid-multipart", format!("The upload can not be read: {}.", error.body_text()))
}

async fn check(app: &App, mut parts: Parts) -> Result<Verified, Problem> {
    let config = app.config().clone();
    let limits = config.limits.clone();
    let weighing = tokio::task::spawn_blocking(move || {
        let bytes = weigh(&parts.receipt, parts.source.as_mut(), &limits)?;
        Ok::<_, Error>((parts, bytes))
    });
    let (parts, bytes) = weighing.await.map_err(|e| panicked(&e))??;
    let reserved = app.gate().reserve(bytes).await?;
    tokio::task::spawn_blocking(move || {
        let _reserved = reserved;
        let start = Instant::now();
        let source = parts.source.map(reader);
        let submission = Submission { receipt: &parts.receipt, outputs: parts.outputs, source };
        let (result, peak) =
            memory::measure(|| verify(submission, config.level, &config.policy, &config.limits));
        metrics::verification(start.elapsed(), peak);
        Ok(result?)
    })
    .await
    .map_err(|e| panicked(&e))?
}

/// The memory that the verification will take, by the plan's and the encoders' own figures. What `verify` refuses
/// before it takes pixel memory weighs nothing more: it is `verify` that says why, in its order.
fn weigh(receipt: &[u8], source: Option<&mut File>, limits: &Limits) -> truecrop_core::Result<u64> {
    let receipt = Receipt::from_json(receipt, limits)?;
    let fits = |recipe: &Recipe| {
        let sides = recipe.outputs.iter().all(|o| o.width.max(o.height) <= limits.output_side);
        sides && recipe.outputs.iter().map(|o| o.size().pixels()).sum::<u64>() <= limits.output_pixels
    };
    let Some(recipe) = receipt.recipe().ok().filter(fits) else { return Ok(RECEIPT_COST) };
    // One output is checked after the other. A JPEG is walked; the others are decoded and encoded again.
    let checks = recipe.outputs.iter().filter(|o| o.format != Format::Jpeg);
    let check = checks
        .map(|o| encode::memory_bytes(o, true) + o.size().pixels() * 4 + encode::max_encoded_bytes(o, true));
    let result = check.max().unwrap_or(0);
    let Some(file) = source else { return Ok(RECEIPT_COST + result) };
    file.seek(SeekFrom::Start(0))?;
    let plan = probe::probe(&mut *file, limits).and_then(|probe| Plan::new(&probe, &recipe, limits));
    file.seek(SeekFrom::Start(0))?;
    Ok(RECEIPT_COST + result.max(plan.map_or(0, |plan| plan.peak_bytes())))
}

fn reader(file: File) -> Reader {
    Box::new(std::io::BufReader::with_capacity(64 << 10, file))
}

fn panicked(error: &dyn std::fmt::Display) -> Problem {
    Error::new(Code::Internal, format!("The verification broke: {error}.")).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ops::ControlFlow;
    use std::path::Path;
    use truecrop_core::geometry::{Crop, Size};
    use truecrop_core::pipeline::crop;
    use truecrop_core::policy::Policy;
    use truecrop_core::recipe::OutputSpec;
    use truecrop_core::verify::Level;

    fn open(fixture: &str) -> File {
        File::open(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures").join(fixture)).unwrap()
    }

    /// What was reserved for a verification, and the most that it held.
    fn reserved_and_held(fixture: &str, sides: &[u32], format: Format, level: Level) -> (u64, u64) {
        let limits = Limits::default();
        let outputs = sides
            .iter()
            .enumerate()
            .map(|(i, s)| OutputSpec::new(format!("o{i}"), Size::new(*s, *s), format));
        let recipe =
            Recipe::new(Crop::from_pixels(1.0, 2.0, 120.0, 120.0).unwrap(), outputs.collect()).unwrap();
        let cropped =
            crop(reader(open(fixture)), &recipe, &limits, &mut |_| ControlFlow::Continue(())).unwrap();
        let outputs = cropped.outputs.into_iter().map(|(spec, bytes)| (spec.name, bytes)).collect();
        let receipt = cropped.receipt.to_json().unwrap().into_bytes();
        let mut source = (level == Level::Source).then(|| open(fixture));
        let reserved = weigh(&receipt, source.as_mut(), &limits).unwrap();
        let submission = Submission { receipt: &receipt, outputs, source: source.map(reader) };
        let (result, held) = memory::measure(|| verify(submission, level, &Policy::default(), &limits));
        assert_eq!(result.unwrap().level(), level);
        (reserved, held)
    }

    #[test]
    fn a_verification_holds_no_more_than_was_reserved_for_it() {
        let mut most: f64 = 0.0;
        for fixture in [
            "coffee.jpg",
            "coffee-progressive.jpg",
            "cat-adam7.png",
            "cat.webp",
            "cat-alpha.webp",
            "cat.gif",
            "hubble.jpg",
        ] {
            for format in [Format::Png, Format::Webp, Format::Jpeg] {
                if fixture == "cat-alpha.webp" && format == Format::Jpeg {
                    continue;
                }
                for (sides, level) in [
                    (&[1][..], Level::Result),
                    (&[64, 900], Level::Result),
                    (&[1], Level::Source),
                    (&[300, 64, 900], Level::Source),
                ] {
                    let (reserved, held) = reserved_and_held(fixture, sides, format, level);
                    let case = format!("{fixture} {format:?} {sides:?} {level:?}: {held} of {reserved}");
                    assert!(held > 0 && held <= reserved, "{case}");
                    most = most.max(held as f64 / reserved as f64);
                }
            }
        }
        // The reservation is of the right size, not merely enormous.
        assert!(most > 0.25, "{most}");
    }
}
