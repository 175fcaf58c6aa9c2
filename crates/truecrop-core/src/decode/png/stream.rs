//! Inflated rows, each in one piece.

use super::data::{Data, End};
use super::inflate::{Forkable, Inflate, Step};
use crate::decode::jpeg::feed::Bytes;
use crate::error::Result;
use crate::probe::damaged;

/// How far back deflate may point.
const LOOK_BACK: usize = 32 << 10;

/// The inflated bytes in order.
///
/// # Guarantees
/// Whether a row comes depends on the file alone, not on how much was inflated ahead of earlier rows: damage is told
/// when a row needs what lies behind it. (fdeflate tells it a little earlier; it is used where there is one way only.)
pub(super) struct Stream<I> {
    data: Data,
    inflater: I,
    /// `out[start..end]` is inflated and still to come; before it lies what deflate may point back at.
    out: Vec<u8>,
    start: usize,
    end: usize,
    /// Why no more input comes. The inflater may still have taken more in than there was room for.
    dry: Option<End>,
    ended: Option<End>,
}

impl<I: Inflate> Stream<I> {
    /// `data`: file offset of the first IDAT chunk. `row`: bytes of the longest row. `ahead`: bytes to inflate ahead.
    pub(super) fn new(data: u64, row: usize, ahead: usize) -> Self {
        let out = vec![0; LOOK_BACK + row + ahead];
        Self {
            data: Data::new(data, I::CHUNK),
            inflater: I::new(),
            out,
            start: 0,
            end: 0,
            dry: None,
            ended: None,
        }
    }

    /// Bytes that a stream holds, by the arguments of [`Stream::new`].
    pub(super) const fn cost(row: u64, ahead: u64) -> u64 {
        I::COST + (LOOK_BACK + I::CHUNK) as u64 + row + ahead
    }

    /// The next `length` bytes, at most a longest row; `None` when the file ends before.
    pub(super) fn row(&mut self, bytes: &mut Bytes, length: usize) -> Result<Option<&[u8]>> {
        while self.end - self.start < length {
            match self.ended {
                None => self.inflate(bytes, length, true)?,
                Some(End::Early) => return Ok(None),
                Some(End::Damaged(what)) => return Err(damaged(what)),
            }
        }
        let from = self.start;
        self.start += length;
        Ok(Some(&self.out[from..self.start]))
    }

    /// One step of the inflater, after making room for what `length` bytes lack; with `ahead` it fills all room there is.
    fn inflate(&mut self, bytes: &mut Bytes, length: usize, ahead: bool) -> Result<()> {
        if self.out.len() - self.start < length {
            let from = self.start.min(self.end.saturating_sub(LOOK_BACK));
            self.out.copy_within(from..self.end, 0);
            self.start -= from;
            self.end -= from;
        }
        let room = if ahead { self.out.len() } else { self.start + length };
        let input = match self.dry {
            Some(_) => Ok(&[][..]),
            None => self.data.peek(bytes)?,
        };
        if let Err(end) = input {
            self.dry = Some(end);
        }
        let input = input.unwrap_or_default();
        let (taken, made, step) = self.inflater.step(input, &mut self.out[..room], self.end);
        self.data.consume(taken);
        self.end += made;
        self.ended = match step {
            Step::Done => Some(End::Damaged("it has fewer rows than its header says")),
            Step::On if taken + made > 0 => None,
            Step::On if self.dry.is_some() => self.dry,
            _ => Some(End::Damaged("its pixel data is not compressed as it should be")),
        };
        Ok(())
    }
}

impl Stream<Forkable> {
    /// Moves on by `count` bytes exactly and inflates none beyond them. Gives how many there were before the file's end.
    pub(super) fn skip(&mut self, bytes: &mut Bytes, count: u64) -> Result<u64> {
        let mut left = count;
        loop {
            let had = (self.end - self.start).min(usize::try_from(left).unwrap_or(usize::MAX));
            self.start += had;
            left -= had as u64;
            match self.ended {
                _ if left == 0 => return Ok(count),
                None => {
                    let wanted = left.min((self.out.len() - LOOK_BACK) as u64) as usize;
                    self.inflate(bytes, wanted, false)?;
                }
                Some(End::Early) => return Ok(count - left),
                Some(End::Damaged(what)) => return Err(damaged(what)),
            }
        }
    }

    /// A stream that goes on from here, with other rows; everything that was inflated has been taken.
    pub(super) fn fork(&self, row: usize, ahead: usize) -> Self {
        let from = self.start.saturating_sub(LOOK_BACK);
        let mut out = vec![0; LOOK_BACK + row + ahead];
        let end = self.end - from;
        out[..end].copy_from_slice(&self.out[from..self.end]);
        let start = self.start - from;
        Self {
            data: self.data.clone(),
            inflater: self.inflater.clone(),
            out,
            start,
            end,
            dry: self.dry,
            ended: self.ended,
        }
    }
}
