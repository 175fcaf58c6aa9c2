//! What is still done to the samples that the library gives, exactly.

/// A sample whose largest value is `max`, with all its bits used; rounded. Samples beyond the largest are taken for it.
pub(super) fn scale(sample: u16, max: u16, full: u16) -> u16 {
    let (sample, max, full) = (u32::from(sample.min(max)), u32::from(max), u32::from(full));
    ((sample * full + max / 2) / max) as u16
}

/// Whether the alpha of every RGBA pixel is zero.
pub(super) fn is_transparent(rgba: &[u8]) -> bool {
    rgba.as_chunks::<4>().0.iter().all(|pixel| pixel[3] == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaling_rounds_to_the_nearest() {
        for (max, full) in
            [(1, 255), (15, 255), (100, 255), (254, 255), (256, 65_535), (1023, 65_535), (65_534, 65_535)]
        {
            for sample in 0..=max {
                let ideal = f64::from(sample) * f64::from(full) / f64::from(max);
                let got = f64::from(scale(sample, max, full));
                assert!((got - ideal).abs() <= 0.5, "{sample} of {max}: {got}, not {ideal}");
            }
            assert_eq!(scale(u16::MAX, max, full), full);
        }
    }
}
