//! What is still done to the samples that the library gives, exactly.

/// A sample whose largest value is `max`, with all its bits used; rounded. Samples beyond the largest are taken for it.
pub(super) fn scale(sample: u16, max: u16, full: u16) -> u16 {
    let (sample, max, full) = (u32::from(sample.min(max)), u32::from(max), u32::from(full));
    ((sample * full + max / 2) / max) as u16
}

/// A colour that was multiplied by alpha, as it was before; rounded. A colour above its alpha is taken for full.
pub(super) fn unpremultiply(sample: u16, alpha: u16, full: u16) -> u16 {
    if alpha == 0 {
        return 0;
    }
    let (sample, alpha, full) = (u32::from(sample.min(alpha)), u32::from(alpha), u32::from(full));
    ((sample * full + alpha / 2) / alpha) as u16
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

    /// Premultiplying again gives what the file had.
    #[test]
    fn unpremultiplied_colors_premultiply_to_themselves() {
        for alpha in 1..=255_u16 {
            for sample in 0..=alpha {
                let straight = u32::from(unpremultiply(sample, alpha, 255));
                assert_eq!(
                    (straight * u32::from(alpha) + 127) / 255,
                    u32::from(sample),
                    "{sample} of {alpha}"
                );
            }
        }
        assert_eq!((unpremultiply(9, 0, 255), unpremultiply(200, 100, 255)), (0, 255));
    }
}
