//! The specification of all units: eight lanes as an array, in plain loops.

use super::{Eight, Vector};

/// Eight lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lanes(pub(crate) [i16; 8]);

impl Lanes {
    #[inline(always)]
    fn with(self, other: Self, f: impl Fn(i16, i16) -> i16) -> Self {
        Self(std::array::from_fn(|i| f(self.0[i], other.0[i])))
    }

    #[inline(always)]
    fn each(self, f: impl Fn(i16) -> i16) -> Self {
        Self(self.0.map(f))
    }
}

impl Vector for Lanes {
    const LANES: usize = 8;
    type Wide = [i32; 4];

    #[inline(always)]
    fn load(from: &[i16]) -> Self {
        let mut out = [0; 8];
        out.copy_from_slice(&from[..8]);
        Self(out)
    }

    #[inline(always)]
    fn store(self, to: &mut [i16]) {
        to[..8].copy_from_slice(&self.0);
    }

    #[inline(always)]
    fn pairs(first: i16, second: i16) -> Self {
        Self([first, second, first, second, first, second, first, second])
    }

    #[inline(always)]
    fn interleave(self, other: Self) -> (Self, Self) {
        let (a, b) = (self.0, other.0);
        let half =
            |at: usize| std::array::from_fn(|i| if i % 2 == 0 { a[at + i / 2] } else { b[at + i / 2] });
        (Self(half(0)), Self(half(4)))
    }

    #[inline(always)]
    fn dot(self, weights: Self) -> [i32; 4] {
        let product = |i: usize| i32::from(self.0[i]) * i32::from(weights.0[i]);
        std::array::from_fn(|i| product(2 * i).wrapping_add(product(2 * i + 1)))
    }

    #[inline(always)]
    fn wide(value: i32) -> [i32; 4] {
        [value; 4]
    }

    #[inline(always)]
    fn add_wide(a: [i32; 4], b: [i32; 4]) -> [i32; 4] {
        std::array::from_fn(|i| a[i].wrapping_add(b[i]))
    }

    #[inline(always)]
    fn sub_wide(a: [i32; 4], b: [i32; 4]) -> [i32; 4] {
        std::array::from_fn(|i| a[i].wrapping_sub(b[i]))
    }

    #[inline(always)]
    fn shift_wide(a: [i32; 4], bits: u32) -> [i32; 4] {
        a.map(|v| v >> (bits & 31))
    }

    #[inline(always)]
    fn pack(low: [i32; 4], high: [i32; 4]) -> Self {
        let narrow = |v: i32| v.clamp(i16::MIN.into(), i16::MAX.into()) as i16;
        Self(std::array::from_fn(|i| narrow(if i < 4 { low[i] } else { high[i - 4] })))
    }

    #[inline(always)]
    fn rounded_sums(of: [[i32; 4]; 4], bits: u32) -> [i16; 4] {
        let sums = of.map(|v| v.into_iter().fold(1 << (bits - 1), i32::wrapping_add) >> (bits & 31));
        sums.map(|v| v.clamp(i16::MIN.into(), i16::MAX.into()) as i16)
    }
}

impl Eight for Lanes {
    #[inline(always)]
    fn splat(value: i16) -> Self {
        Self([value; 8])
    }

    #[inline(always)]
    fn widen(from: &[u8]) -> Self {
        let from = &from[..8];
        Self(std::array::from_fn(|i| i16::from(from[i])))
    }

    #[inline(always)]
    fn narrow(self, to: &mut [u8]) {
        to[..8].iter_mut().zip(self.0).for_each(|(to, v)| *to = v.clamp(0, 255) as u8);
    }

    #[inline(always)]
    fn pairs_apart(self, other: Self) -> (Self, Self) {
        let pick =
            |odd: usize| std::array::from_fn(|i| [self, other][i / 4].0[i % 4 / 2 * 4 + 2 * odd + i % 2]);
        (Self(pick(0)), Self(pick(1)))
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.with(other, i16::wrapping_add)
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.with(other, i16::wrapping_sub)
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.with(other, i16::wrapping_mul)
    }

    #[inline(always)]
    fn mul_high(self, other: Self) -> Self {
        self.with(other, |a, b| ((i32::from(a) * i32::from(b)) >> 16) as i16)
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        self.with(other, i16::min)
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        self.with(other, i16::max)
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        self.with(other, |a, b| a & b)
    }

    #[inline(always)]
    fn left<const BITS: u32>(self) -> Self {
        self.each(|v| v << BITS)
    }

    #[inline(always)]
    fn right<const BITS: u32>(self) -> Self {
        self.each(|v| v >> BITS)
    }
}
