//! A place in one scan's entropy-coded data, that moves forward unit by unit (a unit is an MCU).

use super::bits::{BitState, Bits};
use super::feed::{Bytes, Feed};
use crate::error::Result;
use std::ops::Range;

/// The most bytes that one block can take: 64 symbols of 16 + 15 bits, each byte stuffed.
pub(super) const BLOCK_BYTES: usize = 512;

/// What the codes of a scan refer back to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Memory {
    /// The DC predictors, in the order of the scan's parts.
    pub(super) dc: [i32; 4],
    /// Blocks left in a run of ended bands (progressive).
    pub(super) ended: u32,
}

/// All that a cursor needs to go on from somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// File offset of the next byte that is not in the reservoir.
    at: u64,
    bits: BitState,
    memory: Memory,
    to_go: u32,
    next_restart: u8,
}

/// Reads one scan.
pub(super) struct Cursor {
    feed: Feed,
    bits: BitState,
    memory: Memory,
    /// Units between restart markers; 0 = none.
    interval: u32,
    /// Units until the next restart marker.
    to_go: u32,
    next_restart: u8,
    /// The data of this interval has ended: what is left of it stays as it is (gray).
    dry: bool,
    /// Data was missing somewhere.
    pub(super) short: bool,
    /// Some intervals were stepped over unread.
    unread: bool,
    /// The units whose data was missing, as ranges of the numbers that the last [`Cursor::run`] gave.
    /// It keeps none when it passes over, nor when nobody asks: a hostile file has one in every second unit.
    pub(super) gaps: Vec<Range<u32>>,
    tells_gaps: bool,
}

impl Cursor {
    /// A cursor at the start of a scan's data. With `tells_gaps` it keeps [`Cursor::gaps`].
    pub(super) fn new(at: u64, chunk: usize, interval: u32, tells_gaps: bool) -> Self {
        Self {
            feed: Feed::new(at, chunk),
            bits: BitState::default(),
            memory: Memory::default(),
            interval,
            to_go: interval,
            next_restart: 0,
            dry: false,
            short: false,
            unread: false,
            gaps: Vec::new(),
            tells_gaps,
        }
    }

    /// Where it stands; `None` once data was missing, or might have been where it was stepped over unread.
    pub(super) fn place(&self) -> Option<Place> {
        let Self { bits, memory, to_go, next_restart, .. } = *self;
        let place = Place { at: self.feed.offset(), bits, memory, to_go, next_restart };
        (!self.short && !self.dry && !self.unread).then_some(place)
    }

    /// Whether whole stretches can be stepped over unread.
    pub(super) fn has_restarts(&self) -> bool {
        self.interval > 0
    }

    /// Units that are best passed over together.
    pub(super) fn interval(&self) -> u32 {
        self.interval.max(1)
    }

    /// Goes on from another place of the same scan.
    pub(super) fn enter(&mut self, place: Place) {
        self.feed.seek(place.at);
        (self.bits, self.memory) = (place.bits, place.memory);
        (self.to_go, self.next_restart) = (place.to_go, place.next_restart);
    }

    /// Steps over the next `units` units if the bands of all of them have ended and there is `nothing_set` that would be
    /// refined: then they take no bits.
    pub(super) fn all_ended(&mut self, units: u32, nothing_set: impl FnOnce() -> bool) -> bool {
        let all = self.interval == 0 && self.memory.ended >= units && nothing_set();
        if all {
            self.memory.ended -= units;
        }
        all
    }

    /// Runs `unit` for the next `units` units, with each one's number. Units whose data is missing are left out.
    ///
    /// With `pass_over`, the caller has no use for them: whole restart intervals are stepped over unread.
    #[inline(always)]
    pub(super) fn run(
        &mut self,
        bytes: &mut Bytes,
        blocks_per_unit: usize,
        units: u32,
        pass_over: bool,
        mut unit: impl FnMut(&mut Bits<'_>, &mut Memory, u32),
    ) -> Result<()> {
        let need = blocks_per_unit * BLOCK_BYTES + 16;
        let mut done = 0;
        self.gaps.clear();
        while done < units {
            if self.interval > 0 && self.to_go == 0 {
                self.restart(bytes)?;
            }
            let batch = if self.interval > 0 { self.to_go.min(units - done) } else { units - done };
            if self.dry || (pass_over && self.interval > 0 && batch == self.to_go) {
                if self.dry && !pass_over && self.tells_gaps {
                    self.gap(done..done + batch);
                }
                self.unread |= !self.dry;
                self.advance(batch);
                done += batch;
                continue;
            }
            self.feed.ensure(bytes, need)?;
            let window = self.feed.window();
            let safe = if self.feed.is_last() { usize::MAX } else { window.len() - need };
            let mut bits = Bits::new(window, self.feed.pos, self.bits);
            let mut memory = self.memory;
            let mut ran = 0;
            while ran < batch && bits.pos() <= safe && !bits.dry() {
                unit(&mut bits, &mut memory, done + ran);
                ran += 1;
            }
            let (pos, dry) = (bits.pos(), bits.dry());
            (self.bits, self.memory) = (bits.state(), memory);
            self.feed.pos = pos;
            if dry {
                (self.dry, self.short) = (true, true);
            }
            self.advance(ran);
            done += ran;
        }
        Ok(())
    }

    fn advance(&mut self, units: u32) {
        if self.interval > 0 {
            self.to_go -= units;
        }
    }

    #[cold]
    fn gap(&mut self, units: Range<u32>) {
        match self.gaps.last_mut() {
            Some(last) if last.end == units.start => last.end = units.end,
            _ => self.gaps.push(units),
        }
    }

    /// Steps over a restart marker, or decides what to do where another one stands (the rules of libjpeg's
    /// `jpeg_resync_to_restart`): one of the next two means that this interval is lost, one of the last two that it
    /// came twice, any other that the numbering is not to be trusted.
    #[cold]
    fn restart(&mut self, bytes: &mut Bytes) -> Result<()> {
        self.bits = BitState::default();
        self.memory = Memory::default();
        self.to_go = self.interval;
        self.dry = true;
        let wanted = self.next_restart;
        self.next_restart = (wanted + 1) & 7;
        while let Some(marker) = self.feed.next_marker(bytes)? {
            match marker {
                0xD0..=0xD7 => match marker.wrapping_sub(0xD0 + wanted) & 7 {
                    1 | 2 => return self.lost(),
                    6 | 7 => {}
                    _ => {
                        self.dry = false;
                        return Ok(());
                    }
                },
                0x01..=0xBF => {}
                _ => return self.lost(),
            }
        }
        self.short = true;
        Ok(())
    }

    /// The interval has no data: the marker that was just read is left for later.
    fn lost(&mut self) -> Result<()> {
        self.feed.pos -= 2;
        self.short = true;
        Ok(())
    }
}
