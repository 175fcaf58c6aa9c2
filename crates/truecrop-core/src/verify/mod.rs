//! What a receipt, its outputs and, if there, its source prove.
//!
//! | level | the server has | it proves |
//! | --- | --- | --- |
//! | result | outputs and receipt | the geometry is consistent, the policy holds, each output is exactly one picture of the stated size in the engine's own encoding |
//! | committed | the same | the same; the source's digest is a promise that an audit can call in later |
//! | source | also the source | everything: the outputs are made again and compared byte for byte |
//!
//! | file | what |
//! | --- | --- |
//! | this one | [`verify`], and what it takes and gives |
//! | `facts` | what the receipt says, checked against itself and the limits |
//! | `outputs` | the outputs' bytes against the receipt |
//! | `source` | with the source: its headers, and the outputs made again |
//! | `given_up` | work whose result nobody wants any more |
//!
//! A client that cannot make pixels sends source and recipe: [`make`] makes outputs and receipt.

mod facts;
mod given_up;
mod outputs;
mod source;

pub use crate::policy::Level;
pub use source::{Audited, SourceHeaders, SubmittedSource};

use crate::digest::Digest;
use crate::error::{Code, Error, Result};
use crate::limits::Limits;
use crate::pipeline::Cropped;
use crate::policy::Policy;
use crate::receipt::{OutputFacts, Receipt};
use crate::recipe::Recipe;
use serde::Serialize;

/// What was sent.
pub struct Submission {
    /// The receipt, as it was read.
    pub receipt: Receipt,
    /// Each output's name and bytes.
    pub outputs: Vec<(String, Vec<u8>)>,
    /// The source, where it was sent.
    pub source: Option<SubmittedSource>,
}

/// A submission that holds. Only [`verify`] and [`make`] give one.
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
            pixels: self.receipt.pixels(),
            receipt: self.receipt.digest(),
            source: self.receipt.source().digest,
            outputs: self.receipt.outputs().to_vec(),
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

