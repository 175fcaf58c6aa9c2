//! Reads the bits of entropy-coded data, most significant first, without the stuffed zero bytes.

use super::markers::has_ff;

/// A reader of bits over a window of the file.
///
/// Where the data ends (at a marker, or at the end of the window) it appends zeros and counts them, so the hot loops need
/// no checks: [`BitReader::exhausted`] tells afterwards whether such zeros were consumed.
///
/// # Guarantees
/// After [`BitReader::refill`] at least 32 bits are available: enough for a code (16) and its value bits (15).
#[derive(Clone, Copy)]
pub(super) struct BitReader<'a> {
    data: &'a [u8],
    pos: usize,
    /// The next bits, from the top; bits below the first `count` may already hold parts of the bytes that follow.
    acc: u64,
    count: u32,
    /// Padding: how many of the `count` bits were appended after the end of the data.
    padding_bits: u32,
}

/// The state between two windows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct BitState {
    pub(super) acc: u64,
    pub(super) count: u32,
    pub(super) padding_bits: u32,
}

impl<'a> BitReader<'a> {
    #[inline(always)]
    pub(super) fn new(data: &'a [u8], pos: usize, state: BitState) -> Self {
        Self { data, pos, acc: state.acc, count: state.count, padding_bits: state.padding_bits }
    }

    #[inline(always)]
    pub(super) fn state(&self) -> BitState {
        BitState { acc: self.acc, count: self.count, padding_bits: self.padding_bits }
    }

    /// The next byte that is not yet in the reservoir, as an index into the window.
    #[inline(always)]
    pub(super) fn pos(&self) -> usize {
        self.pos
    }

    /// More bits were consumed than the data had.
    #[inline(always)]
    pub(super) fn exhausted(&self) -> bool {
        self.padding_bits > self.count
    }

    /// Makes at least 32 bits available.
    #[inline(always)]
    pub(super) fn refill(&mut self) {
        if self.count < 32 {
            self.fill();
        }
    }

    /// Makes at least 56 bits available.
    #[inline(always)]
    pub(super) fn fill(&mut self) {
        if let Some(chunk) = self.data.get(self.pos..self.pos.wrapping_add(8))
            && let Ok(chunk) = <[u8; 8]>::try_from(chunk)
        {
            let word = u64::from_be_bytes(chunk);
            if !has_ff(word) {
                self.acc |= word >> self.count;
                let taken = (63 - self.count) >> 3;
                self.pos += taken as usize;
                self.count += taken * 8;
                return;
            }
        }
        *self = refill_slowly(*self);
    }

    /// The next `N` bits, not consumed.
    #[inline(always)]
    pub(super) fn peek<const N: u32>(&self) -> usize {
        (self.acc >> (64 - N)) as usize
    }

    /// The next 16 bits, not consumed.
    #[inline(always)]
    pub(super) fn peek16(&self) -> u32 {
        (self.acc >> 48) as u32
    }

    #[inline(always)]
    pub(super) fn skip(&mut self, bits: u32) {
        self.acc <<= bits & 63;
        self.count = self.count.wrapping_sub(bits);
        // `count` never goes below zero: every caller refills before it consumes up to 32 bits
    }

    /// The reservoir: the next bits, from the top, and how many of them are valid.
    #[inline(always)]
    pub(super) fn reservoir(&self) -> (u64, u32) {
        (self.acc, self.count)
    }

    /// Consumes `bits` bits that the caller has already shifted out of the reservoir; `acc` is the new reservoir.
    #[inline(always)]
    pub(super) fn consume(&mut self, acc: u64, bits: u32) {
        self.acc = acc;
        self.count = self.count.wrapping_sub(bits);
    }

    /// Gives back the last `bits` consumed bits; `acc` is the reservoir from before.
    #[inline(always)]
    pub(super) fn unread(&mut self, acc: u64, bits: u32) {
        self.acc = acc;
        self.count = self.count.wrapping_add(bits);
    }

