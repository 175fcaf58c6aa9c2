//! Our own JPEG encoder: baseline, one interleaved scan, quantisation tables that follow from the quality and Huffman
//! tables that follow from the content; chroma at half the density below quality 90.
//!
//! All arithmetic is on integers, so the same pixels give the same bytes everywhere, and every choice is a rule, so that
//! `validate` can tell from a file alone whether this encoder writes it. All targets share one source: loops over lanes,
//! which the compiler turns into vectors, compiled a second time for AVX2.
//!
//! | stage | file |
//! | --- | --- |
//! | division of the picture into MCUs | mcu_grid.rs |
//! | pixels to samples of luma and chroma | planes.rs |
//! | samples to quantised coefficients | fdct.rs |
//! | an MCU row through the stages | mcu_row.rs |
//! | coefficients counted, kept, and written as the scan | scan.rs |
//! | Huffman tables from the counts | huffman.rs |
//! | quantisation tables, and the header's bytes | tables.rs |
//! | whether a file is this encoder's | validate.rs |
//!
//! Why not progressive: see docs/RECEIPT.md.

mod fdct;
mod huffman;
mod mcu_grid;
mod mcu_row;
mod planes;
mod scan;
mod tables;
#[cfg(feature = "formats")]
pub(super) mod validate;

use crate::error::{Code, Error, Result};
use crate::geometry::Size;
use crate::pixel::Raster;
use fdct::Quantizer;
use huffman::HuffmanTable;
use mcu_grid::McuGrid;
use mcu_row::McuRow;
use planes::Planes;
use scan::Blocks;

/// Encodes an opaque picture at exactly this quality.
pub(super) fn encode(raster: &Raster, quality: u8) -> Result<Vec<u8>> {
    Ok(CodedPicture::new(raster, quality)?.file())
}

/// As [`encode`]; `None` if the file would have more than `most` bytes.
pub(super) fn encode_within(raster: &Raster, quality: u8, most: u64) -> Result<Option<Vec<u8>>> {
    let coded = CodedPicture::new(raster, quality)?;
    // Stuffing can only make the file longer.
    if coded.least_bytes() > most {
        return Ok(None);
    }
    Ok(Some(coded.file()).filter(|file| file.len() as u64 <= most))
}

/// Most bytes of a file: 96 for each block. Random samples of 0 and 255 take less than 70 at quality 100, and less than 45
/// below [`FULL_CHROMA`](mcu_grid::FULL_CHROMA).
pub(super) fn most_bytes(size: Size, quality: u8) -> u64 {
    96 * McuGrid::new(size, quality).block_count() + (4 << 10)
}

/// Most bytes that encoding holds besides the picture and the file.
pub(super) fn memory_bytes(size: Size, quality: u8) -> u64 {
    let grid = McuGrid::new(size, quality);
    let block = 2 * scan::MOST_VALUES as u64;
    let mcu_row = block * (grid.mcus_across() * grid.components().len()) as u64;
    // All MCU rows, and one more while it is made; tables.
    block * grid.block_count()
        + mcu_row
        + 24 * grid.mcu_rows() as u64
        + Planes::memory_bytes(grid)
        + (32 << 10)
}

/// Bytes that are reserved for a file of this many bytes without stuffing: on average, one byte in 256 is stuffed.
pub(super) fn capacity(bytes: u64) -> u64 {
    bytes + bytes / 64 + 64
}

/// A picture's blocks and the tables that follow from them.
struct CodedPicture {
    head: Vec<u8>,
    grid: McuGrid,
    blocks: Blocks,
    tables: [HuffmanTable; 4],
}

impl CodedPicture {
    fn new(raster: &Raster, quality: u8) -> Result<Self> {
        if raster.alpha {
            let detail = "JPEG cannot be transparent: give a background colour.";
            return Err(Error::new(Code::BackgroundRequired, detail).at("background"));
        }
        let side = raster.size.width.max(raster.size.height);
        if side > u32::from(u16::MAX) {
            let error = Error::new(Code::OutputTooLarge, "A JPEG has at most 65,535 pixels a side.");
            return Err(error.figures(u16::MAX, side));
        }
        let grid = McuGrid::new(raster.size, quality);
        let [luma, chroma] = tables::steps(quality);
        let quantizers = [Quantizer::new(&luma), Quantizer::new(&chroma)];
        let mut planes = Planes::new(grid);
        let mut blocks = Blocks::new(grid.mcus_across() * grid.components().len());
        for number in 0..grid.mcu_rows() {
            let mcu_row = McuRow { grid, number, quantizers: &quantizers };
            mcu_row.code(&raster.data, &mut planes, &mut blocks);
        }
        let tables = blocks.statistics.each_ref().map(HuffmanTable::best);
        Ok(Self { head: tables::head(grid, quality), grid, blocks, tables })
    }

    /// The file's bytes without stuffing.
    fn least_bytes(&self) -> u64 {
        let header = self.head.len() + tables::tail(&self.tables).len() + 2;
        header as u64 + self.blocks.bits(&self.tables).div_ceil(8)
    }

    fn file(&self) -> Vec<u8> {
        let mut file = Vec::with_capacity(capacity(self.least_bytes()) as usize);
        file.extend_from_slice(&self.head);
        file.extend_from_slice(&tables::tail(&self.tables));
        let mut file = self.blocks.write(&self.tables, self.grid.components(), file);
        file.extend_from_slice(&[0xff, 0xd9]);
        file
    }
}

#[cfg(test)]
mod tests;
