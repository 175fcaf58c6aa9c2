//! Reads a PNG's header: its chunks up to the pixel data (W3C PNG, third edition).
//!
//! `chunks` has the rules of the chunks behind IHDR.

mod chunks;

use crate::error::Result;
use crate::error::damaged;
use crate::limits::Limits;
use crate::probe::{Depth, Header, StatedColor};
use crate::source::HeaderReader;
use chunks::{Chunks, content};

/// Chunks that are read before the pixel data. Each takes a seek.
const MAX_CHUNKS: usize = 4096;

/// How a PNG's pixels are stored, and where: what the decoder needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PngFacts {
    /// 0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGB and alpha.
    pub(crate) color: u8,
    /// Bits of a stored sample: 1, 2, 4, 8 or 16.
    pub(crate) bits: u8,
    /// PLTE: red, green and blue of 1 to 256 colours; empty where the colour type has none.
    pub(crate) palette: Vec<u8>,
    /// tRNS, with a length that the colour type allows: 2 bytes of gray, 6 of RGB, or up to 256 alphas.
    pub(crate) transparent: Option<Vec<u8>>,
    /// File offset of the first IDAT chunk's length field.
    pub(crate) data: u64,
    /// Whether the checksum of IHDR is right. A file where it is wrong can be probed, but is not decoded.
    pub(crate) intact: bool,
}

impl PngFacts {
    /// Bits of a stored pixel.
    pub(crate) fn pixel_bits(&self) -> usize {
        let channels = match self.color {
            0 | 3 => 1,
            4 => 2,
            2 => 3,
            _ => 4,
        };
        channels * usize::from(self.bits)
    }

    /// Bytes of a stored row of so many pixels, without its filter byte.
    pub(crate) fn row_bytes(&self, pixels: u32) -> usize {
        (pixels as usize * self.pixel_bits()).div_ceil(8)
    }
}

pub(super) fn read_header(scan: &mut HeaderReader<'_>, limits: &Limits) -> Result<Header> {
    scan.skip(8)?;
    let (mut header, color, bits, intact) = read_ihdr(scan)?;
    let mut chunks = Chunks::new(color);
    for _ in 0..MAX_CHUNKS {
        let length = scan.be32()?;
        if length > i32::MAX as u32 {
            return Err(damaged("a chunk claims more bytes than PNG allows"));
        }
        let kind: [u8; 4] = scan.array()?;
        let end = scan.offset() + u64::from(length) + 4;
        match &kind {
            b"IDAT" => {
                let data = scan.offset() - 8;
                let facts = PngFacts { color, bits, palette: Vec::new(), transparent: None, data, intact };
                finish(&mut header, facts, chunks)?;
                return Ok(header);
            }
            b"IEND" => return Err(damaged("it has no pixel data")),
            b"PLTE" => chunks.read_palette(scan, length as usize)?,
            [first, ..] if first & 0x20 == 0 => {
                return Err(damaged("it has an unknown chunk that is marked as critical"));
            }
            _ => chunks.read_ancillary(scan, &kind, length as usize, limits)?,
        }
        scan.skip(end.saturating_sub(scan.offset()))?;
    }
    Err(damaged("it has too many chunks before its pixel data"))
}

/// Reads IHDR: the header, the colour type, the bits of a sample, and whether the checksum is right.
fn read_ihdr(scan: &mut HeaderReader<'_>) -> Result<(Header, u8, u8, bool)> {
    if scan.be32()? != 13 || &scan.array::<4>()? != b"IHDR" {
        return Err(damaged("it does not begin with its header"));
    }
    let (fields, intact) = content(scan, b"IHDR", 13)?;
    let [w0, w1, w2, w3, h0, h1, h2, h3, depth, color, compression, filter, interlace] = fields[..] else {
        return Err(damaged("it does not begin with its header"));
    };
    let (width, height) = (u32::from_be_bytes([w0, w1, w2, w3]), u32::from_be_bytes([h0, h1, h2, h3]));
    let depths: &[u8] = match color {
        0 => &[1, 2, 4, 8, 16],
        2 | 4 | 6 => &[8, 16],
        3 => &[1, 2, 4, 8],
        _ => &[],
    };
    if !depths.contains(&depth) || compression != 0 || filter != 0 || interlace > 1 {
        return Err(damaged("its header names a kind of PNG that does not exist"));
    }
    let mut header = Header::new(width, height);
    header.depth = if depth == 16 { Depth::Sixteen } else { Depth::Eight };
    header.interlaced = interlace == 1;
    header.color_channels = if matches!(color, 0 | 4) { 1 } else { 3 };
    Ok((header, color, depth, intact))
}

fn finish(header: &mut Header, facts: PngFacts, chunks: Chunks) -> Result<()> {
    if facts.color == 3 && chunks.palette.is_none() {
        return Err(damaged("it has no palette"));
    }
    header.alpha = matches!(facts.color, 4 | 6) || chunks.transparent.is_some();
    header.animated = chunks.animated;
    header.orientation = chunks.orientation.flatten().unwrap_or(header.orientation);
    // the order of precedence of the third edition, 4.3
    let srgb = chunks.srgb.then_some(StatedColor::Srgb);
    let chromaticities = chunks.chromaticities;
    let measured = chunks.gamma.map(|gamma| StatedColor::Measured { gamma, chromaticities });
    header.stated_colors = [chunks.coded, chunks.icc, srgb, measured].into_iter().flatten().collect();
    let palette = chunks.palette.unwrap_or_default();
    header.facts.png = Some(PngFacts { palette, transparent: chunks.transparent, ..facts });
    Ok(())
}
