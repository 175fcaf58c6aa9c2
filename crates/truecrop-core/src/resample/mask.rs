//! Cuts a finished picture by its output's mask: what lies outside is transparent.

use crate::pixel::{Raster, ellipse};
use crate::recipe::{Mask, OutputSpec};

/// How a picture is cut.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    mask: Mask,
    /// Whether the format mixes the colours of neighbours.
    lossy: bool,
}

impl Cut {
    /// How an output's picture is cut, where it is.
    pub fn of(spec: &OutputSpec) -> Option<Self> {
        spec.mask().map(|mask| Self { mask, lossy: spec.lossy_quality().is_some() })
    }

    /// Cuts a picture that has opacity. Holds 4 bytes for each column, and 1 KB.
    ///
    /// Nothing of what lies outside is kept. In a lossless format its pixels are 0; in a lossy one they take the colour of what is seen
    /// next to them in their row, because the encoder would mix black into the rim.
    pub fn apply(self, raster: &mut Raster) {
        let Mask::Ellipse = self.mask;
        let width = raster.size.width as usize;
        let rows = raster.data.as_chunks_mut::<4>().0;
        ellipse::each_row(raster.size, |row, shares| {
            let pixels = &mut rows[row * width..(row + 1) * width];
            let first = shares.iter().position(|share| ellipse::masked(255, *share) > 0).unwrap_or(width);
            let end = (width - first).max(first);
            for (pixel, share) in pixels[first..end].iter_mut().zip(&shares[first..end]) {
                pixel[3] = ellipse::masked(pixel[3], *share);
                if pixel[3] == 0 {
                    *pixel = [0; 4];
                }
            }
            let (left, right) =
                (self.outside(pixels[first..end].first()), self.outside(pixels[first..end].last()));
            pixels[..first].fill(left);
            pixels[end..].fill(right);
        });
    }

    /// What stands outside, beside this pixel.
    fn outside(self, beside: Option<&[u8; 4]>) -> [u8; 4] {
        match beside {
            Some([r, g, b, _]) if self.lossy => [*r, *g, *b, 0],
            _ => [0; 4],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::recipe::Format;

    fn cut(size: Size, quality: Option<u8>, data: impl Fn(u32, u32) -> [u8; 4]) -> Vec<[u8; 4]> {
        let spec = OutputSpec::new("main", size, Format::Webp).unwrap();
        let spec = quality.map_or(Ok(spec.clone()), |quality| spec.with_quality(quality)).unwrap();
        let spec = spec.with_mask(Some(Mask::Ellipse)).unwrap();
        let places = (0..size.height).flat_map(|y| (0..size.width).map(move |x| (x, y)));
        let data = places.flat_map(|(x, y)| data(x, y)).collect();
        let mut raster = Raster { size, alpha: true, data };
        Cut::of(&spec).unwrap().apply(&mut raster);
        raster.data.as_chunks::<4>().0.to_vec()
    }

    #[test]
    fn nothing_of_what_lies_outside_is_kept() {
        for quality in [None, Some(80)] {
            let pixels = cut(Size::new(40, 30), quality, |x, y| [x as u8, y as u8, 7, 255]);
            assert_eq!(pixels[15 * 40 + 20], [20, 15, 7, 255]);
            // The first pixel of the middle row that is seen, and those of the rows above.
            assert_eq!(pixels[15 * 40][3], 251);
            let first = (0..40).find(|x| pixels[*x][3] > 0).unwrap();
            assert!((10..20).contains(&first));
            let want = if quality.is_some() { [first as u8, 0, 7, 0] } else { [0; 4] };
            assert!(pixels[..first].iter().all(|pixel| *pixel == want), "{:?}", pixels[0]);
            let want = if quality.is_some() { [39 - first as u8, 0, 7, 0] } else { [0; 4] };
            assert!(pixels[40 - first..40].iter().all(|pixel| *pixel == want), "{:?}", pixels[39]);
        }
    }

    #[test]
    fn what_was_transparent_stays_so_and_the_rim_is_that_of_both() {
        let half = cut(Size::new(9, 9), None, |_, _| [100, 50, 25, 128]);
        let whole = cut(Size::new(9, 9), None, |_, _| [100, 50, 25, 255]);
        for (half, whole) in half.iter().zip(&whole) {
            assert!((i32::from(whole[3]) * 128 / 255 - i32::from(half[3])).abs() <= 1, "{half:?} {whole:?}");
            assert_eq!(half[..3], if half[3] == 0 { [0; 3] } else { [100, 50, 25] });
        }
        assert!(cut(Size::new(9, 9), Some(50), |_, _| [0; 4]).iter().all(|pixel| *pixel == [0; 4]));
    }

    /// So narrow that next to nothing is seen of its first row.
    #[test]
    fn the_narrowest_ellipse_is_seen_in_every_row() {
        for quality in [None, Some(80)] {
            let pixels = cut(Size::new(1, 16_383), quality, |_, _| [9, 9, 9, 255]);
            assert_eq!((pixels[0], pixels[8191]), ([9, 9, 9, 2], [9, 9, 9, 255]));
            assert!(pixels.iter().all(|pixel| pixel[3] > 0));
        }
    }
}
