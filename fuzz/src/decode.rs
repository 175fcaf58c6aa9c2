//! Law: a decode of any window at any scale gives exactly the window's rows or a typed refusal, and holds no more than
//! [`decode::cost`] has stated.

use super::input::Input;
use super::memory::peak_of;
use super::{limits, reader, refused_well};
use std::io::Cursor;
use truecrop_core::decode::{self, DecodePlan, Row, Window, scaled, scales};
use truecrop_core::geometry::Size;
use truecrop_core::probe::{Depth, Probe, probe};
use truecrop_core::{Reader, Result};

/// Checks the law for a file.
pub fn check(data: &[u8]) {
    let Ok(probe) = probe(&mut Cursor::new(data), &limits()) else { return };
    let mut input = Input::beside(data);
    let scale = input.pick(scales(&probe));
    let window = window(&mut input, scaled(probe.stored(), scale));
    let plan = DecodePlan { window, scale, coarse_chroma: input.once_in(2) };
    let stated = decode::memory_bytes(&probe, &plan);
    let source = reader(data);
    let mut result = Ok(());
    // What the rows are gathered in is not the decoder's.
    let peak = peak_of(|| result = each_row(source, &probe, &plan, |_| {}));
    assert!(peak as u64 <= stated, "held {peak} bytes, stated {stated}: {plan:?}");
    if let Err(error) = result {
        refused_well(&error);
    }
}

/// Some part of a picture, often all of it.
pub fn window(input: &mut Input<'_>, size: Size) -> Window {
    if input.once_in(3) {
        return Window::whole(size);
    }
    let mut part = |side: u32| {
        let first = input.below(side);
        (first, 1 + input.below(side - first))
    };
    let ((x, width), (y, height)) = (part(size.width), part(size.height));
    Window { x, y, width, height }
}

/// Decodes, and checks that there are as many rows of as many samples as the plan says.
pub fn each_row(
    source: Reader,
    probe: &Probe,
    plan: &DecodePlan,
    mut row: impl FnMut(Row<'_>),
) -> Result<()> {
    let mut rows = decode::open(source, probe, plan, &limits(), None)?;
    let (samples, depth) = (plan.window.width as usize * rows.layout().channels(), rows.depth());
    for _ in 0..plan.window.height {
        let next = rows.next_row()?.expect("a row for each of the window");
        let (count, seen) = match next {
            Row::U8(row) => (row.len(), Depth::Eight),
            Row::U16(row) => (row.len(), Depth::Sixteen),
            Row::Planes(planes) => (planes.map(<[u8]>::len).iter().sum(), Depth::Eight),
        };
        assert_eq!((count, seen), (samples, depth));
        row(next);
    }
    assert!(rows.next_row()?.is_none(), "a row after the last");
    Ok(())
}

/// Decodes into bytes; 16 bits are two of them, the high one first.
pub fn pixels(source: Reader, probe: &Probe, plan: &DecodePlan) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    each_row(source, probe, plan, |row| match row {
        Row::U16(row) => out.extend(row.iter().flat_map(|v| v.to_be_bytes())),
        Row::U8(_) | Row::Planes(_) => row.append_to(&mut out),
    })?;
    Ok(out)
}
