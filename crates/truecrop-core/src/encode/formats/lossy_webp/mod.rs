//! Lossy WebP: the colours as a VP8 frame, and the opacity of a picture that can be transparent as a lossless ALPH chunk (RFC 9649, 2.5 to 2.7).

use super::{refused, vp8, vp8l, webp};
use crate::error::{Result, not_canonical};
use crate::geometry::Size;
use crate::pixel::Raster;

/// The first byte of an ALPH chunk: compressed, without a filter or levels left out.
const COMPRESSED: u8 = 1;
/// The flag of VP8X that there is opacity.
const HAS_ALPHA: u8 = 1 << 4;

/// Encodes a picture at a quality of 1 to 100.
///
/// # Errors
/// [`Code::OutputTooLarge`](crate::Code::OutputTooLarge) for a picture that the format cannot hold.
pub(in crate::encode) fn encode(raster: &Raster, quality: u8) -> Result<Vec<u8>> {
    let size = raster.size;
    if size.width.max(size.height) > vp8::MOST_SIDE {
        return Err(refused("WebP", "a lossy one has at most 16,383 pixels a side"));
    }
    let too_large = || refused("WebP", "a lossy one cannot hold the modes of so many pixels");
    let frame = vp8::encode(raster, quality).ok_or_else(too_large)?;
    if !raster.alpha {
        return Ok(file(&[(b"VP8 ", &frame)]));
    }
    let alpha: Vec<u8> = raster.data.chunks_exact(4).map(|pixel| pixel[3]).collect();
    let chunks = [(b"VP8X", &extended(size)[..]), (b"ALPH", &opacity(&alpha, size)), (b"VP8 ", &frame)];
    Ok(file(&chunks))
}

/// Most bytes of a file.
pub(in crate::encode) fn most_bytes(size: Size, alpha: bool) -> u64 {
    vp8::most_bytes(size) + if alpha { most_opacity(size) } else { 0 } + 64
}

/// Noise takes 8 bits a pixel and a little.
fn most_opacity(size: Size) -> u64 {
    size.pixels() * 5 / 4 + (16 << 10)
}

/// Most bytes that encoding holds beside the picture and the file.
pub(in crate::encode) fn memory_bytes(size: Size, alpha: bool) -> u64 {
    // The frame waits while the opacity is coded: its values, its residuals and its stream while it grows.
    let opacity = if alpha { size.pixels() * 5 + 3 * most_opacity(size) } else { 0 };
    vp8::memory_bytes(size) + vp8::most_bytes(size) + opacity
}

/// The content of VP8X.
fn extended(size: Size) -> [u8; 10] {
    let [w0, w1, w2, _] = (size.width - 1).to_le_bytes();
    let [h0, h1, h2, _] = (size.height - 1).to_le_bytes();
    [HAS_ALPHA, 0, 0, 0, w0, w1, w2, h0, h1, h2]
}

/// The content of ALPH.
fn opacity(alpha: &[u8], size: Size) -> Vec<u8> {
    [&[COMPRESSED][..], &vp8l::encode_opacity(alpha, size)].concat()
}

/// A RIFF file of these chunks, each padded to an even length.
fn file(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let content: usize = chunks.iter().map(|(_, content)| 8 + content.len().next_multiple_of(2)).sum();
    let mut file = Vec::with_capacity(12 + content);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&(content as u32 + 4).to_le_bytes());
    file.extend_from_slice(b"WEBP");
    for (name, content) in chunks {
        file.extend_from_slice(*name);
        file.extend_from_slice(&(content.len() as u32).to_le_bytes());
        file.extend_from_slice(content);
        file.resize(file.len().next_multiple_of(2), 0);
    }
    file
}

/// Checks that `bytes` are what [`encode`] writes for some picture of this size, at exactly this quality; gives its opacity, row by row.
///
/// # Errors
/// [`Code::NotCanonical`](crate::Code::NotCanonical) with the first thing that differs.
pub(in crate::encode) fn check(bytes: &[u8], size: Size, quality: u8) -> Result<Option<Vec<u8>>> {
    let foreign = || not_canonical("The output is not a lossy WebP as this engine writes it.");
    let chunks = chunks(bytes).ok_or_else(foreign)?;
    let (frame, opacity) = match &chunks[..] {
        [(b"VP8 ", frame)] => (*frame, None),
        [(b"VP8X", head), (b"ALPH", alpha), (b"VP8 ", frame)] if **head == extended(size) => {
            (*frame, Some(check_opacity(alpha, size)?))
        }
        _ => {
            let names: Vec<_> = chunks.iter().map(|(name, _)| String::from_utf8_lossy(*name)).collect();
            let error = foreign().figures("VP8, or VP8X, ALPH, VP8 of the stated size", names.join(", "));
            return Err(error);
        }
    };
    vp8::validate::check(frame, size, quality)?;
    // The lengths in the headers and the padding.
    if file(&chunks) == bytes {
        Ok(opacity)
    } else {
        Err(foreign().figures("the engine's container", "another"))
    }
}

/// The chunks of a file; `None` for more than three, or if they are not whole.
fn chunks(bytes: &[u8]) -> Option<Vec<(&[u8; 4], &[u8])>> {
    let (_, mut rest) = bytes.split_at_checked(12)?;
    let mut chunks = Vec::new();
    while !rest.is_empty() {
        let (name, tail) = rest.split_first_chunk::<4>()?;
        let (length, tail) = tail.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*length) as usize;
        chunks.push((name, tail.get(..length)?));
        rest = tail.get(length.checked_next_multiple_of(2)?..)?;
        if chunks.len() > 3 {
            return None;
        }
    }
    Some(chunks)
}

/// Decodes the opacity and encodes it again.
fn check_opacity(content: &[u8], size: Size) -> Result<Vec<u8>> {
    let foreign = || not_canonical("The output's opacity is not as this engine writes it.");
    if content.len() as u64 > most_opacity(size) {
        return Err(foreign().figures(most_opacity(size), content.len()));
    }
    let stream = content.strip_prefix(&[COMPRESSED]).ok_or_else(foreign)?;
    // The stream is that of a lossless picture without its header; the opacity is its green.
    let picture = [&vp8l::header(size, false)[..], stream].concat();
    let decoded = webp::decode(&file(&[(b"VP8L", &picture)]), size);
    let decoded = decoded.map_err(|e| foreign().figures("a whole picture", e))?;
    let alpha: Vec<u8> = decoded.data.chunks_exact(3).map(|pixel| pixel[1]).collect();
    drop(decoded);
    if opacity(&alpha, size) == content { Ok(alpha) } else { Err(foreign()) }
}

/// Most bytes that [`check`] holds beside the file.
pub(in crate::encode) fn check_memory_bytes(size: Size) -> u64 {
    let opacity = size.pixels() * 4 * 2 + 4 * most_opacity(size);
    // The opacity stays while the frame is walked.
    2 * most_bytes(size, true) + opacity + size.pixels() + (512 << 10)
}

#[cfg(test)]
mod tests;
