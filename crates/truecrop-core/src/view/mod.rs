//! Solves a view: from what a person did (a [`View`]: zoom, centre, angle, flip) to what is cut (a [`Crop`]), and back.
//! This is the only place of that computation; `www/element/editing/geometry.ts` mirrors it.
//!
//! The picture is flipped first, then turned clockwise, then framed. With the crop's centre c and frame coordinates
//! (u, v) from the frame's centre in source pixels, output (u, v) shows the source at `c + F R(-rotate)(u, v)`.
//! The crop is the frame's rectangle before turning. All sizes below are in grid steps (1/256 source pixel):
//!
//! - the **base width** is that of the widest crop of the frame's shape in the picture before turning:
//!   `min(W, floor(H * aw / ah))`;
//! - `zoom = base width / crop width`, so that turning does not rescale what the person sees;
//! - a width w has the height `round(w * ah / aw)`, halves up;
//! - **cover**: the turned crop's corners stay inside the picture. The smallest zoom follows from the angle;
//! - **contain** (with a background): the zoom may go down until the whole turned picture is inside the frame, and on
//!   each axis either the frame is inside the picture or the picture is inside the frame;
//! - the largest zoom is that of the smallest crop of at least 1 x 1 source pixel.
//!
//! # Guarantees
//! [`solve`] is idempotent: solving a solved view gives the same view and the same crop, bit for bit.

mod turned_frame;

use crate::error::{Code, Error, Result};
use crate::geometry::{Crop, Flip, Size, Turn};
use crate::json::number;
use serde::{Deserialize, Serialize};
use turned_frame::{TurnedFrame, clamp_to, near_edge};

/// What the person did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct View {
    /// At 1 the picture, before any turn, just covers the frame.
    pub zoom: f64,
    /// The frame's centre, as a fraction of the oriented source.
    pub center: Center,
    /// Degrees clockwise.
    #[serde(default)]
    pub rotate: f64,
    /// Mirrors, applied before the turn.
    #[serde(default)]
    pub flip: Flip,
}

/// A point as fractions of the oriented source's width and height.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Center {
    /// 0 = left edge, 1 = right edge.
    pub x: f64,
    /// 0 = top edge, 1 = bottom edge.
    pub y: f64,
}

impl Default for View {
    fn default() -> Self {
        Self { zoom: 1.0, center: Center { x: 0.5, y: 0.5 }, rotate: 0.0, flip: Flip::None }
    }
}

/// The frame's shape, as two whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aspect {
    width: i64,
    height: i64,
}

impl Aspect {
    /// The shape `width:height`.
    ///
    /// # Errors
    /// [`Code::InvalidView`] when a side is zero.
    pub fn new(width: u32, height: u32) -> Result<Self> {
        if width == 0 || height == 0 {
            let error = Error::new(Code::InvalidView, "The frame's shape needs two whole numbers above 0.");
            return Err(error.at("aspect").figures("1:1", format!("{width}:{height}")));
        }
        Ok(Self { width: width.into(), height: height.into() })
    }

    /// The shape of an output.
    ///
    /// # Errors
    /// [`Code::InvalidView`] when a side is zero.
    pub fn of_size(size: Size) -> Result<Self> {
        Self::new(size.width, size.height)
    }

    /// The shape of a crop itself, exactly.
    pub fn of_crop(crop: &Crop) -> Self {
        Self { width: crop.right() - crop.left(), height: crop.bottom() - crop.top() }
    }

    /// The height of a frame of this shape and width, in the same unit; at least 1.
    fn height_for(self, width: i64) -> i64 {
        ((2 * width * self.height + self.width) / (2 * self.width)).max(1)
    }
}

/// Where the frame may lie relative to the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bounds {
    /// The picture always fills the frame.
    Cover,
    /// The picture may be smaller than the frame. The rest shows the background.
    Contain,
    /// The frame may also lie partly beside the picture, as long as a part of the picture is seen. A person cannot move the
    /// frame there, but an explicit crop with a background may lie there.
    Beside,
}

impl Bounds {
    /// The bounds that explicit crops are tried with, under these bounds.
    fn for_crops(self) -> &'static [Bounds] {
        match self {
            Bounds::Cover => &[Bounds::Cover],
            Bounds::Contain | Bounds::Beside => &[Bounds::Contain, Bounds::Beside],
        }
    }
}

/// The zoom that a source, a frame and an angle allow.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ZoomRange {
    /// Smallest.
    pub least: f64,
    /// Largest: a crop of at least 1 x 1 source pixel.
    pub greatest: f64,
}

/// A view within its bounds, and its crop.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Solved {
    /// The effective view.
    pub view: View,
    /// What is cut.
    pub crop: Crop,
    /// The zooms that are allowed at this angle.
    pub zoom: ZoomRange,
}

