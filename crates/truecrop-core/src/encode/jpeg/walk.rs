//! A strict walk over a JPEG that must be the engine's own.
//!
//! The header must be the encoder's, byte for byte. The scan then has exactly one meaning left for each bit: codes of
//! the file's tables, no zero run that says nothing, no coefficient that no picture has, exactly as many blocks as the
//! size needs, nothing in those beside the picture, the last byte filled with ones, EOI, and not one byte more. On the
//! way the symbols are counted: the tables must be the ones that the encoder makes for these counts.

use super::huffman::Table;
use super::scan::{END, SIXTEEN, Statistics};
use super::{Frame, tables};
use crate::encode::canonical::differs;
use crate::error::{Error, Result};
use crate::geometry::Size;
use crate::zigzag::NATURAL;

/// Checks that `bytes` are what the encoder writes for some picture of this size, at exactly this quality.
pub(in crate::encode) fn check(bytes: &[u8], size: Size, quality: u8) -> Result<()> {
    if size.width.max(size.height) > u32::from(u16::MAX) {
        return Err(differs("The output is larger than a JPEG can be."));
    }
    let frame = Frame::new(size, quality);
    let head = tables::head(frame, quality);
    let Some(rest) = bytes.strip_prefix(&head[..]) else {
        let at = head.iter().zip(bytes).take_while(|(a, b)| a == b).count();
        let detail = "The output is not a JPEG of the stated size and quality as this engine writes it.";
        let got = format!("another from byte {at} on");
        return Err(differs(detail).figures(format!("the engine's header of {} bytes", head.len()), got));
    };
    let tables = read_tables(rest).ok_or_else(foreign_tables)?;
    let scan = rest.strip_prefix(&tables::tail(&tables)[..]).ok_or_else(foreign_tables)?;
    let bits = Bits { bytes: scan, at: 0, held: 0, count: 0 };
    let limits =
        tables::steps(quality).map(|steps| steps.map(|step| (1024 + i32::from(step) / 2) / i32::from(step)));
    let decoders = tables.each_ref().map(Decoder::new);
    let mut walk = Walk { bits, frame, decoders, limits, last: [0; 3], statistics: Box::new([[0; 256]; 4]) };
    walk.run()?;
    // The walk has found a symbol of each table, so none is without counts.
    if walk.statistics.each_ref().map(Table::best) != tables {
        return Err(foreign_tables());
    }
    walk.bits.end()
}

fn foreign_tables() -> Error {
    differs("The output's Huffman tables are not the ones that follow from its content.")
}

/// The four tables of a DHT segment as the encoder writes it.
fn read_tables(bytes: &[u8]) -> Option<[Table; 4]> {
    let mut rest = bytes.strip_prefix(&tables::DHT)?.get(2..)?;
    let mut next = |id: u8| {
        let (table, length) = Table::read(rest.strip_prefix(&[id])?)?;
        rest = &rest[1 + length..];
        Some(table)
    };
    let [a, b, c, d] = tables::IDS;
    Some([next(a)?, next(b)?, next(c)?, next(d)?])
}

/// A table as the walk wants it.
struct Decoder {
    /// Per length: the codes up to it end before this value of the next 16 bits.
    ends: [u32; 16],
    /// Per length: what to add to its code for the symbol's place.
    shifts: [i32; 16],
    symbols: Vec<u8>,
}

impl Decoder {
    fn new(table: &Table) -> Self {
        let mut made = Self { ends: [0; 16], shifts: [0; 16], symbols: table.symbols().to_vec() };
        let (mut code, mut place) = (0_u32, 0_i32);
        for (i, count) in table.lengths.iter().enumerate() {
            made.shifts[i] = place - code as i32;
            code += u32::from(*count);
            place += i32::from(*count);
            made.ends[i] = code << (15 - i);
            code <<= 1;
        }
        made
    }
}

/// Bits of a scan, with stuffing taken out.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    held: u64,
    count: u32,
}

