//! JPEG: baseline, Annex K tables, one interleaved scan; chroma at half the density below quality 90.

use super::failed;
use crate::error::{Code, Error, Result};
use crate::resample::Raster;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// From this quality on the chroma keeps its full density.
const FULL_CHROMA: u8 = 90;

/// Blocks of luma across and down in one MCU.
pub(super) fn luma_factor(quality: u8) -> u32 {
    if quality >= FULL_CHROMA { 1 } else { 2 }
}

pub(super) fn encode(raster: &Raster, quality: u8) -> Result<Vec<u8>> {
    if raster.alpha {
        let error =
            Error::new(Code::BackgroundRequired, "JPEG can not be transparent: give a background colour.");
        return Err(error.at("background"));
    }
    let side = |v: u32| u16::try_from(v).map_err(|e| failed("JPEG", &e));
    let (width, height) = (side(raster.size.width)?, side(raster.size.height)?);
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, quality);
    let factor = luma_factor(quality);
    encoder.set_sampling_factor(if factor == 1 { SamplingFactor::R_4_4_4 } else { SamplingFactor::R_4_2_0 });
    encoder.encode(&raster.data, width, height, ColorType::Rgb).map_err(|e| failed("JPEG", &e))?;
    Ok(file)
}
