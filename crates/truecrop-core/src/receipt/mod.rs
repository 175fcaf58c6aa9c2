//! What was made of what: the recipe, the source's facts and digest, each output's facts and digest, the engine's
//! version. docs/RECEIPT.md is the normative text; this module writes and reads it.

mod source;
mod summary;

pub use crate::digest::{Digest, Sha256};
pub(crate) use source::Damage;
pub use source::{Decoder, Frame, SourceFacts};
pub use summary::ProbeSummary;

use crate::encode::Encoded;
use crate::error::{Code, Error, Result};
use crate::geometry::{Crop, Size, Turn};
use crate::json;
use crate::limits::Limits;
use crate::recipe::{Background, Filter, Format, Light, OutputSpec, Recipe, VERSION, at_output, is_default};
#[cfg(feature = "formats")]
use crate::recipe::{Hdr, Mask};
use crate::view::View;
use serde::{Deserialize, Serialize};

/// A receipt, as in JSON.
///
/// # Guarantees
/// Made by [`Receipt::new`] or [`Receipt::from_json`], and never changed. One that was read has the right shape; what it says
/// is checked by [`crate::verify`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Receipt {
    truecrop: u32,
    pixels: u32,
    engine: String,
    source: SourceFacts,
    view: View,
    crop: Crop,
    #[serde(skip_serializing_if = "Option::is_none")]
    background: Option<Background>,
    #[serde(skip_serializing_if = "is_default")]
    filter: Filter,
    #[serde(skip_serializing_if = "is_default")]
    light: Light,
    outputs: Vec<OutputFacts>,
    digest: Digest,
}

/// The receipt as it is read. Only [`Receipt::from_json`] reads one, so that its length and its version are always checked.
#[derive(Deserialize)]
#[serde(remote = "Receipt", deny_unknown_fields)]
struct ReceiptDocument {
    truecrop: u32,
    pixels: u32,
    engine: String,
    source: SourceFacts,
    view: View,
    crop: Crop,
    #[serde(default)]
    background: Option<Background>,
    #[serde(default)]
    filter: Filter,
    #[serde(default)]
    light: Light,
    outputs: Vec<OutputFacts>,
    digest: Digest,
}

#[derive(Deserialize)]
struct ReadReceipt(#[serde(with = "ReceiptDocument")] Receipt);

/// One output: what was asked, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputFacts {
    name: String,
    width: u32,
    height: u32,
    format: Format,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quality: Option<u8>,
    #[serde(default, rename = "maxBytes", skip_serializing_if = "Option::is_none")]
    max_bytes: Option<u32>,
    #[serde(default, rename = "usedQuality", skip_serializing_if = "Option::is_none")]
    used_quality: Option<u8>,
    /// The small module makes none.
    #[cfg(feature = "formats")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    map: Option<Size>,
    /// The small module makes none.
    #[cfg(feature = "formats")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mask: Option<Mask>,
    bytes: u64,
    digest: Digest,
}

impl OutputFacts {
    /// The facts of an encoded output.
    pub fn new(spec: &OutputSpec, made: &Encoded) -> Self {
        let asked = spec.lossy_quality();
        Self {
            name: spec.name().to_owned(),
            width: spec.size().width,
            height: spec.size().height,
            format: spec.format(),
            quality: asked,
            max_bytes: spec.max_bytes(),
            used_quality: made.quality.filter(|used| Some(*used) != asked),
            #[cfg(feature = "formats")]
            map: None,
            #[cfg(feature = "formats")]
            mask: spec.mask(),
            bytes: made.bytes.len() as u64,
            digest: Digest::of(&made.bytes),
        }
    }

    /// As in the recipe.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Columns and rows.
    pub fn size(&self) -> Size {
        Size::new(self.width, self.height)
    }

    /// As in the recipe.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The quality that was asked for, for JPEG and lossy WebP.
    pub fn quality(&self) -> Option<u8> {
        self.quality
    }

    /// Most bytes of the file, as in the recipe.
    pub fn max_bytes(&self) -> Option<u32> {
        self.max_bytes
    }

    /// The quality that was used, where `maxBytes` made it lower than asked.
    pub fn used_quality(&self) -> Option<u8> {
        self.used_quality
    }

    /// The size of the gain map in the file.
    #[cfg(feature = "formats")]
    pub fn map(&self) -> Option<Size> {
        self.map
    }

    /// As in the recipe.
    #[cfg(feature = "formats")]
    pub fn mask(&self) -> Option<Mask> {
        self.mask
    }

    /// With a gain map of this size in the file.
    #[cfg(feature = "formats")]
    pub(crate) fn with_map(self, map: Option<Size>) -> Self {
        Self { map, ..self }
    }

    /// The file's length in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The file's digest.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// What was asked.
    ///
    /// # Errors
    /// [`Code::InvalidRecipe`] for what no output can be; the field is relative to this output.
    pub fn spec(&self) -> Result<OutputSpec> {
        let spec =
            OutputSpec::from_parts(&self.name, self.size(), self.format, self.quality, self.max_bytes)?;
        // An output that asked for a map and has none is the same without having asked.
        #[cfg(feature = "formats")]
        let spec = spec.with_hdr(self.map.map(|_| Hdr::Keep))?.with_mask(self.mask)?;
        Ok(spec)
    }

