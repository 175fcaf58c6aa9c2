//! Forward DCT and quantisation: turns 8 x 8 samples into quantised coefficients, eight lanes at once.
//!
//! The forward DCT is the accurate integer method of Loeffler, Ligtenberg and Moschytz (ICASSP 1989), with the same
//! constants and roundings as the decoder's inverse. Columns come first, then rows: the result stays transposed,
//! which the zigzag order of the file undoes at no cost.

/// Fraction bits of the constants.
const CONST: u32 = 13;
/// Fraction bits that stay between the two passes.
const PASS: u32 = 2;

/// 64 coefficients, transposed: horizontal frequency `u` and vertical frequency `v` lie at `8 u + v`.
pub(super) type Transposed = [i16; 64];

type Lanes = [i32; 8];

#[inline(always)]
fn descale<const BITS: u32>(value: i32) -> i32 {
    (value + (1 << (BITS - 1))) >> BITS
}

/// One dimension of the transform: sums for the even half, differences for the odd one. Products are divided by 2^`BITS`,
/// halves up; `plain` brings the two outputs without products to the same scale.
#[inline(always)]
fn eight<const BITS: u32>(x: [i32; 8], plain: impl Fn(i32) -> i32) -> [i32; 8] {
    let (s0, s1, s2, s3) = (x[0] + x[7], x[1] + x[6], x[2] + x[5], x[3] + x[4]);
    let (d0, d1, d2, d3) = (x[0] - x[7], x[1] - x[6], x[2] - x[5], x[3] - x[4]);

    let (e0, e1, e2, e3) = (s0 + s3, s1 + s2, s1 - s2, s0 - s3);
    let z = (e2 + e3) * 4433;

    let z1 = (d3 + d0) * -7373;
    let z2 = (d2 + d1) * -20995;
    let (p, q) = (d3 + d1, d2 + d0);
    let z5 = (p + q) * 9633;
    let z3 = p * -16069 + z5;
    let z4 = q * -3196 + z5;
    [
        plain(e0 + e1),
        descale::<BITS>(d0 * 12299 + z1 + z4),
        descale::<BITS>(e3 * 6270 + z),
        descale::<BITS>(d1 * 25172 + z2 + z3),
        plain(e0 - e1),
        descale::<BITS>(d2 * 16819 + z2 + z4),
        descale::<BITS>(e2 * -15137 + z),
        descale::<BITS>(d3 * 2446 + z1 + z3),
    ]
}

/// Fraction bits of the reciprocals: enough for every numerator below 2^11 and step below 2^8 (see [`Quantizer`]).
const RECIPROCAL: u32 = 19;

/// Divides coefficients by the steps of a quantisation table, exactly, with halves rounded away from zero.
///
/// Coefficients are scaled by 8, so the quotient is that of `|c| + 4 step` by `8 step`, which is that of
/// `(|c| + 4 step) / 8` by `step`. That numerator is below 2^11 and the step below 2^8; with `m = 2^19 / step + 1`
/// the product `n m` exceeds `2^19 n / step` by at most `n < 2^11`, too little to reach the next whole number.
pub(super) struct Quantizer {
    /// Halves of the steps, scaled by 8, transposed.
    half: [Lanes; 8],
    reciprocal: [Lanes; 8],
}

impl Quantizer {
    /// `steps`: row by row, 1 to 255.
    #[inline(never)]
    pub(super) fn new(steps: &[u8; 64]) -> Self {
        let step = |u: usize, v: usize| i32::from(steps[8 * v + u].max(1));
        let mut made = Self { half: [[0; 8]; 8], reciprocal: [[0; 8]; 8] };
        for u in 0..8 {
            for v in 0..8 {
                made.half[u][v] = 4 * step(u, v);
                made.reciprocal[u][v] = (1 << RECIPROCAL) / step(u, v) + 1;
            }
        }
        made
    }

