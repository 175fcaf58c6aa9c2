//! Decodes the usual file, one sequential scan with all components: blocks go straight from bits to samples.

use super::bits::BitReader;
use super::block::{self, Block};
use super::header::{FrameHeader, ScanHeader};
use super::huffman::{DecodeTable, HuffmanSpec, SkipTable};
use super::index::{Index, McuIndex};
use super::mcu_rows::McuRows;
use super::plane::{BlockRow, Plane};
use super::scan_reader::{EntropyState, ScanReader};
use crate::error::Result;
use crate::source::PositionedReader;
use std::ops::Range;
use std::rc::Rc;

/// What a component's blocks are coded by: a DC table, an AC table and its table for skipping.
struct BlockTables {
    dc: DecodeTable,
    ac: DecodeTable,
    skip: SkipTable,
}

impl BlockTables {
    fn new(dc: &HuffmanSpec, ac: &HuffmanSpec) -> Self {
        let (dc, ac) = (DecodeTable::new(dc), DecodeTable::new(ac));
        let skip = SkipTable::new(&ac);
        Self { dc, ac, skip }
    }

    fn parts(&self) -> (&DecodeTable, &DecodeTable, &SkipTable) {
        (&self.dc, &self.ac, &self.skip)
    }
}

/// One block of an MCU.
#[derive(Clone, Copy)]
struct McuBlock {
    /// Index of its component in the scan, and in the frame.
    part: usize,
    component: usize,
    /// Column and row among its component's blocks in the MCU.
    dx: u32,
    dy: u32,
}

/// The same block of every MCU in a row of MCUs.
struct RowBlock<'a> {
    block: McuBlock,
    /// Blocks of its component in an MCU, across.
    h: u32,
    /// Where its samples go; `None` if the window does not need this row of blocks.
    row: Option<BlockRow>,
    tables: (&'a DecodeTable, &'a DecodeTable, &'a SkipTable),
}

/// A file's only scan.
pub(super) struct SingleScan {
    reader: ScanReader,
    tables: Vec<Rc<BlockTables>>,
    blocks: Vec<McuBlock>,
    /// MCUs in a row of the scan.
    mcus_per_row: u32,
    /// Rows of the scan in an MCU row of the frame: more than one where the only component has v > 1.
    rows_per_mcu_row: u32,
    /// Rows of the scan.
    scan_rows: u32,
    /// Blocks of an MCU, across and down, for each component of the scan.
    blocks_per_mcu: Vec<(u32, u32)>,
    /// The columns of MCUs that the window needs.
    needed_mcus: Range<u32>,
    /// The number of the next MCU to read, counted from the start of the scan.
    next_mcu: u64,
    index: Option<McuIndex>,
}

impl SingleScan {
    pub(super) fn new(
        frame: &FrameHeader,
        scan: &ScanHeader,
        planes: &[Plane],
        chunk: usize,
        index: Option<Index>,
    ) -> Self {
        let single_component = scan.parts.len() == 1;
        let blocks_per_mcu: Vec<(u32, u32)> = scan
            .parts
            .iter()
            .map(|p| &frame.components[p.component])
            .map(|c| if single_component { (1, 1) } else { (c.h, c.v) })
            .collect();
        let mut blocks = Vec::new();
        for (part, (p, &(h, v))) in scan.parts.iter().zip(&blocks_per_mcu).enumerate() {
            let component = p.component;
            blocks.extend((0..h * v).map(|i| McuBlock { part, component, dx: i % h, dy: i / h }));
        }
        let grid = &planes[scan.parts[0].component].grid;
        let (mcus_x, mcus_y) = frame.mcus();
        let (mcus_per_row, rows_per_mcu_row, scan_rows) =
            if single_component { (grid.blocks_x, grid.v, grid.blocks_y) } else { (mcus_x, 1, mcus_y) };
        let columns = |p: &McuBlock| {
            let (need, h) = (&planes[p.component].grid.needed_columns, blocks_per_mcu[p.part].0);
            need.start / h..need.end.div_ceil(h)
        };
        let needed = blocks.iter().map(columns).reduce(|a, b| a.start.min(b.start)..a.end.max(b.end));
        let mut tables: Vec<Rc<BlockTables>> = Vec::new();
        for (i, p) in scan.parts.iter().enumerate() {
            // the two chroma components usually share theirs
            match scan.parts[..i].iter().position(|q| (q.dc, q.ac) == (p.dc, p.ac)) {
                Some(same) => tables.push(tables[same].clone()),
                None => tables.push(Rc::new(BlockTables::new(&scan.dc[p.dc], &scan.ac[p.ac]))),
            }
        }
        Self {
            reader: ScanReader::new(scan.at, chunk, scan.restart, true),
            tables,
            blocks,
            mcus_per_row,
            rows_per_mcu_row,
            scan_rows,
            blocks_per_mcu,
            needed_mcus: needed
                .map_or(0..mcus_per_row, |n| n.start.min(mcus_per_row)..n.end.min(mcus_per_row)),
            next_mcu: 0,
            index: index.map(|index| McuIndex::new(index, u64::from(mcus_per_row) * u64::from(scan_rows))),
        }
    }

    /// The first MCU of an MCU row of the frame.
    fn first_mcu(&self, mcu_row: u32) -> u64 {
        u64::from(mcu_row) * u64::from(self.rows_per_mcu_row) * u64::from(self.mcus_per_row)
    }

    /// Jumps to the last known checkpoint at or before MCU `target`, if that leads forward.
    fn jump(&mut self, target: u64) {
        if let Some((mcu, checkpoint)) =
            self.index.as_ref().and_then(|index| index.jump(self.next_mcu, target))
        {
            self.reader.resume(checkpoint);
            self.next_mcu = mcu;
        }
    }

