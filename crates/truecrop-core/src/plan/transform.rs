//! From output pixels to stored pixels: the crop, its turn and flip, and the source's EXIF orientation in one map.

use crate::geometry::{GRID, Size};
use crate::probe::Probe;
use crate::recipe::{Filter, Recipe};
use crate::resample::span::{STEPS, Span};
use crate::resample::{Affine, OutputPlace};
use crate::view::Bounds;

/// The most pixels of an upright picture for each output pixel, on any of its axes.
const MOST_SPREAD: f64 = 8.0;

/// The product of sine and cosine from which an output counts as fully turned: at about one degree.
const FULLY_TURNED: f64 = 0.0175;

/// Where a stored side ends at a scale, in [`STEPS`] of a decoded pixel: within the last decoded pixel, unless the side is a
/// multiple of what a decoded pixel stands for.
pub(super) fn true_end(side: u32, scale: u8) -> i64 {
    i64::from(side) * i64::from(scale) * (STEPS / 8)
}

/// Whether this build cuts gain maps. Where it does not, the compiler sees that each picture is stated in its own pixels.
const FORMATS: bool = cfg!(feature = "formats");

/// The map of one recipe onto one stored picture at one DCT scale.
///
/// A point at (U, V) source pixels from the frame's centre is seen at stored position
/// `centre + matrix * (U, V)`, in stored pixels at scale 1.
pub(super) struct Transform {
    /// In 1/512 stored pixel, exact.
    centre: [i64; 2],
    matrix: [[f64; 2]; 2],
    /// Along each stored axis: pixels of the picture, and of the one in whose pixels the crop is stated. They differ for a gain
    /// map, which lies stretched over its base.
    density: [(i64, i64); 2],
    /// The crop's sides in grid steps.
    sides: [i64; 2],
    quarters: bool,
    scale: i64,
    /// Where the stored picture ends, in [`STEPS`] of a decoded pixel.
    ends: [i64; 2],
}

impl Transform {
    pub fn new(probe: &Probe, recipe: &Recipe, scale: u8) -> Self {
        let (orientation, canvas) = (probe.orientation(), probe.canvas());
        let oriented = orientation.apply(canvas);
        let crop = recipe.crop();
        let mut centre = [crop.left() + crop.right(), crop.top() + crop.bottom()];
        let mut matrix = rotation(recipe);
        let far = [i64::from(oriented.width) * 2 * GRID, i64::from(oriented.height) * 2 * GRID];
        for (axis, mirrored) in [orientation.mirrors_x(), orientation.mirrors_y()].into_iter().enumerate() {
            if mirrored {
                centre[axis] = far[axis] - centre[axis];
                matrix[axis] = matrix[axis].map(|m| -m);
            }
        }
        if orientation.transposes() {
            centre.swap(0, 1);
            matrix.swap(0, 1);
        }
        let sides = [crop.right() - crop.left(), crop.bottom() - crop.top()];
        let stored = probe.stored();
        let ends = [stored.width, stored.height].map(|side| true_end(side, scale));
        let density = [(stored.width, canvas.width), (stored.height, canvas.height)];
        let density = density.map(|(own, stated)| (own.into(), stated.into()));
        let quarters = recipe.turn().quarters().is_some();
        Self { centre, matrix, density, sides, quarters, scale: scale.into(), ends }
    }

    /// Whether the crop, turned, lies inside the picture, so that no background shows.
    pub fn covers(recipe: &Recipe, source: Size) -> bool {
        let first = recipe.outputs()[0].size();
        crate::view::view_of_crop(source, first, Bounds::Cover, recipe.crop(), recipe.turn(), recipe.flip())
            .is_ok()
    }

    /// Spans along the stored axes, and whether stored rows are output columns; `None` at other angles.
    pub fn quarter(&self, output: Size) -> Option<(Span, Span, bool)> {
        if !self.quarters {
            return None;
        }
        let transposed = self.matrix[0][0] == 0.0;
        let counts = [output.width, output.height];
        let span = |axis: usize| {
            // The frame's axis (0 = u, 1 = v) that lies along this stored axis.
            let along = if transposed { 1 - axis } else { axis };
            let half = self.sides[along];
            let start = self.own_steps(axis, (self.centre[axis] - half) * self.scale);
            let end = self.own_steps(axis, (self.centre[axis] + half) * self.scale);
            Span {
                start,
                // At least a step, where that is less than half a step of a gain map's.
                end: end.max(start + 1),
                count: counts[along],
                mirrored: self.matrix[axis][along] < 0.0,
            }
        };
        Some((span(0), span(1), transposed))
    }

