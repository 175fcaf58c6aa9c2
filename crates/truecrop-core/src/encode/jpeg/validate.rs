//! Checks that a JPEG is exactly what this encoder writes for some picture.
//!
//! The header must be the encoder's, byte for byte. Then each bit of the scan must be the only possible one: codes of the
//! file's tables, no needless zero run, no coefficient that no picture has, exactly as many blocks as the size needs,
//! nothing in blocks outside the picture, the last byte filled up with ones, EOI, and not one byte more. The symbols are
//! counted on the way: the Huffman tables must be those that the encoder makes for these counts.

use super::huffman::HuffmanTable;
use super::mcu_grid::McuGrid;
use super::scan::{EOB, Statistics, ZRL};
use super::tables;
use crate::error::{Error, Result, not_canonical};
use crate::geometry::Size;
use crate::zigzag::NATURAL;

/// Checks that `bytes` are what the encoder writes for some picture of this size, at exactly this quality.
pub(in crate::encode) fn check(bytes: &[u8], size: Size, quality: u8) -> Result<()> {
    match walk(bytes, size, quality, 0)? {
        [] => Ok(()),
        rest => Err(data_after(2 + rest.len())),
    }
}

/// Bytes of SOI and JFIF's segment.
const START: usize = 20;

/// Checks that `bytes` begin with what the encoder writes, but for `extra` bytes of segments behind JFIF's; gives what follows.
pub(in crate::encode) fn walk(bytes: &[u8], size: Size, quality: u8, extra: usize) -> Result<&[u8]> {
    if size.width.max(size.height) > u32::from(u16::MAX) {
        return Err(not_canonical("The output is larger than a JPEG can be."));
    }
    let grid = McuGrid::new(size, quality);
    let head = tables::head(grid, quality);
    let (start, tables) = head.split_at(START);
    let after_start = bytes.strip_prefix(start).and_then(|rest| rest.get(extra..));
    let Some(rest) = after_start.and_then(|rest| rest.strip_prefix(tables)) else {
        let own = bytes.iter().take(START).chain(bytes.iter().skip(START + extra));
        let at = head.iter().zip(own).take_while(|(a, b)| a == b).count();
        let detail = "The output is not a JPEG of the stated size and quality as this engine writes it.";
        let got = format!("another from byte {at} on");
        return Err(
            not_canonical(detail).figures(format!("the engine's header of {} bytes", head.len()), got)
        );
    };
    let tables = read_tables(rest).ok_or_else(foreign_tables)?;
    let data = rest.strip_prefix(&tables::tail(&tables)[..]).ok_or_else(foreign_tables)?;
    let bits = StrictBits { bytes: data, at: 0, held: 0, count: 0 };
    let limits =
        tables::steps(quality).map(|steps| steps.map(|step| (1024 + i32::from(step) / 2) / i32::from(step)));
    let decoders = tables.each_ref().map(SymbolDecoder::new);
    let mut scan =
        ScanValidator { bits, grid, decoders, limits, last: [0; 3], statistics: Box::new([[0; 256]; 4]) };
    scan.run()?;
    // The scan has at least one symbol of each table, so no table is without counts.
    if scan.statistics.each_ref().map(HuffmanTable::best) != tables {
        return Err(foreign_tables());
    }
    scan.bits.end()
}

fn foreign_tables() -> Error {
    not_canonical("The output's Huffman tables are not the ones that follow from its content.")
}

/// The four tables of a DHT segment as the encoder writes it.
fn read_tables(bytes: &[u8]) -> Option<[HuffmanTable; 4]> {
    let mut rest = bytes.strip_prefix(&tables::DHT)?.get(2..)?;
    let mut next = |id: u8| {
        let (table, length) = read_table(rest.strip_prefix(&[id])?)?;
        rest = &rest[1 + length..];
        Some(table)
    };
    let [a, b, c, d] = tables::IDS;
    Some([next(a)?, next(b)?, next(c)?, next(d)?])
}

