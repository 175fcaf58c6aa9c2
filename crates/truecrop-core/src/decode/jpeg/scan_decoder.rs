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

impl ScanKind {
    /// `kept`: a later scan refers back to coefficients of this one.
    fn of(scan: &ScanHeader, progressive: bool, kept: bool) -> Self {
        match (progressive, scan.ss, scan.ah) {
            (false, ..) => Self::Sequential,
            (true, 0, 0) => Self::DcFirst,
            (true, 0, _) => Self::DcRefine,
            (true, _, 0) => Self::AcFirst { kept },
            (true, ..) => Self::AcRefine,
        }
    }

    fn has_dc(self) -> bool {
        matches!(self, Self::Sequential | Self::DcFirst)
    }

    fn has_ac(self) -> bool {
        !matches!(self, Self::DcFirst | Self::DcRefine)
    }
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
}

impl TableCache {
    /// For all scans of a file, however few of them the window needs: what is refused must not depend on the window.
    pub(super) fn new(scans: &[ScanHeader], progressive: bool) -> Result<Self> {
        let mut used: Vec<(&Arc<HuffmanSpec>, bool)> = Vec::new();
        for scan in scans {
            let kind = ScanKind::of(scan, progressive, false);
            let dc = scan.parts.iter().filter(|_| kind.has_dc()).map(|p| (&scan.dc[p.dc], false));
            let ac = scan.parts.iter().filter(|_| kind.has_ac());
            for (spec, signs) in dc.chain(ac.map(|p| (&scan.ac[p.ac], kind == ScanKind::AcRefine))) {
                if !used.iter().any(|(other, of_signs)| Arc::ptr_eq(other, spec) && *of_signs == signs) {
                    used.push((spec, signs));
                }
            }
        }
        let most = most_tables(progressive);
        if used.len() > most {
            let what = "The JPEG file has more Huffman tables than any encoder writes: save it again.";
            return Err(Error::new(Code::TooManyScans, what).figures(most, used.len()));
        }
        Ok(Self { tables: Vec::new() })
    }

    fn get(&mut self, spec: &Arc<HuffmanSpec>, kind: ScanKind) -> Ac {
        let (signs, skip) = (kind == ScanKind::AcRefine, kind == ScanKind::Sequential);
        let same = |s: &Arc<HuffmanSpec>, of_signs: bool| Arc::ptr_eq(s, spec) && of_signs == signs;
        if let Some((.., (table, skips))) = self.tables.iter_mut().find(|(s, signs, _)| same(s, *signs)) {
            if skip && skips.is_none() {
                *skips = Some(Rc::new(SkipTable::new(table)));
            }
            return (table.clone(), skips.clone());
        }
        let table = Rc::new(if signs { DecodeTable::of_signs(spec) } else { DecodeTable::new(spec) });
        let skip = skip.then(|| Rc::new(SkipTable::new(&table)));
        self.tables.push((spec.clone(), signs, (table.clone(), skip.clone())));
        (table, skip)
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
    ) -> Self {
        let kind = ScanKind::of(scan, frame.progressive, kept);
        let mut parts = Vec::new();
        for p in &scan.parts {
            let dc = kind.has_dc().then(|| tables.get(&scan.dc[p.dc], ScanKind::DcFirst).0);
            let ac = kind.has_ac().then(|| tables.get(&scan.ac[p.ac], kind));
            parts.push(ComponentTables { component: p.component, dc, ac });
        }
        Self {
            reader: ScanReader::new(scan.at, chunk, scan.restart, false),
            kind,
            parts,
            ss: scan.ss.into(),
            se: scan.se.into(),
            al: scan.al.into(),
        }
    }

    /// Whether the scan codes a component, by its index in the frame.
    pub(super) fn codes(&self, component: usize) -> bool {
        self.parts.iter().any(|part| part.component == component)
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
                    let row = mcu_row * grid.v + y;
                    let needed = grid.needed_rows.contains(&row);
                    let limit = if x >= grid.first_edge_block(row) { 63 } else { grid.limit };
                    read_block(bits, part, (kind, al), limit, predictor, c.at(x, y, needed));
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
        let (grid, mcus) = (&plane.grid, plane.grid.blocks_x);
        let (part, kind, al) = (&self.parts[0], self.kind, self.al);
        let (ss, se) = (self.ss, self.se);
        let first_edge_block = grid.first_edge_block(y);
        // above the limit, only blocks at the picture's edge take values
        let first = if ss <= grid.limit { 0 } else { first_edge_block };
        let needed = grid.needed_rows.contains(&y) && first < grid.needed_columns.end;
        match (kind, &part.ac) {
            // an EOB run may span many rows, in each of a hundred scans
            (ScanKind::AcFirst { .. }, _) if self.reader.skip_in_eob_run(mcus, || true) => Ok(()),
            (ScanKind::AcRefine, _) if self.reader.skip_in_eob_run(mcus, || c.nothing_set(dy)) => Ok(()),
            (ScanKind::AcFirst { kept }, Some((table, _))) => {
                let band = SpectralBand { table, ss, se, al };
                self.reader.run(bytes, 1, mcus, !kept && !needed, |bits, state, x| {
                    let (set, block) = c.at(x, dy, needed && x >= first);
                    block::ac_first(bits, band, &mut state.eob_run, set, block);
                })
            }
            (ScanKind::AcRefine, Some((table, _))) => {
                let band = SpectralBand { table, ss, se, al };
                self.reader.run(bytes, 1, mcus, false, |bits, state, x| {
                    let (set, block) = c.at(x, dy, needed && x >= first);
                    block::ac_refine(bits, band, &mut state.eob_run, set, block);
                })
            }
            _ => self.reader.run(bytes, 1, mcus, false, |bits, state, x| {
                let limit = if x >= first_edge_block { 63 } else { grid.limit };
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
