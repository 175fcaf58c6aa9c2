//! Decodes one scan of a file with several, an MCU row at a time, into coefficients.

use super::bits::BitReader;
use super::block::{self, Block, SpectralBand};
use super::coefficients::Coefficients;
use super::header::{FrameHeader, ScanHeader};
use super::huffman::{DecodeTable, HuffmanSpec, SkipTable};
use super::plane::Plane;
use super::scan_reader::ScanReader;
use crate::error::{Code, Error, Result};
use crate::source::PositionedReader;
use std::rc::Rc;
use std::sync::Arc;

/// What a scan codes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ScanKind {
    Sequential,
    DcFirst,
    DcRefine,
    /// With `kept`, a later scan refers back to coefficients of this one.
    AcFirst {
        kept: bool,
    },
    AcRefine,
}

/// An AC table, with a table for skipping where that is of use.
type Ac = (Rc<DecodeTable>, Option<Rc<SkipTable>>);

/// A component of the scan, and the tables that it is coded by.
struct ComponentTables {
    component: usize,
    dc: Option<Rc<DecodeTable>>,
    ac: Option<Ac>,
}

/// Most Huffman tables that the scans of one file may use together. Encoders write at most one for each scan.
pub(super) fn most_tables(progressive: bool) -> usize {
    if progressive { 128 } else { 16 }
}

/// The scans' Huffman tables; scans that use the same one share it.
pub(super) struct TableCache {
    tables: Vec<(Arc<HuffmanSpec>, bool, Ac)>,
    most: usize,
}

impl TableCache {
    /// For a file's scans.
    pub(super) fn new(progressive: bool) -> Self {
        Self { tables: Vec::new(), most: most_tables(progressive) }
    }

    fn get(&mut self, spec: &Arc<HuffmanSpec>, kind: ScanKind) -> Result<Ac> {
        let (signs, skip) = (kind == ScanKind::AcRefine, kind == ScanKind::Sequential);
        let same = |s: &Arc<HuffmanSpec>, of_signs: bool| Arc::ptr_eq(s, spec) && of_signs == signs;
        if let Some((.., (table, skips))) = self.tables.iter_mut().find(|(s, signs, _)| same(s, *signs)) {
            if skip && skips.is_none() {
                *skips = Some(Rc::new(SkipTable::new(table)));
            }
            return Ok((table.clone(), skips.clone()));
        }
        if self.tables.len() == self.most {
            let what = "The JPEG file has more Huffman tables than any encoder writes: save it again.";
            return Err(Error::new(Code::TooManyScans, what).figures(self.most, self.most + 1));
        }
        let table = Rc::new(if signs { DecodeTable::of_signs(spec) } else { DecodeTable::new(spec) });
        let skip = skip.then(|| Rc::new(SkipTable::new(&table)));
        self.tables.push((spec.clone(), signs, (table.clone(), skip.clone())));
        Ok((table, skip))
    }
}

/// Decodes one scan.
pub(super) struct ScanDecoder {
    pub(super) reader: ScanReader,
    kind: ScanKind,
    parts: Vec<ComponentTables>,
    ss: u32,
    pub(super) se: u32,
    al: u32,
}

impl ScanDecoder {
    /// `kept`: a later scan refers back to coefficients of this one.
    pub(super) fn new(
        frame: &FrameHeader,
        scan: &ScanHeader,
        kept: bool,
        chunk: usize,
        tables: &mut TableCache,
    ) -> Result<Self> {
        let kind = match (frame.progressive, scan.ss, scan.ah) {
            (false, ..) => ScanKind::Sequential,
            (true, 0, 0) => ScanKind::DcFirst,
            (true, 0, _) => ScanKind::DcRefine,
            (true, _, 0) => ScanKind::AcFirst { kept },
            (true, ..) => ScanKind::AcRefine,
        };
        let has_dc = matches!(kind, ScanKind::Sequential | ScanKind::DcFirst);
        let has_ac = !matches!(kind, ScanKind::DcFirst | ScanKind::DcRefine);
        let mut parts = Vec::new();
        for p in &scan.parts {
            let dc = if has_dc { Some(tables.get(&scan.dc[p.dc], ScanKind::DcFirst)?.0) } else { None };
            let ac = if has_ac { Some(tables.get(&scan.ac[p.ac], kind)?) } else { None };
            parts.push(ComponentTables { component: p.component, dc, ac });
        }
        Ok(Self {
            reader: ScanReader::new(scan.at, chunk, scan.restart, false),
            kind,
            parts,
            ss: scan.ss.into(),
            se: scan.se.into(),
            al: scan.al.into(),
        })
    }