/// The table at the beginning of `bytes`, and its length there; `None` if there is no table.
fn read_table(bytes: &[u8]) -> Option<(HuffmanTable, usize)> {
    let (lengths, rest) = bytes.split_first_chunk::<16>()?;
    let count = lengths.iter().map(|n| usize::from(*n)).sum();
    let mut table = HuffmanTable { lengths: *lengths, symbols: [0; 256] };
    table.symbols.get_mut(..count)?.copy_from_slice(rest.get(..count)?);
    Some((table, 16 + count))
}

/// A table for finding the symbol of a code.
struct SymbolDecoder {
    /// For each length: codes of up to this length are below this value of the next 16 bits.
    ends: [u32; 16],
    /// For each length: what to add to a code to get the index of its symbol.
    shifts: [i32; 16],
    symbols: Vec<u8>,
}

impl SymbolDecoder {
    fn new(table: &HuffmanTable) -> Self {
        let mut made = Self { ends: [0; 16], shifts: [0; 16], symbols: table.symbols().to_vec() };
        let (mut code, mut index) = (0_u32, 0_i32);
        for (i, count) in table.lengths.iter().enumerate() {
            made.shifts[i] = index - code as i32;
            code += u32::from(*count);
            index += i32::from(*count);
            made.ends[i] = code << (15 - i);
            code <<= 1;
        }
        made
    }
}

/// The bits of a scan without stuffing. Fails where the decoder's reader would go on with padding.
struct StrictBits<'a> {
    bytes: &'a [u8],
    at: usize,
    held: u64,
    count: u32,
}

impl<'a> StrictBits<'a> {
    /// Holds at least 32 bits, or all up to the next marker.
    fn fill(&mut self) {
        while self.count <= 32 {
            let Some(&byte) = self.bytes.get(self.at) else { return };
            if byte == 0xff {
                if self.bytes.get(self.at + 1) != Some(&0) {
                    return;
                }
                self.at += 1;
            }
            self.at += 1;
            self.held = self.held << 8 | u64::from(byte);
            self.count += 8;
        }
    }

    /// The next bits, at most 16; zeros after the end.
    fn peek(&mut self, count: u32) -> u32 {
        if self.count < count {
            self.fill();
        }
        let bits = if self.count < count {
            self.held << (count - self.count)
        } else {
            self.held >> (self.count - count)
        };
        bits as u32 & ((1 << count) - 1)
    }

    fn skip(&mut self, count: u32) -> Result<()> {
        let left = self.count.checked_sub(count);
        self.count = left.ok_or_else(|| not_canonical("The output ends before its picture is whole."))?;
        Ok(())
    }

    /// Reads a code (T.81, F.2.2.3); gives its symbol.
    fn symbol(&mut self, decoder: &SymbolDecoder) -> Result<u8> {
        let next = self.peek(16);
        let found = decoder.ends.iter().position(|end| next < *end);
        let symbol = found.and_then(|i| {
            self.skip(i as u32 + 1).ok()?;
            decoder.symbols.get(((next >> (15 - i)) as i32 + decoder.shifts[i]) as usize)
        });
        symbol.copied().ok_or_else(|| {
            not_canonical("The output's scan ends early, or holds a code that its tables do not have.")
        })
    }

    /// Reads a value of this size (T.81, F.2.2.1).
    fn value(&mut self, size: u32) -> Result<i32> {
        if size == 0 {
            return Ok(0);
        }
        let bits = self.peek(size) as i32;
        self.skip(size)?;
        Ok(if bits >> (size - 1) == 0 { bits - (1 << size) + 1 } else { bits })
    }

    /// Checks that ones up to the next byte and EOI follow; gives what comes after them.
    fn end(mut self) -> Result<&'a [u8]> {
        self.fill();
        if self.count < 8 {
            let pad = self.count;
            if self.peek(pad) != (1 << pad) - 1 {
                return Err(not_canonical("The output's scan does not end in ones."));
            }
            self.count = 0;
        }
        match &self.bytes[self.at..] {
            [0xff, 0xd9, rest @ ..] if self.count == 0 => Ok(rest),
            rest => Err(data_after(rest.len() + self.count as usize / 8)),
        }
    }
}

