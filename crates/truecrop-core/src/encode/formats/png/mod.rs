//! PNG (W3C PNG, third edition): 8 bits a channel, RGB or RGBA, not interlaced; IHDR, one IDAT and IEND only.
//!
//! Own code around a library's deflate, because a row at a time is enough: beside the picture and the file only two
//! rows and the compressor's state are held. The rows are those that the crate `png` writes with its balanced
//! compression and adaptive filter, byte for byte: that is how files were written before.

mod filter;

use super::refused;
use crate::crc32::Crc32;
use crate::decode::png::unfilter;
use crate::encode::max_png_bytes;
use crate::error::Result;
use crate::geometry::Size;
use crate::resample::Raster;
use filter::Rows;
use miniz_oxide::DataFormat;
use miniz_oxide::deflate::core::{CompressorOxide, TDEFLFlush, TDEFLStatus, compress_to_output};
use miniz_oxide::inflate::decompress_slice_iter_to_slice;

pub(in crate::encode) const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";

/// zlib's default level: 128 candidates for a match, and one byte of looking ahead for a better one.
const LEVEL: u8 = 6;

/// Most of a chunk that PNG allows.
const MOST: usize = i32::MAX as usize;

fn channels(alpha: bool) -> usize {
    if alpha { 4 } else { 3 }
}

pub(super) fn encode(raster: &Raster) -> Result<Vec<u8>> {
    // Grown as it fills, or cut to length at the end, a file would be held twice at times.
    let mut file = Vec::with_capacity(max_png_bytes(raster.size, raster.alpha) as usize);
    file.extend_from_slice(SIGNATURE);
    chunk(&mut file, b"IHDR", |file| {
        file.extend_from_slice(&header(raster.size, raster.alpha));
        Ok(())
    })?;
    chunk(&mut file, b"IDAT", |file| compress(raster, file))?;
    chunk(&mut file, b"IEND", |_| Ok(()))?;
    Ok(file)
}

/// What IHDR holds.
pub(in crate::encode) fn header(size: Size, alpha: bool) -> [u8; 13] {
    let mut header = [0; 13];
    header[..4].copy_from_slice(&size.width.to_be_bytes());
    header[4..8].copy_from_slice(&size.height.to_be_bytes());
    header[8] = 8;
    header[9] = if alpha { 6 } else { 2 };
    header
}

/// A chunk whose content `fill` appends.
fn chunk(file: &mut Vec<u8>, kind: &[u8; 4], fill: impl FnOnce(&mut Vec<u8>) -> Result<()>) -> Result<()> {
    let start = file.len();
    file.extend_from_slice(&[0; 4]);
    file.extend_from_slice(kind);
    fill(file)?;
    let length = file.len() - start - 8;
    if length > MOST {
        return Err(refused("PNG", "it has more than 2 GiB"));
    }
    file[start..start + 4].copy_from_slice(&(length as u32).to_be_bytes());
    let mut sum = Crc32::new();
    sum.update(&file[start + 4..]);
    file.extend_from_slice(&sum.finalize().to_be_bytes());
    Ok(())
}

/// The filtered rows as a zlib stream.
fn compress(raster: &Raster, file: &mut Vec<u8>) -> Result<()> {
    let mut compressor = Box::<CompressorOxide>::default();
    compressor.set_format_and_level(DataFormat::Zlib, LEVEL);
    let mut put = |row: &[u8], flush, wanted: TDEFLStatus| {
        let append = |bytes: &[u8]| {
            file.extend_from_slice(bytes);
            true
        };
        match compress_to_output(&mut compressor, row, flush, append) {
            (status, taken) if status == wanted && taken == row.len() => Ok(()),
            _ => Err(refused("PNG", "its rows cannot be compressed")),
        }
    };
    let channels = channels(raster.alpha);
    let mut rows = Rows::new(channels, raster.size.width as usize * channels);
    for row in raster.data.chunks_exact(raster.size.width as usize * channels) {
        put(rows.filter(row), TDEFLFlush::None, TDEFLStatus::Okay)?;
    }
    put(&[], TDEFLFlush::Finish, TDEFLStatus::Done)
}

/// The picture whose rows are in a zlib stream; `None` where they are not, or more or less than the size has.
/// Takes the memory of that size twice, whatever the stream claims.
pub(in crate::encode) fn decode(stream: &[u8], size: Size, alpha: bool) -> Option<Raster> {
    let channels = channels(alpha);
    let length = size.width as usize * channels;
    let mut rows = vec![0; (length + 1) * size.height as usize];
    let taken = decompress_slice_iter_to_slice(&mut rows, std::iter::once(stream), true, false);
    if taken != Ok(rows.len()) {
        return None;
    }
    let mut data = Vec::with_capacity(length * size.height as usize);
    let mut line = vec![0; length];
    for row in rows.chunks_exact(length + 1) {
        if !unfilter(row[0], channels, &row[1..], &mut line) {
            return None;
        }
        data.extend_from_slice(&line);
    }
    Some(Raster { size, alpha, data })
}

#[cfg(test)]
mod tests;
