//! The types of a request to decode: a rectangle of stored pixels, and a scale. `plan/placement` computes them.

use crate::geometry::Size;
use crate::probe::Probe;
#[cfg(feature = "formats")]
use std::ops::Range;

/// A rectangle of stored pixels *at the decode scale*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// First column.
    pub x: u32,
    /// First row.
    pub y: u32,
    /// Columns, at least 1.
    pub width: u32,
    /// Rows, at least 1.
    pub height: u32,
}

impl Window {
    /// All of a picture.
    pub const fn whole(size: Size) -> Self {
        Self { x: 0, y: 0, width: size.width, height: size.height }
    }

    /// Whether it has pixels and all of them lie in a picture of this size.
    pub fn fits(&self, size: Size) -> bool {
        let within = |start: u32, count: u32, side: u32| {
            count > 0 && u64::from(start) + u64::from(count) <= u64::from(side)
        };
        within(self.x, self.width, size.width) && within(self.y, self.height, size.height)
    }

    #[cfg(feature = "formats")]
    pub(crate) fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// The columns that it shows of a picture which lies at `area`, from that picture's left edge.
    #[cfg(feature = "formats")]
    pub(crate) fn columns_of(&self, area: Self) -> Range<usize> {
        let right = (self.x + self.width).clamp(area.x, area.x + area.width);
        let left = self.x.clamp(area.x, right);
        (left - area.x) as usize..(right - area.x) as usize
    }
}

/// What to decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DecodePlan {
    /// The pixels that are wanted.
    pub window: Window,
    /// One of [`scales`](super::scales): sides are decoded at `scale / 8`, rounded up.
    pub scale: u8,
    /// Of a JPEG with chroma at half the density: leave it at half, because the output shows no more of it.
    /// Otherwise its own detail makes it as dense as the luma.
    pub coarse_chroma: bool,
}

impl DecodePlan {
    /// The whole picture at full size.
    pub fn whole(probe: &Probe) -> Self {
        Self { window: Window::whole(probe.stored()), scale: 8, coarse_chroma: false }
    }
}

/// The size of the picture at a scale.
pub fn scaled(size: Size, scale: u8) -> Size {
    let side = |pixels: u32| (u64::from(pixels) * u64::from(scale)).div_ceil(8) as u32;
    Size::new(side(size.width), side(size.height))
}
