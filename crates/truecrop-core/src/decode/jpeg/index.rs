//! Where the entropy-coded data can be entered: left behind by one pass over a file, used by every later one.
//!
//! Huffman codes have no structure that could be searched, so a crop at the bottom of a photo has to walk all codes
//! above it. An index remembers places on the way (bit position, DC predictors, restart count), so that the next crop
//! of the same photo walks only from the last place before its window.

use super::cursor::Place;
use std::cell::RefCell;
use std::rc::Rc;

/// Places that are remembered at most.
const MOST: usize = 4096;

/// Units between two places at least: nearer ones would cost more than they save.
const LEAST_STEP: u64 = 8;

/// Bytes that an index holds at most.
pub(in crate::decode) const MOST_BYTES: u64 = (MOST * size_of::<Option<Place>>()) as u64;

/// The places of one file. Clones are the same index.
///
/// # Guarantees
/// A decode gives the same rows, and says the same of damage, with an index as without: only places are remembered
/// before which no data was missing.
#[derive(Clone, Debug, Default)]
pub struct Index(Rc<RefCell<Places>>);

/// What is known of a file. Which of the two is used depends on the file alone.
#[derive(Debug, Default)]
struct Places {
    /// One scan: at every so many units, without a gap from the start.
    units: Vec<Place>,
    /// Several scans: by scan, at every so many MCU rows.
    rows: Vec<Vec<Option<Place>>>,
}

/// The index of a file with one scan.
pub(super) struct UnitIndex {
    index: Index,
    step: u64,
}

impl UnitIndex {
    /// For a scan of this many units. Each file must always be opened with its own index.
    pub(super) fn new(index: Index, units: u64) -> Self {
        Self { index, step: units.div_ceil(MOST as u64).max(LEAST_STEP) }
    }

    /// The last known place after unit `after` and not after unit `target`, with its unit.
    pub(super) fn jump(&self, after: u64, target: u64) -> Option<(u64, Place)> {
        let places = &self.index.0.borrow().units;
        let last = (target / self.step).min((places.len() as u64).checked_sub(1)?);
        let unit = last * self.step;
        (unit > after).then(|| (unit, places[last as usize]))
    }

    /// Units until the next place that should be remembered.
    pub(super) fn until_next(&self, unit: u64) -> u64 {
        (self.index.0.borrow().units.len() as u64 * self.step).saturating_sub(unit)
    }

    /// Remembers a place, if it is the next one.
    pub(super) fn remember(&self, unit: u64, place: Place) {
        let places = &mut self.index.0.borrow_mut().units;
        if places.len() < MOST && unit == places.len() as u64 * self.step {
            places.push(place);
        }
    }
}

/// The index of a file with several scans.
pub(super) struct RowIndex {
    index: Index,
    every: u32,
}

impl RowIndex {
    /// For a file with this many scans and MCU rows.
    pub(super) fn new(index: Index, scans: usize, mcu_rows: u32) -> Self {
        let every = (scans * mcu_rows as usize).div_ceil(MOST).max(1) as u32;
        index.0.borrow_mut().rows.resize(scans, vec![None; mcu_rows.div_ceil(every) as usize]);
        Self { index, every }
    }

    /// The last MCU row not after `target` that all of these scans can be entered at, with their places.
    pub(super) fn jump(&self, scans: &[usize], target: u32) -> Option<(u32, Vec<Place>)> {
        let rows = &self.index.0.borrow().rows;
        (1..=target / self.every).rev().find_map(|i| {
            let places: Option<Vec<Place>> =
                scans.iter().map(|scan| rows[*scan].get(i as usize).copied()?).collect();
            Some((i * self.every, places?))
        })
    }

    /// Remembers where a scan's MCU row begins.
    pub(super) fn remember(&self, scan: usize, mcu_row: u32, place: Place) {
        if mcu_row.is_multiple_of(self.every)
            && let Some(slot) = self.index.0.borrow_mut().rows[scan].get_mut((mcu_row / self.every) as usize)
        {
            *slot = Some(place);
        }
    }
}
