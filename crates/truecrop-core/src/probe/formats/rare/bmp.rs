//! Reads a BMP header (Microsoft's BITMAPFILEHEADER, and BITMAPCOREHEADER to BITMAPV5HEADER).

use super::{Change, Header, HeaderReader, Result, unsupported};
use crate::error::damaged;
use crate::probe::Depth;

/// Buffers, a palette, and the indices of one row.
pub(super) const WORKING: u64 = 512 << 10;

/// What a bitmap's header says; `at` its first byte, which is the header's own length.
pub(super) struct Bitmap {
    pub(super) header_bytes: u32,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) bits: u16,
    pub(super) compression: u32,
    pub(super) colors: u32,
    alpha_mask: u32,
}

impl Bitmap {
    pub(super) fn read(scan: &mut HeaderReader<'_>) -> Result<Self> {
        let header_bytes = scan.le32()?;
        let mut bitmap =
            Self { header_bytes, width: 0, height: 0, bits: 0, compression: 0, colors: 0, alpha_mask: 0 };
        match header_bytes {
            12 => {
                (bitmap.width, bitmap.height) = (scan.le16()?.into(), scan.le16()?.into());
                scan.skip(2)?;
                bitmap.bits = scan.le16()?;
            }
            40 | 52 | 56 | 108 | 124 => {
                (bitmap.width, bitmap.height) = (scan.le32()?, scan.le32()?);
                // A negative height says that the first row is the top one.
                bitmap.height = bitmap.height.cast_signed().unsigned_abs();
                scan.skip(2)?;
                (bitmap.bits, bitmap.compression) = (scan.le16()?, scan.le32()?);
                scan.skip(12)?;
                bitmap.colors = scan.le32()?;
                scan.skip(4 + 12)?;
                if bitmap.compression == 3 && header_bytes >= 56 {
                    bitmap.alpha_mask = scan.le32()?;
                }
            }
            16 | 64 => return Err(unsupported("a BMP picture of OS/2", header_bytes.to_string())),
            _ => return Err(damaged("its header has an unknown length")),
        }
        Ok(bitmap)
    }
}

pub(super) fn read_header(scan: &mut HeaderReader<'_>) -> Result<Header> {
    scan.skip(14)?;
    let bitmap = Bitmap::read(scan)?;
    match (bitmap.compression, bitmap.bits) {
        (0, 1 | 2 | 4 | 8 | 16 | 24 | 32) | (1, 8) | (2, 4) | (3, 16 | 32) => {}
        (4 | 5, _) => return Err(unsupported("a BMP picture that holds a JPEG or a PNG", "bmp")),
        (6 | 11..=13, _) => {
            return Err(unsupported("a BMP picture of a rare kind", bitmap.compression.to_string()));
        }
        _ => return Err(damaged("its pixels have an impossible number of bits")),
    }
    if bitmap.colors > 1 << bitmap.bits.min(16) && bitmap.bits <= 8 {
        return Err(damaged("its palette is too long"));
    }
    let channels = if bitmap.alpha_mask == 0 { 3 } else { 4 };
    let row = u64::from(bitmap.width) * 4;
    let header =
        Header::rare(bitmap.width, bitmap.height, channels, Depth::Eight).with_working(WORKING + row);
    Ok(if bitmap.alpha_mask == 0 { header } else { header.with_change(Change::AlphaUnlessZero) })
}
