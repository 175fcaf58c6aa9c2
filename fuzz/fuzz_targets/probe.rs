//! See `src/probe.rs` for the law.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| truecrop_fuzz::probe::check(data));