impl Bits<'_> {
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

    /// The next bits, at most 16; zeros behind the end.
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
        self.count = left.ok_or_else(|| differs("The output ends before its picture is whole."))?;
        Ok(())
    }

    /// T.81, F.2.2.3.
    fn symbol(&mut self, decoder: &Decoder) -> Result<u8> {
        let next = self.peek(16);
        let found = decoder.ends.iter().position(|end| next < *end);
        let symbol = found.and_then(|i| {
            self.skip(i as u32 + 1).ok()?;
            decoder.symbols.get(((next >> (15 - i)) as i32 + decoder.shifts[i]) as usize)
        });
        symbol.copied().ok_or_else(|| {
            differs("The output's scan ends early, or holds a code that its tables do not have.")
        })
    }

    /// A value of this magnitude (T.81, F.2.2.1).
    fn value(&mut self, size: u32) -> Result<i32> {
        if size == 0 {
            return Ok(0);
        }
        let bits = self.peek(size) as i32;
        self.skip(size)?;
        Ok(if bits >> (size - 1) == 0 { bits - (1 << size) + 1 } else { bits })
    }

    /// Ones up to the next byte, EOI, and nothing more.
    fn end(mut self) -> Result<()> {
        self.fill();
        if self.count < 8 {
            let pad = self.count;
            if self.peek(pad) != (1 << pad) - 1 {
                return Err(differs("The output's scan does not end in ones."));
            }
            self.count = 0;
        }
        match &self.bytes[self.at..] {
            [0xff, 0xd9] if self.count == 0 => Ok(()),
            rest => {
                let bytes = rest.len() + self.count as usize / 8;
                let error = differs("The output goes on behind its picture.");
                Err(error.figures("2 bytes: the end marker", format!("{bytes} bytes")))
            }
        }
    }
}

struct Walk<'a> {
    bits: Bits<'a>,
    frame: Frame,
    decoders: [Decoder; 4],
    /// Largest quantised coefficients of luma and chroma, by natural place.
    limits: [[i32; 64]; 2],
    /// DC of each component's last block.
    last: [i32; 3],
    statistics: Box<Statistics>,
}

impl Walk<'_> {
    fn run(&mut self) -> Result<()> {
        let frame = self.frame;
        for band in 0..frame.down() {
            for mcu in 0..frame.across() {
                for (i, &component) in frame.blocks().iter().enumerate() {
                    let beside = component == 0 && frame.is_beside(frame.place(mcu, band, i));
                    self.block(component, beside)?;
                }
            }
        }
        Ok(())
    }

    fn block(&mut self, component: usize, beside: bool) -> Result<()> {
        let class = component.min(1);
        let size = self.symbol(2 * class, 11)?;
        let difference = self.bits.value(size)?;
        self.last[component] += difference;
        if self.last[component].abs() > self.limits[class][0] {
            return Err(no_picture());
        }
        let (mut before, mut sixteens) = (0, 0);
        while before < 63 {
            let symbol = self.symbol(2 * class + 1, 10)?;
            match (symbol as u8, symbol & 15) {
                (END, _) if sixteens > 0 => return Err(differs("The output's scan says zeros twice.")),
                (END, _) => break,
                (SIXTEEN, _) => sixteens += 1,
                (_, 0) => return Err(differs("The output's scan holds a run that no encoder writes.")),
                (_, size) => {
                    before += 16 * sixteens + (symbol as usize >> 4) + 1;
                    sixteens = 0;
                    let value = self.bits.value(size)?;
                    let limit = NATURAL.get(before).map(|place| self.limits[class][usize::from(*place)]);
                    if limit.is_none_or(|limit| value.abs() > limit) {
                        return Err(no_picture());
                    }
                }
            }
            if before + 16 * sixteens > 62 && sixteens > 0 {
                return Err(differs("The output's scan runs over the end of a block."));
            }
        }
        if beside && (difference != 0 || before != 0) {
            return Err(differs("The output hides something beside its picture."));
        }
        Ok(())
    }

    /// The next symbol of a table, which must not announce more than `most` bits.
    fn symbol(&mut self, table: usize, most: u32) -> Result<u32> {
        let symbol = self.bits.symbol(&self.decoders[table])?;
        self.statistics[table][usize::from(symbol)] += 1;
        let size = if table.is_multiple_of(2) { symbol } else { symbol & 15 };
        if u32::from(size) > most {
            return Err(no_picture());
        }
        Ok(symbol.into())
    }
}

fn no_picture() -> Error {
    differs("The output's scan holds a value that no picture has.")
}
