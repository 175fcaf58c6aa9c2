//! Law: a PNG with an ancillary chunk of a wrong checksum is shown as the same PNG without that chunk.
//!
//! The chunk is one that the file has, or one that is put behind its header and would change what is seen.

use super::decode::pixels;
use super::input::Input;
use super::{limits, reader};
use std::ops::Range;
use truecrop_core::decode::DecodePlan;
use truecrop_core::probe::{StatedColor, probe};

/// Chunks that are read: kind and content.
const READ: [(&[u8; 4], &[u8]); 7] = [
    (b"eXIf", b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"),
    (b"gAMA", &[0, 1, 0x86, 0xA0]),
    (b"cICP", &[12, 13, 0, 1]),
    (b"sRGB", &[0]),
    (b"tRNS", &[0, 0]),
    (b"tRNS", &[0, 0, 0, 0, 0, 0]),
    (b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]),
];

/// More chunks than this are refused, with one fewer or one more.
const MOST_CHUNKS: usize = 4000;

/// Checks the law for a file.
pub fn check(data: &[u8]) {
    let mut input = Input::beside(data);
    let Some(chunks) = ancillary(data) else { return };
    if chunks.len() > MOST_CHUNKS {
        return;
    }
    let (without, with) = if chunks.is_empty() || input.once_in(2) {
        let (kind, content) = input.pick(&READ);
        let mut chunk = [&(content.len() as u32).to_be_bytes()[..], kind, content].concat();
        let sum = crc32fast::hash(&chunk[4..]) ^ (1 << input.below(32));
        chunk.extend(sum.to_be_bytes());
        let behind_header = 33;
        let with = [&data[..behind_header], &chunk, &data[behind_header..]].concat();
        (data.to_vec(), with)
    } else {
        let Range { start, end } = chunks[input.below(chunks.len() as u32) as usize].clone();
        let mut with = data.to_vec();
        let sum = crc32fast::hash(&data[start + 4..end - 4]) ^ (1 << input.below(32));
        with[end - 4..end].copy_from_slice(&sum.to_be_bytes());
        ([&data[..start], &data[end..]].concat(), with)
    };
    assert!(shown(&without) == shown(&with), "a chunk with a wrong checksum was used");
}

/// What is seen of a file, or the code of its refusal.
type Shown = Result<(u8, bool, bool, Vec<StatedColor>, Result<Vec<u8>, &'static str>), &'static str>;

fn shown(file: &[u8]) -> Shown {
    let probe = probe(&mut *reader(file), &limits()).map_err(|e| e.code().as_str())?;
    let rows = pixels(reader(file), &probe, &DecodePlan::whole(&probe)).map_err(|e| e.code().as_str());
    let colors = probe.stated_colors().to_vec();
    Ok((probe.orientation().value(), probe.alpha(), probe.animated(), colors, rows))
}

/// The ancillary chunks between IHDR and the pixel data; `None` for what is no PNG up to there.
fn ancillary(data: &[u8]) -> Option<Vec<Range<usize>>> {
    if !data.starts_with(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR") {
        return None;
    }
    let (mut at, mut found) = (33, Vec::new());
    loop {
        let length = u32::from_be_bytes(data.get(at..at + 4)?.try_into().ok()?) as usize;
        let kind = data.get(at + 4..at + 8)?;
        if kind == b"IDAT" {
            return Some(found);
        }
        let end = at.checked_add(length)?.checked_add(12).filter(|end| *end <= data.len())?;
        // a profile that is too large is not read, whatever its checksum
        if kind[0] & 0x20 != 0 && length <= limits().profile_bytes {
            found.push(at..end);
        }
        at = end;
    }
}
