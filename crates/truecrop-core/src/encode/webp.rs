//! WebP: lossless, one VP8L chunk.

use super::failed;
use crate::error::Result;
use crate::geometry::Size;
use crate::resample::Raster;
use image_webp::{ColorType, WebPDecoder, WebPEncoder};
use std::io::Cursor;

pub(super) fn encode(raster: &Raster) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    let color = if raster.alpha { ColorType::Rgba8 } else { ColorType::Rgb8 };
    WebPEncoder::new(&mut file)
        .encode(&raster.data, raster.size.width, raster.size.height, color)
        .map_err(|e| failed("WebP", &e))?;
    Ok(file)
}

/// A file whose header claims `size`. Bounded by that size, not by what follows.
pub(super) fn decode(bytes: &[u8], size: Size) -> std::result::Result<Raster, String> {
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
