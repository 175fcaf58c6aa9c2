//! Decodes a frame, one row of macroblocks at a time.

use super::frame_header::{EdgeLimits, Filter, FrameHeader};
use super::loop_filter::{self, Place};
use super::modes::MacroblockModes;
use super::partition::Partition;
use super::plane_band::PlaneBand;
use super::predict;
use super::residuals::{Neighbours, Residuals};
use super::tokens::{BlockProbabilities, by_place};
use crate::error::Result;
use crate::geometry::Size;
use crate::simd::{Eight, Unit, with_lanes};
use crate::source::PositionedReader;
use crate::vp8::modes::{B_DC, LumaMode};

/// Most bytes that the modes of a macroblock take: 160 bits that use up seven bits of the stream each.
const MODE_BYTES: usize = 256;

/// Most bytes that its coefficients take: 25 blocks of 16, of 24 such bits each.
const COEFFICIENT_BYTES: usize = 9 << 10;

/// Rows above the end of what is decoded that the next row of macroblocks may still change: its filter reaches three rows of chroma
/// up, which are six of luma, and chroma is mixed over one more.
const REACH: u32 = 7;

/// What the macroblocks below and to the right hang on.
#[derive(Clone, Copy)]
struct Context {
    modes: [u8; 4],
    coefficients: Neighbours,
}

const OUTSIDE: Context = Context { modes: [B_DC; 4], coefficients: [0; 9] };

pub(super) struct MacroblockRows {
    header: FrameHeader,
    probabilities: Box<[BlockProbabilities; 4]>,
    size: Size,
    columns: usize,
    rows: usize,
    /// The columns of macroblocks that the filter goes over: all but those to the right of what is shown.
    filtered_columns: usize,
    /// The first row of macroblocks that it goes over.
    filtered_from: usize,
    modes: Partition,
    coefficients: Vec<Partition>,
    /// The next row of macroblocks.
    next: usize,
    /// The file ends within it.
    ended: bool,
    above: Vec<Context>,
    /// Of each macroblock of the row, how its edges are filtered, and whether those within it are.
    limits: Vec<(EdgeLimits, bool)>,
    pub(super) planes: [PlaneBand; 3],
    unit: Unit,
}

impl MacroblockRows {
    /// `first`: the first row that is shown; `right`: behind the last column that is.
    pub(super) fn new(
        header: FrameHeader,
        size: Size,
        modes: Partition,
        coefficients: Vec<Partition>,
        first: u32,
        right: u32,
    ) -> Self {
        let [columns, rows] = [size.width, size.height].map(|side| side.div_ceil(16) as usize);
        // a filter's changes hang on those above and to the left, without end, unless it is the simple one
        let filtered_from = match header.filter {
            Filter::Simple => (first as usize / 16).saturating_sub(1),
            _ => 0,
        };
        Self {
            probabilities: by_place(&header.coefficients),
            header,
            size,
            columns,
            rows,
            filtered_columns: columns.min((right as usize + REACH as usize) / 16 + 1),
            filtered_from,
            modes,
            coefficients,
            next: 0,
            ended: false,
            above: vec![OUTSIDE; columns],
            limits: vec![(EdgeLimits::default(), false); columns],
            planes: [PlaneBand::new(columns, 16), PlaneBand::new(columns, 8), PlaneBand::new(columns, 8)],
            unit: Unit::best(),
        }
    }

    /// Most bytes that it holds for a frame of this width, beside its partitions.
    pub(super) fn memory_bytes(width: u32) -> u64 {
        let columns = u64::from(width.div_ceil(16));
        let of_column = (size_of::<Context>() + size_of::<(EdgeLimits, bool)>()) as u64;
        let tables = (size_of::<[BlockProbabilities; 4]>() + 4 * 8 * 3 * 11) as u64;
        let planes = PlaneBand::memory_bytes(columns, 16) + 2 * PlaneBand::memory_bytes(columns, 8);
        planes + columns * of_column + tables
    }

    /// Rows of samples that are finished, from the top.
    pub(super) fn finished(&self) -> u32 {
        let decoded = 16 * self.next as u32;
        if self.next == self.rows { self.size.height } else { decoded.saturating_sub(REACH) }
    }

