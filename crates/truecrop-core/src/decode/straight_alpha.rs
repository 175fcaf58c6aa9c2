//! Colours that were multiplied by alpha, as they were before.

/// A colour that was multiplied by alpha, as it was before; rounded. A colour above its alpha is taken for full.
pub(super) fn unpremultiply(sample: u16, alpha: u16, full: u16) -> u16 {
    if alpha == 0 {
        return 0;
    }
    let (sample, alpha, full) = (u32::from(sample.min(alpha)), u32::from(alpha), u32::from(full));
    ((sample * full + alpha / 2) / alpha) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

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
