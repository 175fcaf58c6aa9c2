//! Reads the first directory of a TIFF (TIFF 6.0; BigTIFF has the same with wider numbers), and refuses by name what is not decoded.

mod directory;

use super::{Change, Header, HeaderReader, Result, unsupported};
use crate::error::damaged;
use crate::geometry::Orientation;
use crate::limits::Limits;
use crate::probe::Depth;
use crate::probe::stated_color::StatedColor;
use directory::Directory;

/// Tables of the decompressors, buffers, and the directory.
const WORKING: u64 = 1 << 20;

/// Bytes for each strip or tile: the library holds its offset and its length, and more while it reads them.
const PER_CHUNK: u64 = 192;

/// How far a tile may reach beyond the picture. Tiles have 64 to 1024 pixels a side.
const MAX_OVERHANG: u32 = 2048;

/// What is read of a directory.
#[derive(Default)]
struct Tags {
    subfile: u32,
    width: u32,
    height: u32,
    bits: Vec<u32>,
    compression: u32,
    photometric: Option<u32>,
    fill_order: u32,
    orientation: u16,
    samples: u32,
    rows_per_strip: Option<u32>,
    planar: u32,
    predictor: u32,
    tile: Option<(u32, u32)>,
    extra: Vec<u32>,
    formats: Vec<u32>,
    /// How many offsets and lengths the directory lists, of strips and of tiles.
    strips: [Option<u64>; 2],
    tiles: [Option<u64>; 2],
    profile: Option<(u64, u64)>,
    raw: bool,
}

pub(super) fn read_header(scan: &mut HeaderReader<'_>, limits: &Limits) -> Result<Header> {
    let head = scan.peek(16)?;
    // Canon marks its raw files here, Olympus and Panasonic in the signature, which is then another.
    let canon = head.get(8..10) == Some(b"CR");
    let mut directory = Directory::open(scan)?;
    let mut tags = Tags {
        compression: 1,
        samples: 1,
        planar: 1,
        predictor: 1,
        fill_order: 1,
        orientation: 1,
        raw: canon,
        ..Tags::default()
    };
    while let Some(entry) = directory.next_entry(scan)? {
        read_tag(&mut tags, &directory, scan, &entry)?;
    }
    let more_pages = directory.has_next(scan)?;
    let (channels, change) = check_kind(&tags)?;
    let working = check_layout(&tags, limits)?;
    let depth = if tags.bits.first() == Some(&16) { Depth::Sixteen } else { Depth::Eight };
    let mut header = Header::rare(tags.width, tags.height, channels, depth);
    // The library decodes the whole picture, and then copies it.
    let sample = if depth == Depth::Sixteen { 2 } else { 1 };
    let frame = u64::from(tags.width) * u64::from(tags.height) * u64::from(channels) * sample;
    header = header.with_working(working + frame).with_change(change);
    header.more_pages = more_pages;
    header.orientation = Orientation::new(tags.orientation).unwrap_or(Orientation::NORMAL);
    if let Some((start, length)) = tags.profile {
        header.stated_colors.push(read_profile(scan, start, length, limits)?);
    }
    Ok(header)
}

/// Takes what matters of an entry.
fn read_tag(
    tags: &mut Tags,
    directory: &Directory,
    scan: &mut HeaderReader<'_>,
    entry: &directory::Entry,
) -> Result<()> {
    match entry.tag {
        258 => tags.bits = directory.numbers(scan, entry)?,
        338 => tags.extra = directory.numbers(scan, entry)?,
        339 => tags.formats = directory.numbers(scan, entry)?,
        273 => tags.strips[0] = Some(entry.count),
        279 => tags.strips[1] = Some(entry.count),
        324 => tags.tiles[0] = Some(entry.count),
        325 => tags.tiles[1] = Some(entry.count),
        34675 => tags.profile = Some((directory.offset_of(entry), entry.count)),
        // A digital negative, or the colour filters of a camera's sensor.
        50706 | 33422 => tags.raw = true,
        254 | 256 | 257 | 259 | 262 | 266 | 274 | 277 | 278 | 284 | 317 | 322 | 323 => {
            let [value] = directory.numbers(scan, entry)?[..] else {
                return Err(damaged("a tag has not the one value that it should have"));
            };
            match entry.tag {
                254 => tags.subfile = value,
                256 => tags.width = value,
                257 => tags.height = value,
                259 => tags.compression = value,
                262 => tags.photometric = Some(value),
                266 => tags.fill_order = value,
                274 => tags.orientation = u16::try_from(value).unwrap_or(1),
                277 => tags.samples = value,
                278 => tags.rows_per_strip = Some(value),
                284 => tags.planar = value,
                317 => tags.predictor = value,
                322 => tags.tile = Some((value, tags.tile.map_or(0, |(_, height)| height))),
                _ => tags.tile = Some((tags.tile.map_or(0, |(width, _)| width), value)),
            }
        }
        _ => {}
    }
    Ok(())
}

