//! The filters' shapes.

use crate::recipe::Filter;

impl Filter {
    /// Half the filter's width, in pixels of the coarser side.
    pub(crate) fn support(self) -> f64 {
        match self {
            Filter::Lanczos3 => 3.0,
            Filter::CatmullRom => 2.0,
            Filter::Triangle => 1.0,
            Filter::Box => 0.5,
        }
    }

    /// The filter's value at a distance, unscaled; even in `x`.
    ///
    /// [`Filter::Box`] is not sampled but integrated (see [`super::weights`] and [`super::turned_kernel`]), so it has no value
    /// here but 1.
    pub(crate) fn value(self, x: f64) -> f64 {
        let x = x.abs();
        if x > self.support() {
            return 0.0;
        }
        match self {
            Filter::Lanczos3 => lanczos3(x),
            Filter::CatmullRom => catmull_rom(x),
            Filter::Triangle => 1.0 - x,
            Filter::Box => 1.0,
        }
    }
}

/// sinc(x) sinc(x/3) (Duchon 1979), with the sine of `libm`: the same on every target.
///
/// One sine is enough, because sin 3b = sin b (3 - 4 sin² b).
fn lanczos3(x: f64) -> f64 {
    if x == 0.0 {
        return 1.0;
    }
    let b = std::f64::consts::PI * x / 3.0;
    let sine = libm::sin(b);
    let square = sine * sine;
    square * (3.0 - 4.0 * square) / (3.0 * b * b)
}

/// Keys 1981, a = -1/2.
fn catmull_rom(x: f64) -> f64 {
    if x < 1.0 { (1.5 * x - 2.5) * x * x + 1.0 } else { ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0 }
}
