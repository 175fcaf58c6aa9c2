//! Reads a WebP's header: its RIFF chunks up to the picture, and what must be known of the picture itself (RFC 9649).

use super::vp8l::{self, WebpFacts};
use super::webp_places::{ChunkPlace, FramePlace, WebpPlaces};
use crate::error::Result;
use crate::error::damaged;
use crate::geometry::Size;
use crate::limits::Limits;
use crate::probe::{Header, StatedColor, check_size, exif};
use crate::source::HeaderReader;

/// Chunks that are skipped in search of EXIF. An animation has one chunk for each frame.
const MAX_CHUNKS: usize = 4096;

/// Bytes of an EXIF chunk that are read. The orientation is in its first directory, which is short.
const EXIF_BYTES: u64 = 64 << 10;

pub(super) fn read_header(scan: &mut HeaderReader<'_>, limits: &Limits) -> Result<Header> {
    scan.skip(4)?;
    let announced = 8 + u64::from(scan.le32()?);
    scan.skip(4)?;
    let (kind, length) = chunk_header(scan)?;
    let picture = Some(ChunkPlace { start: scan.offset(), length });
    let lossless = &kind == b"VP8L";
    let mut header = match &kind {
        b"VP8 " => read_vp8(scan),
        b"VP8L" => read_vp8l(scan, length, limits),
        b"VP8X" => read_vp8x(scan, length, limits),
        _ => Err(damaged("it begins with an unknown chunk")),
    }?;
    let places = &mut header.facts.webp_places;
    places.announced = announced;
    if &kind != b"VP8X" {
        (places.picture, places.lossless) = (picture, lossless);
    }
    Ok(header)
}

/// Reads a chunk's name and length.
fn chunk_header(scan: &mut HeaderReader<'_>) -> Result<([u8; 4], u64)> {
    Ok((scan.array()?, scan.le32()?.into()))
}

fn read_vp8(scan: &mut HeaderReader<'_>) -> Result<Header> {
    let [tag, _, _, s0, s1, s2] = scan.array()?;
    if tag & 1 != 0 || [s0, s1, s2] != [0x9D, 0x01, 0x2A] {
        return Err(damaged("it does not begin with a key frame"));
    }
    let (width, height) = (scan.le16()? & 0x3FFF, scan.le16()? & 0x3FFF);
    let mut header = Header::new(width.into(), height.into());
    header.facts.webp = Some(WebpFacts::LOSSY);
    Ok(header)
}

