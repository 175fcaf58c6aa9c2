//! Converts the data of other croppers to and from a [`Placement`], so that their users can keep their user interface.
//!
//! | kind | data | its coordinates |
//! | --- | --- | --- |
//! | `cropperjs` | `getData()` of version 1 | pixels of the turned picture's bounding box; `scaleX`, `scaleY` mirror before the turn |
//! | `react-easy-crop` | `{croppedAreaPixels, rotation?, flip?}` | the same, without mirrors of its own |
//! | `react-easy-crop-percent` | `{croppedArea, rotation?, flip?}` | the same, in percent of that box |
//! | `croppie` | `get()`: `{points: [x1, y1, x2, y2]}` | pixels of the picture, not turned |
//!
//! All of them use oriented source pixels, as the browser shows the picture.

mod text_number;

use crate::error::{Code, Error, Result};
use crate::geometry::{Crop, Flip, Size, Turn};
use crate::json::{self, number};
use crate::view::{self, Aspect, Bounds, Center, View};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use text_number::TextNumber;

/// A crop with its turn and flip: the geometric part of a recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// The rectangle before turning.
    pub crop: Crop,
    /// Degrees clockwise.
    #[serde(default)]
    pub rotate: f64,
    /// Mirrors, before the turn.
    #[serde(default)]
    pub flip: Flip,
}

/// A crop may leave the picture by so many pixels, because other croppers round; beyond that it is refused.
const ROUNDING_TOLERANCE: f64 = 1.0;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CropperjsData {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    #[serde(default)]
    rotate: f64,
    #[serde(default = "one")]
    scale_x: f64,
    #[serde(default = "one")]
    scale_y: f64,
}

