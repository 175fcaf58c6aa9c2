//! Numbers out of the fuzzer's bytes.

/// Gives numbers from the bytes as long as there are some, and then goes on with numbers that follow from all of them.
///
/// The same bytes always give the same numbers, so that a kept input fails again as it failed first.
pub struct Input<'a> {
    data: &'a [u8],
    at: usize,
    state: u64,
}

impl<'a> Input<'a> {
    /// Numbers that are steered by the bytes themselves: for pictures that are built from the input.
    pub fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0, state: digest(data) }
    }

    /// Numbers that only follow from the bytes: for inputs that are files, of which each byte has its meaning already.
    pub fn beside(data: &[u8]) -> Self {
        Self { data: &[], at: 0, state: digest(data) }
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        if let Some(&byte) = self.data.get(self.at) {
            self.at += 1;
            return byte;
        }
        (self.next() >> 32) as u8
    }

    /// A number from 0 up to but not including `end` (which counts as 1 if it is 0).
    pub fn below(&mut self, end: u32) -> u32 {
        if end <= 1 {
            return 0;
        }
        if end <= 256 {
            return u32::from(self.byte()) % end;
        }
        let bytes = [self.byte(), self.byte(), self.byte(), self.byte()];
        u32::from_le_bytes(bytes) % end
    }

    /// True once in `times` on the average.
    pub fn once_in(&mut self, times: u32) -> bool {
        self.below(times) == 0
    }

    /// One of a list.
    pub fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len() as u32) as usize]
    }

    /// splitmix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// FNV-1a.
fn digest(data: &[u8]) -> u64 {
    data.iter().fold(0xcbf2_9ce4_8422_2325, |d, &b| (d ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}
