//! Reads the entropy-coded data of one scan, MCU by MCU: restart markers, missing data, checkpoints to resume at;
//! also where MCUs are only skipped on the way to a window.
//!
//! In a scan of one component, an MCU is a single block (T.81, A.2.2).

use super::bits::{BitReader, BitState};
use super::markers::next_marker;
use crate::error::Result;
use crate::source::{ByteWindow, PositionedReader};
use std::ops::Range;

/// The most bytes that one block can take: 64 symbols of 16 + 15 bits, each byte stuffed.
pub(super) const BLOCK_BYTES: usize = 512;

/// What the codes of a scan refer back to; a restart marker resets it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct EntropyState {
    /// The DC predictors, in the order of the scan's parts.
    pub(super) dc: [i32; 4],
    /// Blocks that are still to come in a run of blocks whose band has ended: T.81's EOBRUN (progressive).
    pub(super) eob_run: u32,
}

/// All that a [`ScanReader`] needs to resume somewhere in its scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Checkpoint {
    /// File offset of the next byte that is not yet in `bits`.
    offset: u64,
    bits: BitState,
    state: EntropyState,
    until_restart: u32,
    next_restart: u8,
}

/// Reads the data of one scan.
pub(super) struct ScanReader {
    window: ByteWindow,
    bits: BitState,
    state: EntropyState,
    /// MCUs between restart markers; 0 = none.
    interval: u32,
    /// MCUs until the next restart marker.
    until_restart: u32,
    next_restart: u8,
    /// The data of this restart interval has ended: the rest of its MCUs are left out.
    exhausted: bool,
    /// Data was missing somewhere.
    pub(super) truncated: bool,
    /// Some restart intervals were skipped without reading them.
    skipped_unread: bool,
    /// The MCUs whose data was missing, as ranges of the numbers that the last [`ScanReader::run`] gave. Recorded only
    /// on request and not for skipped MCUs, to save memory: a hostile file has such a range in every second MCU.
    pub(super) missing: Vec<Range<u32>>,
    records_missing: bool,
}

impl ScanReader {
    /// A reader of the data that starts at a file offset. With `records_missing` it fills [`ScanReader::missing`].
    pub(super) fn new(offset: u64, chunk: usize, interval: u32, records_missing: bool) -> Self {
        Self {
            window: ByteWindow::new(offset, chunk),
            bits: BitState::default(),
            state: EntropyState::default(),
            interval,
            until_restart: interval,
            next_restart: 0,
            exhausted: false,
            truncated: false,
            skipped_unread: false,
            missing: Vec::new(),
            records_missing,
        }
    }

    /// Where the reader stands; `None` once data was missing, or may have been missing in intervals that were not read.
    pub(super) fn checkpoint(&self) -> Option<Checkpoint> {
        let Self { bits, state, until_restart, next_restart, .. } = *self;
        let checkpoint =
            Checkpoint { offset: self.window.offset(), bits, state, until_restart, next_restart };
        (!self.truncated && !self.exhausted && !self.skipped_unread).then_some(checkpoint)
    }

    /// Whether whole restart intervals can be skipped without reading them.
    pub(super) fn has_restarts(&self) -> bool {
        self.interval > 0
    }

    /// MCUs that are best skipped together: those of a restart interval; 1 where there are no restart markers.
    pub(super) fn interval(&self) -> u32 {
        self.interval.max(1)
    }

    /// Continues from a checkpoint of the same scan.
    pub(super) fn resume(&mut self, checkpoint: Checkpoint) {
        self.window.seek(checkpoint.offset);
        (self.bits, self.state) = (checkpoint.bits, checkpoint.state);
        (self.until_restart, self.next_restart) = (checkpoint.until_restart, checkpoint.next_restart);
    }

