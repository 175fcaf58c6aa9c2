//! Stands in for `formats` in the small build, which knows JPEG alone: every other format is answered by "load the full module".

use super::{DecodePlan, RowSource};
use crate::error::{Result, module_needed};
use crate::limits::Limits;
use crate::probe::Probe;
use crate::source::Reader;

/// Nothing: such a source is refused.
pub(super) fn memory_bytes(_: &Probe, _: &DecodePlan) -> u64 {
    0
}

/// As [`super::open`]: refused.
pub(super) fn open(_: Reader, probe: &Probe, _: &DecodePlan, _: &Limits) -> Result<Box<dyn RowSource>> {
    Err(module_needed(probe.format().as_str()))
}
