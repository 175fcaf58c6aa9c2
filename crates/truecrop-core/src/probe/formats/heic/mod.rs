//! HEIC: still pictures coded by HEVC, in a file of lists (HEIF, ISO/IEC 23008-12).
//!
//! | file | reads |
//! | --- | --- |
//! | `boxes` | boxes and their fields |
//! | `items` | the lists: items, places, properties, references |
//! | `coded` | the coded pictures that a picture is made of: one, or a grid's tiles |
//! | `hevc` | their parameter sets |
//! | `geometry` | cuts, turns and mirrors |
//! | `secondary` | other pictures that show the same: small ones, gain maps |
//! | `gain_map`, `maker_note` | gain maps, and what Apple's cameras say of theirs |
//!
//! Orientation is what `irot` and `imir` say; EXIF in such files is information alone.

mod boxes;
mod coded;
mod gain_map;
mod geometry;
mod hevc;
mod items;
#[cfg(feature = "formats")]
mod maker_note;
mod secondary;

pub(crate) use coded::CodedPicture;
pub(crate) use hevc::{Coding, Samples, Stream, to_error};
pub(crate) use items::Extent;

use super::Header;
use crate::error::{Code, Error, Result, damaged};
use crate::limits::Limits;
use crate::probe::{Depth, Probe, StatedColor};
use crate::source::HeaderReader;
use boxes::Fields;
use geometry::Shown;
use items::{Items, Property};

/// Boxes at the file's top level before the lists; files have three or four.
const MOST_BOXES: usize = 100;

/// What decoding needs to know.
#[derive(Clone, Debug)]
pub(crate) struct HeicFacts {
    pub(crate) picture: CodedPicture,
    /// A gray picture of the same size: how opaque the picture is.
    pub(crate) alpha: Option<CodedPicture>,
    /// Colours were multiplied by alpha.
    pub(crate) premultiplied: bool,
    /// How red, green and blue were made luma and chroma.
    pub(crate) coding: Coding,
    /// Column and row of the picture where what is shown begins.
    pub(crate) corner: [u32; 2],
    /// Of a gain map: what each gray sample stands for, of 16 bits; 256 of them.
    #[cfg(feature = "formats")]
    pub(crate) curve: Option<Vec<u16>>,
    /// A small picture of the same, which is decoded at once.
    pub(crate) thumbnail: Option<Box<Probe>>,
}

impl HeicFacts {
    fn new(picture: CodedPicture, coding: Coding, corner: [u32; 2]) -> Self {
        Self {
            picture,
            alpha: None,
            premultiplied: false,
            coding,
            corner,
            #[cfg(feature = "formats")]
            curve: None,
            thumbnail: None,
        }
    }

    /// Bytes of the lists of tiles, and of what is known of the small picture.
    #[cfg(feature = "formats")]
    pub(super) fn held_bytes(&self) -> u64 {
        let alpha = self.alpha.as_ref().map_or(0, CodedPicture::list_bytes);
        self.picture.list_bytes() + alpha + self.thumbnail.as_ref().map_or(0, |small| small.held_bytes())
    }
}

/// Reads the header, from the file's first byte on.
pub(super) fn read_header(scan: &mut HeaderReader<'_>, limits: &Limits) -> Result<Header> {
    let (start, length, sequence) = find_lists(scan)?;
    limits.check_heic_header_bytes(length)?;
    let meta = scan.take(usize::try_from(length).map_err(|_| damaged("its lists are too long"))?)?;
    let items = Items::read(&meta, start, scan.length(), limits)?;
    let chain = coded::chain(&items, items.primary)?;
    chain.iter().try_for_each(|id| check_essential(&items, *id))?;
    let pixels = chain.last().copied().unwrap_or(items.primary);
    let picture = coded::read(&items, pixels, scan, limits)?;
    check_presence(&picture, scan.length())?;
    let shown = Shown::new(picture.size, chain.iter().rev().flat_map(|id| items.properties(*id)))?;
    let alpha_item = find_auxiliary(&items, &ALPHA);
    let alpha = alpha_item.map(|id| coded::read(&items, id, scan, limits)).transpose()?;
    if alpha.as_ref().is_some_and(|alpha| alpha.size != picture.size) {
        return Err(unsupported("has an alpha channel of another size", "other sizes"));
    }
    let (stated_colors, coding) = colors(&items, &chain, &picture, limits)?;
    coding.check(picture.samples)?;

    let mut header = Header::new(shown.size.width, shown.size.height);
    header.orientation = shown.orientation;
    header.alpha = alpha.is_some();
    header.animated = sequence;
    header.depth = if picture.samples.depth > 8 { Depth::Sixteen } else { Depth::Eight };
    header.color_channels = if picture.samples.chroma == 0 { 1 } else { 3 };
    header.stated_colors = stated_colors;
    header.gain_map = gain_map::is_there(&items);
    let premultiplied =
        alpha_item.is_some_and(|alpha| items.references(b"prem", items.primary).contains(&alpha));
    #[cfg(feature = "formats")]
    {
        header.facts.gain_map = gain_map::find(&items, &header, scan, limits)?;
    }
    let thumbnail = secondary::thumbnail(&items, &header, scan, limits)?;
    let facts = HeicFacts::new(picture, coding, shown.corner);
    header.facts.heic = Some(Box::new(HeicFacts { alpha, premultiplied, thumbnail, ..facts }));
    Ok(header)
}

