//! What a receipt, its outputs and, if there, its source prove.
//!
//! | level | the server has | it proves |
//! | --- | --- | --- |
//! | result | outputs and receipt | the geometry is consistent, the policy holds, each output is exactly one picture of the stated size in the engine's own encoding |
//! | committed | the same | the same; the source's digest is a promise that an audit can call in later |
//! | source | also the source | everything: the outputs are made again and compared byte for byte |

use crate::encode;
use crate::error::{Code, Error, Result};
use crate::geometry::{Orientation, Size};
use crate::json::{self, Value};
use crate::limits::Limits;
use crate::pipeline;
use crate::policy::Policy;
use crate::probe::{self, SourceFormat};
use crate::receipt::{Decoder, Digest, OutputFacts, Receipt, digest_reader};
use crate::recipe::{Format, Recipe};
use crate::view::{self, Aspect};
use crate::{PIXELS, Reader};
use serde::{Deserialize, Serialize};
use std::io::{Seek, SeekFrom};
use std::ops::ControlFlow;

/// How much is to be proved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// From receipt and outputs alone.
    #[default]
    Result,
    /// The same, with the source's digest kept as a promise.
    Committed,
    /// By making the outputs again.
    Source,
}

/// What was sent.
pub struct Submission<'a> {
    /// The receipt's JSON.
    pub receipt: &'a [u8],
    /// Each output's name and bytes.
    pub outputs: Vec<(String, Vec<u8>)>,
    /// The source, where it was sent.
    pub source: Option<Reader>,
}

/// A submission that holds. Only [`verify`] makes one.
#[derive(Debug)]
pub struct Verified {
    receipt: Receipt,
    outputs: Vec<(OutputFacts, Vec<u8>)>,
    level: Level,
}

impl Verified {
    /// What was proved, in words for people and programs.
    pub fn verdict(&self) -> Verdict {
        Verdict {
            valid: true,
            level: self.level,
            pixels: self.receipt.pixels,
            receipt: self.receipt.digest,
            source: self.receipt.source.digest,
            outputs: self.receipt.outputs.clone(),
        }
    }

    /// The receipt.
    pub fn receipt(&self) -> &Receipt {
        &self.receipt
    }

    /// Facts and bytes of each output, in the receipt's order.
    pub fn outputs(&self) -> &[(OutputFacts, Vec<u8>)] {
        &self.outputs
    }

    /// The level that was proved.
    pub fn level(&self) -> Level {
        self.level
    }
}

/// What verification says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// Always true: what does not hold is an [`Error`].
    pub valid: bool,
    /// The level that was proved.
    pub level: Level,
    /// The pixel contract's version.
    pub pixels: u32,
    /// The receipt's digest.
    pub receipt: Digest,
    /// The source's digest: proved at level source, promised at the others.
    pub source: Digest,
    /// Each output's facts.
    pub outputs: Vec<OutputFacts>,
}

/// Checks a submission. A source that was sent is always used, whatever the level.
///
/// # Errors
/// The first thing that does not hold: [`Code::InvalidReceipt`], [`Code::PixelsMismatch`], [`Code::GeometryMismatch`],
/// [`Code::PolicyViolation`], [`Code::OutputsMismatch`], [`Code::DigestMismatch`], [`Code::NotCanonical`],
/// [`Code::ReceiptDigestMismatch`], [`Code::SourceRequired`], [`Code::SourceMismatch`], [`Code::NotReproducible`],
/// [`Code::OutputMismatch`]; and whatever a limit refuses.
pub fn verify(
    submission: Submission<'_>,
    level: Level,
    policy: &Policy,
    limits: &Limits,
) -> Result<Verified> {
    let receipt = Receipt::from_json(submission.receipt, limits)?;
    check_version(&receipt)?;
    check_source_facts(&receipt, limits)?;
    let recipe = receipt.recipe()?;
    receipt.outputs.iter().enumerate().try_for_each(|(i, facts)| check_target(i, facts))?;
    check_geometry(&receipt, &recipe)?;
    check_sizes(&receipt, limits)?;
    policy.check(&receipt)?;
    let outputs = match_outputs(&receipt, submission.outputs)?;
    outputs.iter().enumerate().try_for_each(|(i, (facts, bytes))| check_output(i, facts, bytes))?;
    check_receipt_digest(&receipt)?;
    let proved = match submission.source {
        Some(source) => {
            reproduce(&receipt, &recipe, source, &outputs, limits)?;
            Level::Source
        }
        None if level == Level::Source => {
            let detail = "This level makes the outputs again: send the source as well.";
            return Err(Error::new(Code::SourceRequired, detail).at("source"));
        }
        None => level,
    };
    Ok(Verified { receipt, outputs, level: proved })
}

