//! Whether a picture shows nothing outside of its output's mask: the file alone can tell.

use crate::error::{Result, not_canonical};
use crate::pixel::{Raster, ellipse};
use crate::recipe::{Mask, OutputSpec};

/// Checks a lossless picture, which also holds no colours where it is transparent.
///
/// # Errors
/// [`Code::NotCanonical`](crate::Code::NotCanonical).
pub(super) fn check_raster(raster: &Raster, spec: &OutputSpec) -> Result<()> {
    let pixels = raster.data.as_chunks::<4>().0;
    check(spec, raster.alpha.then_some(&|i| pixels[i][3]))?;
    match pixels.iter().position(|pixel| pixel[3] == 0 && *pixel != [0; 4]) {
        Some(at) if raster.alpha => {
            let error = not_canonical("The output has colours where it is transparent: nobody sees them.");
            Err(error.figures("none", place(at, spec)))
        }
        _ => Ok(()),
    }
}

/// Checks the opacity of a lossy picture, row by row; `None`: it cannot be transparent.
///
/// # Errors
/// [`Code::NotCanonical`](crate::Code::NotCanonical).
pub(super) fn check_opacity(opacity: Option<&[u8]>, spec: &OutputSpec) -> Result<()> {
    match opacity {
        Some(opacity) => check(spec, Some(&|i| opacity[i])),
        None => check(spec, None),
    }
}

/// No pixel may be more opaque than its share of the mask.
fn check(spec: &OutputSpec, opacity: Option<&dyn Fn(usize) -> u8>) -> Result<()> {
    let Some(Mask::Ellipse) = spec.mask() else { return Ok(()) };
    let foreign = || not_canonical("The output shows something outside of its mask.");
    let Some(opacity) = opacity else {
        return Err(foreign().figures("opacity", "none"));
    };
    let width = spec.size().width as usize;
    let mut outside = None;
    ellipse::each_row(spec.size(), |row, shares| {
        let mut pixels = (row * width..).zip(shares);
        let found = pixels.find(|(i, share)| opacity(*i) > ellipse::masked(255, **share));
        outside = outside.or(found.map(|(i, _)| i));
    });
    outside.map_or(Ok(()), |at| Err(foreign().figures("nothing", place(at, spec))))
}

fn place(at: usize, spec: &OutputSpec) -> String {
    let width = spec.size().width as usize;
    format!("a pixel at {}, {}", at % width, at / width)
}
