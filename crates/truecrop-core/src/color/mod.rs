//! Colour, in two directions: decoded samples to the working samples that are averaged, and back to 8 bits.
//!
//! A **working sample** is an `i16` where [`ONE`](crate::pixel::ONE) is full intensity: see [`crate::pixel`]. Pixels have
//! four of them, R G B A, premultiplied by alpha, sRGB-coded or as linear light; on the way into the resampler each
//! channel is apart ([`PlanarRow`](crate::pixel::PlanarRow)).
//!
//! | file | what |
//! | --- | --- |
//! | `to_working` | the way in: rows of the decoder to working samples |
//! | `from_working` | the way out: working samples to finished 8-bit pixels, over the background |
//! | `source_space` | which colour space the source says that it has (ICC profile, PNG chunks), and what of it cannot be applied |
//! | `icc` | reading profiles |
//! | `space`, `tables`, `xyz`, `curve` | the spaces: by primaries, by tables; what connects them; transfer curves |
//! | `matrix`, `fixed_tables`, `sample` | conversion in integers, by primaries and by tables; sample types |
//!
//! Tables are made once, by `libm` on every target; pixels see integers only.
//!
//! # Guarantees
//! An 8-bit opaque pixel without a profile comes back from [`ToWorking::convert`] and [`from_working`] unchanged, in both
//! lights. A transparent one comes back within `2 / alpha + 1/2` of an 8-bit step.

mod curve;
#[cfg(feature = "formats")]
mod fixed_tables;
mod from_working;
mod icc;
mod matrix;
mod sample;
mod source_space;
mod space;
#[cfg(feature = "formats")]
mod tables;
mod to_working;
mod xyz;

pub use from_working::from_working;
pub use to_working::ToWorking;

use crate::probe::{Ignored, Probe, StatedColor, icc_tags};
use space::Device;

/// [`Ignored::Profile`] where the source says something of its colours that the picture does not show: a profile or a PNG chunk that
/// is broken, too large, of another kind of samples, or of a kind that is not known. Also where a later statement is applied in its place.
pub fn ignored(probe: &Probe) -> Option<Ignored> {
    source_space::source_space(probe, Device::of_probe(probe)).ignored.then_some(Ignored::Profile)
}

/// Whether the source's colours are sRGB as they are, so that nothing is converted.
#[cfg(feature = "formats")]
pub fn is_srgb(probe: &Probe) -> bool {
    let space = source_space::source_space(probe, Device::of_probe(probe));
    space.space.is_none() && !space.ignored
}

/// Most bytes that a profile's tables take, beside the profile itself and what every picture takes.
///
/// The profile's numbers with 16 bits each, where they had 8; a finer grid of 17^4 points; ten curves that may share their bytes in the
/// profile; and curves for pixels.
pub fn memory_bytes(probe: &Probe) -> u64 {
    const REST: u64 = (17 * 17 * 17 * 17 * 6) + 10 * (64 << 10) + (160 << 10);
    let of = |stated: &StatedColor| match stated {
        StatedColor::Icc(profile) if icc_tags::tables(profile).is_some() => 2 * profile.len() as u64 + REST,
        _ => 0,
    };
    probe.stated_colors().iter().map(of).max().unwrap_or(0)
}

#[cfg(test)]
mod tests;