/// Checks a submission at a level, or at that of the policy where it is higher. A source that was sent is always used, whatever the
/// level.
///
/// With the source, everything is proved; a spoiled output is refused with or without it:
///
/// ```
/// use std::io::Cursor;
/// use truecrop_core::policy::Policy;
/// use truecrop_core::verify::{Level, Submission, SubmittedSource, verify};
/// use truecrop_core::{Code, Limits};
/// # use truecrop_core::{geometry::*, pipeline::crop, recipe::*};
/// # let photo = b"GIF89a\x02\0\x01\0\x80\0\0\xff\0\0\0\0\xff,\0\0\0\0\x02\0\x01\0\0\x02\x02\x44\x0a\0;";
/// # let recipe = Recipe::new(
/// #     Crop::from_pixels(1.0, 0.0, 1.0, 1.0)?,
/// #     vec![OutputSpec::new("main", Size::new(64, 64), Format::Jpeg)?],
/// # )?;
/// # let go_on = &mut |_| std::ops::ControlFlow::Continue(());
/// # let mut cropped = crop(Box::new(Cursor::new(photo)), &recipe, &Limits::default(), go_on)?;
/// # let (receipt, mut file) = (cropped.receipt, cropped.outputs.remove(0).1);
///
/// // `receipt` is a `Receipt`, `file` the bytes of the output `main`, `photo` those of the source.
/// let (policy, limits) = (Policy::default(), Limits::default());
/// let source = SubmittedSource::new(Box::new(Cursor::new(photo)), &receipt, &limits);
/// let outputs = vec![("main".to_owned(), file.clone())];
/// let submission = Submission { receipt: receipt.clone(), outputs, source: Some(source) };
/// assert_eq!(verify(submission, Level::Result, &policy, &limits)?.level(), Level::Source);
///
/// file[100] ^= 1;
/// let spoiled = Submission { receipt, outputs: vec![("main".to_owned(), file)], source: None };
/// let refused = verify(spoiled, Level::Result, &policy, &limits).unwrap_err();
/// assert_eq!(refused.code(), Code::DigestMismatch);
/// # Ok::<(), truecrop_core::Error>(())
/// ```
///
/// # Errors
/// The first thing that does not hold: [`Code::InvalidReceipt`], [`Code::PixelsMismatch`], [`Code::GeometryMismatch`],
/// [`Code::PolicyViolation`], [`Code::OutputsMismatch`], [`Code::DigestMismatch`], [`Code::NotCanonical`],
/// [`Code::ReceiptDigestMismatch`], [`Code::SourceRequired`], [`Code::SourceMismatch`], [`Code::NotReproducible`],
/// [`Code::OutputMismatch`]; and whatever a limit refuses.
pub fn verify(submission: Submission, level: Level, policy: &Policy, limits: &Limits) -> Result<Verified> {
    let Submission { receipt, outputs, source } = submission;
    let level = policy.level.unwrap_or_default().max(level);
    let recipe = check_facts(&receipt, level, policy, limits)?;
    let outputs = outputs::match_with(&receipt, outputs)?;
    outputs::check(&recipe, &outputs)?;
    facts::check_digest(&receipt)?;
    let proved = match source {
        Some(source) => {
            source.reproduce(&receipt, &outputs, limits)?;
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

/// What [`verify`] checks at this level before it looks at the outputs: for servers that are told what will come before it comes. A
/// receipt that is refused here is refused there too.
///
/// # Errors
/// Those of [`verify`] that need neither outputs nor source.
pub fn check_receipt(receipt: &Receipt, level: Level, policy: &Policy, limits: &Limits) -> Result<()> {
    check_facts(receipt, policy.level.unwrap_or_default().max(level), policy, limits)?;
    facts::check_digest(receipt)
}

fn check_facts(receipt: &Receipt, level: Level, policy: &Policy, limits: &Limits) -> Result<Recipe> {
    facts::check_version(receipt)?;
    facts::check_source(receipt.source(), limits)?;
    let recipe = receipt.recipe()?;
    facts::check_used_quality(receipt)?;
    facts::check_maps(receipt)?;
    facts::check_geometry(receipt, &recipe)?;
    limits.check_outputs(receipt.outputs().iter().map(OutputFacts::size))?;
    policy.check_decoder(receipt, level)?;
    policy.check(receipt)?;
    Ok(recipe)
}

/// Calls in the promise of an upload at level `committed`: checks the source of a receipt that was verified before, without the outputs' bytes.
///
/// # Errors
/// [`Code::PixelsMismatch`] for a receipt of another pixel contract; [`Code::SourceMismatch`] at `source.bytes` or
/// `source.digest` for another file than the promised one. Both prove nothing;
/// what a limit refuses, and what fails in the environment.
pub fn audit(receipt: &Receipt, source: SubmittedSource, limits: &Limits) -> Result<Audited> {
    facts::check_version(receipt)?;
    source.audit(receipt, limits)
}

/// Makes outputs and receipt of a source, for a client that sent source and recipe alone: the same bytes that the client would
/// have made. The source's headers are those of [`SourceHeaders::of_recipe`].
///
/// # Errors
/// Those of [`crop`](crate::pipeline::crop), and [`Code::PolicyViolation`].
pub fn make(source: SubmittedSource, policy: &Policy, limits: &Limits) -> Result<Verified> {
    let Cropped { receipt, outputs } = source.make(limits)?;
    policy.check(&receipt)?;
    let facts = receipt.outputs().to_vec();
    let outputs = facts.into_iter().zip(outputs).map(|(facts, (_, bytes))| (facts, bytes)).collect();
    Ok(Verified { receipt, outputs, level: Level::Source })
}

/// For a receipt of the longest JSON in a few forms at once, for the digest of a source, and for walking a JPEG.
const OVERHEAD: u64 = 512 << 10;

/// Most bytes that [`verify`] holds beside the submission itself: for servers that admit no more work than their memory
/// bears. What is refused before pixel memory is taken needs nothing more.
pub fn memory_bytes(receipt: &Receipt, source: Option<&SourceHeaders>, limits: &Limits) -> u64 {
    let fits = limits.check_outputs(receipt.outputs().iter().map(OutputFacts::size)).is_ok();
    let Some(recipe) = receipt.recipe().ok().filter(|_| fits) else { return OVERHEAD };
    let outputs = recipe.outputs().iter().map(outputs::memory_bytes).max().unwrap_or(0);
    OVERHEAD + outputs.max(source.map_or(0, SourceHeaders::memory_bytes))
}

/// The same for [`make`].
pub fn memory_bytes_to_make(source: &SourceHeaders) -> u64 {
    OVERHEAD + source.memory_bytes()
}
