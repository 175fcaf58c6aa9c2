//! Files with several scans (progressive ones, and sequential ones that code components apart): one cursor per scan,
//! all of them advanced together, one MCU row at a time. So only one row of coefficients is ever held.

use super::block::{self, Band, Block};
use super::cursor::Cursor;
use super::feed::Bytes;
use super::header::{Component, Frame, Scan};
use super::huffman::{Skip, Spec, Table};
use super::index::{Index, RowIndex};
use super::plane::{Plane, Shape};
use crate::error::{Code, Error, Result};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

/// One component's coefficients of an MCU row.
struct Coefficients {
    /// For each block, the zigzag indices (of AC coefficients) that are not zero.
    set: Vec<u64>,
    /// Blocks of a row.
    stride: usize,
    /// The values of the blocks in the columns that the window needs.
    blocks: Vec<Block>,
    columns: Range<u32>,
}

impl Coefficients {
    fn new(frame: &Frame, component: &Component, shape: &Shape) -> Self {
        let stride = (frame.mcus().0 * component.h) as usize;
        let (count, needed) = (stride * component.v as usize, shape.need_x.len() * component.v as usize);
        Self { set: vec![0; count], stride, blocks: vec![[0; 64]; needed], columns: shape.need_x.clone() }
    }

    /// Bytes that [`Coefficients::new`] takes.
    fn bytes(frame: &Frame, component: &Component, shape: &Shape) -> u64 {
        let rows = u64::from(component.v);
        rows * (u64::from(frame.mcus().0 * component.h) * 8
            + shape.need_x.len() as u64 * size_of::<Block>() as u64)
    }

    /// Whether all blocks of row `dy` of the MCU row are without AC coefficients so far.
    fn nothing_set(&self, dy: u32) -> bool {
        let row = &self.set[dy as usize * self.stride..][..self.stride];
        row.iter().fold(0, |any, set| any | set) == 0
    }

    /// What is set in a block of row `dy` of the MCU row, and its values if the window needs them.
    #[inline(always)]
    fn at(&mut self, x: u32, dy: u32, needed_row: bool) -> (&mut u64, Option<&mut Block>) {
        let set = &mut self.set[dy as usize * self.stride + x as usize];
        if !needed_row || !self.columns.contains(&x) {
            return (set, None);
        }
        let at = dy as usize * self.columns.len() + (x - self.columns.start) as usize;
        (set, self.blocks.get_mut(at))
    }
}

/// What a scan codes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sequential,
    DcFirst,
    DcRefine,
    /// With `kept`, a later scan refers back to every coefficient.
    AcFirst {
        kept: bool,
    },
    AcRefine,
}

/// A table, with the one that steps over where that is of use.
type Ac = (Rc<Table>, Option<Rc<Skip>>);

/// One component's part in a scan.
struct Part {
    component: usize,
    dc: Option<Rc<Table>>,
    ac: Option<Ac>,
}

struct Follower {
    cursor: Cursor,
    kind: Kind,
    parts: Vec<Part>,
    first: u32,
    last: u32,
    low: u32,
}

/// Tables that the scans of one file may have together. Encoders write at most one for each scan.
pub(super) fn most_tables(progressive: bool) -> usize {
    if progressive { 128 } else { 16 }
}

/// The scans' tables; scans that name the same one share it.
struct Shared {
    tables: Vec<(Arc<Spec>, bool, Ac)>,
    most: usize,
}

impl Shared {
    fn get(&mut self, spec: &Arc<Spec>, kind: Kind) -> Result<Ac> {
        let (signs, skip) = (kind == Kind::AcRefine, kind == Kind::Sequential);
        let same = |s: &Arc<Spec>, of_signs: bool| Arc::ptr_eq(s, spec) && of_signs == signs;
        if let Some((.., (table, skips))) = self.tables.iter_mut().find(|(s, signs, _)| same(s, *signs)) {
            if skip && skips.is_none() {
                *skips = Some(Rc::new(Skip::new(table)));
            }
            return Ok((table.clone(), skips.clone()));
        }
        if self.tables.len() == self.most {
            let what = "The JPEG file has more Huffman tables than any encoder writes: save it anew.";
            return Err(Error::new(Code::TooManyScans, what).figures(self.most, self.most + 1));
        }
        let table = Rc::new(if signs { Table::of_signs(spec) } else { Table::new(spec) });
        let skip = skip.then(|| Rc::new(Skip::new(&table)));
        self.tables.push((spec.clone(), signs, (table.clone(), skip.clone())));
        Ok((table, skip))
    }
}

/// Bytes of one MCU row of coefficients.
pub(super) fn row_bytes<'a>(frame: &Frame, shapes: impl Iterator<Item = &'a Shape>) -> u64 {
    frame.components.iter().zip(shapes).map(|(c, shape)| Coefficients::bytes(frame, c, shape)).sum()
}

/// All scans that matter.
pub(super) struct Together {
    followers: Vec<Follower>,
    coefficients: Vec<Coefficients>,
    mcus_x: u32,
    /// The followers' numbers among all scans of the file.
    numbers: Vec<usize>,
    index: Option<RowIndex>,
}

