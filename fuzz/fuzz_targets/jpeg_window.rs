//! See `src/jpeg_window.rs` for the law.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| truecrop_fuzz::jpeg_window::check(data));
