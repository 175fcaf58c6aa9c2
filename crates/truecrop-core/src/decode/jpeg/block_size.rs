//! The decode scales of JPEG, and how many samples a block becomes at each of them.

use crate::zigzag::NATURAL;

/// The scales that a JPEG can be decoded at, in eighths.
pub(in crate::decode) const SCALES: &[u8] = &[1, 2, 4, 8];

/// How many samples a block of 8 x 8 coefficients becomes in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlockSize {
    One = 1,
    Two = 2,
    Four = 4,
    Eight = 8,
}

impl BlockSize {
    /// The size at a decode scale of so many eighths; `None` for a scale that is not one of [`SCALES`].
    pub(super) fn at_scale(eighths: u8) -> Option<Self> {
        match eighths {
            1 => Some(Self::One),
            2 => Some(Self::Two),
            4 => Some(Self::Four),
            8 => Some(Self::Eight),
            _ => None,
        }
    }

    /// Twice the size, up to 8.
    pub(super) fn doubled(self) -> Option<Self> {
        match self {
            Self::One => Some(Self::Two),
            Self::Two => Some(Self::Four),
            Self::Four => Some(Self::Eight),
            Self::Eight => None,
        }
    }

    /// The samples.
    #[inline(always)]
    pub(super) fn samples(self) -> u32 {
        self as u32
    }
}

/// How many samples a block becomes across and down. Chroma that has half the density along one axis alone becomes more
/// of them on that axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BlockShape {
    pub(super) across: BlockSize,
    pub(super) down: BlockSize,
}

impl BlockShape {
    /// The last zigzag index that changes a sample: the last of the lowest `across` x `down` coefficients.
    pub(super) fn last_index(self) -> u32 {
        let changes =
            |at: &u8| u32::from(at % 8) < self.across.samples() && u32::from(at / 8) < self.down.samples();
        NATURAL.iter().rposition(changes).unwrap_or(0) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scale_has_a_size() {
        for eighths in 0..=16 {
            let size = BlockSize::at_scale(eighths);
            assert_eq!(size.map(BlockSize::samples), SCALES.contains(&eighths).then_some(eighths.into()));
        }
    }

    #[test]
    fn a_shape_needs_the_coefficients_up_to_its_last_index() {
        use BlockSize::{Eight, Four, One, Two};
        // T.81, figure A.6
        let cases = [
            (One, One, 0),
            (Two, Two, 4),
            (Four, Four, 24),
            (Eight, Eight, 63),
            (Two, One, 1),
            (One, Two, 2),
        ];
        for (across, down, last) in cases {
            assert_eq!(BlockShape { across, down }.last_index(), last, "{across:?} x {down:?}");
        }
        assert_eq!(BlockShape { across: Four, down: Two }.last_index(), 13);
        assert_eq!(BlockShape { across: Two, down: Four }.last_index(), 11);
    }
}
