//! Files within `maxBytes`: the rule that docs/RECEIPT.md states.

use super::{Encoded, encode_lossless, jpeg};
use crate::error::{Code, Error, Result};
use crate::recipe::{Format, OutputSpec};
use crate::resample::Raster;

/// A file of at most `most` bytes.
///
/// A JPEG has the quality that was asked for if that is small enough; otherwise the one that halving the qualities
/// below finds. Files grow with the quality, so that is the highest one, but for the rare pair of neighbours whose
/// sizes stand the other way round: there the search, and not the highest, is the rule.
///
/// # Errors
/// [`Code::MaxBytesUnreachable`].
pub(super) fn encode(raster: &Raster, spec: &OutputSpec, most: u64) -> Result<Encoded> {
    if spec.format != Format::Jpeg {
        let bytes = encode_lossless(raster, spec.format)?;
        let detail = "This lossless output has more bytes than allowed: raise maxBytes, ask for a smaller size or for JPEG.";
        let length = bytes.len() as u64;
        return if length > most {
            Err(too_many(detail, most, length))
        } else {
            Ok(Encoded { bytes, quality: None })
        };
    }
    let asked = spec.jpeg_quality();
    if let Some(found) = search(asked, |quality| jpeg::encode_within(raster, quality, most))? {
        return Ok(found);
    }
    let detail = "This output has more bytes than allowed even at quality 1: raise maxBytes, or ask for a smaller size.";
    Err(too_many(detail, most, jpeg::encode(raster, 1)?.len() as u64))
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

fn too_many(detail: &str, most: u64, length: u64) -> Error {
    Error::new(Code::MaxBytesUnreachable, detail).at("maxBytes").figures(most, length)
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
