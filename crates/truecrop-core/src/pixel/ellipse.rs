//! How much of each pixel lies in the ellipse that touches all four sides of a picture. docs/RECEIPT.md has the rule.
//!
//! Integers only, so that it is the same on every target. Across, a pixel's share of a line is exact to 1/256 pixel; down, a pixel is
//! the mean of 256 lines. Against the true area this is wrong by less than one level of 255 (see the tests).

use crate::geometry::Size;
use crate::recipe::MOST_MASKED_SIDE;

/// The share of a pixel that lies in the ellipse as a whole.
pub const WHOLE: u32 = LINES as u32 * STEPS;

/// Lines in a row of pixels.
const LINES: usize = 256;
/// Steps in a pixel's width.
const STEPS: u32 = 256;

/// Calls `take` with each row and the shares of its pixels, 0 to [`WHOLE`]. No order of rows is promised.
///
/// # Guarantees
/// Holds 4 bytes for each column and 1 KB. Both sides must be 1 to `MOST_MASKED_SIDE`: then all sums fit.
pub fn each_row(size: Size, mut take: impl FnMut(usize, &[u32])) {
    debug_assert!(size.width.max(size.height) <= MOST_MASKED_SIDE);
    let mut lines = [0; LINES];
    let mut shares = vec![0; size.width as usize];
    for row in 0..size.height.div_ceil(2) {
        for (k, half) in (0u32..).zip(&mut lines) {
            *half = half_width(size, row * LINES as u32 + k);
        }
        fill(&lines, &mut shares);
        // What is below the middle is as what is above.
        take(row as usize, &shares);
        let other = size.height - 1 - row;
        if other != row {
            take(other as usize, &shares);
        }
    }
}

/// Half of what line `number`, counted from the top, has in the ellipse, in steps: `W / 2 * sqrt(1 - (d / (H / 2))^2)`, rounded,
/// where `d` is how far the line's middle lies from the ellipse's.
fn half_width(size: Size, number: u32) -> u32 {
    let (width, height) = (u64::from(size.width), u64::from(size.height));
    // In half lines.
    let (half, at) = (height * LINES as u64, 2 * u64::from(number) + 1);
    let distance = half.abs_diff(at);
    let rest = half * half - distance * distance;
    let (square, quarter) = (width * width, 4 * height * height);
    let (whole, part) = (rest / quarter, rest % quarter);
    let squared = whole * square + part * square / quarter;
    (4 * squared).isqrt().div_ceil(2) as u32
}

/// The shares of a row of pixels: sums over its lines, of which each has so many steps on both sides of the middle.
fn fill(lines: &[u32; LINES], shares: &mut [u32]) {
    let width = shares.len();
    let middle = width as u32 * (STEPS / 2);
    let (least, most) =
        lines.iter().fold((u32::MAX, 0), |(least, most), half| (least.min(*half), most.max(*half)));
    for i in 0..width.div_ceil(2) {
        let left = i as u32 * STEPS;
        let right = left + STEPS;
        let share = if right <= middle - most {
            0
        } else if left >= middle - least && right <= middle + least {
            WHOLE
        } else {
            lines.iter().map(|half| right.min(middle + half).saturating_sub(left.max(middle - half))).sum()
        };
        shares[i] = share;
        shares[width - 1 - i] = share;
    }
}

/// The opacity that is left of one, of which this share is seen.
pub fn masked(alpha: u8, share: u32) -> u8 {
    ((u32::from(alpha) * share + WHOLE / 2) / WHOLE) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn opacities(size: Size) -> Vec<u8> {
        let width = size.width as usize;
        let mut all = vec![0; size.pixels() as usize];
        let mut seen = vec![0; size.height as usize];
        each_row(size, |row, shares| {
            seen[row] += 1;
            for (out, share) in all[row * width..].iter_mut().zip(shares) {
                *out = masked(255, *share);
            }
        });
        assert!(seen.iter().all(|count| *count == 1), "every row comes once");
        all
    }

    /// The true area by floating point: exact across, and by so many lines down that their number no longer counts.
    fn reference(size: Size, x: u32, y: u32) -> f64 {
        const FINE: u32 = 20_000;
        let (a, b) = (f64::from(size.width) / 2.0, f64::from(size.height) / 2.0);
        let sum: f64 = (0..FINE)
            .map(|k| {
                let v = (f64::from(y) + (f64::from(k) + 0.5) / f64::from(FINE) - b) / b;
                let half = a * (1.0 - v * v).max(0.0).sqrt();
                (f64::from(x + 1).min(a + half) - f64::from(x).max(a - half)).max(0.0)
            })
            .sum();
        sum / f64::from(FINE) * 255.0
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn a_pixels_opacity_is_its_area_in_the_ellipse_to_a_level(width in 1..40u32, height in 1..40u32) {
            let size = Size::new(width, height);
            let got = opacities(size);
            for (i, opacity) in (0..).zip(got) {
                let want = reference(size, i % width, i / width);
                prop_assert!((f64::from(opacity) - want).abs() < 1.0, "{width} x {height}, {i}: {opacity}, not {want}");
            }
        }
    }

    /// Long sides, where numbers are large: the whole area, and both axes.
    #[test]
    fn the_longest_sides_are_right_too() {
        for (width, height) in
            [(MOST_MASKED_SIDE, 1), (1, MOST_MASKED_SIDE), (MOST_MASKED_SIDE, 3), (16_383, 700), (2, 16_383)]
        {
            let size = Size::new(width, height);
            let mut sum = 0.0;
            each_row(size, |_, shares| {
                assert!(shares.iter().all(|share| *share <= WHOLE));
                sum += shares.iter().map(|share| f64::from(*share)).sum::<f64>() / f64::from(WHOLE);
            });
            let want = std::f64::consts::PI * f64::from(width) * f64::from(height) / 4.0;
            assert!((sum / want - 1.0).abs() < 0.0002, "{width} x {height}: {sum}, not {want}");
        }
    }

    #[test]
    fn small_ones_are_these() {
        let cases: [(u32, u32, &[u8]); 4] = [
            (1, 1, &[200]),
            (2, 2, &[200, 200, 200, 200]),
            (3, 3, &[139, 248, 139, 248, 255, 248, 139, 248, 139]),
            (4, 3, &[112, 238, 238, 112, 245, 255, 255, 245, 112, 238, 238, 112]),
        ];
        for (width, height, want) in cases {
            assert_eq!(opacities(Size::new(width, height)), want, "{width} x {height}");
        }
    }

    #[test]
    fn it_is_the_same_mirrored_and_its_corners_are_empty() {
        for (width, height) in [(64, 64), (65, 40), (40, 65), (7, 100)] {
            let all = opacities(Size::new(width, height));
            let at = |x: u32, y: u32| all[(y * width + x) as usize];
            for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
                assert_eq!(at(x, y), at(width - 1 - x, y));
                assert_eq!(at(x, y), at(x, height - 1 - y));
            }
            assert_eq!((at(0, 0), at(width / 2, height / 2)), (0, 255));
        }
    }
}
