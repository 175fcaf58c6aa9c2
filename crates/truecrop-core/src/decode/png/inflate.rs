//! The inflaters behind one seam.
//!
//! fdeflate is the quickest on photographs but can not be cloned;
//! miniz_oxide can, which is how the passes of Adam7 are read side by side.

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It wants more input or more room.
    On,
    /// The compressed stream is over.
    Done,
    /// The compressed stream is broken.
    Broken,
}

/// A zlib stream on its way.
pub(super) trait Inflate {
    /// Bytes that it holds at most, itself included.
    const COST: u64;
    /// Bytes of the file to read at once.
    const CHUNK: usize;

    fn new() -> Self;

    /// Inflates `input` into `out[at..]`. What stands before `at` are the stream's last bytes, 32 KiB of them if there
    /// have been as many. Gives the bytes taken, the bytes made, and how it ended.
    fn step(&mut self, input: &[u8], out: &mut [u8], at: usize) -> (usize, usize, Step);
}

/// fdeflate.
pub(super) struct Quick(Box<fdeflate::Decompressor>);

impl Inflate for Quick {
    const COST: u64 = 40 << 10;
    const CHUNK: usize = 64 << 10;

    fn new() -> Self {
        let mut inner = fdeflate::Decompressor::new();
        inner.ignore_adler32();
        Self(Box::new(inner))
    }

    fn step(&mut self, input: &[u8], out: &mut [u8], at: usize) -> (usize, usize, Step) {
        match self.0.read(input, out, at, false) {
            Ok((taken, made)) => (taken, made, if self.0.is_done() { Step::Done } else { Step::On }),
            Err(_) => (0, 0, Step::Broken),
        }
    }
}

/// miniz_oxide.
#[derive(Clone)]
pub(super) struct Forkable(Box<DecompressorOxide>);

impl Inflate for Forkable {
    const COST: u64 = size_of::<DecompressorOxide>() as u64;
    // up to eight stand side by side
    const CHUNK: usize = 32 << 10;

    fn new() -> Self {
        Self(Box::new(DecompressorOxide::new()))
    }

    fn step(&mut self, input: &[u8], out: &mut [u8], at: usize) -> (usize, usize, Step) {
        const FLAGS: u32 = inflate_flags::TINFL_FLAG_PARSE_ZLIB_HEADER
            | inflate_flags::TINFL_FLAG_IGNORE_ADLER32
            | inflate_flags::TINFL_FLAG_HAS_MORE_INPUT
            | inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        let (status, taken, made) = decompress(&mut self.0, input, out, at, FLAGS);
        let step = match status {
            TINFLStatus::Done => Step::Done,
            TINFLStatus::NeedsMoreInput | TINFLStatus::HasMoreOutput => Step::On,
            _ => Step::Broken,
        };
        (taken, made, step)
    }
}
