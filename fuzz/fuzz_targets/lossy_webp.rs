//! See `src/lossy_webp.rs` for the law.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| truecrop_fuzz::lossy_webp::check(data));
