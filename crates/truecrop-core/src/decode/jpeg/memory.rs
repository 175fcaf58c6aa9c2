//! States how many bytes a decode will hold, before it starts.

use super::block_size::BlockSize;
use super::coefficients::coefficient_bytes;
use super::color::ColorConverter;
use super::grid::ComponentGrid;
use super::header::{Component, FrameHeader};
use super::huffman::{DecodeTable, SkipTable};
use super::index;
use super::plane::Plane;
use super::rows::CHUNKS;
use super::scan_decoder::most_tables;
use super::upsample::Upsampler;
use crate::decode::DecodePlan;
use crate::probe::Probe;

/// Small vectors, the scans' headers, the segment that is being read.
const OVERHEAD: u64 = 160 << 10;

/// Most bytes that the decoder holds, besides the source's own bytes: buffered parts of the file, tables, a few MCU rows of
/// the window's samples, working rows, an index and, for files with several scans, one MCU row of the picture's
/// coefficients. 0 where [`JpegRows::open`](super::JpegRows::open) refuses the plan's scale.
///
/// An upper bound: how many scans a file has is only known after reading all of it.
pub(in crate::decode) fn memory_bytes(probe: &Probe, plan: &DecodePlan) -> u64 {
    let (Some(facts), Some(scale)) = (probe.jpeg(), BlockSize::at_scale(plan.scale)) else { return 0 };
    let component = |(id, &(h, v)): (u8, &(u8, u8))| Component::new(id, h.into(), v.into());
    let components: Vec<Component> = (0..).zip(facts.sampling()).map(component).collect();
    let stored = probe.stored();
    let frame = FrameHeader::new(facts.progressive(), stored.width, stored.height, components);
    let grid = |c| ComponentGrid::new(&frame, c, plan, scale);
    let grids: Vec<ComponentGrid> = frame.components.iter().map(grid).collect();
    let planes: u64 = grids.iter().map(|grid| Plane::bytes(grid) + Upsampler::bytes(plan.window.width)).sum();
    let out = ColorConverter::bytes(plan.window.width);
    let table = DecodeTable::BYTES + if frame.progressive { 0 } else { SkipTable::BYTES };
    let tables = table * most_tables(frame.progressive);
    CHUNKS as u64
        + index::MOST_BYTES
        + tables as u64
        + planes
        + out
        + coefficient_bytes(&frame, grids.iter())
        + OVERHEAD
}
