//! Bits from the least significant on.

#[derive(Default)]
pub(super) struct Bits {
    bytes: Vec<u8>,
    buffer: u64,
    held: u32,
}

impl Bits {
    /// Writes the lowest `count` bits of a value that has no others; at most 32.
    pub(super) fn write(&mut self, value: u64, count: u32) {
        debug_assert!(count <= 32 && value >> count == 0);
        self.buffer |= value << self.held;
        self.held += count;
        if self.held >= 32 {
            self.bytes.extend_from_slice(&(self.buffer as u32).to_le_bytes());
            self.buffer >>= 32;
            self.held -= 32;
        }
    }

    /// The bytes; what is left of the last one is zero.
    pub(super) fn finish(mut self) -> Vec<u8> {
        let rest = self.held.div_ceil(8) as usize;
        self.bytes.extend_from_slice(&self.buffer.to_le_bytes()[..rest]);
        self.bytes
    }
}
