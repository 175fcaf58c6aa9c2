//! Makes pixels of luma and chroma as libwebp does: "fancy" upsampling, and its own fixed-point conversion.

use super::plane_band::PADDING;
use crate::decode::jpeg::triangle_pairs;
use crate::simd::{Eight, Unit, with_lanes};
use std::ops::Range;

/// Fraction bits of red, green and blue before they are clamped.
const FRACTION: u32 = 6;

/// Converts rows of a frame, in some of its columns.
pub(super) struct RowConverter {
    columns: Range<usize>,
    /// Columns of chroma in the frame.
    chroma_width: usize,
    /// Three times the nearer row of chroma and once the farther, with one more column on either side.
    sums: Vec<i16>,
    /// Chroma of each pixel.
    chroma: [Vec<u8>; 2],
    out: Vec<u8>,
    unit: Unit,
}

/// One plane's rows that a row of pixels is made of: the nearer and the farther one.
pub(super) type Pair<'a> = [&'a [u8]; 2];

impl RowConverter {
    /// `width`: of the frame.
    pub(super) fn new(columns: Range<usize>, width: u32) -> Self {
        let pixels = columns.len() + PADDING;
        Self {
            columns,
            chroma_width: width.div_ceil(2) as usize,
            sums: vec![0; pixels / 2 + PADDING],
            chroma: [vec![0; pixels + PADDING], vec![0; pixels + PADDING]],
            out: vec![0; 3 * pixels],
            unit: Unit::best(),
        }
    }

    /// Bytes that [`RowConverter::new`] takes for so many columns.
    pub(super) fn memory_bytes(columns: u64) -> u64 {
        6 * columns + 10 * PADDING as u64
    }

    /// Red, green and blue of a row. The rows begin at the frame's left edge and have padding behind their end.
    pub(super) fn convert(&mut self, luma: &[u8], [blue, red]: [Pair<'_>; 2]) -> [&[u8]; 3] {
        let (width, stride) = (self.columns.len(), self.columns.len() + PADDING);
        let skip = self.columns.start % 2;
        let (columns, chroma_width) = (self.columns.clone(), self.chroma_width);
        let luma = &luma[columns.start..];
        with_lanes!(self.unit, V => {
            for (rows, out) in [blue, red].into_iter().zip(&mut self.chroma) {
                upsample::<V>(rows, &columns, chroma_width, &mut self.sums, out);
            }
            let chroma = [&self.chroma[0][skip..], &self.chroma[1][skip..]];
            to_rgb::<V>(luma, chroma, &mut self.out, width);
        });
        [0, 1, 2].map(|plane| &self.out[plane * stride..][..width])
    }
}

/// Chroma of each pixel of `columns`, from an even one on: nine, three, three and one parts of the four samples around it. At the
/// frame's edges a sample is its own neighbour.
#[inline(always)]
fn upsample<V: Eight>(
    [near, far]: Pair<'_>,
    columns: &Range<usize>,
    chroma_width: usize,
    sums: &mut [i16],
    out: &mut [u8],
) {
    let (left, right, last) = (columns.start / 2, (columns.end - 1) / 2, chroma_width - 1);
    let (from, to) = (left.saturating_sub(1), (right + 1).min(last));
    let first = usize::from(left == 0);
    for at in (0..=to - from).step_by(8) {
        let near = V::widen(&near[from + at..]);
        let sum = near.add(near).add(near).add(V::widen(&far[from + at..]));
        sum.store(&mut sums[first + at..]);
    }
    let count = right - left + 1;
    if left == 0 {
        sums[0] = sums[1];
    }
    if right >= last {
        sums[count + 1] = sums[count];
    }
    triangle_pairs::<V, 8, 8, 4>(sums, out, count);
}

/// Eight pixels: red, green and blue before they are clamped.
///
/// libwebp takes `(sample * factor) >> 8`. With twice the factor, that is the upper half of 128 times the sample times it; of a factor
/// above 32767 the part above is added by itself.
#[inline(always)]
fn rgb_eight<V: Eight>(y: V, u: V, v: V) -> [V; 3] {
    let [y, u, v] = [y, u, v].map(|samples| samples.left::<7>());
    let part = |samples: V, factor: i32| samples.mul_high(V::splat(factor as i16));
    let luma = part(y, 2 * 19_077 - 65_536).add(y);
    let red = luma.add(part(v, 2 * 26_149 - 65_536)).add(v).sub(V::splat(14_234));
    let green = luma.sub(part(u, 2 * 6_419)).sub(part(v, 2 * 13_320)).add(V::splat(8_708));
    // blue may exceed 16 bits, and is made smaller by 32 whole steps in between
    let blue = part(u, 2 * 33_050 - 65_536).add(u).sub(V::splat(17_685)).sub(V::splat(32 << FRACTION));
    let blue = luma.add(blue).right::<FRACTION>().add(V::splat(32));
    [red.right::<FRACTION>(), green.right::<FRACTION>(), blue]
}

#[inline(always)]
fn to_rgb<V: Eight>(luma: &[u8], [u, v]: [&[u8]; 2], out: &mut [u8], width: usize) {
    let (red, rest) = out.split_at_mut(width + PADDING);
    let (green, blue) = rest.split_at_mut(width + PADDING);
    for at in (0..width).step_by(8) {
        let [r, g, b] = rgb_eight(V::widen(&luma[at..]), V::widen(&u[at..]), V::widen(&v[at..]));
        r.narrow(&mut red[at..]);
        g.narrow(&mut green[at..]);
        b.narrow(&mut blue[at..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd;

    /// libwebp's formulas, in numbers that cannot overflow.
    fn definition(y: u8, u: u8, v: u8) -> [u8; 3] {
        let part = |sample: u8, factor: i32| (i32::from(sample) * factor) >> 8;
        let clamp = |value: i32| (value >> 6).clamp(0, 255) as u8;
        [
            clamp(part(y, 19_077) + part(v, 26_149) - 14_234),
            clamp(part(y, 19_077) - part(u, 6_419) - part(v, 13_320) + 8_708),
            clamp(part(y, 19_077) + part(u, 33_050) - 17_685),
        ]
    }

    #[test]
    fn eight_pixels_at_once_are_the_definition() {
        let all: Vec<u8> = (0..=255).collect();
        let mut out = vec![0; 3 * (256 + PADDING)];
        for u in 0..=255_u8 {
            for v in [0_u8, 1, 77, 128, 200, 254, 255] {
                for unit in [to_rgb::<simd::scalar::Lanes>, to_rgb::<simd::Base>] {
                    unit(&all, [&[u; 256], &[v; 256]], &mut out, 256);
                    for y in 0..256 {
                        let got = [0, 1, 2].map(|plane| out[plane * (256 + PADDING) + y]);
                        assert_eq!(got, definition(y as u8, u, v), "{y} {u} {v}");
                    }
                }
            }
        }
    }
}
