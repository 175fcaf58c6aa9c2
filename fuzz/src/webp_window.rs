//! Law: a window of a WebP is a cut of the whole, also in damaged and truncated files: what the whole gives, a window gives, and a window that is said
//! to be truncated is one of a whole that is.

use super::decode::window;
use super::input::Input;
use super::{limits, reader, refused_well};
use std::io::Cursor;
use truecrop_core::Result;
use truecrop_core::decode::{self, DecodePlan, Window};
use truecrop_core::probe::{Probe, SourceFormat, probe};

/// Checks the law for a file.
pub fn check(data: &[u8]) {
    let Ok(probe) = probe(&mut Cursor::new(data), &limits()) else { return };
    if probe.format() != SourceFormat::Webp {
        return;
    }
    let size = probe.stored();
    let mut input = Input::beside(data);
    let part = window(&mut input, size);
    let whole = match decoded(data, &probe, Window::whole(size)) {
        Ok(whole) => whole,
        // a window may end above what is damaged
        Err(error) => return refused_well(&error),
    };
    let cut = decoded(data, &probe, part).expect("a window of a picture that is shown");
    let stride = size.width as usize * whole.channels;
    let columns = part.x as usize * whole.channels..(part.x + part.width) as usize * whole.channels;
    let rows = whole.samples.chunks(stride).skip(part.y as usize).take(part.height as usize);
    let want: Vec<u8> = rows.flat_map(|row| row[columns.clone()].to_vec()).collect();
    assert!(cut.samples == want, "a window differs from the whole: {part:?}");
    assert!(whole.truncated || !cut.truncated, "only the window is truncated: {part:?}");
}

/// What is decoded of a window.
struct Decoded {
    samples: Vec<u8>,
    channels: usize,
    truncated: bool,
}

fn decoded(data: &[u8], probe: &Probe, window: Window) -> Result<Decoded> {
    let plan = DecodePlan { window, scale: 8, coarse_chroma: false };
    let mut rows = decode::open(reader(data), probe, &plan, &limits(), None)?;
    let (mut samples, channels) = (Vec::new(), rows.layout().channels());
    while let Some(row) = rows.next_row()? {
        row.append_to(&mut samples);
    }
    Ok(Decoded { samples, channels, truncated: rows.truncated() })
}
