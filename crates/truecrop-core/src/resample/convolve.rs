//! The innermost sums of both passes, on the best vector unit that the machine has.
//!
//! One source over [`Vector`]: the scalar unit is the specification, and a test holds the others to it.

use super::weights::AxisWeights;
use crate::pixel::{CHANNELS, PlanarRow};
#[cfg(target_arch = "x86_64")]
use crate::simd;
use crate::simd::{Unit, Vector, with_lanes};

/// A pixel of working samples.
pub(super) type Pixel = [i16; CHANNELS];

/// The taps of an output row: where the rows under the filter begin in the ring, and the weight of each. Their sum is shifted
/// right by `bits`.
pub(super) struct RingTaps<'a> {
    pub(super) offsets: &'a [usize],
    pub(super) weights: &'a [i16],
    pub(super) bits: u32,
}

/// Every output pixel of a row, by the weighted sums of its pixels. `opaque`: the alpha of a line that has none.
///
/// Products must fit 32 bits together: see [`AxisWeights::wide`].
pub(super) fn across(unit: Unit, line: &PlanarRow, opaque: i16, axis: &AxisWeights, out: &mut [i16]) {
    match unit {
        // SAFETY: this unit is only there where the machine has AVX2.
        #[cfg(target_arch = "x86_64")]
        Unit::Avx2 => unsafe { across_avx2(line, opaque, axis, out) },
        other => with_lanes!(other, V => across_by::<V, V>(line, opaque, axis, out)),
    }
}

