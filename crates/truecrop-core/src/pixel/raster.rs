//! `Raster`: a finished 8-bit picture in memory.

use crate::geometry::Size;

/// Finished pixels: sRGB, 8 bits a channel, rows from top to bottom without gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raster {
    /// Columns and rows.
    pub size: Size,
    /// RGBA with straight alpha when true, RGB when false.
    pub alpha: bool,
    /// `width * height * (4 or 3)` bytes.
    pub data: Vec<u8>,
}

impl Raster {
    /// The pixels as RGBA, opaque where there is no alpha.
    pub fn into_rgba(self) -> Vec<u8> {
        if self.alpha {
            return self.data;
        }
        self.data.as_chunks::<3>().0.iter().flat_map(|[r, g, b]| [*r, *g, *b, 255]).collect()
    }
}
