//! The entries of a TIFF's first directory (TIFF 6.0, section 2; BigTIFF).

use crate::error::{Result, damaged};
use crate::source::HeaderReader;

/// Entries of a directory. Cameras write a few dozen.
const MAX_ENTRIES: u64 = 1000;

/// Numbers of one entry that are read: more than any tag has that matters.
const MAX_NUMBERS: u64 = 16;

/// A directory on the way through its entries.
pub(super) struct Directory {
    little: bool,
    big: bool,
    /// Where the next entry begins.
    at: u64,
    left: u64,
    /// The tags so far.
    seen: Vec<u16>,
}

/// One entry.
pub(super) struct Entry {
    pub(super) tag: u16,
    kind: u16,
    /// Values of its kind.
    pub(super) count: u64,
    /// Where its field of value or offset begins.
    field: u64,
    /// What that field says as an offset.
    offset: u64,
}

impl Entry {
    /// Bytes of one value; 0 for kinds that are unknown.
    fn value_bytes(&self) -> u64 {
        match self.kind {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 | 16 | 17 | 18 => 8,
            _ => 0,
        }
    }
}

impl Directory {
    /// The first directory of a file.
    pub(super) fn open(scan: &mut HeaderReader<'_>) -> Result<Self> {
        let [order, _] = scan.array()?;
        let mut directory = Self { little: order == b'I', big: false, at: 0, left: 0, seen: Vec::new() };
        directory.big = directory.u16(scan)? == 43;
        if directory.big && [directory.u16(scan)?, directory.u16(scan)?] != [8, 0] {
            return Err(damaged("its offsets are not of 8 bytes"));
        }
        let start = directory.word(scan)?;
        scan.move_to(start)?;
        directory.left = if directory.big { directory.word(scan)? } else { directory.u16(scan)?.into() };
        if directory.left > MAX_ENTRIES {
            return Err(damaged("its directory is too long").figures(MAX_ENTRIES, directory.left));
        }
        directory.at = scan.offset();
        Ok(directory)
    }

    /// The next entry.
    pub(super) fn next_entry(&mut self, scan: &mut HeaderReader<'_>) -> Result<Option<Entry>> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        scan.move_to(self.at)?;
        let (tag, kind) = (self.u16(scan)?, self.u16(scan)?);
        // The library might take the other one.
        if self.seen.contains(&tag) {
            return Err(
                damaged("its header is ambiguous: a tag stands twice").figures("once", tag.to_string())
            );
        }
        self.seen.push(tag);
        let count = self.word(scan)?;
        let field = scan.offset();
        let offset = self.word(scan)?;
        self.at = scan.offset();
        Ok(Some(Entry { tag, kind, count, field, offset }))
    }

    /// Whether another directory follows. All entries have been taken.
    pub(super) fn has_next(&self, scan: &mut HeaderReader<'_>) -> Result<bool> {
        scan.move_to(self.at)?;
        // Some writers leave the last offset out.
        let bytes = if self.big { 8 } else { 4 };
        Ok(scan.left() >= bytes && (1..scan.length()).contains(&self.word(scan)?))
    }

    /// Where the values of an entry begin.
    pub(super) fn offset_of(&self, entry: &Entry) -> u64 {
        let within = if self.big { 8 } else { 4 };
        let bytes = entry.count.saturating_mul(entry.value_bytes());
        if bytes <= within { entry.field } else { entry.offset }
    }

    /// An entry's first numbers. A file that states more than are looked at says nothing that can be decoded.
    pub(super) fn numbers(&self, scan: &mut HeaderReader<'_>, entry: &Entry) -> Result<Vec<u32>> {
        if entry.count > MAX_NUMBERS {
            return Err(damaged("a tag has too many values").figures(MAX_NUMBERS, entry.count));
        }
        scan.move_to(self.offset_of(entry))?;
        (0..entry.count).map(|_| self.number(scan, entry)).collect()
    }

    fn number(&self, scan: &mut HeaderReader<'_>, entry: &Entry) -> Result<u32> {
        match entry.kind {
            3 => Ok(self.u16(scan)?.into()),
            4 => self.u32(scan),
            16 => {
                let number = self.u64(scan)?;
                u32::try_from(number).map_err(|_| damaged("a number in its header is too large"))
            }
            _ => Err(damaged("a tag is no whole number")),
        }
    }

    /// An offset or a count of this file: 4 bytes, or 8 in BigTIFF.
    fn word(&self, scan: &mut HeaderReader<'_>) -> Result<u64> {
        if self.big { self.u64(scan) } else { Ok(self.u32(scan)?.into()) }
    }

    fn u16(&self, scan: &mut HeaderReader<'_>) -> Result<u16> {
        let bytes = scan.array()?;
        Ok(if self.little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    }

    fn u32(&self, scan: &mut HeaderReader<'_>) -> Result<u32> {
        let bytes = scan.array()?;
        Ok(if self.little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn u64(&self, scan: &mut HeaderReader<'_>) -> Result<u64> {
        let bytes = scan.array()?;
        Ok(if self.little { u64::from_le_bytes(bytes) } else { u64::from_be_bytes(bytes) })
    }
}