    /// A place on a stored axis, in [`STEPS`] of the pixels that the crop is stated in, to the nearest step of the own ones.
    fn own_steps(&self, axis: usize, steps: i64) -> i64 {
        let (own, stated) = self.density[axis];
        if !FORMATS || own == stated { steps } else { (2 * steps * own + stated).div_euclid(2 * stated) }
    }

    /// Own pixels for each stated one, along a stored axis.
    fn share(&self, axis: usize) -> f64 {
        let (own, stated) = self.density[axis];
        if FORMATS { own as f64 / stated as f64 } else { 1.0 }
    }

    /// Stated pixels, at the decode's scale, for each output pixel along both axes of the frame.
    fn stated_ratios(&self, output: Size) -> [f64; 2] {
        let decoded = |side: i64| side as f64 / GRID as f64 * self.scale as f64 / 8.0;
        [decoded(self.sides[0]) / f64::from(output.width), decoded(self.sides[1]) / f64::from(output.height)]
    }

    /// Decoded pixels for each output pixel along both axes of the frame.
    fn ratios(&self, output: Size) -> [f64; 2] {
        let stated = self.stated_ratios(output);
        if !FORMATS || self.density.iter().all(|(own, stated)| own == stated) {
            return stated;
        }
        [0, 1].map(|frame| {
            let along = [0, 1].map(|axis| self.matrix[axis][frame] * self.share(axis));
            stated[frame] * libm::sqrt(along[0] * along[0] + along[1] * along[1])
        })
    }

    /// Decoded pixels per output pixel, on the axis where there are fewer.
    pub fn least_shrink(&self, output: Size) -> f64 {
        let [x, y] = self.ratios(output);
        x.min(y)
    }

    /// The centre in decoded pixels.
    fn middle(&self) -> [f64; 2] {
        [0, 1].map(|axis| (self.centre[axis] * self.scale) as f64 / STEPS as f64 * self.share(axis))
    }

    /// How far apart the pixels of an upright picture may lie on each stored axis, in decoded pixels, to be `density` for each
    /// output pixel: at least 1.
    pub fn pitch(&self, output: Size, density: f64) -> [f64; 2] {
        let ratios = self.ratios(output).map(|ratio| ratio.max(1.0));
        // A crop that is stretched a lot would otherwise need a kernel of any length.
        let least = ratios[0].max(ratios[1]) / MOST_SPREAD;
        self.matrix.map(|[u, v]| {
            let (u, v) = (u / ratios[0], v / ratios[1]);
            (1.0 / (density * libm::sqrt(u * u + v * v))).max(least).max(1.0)
        })
    }

    /// How much counts under a turned output's filter what lies outside its crop, from 0 to 1.
    ///
    /// A crop that is not turned shows nothing of it, because its edge may lie between two pixels. At an angle no edge does,
    /// and a filter that ends there would let pass what the output cannot show. In between the one becomes the other.
    fn outside(&self) -> f64 {
        let [u, v] = self.matrix[0];
        (u * v / FULLY_TURNED).abs().min(1.0)
    }

    /// The decoded pixels that a turned output needs around its crop, for its filter and the one before it.
    pub fn reach(&self, output: Size, filter: Filter, pitch: [f64; 2]) -> f64 {
        let ratios = self.ratios(output);
        let own = filter.support() * ratios[0].max(ratios[1]).max(1.0);
        (own + 2.0 * pitch[0].max(pitch[1])) * self.outside()
    }

