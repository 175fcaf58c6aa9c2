//! Reads the groups of prefix codes of a lossless WebP (RFC 9649, 3.7.2): for the probe, and for the decoder.

use super::prefix_code::{Bits, Parsed, PrefixDecoder, Stop};

/// Symbols of the five codes of a group: green and lengths, red, blue, alpha, distances.
const ALPHABETS: [usize; 5] = [280, 256, 256, 256, 40];

/// Symbols of the largest alphabet: green with a colour cache of 11 bits.
pub(super) const MAX_SYMBOLS: usize = 280 + (1 << 11);

/// The order in which the lengths of the code length code are written (RFC 9649, 3.7.2.1.2).
const ORDER: [usize; 19] = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// The number of symbols that the colour cache adds.
pub(crate) fn read_cache(bits: &mut dyn Bits) -> Parsed<usize> {
    if !bits.flag()? {
        return Ok(0);
    }
    match bits.read(4)? {
        bits @ 1..=11 => Ok(1 << bits),
        _ => Err(Stop::Invalid),
    }
}

/// Reads the five codes of a group. `lengths`: room to work in; `cache`: the symbols of the colour cache.
pub(crate) fn read_group(
    bits: &mut dyn Bits,
    lengths: &mut Vec<u8>,
    cache: usize,
) -> Parsed<[PrefixDecoder; 5]> {
    let mut code = |alphabet| read_code(bits, lengths, alphabet);
    let [green, red, blue, alpha, distance] = ALPHABETS;
    Ok([code(green + cache)?, code(red)?, code(blue)?, code(alpha)?, code(distance)?])
}

fn read_code(bits: &mut dyn Bits, lengths: &mut Vec<u8>, alphabet: usize) -> Parsed<PrefixDecoder> {
    if bits.flag()? {
        return read_simple_code(bits, alphabet);
    }
    lengths.clear();
    lengths.resize(alphabet, 0);
    read_lengths(bits, lengths)?;
    PrefixDecoder::new(lengths)
}

/// A simple code: one symbol, or two of one bit each. Codes are canonical: whichever stands first in the file, the lesser symbol is 0.
/// The same symbol twice is one, which takes no bits.
fn read_simple_code(bits: &mut dyn Bits, alphabet: usize) -> Parsed<PrefixDecoder> {
    let two = bits.flag()?;
    let wide = bits.flag()?;
    let mut symbols = vec![bits.read(if wide { 8 } else { 1 })? as u16];
    if two {
        symbols.push(bits.read(8)? as u16);
    }
    if symbols.iter().any(|&symbol| usize::from(symbol) >= alphabet) {
        return Err(Stop::Invalid);
    }
    symbols.sort_unstable();
    symbols.dedup();
    Ok(PrefixDecoder::simple(symbols))
}

/// Reads the code lengths of a normal code.
fn read_lengths(bits: &mut dyn Bits, lengths: &mut [u8]) -> Parsed<()> {
    let mut of_lengths = [0; 19];
    let count = 4 + bits.read(4)? as usize;
    for &at in &ORDER[..count] {
        of_lengths[at] = bits.read(3)? as u8;
    }
    let code = PrefixDecoder::new(&of_lengths)?;
    let mut left = lengths.len();
    if bits.flag()? {
        let width = 2 + 2 * bits.read(3)?;
        left = 2 + bits.read(width)? as usize;
        if left > lengths.len() {
            return Err(Stop::Invalid);
        }
    }
    if let Some(length @ ..16) = code.single() {
        // all symbols have the same length, which takes no bits
        lengths[..left].fill(length as u8);
        return Ok(());
    }
    let (mut at, mut last) = (0, 8);
    while at < lengths.len() && left > 0 {
        left -= 1;
        let (value, times) = match code.symbol(bits)? {
            length @ ..16 => (length as u8, 1),
            16 => (last, 3 + bits.read(2)?),
            17 => (0, 3 + bits.read(3)?),
            _ => (0, 11 + bits.read(7)?),
        };
        let end = at + times as usize;
        lengths.get_mut(at..end).ok_or(Stop::Invalid)?.fill(value);
        if value > 0 {
            last = value;
        }
        at = end;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bits from the lowest of a number on.
    struct Number(u64);

    impl Bits for Number {
        fn read(&mut self, count: u32) -> Parsed<u32> {
            let bits = self.0 & ((1 << count) - 1);
            self.0 >>= count;
            Ok(bits as u32)
        }
    }

    #[test]
    fn two_symbols_are_coded_by_their_order_and_not_the_files() {
        // Simple, two symbols, the first of 8 bits; then three coded bits: 0, 1, 0.
        let file = |first: u64, second: u64| 0b111 | first << 3 | second << 11 | 0b010 << 19;
        let cases = [((200, 10), [10, 200, 10]), ((10, 200), [10, 200, 10]), ((7, 7), [7, 7, 7])];
        for ((first, second), wanted) in cases {
            let mut bits = Number(file(first, second));
            let Ok(code) = read_code(&mut bits, &mut Vec::new(), 256) else {
                panic!("a code of {first} and {second}")
            };
            let symbols = [(); 3].map(|()| code.symbol(&mut bits).unwrap_or(usize::MAX));
            assert_eq!(symbols, wanted, "{first}, {second}");
        }
    }
}
