//! WebP chunks (RFC 9649).

use super::{Header, damaged, exif, profile_too_large, scan::Scan};
use crate::error::Result;
use crate::geometry::Size;
use crate::limits::Limits;

/// Chunks that are stepped over in search of EXIF; an animation has one a frame.
const MOST_CHUNKS: usize = 4096;

/// Bytes of an EXIF chunk that are read: orientation stands in its first directory.
const EXIF_BYTES: u64 = 64 << 10;

pub(super) fn walk(scan: &mut Scan<'_>, limits: &Limits) -> Result<Header> {
    scan.skip(12)?;
    let kind: [u8; 4] = scan.array()?;
    let length = u64::from(scan.le32()?);
    match &kind {
        b"VP8 " => lossy(scan),
        b"VP8L" => lossless(scan),
        b"VP8X" => extended(scan, length, limits),
        _ => Err(damaged("it begins with an unknown chunk")),
    }
}

fn lossy(scan: &mut Scan<'_>) -> Result<Header> {
    let [tag, _, _, s0, s1, s2] = scan.array()?;
    if tag & 1 != 0 || [s0, s1, s2] != [0x9D, 0x01, 0x2A] {
        return Err(damaged("it does not begin with a key frame"));
    }
    let (width, height) = (scan.le16()? & 0x3FFF, scan.le16()? & 0x3FFF);
    Ok(Header::new(width.into(), height.into()))
}

fn lossless(scan: &mut Scan<'_>) -> Result<Header> {
    let signature = scan.u8()?;
    let bits = scan.le32()?;
    if signature != 0x2F || bits >> 29 != 0 {
        return Err(damaged("its lossless header makes no sense"));
    }
    let mut header = Header::new((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1);
    header.alpha = bits >> 28 & 1 == 1;
    Ok(header)
}

fn extended(scan: &mut Scan<'_>, length: u64, limits: &Limits) -> Result<Header> {
    if length < 10 {
        return Err(damaged("its header is too short"));
    }
    let end = scan.offset() + length + length % 2;
    let [flags, ..] = scan.array::<4>()?;
    let (width, height) = (scan.le24()? + 1, scan.le24()? + 1);
    let mut header = Header::new(width, height);
    header.alpha = flags & 0x10 != 0;
    header.animated = flags & 0x02 != 0;
    let (has_profile, has_exif) = (flags & 0x20 != 0, flags & 0x08 != 0);
    scan.skip(end.saturating_sub(scan.offset()))?;
    search(scan, &mut header, has_profile, has_exif, limits)?;
    Ok(header)
}

/// Steps over chunks until the first frame and the wanted ones are found or the file ends; a file that ends early shows
/// when it is decoded.
fn search(
    scan: &mut Scan<'_>,
    header: &mut Header,
    profile: bool,
    exif: bool,
    limits: &Limits,
) -> Result<()> {
    let (mut profile, mut exif, mut frame) = (profile, exif, true);
    for _ in 0..MOST_CHUNKS {
        if scan.left() < 8 || !(profile || exif || frame) {
            break;
        }
        let kind: [u8; 4] = scan.array()?;
        let length = u64::from(scan.le32()?);
        let end = scan.offset() + length + length % 2;
        match &kind {
            b"ICCP" if profile => {
                if length > limits.profile_bytes as u64 {
                    return Err(profile_too_large(limits, length));
                }
                header.icc = Some(scan.take(length as usize)?);
                profile = false;
            }
            // the profile comes before all pixels
            b"ALPH" => profile = false,
            b"VP8 " | b"VP8L" | b"ANMF" if frame => {
                check_frame(scan, &kind, header)?;
                (profile, frame) = (false, false);
            }
            b"EXIF" if exif => {
                let block = scan.take(length.min(EXIF_BYTES).min(scan.left()) as usize)?;
                header.orientation = exif::orientation(&block).unwrap_or(header.orientation);
                exif = false;
            }
            _ => {}
        }
        scan.skip(end.saturating_sub(scan.offset()))?;
    }
    Ok(())
}

/// The first frame must be of the size that was announced: decoders take memory by what the frame itself says.
fn check_frame(scan: &mut Scan<'_>, kind: &[u8; 4], header: &Header) -> Result<()> {
    let (mut kind, mut announced) = (*kind, header.size);
    if &kind == b"ANMF" {
        scan.skip(6)?;
        announced = Size::new(scan.le24()? + 1, scan.le24()? + 1);
        scan.skip(4)?;
        kind = scan.array()?;
        let length = u64::from(scan.le32()?);
        if &kind == b"ALPH" {
            scan.skip(length + length % 2)?;
            kind = scan.array()?;
            scan.skip(4)?;
        }
    }
    let frame = match &kind {
        b"VP8 " => lossy(scan)?,
        b"VP8L" => lossless(scan)?,
        _ => return Err(damaged("its first frame has no picture")),
    };
    if frame.size == announced {
        return Ok(());
    }
    let size = |s: Size| format!("{} x {}", s.width, s.height);
    let error = damaged("its first frame is not of the size that its header says");
    Err(error.figures(size(announced), size(frame.size)))
}
