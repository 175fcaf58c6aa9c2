//! The usual file: one sequential scan with all components. Blocks go straight from the bits to samples.

use super::bits::Bits;
use super::block::{self, Block};
use super::cursor::{Cursor, Memory};
use super::feed::Bytes;
use super::header::{Frame, Scan};
use super::huffman::{Skip, Spec, Table};
use super::index::{Index, UnitIndex};
use super::plane::{BlockRow, Plane};
use crate::error::Result;
use std::ops::Range;
use std::rc::Rc;

/// A DC table, an AC table and the table that steps over.
struct Tables {
    dc: Table,
    ac: Table,
    skip: Skip,
}

impl Tables {
    fn new(dc: &Spec, ac: &Spec) -> Self {
        let (dc, ac) = (Table::new(dc), Table::new(ac));
        let skip = Skip::new(&ac);
        Self { dc, ac, skip }
    }

    fn parts(&self) -> (&Table, &Table, &Skip) {
        (&self.dc, &self.ac, &self.skip)
    }
}

/// One block of an MCU.
#[derive(Clone, Copy)]
struct BlockOf {
    /// Index of the part in the scan, and of its component in the frame.
    part: usize,
    component: usize,
    dx: u32,
    dy: u32,
}

/// A block of every MCU in a row of them.
struct Place<'a> {
    block: BlockOf,
    /// Blocks of this component in an MCU, across.
    h: u32,
    row: Option<BlockRow>,
    tables: (&'a Table, &'a Table, &'a Skip),
}

/// The scan.
pub(super) struct Direct {
    cursor: Cursor,
    tables: Vec<Rc<Tables>>,
    blocks: Vec<BlockOf>,
    /// Units of a row, rows of an MCU row (more than one where the only component has v > 1), rows in all.
    units: u32,
    rows: u32,
    rows_in_all: u32,
    /// Blocks of a unit, across and down, for each part.
    grid: Vec<(u32, u32)>,
    /// The columns of units that the window needs.
    needed: Range<u32>,
    /// The next unit.
    at: u64,
    index: Option<UnitIndex>,
}

impl Direct {
    pub(super) fn new(
        frame: &Frame,
        scan: &Scan,
        planes: &[Plane],
        chunk: usize,
        index: Option<Index>,
    ) -> Self {
        let alone = scan.parts.len() == 1;
        let grid: Vec<(u32, u32)> = scan
            .parts
            .iter()
            .map(|p| &frame.components[p.component])
            .map(|c| if alone { (1, 1) } else { (c.h, c.v) })
            .collect();
        let mut blocks = Vec::new();
        for (part, (p, &(h, v))) in scan.parts.iter().zip(&grid).enumerate() {
            let component = p.component;
            blocks.extend((0..h * v).map(|i| BlockOf { part, component, dx: i % h, dy: i / h }));
        }
        let shape = &planes[scan.parts[0].component].shape;
        let (mcus_x, mcus_y) = frame.mcus();
        let (units, rows, rows_in_all) =
            if alone { (shape.blocks_x, shape.v, shape.blocks_y) } else { (mcus_x, 1, mcus_y) };
        let columns = |p: &BlockOf| {
            let (need, h) = (&planes[p.component].shape.need_x, grid[p.part].0);
            need.start / h..need.end.div_ceil(h)
        };
        let needed = blocks.iter().map(columns).reduce(|a, b| a.start.min(b.start)..a.end.max(b.end));
        let mut tables: Vec<Rc<Tables>> = Vec::new();
        for (i, p) in scan.parts.iter().enumerate() {
            // the two chroma components share theirs as a rule
            match scan.parts[..i].iter().position(|q| (q.dc, q.ac) == (p.dc, p.ac)) {
                Some(same) => tables.push(tables[same].clone()),
                None => tables.push(Rc::new(Tables::new(&scan.dc[p.dc], &scan.ac[p.ac]))),
            }
        }
        Self {
            cursor: Cursor::new(scan.at, chunk, scan.restart, true),
            tables,
            blocks,
            units,
            rows,
            rows_in_all,
            grid,
            needed: needed.map_or(0..units, |n| n.start.min(units)..n.end.min(units)),
            at: 0,
            index: index.map(|index| UnitIndex::new(index, u64::from(units) * u64::from(rows_in_all))),
        }
    }

    /// Whether data was missing.
    pub(super) fn short(&self) -> bool {
        self.cursor.short
    }

    /// Decodes an MCU row into the planes; what lies before it and was not read is stepped over.
    pub(super) fn row(&mut self, bytes: &mut Bytes, mcu_row: u32, planes: &mut [Plane]) -> Result<()> {
        let first = mcu_row * self.rows;
        for row in first..(first + self.rows).min(self.rows_in_all) {
            let start = u64::from(row) * u64::from(self.units) + u64::from(self.needed.start);
            self.pass_over(bytes, start)?;
            self.window(bytes, row, planes)?;
        }
        Ok(())
    }