/// Moves to the content of the `meta` box: where it begins, its length, and whether the file is a sequence too.
fn find_lists(scan: &mut HeaderReader<'_>) -> Result<(u64, u64, bool)> {
    let mut sequence = false;
    for _ in 0..MOST_BOXES {
        if scan.left() == 0 {
            break;
        }
        let (size, kind) = (scan.be32()?, scan.array::<4>()?);
        let length = match size {
            0 => scan.left(),
            1 => {
                let [high, low] = [scan.be32()?, scan.be32()?].map(u64::from);
                (high << 32 | low).checked_sub(16).ok_or_else(|| damaged("one of its boxes is too short"))?
            }
            size => u64::from(size).checked_sub(8).ok_or_else(|| damaged("one of its boxes is too short"))?,
        };
        match &kind {
            b"meta" => return Ok((scan.offset(), length, sequence)),
            b"ftyp" => {
                let brands = scan.peek(length.min(256) as usize)?;
                sequence = brands.chunks_exact(4).any(|brand| matches!(brand, b"msf1" | b"hevc" | b"hevx"));
            }
            _ => {}
        }
        if length > scan.left() {
            return Err(no_picture());
        }
        scan.skip(length)?;
    }
    if scan.left() > 0 { Err(damaged("it begins with too many boxes")) } else { Err(no_picture()) }
}

fn no_picture() -> Error {
    unsupported("has no still picture", "no list of pictures")
}

/// Properties without which a picture is shown as it is meant, however they are marked.
const KNOWN: [&[u8; 4]; 14] = [
    b"hvcC", b"ispe", b"colr", b"pixi", b"pasp", b"auxC", b"irot", b"imir", b"clap", b"clli", b"mdcv",
    b"cclv", b"amve", b"udes",
];

/// Refuses a picture that must not be shown without knowing one of its properties.
fn check_essential(items: &Items<'_>, id: u32) -> Result<()> {
    let unknown = |property: &Property<'_>| property.essential && !KNOWN.contains(&&property.kind);
    match items.properties(id).find(unknown) {
        Some(property) => {
            Err(unsupported("has a property that is not known", property.kind.escape_ascii().to_string()))
        }
        None => Ok(()),
    }
}

/// Refuses a file that ends before its first coded picture does.
fn check_presence(picture: &CodedPicture, file: u64) -> Result<()> {
    if picture.extents(0).iter().any(|extent| extent.start + extent.length > file) {
        return Err(damaged("it ends before its picture"));
    }
    Ok(())
}

/// The auxiliary item that says how opaque the primary picture is.
const ALPHA: [&[u8]; 2] = [b"urn:mpeg:hevc:2015:auxid:1", b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"];

/// The auxiliary item of the primary picture that has one of these types.
fn find_auxiliary(items: &Items<'_>, types: &[&[u8]]) -> Option<u32> {
    // A name ends with a zero or with its property. It is not looked for: a file may name one long property millions of times.
    let is_named = |content: &[u8], name: &&[u8]| {
        let rest = content.get(4..).and_then(|told| told.strip_prefix(*name));
        rest.is_some_and(|rest| rest.first().is_none_or(|byte| *byte == 0))
    };
    let is_of_type = |id: &u32| {
        let mut properties = items.properties(*id).filter(|property| &property.kind == b"auxC");
        properties.any(|property| types.iter().any(|name| is_named(property.content, name)))
    };
    items.referring(b"auxl", items.primary).find(is_of_type)
}

/// What the file says of the colours of the last of these items, from which the others are derived as it is: by its profile first, then by codes, of its own or of its stream; and how luma and chroma were made.
fn colors(
    items: &Items<'_>,
    chain: &[u32],
    picture: &CodedPicture,
    limits: &Limits,
) -> Result<(Vec<StatedColor>, Coding)> {
    let mut stated = Vec::new();
    let mut coding = None;
    let of = |id| items.properties(id).filter(|property| &property.kind == b"colr");
    // some writers say it of the tiles alone
    let tiles = chain.last().map(|id| items.references(b"dimg", *id)).unwrap_or_default();
    let speaks = |id: &&u32| of(**id).next().is_some();
    for property in chain.iter().chain(tiles.first()).find(speaks).into_iter().flat_map(|id| of(*id)) {
        let mut fields = Fields(property.content);
        match &fields.array()? {
            b"nclx" if coding.is_none() => {
                let [primaries, transfer, matrix] = [fields.be16()?, fields.be16()?, fields.be16()?];
                let full_range = fields.u8()? & 0x80 != 0;
                coding = Some(Coding { primaries, transfer, matrix, full_range });
            }
            b"prof" | b"rICC" if stated.is_empty() => {
                let bytes = fields.0.len();
                stated.push(if bytes > limits.profile_bytes {
                    StatedColor::IccTooLarge { bytes: bytes as u64 }
                } else {
                    StatedColor::Icc(fields.0.to_vec())
                });
            }
            _ => {}
        }
    }
    let coding = coding.unwrap_or(picture.coding);
    if coding.primaries != 2 && coding.transfer != 2 {
        // a code that no table has is left aside, whatever its number
        let code = |code: u16| u8::try_from(code).unwrap_or(0);
        let (primaries, transfer) = (code(coding.primaries), code(coding.transfer));
        stated.push(StatedColor::Coded { primaries, transfer });
    }
    Ok((stated, coding))
}

/// The refusal of a kind of file that is not decoded. `what` continues "The HEIC file ...".
pub(crate) fn unsupported(what: &str, got: impl Into<String>) -> Error {
    let detail = format!("The HEIC file {what}, which is not read here: save it as JPEG, PNG or WebP.");
    Error::new(Code::UnsupportedFormat, detail).at("source").figures("hvc1 or grid", got.into())
}
