//! A macroblock's coefficients, and the differences of samples that they become (RFC 6386, 13.3 and 14).

use super::frame_header::Factors;
use super::idct::{PAIR, inverse_dct, inverse_dct_of_dc, inverse_wht};
use super::tokens::{BlockProbabilities, BlockType, read_block, zigzag};
use crate::simd::Eight;
use crate::vp8::bool_decoder::BoolDecoder;

/// Blocks of 4 x 4 in a macroblock: 16 of luma, four of each chroma.
const BLOCKS: usize = 24;

/// Which blocks next to a macroblock have coefficients: four of luma, two of each chroma, and that of the luma's first coefficients.
pub(super) type Neighbours = [u8; 9];

/// What a block has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Content {
    #[default]
    Nothing,
    FirstOnly,
    More,
}

/// The blocks of one macroblock, in the pairs of `idct`.
pub(super) struct Residuals {
    pub(super) values: [i16; BLOCKS / 2 * PAIR],
    content: [Content; BLOCKS],
}

/// Where a block begins in [`Residuals::values`].
fn place(block: usize) -> usize {
    block / 2 * PAIR + block % 2 * 4
}

impl Residuals {
    pub(super) fn new() -> Self {
        Self { values: [0; BLOCKS / 2 * PAIR], content: [Content::Nothing; BLOCKS] }
    }

    /// Makes it that of a macroblock without coefficients.
    pub(super) fn clear(&mut self) {
        *self = Self::new();
    }

    /// Reads a macroblock's coefficients into cleared blocks. `whole`: its luma is predicted as a whole, so that the first coefficients
    /// have a block of their own.
    #[inline(always)]
    pub(super) fn read(
        &mut self,
        bits: &mut BoolDecoder<'_>,
        probabilities: &[BlockProbabilities; 4],
        factors: &Factors,
        whole: bool,
        [above, left]: [&mut Neighbours; 2],
    ) {
        let (mut luma, mut first) = (BlockType::Luma, 0);
        if whole {
            let (mut block, context) = ([0; 16], usize::from(above[8] + left[8]));
            let table = &probabilities[BlockType::LumaDc as usize];
            let count = read_block(bits, table, context, factors.second, 0, &const { zigzag(4) }, &mut block);
            (above[8], left[8]) = (u8::from(count > 0), u8::from(count > 0));
            if count > 0 {
                for (n, value) in inverse_wht(&block).into_iter().enumerate() {
                    self.values[place(n)] = value;
                }
            }
            (luma, first) = (BlockType::LumaWithoutDc, 1);
        }
        let mut block = |n: usize, kind: BlockType, factors, first, above: &mut u8, left: &mut u8| {
            let (table, values) = (&probabilities[kind as usize], &mut self.values[place(n)..]);
            let context = usize::from(*above + *left);
            let count = read_block(bits, table, context, factors, first, &const { zigzag(8) }, values);
            (*above, *left) = (u8::from(count > first), u8::from(count > first));
            self.content[n] = match count {
                2.. => Content::More,
                _ if values[0] != 0 => Content::FirstOnly,
                _ => Content::Nothing,
            };
        };
        for n in 0..16 {
            block(n, luma, factors.luma, first, &mut above[n % 4], &mut left[n / 4]);
        }
        for n in 0..8 {
            let (x, y) = (4 + n / 4 * 2 + n % 2, 4 + n / 2);
            block(16 + n, BlockType::Chroma, factors.chroma, 0, &mut above[x], &mut left[y]);
        }
    }

    /// Whether there is nothing at all.
    pub(super) fn is_empty(&self) -> bool {
        self.content == [Content::Nothing; BLOCKS]
    }

    /// Makes the coefficients differences of samples.
    #[inline(always)]
    pub(super) fn transform<V: Eight>(&mut self) {
        let pairs = self.values.as_chunks_mut::<PAIR>().0.iter_mut();
        for (values, content) in pairs.zip(self.content.as_chunks::<2>().0) {
            match content[0].max(content[1]) {
                Content::Nothing => {}
                Content::FirstOnly => inverse_dct_of_dc(values),
                Content::More => inverse_dct::<V>(values),
            }
        }
    }

    /// Of each block, whether it has nothing.
    pub(super) fn empty_blocks(&self) -> [bool; BLOCKS] {
        self.content.map(|content| content == Content::Nothing)
    }

    /// Of each pair of blocks, whether both have nothing.
    pub(super) fn empty_pairs(&self) -> [bool; BLOCKS / 2] {
        let content = self.content.as_chunks::<2>().0;
        std::array::from_fn(|pair| content[pair] == [Content::Nothing; 2])
    }
}
