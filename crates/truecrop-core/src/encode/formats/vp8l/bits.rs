//! Writes bits, the least significant one first.

#[derive(Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    buffer: u64,
    held: u32,
}

impl BitWriter {
    /// Writes the lowest `count` bits of `value`, at most 32. The other bits of `value` must be 0.
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

    /// The bytes; unused bits of the last one are zero.
    pub(super) fn finish(mut self) -> Vec<u8> {
        let rest = self.held.div_ceil(8) as usize;
        self.bytes.extend_from_slice(&self.buffer.to_le_bytes()[..rest]);
        self.bytes
    }
}
