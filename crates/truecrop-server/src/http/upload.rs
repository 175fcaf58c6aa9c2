//! `POST /v1/images`: reads an upload (the receipt first, then the outputs, then the source where the level asks for
//! it), verifies it within the memory budget, and stores it as pending.

use super::App;
use super::body_meter::{self, BodyMeter};
use super::memory_budget::Reservation;
use super::problem::Problem;
use super::response::{Mount, UploadResponse};
use crate::config::Config;
use crate::store::Stage;
use crate::{allocator, metrics};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use std::fs::File;
use std::time::Instant;
use tokio::io::AsyncWriteExt;
use truecrop_core::receipt::Receipt;
use truecrop_core::verify::{self, SourceHeaders, Submission, SubmittedSource, Verified, verify};
use truecrop_core::{Code, Error, Limits, Reader};

/// Most bytes of headers that an upload keeps while it waits for memory. The profiles of cameras and screens are far smaller;
/// larger headers are dropped and read again, because what waits is not reserved yet.
const MAX_WAITING_HEADERS: u64 = 64 << 10;

/// A part grows by an eighth, not to its double: what it takes beyond its bytes is not reserved.
const LEAST_GROWTH: usize = 64 << 10;

/// The parts of an upload. The source lies in a temporary file without a name.
struct Parts {
    receipt: Receipt,
    outputs: Vec<(String, Vec<u8>)>,
    source: Option<File>,
}

