//! The decoders of every format but JPEG, each by its feature: the small module is built without them.

#[cfg(feature = "heic")]
use super::heic;
#[cfg(feature = "platform")]
use super::platform;
#[cfg(feature = "all-formats")]
use super::rare;
use super::{DecodePlan, RowSource};
#[cfg(feature = "formats")]
use super::{gif, png, webp};
use crate::error::Result;
#[cfg(not(feature = "formats"))]
use crate::error::module_needed;
#[cfg(feature = "formats")]
use crate::error::{Code, Error};
use crate::limits::Limits;
use crate::probe::{Probe, SourceFormat};
#[cfg(feature = "formats")]
use crate::source::FilledReader;
use crate::source::Reader;

/// As [`super::memory_bytes`].
pub(super) fn memory_bytes(probe: &Probe, plan: &DecodePlan) -> u64 {
    match probe.format() {
        #[cfg(feature = "heic")]
        SourceFormat::Heic => heic::memory_bytes(probe, plan),
        #[cfg(feature = "platform")]
        SourceFormat::Platform(_) => platform::memory_bytes(plan),
        #[cfg(feature = "formats")]
        SourceFormat::Jpeg => 0,
        #[cfg(feature = "formats")]
        SourceFormat::Png => png::memory_bytes(probe, plan),
        #[cfg(feature = "formats")]
        SourceFormat::Webp => webp::memory_bytes(probe, plan),
        #[cfg(feature = "formats")]
        SourceFormat::Gif => gif::memory_bytes(probe),
        #[cfg(feature = "all-formats")]
        _ => rare::memory_bytes(probe, plan),
        // refused by `open`
        #[cfg(not(feature = "formats"))]
        _ => 0,
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
        #[cfg(feature = "heic")]
        SourceFormat::Heic => heic::open(reader, probe, plan, limits),
        #[cfg(feature = "platform")]
        SourceFormat::Platform(_) => Ok(platform::open(reader, probe, plan)),
        #[cfg(feature = "formats")]
        SourceFormat::Jpeg => Err(Error::new(Code::Internal, "JPEG has its own decoder.")),
        #[cfg(feature = "formats")]
        SourceFormat::Png => png::open(reader, probe, plan),
        #[cfg(feature = "formats")]
        SourceFormat::Webp => webp::open(reader, probe, plan, limits),
        #[cfg(feature = "formats")]
        SourceFormat::Gif => gif::open(Box::new(FilledReader::new(reader)), probe, plan),
        #[cfg(feature = "all-formats")]
        _ => rare::open(reader, probe, plan),
        #[cfg(not(feature = "formats"))]
        _ => Err(module_needed(probe.format().as_str())),
    }
}
