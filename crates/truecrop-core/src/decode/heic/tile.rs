//! One coded picture: its units are read one by one, and the library decodes them.
//!
//! The library's own loop over a whole stream is not used: it takes the stream twice, and lets slices decode the same blocks again and
//! again. Here each slice must go on where the one before it ended.

use crate::error::{Result, damaged};
use crate::probe::formats::heic::{CodedPicture, Extent, Stream, to_error};
use crate::source::PositionedReader;
use heifer_hevc_dec::nal::{NalHeader, unescape_rbsp};
use heifer_hevc_dec::params::Sps;
use heifer_hevc_dec::recon::{Frame, Reconstructor};
use heifer_hevc_dec::slice::SliceHeader;
use heifer_hevc_dec::syntax::{Picture, decode_slice_segment};

/// Slices of one picture, of the highest level (H.265, table A.8).
const MOST_SLICES: usize = 600;

/// Units of one picture: its slices, and information beside them.
const MOST_UNITS: usize = 4 * MOST_SLICES;

/// A decoded picture with what an encoder padded around it.
pub(super) struct DecodedTile {
    pub(super) frame: Frame,
    /// The first luma column and row that are seen; those of chroma follow from them.
    pub(super) corner: [u32; 2],
}

/// Most bytes that decoding one of these pictures holds.
///
/// For each coded pixel: its samples of 16 bits, once more those of one plane (SAO reads what deblocking gave), and what is known of
/// its blocks; the longest tile's bytes twice, with and without their emulation prevention.
pub(super) fn memory_bytes(picture: &CodedPicture) -> u64 {
    const BLOCKS: u64 = 2;
    const FIXED: u64 = 256 << 10;
    let samples = match picture.samples.chroma {
        0 => 2,
        1 => 3,
        2 => 4,
        _ => 6,
    };
    // a picture is stored in whole blocks of 64 at most
    let side = |pixels: u32| u64::from(pixels.next_multiple_of(64));
    let coded = side(picture.samples.coded.width) * side(picture.samples.coded.height);
    (coded * (samples + 2 + BLOCKS) + FIXED).saturating_add(picture.longest_tile().saturating_mul(2))
}

/// Decodes a picture whose bytes lie at `extents`; `None` where the file ends before they do.
pub(super) fn decode(
    source: &mut PositionedReader,
    extents: &[Extent],
    stream: &Stream,
) -> Result<Option<DecodedTile>> {
    let mut units = Units { source, extents, at: 0, length_bytes: stream.length_bytes, count: 0 };
    let mut unit = Vec::new();
    let mut begun: Option<Begun<'_>> = None;
    loop {
        match units.next(&mut unit)? {
            Next::End => break,
            Next::Missing => return Ok(None),
            Next::Unit => {}
        }
        let header = NalHeader::parse(&unit).map_err(to_error)?;
        if !header.unit_type.is_slice() || header.layer_id > 0 {
            continue;
        }
        let payload = unescape_rbsp(unit.get(2..).unwrap_or_default());
        // the first bit: a picture begins
        let first = payload.first().is_some_and(|byte| byte & 0x80 != 0);
        if first && begun.is_some() {
            break;
        }
        decode_slice(&mut begun, &payload, header, stream)?;
    }
    let begun = begun
        .filter(|b| b.picture.is_complete())
        .ok_or_else(|| damaged("a picture lacks some of its slices"))?;
    let sps = begun.picture.sps;
    let corner = corner(sps);
    let Begun { picture, reconstructor, .. } = begun;
    drop(picture);
    Ok(Some(DecodedTile { frame: reconstructor.finish(false), corner }))
}

/// A picture of which some slices are decoded.
struct Begun<'a> {
    picture: Picture<'a>,
    reconstructor: Reconstructor<'a>,
    /// The last slice that does not depend on another.
    last: Option<SliceHeader>,
    slices: usize,
}

