//! Real weights to integers whose sum is exact, so that all that follows is integer arithmetic: any order of summation gives the same bits.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Integer weights that sum exactly to the share of `1 << bits` that the real weights have of `total`: each is rounded down,
/// and what is missing goes to those that lost most (largest remainder).
pub fn to_fixed_point(weights: &[f64], total: f64, bits: u32) -> Vec<i32> {
    if weights.is_empty() {
        return Vec::new();
    }
    let one = (1i64 << bits) as f64;
    let scaled: Vec<f64> = weights.iter().map(|w| w / total * one).collect();
    let mut fixed: Vec<i32> = scaled.iter().map(|w| libm::floor(*w) as i32).collect();
    let wanted = libm::floor(sum_from_both_ends(&scaled) + 0.5) as i64;
    let missing = wanted - fixed.iter().map(|w| i64::from(*w)).sum::<i64>();
    // The bits of numbers that are not negative are in the order of the numbers; of equal ones the first wins.
    let remainder = |(i, (exact, whole)): (usize, (&f64, &i32))| {
        ((exact - f64::from(*whole)).to_bits(), Reverse(i as u32))
    };
    let mut rest: BinaryHeap<_> = scaled.iter().zip(&fixed).enumerate().map(remainder).collect();
    for _ in 0..missing {
        let Some((_, Reverse(i))) = rest.pop() else { break };
        fixed[i as usize] += 1;
    }
    fixed
}

/// A sum that is the same for a list and its reverse.
pub fn sum_from_both_ends(list: &[f64]) -> f64 {
    let half = list.len() / 2;
    let pairs: f64 = (0..half).map(|i| list[i] + list[list.len() - 1 - i]).sum();
    pairs + if list.len() % 2 == 1 { list[half] } else { 0.0 }
}
