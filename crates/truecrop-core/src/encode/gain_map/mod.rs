//! A picture and its gain map as one file: two JPEGs of this engine one after the other, and between JFIF's segment and the
//! tables of each what readers look for. docs/HDR.md has the form, byte for byte.
//!
//! Everything in these segments follows from the map's numbers and from the lengths of the two JPEGs. So a reader proves a
//! file as it proves a JPEG: it walks both scans, makes the segments again, and compares.

mod segments;

use super::{Encoded, jpeg, jpeg_quality, max_bytes, max_encoded_bytes as most_bytes_alone};
use crate::error::{Result, not_canonical};
use crate::geometry::Size;
use crate::pixel::Raster;
use crate::probe::{MapMetadata, gain_map::iso};
use crate::recipe::OutputSpec;
use segments::{after_jfif, of_base, of_map, read_numbers};

/// Bytes of SOI and JFIF's segment, which begin every JPEG of this engine.
const START: usize = 20;

/// Most bytes of the segments of both pictures.
const MOST_SEGMENT_BYTES: u64 = 4 << 10;

/// The quality of a map whose base has this one: as far from 100 by half. An error in the map is one in light, and a map has few
/// pixels.
pub fn map_quality(quality: u8) -> u8 {
    quality.midpoint(100)
}

/// Encodes a picture and its map in the output's quality and `maxBytes`, which bounds the whole file.
///
/// # Errors
/// As [`encode`](super::encode).
pub fn encode_with_map(
    raster: &Raster,
    map: &Raster,
    metadata: &MapMetadata,
    spec: &OutputSpec,
) -> Result<Encoded> {
    match spec.max_bytes() {
        Some(most) => max_bytes::highest_that_fits(jpeg_quality(spec), most.into(), |quality, most| {
            let file = join(raster, map, metadata, quality)?;
            Ok(Some(file).filter(|file| file.len() as u64 <= most))
        }),
        None => {
            let quality = jpeg_quality(spec);
            Ok(Encoded { bytes: join(raster, map, metadata, quality)?, quality: Some(quality) })
        }
    }
}

fn join(raster: &Raster, map: &Raster, metadata: &MapMetadata, quality: u8) -> Result<Vec<u8>> {
    let mut second = jpeg::encode(map, map_quality(quality))?;
    second.splice(START..START, of_map(metadata));
    let mut file = jpeg::encode(raster, quality)?;
    let segments = of_base(file.len(), second.len());
    file.reserve_exact(segments.len() + second.len());
    file.splice(START..START, segments);
    file.append(&mut second);
    Ok(file)
}

/// Checks that `bytes` are one picture of this output's size and quality and one map of this size, as this engine writes them.
///
/// # Errors
/// [`Code::NotCanonical`](crate::Code::NotCanonical) with the first thing that differs.
pub fn check_canonical_with_map(bytes: &[u8], spec: &OutputSpec, map: Size) -> Result<()> {
    let most = max_encoded_bytes(spec, map);
    if bytes.len() as u64 > most {
        let detail = "The output has more bytes than any picture and gain map of their sizes.";
        return Err(not_canonical(detail).figures(most, bytes.len()));
    }
    if spec.size().pixels() == 0 || map.pixels() == 0 {
        return Err(not_canonical("An output and its gain map must have at least one pixel."));
    }
    let quality = jpeg_quality(spec);
    let segments = after_jfif(bytes);
    let second = jpeg::validate::walk(bytes, spec.size(), quality, segments.len())?;
    let second_segments = after_jfif(second);
    let rest = jpeg::validate::walk(second, map, map_quality(quality), second_segments.len())?;
    if !rest.is_empty() {
        let detail = "The output has data after its gain map.";
        return Err(not_canonical(detail).figures(0, rest.len()));
    }
    let foreign = || not_canonical("The gain map's numbers are not written as this engine writes them.");
    let (numbers, _) = read_numbers(second_segments).and_then(iso::parse).ok_or_else(foreign)?;
    if of_map(&numbers) != second_segments {
        return Err(foreign());
    }
    let base = bytes.len() - second.len() - segments.len();
    if of_base(base, second.len()) != segments {
        return Err(not_canonical("The output's index of its pictures is not the one of these two."));
    }
    Ok(())
}

fn map_spec(spec: &OutputSpec, map: Size) -> OutputSpec {
    spec.resized(map, Some(map_quality(jpeg_quality(spec))))
}

/// Most bytes that an output with a map of this size can have.
pub fn max_encoded_bytes(spec: &OutputSpec, map: Size) -> u64 {
    let alone = spec.made_with(spec.quality());
    most_bytes_alone(&alone, false) + most_bytes_alone(&map_spec(spec, map), false) + MOST_SEGMENT_BYTES
}

/// Most bytes that encoding holds at once, beside both pictures and the result.
pub fn memory_bytes(spec: &OutputSpec, map: Size) -> u64 {
    let (alone, map_spec) = (spec.made_with(spec.quality()), map_spec(spec, map));
    let one = super::memory_bytes(&alone, false).max(super::memory_bytes(&map_spec, false));
    // Each of the two by itself, before they are one; and the best file so far, while the next quality is tried.
    let best = if spec.max_bytes().is_some() { max_encoded_bytes(spec, map) } else { 0 };
    one + max_encoded_bytes(spec, map) + best
}

#[cfg(test)]
mod tests;
