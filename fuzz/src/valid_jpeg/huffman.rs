//! Huffman codes of any legal shape, and a writer of entropy-coded bits (T.81, annexes C and F).

use super::super::input::Input;

/// A Huffman table with a code for each of its symbols.
pub struct HuffmanCodes {
    lengths: [u8; 16],
    symbols: Vec<u8>,
    /// By symbol: the code and its length.
    codes: [(u16, u8); 256],
}

impl HuffmanCodes {
    /// A table of these symbols: the shape of the tree and the order of the symbols come from the input.
    pub fn new(input: &mut Input<'_>, mut symbols: Vec<u8>) -> Self {
        for i in (1..symbols.len()).rev() {
            symbols.swap(i, input.below(i as u32 + 1) as usize);
        }
        let lengths = lengths(input, symbols.len() as u32);
        let mut codes = [(0, 0); 256];
        let (mut code, mut at) = (0_u32, 0);
        for (length, &count) in (1..).zip(&lengths) {
            for &symbol in &symbols[at..at + usize::from(count)] {
                codes[usize::from(symbol)] = (code as u16, length);
                code += 1;
            }
            at += usize::from(count);
            code <<= 1;
        }
        Self { lengths, symbols, codes }
    }

    /// How many codes there are of each length, as a DHT segment states it.
    pub fn lengths(&self) -> &[u8] {
        &self.lengths
    }

    /// The symbols, shortest codes first.
    pub fn symbols(&self) -> &[u8] {
        &self.symbols
    }
}

/// HuffmanCodes of each length, for `count` symbols, without the code of all ones.
fn lengths(input: &mut Input<'_>, count: u32) -> [u8; 16] {
    let even = input.once_in(2);
    let mut counts = [0; 16];
    // one more leaf than symbols: the code of all ones is kept free
    let (mut left, mut free) = (count, 1_u32);
    for length in 1..=16_u32 {
        free *= 2;
        // the most codes that leave room for all others and for the one that is kept free
        let room = |n: u32| (u64::from(free - n) << (16 - length)) > u64::from(left - n);
        let most = (0..=left.min(free - 1)).rev().find(|&n| room(n)).unwrap_or(0);
        let take = match (length, even) {
            (16, _) => left,
            (_, true) if most < left => 0,
            (_, true) => left,
            _ => input.below(most + 1).min(255),
        };
        counts[length as usize - 1] = take as u8;
        (left, free) = (left - take, free - take);
    }
    counts
}

/// Entropy-coded data that is being written.
#[derive(Default)]
pub struct BitWriter {
    out: Vec<u8>,
    acc: u32,
    count: u32,
}

impl BitWriter {
    /// Writes the lowest `count` bits (at most 16).
    pub fn put(&mut self, value: u32, count: u32) {
        for i in (0..count).rev() {
            self.acc = self.acc << 1 | (value >> i & 1);
            self.count += 1;
            if self.count == 8 {
                self.byte();
            }
        }
    }

    /// Writes a symbol's code.
    pub fn symbol(&mut self, codes: &HuffmanCodes, symbol: u8) {
        let (code, length) = codes.codes[usize::from(symbol)];
        debug_assert!(length > 0, "no code for {symbol:#x}");
        self.put(code.into(), length.into());
    }

    /// Writes a value's bits of size [`size`].
    pub fn signed(&mut self, value: i32) {
        let size = size(value);
        let bits = if value < 0 { value - 1 } else { value };
        self.put(bits as u32 & ((1 << size) - 1), size);
    }

    /// A restart marker.
    pub fn restart(&mut self, number: u32) {
        self.pad();
        self.out.extend([0xFF, 0xD0 + (number % 8) as u8]);
    }

    /// The bytes.
    pub fn finish(mut self) -> Vec<u8> {
        self.pad();
        self.out
    }

    fn pad(&mut self) {
        while self.count > 0 {
            self.put(1, 1);
        }
    }

    fn byte(&mut self) {
        self.out.push(self.acc as u8);
        if self.acc as u8 == 0xFF {
            self.out.push(0);
        }
        (self.acc, self.count) = (0, 0);
    }
}

/// The size category of a value (T.81, table F.1).
pub fn size(value: i32) -> u32 {
    32 - value.unsigned_abs().leading_zeros()
}
