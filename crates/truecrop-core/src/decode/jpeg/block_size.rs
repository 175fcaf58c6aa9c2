//! The decode scales of JPEG, and how many samples a block becomes at each of them.

/// The scales that a JPEG can be decoded at, in eighths.
pub(in crate::decode) const SCALES: &[u8] = &[1, 2, 4, 8];

/// How many samples a block of 8 x 8 coefficients becomes, in each direction.
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

    /// Samples in each direction.
    #[inline(always)]
    pub(super) fn samples(self) -> u32 {
        self as u32
    }

    /// The last zigzag index that changes a sample: that of the square of the lowest `samples` x `samples` coefficients.
    pub(super) fn last_index(self) -> u32 {
        match self {
            Self::One => 0,
            Self::Two => 4,
            Self::Four => 24,
            Self::Eight => 63,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scale_has_a_size_whose_square_ends_at_its_last_index() {
        for eighths in 0..=16 {
            let size = BlockSize::at_scale(eighths);
            assert_eq!(size.is_some(), SCALES.contains(&eighths), "{eighths}/8");
            let Some(size) = size else { continue };
            assert_eq!(size.samples(), u32::from(eighths));
            let inside = |at: u8| at / 8 < eighths && at % 8 < eighths;
            let last = crate::zigzag::NATURAL.iter().rposition(|&at| inside(at)).unwrap();
            assert_eq!(size.last_index() as usize, last, "{eighths}/8");
        }
    }
}