/// Reads, verifies and stores an upload.
pub async fn upload(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let mount = Mount::of(request.extensions());
    let (request, meter) = body_meter::metered(&app, request)?;
    let multipart = Multipart::from_request(request, &())
        .await
        .map_err(|e| Problem::new(StatusCode::BAD_REQUEST, "invalid-multipart", e.body_text()))?;
    let read = read_parts(&app, multipart).await;
    let parts = read.map_err(|problem| meter.refusal().unwrap_or(problem))?;
    // Until the store has it, and this function ends, both are held: the body's memory and that of the copy.
    let (verified, _copy) = check(&app, parts, &meter).await?;
    let manifest = app.store().put(&verified, app.config().pending_ttl.0).await?;
    let location = mount.address(&manifest);
    let image = UploadResponse::new(Stage::Pending, &manifest, &mount).with_verdict(verified.verdict());
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
    let json = read_part(first, "receipt", limits.json_bytes as u64).await?;
    // Parsed now, so that nothing else is read after an invalid receipt.
    let receipt = Receipt::from_json(&json, limits)?;
    let mut parts = Parts { receipt, outputs: Vec::new(), source: None };
    let mut bytes_left = app.config().upload_bytes;
    while let Some(field) = multipart.next_field().await.map_err(invalid_multipart)? {
        let name = field.name().unwrap_or_default().to_owned();
        if parts.source.is_some() || parts.outputs.iter().any(|(n, _)| *n == name) {
            return Err(unexpected(&name, &parts.receipt, "This part comes twice, or after the source."));
        }
        if name == "source" {
            parts.source = Some(spool(field, limits.source_bytes).await?);
        } else if parts.receipt.outputs().iter().any(|o| o.name() == name) {
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
    let names: Vec<_> = receipt.outputs().iter().map(|o| o.name()).chain(["source"]).collect();
    Error::new(Code::OutputsMismatch, detail).at(name).figures(names, name).into()
}

async fn read_part(mut field: Field<'_>, name: &str, most: u64) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(invalid_multipart)? {
        if (bytes.len() + chunk.len()) as u64 > most {
            let error = Error::new(Code::TooManyBytes, "This part is longer than allowed.").at(name);
            return Err(error.figures(most, format!("more than {most}")).into());
        }
        if bytes.capacity() - bytes.len() < chunk.len() {
            bytes.reserve_exact(chunk.len().max(bytes.len() / 8).max(LEAST_GROWTH));
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
            let error =
                Error::new(Code::SourceTooLarge, "The source is longer than allowed.").at("source.bytes");
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

/// Verifies the parts once the memory that it takes is reserved. What is given back with them is reserved for the copy
/// of the largest output, which the store makes.
async fn check(app: &App, mut parts: Parts, meter: &BodyMeter) -> Result<(Verified, Reservation), Problem> {
    let shared = app.clone();
    let copy = parts.outputs.iter().map(|(_, bytes)| bytes.len() as u64).max().unwrap_or(0);
    let (parts, headers, bytes) = blocking(move || {
        let limits = &shared.config().limits;
        let headers = read_headers(&mut parts, limits);
        let bytes = verify::memory_bytes(&parts.receipt, headers.as_ref(), limits);
        Ok((parts, headers.filter(may_wait), bytes))
    })
    .await?;
    let mut reservation = app.memory_budget().reserve(bytes.max(copy)).await?;
    // The thread goes on when the client has left, and so it holds what is reserved for it, and for the body.
    let (shared, meter) = (app.clone(), meter.clone());
    blocking(move || {
        let _meter = meter;
        let verified = verify_parts(parts, headers, shared.config())?;
        reservation.shrink_to(copy);
        Ok((verified, reservation))
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

/// Whether headers may be kept while their upload waits for memory.
fn may_wait(headers: &SourceHeaders) -> bool {
    headers.held_bytes() <= MAX_WAITING_HEADERS
}

/// The source's headers, which say what the verification will take.
fn read_headers(parts: &mut Parts, limits: &Limits) -> Option<SourceHeaders> {
    let file = parts.source.as_mut()?;
    Some(SourceHeaders::read(file, &parts.receipt, limits))
}

fn verify_parts(
    parts: Parts,
    headers: Option<SourceHeaders>,
    config: &Config,
) -> truecrop_core::Result<Verified> {
    let start = Instant::now();
    let (result, peak) = allocator::peak_of(|| verify_with(parts, headers, config));
    metrics::verification(start.elapsed(), peak);
    result
}

/// `headers`: those of the source, if they were kept.
fn verify_with(
    mut parts: Parts,
    headers: Option<SourceHeaders>,
    config: &Config,
) -> truecrop_core::Result<Verified> {
    let headers = headers.or_else(|| read_headers(&mut parts, &config.limits));
    let source = parts.source.zip(headers);
    let source = source.map(|(file, headers)| SubmittedSource::with_headers(reader(file), headers));
    let submission = Submission { receipt: parts.receipt, outputs: parts.outputs, source };
    verify(submission, config.level, &config.policy, &config.limits)
}

fn reader(file: File) -> Reader {
    Box::new(std::io::BufReader::with_capacity(64 << 10, file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::ops::ControlFlow;
    use std::path::Path;
    use truecrop_core::geometry::{Crop, Size};
    use truecrop_core::pipeline::crop;
    use truecrop_core::recipe::{Format, OutputSpec, Recipe};
    use truecrop_core::verify::Level;

    fn open(fixture: &str) -> File {
        File::open(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures").join(fixture)).unwrap()
    }

    fn read(fixture: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        open(fixture).read_to_end(&mut bytes).unwrap();
        bytes
    }

    /// The file as a source lies on the disk.
    fn spooled(file: &[u8]) -> File {
        let mut spooled = tempfile::tempfile().unwrap();
        spooled.write_all(file).unwrap();
        spooled
    }

    /// An upload of the outputs that the engine makes of a file.
    fn parts(file: &[u8], sides: &[u32], format: Format, level: Level) -> Parts {
        let outputs = sides
            .iter()
            .enumerate()
            .map(|(i, s)| OutputSpec::new(format!("o{i}"), Size::new(*s, *s), format).unwrap());
        let recipe =
            Recipe::new(Crop::from_pixels(1.0, 2.0, 120.0, 120.0).unwrap(), outputs.collect()).unwrap();
        let go_on = &mut |_| ControlFlow::Continue(());
        let cropped = crop(reader(spooled(file)), &recipe, &Limits::default(), go_on).unwrap();
        let outputs =
            cropped.outputs.into_iter().map(|(spec, bytes)| (spec.name().to_owned(), bytes)).collect();
        let source = (level == Level::Source).then(|| spooled(file));
        Parts { receipt: cropped.receipt, outputs, source }
    }

    /// The memory that is reserved for a verification, and the peak that it holds.
    fn reserved_and_held(file: &[u8], sides: &[u32], format: Format, level: Level) -> (u64, u64) {
        let config = Config { level, ..Config::default() };
        let mut parts = parts(file, sides, format, level);
        let headers = read_headers(&mut parts, &config.limits);
        let reserved = verify::memory_bytes(&parts.receipt, headers.as_ref(), &config.limits);
        let kept = headers.filter(may_wait);
        let (result, held) = allocator::peak_of(|| verify_with(parts, kept, &config));
        assert_eq!(result.unwrap().level(), level);
        (reserved, held)
    }

    /// A JPEG with an ICC profile of this many bytes, in APP2 segments.
    fn with_profile(jpeg: &[u8], bytes: usize) -> Vec<u8> {
        let profile = vec![7; bytes];
        let parts: Vec<&[u8]> = profile.chunks(60_000).collect();
        let mut file = jpeg[..2].to_vec();
        for (i, part) in parts.iter().enumerate() {
            file.extend([0xFF, 0xE2]);
            file.extend((part.len() as u16 + 16).to_be_bytes());
            file.extend(b"ICC_PROFILE\0");
            file.extend([i as u8 + 1, parts.len() as u8]);
            file.extend(*part);
        }
        file.extend(&jpeg[2..]);
        file
    }

    /// What waits for memory is not reserved yet, so it must be little.
    #[test]
    fn large_headers_are_not_kept_while_an_upload_waits() {
        for (profile, kept) in [(3000, true), (65_000, true), (66_000, false), (1_900_000, false)] {
            let file = with_profile(&read("coffee.jpg"), profile);
            let mut parts = parts(&file, &[1], Format::Jpeg, Level::Source);
            let headers = read_headers(&mut parts, &Limits::default()).unwrap();
            assert_eq!((headers.held_bytes(), may_wait(&headers)), (profile as u64, kept));
            let (reserved, held) = reserved_and_held(&file, &[1], Format::Jpeg, Level::Source);
            assert!(held <= reserved, "{profile}: {held} of {reserved}");
        }
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
                    let (reserved, held) = reserved_and_held(&read(fixture), sides, format, level);
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
