//! The types of geometry: sizes, crops on a grid of 1/256 pixel, turns, flips and EXIF orientations.
//!
//! All of it is in *oriented source pixels*:
//! origin at the top-left corner of the top-left pixel, x to the right, y down; pixel (i, j) covers
//! `[i, i+1) x [j, j+1)`.

mod crop;
mod orientation;
mod turn;

pub use crop::{Crop, GRID};
pub use orientation::Orientation;
pub use turn::{Flip, Turn};

use serde::{Deserialize, Serialize};

/// Width and height in whole pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Size {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Size {
    /// A size. Sides of 0 are allowed here, and refused where pixels are made.
    pub const fn new(width: u32, height: u32) -> Self {
        Self { width, height }
    }

    /// Columns times rows.
    pub fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Width and height exchanged.
    #[must_use]
    pub fn transposed(self) -> Self {
        Self::new(self.height, self.width)
    }

    /// The size whose longest side is `longest` and whose shape is the same, as near as whole pixels allow. Never larger
    /// than `self`.
    #[must_use]
    pub fn fit_within(self, longest: u32) -> Self {
        let side = self.width.max(self.height);
        if side <= longest || side == 0 {
            return self;
        }
        let scaled = |v: u32| {
            let exact = u64::from(v) * u64::from(longest);
            (((exact + u64::from(side) / 2) / u64::from(side)) as u32).max(1)
        };
        Self::new(scaled(self.width), scaled(self.height))
    }
}