    /// Decodes the next row of macroblocks. False where there is none: the frame or the file has ended.
    ///
    /// # Errors
    /// [`Code::DamagedSource`](crate::Code::DamagedSource), [`Code::Io`](crate::Code::Io).
    pub(super) fn advance(&mut self, source: &mut PositionedReader) -> Result<bool> {
        if self.ended || self.next == self.rows {
            return Ok(false);
        }
        if self.next > 0 {
            self.planes.iter_mut().for_each(PlaneBand::advance);
        }
        self.ended = !with_lanes!(self.unit, V => self.decode_row::<V>(source))?;
        self.next += usize::from(!self.ended);
        Ok(!self.ended)
    }

    /// False where the file ends before the row does.
    fn decode_row<V: Eight>(&mut self, source: &mut PositionedReader) -> Result<bool> {
        let mut left = OUTSIDE;
        let mut residuals = Residuals::new();
        let partition = self.next & (self.header.partitions - 1);
        for column in 0..self.columns {
            let (header, above) = (&self.header, &mut self.above[column]);
            let modes = self.modes.read(source, MODE_BYTES, |bits| {
                MacroblockModes::read(bits, header, &mut above.modes, &mut left.modes)
            })?;
            residuals.clear();
            let whole = matches!(modes.luma, LumaMode::Whole(_));
            if modes.empty {
                let count = if whole { 9 } else { 8 };
                above.coefficients[..count].fill(0);
                left.coefficients[..count].fill(0);
            } else {
                let (factors, probabilities) = (&header.factors[modes.segment], &self.probabilities);
                let neighbours = [&mut above.coefficients, &mut left.coefficients];
                self.coefficients[partition].read(source, COEFFICIENT_BYTES, |bits| {
                    residuals.read(bits, probabilities, factors, whole, neighbours);
                })?;
            }
            if !self.modes.is_certain()? || !self.coefficients[partition].is_certain()? {
                return Ok(false);
            }
            let inner = !whole || !residuals.is_empty();
            self.limits[column] = (header.limits[modes.segment][usize::from(!whole)], inner);
            reconstruct::<V>(&mut self.planes, column, &modes, &mut residuals);
        }
        self.planes.iter_mut().for_each(PlaneBand::keep_last_row);
        if self.header.filter != Filter::None && self.next >= self.filtered_from {
            self.filter_row::<V>();
        }
        Ok(true)
    }

    /// Filters the row, macroblock by macroblock: each changes some samples of those before it.
    fn filter_row<V: Eight>(&mut self) {
        let simple = self.header.filter == Filter::Simple;
        let planes = if simple { &mut self.planes[..1] } else { &mut self.planes[..] };
        for (column, &(limits, inner)) in self.limits[..self.filtered_columns].iter().enumerate() {
            if limits.edge == 0 {
                continue;
            }
            for plane in planes.iter_mut() {
                let neighbours = [column > 0, self.next > 0];
                let place =
                    Place { at: plane.place(column), stride: plane.stride, side: plane.side, neighbours };
                loop_filter::macroblock::<V>(&mut plane.samples, place, limits, simple, inner);
            }
        }
    }
}

/// Predicts a macroblock's samples and adds what is coded of them.
#[inline(always)]
fn reconstruct<V: Eight>(
    planes: &mut [PlaneBand; 3],
    column: usize,
    modes: &MacroblockModes,
    residuals: &mut Residuals,
) {
    residuals.transform::<V>();
    let (values, pairs) = (&residuals.values, residuals.empty_pairs());
    let [luma, chroma @ ..] = planes;
    let stride = luma.stride;
    let (around, above_right, samples) = luma.around(column);
    match &modes.luma {
        LumaMode::Whole(mode) => {
            predict::whole::<V>(*mode, &around, (samples, stride, 16), &values[..256], &pairs[..8]);
        }
        LumaMode::Blocks(modes) => {
            let empty = residuals.empty_blocks();
            predict::blocks(modes, &around, above_right, (samples, stride), &values[..256], &empty[..16]);
        }
    }
    for (n, plane) in chroma.iter_mut().enumerate() {
        let stride = plane.stride;
        let (around, _, samples) = plane.around(column);
        let (values, pairs) = (&values[256 + 64 * n..][..64], &pairs[8 + 2 * n..][..2]);
        predict::whole::<V>(modes.chroma, &around, (samples, stride, 8), values, pairs);
    }
}
