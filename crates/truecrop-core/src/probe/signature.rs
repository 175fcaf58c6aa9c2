//! Tells a file's format by its first bytes (its signature, or magic number): the formats that are decoded, and those
//! that are refused by name.

use super::SourceFormat;
#[cfg(feature = "all-formats")]
use super::formats::rare;
use crate::error::{Code, Error, Result};

/// Bytes of the file that are looked at.
pub(super) const MAX_LENGTH: usize = 512;

/// The format of a file that begins with these bytes.
///
/// # Errors
/// [`Code::UnsupportedFormat`], which names what the file seems to be.
pub(super) fn detect_format(head: &[u8]) -> Result<SourceFormat> {
    match head {
        [0xFF, 0xD8, 0xFF, ..] => Ok(SourceFormat::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Ok(SourceFormat::Png),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(SourceFormat::Webp),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Ok(SourceFormat::Gif),
        #[cfg(feature = "heic")]
        [_, _, _, _, b'f', b't', b'y', b'p', ..] if matches!(brand(head).0, "heic" | "heif") => {
            Ok(SourceFormat::Heic)
        }
        #[cfg(feature = "all-formats")]
        _ => rare::detect_format(head).ok_or_else(|| refuse(head)),
        #[cfg(not(feature = "all-formats"))]
        _ => Err(refuse(head)),
    }
}

const CONVERT: &str = "save it as JPEG, PNG or WebP";

/// The refusal of a file that begins with these bytes.
pub(super) fn refuse(head: &[u8]) -> Error {
    let (id, name, advice) =
        name(head).unwrap_or(("unknown", "of an unknown format", "pick a JPEG, PNG, WebP or GIF picture"));
    let error = Error::new(Code::UnsupportedFormat, format!("The file is {name}: {advice}."));
    error.at("source").figures("jpeg, png, webp or gif", id)
}

type Named = (&'static str, &'static str, &'static str);

/// Signatures of formats that are refused: bytes at the start, the name in figures, the name in a sentence, and what to do.
const SIGNATURES: &[(&[u8], Named)] = &[
    (b"II*\0", ("tiff", "a TIFF (or camera raw) picture", CONVERT)),
    (b"MM\0*", ("tiff", "a TIFF (or camera raw) picture", CONVERT)),
    (b"II+\0", ("tiff", "a BigTIFF picture", CONVERT)),
    (b"MM\0+", ("tiff", "a BigTIFF picture", CONVERT)),
    (b"BM", ("bmp", "a BMP picture", CONVERT)),
    (b"\xFF\x0A", ("jxl", "a JPEG XL picture", CONVERT)),
    (b"\0\0\0\x0CJXL \r\n\x87\n", ("jxl", "a JPEG XL picture", CONVERT)),
    (b"\0\0\0\x0CjP  \r\n\x87\n", ("jp2", "a JPEG 2000 picture", CONVERT)),
    (b"\xFF\x4F\xFF\x51", ("jp2", "a JPEG 2000 picture", CONVERT)),
    (b"\0\0\x01\0", ("ico", "an icon", CONVERT)),
    (b"\0\0\x02\0", ("ico", "a cursor", CONVERT)),
    (b"8BPS", ("psd", "a Photoshop document", "export it as JPEG, PNG or WebP")),
    (b"%PDF-", ("pdf", "a PDF document", "export the page as a picture")),
    (b"%!PS", ("ps", "a PostScript document", "export it as a picture")),
    (b"PK\x03\x04", ("zip", "an archive", "unpack it, and pick the picture inside")),
    (b"\x1F\x8B", ("gzip", "a compressed file", "unpack it, and pick the picture inside")),
    (b"GIF", ("gif", "a GIF picture of an unknown version", CONVERT)),
    (b"qoif", ("qoi", "a QOI picture", CONVERT)),
    (b"\x76\x2F\x31\x01", ("exr", "an OpenEXR picture", CONVERT)),
    (b"DDS ", ("dds", "a DDS texture", CONVERT)),
    (b"\x1A\x45\xDF\xA3", ("webm", "a video", "pick a picture")),
];

fn name(head: &[u8]) -> Option<Named> {
    if let Some((_, named)) = SIGNATURES.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Some(*named);
    }
    if head.get(4..8) == Some(b"ftyp") {
        return Some(brand(head));
    }
    markup(head)
}

/// A file of the ISO base media family (HEIF, AVIF, MP4), by its major brand, then by its compatible brands.
fn brand(head: &[u8]) -> Named {
    let length = head.get(..4).map_or(0, |b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]) as usize);
    let end = length.clamp(12, 64).min(head.len());
    let brands = head.get(8..end).unwrap_or_default();
    for brand in brands.chunks_exact(4) {
        match brand {
            b"avif" | b"avis" => return ("avif", "an AVIF picture", CONVERT),
            b"heic" | b"heix" | b"hevc" | b"hevx" | b"heim" | b"heis" => {
                return (
                    "heic",
                    "a HEIC picture",
                    "save it as JPEG (on an iPhone: Settings, Camera, Formats, Most Compatible)",
                );
            }
            b"crx " => return ("cr3", "a camera raw picture", CONVERT),
            b"jxl " => return ("jxl", "a JPEG XL picture", CONVERT),
            _ => {}
        }
    }
    // pictures in JPEG and others begin with a brand of their own, and have these behind it
    if brands.chunks_exact(4).any(|brand| matches!(brand, b"mif1" | b"mif2" | b"msf1" | b"miaf")) {
        return ("heif", "a HEIF picture", CONVERT);
    }
    ("mp4", "a video", "pick a picture")
}

/// SVG, HTML or other markup. A byte order mark, white space, comments and declarations may come first.
fn markup(head: &[u8]) -> Option<Named> {
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    if text.first() != Some(&b'<') {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let has = |needle: &[u8]| lower.windows(needle.len()).any(|w| w == needle);
    if has(b"<!doctype html") || has(b"<html") || has(b"<head") || has(b"<body") || has(b"<script") {
        Some(("html", "a web page", "save the picture itself, not its page"))
    } else if has(b"<svg") {
        Some(("svg", "an SVG drawing", "export it as PNG"))
    } else {
        Some(("xml", "a text document", "pick a JPEG, PNG, WebP or GIF picture"))
    }
}
