//! The laws that hold for every input whatsoever, each as a plain function over bytes that panics where its law is broken.
//!
//! The same functions run under cargo-fuzz (`fuzz_targets/`) and, over the fixtures and random changes of them, on a stable
//! toolchain (`crates/truecrop-core/tests/laws.rs`, which takes this file in as a module).
#![allow(clippy::unwrap_used)] // a law says what was broken by panicking

#[path = "../../crates/truecrop-core/tests/common/memory.rs"]
pub mod memory;

pub mod input;
pub mod valid_jpeg;
pub mod probe;
pub mod plan;
pub mod decode;
pub mod pipeline;
pub mod chunks;
pub mod jpeg_window;
pub mod png_chunks;
pub mod webp_window;
pub mod lossy_webp;
pub mod differential;
pub mod receipt;

use truecrop_core::{Code, Error, Limits, Reader};

/// A law: panics where it is broken.
pub type Law = fn(&[u8]);

/// Every law, by the name of its fuzz target.
pub const LAWS: [(&str, Law); 11] = [
    ("probe", probe::check),
    ("decode", decode::check),
    ("plan", plan::check),
    ("pipeline", pipeline::check),
    ("chunks", chunks::check),
    ("jpeg_window", jpeg_window::check),
    ("png_chunks", png_chunks::check),
    ("webp_window", webp_window::check),
    ("receipt", receipt::check),
    ("lossy_webp", lossy_webp::check),
    ("differential", differential::check),
];

/// Limits under which an input takes little time, and memory that a fuzzer has.
pub fn limits() -> Limits {
    Limits { source_pixels: 1 << 20, output_pixels: 1 << 18, memory: 256 << 20, ..Limits::default() }
}

/// A refusal must be typed, and say something.
pub fn refused_well(error: &Error) {
    assert!(error.code() != Code::Internal, "an internal error: {error}");
    assert!(!error.detail().is_empty(), "{:?} says nothing", error.code());
}

/// The bytes as a source.
pub fn reader(data: &[u8]) -> Reader {
    Box::new(std::io::Cursor::new(data.to_vec()))
}
