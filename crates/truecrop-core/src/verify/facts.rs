//! Checks that need the receipt alone: that it agrees with itself, with the limits and with the pixel contract. A new check of a
//! receipt is added here, and called in `mod.rs`. (What an application allows is in `policy`.)

use crate::PIXELS;
use crate::error::{Code, Error, Result};
use crate::geometry::Orientation;
use crate::json::{self, Value};
use crate::limits::Limits;
use crate::probe::{Ignored, SourceFormat};
use crate::receipt::{Decoder, OutputFacts, Receipt, SourceFacts};
use crate::recipe::Recipe;
use crate::view::{self, Aspect};

/// Whether this engine has the receipt's pixel contract.
pub(super) fn check_version(receipt: &Receipt) -> Result<()> {
    if receipt.pixels() == PIXELS {
        return Ok(());
    }
    let detail = "The receipt was made under another version of the pixel contract: reload the page, or send the source.";
    Err(Error::new(Code::PixelsMismatch, detail).at("pixels").figures(PIXELS, receipt.pixels()))
}

/// Whether a source can be as the receipt says that it was.
pub(super) fn check_source(source: &SourceFacts, limits: &Limits) -> Result<()> {
    let refuse = |field: &str, expected: &str, got: String| {
        let error = Error::new(Code::InvalidReceipt, "The receipt describes an impossible source.");
        Err(error.at(format!("source.{field}")).figures(expected, got))
    };
    if source.decoder == Decoder::Core && !SourceFormat::NAMES.contains(&source.format.as_str()) {
        return refuse("format", &SourceFormat::NAMES.join(", "), source.format.clone());
    }
    for (field, count) in
        [("width", source.width.into()), ("height", source.height.into()), ("bytes", source.bytes)]
    {
        if count == 0 {
            return refuse(field, "1 or more", count.to_string());
        }
    }
    if Orientation::new(source.orientation.into()).is_none() {
        return refuse("orientation", "1 to 8", source.orientation.to_string());
    }
    limits.check_source_size(source.size())?;
    limits.check_source_bytes(source.bytes)
}

/// Whether each output's `usedQuality` and length can come of its `quality` and `maxBytes`.
pub(super) fn check_used_quality(receipt: &Receipt) -> Result<()> {
    receipt.outputs().iter().enumerate().try_for_each(|(i, facts)| check_output_target(i, facts))
}

fn check_output_target(i: usize, facts: &OutputFacts) -> Result<()> {
    let refuse = |field: &str, detail: &str| {
        Error::new(Code::InvalidReceipt, detail).at(format!("outputs[{i}].{field}"))
    };
    let most = facts.max_bytes().map(u64::from);
    if most.is_some_and(|most| facts.bytes() > most) {
        let error = refuse("bytes", "The output has more bytes than its recipe allows.");
        return Err(error.figures(most, facts.bytes()));
    }
    let Some(used) = facts.used_quality() else { return Ok(()) };
    let asked = facts.spec()?.lossy_quality().unwrap_or(1);
    if most.is_none() || !(1..asked).contains(&used) {
        let detail =
            "Only a JPEG or lossy WebP with a maxBytes has a usedQuality, and it is lower than its quality.";
        return Err(refuse("usedQuality", detail).figures(format!("1 to {asked}, without it"), used));
    }
    Ok(())
}

/// Whether each gain map can stand beside its output, and whether the source's facts agree with it.
pub(super) fn check_maps(receipt: &Receipt) -> Result<()> {
    for (i, facts) in receipt.outputs().iter().enumerate() {
        let (Some(map), size) = (facts.map(), facts.size()) else { continue };
        let fits = (1..=size.width).contains(&map.width) && (1..=size.height).contains(&map.height);
        if !fits {
            let detail = "A gain map has at least one pixel, and is no larger than its picture.";
            let error = Error::new(Code::InvalidReceipt, detail).at(format!("outputs[{i}].map"));
            return Err(error.figures(figure(&size), figure(&map)));
        }
        if receipt.source().ignored.contains(&Ignored::GainMap) {
            let detail = "A gain map that an output has was not ignored.";
            return Err(Error::new(Code::InvalidReceipt, detail).at("source.ignored"));
        }
    }
    Ok(())
}

/// Whether the view gives the crop.
pub(super) fn check_geometry(receipt: &Receipt, recipe: &Recipe) -> Result<()> {
    let source = receipt.source().size();
    let output = recipe.outputs()[0].size();
    let agrees = view::agrees(source, output, recipe.bounds(), receipt.view(), receipt.crop());
    if agrees.as_ref().is_ok_and(|agrees| *agrees) {
        return Ok(());
    }
    let solved = Aspect::of_size(output)
        .and_then(|aspect| view::solve(source, aspect, recipe.bounds(), receipt.view()))
        .ok()
        .map_or(Value::Null, |solved| figure(&solved.crop));
    let got = figure(receipt.crop());
    let detail = "The view does not give this crop of this source.";
    Err(Error::new(Code::GeometryMismatch, detail).at("crop").figures(solved, got))
}

/// Numbers of a receipt are finite, so this always has a value.
pub(super) fn figure(value: &impl serde::Serialize) -> Value {
    json::to_value(value).unwrap_or(Value::Null)
}

/// Whether the receipt is as it was written.
pub(super) fn check_digest(receipt: &Receipt) -> Result<()> {
    let digest = receipt.digest_of_content()?;
    if digest == receipt.digest() {
        return Ok(());
    }
    let error =
        Error::new(Code::ReceiptDigestMismatch, "The receipt was changed after it was written.").at("digest");
    Err(error.figures(digest.to_string(), receipt.digest().to_string()))
}
