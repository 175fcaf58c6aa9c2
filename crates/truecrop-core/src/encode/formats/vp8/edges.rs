//! The reconstructed samples that the next macroblocks are predicted from (RFC 6386, 12.2 and 12.3).

use super::planes::Samples;
use crate::vp8::predict::{ABOVE_FRAME, Around, Edge, LEFT_OF_FRAME};

/// Samples of one row of macroblocks' lower edges, and of the last macroblock's right edge.
pub(super) struct Edges {
    /// Luma, Cb, Cr.
    above: [Vec<u8>; 3],
    left: [[u8; 16]; 3],
    corner: [u8; 3],
    first_row: bool,
}

impl Edges {
    pub(super) fn new(across: usize) -> Self {
        let above = [16, 8, 8].map(|side| vec![ABOVE_FRAME; side * across]);
        Self { above, left: [[LEFT_OF_FRAME; 16]; 3], corner: [ABOVE_FRAME; 3], first_row: true }
    }

    pub(super) fn start_row(&mut self, row: usize) {
        self.first_row = row == 0;
        self.left = [[LEFT_OF_FRAME; 16]; 3];
        self.corner = [if self.first_row { ABOVE_FRAME } else { LEFT_OF_FRAME }; 3];
    }

    /// What a plane (0 to 2) of the macroblock in `column` is predicted from.
    pub(super) fn around(&self, plane: usize, column: usize) -> Around<'_> {
        let side = if plane == 0 { 16 } else { 8 };
        Around {
            above: &self.above[plane][side * column..][..side],
            left: self.left[plane],
            corner: self.corner[plane],
            inside: [!self.first_row, column > 0],
        }
    }

    /// A macroblock's luma with its border, for blocks of 4 x 4.
    pub(super) fn luma(&self, column: usize) -> BorderedLuma {
        let mut samples = [0; BorderedLuma::LENGTH];
        let around = self.around(0, column);
        samples[BorderedLuma::at(0, 0) - BorderedLuma::STRIDE - 1] = around.corner;
        for (row, left) in around.left.iter().enumerate() {
            samples[BorderedLuma::at(row, 0) - 1] = *left;
        }
        samples[BorderedLuma::at(0, 0) - BorderedLuma::STRIDE..][..16].copy_from_slice(around.above);
        // The four samples above on the right serve all blocks of the right column.
        let right = match self.above[0].get(16 * column + 16..16 * column + 20) {
            Some(&[a, b, c, d]) => [a, b, c, d],
            _ => [around.above[15]; 4],
        };
        for row in [0, 4, 8, 12] {
            samples[BorderedLuma::at(row, 16) - BorderedLuma::STRIDE..][..4].copy_from_slice(&right);
        }
        BorderedLuma { samples }
    }

    /// Takes a finished macroblock.
    pub(super) fn put(&mut self, column: usize, made: &Samples) {
        let planes: [&[u8]; 3] = [&made.y, &made.chroma[0], &made.chroma[1]];
        for (plane, samples) in planes.into_iter().enumerate() {
            let side = if plane == 0 { 16 } else { 8 };
            let above = &mut self.above[plane][side * column..][..side];
            self.corner[plane] = above[side - 1];
            above.copy_from_slice(&samples[side * (side - 1)..]);
            for (left, row) in self.left[plane].iter_mut().zip(samples.chunks_exact(side)) {
                *left = row[side - 1];
            }
        }
    }
}

/// The luma samples of a macroblock with those around it.
pub(super) struct BorderedLuma {
    samples: [u8; Self::LENGTH],
}

impl BorderedLuma {
    const STRIDE: usize = 32;
    const LENGTH: usize = 17 * Self::STRIDE;

    const fn at(row: usize, column: usize) -> usize {
        (row + 1) * Self::STRIDE + 8 + column
    }

    /// The edge of a block of 4 x 4.
    #[inline(always)]
    pub(super) fn edge(&self, block: usize) -> Edge {
        let at = Self::at(block / 4 * 4, block % 4 * 4);
        let mut edge = [0; 13];
        for row in 0..4 {
            edge[3 - row] = self.samples[at + row * Self::STRIDE - 1];
        }
        edge[4..].copy_from_slice(&self.samples[at - Self::STRIDE - 1..][..9]);
        edge
    }

    #[inline(always)]
    pub(super) fn put(&mut self, block: usize, samples: &[u8; 16]) {
        let at = Self::at(block / 4 * 4, block % 4 * 4);
        for (row, four) in samples.as_chunks::<4>().0.iter().enumerate() {
            self.samples[at + row * Self::STRIDE..][..4].copy_from_slice(four);
        }
    }

    /// The macroblock without its around.
    pub(super) fn inner(&self) -> [u8; 256] {
        let mut inner = [0; 256];
        for (row, out) in inner.as_chunks_mut::<16>().0.iter_mut().enumerate() {
            out.copy_from_slice(&self.samples[Self::at(row, 0)..][..16]);
        }
        inner
    }
}
