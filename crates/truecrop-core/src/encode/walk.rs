//! A strict walk over a JPEG that must be the engine's own.
//!
//! The header is compared with the encoder's, byte for byte. The scan then has exactly one meaning left for each bit:
//! codes of the fixed tables, no zero run that says nothing, exactly as many blocks as the size needs, the last
//! byte filled with ones, EOI, and not one byte more. Blocks that lie wholly outside the picture may only repeat its
//! edge.

use super::canonical::differs;
use super::jpeg;
use crate::error::{Error, Result};
use crate::geometry::Size;
use crate::recipe::OutputSpec;
use crate::resample::Raster;

pub(super) fn check_jpeg(bytes: &[u8], spec: &OutputSpec) -> Result<()> {
    let header = header(spec)?;
    let Some(scan) = bytes.strip_prefix(&header[..]) else {
        let at = header.iter().zip(bytes).take_while(|(a, b)| a == b).count();
        let detail = "The output is not a JPEG of the stated size and quality as this engine writes it.";
        let got = format!("another from byte {at} on");
        return Err(differs(detail).figures(format!("the engine's header of {} bytes", header.len()), got));
    };
    let tables = Tables::read(&header);
    Walk { bits: Bits { bytes: scan, at: 0, held: 0, count: 0 }, tables }.run(spec)
}

/// What the encoder writes before the scan: taken from a tiny picture, with the size put in.
fn header(spec: &OutputSpec) -> Result<Vec<u8>> {
    let tiny = Raster { size: Size::new(1, 1), alpha: false, data: vec![0; 3] };
    let mut file = jpeg::encode(&tiny, spec.jpeg_quality())?;
    let segments = segments(&file);
    let find = |marker: u8| segments.iter().find(|s| s.0 == marker).map(|s| s.1.clone());
    let (Some(frame), Some(scan)) = (find(0xc0), find(0xda)) else {
        return Err(differs("This engine's JPEG encoder writes no baseline header."));
    };
    let side = |v: u32| u16::try_from(v).map_err(|_| differs("The output is larger than a JPEG can be."));
    file[frame.start + 1..frame.start + 3].copy_from_slice(&side(spec.height)?.to_be_bytes());
    file[frame.start + 3..frame.start + 5].copy_from_slice(&side(spec.width)?.to_be_bytes());
    file.truncate(scan.end);
    Ok(file)
}

/// Marker and range of content of each segment up to the scan. Only for headers of our own.
fn segments(file: &[u8]) -> Vec<(u8, std::ops::Range<usize>)> {
    let (mut at, mut list) = (2, Vec::new());
    while let Some([0xff, marker, high, low]) = file.get(at..at + 4) {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        list.push((*marker, at + 4..at + 2 + length));
        at += 2 + length;
        if *marker == 0xda {
            break;
        }
    }
    list
}

/// Symbols of each code length, as DHT gives them (T.81, C.2).
#[derive(Default)]
struct Table {
    counts: [u8; 16],
    symbols: Vec<u8>,
}

/// DC and AC tables of luma and chroma.
struct Tables {
    dc: [Table; 2],
    ac: [Table; 2],
}

impl Tables {
    fn read(header: &[u8]) -> Self {
        let mut tables = Self { dc: Default::default(), ac: Default::default() };
        for (_, range) in segments(header).into_iter().filter(|s| s.0 == 0xc4) {
            let content = &header[range];
            let mut counts = [0; 16];
            counts.copy_from_slice(&content[1..17]);
            let table = Table { counts, symbols: content[17..].to_vec() };
            let class = if content[0] >> 4 == 0 { &mut tables.dc } else { &mut tables.ac };
            class[usize::from(content[0] & 1)] = table;
        }
        tables
    }
}

/// Bits of a scan, with stuffing taken out.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    held: u8,
    count: u8,
}

