//! The header of a lossy picture (RFC 6386, section 9): where its partitions lie.

/// Where the partitions of a lossy picture lie, from its first byte.
pub(super) struct Partitions {
    /// How many partitions of coefficients there are.
    pub(super) count: usize,
    /// Offset behind the first partition, of the table of sizes.
    pub(super) table: usize,
}

/// Bytes before the first partition.
pub(super) const FRAME_HEADER: usize = 10;

/// Most bytes of the header, the first partition and the table.
pub(super) const MOST_BYTES: usize = FRAME_HEADER + (1 << 19) + 3 * 7;

/// Reads the header; `None` when the first partition is not whole.
pub(super) fn partitions(picture: &[u8]) -> Option<Partitions> {
    let [a, b, c, ..] = *picture else { return None };
    let first = (u32::from_le_bytes([a, b, c, 0]) >> 5) as usize;
    let table = FRAME_HEADER + first;
    let mut bits = BoolDecoder::new(picture.get(FRAME_HEADER..table)?);
    // colour space and clamping
    bits.number(2);
    if bits.flag() {
        let (map, data) = (bits.flag(), bits.flag());
        if data {
            bits.flag();
            (0..4).for_each(|_| bits.optional(8));
            (0..4).for_each(|_| bits.optional(7));
        }
        if map {
            (0..3).for_each(|_| bits.optional(8));
        }
    }
    // the loop filter: its kind, level and sharpness
    bits.number(1 + 6 + 3);
    if bits.flag() && bits.flag() {
        (0..8).for_each(|_| bits.optional(7));
    }
    Some(Partitions { count: 1 << bits.number(2), table })
}

/// Reads evenly distributed bits (RFC 6386, section 7). Behind the end there are zeros.
struct BoolDecoder<'a> {
    bytes: std::slice::Iter<'a, u8>,
    value: u32,
    range: u32,
    shifted: u32,
}

impl<'a> BoolDecoder<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let mut bytes = bytes.iter();
        let mut next = || u32::from(bytes.next().copied().unwrap_or(0));
        let value = next() << 8 | next();
        Self { bytes, value, range: 255, shifted: 0 }
    }

    fn flag(&mut self) -> bool {
        let split = 1 + ((self.range - 1) >> 1);
        let set = self.value >= split << 8;
        if set {
            self.range -= split;
            self.value -= split << 8;
        } else {
            self.range = split;
        }
        while self.range < 128 {
            self.value <<= 1;
            self.range <<= 1;
            self.shifted += 1;
            if self.shifted == 8 {
                self.shifted = 0;
                self.value |= u32::from(self.bytes.next().copied().unwrap_or(0));
            }
        }
        set
    }

    fn number(&mut self, bits: u32) -> u32 {
        (0..bits).fold(0, |value, _| value << 1 | u32::from(self.flag()))
    }

    /// Skips a value of so many bits behind a flag that tells whether it is there.
    fn optional(&mut self, bits: u32) {
        if self.flag() {
            self.number(bits);
        }
    }
}