    /// The upright box of decoded pixels that far around a turned crop, cut to the picture, as spans of pixels that far apart.
    /// Beside the picture it is left as it is.
    pub fn upright_box(&self, pitch: [f64; 2], reach: f64, decoded: Size) -> [Span; 2] {
        let middle = self.middle();
        let half = self.sides.map(|s| s as f64 / GRID as f64 * self.scale as f64 / 16.0);
        [0, 1].map(|axis| {
            let sides = [0, 1].map(|frame| self.matrix[axis][frame].abs());
            let half = half.map(|half| half * self.share(axis));
            let extent = sides[0] * half[0] + sides[1] * half[1];
            // Of a crop that is hardly turned the box begins where it would if it were not: pixels that are wider than the
            // decoded ones would bring in what lies beside it.
            let straight = if sides[0] > sides[1] { half[0] } else { half[1] };
            let beyond = extent - straight + reach;
            let beyond = if pitch[axis] > 1.0 { libm::floor(beyond) } else { beyond };
            let low = libm::floor(middle[axis] - straight - beyond) as i64;
            let high = libm::ceil(middle[axis] + straight + beyond).max(low as f64 + 1.0) as i64;
            let side = i64::from([decoded.width, decoded.height][axis]);
            let inside = (low.max(0), high.min(side));
            let (low, high) = if inside.0 < inside.1 { inside } else { (low, high) };
            let count = libm::ceil((high - low) as f64 / pitch[axis]).max(1.0) as u32;
            // The last decoded pixel may lie in the picture in part.
            let end = if high == side { self.ends[axis] } else { high * STEPS };
            Span { start: low * STEPS, end, count, mirrored: false }
        })
    }

    /// Output pixels in the picture that the spans make. `open`: they may show what lies beside the picture.
    pub fn affine(&self, output: Size, spans: [&Span; 2], open: bool) -> Affine {
        let pitch = spans.map(|s| (s.end - s.start) as f64 / STEPS as f64 / f64::from(s.count));
        let start = spans.map(|s| s.start as f64 / STEPS as f64);
        let to_incoming = |axis: usize, position: f64| (position - start[axis]) / pitch[axis];
        let (step, middle) = (self.stated_ratios(output), self.middle());
        let per = |frame: usize| {
            [0, 1].map(|axis| self.matrix[axis][frame] * step[frame] * self.share(axis) / pitch[axis])
        };
        let end = |axis: usize| self.ends[axis] as f64 / STEPS as f64;
        let picture = [0, 1].map(|axis| [to_incoming(axis, 0.0), to_incoming(axis, end(axis))]);
        let middle = [0, 1].map(|axis| to_incoming(axis, middle[axis]));
        Affine::new(&OutputPlace {
            middle,
            per_u: per(0),
            per_v: per(1),
            picture: open.then_some(picture),
            outside: self.outside(),
        })
    }
}

/// The size of a gain map's output beside an output of its base.
///
/// Along each side as many pixels as the map has for the pixels of the output, rounded up; where the output is enlarged, as the map
/// has for the crop. At other angles than quarter turns both sides take the map's finer axis.
#[cfg(feature = "formats")]
pub(super) fn map_size(map: &Probe, recipe: &Recipe, output: Size) -> Size {
    let transform = Transform::new(map, recipe, 8);
    let [across, down] = transform.density;
    let finer = if across.0 * down.1 >= down.0 * across.1 { across } else { down };
    let sides = [output.width, output.height];
    let side = |frame: usize| {
        let (own, stated) = match transform.quarters {
            true => transform.density[usize::from(transform.matrix[frame][frame] == 0.0) ^ frame],
            false => finer,
        };
        let seen = (i64::from(sides[frame]) * GRID).min(transform.sides[frame]);
        (seen * own).div_euclid(GRID * stated) + i64::from((seen * own).rem_euclid(GRID * stated) > 0)
    };
    Size::new(side(0).max(1) as u32, side(1).max(1) as u32)
}

/// F R(-rotate): the turn undone, then mirrored.
fn rotation(recipe: &Recipe) -> [[f64; 2]; 2] {
    let (x, y) = (recipe.turn().undo((1.0, 0.0)), recipe.turn().undo((0.0, 1.0)));
    let sign = |mirrored: bool| if mirrored { -1.0 } else { 1.0 };
    let (fx, fy) = (sign(recipe.flip().horizontal()), sign(recipe.flip().vertical()));
    [[fx * x.0, fx * y.0], [fy * x.1, fy * y.1]]
}
