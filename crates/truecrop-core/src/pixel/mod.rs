//! The pixels that pass between the stages: working samples on the way, finished pixels at the end.
//!
//! A **working sample** is an `i16` where [`ONE`] is full intensity or full opacity: 64 steps for each 8-bit value, so that
//! the rounding of the stages between costs nothing that 8 bits could show, and the overshoot of a sharpening filter fits.

#[cfg(feature = "formats")]
pub mod ellipse;
mod planar_row;
mod raster;

pub use planar_row::PlanarRow;
pub use raster::Raster;

/// The working value of full intensity or full opacity: 255 * 64.
pub const ONE: i32 = 16_320;

/// Channels of an interleaved working pixel: R G B A, premultiplied by alpha.
pub const CHANNELS: usize = 4;
