//! WebP encoder: a RIFF file with one VP8L chunk (lossless). The bitstream itself is made by `vp8l`.

use super::{refused, vp8l};
use crate::error::Result;
use crate::geometry::Size;
use crate::limits::Limits;
use crate::pixel::Raster;
use crate::probe::{formats::WebpFacts, probe};
use image_webp::WebPDecoder;
use std::io::Cursor;

/// Most bytes of a chunk that a RIFF header can state; more than any picture within the limits has.
const MAX_CHUNK: usize = u32::MAX as usize - 64;

pub(super) fn encode(raster: &Raster) -> Result<Vec<u8>> {
    let stream = vp8l::encode(raster);
    if stream.len() > MAX_CHUNK {
        return Err(refused("WebP", "it has more than 4 GiB"));
    }
    // Chunks are padded to an even length; their headers state the length without padding.
    let padded = stream.len().next_multiple_of(2);
    let mut file = Vec::with_capacity(20 + padded);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&(padded as u32 + 12).to_le_bytes());
    file.extend_from_slice(b"WEBPVP8L");
    file.extend_from_slice(&(stream.len() as u32).to_le_bytes());
    file.extend_from_slice(&stream);
    file.resize(20 + padded, 0);
    Ok(file)
}

/// Decodes a file whose header states `size`. The memory is bounded by that size, whatever follows: this encoder writes
/// one group of prefix codes, and a file with more groups, which could take any memory, is not decoded.
pub(in crate::encode) fn decode(bytes: &[u8], size: Size) -> std::result::Result<Raster, String> {
    let source = probe(&mut Cursor::new(bytes), &Limits::default()).map_err(|e| e.to_string())?;
    if !source.webp().is_some_and(WebpFacts::one_group) {
        return Err("other prefix codes".into());
    }
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(|e| e.to_string())?;
    let alpha = decoder.has_alpha();
    let channels = if alpha { 4 } else { 3 };
    if decoder.dimensions() != (size.width, size.height) {
        return Err(format!("{:?}", decoder.dimensions()));
    }
    let mut data = vec![0; size.pixels() as usize * channels];
    decoder.read_image(&mut data).map_err(|e| e.to_string())?;
    Ok(Raster { size, alpha, data })
}
