//! The seam between decoders and all that follows: rows of stored samples, nothing converted.

use super::Depth;
use crate::error::Result;

/// The channels of a row, in order, interleaved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layout {
    /// One: gray.
    Gray,
    /// Two: gray, straight alpha.
    #[cfg(feature = "wide")]
    GrayAlpha,
    /// Three.
    Rgb,
    /// Four, straight alpha.
    #[cfg(feature = "wide")]
    Rgba,
    /// Four: 0 is no ink, 255 is full ink.
    Cmyk,
}

impl Layout {
    /// Samples of a pixel.
    pub fn channels(self) -> usize {
        match self {
            Layout::Gray => 1,
            #[cfg(feature = "wide")]
            Layout::GrayAlpha => 2,
            Layout::Rgb => 3,
            #[cfg(feature = "wide")]
            Layout::Rgba => 4,
            Layout::Cmyk => 4,
        }
    }

    /// Whether the last channel is alpha.
    pub fn alpha(self) -> bool {
        match self {
            #[cfg(feature = "wide")]
            Layout::GrayAlpha | Layout::Rgba => true,
            _ => false,
        }
    }

    /// Whether pixels have one colour channel.
    pub fn gray(self) -> bool {
        match self {
            #[cfg(feature = "wide")]
            Layout::GrayAlpha => true,
            _ => self == Layout::Gray,
        }
    }
}

/// The samples of one row of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row<'a> {
    /// 8 bits, `width * channels` of them.
    U8(&'a [u8]),
    /// 16 bits, all of them used; `width * channels` of them.
    #[cfg(feature = "wide")]
    U16(&'a [u16]),
    /// 8 bits, the `width` samples of red, of green and of blue apart: [`Layout::Rgb`] only.
    Planes([&'a [u8]; 3]),
}

impl Row<'_> {
    /// Appends the row's 8-bit samples, pixel by pixel; of 16 bits the upper 8.
    pub fn append_to(&self, bytes: &mut Vec<u8>) {
        match self {
            Row::U8(samples) => bytes.extend_from_slice(samples),
            #[cfg(feature = "wide")]
            Row::U16(samples) => bytes.extend(samples.iter().map(|&s| (s >> 8) as u8)),
            Row::Planes([r, g, b]) => {
                bytes.extend(r.iter().zip(*g).zip(*b).flat_map(|((&r, &g), &b)| [r, g, b]));
            }
        }
    }
}

/// A picture's window, row by row from the top.
///
/// # Guarantees
/// Exactly `window.height` rows, then `None`. The rows of a window equal the same part of the rows of the whole
/// picture at that scale, sample for sample.
pub trait RowSource {
    /// The channels.
    fn layout(&self) -> Layout;

    /// Which kind of [`Row`] comes.
    fn depth(&self) -> Depth;

    /// Skips a part of what lies above the window, about as much work as one row; gives how many rows above the window are
    /// still to skip.
    ///
    /// [`RowSource::next_row`] skips all the rest at once. Event loops call this first, until it gives 0, so that they can
    /// handle other events in between.
    ///
    /// # Errors
    /// As [`RowSource::next_row`].
    fn approach(&mut self) -> Result<u32> {
        Ok(0)
    }

    /// Does a part of the work that the next row takes, where that is long: one tile of a HEIC. True where it did; callers then look
    /// whether somebody still waits for the picture. [`RowSource::next_row`] does at once what is left.
    ///
    /// # Errors
    /// As [`RowSource::next_row`].
    #[cfg(feature = "heic")]
    fn prepare(&mut self) -> Result<bool> {
        Ok(false)
    }

    /// The next row.
    ///
    /// # Errors
    /// [`Code::DamagedSource`](crate::Code::DamagedSource) for broken data; [`Code::Io`](crate::Code::Io). A file that only ends too early is not an error once a
    /// picture has begun: see [`RowSource::truncated`].
    fn next_row(&mut self) -> Result<Option<Row<'_>>>;

    /// Whether the file ended too early for the rows given so far. What is missing is transparent where the layout
    /// has alpha, and gray otherwise.
    fn truncated(&self) -> bool;

    /// Whether the checksum of data that the rows given so far come from is wrong (PNG). What stands behind that data is
    /// missing as in a truncated file; where nothing is, the rows are given all the same.
    fn ignored_checksum(&self) -> bool {
        false
    }
}
