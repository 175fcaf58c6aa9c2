//! Boxes (ISO/IEC 14496-12, 4.2) and their fields, in bytes that have been read.

use crate::error::{Error, Result, damaged};

/// The fields of a box, from the front.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(too_short)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk().ok_or_else(too_short)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(super) fn u8(&mut self) -> Result<u8> {
        Ok(self.array::<1>()?[0])
    }

    pub(super) fn be16(&mut self) -> Result<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn be32(&mut self) -> Result<u32> {
        self.array().map(u32::from_be_bytes)
    }

    /// An unsigned number of 0, 4 or 8 bytes, as in lists of places; 1 and 2 bytes are read too.
    pub(super) fn number(&mut self, bytes: usize) -> Result<u64> {
        if !matches!(bytes, 0 | 1 | 2 | 4 | 8) {
            return Err(damaged("one of its lists has numbers of an impossible size"));
        }
        Ok(self.take(bytes)?.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    /// An item's number: 16 bits, or 32 in the later versions of a box.
    pub(super) fn id(&mut self, wide: bool) -> Result<u32> {
        if wide { self.be32() } else { self.be16().map(u32::from) }
    }

    /// Version and flags.
    pub(super) fn version(&mut self) -> Result<(u8, u32)> {
        let word = self.be32()?;
        Ok(((word >> 24) as u8, word & 0xFF_FFFF))
    }
}

fn too_short() -> Error {
    damaged("one of its boxes ends too early")
}

/// A box within bytes that have been read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Box<'a> {
    pub(super) kind: [u8; 4],
    pub(super) content: &'a [u8],
    /// Where the content begins in the bytes that the walk began with.
    pub(super) start: usize,
}

/// The boxes that follow each other in `data`; ends behind the first that is broken.
pub(super) fn boxes(data: &[u8]) -> impl Iterator<Item = Result<Box<'_>>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        if at >= data.len() {
            return None;
        }
        let next = next_box(data, at);
        at = next.as_ref().map_or(data.len(), |found| found.start + found.content.len());
        Some(next)
    })
}

fn next_box(data: &[u8], at: usize) -> Result<Box<'_>> {
    let mut fields = Fields(&data[at..]);
    let (size, kind) = (fields.be32()?, fields.array()?);
    let content = match size {
        0 => fields.0.len() as u64,
        1 => fields.number(8)?.checked_sub(16).ok_or_else(too_short)?,
        size => u64::from(size).checked_sub(8).ok_or_else(too_short)?,
    };
    let start = data.len() - fields.0.len();
    let content = fields.take(usize::try_from(content).map_err(|_| too_short())?)?;
    Ok(Box { kind, content, start })
}
