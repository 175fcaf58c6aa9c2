//! Checks that bytes are exactly what [`super::encode`] writes for some picture of a stated size and format.
//!
//! That a file can be decoded proves little: decoders accept metadata, data behind the end, truncated scans and second
//! formats hidden inside. Lossless files are decoded and encoded again, and must come out equal. A JPEG cannot be made
//! again from its pixels. So its header must be the encoder's byte for byte, its one scan is read to the last bit, and its
//! Huffman tables must be the ones that follow from it (see `jpeg/validate.rs`). The same holds for lossy WebP (see
//! `formats/vp8/validate.rs`).

mod mask;

use super::formats::{encode_lossless, lossy_webp, png, webp};
use super::{jpeg, max_encoded_bytes};
use crate::error::{Error, Result, not_canonical};
use crate::geometry::Size;
use crate::pixel::Raster;
use crate::recipe::{DEFAULT_QUALITY, Format, OutputSpec};

/// Most bytes that [`check_canonical`] holds beside the file: a JPEG is walked, a lossy WebP walked and written again, the others are
/// decoded and encoded again.
pub fn check_memory_bytes(spec: &OutputSpec) -> u64 {
    match (spec.format(), spec.lossy_quality()) {
        (Format::Jpeg, _) => 0,
        (Format::Webp, Some(_)) => lossy_webp::check_memory_bytes(spec.size()),
        (Format::Png | Format::Webp, _) => {
            super::memory_bytes(spec, true) + spec.size().pixels() * 4 + max_encoded_bytes(spec, true)
        }
    }
}

/// Checks that `bytes` are one picture of this output's size, format and quality, as this engine encodes it.
///
/// The memory is bounded by the stated size: the file's own size is read from its header, and compared, before any decoder
/// runs.
///
/// # Errors
/// [`Code::NotCanonical`](crate::Code::NotCanonical) with the first thing that differs.
pub fn check_canonical(bytes: &[u8], spec: &OutputSpec) -> Result<()> {
    if bytes.len() as u64 > max_encoded_bytes(spec, true) {
        return Err(not_canonical("The output has more bytes than any picture of its size.")
            .figures(max_encoded_bytes(spec, true), bytes.len()));
    }
    if spec.size().pixels() == 0 {
        return Err(not_canonical("An output must have at least one pixel."));
    }
    match (spec.format(), spec.lossy_quality()) {
        (Format::Jpeg, quality) => {
            jpeg::validate::check(bytes, spec.size(), quality.unwrap_or(DEFAULT_QUALITY))
        }
        (Format::Webp, Some(quality)) => {
            let opacity = lossy_webp::check(bytes, spec.size(), quality)?;
            mask::check_opacity(opacity.as_deref(), spec)
        }
        (Format::Png, _) => check_encoded_again(bytes, &decode_png(bytes, spec)?, spec),
        (Format::Webp, None) => check_encoded_again(bytes, &decode_webp(bytes, spec)?, spec),
    }
}

fn wrong_size(spec: &OutputSpec, width: u32, height: u32) -> Error {
    not_canonical("The output does not have the size that the receipt states.")
        .figures(format!("{} x {}", spec.size().width, spec.size().height), format!("{width} x {height}"))
}

fn check_encoded_again(bytes: &[u8], raster: &Raster, spec: &OutputSpec) -> Result<()> {
    let again = encode_lossless(raster, spec.format())?;
    if again == bytes {
        return mask::check_raster(raster, spec);
    }
    let at = again.iter().zip(bytes).take_while(|(a, b)| a == b).count();
    Err(not_canonical(
        "The output is a picture, but not as this engine encodes it: encode it with the engine.",
    )
    .figures(format!("{} bytes", again.len()), format!("{} bytes, different from byte {at} on", bytes.len())))
}

/// Decodes a PNG that must consist of IHDR, one IDAT and IEND.
fn decode_png(bytes: &[u8], spec: &OutputSpec) -> Result<Raster> {
    let not_png = || not_canonical("The output is not a PNG as this engine writes it.");
    let mut rest = bytes.strip_prefix(png::SIGNATURE).ok_or_else(not_png)?;
    let mut chunks: Vec<(&[u8; 4], &[u8])> = Vec::new();
    while let (Some((length, tail)), 0..8) = (rest.split_first_chunk::<4>(), chunks.len()) {
        let (kind, tail) = tail.split_first_chunk::<4>().ok_or_else(not_png)?;
        let (content, tail) =
            tail.split_at_checked(u32::from_be_bytes(*length) as usize).ok_or_else(not_png)?;
        rest = tail.get(4..).ok_or_else(not_png)?;
        chunks.push((kind, content));
    }
    let ([(b"IHDR", header), (b"IDAT", data), (b"IEND", [])], []) = (&chunks[..], rest) else {
        let names: Vec<_> = chunks.iter().map(|(kind, _)| String::from_utf8_lossy(*kind)).collect();
        return Err(not_png().figures("IHDR, IDAT, IEND and nothing else", names.join(", ")));
    };
    let ([w0, w1, w2, w3, h0, h1, h2, h3, kind @ ..], 13) = (header, header.len()) else {
        return Err(not_png());
    };
    let size = Size::new(u32::from_be_bytes([*w0, *w1, *w2, *w3]), u32::from_be_bytes([*h0, *h1, *h2, *h3]));
    if size != spec.size() {
        return Err(wrong_size(spec, size.width, size.height));
    }
    let Some(alpha) = [false, true].into_iter().find(|alpha| png::header(size, *alpha) == **header) else {
        return Err(not_png().figures("8 bits a channel, RGB or RGBA", format!("{kind:?}")));
    };
    png::decode(data, size, alpha).ok_or_else(|| not_png().figures("a whole picture", "another"))
}

/// Decodes a WebP that must consist of one VP8L chunk of the stated size.
fn decode_webp(bytes: &[u8], spec: &OutputSpec) -> Result<Raster> {
    let not_webp = || not_canonical("The output is not a WebP as this engine writes it.");
    let header: &[u8; 25] = bytes.first_chunk().ok_or_else(not_webp)?;
    if &header[..4] != b"RIFF" || &header[8..16] != b"WEBPVP8L" || header[20] != 0x2f {
        return Err(not_webp().figures("RIFF, WEBP, one VP8L chunk", String::from_utf8_lossy(&header[..16])));
    }
    let bits = u32::from_le_bytes([header[21], header[22], header[23], header[24]]);
    let size = Size::new((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1);
    if size != spec.size() {
        return Err(wrong_size(spec, size.width, size.height));
    }
    webp::decode(bytes, size).map_err(|e| not_webp().figures("a whole picture", e))
}

#[cfg(test)]
mod tests;
