//! Reads the coefficients of one block from the bits (T.81, F.2.2 for sequential scans and G.1.2 for progressive ones).

use super::bits::BitReader;
use super::huffman::{DecodeTable, SkipTable};
use crate::zigzag::NATURAL_PADDED;

/// Coefficients in natural order.
pub(super) type Block = [i16; 64];

#[inline(always)]
fn put(block: &mut Block, k: u32, value: i16) {
    block[usize::from(NATURAL_PADDED[k as usize]) & 63] = value;
}

/// Reads a block of a sequential scan up to the zigzag index `limit`, and skips the rest of it.
/// `block` must be all zeros. Gives the last zigzag index that was set.
#[inline(always)]
pub(super) fn sequential(
    bits: &mut BitReader<'_>,
    tables: (&DecodeTable, &DecodeTable, &SkipTable),
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
    skip.skip_rest_of_block(ac, bits, k);
    last
}

/// Skips a block of a sequential scan: only its DC difference is read, for the predictor.
#[inline(always)]
pub(super) fn skip(
    bits: &mut BitReader<'_>,
    tables: (&DecodeTable, &DecodeTable, &SkipTable),
    predictor: &mut i32,
) {
    let (dc, ac, skip) = tables;
    bits.fill();
    *predictor = predictor.wrapping_add(dc.difference(bits));
    skip.skip_rest_of_block(ac, bits, 1);
}

/// Reads the DC coefficient in its first scan.
#[inline(always)]
pub(super) fn dc_first(bits: &mut BitReader<'_>, table: &DecodeTable, predictor: &mut i32, al: u32) -> i16 {
    bits.refill();
    *predictor = predictor.wrapping_add(table.difference(bits));
    (*predictor << al) as i16
}

/// The band of AC coefficients that a progressive scan codes, and its parameters.
#[derive(Clone, Copy)]
pub(super) struct SpectralBand<'a> {
    pub(super) table: &'a DecodeTable,
    /// First and last zigzag index (Ss and Se).
    pub(super) ss: u32,
    pub(super) se: u32,
    /// Bit position of this scan (Al).
    pub(super) al: u32,
}

impl SpectralBand<'_> {
    /// The indices of the band, as a set: bit k is the zigzag index k.
    #[inline(always)]
    fn indices(&self) -> u64 {
        (u64::MAX >> ((63 - self.se) & 63)) & (u64::MAX << (self.ss & 63))
    }
}

/// A set with only the zigzag index `k`. Runs past the end land on the last coefficient: see [`NATURAL_PADDED`].
#[inline(always)]
fn bit(k: u32) -> u64 {
    1 << k.min(63)
}

/// Reads a block's band in its first scan.
///
/// `set` gets the zigzag indices that are not zero; `block`, if given, gets the values.
#[inline(always)]
pub(super) fn ac_first(
    bits: &mut BitReader<'_>,
    band: SpectralBand<'_>,
    eob_run: &mut u32,
    set: &mut u64,
    mut block: Option<&mut Block>,
) {
    if *eob_run > 0 {
        *eob_run -= 1;
        return;
    }
    let mut k = band.ss;
    while k <= band.se {
        bits.refill();
        let (run, value) = band.table.coefficient(bits);
        if value != 0 {
            k += run;
            *set |= bit(k);
            if let Some(block) = &mut block {
                put(block, k, (value << band.al) as i16);
            }
            k += 1;
        } else if run == 15 {
            k += 16;
        } else {
            *eob_run = read_eob_run(bits, run) - 1;
            break;
        }
    }
}

/// Reads the length of an EOB run: in how many blocks the band ends here, this block included.
#[inline(always)]
fn read_eob_run(bits: &mut BitReader<'_>, run: u32) -> u32 {
    if run == 0 { 1 } else { (1 << run) + bits.take(run) }
}

/// Reads a block's band in a later scan, which refines it: one more bit for each coefficient that is set, and coefficients
/// that become 1 or -1 at this bit position.
///
/// `band.table` must be one of [`DecodeTable::of_signs`](super::huffman::DecodeTable::of_signs).
/// `set` and `block`: as in [`ac_first`]. The codes depend on `set` alone.
#[inline(always)]
pub(super) fn ac_refine(
    bits: &mut BitReader<'_>,
    band: SpectralBand<'_>,
    eob_run: &mut u32,
    set: &mut u64,
    mut block: Option<&mut Block>,
) {
    let one = 1_i16 << band.al;
    // the indices of the band that are still to be read
    let mut left = band.indices();
    if *eob_run == 0 {
        while left != 0 {
            bits.refill();
            let (run, value) = band.table.coefficient(bits);
            if value == 0 && run != 15 {
                *eob_run = read_eob_run(bits, run);
                break;
            }
            // skip `run` zeros, to the next zero after them
            let mut zeros = left & !*set;
            for _ in 0..run {
                zeros &= zeros.wrapping_sub(1);
            }
            let here = zeros & zeros.wrapping_neg();
            // all indices below `here`, or all where no zero is left
            let passed = left & here.wrapping_sub(1);
            correct(bits, passed & *set, one, block.as_deref_mut());
            left &= !(passed | here);
            if value != 0 {
                let k = if here == 0 { band.se + 1 } else { here.trailing_zeros() };
                *set |= bit(k);
                if let Some(block) = &mut block {
                    put(block, k, if value > 0 { one } else { -one });
                }
            }
        }
    }
    if *eob_run > 0 {
        correct(bits, left & *set, one, block);
        *eob_run -= 1;
    }
}

/// Reads a bit for each coefficient in the set `which`, and adds it to the coefficient's magnitude.
#[inline(always)]
fn correct(bits: &mut BitReader<'_>, mut which: u64, one: i16, block: Option<&mut Block>) {
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
            let coefficient = &mut block[usize::from(NATURAL_PADDED[which.trailing_zeros() as usize]) & 63];
            if *coefficient & one == 0 {
                let step = if *coefficient > 0 { one } else { one.wrapping_neg() };
                *coefficient = coefficient.wrapping_add(step);
            }
        }
        which &= which - 1;
    }
}
