//! The crop rectangle: edges on a grid of 1/256 pixel, its JSON form, and rounding to the grid.

use super::Size;
use crate::error::{Code, Error, Result};
use crate::json::number;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Steps of the grid in one source pixel.
pub const GRID: i64 = 256;

/// Coordinates beyond this many pixels are refused. No meaningful crop lies that far out.
const MAX_COORDINATE: f64 = 1_000_000.0;

/// The rectangle that is cut, before turning: its four edges in steps of 1/256 source pixel.
///
/// In JSON it is `{x, y, width, height}` in pixels. Each is a multiple of 1/256, so it is printed and parsed without loss.
///
/// # Guarantees
/// `left < right` and `top < bottom`; every edge is within ±1,000,000 pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Crop {
    left: i64,
    top: i64,
    right: i64,
    bottom: i64,
}

impl Crop {
    /// From edges in grid steps. `None` if the rectangle is empty or out of range.
    pub fn from_edges(left: i64, top: i64, right: i64, bottom: i64) -> Option<Self> {
        let max = MAX_COORDINATE as i64 * GRID;
        let inside = [left, top, right, bottom].iter().all(|e| e.abs() <= max);
        (inside && left < right && top < bottom).then_some(Self { left, top, right, bottom })
    }

    /// From pixels. The four **edges** are rounded to the grid, never origin and size apart.
    ///
    /// # Errors
    /// [`Code::InvalidRecipe`] (the caller) for numbers that are not finite or too large, and for an empty rectangle.
    pub fn from_pixels(x: f64, y: f64, width: f64, height: f64) -> Result<Self> {
        let edges = [x, y, x + width, y + height];
        let fine =
            edges.iter().all(|e| e.is_finite() && e.abs() <= MAX_COORDINATE) && width > 0.0 && height > 0.0;
        let crop = if fine {
            let [left, top, right, bottom] = edges.map(round_to_grid);
            Self::from_edges(left, top, right, bottom)
        } else {
            None
        };
        crop.ok_or_else(|| {
            let got = [x, y, width, height].map(number::to_string).join(",");
            Error::new(
                Code::InvalidRecipe,
                "The crop must be a rectangle of at least 1/256 pixel, in source pixels.",
            )
            .at("crop")
            .figures("x,y,width,height with width and height above 0", got)
        })
    }

    /// The whole of a picture.
    ///
    /// # Errors
    /// [`Code::InvalidRecipe`] when the picture has no pixels.
    pub fn whole(size: Size) -> Result<Self> {
        Self::from_pixels(0.0, 0.0, f64::from(size.width), f64::from(size.height))
    }

    /// Left edge in grid steps.
    pub fn left(&self) -> i64 {
        self.left
    }

    /// Top edge in grid steps.
    pub fn top(&self) -> i64 {
        self.top
    }

    /// Right edge in grid steps.
    pub fn right(&self) -> i64 {
        self.right
    }

    /// Bottom edge in grid steps.
    pub fn bottom(&self) -> i64 {
        self.bottom
    }

    /// Left edge in pixels.
    pub fn x(&self) -> f64 {
        to_pixels(self.left)
    }

    /// Top edge in pixels.
    pub fn y(&self) -> f64 {
        to_pixels(self.top)
    }

    /// Width in pixels.
    pub fn width(&self) -> f64 {
        to_pixels(self.right - self.left)
    }

    /// Height in pixels.
    pub fn height(&self) -> f64 {
        to_pixels(self.bottom - self.top)
    }

    /// The centre in pixels (exact: a multiple of 1/512).
    pub fn center(&self) -> (f64, f64) {
        (to_pixels(self.left + self.right) / 2.0, to_pixels(self.top + self.bottom) / 2.0)
    }

    /// Whether the rectangle, before turning, lies inside a picture of this size.
    pub fn inside(&self, size: Size) -> bool {
        self.left >= 0
            && self.top >= 0
            && self.right <= i64::from(size.width) * GRID
            && self.bottom <= i64::from(size.height) * GRID
    }
}

/// The nearest step of the grid. Halves are rounded up, so that moving by whole pixels never changes a size.
pub(crate) fn round_to_grid(pixels: f64) -> i64 {
    libm::floor(pixels * GRID as f64 + 0.5) as i64
}

/// Grid steps as pixels, exactly.
pub(crate) fn to_pixels(steps: i64) -> f64 {
    steps as f64 / GRID as f64
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pixels {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

impl Serialize for Crop {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Pixels { x: self.x(), y: self.y(), width: self.width(), height: self.height() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Crop {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Pixels { x, y, width, height } = Pixels::deserialize(deserializer)?;
        Crop::from_pixels(x, y, width, height).map_err(|e| serde::de::Error::custom(e.detail()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_rounded_not_sizes() {
        // x + width is one edge: rounding x and width apart would give 100.0 + 50.00390625 here.
        let crop = Crop::from_pixels(100.001_9, 0.0, 50.001_9, 10.0).unwrap();
        assert_eq!((crop.x(), crop.width()), (100.0, 50.003_906_25));
        assert_eq!(crop.right(), round_to_grid(150.003_8));
    }

    #[test]
    fn nonsense_is_refused() {
        for (x, y, w, h) in [
            (0.0, 0.0, 0.0, 1.0),
            (0.0, 0.0, -1.0, 1.0),
            (f64::NAN, 0.0, 1.0, 1.0),
            (0.0, f64::INFINITY, 1.0, 1.0),
            (0.0, 0.0, 1e300, 1.0),
            (0.0, 0.0, 0.001, 1.0),
        ] {
            let error = Crop::from_pixels(x, y, w, h).unwrap_err();
            assert_eq!(error.code(), Code::InvalidRecipe, "{x} {y} {w} {h}");
        }
    }
}
