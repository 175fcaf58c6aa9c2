//! The parameter sets of HEVC pictures (`hvcC`: ISO/IEC 14496-15, 8.3.3; ITU-T H.265, 7.3.2), within what the decoder is given.
//!
//! The library parses them. What it would take much memory or time for is refused between its steps: a size before the sets that
//! depend on it, and a picture's partition before it is decoded.

use super::boxes::Fields;
use super::unsupported;
use crate::error::{Error, Result, damaged};
use crate::geometry::Size;
use crate::limits::Limits;
use heifer_hevc_dec::nal::{NalUnit, NalUnitType};
use heifer_hevc_dec::params::{ParameterSets, Pps, Sps};

/// Parameter sets of one `hvcC` property; a stream has at most 16 SPS and 64 PPS.
const MOST_SETS: usize = 128;

/// Columns and rows of tiles within one HEVC picture, of the highest level (H.265, table A.8).
const MOST_TILES: [u32; 2] = [20, 22];

/// What is the same of all the pictures that one picture is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Samples {
    /// The size that is seen of a coded picture.
    pub(crate) size: Size,
    /// The size that is decoded.
    pub(crate) coded: Size,
    /// As `chroma_format_idc`: 0 gray, 1 4:2:0, 2 4:2:2, 3 4:4:4.
    pub(crate) chroma: u8,
    /// Bits of a sample.
    pub(crate) depth: u8,
}

impl Samples {
    /// Luma samples for each chroma sample, across and down.
    pub(crate) fn subsampling(&self) -> [u32; 2] {
        match self.chroma {
            1 => [2, 2],
            2 => [2, 1],
            _ => [1, 1],
        }
    }
}

/// What a stream says of its colours (H.265, E.2.1), by the codes of ITU-T H.273.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Coding {
    pub(crate) primaries: u16,
    pub(crate) transfer: u16,
    pub(crate) matrix: u16,
    pub(crate) full_range: bool,
}

impl Coding {
    /// Nothing is said: of narrow range, as the standard has it.
    pub(super) const UNSPECIFIED: Self = Self { primaries: 2, transfer: 2, matrix: 2, full_range: false };

    /// The weights of red and blue in luma (H.273, table 4), of the matrices that are made of luma and differences.
    pub(crate) fn weights(&self) -> Option<(f64, f64)> {
        match self.matrix {
            1 => Some((0.2126, 0.0722)),
            // 2: not said; what libheif takes then
            2 | 5 | 6 => Some((0.299, 0.114)),
            4 => Some((0.30, 0.11)),
            7 => Some((0.212, 0.087)),
            9 => Some((0.2627, 0.0593)),
            _ => None,
        }
    }

    /// Refuses what is made in another way: but for gray, and for green, blue and red in planes of their own.
    pub(super) fn check(&self, samples: Samples) -> Result<()> {
        let planes = self.matrix == 0 && samples.chroma == 3;
        if samples.chroma > 0 && !planes && self.weights().is_none() {
            return Err(unsupported("has colours of a rare matrix", format!("matrix {}", self.matrix)));
        }
        Ok(())
    }
}

/// The sets of one `hvcC` property.
pub(crate) struct Stream {
    pub(crate) sets: ParameterSets,
    /// Bytes of the length before each unit: 1, 2 or 4.
    pub(crate) length_bytes: usize,
    pub(crate) samples: Samples,
    pub(crate) coding: Coding,
}