    /// Goes to the last known place before an MCU row; the row that it lies in.
    pub(super) fn enter(&mut self, mcu_row: u32) -> u32 {
        self.jump(self.first_unit(mcu_row));
        (self.at / (u64::from(self.units) * u64::from(self.rows)).max(1)) as u32
    }

    /// Steps over what is left of an MCU row. Of an interval between restart markers nothing is taken before all of it can
    /// be: then it is stepped over unread.
    pub(super) fn step_over(&mut self, bytes: &mut Bytes, mcu_row: u32) -> Result<()> {
        let end = self.first_unit(mcu_row + 1);
        self.pass_over(bytes, end - end % u64::from(self.cursor.interval()))
    }

    fn first_unit(&self, mcu_row: u32) -> u64 {
        u64::from(mcu_row) * u64::from(self.rows) * u64::from(self.units)
    }

    /// Goes to the last known place before unit `target`, if that is a way forward.
    fn jump(&mut self, target: u64) {
        if let Some((unit, place)) = self.index.as_ref().and_then(|index| index.jump(self.at, target)) {
            self.cursor.enter(place);
            self.at = unit;
        }
    }

    /// Steps over all units before `target`.
    fn pass_over(&mut self, bytes: &mut Bytes, target: u64) -> Result<()> {
        self.jump(target);
        while self.at < target {
            // Restart intervals are stepped over unread: an index has nothing to learn from that.
            let rest = target - self.at;
            let units = if self.cursor.has_restarts() {
                rest.min(u32::MAX.into()) as u32
            } else {
                self.stretch(rest)
            };
            let (blocks, tables) = (&self.blocks[..], &self.tables[..]);
            self.cursor.run(bytes, blocks.len(), units, true, |bits, memory, _| {
                pass_over_unit(blocks, tables, bits, memory);
            })?;
            self.at += u64::from(units);
        }
        Ok(())
    }

    /// Remembers this place if the index wants it; units from here on that can be run in one go.
    fn stretch(&mut self, units: u64) -> u32 {
        let most = units.min(u32::MAX.into());
        let Some(index) = &self.index else { return most as u32 };
        if let Some(place) = self.cursor.place() {
            index.remember(self.at, place);
        }
        match index.until_next(self.at) {
            0 => most as u32,
            next => next.min(most) as u32,
        }
    }

    fn window(&mut self, bytes: &mut Bytes, row: u32, planes: &mut [Plane]) -> Result<()> {
        let mut unit = self.needed.start;
        while unit < self.needed.end {
            let units = self.stretch((self.needed.end - unit).into());
            self.units(bytes, row, unit..unit + units, planes)?;
            unit += units;
        }
        Ok(())
    }

    /// Decodes some units of a row.
    fn units(
        &mut self,
        bytes: &mut Bytes,
        row: u32,
        columns: Range<u32>,
        planes: &mut [Plane],
    ) -> Result<()> {
        let from = columns.start;
        let places: Vec<Place<'_>> = (self.blocks.iter())
            .map(|block| {
                let (h, v) = self.grid[block.part];
                let row = planes[block.component].block_row(row * v + block.dy);
                Place { block: *block, h, row, tables: self.tables[block.part].parts() }
            })
            .collect();
        let mut block: Block = [0; 64];
        self.cursor.run(bytes, places.len(), columns.len() as u32, false, |bits, memory, unit| {
            for place in &places {
                let x = (from + unit) * place.h + place.block.dx;
                let plane = &mut planes[place.block.component];
                let predictor = &mut memory.dc[place.block.part & 3];
                match place.row {
                    Some(row) if plane.needs(x) => {
                        let limit = plane.shape.limit;
                        let last = block::sequential(bits, place.tables, predictor, limit, &mut block);
                        plane.put(row, x, &block, last);
                        // only what was set: most blocks end early
                        match last {
                            0 => block[0] = 0,
                            1..10 => block[..32].fill(0),
                            _ => block = [0; 64],
                        }
                    }
                    _ => block::pass_over(bits, place.tables, predictor),
                }
            }
        })?;
        self.at += columns.len() as u64;
        for gap in std::mem::take(&mut self.cursor.gaps) {
            for Place { block, h, row, .. } in &places {
                let Some(row) = *row else { continue };
                let columns = (from + gap.start) * h + block.dx..(from + gap.end) * h;
                for x in columns.step_by(*h as usize) {
                    planes[block.component].clear(row, x);
                }
            }
        }
        Ok(())
    }
}

#[inline(always)]
fn pass_over_unit(blocks: &[BlockOf], tables: &[Rc<Tables>], bits: &mut Bits<'_>, memory: &mut Memory) {
    for place in blocks {
        let tables = tables[place.part].parts();
        block::pass_over(bits, tables, &mut memory.dc[place.part & 3]);
    }
}
