//! The five row filters undone (W3C PNG, 9).

/// Undoes `filter` of the bytes `from`. `row` holds the row above and becomes this one; the same length as `from`, a
/// multiple of `pixel` bytes. False when there is no such filter.
pub(super) fn unfilter(filter: u8, pixel: usize, from: &[u8], row: &mut [u8]) -> bool {
    match filter {
        0 => row.copy_from_slice(from),
        2 => row.iter_mut().zip(from).for_each(|(up, byte)| *up = up.wrapping_add(*byte)),
        1 | 3 | 4 => match pixel {
            1 => sideways::<1>(filter, from, row),
            2 => sideways::<2>(filter, from, row),
            3 => sideways::<3>(filter, from, row),
            4 => sideways::<4>(filter, from, row),
            6 => sideways::<6>(filter, from, row),
            _ => sideways::<8>(filter, from, row),
        },
        _ => return false,
    }
    true
}

/// The filters that look to the left.
fn sideways<const N: usize>(filter: u8, from: &[u8], row: &mut [u8]) {
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

fn average<const N: usize>(from: &[[u8; N]], row: &mut [[u8; N]]) {
    let mut left = [0u8; N];
    for (to, bytes) in row.iter_mut().zip(from) {
        for i in 0..N {
            let mean = (u16::from(left[i]) + u16::from(to[i])) / 2;
            left[i] = bytes[i].wrapping_add(mean as u8);
        }
        *to = left;
    }
}

/// The neighbour that is nearest to left + above - corner; ties go to left, then to above.
///
/// Without branches, so that the channels go side by side (the comparison with 3 corner - (left + above) as in
/// stb_image, which is in the public domain): the corner itself wins between the other two, nearer to neither.
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

    /// The specification's words.
    fn plain(filter: u8, pixel: usize, from: &[u8], above: &[u8]) -> Vec<u8> {
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
                    assert_eq!(row, plain(filter, pixel, &from, &above), "filter {filter}, {pixel} bytes");
                }
            }
        }
        assert!(!unfilter(5, 1, &[0], &mut [0]));
    }
}
