//! Where the pixels of a turned output lie in the incoming picture, and how much of the picture each of them shows.

use crate::pixel::ONE;

/// One incoming pixel, in the steps that positions are counted in.
pub(super) const PIXEL: i64 = 1 << 32;

/// The map from output pixels to the incoming picture, in 1/2^32 incoming pixel; (0, 0) is the incoming picture's corner.
///
/// It is counted from the output's middle, so that a mirrored output has exactly the mirrored positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Affine {
    middle: [i64; 2],
    half_u: [i64; 2],
    half_v: [i64; 2],
    picture: Option<[[i64; 2]; 2]>,
    outside: i64,
}

/// Where an output lies, in incoming pixels.
pub struct OutputPlace {
    /// The output's middle.
    pub middle: [f64; 2],
    /// The step to the next output column.
    pub per_u: [f64; 2],
    /// The step to the next output row.
    pub per_v: [f64; 2],
    /// Where the picture begins and ends on each axis, when the output may leave it.
    pub picture: Option<[[f64; 2]; 2]>,
    /// How much what lies outside the crop counts under a filter, from 0 to 1.
    pub outside: f64,
}

impl Affine {
    /// From real numbers.
    pub fn new(place: &OutputPlace) -> Self {
        let OutputPlace { middle, per_u, per_v, picture, outside } = *place;
        let fixed = |v: f64| libm::floor(v * PIXEL as f64 + 0.5) as i64;
        let half = |v: f64| if v < 0.0 { -fixed(-v / 2.0) } else { fixed(v / 2.0) };
        let picture = picture.map(|axes| axes.map(|ends| ends.map(fixed)));
        let outside = (outside * PIXEL as f64) as i64;
        Self { middle: middle.map(fixed), half_u: per_u.map(half), half_v: per_v.map(half), picture, outside }
    }

    /// The output's axes in the incoming picture.
    pub(super) fn axes(&self) -> OutputAxes {
        let steps = [self.half_u, self.half_v].map(|step| step.map(|half| half as f64 * 2.0 / PIXEL as f64));
        let ratios = steps.map(|[x, y]| libm::sqrt(x * x + y * y));
        let [u, v] = steps;
        let area = u[0] * v[1] - u[1] * v[0];
        let fixed = |value: f64| {
            let whole = libm::floor(value.abs() * 65_536.0 + 0.5) as i64;
            if value < 0.0 { -whole } else { whole }
        };
        let along = [
            [v[1], -v[0]].map(|value| fixed(value / area * ratios[0])),
            [-u[1], u[0]].map(|value| fixed(value / area * ratios[1])),
        ];
        OutputAxes { steps, ratios, along }
    }

    /// The position of the output's middle.
    pub(super) fn middle(&self) -> [i64; 2] {
        self.middle
    }

    /// How much what lies outside the crop counts, of [`PIXEL`].
    pub(super) fn outside(&self) -> i64 {
        self.outside
    }

    /// Whether the incoming y falls along an output row.
    pub(super) fn falling(&self) -> bool {
        self.half_u[1] < 0
    }

    /// The centre of the output pixel that lies this many half pixels from the output's middle.
    fn centre(&self, axis: usize, [u, v]: [i64; 2]) -> i64 {
        self.middle[axis] + self.half_u[axis] * u + self.half_v[axis] * v
    }

    /// Where an output pixel looks on one axis: at the middle of that part of its width that the picture covers, or at the
    /// picture's nearer end. This never falls where the pixel's centre rises.
    pub(super) fn looks_at(&self, axis: usize, from_middle: [i64; 2]) -> i64 {
        let centre = self.centre(axis, from_middle);
        let Some(picture) = self.picture else {
            return centre;
        };
        let [near, far] = picture[axis];
        let half = self.half_u[axis].abs() + self.half_v[axis].abs();
        let (low, high) = (centre - half, centre + half);
        if low >= near && high <= far {
            return centre;
        }
        low.clamp(near, far).midpoint(high.clamp(near, far))
    }

    /// The share of an output pixel's square that the picture covers, of [`ONE`].
    pub(super) fn coverage(&self, from_middle: [i64; 2]) -> i32 {
        let Some(picture) = self.picture else {
            return ONE;
        };
        let mut share = 1.0;
        for (axis, [near, far]) in picture.into_iter().enumerate() {
            let centre = self.centre(axis, from_middle);
            let sides = [self.half_u, self.half_v].map(|half| half[axis].abs() as f64 * 2.0 / PIXEL as f64);
            let beyond = |distance: i64| share_behind_edge(distance as f64 / PIXEL as f64, sides);
            share *= (beyond(centre - near) + beyond(far - centre) - 1.0).max(0.0);
        }
        (share * f64::from(ONE) + 0.5) as i32
    }
}

/// The axes of an output, u along its rows and v along its columns, in the incoming picture.
pub(super) struct OutputAxes {
    /// The incoming x and y of a step to the next output pixel.
    pub(super) steps: [[f64; 2]; 2],
    /// How many incoming pixels that is.
    pub(super) ratios: [f64; 2],
    /// The distance along each axis that a step to the next incoming column, and row, makes: in 1/2^16 incoming pixel.
    pub(super) along: [[i64; 2]; 2],
}

/// The share of a turned unit square on the inner side of an edge. `inside`: how far its centre lies inside; `sides`: how
/// long its sides are across the edge.
fn share_behind_edge(inside: f64, sides: [f64; 2]) -> f64 {
    // Of a square that is not turned one side has no length: it is kept so that the division is safe.
    let [a, b] = sides.map(|side| side.max(1e-6));
    let (outer, inner) = ((a + b) / 2.0, (a - b) / 2.0);
    if inside >= outer || inside <= -outer {
        return if inside > 0.0 { 1.0 } else { 0.0 };
    }
    // The sum of two uniform spreads, integrated: areas of triangles, added and taken away.
    let area = |v: f64| v.max(0.0) * v.max(0.0) / 2.0;
    (area(inside + outer) - area(inside + inner) - area(inside - inner)) / (a * b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_is_cut_by_area() {
        // inside, the sides' lengths across the edge, share
        let cases = [
            (0.0, [1.0, 0.0], 0.5),
            (0.25, [1.0, 0.0], 0.75),
            (0.5, [1.0, 0.0], 1.0),
            (-0.5, [0.0, 1.0], 0.0),
            (0.0, [0.7, 0.7], 0.5),
            // at 45 degrees: a corner of half the height is a quarter of a half
            (-0.35, [0.7, 0.7], 0.125),
            (0.35, [0.7, 0.7], 0.875),
        ];
        for (inside, sides, want) in cases {
            let got = share_behind_edge(inside, sides);
            assert!((got - want).abs() < 1e-5, "{inside} {sides:?}: {got}");
        }
    }
}
