//! Two inflating libraries behind one trait.
//!
//! fdeflate is the faster one on photographs, but its state cannot be cloned. That of miniz_oxide can, which is how the
//! passes of Adam7 are read side by side.

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It needs more input, or more room for output.
    NeedsMore,
    /// The compressed stream has ended.
    Done,
    /// The compressed stream is invalid.
    Invalid,
}

/// The state of inflating one zlib stream.
pub(super) trait Inflate {
    /// Most bytes that it holds, itself included.
    const MEMORY_BYTES: u64;
    /// Bytes of the file to read at once.
    const CHUNK: usize;

    fn new() -> Self;

    /// Inflates `input` into `out[at..]`. Before `at` must stand the last 32 KiB that the stream has given, or all of them
    /// if there were fewer. Returns the bytes of input consumed, the bytes of output written, and how the step ended.
    fn step(&mut self, input: &[u8], out: &mut [u8], at: usize) -> (usize, usize, Step);
}

/// fdeflate: fast, cannot be cloned.
pub(super) struct FastInflate(Box<fdeflate::Decompressor>);

impl Inflate for FastInflate {
    const MEMORY_BYTES: u64 = 40 << 10;
    const CHUNK: usize = 64 << 10;

    fn new() -> Self {
        let mut inner = fdeflate::Decompressor::new();
        inner.ignore_adler32();
        Self(Box::new(inner))
    }

    fn step(&mut self, input: &[u8], out: &mut [u8], at: usize) -> (usize, usize, Step) {
        match self.0.read(input, out, at, false) {
            Ok((taken, made)) => (taken, made, if self.0.is_done() { Step::Done } else { Step::NeedsMore }),
            Err(_) => (0, 0, Step::Invalid),
        }
    }
}

/// miniz_oxide: slower, can be cloned.
#[derive(Clone)]
pub(super) struct CloneableInflate(Box<DecompressorOxide>);

impl Inflate for CloneableInflate {
    const MEMORY_BYTES: u64 = size_of::<DecompressorOxide>() as u64;
    // up to eight of them exist at the same time
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
            TINFLStatus::NeedsMoreInput | TINFLStatus::HasMoreOutput => Step::NeedsMore,
            _ => Step::Invalid,
        };
        (taken, made, step)
    }
}
