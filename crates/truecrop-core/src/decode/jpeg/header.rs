//! Parses the segments of a JPEG file (ITU-T T.81, annex B): frame header, tables and scan headers, from scan to scan.

use super::huffman::{self, HuffmanSpec};
use super::markers::next_marker;
use crate::error::{Code, Error, Result};
use crate::source::{ByteWindow, PositionedReader};
use crate::zigzag::NATURAL;
use std::sync::Arc;

/// One colour component of the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Component {
    pub(super) id: u8,
    /// Sampling factors, 1 to 4.
    pub(super) h: u32,
    pub(super) v: u32,
    quant: u8,
}

/// The frame header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FrameHeader {
    pub(super) progressive: bool,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) components: Vec<Component>,
    pub(super) h_max: u32,
    pub(super) v_max: u32,
}

impl Component {
    /// A component that takes its quantisation table from slot 0.
    pub(super) fn new(id: u8, h: u32, v: u32) -> Self {
        Self { id, h, v, quant: 0 }
    }
}

impl FrameHeader {
    /// `components` must not be empty.
    pub(super) fn new(progressive: bool, width: u32, height: u32, components: Vec<Component>) -> Self {
        let h_max = components.iter().map(|c| c.h).max().unwrap_or(1);
        let v_max = components.iter().map(|c| c.v).max().unwrap_or(1);
        Self { progressive, width, height, components, h_max, v_max }
    }

    /// MCUs of an interleaved scan, across and down.
    pub(super) fn mcus(&self) -> (u32, u32) {
        (self.width.div_ceil(8 * self.h_max), self.height.div_ceil(8 * self.v_max))
    }
}

/// What the components mean: the colour model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ColorModel {
    Gray,
    YCbCr,
    Rgb,
    /// Inverted: 255 is no ink.
    Cmyk,
    /// CMYK whose first three are stored as YCbCr; inverted too.
    Ycck,
}

/// One component's part in a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ScanComponent {
    /// Index into [`FrameHeader::components`].
    pub(super) component: usize,
    /// Huffman table slots, 0 to 3.
    pub(super) dc: usize,
    pub(super) ac: usize,
}

/// A dequantisation table in natural order.
pub(super) type QuantTable = [i16; 64];

/// A scan's header: what the scan codes, by which tables, and where its data starts.
#[derive(Clone, Debug)]
pub(super) struct ScanHeader {
    /// File offset of the first byte of entropy-coded data.
    pub(super) at: u64,
    pub(super) parts: Vec<ScanComponent>,
    /// Band of coefficients (zigzag indices, inclusive) and bit positions, in T.81's names; 0, 63, 0, 0 in sequential
    /// files.
    pub(super) ss: u8,
    pub(super) se: u8,
    pub(super) ah: u8,
    pub(super) al: u8,
    /// MCUs between restart markers; 0 = none.
    pub(super) restart: u32,
    pub(super) dc: [Arc<HuffmanSpec>; 4],
    pub(super) ac: [Arc<HuffmanSpec>; 4],
}

/// Parses the file's segments, scan by scan.
pub(super) struct HeaderParser {
    window: ByteWindow,
    pub(super) frame: Option<FrameHeader>,
    /// Each component's quantisation table, as it was at the component's first scan.
    pub(super) quant: [Option<Arc<QuantTable>>; 4],
    slots: [Option<Arc<QuantTable>>; 4],
    dc: [Arc<HuffmanSpec>; 4],
    ac: [Arc<HuffmanSpec>; 4],
    restart: u32,
    jfif: bool,
    adobe: Option<u8>,
    /// The end marker was seen.
    pub(super) ended: bool,
}

fn damaged(what: &str) -> Error {
    Error::new(Code::DamagedSource, format!("The JPEG file is damaged: {what}. Pick another copy of it."))
}

fn unsupported(what: &str) -> Error {
    Error::new(Code::UnsupportedFormat, format!("The JPEG file {what}: save it as an ordinary JPEG."))
}

impl HeaderParser {
    /// Starts at the beginning of the file.
    pub(super) fn open(bytes: &mut PositionedReader, chunk: usize) -> Result<Self> {
        let mut window = ByteWindow::new(0, chunk);
        if next_marker(&mut window, bytes)? != Some(0xD8) || window.offset() != 2 {
            return Err(Error::new(Code::UnsupportedFormat, "The file is not a JPEG file."));
        }
        let [dc0, dc1, ac0, ac1] = huffman::standard();
        Ok(Self {
            window,
            frame: None,
            quant: Default::default(),
            slots: Default::default(),
            dc: [dc0.clone(), dc1.clone(), dc0, dc1],
            ac: [ac0.clone(), ac1.clone(), ac0, ac1],
            restart: 0,
            jfif: false,
            adobe: None,
            ended: false,
        })
    }