/// The weighted sum of some rows of the ring, for all of `line`, whose length is a multiple of 32.
///
/// Products must fit 32 bits together: see [`AxisWeights::wide`].
pub(super) fn down(unit: Unit, ring: &[i16], taps: &RingTaps<'_>, line: &mut [i16]) {
    match unit {
        // SAFETY: this unit is only there where the machine has AVX2.
        #[cfg(target_arch = "x86_64")]
        Unit::Avx2 => unsafe { down_avx2(ring, taps, line) },
        other => with_lanes!(other, V => down_by::<V>(ring, taps, line)),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn across_avx2(line: &PlanarRow, opaque: i16, axis: &AxisWeights, out: &mut [i16]) {
    across_by::<simd::avx2::Lanes, simd::Base>(line, opaque, axis, out);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn down_avx2(ring: &[i16], taps: &RingTaps<'_>, line: &mut [i16]) {
    down_by::<simd::avx2::Lanes>(ring, taps, line);
}

/// `L` for many taps, `S` for up to eight.
#[inline(always)]
fn across_by<L: Vector, S: Vector>(line: &PlanarRow, opaque: i16, axis: &AxisWeights, out: &mut [i16]) {
    let samples = line.samples();
    let channel = |i: usize| &samples[i * (samples.len() / line.channels())..];
    match line.channels() {
        1 => each_pixel::<L, S, 1>([channel(0)], opaque, axis, out),
        // A module that knows JPEG alone meets no alpha.
        #[cfg(feature = "wide")]
        4 => each_pixel::<L, S, 4>([channel(0), channel(1), channel(2), channel(3)], opaque, axis, out),
        _ => each_pixel::<L, S, 3>([channel(0), channel(1), channel(2)], opaque, axis, out),
    }
}

#[inline(always)]
fn each_pixel<L: Vector, S: Vector, const N: usize>(
    channels: [&[i16]; N],
    opaque: i16,
    axis: &AxisWeights,
    out: &mut [i16],
) {
    if let Some(first) = axis.copies_from() {
        return copy(channels.map(|channel| &channel[first..]), opaque, &mut out[..axis.len() * CHANNELS]);
    }
    let bits = axis.bits();
    let pixels = out.as_chunks_mut::<CHANNELS>().0.iter_mut();
    for (k, (pixel, (first, weights))) in pixels.zip(axis.padded_taps()).enumerate() {
        let under = channels.map(|channel| &channel[first..first + weights.len()]);
        *pixel = if weights.len() <= 8 {
            sums::<S, N>(under, weights, bits)
        } else {
            sums::<L, N>(under, weights, bits)
        };
        if N < 4 {
            pixel[3] = axis.of_opaque(k, opaque);
        }
    }
}

/// Pixels as they are.
#[inline(always)]
fn copy<const N: usize>(channels: [&[i16]; N], opaque: i16, out: &mut [i16]) {
    let pixels = out.as_chunks_mut::<CHANNELS>().0;
    let channels = channels.map(|channel| &channel[..pixels.len()]);
    for (i, pixel) in pixels.iter_mut().enumerate() {
        let of = |c: usize| channels[if c < N { c } else { 0 }][i];
        *pixel = if N == 4 { [of(0), of(1), of(2), of(3)] } else { [of(0), of(1), of(2), opaque] };
    }
}

#[inline(always)]
fn sums<V: Vector, const N: usize>(channels: [&[i16]; N], weights: &[i16], bits: u32) -> Pixel {
    let mut sums = [V::wide(0); N];
    for at in (0..weights.len()).step_by(V::LANES) {
        let weight = V::load(&weights[at..]);
        for (sum, channel) in sums.iter_mut().zip(channels) {
            *sum = V::add_wide(*sum, V::load(&channel[at..]).dot(weight));
        }
    }
    let sum = |i: usize| if i < N { sums[i] } else { sums[0] };
    V::rounded_sums([sum(0), sum(1), sum(2), sum(3)], bits)
}

#[inline(always)]
fn down_by<V: Vector>(ring: &[i16], taps: &RingTaps<'_>, line: &mut [i16]) {
    let block = 2 * V::LANES;
    for (line, at) in line.chunks_exact_mut(block).zip((0..).step_by(block)) {
        let mut sums = [V::wide(1 << (taps.bits - 1)); 4];
        let mut i = 0;
        while i < taps.weights.len() {
            let (a, first) = (&ring[taps.offsets[i] + at..][..block], taps.weights[i]);
            let (b, second) = match taps.offsets.get(i + 1) {
                Some(offset) => (&ring[offset + at..][..block], taps.weights[i + 1]),
                None => (a, 0),
            };
            let weights = V::pairs(first, second);
            for half in 0..2 {
                let (low, high) = V::load(&a[half * V::LANES..]).interleave(V::load(&b[half * V::LANES..]));
                sums[2 * half] = V::add_wide(sums[2 * half], low.dot(weights));
                sums[2 * half + 1] = V::add_wide(sums[2 * half + 1], high.dot(weights));
            }
            i += 2;
        }
        let shifted = sums.map(|sum| V::shift_wide(sum, taps.bits));
        V::pack(shifted[0], shifted[1]).store(line);
        V::pack(shifted[2], shifted[3]).store(&mut line[V::LANES..]);
    }
}

/// Lanes that the kernels of a turned output are made of: what every unit has.
pub(super) const BLOCK: usize = 8;

/// Eight neighbours in a row of a kernel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub(super) row: u16,
    pub(super) column: u16,
}

/// The part of a ring of rows that lies under a kernel.
pub(super) struct Square<'a> {
    /// Rows of some channels, each `stride` long, with at least 16 unused samples behind its pixels.
    pub(super) ring: &'a [i16],
    pub(super) rows: usize,
    pub(super) stride: usize,
    pub(super) channels: usize,
    /// The kernel's first column, and its first row in the ring.
    pub(super) column: usize,
    pub(super) row: usize,
}

impl Square<'_> {
    /// Where the first channel of a kernel's row begins.
    #[inline(always)]
    fn start(&self, row: usize) -> usize {
        let row = self.row + row;
        let row = if row >= self.rows { row - self.rows } else { row };
        row * self.stride * self.channels + self.column
    }

    /// By channel: of gray all colours are the first.
    #[inline(always)]
    fn each_channel<V: Vector>(&self, sums: impl Fn(usize) -> V::Wide, bits: u32) -> Pixel {
        let first = sums(0);
        match self.channels {
            1 => V::rounded_sums([first; 4], bits),
            #[cfg(feature = "wide")]
            4 => V::rounded_sums([first, sums(1), sums(2), sums(3)], bits),
            _ => V::rounded_sums([first, sums(1), sums(2), first], bits),
        }
    }
}

/// The weighted sum of the blocks of a kernel, eight weights for each. Without alpha the fourth sum means nothing.
pub(super) fn by_blocks(
    unit: Unit,
    under: &Square<'_>,
    blocks: &[Block],
    weights: &[i16],
    bits: u32,
) -> Pixel {
    with_lanes!(unit, V => match under.channels {
        1 => sum_blocks::<V, 1>(under, blocks, weights, bits),
        #[cfg(feature = "wide")]
        4 => sum_blocks::<V, 4>(under, blocks, weights, bits),
        _ => sum_blocks::<V, 3>(under, blocks, weights, bits),
    })
}