impl Together {
    /// `scans` in the order of the file. Those whose coefficients can not matter at this scale are left out.
    pub(super) fn new(
        frame: &Frame,
        scans: &[Scan],
        planes: &[Plane],
        chunk: usize,
        index: Option<Index>,
    ) -> Result<Self> {
        let numbers = that_matter(scans, planes);
        let live: Vec<&Scan> = numbers.iter().map(|i| &scans[*i]).collect();
        let mut shared = Shared { tables: Vec::new(), most: most_tables(frame.progressive) };
        let mut follower = |(i, scan): (usize, &&Scan)| {
            let kept = live[i + 1..].iter().any(|later| refines(later, scan));
            Follower::new(frame, scan, kept, chunk, &mut shared)
        };
        Ok(Self {
            followers: live.iter().enumerate().map(&mut follower).collect::<Result<_>>()?,
            coefficients: (frame.components.iter().zip(planes))
                .map(|(c, plane)| Coefficients::new(frame, c, &plane.shape))
                .collect(),
            mcus_x: frame.mcus().0,
            numbers,
            index: index.map(|index| RowIndex::new(index, scans.len(), frame.mcus().1)),
        })
    }

    /// Goes to the last known place before an MCU row; the row that comes next.
    pub(super) fn enter(&mut self, mcu_row: u32) -> u32 {
        let found = self.index.as_ref().and_then(|index| index.jump(&self.numbers, mcu_row));
        let Some((row, places)) = found else { return 0 };
        self.followers.iter_mut().zip(places).for_each(|(follower, place)| follower.cursor.enter(place));
        row
    }

    /// Whether data was missing.
    pub(super) fn short(&self) -> bool {
        self.followers.iter().any(|f| f.cursor.short)
    }

    /// Decodes an MCU row: every scan's part of it, and then the planes' samples.
    pub(super) fn row(&mut self, bytes: &mut Bytes, mcu_row: u32, planes: &mut [Plane]) -> Result<()> {
        let only_dc = self.followers.iter().all(|f| f.last == 0);
        for (c, plane) in self.coefficients.iter_mut().zip(&*planes) {
            let needed = plane.shape.rows_of(mcu_row).any(|y| plane.shape.need_y.contains(&y));
            match (only_dc, needed) {
                // whole pictures at 1/8: the rest was never set
                (true, _) => c.blocks.iter_mut().for_each(|block| block[0] = 0),
                (false, true) => c.blocks.fill([0; 64]),
                (false, false) => {}
            }
            c.set.fill(0);
        }
        for (follower, number) in self.followers.iter_mut().zip(&self.numbers) {
            if let (Some(index), Some(place)) = (&self.index, follower.cursor.place()) {
                index.remember(*number, mcu_row, place);
            }
            follower.row(bytes, mcu_row, self.mcus_x, &mut self.coefficients, planes)?;
        }
        for (plane, c) in planes.iter_mut().zip(&mut self.coefficients) {
            for (dy, y) in (0..).zip(plane.shape.rows_of(mcu_row)) {
                let Some(row) = plane.block_row(y) else { continue };
                for x in plane.shape.need_x.clone() {
                    if let (set, Some(block)) = c.at(x, dy, true) {
                        plane.put(row, x, block, 63 - (*set | 1).leading_zeros());
                    }
                }
            }
        }
        Ok(())
    }
}

/// The numbers of the scans that are needed at this scale: those with coefficients that matter, and those that such a
/// scan refines, because its bits can only be told apart by what they refine.
fn that_matter(scans: &[Scan], planes: &[Plane]) -> Vec<usize> {
    let mut needed: Vec<usize> = Vec::new();
    for (i, scan) in scans.iter().enumerate().rev() {
        let shown = scan.parts.iter().any(|p| u32::from(scan.ss) <= planes[p.component].shape.limit);
        if shown || needed.iter().any(|later| refines(&scans[*later], scan)) {
            needed.push(i);
        }
    }
    needed.reverse();
    needed
}

/// Whether a later scan adds bits to coefficients of this one.
fn refines(later: &Scan, scan: &Scan) -> bool {
    let same = later.parts.iter().any(|p| scan.parts.iter().any(|q| p.component == q.component));
    same && later.ah > 0 && later.ss <= scan.se && later.se >= scan.ss
}

impl Follower {
    fn new(frame: &Frame, scan: &Scan, kept: bool, chunk: usize, shared: &mut Shared) -> Result<Self> {
        let kind = match (frame.progressive, scan.ss, scan.ah) {
            (false, ..) => Kind::Sequential,
            (true, 0, 0) => Kind::DcFirst,
            (true, 0, _) => Kind::DcRefine,
            (true, _, 0) => Kind::AcFirst { kept },
            (true, ..) => Kind::AcRefine,
        };
        let has_dc = matches!(kind, Kind::Sequential | Kind::DcFirst);
        let has_ac = !matches!(kind, Kind::DcFirst | Kind::DcRefine);
        let mut parts = Vec::new();
        for p in &scan.parts {
            let dc = if has_dc { Some(shared.get(&scan.dc[p.dc], Kind::DcFirst)?.0) } else { None };
            let ac = if has_ac { Some(shared.get(&scan.ac[p.ac], kind)?) } else { None };
            parts.push(Part { component: p.component, dc, ac });
        }
        Ok(Self {
            cursor: Cursor::new(scan.at, chunk, scan.restart, false),
            kind,
            parts,
            first: scan.ss.into(),
            last: scan.se.into(),
            low: scan.al.into(),
        })
    }

