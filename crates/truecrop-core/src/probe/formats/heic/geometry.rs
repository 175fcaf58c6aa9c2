//! How a HEIC's picture is cut, turned and mirrored before it is shown: `clap`, `irot` and `imir` (ISO/IEC 23008-12, 6.5).

use super::boxes::Fields;
use super::items::Property;
use super::unsupported;
use crate::error::{Result, damaged};
use crate::geometry::{Orientation, Size};

/// What is shown of a decoded picture, and how it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    /// The first column and row that are shown.
    pub(super) corner: [u32; 2],
    pub(super) size: Size,
    pub(super) orientation: Orientation,
}

impl Shown {
    /// What these properties make of a picture of this size, in their order.
    pub(super) fn new<'a>(size: Size, properties: impl Iterator<Item = Property<'a>>) -> Result<Self> {
        let mut shown = Self { corner: [0, 0], size, orientation: Orientation::NORMAL };
        for property in properties {
            let mut fields = Fields(property.content);
            match &property.kind {
                // MIAF has them in this order (ISO/IEC 23000-22, 7.3.6.7)
                b"clap" if shown.orientation != Orientation::NORMAL => {
                    return Err(unsupported("is cut after it is turned", "clap behind irot or imir"));
                }
                b"clap" => shown.cut(fields)?,
                b"irot" => shown.turn_left(fields.u8()? & 3),
                b"imir" => shown.mirror(fields.u8()? & 1 == 0),
                _ => {}
            }
        }
        Ok(shown)
    }

    /// Turns by quarters, anticlockwise.
    fn turn_left(&mut self, quarters: u8) {
        for _ in 0..quarters {
            self.orientation = Self::table(self.orientation, [8, 5, 6, 7, 4, 1, 2, 3]);
        }
    }

    /// Swaps top and bottom, or left and right.
    fn mirror(&mut self, vertically: bool) {
        let table = if vertically { [4, 3, 2, 1, 8, 7, 6, 5] } else { [2, 1, 4, 3, 6, 5, 8, 7] };
        self.orientation = Self::table(self.orientation, table);
    }

    fn table(orientation: Orientation, then: [u16; 8]) -> Orientation {
        let next = then[usize::from(orientation.value() - 1)];
        Orientation::new(next).unwrap_or(Orientation::NORMAL)
    }

    /// Cuts: the size and the centre's offset from the picture's centre are fractions. As libheif, the first column and row are
    /// rounded down, the sides to the nearest, and what lies outside of the picture is left out.
    fn cut(&mut self, mut fields: Fields<'_>) -> Result<()> {
        let mut fractions = [(0_i64, 0_i64); 4];
        for (n, fraction) in fractions.iter_mut().enumerate() {
            let (over, under) = (fields.be32()?, fields.be32()?);
            // offsets have a sign
            let over = if n < 2 { i64::from(over) } else { i64::from(over as i32) };
            *fraction = (over, i64::from(under as i32));
        }
        let [width, height, across, down] = fractions;
        let (x, width) = span(self.size.width, width, across)?;
        let (y, height) = span(self.size.height, height, down)?;
        self.corner = [self.corner[0] + x, self.corner[1] + y];
        self.size = Size::new(width, height);
        Ok(())
    }
}

