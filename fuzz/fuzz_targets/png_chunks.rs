//! See `src/png_chunks.rs` for the law.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| truecrop_fuzz::png_chunks::check(data));