impl Stream {
    /// Reads the content of an `hvcC` property.
    pub(crate) fn read(config: &[u8], limits: &Limits) -> Result<Self> {
        let mut fields = Fields(config);
        if fields.u8()? != 1 {
            return Err(damaged("its pictures' parameters are of an unknown version"));
        }
        fields.take(20)?;
        let length_bytes = usize::from(fields.u8()? & 3) + 1;
        if length_bytes == 3 {
            return Err(damaged("its pictures' units have an impossible length"));
        }
        let units = units(fields)?;
        let mut sets = ParameterSets::default();
        let mut facts = None;
        for unit in units.iter().filter(|unit| unit.header.unit_type == NalUnitType::Sps) {
            sets.add(unit).map_err(to_error)?;
            for sps in sets.sps.iter().flatten() {
                let found = (samples(sps, limits)?, coding(sps));
                if facts.is_some_and(|(known, _)| known != found.0) {
                    return Err(damaged("its pictures' parameters contradict each other"));
                }
                facts = facts.or(Some(found));
            }
        }
        for unit in units.iter().filter(|unit| unit.header.unit_type == NalUnitType::Pps) {
            sets.add(unit).map_err(to_error)?;
        }
        let (samples, coding) = facts.ok_or_else(|| damaged("its pictures' parameters are missing"))?;
        for pps in sets.pps.iter().flatten() {
            check_pps(pps, samples)?;
        }
        Ok(Self { sets, length_bytes, samples, coding })
    }
}

/// The units of a property's arrays.
fn units(mut fields: Fields<'_>) -> Result<Vec<NalUnit<'_>>> {
    let mut units = Vec::new();
    for _ in 0..fields.u8()? {
        fields.u8()?;
        for _ in 0..fields.be16()? {
            let length = fields.be16()?;
            let unit = NalUnit::parse(fields.take(length.into())?).map_err(to_error)?;
            if units.len() == MOST_SETS {
                return Err(damaged("its pictures have more parameters than any stream"));
            }
            units.push(unit);
        }
    }
    Ok(units)
}

/// Coded pixels beyond the picture's edge, at most: twice the largest block.
const MOST_PADDING: u32 = 128;

/// What the stream is made of, where the decoder is made for that.
fn samples(sps: &Sps, limits: &Limits) -> Result<Samples> {
    let coded = Size::new(sps.pic_width_in_luma_samples, sps.pic_height_in_luma_samples);
    limits.check_source_size(coded)?;
    let (width, height) = sps.output_size();
    // Encoders fill up whole blocks. A tile that shows a small part of what is coded would take more time than its pixels are worth.
    if coded.width.abs_diff(width) > MOST_PADDING || coded.height.abs_diff(height) > MOST_PADDING {
        return Err(unsupported("shows only a part of its coded pictures", format!("{width} x {height}")));
    }
    let gray = sps.chroma_format_idc == 0;
    if sps.separate_colour_plane_flag {
        return Err(unsupported("has its colours in planes of their own", "separate planes"));
    }
    if sps.bit_depth_luma > 12 || (!gray && sps.bit_depth_luma != sps.bit_depth_chroma) {
        let depths = format!("{} and {} bits", sps.bit_depth_luma, sps.bit_depth_chroma);
        return Err(unsupported("has samples of a rare depth", depths));
    }
    if sps.range_extension.extended_precision_processing_flag {
        return Err(unsupported("is coded with extended precision", "extended precision"));
    }
    Ok(Samples {
        size: Size::new(width, height),
        coded,
        chroma: sps.chroma_format_idc,
        depth: sps.bit_depth_luma,
    })
}

fn coding(sps: &Sps) -> Coding {
    sps.vui.as_ref().map_or(Coding::UNSPECIFIED, |vui| Coding {
        primaries: vui.colour_primaries.into(),
        transfer: vui.transfer_characteristics.into(),
        matrix: vui.matrix_coeffs.into(),
        full_range: vui.video_full_range_flag,
    })
}

fn check_pps(pps: &Pps, samples: Samples) -> Result<()> {
    if let Some(tiles) = &pps.tiles
        && (tiles.num_columns > MOST_TILES[0] || tiles.num_rows > MOST_TILES[1])
    {
        return Err(damaged("a picture is cut into more tiles than HEVC allows"));
    }
    if pps.range_extension.cross_component_prediction_enabled_flag && samples.chroma != 3 {
        return Err(damaged("its chroma is predicted in a way that its layout does not allow"));
    }
    Ok(())
}

/// What the library does not decode, or finds broken.
pub(crate) fn to_error(error: heifer_hevc_dec::Error) -> Error {
    match error {
        heifer_hevc_dec::Error::Unimplemented(what) => unsupported("uses a rare feature of HEVC", what),
        other => damaged(&other.to_string()),
    }
}