    /// Skips all MCUs before `target`.
    fn skip_to(&mut self, bytes: &mut PositionedReader, target: u64) -> Result<()> {
        self.jump(target);
        while self.next_mcu < target {
            // restart intervals are skipped without reading them, so the index has nothing to learn
            let rest = target - self.next_mcu;
            let mcus = if self.reader.has_restarts() {
                rest.min(u32::MAX.into()) as u32
            } else {
                self.mcus_until_checkpoint(rest)
            };
            let (blocks, tables) = (&self.blocks[..], &self.tables[..]);
            self.reader.run(bytes, blocks.len(), mcus, true, |bits, state, _| {
                skip_mcu(blocks, tables, bits, state);
            })?;
            self.next_mcu += u64::from(mcus);
        }
        Ok(())
    }

    /// Leaves a checkpoint in the index if one is due here. Gives how many of the next `mcus` MCUs come before the next
    /// one is due.
    fn mcus_until_checkpoint(&mut self, mcus: u64) -> u32 {
        let most = mcus.min(u32::MAX.into());
        let Some(index) = &self.index else { return most as u32 };
        if let Some(checkpoint) = self.reader.checkpoint() {
            index.remember(self.next_mcu, checkpoint);
        }
        match index.until_next(self.next_mcu) {
            0 => most as u32,
            next => next.min(most) as u32,
        }
    }

    /// Decodes what the window needs of a row of the scan.
    fn decode_row(&mut self, bytes: &mut PositionedReader, row: u32, planes: &mut [Plane]) -> Result<()> {
        let mut mcu = self.needed_mcus.start;
        while mcu < self.needed_mcus.end {
            let mcus = self.mcus_until_checkpoint((self.needed_mcus.end - mcu).into());
            self.decode_mcus(bytes, row, mcu..mcu + mcus, planes)?;
            mcu += mcus;
        }
        Ok(())
    }

    /// Decodes the MCUs in some columns of a row of the scan.
    fn decode_mcus(
        &mut self,
        bytes: &mut PositionedReader,
        row: u32,
        columns: Range<u32>,
        planes: &mut [Plane],
    ) -> Result<()> {
        let from = columns.start;
        let blocks: Vec<RowBlock<'_>> = (self.blocks.iter())
            .map(|block| {
                let (h, v) = self.blocks_per_mcu[block.part];
                let row = planes[block.component].block_row(row * v + block.dy);
                RowBlock { block: *block, h, row, tables: self.tables[block.part].parts() }
            })
            .collect();
        let mut block: Block = [0; 64];
        self.reader.run(bytes, blocks.len(), columns.len() as u32, false, |bits, state, mcu| {
            for row_block in &blocks {
                let x = (from + mcu) * row_block.h + row_block.block.dx;
                let plane = &mut planes[row_block.block.component];
                let predictor = &mut state.dc[row_block.block.part & 3];
                match &row_block.row {
                    Some(row) if plane.needs(x) => {
                        let inner = row.is_inner(x);
                        // beyond the picture's edge all coefficients matter
                        let limit = if inner { plane.grid.limit } else { 63 };
                        let last = block::sequential(bits, row_block.tables, predictor, limit, &mut block);
                        if inner {
                            plane.put_inner(row, x, &block, last);
                        } else {
                            plane.put_edge(row, x, &block, last);
                        }
                        // clears only what may be set: most blocks end early
                        match last {
                            0 => block[0] = 0,
                            1..10 => block[..32].fill(0),
                            _ => block = [0; 64],
                        }
                    }
                    _ => block::skip(bits, row_block.tables, predictor),
                }
            }
        })?;
        self.next_mcu += columns.len() as u64;
        for missing in std::mem::take(&mut self.reader.missing) {
            for RowBlock { block, h, row, .. } in &blocks {
                let Some(row) = row else { continue };
                let columns = (from + missing.start) * h + block.dx..(from + missing.end) * h;
                for x in columns.step_by(*h as usize) {
                    planes[block.component].clear(row, x);
                }
            }
        }
        Ok(())
    }
}

impl McuRows for SingleScan {
    fn resume_before(&mut self, mcu_row: u32) -> u32 {
        self.jump(self.first_mcu(mcu_row));
        (self.next_mcu / (u64::from(self.mcus_per_row) * u64::from(self.rows_per_mcu_row)).max(1)) as u32
    }

    fn skip(&mut self, bytes: &mut PositionedReader, mcu_row: u32, _: &mut [Plane]) -> Result<()> {
        let end = self.first_mcu(mcu_row + 1);
        // stops at the start of a restart interval: one that is skipped as a whole need not be read
        self.skip_to(bytes, end - end % u64::from(self.reader.interval()))
    }

    fn decode(&mut self, bytes: &mut PositionedReader, mcu_row: u32, planes: &mut [Plane]) -> Result<()> {
        let first = mcu_row * self.rows_per_mcu_row;
        for row in first..(first + self.rows_per_mcu_row).min(self.scan_rows) {
            let start = u64::from(row) * u64::from(self.mcus_per_row) + u64::from(self.needed_mcus.start);
            self.skip_to(bytes, start)?;
            self.decode_row(bytes, row, planes)?;
        }
        Ok(())
    }

    fn truncated(&self) -> bool {
        self.reader.truncated
    }
}

#[inline(always)]
fn skip_mcu(
    blocks: &[McuBlock],
    tables: &[Rc<BlockTables>],
    bits: &mut BitReader<'_>,
    state: &mut EntropyState,
) {
    for block in blocks {
        let tables = tables[block.part].parts();
        block::skip(bits, tables, &mut state.dc[block.part & 3]);
    }
}