fn decode_slice<'a>(
    begun: &mut Option<Begun<'a>>,
    payload: &[u8],
    unit: NalHeader,
    stream: &'a Stream,
) -> Result<()> {
    let last = begun.as_ref().and_then(|b| b.last.as_ref());
    let header = SliceHeader::parse(payload, &unit, &stream.sets, last).map_err(to_error)?;
    let (pps, sps) = stream.sets.get(header.slice_pic_parameter_set_id.into()).map_err(to_error)?;
    let begun = begun.get_or_insert_with(|| Begun {
        picture: Picture::new(sps, pps),
        reconstructor: Reconstructor::new(sps, pps),
        last: None,
        slices: 0,
    });
    let address = begun.picture.layout.rs_to_ts.get(header.slice_segment_address as usize);
    if address != Some(&begun.picture.decoded_ctbs) || !std::ptr::eq(pps, begun.picture.pps) {
        return Err(damaged("a picture's slices do not follow each other"));
    }
    begun.slices += 1;
    if begun.slices > MOST_SLICES {
        return Err(damaged("a picture has more slices than HEVC allows"));
    }
    begun.reconstructor.start_slice(&header);
    let qp = header.slice_qp_y(&stream.sets).map_err(to_error)?;
    let data = payload.get(header.header_size..).unwrap_or_default();
    decode_slice_segment(&mut begun.picture, &header, qp, data, &mut begun.reconstructor)
        .map_err(to_error)?;
    if !header.dependent_slice_segment_flag {
        begun.last = Some(header);
    }
    Ok(())
}

fn corner(sps: &Sps) -> [u32; 2] {
    let (across, down) = sps.chroma_subsampling();
    let [left, _, top, _] = sps.conf_win_offsets;
    [left * across, top * down]
}

/// The units of a picture, each with its length before it.
struct Units<'a> {
    source: &'a mut PositionedReader,
    extents: &'a [Extent],
    /// Bytes read of the first extent.
    at: u64,
    length_bytes: usize,
    /// Units begun so far, empty ones too.
    count: usize,
}

enum Next {
    Unit,
    /// All were read.
    End,
    /// The file ends before the picture does.
    Missing,
}

impl Units<'_> {
    /// Reads the next unit that is not empty.
    fn next(&mut self, unit: &mut Vec<u8>) -> Result<Next> {
        loop {
            if self.left() == 0 {
                return Ok(Next::End);
            }
            self.count += 1;
            if self.count > MOST_UNITS {
                return Err(damaged("a picture is in too many pieces"));
            }
            let mut length = [0; 4];
            let from = length.len() - self.length_bytes;
            if self.left() < self.length_bytes as u64 {
                return Err(damaged("a picture ends in the middle of a unit"));
            }
            if !self.fill(&mut length[from..])? {
                return Ok(Next::Missing);
            }
            let length = u32::from_be_bytes(length);
            if u64::from(length) > self.left() {
                return Err(damaged("a picture ends in the middle of a unit"));
            }
            if length < 2 {
                self.skip(length.into());
                continue;
            }
            unit.clear();
            unit.resize(length as usize, 0);
            return Ok(if self.fill(unit)? { Next::Unit } else { Next::Missing });
        }
    }

    /// Bytes of the picture that are yet to be read.
    fn left(&self) -> u64 {
        self.extents.iter().map(|extent| extent.length).fold(0, u64::saturating_add).saturating_sub(self.at)
    }

    fn skip(&mut self, mut count: u64) {
        while let Some(extent) = self.extents.first()
            && count > 0
        {
            let step = (extent.length - self.at).min(count);
            self.advance(step);
            count -= step;
        }
    }

    fn advance(&mut self, step: u64) {
        self.at += step;
        while let Some(extent) = self.extents.first()
            && extent.length == self.at
        {
            self.extents = &self.extents[1..];
            self.at = 0;
        }
    }

    /// Whether the file had all the bytes.
    fn fill(&mut self, mut out: &mut [u8]) -> Result<bool> {
        self.advance(0);
        while let Some(extent) = self.extents.first()
            && !out.is_empty()
        {
            let count = (extent.length - self.at).min(out.len() as u64) as usize;
            let (now, later) = out.split_at_mut(count);
            if self.source.read_at(extent.start + self.at, now)? < count {
                return Ok(false);
            }
            self.advance(count as u64);
            out = later;
        }
        Ok(out.is_empty())
    }
}
