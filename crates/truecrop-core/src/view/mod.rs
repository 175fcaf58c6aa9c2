//! Solves a view: from what a person did (a [`View`]: zoom, centre, angle, flip) to what is cut (a [`Crop`]), and back.
//! This is the only place of that computation; `www/element/geometry.ts` mirrors it.
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

use crate::error::{Code, Error, Result};
use crate::geometry::{Crop, Flip, GRID, Size, Turn};
use crate::json::number;
use serde::{Deserialize, Serialize};

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

/// A frame's shape and angle over a picture; lengths in grid steps.
struct TurnedFrame {
    source: (i64, i64),
    aspect: Aspect,
    turn: Turn,
    /// The base width (see the module's documentation).
    base: i64,
}

/// The smallest and the largest width of a crop, in grid steps.
struct WidthRange {
    smallest: i64,
    largest: i64,
}

impl TurnedFrame {
    fn new(source: Size, aspect: Aspect, rotate: f64) -> Result<Self> {
        let turn = Turn::from_degrees(rotate).ok_or_else(|| {
            Error::new(Code::InvalidView, "The angle must be a number of degrees.").at("view.rotate")
        })?;
        if source.width == 0 || source.height == 0 {
            return Err(Error::new(Code::InvalidView, "The source has no pixels.").at("source"));
        }
        let (w, h) = (i64::from(source.width) * GRID, i64::from(source.height) * GRID);
        let base = w.min(h * aspect.width / aspect.height).max(1);
        Ok(Self { source: (w, h), aspect, turn, base })
    }

    fn height(&self, width: i64) -> i64 {
        self.aspect.height_for(width)
    }

    /// Width and height of the bounding box of a turned rectangle.
    fn extents(&self, width: i64, height: i64) -> (f64, f64) {
        let (cos, sin) = (self.turn.cos().abs(), self.turn.sin().abs());
        let (w, h) = (width as f64, height as f64);
        (w * cos + h * sin, w * sin + h * cos)
    }

    fn widths(&self, bounds: Bounds) -> WidthRange {
        let one_pixel = GRID.max((GRID * self.aspect.width + self.aspect.height - 1) / self.aspect.height);
        let largest = match bounds {
            Bounds::Cover => self.largest_covered(),
            Bounds::Contain => self.smallest_containing().max(self.largest_covered()),
            Bounds::Beside => 4 * self.smallest_containing().max(self.largest_covered()),
        };
        WidthRange { smallest: one_pixel.min(largest), largest }
    }

    /// The width of the widest crop whose turned corners can lie inside the picture.
    fn largest_covered(&self) -> i64 {
        let ratio = self.aspect.height as f64 / self.aspect.width as f64;
        let (across, down) = self.extents_per_width(ratio);
        let real = (self.source.0 as f64 / across).min(self.source.1 as f64 / down);
        let mut width = (libm::floor(real) as i64 + 1).max(1);
        while width > 1 && !self.fits(width) {
            width -= 1;
        }
        width
    }

    /// The same for a rectangle of width 1 and height `ratio`.
    fn extents_per_width(&self, ratio: f64) -> (f64, f64) {
        let (cos, sin) = (self.turn.cos().abs(), self.turn.sin().abs());
        (cos + sin * ratio, sin + cos * ratio)
    }

    /// Whether a crop of this width, when turned, can lie inside the picture.
    fn fits(&self, width: i64) -> bool {
        let height = self.height(width);
        let (extent_x, extent_y) = self.extents(width, height);
        let (x0, x1) = near_edge_range(width, self.source.0, extent_x);
        let (y0, y1) = near_edge_range(height, self.source.1, extent_y);
        x0 <= x1 && y0 <= y1
    }

    /// The width of the narrowest crop that holds the whole turned picture.
    fn smallest_containing(&self) -> i64 {
        let (across, down) = self.extents(self.source.0, self.source.1);
        let width = across.max(down * self.aspect.width as f64 / self.aspect.height as f64);
        libm::ceil(width) as i64
    }
}

/// The smallest and the largest position of a crop's left (or top) edge for which its turned corners stay inside
/// 0..=source. `side`: the crop's width (or height); `extent`: that of its bounding box.
fn near_edge_range(side: i64, source: i64, extent: f64) -> (i64, i64) {
    let (side, source) = (side as f64, source as f64);
    (libm::ceil((extent - side) / 2.0) as i64, libm::floor((2.0 * source - extent - side) / 2.0) as i64)
}

/// A number within bounds; where `low` is above `high`, `high` is the answer. Not `f64::clamp`, which panics there: a panic
/// would add the code that prints numbers to the small module.
fn clamp_to(value: f64, low: i64, high: i64) -> i64 {
    value.max(low as f64).min(high as f64) as i64
}

/// The left (or top) edge of a crop around a wanted centre (a fraction of the source), within its bounds.
fn near_edge(center: f64, side: i64, source: i64, extent: f64, bounds: Bounds) -> i64 {
    let wanted = libm::floor(center * source as f64 - side as f64 / 2.0 + 0.5);
    let (low, high) = near_edge_range(side, source, extent);
    let (low, high) = match bounds {
        Bounds::Contain if low > high => (high, low),
        Bounds::Beside => (GRID - side, source - GRID),
        _ => (low, high.max(low)),
    };
    clamp_to(wanted, low, high)
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
