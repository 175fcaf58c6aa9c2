//! One block of coefficients out of the bits (T.81, F.2.2 and G.1.2).

use super::bits::Bits;
use super::huffman::{Skip, Table};
use super::zigzag::NATURAL;

/// Coefficients in natural order.
pub(super) type Block = [i16; 64];

#[inline(always)]
fn put(block: &mut Block, k: u32, value: i16) {
    block[usize::from(NATURAL[k as usize]) & 63] = value;
}

/// A block of a sequential scan, as far as the zigzag index `limit`; the rest is stepped over.
/// `block` must be zero. Gives the last index that was set.
#[inline(always)]
pub(super) fn sequential(
    bits: &mut Bits<'_>,
    tables: (&Table, &Table, &Skip),
    predictor: &mut i32,
    limit: u32,
    block: &mut Block,
) -> u32 {
    let (dc, ac, skip) = tables;
    bits.refill();
    *predictor = predictor.wrapping_add(dc.difference(bits));
    block[0] = *predictor as i16;
    let (mut k, mut last) = (1, 0);
    while k <= limit {
        bits.refill();
        let (run, value) = ac.coefficient(bits);
        if value != 0 {
            k += run;
            put(block, k, value as i16);
            last = k;
            k += 1;
        } else if run == 15 {
            k += 16;
        } else {
            return last;
        }
    }
    bits.refill();
    skip.rest_of_block(ac, bits, k);
    last
}

/// A block of a sequential scan that nobody needs: only its DC difference counts.
#[inline(always)]
pub(super) fn pass_over(bits: &mut Bits<'_>, tables: (&Table, &Table, &Skip), predictor: &mut i32) {
    let (dc, ac, skip) = tables;
    bits.fill();
    *predictor = predictor.wrapping_add(dc.difference(bits));
    skip.rest_of_block(ac, bits, 1);
}

/// First scan of the DC coefficient.
#[inline(always)]
pub(super) fn dc_first(bits: &mut Bits<'_>, table: &Table, predictor: &mut i32, low: u32) -> i16 {
    bits.refill();
    *predictor = predictor.wrapping_add(table.difference(bits));
    (*predictor << low) as i16
}

/// A band of AC coefficients, and what its codes need to know.
#[derive(Clone, Copy)]
pub(super) struct Band<'a> {
    pub(super) table: &'a Table,
    /// First and last zigzag index.
    pub(super) first: u32,
    pub(super) last: u32,
    /// Bit position of this scan (Al).
    pub(super) low: u32,
}

impl Band<'_> {
    /// The indices of the band, as a set: bit k is the zigzag index k.
    #[inline(always)]
    fn indices(&self) -> u64 {
        (u64::MAX >> ((63 - self.last) & 63)) & (u64::MAX << (self.first & 63))
    }
}

/// The set bit of a zigzag index. What runs past the end lands on the last coefficient: see [`NATURAL`].
#[inline(always)]
fn bit(k: u32) -> u64 {
    1 << k.min(63)
}

/// First scan of a band.
///
/// `set` gets the zigzag indices that are not zero; `block` gets the values, where somebody needs them.
#[inline(always)]
pub(super) fn ac_first(
    bits: &mut Bits<'_>,
    band: Band<'_>,
    ended: &mut u32,
    set: &mut u64,
    mut block: Option<&mut Block>,
) {
    if *ended > 0 {
        *ended -= 1;
        return;
    }
    let mut k = band.first;
    while k <= band.last {
        bits.refill();
        let (run, value) = band.table.coefficient(bits);
        if value != 0 {
            k += run;
            *set |= bit(k);
            if let Some(block) = &mut block {
                put(block, k, (value << band.low) as i16);
            }
            k += 1;
        } else if run == 15 {
            k += 16;
        } else {
            *ended = end_of_bands(bits, run) - 1;
            break;
        }
    }
}

/// How many bands end here, this one included.
#[inline(always)]
fn end_of_bands(bits: &mut Bits<'_>, run: u32) -> u32 {
    if run == 0 { 1 } else { (1 << run) + bits.take(run) }
}

/// Later scan of a band: one more bit for what is set, and coefficients that become one.
///
/// `band.table` must be one of [`Table::of_signs`](super::huffman::Table::of_signs).
/// `set` and `block`: as in [`ac_first`]. All that the codes depend on is in `set`.
#[inline(always)]
pub(super) fn ac_refine(
    bits: &mut Bits<'_>,
    band: Band<'_>,
    ended: &mut u32,
    set: &mut u64,
    mut block: Option<&mut Block>,
) {
    let one = 1_i16 << band.low;
    // the indices of the band that are still to come
    let mut left = band.indices();
    if *ended == 0 {
        while left != 0 {
            bits.refill();
            let (run, value) = band.table.coefficient(bits);
            if value == 0 && run != 15 {
                *ended = end_of_bands(bits, run);
                break;
            }
            // over `run` zeros, to the next zero after them
            let mut zeros = left & !*set;
            for _ in 0..run {
                zeros &= zeros.wrapping_sub(1);
            }
            let here = zeros & zeros.wrapping_neg();
            // all indices below it, or all where there is none
            let passed = left & here.wrapping_sub(1);
            correct(bits, passed & *set, one, block.as_deref_mut());
            left &= !(passed | here);
            if value != 0 {
                let k = if here == 0 { band.last + 1 } else { here.trailing_zeros() };
                *set |= bit(k);
                if let Some(block) = &mut block {
                    put(block, k, if value > 0 { one } else { -one });
                }
            }
        }
    }
    if *ended > 0 {
        correct(bits, left & *set, one, block);
        *ended -= 1;
    }
}

/// Reads a bit for each of the coefficients `which`, and adds it to its magnitude.
#[inline(always)]
fn correct(bits: &mut Bits<'_>, mut which: u64, one: i16, block: Option<&mut Block>) {
    let Some(block) = block else {
        let mut count = which.count_ones();
        while count > 0 {
            bits.refill();
            bits.skip(count.min(32));
            count -= count.min(32);
        }
        return;
    };
    while which != 0 {
        bits.refill();
        if bits.bit() {
            let coefficient = &mut block[usize::from(NATURAL[which.trailing_zeros() as usize]) & 63];
            if *coefficient & one == 0 {
                let step = if *coefficient > 0 { one } else { one.wrapping_neg() };
                *coefficient = coefficient.wrapping_add(step);
            }
        }
        which &= which - 1;
    }
}
