//! Reads a PNG's header: its chunks up to the pixel data (W3C PNG, third edition).

use crate::crc32::Crc32;
use crate::error::Result;
use crate::error::damaged;
use crate::limits::Limits;
use crate::probe::{Chromaticities, Depth, Header, StatedColor, exif};
use crate::source::HeaderReader;

/// Chunks that are read before the pixel data. Each takes a seek.
const MAX_CHUNKS: usize = 4096;

/// A larger eXIf chunk is ignored. The orientation is in its first directory, which is short.
const EXIF_BYTES: usize = 64 << 10;

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

/// What the chunks after IHDR say.
#[derive(Default)]
struct Chunks {
    palette: Option<Vec<u8>>,
    transparent: Option<Vec<u8>>,
    animated: bool,
    srgb: bool,
    icc: Option<StatedColor>,
    gamma: Option<u32>,
    chromaticities: Option<Chromaticities>,
    coded: Option<(u8, u8)>,
    orientation: Option<crate::geometry::Orientation>,
}

pub(super) fn read_header(scan: &mut HeaderReader<'_>, limits: &Limits) -> Result<Header> {
    scan.skip(8)?;
    let (mut header, color, bits, intact) = read_ihdr(scan)?;
    let mut chunks = Chunks::default();
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
            b"PLTE" | b"tRNS" => read_colors(scan, &kind, length as usize, color, &mut chunks)?,
            [first, ..] if first & 0x20 == 0 => {
                return Err(damaged("it has an unknown chunk that is marked as critical"));
            }
            _ => read_chunk(scan, &kind, length as usize, &mut chunks, limits)?,
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
    let fields: [u8; 13] = scan.array()?;
    let [w0, w1, w2, w3, h0, h1, h2, h3, depth, color, compression, filter, interlace] = fields;
    let (width, height) = (u32::from_be_bytes([w0, w1, w2, w3]), u32::from_be_bytes([h0, h1, h2, h3]));
    let intact = checksum_is_right(scan, b"IHDR", &fields)?;
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

/// Reads a chunk's checksum, and tells whether it is that of its type and data.
fn checksum_is_right(scan: &mut HeaderReader<'_>, kind: &[u8; 4], data: &[u8]) -> Result<bool> {
    let mut sum = Crc32::new();
    sum.update(kind);
    sum.update(data);
    Ok(scan.be32()? == sum.finalize())
}

/// Reads PLTE or tRNS. As in other decoders, a damaged palette is an error, while an invalid tRNS chunk is ignored.
fn read_colors(
    scan: &mut HeaderReader<'_>,
    kind: &[u8; 4],
    length: usize,
    color: u8,
    chunks: &mut Chunks,
) -> Result<()> {
    if kind == b"PLTE" {
        if color != 3 {
            return Ok(());
        }
        if chunks.palette.is_some() || !(3..=768).contains(&length) {
            return Err(damaged("its palette cannot be read"));
        }
        let palette = scan.take(length)?;
        if !checksum_is_right(scan, kind, &palette)? {
            return Err(damaged("the checksum of its palette is wrong"));
        }
        chunks.palette = Some(palette);
        return Ok(());
    }
    let fits = match color {
        0 => length == 2,
        2 => length == 6,
        3 => (1..=256).contains(&length) && chunks.palette.is_some(),
        _ => false,
    };
    if fits && chunks.transparent.is_none() {
        let transparent = scan.take(length)?;
        chunks.transparent = checksum_is_right(scan, kind, &transparent)?.then_some(transparent);
    }
    Ok(())
}

fn read_chunk(
    scan: &mut HeaderReader<'_>,
    kind: &[u8; 4],
    length: usize,
    chunks: &mut Chunks,
    limits: &Limits,
) -> Result<()> {
    match (kind, length) {
        (b"acTL", _) => chunks.animated = true,
        (b"sRGB", 1) => chunks.srgb = true,
        (b"gAMA", 4) => chunks.gamma = Some(scan.be32()?),
        (b"cHRM", 32) => {
            let mut chromaticities = [(0, 0); 4];
            for xy in &mut chromaticities {
                *xy = (scan.be32()?, scan.be32()?);
            }
            chunks.chromaticities = Some(Chromaticities { white_red_green_blue: chromaticities });
        }
        (b"cICP", 4) => {
            let [primaries, transfer, matrix, full] = scan.array()?;
            chunks.coded = (matrix == 0 && full == 1).then_some((primaries, transfer));
        }
        (b"iCCP", _) if chunks.icc.is_none() => {
            chunks.icc = if length > limits.profile_bytes {
                Some(StatedColor::IccTooLarge { bytes: length as u64 })
            } else {
                inflate_profile(&scan.take(length)?, limits)
            };
        }
        (b"eXIf", 0..=EXIF_BYTES) => chunks.orientation = exif::orientation(&scan.take(length)?),
        _ => {}
    }
    Ok(())
}

fn finish(header: &mut Header, facts: PngFacts, chunks: Chunks) -> Result<()> {
    if facts.color == 3 && chunks.palette.is_none() {
        return Err(damaged("it has no palette"));
    }
    header.alpha = matches!(facts.color, 4 | 6) || chunks.transparent.is_some();
    header.animated = chunks.animated;
    header.orientation = chunks.orientation.unwrap_or(header.orientation);
    // the order of precedence of the third edition, 4.3
    let coded = chunks.coded.map(|(primaries, transfer)| StatedColor::Coded { primaries, transfer });
    let srgb = chunks.srgb.then_some(StatedColor::Srgb);
    let chromaticities = chunks.chromaticities;
    let measured = chunks.gamma.map(|gamma| StatedColor::Measured { gamma, chromaticities });
    header.stated_colors = [coded, chunks.icc, srgb, measured].into_iter().flatten().collect();
    let palette = chunks.palette.unwrap_or_default();
    header.facts.png = Some(PngFacts { palette, transparent: chunks.transparent, ..facts });
    Ok(())
}

/// Inflates an iCCP chunk (name, 0, method, data) up to the limit. As in browsers, a profile that is not a zlib stream is
/// ignored.
fn inflate_profile(chunk: &[u8], limits: &Limits) -> Option<StatedColor> {
    use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_zlib_with_limit};
    let name = chunk.iter().take(80).position(|&b| b == 0)?;
    let Some([0, data @ ..]) = chunk.get(name + 1..) else {
        return None;
    };
    match decompress_to_vec_zlib_with_limit(data, limits.profile_bytes) {
        Ok(profile) => Some(StatedColor::Icc(profile)),
        Err(e) if e.status == TINFLStatus::HasMoreOutput => {
            Some(StatedColor::IccTooLarge { bytes: limits.profile_bytes as u64 + 1 })
        }
        Err(_) => None,
    }
}
