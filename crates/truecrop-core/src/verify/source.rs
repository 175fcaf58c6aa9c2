//! With the source: its headers, read once, and the outputs made again.

use super::facts::figure;
use super::given_up::GivenUp;
use crate::digest::Digest;
use crate::error::{Code, Error, Fault, Result};
use crate::json::Value;
use crate::limits::Limits;
use crate::pipeline::{Cropped, DigestSource, SourceCache, crop_planned};
use crate::plan::Plan;
use crate::policy::Level;
use crate::probe::{Probe, probe};
use crate::receipt::{Decoder, OutputFacts, Receipt, SourceFacts};
use crate::recipe::Recipe;
use crate::source::{Reader, Source, digest_source};

/// What a source's headers say, and what it will take to make a receipt's outputs of it again.
///
/// A refusal is kept until [`verify`](super::verify) comes to it, so that refusals keep their order.
pub struct SourceHeaders {
    probe: Result<Probe>,
    /// Of the probe, or its refusal again.
    plan: Result<Plan>,
}

impl SourceHeaders {
    /// Reads the headers and plans what the receipt says.
    pub fn read(source: &mut dyn Source, receipt: &Receipt, limits: &Limits) -> Self {
        Self::planned(source, receipt.recipe(), limits)
    }

    /// Reads the headers and plans a recipe: for [`make`](super::make).
    pub fn of_recipe(source: &mut dyn Source, recipe: &Recipe, limits: &Limits) -> Self {
        Self::planned(source, Ok(recipe.clone()), limits)
    }

    fn planned(source: &mut dyn Source, recipe: Result<Recipe>, limits: &Limits) -> Self {
        let probe = probe(source, limits);
        let plan = probe.as_ref().map_err(Error::clone);
        let plan = plan.and_then(|probe| Plan::new(probe, &recipe?, limits));
        Self { probe, plan }
    }

    /// Most bytes that reading the headers and making the outputs again hold at once; without a plan it is refused before.
    pub fn memory_bytes(&self) -> u64 {
        // A profile is held in a few forms while it is read.
        4 * self.held_bytes() + self.plan.as_ref().map_or(0, Plan::peak_bytes)
    }

    /// Bytes that the headers hold as long as they are kept: those of colour profiles, and of lists of tiles, which may be large.
    pub fn held_bytes(&self) -> u64 {
        self.probe.as_ref().map_or(0, Probe::held_bytes)
    }
}

/// A source that was sent along.
pub struct SubmittedSource {
    reader: Reader,
    headers: SourceHeaders,
    given_up: GivenUp,
}

impl SubmittedSource {
    /// A source whose headers are read now.
    pub fn new(mut reader: Reader, receipt: &Receipt, limits: &Limits) -> Self {
        let headers = SourceHeaders::read(&mut *reader, receipt, limits);
        Self::with_headers(reader, headers)
    }

    /// A source whose headers were read before, for the same receipt and under the same limits.
    pub fn with_headers(reader: Reader, headers: SourceHeaders) -> Self {
        Self { reader, headers, given_up: GivenUp::never() }
    }

    /// The same for work that somebody may give up: it ends with [`Code::Cancelled`] soon after `given_up` says so, which is asked before
    /// each read of the source, after every 64 rows, and between outputs. What makes a whole frame at once (the decoders of GIF and of the rare formats,
    /// and the encoders) goes on to the end of that frame.
    #[must_use]
    pub fn until(self, given_up: impl Fn() -> bool + 'static) -> Self {
        let given_up = GivenUp::when(given_up);
        Self { reader: given_up.guard(self.reader), headers: self.headers, given_up }
    }

    /// Makes the outputs for the first time.
    pub(super) fn make(self, limits: &Limits) -> Result<Cropped> {
        let (probe, plan) = (self.headers.probe?, self.headers.plan?);
        let go_on = &mut |_| self.given_up.go_on();
        let made = crop_planned(self.reader, probe, plan, SourceCache::default(), limits, go_on);
        self.given_up.or(made)
    }

    /// Makes the outputs again and compares them byte for byte.
    pub(super) fn reproduce(
        mut self,
        receipt: &Receipt,
        outputs: &[(OutputFacts, Vec<u8>)],
        limits: &Limits,
    ) -> Result<()> {
        check_decoder(receipt.source())?;
        // Before anything is decoded, so that another file is called that, and not damaged or of another size.
        let digest = check_digest(&mut *self.reader, receipt.source());
        let digest = self.given_up.or(digest)?;
        let again = self.make_again(receipt, digest, limits)?;
        for (i, ((facts, sent), (_, made))) in outputs.iter().zip(&again.outputs).enumerate() {
            if sent != made {
                return Err(another_picture(i, facts, made));
            }
        }
        check_facts(again.receipt.source(), receipt.source())
    }

