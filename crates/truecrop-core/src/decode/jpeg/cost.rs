//! What a decode holds, before it starts.

use super::color::Mixer;
use super::header::{Component, Frame};
use super::huffman::{Skip, Table};
use super::index;
use super::plane::Shape;
use super::rows::CHUNKS;
use super::together::{most_tables, row_bytes};
use super::upsample::Line;
use crate::decode::DecodePlan;
use crate::probe::Probe;

/// Small vectors, the scans' descriptions, the segment that is being read.
const OVERHEAD: u64 = 160 << 10;

/// Most bytes that the decoder holds, beside the source's own bytes: windows on the file, tables, a few MCU rows of
/// the window's samples, its lines, an index and, for files with several scans, one MCU row of the picture's coefficients.
///
/// An upper bound: how many scans a file has is only known when it has been walked through.
pub(in crate::decode) fn cost(probe: &Probe, plan: &DecodePlan) -> u64 {
    let Some(facts) = probe.jpeg() else { return 0 };
    let component = |(id, &(h, v)): (u8, &(u8, u8))| Component::new(id, h.into(), v.into());
    let components: Vec<Component> = (0..).zip(facts.sampling()).map(component).collect();
    let stored = probe.stored();
    let frame = Frame::new(facts.progressive(), stored.width, stored.height, components);
    let shape = |c| Shape::new(&frame, c, plan);
    let shapes: Vec<Shape> = frame.components.iter().map(shape).collect();
    let planes: u64 = shapes.iter().map(|s| s.plane_bytes() + Line::bytes(plan.window.width)).sum();
    let out = Mixer::bytes(plan.window.width);
    let table = Table::BYTES + if frame.progressive { 0 } else { Skip::BYTES };
    let tables = table * most_tables(frame.progressive);
    CHUNKS as u64
        + index::MOST_BYTES
        + tables as u64
        + planes
        + out
        + row_bytes(&frame, shapes.iter())
        + OVERHEAD
}
