//! The formats that are rare on the web: TIFF, BMP, ICO, TGA, PNM and QOI. The crate `image` decodes them as whole frames; the
//! PNGs within icons are our own decoder's.
//!
//! Only what `image` decodes in integers is let through by the probe: what it does in floating-point numbers (CMYK and
//! floating-point TIFF, PNM's scaling of samples, JPEG within TIFF) is refused there, or done here.

mod change;
mod rows;

use super::{DecodePlan, Layout, RowSource, png};
use crate::error::{Code, Error, Result, damaged};
use crate::probe::formats::rare::{Change, RareFacts};
use crate::probe::{Depth, Probe, SourceFormat};
use crate::source::{FilledReader, Reader, SplicedReader};
use image::codecs::{bmp::BmpDecoder, pnm::PnmDecoder, qoi::QoiDecoder, tga::TgaDecoder, tiff::TiffDecoder};
use image::{ColorType, ImageDecoder, ImageError, Limits};
use rows::FrameRows;
use std::io::{BufReader, Read};

/// Most bytes that decoding holds at once: the frame, what the library holds beside it, and a row.
pub(super) fn memory_bytes(probe: &Probe, plan: &DecodePlan) -> u64 {
    if probe.png().is_some() {
        return png::memory_bytes(probe, plan);
    }
    let Some(facts) = probe.rare() else { return 0 };
    let pixel = pixel_bytes(facts, probe.depth());
    pixel * probe.stored().pixels() + facts.working + pixel * u64::from(plan.window.width)
}

fn pixel_bytes(facts: &RareFacts, depth: Depth) -> u64 {
    u64::from(facts.channels) * if depth == Depth::Sixteen { 2 } else { 1 }
}

pub(super) fn open(reader: Reader, probe: &Probe, plan: &DecodePlan) -> Result<Box<dyn RowSource>> {
    let facts = probe.rare().ok_or_else(|| Error::new(Code::Internal, "The probe is not of this format."))?;
    if probe.png().is_some() {
        let part =
            SplicedReader::new(Vec::new(), reader, facts.start, probe.bytes().saturating_sub(facts.start));
        return png::open(Box::new(part), probe, plan);
    }
    let data = decode(reader, probe, facts)?;
    Ok(Box::new(FrameRows::new(data, facts, probe, plan.window)))
}

/// The frame, as the library gives it.
fn decode(reader: Reader, probe: &Probe, facts: &RareFacts) -> Result<Vec<u8>> {
    let reader = FilledReader::new(reader);
    let spliced = |reader| {
        let length = probe.bytes().saturating_sub(facts.start);
        BufReader::new(SplicedReader::new(facts.head.clone(), reader, facts.start, length))
    };
    match probe.format() {
        SourceFormat::Tiff => {
            let mut decoder = TiffDecoder::new(BufReader::new(reader)).map_err(to_error)?;
            // The probe has bounded all that these limits are about; the library's own would refuse large pictures.
            decoder.set_limits(Limits::no_limits()).map_err(to_error)?;
            read(decoder, probe, facts)
        }
        SourceFormat::Bmp => read(BmpDecoder::new(BufReader::new(reader)).map_err(to_error)?, probe, facts),
        SourceFormat::Ico => icon(&mut spliced(reader), probe, facts),
        SourceFormat::Tga => read(TgaDecoder::new(BufReader::new(reader)).map_err(to_error)?, probe, facts),
        SourceFormat::Pnm => read(PnmDecoder::new(spliced(reader)).map_err(to_error)?, probe, facts),
        SourceFormat::Qoi => read(QoiDecoder::new(BufReader::new(reader)).map_err(to_error)?, probe, facts),
        _ => Err(Error::new(Code::Internal, "This format is decoded elsewhere.")),
    }
}

