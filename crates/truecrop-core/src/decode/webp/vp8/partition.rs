//! One of the arithmetically coded parts of a frame, read from the file in pieces.

use crate::error::{Result, damaged};
use crate::source::{ByteWindow, PositionedReader};
use crate::vp8::bool_decoder::{BoolDecoder, BoolState};

/// Bytes that are read from the file at a time, for each partition.
pub(super) const CHUNK: usize = 64 << 10;

/// Bytes that the decoder may look at behind those that it uses up.
const READ_AHEAD: usize = 8;

/// Bytes of zeros that a partition may lack at its end: encoders leave them out, and decoders allow for it.
const LACKING: u32 = 1;

pub(super) struct Partition {
    window: ByteWindow,
    /// File offset behind its last byte.
    end: u64,
    /// The file ends before the partition does.
    cut: bool,
    state: BoolState,
}

impl Partition {
    /// `length` bytes from `start` on, of a file of `bytes`.
    pub(super) fn new(start: u64, length: u64, bytes: u64) -> Self {
        let there = length.min(bytes.saturating_sub(start));
        let chunk = CHUNK.min(there as usize).max(1);
        let window = ByteWindow::new(start, chunk);
        Self { window, end: start + there, cut: there < length, state: BoolState::new() }
    }

    /// Whether the file ends before it does.
    pub(super) fn is_cut(&self) -> bool {
        self.cut
    }

    /// Gives `read` a decoder that has all bytes that it uses, at most `most`.
    #[inline(always)]
    pub(super) fn read<T>(
        &mut self,
        source: &mut PositionedReader,
        most: usize,
        read: impl FnOnce(&mut BoolDecoder<'_>) -> T,
    ) -> Result<T> {
        let left = (self.end - self.window.offset()) as usize;
        self.window.ensure(source, left.min(most + READ_AHEAD))?;
        let bytes = self.window.bytes().get(self.window.pos..).unwrap_or_default();
        let mut decoder = BoolDecoder::resume(bytes.get(..left).unwrap_or(bytes), self.state);
        let value = read(&mut decoder);
        let (state, used) = decoder.suspend();
        self.state = state;
        self.window.pos += used;
        Ok(value)
    }

    /// Whether what was read so far is certain: false where it hangs on bytes behind the end of the file.
    ///
    /// # Errors
    /// [`Code::DamagedSource`](crate::Code::DamagedSource) where it has used up more than there is, of a partition that is whole.
    #[inline(always)]
    pub(super) fn is_certain(&self) -> Result<bool> {
        match self.state.behind {
            0 => Ok(true),
            _ if self.cut => Ok(false),
            1..=LACKING => Ok(true),
            _ => Err(damaged("its coefficients do not end where they should")),
        }
    }
}
