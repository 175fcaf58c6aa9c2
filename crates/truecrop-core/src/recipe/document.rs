//! The recipe as it stands in JSON.

use super::{Background, Filter, Format, Light, OutputSpec, Recipe};
#[cfg(feature = "formats")]
use super::{Hdr, Mask};
#[cfg(not(feature = "formats"))]
use crate::error::module_needed;
use crate::error::{Code, Error, Result};
use crate::geometry::{Crop, Flip, Size, Turn};
use serde::{Deserialize, Serialize};

/// The version of the recipe's and the receipt's JSON.
pub const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecipeDocument {
    truecrop: u32,
    crop: Crop,
    #[serde(default)]
    rotate: f64,
    #[serde(default)]
    flip: Flip,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    background: Option<Background>,
    #[serde(default, skip_serializing_if = "is_default")]
    filter: Filter,
    #[serde(default, skip_serializing_if = "is_default")]
    light: Light,
    outputs: Vec<OutputDocument>,
}

#[cfg(feature = "formats")]
type HdrMember = Hdr;
#[cfg(feature = "formats")]
type MaskMember = Mask;
/// The small module knows neither gain maps nor masks: it does not look into what is asked of them.
#[cfg(not(feature = "formats"))]
type HdrMember = String;
#[cfg(not(feature = "formats"))]
type MaskMember = String;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OutputDocument {
    name: String,
    width: u32,
    height: u32,
    format: Format,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quality: Option<u8>,
    #[serde(default, rename = "maxBytes", skip_serializing_if = "Option::is_none")]
    max_bytes: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hdr: Option<HdrMember>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mask: Option<MaskMember>,
}

pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl TryFrom<RecipeDocument> for Recipe {
    type Error = Error;

    fn try_from(document: RecipeDocument) -> Result<Self> {
        if document.truecrop != VERSION {
            let detail = "This engine reads version 1 of recipes only: update it, or write that version.";
            let error = Error::new(Code::UnknownVersion, detail).at("truecrop");
            return Err(error.figures(VERSION, document.truecrop));
        }
        let turn = Turn::from_degrees(document.rotate).ok_or_else(invalid_angle)?;
        let outputs = document.outputs.into_iter().enumerate();
        let outputs = outputs.map(|(i, output)| OutputSpec::try_from(output).map_err(|e| at_output(i, e)));
        Recipe::new(document.crop, outputs.collect::<Result<_>>()?)?
            .with_turn(turn)
            .with_flip(document.flip)
            .with_filter(document.filter)
            .with_light(document.light)
            .with_background(document.background)
    }
}

fn invalid_angle() -> Error {
    Error::new(Code::InvalidRecipe, "The angle must be a finite number of degrees.").at("rotate")
}

impl TryFrom<OutputDocument> for OutputSpec {
    type Error = Error;

    fn try_from(document: OutputDocument) -> Result<Self> {
        let size = Size::new(document.width, document.height);
        let output = OutputSpec::from_parts(
            &document.name,
            size,
            document.format,
            document.quality,
            document.max_bytes,
        )?;
        with_extras(output, document.hdr, document.mask)
    }
}

#[cfg(feature = "formats")]
fn with_extras(output: OutputSpec, hdr: Option<HdrMember>, mask: Option<MaskMember>) -> Result<OutputSpec> {
    output.with_hdr(hdr)?.with_mask(mask)
}

#[cfg(not(feature = "formats"))]
fn with_extras(output: OutputSpec, hdr: Option<HdrMember>, mask: Option<MaskMember>) -> Result<OutputSpec> {
    if hdr.is_some() || mask.is_some() { Err(module_needed("hdr or mask")) } else { Ok(output) }
}

/// The error of an output, with the output's number in its field.
pub(crate) fn at_output(i: usize, error: Error) -> Error {
    let field = format!("outputs[{i}].{}", error.field().unwrap_or_default());
    error.at(field)
}

impl From<&Recipe> for RecipeDocument {
    fn from(recipe: &Recipe) -> Self {
        Self {
            truecrop: VERSION,
            crop: recipe.crop,
            rotate: recipe.turn.degrees(),
            flip: recipe.flip,
            background: recipe.background,
            filter: recipe.filter,
            light: recipe.light,
            outputs: recipe.outputs.iter().map(OutputDocument::from).collect(),
        }
    }
}

impl From<&OutputSpec> for OutputDocument {
    fn from(output: &OutputSpec) -> Self {
        Self {
            name: output.name().to_owned(),
            width: output.size().width,
            height: output.size().height,
            format: output.format(),
            quality: output.quality(),
            max_bytes: output.max_bytes(),
            #[cfg(feature = "formats")]
            hdr: output.hdr(),
            #[cfg(not(feature = "formats"))]
            hdr: None,
            #[cfg(feature = "formats")]
            mask: output.mask(),
            #[cfg(not(feature = "formats"))]
            mask: None,
        }
    }
}