    /// The next `bits` (1 to 16) as a number.
    #[inline(always)]
    pub(super) fn take(&mut self, bits: u32) -> u32 {
        let value = (self.acc >> 1 >> (63 - (bits & 63))) as u32;
        self.skip(bits);
        value
    }

    /// One bit.
    #[inline(always)]
    pub(super) fn bit(&mut self) -> bool {
        let set = self.acc >> 63 != 0;
        self.skip(1);
        set
    }

    /// The next `bits` (1 to 15) as a signed number of that size (T.81, figure F.12).
    #[inline(always)]
    pub(super) fn signed(&mut self, bits: u32) -> i32 {
        let negative = !(self.acc as i64 >> 63) as i32;
        let value = self.take(bits) as i32;
        value - (negative & ((1 << bits) - 1))
    }
}

/// Refills byte by byte: drops stuffed zero bytes, stops at a marker or at the end of the data, and pads with zeros then.
///
/// Takes and returns the reader by value, so that the hot loops can keep it in registers.
#[cold]
#[inline(never)]
fn refill_slowly(mut bits: BitReader<'_>) -> BitReader<'_> {
    // bits below `count` are cleared, because padding may be needed there
    bits.acc &= !(u64::MAX >> bits.count.min(63));
    while bits.count <= 55 {
        let byte = match bits.data.get(bits.pos) {
            Some(0xFF) => match bits.data.get(bits.pos + 1) {
                Some(0x00) => {
                    bits.pos += 2;
                    0xFF
                }
                _ => return pad(bits),
            },
            Some(&byte) => {
                bits.pos += 1;
                byte
            }
            None => return pad(bits),
        };
        bits.acc |= u64::from(byte) << (56 - bits.count);
        bits.count += 8;
    }
    bits
}

fn pad(mut bits: BitReader<'_>) -> BitReader<'_> {
    // an exhausted reader stays exhausted: its padding must stay larger than its count
    let debt = bits.padding_bits.saturating_sub(bits.count);
    let real = bits.count.saturating_sub(bits.padding_bits);
    bits.count = 63;
    bits.padding_bits = 63 - real + debt;
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(data: &[u8], step: u32) -> (Vec<u32>, usize) {
        let mut bits = BitReader::new(data, 0, BitState::default());
        let mut out = Vec::new();
        while !bits.exhausted() && out.len() < 2000 {
            bits.refill();
            out.push(bits.take(step));
        }
        (out, bits.pos())
    }

    #[test]
    fn bits_come_in_order_for_every_step() {
        let data: Vec<u8> = (0..200_u32).map(|i| (i * 73 + 11) as u8).collect();
        let mut stuffed = Vec::new();
        for &b in &data {
            stuffed.push(b);
            if b == 0xFF {
                stuffed.push(0);
            }
        }
        stuffed.extend([0xFF, 0xD9]);
        let bit = |i: u32| (data[(i / 8) as usize] >> (7 - i % 8) & 1) as u32;
        for step in 1..=16 {
            let (out, pos) = all(&stuffed, step);
            assert_eq!(pos, stuffed.len() - 2, "step {step}");
            let whole = 1600 / step;
            assert_eq!(out.len() as u32, whole + 1, "step {step}");
            for i in 0..whole {
                let expected = (0..step).fold(0, |n, j| n << 1 | bit(i * step + j));
                assert_eq!(out[i as usize], expected, "step {step}, number {i}");
            }
        }
    }

    #[test]
    fn signed_values_follow_the_standard() {
        // size 3: 000..011 are -7..-4, 100..111 are 4..7
        for (code, value) in [-7, -6, -5, -4, 4, 5, 6, 7].into_iter().enumerate() {
            let data = [(code as u8) << 5, 0, 0, 0, 0, 0, 0, 0, 0];
            let mut bits = BitReader::new(&data, 0, BitState::default());
            bits.refill();
            assert_eq!(bits.signed(3), value);
        }
    }
}
