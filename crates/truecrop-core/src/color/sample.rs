//! `Sample`: what the conversion needs of a decoder's 8-bit or 16-bit samples.

use super::curve::Lut;
#[cfg(feature = "wide")]
use crate::pixel::ONE;

/// An 8- or 16-bit sample.
pub(crate) trait Sample: Copy {
    /// As a working sample, nothing converted; rounded.
    fn plain(self) -> i32;
    /// By a table.
    fn look(self, lut: &Lut) -> i32;
    /// This share of a value of at most [`ONE`]; rounded.
    fn of(self, value: i32) -> i32;
    /// What is missing to the full.
    fn rest(self) -> Self;
    /// This share of another; rounded.
    fn through(self, other: Self) -> Self;
}

impl Sample for u8 {
    #[inline(always)]
    fn plain(self) -> i32 {
        i32::from(self) << 6
    }

    #[inline(always)]
    fn look(self, lut: &Lut) -> i32 {
        lut.at8(self)
    }

    #[inline(always)]
    fn of(self, value: i32) -> i32 {
        (value * i32::from(self) + 127) / 255
    }

    #[inline(always)]
    fn rest(self) -> Self {
        255 - self
    }

    #[inline(always)]
    fn through(self, other: Self) -> Self {
        ((u32::from(self) * u32::from(other) + 127) / 255) as u8
    }
}

#[cfg(feature = "wide")]
impl Sample for u16 {
    #[inline(always)]
    fn plain(self) -> i32 {
        (i32::from(self) * ONE + 32_767) / 65_535
    }

    #[inline(always)]
    fn look(self, lut: &Lut) -> i32 {
        lut.at16(self)
    }

    #[inline(always)]
    fn of(self, value: i32) -> i32 {
        (value * i32::from(self) + 32_767) / 65_535
    }

    #[inline(always)]
    fn rest(self) -> Self {
        65_535 - self
    }

    #[inline(always)]
    fn through(self, other: Self) -> Self {
        ((u64::from(self) * u64::from(other) + 32_767) / 65_535) as u16
    }
}
