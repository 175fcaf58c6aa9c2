//! Inflates the pixel data and cuts it into rows, each in one contiguous slice.

use super::idat::{End, IdatReader};
use super::inflate::{CloneableInflate, Inflate, Step};
use crate::error::Result;
use crate::error::damaged;
use crate::source::PositionedReader;

/// How far back a deflate match may point: its window size.
const DEFLATE_WINDOW: usize = 32 << 10;

/// The inflated bytes in order.
///
/// # Guarantees
/// Whether a row can be read depends on the file alone, not on how much was inflated ahead of earlier rows: damage is an
/// error only for the rows that need the bytes behind it. (fdeflate reports damage a little earlier. It is used where no
/// second decoder must agree: for sequential pictures, and for interlaced ones in which nothing is wrong.)
pub(super) struct RowInflater<I> {
    idat: IdatReader,
    inflater: I,
    /// `out[start..end]` is inflated and not given yet. The bytes before it are those that matches may point back to.
    out: Vec<u8>,
    start: usize,
    end: usize,
    /// Why there is no more input. The inflater may still hold output that there was no room for.
    input_end: Option<End>,
    /// Why there is no more output.
    ended: Option<End>,
}

impl<I: Inflate> RowInflater<I> {
    /// `data`: file offset of the first IDAT chunk. `row`: bytes of the longest row, with its filter byte. `ahead`: bytes
    /// to inflate ahead.
    pub(super) fn new(data: u64, row: usize, ahead: usize) -> Self {
        let out = vec![0; DEFLATE_WINDOW + row + ahead];
        Self {
            idat: IdatReader::new(data, I::CHUNK),
            inflater: I::new(),
            out,
            start: 0,
            end: 0,
            input_end: None,
            ended: None,
        }
    }

    /// Bytes held, for the arguments of [`RowInflater::new`].
    pub(super) const fn memory_bytes(row: u64, ahead: u64) -> u64 {
        I::MEMORY_BYTES + (DEFLATE_WINDOW + I::CHUNK) as u64 + row + ahead
    }

    /// The next `length` bytes, at most the longest row; `None` when the file, or what is right of it, ends before them.
    pub(super) fn row(&mut self, bytes: &mut PositionedReader, length: usize) -> Result<Option<&[u8]>> {
        while self.end - self.start < length {
            match self.ended {
                None => self.inflate(bytes, length, true)?,
                Some(End::Early | End::Checksum) => return Ok(None),
                Some(End::Damaged(what)) => return Err(damaged(what)),
            }
        }
        let from = self.start;
        self.start += length;
        Ok(Some(&self.out[from..self.start]))
    }

    /// Whether rows are missing because the checksum of a chunk is wrong.
    pub(super) fn checksum_is_wrong(&self) -> bool {
        self.ended == Some(End::Checksum)
    }

    /// After the picture's last row: whether the checksums up to the end of the stream are right. That end is looked for in
    /// what is inflated ahead, at least [`DEFLATE_WINDOW`] bytes.
    pub(super) fn ends_right(&mut self, bytes: &mut PositionedReader) -> Result<bool> {
        let mut beyond = 0;
        while self.ended.is_none() && beyond < DEFLATE_WINDOW {
            beyond += self.end - self.start;
            self.start = self.end;
            self.inflate(bytes, 1, true)?;
        }
        match self.ended {
            Some(End::Checksum) => Ok(false),
            _ => self.idat.rest_is_right(bytes),
        }
    }

    /// One step of the inflater, after making room for `length` bytes. With `ahead` it may fill the whole buffer, and
    /// otherwise it stops at `length` bytes.
    fn inflate(&mut self, bytes: &mut PositionedReader, length: usize, ahead: bool) -> Result<()> {
        if self.out.len() - self.start < length {
            let from = self.start.min(self.end.saturating_sub(DEFLATE_WINDOW));
            self.out.copy_within(from..self.end, 0);
            self.start -= from;
            self.end -= from;
        }
        let room = if ahead { self.out.len() } else { self.start + length };
        let input = match self.input_end {
            Some(_) => Ok(&[][..]),
            None => self.idat.peek(bytes)?,
        };
        if let Err(end) = input {
            self.input_end = Some(end);
        }
        let input = input.unwrap_or_default();
        let (taken, made, step) = self.inflater.step(input, &mut self.out[..room], self.end);
        self.idat.consume(taken);
        self.end += made;
        self.ended = match step {
            Step::Done => Some(End::Early),
            Step::NeedsMore if taken + made > 0 => None,
            Step::NeedsMore if self.input_end.is_some() => self.input_end,
            _ => Some(End::Damaged("its pixel data is not compressed as it should be")),
        };
        Ok(())
    }

    /// Skips exactly `count` bytes, and inflates none beyond them. Returns how many the file had.
    pub(super) fn skip(&mut self, bytes: &mut PositionedReader, count: u64) -> Result<u64> {
        let mut left = count;
        loop {
            let had = (self.end - self.start).min(usize::try_from(left).unwrap_or(usize::MAX));
            self.start += had;
            left -= had as u64;
            match self.ended {
                _ if left == 0 => return Ok(count),
                None => {
                    let wanted = left.min((self.out.len() - DEFLATE_WINDOW) as u64) as usize;
                    self.inflate(bytes, wanted, false)?;
                }
                Some(End::Early | End::Checksum) => return Ok(count - left),
                Some(End::Damaged(what)) => return Err(damaged(what)),
            }
        }
    }
}

impl RowInflater<CloneableInflate> {
    /// A copy that reads on from here, for rows of another length. Only to be called after [`RowInflater::skip`]: all
    /// inflated bytes must have been given.
    pub(super) fn clone_for(&self, row: usize, ahead: usize) -> Self {
        let from = self.start.saturating_sub(DEFLATE_WINDOW);
        let mut out = vec![0; DEFLATE_WINDOW + row + ahead];
        let end = self.end - from;
        out[..end].copy_from_slice(&self.out[from..self.end]);
        let start = self.start - from;
        Self {
            idat: self.idat.clone(),
            inflater: self.inflater.clone(),
            out,
            start,
            end,
            input_end: self.input_end,
            ended: self.ended,
        }
    }
}