/// Refuses by name the kinds that are not decoded; gives the channels, and what is yet to be done.
fn check_kind(tags: &Tags) -> Result<(u32, Change)> {
    if tags.raw || tags.subfile & 1 == 1 {
        return Err(unsupported("a camera raw picture", "raw"));
    }
    let refuse = |what: &str, got: u32| Err(unsupported(what, got.to_string()));
    if tags.formats.iter().any(|format| *format != 1) {
        return refuse("a TIFF picture with signed or floating-point samples", tags.formats[0]);
    }
    match tags.photometric {
        Some(0..=2) => {}
        Some(3) => return refuse("a TIFF picture with a palette", 3),
        Some(4) => return refuse("a TIFF mask", 4),
        Some(5) => return refuse("a TIFF picture in CMYK", 5),
        Some(6) => return refuse("a TIFF picture in YCbCr", 6),
        Some(8..=10) => return refuse("a TIFF picture in Lab", 8),
        Some(32803 | 34892) => return refuse("a camera raw picture", 32803),
        Some(other) => return refuse("a TIFF picture in an unknown colour space", other),
        None => return Err(damaged("it does not say what its samples are")),
    }
    match tags.compression {
        1 | 5 | 8 | 32946 | 32773 => {}
        4 if tags.bits.iter().all(|bits| *bits == 1) => {}
        2 | 3 => return refuse("a TIFF picture with fax compression of group 3", tags.compression),
        6 | 7 => return refuse("a TIFF picture with JPEG compression", tags.compression),
        other => return refuse("a TIFF picture with a rare compression", other),
    }
    if tags.fill_order != 1 {
        return refuse("a TIFF picture with reversed bits", tags.fill_order);
    }
    check_samples(tags)
}

/// Channels and depth.
fn check_samples(tags: &Tags) -> Result<(u32, Change)> {
    let refuse = |what: &str, got: u32| Err(unsupported(what, got.to_string()));
    let bits = tags.bits.first().copied().unwrap_or(1);
    if tags.bits.iter().any(|other| *other != bits)
        || !(tags.bits.len() <= 1 || tags.bits.len() as u32 == tags.samples)
    {
        return refuse("a TIFF picture with samples of several depths", bits);
    }
    let gray = tags.photometric != Some(2);
    match bits {
        8 | 16 => {}
        1 if gray => {}
        _ => return refuse("a TIFF picture with samples of a rare depth", bits),
    }
    match tags.predictor {
        1 => {}
        2 if bits > 1 => {}
        other => return refuse("a TIFF picture with a rare predictor", other),
    }
    match (gray, tags.samples, tags.extra.as_slice()) {
        (true, 1, []) => Ok((1, Change::None)),
        (true, ..) => refuse("a TIFF picture in gray with further channels", tags.samples),
        (false, 3, []) => Ok((3, Change::None)),
        (false, 4, [] | [2]) => Ok((4, Change::None)),
        (false, 4, [1]) => Ok((4, Change::Unpremultiply)),
        (false, ..) => refuse("a TIFF picture in RGB with further channels", tags.samples),
    }
}

/// Checks strips and tiles against the picture; gives the bytes that decoding takes beside the frames.
fn check_layout(tags: &Tags, limits: &Limits) -> Result<u64> {
    let size = crate::geometry::Size::new(tags.width, tags.height);
    if size.width == 0 || size.height == 0 {
        return Err(damaged("its header says that it has no pixels"));
    }
    limits.check_source_size(size)?;
    let planes = match tags.planar {
        1 => 1,
        2 => u64::from(tags.samples),
        _ => return Err(damaged("its planes are arranged in an unknown way")),
    };
    let (across, down, listed) = match (tags.tile, tags.strips, tags.tiles) {
        (None, listed, [None, None]) => (size.width, tags.rows_per_strip.unwrap_or(size.height), listed),
        (Some((width, height)), [None, None], listed) => {
            if width > size.width.max(MAX_OVERHANG)
                || height > size.height.max(MAX_OVERHANG)
                || width < 8
                || height < 8
            {
                return Err(damaged("its tiles have impossible sizes"));
            }
            if planes > 1 && (size.width % width, size.height % height) != (0, 0) {
                // The library forgets the padding of all planes but the first.
                return Err(unsupported("a TIFF picture in separate planes of tiles", planes.to_string()));
            }
            (width, height, listed)
        }
        _ => return Err(damaged("it has both strips and tiles")),
    };
    if down == 0 {
        return Err(damaged("its strips have no rows"));
    }
    let chunks = u64::from(size.width.div_ceil(across)) * u64::from(size.height.div_ceil(down)) * planes;
    if listed != [Some(chunks); 2] {
        return Err(damaged("it does not list the strips or tiles that it needs").figures(chunks, listed[0]));
    }
    let row = u64::from(across) * u64::from(tags.samples) * 2;
    Ok(WORKING + chunks * PER_CHUNK + 2 * row)
}

fn read_profile(
    scan: &mut HeaderReader<'_>,
    start: u64,
    length: u64,
    limits: &Limits,
) -> Result<StatedColor> {
    let bytes = usize::try_from(length).ok().filter(|bytes| *bytes <= limits.profile_bytes);
    let Some(bytes) = bytes else { return Ok(StatedColor::IccTooLarge { bytes: length }) };
    scan.move_to(start)?;
    Ok(StatedColor::Icc(scan.take(bytes)?))
}
