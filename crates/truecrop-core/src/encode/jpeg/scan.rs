//! Keeps the quantised blocks and counts their Huffman symbols, then writes them as the file's scan.
//!
//! The Huffman tables follow from the counts, so writing must wait for the last block. Until then, only nonzero
//! coefficients and their positions are held.

use super::fdct::Transposed;
use super::huffman::{Counts, HuffmanTable};
use crate::zigzag::NATURAL;

/// How often each symbol occurs: for the tables of luma's DC, luma's AC, chroma's DC and chroma's AC.
pub(super) type Statistics = [Counts; 4];

/// End of block: the symbol for "only zeros follow in this block".
pub(super) const EOB: u8 = 0x00;
/// Zero run length: the symbol for sixteen zeros.
pub(super) const ZRL: u8 = 0xf0;

/// Most values that a block is kept as: the mask of its nonzero AC coefficients, the DC difference, these coefficients.
pub(super) const MOST_VALUES: usize = MASK + 64;
/// Values of the mask.
const MASK: usize = 4;

/// The zigzag index of each coefficient of a transposed block.
const ZIGZAG_OF_TRANSPOSED: [u8; 64] = {
    let mut zigzag = [0; 64];
    let mut k = 0;
    while k < 64 {
        let natural = NATURAL[k] as usize;
        zigzag[natural % 8 * 8 + natural / 8] = k as u8;
        k += 1;
    }
    zigzag
};

/// Bits of a coefficient's magnitude (T.81, F.1.2.1).
#[inline(always)]
pub(super) fn magnitude(value: i16) -> u32 {
    32 - u32::from(value.unsigned_abs()).leading_zeros()
}

/// Which coefficients are not 0, one bit for each.
#[inline(always)]
fn nonzero(transposed: &Transposed) -> u64 {
    let mut flags = [0_u8; 64];
    for (flag, value) in flags.iter_mut().zip(transposed) {
        *flag = u8::from(*value != 0);
    }
    let mut set = 0;
    for (i, eight) in flags.as_chunks::<8>().0.iter().enumerate() {
        // The product moves the lowest bit of byte n to bit 56 + n; no two bits meet.
        set |= u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56 << (8 * i);
    }
    set
}

/// Blocks in the order of the scan.
#[cfg_attr(test, derive(Clone))]
pub(super) struct Blocks {
    /// The MCU row that is being made, and how much of it is used.
    mcu_row: Vec<i16>,
    used: usize,
    /// The finished MCU rows.
    mcu_rows: Vec<Box<[i16]>>,
    /// DC of each component's last block.
    last: [i16; 3],
    /// A block in zigzag order; coefficients outside its mask are left over from earlier blocks.
    zigzag: [i16; 64],
    pub(super) statistics: Box<Statistics>,
}

impl Blocks {
    /// For MCU rows of this many blocks.
    pub(super) fn new(blocks_of_row: usize) -> Self {
        let statistics = Box::new([[0; 256]; 4]);
        Self {
            mcu_row: vec![0; blocks_of_row * MOST_VALUES],
            used: 0,
            mcu_rows: Vec::new(),
            last: [0; 3],
            zigzag: [0; 64],
            statistics,
        }
    }

    /// Adds a block outside the picture: it has the DC of the component's last block, and nothing more.
    pub(super) fn push_empty(&mut self, component: usize) {
        self.push(component, 0, 0);
    }

    /// Adds a block of a component.
    #[inline(always)]
    pub(super) fn push_block(&mut self, component: usize, transposed: &Transposed) {
        let (mut rest, mut mask) = (nonzero(transposed), 0_u64);
        while rest != 0 {
            let at = rest.trailing_zeros() as usize & 63;
            rest &= rest - 1;
            let k = ZIGZAG_OF_TRANSPOSED[at];
            mask |= 1 << k;
            self.zigzag[usize::from(k) & 63] = transposed[at];
        }
        let difference = transposed[0] - self.last[component];
        self.last[component] = transposed[0];
        self.push(component, mask & !1, difference);
    }

    /// Adds a block whose nonzero AC coefficients are those of `mask` in `zigzag`.
    #[inline(always)]
    fn push(&mut self, component: usize, mask: u64, difference: i16) {
        let Some(place) = self.mcu_row[self.used..].first_chunk_mut::<MOST_VALUES>() else { return };
        let table = 2 * component.min(1);
        let [dc, ac] = match &mut *self.statistics {
            [dc, ac, _, _] if table == 0 => [dc, ac],
            [_, _, dc, ac] => [dc, ac],
        };
        for (i, part) in place[..MASK].iter_mut().enumerate() {
            *part = (mask >> (16 * i)) as i16;
        }
        place[MASK] = difference;
        dc[magnitude(difference) as usize] += 1;
        let (mut rest, mut before, mut used) = (mask, 0, MASK + 1);
        while rest != 0 {
            let k = rest.trailing_zeros();
            rest &= rest - 1;
            let value = self.zigzag[k as usize & 63];
            let run = k - before - 1;
            ac[usize::from(ZRL)] += run >> 4;
            ac[((run & 15) << 4 | magnitude(value)) as usize & 255] += 1;
            place[used] = value;
            used += 1;
            before = k;
        }
        ac[usize::from(EOB)] += u32::from(before != 63);
        self.used += used;
    }

