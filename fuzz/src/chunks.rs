//! Law: however the source's bytes arrive (one by one, in pieces of any size, interrupted), the facts, the rows and the
//! outputs are the same.

use super::decode::{pixels, window};
use super::input::Input;
use super::{limits, pipeline, reader};
use std::io::{Cursor, Error, ErrorKind, Read, Result, Seek, SeekFrom};
use truecrop_core::Reader;
use truecrop_core::decode::{DecodePlan, scaled, scales};
use truecrop_core::probe::probe;

/// A source that hands out what it likes.
struct Pieces {
    inner: Cursor<Vec<u8>>,
    sizes: Input<'static>,
    most: u32,
    interrupts: bool,
}

impl Read for Pieces {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        if self.interrupts && self.sizes.once_in(3) {
            return Err(Error::from(ErrorKind::Interrupted));
        }
        let size = (1 + self.sizes.below(self.most) as usize).min(out.len());
        self.inner.read(&mut out[..size])
    }
}

impl Seek for Pieces {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        self.inner.seek(to)
    }
}

fn pieces(data: &[u8], most: u32, interrupts: bool) -> Reader {
    Box::new(Pieces { inner: Cursor::new(data.to_vec()), sizes: Input::beside(data), most, interrupts })
}

/// Checks the law for a file.
pub fn check(data: &[u8]) {
    let mut input = Input::beside(data);
    let (most, interrupts) = (input.pick(&[1, 2, 7, 1000]), input.once_in(2));
    let arriving = || pieces(data, most, interrupts);
    let (whole, apart) = (probe(&mut *reader(data), &limits()), probe(&mut *arriving(), &limits()));
    assert_eq!(format!("{whole:?}"), format!("{apart:?}"), "the facts");
    let Ok(probe) = whole else { return };
    let scale = input.pick(scales(&probe));
    let window = window(&mut input, scaled(probe.stored(), scale));
    let plan = DecodePlan { window, scale, coarse_chroma: input.once_in(2) };
    let (whole, apart) = (pixels(reader(data), &probe, &plan), pixels(arriving(), &probe, &plan));
    assert_eq!(whole.as_ref().err().map(|e| e.code()), apart.as_ref().err().map(|e| e.code()), "{plan:?}");
    assert!(whole.ok() == apart.ok(), "other rows: {plan:?}");
    let recipe = pipeline::recipe(&mut input, probe.oriented());
    match (pipeline::run(reader(data), &recipe), pipeline::run(arriving(), &recipe)) {
        (Ok(whole), Ok(apart)) => assert!(whole.receipt == apart.receipt, "other outputs"),
        (whole, apart) => assert_eq!(whole.err().map(|e| e.code()), apart.err().map(|e| e.code())),
    }
}
