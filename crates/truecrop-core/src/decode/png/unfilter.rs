//! Undoes the five row filters (W3C PNG, 9): None, Sub, Up, Average and Paeth, each with its kernel.

/// Undoes the filter of type `filter`. `from` holds the filtered bytes. `row` holds the row above and becomes this row; it
/// is as long as `from`, a multiple of `pixel` bytes. False when there is no such filter.
pub(crate) fn unfilter(filter: u8, pixel: usize, from: &[u8], row: &mut [u8]) -> bool {
    match filter {
        0 => row.copy_from_slice(from),
        2 => row.iter_mut().zip(from).for_each(|(up, byte)| *up = up.wrapping_add(*byte)),
        1 | 3 | 4 => match pixel {
            1 => with_left::<1>(filter, from, row),
            2 => with_left::<2>(filter, from, row),
            3 => with_left::<3>(filter, from, row),
            4 => with_left::<4>(filter, from, row),
            6 => with_left::<6>(filter, from, row),
            _ => with_left::<8>(filter, from, row),
        },
        _ => return false,
    }
    true
}

/// The filters that use the pixel to the left (Sub, Average, Paeth), for pixels of `N` bytes.
fn with_left<const N: usize>(filter: u8, from: &[u8], row: &mut [u8]) {
    let (from, row) = (from.as_chunks::<N>().0, row.as_chunks_mut::<N>().0);
    match filter {
        1 => sub(from, row),
        3 => average(from, row),
        _ => paeth(from, row),
    }
}

fn sub<const N: usize>(from: &[[u8; N]], row: &mut [[u8; N]]) {
    let mut left = [0u8; N];
    for (to, bytes) in row.iter_mut().zip(from) {
        for i in 0..N {
            left[i] = left[i].wrapping_add(bytes[i]);
        }
        *to = left;
    }
}

/// Adds the mean of left and above, rounded down, by computing on complements.
///
/// Processors have an instruction for the mean of bytes, but it rounds up. With n = 255 - left and m = 255 - above, the
/// mean of n and m rounded up is 255 minus the mean rounded down, and subtracting the stored byte from it gives the next
/// n. That is two instructions from one pixel to the next, where widening to 16 bits takes six.
fn average<const N: usize>(from: &[[u8; N]], row: &mut [[u8; N]]) {
    let mut left = lanes::of(!0);
    for (to, bytes) in row.iter_mut().zip(from) {
        left = lanes::mean_minus(left, lanes::of(!word(to)), lanes::of(word(bytes)));
        to.copy_from_slice(&(!lanes::to(left)).to_le_bytes()[..N]);
    }
}

/// A pixel's bytes as a number, the first byte lowest.
fn word<const N: usize>(pixel: &[u8; N]) -> u64 {
    let mut bytes = [0; 8];
    bytes[..N].copy_from_slice(pixel);
    u64::from_le_bytes(bytes)
}

/// Eight bytes side by side, in SSE2. Every build for this target has it, so nothing is chosen at run time.
#[cfg(target_arch = "x86_64")]
mod lanes {
    use std::arch::x86_64::{__m128i, _mm_avg_epu8, _mm_cvtsi64_si128, _mm_cvtsi128_si64, _mm_sub_epi8};

    pub(super) fn of(word: u64) -> __m128i {
        // SAFETY: SSE2 is part of every x86-64
        unsafe { _mm_cvtsi64_si128(word as i64) }
    }

    pub(super) fn to(lanes: __m128i) -> u64 {
        // SAFETY: as above
        unsafe { _mm_cvtsi128_si64(lanes) as u64 }
    }

    pub(super) fn mean_minus(a: __m128i, b: __m128i, bytes: __m128i) -> __m128i {
        // SAFETY: as above
        unsafe { _mm_sub_epi8(_mm_avg_epu8(a, b), bytes) }
    }
}

/// Eight bytes side by side, in SIMD128.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod lanes {
    use std::arch::wasm32::{i8x16_sub, u8x16_avgr, u64x2, u64x2_extract_lane, v128};

    pub(super) fn of(word: u64) -> v128 {
        u64x2(word, 0)
    }

    pub(super) fn to(lanes: v128) -> u64 {
        u64x2_extract_lane::<0>(lanes)
    }

    pub(super) fn mean_minus(a: v128, b: v128, bytes: v128) -> v128 {
        i8x16_sub(u8x16_avgr(a, b), bytes)
    }
}

