//! What to make, free of any screen: the crop's edges, turn, flip, and the outputs wanted.

mod background;
mod document;
mod output;

pub use background::{Background, parse_hex_color};
pub use document::VERSION;
pub(crate) use document::{at_output, is_default};
pub use output::{DEFAULT_QUALITY, Format, OutputSpec};
#[cfg(feature = "formats")]
pub use output::{Hdr, Mask};
#[cfg(feature = "formats")]
pub(crate) use output::{MOST_MASKED_SIDE, OUTPUT_NAME, is_output_name};

use crate::error::{Code, Error, Result};
use crate::geometry::{Crop, Flip, Size, Turn};
use crate::json;
use crate::limits::Limits;
use crate::view::{self, Bounds, View};
use document::RecipeDocument;
use serde::{Deserialize, Serialize};

/// The resampling filter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Filter {
    /// Sharpest; three lobes.
    #[default]
    Lanczos3,
    /// Cubic, a little softer.
    CatmullRom,
    /// Linear.
    Triangle,
    /// The mean of the area under each output pixel, when shrinking and when enlarging: enlarged pixels are squares, and an
    /// output pixel across an edge between two of them is a mix of both.
    Box,
}

/// The light in which pixels are averaged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Light {
    /// On sRGB-coded values, as browsers and most tools do.
    #[default]
    Srgb,
    /// On linear light: right for fine bright detail on dark, a little slower.
    Linear,
}

/// What to make of a source.
///
/// # Guarantees
/// There is at least one output, their names differ, and no JPEG is to be transparent. Whether the crop fits a source is
/// checked by [`Recipe::view`].
///
/// ```
/// use truecrop_core::Limits;
/// use truecrop_core::geometry::{Crop, Flip, Size, Turn};
/// use truecrop_core::recipe::{Format, OutputSpec, Recipe};
///
/// let thumb = OutputSpec::new("thumb", Size::new(64, 64), Format::Png)?;
/// let main = OutputSpec::new("main", Size::new(512, 512), Format::Jpeg)?.with_max_bytes(40_000)?;
/// let recipe = Recipe::new(Crop::from_pixels(10.0, 20.5, 300.0, 300.0)?, vec![main, thumb])?
///     .with_flip(Flip::Horizontal)
///     .with_background(Some("#ffffff".parse()?))?;
/// assert_eq!(Recipe::from_json(recipe.to_json().as_bytes(), &Limits::default())?, recipe);
/// # Ok::<(), truecrop_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    crop: Crop,
    turn: Turn,
    flip: Flip,
    background: Option<Background>,
    filter: Filter,
    light: Light,
    outputs: Vec<OutputSpec>,
}

impl Recipe {
    /// The plainest recipe: a crop and its outputs.
    ///
    /// # Errors
    /// [`Code::InvalidRecipe`] for no outputs, or two of the same name.
    pub fn new(crop: Crop, outputs: Vec<OutputSpec>) -> Result<Self> {
        if outputs.is_empty() {
            return Err(Error::new(Code::InvalidRecipe, "A recipe needs at least one output.").at("outputs"));
        }
        for (i, output) in outputs.iter().enumerate() {
            if outputs[..i].iter().any(|o| o.name() == output.name()) {
                let error = Error::new(Code::InvalidRecipe, "Two outputs have the same name.");
                let field = format!("outputs[{i}].name");
                return Err(error.at(field).figures("a name of its own", output.name()));
            }
        }
        Ok(Self {
            crop,
            turn: Turn::NONE,
            flip: Flip::None,
            background: None,
            filter: Filter::default(),
            light: Light::default(),
            outputs,
        })
    }

    /// With the picture turned, clockwise.
    #[must_use]
    pub fn with_turn(self, turn: Turn) -> Self {
        Self { turn, ..self }
    }

    /// With the picture mirrored, before the turn.
    #[must_use]
    pub fn with_flip(self, flip: Flip) -> Self {
        Self { flip, ..self }
    }

