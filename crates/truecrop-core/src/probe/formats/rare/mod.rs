//! The headers of the formats that are rare on the web: TIFF, BMP, ICO, TGA, PNM and QOI.
//!
//! The library that decodes them gets nothing but files which these readers have found possible: their kind of samples, their
//! sizes, and the memory that they make the library take are known before it starts.

mod bmp;
mod ico;
mod pnm;
mod qoi;
mod tga;
mod tiff;

use crate::error::{Code, Error, Result, damaged};
use crate::limits::Limits;
use crate::probe::{Depth, Header, SourceFormat};
use crate::source::HeaderReader;

/// What a rare format's decoder will need to know.
#[derive(Clone, Debug, Default)]
pub(crate) struct RareFacts {
    /// Samples of a pixel as the library gives them: 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA.
    pub(crate) channels: u32,
    /// Most bytes that the library holds beside the frame.
    pub(crate) working: u64,
    /// How the samples are yet to be changed.
    pub(crate) change: Change,
    /// Bytes that the library is given before the file's own: a header that it understands.
    pub(crate) head: Vec<u8>,
    /// Where the file's own bytes begin that follow `head`.
    pub(crate) start: u64,
}

/// What is done to the samples that the library gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Change {
    /// Nothing.
    #[default]
    None,
    /// Colours were multiplied by alpha.
    Unpremultiply,
    /// The largest sample is this one, and not all bits set.
    Scale(u16),
    /// An alpha channel that is zero everywhere says nothing: the picture is opaque.
    AlphaUnlessZero,
    /// An icon's BMP: the same, and where it has no alpha, the mask behind its pixels says what is transparent.
    Icon {
        /// Bytes from the start of the icon's own pixels to its mask.
        mask: u64,
    },
}

impl Header {
    /// A header of a rare format: its size, and what its decoder gives.
    fn rare(width: u32, height: u32, channels: u32, depth: Depth) -> Self {
        let mut header = Self::new(width, height);
        header.alpha = channels.is_multiple_of(2);
        header.color_channels = if channels < 3 { 1 } else { 3 };
        header.depth = depth;
        header.facts.rare = Some(RareFacts { channels, ..RareFacts::default() });
        header
    }

    fn with_working(mut self, working: u64) -> Self {
        self.facts.rare.get_or_insert_default().working = working;
        self
    }

    fn with_change(mut self, change: Change) -> Self {
        self.facts.rare.get_or_insert_default().change = change;
        self
    }

    fn with_head(mut self, head: Vec<u8>, start: u64) -> Self {
        let facts = self.facts.rare.get_or_insert_default();
        (facts.head, facts.start) = (head, start);
        self
    }
}

/// The format of a file that begins with these bytes.
pub(in crate::probe) fn detect_format(head: &[u8]) -> Option<SourceFormat> {
    match head {
        [b'I', b'I', b'*' | b'+', 0, ..] | [b'M', b'M', 0, b'*' | b'+', ..] => Some(SourceFormat::Tiff),
        [b'B', b'M', ..] => Some(SourceFormat::Bmp),
        [b'q', b'o', b'i', b'f', ..] => Some(SourceFormat::Qoi),
        _ if tga::is_plausible(head) => Some(SourceFormat::Tga),
        [0, 0, 1 | 2, 0, ..] => Some(SourceFormat::Ico),
        _ if pnm::is_plausible(head) => Some(SourceFormat::Pnm),
        _ => None,
    }
}

/// Reads the header of a file of one of these formats.
pub(super) fn read_header(
    format: SourceFormat,
    scan: &mut HeaderReader<'_>,
    limits: &Limits,
) -> Result<Header> {
    match format {
        SourceFormat::Tiff => tiff::read_header(scan, limits),
        SourceFormat::Bmp => bmp::read_header(scan),
        SourceFormat::Ico => ico::read_header(scan, limits),
        SourceFormat::Tga => tga::read_header(scan),
        SourceFormat::Pnm => pnm::read_header(scan),
        SourceFormat::Qoi => qoi::read_header(scan),
        _ => Err(Error::new(Code::Internal, "The headers of other formats are not read here.")),
    }
}

/// The refusal of a kind of file that is not decoded. `what` continues "The file is ...".
fn unsupported(what: &str, got: impl Into<String>) -> Error {
    let detail = format!(
        "The file is {what}, which is not read here: save it as PNG or as ordinary 8- or 16-bit TIFF."
    );
    Error::new(Code::UnsupportedFormat, detail).at("source").figures("gray or RGB", got.into())
}