    #[inline(always)]
    fn divide(&self, u: usize, v: usize, c: i32) -> i16 {
        let quotient = (((c.abs() + self.half[u][v]) >> 3) * self.reciprocal[u][v]) >> RECIPROCAL;
        let sign = c >> 31;
        ((quotient ^ sign) - sign) as i16
    }
}

/// The quantised coefficients of the 8 x 8 samples (-128 to 127) that begin at `plane[0]`, rows `stride` apart.
///
/// Each loop runs over eight lanes, so that the compiler makes vectors of it.
#[inline(always)]
pub(super) fn transform(plane: &[i16], stride: usize, quantizer: &Quantizer) -> Transposed {
    let mut samples = [[0_i16; 8]; 8];
    for (row, line) in samples.iter_mut().zip(plane.chunks(stride)) {
        if let Some(line) = line.first_chunk() {
            *row = *line;
        }
    }
    let mut columns = [[0_i32; 8]; 8];
    for x in 0..8 {
        let [a, b, c, d, e, f, g, h] = &samples;
        let made = eight::<{ CONST - PASS }>(
            [a[x], b[x], c[x], d[x], e[x], f[x], g[x], h[x]].map(i32::from),
            |value| value << PASS,
        );
        let [a, b, c, d, e, f, g, h] = &mut columns;
        [a[x], b[x], c[x], d[x], e[x], f[x], g[x], h[x]] = made;
    }
    let rows = transpose(columns);
    let mut out = [[0_i16; 8]; 8];
    for v in 0..8 {
        let [a, b, c, d, e, f, g, h] = &rows;
        let made =
            eight::<{ CONST + PASS }>([a[v], b[v], c[v], d[v], e[v], f[v], g[v], h[v]], descale::<PASS>);
        let [a, b, c, d, e, f, g, h] = &mut out;
        let divide = |u| quantizer.divide(u, v, made[u]);
        [a[v], b[v], c[v], d[v]] = [divide(0), divide(1), divide(2), divide(3)];
        [e[v], f[v], g[v], h[v]] = [divide(4), divide(5), divide(6), divide(7)];
    }
    let mut transposed = [0; 64];
    transposed.copy_from_slice(out.as_flattened());
    transposed
}

#[inline(always)]
fn transpose(a: [[i32; 8]; 8]) -> [[i32; 8]; 8] {
    let mut out = [[0; 8]; 8];
    for i in 0..8 {
        for j in 0..8 {
            out[i][j] = a[j][i];
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quotients_are_those_of_a_division() {
        for step in 1..=255u8 {
            let quantizer = Quantizer::new(&[step; 64]);
            for c in 0..=8192 {
                let want = (c + 4 * i32::from(step)) / (8 * i32::from(step));
                assert_eq!(i32::from(quantizer.divide(3, 5, c)), want, "{c} by {step}");
                assert_eq!(i32::from(quantizer.divide(3, 5, -c)), -want, "-{c} by {step}");
            }
        }
    }

    /// The definition (T.81, A.3.3) in floats.
    fn by_definition(samples: &[i16], u: usize, v: usize) -> f64 {
        let basis = |x: usize, k: usize| {
            let scale = if k == 0 { 0.125f64.sqrt() } else { 0.5 };
            scale * (std::f64::consts::PI * (2 * x + 1) as f64 * k as f64 / 16.0).cos()
        };
        (0..64).map(|i| f64::from(samples[i]) * basis(i % 8, u) * basis(i / 8, v)).sum()
    }

    proptest! {
        #[test]
        fn coefficients_are_those_of_the_definition(
            samples in prop::collection::vec(prop_oneof![Just(-128i16), Just(127), -128i16..=127], 64)
        ) {
            let got = transform(&samples, 8, &Quantizer::new(&[1; 64]));
            for (at, &got) in got.iter().enumerate() {
                let want = by_definition(&samples, at / 8, at % 8);
                // Rounding to whole numbers, and a little for the roundings on the way.
                prop_assert!((f64::from(got) - want).abs() < 0.75, "{at}: {got}, {want}");
            }
        }
    }
}
