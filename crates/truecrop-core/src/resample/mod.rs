//! Own, exact resampling: separable and antialiased, in integers, with a ring of rows.
//!
//! Rows of working samples come in as the decoder makes them; finished pixels of the output go out as soon as their
//! last row is there. No stage holds the picture: only the rows under the filter, and the (small) output.
//!
//! The scalar code here is the specification; a SIMD version must give the same bits.

mod kernel;
mod lanes;
mod place;
mod separable;
mod warp;
pub mod weights;

#[cfg(target_arch = "x86_64")]
pub(crate) use lanes::has_avx2;
pub use lanes::use_simd;
pub use place::{Finish, Raster};
pub use separable::Separable;
pub use warp::{Affine, Warp, WarpKernel};

use weights::Axis;

/// The working value of full intensity or full opacity: 255 * 64. Samples are `i16`, premultiplied, four channels.
pub const ONE: i32 = 16_320;

/// Channels of a working pixel.
pub const CHANNELS: usize = 4;

/// One output in the making.
pub enum Stage {
    /// Quarter turns and flips: the two axes go straight to the output.
    Straight {
        /// Both axes.
        passes: Separable,
        /// Whether decoded rows are columns of the output.
        transposed: bool,
        /// Where finished pixels go.
        finish: Finish,
    },
    /// Any other angle: an upright picture of about twice the output's density, then a warp.
    Warped {
        /// Down to the density that the warp wants.
        passes: Separable,
        /// The turn.
        warp: Warp,
        /// Where finished pixels go.
        finish: Finish,
    },
}

impl Stage {
    /// A stage for quarter turns.
    pub fn straight(x: Axis, y: Axis, mirrored_y: bool, transposed: bool, finish: Finish) -> Self {
        Stage::Straight { passes: Separable::new(x, y, mirrored_y), transposed, finish }
    }

    /// A stage for any angle.
    pub fn warped(x: Axis, y: Axis, affine: Affine, kernel: WarpKernel, finish: Finish) -> Self {
        let (width, height) = (x.len(), y.len());
        let warp = Warp::new(affine, kernel, (width, height), finish.size());
        Stage::Warped { passes: Separable::new(x, y, false), warp, finish }
    }

    /// Takes the next decoded row: working samples of the window's columns.
    pub fn push(&mut self, row: &[i16]) {
        match self {
            Stage::Straight { passes, transposed, finish } => {
                let transposed = *transposed;
                passes.push(row, &mut |k, line| {
                    if transposed { finish.column(k, line) } else { finish.row(k, 0, line) }
                });
            }
            Stage::Warped { passes, warp, finish } => {
                passes.push(row, &mut |_, line| warp.push(line, &mut |v, u, run| finish.row(v, u, run)));
            }
        }
    }

    /// The finished picture. All rows of the window must have been pushed.
    pub fn into_raster(self) -> Raster {
        match self {
            Stage::Straight { finish, .. } | Stage::Warped { finish, .. } => finish.into_raster(),
        }
    }
}
