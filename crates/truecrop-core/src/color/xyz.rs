//! XYZ relative to D50, which profiles connect by: sRGB and other primaries in it, and the cube roots of L*a*b*.

/// (x, y) of white, red, green and blue.
pub(super) type Primaries = [(f64, f64); 4];

pub(super) const D65: (f64, f64) = (0.3127, 0.3290);

/// White of the profile connection space (ICC.1, 7.2.16).
pub(super) const D50: [f64; 3] = [0.9642, 1.0, 0.8249];

/// Linear sRGB to XYZ, adapted to D50 by Bradford's matrix, as in the sRGB profiles of the ICC.
const SRGB_TO_XYZ_D50: [[f64; 3]; 3] = [
    [0.436_074_7, 0.385_064_9, 0.143_080_4],
    [0.222_504_5, 0.716_878_6, 0.060_616_9],
    [0.013_932_2, 0.097_104_5, 0.714_173_3],
];

const IDENTITY: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

/// Bradford's cone response (ICC.1, annex E).
const BRADFORD: [[f64; 3]; 3] =
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]];

/// XYZ relative to D50 to linear sRGB.
pub(super) fn xyz_to_srgb() -> [[f64; 3]; 3] {
    // The inverse of a constant matrix of full rank.
    inverse(&SRGB_TO_XYZ_D50).unwrap_or(IDENTITY)
}

/// Where the cube root of L*a*b* begins; below it is straight (CIE 15).
const STRAIGHT: f64 = 6.0 / 29.0;

/// The cube root f that L*a*b* takes of the ratios X/Xn, Y/Yn and Z/Zn.
#[cfg(feature = "formats")]
pub(super) fn f(ratio: f64) -> f64 {
    if ratio > STRAIGHT * STRAIGHT * STRAIGHT {
        libm::cbrt(ratio)
    } else {
        ratio / (3.0 * STRAIGHT * STRAIGHT) + 4.0 / 29.0
    }
}

/// The ratio of its cube root [`f`].
pub(super) fn f_inverse(f: f64) -> f64 {
    if f > STRAIGHT { f * f * f } else { 3.0 * STRAIGHT * STRAIGHT * (f - 4.0 / 29.0) }
}

/// The colorants of primaries, adapted from their white to D50.
pub(super) fn to_xyz_d50([white, red, green, blue]: Primaries) -> Option<[[f64; 3]; 3]> {
    let xyz = |(x, y): (f64, f64)| [x / y, 1.0, (1.0 - x - y) / y];
    if [white, red, green, blue].iter().any(|p| p.1 < 1e-4) {
        return None;
    }
    let (white, columns) = (xyz(white), [xyz(red), xyz(green), xyz(blue)]);
    let primaries = [0, 1, 2].map(|i| columns.map(|c| c[i]));
    let scale = apply(&inverse(&primaries)?, white);
    let to_xyz = primaries.map(|row| [row[0] * scale[0], row[1] * scale[1], row[2] * scale[2]]);
    let (from, to) = (apply(&BRADFORD, white), apply(&BRADFORD, D50));
    if from.iter().any(|v| v.abs() < 1e-6) {
        return None;
    }
    let mut i = 0;
    let scaled = BRADFORD.map(|row| {
        i += 1;
        row.map(|v| v * to[i - 1] / from[i - 1])
    });
    Some(product(&product(&inverse(&BRADFORD)?, &scaled), &to_xyz))
}

pub(super) fn apply(m: &[[f64; 3]; 3], v: [f64; 3]) -> [f64; 3] {
    m.map(|row| row[0] * v[0] + row[1] * v[1] + row[2] * v[2])
}

pub(super) fn product(a: &[[f64; 3]; 3], b: &[[f64; 3]; 3]) -> [[f64; 3]; 3] {
    a.map(|row| [0, 1, 2].map(|j| row[0] * b[0][j] + row[1] * b[1][j] + row[2] * b[2][j]))
}

/// By cofactors; `None` when there is none.
pub(super) fn inverse(m: &[[f64; 3]; 3]) -> Option<[[f64; 3]; 3]> {
    let minor = |r: usize, c: usize| {
        let (r1, r2, c1, c2) = ((r + 1) % 3, (r + 2) % 3, (c + 1) % 3, (c + 2) % 3);
        m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1]
    };
    let determinant = m[0][0] * minor(0, 0) + m[0][1] * minor(0, 1) + m[0][2] * minor(0, 2);
    let rows = [0, 1, 2].map(|r| [0, 1, 2].map(|c| minor(c, r) / determinant));
    (determinant.abs() > 1e-9).then_some(rows)
}
