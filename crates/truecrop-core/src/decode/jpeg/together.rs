//! Files with several scans (progressive ones, and sequential ones that code components apart): one cursor per scan,
//! all of them advanced together, one MCU row at a time. So only one row of coefficients is ever held.

use super::block::{self, Band, Block};
use super::cursor::Cursor;
use super::feed::Bytes;
use super::header::{Frame, Scan};
use super::huffman::{Skip, Spec, Table};
use super::index::{Index, RowIndex};
use super::plane::Plane;
use crate::error::{Code, Error, Result};
use std::rc::Rc;
use std::sync::Arc;

/// One component's coefficients of an MCU row.
struct Coefficients {
    blocks: Vec<Block>,
    /// The last zigzag index that is set in each block.
    lasts: Vec<u8>,
    /// Blocks of a row.
    stride: usize,
}

impl Coefficients {
    fn new(frame: &Frame, component: usize) -> Self {
        let c = &frame.components[component];
        let stride = (frame.mcus().0 * c.h) as usize;
        let count = stride * c.v as usize;
        Self { blocks: vec![[0; 64]; count], lasts: vec![0; count], stride }
    }

    #[inline(always)]
    fn grew(&mut self, at: usize, last: u32) {
        self.lasts[at] = self.lasts[at].max(last as u8);
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
    tables: Vec<(Arc<Spec>, Ac)>,
    most: usize,
}

impl Shared {
    fn get(&mut self, spec: &Arc<Spec>, skip: bool) -> Result<Ac> {
        let known = self.tables.iter_mut().find(|(s, ..)| Arc::ptr_eq(s, spec));
        if let Some((_, (table, skips))) = known {
            if skip && skips.is_none() {
                *skips = Some(Rc::new(Skip::new(table)));
            }
            return Ok((table.clone(), skips.clone()));
        }
        if self.tables.len() == self.most {
            let what = "The JPEG file has more Huffman tables than any encoder writes: save it anew.";
            return Err(Error::new(Code::TooManyScans, what).figures(self.most, self.most + 1));
        }
        let table = Rc::new(Table::new(spec));
        let skip = skip.then(|| Rc::new(Skip::new(&table)));
        self.tables.push((spec.clone(), (table.clone(), skip.clone())));
        Ok((table, skip))
    }
}

/// Bytes of one MCU row of coefficients.
pub(super) fn row_bytes(frame: &Frame) -> u64 {
    let blocks: u64 = frame.components.iter().map(|c| u64::from(frame.mcus().0 * c.h * c.v)).sum();
    blocks * (size_of::<Block>() as u64 + 1)
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
            coefficients: (0..frame.components.len()).map(|c| Coefficients::new(frame, c)).collect(),
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
        for c in &mut self.coefficients {
            c.blocks.fill([0; 64]);
            c.lasts.fill(0);
        }
        for (follower, number) in self.followers.iter_mut().zip(&self.numbers) {
            if let (Some(index), Some(place)) = (&self.index, follower.cursor.place()) {
                index.remember(*number, mcu_row, place);
            }
            follower.row(bytes, mcu_row, self.mcus_x, &mut self.coefficients, planes)?;
        }
        for (plane, c) in planes.iter_mut().zip(&self.coefficients) {
            let (v, columns) = (plane.shape.v, plane.shape.need_x.clone());
            let needed = plane.shape.need_y.clone();
            for y in (mcu_row * v..(mcu_row + 1) * v).filter(|y| needed.contains(y)) {
                for x in columns.clone() {
                    let at = (y - mcu_row * v) as usize * c.stride + x as usize;
                    plane.put(x, y, &c.blocks[at], c.lasts[at].into());
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
            let dc = if has_dc { Some(shared.get(&scan.dc[p.dc], false)?.0) } else { None };
            let ac = if has_ac { Some(shared.get(&scan.ac[p.ac], kind == Kind::Sequential)?) } else { None };
            parts.push(Part { component: p.component, dc, ac });
        }
        Ok(Self {
            cursor: Cursor::new(scan.at, chunk, scan.restart),
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
        let first = mcu_row * plane.shape.v;
        for y in first..(first + plane.shape.v).min(plane.shape.blocks_y) {
            self.blocks(bytes, y, (y - first) as usize * c.stride, c, plane)?;
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
                let (plane, c) = (&planes[part.component], &mut all[part.component]);
                let (h, v) = (plane.shape.h, plane.shape.v);
                for i in 0..h * v {
                    let (x, y) = (unit * h + i % h, i / h);
                    let at = y as usize * c.stride + x as usize;
                    let needed = plane.needs(x, mcu_row * v + y);
                    one_block(bits, part, kind, low, needed, plane.shape.limit, predictor, c, at);
                }
            }
        })
    }

    /// A row of blocks of a scan with one component. `row` is the first block's index in the coefficients.
    fn blocks(
        &mut self,
        bytes: &mut Bytes,
        y: u32,
        row: usize,
        c: &mut Coefficients,
        plane: &Plane,
    ) -> Result<()> {
        let units = plane.shape.blocks_x;
        let (part, kind, low, limit) = (&self.parts[0], self.kind, self.low, plane.shape.limit);
        let (first, last) = (self.first, self.last);
        match (kind, &part.ac) {
            (Kind::AcFirst { kept }, Some((table, _))) => {
                let band = Band { table, first, last, low };
                let pass_over = !kept && !plane.shape.need_y.contains(&y);
                self.cursor.run(bytes, 1, units, pass_over, |bits, memory, x| {
                    let at = row + x as usize;
                    let block = &mut c.blocks[at];
                    let newest = block::ac_first(bits, band, &mut memory.ended, block);
                    c.lasts[at] = c.lasts[at].max(newest as u8);
                })
            }
            (Kind::AcRefine, Some((table, _))) => {
                let band = Band { table, first, last, low };
                self.cursor.run(bytes, 1, units, false, |bits, memory, x| {
                    let at = row + x as usize;
                    let newest = block::ac_refine(bits, band, &mut memory.ended, &mut c.blocks[at]);
                    c.grew(at, newest);
                })
            }
            _ => self.cursor.run(bytes, 1, units, false, |bits, memory, x| {
                let at = row + x as usize;
                one_block(bits, part, kind, low, plane.needs(x, y), limit, &mut memory.dc[0], c, at);
            }),
        }
    }
}

/// A block of a sequential or DC scan.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the innermost loop, written once")]
fn one_block(
    bits: &mut super::bits::Bits<'_>,
    part: &Part,
    kind: Kind,
    low: u32,
    needed: bool,
    limit: u32,
    predictor: &mut i32,
    c: &mut Coefficients,
    at: usize,
) {
    let block = &mut c.blocks[at];
    match (kind, &part.dc, &part.ac) {
        (Kind::Sequential, Some(dc), Some((ac, Some(skip)))) => {
            if needed {
                let last = block::sequential(bits, (dc, ac, skip), predictor, limit, block);
                c.grew(at, last);
            } else {
                block::pass_over(bits, (dc, ac, skip), predictor);
            }
        }
        (Kind::DcFirst, Some(dc), _) => block[0] = block::dc_first(bits, dc, predictor, low),
        _ => {
            bits.refill();
            if bits.bit() {
                block[0] |= 1 << low;
            }
        }
    }
}
