//! JPEG of our own: baseline, one interleaved scan, quantisation tables that follow from the quality and Huffman
//! tables that follow from the content; chroma at half the density below quality 90.
//!
//! All of it is integers, so the same pixels give the same bytes everywhere, and every choice is a rule, so that
//! [`check`] can tell from a file alone whether it is what this encoder writes. One source for all targets: loops
//! over lanes, which the compiler turns into vectors, built once more for AVX2.
//!
//! Not progressive: see docs/RECEIPT.md.

mod band;
mod fdct;
mod huffman;
mod planes;
mod scan;
mod tables;
#[cfg(feature = "formats")]
mod walk;

#[cfg(feature = "formats")]
pub(super) use walk::check;

use crate::error::{Code, Error, Result};
use crate::geometry::Size;
use crate::resample::Raster;
use band::Band;
use fdct::Divisor;
use huffman::Table;
use planes::Planes;
use scan::Blocks;

/// From this quality on the chroma keeps its full density.
const FULL_CHROMA: u8 = 90;

/// How a picture is divided.
#[derive(Clone, Copy)]
struct Frame {
    size: Size,
    /// Blocks of luma across and down in one MCU.
    factor: u32,
}

impl Frame {
    fn new(size: Size, quality: u8) -> Self {
        Self { size, factor: if quality >= FULL_CHROMA { 1 } else { 2 } }
    }

    /// MCUs of a row.
    fn across(self) -> usize {
        self.size.width.div_ceil(8 * self.factor) as usize
    }

    /// Rows of MCUs.
    fn down(self) -> usize {
        self.size.height.div_ceil(8 * self.factor) as usize
    }

    /// Blocks of all components.
    fn count(self) -> u64 {
        (self.across() * self.blocks().len()) as u64 * self.down() as u64
    }

    fn padded_width(self) -> usize {
        self.across() * 8 * self.factor as usize
    }

    /// The component of each block of an MCU.
    fn blocks(self) -> &'static [usize] {
        if self.factor == 1 { &[0, 1, 2] } else { &[0, 0, 0, 0, 1, 2] }
    }

    /// Where a block of luma lies in the grid of blocks: column and row.
    fn place(self, mcu: usize, band: usize, block: usize) -> (usize, usize) {
        let factor = self.factor as usize;
        (mcu * factor + block % factor, band * factor + block / factor)
    }

    /// Whether no pixel lies in this block of luma.
    fn is_beside(self, (column, row): (usize, usize)) -> bool {
        8 * column >= self.size.width as usize || 8 * row >= self.size.height as usize
    }
}

/// Encodes an opaque picture at exactly this quality.
pub(super) fn encode(raster: &Raster, quality: u8) -> Result<Vec<u8>> {
    Ok(Coded::new(raster, quality)?.file())
}

/// The same, unless the file has more than `most` bytes.
pub(super) fn encode_within(raster: &Raster, quality: u8, most: u64) -> Result<Option<Vec<u8>>> {
    let coded = Coded::new(raster, quality)?;
    // Stuffing only adds to this.
    if coded.least_bytes() > most {
        return Ok(None);
    }
    Ok(Some(coded.file()).filter(|file| file.len() as u64 <= most))
}

/// Most bytes of a file: 96 for each block. Samples of 0 and 255 at random come to less than 70 at quality 100, and
/// to less than 45 below [`FULL_CHROMA`].
pub(super) fn most_bytes(size: Size, quality: u8) -> u64 {
    96 * Frame::new(size, quality).count() + (4 << 10)
}

/// Most bytes that encoding holds beside the picture and the file.
pub(super) fn cost(size: Size, quality: u8) -> u64 {
    let frame = Frame::new(size, quality);
    let block = 2 * scan::MOST as u64;
    let band = block * (frame.across() * frame.blocks().len()) as u64;
    // The bands, and one more in the making; tables.
    block * frame.count() + band + 24 * frame.down() as u64 + Planes::cost(frame) + (32 << 10)
}

/// What is taken for a file of this many bytes without stuffing: one byte in 256 is stuffed on average.
pub(super) fn capacity(bytes: u64) -> u64 {
    bytes + bytes / 64 + 64
}

/// A picture's blocks and the tables that follow from them.
struct Coded {
    head: Vec<u8>,
    frame: Frame,
    blocks: Blocks,
    tables: [Table; 4],
}

impl Coded {
    fn new(raster: &Raster, quality: u8) -> Result<Self> {
        if raster.alpha {
            let detail = "JPEG can not be transparent: give a background colour.";
            return Err(Error::new(Code::BackgroundRequired, detail).at("background"));
        }
        let side = raster.size.width.max(raster.size.height);
        if side > u32::from(u16::MAX) {
            let error = Error::new(Code::OutputTooLarge, "A JPEG has at most 65,535 pixels a side.");
            return Err(error.figures(u16::MAX, side));
        }
        let frame = Frame::new(raster.size, quality);
        let [luma, chroma] = tables::steps(quality);
        let divisors = [Divisor::new(&luma), Divisor::new(&chroma)];
        let mut planes = Planes::new(frame);
        let mut blocks = Blocks::new(frame.across() * frame.blocks().len());
        for number in 0..frame.down() {
            let band = Band { frame, number, divisors: &divisors };
            band.code(&raster.data, &mut planes, &mut blocks);
        }
        let tables = blocks.statistics.each_ref().map(Table::best);
        Ok(Self { head: tables::head(frame, quality), frame, blocks, tables })
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
        let mut file = self.blocks.write(&self.tables, self.frame.blocks(), file);
        file.extend_from_slice(&[0xff, 0xd9]);
        file
    }
}

#[cfg(test)]
mod tests;
