//! Lossless WebP encoder: a RIFF file with one VP8L chunk. The bitstream itself is made by `vp8l`.

use super::{refused, vp8l};
use crate::decode::{self, DecodePlan};
use crate::error::Result;
use crate::geometry::Size;
use crate::limits::Limits;
use crate::pixel::Raster;
use crate::probe::{formats::WebpFacts, probe};
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
    if source.stored() != size {
        return Err(format!("{} x {}", source.stored().width, source.stored().height));
    }
    let reader = Box::new(Cursor::new(bytes.to_vec()));
    let limits = Limits::default();
    let rows = decode::open(reader, &source, &DecodePlan::whole(&source), &limits, None);
    let mut rows = rows.map_err(|e| e.to_string())?;
    let alpha = rows.layout().alpha();
    let mut data = Vec::with_capacity(size.pixels() as usize * rows.layout().channels());
    while let Some(row) = rows.next_row().map_err(|e| e.to_string())? {
        row.append_to(&mut data);
    }
    Ok(Raster { size, alpha, data })
}
