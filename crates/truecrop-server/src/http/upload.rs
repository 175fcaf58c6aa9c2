//! `POST /v1/images`: reads an upload (the receipt first, then the outputs, then the source where the level asks for
//! it), verifies it within the memory budget, and stores it as pending.

use super::App;
use super::body_meter;
use super::problem::Problem;
use super::response::UploadResponse;
use crate::config::Config;
use crate::store::Stage;
use crate::{allocator, metrics};
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

/// Bytes for the longest receipt in a few forms at the same time, and for the validation of a JPEG.
const BASE_BYTES: u64 = 512 << 10;

/// The parts of an upload. The source lies in a temporary file without a name.
struct Parts {
    receipt: Receipt,
    /// The receipt as it was sent: `verify` takes its bytes.
    receipt_json: Vec<u8>,
    outputs: Vec<(String, Vec<u8>)>,
    source: Option<File>,
}

/// Reads, verifies and stores an upload.
pub async fn upload(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let (request, meter) = body_meter::metered(&app, request)?;
    let multipart = Multipart::from_request(request, &())
        .await
        .map_err(|e| Problem::new(StatusCode::BAD_REQUEST, "invalid-multipart", e.body_text()))?;
    let read = read_parts(&app, multipart).await;
    let parts = read.map_err(|problem| meter.refusal().unwrap_or(problem))?;
    let verified = check(&app, parts).await?;
    let manifest = app.store().put(&verified, app.config().pending_ttl.0).await?;
    let location = format!("/v1/images/{}", manifest.id);
    let image = UploadResponse::new(Stage::Pending, &manifest).with_verdict(verified.verdict());
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(image)).into_response())
}