#[inline(always)]
fn sum_blocks<V: Vector, const N: usize>(
    under: &Square<'_>,
    blocks: &[Block],
    weights: &[i16],
    bits: u32,
) -> Pixel {
    let mut sums = [V::wide(0); N];
    for (block, weights) in blocks.iter().zip(weights.as_chunks::<BLOCK>().0) {
        let samples = &under.ring[under.start(block.row.into()) + usize::from(block.column)..];
        let samples = &samples[..(N - 1) * under.stride + BLOCK];
        let weights = V::load(weights);
        for (c, sum) in sums.iter_mut().enumerate() {
            *sum = V::add_wide(*sum, V::load(&samples[c * under.stride..]).dot(weights));
        }
    }
    let sum = |i: usize| if i < N { sums[i] } else { sums[0] };
    V::rounded_sums([sum(0), sum(1), sum(2), sum(3)], bits)
}

/// The weighted sum of up to eight pixels in each of as many rows as the ring has, an even number up to eight. Without alpha
/// the fourth sum means nothing.
pub(super) fn by_rows(unit: Unit, under: &Square<'_>, across: &[i16], down: &[i16], bits: u32) -> Pixel {
    with_lanes!(unit, V => {
        let across = V::load(across);
        under.each_channel::<V>(|c| {
            let mut sums = [V::wide(1 << (bits - 1)); 2];
            for j in (0..under.rows).step_by(2) {
                let load = |j: usize| V::load(&under.ring[under.start(j) + c * under.stride..]);
                let (low, high) = load(j).interleave(load(j + 1));
                let pair = V::pairs(down[j], down[j + 1]);
                sums = [V::add_wide(sums[0], low.dot(pair)), V::add_wide(sums[1], high.dot(pair))];
            }
            let [low, high] = sums.map(|sum| V::shift_wide(sum, bits));
            V::pack(low, high).dot(across)
        }, bits)
    })
}

#[cfg(test)]
mod tests {
    use super::super::span::{STEPS, SampleKind, Span};
    use super::*;
    use crate::recipe::Filter;
    use proptest::prelude::*;

