//! PNG chunks up to the pixel data (W3C PNG, third edition).

use super::{Chromaticities, Depth, Header, PngColor, damaged, exif, profile_too_large, scan::Scan};
use crate::error::Result;
use crate::limits::Limits;

/// Chunks before the pixel data; each costs a seek.
const MOST_CHUNKS: usize = 4096;

/// Bytes of an eXIf chunk that are read: orientation stands in its first directory.
const EXIF_BYTES: usize = 64 << 10;

#[derive(Default)]
struct Found {
    alpha: bool,
    animated: bool,
    srgb: bool,
    icc: Option<Vec<u8>>,
    gamma: Option<u32>,
    places: Option<Chromaticities>,
    coded: Option<(u8, u8)>,
    orientation: Option<crate::geometry::Orientation>,
}

pub(super) fn walk(scan: &mut Scan<'_>, limits: &Limits) -> Result<Header> {
    scan.skip(8)?;
    let (mut header, color) = read_ihdr(scan)?;
    let mut found = Found::default();
    for _ in 0..MOST_CHUNKS {
        let length = scan.be32()?;
        if length > i32::MAX as u32 {
            return Err(damaged("a chunk claims more bytes than PNG allows"));
        }
        let kind: [u8; 4] = scan.array()?;
        let end = scan.offset() + u64::from(length) + 4;
        match &kind {
            b"IDAT" => {
                finish(&mut header, color, found);
                return Ok(header);
            }
            b"IEND" => return Err(damaged("it has no pixel data")),
            _ => read_chunk(scan, &kind, length as usize, &mut found, limits)?,
        }
        scan.skip(end.saturating_sub(scan.offset()))?;
    }
    Err(damaged("it has too many chunks before its pixel data"))
}

/// The header chunk and the colour type.
fn read_ihdr(scan: &mut Scan<'_>) -> Result<(Header, u8)> {
    if scan.be32()? != 13 || &scan.array::<4>()? != b"IHDR" {
        return Err(damaged("it does not begin with its header"));
    }
    let (width, height) = (scan.be32()?, scan.be32()?);
    let [depth, color, compression, filter, interlace] = scan.array()?;
    scan.skip(4)?;
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
    Ok((header, color))
}

fn read_chunk(
    scan: &mut Scan<'_>,
    kind: &[u8; 4],
    length: usize,
    found: &mut Found,
    limits: &Limits,
) -> Result<()> {
    match (kind, length) {
        (b"tRNS", _) => found.alpha = true,
        (b"acTL", _) => found.animated = true,
        (b"sRGB", 1) => found.srgb = true,
        (b"gAMA", 4) => found.gamma = Some(scan.be32()?),
        (b"cHRM", 32) => {
            let mut places = [(0, 0); 4];
            for place in &mut places {
                *place = (scan.be32()?, scan.be32()?);
            }
            found.places = Some(Chromaticities { white_red_green_blue: places });
        }
        (b"cICP", 4) => {
            let [primaries, transfer, matrix, full] = scan.array()?;
            found.coded = (matrix == 0 && full == 1).then_some((primaries, transfer));
        }
        (b"iCCP", _) if found.icc.is_none() => {
            if length > limits.profile_bytes {
                return Err(profile_too_large(limits, length as u64));
            }
            found.icc = inflate_profile(&scan.take(length)?, limits)?;
        }
        (b"eXIf", 0..=EXIF_BYTES) => found.orientation = exif::orientation(&scan.take(length)?),
        _ => {}
    }
    Ok(())
}

fn finish(header: &mut Header, color: u8, found: Found) {
    header.alpha = matches!(color, 4 | 6) || found.alpha;
    header.animated = found.animated;
    header.orientation = found.orientation.unwrap_or(header.orientation);
    // precedence as in the third edition, 4.3: cICP, iCCP, sRGB, gAMA and cHRM
    header.gamma = match (found.coded, &found.icc, found.srgb, found.gamma, found.places) {
        (Some((primaries, transfer)), ..) => Some(PngColor::Coded { primaries, transfer }),
        (None, None, false, Some(gamma), Some(places)) => Some(PngColor::Measured { gamma, places }),
        _ => None,
    };
    header.icc = if found.coded.is_some() { None } else { found.icc };
}

/// Inflates `name\0 method data` under the limit; a stream that is not zlib is no profile, as browsers have it.
fn inflate_profile(chunk: &[u8], limits: &Limits) -> Result<Option<Vec<u8>>> {
    use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_zlib_with_limit};
    let Some(name) = chunk.iter().take(80).position(|&b| b == 0) else {
        return Ok(None);
    };
    let Some([0, data @ ..]) = chunk.get(name + 1..) else {
        return Ok(None);
    };
    match decompress_to_vec_zlib_with_limit(data, limits.profile_bytes) {
        Ok(profile) => Ok(Some(profile)),
        Err(e) if e.status == TINFLStatus::HasMoreOutput => {
            Err(profile_too_large(limits, limits.profile_bytes as u64 + 1))
        }
        Err(_) => Ok(None),
    }
}
