//! The decoded axis: the steps in which places on it are counted, what its samples are, and where an output lies on it.

/// Steps in which positions on a decoded axis are counted: 1/512 source pixel times a scale of n/8.
pub const STEPS: i64 = 4096;

/// What the samples of a decoded axis are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleKind {
    /// The picture at their places.
    Points,
    /// Its means around them: what a JPEG is at 1/8. A mean has lost (pi f)² / 6 of a frequency of f periods a sample; the
    /// filters but [`Filter::Box`] give that back, by a 24th of the second difference (the first term of the inverse).
    Means,
}

/// Where an axis's output lies on the decoded axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Near end in [`STEPS`] of a decoded pixel.
    pub start: i64,
    /// Far end, likewise; above `start`.
    pub end: i64,
    /// Output pixels.
    pub count: u32,
    /// Whether the output runs against the decoded axis.
    pub mirrored: bool,
}
