//! PNG encoder (W3C PNG, third edition): 8 bits a channel, RGB or RGBA, not interlaced; IHDR, one IDAT and IEND only.
//!
//! Own code around a library's deflate, because it works row by row: beside the picture and the file, only two rows and
//! the compressor's state are held. The files are, byte for byte, those that the crate `png` writes with its balanced
//! compression and adaptive filter, because earlier versions of this engine used it.

mod filter;

use super::refused;
use crate::crc32::Crc32;
use crate::decode::png::unfilter;
use crate::encode::max_png_bytes;
use crate::error::Result;
use crate::geometry::Size;
use crate::pixel::Raster;
use filter::RowFilter;
use miniz_oxide::DataFormat;
use miniz_oxide::deflate::core::{CompressorOxide, TDEFLFlush, TDEFLStatus, compress_to_output};
use miniz_oxide::inflate::decompress_slice_iter_to_slice;

pub(in crate::encode) const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";

/// zlib's default level: up to 128 candidates for a match, and lazy matching by one byte.
const LEVEL: u8 = 6;

/// Most bytes that PNG allows in a chunk.
const MAX_CHUNK: usize = i32::MAX as usize;

fn channels(alpha: bool) -> usize {
    if alpha { 4 } else { 3 }
}

pub(super) fn encode(raster: &Raster) -> Result<Vec<u8>> {
    // Reserved at once: growing the file, or cutting it to length, would hold it twice for a moment.
    let mut file = Vec::with_capacity(max_png_bytes(raster.size, raster.alpha) as usize);
    file.extend_from_slice(SIGNATURE);
    append_chunk(&mut file, b"IHDR", |file| {
        file.extend_from_slice(&header(raster.size, raster.alpha));
        Ok(())
    })?;
    append_chunk(&mut file, b"IDAT", |file| compress(raster, file))?;
    append_chunk(&mut file, b"IEND", |_| Ok(()))?;
    Ok(file)
}

/// The content of IHDR.
pub(in crate::encode) fn header(size: Size, alpha: bool) -> [u8; 13] {
    let mut header = [0; 13];
    header[..4].copy_from_slice(&size.width.to_be_bytes());
    header[4..8].copy_from_slice(&size.height.to_be_bytes());
    header[8] = 8;
    header[9] = if alpha { 6 } else { 2 };
    header
}

/// Appends a chunk; `fill` appends its content.
fn append_chunk(
    file: &mut Vec<u8>,
    kind: &[u8; 4],
    fill: impl FnOnce(&mut Vec<u8>) -> Result<()>,
) -> Result<()> {
    let start = file.len();
    file.extend_from_slice(&[0; 4]);
    file.extend_from_slice(kind);
    fill(file)?;
    let length = file.len() - start - 8;
    if length > MAX_CHUNK {
        return Err(refused("PNG", "it has more than 2 GiB"));
    }
    file[start..start + 4].copy_from_slice(&(length as u32).to_be_bytes());
    let mut sum = Crc32::new();
    sum.update(&file[start + 4..]);
    file.extend_from_slice(&sum.finalize().to_be_bytes());
    Ok(())
}

/// Appends the filtered rows as a zlib stream.
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
    let mut rows = RowFilter::new(channels, raster.size.width as usize * channels);
    for row in raster.data.chunks_exact(raster.size.width as usize * channels) {
        put(rows.filter(row), TDEFLFlush::None, TDEFLStatus::Okay)?;
    }
    put(&[], TDEFLFlush::Finish, TDEFLStatus::Done)
}

/// Decodes the pixels from a zlib stream of filtered rows. `None` if the stream is invalid, or does not have exactly the
/// rows of this size. Takes the memory of that size twice, whatever the stream claims.
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
