//! Encodes a file that must fit into `maxBytes`, by the rule that docs/RECEIPT.md states.

use super::{Encoded, encode_lossless, encode_lossy_within};
use crate::error::{Code, Error, Result};
use crate::pixel::Raster;
use crate::recipe::OutputSpec;

/// A file of at most `max_bytes` bytes.
///
/// A JPEG or lossy WebP gets the requested quality if that file is small enough, and otherwise the quality that a binary search below it
/// finds. Files grow with the quality, so this is the highest quality that fits. Rarely, two neighbouring qualities have
/// sizes in the opposite order: then the result of the search is the rule, and not the highest quality.
///
/// # Errors
/// [`Code::MaxBytesUnreachable`].
pub(super) fn encode(raster: &Raster, spec: &OutputSpec, max_bytes: u64) -> Result<Encoded> {
    let format = spec.format();
    let Some(asked) = spec.lossy_quality() else {
        let bytes = encode_lossless(raster, format)?;
        let detail = "This lossless output has more bytes than allowed: raise maxBytes, ask for a smaller size, for JPEG, or for WebP with a quality.";
        let length = bytes.len() as u64;
        return if length > max_bytes {
            Err(too_many(detail, max_bytes, length))
        } else {
            Ok(Encoded { bytes, quality: None })
        };
    };
    highest_that_fits(asked, max_bytes, |quality, most| encode_lossy_within(raster, format, quality, most))
}

/// The file of the highest quality, up to the one that is asked for, that `within` makes of at most so many bytes.
pub(super) fn highest_that_fits(
    asked: u8,
    max_bytes: u64,
    within: impl Fn(u8, u64) -> Result<Option<Vec<u8>>>,
) -> Result<Encoded> {
    if let Some(found) = search(asked, |quality| within(quality, max_bytes))? {
        return Ok(found);
    }
    let detail = "This output has more bytes than allowed, even at quality 1: raise maxBytes, or ask for a smaller size.";
    let least = within(1, u64::MAX)?.map_or(0, |file| file.len() as u64);
    Err(too_many(detail, max_bytes, least))
}

fn search(asked: u8, attempt: impl Fn(u8) -> Result<Option<Vec<u8>>>) -> Result<Option<Encoded>> {
    if let Some(bytes) = attempt(asked)? {
        return Ok(Some(Encoded { bytes, quality: Some(asked) }));
    }
    let (mut low, mut high, mut best) = (1, asked - 1, None);
    while low <= high {
        let middle = (low + high).div_ceil(2);
        match attempt(middle)? {
            Some(bytes) => {
                best = Some(Encoded { bytes, quality: Some(middle) });
                low = middle + 1;
            }
            None => high = middle - 1,
        }
    }
    Ok(best)
}

fn too_many(detail: &str, max_bytes: u64, length: u64) -> Error {
    Error::new(Code::MaxBytesUnreachable, detail).at("maxBytes").figures(max_bytes, length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_finds_the_highest_quality_that_fits() {
        for asked in 1..=100 {
            for highest in 0..=100 {
                let attempt = |quality: u8| Ok((quality <= highest).then(|| vec![quality]));
                let found = search(asked, attempt).unwrap().map(|made| (made.bytes[0], made.quality));
                let want = asked.min(highest);
                assert_eq!(found, (want > 0).then_some((want, Some(want))), "{asked} asked, {highest} fits");
            }
        }
    }
}