    /// With another resampling filter.
    #[must_use]
    pub fn with_filter(self, filter: Filter) -> Self {
        Self { filter, ..self }
    }

    /// With pixels averaged in another light.
    #[must_use]
    pub fn with_light(self, light: Light) -> Self {
        Self { light, ..self }
    }

    /// With something to show where the picture does not, and under transparent pixels.
    ///
    /// # Errors
    /// [`Code::BackgroundRequired`] for a transparent background of a JPEG.
    pub fn with_background(self, background: Option<Background>) -> Result<Self> {
        let jpeg = self.outputs.iter().any(|output| output.format() == Format::Jpeg);
        if jpeg && background == Some(Background::Transparent) {
            let error = Error::new(Code::BackgroundRequired, "JPEG cannot be transparent: give a colour.");
            return Err(error.at("background").figures("#rrggbb", "transparent"));
        }
        Ok(Self { background, ..self })
    }

    /// Reads a recipe.
    ///
    /// # Errors
    /// [`Code::InvalidRecipe`] for wrong shape or unknown fields, [`Code::UnknownVersion`],
    /// [`Code::TooManyBytes`]; otherwise as the builders.
    pub fn from_json(text: &[u8], limits: &Limits) -> Result<Self> {
        limits.check_json_bytes("recipe", text.len())?;
        let document: RecipeDocument = json::from_slice(text).map_err(|e| {
            Error::new(Code::InvalidRecipe, format!("The recipe cannot be read: {e}.")).at("recipe")
        })?;
        document.try_into()
    }

    /// The recipe as JSON.
    pub fn to_json(&self) -> String {
        // A struct of numbers and strings always serialises.
        json::to_string(&RecipeDocument::from(self)).unwrap_or_default()
    }

    /// The rectangle before turning.
    pub fn crop(&self) -> &Crop {
        &self.crop
    }

    /// How far the picture is turned, clockwise.
    pub fn turn(&self) -> Turn {
        self.turn
    }

    /// How the picture is mirrored, before the turn.
    pub fn flip(&self) -> Flip {
        self.flip
    }

    /// What shows where the picture does not, and under transparent pixels.
    pub fn background(&self) -> Option<Background> {
        self.background
    }

    /// The resampling filter.
    pub fn filter(&self) -> Filter {
        self.filter
    }

    /// The light in which pixels are averaged.
    pub fn light(&self) -> Light {
        self.light
    }

    /// The outputs: at least one.
    pub fn outputs(&self) -> &[OutputSpec] {
        &self.outputs
    }

    /// How far the crop may go: with a background the picture may be smaller than the frame.
    pub fn bounds(&self) -> Bounds {
        if self.background.is_some() { Bounds::Contain } else { Bounds::Cover }
    }

