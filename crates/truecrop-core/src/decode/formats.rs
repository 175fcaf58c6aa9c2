//! The decoders of every format but JPEG, which the small module is built without.

#[cfg(feature = "heic")]
use super::heic;
#[cfg(feature = "all-formats")]
use super::rare;
use super::{DecodePlan, RowSource, gif, png, webp};
use crate::error::{Code, Error, Result};
use crate::limits::Limits;
use crate::probe::{Probe, SourceFormat};
use crate::source::{FilledReader, Reader};

/// As [`super::memory_bytes`].
pub(super) fn memory_bytes(probe: &Probe, plan: &DecodePlan) -> u64 {
    match probe.format() {
        SourceFormat::Jpeg => 0,
        SourceFormat::Png => png::memory_bytes(probe, plan),
        SourceFormat::Webp => webp::memory_bytes(probe, plan),
        SourceFormat::Gif => gif::memory_bytes(probe),
        #[cfg(feature = "heic")]
        SourceFormat::Heic => heic::memory_bytes(probe, plan),
        #[cfg(feature = "all-formats")]
        _ => rare::memory_bytes(probe, plan),
    }
}

/// As [`super::open`].
pub(super) fn open(
    reader: Reader,
    probe: &Probe,
    plan: &DecodePlan,
    limits: &Limits,
) -> Result<Box<dyn RowSource>> {
    match probe.format() {
        SourceFormat::Jpeg => Err(Error::new(Code::Internal, "JPEG has its own decoder.")),
        SourceFormat::Png => png::open(reader, probe, plan),
        SourceFormat::Webp => webp::open(Box::new(FilledReader::new(reader)), probe, plan, limits),
        SourceFormat::Gif => gif::open(Box::new(FilledReader::new(reader)), probe, plan),
        #[cfg(feature = "heic")]
        SourceFormat::Heic => heic::open(reader, probe, plan, limits),
        #[cfg(feature = "all-formats")]
        _ => rare::open(reader, probe, plan),
    }
}