    /// The quality of the file, for JPEG and lossy WebP.
    #[cfg(feature = "formats")]
    pub(crate) fn made_quality(&self) -> Option<u8> {
        self.used_quality.or(self.quality)
    }
}

impl Receipt {
    /// The receipt of a run.
    ///
    /// # Errors
    /// As [`Recipe::view`].
    pub fn new(source: SourceFacts, recipe: &Recipe, outputs: Vec<OutputFacts>) -> Result<Self> {
        let view = recipe.view(source.size())?;
        let mut receipt = Self {
            truecrop: VERSION,
            pixels: crate::PIXELS,
            engine: crate::ENGINE.to_owned(),
            source,
            view,
            crop: *recipe.crop(),
            background: recipe.background(),
            filter: recipe.filter(),
            light: recipe.light(),
            outputs,
            digest: Digest::of(b""),
        };
        receipt.digest = receipt.digest_of_content()?;
        Ok(receipt)
    }

    /// Reads a receipt. Only its shape is checked here; [`crate::verify`] checks what it says.
    ///
    /// # Errors
    /// [`Code::InvalidReceipt`], [`Code::UnknownVersion`], [`Code::TooManyBytes`]; [`Code::NotCanonical`] for a list of what was
    /// ignored that is out of order.
    pub fn from_json(text: &[u8], limits: &Limits) -> Result<Self> {
        limits.check_json_bytes("receipt", text.len())?;
        let ReadReceipt(receipt) = json::from_slice(text).map_err(|e| {
            Error::new(Code::InvalidReceipt, format!("The receipt cannot be read: {e}.")).at("receipt")
        })?;
        if receipt.truecrop != VERSION {
            let detail = "This engine reads version 1 of receipts only.";
            return Err(Error::new(Code::UnknownVersion, detail)
                .at("truecrop")
                .figures(VERSION, receipt.truecrop));
        }
        receipt.source.check_ignored()?;
        Ok(receipt)
    }

    /// The canonical JSON (RFC 8785), which is also how receipts are sent and stored.
    ///
    /// # Errors
    /// [`Code::Internal`] for numbers that JSON cannot hold; the constructors let none in.
    pub fn to_json(&self) -> Result<String> {
        canonical(self)
    }

    /// The digest that [`Receipt::digest`] must be.
    ///
    /// # Errors
    /// As [`Receipt::to_json`].
    pub fn digest_of_content(&self) -> Result<Digest> {
        let mut value = json::to_value(self).map_err(|e| internal(&e))?;
        value.remove("digest");
        Ok(Digest::of(value.into_canonical_string().as_bytes()))
    }

    /// The pixel contract's version.
    pub fn pixels(&self) -> u32 {
        self.pixels
    }

    /// The engine's version.
    pub fn engine(&self) -> &str {
        &self.engine
    }

    /// The source's facts and digest.
    pub fn source(&self) -> &SourceFacts {
        &self.source
    }

    /// The effective view.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// What was cut.
    pub fn crop(&self) -> &Crop {
        &self.crop
    }

    /// As in the recipe.
    pub fn background(&self) -> Option<Background> {
        self.background
    }

    /// Each output's facts and digest.
    pub fn outputs(&self) -> &[OutputFacts] {
        &self.outputs
    }

    /// Of the RFC 8785 form of the receipt without its member `digest`.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The recipe that this receipt is of.
    ///
    /// # Errors
    /// [`Code::InvalidReceipt`] for outputs or angles that make no sense.
    pub fn recipe(&self) -> Result<Recipe> {
        let turn = Turn::from_degrees(self.view.rotate).ok_or_else(|| {
            Error::new(Code::InvalidReceipt, "The angle must be a finite number of degrees.")
                .at("view.rotate")
        })?;
        let specs = self.outputs.iter().enumerate();
        let specs = specs.map(|(i, facts)| facts.spec().map_err(|e| at_output(i, e)));
        let recipe = specs.collect::<Result<_>>().and_then(|specs| {
            let plain = Recipe::new(self.crop, specs)?.with_turn(turn).with_flip(self.view.flip);
            plain.with_filter(self.filter).with_light(self.light).with_background(self.background)
        });
        recipe.map_err(as_receipt_error)
    }
}

/// A recipe inside a receipt is the receipt's fault.
fn as_receipt_error(error: Error) -> Error {
    let mut other = Error::new(Code::InvalidReceipt, error.detail());
    if let Some(field) = error.field() {
        other = other.at(field);
    }
    match (error.expected(), error.got()) {
        (Some(expected), Some(got)) => other.figures(expected.clone(), got.clone()),
        _ => other,
    }
}

/// RFC 8785 JSON of a value.
fn canonical<T: Serialize>(value: &T) -> Result<String> {
    json::to_canonical_string(value).map_err(|e| internal(&e))
}

fn internal(error: &dyn std::fmt::Display) -> Error {
    Error::new(Code::Internal, format!("The receipt cannot be written: {error}."))
}