/// First pixel and pixels along one axis of `side` pixels.
fn span(side: u32, length: (i64, i64), offset: (i64, i64)) -> Result<(u32, u32)> {
    let broken = || damaged("it shows a part that is no part of its picture");
    if length.1 <= 0 || offset.1 <= 0 {
        return Err(broken());
    }
    // over 2 x both denominators: the numbers have 32 bits each, so nothing passes 128
    let (side_, l, ld, o, od) = (
        i128::from(side),
        i128::from(length.0),
        i128::from(length.1),
        i128::from(offset.0),
        i128::from(offset.1),
    );
    let first = (2 * o * ld + (side_ - 1) * ld * od - (l - ld) * od).div_euclid(2 * ld * od);
    let pixels = (2 * l + ld).div_euclid(2 * ld);
    let (start, end) = (first.max(0), (first + pixels).min(side_));
    if start >= end {
        return Err(broken());
    }
    Ok((start as u32, (end - start) as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The corners of a 2 x 2 picture, row by row, as they are seen in this orientation.
    fn seen(orientation: Orientation) -> [u8; 4] {
        std::array::from_fn(|n| {
            let (mut x, mut y) = (n % 2, n / 2);
            if orientation.mirrors_x() {
                x = 1 - x;
            }
            if orientation.mirrors_y() {
                y = 1 - y;
            }
            if orientation.transposes() {
                std::mem::swap(&mut x, &mut y);
            }
            (y * 2 + x) as u8
        })
    }

    /// A property's kind and content.
    type Stated<'a> = (&'a [u8; 4], &'a [u8]);

    fn shown(size: Size, properties: &[Stated<'_>]) -> Result<Shown> {
        fn property<'a>(&(kind, content): &Stated<'a>) -> Property<'a> {
            Property { kind: *kind, content, index: 0, essential: true }
        }
        Shown::new(size, properties.iter().map(property))
    }

    /// Turning is anticlockwise, mirroring by an axis; each is what it does to four pixels, after every orientation before it.
    #[test]
    fn turns_and_mirrors_compose_in_their_order() {
        let after = |list: &[Stated<'_>]| seen(shown(Size::new(2, 2), list).unwrap().orientation);
        let mirrors: [&[Stated<'_>]; 3] = [&[], &[(b"imir", &[0])], &[(b"imir", &[1])]];
        for turns in 0..4_u8 {
            for mirror in mirrors {
                let content = [turns];
                let turn: Stated<'_> = (b"irot", &content);
                let before = [&[turn][..], mirror].concat();
                let [a, b, c, d] = after(&before);
                let then = |next: Stated<'_>| after(&[&before[..], &[next]].concat());
                assert_eq!(then((b"irot", &[1])), [b, d, a, c], "a quarter to the left after {before:?}");
                assert_eq!(then((b"imir", &[0])), [c, d, a, b], "top and bottom after {before:?}");
                assert_eq!(then((b"imir", &[1])), [b, a, d, c], "left and right after {before:?}");
            }
        }
    }

    /// Width, height, and the offsets across and down, each as a fraction.
    fn clap(fractions: [[u32; 2]; 4]) -> Vec<u8> {
        fractions.concat().into_iter().flat_map(u32::to_be_bytes).collect()
    }

    #[test]
    fn a_clean_aperture_is_around_the_centre() {
        let minus = |n: i32| (-n) as u32;
        /// Fractions, and the part of 100 x 50 that they show.
        type Case = ([[u32; 2]; 4], Option<[u32; 4]>);
        let cases: [Case; 12] = [
            ([[100, 1], [50, 1], [0, 1], [0, 1]], Some([0, 0, 100, 50])),
            ([[60, 1], [40, 1], [0, 1], [0, 1]], Some([20, 5, 60, 40])),
            ([[60, 1], [40, 1], [5, 1], [minus(5), 1]], Some([25, 0, 60, 40])),
            // cut at the right and below: the centre moves by halves
            ([[99, 1], [49, 1], [minus(1), 2], [minus(1), 2]], Some([0, 0, 99, 49])),
            ([[120, 2], [80, 2], [10, 2], [0, 3]], Some([25, 5, 60, 40])),
            // beyond the edges: what lies inside is shown
            ([[60, 1], [40, 1], [60, 1], [0, 1]], Some([80, 5, 20, 40])),
            ([[60, 1], [40, 1], [200, 1], [0, 1]], None),
            ([[0, 1], [40, 1], [0, 1], [0, 1]], None),
            ([[60, 0], [40, 1], [0, 1], [0, 1]], None),
            ([[60, 1], [40, 1], [0, 0], [0, 1]], None),
            ([[u32::MAX, 1], [u32::MAX, 1], [0, 1], [0, 1]], Some([0, 0, 100, 50])),
            ([[u32::MAX, i32::MAX as u32], [1, 1], [minus(i32::MAX), 1], [0, 1]], None),
        ];
        for (fractions, expected) in cases {
            let content = clap(fractions);
            let got = shown(Size::new(100, 50), &[(b"clap", &content)])
                .map(|s| [s.corner[0], s.corner[1], s.size.width, s.size.height]);
            assert_eq!(got.ok(), expected, "{fractions:?}");
        }
    }

    #[test]
    fn a_cut_behind_a_turn_is_refused() {
        let content = clap([[10, 1], [10, 1], [0, 1], [0, 1]]);
        assert!(shown(Size::new(20, 20), &[(b"clap", &content), (b"irot", &[1])]).is_ok());
        let refused = shown(Size::new(20, 20), &[(b"irot", &[1]), (b"clap", &content)]).unwrap_err();
        assert_eq!(refused.code(), crate::Code::UnsupportedFormat);
    }
}
