//! How often a source is read: a crop reads each byte once where the decoder reads in order, and a verification digests and
//! probes the source once.
//!
//! Found on 2026-11-26: `verify` read a source 3.1 times (a digest, a probe, and a crop that probed and digested again), and a crop twice.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::{output, recipe};
use std::cell::Cell;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::rc::Rc;
use truecrop_core::pipeline::{Cropped, crop};
use truecrop_core::policy::Policy;
use truecrop_core::receipt::Digest;
use truecrop_core::verify::{Level, Submission, SubmittedSource, verify};
use truecrop_core::{Code, Limits, Reader};

/// A file that counts the bytes that are read of it.
struct Counted {
    file: Cursor<Vec<u8>>,
    read: Rc<Cell<usize>>,
}

impl Read for Counted {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = self.file.read(out)?;
        self.read.set(self.read.get() + count);
        Ok(count)
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.file.seek(to)
    }
}

/// Noise: megabytes, beside which headers and buffers do not count.
fn noise() -> Vec<u8> {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..SIDE as usize * SIDE as usize * 3).map(|_| next()).collect()
}

const SIDE: u16 = 1500;

fn jpeg(progressive: bool) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, 95);
    encoder.set_progressive(progressive);
    encoder.encode(&noise(), SIDE, SIDE, jpeg_encoder::ColorType::Rgb).unwrap();
    file
}

fn png() -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, SIDE.into(), SIDE.into());
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().unwrap().write_image_data(&noise()).unwrap();
    file
}

/// What the file is; how often a crop may read it. The scans of a progressive file are found before they are decoded side by
/// side.
fn files() -> [(&'static str, Vec<u8>, f64); 3] {
    [("baseline", jpeg(false), 1.1), ("PNG", png(), 1.1), ("progressive", jpeg(true), 2.1)]
}

fn counted(file: &[u8]) -> (Reader, Rc<Cell<usize>>) {
    let read = Rc::default();
    (Box::new(Counted { file: Cursor::new(file.to_vec()), read: Rc::clone(&read) }), read)
}

fn run(source: Reader) -> Cropped {
    // The window ends above the picture's last rows: what lies below it is read for the digest alone.
    let recipe = recipe(100.0, 200.0, 1000.0, 800.0, output(500, 400));
    crop(source, &recipe, &Limits::default(), &mut |_| ControlFlow::Continue(())).unwrap()
}

#[test]
fn a_crop_reads_the_file_once() {
    for (name, file, most) in files() {
        let (source, read) = counted(&file);
        let made = run(source);
        assert_eq!(made.receipt.source().digest, Digest::of(&file), "{name}");
        let times = read.get() as f64 / file.len() as f64;
        assert!((1.0..=most).contains(&times), "{name}: read {times:.2} times");
    }
}

/// A file that was longer, or shorter, when it was probed.
struct Growing {
    file: Cursor<Vec<u8>>,
    probed: u64,
}

impl Read for Growing {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.file.read(out)
    }
}

impl Seek for Growing {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        match to {
            SeekFrom::End(0) => Ok(self.probed),
            to => self.file.seek(to),
        }
    }
}

/// Its receipt would have a length and a digest of two different files.
#[test]
fn a_file_that_changes_while_it_is_read_is_refused() {
    let file = jpeg(false);
    let recipe = recipe(100.0, 200.0, 1000.0, 800.0, output(500, 400));
    for probed in [file.len() as u64 - 1, file.len() as u64 + 1] {
        let source = Box::new(Growing { file: Cursor::new(file.clone()), probed });
        let go_on = &mut |_| ControlFlow::Continue(());
        let error = crop(source, &recipe, &Limits::default(), go_on).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::Io, Some("source.bytes")), "{error}");
    }
}

#[test]
fn a_verification_digests_once_and_probes_once() {
    for (name, file, most) in files() {
        let made = run(counted(&file).0);
        let (source, read) = counted(&file);
        let limits = Limits::default();
        let outputs = made.outputs.into_iter().map(|(spec, bytes)| (spec.name().to_owned(), bytes)).collect();
        let source = Some(SubmittedSource::new(source, &made.receipt, &limits));
        let submission = Submission { receipt: made.receipt, outputs, source };
        verify(submission, Level::Source, &Policy::default(), &limits).unwrap();
        let times = read.get() as f64 / file.len() as f64;
        assert!(times <= 1.0 + most, "{name}: read {times:.2} times");
    }
}
