//! Writes bits by VP8's arithmetic code (RFC 6386, 7); `crate::vp8::bool_decoder` reads them.

/// Writes bits, each with the probability of 256 that it is 0.
pub(super) struct BoolWriter {
    bytes: Vec<u8>,
    /// The lower end of the interval: `8 + held` bits, and the carry above them.
    low: u64,
    /// The length of the interval, 128 to 255.
    range: u32,
    held: u32,
}

impl BoolWriter {
    pub(super) fn new(capacity: usize) -> Self {
        Self { bytes: Vec::with_capacity(capacity), low: 0, range: 255, held: 0 }
    }

    #[inline(always)]
    pub(super) fn put(&mut self, bit: bool, probability: u8) {
        let split = 1 + (((self.range - 1) * u32::from(probability)) >> 8);
        if bit {
            self.low += u64::from(split);
            self.range -= split;
        } else {
            self.range = split;
        }
        let shift = self.range.leading_zeros() - 24;
        self.range <<= shift;
        self.low <<= shift;
        self.held += shift;
        if self.held >= 32 {
            self.flush();
        }
    }

    /// Writes a number of `bits` bits, the highest first, each with even odds.
    pub(super) fn put_number(&mut self, value: u32, bits: u32) {
        (0..bits).rev().for_each(|bit| self.put(value >> bit & 1 == 1, 128));
    }

    /// Moves the highest 32 bits to the bytes.
    fn flush(&mut self) {
        self.held -= 32;
        let word = self.low >> (8 + self.held);
        self.low &= (1 << (8 + self.held)) - 1;
        if word >> 32 != 0 {
            self.carry();
        }
        self.bytes.extend_from_slice(&(word as u32).to_be_bytes());
    }

    fn carry(&mut self) {
        for byte in self.bytes.iter_mut().rev() {
            *byte = byte.wrapping_add(1);
            if *byte != 0 {
                return;
            }
        }
    }

    /// All bits of the lower end, filled up with zeros to whole bytes.
    pub(super) fn finish(mut self) -> Vec<u8> {
        let bits = 8 + self.held;
        let fill = bits.wrapping_neg() % 8;
        self.low <<= fill;
        let count = (bits + fill) / 8;
        if self.low >> (8 * count) != 0 {
            self.carry();
        }
        self.bytes.extend_from_slice(&self.low.to_be_bytes()[8 - count as usize..]);
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vp8::bool_decoder::BoolDecoder;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bits_are_read_as_they_were_written(bits in prop::collection::vec((any::<bool>(), 1..=255u8), 0..2000)) {
            let mut writer = BoolWriter::new(0);
            bits.iter().for_each(|(bit, probability)| writer.put(*bit, *probability));
            let bytes = writer.finish();
            let mut reader = BoolDecoder::new(&bytes);
            for (bit, probability) in &bits {
                prop_assert_eq!(reader.read(*probability), *bit);
            }
            prop_assert_eq!(reader.behind(), 0);
        }
    }

    #[test]
    fn carries_run_through_many_bytes() {
        // Improbable ones keep the lower end just below a whole number, the last one passes it.
        for ones in [1, 7, 100, 4000] {
            let mut writer = BoolWriter::new(0);
            (0..ones).for_each(|i| writer.put(true, if i % 7 == 0 { 1 } else { 255 }));
            let bytes = writer.finish();
            let mut reader = BoolDecoder::new(&bytes);
            assert!((0..ones).all(|i| reader.read(if i % 7 == 0 { 1 } else { 255 })), "{ones}");
        }
    }
}