#[cfg(not(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128"))))]
use words as lanes;

/// Eight bytes side by side, in an ordinary 64-bit integer.
#[cfg(any(test, not(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128")))))]
mod words {
    /// The highest bit of every byte.
    const HIGH: u64 = 0x8080_8080_8080_8080;

    pub(super) fn of(word: u64) -> u64 {
        word
    }

    pub(super) fn to(lanes: u64) -> u64 {
        lanes
    }

    pub(super) fn mean_minus(a: u64, b: u64, bytes: u64) -> u64 {
        let mean = (a | b) - (((a ^ b) >> 1) & !HIGH);
        // subtracts byte by byte, without a borrow from the next byte
        ((mean | HIGH) - (bytes & !HIGH)) ^ ((mean ^ !bytes) & HIGH)
    }
}

/// Adds the Paeth predictor: the neighbour that is nearest to left + above - corner; ties go to left, then to above.
///
/// Without branches, so that the compiler computes the channels side by side. The comparison with
/// 3 corner - (left + above) is that of stb_image, which is in the public domain: it tells whether the corner lies
/// between left and above and is nearest.
fn paeth<const N: usize>(from: &[[u8; N]], row: &mut [[u8; N]]) {
    let (mut left, mut corner) = ([0i16; N], [0i16; N]);
    for (to, bytes) in row.iter_mut().zip(from) {
        for i in 0..N {
            let above = i16::from(to[i]);
            let threshold = corner[i] * 3 - (left[i] + above);
            let (low, high) = (left[i].min(above), left[i].max(above));
            let nearest = if high <= threshold { low } else { corner[i] };
            let nearest = if threshold <= low { high } else { nearest };
            to[i] = bytes[i].wrapping_add(nearest as u8);
            left[i] = i16::from(to[i]);
            corner[i] = above;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The filters as the specification words them.
    fn specified(filter: u8, pixel: usize, from: &[u8], above: &[u8]) -> Vec<u8> {
        let mut row: Vec<u8> = Vec::new();
        for (i, byte) in from.iter().enumerate() {
            let before = |v: &[u8]| i.checked_sub(pixel).map_or(0, |j| i32::from(v[j]));
            let (a, b, c) = (before(&row), i32::from(above[i]), before(above));
            let p = a + b - c;
            let paeth = [a, b, c].into_iter().min_by_key(|v| (p - v).abs()).unwrap();
            let guess = [0, a, b, (a + b) / 2, paeth][usize::from(filter)];
            row.push(byte.wrapping_add(guess as u8));
        }
        row
    }

    #[test]
    fn every_filter_and_pixel_as_in_the_specification() {
        let mut state = 7u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        for round in 0..200 {
            for pixel in [1, 2, 3, 4, 6, 8] {
                let from: Vec<u8> =
                    (0..24 * 7).map(|_| next() & if round % 2 == 0 { 3 } else { 255 }).collect();
                let above: Vec<u8> = (0..24 * 7).map(|_| next()).collect();
                for filter in 0..5 {
                    let mut row = above.clone();
                    assert!(unfilter(filter, pixel, &from, &mut row));
                    assert_eq!(
                        row,
                        specified(filter, pixel, &from, &above),
                        "filter {filter}, {pixel} bytes"
                    );
                }
            }
        }
        assert!(!unfilter(5, 1, &[0], &mut [0]));
    }

    #[test]
    fn means_side_by_side_are_means() {
        for n in 0..=255u8 {
            for m in 0..=255u8 {
                let (a, b) = ([n, m, !n, 0, 255, n, m, 7], [m, n, m, 255, 255, !m, 1, n]);
                let bytes = [n ^ m, 0, 255, m, n, 128, 127, 1];
                let less =
                    |i: usize| ((u16::from(a[i]) + u16::from(b[i])).div_ceil(2) as u8).wrapping_sub(bytes[i]);
                let expected: [u8; 8] = std::array::from_fn(less);
                let [a, b, bytes] = [a, b, bytes].map(u64::from_le_bytes);
                assert_eq!(words::mean_minus(a, b, bytes).to_le_bytes(), expected);
                let got = lanes::to(lanes::mean_minus(lanes::of(a), lanes::of(b), lanes::of(bytes)));
                assert_eq!(got.to_le_bytes(), expected);
                assert_eq!(words::to(words::of(a)), a);
            }
        }
    }
}
