//! The usual file: one sequential scan with all components. Blocks go straight from the bits to samples.

use super::bits::Bits;
use super::block::{self, Block};
use super::cursor::{Cursor, Memory};
use super::feed::Bytes;
use super::header::{Frame, Scan};
use super::huffman::{Skip, Spec, Table};
use super::plane::Plane;
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
struct Place {
    /// Index of the part in the scan, and of its component in the frame.
    part: usize,
    component: usize,
    dx: u32,
    dy: u32,
}

/// The scan.
pub(super) struct Direct {
    cursor: Cursor,
    tables: Vec<Rc<Tables>>,
    places: Vec<Place>,
    /// Units of a row, rows of an MCU row (more than one where the only component has v > 1), rows in all.
    units: u32,
    rows: u32,
    rows_in_all: u32,
    /// Blocks of a unit, across and down, for each part.
    grid: Vec<(u32, u32)>,
    /// The columns of units that the window needs.
    needed: Range<u32>,
}

impl Direct {
    pub(super) fn new(frame: &Frame, scan: &Scan, planes: &[Plane], chunk: usize) -> Self {
        let alone = scan.parts.len() == 1;
        let grid: Vec<(u32, u32)> = scan
            .parts
            .iter()
            .map(|p| &frame.components[p.component])
            .map(|c| if alone { (1, 1) } else { (c.h, c.v) })
            .collect();
        let mut places = Vec::new();
        for (part, (p, &(h, v))) in scan.parts.iter().zip(&grid).enumerate() {
            let component = p.component;
            places.extend((0..h * v).map(|i| Place { part, component, dx: i % h, dy: i / h }));
        }
        let shape = &planes[scan.parts[0].component].shape;
        let (mcus_x, mcus_y) = frame.mcus();
        let (units, rows, rows_in_all) =
            if alone { (shape.blocks_x, shape.v, shape.blocks_y) } else { (mcus_x, 1, mcus_y) };
        let columns = |p: &Place| {
            let (need, h) = (&planes[p.component].shape.need_x, grid[p.part].0);
            need.start / h..need.end.div_ceil(h)
        };
        let needed = places.iter().map(columns).reduce(|a, b| a.start.min(b.start)..a.end.max(b.end));
        let mut tables: Vec<Rc<Tables>> = Vec::new();
        for (i, p) in scan.parts.iter().enumerate() {
            // the two chroma components share theirs as a rule
            match scan.parts[..i].iter().position(|q| (q.dc, q.ac) == (p.dc, p.ac)) {
                Some(same) => tables.push(tables[same].clone()),
                None => tables.push(Rc::new(Tables::new(&scan.dc[p.dc], &scan.ac[p.ac]))),
            }
        }
        Self {
            cursor: Cursor::new(scan.at, chunk, scan.restart),
            tables,
            places,
            units,
            rows,
            rows_in_all,
            grid,
            needed: needed.map_or(0..units, |n| n.start.min(units)..n.end.min(units)),
        }
    }

    /// Whether data was missing.
    pub(super) fn short(&self) -> bool {
        self.cursor.short
    }

    /// Steps over whole MCU rows.
    pub(super) fn pass_over(&mut self, bytes: &mut Bytes, mcu_rows: Range<u32>) -> Result<()> {
        let row = |mcu_row: u32| (mcu_row * self.rows).min(self.rows_in_all);
        let units = (row(mcu_rows.end) - row(mcu_rows.start)) * self.units;
        self.pass_over_units(bytes, units)
    }

    fn pass_over_units(&mut self, bytes: &mut Bytes, units: u32) -> Result<()> {
        let (places, tables) = (&self.places[..], &self.tables[..]);
        self.cursor.run(bytes, places.len(), units, true, |bits, memory, _| {
            pass_over_unit(places, tables, bits, memory);
        })
    }

    /// Decodes an MCU row into the planes.
    pub(super) fn row(&mut self, bytes: &mut Bytes, mcu_row: u32, planes: &mut [Plane]) -> Result<()> {
        let first = mcu_row * self.rows;
        for row in first..(first + self.rows).min(self.rows_in_all) {
            let needed = self.needed.clone();
            self.pass_over_units(bytes, needed.start)?;
            self.window(bytes, row, planes)?;
            self.pass_over_units(bytes, self.units - needed.end)?;
        }
        Ok(())
    }

    fn window(&mut self, bytes: &mut Bytes, row: u32, planes: &mut [Plane]) -> Result<()> {
        let (places, tables, grid) = (&self.places[..], &self.tables[..], &self.grid[..]);
        let from = self.needed.start;
        let mut block: Block = [0; 64];
        self.cursor.run(bytes, places.len(), self.needed.len() as u32, false, |bits, memory, unit| {
            for place in places {
                let (h, v) = grid[place.part];
                let (x, y) = ((from + unit) * h + place.dx, row * v + place.dy);
                let plane = &mut planes[place.component];
                let predictor = &mut memory.dc[place.part & 3];
                let tables = tables[place.part].parts();
                if plane.needs(x, y) {
                    let last = block::sequential(bits, tables, predictor, plane.shape.limit, &mut block);
                    plane.put(x, y, &block, last);
                    block = [0; 64];
                } else {
                    block::pass_over(bits, tables, predictor);
                }
            }
        })?;
        for gap in std::mem::take(&mut self.cursor.gaps) {
            for place in places {
                let (h, v) = grid[place.part];
                let columns = (from + gap.start) * h + place.dx..(from + gap.end) * h;
                for x in columns.step_by(h as usize) {
                    planes[place.component].clear(x, row * v + place.dy);
                }
            }
        }
        Ok(())
    }
}

#[inline(always)]
fn pass_over_unit(places: &[Place], tables: &[Rc<Tables>], bits: &mut Bits<'_>, memory: &mut Memory) {
    for place in places {
        let tables = tables[place.part].parts();
        block::pass_over(bits, tables, &mut memory.dc[place.part & 3]);
    }
}
