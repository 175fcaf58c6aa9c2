//! Reads tags of an EXIF block (EXIF 2.32, 4.6.2: a TIFF 6.0 header and its first directory). The orientation is the only
//! tag that is used.

use crate::geometry::Orientation;

/// Directory entries that are read at most. Cameras write a few dozen.
const MAX_ENTRIES: u16 = 1000;

const ORIENTATION: u16 = 0x0112;
const SHORT: u16 = 3;
const LONG: u16 = 4;

/// The orientation, if the block has a valid one. `exif` may begin with `Exif\0` and one byte more, as it does in
/// JPEG files.
pub(super) fn orientation(exif: &[u8]) -> Option<Orientation> {
    let tiff = exif.strip_prefix(b"Exif\0").and_then(|rest| rest.get(1..)).unwrap_or(exif);
    let tiff = Tiff { bytes: tiff, little: read_order(tiff)? };
    if tiff.u16(2)? != 42 {
        return None;
    }
    let directory = tiff.u32(4)? as usize;
    let entries = tiff.u16(directory)?.min(MAX_ENTRIES);
    for i in 0..usize::from(entries) {
        let entry = directory.checked_add(2 + 12 * i)?;
        if tiff.u16(entry)? != ORIENTATION {
            continue;
        }
        let count = tiff.u32(entry + 4)?;
        let value = match (tiff.u16(entry + 2)?, count) {
            (SHORT, 1) => tiff.u16(entry + 8)?,
            // some cameras write it as LONG
            (LONG, 1) => u16::try_from(tiff.u32(entry + 8)?).ok()?,
            _ => return None,
        };
        return Orientation::new(value);
    }
    None
}

fn read_order(tiff: &[u8]) -> Option<bool> {
    match tiff.get(..2)? {
        b"II" => Some(true),
        b"MM" => Some(false),
        _ => None,
    }
}

struct Tiff<'a> {
    bytes: &'a [u8],
    little: bool,
}

impl Tiff<'_> {
    fn array<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.bytes.get(at..at.checked_add(N)?)?.try_into().ok()
    }

    fn u16(&self, at: usize) -> Option<u16> {
        let bytes = self.array(at)?;
        Some(if self.little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    }

    fn u32(&self, at: usize) -> Option<u32> {
        let bytes = self.array(at)?;
        Some(if self.little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }
}
