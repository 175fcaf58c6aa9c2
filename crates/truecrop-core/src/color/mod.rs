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
//! | `source_space` | which colour space the source says that it has (ICC profile, PNG chunks) |
//! | `icc`, `space`, `matrix`, `curve`, `sample` | reading profiles; the spaces; conversion in integers; transfer curves; sample types |
//!
//! Tables are made once, by `libm` on every target; pixels see integers only.
//!
//! # Guarantees
//! An 8-bit opaque pixel without a profile comes back from [`ToWorking::convert`] and [`from_working`] unchanged, in both
//! lights. A transparent one comes back within `2 / alpha + 1/2` of an 8-bit step.

mod curve;
mod from_working;
mod icc;
mod matrix;
mod sample;
mod source_space;
mod space;
mod to_working;

pub use from_working::from_working;
pub use to_working::ToWorking;

#[cfg(test)]
mod tests;
