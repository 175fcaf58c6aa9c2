//! Prefix codes that are looked up.

use super::bits::BitReader;
use crate::probe::formats::PrefixDecoder;

/// An entry of a code that is longer.
const LONGER: u32 = u32::MAX;

pub(super) struct PrefixCode {
    decoder: PrefixDecoder,
    /// By the next bits: the symbol, and above it the length of its code.
    table: Vec<u32>,
}

impl PrefixCode {
    pub(super) fn new(decoder: PrefixDecoder) -> Self {
        let (counts, symbols) = (decoder.counts(), decoder.symbols());
        if let Some(symbol) = decoder.single() {
            return Self { table: vec![u32::from(symbol)], decoder };
        }
        let bits = decoder.lookup_bits();
        let mut table = vec![LONGER; 1 << bits];
        let (mut code, mut symbols) = (0_u32, symbols.iter());
        for length in 1..=bits {
            for &symbol in symbols.by_ref().take(counts[length as usize] as usize) {
                // codes are sent from their highest bit on
                let first = (code.reverse_bits() >> (32 - length)) as usize;
                for entry in table.iter_mut().skip(first).step_by(1 << length) {
                    *entry = length << 16 | u32::from(symbol);
                }
                code += 1;
            }
            code <<= 1;
        }
        Self { decoder, table }
    }

    /// The next symbol. At least 15 bits must be there.
    #[inline(always)]
    pub(super) fn symbol(&self, bits: &mut BitReader) -> u32 {
        let entry = self.table[bits.peek() as usize & (self.table.len() - 1)];
        if entry == LONGER {
            return self.longer(bits);
        }
        bits.consume(entry >> 16);
        entry & 0xFFFF
    }

    #[cold]
    fn longer(&self, bits: &mut BitReader) -> u32 {
        let (mut code, mut first, mut index) = (0, 0, 0);
        for &count in &self.decoder.counts()[1..] {
            code |= bits.take(1);
            if code < first + count {
                return self.decoder.symbols()[(index + code - first) as usize].into();
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        // a code is complete, so that this is not reached
        0
    }
}
