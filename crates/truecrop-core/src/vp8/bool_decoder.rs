//! The arithmetic decoder of single bits (RFC 6386, section 7).

/// What of a [`BoolDecoder`] outlives the bytes that it reads.
#[derive(Clone, Copy)]
pub(crate) struct BoolState {
    /// Bits of the stream that are not used up yet, the next one on top.
    value: u64,
    /// 128 to 255.
    range: u32,
    /// How many bits of `value` come from the stream, less the eight that a comparison looks at.
    bits: i32,
    /// Bytes behind the end that were looked at. They count as zeros.
    pub(crate) behind: u32,
}

impl BoolState {
    pub(crate) fn new() -> Self {
        Self { value: 0, range: 255, bits: -8, behind: 0 }
    }
}

/// Reads bits whose probabilities are known.
///
/// Copied to a local variable it stays in registers, which is twice as fast: so no method is given a reference to it that is not inlined.
#[derive(Clone, Copy)]
pub(crate) struct BoolDecoder<'a> {
    bytes: &'a [u8],
    /// The next byte.
    at: usize,
    state: BoolState,
}

impl<'a> BoolDecoder<'a> {
    /// Goes on where `state` was taken. `bytes`: those that follow, or all that a caller will use of them.
    pub(crate) fn resume(bytes: &'a [u8], state: BoolState) -> Self {
        Self { bytes, at: 0, state }
    }

    /// From the start of bytes that are all there.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self::resume(bytes, BoolState::new())
    }

    /// Bytes behind the end that were looked at.
    pub(crate) fn behind(&self) -> u32 {
        self.state.behind
    }

    /// The state to go on with, and how many bytes were used up.
    pub(crate) fn suspend(self) -> (BoolState, usize) {
        (self.state, self.at)
    }

    /// One bit; `probability`: that of a zero, in 1/256.
    #[inline(always)]
    pub(crate) fn read(&mut self, probability: u8) -> bool {
        let (split, bound) = self.split(probability);
        let state = &mut self.state;
        let set = state.value >= bound;
        if set {
            state.value -= bound;
            state.range -= split;
        } else {
            state.range = split;
        }
        self.normalize();
        set
    }

    /// `value`, or what it is with the other sign: as a bit of even odds says. Nobody can foretell it, so that there is no branch.
    #[inline(always)]
    pub(crate) fn with_sign(&mut self, value: i32) -> i32 {
        let (split, bound) = self.split(128);
        let state = &mut self.state;
        let set = u64::from(state.value >= bound);
        state.value -= bound & set.wrapping_neg();
        let mask = (set as u32).wrapping_neg();
        // the upper part of the range, or the lower
        state.range = split.wrapping_add(state.range.wrapping_sub(2 * split) & mask);
        self.normalize();
        let mask = mask.cast_signed();
        (value ^ mask) - mask
    }

    /// Where the range is split, and the same where it is compared.
    #[inline(always)]
    fn split(&mut self, probability: u8) -> (u32, u64) {
        if self.state.bits < 0 {
            self.fill();
        }
        let split = 1 + (((self.state.range - 1) * u32::from(probability)) >> 8);
        (split, u64::from(split) << 56)
    }

    /// Makes the range 128 or more again.
    #[inline(always)]
    fn normalize(&mut self) {
        let shift = self.state.range.leading_zeros() & 7;
        self.state.range <<= shift;
        self.state.value <<= shift;
        self.state.bits -= shift as i32;
    }

    /// Seven bytes at once, or one where fewer than eight are left.
    #[inline(always)]
    fn fill(&mut self) {
        let valid = (self.state.bits + 8) as u32 & 7;
        if let Some(next) = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk::<8>) {
            self.state.value |= (u64::from_be_bytes(*next) & !0xFF) >> valid;
            self.state.bits += 56;
            self.at += 7;
        } else {
            *self = self.filled_at_end(valid);
        }
    }

    #[cold]
    #[inline(never)]
    fn filled_at_end(mut self, valid: u32) -> Self {
        if let Some(&byte) = self.bytes.get(self.at) {
            self.state.value |= u64::from(byte) << (56 - valid);
            self.at += 1;
        } else {
            self.state.behind = self.state.behind.saturating_add(1);
        }
        self.state.bits += 8;
        self
    }

    /// One bit of even odds.
    #[inline(always)]
    pub(crate) fn flag(&mut self) -> bool {
        self.read(128)
    }

    /// A number of so many bits, highest first.
    #[inline(always)]
    pub(crate) fn number(&mut self, bits: u32) -> u32 {
        (0..bits).fold(0, |value, _| value << 1 | u32::from(self.flag()))
    }

    /// A number and then its sign.
    pub(crate) fn signed(&mut self, bits: u32) -> i32 {
        let value = self.number(bits) as i32;
        if self.flag() { -value } else { value }
    }

    /// As [`BoolDecoder::signed`] behind a flag that tells whether it is there.
    pub(crate) fn optional_signed(&mut self, bits: u32) -> Option<i32> {
        self.flag().then(|| self.signed(bits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The encoder of RFC 6386, 7.3.
    fn encode(bits: &[(bool, u8)]) -> Vec<u8> {
        let (mut low, mut range, mut left, mut out) = (0_u32, 255_u32, 24, Vec::<u8>::new());
        // zeros at the end push out all that counts
        for &(bit, probability) in bits.iter().chain(&[(false, 128); 32]) {
            let split = 1 + (((range - 1) * u32::from(probability)) >> 8);
            (low, range) = if bit { (low + split, range - split) } else { (low, split) };
            while range < 128 {
                range <<= 1;
                if low >> 31 == 1 {
                    let carry = out.iter().rposition(|&byte| byte != 255).expect("a byte that can grow");
                    out[carry] += 1;
                    out[carry + 1..].fill(0);
                }
                (low, left) = (low << 1, left - 1);
                if left == 0 {
                    out.push((low >> 24) as u8);
                    (low, left) = (low & 0xFF_FFFF, 8);
                }
            }
        }
        out
    }

    #[test]
    fn what_was_encoded_is_decoded_however_the_bytes_are_cut() {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 16
        };
        let bits: Vec<(bool, u8)> = (0..4000)
            .map(|_| {
                let probability = (next() % 255 + 1) as u8;
                (next() % 256 >= u32::from(probability), probability)
            })
            .collect();
        let bytes = encode(&bits);
        for part in [1, 7, 64, 4000] {
            let (mut state, mut at) = (BoolState::new(), 0);
            for some in bits.chunks(part) {
                let mut decoder = BoolDecoder::resume(&bytes[at..], state);
                for &(bit, probability) in some {
                    assert_eq!(decoder.read(probability), bit);
                }
                let (kept, used) = decoder.suspend();
                (state, at) = (kept, at + used);
            }
            assert!(state.behind <= 1, "{} bytes behind the end", state.behind);
        }
    }

    #[test]
    fn bytes_behind_the_end_are_zeros_and_are_counted() {
        let mut decoder = BoolDecoder::resume(&[], BoolState::new());
        assert_eq!(decoder.number(32), 0);
        assert!(decoder.suspend().0.behind >= 4);
    }
}