fn one() -> f64 {
    1.0
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Area {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct EasyCropData {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cropped_area: Option<Area>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cropped_area_pixels: Option<Area>,
    #[serde(default)]
    rotation: f64,
    #[serde(default)]
    flip: Flip,
}

#[derive(Serialize, Deserialize)]
struct CroppieData {
    points: Vec<TextNumber>,
}

/// Reads another cropper's data (see the table above) for a source of this oriented size.
///
/// A crop that leaves the picture by up to one pixel, through rounding, is brought back inside.
///
/// ```
/// use truecrop_core::geometry::Size;
/// use truecrop_core::interop::from_json;
///
/// let data = r#"{"x": 100.5, "y": -0.3, "width": 640, "height": 480, "rotate": 0, "scaleX": -1, "scaleY": 1}"#;
/// let placement = from_json("cropperjs", data, Size::new(4000, 3000))?;
/// assert!(placement.flip.horizontal());
/// assert_eq!(placement.crop.y(), 0.0);
/// # Ok::<(), truecrop_core::Error>(())
/// ```
///
/// # Errors
/// [`Code::InvalidOption`] for an unknown kind or data of the wrong shape, [`Code::CropOutsideSource`] for a crop that
/// leaves the picture by more than that.
pub fn from_json(kind: &str, text: &str, source: Size) -> Result<Placement> {
    match kind {
        "cropperjs" => {
            let data: CropperjsData = parse(kind, text)?;
            let flip = match (data.scale_x < 0.0, data.scale_y < 0.0) {
                (false, false) => Flip::None,
                (true, false) => Flip::Horizontal,
                (false, true) => Flip::Vertical,
                (true, true) => Flip::Both,
            };
            let area = Area { x: data.x, y: data.y, width: data.width, height: data.height };
            from_turned_box(area, data.rotate, flip, source)
        }
        "react-easy-crop" => {
            let data: EasyCropData = parse(kind, text)?;
            let area = data.cropped_area_pixels.ok_or_else(|| missing("croppedAreaPixels"))?;
            from_turned_box(area, data.rotation, data.flip, source)
        }
        "react-easy-crop-percent" => {
            let data: EasyCropData = parse(kind, text)?;
            let part = data.cropped_area.ok_or_else(|| missing("croppedArea"))?;
            let (w, h) = turned_box(source, turn(data.rotation)?);
            let (w, h) = (w / 100.0, h / 100.0);
            let area = Area { x: part.x * w, y: part.y * h, width: part.width * w, height: part.height * h };
            from_turned_box(area, data.rotation, data.flip, source)
        }
        "croppie" => {
            let data: CroppieData = parse(kind, text)?;
            let [TextNumber(x1), TextNumber(y1), TextNumber(x2), TextNumber(y2)] = data.points[..] else {
                return Err(missing("points"));
            };
            from_turned_box(Area { x: x1, y: y1, width: x2 - x1, height: y2 - y1 }, 0.0, Flip::None, source)
        }
        _ => Err(unknown_kind(kind)),
    }
}

/// Writes a placement as another cropper's data.
///
/// # Errors
/// [`Code::InvalidOption`] for an unknown kind, or if that cropper's data cannot express the placement (Croppie's points
/// cannot be turned or mirrored).
pub fn to_json(kind: &str, placement: &Placement, source: Size) -> Result<String> {
    let angle = turn(placement.rotate)?;
    let (box_width, box_height) = turned_box(source, angle);
    let (cx, cy) = placement.crop.center();
    let mirror = |v: f64, mirrored: bool| if mirrored { -v } else { v };
    let from_middle = (
        mirror(cx - f64::from(source.width) / 2.0, placement.flip.horizontal()),
        mirror(cy - f64::from(source.height) / 2.0, placement.flip.vertical()),
    );
    let (dx, dy) = angle.apply(from_middle);
    let (width, height) = (placement.crop.width(), placement.crop.height());
    let (x, y) = (dx + (box_width - width) / 2.0, dy + (box_height - height) / 2.0);
    let text = match kind {
        "cropperjs" => {
            let scale = |mirrored: bool| if mirrored { -1.0 } else { 1.0 };
            let (scale_x, scale_y) = (scale(placement.flip.horizontal()), scale(placement.flip.vertical()));
            json::to_string(&CropperjsData { x, y, width, height, rotate: angle.degrees(), scale_x, scale_y })
        }
        "react-easy-crop" | "react-easy-crop-percent" => {
            let (pw, ph) = (100.0 / box_width, 100.0 / box_height);
            let percent = Area { x: x * pw, y: y * ph, width: width * pw, height: height * ph };
            json::to_string(&EasyCropData {
                cropped_area: Some(percent),
                cropped_area_pixels: Some(Area { x, y, width, height }),
                rotation: angle.degrees(),
                flip: placement.flip,
            })
        }
        "croppie" if angle.degrees() == 0.0 && placement.flip == Flip::None => {
            json::to_string(&CroppieData { points: [x, y, x + width, y + height].map(TextNumber).into() })
        }
        "croppie" => {
            return Err(Error::new(Code::InvalidOption, "Croppie's points cannot express a turn or a flip."));
        }
        _ => return Err(unknown_kind(kind)),
    };
    text.map_err(|e| Error::new(Code::Internal, format!("The data cannot be written: {e}.")))
}

/// A placement from a rectangle in the bounding box of the turned picture.
fn from_turned_box(area: Area, rotate: f64, flip: Flip, source: Size) -> Result<Placement> {
    let turn = turn(rotate)?;
    let (box_width, box_height) = turned_box(source, turn);
    let from_middle =
        (area.x + area.width / 2.0 - box_width / 2.0, area.y + area.height / 2.0 - box_height / 2.0);
    let (mut dx, mut dy) = turn.undo(from_middle);
    if flip.horizontal() {
        dx = -dx;
    }
    if flip.vertical() {
        dy = -dy;
    }
    let (cx, cy) = (f64::from(source.width) / 2.0 + dx, f64::from(source.height) / 2.0 + dy);
    let asked = Crop::from_pixels(cx - area.width / 2.0, cy - area.height / 2.0, area.width, area.height)?;
    let crop = bring_inside(asked, turn, flip, source)?;
    Ok(Placement { crop, rotate: turn.degrees(), flip })
}

/// The nearest crop of the same shape that the view's solver accepts.
fn bring_inside(asked: Crop, turn: Turn, flip: Flip, source: Size) -> Result<Crop> {
    let aspect = Aspect::of_crop(&asked);
    let widest = View { rotate: turn.degrees(), flip, ..View::default() };
    let unit = view::solve(source, aspect, Bounds::Cover, &View { zoom: 1e-9, ..widest.clone() })?;
    let base = unit.view.zoom * unit.crop.width();
    let (cx, cy) = asked.center();
    let center = Center { x: cx / f64::from(source.width), y: cy / f64::from(source.height) };
    let crop =
        view::solve(source, aspect, Bounds::Cover, &View { zoom: base / asked.width(), center, ..widest })?
            .crop;
    let moved = [
        crop.x() - asked.x(),
        crop.y() - asked.y(),
        crop.x() + crop.width() - asked.x() - asked.width(),
        crop.y() + crop.height() - asked.y() - asked.height(),
    ];
    if moved.iter().any(|m| m.abs() > ROUNDING_TOLERANCE) {
        let got = [asked.x(), asked.y(), asked.width(), asked.height()].map(number::to_string).join(",");
        let room = format!("inside 0,0,{},{}", source.width, source.height);
        let error = Error::new(
            Code::CropOutsideSource,
            "The crop leaves the picture: keep it inside the picture in that cropper.",
        );
        return Err(error.at("crop").figures(room, got));
    }
    Ok(crop)
}

/// Width and height of the bounding box of the turned picture.
fn turned_box(source: Size, turn: Turn) -> (f64, f64) {
    let (w, h) = (f64::from(source.width), f64::from(source.height));
    let (cos, sin) = (turn.cos().abs(), turn.sin().abs());
    (w * cos + h * sin, w * sin + h * cos)
}

fn turn(degrees: f64) -> Result<Turn> {
    Turn::from_degrees(degrees)
        .ok_or_else(|| Error::new(Code::InvalidOption, "The angle must be a number.").at("rotate"))
}

fn parse<T: DeserializeOwned>(kind: &str, text: &str) -> Result<T> {
    json::from_slice(text.as_bytes())
        .map_err(|e| Error::new(Code::InvalidOption, format!("This is not {kind} data: {e}.")).at("data"))
}

fn missing(field: &str) -> Error {
    Error::new(Code::InvalidOption, format!("The data has no {field}.")).at(field)
}

fn unknown_kind(kind: &str) -> Error {
    let error = Error::new(Code::InvalidOption, "Unknown kind of cropper data.").at("kind");
    error.figures("cropperjs, react-easy-crop, react-easy-crop-percent or croppie", kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: Size = Size::new(4000, 3000);

    /// The table is also that of the adapters in TypeScript (`www/adapters/adapters.test.ts`).
    #[test]
    fn what_other_croppers_emit_is_understood() {
        let table = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/interop.json");
        let cases: Vec<serde_json::Value> = serde_json::from_slice(&std::fs::read(table).unwrap()).unwrap();
        assert!(cases.len() >= 25, "{}", cases.len());
        for case in cases {
            let (name, kind) = (case["name"].as_str().unwrap(), case["kind"].as_str().unwrap());
            let side = |name: &str| u32::try_from(case["source"][name].as_u64().unwrap()).unwrap();
            let source = Size::new(side("width"), side("height"));
            let told = from_json(kind, &case["data"].to_string(), source);
            if let Some(code) = case["refused"].as_str() {
                assert_eq!(told.unwrap_err().code().as_str(), code, "{kind}, {name}");
                continue;
            }
            let got = told.unwrap();
            let want: Placement = serde_json::from_value(case["want"].clone()).unwrap();
            assert_eq!(got, want, "{kind}, {name}");
            let back = to_json(kind, &got, source).unwrap();
            assert_eq!(from_json(kind, &back, source).unwrap(), got, "{kind}, {name}, back again: {back}");
        }
    }

    #[test]
    fn rounding_is_brought_inside_and_more_is_refused() {
        let rounded = r#"{"x":0,"y":-0.4,"width":4000.3,"height":3000.2}"#;
        assert!(from_json("cropperjs", rounded, SOURCE).unwrap().crop.inside(SOURCE));
        for (json, code) in [
            (r#"{"x":-50,"y":0,"width":300,"height":300}"#, Code::CropOutsideSource),
            (r#"{"x":0,"y":0,"width":0,"height":300}"#, Code::InvalidRecipe),
            (r#"{"x":0}"#, Code::InvalidOption),
        ] {
            assert_eq!(from_json("cropperjs", json, SOURCE).unwrap_err().code(), code, "{json}");
        }
        assert_eq!(from_json("jcrop", "{}", SOURCE).unwrap_err().code(), Code::InvalidOption);
    }
}
