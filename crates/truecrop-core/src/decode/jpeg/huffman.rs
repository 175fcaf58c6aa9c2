//! Huffman tables: as the file states them ([`HuffmanSpec`]), for decoding coefficients ([`DecodeTable`]), and for skipping
//! them ([`SkipTable`]).

use super::bits::BitReader;
use std::sync::Arc;

/// A table as the file states it: how many codes of each length, and their symbols (T.81, B.2.4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HuffmanSpec {
    counts: [u8; 16],
    symbols: Vec<u8>,
}

impl HuffmanSpec {
    /// Reads 16 counts and the symbols from the start of `bytes`; `None` where they make no prefix code.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let (counts, rest) = bytes.split_first_chunk::<16>()?;
        let total: usize = counts.iter().map(|&c| usize::from(c)).sum();
        let symbols = rest.get(..total).filter(|_| total <= 256)?.to_vec();
        let mut next = 0_u32;
        for (i, &count) in counts.iter().enumerate() {
            next += u32::from(count);
            if next > 1 << (i + 1) {
                return None;
            }
            next <<= 1;
        }
        Some(Self { counts: *counts, symbols })
    }

    /// Its bytes in the file.
    pub(super) fn size(&self) -> usize {
        16 + self.symbols.len()
    }

    /// Whether every symbol is a size of a DC difference.
    pub(super) fn fits_dc(&self) -> bool {
        self.symbols.iter().all(|&s| s < 16)
    }

    /// Every code: its bits at the bottom, its length, its symbol.
    fn codes(&self) -> impl Iterator<Item = (u32, u32, u8)> {
        let mut symbols = self.symbols.iter();
        let mut code = 0_u32;
        let mut out = Vec::with_capacity(self.symbols.len());
        for (length, &count) in (1..).zip(&self.counts) {
            for symbol in symbols.by_ref().take(count.into()) {
                out.push((code, length, *symbol));
                code += 1;
            }
            code <<= 1;
        }
        out.into_iter()
    }
}

/// Index bits of [`DecodeTable`], which looks up one symbol.
const LOOKUP_BITS: u32 = 10;
/// Index bits of [`SkipTable`], which skips several.
const SKIP_BITS: u32 = 12;

/// What the next ten bits tell of a symbol:
/// bits 0-7 how many bits to consume (0 = the code is longer than ten bits), 8-11 zeros before the coefficient, 12-15 how
/// many value bits follow (0 = none, or the value is in this entry), 16-31 the value with its sign.
type Entry = u32;

/// A table for decoding.
#[derive(Clone, Debug)]
pub(super) struct DecodeTable {
    lookup: Box<[Entry; 1 << LOOKUP_BITS]>,
    /// For each length: codes of up to this length are below this value of the next 16 bits.
    ends: [u32; 17],
    /// For each length, what to add to a code to get its symbol's index.
    offsets: [i32; 17],
    symbols: [u8; 256],
}

impl DecodeTable {
    /// Bytes of one table.
    pub(super) const BYTES: usize = size_of::<Self>() + (4 << LOOKUP_BITS);

    pub(super) fn new(spec: &HuffmanSpec) -> Self {
        let mut table = Self {
            lookup: Box::new([0; 1 << LOOKUP_BITS]),
            ends: [0; 17],
            offsets: [0; 17],
            symbols: [0; 256],
        };
        table.symbols[..spec.symbols.len()].copy_from_slice(&spec.symbols);
        let (mut code, mut index) = (0_u32, 0_i32);
        for (length, &count) in (1_usize..).zip(&spec.counts) {
            table.offsets[length] = index.wrapping_sub_unsigned(code);
            code += u32::from(count);
            index += i32::from(count);
            table.ends[length] = code << (16 - length);
            code <<= 1;
        }
        for (code, length, symbol) in spec.codes().filter(|&(_, length, _)| length <= LOOKUP_BITS) {
            let first = code << (LOOKUP_BITS - length);
            for i in first..first + (1 << (LOOKUP_BITS - length)) {
                table.lookup[i as usize] = entry(i, length, symbol);
            }
        }
        table
    }

    /// The table of a scan that refines a band: every value is one bit, its sign, whatever size is coded.
    pub(super) fn of_signs(spec: &HuffmanSpec) -> Self {
        let signs = spec.symbols.iter().map(|s| s & 0xF0 | u8::from(s & 15 != 0)).collect();
        Self::new(&HuffmanSpec { counts: spec.counts, symbols: signs })
    }

    /// Looks up the next symbol. At least 16 bits must be available.
    #[inline(always)]
    fn lookup(&self, bits: &BitReader<'_>) -> Entry {
        let entry = self.lookup[bits.peek::<LOOKUP_BITS>()];
        if entry & 0xFF != 0 { entry } else { self.lookup_long(bits.peek16()) }
    }

