//! EXIF orientation: between stored pixels and the picture as people see it.

use super::{Crop, GRID, Size};

/// How the stored pixels must be turned and mirrored for display (EXIF 2.32, tag 0x0112), 1 to 8.
///
/// It is one of the eight symmetries of the square: a transposition (5 to 8 only), followed by mirrors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Orientation(u8);

impl Orientation {
    /// As stored.
    pub const NORMAL: Self = Self(1);

    /// `None` unless 1 to 8.
    pub fn new(value: u16) -> Option<Self> {
        (1..=8).contains(&value).then_some(Self(value as u8))
    }

    /// The EXIF value, 1 to 8.
    pub fn value(self) -> u8 {
        self.0
    }

    /// Whether stored rows are columns of the oriented picture.
    pub fn transposes(self) -> bool {
        self.0 >= 5
    }

    /// Whether x in the oriented picture runs against its stored axis.
    pub fn mirrors_x(self) -> bool {
        matches!(self.0, 2 | 3 | 6 | 7)
    }

    /// Whether y in the oriented picture runs against its stored axis.
    pub fn mirrors_y(self) -> bool {
        matches!(self.0, 3 | 4 | 7 | 8)
    }

    /// The oriented size of a stored size, or the stored size of an oriented one.
    #[must_use]
    pub fn apply(self, size: Size) -> Size {
        if self.transposes() { size.transposed() } else { size }
    }

    /// The rectangle of the stored picture that shows `crop` of the oriented one. `stored`: the stored picture's size.
    pub fn to_stored(self, crop: &Crop, stored: Size) -> Option<Crop> {
        let oriented = self.apply(stored);
        let (w, h) = (i64::from(oriented.width) * GRID, i64::from(oriented.height) * GRID);
        let (mut x, mut y) = ((crop.left(), crop.right()), (crop.top(), crop.bottom()));
        if self.mirrors_x() {
            x = (w - x.1, w - x.0);
        }
        if self.mirrors_y() {
            y = (h - y.1, h - y.0);
        }
        if self.transposes() {
            std::mem::swap(&mut x, &mut y);
        }
        Crop::from_edges(x.0, y.0, x.1, y.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the stored top-left pixel of a 4 x 2 picture is seen, from the EXIF table ("row 0 / column 0").
    #[test]
    fn first_pixel_lands_where_exif_says() {
        let stored = Size::new(4, 2);
        let cases: [(u16, i64, i64); 8] =
            [(1, 0, 0), (2, 3, 0), (3, 3, 1), (4, 0, 1), (5, 0, 0), (6, 1, 0), (7, 1, 3), (8, 0, 3)];
        for (value, x, y) in cases {
            let o = Orientation::new(value).unwrap();
            let seen = Crop::from_edges(x * GRID, y * GRID, (x + 1) * GRID, (y + 1) * GRID).unwrap();
            let got = o.to_stored(&seen, stored).unwrap();
            assert_eq!(
                (got.left(), got.top(), got.right(), got.bottom()),
                (0, 0, GRID, GRID),
                "orientation {value}"
            );
        }
    }
}