    /// Ends the MCU row: keeps the blocks that were pushed since the last one.
    pub(super) fn end_mcu_row(&mut self) {
        self.mcu_rows.push(self.mcu_row[..self.used].into());
        self.used = 0;
    }

    /// The bits of the scan under these tables, without stuffing.
    pub(super) fn bits(&self, tables: &[HuffmanTable; 4]) -> u64 {
        let mut bits = 0;
        for (i, (counts, table)) in self.statistics.iter().zip(tables).enumerate() {
            for (symbol, (count, code)) in counts.iter().zip(table.codes()).enumerate() {
                let more = if i % 2 == 0 { symbol } else { symbol & 15 } as u64;
                bits += u64::from(*count) * (u64::from(code & 0xff) + more);
            }
        }
        bits
    }

    /// Writes the scan's data.
    pub(super) fn write(
        &self,
        tables: &[HuffmanTable; 4],
        blocks_of_mcu: &[usize],
        file: Vec<u8>,
    ) -> Vec<u8> {
        let codes = tables.each_ref().map(HuffmanTable::codes);
        let mut bits = BitWriter { file, held: 0, room: 64 };
        for mcu_row in &self.mcu_rows {
            let mut at = &mcu_row[..];
            while !at.is_empty() {
                for &component in blocks_of_mcu {
                    let table = 2 * component.min(1);
                    at = write_block(at, &codes[table], &codes[table + 1], &mut bits);
                }
            }
        }
        bits.finish()
    }
}

/// Writes the first block of `mcu_row`; gives the rest of it.
#[inline(always)]
fn write_block<'a>(mcu_row: &'a [i16], dc: &[u32; 256], ac: &[u32; 256], bits: &mut BitWriter) -> &'a [i16] {
    let Some((&[a, b, c, d, difference], rest)) = mcu_row.split_first_chunk::<{ MASK + 1 }>() else {
        return &[];
    };
    let part = |value: i16| u64::from(value.cast_unsigned());
    let mut mask = part(a) | part(b) << 16 | part(c) << 32 | part(d) << 48;
    let (values, rest) = rest.split_at((mask.count_ones() as usize).min(rest.len()));
    let size = magnitude(difference);
    bits.code(dc[size as usize], difference, size);
    let mut before = 0;
    for &value in values {
        let k = mask.trailing_zeros();
        mask &= mask - 1;
        let mut run = k - before - 1;
        while run > 15 {
            bits.put(ac[usize::from(ZRL)] >> 8, ac[usize::from(ZRL)] & 0xff);
            run -= 16;
        }
        let size = magnitude(value);
        bits.code(ac[(run << 4 | size) as usize & 255], value, size);
        before = k;
    }
    if before != 63 {
        bits.put(ac[usize::from(EOB)] >> 8, ac[usize::from(EOB)] & 0xff);
    }
    rest
}

/// Appends bits to the file, with byte stuffing.
struct BitWriter {
    file: Vec<u8>,
    /// Bits that are not yet in the file.
    held: u64,
    /// Free bits of `held`; never 0 between two calls of `put`.
    room: u32,
}

impl BitWriter {
    /// Writes a code and its value's bits together: at most 27 bits.
    #[inline(always)]
    fn code(&mut self, code: u32, value: i16, size: u32) {
        let extra = (i32::from(value) + i32::from(value >> 15)) as u32 & ((1 << size) - 1);
        self.put(code >> 8 << size | extra, (code & 0xff) + size);
    }

    #[inline(always)]
    fn put(&mut self, value: u32, bits: u32) {
        let value = u64::from(value);
        if bits < self.room {
            self.held = self.held << bits | value;
            self.room -= bits;
            return;
        }
        let over = bits - self.room;
        let word = self.held << self.room | value >> over;
        (self.held, self.room) = (value, 64 - over);
        self.flush(word);
    }

    #[inline(never)]
    fn flush(&mut self, word: u64) {
        // Whether any byte is 0xff.
        if (!word).wrapping_sub(0x0101_0101_0101_0101) & word & 0x8080_8080_8080_8080 == 0 {
            self.file.extend_from_slice(&word.to_be_bytes());
        } else {
            self.stuff(&word.to_be_bytes());
        }
    }

    fn stuff(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.file.push(byte);
            if byte == 0xff {
                self.file.push(0);
            }
        }
    }

    /// Fills the last byte with ones.
    fn finish(mut self) -> Vec<u8> {
        let pad = self.room & 7;
        let held = u128::from(self.held) << pad | ((1 << pad) - 1);
        let bytes = ((64 - self.room + pad) / 8) as usize;
        self.stuff(&held.to_be_bytes()[16 - bytes..]);
        self.file
    }
}