    /// The next scan, or `None` at the end of the image or of the file. Skips what comes before it: the previous scan's
    /// data, unknown bytes.
    pub(super) fn next_scan(&mut self, bytes: &mut PositionedReader) -> Result<Option<ScanHeader>> {
        while let Some(marker) = next_marker(&mut self.window, bytes)? {
            match marker {
                0xD9 => {
                    self.ended = true;
                    return Ok(None);
                }
                // these have no length; the reserved ones occur in damaged files only
                0x01..=0xBF | 0xD0..=0xD8 | 0xF0..=0xFD => {}
                0xDA => return self.scan(bytes).map(Some),
                0xC4 => self.huffman_tables(bytes)?,
                0xDB => self.quant_tables(bytes)?,
                0xDD => self.restart_interval(bytes)?,
                0xC0..=0xC2 => self.frame(bytes, marker)?,
                0xE0 | 0xEE => self.application(bytes, marker)?,
                0xC3 | 0xC5..=0xCB | 0xCD..=0xCF | 0xDE => return Err(refuse(marker)),
                _ => {
                    let length = self.length(bytes)?;
                    let end = self.window.offset() + length as u64;
                    self.window.seek(end);
                }
            }
        }
        Ok(None)
    }

    /// What the components mean, by the rules of libjpeg: a JFIF marker means YCbCr, an Adobe marker states it, else the
    /// component ids tell. CMYK is taken as inverted with and without an Adobe marker, as browsers do.
    pub(super) fn colors(&self) -> ColorModel {
        let ids = self.frame.as_ref().map_or([0; 3], |f| {
            let id = |i: usize| f.components.get(i).map_or(0, |c| c.id);
            [id(0), id(1), id(2)]
        });
        match self.frame.as_ref().map_or(0, |f| f.components.len()) {
            1 => ColorModel::Gray,
            4 if matches!(self.adobe, None | Some(0)) => ColorModel::Cmyk,
            4 => ColorModel::Ycck,
            _ if self.jfif => ColorModel::YCbCr,
            _ if self.adobe == Some(0) => ColorModel::Rgb,
            _ if self.adobe.is_none() && ids == *b"RGB" => ColorModel::Rgb,
            _ => ColorModel::YCbCr,
        }
    }

    /// The length of a segment's content.
    fn length(&mut self, bytes: &mut PositionedReader) -> Result<usize> {
        let length = self.u16(bytes)?;
        usize::from(length).checked_sub(2).ok_or_else(|| damaged("a segment has no length"))
    }

    fn u8(&mut self, bytes: &mut PositionedReader) -> Result<u8> {
        self.window.byte(bytes)?.ok_or_else(|| damaged("it ends within its header"))
    }

    fn u16(&mut self, bytes: &mut PositionedReader) -> Result<u16> {
        Ok(u16::from_be_bytes([self.u8(bytes)?, self.u8(bytes)?]))
    }

    /// A whole segment's content.
    fn content(&mut self, bytes: &mut PositionedReader) -> Result<Vec<u8>> {
        let length = self.length(bytes)?;
        (0..length).map(|_| self.u8(bytes)).collect()
    }

    fn frame(&mut self, bytes: &mut PositionedReader, marker: u8) -> Result<()> {
        let content = self.content(bytes)?;
        if self.frame.is_some() {
            return Err(damaged("it has two frames"));
        }
        let [precision, h1, h0, w1, w0, count, rest @ ..] = &content[..] else {
            return Err(damaged("its frame header is too short"));
        };
        if *precision != 8 {
            return Err(unsupported(&format!("has {precision} bits per sample")).figures(8, *precision));
        }
        let (height, width) = (u16::from_be_bytes([*h1, *h0]), u16::from_be_bytes([*w1, *w0]));
        if height == 0 {
            return Err(unsupported("states its height only after the picture (DNL)"));
        }
        if width == 0 || *count == 0 {
            return Err(damaged("its frame has no size"));
        }
        if !matches!(count, 1 | 3 | 4) {
            return Err(unsupported(&format!("has {count} components")));
        }
        let parse = |c: &[u8; 3]| Component {
            quant: c[2],
            ..Component::new(c[0], u32::from(c[1] >> 4), u32::from(c[1] & 15))
        };
        let components: Vec<_> = rest.as_chunks::<3>().0.iter().take((*count).into()).map(parse).collect();
        let legal = |c: &Component| (1..=4).contains(&c.h) && (1..=4).contains(&c.v) && c.quant < 4;
        if components.len() != usize::from(*count) || !components.iter().all(legal) {
            return Err(damaged("its frame header breaks the rules"));
        }
        self.frame = Some(FrameHeader::new(marker == 0xC2, width.into(), height.into(), components));
        Ok(())
    }

