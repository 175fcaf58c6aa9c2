//! See `src/webp_window.rs` for the law.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| truecrop_fuzz::webp_window::check(data));
