//! What to make, free of any screen: the crop's edges, turn, flip, and the outputs wanted.

mod output;

pub use output::{Format, OutputSpec, parse_hex_color};

use crate::error::{Code, Error, Result};
use crate::geometry::{Crop, Flip, Size, Turn};
use crate::json;
use crate::limits::Limits;
use crate::view::{self, Bounds, View};
use serde::{Deserialize, Serialize};

/// The version of the recipe's and the receipt's form.
pub const FORM: u32 = 1;

/// What lies where the picture is not, and under transparent pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Background {
    /// Nothing: for outputs that can be transparent.
    Transparent,
    /// A colour, sRGB.
    Color([u8; 3]),
}

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
    /// Area average when shrinking, nearest pixel when enlarging.
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
/// Made by [`Recipe::from_json`] or [`Recipe::new`], so outputs have names that differ, sizes above 0 and a quality
/// where the format has one. Whether the crop fits a source is checked by [`Recipe::view`].
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// The rectangle before turning.
    pub crop: Crop,
    /// Clockwise.
    pub turn: Turn,
    /// Mirrors, before the turn.
    pub flip: Flip,
    /// For what lies outside, and under transparency.
    pub background: Option<Background>,
    /// The resampling filter.
    pub filter: Filter,
    /// The light in which pixels are averaged.
    pub light: Light,
    /// At least one.
    pub outputs: Vec<OutputSpec>,
}

impl Recipe {
    /// The plainest recipe: a crop and its outputs.
    ///
    /// # Errors
    /// [`Code::InvalidRecipe`] for outputs that make no sense.
    pub fn new(crop: Crop, outputs: Vec<OutputSpec>) -> Result<Self> {
        let recipe = Self {
            crop,
            turn: Turn::from_degrees(0.0).ok_or_else(bad_angle)?,
            flip: Flip::None,
            background: None,
            filter: Filter::default(),
            light: Light::default(),
            outputs,
        };
        recipe.check()?;
        Ok(recipe)
    }

    /// Reads a recipe.
    ///
    /// # Errors
    /// [`Code::InvalidRecipe`] for wrong shape or unknown fields, [`Code::UnknownVersion`],
    /// [`Code::TooManyBytes`].
    pub fn from_json(text: &[u8], limits: &Limits) -> Result<Self> {
        if text.len() > limits.json_bytes {
            let error = Error::new(Code::TooManyBytes, "The recipe is too long.");
            return Err(error.at("recipe").figures(limits.json_bytes, text.len()));
        }
        let form: RecipeForm = json::from_slice(text).map_err(|e| {
            Error::new(Code::InvalidRecipe, format!("The recipe can not be read: {e}.")).at("recipe")
        })?;
        form.try_into()
    }

    /// The recipe as JSON.
    pub fn to_json(&self) -> String {
        // A struct of numbers and strings always serialises.
        json::to_string(&RecipeForm::from(self)).unwrap_or_default()
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

    fn check(&self) -> Result<()> {
        if self.outputs.is_empty() {
            return Err(Error::new(Code::InvalidRecipe, "A recipe needs at least one output.").at("outputs"));
        }
        for (i, output) in self.outputs.iter().enumerate() {
            output.check().map_err(|e| {
                let field = format!("outputs[{i}].{}", e.field().unwrap_or_default());
                e.at(field)
            })?;
            if self.outputs[..i].iter().any(|o| o.name == output.name) {
                let error = Error::new(Code::InvalidRecipe, "Two outputs have the same name.");
                return Err(error
                    .at(format!("outputs[{i}].name"))
                    .figures("a name of its own", output.name.as_str()));
            }
            if output.format == Format::Jpeg && self.background == Some(Background::Transparent) {
                let error =
                    Error::new(Code::BackgroundRequired, "JPEG can not be transparent: give a colour.");
                return Err(error.at("background").figures("#rrggbb", "transparent"));
            }
        }
        Ok(())
    }
}

fn bad_angle() -> Error {
    Error::new(Code::InvalidRecipe, "The angle must be a finite number of degrees.").at("rotate")
}

/// The recipe as it stands in JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecipeForm {
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
    outputs: Vec<OutputSpec>,
}

pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl TryFrom<RecipeForm> for Recipe {
    type Error = Error;

    fn try_from(form: RecipeForm) -> Result<Self> {
        if form.truecrop != FORM {
            let detail = "This engine reads recipes of form 1 only: update it, or write that form.";
            return Err(Error::new(Code::UnknownVersion, detail).at("truecrop").figures(FORM, form.truecrop));
        }
        let recipe = Recipe {
            crop: form.crop,
            turn: Turn::from_degrees(form.rotate).ok_or_else(bad_angle)?,
            flip: form.flip,
            background: form.background,
            filter: form.filter,
            light: form.light,
            outputs: form.outputs,
        };
        recipe.check()?;
        Ok(recipe)
    }
}

impl From<&Recipe> for RecipeForm {
    fn from(recipe: &Recipe) -> Self {
        Self {
            truecrop: FORM,
            crop: recipe.crop,
            rotate: recipe.turn.degrees(),
            flip: recipe.flip,
            background: recipe.background,
            filter: recipe.filter,
            light: recipe.light,
            outputs: recipe.outputs.clone(),
        }
    }
}

impl Serialize for Background {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Background::Transparent => serializer.serialize_str("transparent"),
            Background::Color([r, g, b]) => serializer.serialize_str(&format!("#{r:02x}{g:02x}{b:02x}")),
        }
    }
}

impl<'de> Deserialize<'de> for Background {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|e: Error| serde::de::Error::custom(e.detail()))
    }
}

impl std::str::FromStr for Background {
    type Err = Error;

    /// `transparent` or `#rrggbb`.
    fn from_str(text: &str) -> Result<Self> {
        if text == "transparent" {
            return Ok(Background::Transparent);
        }
        parse_hex_color(text).map(Background::Color).ok_or_else(|| {
            let error = Error::new(Code::InvalidRecipe, "A background is written #rrggbb, or transparent.");
            error.at("background").figures("#rrggbb", text)
        })
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
        assert_eq!(recipe.crop.x(), 1.003_906_25);
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
}