    /// The view that this recipe shows of a source of this oriented size.
    ///
    /// # Errors
    /// [`Code::CropOutsideSource`] or [`Code::InvalidRecipe`] when the crop does not fit the source.
    pub fn view(&self, source: Size) -> Result<View> {
        view::view_of_crop(source, self.outputs[0].size(), self.bounds(), &self.crop, self.turn, self.flip)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Recipe> {
        Recipe::from_json(json.as_bytes(), &Limits::default())
    }

    const CROP: &str = r#""crop":{"x":1,"y":2,"width":3,"height":4}"#;
    const MAIN: &str = r#"{"name":"main","width":5,"height":6,"format":"jpeg","quality":85}"#;

    #[test]
    fn a_recipe_reads_and_writes_without_loss() {
        let json = format!(
            r##"{{"truecrop":1,{CROP},"rotate":12.3,"flip":"both","background":"#0a0b0c","filter":"box","light":"linear","outputs":[{MAIN}]}}"##
        )
        .replace("\"x\":1", "\"x\":1.00390625");
        let recipe = read(&json).unwrap();
        assert_eq!(recipe.crop().x(), 1.003_906_25);
        assert_eq!(read(&recipe.to_json()).unwrap(), recipe);
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_name() {
        let outputs = |o: &str| format!(r#"{{"truecrop":1,{CROP},"outputs":[{o}]}}"#);
        let cases = [
            ("not JSON", "{".to_string(), Code::InvalidRecipe, "recipe"),
            (
                "unknown field",
                format!(r#"{{"truecrop":1,{CROP},"outputs":[{MAIN}],"dpr":2}}"#),
                Code::InvalidRecipe,
                "recipe",
            ),
            (
                "unknown version",
                format!(r#"{{"truecrop":2,{CROP},"outputs":[{MAIN}]}}"#),
                Code::UnknownVersion,
                "truecrop",
            ),
            ("no outputs", outputs(""), Code::InvalidRecipe, "outputs"),
            ("same names", outputs(&format!("{MAIN},{MAIN}")), Code::InvalidRecipe, "outputs[1].name"),
            ("zero width", outputs(&MAIN.replace("5,", "0,")), Code::InvalidRecipe, "outputs[0].width"),
            ("quality 0", outputs(&MAIN.replace("85", "0")), Code::InvalidRecipe, "outputs[0].quality"),
            (
                "quality of a PNG",
                outputs(&MAIN.replace("jpeg", "png")),
                Code::InvalidRecipe,
                "outputs[0].quality",
            ),
            (
                "no bytes",
                outputs(&MAIN.replace("85", "85,\"maxBytes\":0")),
                Code::InvalidRecipe,
                "outputs[0].maxBytes",
            ),
            (
                "half a byte",
                outputs(&MAIN.replace("85", "85,\"maxBytes\":1.5")),
                Code::InvalidRecipe,
                "recipe",
            ),
            (
                "name with a path",
                outputs(&MAIN.replace("main", "../x")),
                Code::InvalidRecipe,
                "outputs[0].name",
            ),
            (
                "reserved name",
                outputs(&MAIN.replace("main", "receipt")),
                Code::InvalidRecipe,
                "outputs[0].name",
            ),
            (
                "bad colour",
                format!(r#"{{"truecrop":1,{CROP},"background":"red","outputs":[{MAIN}]}}"#),
                Code::InvalidRecipe,
                "recipe",
            ),
            (
                "transparent JPEG",
                format!(r#"{{"truecrop":1,{CROP},"background":"transparent","outputs":[{MAIN}]}}"#),
                Code::BackgroundRequired,
                "background",
            ),
        ];
        for (name, json, code, field) in cases {
            let error = read(&json).unwrap_err();
            assert_eq!((error.code(), error.field()), (code, Some(field)), "{name}: {error}");
        }
    }

    #[test]
    fn builders_refuse_what_the_reader_refuses() {
        let size = Size::new(4, 3);
        let crop = Crop::from_pixels(0.0, 0.0, 4.0, 3.0).unwrap();
        let output = |format| OutputSpec::new("main", size, format);
        let plain = || Recipe::new(crop, vec![output(Format::Jpeg).unwrap()]).unwrap();
        let refusals = [
            (OutputSpec::new("source", size, Format::Png).map(drop), "name"),
            (OutputSpec::new("a", Size::new(0, 3), Format::Png).map(drop), "width"),
            (OutputSpec::new("a", Size::new(4, 0), Format::Png).map(drop), "height"),
            (output(Format::Png).unwrap().with_quality(85).map(drop), "quality"),
            (output(Format::Jpeg).unwrap().with_quality(101).map(drop), "quality"),
            (output(Format::Webp).unwrap().with_quality(0).map(drop), "quality"),
            (output(Format::Jpeg).unwrap().with_max_bytes(0).map(drop), "maxBytes"),
            (Recipe::new(crop, vec![]).map(drop), "outputs"),
            (
                Recipe::new(crop, vec![output(Format::Png).unwrap(), output(Format::Jpeg).unwrap()])
                    .map(drop),
                "outputs[1].name",
            ),
            (plain().with_background(Some(Background::Transparent)).map(drop), "background"),
        ];
        for (refusal, field) in refusals {
            assert_eq!(refusal.unwrap_err().field(), Some(field));
        }
    }
}
