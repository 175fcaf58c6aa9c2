//! JPEG (ITU-T T.81): baseline, extended sequential and progressive Huffman files of 8 bits, decoded row by row, for a
//! window, at a scale of n/8, in a memory that follows the window and not the picture.
//!
//! ```text
//! feed > header ─> cursor > bits > huffman > block ─> plane (idct) > upsample > color ─> rows
//!                  one per scan    direct: one scan; together: several
//! ```

mod bits;
mod block;
mod color;
mod cost;
mod cursor;
mod direct;
pub(super) mod feed;
mod header;
mod huffman;
mod idct;
mod index;
mod plane;
mod rows;
mod together;
mod upsample;
mod zigzag;

pub(super) use cost::cost;
pub use index::Index;
pub use rows::JpegRows;

/// The scales that are offered, in eighths. Every one from 1 to 8 can be decoded; these are the quick ones.
pub(super) const SCALES: &[u8] = &[1, 2, 4, 8];
