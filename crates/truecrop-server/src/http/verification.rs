//! Verifies the pictures of a form, or makes them: when it is the form's turn, and each once the memory that it takes is reserved.

use super::App;
use super::admission::Turn;
use super::body_meter::BodyMeter;
use super::form::{Claim, Picture};
use super::memory_budget::Reservation;
use super::wanted::{Waiter, Wanted};
use crate::config::Config;
use crate::problem::Problem;
use crate::spans;
use crate::{allocator, metrics};
use std::sync::Arc;
use std::time::Instant;
use tracing::{Instrument, Span};
use truecrop_core::policy::Policy;
use truecrop_core::verify::{self, SourceHeaders, Submission, SubmittedSource, Verified};
use truecrop_core::{Code, Error, Limits};

/// Most bytes of headers that an upload keeps while it waits for memory. The profiles of cameras and screens are far smaller;
/// larger headers are dropped and read again, because what waits is not reserved yet.
const MAX_WAITING_HEADERS: u64 = 64 << 10;

/// A picture that holds, with what is reserved until the store has it.
pub struct Checked {
    /// Its name in the form.
    pub name: String,
    /// Its receipt and outputs.
    pub verified: Verified,
    _reservation: Reservation,
}

/// Checks the pictures one after the other, when it is their turn.
///
/// # Errors
/// `busy` when their turn does not come; the refusal of the first that does not hold.
pub async fn check_all(
    app: &App,
    pictures: Vec<Picture>,
    policy: &Policy,
    meter: &BodyMeter,
) -> Result<Vec<Checked>, Problem> {
    let turn = app.admission().turn().await?;
    check_in_turn(app, turn, pictures, policy, meter).await
}

/// The same for one whose turn has come.
///
/// # Errors
/// As [`check_all`].
pub async fn check_in_turn(
    app: &App,
    turn: Turn,
    pictures: Vec<Picture>,
    policy: &Policy,
    meter: &BodyMeter,
) -> Result<Vec<Checked>, Problem> {
    let turn = Arc::new(turn);
    let mut checked = Vec::with_capacity(pictures.len());
    for picture in pictures {
        let name = picture.name.clone();
        let (verified, reservation) =
            check(app, picture, policy, meter, &turn).await.map_err(|problem| problem.of_picture(&name))?;
        checked.push(Checked { name, verified, _reservation: reservation });
    }
    Ok(checked)
}

/// Checks a picture once the memory that it takes is reserved. What is given back with it is reserved for what the store
/// holds: a copy of the largest output; and the outputs themselves, if they were made here and are no part of the body.
async fn check(
    app: &App,
    mut picture: Picture,
    policy: &Policy,
    meter: &BodyMeter,
    turn: &Arc<Turn>,
) -> Result<(Verified, Reservation), Problem> {
    let waiter = Waiter::default();
    let (shared, its_turn, wanted) = (app.clone(), Arc::clone(turn), waiter.wanted());
    let (picture, headers, bytes) = blocking(move || {
        let _turn = its_turn;
        let limits = &shared.config().limits;
        let headers = read_headers(&mut picture, limits, &wanted);
        let bytes = memory_bytes(&picture, headers.as_ref(), limits);
        Ok((picture, headers.filter(may_wait), bytes))
    })
    .await?;
    let copy = picture.outputs.iter().map(|(_, bytes)| bytes.len() as u64).max().unwrap_or(0);
    let wait = app.admission().longest_wait();
    let reserve = app.memory_budget().reserve_within(bytes.max(copy), wait);
    let mut reservation = reserve.instrument(spans::admission("memory")).await?;
    // The thread goes on when the client has left, and so it holds its turn, and what is reserved for it and for the body.
    // It ends soon after, because it asks whether somebody still waits.
    let (shared, policy, wanted) = (app.clone(), policy.clone(), waiter.wanted());
    let held = (meter.clone(), Arc::clone(turn));
    blocking(move || {
        let _held = held;
        let made_here = matches!(picture.claim, Claim::Recipe(_));
        let verified = measured(picture, headers, &policy, shared.config(), wanted)?;
        let sizes = || verified.outputs().iter().map(|(facts, _)| facts.bytes());
        let made: u64 = if made_here { sizes().sum() } else { 0 };
        reservation.shrink_to(sizes().max().unwrap_or(0) + made);
        Ok((verified, reservation))
    })
    .await
}

/// Runs work that computes or waits for files on a thread of its own.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> truecrop_core::Result<T> + Send + 'static,
) -> Result<T, Problem> {
    let span = Span::current();
    let ended = tokio::task::spawn_blocking(move || span.in_scope(work)).await;
    Ok(ended.map_err(|e| Error::new(Code::Internal, format!("The verification panicked: {e}.")))??)
}

/// Whether headers may be kept while their upload waits for memory.
fn may_wait(headers: &SourceHeaders) -> bool {
    headers.held_bytes() <= MAX_WAITING_HEADERS
}