fn read_vp8l(scan: &mut HeaderReader<'_>, length: u64, limits: &Limits) -> Result<Header> {
    let signature = scan.u8()?;
    let bits = scan.le32()?;
    if signature != 0x2F || bits >> 29 != 0 {
        return Err(damaged("its lossless header is invalid"));
    }
    let mut header = Header::new((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1);
    header.alpha = bits >> 28 & 1 == 1;
    check_size(header.size, limits)?;
    header.facts.webp = Some(vp8l::read_facts(scan, length.saturating_sub(5), header.size, limits.memory)?);
    Ok(header)
}

/// Reads an ALPH chunk, the alpha of a lossy picture of this size. It may be compressed as a lossless picture itself.
fn read_alph(
    scan: &mut HeaderReader<'_>,
    length: u64,
    size: Size,
    limits: &Limits,
) -> Result<Option<WebpFacts>> {
    let compressed = scan.u8()? & 3 == 1;
    let facts = |scan| vp8l::read_facts(scan, length.saturating_sub(1), size, limits.memory);
    compressed.then(|| facts(scan)).transpose()
}

fn read_vp8x(scan: &mut HeaderReader<'_>, length: u64, limits: &Limits) -> Result<Header> {
    if length < 10 {
        return Err(damaged("its header is too short"));
    }
    let end = scan.offset() + length + length % 2;
    let [flags, ..] = scan.array::<4>()?;
    let (width, height) = (scan.le24()? + 1, scan.le24()? + 1);
    let mut header = Header::new(width, height);
    check_size(header.size, limits)?;
    header.alpha = flags & 0x10 != 0;
    header.animated = flags & 0x02 != 0;
    let wanted = Wanted {
        profile: flags & 0x20 != 0,
        exif: flags & 0x08 != 0,
        frame: true,
        opacity: header.alpha && !header.animated,
    };
    scan.skip(end.saturating_sub(scan.offset()))?;
    read_chunks(scan, &mut header, wanted, limits)?;
    Ok(header)
}

/// Which chunks are still to be read.
struct Wanted {
    profile: bool,
    exif: bool,
    /// The first frame of an animation, or the picture of any other file.
    frame: bool,
    opacity: bool,
}

/// Reads the wanted chunks and skips the others, until all wanted ones are found or the file ends. A file that ends too
/// early is found out when it is decoded.
fn read_chunks(
    scan: &mut HeaderReader<'_>,
    header: &mut Header,
    mut wanted: Wanted,
    limits: &Limits,
) -> Result<()> {
    for _ in 0..MAX_CHUNKS {
        let Wanted { profile, exif, frame, opacity: alpha } = wanted;
        if scan.left() < 8 || !(profile || exif || frame || alpha) {
            return Ok(());
        }
        let (kind, length) = chunk_header(scan)?;
        let end = scan.offset() + length + length % 2;
        match &kind {
            b"ICCP" if profile => {
                header.stated_colors.push(if length > limits.profile_bytes as u64 {
                    StatedColor::IccTooLarge { bytes: length }
                } else {
                    StatedColor::Icc(scan.take(length as usize)?)
                });
                wanted.profile = false;
            }
            b"ALPH" => {
                // a profile must come before all pixels
                wanted.profile = false;
                if alpha {
                    header.facts.webp_places.opacity = Some(ChunkPlace { start: scan.offset(), length });
                    header.facts.webp = read_alph(scan, length, header.size, limits)?.or(header.facts.webp);
                    wanted.opacity = false;
                }
            }
            b"VP8 " | b"VP8L" if frame && !header.animated => {
                let places = &mut header.facts.webp_places;
                places.picture = Some(ChunkPlace { start: scan.offset(), length });
                places.lossless = &kind == b"VP8L";
                let picture = read_picture(scan, kind, length, header.size, limits)?;
                (wanted.profile, wanted.frame) = (false, false);
                // a lossless picture has its own alpha
                if &kind == b"VP8L" {
                    (header.facts.webp, wanted.opacity) = (picture, false);
                }
            }
            b"ANMF" if frame && header.animated => {
                header.facts.webp = read_first_frame(scan, &mut header.facts.webp_places, limits)?;
                (wanted.profile, wanted.frame) = (false, false);
            }
            b"EXIF" if exif => {
                let block = scan.take(length.min(EXIF_BYTES).min(scan.left()) as usize)?;
                header.orientation = exif::orientation(&block).unwrap_or(header.orientation);
                wanted.exif = false;
            }
            _ => {}
        }
        scan.skip(end.saturating_sub(scan.offset()))?;
    }
    if wanted.frame || wanted.opacity {
        return Err(damaged("it has too many chunks before its picture"));
    }
    Ok(())
}

/// Reads the first frame of an animation.
fn read_first_frame(
    scan: &mut HeaderReader<'_>,
    places: &mut WebpPlaces,
    limits: &Limits,
) -> Result<Option<WebpFacts>> {
    let (x, y) = (2 * scan.le24()?, 2 * scan.le24()?);
    let size = Size::new(scan.le24()? + 1, scan.le24()? + 1);
    check_size(size, limits)?;
    scan.skip(3)?;
    places.frame = Some(FramePlace { area: [x, y, size.width, size.height], flags: scan.offset() });
    scan.skip(1)?;
    let (kind, length) = chunk_header(scan)?;
    let here = |scan: &HeaderReader<'_>, length| Some(ChunkPlace { start: scan.offset(), length });
    if &kind != b"ALPH" {
        (places.picture, places.lossless) = (here(scan, length), &kind == b"VP8L");
        return read_picture(scan, kind, length, size, limits);
    }
    places.opacity = here(scan, length);
    let end = scan.offset() + length + length % 2;
    let opacity = read_alph(scan, length, size, limits)?;
    scan.skip(end.saturating_sub(scan.offset()))?;
    let (kind, length) = chunk_header(scan)?;
    if &kind != b"VP8 " {
        return Err(damaged("its first frame has alpha without a picture"));
    }
    places.picture = here(scan, length);
    Ok(opacity.or(read_picture(scan, kind, length, size, limits)?))
}

/// Reads a picture's own header. Its size must be the announced one, because decoders reserve memory by this header.
fn read_picture(
    scan: &mut HeaderReader<'_>,
    kind: [u8; 4],
    length: u64,
    announced: Size,
    limits: &Limits,
) -> Result<Option<WebpFacts>> {
    let frame = match &kind {
        b"VP8 " => read_vp8(scan)?,
        b"VP8L" => read_vp8l(scan, length, limits)?,
        _ => return Err(damaged("its first frame has no picture")),
    };
    if frame.size == announced {
        return Ok(frame.facts.webp);
    }
    let size = |s: Size| format!("{} x {}", s.width, s.height);
    let error = damaged("its first frame is not of the size that its header says");
    Err(error.figures(size(announced), size(frame.size)))
}