    /// Looks up a code of more than ten bits. A code that the table lacks counts as 16 bits without a value.
    #[cold]
    #[inline(never)]
    fn lookup_long(&self, prefix: u32) -> Entry {
        for length in LOOKUP_BITS as usize + 1..=16 {
            if prefix < self.ends[length] {
                let code = (prefix >> (16 - length)) as i32;
                let index = (code + self.offsets[length]) as usize & 255;
                let symbol = u32::from(self.symbols[index]);
                return (symbol & 15) << 12 | (symbol >> 4) << 8 | length as u32;
            }
        }
        16
    }

    /// Reads a DC difference. At least 32 bits must be available.
    #[inline(always)]
    pub(super) fn difference(&self, bits: &mut BitReader<'_>) -> i32 {
        let entry = self.lookup(bits);
        bits.skip(entry & 0xFF);
        let size = entry >> 12 & 15;
        if size == 0 { entry as i32 >> 16 } else { bits.signed(size) }
    }

    /// Reads an AC symbol: its run of zeros, and its value (0 where it has none). At least 32 bits must be available.
    #[inline(always)]
    pub(super) fn coefficient(&self, bits: &mut BitReader<'_>) -> (u32, i32) {
        let entry = self.lookup(bits);
        bits.skip(entry & 0xFF);
        let run = entry >> 8 & 15;
        let size = entry >> 12 & 15;
        (run, if size == 0 { entry as i32 >> 16 } else { bits.signed(size) })
    }

    /// Skips the AC symbol at zigzag index `k`; gives the index after it. At least 32 bits must be available.
    #[inline(always)]
    fn skip_symbol(&self, bits: &mut BitReader<'_>, k: u32) -> u32 {
        let symbol = self.lookup_symbol(bits.peek16());
        let (run, size) = (symbol >> 8 & 15, symbol >> 12 & 15);
        bits.skip((symbol & 0xFF) + size);
        match (run, size) {
            (15, 0) => k + 16,
            (_, 0) => 64,
            _ => k + run + 1,
        }
    }

    /// The entry of the next code without its value: all value bits are still to follow.
    #[inline(always)]
    fn lookup_symbol(&self, prefix: u32) -> Entry {
        let entry = self.lookup[(prefix >> (16 - LOOKUP_BITS)) as usize];
        if entry & 0xFF == 0 {
            return self.lookup_long(prefix);
        }
        let value = entry as i32 >> 16;
        if value == 0 {
            return entry;
        }
        let size = 32 - value.unsigned_abs().leading_zeros();
        (entry & 0x0F00 | size << 12) | ((entry & 0xFF) - size)
    }
}

/// The entry for all ten-bit numbers that begin with this code.
fn entry(index: u32, length: u32, symbol: u8) -> Entry {
    let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
    if size == 0 || length + size > LOOKUP_BITS {
        return size << 12 | run << 8 | length;
    }
    let bits = (index >> (LOOKUP_BITS - length - size) & ((1 << size) - 1)) as i32;
    let value = if bits >> (size - 1) == 0 { bits - (1 << size) + 1 } else { bits };
    (value as u32) << 16 | run << 8 | (length + size)
}

/// Skips AC coefficients, several symbols at once.
///
/// All codes of an entry lie in its index; the value bits after the last code need not, because they are not used.
///
/// Entries: bits 0-7 how many bits to consume, from 8 on how many coefficients these cover, plus [`END_OF_BLOCK`] if an
/// end of block is among them. [`UNKNOWN`] where not even one symbol fits.
#[derive(Clone, Debug)]
pub(super) struct SkipTable {
    table: Box<[u16; 1 << SKIP_BITS]>,
}

/// More coefficients than a block has: so one comparison finds every entry that is more than the next coefficients.
const END_OF_BLOCK: u16 = 128;
const UNKNOWN: u16 = 255;

/// Most bits of an entry: about half of what a refill gives, so that several entries fit between two refills.
const MOST_BITS: u16 = 24;

/// One symbol to skip.
#[derive(Clone, Copy)]
struct SkippedSymbol {
    /// Bits of its code alone, and with its value.
    code: u16,
    bits: u16,
    /// As in an entry of [`SkipTable`].
    covers: u16,
}

impl SkipTable {
    /// Bytes of one table, and of the symbols that it is made from.
    pub(super) const BYTES: usize = size_of::<Self>() + ((2 + size_of::<SkippedSymbol>()) << SKIP_BITS);

    pub(super) fn new(table: &DecodeTable) -> Self {
        let single: Vec<SkippedSymbol> = (0..1 << SKIP_BITS).map(|i| Self::single(table, i)).collect();
        let mut out = vec![0_u16; 1 << SKIP_BITS].into_boxed_slice();
        for (i, entry) in out.iter_mut().enumerate() {
            let (mut taken, mut covered, mut end) = (0, 0, 0);
            while end == 0 && taken < SKIP_BITS as u16 {
                let SkippedSymbol { code, bits, covers } = single[(i << taken) & ((1 << SKIP_BITS) - 1)];
                let fits = taken + code <= SKIP_BITS as u16 && taken + bits <= MOST_BITS;
                if covers == UNKNOWN || !fits || covered + covers % END_OF_BLOCK > 63 {
                    break;
                }
                (taken, covered, end) =
                    (taken + bits, covered + covers % END_OF_BLOCK, covers & END_OF_BLOCK);
            }
            *entry = if taken == 0 { UNKNOWN << 8 } else { (covered + end) << 8 | taken };
        }
        let table = out.try_into().unwrap_or_else(|_| Box::new([0; 1 << SKIP_BITS]));
        Self { table }
    }