/// The source's headers, which say what the work will take.
fn read_headers(picture: &mut Picture, limits: &Limits, wanted: &Wanted) -> Option<SourceHeaders> {
    let mut file = wanted.source(picture.source.as_mut()?.peek());
    Some(match &picture.claim {
        Claim::Receipt(receipt) => SourceHeaders::read(&mut file, receipt, limits),
        Claim::Recipe(recipe) => SourceHeaders::of_recipe(&mut file, recipe, limits),
    })
}

fn memory_bytes(picture: &Picture, headers: Option<&SourceHeaders>, limits: &Limits) -> u64 {
    match &picture.claim {
        Claim::Receipt(receipt) => verify::memory_bytes(receipt, headers, limits),
        Claim::Recipe(_) => headers.map_or(0, verify::memory_bytes_to_make),
    }
}

fn measured(
    picture: Picture,
    headers: Option<SourceHeaders>,
    policy: &Policy,
    config: &Config,
    wanted: Wanted,
) -> truecrop_core::Result<Verified> {
    let (start, span) = (Instant::now(), spans::verification());
    let work = || verify_or_make(picture, headers, policy, config, wanted);
    let (result, peak) = span.in_scope(|| allocator::peak_of(work));
    metrics::verification(start.elapsed(), peak);
    span.record("truecrop.verify.peak_bytes", peak);
    if let Err(refused) = &result {
        spans::failed(&span, refused.code().as_str());
    }
    result
}

/// `headers`: those of the source, if they were kept.
fn verify_or_make(
    mut picture: Picture,
    headers: Option<SourceHeaders>,
    policy: &Policy,
    config: &Config,
    wanted: Wanted,
) -> truecrop_core::Result<Verified> {
    let headers = headers.or_else(|| read_headers(&mut picture, &config.limits, &wanted));
    let source = picture.source.zip(headers);
    let given_up = move || !wanted.by_somebody();
    let source = source
        .map(|(file, headers)| SubmittedSource::with_headers(file.into_reader(), headers).until(given_up));
    match (picture.claim, source) {
        (Claim::Receipt(receipt), source) => {
            let submission = Submission { receipt, outputs: picture.outputs, source };
            verify::verify(submission, config.level, policy, &config.limits)
        }
        (Claim::Recipe(_), Some(source)) => verify::make(source, policy, &config.limits),
        (Claim::Recipe(_), None) => {
            Err(Error::new(Code::SourceRequired, "A recipe alone makes no picture.").at("source"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::form::Source;
    use std::fs::File;
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
    fn picture(file: &[u8], sides: &[u32], format: Format, level: Level) -> Picture {
        let outputs = sides
            .iter()
            .enumerate()
            .map(|(i, s)| OutputSpec::new(format!("o{i}"), Size::new(*s, *s), format).unwrap());
        let recipe =
            Recipe::new(Crop::from_pixels(1.0, 2.0, 120.0, 120.0).unwrap(), outputs.collect()).unwrap();
        let go_on = &mut |_| ControlFlow::Continue(());
        let cropped =
            crop(Source::File(spooled(file)).into_reader(), &recipe, &Limits::default(), go_on).unwrap();
        let outputs =
            cropped.outputs.into_iter().map(|(spec, bytes)| (spec.name().to_owned(), bytes)).collect();
        let source = (level == Level::Source).then(|| Source::File(spooled(file)));
        Picture { name: "main".to_owned(), claim: Claim::Receipt(cropped.receipt), outputs, source }
    }

    /// The memory that is reserved for a verification, or without a level for making the outputs, and the peak that it holds.
    fn reserved_and_held(file: &[u8], sides: &[u32], format: Format, level: Option<Level>) -> (u64, u64) {
        let proved = level.unwrap_or(Level::Source);
        let config = Config { level: proved, ..Config::default() };
        let mut picture = picture(file, sides, format, proved);
        if level.is_none() {
            let Claim::Receipt(receipt) = picture.claim else { panic!("it has a receipt") };
            (picture.claim, picture.outputs) = (Claim::Recipe(receipt.recipe().unwrap()), Vec::new());
        }
        let waiter = Waiter::default();
        let headers = read_headers(&mut picture, &config.limits, &waiter.wanted());
        let reserved = memory_bytes(&picture, headers.as_ref(), &config.limits);
        let kept = headers.filter(may_wait);
        let (result, held) =
            allocator::peak_of(|| verify_or_make(picture, kept, &config.policy, &config, waiter.wanted()));
        assert_eq!(result.unwrap().level(), proved);
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
            let mut picture = picture(&file, &[1], Format::Jpeg, Level::Source);
            let waiter = Waiter::default();
            let headers = read_headers(&mut picture, &Limits::default(), &waiter.wanted()).unwrap();
            assert_eq!((headers.held_bytes(), may_wait(&headers)), (profile as u64, kept));
            let (reserved, held) = reserved_and_held(&file, &[1], Format::Jpeg, Some(Level::Source));
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
                    (&[1][..], Some(Level::Result)),
                    (&[64, 900], Some(Level::Result)),
                    (&[1], Some(Level::Source)),
                    (&[300, 64, 900], Some(Level::Source)),
                    (&[1], None),
                    (&[300, 64, 900], None),
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
