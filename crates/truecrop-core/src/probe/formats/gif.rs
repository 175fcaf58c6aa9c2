//! Reads a GIF's header: its blocks up to the second frame (GIF89a specification).

use crate::error::{Code, Error, Result, damaged};
use crate::probe::Header;
use crate::source::HeaderReader;

/// Sub-blocks that are skipped at most. Each has up to 255 bytes, so this is about 32 MB.
const MAX_BLOCKS: usize = 1 << 17;

/// In the flags of a screen or frame.
const HAS_PALETTE: u8 = 0x80;

pub(super) fn read_header(scan: &mut HeaderReader<'_>) -> Result<Header> {
    scan.skip(6)?;
    let (width, height) = (scan.le16()?, scan.le16()?);
    let [screen_flags, _, _] = scan.array()?;
    skip_palette(scan, screen_flags)?;
    let mut header = Header::new(width.into(), height.into());
    let mut budget = MAX_BLOCKS;
    let flags = loop {
        match next_block(scan, &mut budget)? {
            Block::Control { transparent } => header.alpha |= transparent,
            Block::Extension => {}
            Block::Frame { area, flags } => {
                add_first_frame(&mut header, area.map(u32::from), flags);
                break flags;
            }
            Block::End => return Err(damaged("it has no frame")),
        }
    };
    if (screen_flags | flags) & HAS_PALETTE == 0 {
        let detail = "The GIF has no palette, so nobody knows its colours: save it with one, or as PNG.";
        return Err(Error::new(Code::UnsupportedFormat, detail).at("source"));
    }
    // Nothing after the first frame is needed, so what cannot be read there is not an error.
    header.animated = has_another(scan, flags, &mut budget).unwrap_or(false);
    Ok(header)
}

enum Block {
    /// A graphic control extension.
    Control {
        transparent: bool,
    },
    Extension,
    Frame {
        /// Left, top, width and height on the screen.
        area: [u16; 4],
        flags: u8,
    },
    End,
}

/// The next block; the content of extensions is skipped.
fn next_block(scan: &mut HeaderReader<'_>, budget: &mut usize) -> Result<Block> {
    match scan.u8()? {
        0x21 => {
            let label = scan.u8()?;
            let transparent = matches!(scan.peek(2)?, [4, flags] if flags & 1 == 1);
            skip_blocks(scan, budget)?;
            Ok(if label == 0xF9 { Block::Control { transparent } } else { Block::Extension })
        }
        0x2C => {
            let area = [scan.le16()?, scan.le16()?, scan.le16()?, scan.le16()?];
            Ok(Block::Frame { area, flags: scan.u8()? })
        }
        0x3B => Ok(Block::End),
        _ => Err(damaged("it has an unknown block")),
    }
}

/// Skips a frame's palette and data, and tells whether another frame follows.
fn has_another(scan: &mut HeaderReader<'_>, flags: u8, budget: &mut usize) -> Result<bool> {
    skip_palette(scan, flags)?;
    scan.skip(1)?;
    skip_blocks(scan, budget)?;
    loop {
        match next_block(scan, budget)? {
            Block::Frame { .. } => return Ok(true),
            Block::End => return Ok(false),
            Block::Control { .. } | Block::Extension => {}
        }
    }
}

/// As in browsers, the picture is as large as needed to hold its first frame, and transparent outside of it.
fn add_first_frame(header: &mut Header, [left, top, width, height]: [u32; 4], flags: u8) {
    header.interlaced = flags & 0x40 != 0;
    header.size.width = header.size.width.max(left + width);
    header.size.height = header.size.height.max(top + height);
    header.alpha |= width < header.size.width || height < header.size.height;
}

fn skip_palette(scan: &mut HeaderReader<'_>, flags: u8) -> Result<()> {
    if flags & HAS_PALETTE != 0 { scan.skip(3 << ((flags & 7) + 1)) } else { Ok(()) }
}

fn skip_blocks(scan: &mut HeaderReader<'_>, budget: &mut usize) -> Result<()> {
    loop {
        *budget = budget.checked_sub(1).ok_or_else(|| damaged("it has too many blocks"))?;
        match scan.u8()? {
            0 => return Ok(()),
            length => scan.skip(length.into())?,
        }
    }
}
