//! Decodes the picture of a file that ends too early: as many of its upper rows as are certain.
//!
//! The library refuses cut data, so it is given pictures that are whole:
//!
//! - lossy: the same picture with fewer rows of macroblocks, whose number is sought (each row hangs on the rows above it
//!   alone). The library allows for one byte behind the end, so a row only counts if it is the same whatever comes there:
//!   the arithmetic decoder gives the same for every continuation if it does for the smallest and the largest. The last
//!   rows would still be changed by the loop filter and the chroma below ([`FILTER_REACH`]);
//! - lossless: the same stream with several continuations. What they agree on is certain, but for the last pixels: a
//!   copy may repeat the same colour in all of them ([`LONGEST_COPY`]).

use super::spliced::Spliced;
use super::vp8_header::{self, FRAME_HEADER, Partitions, partitions};
use super::{Picture, to_error};
use crate::error::{Result, damaged};
use crate::geometry::Size;
use crate::probe::formats::ChunkPlace;
use crate::source::{Source, read_filling};
use image_webp::{DecodingError, WebPDecoder};
use std::io::{BufReader, SeekFrom};

/// Rows that the next row of macroblocks may still change: three of chroma by the loop filter, and one by interpolation.
const FILTER_REACH: usize = 8;

/// Pixels that one symbol of a lossless picture gives at most.
const LONGEST_COPY: usize = 4096;

/// Behind a cut: more than the library reads ahead.
const LARGEST: [u8; 8] = [0xFF; 8];

/// A RIFF file's beginning, with a chunk of this kind and length, if its picture is all that it has.
fn riff(kind: &[u8; 4], length: u32) -> Vec<u8> {
    let size = length.saturating_add(12).to_le_bytes();
    [&b"RIFF"[..], &size, b"WEBP", kind, &length.to_le_bytes()].concat()
}

/// Decodes a file into RGB.
fn decode(file: Spliced<'_>) -> std::result::Result<Vec<u8>, DecodingError> {
    let mut decoder = WebPDecoder::new(BufReader::new(file))?;
    let size = decoder.output_buffer_size().ok_or(DecodingError::ImageTooLarge)?;
    let mut pixels = vec![0; size];
    decoder.read_image(&mut pixels)?;
    Ok(pixels)
}

/// A cut lossy picture, from which pictures of fewer rows are made.
struct Lossy<'a> {
    source: &'a mut dyn Source,
    size: Size,
    /// The frame header, the first partition and the table of sizes.
    head: Vec<u8>,
    partitions: Partitions,
    /// File offset and length of what is there of the other partitions.
    rest: (u64, u64),
}

impl Lossy<'_> {
    /// RGB of the first rows of macroblocks; `None` when the file does not have them. `behind`: what is put at the cut.
    fn rows(&mut self, rows: usize, behind: &[u8]) -> Result<Option<Vec<u8>>> {
        let height = (16 * rows as u32).min(self.size.height) as u16;
        let mut head = self.head.clone();
        head[8..10].copy_from_slice(&height.to_le_bytes());
        // the sizes of partitions as they are there; the last one has no entry
        let (mut left, mut length) = (self.rest.1, head.len() as u64 + self.rest.1 + behind.len() as u64);
        for entry in head[self.partitions.table..].as_chunks_mut::<3>().0 {
            let size = u64::from(u32::from_le_bytes([entry[0], entry[1], entry[2], 0]));
            let mut there = size.min(left);
            left -= there;
            if there < size {
                there += behind.len() as u64;
                length += behind.len() as u64;
            }
            entry.copy_from_slice(&(there as u32).to_le_bytes()[..3]);
        }
        let file = [riff(b"VP8 ", length as u32), head].concat();
        let endless: Option<fn(u64) -> u8> = if behind.is_empty() { None } else { Some(|_| 0xFF) };
        let file = Spliced { head: &file, source: self.source, part: self.rest, endless, at: 0 };
        match decode(file) {
            Ok(pixels) => Ok(Some(pixels)),
            Err(DecodingError::IoError(e)) if e.kind() != std::io::ErrorKind::UnexpectedEof => {
                Err(to_error(&DecodingError::IoError(e)))
            }
            Err(_) => Ok(None),
        }
    }

    /// The most rows of macroblocks that the file seems to have.
    fn most(&mut self, all: usize) -> Result<usize> {
        if self.rows(all, &[])?.is_some() {
            return Ok(all);
        }
        let (mut there, mut lacking) = (0, all);
        while lacking - there > 1 {
            let middle = there.midpoint(lacking);
            if self.rows(middle, &[])?.is_some() {
                there = middle;
            } else {
                lacking = middle;
            }
        }
        Ok(there)
    }
}

