//! What the decoders of files with one scan (single_scan.rs) and with several (multi_scan.rs) have in common: both give
//! the picture's samples one MCU row at a time.

use super::plane::Plane;
use crate::error::Result;
use crate::source::PositionedReader;

/// Decodes a file's scans, MCU row after MCU row.
pub(super) trait McuRows {
    /// Resumes at the last known checkpoint at or before the start of an MCU row. Gives the MCU row that the checkpoint lies
    /// in: the one to skip or decode next.
    fn resume_before(&mut self, mcu_row: u32) -> u32;

    /// Reads past an MCU row that the window does not need.
    fn skip(&mut self, bytes: &mut PositionedReader, mcu_row: u32, planes: &mut [Plane]) -> Result<()>;

    /// Decodes an MCU row into the planes.
    fn decode(&mut self, bytes: &mut PositionedReader, mcu_row: u32, planes: &mut [Plane]) -> Result<()>;

    /// Whether data was missing in what was read so far.
    fn truncated(&self) -> bool;
}