/// A whole frame of the samples that the probe has announced.
fn read(decoder: impl ImageDecoder, probe: &Probe, facts: &RareFacts) -> Result<Vec<u8>> {
    let size = probe.stored();
    let color = match (layout(facts), probe.depth()) {
        (Layout::Gray, Depth::Eight) => ColorType::L8,
        (Layout::GrayAlpha, Depth::Eight) => ColorType::La8,
        (Layout::Rgb, Depth::Eight) => ColorType::Rgb8,
        (_, Depth::Eight) => ColorType::Rgba8,
        (Layout::Gray, Depth::Sixteen) => ColorType::L16,
        (Layout::GrayAlpha, Depth::Sixteen) => ColorType::La16,
        (Layout::Rgb, Depth::Sixteen) => ColorType::Rgb16,
        (_, Depth::Sixteen) => ColorType::Rgba16,
    };
    read_as(decoder, (size.width, size.height), color)
}

fn read_as(decoder: impl ImageDecoder, size: (u32, u32), color: ColorType) -> Result<Vec<u8>> {
    if decoder.dimensions() != size || decoder.color_type() != color {
        return Err(damaged("its header is ambiguous"));
    }
    let bytes = usize::try_from(decoder.total_bytes()).map_err(|_| damaged("its frame is too large"))?;
    let mut data = vec![0; bytes];
    decoder.read_image(&mut data).map_err(to_error)?;
    Ok(data)
}

/// An icon's BMP, as browsers show it: by its alpha where a pixel has any, otherwise by its mask.
fn icon(
    file: &mut BufReader<SplicedReader<FilledReader>>,
    probe: &Probe,
    facts: &RareFacts,
) -> Result<Vec<u8>> {
    let size = probe.stored();
    let color = if facts.head.len() > 54 { ColorType::Rgba8 } else { ColorType::Rgb8 };
    let decoder = BmpDecoder::new(&mut *file).map_err(to_error)?;
    let mut data = read_as(decoder, (size.width, size.height), color)?;
    if color == ColorType::Rgb8 {
        let mut rgba = Vec::with_capacity(data.len() / 3 * 4);
        data.as_chunks::<3>().0.iter().for_each(|[r, g, b]| rgba.extend_from_slice(&[*r, *g, *b, 0]));
        data = rgba;
    }
    if let Change::Icon { mask } = facts.change
        && change::is_transparent(&data)
    {
        apply_mask(&mut data, file, size.width as usize, facts.head.len() as u64 + mask)?;
    }
    Ok(data)
}

/// The mask's rows go from the bottom up, as the picture's do; a set bit is a transparent pixel. A file without mask is opaque.
fn apply_mask(
    data: &mut [u8],
    file: &mut BufReader<SplicedReader<FilledReader>>,
    width: usize,
    at: u64,
) -> Result<()> {
    use std::io::{Seek, SeekFrom};
    file.seek(SeekFrom::Start(at))?;
    let mut bits = vec![0; width.div_ceil(32) * 4];
    for row in data.chunks_exact_mut(4 * width).rev() {
        if file.read_exact(&mut bits).is_err() {
            bits.fill(0);
        }
        for (x, pixel) in row.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            let transparent = bits[x / 8] << (x % 8) & 0x80 != 0;
            pixel[3] = if transparent { 0 } else { 255 };
        }
    }
    Ok(())
}

fn layout(facts: &RareFacts) -> Layout {
    match facts.channels {
        1 => Layout::Gray,
        2 => Layout::GrayAlpha,
        3 => Layout::Rgb,
        _ => Layout::Rgba,
    }
}

fn to_error(error: ImageError) -> Error {
    match error {
        ImageError::IoError(error) => match error.kind() {
            std::io::ErrorKind::UnexpectedEof => damaged("it ends too early"),
            std::io::ErrorKind::InvalidData
            | std::io::ErrorKind::InvalidInput
            | std::io::ErrorKind::Other => damaged("its compressed data is invalid"),
            _ => error.into(),
        },
        ImageError::Unsupported(_) => {
            let detail =
                "The file is of a rare kind that is not read here: save it as PNG or as ordinary TIFF.";
            Error::new(Code::UnsupportedFormat, detail).at("source")
        }
        _ => damaged("its data is invalid"),
    }
}