    /// Decodes the scan's part of an MCU row into the coefficients of all components.
    pub(super) fn row(
        &mut self,
        bytes: &mut PositionedReader,
        mcu_row: u32,
        mcus_x: u32,
        all: &mut [Coefficients],
        planes: &[Plane],
    ) -> Result<()> {
        if self.parts.len() > 1 {
            return self.decode_mcus(bytes, mcu_row, mcus_x, all, planes);
        }
        let component = self.parts[0].component;
        let (plane, c) = (&planes[component], &mut all[component]);
        let rows = plane.grid.block_rows(mcu_row);
        for y in rows.start..rows.end.min(plane.grid.blocks_y) {
            self.decode_blocks(bytes, y, y - rows.start, c, plane)?;
        }
        Ok(())
    }

    /// Decodes an MCU row of a scan with several components, which is sequential or codes DC coefficients.
    fn decode_mcus(
        &mut self,
        bytes: &mut PositionedReader,
        mcu_row: u32,
        mcus_x: u32,
        all: &mut [Coefficients],
        planes: &[Plane],
    ) -> Result<()> {
        let (kind, al, parts) = (self.kind, self.al, &self.parts[..]);
        let blocks: u32 = parts.iter().map(|p| &planes[p.component].grid).map(|s| s.h * s.v).sum();
        self.reader.run(bytes, blocks as usize, mcus_x, false, |bits, state, mcu| {
            for (part, predictor) in parts.iter().zip(&mut state.dc) {
                let (grid, c) = (&planes[part.component].grid, &mut all[part.component]);
                for i in 0..grid.h * grid.v {
                    let (x, y) = (mcu * grid.h + i % grid.h, i / grid.h);
                    let needed = grid.needed_rows.contains(&(mcu_row * grid.v + y));
                    read_block(bits, part, (kind, al), grid.limit, predictor, c.at(x, y, needed));
                }
            }
        })
    }

    /// Decodes block row `y` of a scan with one component. It is row `dy` of its MCU row.
    fn decode_blocks(
        &mut self,
        bytes: &mut PositionedReader,
        y: u32,
        dy: u32,
        c: &mut Coefficients,
        plane: &Plane,
    ) -> Result<()> {
        let mcus = plane.grid.blocks_x;
        let (part, kind, al, limit) = (&self.parts[0], self.kind, self.al, plane.grid.limit);
        let (ss, se) = (self.ss, self.se);
        let needed = plane.grid.needed_rows.contains(&y);
        match (kind, &part.ac) {
            // an EOB run may span many rows, in each of a hundred scans
            (ScanKind::AcFirst { .. }, _) if self.reader.skip_in_eob_run(mcus, || true) => Ok(()),
            (ScanKind::AcRefine, _) if self.reader.skip_in_eob_run(mcus, || c.nothing_set(dy)) => Ok(()),
            (ScanKind::AcFirst { kept }, Some((table, _))) => {
                let band = SpectralBand { table, ss, se, al };
                self.reader.run(bytes, 1, mcus, !kept && !needed, |bits, state, x| {
                    let (set, block) = c.at(x, dy, needed);
                    block::ac_first(bits, band, &mut state.eob_run, set, block);
                })
            }
            (ScanKind::AcRefine, Some((table, _))) => {
                let band = SpectralBand { table, ss, se, al };
                self.reader.run(bytes, 1, mcus, false, |bits, state, x| {
                    let (set, block) = c.at(x, dy, needed);
                    block::ac_refine(bits, band, &mut state.eob_run, set, block);
                })
            }
            _ => self.reader.run(bytes, 1, mcus, false, |bits, state, x| {
                read_block(bits, part, (kind, al), limit, &mut state.dc[0], c.at(x, dy, needed));
            }),
        }
    }
}

/// Reads a block of a sequential scan, or of one that codes DC coefficients.
#[inline(always)]
fn read_block(
    bits: &mut BitReader<'_>,
    part: &ComponentTables,
    (kind, al): (ScanKind, u32),
    limit: u32,
    predictor: &mut i32,
    (set, block): (&mut u64, Option<&mut Block>),
) {
    match (kind, &part.dc, &part.ac) {
        (ScanKind::Sequential, Some(dc), Some((ac, Some(skip)))) => match block {
            Some(block) => {
                *set |= 1 << block::sequential(bits, (dc, ac, skip), predictor, limit, block).min(63)
            }
            None => block::skip(bits, (dc, ac, skip), predictor),
        },
        (ScanKind::DcFirst, Some(dc), _) => {
            let value = block::dc_first(bits, dc, predictor, al);
            if let Some(block) = block {
                block[0] = value;
            }
        }
        _ => {
            bits.refill();
            let one = bits.bit();
            if let (true, Some(block)) = (one, block) {
                block[0] |= 1 << al;
            }
        }
    }
}
