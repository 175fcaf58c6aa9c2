//! Remembers places where entropy-coded data can be resumed: one pass over a file leaves them, every later one uses them.
//!
//! Huffman codes cannot be searched, so a crop at the bottom of a photo has to read all codes above it. An index keeps
//! checkpoints on the way (bit position, DC predictors, restart count), so that the next crop of the same photo reads only
//! from the last checkpoint before its window.

use super::scan_reader::Checkpoint;
use std::cell::RefCell;
use std::rc::Rc;

/// Most checkpoints of a file.
const MOST: usize = 4096;

/// Least MCUs between two checkpoints: nearer ones would take more time than they save.
const LEAST_STEP: u64 = 8;

/// Most bytes of an index.
pub(in crate::decode) const MOST_BYTES: u64 = (MOST * size_of::<Option<Checkpoint>>()) as u64;

/// The places of one file where decoding can resume. Clones share the same places.
///
/// # Guarantees
/// A decode gives the same rows, and reports the same damage, with an index and without one: a place is remembered only if
/// no data was missing before it.
#[derive(Clone, Debug, Default)]
pub struct Index(Rc<RefCell<Checkpoints>>);

/// The checkpoints of a file. Which of the two lists is used depends on the file alone.
#[derive(Debug, Default)]
struct Checkpoints {
    /// One scan: a checkpoint at every so many MCUs, from the start on without a gap.
    mcus: Vec<Checkpoint>,
    /// Several scans: for each scan, a checkpoint at every so many MCU rows.
    rows: Vec<Vec<Option<Checkpoint>>>,
}

/// The index of a file with one scan.
pub(super) struct McuIndex {
    index: Index,
    step: u64,
}

impl McuIndex {
    /// For a scan of this many MCUs. Each file must always be opened with its own index.
    pub(super) fn new(index: Index, mcus: u64) -> Self {
        Self { index, step: mcus.div_ceil(MOST as u64).max(LEAST_STEP) }
    }

    /// The last known checkpoint after MCU `after` and at or before MCU `target`, with its MCU.
    pub(super) fn jump(&self, after: u64, target: u64) -> Option<(u64, Checkpoint)> {
        let checkpoints = &self.index.0.borrow().mcus;
        let last = (target / self.step).min((checkpoints.len() as u64).checked_sub(1)?);
        let mcu = last * self.step;
        (mcu > after).then(|| (mcu, checkpoints[last as usize]))
    }

    /// MCUs until the next checkpoint that should be remembered.
    pub(super) fn until_next(&self, mcu: u64) -> u64 {
        (self.index.0.borrow().mcus.len() as u64 * self.step).saturating_sub(mcu)
    }

    /// Remembers the checkpoint before an MCU, if it is the next one to remember.
    pub(super) fn remember(&self, mcu: u64, checkpoint: Checkpoint) {
        let checkpoints = &mut self.index.0.borrow_mut().mcus;
        if checkpoints.len() < MOST && mcu == checkpoints.len() as u64 * self.step {
            checkpoints.push(checkpoint);
        }
    }
}

/// The index of a file with several scans.
pub(super) struct McuRowIndex {
    index: Index,
    every: u32,
}

impl McuRowIndex {
    /// For a file with this many scans and MCU rows.
    pub(super) fn new(index: Index, scans: usize, mcu_rows: u32) -> Self {
        let every = (scans * mcu_rows as usize).div_ceil(MOST).max(1) as u32;
        index.0.borrow_mut().rows.resize(scans, vec![None; mcu_rows.div_ceil(every) as usize]);
        Self { index, every }
    }

    /// The last MCU row at or before `target` for which all of these scans have a checkpoint, with the checkpoints.
    pub(super) fn jump(&self, scans: &[usize], target: u32) -> Option<(u32, Vec<Checkpoint>)> {
        let rows = &self.index.0.borrow().rows;
        (1..=target / self.every).rev().find_map(|i| {
            let checkpoints: Option<Vec<Checkpoint>> =
                scans.iter().map(|scan| rows[*scan].get(i as usize).copied()?).collect();
            Some((i * self.every, checkpoints?))
        })
    }

    /// Remembers the checkpoint before a scan's MCU row, if it is one to remember.
    pub(super) fn remember(&self, scan: usize, mcu_row: u32, checkpoint: Checkpoint) {
        if mcu_row.is_multiple_of(self.every)
            && let Some(slot) = self.index.0.borrow_mut().rows[scan].get_mut((mcu_row / self.every) as usize)
        {
            *slot = Some(checkpoint);
        }
    }
}
