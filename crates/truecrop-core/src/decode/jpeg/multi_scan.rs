//! Decodes files with several scans: progressive ones, and sequential ones whose components have scans of their own.
//!
//! All scans are read side by side, one MCU row at a time, so only one MCU row of coefficients is ever held.

use super::coefficients::Coefficients;
use super::header::{FrameHeader, ScanHeader};
use super::index::{Index, McuRowIndex};
use super::mcu_rows::McuRows;
use super::plane::Plane;
use super::scan_decoder::{ScanDecoder, TableCache};
use crate::error::Result;
use crate::source::PositionedReader;

/// All scans of a file that are needed.
pub(super) struct MultiScan {
    decoders: Vec<ScanDecoder>,
    coefficients: Vec<Coefficients>,
    mcus_x: u32,
    /// For each decoder, its scan's number among all scans of the file.
    scan_numbers: Vec<usize>,
    index: Option<McuRowIndex>,
}

impl MultiScan {
    /// `scans`: in the order of the file. Scans whose coefficients change nothing at this scale are left out.
    pub(super) fn new(
        frame: &FrameHeader,
        scans: &[ScanHeader],
        planes: &[Plane],
        chunk: usize,
        index: Option<Index>,
    ) -> Result<Self> {
        let scan_numbers = needed_scans(scans, planes);
        let needed: Vec<&ScanHeader> = scan_numbers.iter().map(|i| &scans[*i]).collect();
        let mut tables = TableCache::new(scans, frame.progressive)?;
        let mut decoder = |(i, scan): (usize, &&ScanHeader)| {
            let kept = needed[i + 1..].iter().any(|later| refines(later, scan));
            ScanDecoder::new(frame, scan, kept, chunk, &mut tables)
        };
        Ok(Self {
            decoders: needed.iter().enumerate().map(&mut decoder).collect(),
            coefficients: (frame.components.iter().zip(planes))
                .map(|(c, plane)| Coefficients::new(frame, c, &plane.grid))
                .collect(),
            mcus_x: frame.mcus().0,
            scan_numbers,
            index: index.map(|index| McuRowIndex::new(index, scans.len(), frame.mcus().1)),
        })
    }
}

impl McuRows for MultiScan {
    fn resume_before(&mut self, mcu_row: u32) -> u32 {
        let found = self.index.as_ref().and_then(|index| index.jump(&self.scan_numbers, mcu_row));
        let Some((row, checkpoints)) = found else { return 0 };
        self.decoders
            .iter_mut()
            .zip(checkpoints)
            .for_each(|(decoder, checkpoint)| decoder.reader.resume(checkpoint));
        row
    }

    fn truncated(&self) -> bool {
        self.decoders.iter().any(|decoder| decoder.reader.truncated)
    }

    fn skip(&mut self, bytes: &mut PositionedReader, mcu_row: u32, planes: &mut [Plane]) -> Result<()> {
        // no samples are made above the window, but the codes of later scans depend on the coefficients of earlier ones
        self.decode(bytes, mcu_row, planes)
    }

    fn decode(&mut self, bytes: &mut PositionedReader, mcu_row: u32, planes: &mut [Plane]) -> Result<()> {
        for (i, (c, plane)) in self.coefficients.iter_mut().zip(&*planes).enumerate() {
            let only_dc = self.decoders.iter().all(|decoder| decoder.se == 0 || !decoder.codes(i));
            for (dy, y) in (0..).zip(plane.grid.block_rows(mcu_row)) {
                if plane.grid.needed_rows.contains(&y) {
                    c.clear_values(dy, plane.grid.first_block_with_ac(y, only_dc));
                }
            }
            c.set.fill(0);
        }
        for (decoder, number) in self.decoders.iter_mut().zip(&self.scan_numbers) {
            if let (Some(index), Some(checkpoint)) = (&self.index, decoder.reader.checkpoint()) {
                index.remember(*number, mcu_row, checkpoint);
            }
            decoder.row(bytes, mcu_row, self.mcus_x, &mut self.coefficients, planes)?;
        }
        for (plane, c) in planes.iter_mut().zip(&mut self.coefficients) {
            for (dy, y) in (0..).zip(plane.grid.block_rows(mcu_row)) {
                let Some(row) = plane.block_row(y) else { continue };
                for x in plane.grid.needed_columns.clone() {
                    if let (set, Some(block)) = c.at(x, dy, true) {
                        plane.put(&row, x, block, 63 - (*set | 1).leading_zeros());
                    }
                }
            }
        }
        Ok(())
    }
}

/// The numbers of the scans that are needed at this scale: those whose coefficients change samples, and those that a needed
/// scan refines (its codes depend on the coefficients that it refines). Where the window needs blocks at the picture's edge,
/// all coefficients of their component change samples.
fn needed_scans(scans: &[ScanHeader], planes: &[Plane]) -> Vec<usize> {
    let mut needed: Vec<usize> = Vec::new();
    for (i, scan) in scans.iter().enumerate().rev() {
        let shown = scan
            .parts
            .iter()
            .map(|p| &planes[p.component].grid)
            .any(|grid| u32::from(scan.ss) <= grid.limit || grid.needs_edge_blocks());
        if shown || needed.iter().any(|later| refines(&scans[*later], scan)) {
            needed.push(i);
        }
    }
    needed.reverse();
    needed
}

/// Whether a later scan refines coefficients of this one.
fn refines(later: &ScanHeader, scan: &ScanHeader) -> bool {
    let same = later.parts.iter().any(|p| scan.parts.iter().any(|q| p.component == q.component));
    same && later.ah > 0 && later.ss <= scan.se && later.se >= scan.ss
}