    fn units() -> Vec<Unit> {
        let base = vec![Unit::Base];
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            return vec![Unit::Base, Unit::Avx2];
        }
        base
    }

    /// Samples of a picture and taps whose products fit 32 bits together, also at the extremes.
    fn rows() -> impl Strategy<Value = (Vec<i16>, Vec<i16>, u32)> {
        (1usize..40, 1usize..5, 8u32..17).prop_flat_map(|(taps, blocks, bits)| {
            // Room for the half that rounds.
            let most = ((i32::MAX - (1 << 16)) / (24_480 * taps as i32)).min(32_766) as i16;
            let weight = prop_oneof![Just(-most), Just(most), -most..most];
            (
                prop::collection::vec(sample(), blocks * 32 * taps),
                prop::collection::vec(weight, taps),
                Just(bits),
            )
        })
    }

    fn channels() -> impl Strategy<Value = usize> {
        (0..if cfg!(feature = "wide") { 3usize } else { 2 }).prop_map(|i| [1, 3, 4][i])
    }

    fn sample() -> impl Strategy<Value = i16> {
        prop_oneof![Just(-24_480i16), Just(24_480), Just(0), -24_480i16..24_480]
    }

    proptest! {
        #[test]
        fn rows_are_summed_as_defined_by_every_unit((ring, weights, bits) in rows()) {
            let width = ring.len() / weights.len();
            let offsets: Vec<usize> = (0..weights.len()).map(|i| i * width).collect();
            let taps = RingTaps { offsets: &offsets, weights: &weights, bits };
            let want: Vec<i16> = (0..width).map(|i| {
                let sum: i64 = (0..weights.len()).map(|j| i64::from(ring[j * width + i]) * i64::from(weights[j])).sum();
                ((sum + (1 << (bits - 1))) >> bits).clamp(i16::MIN.into(), i16::MAX.into()) as i16
            }).collect();
            for unit in [vec![Unit::Scalar], units()].concat() {
                let mut line = vec![0; width];
                down(unit, &ring, &taps, &mut line);
                prop_assert_eq!(&line, &want, "{:?}", unit);
            }
        }

        #[test]
        fn pixels_are_summed_as_defined_by_every_unit(
            row in prop::collection::vec(sample(), CHANNELS * 64),
            (start, extent, count) in (-9i64 * STEPS..30 * STEPS, 10i64..40 * STEPS, 1u32..90),
            channels in channels(),
            filter in prop_oneof![Just(Filter::Lanczos3), Just(Filter::CatmullRom), Just(Filter::Triangle), Just(Filter::Box)],
        ) {
            let axis = AxisWeights::new(Span { start, end: start + extent, count, mirrored: false }, 64 * STEPS, filter, SampleKind::Points);
            let mut line = PlanarRow::new(channels, 64);
            // what lies behind the pixels must not matter
            line.samples_mut().fill(i16::MAX);
            line.channels_mut().zip(row.chunks(64)).for_each(|(to, from)| to.copy_from_slice(from));
            let want: Vec<i16> = (0..count as usize * CHANNELS).map(|i| {
                let (first, weights) = axis.taps(i / CHANNELS);
                let of = |j: usize| match (i % CHANNELS, channels) {
                    (3, 1 | 3) => 16_320,
                    (c, 1) => row[(c - c) * 64 + first + j],
                    (c, _) => row[c * 64 + first + j],
                };
                let sum: i64 = weights.iter().enumerate().map(|(j, w)| i64::from(of(j)) * i64::from(*w)).sum();
                ((sum + (1 << (axis.bits() - 1))) >> axis.bits()).clamp(i16::MIN.into(), i16::MAX.into()) as i16
            }).collect();
            for unit in [vec![Unit::Scalar], units()].concat() {
                let mut out = vec![0; want.len()];
                across(unit, &line, 16_320, &axis, &mut out);
                prop_assert_eq!(&out, &want, "{:?}", unit);
            }
        }

        #[test]
        fn kernels_are_summed_as_defined_by_every_unit(
            (blocks, weights) in (1usize..30).prop_flat_map(|count| (
                prop::collection::vec((0u16..6, 0u16..40), count),
                prop::collection::vec(-350i16..350, count * BLOCK),
            )),
            ring in prop::collection::vec(sample(), 6 * 4 * 64),
            channels in channels(),
            (row, position) in (0usize..6, 0usize..60),
        ) {
            let blocks: Vec<Block> = blocks.into_iter().map(|(row, column)| Block { row, column }).collect();
            let under = Square { ring: &ring, rows: 6, stride: 64, channels, column: 5, row };
            let sample = |c: usize, x: usize, y: usize| {
                let c = if c < channels { c } else { 0 };
                i64::from(ring[((row + y) % 6 * channels + c) * 64 + 5 + x])
            };
            let rounded = |sum: i64| ((sum + (1 << 13)) >> 14).clamp(i16::MIN.into(), i16::MAX.into());
            let of_block = |c: usize, i: usize| -> i64 {
                let at = |lane: usize| sample(c, usize::from(blocks[i].column) + lane, blocks[i].row.into());
                (0..BLOCK).map(|lane| at(lane) * i64::from(weights[i * BLOCK + lane])).sum()
            };
            let (across, down) = (&weights[..BLOCK], weights.iter().cycle().skip(position).take(BLOCK));
            let down: Vec<i16> = down.map(|w| w * 8).collect();
            let of_rows = |c: usize| -> i64 {
                let column = |x: usize| rounded((0..6).map(|y| sample(c, x, y) * i64::from(down[y])).sum());
                (0..BLOCK).map(|x| column(x) * i64::from(across[x])).sum()
            };
            let kept = if channels == 4 { 4 } else { 3 };
            for unit in [vec![Unit::Scalar], units()].concat() {
                let (blocked, upright) =
                    (by_blocks(unit, &under, &blocks, &weights, 14), by_rows(unit, &under, across, &down, 14));
                for c in 0..kept {
                    prop_assert_eq!(i64::from(blocked[c]), rounded((0..blocks.len()).map(|i| of_block(c, i)).sum()));
                    prop_assert_eq!(i64::from(upright[c]), rounded(of_rows(c)), "{:?}, channel {}", unit, c);
                }
            }
        }
    }
}
