//! Reads tags of an EXIF block (EXIF 2.32, 4.6.2: a TIFF 6.0 header and its first directory). The orientation is the only
//! tag that is used of all files.

use crate::geometry::Orientation;

/// Directory entries that are read at most. Cameras write a few dozen.
const MAX_ENTRIES: u16 = 1000;

const ORIENTATION: u16 = 0x0112;
const SHORT: u16 = 3;
const LONG: u16 = 4;
/// The same with a sign.
const SSHORT: u16 = 8;
const SLONG: u16 = 9;

/// The orientation, if the block has a valid one. `exif` may begin with `Exif\0` and one byte more, as it does in
/// JPEG files.
pub(super) fn orientation(exif: &[u8]) -> Option<Orientation> {
    let tiff = exif.strip_prefix(b"Exif\0").and_then(|rest| rest.get(1..)).unwrap_or(exif);
    let tiff = Tiff::new(tiff)?;
    let entry = tiff.entry(tiff.u32(4)? as usize, ORIENTATION)?;
    let count = tiff.u32(entry + 4)?;
    let value = match (tiff.u16(entry + 2)?, count) {
        (SHORT | SSHORT, 1) => tiff.u16(entry + 8)?,
        // some cameras write it as one of these
        (LONG | SLONG, 1) => u16::try_from(tiff.u32(entry + 8)?).ok()?,
        _ => return None,
    };
    Orientation::new(value)
}

fn read_order(tiff: &[u8]) -> Option<bool> {
    match tiff.get(..2)? {
        b"II" => Some(true),
        b"MM" => Some(false),
        _ => None,
    }
}

/// Directories of tags, whose offsets are counted from the first byte.
pub(super) struct Tiff<'a> {
    bytes: &'a [u8],
    little: bool,
}

impl<'a> Tiff<'a> {
    /// `None` without the header of TIFF.
    pub(super) fn new(bytes: &'a [u8]) -> Option<Self> {
        let tiff = Self { bytes, little: read_order(bytes)? };
        (tiff.u16(2)? == 42).then_some(tiff)
    }

    /// The offset of a tag's entry in the directory at an offset: its tag, type, count and value have 2, 2, 4 and 4 bytes.
    pub(super) fn entry(&self, directory: usize, tag: u16) -> Option<usize> {
        let entries = self.u16(directory)?.min(MAX_ENTRIES);
        for i in 0..usize::from(entries) {
            let entry = directory.checked_add(2 + 12 * i)?;
            if self.u16(entry)? == tag {
                return Some(entry);
            }
        }
        None
    }

    fn array<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.bytes.get(at..at.checked_add(N)?)?.try_into().ok()
    }

    pub(super) fn u16(&self, at: usize) -> Option<u16> {
        let bytes = self.array(at)?;
        Some(if self.little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    }

    pub(super) fn u32(&self, at: usize) -> Option<u32> {
        let bytes = self.array(at)?;
        Some(if self.little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }
}

/// What only the notes of cameras need.
#[cfg(all(feature = "heic", feature = "formats"))]
impl<'a> Tiff<'a> {
    /// A part of a file with directories and no header.
    pub(super) fn big_endian(bytes: &'a [u8]) -> Self {
        Self { bytes, little: false }
    }

    pub(super) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }
}
