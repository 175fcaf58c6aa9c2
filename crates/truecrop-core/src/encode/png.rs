//! PNG: 8 bits a channel, RGB or RGBA, not interlaced; IHDR, IDAT and IEND only.

use super::failed;
use crate::error::Result;
use crate::resample::Raster;
use png::{BitDepth, ColorType, Compression, Encoder, Filter};

pub(super) fn encode(raster: &Raster) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, raster.size.width, raster.size.height);
    encoder.set_color(if raster.alpha { ColorType::Rgba } else { ColorType::Rgb });
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Balanced);
    encoder.set_filter(Filter::Adaptive);
    let mut writer = encoder.write_header().map_err(|e| failed("PNG", &e))?;
    writer.write_image_data(&raster.data).map_err(|e| failed("PNG", &e))?;
    writer.finish().map_err(|e| failed("PNG", &e))?;
    Ok(file)
}