    /// Whether a source that was promised is what the receipt says of it.
    pub(super) fn audit(mut self, receipt: &Receipt, limits: &Limits) -> Result<Audited> {
        let digest = check_digest(&mut *self.reader, receipt.source());
        let digest = self.given_up.or(digest)?;
        if receipt.source().decoder != Decoder::Core {
            return Ok(Audited::Proved(Level::Committed));
        }
        let again = self.make_again(receipt, digest, limits);
        let told = again.and_then(|again| {
            for (i, (facts, (_, made))) in receipt.outputs().iter().zip(&again.outputs).enumerate() {
                if facts.digest() != Digest::of(made) {
                    return Err(another_picture(i, facts, made));
                }
            }
            check_facts(again.receipt.source(), receipt.source())
        });
        match told {
            Ok(()) => Ok(Audited::Proved(Level::Source)),
            // The receipt's own source says something else than the receipt.
            Err(error) if matches!(error.code().fault(), Fault::Input | Fault::Caller) => {
                Ok(Audited::Disproved(error))
            }
            Err(error) => Err(error),
        }
    }

    /// `digest`: that of the source, which is the one that the receipt names.
    fn make_again(self, receipt: &Receipt, digest: Digest, limits: &Limits) -> Result<Cropped> {
        let probe = self.headers.probe?;
        check_facts(&SourceFacts::of(&probe, digest, receipt.source().damage()), receipt.source())?;
        let plan = self.headers.plan?;
        // Otherwise another receipt's outputs would be proved.
        if *plan.recipe() != receipt.recipe()? {
            return Err(Error::new(Code::Internal, "The source's headers were read for another receipt."));
        }
        let cache = SourceCache { digest: DigestSource::Provided(digest), index: None };
        let go_on = &mut |_| self.given_up.go_on();
        let made = crop_planned(self.reader, probe, plan, cache, limits, go_on);
        self.given_up.or(made)
    }
}

/// What an audit has found.
#[derive(Clone, Debug, PartialEq)]
pub enum Audited {
    /// The source is the promised one, and gives these outputs. Of a source that only the browser can decode, only the first is known:
    /// then the level stays.
    Proved(Level),
    /// The source is the promised one, and the receipt or the outputs are not of it.
    Disproved(Error),
}

fn another_picture(i: usize, facts: &OutputFacts, made: &[u8]) -> Error {
    let detail = "The source and the recipe give another picture.";
    let error = Error::new(Code::OutputMismatch, detail).at(format!("outputs[{i}]"));
    error.figures(Digest::of(made).to_string(), facts.digest().to_string())
}

fn check_decoder(source: &SourceFacts) -> Result<()> {
    if source.decoder == Decoder::Core {
        return Ok(());
    }
    let detail = "The browser decoded this source, so its outputs cannot be made again.";
    Err(Error::new(Code::NotReproducible, detail).at("source.decoder").figures("core", "platform"))
}

fn mismatch(field: &str, expected: impl Into<Value>, got: impl Into<Value>) -> Error {
    let detail = "The source is not the one that the receipt names.";
    Error::new(Code::SourceMismatch, detail).at(format!("source.{field}")).figures(expected, got)
}

/// Whether the source is the file that the receipt names; its digest.
fn check_digest(reader: &mut dyn Source, facts: &SourceFacts) -> Result<Digest> {
    let (digest, bytes) = digest_source(reader)?;
    if bytes != facts.bytes {
        return Err(mismatch("bytes", facts.bytes, bytes));
    }
    if digest != facts.digest {
        return Err(mismatch("digest", facts.digest.to_string(), digest.to_string()));
    }
    Ok(digest)
}

/// Whether the receipt says of the source what the engine sees of it.
fn check_facts(seen: &SourceFacts, told: &SourceFacts) -> Result<()> {
    if seen.format != told.format {
        return Err(mismatch("format", seen.format.as_str(), told.format.as_str()));
    }
    for (field, seen, told) in [
        ("width", seen.width, told.width),
        ("height", seen.height, told.height),
        ("orientation", seen.orientation.into(), told.orientation.into()),
    ] {
        if seen != told {
            return Err(mismatch(field, seen, told));
        }
    }
    if seen.frame != told.frame {
        return Err(mismatch("frame", figure(&seen.frame), figure(&told.frame)));
    }
    if seen.truncated != told.truncated {
        return Err(mismatch("truncated", seen.truncated, told.truncated));
    }
    if seen.ignored != told.ignored {
        return Err(mismatch("ignored", figure(&seen.ignored), figure(&told.ignored)));
    }
    Ok(())
}