fn check_version(receipt: &Receipt) -> Result<()> {
    if receipt.pixels == PIXELS {
        return Ok(());
    }
    let detail = "The receipt was made under another version of the pixel contract: reload the page, or send the source.";
    Err(Error::new(Code::PixelsMismatch, detail).at("pixels").figures(PIXELS, receipt.pixels))
}

fn check_source_facts(receipt: &Receipt, limits: &Limits) -> Result<()> {
    let source = &receipt.source;
    let refuse = |field: &str, expected: String, got: String| {
        let error = Error::new(Code::InvalidReceipt, "The receipt's facts of the source can not be.");
        Err(error.at(format!("source.{field}")).figures(expected, got))
    };
    let size = Size::new(source.width, source.height);
    if source.decoder == Decoder::Core && SourceFormat::from_name(&source.format).is_none() {
        return refuse("format", "jpeg, png, webp or gif".into(), source.format.clone());
    }
    if source.width == 0 || source.height == 0 {
        return refuse("width", "1 or more".into(), format!("{} x {}", source.width, source.height));
    }
    if source.width.max(source.height) > limits.source_side || size.pixels() > limits.source_pixels {
        let error =
            Error::new(Code::TooManyPixels, "The source has more pixels than allowed.").at("source.width");
        return Err(error.figures(limits.source_pixels, size.pixels()));
    }
    if source.bytes == 0 {
        return refuse("bytes", "1 or more".into(), "0".into());
    }
    if source.bytes > limits.source_bytes {
        let error =
            Error::new(Code::SourceTooLarge, "The source has more bytes than allowed.").at("source.bytes");
        return Err(error.figures(limits.source_bytes, source.bytes));
    }
    if Orientation::new(source.orientation.into()).is_none() {
        return refuse("orientation", "1 to 8".into(), source.orientation.to_string());
    }
    Ok(())
}

/// `usedQuality` and the length can come of `quality` and `maxBytes`.
fn check_target(i: usize, facts: &OutputFacts) -> Result<()> {
    let refuse = |field: &str, detail: &str| {
        Err(Error::new(Code::InvalidReceipt, detail).at(format!("outputs[{i}].{field}")))
    };
    let most = facts.max_bytes.map(u64::from);
    if most.is_some_and(|most| facts.bytes > most) {
        let refused = refuse("bytes", "The output has more bytes than its recipe allows.");
        return refused.map_err(|e| e.figures(most, facts.bytes));
    }
    let Some(used) = facts.used_quality else { return Ok(()) };
    let asked = facts.spec().jpeg_quality();
    if most.is_none() || facts.format != Format::Jpeg || !(1..asked).contains(&used) {
        let detail = "Only a JPEG with a maxBytes has a usedQuality, and it is lower than its quality.";
        return refuse("usedQuality", detail)
            .map_err(|e| e.figures(format!("1 to {asked}, without it"), used));
    }
    Ok(())
}

fn check_geometry(receipt: &Receipt, recipe: &Recipe) -> Result<()> {
    let source = Size::new(receipt.source.width, receipt.source.height);
    let output = recipe.outputs[0].size();
    let agrees = view::agrees(source, output, recipe.bounds(), &receipt.view, &receipt.crop);
    if agrees.as_ref().is_ok_and(|agrees| *agrees) {
        return Ok(());
    }
    let solved = Aspect::of_size(output)
        .and_then(|aspect| view::solve(source, aspect, recipe.bounds(), &receipt.view))
        .ok()
        .map_or(Value::Null, |solved| figure(&solved.crop));
    let got = figure(&receipt.crop);
    let detail = "The view does not give this crop of this source.";
    Err(Error::new(Code::GeometryMismatch, detail).at("crop").figures(solved, got))
}

/// Numbers of a receipt are finite, so this always has a value.
fn figure(value: &impl serde::Serialize) -> Value {
    json::to_value(value).unwrap_or(Value::Null)
}

fn check_sizes(receipt: &Receipt, limits: &Limits) -> Result<()> {
    let pixels: u64 = receipt.outputs.iter().map(|o| u64::from(o.width) * u64::from(o.height)).sum();
    let side = receipt.outputs.iter().map(|o| o.width.max(o.height)).max().unwrap_or(0);
    if receipt.outputs.len() > limits.outputs || side > limits.output_side || pixels > limits.output_pixels {
        let error = Error::new(Code::OutputTooLarge, "The outputs are larger than allowed.").at("outputs");
        return Err(error.figures(limits.output_pixels, pixels));
    }
    Ok(())
}