    /// The first symbol in an index; it covers [`UNKNOWN`] if its code is longer than the index.
    fn single(table: &DecodeTable, index: u32) -> SkippedSymbol {
        let entry = table.lookup_symbol(index << (16 - SKIP_BITS));
        let (code, run, size) = (entry & 0xFF, entry >> 8 & 15, entry >> 12 & 15);
        let covers = match (run, size) {
            _ if code > SKIP_BITS => UNKNOWN,
            (15, 0) => 16,
            (_, 0) => END_OF_BLOCK,
            _ => run as u16 + 1,
        };
        SkippedSymbol { code: code as u16, bits: (code + size) as u16, covers }
    }

    /// Skips to the end of a block whose next coefficient has the zigzag index `k`. At least [`MOST_BITS`] bits must be
    /// available: those that a fill gives, less a DC difference.
    #[inline(always)]
    pub(super) fn skip_rest_of_block(&self, table: &DecodeTable, bits: &mut BitReader<'_>, mut k: u32) {
        while k < 64 {
            let (next, entry, before) = self.run(bits, k);
            // an end of block is only coded where a coefficient is left
            if next == 64 || (END_OF_BLOCK.into()..u32::from(END_OF_BLOCK) + 64).contains(&next) {
                return;
            }
            k = next;
            if k < 64 {
                bits.fill();
            } else {
                // a long code, or coefficients past the last one: go symbol by symbol
                bits.unread(before, entry & 63);
                bits.refill();
                k = table.skip_symbol(bits, next - (entry >> 8));
                bits.fill();
            }
        }
    }

    /// Consumes entries until the block or the bits run out. Gives the next zigzag index (64 and more: see
    /// [`END_OF_BLOCK`]), the last entry, and the reservoir before it.
    ///
    /// `state` holds two sums, of the entries' bits and of their coefficients, so that one test finds the end of either.
    #[inline(always)]
    fn run(&self, bits: &mut BitReader<'_>, k: u32) -> (u32, u32, u64) {
        // the sum of bits reaches 64 where too few bits may be left for another entry
        let (mut acc, count) = bits.reservoir();
        let start = 63 + u32::from(MOST_BITS) - count;
        let mut state = k << 8 | start;
        loop {
            let entry = u32::from(self.table[(acc >> (64 - SKIP_BITS)) as usize]);
            let before = acc;
            acc <<= entry & 63;
            state += entry;
            if state & !(63 << 8 | 63) != 0 {
                bits.consume(acc, (state & 0xFF) - start);
                return (state >> 8, entry, before);
            }
        }
    }
}

/// The tables of T.81, annex K.3, in the order DC 0, DC 1, AC 0, AC 1. Files of Motion JPEG rely on them.
pub(super) fn standard() -> [Arc<HuffmanSpec>; 4] {
    let dc = |counts| Arc::new(HuffmanSpec { counts, symbols: (0..12).collect() });
    let ac = |counts, symbols: &[u8; 162]| Arc::new(HuffmanSpec { counts, symbols: symbols.to_vec() });
    [
        dc([0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]),
        dc([0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0]),
        ac([0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7D], &LUMA_AC),
        ac([0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 0x77], &CHROMA_AC),
    ]
}

#[rustfmt::skip]
const LUMA_AC: [u8; 162] = [
    0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07, 0x22, 0x71,
    0x14, 0x32, 0x81, 0x91, 0xA1, 0x08, 0x23, 0x42, 0xB1, 0xC1, 0x15, 0x52, 0xD1, 0xF0, 0x24, 0x33, 0x62, 0x72,
    0x82, 0x09, 0x0A, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x34, 0x35, 0x36, 0x37,
    0x38, 0x39, 0x3A, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59,
    0x5A, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A, 0x83,
    0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0xA2, 0xA3,
    0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xC2, 0xC3,
    0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xE1, 0xE2,
    0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA,
];

#[rustfmt::skip]
const CHROMA_AC: [u8; 162] = [
    0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61, 0x71, 0x13, 0x22,
    0x32, 0x81, 0x08, 0x14, 0x42, 0x91, 0xA1, 0xB1, 0xC1, 0x09, 0x23, 0x33, 0x52, 0xF0, 0x15, 0x62, 0x72, 0xD1,
    0x0A, 0x16, 0x24, 0x34, 0xE1, 0x25, 0xF1, 0x17, 0x18, 0x19, 0x1A, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x35, 0x36,
    0x37, 0x38, 0x39, 0x3A, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58,
    0x59, 0x5A, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A,
    0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A,
    0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA,
    0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA,
    0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA,
];