/// `bytes`: those behind the scan's data.
fn data_after(bytes: usize) -> Error {
    let error = not_canonical("The output has data after its picture.");
    error.figures("2 bytes: the end marker", format!("{bytes} bytes"))
}

/// Checks the scan's data, block by block.
struct ScanValidator<'a> {
    bits: StrictBits<'a>,
    grid: McuGrid,
    decoders: [SymbolDecoder; 4],
    /// Largest quantised coefficients of luma and chroma, in natural order.
    limits: [[i32; 64]; 2],
    /// DC of each component's last block.
    last: [i32; 3],
    statistics: Box<Statistics>,
}

impl ScanValidator<'_> {
    fn run(&mut self) -> Result<()> {
        let grid = self.grid;
        for mcu_row in 0..grid.mcu_rows() {
            for mcu in 0..grid.mcus_across() {
                for (i, &component) in grid.components().iter().enumerate() {
                    let outside = component == 0 && grid.is_outside(grid.luma_position(mcu, mcu_row, i));
                    self.block(component, outside)?;
                }
            }
        }
        Ok(())
    }

    fn block(&mut self, component: usize, outside: bool) -> Result<()> {
        let class = component.min(1);
        let size = self.symbol(2 * class, 11)?;
        let difference = self.bits.value(size)?;
        self.last[component] += difference;
        if self.last[component].abs() > self.limits[class][0] {
            return Err(no_picture());
        }
        let (mut before, mut zrls) = (0, 0);
        while before < 63 {
            let symbol = self.symbol(2 * class + 1, 10)?;
            match (symbol as u8, symbol & 15) {
                (EOB, _) if zrls > 0 => return Err(not_canonical("The output's scan codes zeros twice.")),
                (EOB, _) => break,
                (ZRL, _) => zrls += 1,
                (_, 0) => return Err(not_canonical("The output's scan holds a run that no encoder writes.")),
                (_, size) => {
                    before += 16 * zrls + (symbol as usize >> 4) + 1;
                    zrls = 0;
                    let value = self.bits.value(size)?;
                    let limit = NATURAL.get(before).map(|natural| self.limits[class][usize::from(*natural)]);
                    if limit.is_none_or(|limit| value.abs() > limit) {
                        return Err(no_picture());
                    }
                }
            }
            if before + 16 * zrls > 62 && zrls > 0 {
                return Err(not_canonical("The output's scan runs past the end of a block."));
            }
        }
        if outside && (difference != 0 || before != 0) {
            return Err(not_canonical("The output hides data outside its picture."));
        }
        Ok(())
    }

    /// Reads and counts a symbol of a table; a value of more than `most_bits` bits must not follow it.
    fn symbol(&mut self, table: usize, most_bits: u32) -> Result<u32> {
        let symbol = self.bits.symbol(&self.decoders[table])?;
        self.statistics[table][usize::from(symbol)] += 1;
        let size = if table.is_multiple_of(2) { symbol } else { symbol & 15 };
        if u32::from(size) > most_bits {
            return Err(no_picture());
        }
        Ok(symbol.into())
    }
}

fn no_picture() -> Error {
    not_canonical("The output's scan holds a value that no picture has.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn tables_are_read_as_they_were_written(
            counts in prop::collection::vec(prop_oneof![Just(0u32), 0..5u32, 0..1_000_000u32], 256)
        ) {
            prop_assume!(counts.iter().any(|count| *count > 0));
            let table = HuffmanTable::best(counts.as_slice().try_into().unwrap());
            let bytes = [&table.lengths[..], table.symbols(), b"more"].concat();
            let (again, length) = read_table(&bytes).unwrap();
            prop_assert!(again == table && length == bytes.len() - 4);
        }
    }
}