/// Brings a wanted view within its bounds, and computes its crop.
///
/// ```
/// use truecrop_core::geometry::Size;
/// use truecrop_core::view::{Aspect, Bounds, Center, View, solve};
///
/// // Zoomed to twice the least, and dragged to the lower right corner as far as it goes.
/// let wanted = View { zoom: 2.0, center: Center { x: 1.0, y: 1.0 }, ..View::default() };
/// let solved = solve(Size::new(4000, 3000), Aspect::new(1, 1)?, Bounds::Cover, &wanted)?;
/// assert_eq!((solved.crop.x(), solved.crop.y()), (2500.0, 1500.0));
/// assert_eq!((solved.crop.width(), solved.crop.height()), (1500.0, 1500.0));
/// # Ok::<(), truecrop_core::Error>(())
/// ```
///
/// # Errors
/// [`Code::InvalidView`] (the caller) for numbers that are not finite, a zoom of 0 or less, or an empty source.
pub fn solve(source: Size, aspect: Aspect, bounds: Bounds, wanted: &View) -> Result<Solved> {
    let frame = TurnedFrame::new(source, aspect, wanted.rotate)?;
    check_numbers(wanted)?;
    let widths = frame.widths(bounds);
    let asked = libm::floor(frame.base as f64 / wanted.zoom + 0.5);
    let width = clamp_to(asked, widths.smallest, widths.largest);
    let height = frame.height(width);
    let (extent_x, extent_y) = frame.extents(width, height);
    let left = near_edge(wanted.center.x, width, frame.source.0, extent_x, bounds);
    let top = near_edge(wanted.center.y, height, frame.source.1, extent_y, bounds);
    let crop = Crop::from_edges(left, top, left + width, top + height).ok_or_else(too_far)?;
    let zoom = |width: i64| frame.base as f64 / width as f64;
    Ok(Solved {
        view: View {
            zoom: zoom(width),
            center: Center {
                x: (left * 2 + width) as f64 / (frame.source.0 * 2) as f64,
                y: (top * 2 + height) as f64 / (frame.source.1 * 2) as f64,
            },
            rotate: frame.turn.degrees(),
            flip: wanted.flip,
        },
        crop,
        zoom: ZoomRange { least: zoom(widths.largest), greatest: zoom(widths.smallest) },
    })
}

/// The view of a crop: the one for which [`solve`] gives exactly this crop.
///
/// The frame's shape is that of `output`, the first output's size, if the crop has that shape. Otherwise it is the crop's
/// own shape, and the picture is stretched on purpose.
///
/// # Errors
/// [`Code::CropOutsideSource`] when the turned crop leaves the bounds, [`Code::InvalidRecipe`] when it is smaller than
/// one source pixel.
pub fn view_of_crop(
    source: Size,
    output: Size,
    bounds: Bounds,
    crop: &Crop,
    turn: Turn,
    flip: Flip,
) -> Result<View> {
    for (aspect, bounds) in frames(output, bounds, crop)? {
        let frame = TurnedFrame::new(source, aspect, turn.degrees())?;
        let (x, y) = crop.center();
        let view = View {
            zoom: frame.base as f64 / (crop.right() - crop.left()) as f64,
            center: Center { x: x / f64::from(source.width), y: y / f64::from(source.height) },
            rotate: turn.degrees(),
            flip,
        };
        let solved = solve(source, aspect, bounds, &view)?;
        if solved.crop == *crop {
            return Ok(solved.view);
        }
    }
    Err(refuse(source, bounds, crop))
}

/// The shapes and bounds that a crop is tried with: its output's shape first, then its own; the tightest bounds first.
fn frames(output: Size, bounds: Bounds, crop: &Crop) -> Result<impl Iterator<Item = (Aspect, Bounds)>> {
    let aspects = [Aspect::of_size(output)?, Aspect::of_crop(crop)];
    Ok(aspects
        .into_iter()
        .flat_map(move |aspect| bounds.for_crops().iter().map(move |bounds| (aspect, *bounds))))
}

/// Whether `view` is the view of `crop` for an output of this size (see [`view_of_crop`] for the frame's shape).
///
/// # Errors
/// As [`solve`].
pub fn agrees(source: Size, output: Size, bounds: Bounds, view: &View, crop: &Crop) -> Result<bool> {
    for (aspect, bounds) in frames(output, bounds, crop)? {
        let solved = solve(source, aspect, bounds, view)?;
        if solved.crop == *crop && solved.view == *view {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the crop has the output's shape, as near as the grid allows.
///
/// # Errors
/// [`Code::InvalidView`] when the output is empty.
pub fn same_shape(crop: &Crop, output: Size) -> Result<bool> {
    let own = Aspect::of_crop(crop);
    let by_width = Aspect::of_size(output)?.height_for(own.width);
    Ok((by_width - own.height).abs() <= 1)
}

fn check_numbers(view: &View) -> Result<()> {
    let checks = [
        ("view.zoom", view.zoom, view.zoom.is_finite() && view.zoom > 0.0),
        ("view.center.x", view.center.x, view.center.x.is_finite()),
        ("view.center.y", view.center.y, view.center.y.is_finite()),
    ];
    for (field, value, fine) in checks {
        if !fine {
            let detail = "A view needs finite numbers and a zoom above 0.";
            return Err(Error::new(Code::InvalidView, detail)
                .at(field)
                .figures("a finite number", number::to_string(value)));
        }
    }
    Ok(())
}

fn too_far() -> Error {
    Error::new(Code::InvalidView, "The view lies too far outside the picture.").at("view")
}

fn refuse(source: Size, bounds: Bounds, crop: &Crop) -> Error {
    let got = [crop.x(), crop.y(), crop.width(), crop.height()].map(number::to_string).join(",");
    if crop.width() < 1.0 || crop.height() < 1.0 {
        let detail = "The crop is smaller than one source pixel: the closest zoom shows 1 x 1 pixel.";
        return Error::new(Code::InvalidRecipe, detail).at("crop").figures("at least 1 x 1", got);
    }
    let room = format!("inside 0,0,{},{}", source.width, source.height);
    let detail = match bounds {
        Bounds::Cover => {
            "The crop, turned, leaves the picture: move it inside, or give a background for what lies outside."
        }
        Bounds::Contain | Bounds::Beside => {
            "The crop shows nothing of the picture, or is much larger than needed to show all of it: move it closer."
        }
    };
    Error::new(Code::CropOutsideSource, detail).at("crop").figures(room, got)
}

#[cfg(test)]
mod tests;