    fn row(
        &mut self,
        bytes: &mut Bytes,
        mcu_row: u32,
        mcus_x: u32,
        all: &mut [Coefficients],
        planes: &[Plane],
    ) -> Result<()> {
        if self.parts.len() > 1 {
            return self.mcus(bytes, mcu_row, mcus_x, all, planes);
        }
        let component = self.parts[0].component;
        let (plane, c) = (&planes[component], &mut all[component]);
        let rows = plane.shape.rows_of(mcu_row);
        for y in rows.start..rows.end.min(plane.shape.blocks_y) {
            self.blocks(bytes, y, y - rows.start, c, plane)?;
        }
        Ok(())
    }

    /// A row of MCUs of a scan with several components: sequential or DC.
    fn mcus(
        &mut self,
        bytes: &mut Bytes,
        mcu_row: u32,
        mcus_x: u32,
        all: &mut [Coefficients],
        planes: &[Plane],
    ) -> Result<()> {
        let (kind, low, parts) = (self.kind, self.low, &self.parts[..]);
        let blocks: u32 = parts.iter().map(|p| &planes[p.component].shape).map(|s| s.h * s.v).sum();
        self.cursor.run(bytes, blocks as usize, mcus_x, false, |bits, memory, unit| {
            for (part, predictor) in parts.iter().zip(&mut memory.dc) {
                let (shape, c) = (&planes[part.component].shape, &mut all[part.component]);
                for i in 0..shape.h * shape.v {
                    let (x, y) = (unit * shape.h + i % shape.h, i / shape.h);
                    let needed = shape.need_y.contains(&(mcu_row * shape.v + y));
                    one_block(bits, part, (kind, low), shape.limit, predictor, c.at(x, y, needed));
                }
            }
        })
    }

    /// Row `y` of the blocks of a scan with one component, which is row `dy` of its MCU row.
    fn blocks(
        &mut self,
        bytes: &mut Bytes,
        y: u32,
        dy: u32,
        c: &mut Coefficients,
        plane: &Plane,
    ) -> Result<()> {
        let units = plane.shape.blocks_x;
        let (part, kind, low, limit) = (&self.parts[0], self.kind, self.low, plane.shape.limit);
        let (first, last) = (self.first, self.last);
        let needed = plane.shape.need_y.contains(&y);
        match (kind, &part.ac) {
            // a run of ended bands may go on for many rows, in each of a hundred scans
            (Kind::AcFirst { .. }, _) if self.cursor.all_ended(units, || true) => Ok(()),
            (Kind::AcRefine, _) if self.cursor.all_ended(units, || c.nothing_set(dy)) => Ok(()),
            (Kind::AcFirst { kept }, Some((table, _))) => {
                let band = Band { table, first, last, low };
                self.cursor.run(bytes, 1, units, !kept && !needed, |bits, memory, x| {
                    let (set, block) = c.at(x, dy, needed);
                    block::ac_first(bits, band, &mut memory.ended, set, block);
                })
            }
            (Kind::AcRefine, Some((table, _))) => {
                let band = Band { table, first, last, low };
                self.cursor.run(bytes, 1, units, false, |bits, memory, x| {
                    let (set, block) = c.at(x, dy, needed);
                    block::ac_refine(bits, band, &mut memory.ended, set, block);
                })
            }
            _ => self.cursor.run(bytes, 1, units, false, |bits, memory, x| {
                one_block(bits, part, (kind, low), limit, &mut memory.dc[0], c.at(x, dy, needed));
            }),
        }
    }
}

/// A block of a sequential or DC scan.
#[inline(always)]
fn one_block(
    bits: &mut super::bits::Bits<'_>,
    part: &Part,
    (kind, low): (Kind, u32),
    limit: u32,
    predictor: &mut i32,
    (set, block): (&mut u64, Option<&mut Block>),
) {
    match (kind, &part.dc, &part.ac) {
        (Kind::Sequential, Some(dc), Some((ac, Some(skip)))) => match block {
            Some(block) => {
                *set |= 1 << block::sequential(bits, (dc, ac, skip), predictor, limit, block).min(63)
            }
            None => block::pass_over(bits, (dc, ac, skip), predictor),
        },
        (Kind::DcFirst, Some(dc), _) => {
            let value = block::dc_first(bits, dc, predictor, low);
            if let Some(block) = block {
                block[0] = value;
            }
        }
        _ => {
            bits.refill();
            let one = bits.bit();
            if let (true, Some(block)) = (one, block) {
                block[0] |= 1 << low;
            }
        }
    }
}
