//! What was made of what: the recipe, the source's facts and digest, each output's facts and digest, the engine's
//! version. docs/RECEIPT.md is the normative text; this module writes and reads it.

mod digest;

pub use digest::{Digest, Sha256, digest_reader};

use crate::encode::Encoded;
use crate::error::{Code, Error, Result};
use crate::geometry::{Crop, Size, Turn};
use crate::json;
use crate::limits::Limits;
use crate::recipe::{Background, FORM, Filter, Format, Light, OutputSpec, Recipe, is_default};
use crate::view::View;
use serde::{Deserialize, Serialize};

/// A receipt, as in JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The form's version.
    pub truecrop: u32,
    /// The pixel contract's version.
    pub pixels: u32,
    /// The engine's version.
    pub engine: String,
    /// The source's facts and digest.
    pub source: SourceFacts,
    /// The effective view.
    pub view: View,
    /// What was cut.
    pub crop: Crop,
    /// As in the recipe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub background: Option<Background>,
    /// As in the recipe; missing means Lanczos3.
    #[serde(default, skip_serializing_if = "is_default")]
    pub filter: Filter,
    /// As in the recipe; missing means sRGB-coded values.
    #[serde(default, skip_serializing_if = "is_default")]
    pub light: Light,
    /// Each output's facts and digest.
    pub outputs: Vec<OutputFacts>,
    /// Of the RFC 8785 form of the receipt without this member.
    pub digest: Digest,
}

/// The source as the engine saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceFacts {
    /// `jpeg`, `png`, `webp`, `gif`, or what the platform decoded.
    pub format: String,
    /// The file's length.
    pub bytes: u64,
    /// Oriented columns.
    pub width: u32,
    /// Oriented rows.
    pub height: u32,
    /// EXIF orientation, 1 to 8.
    pub orientation: u8,
    /// Of the whole file.
    pub digest: Digest,
    /// Who decoded it.
    pub decoder: Decoder,
    /// `first` when the source is animated: only its first frame was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame: Option<Frame>,
    /// Whether the file ends too early: what is missing was filled with gray.
    #[serde(default, skip_serializing_if = "is_default")]
    pub truncated: bool,
}

/// Who decoded the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decoder {
    /// This engine: the outputs can be made again.
    Core,
    /// The browser: they can not.
    Platform,
}

/// Which frame of an animation was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Frame {
    /// The first.
    First,
}

/// One output: what was asked, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputFacts {
    /// As in the recipe.
    pub name: String,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// As in the recipe.
    pub format: Format,
    /// As asked, for JPEG.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<u8>,
    /// As in the recipe.
    #[serde(default, rename = "maxBytes", skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u32>,
    /// As used, where `maxBytes` made it lower than asked.
    #[serde(default, rename = "usedQuality", skip_serializing_if = "Option::is_none")]
    pub used_quality: Option<u8>,
    /// The file's length.
    pub bytes: u64,
    /// Of the file.
    pub digest: Digest,
}

impl OutputFacts {
    /// The facts of an encoded output.
    pub fn new(spec: &OutputSpec, made: &Encoded) -> Self {
        let asked = (spec.format == Format::Jpeg).then(|| spec.jpeg_quality());
        Self {
            name: spec.name.clone(),
            width: spec.width,
            height: spec.height,
            format: spec.format,
            quality: asked,
            max_bytes: spec.max_bytes,
            used_quality: made.quality.filter(|used| Some(*used) != asked),
            bytes: made.bytes.len() as u64,
            digest: Digest::of(&made.bytes),
        }
    }

    /// What was asked.
    pub fn spec(&self) -> OutputSpec {
        let (name, format, quality, max_bytes) =
            (self.name.clone(), self.format, self.quality, self.max_bytes);
        OutputSpec { name, width: self.width, height: self.height, format, quality, max_bytes }
    }

    /// What was made of it: with the quality that was used.
    pub fn made(&self) -> OutputSpec {
        OutputSpec { quality: self.used_quality.or(self.quality), max_bytes: None, ..self.spec() }
    }
}

impl Receipt {
    /// The receipt of a run.
    ///
    /// # Errors
    /// As [`Recipe::view`].
    pub fn new(source: SourceFacts, recipe: &Recipe, outputs: Vec<OutputFacts>) -> Result<Self> {
        let view = recipe.view(Size::new(source.width, source.height))?;
        let mut receipt = Self {
            truecrop: FORM,
            pixels: crate::PIXELS,
            engine: crate::ENGINE.to_owned(),
            source,
            view,
            crop: recipe.crop,
            background: recipe.background,
            filter: recipe.filter,
            light: recipe.light,
            outputs,
            digest: Digest::of(b""),
        };
        receipt.digest = receipt.digest_of_content()?;
        Ok(receipt)
    }

    /// Reads a receipt. Only its shape is checked here; [`crate::verify`] checks what it says.
    ///
    /// # Errors
    /// [`Code::InvalidReceipt`], [`Code::UnknownVersion`], [`Code::TooManyBytes`].
    pub fn from_json(text: &[u8], limits: &Limits) -> Result<Self> {
        if text.len() > limits.json_bytes {
            let error = Error::new(Code::TooManyBytes, "The receipt is too long.").at("receipt");
            return Err(error.figures(limits.json_bytes, text.len()));
        }
        let receipt: Self = json::from_slice(text).map_err(|e| {
            Error::new(Code::InvalidReceipt, format!("The receipt can not be read: {e}.")).at("receipt")
        })?;
        if receipt.truecrop != FORM {
            let detail = "This engine reads receipts of form 1 only.";
            return Err(Error::new(Code::UnknownVersion, detail)
                .at("truecrop")
                .figures(FORM, receipt.truecrop));
        }
        Ok(receipt)
    }

    /// The canonical JSON (RFC 8785), which is also how receipts are sent and stored.
    ///
    /// # Errors
    /// [`Code::Internal`] for numbers that JSON can not hold; the constructors let none in.
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

    /// The recipe that this receipt is of.
    ///
    /// # Errors
    /// [`Code::InvalidReceipt`] for outputs or angles that make no sense; otherwise as [`Recipe::from_json`].
    pub fn recipe(&self) -> Result<Recipe> {
        let specs = self.outputs.iter().map(OutputFacts::spec).collect();
        let turn = Turn::from_degrees(self.view.rotate).ok_or_else(|| {
            Error::new(Code::InvalidReceipt, "The angle must be a number.").at("view.rotate")
        })?;
        let plain = Recipe::new(self.crop, specs).map_err(as_receipt_error)?;
        let (flip, background, filter, light) = (self.view.flip, self.background, self.filter, self.light);
        Ok(Recipe { turn, flip, background, filter, light, ..plain })
    }
}

/// A recipe inside a receipt is the receipt's fault.
fn as_receipt_error(error: Error) -> Error {
    if error.code() != Code::InvalidRecipe {
        return error;
    }
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
    Error::new(Code::Internal, format!("The receipt can not be written: {error}."))
}