    /// Skips the next `mcus` MCUs if all of them lie in the current EOB run and `nothing_set` says that none has a
    /// coefficient to refine: then they take no bits. Tells whether it did.
    pub(super) fn skip_in_eob_run(&mut self, mcus: u32, nothing_set: impl FnOnce() -> bool) -> bool {
        let all = self.interval == 0 && self.state.eob_run >= mcus && nothing_set();
        if all {
            self.state.eob_run -= mcus;
        }
        all
    }

    /// Calls `mcu` for each of the next `mcus` MCUs, with its number from 0 on. MCUs whose data is missing are left out.
    ///
    /// With `skip`, the caller needs no samples of them: then whole restart intervals are not even read.
    #[inline(always)]
    pub(super) fn run(
        &mut self,
        bytes: &mut PositionedReader,
        blocks_per_mcu: usize,
        mcus: u32,
        skip: bool,
        mut mcu: impl FnMut(&mut BitReader<'_>, &mut EntropyState, u32),
    ) -> Result<()> {
        let need = blocks_per_mcu * BLOCK_BYTES + 16;
        let mut done = 0;
        self.missing.clear();
        while done < mcus {
            if self.interval > 0 && self.until_restart == 0 {
                self.restart(bytes)?;
            }
            let batch = if self.interval > 0 { self.until_restart.min(mcus - done) } else { mcus - done };
            if self.exhausted || (skip && self.interval > 0 && batch == self.until_restart) {
                if self.exhausted && !skip && self.records_missing {
                    self.record_missing(done..done + batch);
                }
                self.skipped_unread |= !self.exhausted;
                self.advance(batch);
                done += batch;
                continue;
            }
            self.window.ensure(bytes, need)?;
            let bytes_ahead = self.window.bytes();
            let safe = if self.window.is_last() { usize::MAX } else { bytes_ahead.len() - need };
            let mut bits = BitReader::new(bytes_ahead, self.window.pos, self.bits);
            let mut state = self.state;
            let mut ran = 0;
            while ran < batch && bits.pos() <= safe && !bits.exhausted() {
                mcu(&mut bits, &mut state, done + ran);
                ran += 1;
            }
            let (pos, exhausted) = (bits.pos(), bits.exhausted());
            (self.bits, self.state) = (bits.state(), state);
            self.window.pos = pos;
            if exhausted {
                (self.exhausted, self.truncated) = (true, true);
            }
            self.advance(ran);
            done += ran;
        }
        Ok(())
    }

    fn advance(&mut self, mcus: u32) {
        if self.interval > 0 {
            self.until_restart -= mcus;
        }
    }

    #[cold]
    fn record_missing(&mut self, mcus: Range<u32>) {
        match self.missing.last_mut() {
            Some(last) if last.end == mcus.start => last.end = mcus.end,
            _ => self.missing.push(mcus),
        }
    }

    /// Reads past the restart marker, by the rules of libjpeg's `jpeg_resync_to_restart` where it is not the expected one:
    /// one of the next two markers means that this interval is lost; one of the last two is a repeated marker, to be
    /// ignored; any other means that the numbers cannot be trusted, and is taken for the expected one.
    #[cold]
    fn restart(&mut self, bytes: &mut PositionedReader) -> Result<()> {
        self.bits = BitState::default();
        self.state = EntropyState::default();
        self.until_restart = self.interval;
        self.exhausted = true;
        let wanted = self.next_restart;
        self.next_restart = (wanted + 1) & 7;
        while let Some(marker) = next_marker(&mut self.window, bytes)? {
            match marker {
                0xD0..=0xD7 => match marker.wrapping_sub(0xD0 + wanted) & 7 {
                    1 | 2 => return self.interval_lost(),
                    6 | 7 => {}
                    _ => {
                        self.exhausted = false;
                        return Ok(());
                    }
                },
                0x01..=0xBF => {}
                _ => return self.interval_lost(),
            }
        }
        self.truncated = true;
        Ok(())
    }

    /// The interval has no data: goes back before the marker, which belongs to a later interval.
    fn interval_lost(&mut self) -> Result<()> {
        self.window.pos -= 2;
        self.truncated = true;
        Ok(())
    }
}
