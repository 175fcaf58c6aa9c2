//! Predicts each pixel from its neighbours, and chooses the prediction mode of each tile (RFC 9649, 4.1).

use super::{Pixel, Pixels};

/// The pixels of a tile, 32 x 32, share a mode.
pub(super) const TILE_BITS: u32 = 5;
const TILE: usize = 1 << TILE_BITS;

/// The modes that are tried, by their numbers in the format: gradient (12), select (11), average of left and top (7),
/// left (1), top (2) and black (0). None of them uses the pixel above to the right.
const MODES: [u8; 6] = [12, 11, 7, 1, 2, 0];

const BLACK: Pixel = [0, 0, 0, 255];

/// The mode of each tile.
pub(super) struct Modes {
    modes: Vec<u8>,
    across: usize,
}

impl Modes {
    /// The mode with the smallest residuals, for each tile.
    pub(super) fn choose(pixels: &Pixels<'_>) -> Self {
        let (across, down) = (pixels.width.div_ceil(TILE), pixels.height.div_ceil(TILE));
        let tiles = (0..down).flat_map(|v| (0..across).map(move |u| (u, v)));
        Self { modes: tiles.map(|(u, v)| best(pixels, u * TILE, v * TILE)).collect(), across }
    }

    pub(super) fn across(&self) -> usize {
        self.across
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = u8> {
        self.modes.iter().copied()
    }

    fn at(&self, x: usize, y: usize) -> u8 {
        self.modes[y / TILE * self.across + x / TILE]
    }
}

fn best(pixels: &Pixels<'_>, left: usize, top: usize) -> u8 {
    let mut sums = MODES.map(|mode| (0u64, mode));
    for y in top..pixels.height.min(top + TILE) {
        for x in left..pixels.width.min(left + TILE) {
            let around = Around::new(pixels, x, y);
            let pixel = pixels.at(x, y);
            for (sum, mode) in &mut sums {
                *sum += magnitude(residual(pixel, around.predict(*mode)));
            }
        }
    }
    // Of several that are equally good, the first one.
    sums.into_iter().min_by_key(|(sum, _)| *sum).map_or(0, |(_, mode)| mode)
}

/// The sum of the absolute values of a residual's channels: an estimate of the bits it takes.
fn magnitude(residual: Pixel) -> u64 {
    residual.iter().map(|v| u64::from(v.cast_signed().unsigned_abs())).sum()
}

fn residual(pixel: Pixel, predicted: Pixel) -> Pixel {
    std::array::from_fn(|c| pixel[c].wrapping_sub(predicted[c]))
}

/// The residuals of a whole picture.
pub(super) struct Residuals(Vec<Pixel>);

impl Residuals {
    pub(super) fn new(pixels: &Pixels<'_>, modes: &Modes) -> Self {
        let places = (0..pixels.height).flat_map(|y| (0..pixels.width).map(move |x| (x, y)));
        Self(
            places
                .map(|(x, y)| residual(pixels.at(x, y), Around::new(pixels, x, y).predict(modes.at(x, y))))
                .collect(),
        )
    }

    pub(super) fn pixels(&self) -> &[Pixel] {
        &self.0
    }
}

/// A pixel's neighbours.
enum Around {
    /// On the picture's edge the format allows only one prediction.
    Edge(Pixel),
    Inside {
        left: Pixel,
        top: Pixel,
        corner: Pixel,
    },
}

impl Around {
    fn new(pixels: &Pixels<'_>, x: usize, y: usize) -> Self {
        match (x, y) {
            (0, 0) => Around::Edge(BLACK),
            (_, 0) => Around::Edge(pixels.at(x - 1, 0)),
            (0, _) => Around::Edge(pixels.at(0, y - 1)),
            _ => Around::Inside {
                left: pixels.at(x - 1, y),
                top: pixels.at(x, y - 1),
                corner: pixels.at(x - 1, y - 1),
            },
        }
    }

    fn predict(&self, mode: u8) -> Pixel {
        let (left, top, corner) = match *self {
            Around::Edge(only) => return only,
            Around::Inside { left, top, corner } => (left, top, corner),
        };
        match mode {
            1 => left,
            2 => top,
            7 => std::array::from_fn(|c| left[c].midpoint(top[c])),
            11 => select(left, top, corner),
            12 => std::array::from_fn(|c| {
                (i16::from(left[c]) + i16::from(top[c]) - i16::from(corner[c])).clamp(0, 255) as u8
            }),
            _ => BLACK,
        }
    }
}

/// Left or top, whichever is nearer to `left + top - corner`.
fn select(left: Pixel, top: Pixel, corner: Pixel) -> Pixel {
    let distance = |a: Pixel| -> u32 { (0..4).map(|c| u32::from(a[c].abs_diff(corner[c]))).sum() };
    // Left is as far from the estimate as top is from the corner, and top is as far from it as left is from the corner.
    if distance(top) < distance(left) { left } else { top }
}