fn match_outputs(receipt: &Receipt, mut sent: Vec<(String, Vec<u8>)>) -> Result<Vec<(OutputFacts, Vec<u8>)>> {
    let mut matched = Vec::with_capacity(receipt.outputs.len());
    for facts in &receipt.outputs {
        let Some(at) = sent.iter().position(|(name, _)| *name == facts.name) else {
            let names: Vec<_> = sent.iter().map(|(name, _)| name.as_str()).collect();
            let error = Error::new(Code::OutputsMismatch, "An output that the receipt names was not sent.");
            return Err(error.at(facts.name.as_str()).figures(facts.name.as_str(), names));
        };
        matched.push((facts.clone(), sent.swap_remove(at).1));
    }
    match sent.first() {
        None => Ok(matched),
        Some((name, _)) => {
            let names: Vec<_> = receipt.outputs.iter().map(|o| o.name.as_str()).collect();
            let error =
                Error::new(Code::OutputsMismatch, "An output was sent that the receipt does not name.");
            Err(error.at(name.as_str()).figures(names, name.as_str()))
        }
    }
}

fn check_output(i: usize, facts: &OutputFacts, bytes: &[u8]) -> Result<()> {
    let at = |field: &str| format!("outputs[{i}].{field}");
    let detail = "The output's bytes are not the ones that the receipt names.";
    if bytes.len() as u64 != facts.bytes {
        return Err(Error::new(Code::DigestMismatch, detail)
            .at(at("bytes"))
            .figures(facts.bytes, bytes.len()));
    }
    let digest = Digest::of(bytes);
    if digest != facts.digest {
        let error = Error::new(Code::DigestMismatch, detail).at(at("digest"));
        return Err(error.figures(facts.digest.to_string(), digest.to_string()));
    }
    encode::check_canonical(bytes, &facts.made()).map_err(|e| e.at(format!("outputs[{i}]")))
}

fn check_receipt_digest(receipt: &Receipt) -> Result<()> {
    let digest = receipt.digest_of_content()?;
    if digest == receipt.digest {
        return Ok(());
    }
    let error =
        Error::new(Code::ReceiptDigestMismatch, "The receipt was changed after it was written.").at("digest");
    Err(error.figures(digest.to_string(), receipt.digest.to_string()))
}

fn reproduce(
    receipt: &Receipt,
    recipe: &Recipe,
    mut source: Reader,
    outputs: &[(OutputFacts, Vec<u8>)],
    limits: &Limits,
) -> Result<()> {
    if receipt.source.decoder == Decoder::Platform {
        let detail = "The browser decoded this source, so its outputs can not be made again.";
        return Err(Error::new(Code::NotReproducible, detail)
            .at("source.decoder")
            .figures("core", "platform"));
    }
    let (digest, bytes) = digest_reader(&mut *source)?;
    let detail = "The source is not the one that the receipt names.";
    let mismatch = |field: &str| Error::new(Code::SourceMismatch, detail).at(format!("source.{field}"));
    if bytes != receipt.source.bytes {
        return Err(mismatch("bytes").figures(receipt.source.bytes, bytes));
    }
    if digest != receipt.source.digest {
        return Err(mismatch("digest").figures(receipt.source.digest.to_string(), digest.to_string()));
    }
    source.seek(SeekFrom::Start(0))?;
    let probe = probe::probe(&mut *source, limits)?;
    let seen = pipeline::facts(&probe, digest, receipt.source.truncated);
    if seen != receipt.source {
        return Err(mismatch("width").figures(figure(&seen), figure(&receipt.source)));
    }
    let again = pipeline::crop(source, recipe, limits, &mut |_| ControlFlow::Continue(()))?;
    for (i, ((facts, sent), (_, made))) in outputs.iter().zip(&again.outputs).enumerate() {
        if sent != made {
            let error = Error::new(Code::OutputMismatch, "The source and the recipe give another picture.");
            let made = Digest::of(made).to_string();
            return Err(error.at(format!("outputs[{i}]")).figures(made, facts.digest.to_string()));
        }
    }
    if again.receipt.source != receipt.source {
        return Err(mismatch("truncated").figures(again.receipt.source.truncated, receipt.source.truncated));
    }
    Ok(())
}