    fn quant_tables(&mut self, bytes: &mut PositionedReader) -> Result<()> {
        let content = self.content(bytes)?;
        let mut rest = &content[..];
        while let [head, tail @ ..] = rest {
            let (wide, slot) = (head >> 4 != 0, usize::from(head & 15));
            let size = if wide { 128 } else { 64 };
            if slot > 3 || tail.len() < size {
                return Err(damaged("a quantisation table breaks the rules"));
            }
            let mut table = [0; 64];
            for (k, &natural) in NATURAL.iter().enumerate() {
                let value =
                    if wide { u16::from_be_bytes([tail[2 * k], tail[2 * k + 1]]) } else { tail[k].into() };
                table[usize::from(natural)] = value as i16;
            }
            self.slots[slot] = Some(Arc::new(table));
            rest = &tail[size..];
        }
        Ok(())
    }

    fn huffman_tables(&mut self, bytes: &mut PositionedReader) -> Result<()> {
        let content = self.content(bytes)?;
        let mut rest = &content[..];
        while let [head, tail @ ..] = rest {
            let spec = HuffmanSpec::parse(tail).ok_or_else(|| damaged("a Huffman table breaks the rules"))?;
            rest = &tail[spec.size()..];
            let (ac, slot) = (head >> 4, usize::from(head & 15));
            if ac > 1 || slot > 3 || (ac == 0 && !spec.fits_dc()) {
                return Err(damaged("a Huffman table breaks the rules"));
            }
            let tables = if ac == 0 { &mut self.dc } else { &mut self.ac };
            tables[slot] = Arc::new(spec);
        }
        Ok(())
    }

    fn restart_interval(&mut self, bytes: &mut PositionedReader) -> Result<()> {
        match self.content(bytes)?[..] {
            [high, low, ..] => self.restart = u16::from_be_bytes([high, low]).into(),
            _ => return Err(damaged("a restart interval is too short")),
        }
        Ok(())
    }

    fn application(&mut self, bytes: &mut PositionedReader, marker: u8) -> Result<()> {
        let length = self.length(bytes)?;
        let end = self.window.offset() + length as u64;
        let head: Vec<u8> = (0..length.min(12)).map(|_| self.u8(bytes)).collect::<Result<_>>()?;
        match (marker, &head[..]) {
            (0xE0, [b'J', b'F', b'I', b'F', 0, ..]) if length >= 14 => self.jfif = true,
            (0xEE, [b'A', b'd', b'o', b'b', b'e', .., transform]) if head.len() == 12 => {
                self.adobe = Some(*transform);
            }
            _ => {}
        }
        self.window.seek(end);
        Ok(())
    }

    fn scan(&mut self, bytes: &mut PositionedReader) -> Result<ScanHeader> {
        let content = self.content(bytes)?;
        let frame = self.frame.as_ref().ok_or_else(|| damaged("a scan comes before the frame"))?;
        let broken = || damaged("a scan header breaks the rules");
        let [count, rest @ ..] = &content[..] else { return Err(broken()) };
        let count = usize::from(*count);
        if !(1..=4).contains(&count) || rest.len() < 2 * count + 3 {
            return Err(broken());
        }
        let mut parts: Vec<ScanComponent> = Vec::with_capacity(count);
        for pair in rest[..2 * count].as_chunks::<2>().0 {
            let taken = |i: usize| parts.iter().any(|p| p.component == i);
            let component = (0..frame.components.len())
                .find(|&i| frame.components[i].id == pair[0] && !taken(i))
                .ok_or_else(broken)?;
            let (dc, ac) = (usize::from(pair[1] >> 4), usize::from(pair[1] & 15));
            if dc > 3 || ac > 3 {
                return Err(broken());
            }
            parts.push(ScanComponent { component, dc, ac });
        }
        let blocks: u32 = parts.iter().map(|p| &frame.components[p.component]).map(|c| c.h * c.v).sum();
        if count > 1 && blocks > 10 {
            return Err(broken());
        }
        let [ss, se, approximation] = [rest[2 * count], rest[2 * count + 1], rest[2 * count + 2]];
        let (mut ss, mut se, mut ah, mut al) = (ss, se, approximation >> 4, approximation & 15);
        if frame.progressive {
            let band = if ss == 0 { se == 0 } else { ss <= se && se < 64 && count == 1 };
            if !band || (ah != 0 && al + 1 != ah) || al > 13 {
                return Err(broken());
            }
        } else {
            (ss, se, ah, al) = (0, 63, 0, 0);
        }
        for part in &parts {
            let table = &mut self.quant[part.component];
            if table.is_none() {
                table.clone_from(&self.slots[usize::from(frame.components[part.component].quant)]);
            }
            if table.is_none() {
                return Err(damaged("a quantisation table is missing"));
            }
        }
        let (dc, ac) = (self.dc.clone(), self.ac.clone());
        Ok(ScanHeader { at: self.window.offset(), parts, ss, se, ah, al, restart: self.restart, dc, ac })
    }
}

fn refuse(marker: u8) -> Error {
    unsupported(match marker {
        0xC3 | 0xC7 | 0xCB | 0xCF => "is of the lossless kind",
        0xC8 => "is of a reserved kind",
        0xC9 | 0xCA | 0xCD | 0xCE => "uses arithmetic coding",
        _ => "is of the hierarchical kind",
    })
}