async fn read_parts(app: &App, mut multipart: Multipart) -> Result<Parts, Problem> {
    let limits = &app.config().limits;
    let Some(first) = multipart.next_field().await.map_err(invalid_multipart)? else {
        return Err(Error::new(Code::InvalidReceipt, "The upload has no parts: send receipt first.")
            .at("receipt")
            .into());
    };
    if first.name() != Some("receipt") {
        let error = Error::new(Code::InvalidReceipt, "The first part must be the receipt.").at("receipt");
        return Err(error.figures("receipt", first.name().unwrap_or_default()).into());
    }
    let receipt_json = read_part(first, "receipt", limits.json_bytes as u64).await?;
    // Parsed now, so that nothing else is read after an invalid receipt.
    let receipt = Receipt::from_json(&receipt_json, limits)?;
    let mut parts = Parts { receipt, receipt_json, outputs: Vec::new(), source: None };
    let mut bytes_left = app.config().upload_bytes;
    while let Some(field) = multipart.next_field().await.map_err(invalid_multipart)? {
        let name = field.name().unwrap_or_default().to_owned();
        if parts.source.is_some() || parts.outputs.iter().any(|(n, _)| *n == name) {
            return Err(unexpected(&name, &parts.receipt, "This part comes twice, or after the source."));
        }
        if name == "source" {
            parts.source = Some(spool(field, limits.source_bytes).await?);
        } else if parts.receipt.outputs.iter().any(|o| o.name == name) {
            let bytes = read_part(field, &name, bytes_left).await?;
            bytes_left -= bytes.len() as u64;
            parts.outputs.push((name, bytes));
        } else {
            return Err(unexpected(&name, &parts.receipt, "The receipt does not name this part."));
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
    while let Some(chunk) = field.chunk().await.map_err(invalid_multipart)? {
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
    while let Some(chunk) = field.chunk().await.map_err(invalid_multipart)? {
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

fn invalid_multipart(error: MultipartError) -> Problem {
    let status = match error.status() {
        StatusCode::INTERNAL_SERVER_ERROR => StatusCode::BAD_REQUEST,
        status => status,
    };
    Problem::new(status, "invalid-multipart", format!("The upload cannot be read: {}.", error.body_text()))
}

/// Verifies the parts once the memory that it takes is reserved.
async fn check(app: &App, mut parts: Parts) -> Result<Verified, Problem> {
    let shared = app.clone();
    let (parts, bytes) = blocking(move || {
        let bytes = estimate_memory(&parts.receipt, parts.source.as_mut(), &shared.config().limits)?;
        Ok((parts, bytes))
    })
    .await?;
    let reservation = app.memory_budget().reserve(bytes).await?;
    let shared = app.clone();
    blocking(move || {
        let _reservation = reservation;
        verify_parts(parts, shared.config())
    })
    .await
}

/// Runs work that computes or waits for files on a thread of its own.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> truecrop_core::Result<T> + Send + 'static,
) -> Result<T, Problem> {
    let ended = tokio::task::spawn_blocking(work).await;
    Ok(ended.map_err(|e| Error::new(Code::Internal, format!("The verification panicked: {e}.")))??)
}

fn verify_parts(parts: Parts, config: &Config) -> truecrop_core::Result<Verified> {
    let start = Instant::now();
    let source = parts.source.map(reader);
    let submission = Submission { receipt: &parts.receipt_json, outputs: parts.outputs, source };
    let (result, peak) =
        allocator::peak_of(|| verify(submission, config.level, &config.policy, &config.limits));
    metrics::verification(start.elapsed(), peak);
    result
}

/// An upper bound of the memory that the verification takes, from the figures of the plan and the encoders. What
/// `verify` refuses before it allocates pixels adds nothing: it is `verify` that gives the reason, in its order.
fn estimate_memory(
    receipt: &Receipt,
    source: Option<&mut File>,
    limits: &Limits,
) -> truecrop_core::Result<u64> {
    let Some(recipe) = receipt.recipe().ok().filter(|recipe| within_limits(recipe, limits)) else {
        return Ok(BASE_BYTES);
    };
    let outputs = BASE_BYTES + output_bytes(&recipe);
    let Some(file) = source else { return Ok(outputs) };
    Ok(outputs.max(BASE_BYTES + reproduction_bytes(file, &recipe, limits)?))
}

fn within_limits(recipe: &Recipe, limits: &Limits) -> bool {
    let sides = recipe.outputs.iter().all(|o| o.width.max(o.height) <= limits.output_side);
    sides && recipe.outputs.iter().map(|o| o.size().pixels()).sum::<u64>() <= limits.output_pixels
}

/// For the check of the outputs, one after the other. A JPEG is validated in a stream; the others are decoded and
/// encoded again.
fn output_bytes(recipe: &Recipe) -> u64 {
    let checks = recipe.outputs.iter().filter(|o| o.format != Format::Jpeg);
    let bytes = checks.map(|o| encode::cost(o, true) + o.size().pixels() * 4 + encode::most_bytes(o, true));
    bytes.max().unwrap_or(0)
}

/// For making the outputs again from the source; 0 without a plan, because then `verify` refuses the source.
fn reproduction_bytes(source: &mut File, recipe: &Recipe, limits: &Limits) -> truecrop_core::Result<u64> {
    source.seek(SeekFrom::Start(0))?;
    let plan = probe::probe(&mut *source, limits).and_then(|probe| Plan::new(&probe, recipe, limits));
    source.seek(SeekFrom::Start(0))?;
    Ok(plan.map_or(0, |plan| plan.peak_bytes()))
}

fn reader(file: File) -> Reader {
    Box::new(std::io::BufReader::with_capacity(64 << 10, file))
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

    /// The memory that was reserved for a verification, and the peak that it held.
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
        let reserved = estimate_memory(&cropped.receipt, source.as_mut(), &limits).unwrap();
        let submission = Submission { receipt: &receipt, outputs, source: source.map(reader) };
        let (result, held) = allocator::peak_of(|| verify(submission, level, &Policy::default(), &limits));
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
