//! Gain maps: the second, small JPEG behind a JPEG, or another picture of a HEIC, from which displays of high dynamic range learn how much brighter each part
//! of the picture is to be. Ultra HDR (Android) and ISO 21496-1 say where it lies and what its samples mean; phones write both.
//!
//! | file | what |
//! | --- | --- |
//! | this one | finds the map behind a JPEG, and reads its header |
//! | `mpf` | the index of the file's pictures (CIPA DC-007) |
//! | `xmp` | the directory of the file's parts, and the map's numbers, in XMP |
//! | `iso` | the map's numbers as ISO 21496-1 has them |
//! | `metadata` | the numbers |
//! | `apple` | Apple's own maps, as maps of ISO 21496-1 |
//!
//! Those of a HEIC are found in `formats/heic`.
//!
//! A map that is damaged counts as none: the base is a picture without it. What the file holds is then said, as of every map that
//! an output leaves ([`Ignored::GainMap`](crate::probe::Ignored)).

#[cfg(feature = "heic")]
mod apple;
pub(crate) mod iso;
mod metadata;
pub(crate) mod mpf;
mod xmp;

#[cfg(feature = "heic")]
pub(crate) use apple::AppleHeadroom;
pub use metadata::MapMetadata;
pub(crate) use metadata::{MapChannel, UNIT};

use super::super::map_signs::MapSigns;
use super::super::{Header, Probe, SourceFormat, jpeg};
use crate::error::{Code, Result};
use crate::limits::Limits;
use crate::source::HeaderReader;
use std::ops::Range;

/// Bytes of a map's header that are read: writers write some hundred, with a thumbnail 64 KiB. Files are looked through for each place that
/// they name, so this bounds the time.
const MOST_HEADER_BYTES: u64 = 1 << 20;

/// A usable gain map.
///
/// # Guarantees
/// Its header was read: a JPEG of one or three components that lies in the file behind the base's header, or a picture of a HEIC; no larger than
/// the base on either side.
#[derive(Clone, Debug)]
pub struct GainMap {
    offset: u64,
    probe: Probe,
    metadata: MapMetadata,
    in_base_space: bool,
}

impl GainMap {
    pub(super) fn new(offset: u64, probe: Probe, metadata: MapMetadata, in_base_space: bool) -> Self {
        Self { offset, probe, metadata, in_base_space }
    }

    /// Where it begins in the file. It is [`Probe::bytes`] long; of a HEIC that is the whole file.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Its header, with the base's orientation. Crops of it are stated in the base's pixels.
    pub fn probe(&self) -> &Probe {
        &self.probe
    }

    /// How its samples become gains.
    pub fn metadata(&self) -> &MapMetadata {
        &self.metadata
    }

    /// Whether its gains are meant for the base's own primaries.
    pub(crate) fn in_base_space(&self) -> bool {
        self.in_base_space
    }
}

/// Finds the map that a JPEG's header announces. Each place that the header names is tried; the first with a usable map counts.
///
/// # Errors
/// [`Code::Io`] alone: whatever is wrong with a map, the base is a picture.
pub(in crate::probe) fn find(
    scan: &mut HeaderReader<'_>,
    signs: &MapSigns,
    base: &Header,
    limits: &Limits,
) -> Result<Option<Box<GainMap>>> {
    for (offset, length) in places(signs, scan.offset()..scan.length()) {
        match read(scan, (offset, length), base, limits) {
            Ok(None) => {}
            Err(error) if error.code() == Code::Io => return Err(error),
            Err(_) => {}
            found => return found,
        }
    }
    Ok(None)
}

/// Offset and length of what may be the map, each once, within these bytes, which are those behind the base's header: by the index first,
/// because it counts from the file's start.
fn places(signs: &MapSigns, behind: Range<u64>) -> Vec<(u64, u64)> {
    let by_index = signs.index().into_iter().flat_map(|(start, index)| {
        let place = move |(offset, length): (u32, u32)| (start + u64::from(offset), u64::from(length));
        mpf::pictures(index).into_iter().map(place)
    });
    let by_directory = signs.packet().and_then(xmp::place);
    let by_directory =
        by_directory.and_then(|(from_end, length)| Some((behind.end.checked_sub(from_end)?, length)));
    let mut places = Vec::new();
    for (offset, length) in by_index.chain(by_directory) {
        let ends = offset.checked_add(length).is_some_and(|end| end <= behind.end);
        if ends && offset >= behind.start && !places.contains(&(offset, length)) {
            places.push((offset, length));
        }
    }
    places
}

/// The map at a place; `None` where there is another picture, or a map that cannot be used.
fn read(
    scan: &mut HeaderReader<'_>,
    (offset, length): (u64, u64),
    base: &Header,
    limits: &Limits,
) -> Result<Option<Box<GainMap>>> {
    let length_of_header = length.min(MOST_HEADER_BYTES);
    let mut part = scan.part(offset, length_of_header);
    let mut scan = HeaderReader::new(&mut part, length_of_header)?;
    if scan.peek(3)? != b"\xff\xd8\xff" {
        return Ok(None);
    }
    let (mut header, signs) = jpeg::read_header(&mut scan, limits)?;
    let iso = signs.numbers().and_then(iso::parse);
    let numbers = iso.or_else(|| signs.packet().and_then(xmp::metadata).map(|numbers| (numbers, true)));
    let fits = header.size.width <= base.size.width && header.size.height <= base.size.height;
    let Some((metadata, base_space)) = numbers else { return Ok(None) };
    if !fits || !matches!(header.color_channels, 1 | 3) {
        return Ok(None);
    }
    // Gains are not colours: nothing is converted.
    let in_base_space = base_space || header.stated_colors.is_empty();
    header.stated_colors.clear();
    header.orientation = base.orientation;
    header.facts.stretched_over = Some(base.size);
    let probe = Probe { format: SourceFormat::Jpeg, bytes: length, header };
    Ok(Some(Box::new(GainMap::new(offset, probe, metadata, in_base_space))))
}
