//! The loop filters (RFC 6386, section 15): eight places along an edge at once.

use super::frame_header::EdgeLimits;
use crate::simd::{Eight, transpose};

/// What a filter does at an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    /// Between macroblocks: up to three samples on either side are changed.
    Outer,
    /// Between blocks of one: up to two.
    Inner,
    /// Of the simple filter: one.
    Simple,
}

/// The limits of a macroblock, in every lane.
#[derive(Clone, Copy)]
struct Limits<V> {
    edge: V,
    interior: V,
    high_variance: V,
}

/// All ones where `a` is less than 0. Differences of samples are far from where they would wrap.
#[inline(always)]
fn negative<V: Eight>(a: V) -> V {
    a.right::<15>()
}

#[inline(always)]
fn distance<V: Eight>(a: V, b: V) -> V {
    let gap = a.sub(b);
    gap.max(V::splat(0).sub(gap))
}

#[inline(always)]
fn clamp<V: Eight>(a: V, least: i16, most: i16) -> V {
    a.max(V::splat(least)).min(V::splat(most))
}

/// Where an edge is filtered.
#[inline(always)]
fn filtered<V: Eight>([p3, p2, p1, p0, q0, q1, q2, q3]: [V; 8], limits: &Limits<V>, edge: Edge) -> V {
    let across = distance(p0, q0).left::<2>().add(distance(p1, q1)).sub(limits.edge);
    if edge == Edge::Simple {
        return negative(across.sub(V::splat(1)));
    }
    let before = distance(p3, p2).max(distance(p2, p1)).max(distance(p1, p0));
    let behind = distance(q3, q2).max(distance(q2, q1)).max(distance(q1, q0));
    let sides = before.max(behind).sub(limits.interior);
    negative(across.max(sides).sub(V::splat(1)))
}

/// Filters the samples before (p3 to p0) and behind (q0 to q3) an edge. Samples may leave 0 to 255: they are clamped when they are stored.
#[inline(always)]
fn filter<V: Eight>(samples: [V; 8], limits: &Limits<V>, edge: Edge) -> [V; 8] {
    let [p3, mut p2, mut p1, mut p0, mut q0, mut q1, mut q2, q3] = samples;
    let mask = filtered(samples, limits, edge);
    let step = q0.sub(p0);
    let base = step.add(step).add(step);
    let outer = clamp(p1.sub(q1), -128, 127);
    let sharp = negative(limits.high_variance.sub(distance(p1, p0).max(distance(q1, q0))));
    // by how much the nearest samples change
    let nearest = |a: V, mask: V| {
        let [q, p] = [4, 3].map(|round| clamp(a.add(V::splat(round)).right::<3>(), -16, 15).and(mask));
        (q, p)
    };
    match edge {
        Edge::Simple => {
            let (q, p) = nearest(base.add(outer), mask);
            (p0, q0) = (p0.add(p), q0.sub(q));
        }
        Edge::Inner => {
            let (q, p) = nearest(base.add(outer.and(sharp)), mask);
            (p0, q0) = (p0.add(p), q0.sub(q));
            let next = q.add(V::splat(1)).right::<1>();
            let next = next.sub(next.and(sharp));
            (p1, q1) = (p1.add(next), q1.sub(next));
        }
        Edge::Outer => {
            let a = base.add(outer);
            let (q, p) = nearest(a, mask.and(sharp));
            let wide = clamp(a, -128, 127).and(mask);
            let wide = wide.sub(wide.and(sharp));
            let part = |weight| wide.mul(V::splat(weight)).add(V::splat(63)).right::<7>();
            let (first, second, third) = (part(27), part(18), part(9));
            (p0, q0) = (p0.add(p).add(first), q0.sub(q).sub(first));
            (p1, q1) = (p1.add(second), q1.sub(second));
            (p2, q2) = (p2.add(third), q2.sub(third));
        }
    }
    [p3, p2, p1, p0, q0, q1, q2, q3]
}

/// Filters eight places along a horizontal edge; `at`: the first of the samples below it.
#[inline(always)]
fn horizontal<V: Eight>(plane: &mut [u8], stride: usize, at: usize, limits: &Limits<V>, edge: Edge) {
    let top = at - 4 * stride;
    let rows = std::array::from_fn(|row| V::widen(&plane[top + row * stride..]));
    let changed = match edge {
        Edge::Outer => 1..7,
        Edge::Inner => 2..6,
        Edge::Simple => 3..5,
    };
    let filtered = filter(rows, limits, edge);
    for row in changed {
        filtered[row].narrow(&mut plane[top + row * stride..]);
    }
}

/// Filters eight places along a vertical edge; `at`: the first of the samples to the right of it.
#[inline(always)]
fn vertical<V: Eight>(plane: &mut [u8], stride: usize, at: usize, limits: &Limits<V>, edge: Edge) {
    let rows = std::array::from_fn(|row| V::widen(&plane[at - 4 + row * stride..]));
    // samples are clamped when they are stored
    let filtered = transpose(filter(transpose(rows), limits, edge));
    for (row, samples) in filtered.into_iter().enumerate() {
        samples.narrow(&mut plane[at - 4 + row * stride..]);
    }
}

/// One plane's samples of a macroblock.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Where its first sample is.
    pub(super) at: usize,
    pub(super) stride: usize,
    /// Samples of a side: 16 or 8.
    pub(super) side: usize,
    /// Whether there is a macroblock to the left, and one above.
    pub(super) neighbours: [bool; 2],
}

/// Filters the edges of a macroblock: the left one, those within it, the top one, those within it.
#[inline(always)]
pub(super) fn macroblock<V: Eight>(
    plane: &mut [u8],
    place: Place,
    limits: EdgeLimits,
    simple: bool,
    inner: bool,
) {
    let Place { at, stride, side, neighbours: [left, above] } = place;
    let limits_of = |edge: i16| Limits {
        edge: V::splat(2 * edge + 1),
        interior: V::splat(limits.interior),
        high_variance: V::splat(limits.high_variance),
    };
    let (outer, within) = (limits_of(limits.edge + 4), limits_of(limits.edge));
    let [outer_edge, inner_edge] = if simple { [Edge::Simple; 2] } else { [Edge::Outer, Edge::Inner] };
    for along in (0..side).step_by(8) {
        let at = at + along * stride;
        if left {
            vertical(plane, stride, at, &outer, outer_edge);
        }
        if inner {
            for x in (4..side).step_by(4) {
                vertical(plane, stride, at + x, &within, inner_edge);
            }
        }
    }
    for along in (0..side).step_by(8) {
        let at = at + along;
        if above {
            horizontal(plane, stride, at, &outer, outer_edge);
        }
        if inner {
            for y in (4..side).step_by(4) {
                horizontal(plane, stride, at + y * stride, &within, inner_edge);
            }
        }
    }
}