impl Bits<'_> {
    fn bit(&mut self) -> Result<u32> {
        if self.count == 0 {
            let byte = *self.bytes.get(self.at).ok_or_else(short)?;
            self.at += 1;
            if byte == 0xff {
                if self.bytes.get(self.at) != Some(&0) {
                    return Err(differs("The output's scan ends before its picture is whole."));
                }
                self.at += 1;
            }
            (self.held, self.count) = (byte, 8);
        }
        self.count -= 1;
        Ok(u32::from(self.held >> self.count & 1))
    }

    fn take(&mut self, count: u8) -> Result<u32> {
        (0..count).try_fold(0, |value, _| Ok(value << 1 | self.bit()?))
    }

    /// T.81, F.2.2.3.
    fn symbol(&mut self, table: &Table) -> Result<u8> {
        let (mut code, mut first, mut index) = (0u32, 0u32, 0usize);
        for count in table.counts {
            code = code << 1 | self.bit()?;
            let count = u32::from(count);
            if code < first + count {
                return Ok(table.symbols[index + (code - first) as usize]);
            }
            index += count as usize;
            first = (first + count) << 1;
        }
        Err(differs("The output's scan holds a code that its tables do not have."))
    }
}

fn short() -> Error {
    differs("The output ends before its picture is whole.")
}

struct Walk<'a> {
    bits: Bits<'a>,
    tables: Tables,
}

/// Where a block lies beside the picture: such blocks only repeat its edge.
#[derive(Clone, Copy)]
struct Outside {
    right: bool,
    below: bool,
}

impl Walk<'_> {
    fn run(mut self, spec: &OutputSpec) -> Result<()> {
        let factor = jpeg::luma_factor(spec.jpeg_quality());
        let (across, down) = (spec.width.div_ceil(8 * factor), spec.height.div_ceil(8 * factor));
        for row in 0..down {
            for column in 0..across {
                for y in 0..factor {
                    for x in 0..factor {
                        let right = (column * factor + x) * 8 >= spec.width;
                        let below = (row * factor + y) * 8 >= spec.height;
                        self.block(0, Outside { right, below })?;
                    }
                }
                for _ in 0..2 {
                    self.block(1, Outside { right: false, below: false })?;
                }
            }
        }
        self.end()
    }

    fn block(&mut self, table: usize, outside: Outside) -> Result<()> {
        let size = self.bits.symbol(&self.tables.dc[table])?;
        self.bits.take(size)?;
        let mut k = 1;
        let mut skipped = false;
        while k < 64 {
            let symbol = self.bits.symbol(&self.tables.ac[table])?;
            let (run, size) = (symbol >> 4, symbol & 15);
            match (run, size) {
                (0, 0) if skipped => return Err(differs("The output's scan says zeros twice.")),
                (0, 0) => return Ok(()),
                (15, 0) => {
                    k += 16;
                    skipped = true;
                    continue;
                }
                (_, 0) => return Err(differs("The output's scan holds a run that no encoder writes.")),
                _ => {}
            }
            k += usize::from(run);
            if k > 63 {
                return Err(differs("The output's scan runs over the end of a block."));
            }
            self.bits.take(size)?;
            let place = ZIGZAG[k];
            if (outside.right && !place.is_multiple_of(8)) || (outside.below && place / 8 != 0) {
                return Err(differs("The output hides something beside its picture."));
            }
            k += 1;
            skipped = false;
        }
        if skipped {
            return Err(differs("The output's scan runs over the end of a block."));
        }
        Ok(())
    }

    /// Ones up to the next byte, EOI, and nothing more.
    fn end(mut self) -> Result<()> {
        let left = self.bits.count;
        if self.bits.take(left)? != (1 << left) - 1 {
            return Err(differs("The output's scan does not end in ones."));
        }
        match &self.bits.bytes[self.bits.at..] {
            [0xff, 0xd9] => Ok(()),
            rest => {
                let error = differs("The output goes on behind its picture.");
                Err(error.figures("2 bytes: the end marker", format!("{} bytes", rest.len())))
            }
        }
    }
}

/// T.81, figure A.6: the natural place of each coefficient in zigzag order.
#[rustfmt::skip]
const ZIGZAG: [u8; 64] = [
     0,  1,  8, 16,  9,  2,  3, 10, 17, 24, 32, 25, 18, 11,  4,  5,
    12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13,  6,  7, 14, 21, 28,
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
    58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];
