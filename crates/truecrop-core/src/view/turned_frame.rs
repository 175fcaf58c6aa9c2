//! A frame over a picture, at an angle: how wide and where its crop may be.

use super::{Aspect, Bounds};
use crate::error::{Code, Error, Result};
use crate::geometry::{GRID, Size, Turn};

/// A frame's shape and angle over a picture; lengths in grid steps.
pub(super) struct TurnedFrame {
    pub source: (i64, i64),
    aspect: Aspect,
    pub turn: Turn,
    /// The base width (see the documentation of `view`).
    pub base: i64,
}

/// The smallest and the largest width of a crop, in grid steps.
pub(super) struct WidthRange {
    pub smallest: i64,
    pub largest: i64,
}

impl TurnedFrame {
    pub fn new(source: Size, aspect: Aspect, rotate: f64) -> Result<Self> {
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

    pub fn height(&self, width: i64) -> i64 {
        self.aspect.height_for(width)
    }

    /// Width and height of the bounding box of a turned rectangle.
    pub fn extents(&self, width: i64, height: i64) -> (f64, f64) {
        let (cos, sin) = (self.turn.cos().abs(), self.turn.sin().abs());
        let (w, h) = (width as f64, height as f64);
        (w * cos + h * sin, w * sin + h * cos)
    }

    pub fn widths(&self, bounds: Bounds) -> WidthRange {
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
pub(super) fn clamp_to(value: f64, low: i64, high: i64) -> i64 {
    value.max(low as f64).min(high as f64) as i64
}

/// The left (or top) edge of a crop around a wanted centre (a fraction of the source), within its bounds.
pub(super) fn near_edge(center: f64, side: i64, source: i64, extent: f64, bounds: Bounds) -> i64 {
    let wanted = libm::floor(center * source as f64 - side as f64 / 2.0 + 0.5);
    let (low, high) = near_edge_range(side, source, extent);
    let (low, high) = match bounds {
        Bounds::Contain if low > high => (high, low),
        Bounds::Beside => (GRID - side, source - GRID),
        _ => (low, high.max(low)),
    };
    clamp_to(wanted, low, high)
}
