//! See `src/receipt.rs` for the law.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| truecrop_fuzz::receipt::check(data));
