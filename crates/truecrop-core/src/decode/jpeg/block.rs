//! One block of coefficients out of the bits (T.81, F.2.2 and G.1.2).

use super::bits::Bits;
use super::huffman::{Skip, Symbol, Table};
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
    skip.rest_of_block(ac, bits, k);
    last
}

/// A block of a sequential scan that nobody needs: only its DC difference counts.
#[inline(always)]
pub(super) fn pass_over(bits: &mut Bits<'_>, tables: (&Table, &Table, &Skip), predictor: &mut i32) {
    let (dc, ac, skip) = tables;
    bits.refill();
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

/// First scan of a band. Gives the last index that was set (0 = none).
#[inline(always)]
pub(super) fn ac_first(bits: &mut Bits<'_>, band: Band<'_>, ended: &mut u32, block: &mut Block) -> u32 {
    if *ended > 0 {
        *ended -= 1;
        return 0;
    }
    let (mut k, mut newest) = (band.first, 0);
    while k <= band.last {
        bits.refill();
        let (run, value) = band.table.coefficient(bits);
        if value != 0 {
            k += run;
            put(block, k, (value << band.low) as i16);
            newest = k;
            k += 1;
        } else if run == 15 {
            k += 16;
        } else {
            *ended = end_of_bands(bits, run) - 1;
            break;
        }
    }
    newest
}

/// How many bands end here, this one included.
#[inline(always)]
fn end_of_bands(bits: &mut Bits<'_>, run: u32) -> u32 {
    if run == 0 { 1 } else { (1 << run) + bits.take(run) }
}

/// Later scan of a band: one more bit for what is set, and coefficients that become one.
/// Gives the last index that was set anew (0 = none).
#[inline(always)]
pub(super) fn ac_refine(bits: &mut Bits<'_>, band: Band<'_>, ended: &mut u32, block: &mut Block) -> u32 {
    let one = 1_i16 << band.low;
    let (mut k, mut newest) = (band.first, 0);
    if *ended == 0 {
        while k <= band.last {
            bits.refill();
            let Symbol { run, size } = band.table.symbol(bits);
            let mut value = 0;
            if size != 0 {
                value = if bits.bit() { one } else { -one };
            } else if run != 15 {
                *ended = end_of_bands(bits, run);
                break;
            }
            k = correct(bits, band, k, run, one, block);
            if value != 0 {
                put(block, k, value);
                newest = k;
            }
            k += 1;
        }
    }
    if *ended > 0 {
        correct(bits, band, k, u32::MAX, one, block);
        *ended -= 1;
    }
    newest
}

/// Steps over `zeros` zero coefficients, to the next zero after them or to the end of the band, and corrects those
/// that are not zero on the way.
#[inline(always)]
fn correct(
    bits: &mut Bits<'_>,
    band: Band<'_>,
    mut k: u32,
    mut zeros: u32,
    one: i16,
    block: &mut Block,
) -> u32 {
    while k <= band.last {
        let coefficient = &mut block[usize::from(NATURAL[k as usize]) & 63];
        if *coefficient != 0 {
            bits.refill();
            if bits.bit() && *coefficient & one == 0 {
                let step = if *coefficient > 0 { one } else { one.wrapping_neg() };
                *coefficient = coefficient.wrapping_add(step);
            }
        } else if zeros == 0 {
            break;
        } else {
            zeros -= 1;
        }
        k += 1;
    }
    k
}
