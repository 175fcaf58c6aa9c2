//! JPEG (ITU-T T.81): baseline, extended sequential and progressive Huffman files of 8 bits, decoded row by row, for a
//! window, at a scale of n/8, in a memory that follows the window and not the picture.
//!
//! [`JpegRows`] (rows.rs) drives the stages:
//!
//! | stage | file |
//! | --- | --- |
//! | the next marker of the file | markers.rs |
//! | segments up to each scan: frame, tables, restart interval | header.rs |
//! | blocks and samples that the window needs at the scale | block_size.rs, grid.rs |
//! | entropy-coded data of a scan, restart markers, damage | scan_reader.rs |
//! | bits, Huffman codes, coefficients of a block | bits.rs, huffman.rs, block.rs |
//! | MCU rows of a file with one scan | mcu_rows.rs, single_scan.rs |
//! | MCU rows of a file with several scans (progressive) | mcu_rows.rs, multi_scan.rs, scan_decoder.rs, coefficients.rs |
//! | coefficients to samples | idct.rs, plane.rs; at the picture's edge edge_block.rs |
//! | samples to one per pixel | upsample.rs |
//! | components to gray, RGB or CMYK | color.rs |
//!
//! Beside them, index.rs keeps places to resume at, and memory.rs states how much a decode will hold.

mod bits;
mod block;
mod block_size;
mod coefficients;
mod color;
mod edge_block;
mod grid;
mod header;
mod huffman;
mod idct;
mod index;
mod markers;
mod mcu_rows;
mod memory;
mod multi_scan;
mod plane;
mod rows;
mod scan_decoder;
mod scan_reader;
mod single_scan;
mod upsample;

pub(super) use block_size::SCALES;
pub use index::Index;
pub(super) use memory::memory_bytes;
pub use rows::JpegRows;
#[cfg(feature = "formats")]
pub(super) use upsample::triangle_pairs;
