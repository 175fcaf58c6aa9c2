//! Law: a probe answers or refuses with a typed error; it holds little more than one colour profile; and what it answers
//! is within the limits.

use super::memory::peak_of;
use super::{limits, refused_well};
use std::io::Cursor;
use truecrop_core::probe::probe;

/// Checks the law for a file.
pub fn check(data: &[u8]) {
    let limits = limits();
    let mut probed = None;
    let peak = peak_of(|| probed = Some(probe(&mut Cursor::new(data), &limits)));
    // A profile is joined from its parts, or inflated from its chunk.
    assert!(peak < 4 * limits.profile_bytes, "the probe held {peak} bytes");
    match probed.unwrap() {
        Err(error) => refused_well(&error),
        Ok(probe) => {
            let size = probe.stored();
            assert!(size.width > 0 && size.height > 0 && size.pixels() <= limits.source_pixels, "{size:?}");
            assert!(size.width.max(size.height) <= limits.source_side, "{size:?}");
            assert_eq!(probe.bytes(), data.len() as u64);
        }
    }
}
