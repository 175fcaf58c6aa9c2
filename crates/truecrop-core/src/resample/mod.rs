//! Own, exact resampling: separable and antialiased, in integers, with a ring of rows.
//!
//! Rows of working samples come in as the decoder makes them; finished pixels of the output go out as soon as their
//! last row is there. Nothing here holds the decoded picture: only the rows under the filter, and the (small) output.
//!
//! | file | what |
//! | --- | --- |
//! | `filter_shape` | the filters' shapes |
//! | `span` | where an output lies on a decoded axis, and in which steps that is counted |
//! | `weights` | one axis: which decoded pixels make each output pixel, with what integer weight |
//! | `real_weights`, `fixed_point` | those weights as real numbers, and how they become integers |
//! | `separable` | the two passes (down and across), with the ring of rows between them |
//! | `convolve` | the innermost sums of both passes, over vectors |
//! | `affine` | where a turned output's pixels lie, and how much of the picture each of them shows |
//! | `turned_kernel` | the filter along a turned output's axes |
//! | `warp` | any other angle than quarter turns |
//! | `finish` | working samples to pixels of the output |
//! | `mask` | what is cut away of the finished output |
//!
//! The scalar code here is the specification; a SIMD version must give the same bits.

mod affine;
mod convolve;
mod finish;
mod filter_shape;
mod fixed_point;
#[cfg(test)]
mod last_pixel_tests;
#[cfg(feature = "formats")]
mod mask;
mod real_weights;
mod separable;
mod turned_kernel;
mod warp;
pub mod span;
pub mod weights;

pub use affine::{Affine, OutputPlace};
pub use finish::Finisher;
#[cfg(feature = "formats")]
pub use mask::Cut;
pub use separable::{InputShape, Separable};
pub use turned_kernel::TurnedKernel;
pub use warp::Warp;

use crate::pixel::{PlanarRow, Raster};

/// One output in the making: takes decoded rows, keeps those under the filter, writes finished pixels.
pub enum Resampler {
    /// Quarter turns and flips: the two axes go straight to the output.
    Straight {
        /// Both axes.
        passes: Separable,
        /// Whether decoded rows are columns of the output.
        transposed: bool,
        /// Where finished pixels go.
        finish: Finisher,
    },
    /// Any other angle: an upright picture of more than twice the output's density, then a warp.
    Warped {
        /// Down to the density that the warp wants.
        passes: Separable,
        /// The turn.
        warp: Box<Warp>,
        /// Where finished pixels go.
        finish: Finisher,
    },
}

impl Resampler {
    /// For quarter turns.
    pub fn straight(passes: Separable, transposed: bool, finish: Finisher) -> Self {
        Resampler::Straight { passes, transposed, finish }
    }

    /// For any angle.
    pub fn warped(
        passes: Separable,
        affine: Affine,
        kernel: TurnedKernel,
        channels: usize,
        finish: Finisher,
    ) -> Self {
        let warp = Warp::new(affine, kernel, channels, passes.size(), finish.size());
        Resampler::Warped { passes, warp: Box::new(warp), finish }
    }

    /// Takes the next decoded row: working samples of the window's columns.
    pub fn push(&mut self, row: &PlanarRow) {
        match self {
            Resampler::Straight { passes, transposed, finish } => {
                let transposed = *transposed;
                passes.push(row, &mut |k, line| {
                    if transposed { finish.column(k, line) } else { finish.row(k, 0, line) }
                });
            }
            Resampler::Warped { passes, warp, finish } => {
                passes.push(row, &mut |_, line| warp.push(line, &mut |v, u, run| finish.row(v, u, run)));
            }
        }
    }

    /// The finished picture. All rows of the window must have been pushed.
    pub fn into_raster(self) -> Raster {
        match self {
            Resampler::Straight { finish, .. } | Resampler::Warped { finish, .. } => finish.into_raster(),
        }
    }
}
