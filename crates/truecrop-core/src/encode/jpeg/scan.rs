//! The one scan of a file: quantised blocks, counted while they are made, written when the tables are known.
//!
//! Between the two passes only coefficients other than 0 are held, and where they are.

use super::fdct::Turned;
use super::huffman::{Counts, Table};
use crate::zigzag::NATURAL;

/// How often each symbol occurs: of luma's DC, luma's AC, the chromas' DC, the chromas' AC.
pub(super) type Statistics = [Counts; 4];

/// The symbol that says that a block has only zeros left.
pub(super) const END: u8 = 0x00;
/// The symbol for sixteen zeros.
pub(super) const SIXTEEN: u8 = 0xf0;

/// Most values of a block: which of its coefficients are not 0, the DC's difference, the others.
pub(super) const MOST: usize = MASK + 64;
const MASK: usize = 4;

/// The zigzag place of each coefficient of a turned block.
const PLACES: [u8; 64] = {
    let mut places = [0; 64];
    let mut k = 0;
    while k < 64 {
        let natural = NATURAL[k] as usize;
        places[natural % 8 * 8 + natural / 8] = k as u8;
        k += 1;
    }
    places
};

/// Bits of a coefficient's magnitude (T.81, F.1.2.1).
#[inline(always)]
pub(super) fn magnitude(value: i16) -> u32 {
    32 - u32::from(value.unsigned_abs()).leading_zeros()
}

/// Which coefficients are not 0, one bit each.
#[inline(always)]
fn set(turned: &Turned) -> u64 {
    let mut flags = [0_u8; 64];
    for (flag, value) in flags.iter_mut().zip(turned) {
        *flag = u8::from(*value != 0);
    }
    let mut set = 0;
    for (i, eight) in flags.as_chunks::<8>().0.iter().enumerate() {
        // Moves the lowest bit of byte n to bit 56 + n; no two products meet.
        set |= u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56 << (8 * i);
    }
    set
}

/// Blocks in the order of the scan.
#[cfg_attr(test, derive(Clone))]
pub(super) struct Blocks {
    /// A band in the making, and how much of it is used.
    band: Vec<i16>,
    used: usize,
    bands: Vec<Box<[i16]>>,
    /// DC of each component's last block.
    last: [i16; 3],
    /// A block in the order of the file; what is not in its mask is left over from others.
    zigzag: [i16; 64],
    pub(super) statistics: Box<Statistics>,
}

impl Blocks {
    /// `most`: blocks of a band.
    pub(super) fn new(most: usize) -> Self {
        let statistics = Box::new([[0; 256]; 4]);
        Self {
            band: vec![0; most * MOST],
            used: 0,
            bands: Vec::new(),
            last: [0; 3],
            zigzag: [0; 64],
            statistics,
        }
    }

    /// A block beside the picture: the last one's DC, and nothing more.
    pub(super) fn push_empty(&mut self, component: usize) {
        self.push(component, 0, 0);
    }

    /// A block of a component.
    #[inline(always)]
    pub(super) fn push_block(&mut self, component: usize, turned: &Turned) {
        let (mut rest, mut mask) = (set(turned), 0_u64);
        while rest != 0 {
            let at = rest.trailing_zeros() as usize & 63;
            rest &= rest - 1;
            let place = PLACES[at];
            mask |= 1 << place;
            self.zigzag[usize::from(place) & 63] = turned[at];
        }
        let difference = turned[0] - self.last[component];
        self.last[component] = turned[0];
        self.push(component, mask & !1, difference);
    }

    /// A block whose coefficients that are not 0 are those of `mask` in `zigzag`.
    #[inline(always)]
    fn push(&mut self, component: usize, mask: u64, difference: i16) {
        let Some(place) = self.band[self.used..].first_chunk_mut::<MOST>() else { return };
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
            ac[usize::from(SIXTEEN)] += run >> 4;
            ac[((run & 15) << 4 | magnitude(value)) as usize & 255] += 1;
            place[used] = value;
            used += 1;
            before = k;
        }
        ac[usize::from(END)] += u32::from(before != 63);
        self.used += used;
    }

    /// Keeps what was pushed since the last band.
    pub(super) fn end_band(&mut self) {
        self.bands.push(self.band[..self.used].into());
        self.used = 0;
    }

    /// The bits of the scan under these tables, without stuffing.
    pub(super) fn bits(&self, tables: &[Table; 4]) -> u64 {
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
    pub(super) fn write(&self, tables: &[Table; 4], blocks_of_mcu: &[usize], file: Vec<u8>) -> Vec<u8> {
        let codes = tables.each_ref().map(Table::codes);
        let mut bits = Bits { file, held: 0, room: 64 };
        for band in &self.bands {
            let mut at = &band[..];
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

/// Writes the first block of `band`; what is left.
#[inline(always)]
fn write_block<'a>(band: &'a [i16], dc: &[u32; 256], ac: &[u32; 256], bits: &mut Bits) -> &'a [i16] {
    let Some((&[a, b, c, d, difference], rest)) = band.split_first_chunk::<{ MASK + 1 }>() else {
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
            bits.put(ac[usize::from(SIXTEEN)] >> 8, ac[usize::from(SIXTEEN)] & 0xff);
            run -= 16;
        }
        let size = magnitude(value);
        bits.code(ac[(run << 4 | size) as usize & 255], value, size);
        before = k;
    }
    if before != 63 {
        bits.put(ac[usize::from(END)] >> 8, ac[usize::from(END)] & 0xff);
    }
    rest
}

/// Bits on their way into the file.
struct Bits {
    file: Vec<u8>,
    held: u64,
    /// Room in `held`; never 0 between two puts.
    room: u32,
}

impl Bits {
    /// A code and its value's bits together: 27 at most.
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