/// Decodes what there is of a lossy picture.
pub(super) fn lossy(source: &mut dyn Source, place: ChunkPlace, bytes: u64, size: Size) -> Result<Picture> {
    let there = place.length.min(bytes.saturating_sub(place.start));
    source.seek_to(SeekFrom::Start(place.start))?;
    let mut head = vec![0; vp8_header::MOST_BYTES.min(there as usize)];
    let read = read_filling(source, &mut head)?;
    head.truncate(read);
    let none = || damaged("it ends before its first row");
    let partitions = partitions(&head).ok_or_else(none)?;
    let end = partitions.table + 3 * (partitions.count - 1);
    if head.len() < end || head.len() < FRAME_HEADER {
        return Err(none());
    }
    head.truncate(end);
    head.shrink_to_fit();
    let rest = (place.start + end as u64, there - end as u64);
    let mut picture = Lossy { source, size, head, partitions, rest };
    let all = size.height.div_ceil(16) as usize;
    let mut most = picture.most(all)?;
    let stride = 3 * size.width as usize;
    while most > 0 {
        let Some(mut rows) = picture.rows(most, &[])? else { break };
        let mut whole = most;
        if there < place.length {
            let Some(largest) = picture.rows(most, &LARGEST)? else {
                most -= 1;
                continue;
            };
            let same = rows.chunks(stride).zip(largest.chunks(stride)).take_while(|(a, b)| a == b).count();
            whole = if same * stride == rows.len() { most } else { same / 16 };
        }
        let certain =
            if whole == all { size.height as usize } else { (16 * whole).saturating_sub(FILTER_REACH) };
        rows.truncate(certain * stride);
        if certain > 0 {
            return Ok(Picture { rgba: false, pixels: rows, rows: certain });
        }
        break;
    }
    Err(none())
}

/// Decodes what there is of a lossless stream. `bare`: it has no header (ALPH).
pub(super) fn lossless(
    source: &mut dyn Source,
    place: ChunkPlace,
    bytes: u64,
    size: Size,
    bare: bool,
) -> Result<Picture> {
    let there = place.length.min(bytes.saturating_sub(place.start));
    let header = if bare { 0 } else { there.min(5) };
    let place = ChunkPlace { start: place.start + header, length: place.length.saturating_sub(header) };
    let there = there - header;
    // opaque or not, the fourth sample is as stored
    let sides = (size.width - 1) | (size.height - 1) << 14 | 1 << 28;
    let head = [&riff(b"VP8L", u32::MAX - 15)[..], &[0x2F], &sides.to_le_bytes()].concat();
    let continuations: &[fn(u64) -> u8] = if there == place.length {
        &[|_| 0]
    } else {
        &[
            |_| 0,
            |_| 0xFF,
            |i| if i % 2 == 0 { 0x5A } else { 0xA5 },
            |i| (i.wrapping_mul(0x9E37_79B9) >> 13) as u8,
        ]
    };
    let (mut kept, mut certain) = (Vec::<u8>::new(), size.pixels() as usize);
    for &continuation in continuations {
        let part = (place.start, there);
        let file = Spliced { head: &head, source, part, endless: Some(continuation), at: 0 };
        let Ok(pixels) = decode(file) else { continue };
        if kept.is_empty() {
            kept = pixels;
            continue;
        }
        let both = kept.as_chunks::<4>().0.iter().zip(pixels.as_chunks::<4>().0);
        certain = certain.min(both.take_while(|(a, b)| a == b).count());
    }
    // a copy of the same colour in all of them
    if certain < size.pixels() as usize {
        certain = certain.saturating_sub(LONGEST_COPY);
    }
    let rows = if kept.is_empty() { 0 } else { certain / size.width as usize };
    if rows == 0 {
        return Err(damaged("it ends before its first row"));
    }
    Ok(Picture { rgba: true, pixels: kept, rows })
}
