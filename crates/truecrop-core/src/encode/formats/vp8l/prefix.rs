//! Makes canonical prefix codes of limited length from symbol counts, and writes them (RFC 9649, 3.7.2).

use super::bits::BitWriter;

/// The longest code of a value, and of a code length.
const MAX_LENGTH: u8 = 15;
const MAX_LENGTH_OF_LENGTHS: u8 = 7;

/// The order in which the lengths of the code length code are written.
const ORDER: [usize; 19] = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// How often each symbol occurs.
pub(super) struct Histogram(Vec<u32>);

impl Histogram {
    pub(super) fn new(symbols: usize) -> Self {
        Self(vec![0; symbols])
    }

    pub(super) fn add(&mut self, symbol: usize) {
        self.0[symbol] += 1;
    }
}

/// A prefix code.
pub(super) struct PrefixCode {
    lengths: Vec<u8>,
    /// The code of each symbol, ready to be written from the least significant bit on.
    codes: Vec<u16>,
    /// The only symbol, if at most one occurs. It is written in no bits at all.
    only: Option<usize>,
}

impl PrefixCode {
    pub(super) fn new(count: &Histogram) -> Self {
        Self::limited(&count.0, MAX_LENGTH)
    }

    fn limited(counts: &[u32], max_length: u8) -> Self {
        let mut used = (0..counts.len()).filter(|symbol| counts[*symbol] > 0);
        let (first, second) = (used.next(), used.next());
        let lengths = lengths(counts, max_length);
        let codes = canonical(&lengths);
        Self { lengths, codes, only: if second.is_none() { Some(first.unwrap_or(0)) } else { None } }
    }

    /// Writes a symbol.
    pub(super) fn put(&self, bits: &mut BitWriter, symbol: usize) {
        if self.only.is_none() {
            bits.write(self.codes[symbol].into(), self.lengths[symbol].into());
        }
    }

    /// Writes the code itself.
    pub(super) fn write(&self, bits: &mut BitWriter) {
        match self.only {
            // A simple code: one symbol of 8 bits.
            Some(symbol) => bits.write(0b101 | (symbol as u64) << 3, 11),
            None => self.write_lengths(bits),
        }
    }

    fn write_lengths(&self, bits: &mut BitWriter) {
        let tokens = LengthToken::all(&self.lengths);
        let mut counts = [0; ORDER.len()];
        tokens.iter().for_each(|token| counts[token.symbol] += 1);
        let code = Self::limited(&counts, MAX_LENGTH_OF_LENGTHS);
        let last = ORDER.iter().rposition(|symbol| code.lengths[*symbol] > 0).unwrap_or(0).max(3);
        bits.write(0, 1);
        bits.write(last as u64 - 3, 4);
        for symbol in &ORDER[..=last] {
            bits.write(code.lengths[*symbol].into(), 3);
        }
        // The lengths of all symbols follow.
        bits.write(0, 1);
        for token in tokens {
            code.put(bits, token.symbol);
            bits.write(token.extra, token.extra_bits);
        }
    }
}

/// One code length, or a run of equal ones.
struct LengthToken {
    symbol: usize,
    extra: u64,
    extra_bits: u32,
}

impl LengthToken {
    fn all(lengths: &[u8]) -> Vec<Self> {
        let mut tokens = Vec::new();
        for run in lengths.chunk_by(|a, b| a == b) {
            let mut left = run.len();
            if run[0] > 0 {
                tokens.push(Self { symbol: run[0].into(), extra: 0, extra_bits: 0 });
                left -= 1;
            }
            while left > 0 {
                let (token, taken) = Self::repeat(run[0], left);
                tokens.push(token);
                left -= taken;
            }
        }
        tokens
    }

    fn repeat(length: u8, left: usize) -> (Self, usize) {
        let (symbol, least, extra_bits) = match (length, left) {
            (_, 1 | 2) => return (Self { symbol: length.into(), extra: 0, extra_bits: 0 }, 1),
            (0, 3..=10) => (17, 3, 3),
            (0, _) => (18, 11, 7),
            (_, _) => (16, 3, 2),
        };
        let taken = left.min(least + (1 << extra_bits) - 1);
        (Self { symbol, extra: (taken - least) as u64, extra_bits }, taken)
    }
}

/// Code lengths by Huffman's method, none above `max_length`. While one is longer, the counts of rare symbols are raised.
fn lengths(counts: &[u32], max_length: u8) -> Vec<u8> {
    let mut floor = 1;
    loop {
        let raised: Vec<u32> = counts.iter().map(|c| if *c > 0 { (*c).max(floor) } else { 0 }).collect();
        let lengths = huffman(&raised);
        if lengths.iter().all(|length| *length <= max_length) {
            return lengths;
        }
        floor *= 2;
    }
}

/// Huffman's method with two queues: the leaves, sorted by count and symbol, and the inner nodes in the order of their
/// making.
fn huffman(counts: &[u32]) -> Vec<u8> {
    let mut leaves: Vec<(u64, usize)> = counts
        .iter()
        .enumerate()
        .filter(|(_, c)| **c > 0)
        .map(|(symbol, c)| (u64::from(*c), symbol))
        .collect();
    // No two pairs are equal, so every sorting algorithm gives the same order.
    leaves.sort_unstable();
    let count = leaves.len();
    let mut weights: Vec<u64> = leaves.iter().map(|(weight, _)| *weight).collect();
    let mut parents = vec![0; (2 * count).saturating_sub(1)];
    let (mut leaf, mut inner) = (0, count);
    for parent in count..parents.len() {
        let mut take = || {
            let first = leaf < count && (inner >= weights.len() || weights[leaf] <= weights[inner]);
            let from = if first { &mut leaf } else { &mut inner };
            *from += 1;
            *from - 1
        };
        let (a, b) = (take(), take());
        (parents[a], parents[b]) = (parent, parent);
        weights.push(weights[a] + weights[b]);
    }
    let mut depths = vec![0u8; parents.len()];
    for node in (0..parents.len().saturating_sub(1)).rev() {
        depths[node] = depths[parents[node]] + 1;
    }
    let mut lengths = vec![0; counts.len()];
    for ((_, symbol), depth) in leaves.iter().zip(&depths) {
        lengths[*symbol] = (*depth).max(1);
    }
    lengths
}

/// Canonical codes, in the order of length and then symbol. Their bits are reversed, because they are written from the
/// least significant bit on.
fn canonical(lengths: &[u8]) -> Vec<u16> {
    let mut codes = vec![0; lengths.len()];
    let mut next = 0u32;
    for length in 1..=MAX_LENGTH {
        next <<= 1;
        for (symbol, _) in lengths.iter().enumerate().filter(|(_, l)| **l == length) {
            codes[symbol] = (next as u16).reverse_bits() >> (16 - u32::from(length));
            next += 1;
        }
    }
    codes
}
