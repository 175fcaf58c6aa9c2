//! Prediction of blocks from the samples above and on the left (RFC 6386, 12).

/// The prediction of a whole plane of a macroblock, 16 x 16 luma or 8 x 8 chroma samples (12.2), in the format's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WholeMode {
    Dc,
    Vertical,
    Horizontal,
    TrueMotion,
}

pub(super) const WHOLE_MODES: [WholeMode; 4] =
    [WholeMode::Dc, WholeMode::Vertical, WholeMode::Horizontal, WholeMode::TrueMotion];

impl WholeMode {
    /// The mode of 4 x 4 that neighbours take this one for (11.3).
    pub(super) fn as_subblock(self) -> u8 {
        match self {
            WholeMode::Dc => DC,
            WholeMode::Vertical => 2,
            WholeMode::Horizontal => 3,
            WholeMode::TrueMotion => TRUE_MOTION,
        }
    }
}

/// The samples around a plane of a macroblock.
#[derive(Clone, Copy)]
pub(super) struct Border<'a> {
    pub(super) above: &'a [u8],
    pub(super) left: &'a [u8],
    pub(super) corner: u8,
    /// Whether there are macroblocks above and on the left, or only constants.
    pub(super) has_above: bool,
    pub(super) has_left: bool,
}

/// Predicts a plane of `SIDE` x `SIDE` samples.
pub(super) fn whole<const SIDE: usize>(mode: WholeMode, border: Border<'_>, out: &mut [u8]) {
    let (Some(above), Some(left)) = (border.above.first_chunk::<SIDE>(), border.left.first_chunk::<SIDE>())
    else {
        return;
    };
    let rows = out.as_chunks_mut::<SIDE>().0.iter_mut();
    match mode {
        WholeMode::Dc => {
            let value = mean::<SIDE>(border);
            rows.for_each(|row| row.fill(value));
        }
        WholeMode::Vertical => rows.for_each(|row| *row = *above),
        WholeMode::Horizontal => rows.zip(left).for_each(|(row, left)| row.fill(*left)),
        WholeMode::TrueMotion => {
            for (row, left) in rows.zip(left) {
                let slope = i32::from(*left) - i32::from(border.corner);
                for (out, above) in row.iter_mut().zip(above) {
                    *out = (i32::from(*above) + slope).clamp(0, 255) as u8;
                }
            }
        }
    }
}

fn mean<const SIDE: usize>(border: Border<'_>) -> u8 {
    let sum = |there: bool, samples: &[u8]| {
        if there { samples[..SIDE].iter().map(|v| u32::from(*v)).sum() } else { 0 }
    };
    let count = SIDE as u32 * (u32::from(border.has_above) + u32::from(border.has_left));
    if count == 0 {
        return 128;
    }
    ((sum(border.has_above, border.above) + sum(border.has_left, border.left) + count / 2) / count) as u8
}

/// Modes of a block of 4 x 4 (11.2): DC, true motion, vertical, horizontal, and six directions.
pub(super) const SUBBLOCK_MODES: usize = 10;
pub(super) const DC: u8 = 0;
const TRUE_MOTION: u8 = 1;

/// The samples around a block of 4 x 4: the left ones from below to above, the corner, eight above.
pub(super) type Edge = [u8; 13];

/// A smoothed edge: three samples at each place of the edge, two at each place and the next, and the lowest left sample.
pub(super) struct Smoothed {
    values: [u8; 32],
    edge: Edge,
}

/// Index of the first mean of two, and of the lowest left sample.
const TWO: u8 = 13;
const LOWEST: u8 = 26;

/// Where each sample of the modes from vertical on comes from: an index of [`Smoothed::values`].
const DIRECTIONS: [[u8; 16]; 8] = {
    let t = TWO;
    let l = LOWEST;
    [
        [5, 6, 7, 8, 5, 6, 7, 8, 5, 6, 7, 8, 5, 6, 7, 8],
        [3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0],
        [6, 7, 8, 9, 7, 8, 9, 10, 8, 9, 10, 11, 9, 10, 11, 12],
        [4, 5, 6, 7, 3, 4, 5, 6, 2, 3, 4, 5, 1, 2, 3, 4],
        [t + 4, t + 5, t + 6, t + 7, 4, 5, 6, 7, 3, t + 4, t + 5, t + 6, 2, 4, 5, 6],
        [t + 5, t + 6, t + 7, t + 8, 6, 7, 8, 9, t + 6, t + 7, t + 8, 10, 7, 8, 9, 11],
        [t + 3, 4, 5, 6, t + 2, 3, t + 3, 4, t + 1, 2, t + 2, 3, t, 1, t + 1, 2],
        [t + 2, 2, t + 1, 1, t + 1, 1, t, 0, t, 0, l, l, l, l, l, l],
    ]
};

impl Smoothed {
    #[inline(always)]
    pub(super) fn new(edge: Edge) -> Self {
        let mut values = [0; 32];
        let at = |i: usize| u32::from(edge[i.min(12)]);
        for i in 0..13_usize {
            let before = at(i.saturating_sub(1));
            values[i] = ((before + 2 * at(i) + at(i + 1) + 2) >> 2) as u8;
            values[13 + i] = ((at(i) + at(i + 1) + 1) >> 1) as u8;
        }
        values[usize::from(LOWEST)] = edge[0];
        Self { values, edge }
    }

    /// The prediction of a mode (12.3).
    #[inline(always)]
    pub(super) fn predict(&self, mode: u8) -> [u8; 16] {
        let edge = &self.edge;
        match mode {
            DC => {
                let sum: u32 = edge[..4].iter().chain(&edge[5..9]).map(|v| u32::from(*v)).sum();
                [((sum + 4) >> 3) as u8; 16]
            }
            TRUE_MOTION => std::array::from_fn(|i| {
                let [left, above, corner] = [3 - i / 4, 5 + i % 4, 4].map(|at| i32::from(edge[at]));
                (left + above - corner).clamp(0, 255) as u8
            }),
            _ => DIRECTIONS[usize::from(mode - 2) & 7].map(|at| self.values[usize::from(at) & 31]),
        }
    }
}
