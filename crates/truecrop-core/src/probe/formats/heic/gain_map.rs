//! Gain maps of HEICs: a picture that is derived from the primary one and a map (`tmap`: ISO/IEC 23008-12, with the numbers of ISO 21496-1), or
//! an auxiliary picture of Apple's or Samsung's. Whether a file has one is told by every build; those with the web's formats read it.

use super::items::Items;
#[cfg(feature = "formats")]
pub(super) use reading::find;

/// Apple's auxiliary picture, whose numbers stand in the camera's note.
const APPLE: &[u8] = b"urn:com:apple:photo:2020:aux:hdrgainmap";

/// Samsung's, whose numbers are not published: read where the file has a derived picture too.
const SAMSUNG: &[u8] = b"urn:com:samsung:photo:2024:aux:hdrgainmap";

/// Whether the file has a gain map.
pub(super) fn is_there(items: &Items<'_>) -> bool {
    super::find_auxiliary(items, &[APPLE, SAMSUNG]).is_some() || derived(items).next().is_some()
}

/// The pictures that are derived from the primary one and a map.
fn derived<'a>(items: &'a Items<'_>) -> impl Iterator<Item = u32> + 'a {
    items.referring(b"dimg", items.primary).filter(|id| items.kind(*id) == Some(*b"tmap"))
}

#[cfg(feature = "formats")]
mod reading {
    use super::super::items::Items;
    use super::super::secondary::{self, unless_damaged};
    use super::super::{find_auxiliary, maker_note};
    use super::{APPLE, derived};
    use crate::error::Result;
    use crate::limits::Limits;
    use crate::probe::formats::gain_map::{AppleHeadroom, GainMap, MapMetadata, iso};
    use crate::probe::{Depth, Header, Probe, SourceFormat};
    use crate::source::HeaderReader;

    /// Bytes of a derived picture's numbers, or of EXIF data, that are read: phones write some kilobytes.
    const MOST_BYTES: u64 = 1 << 18;

    /// Pieces of one item that are read: files have one. Without the others its numbers are damaged.
    const MOST_EXTENTS: usize = 16;

    /// Derived pictures that are tried: files have one.
    const MOST_DERIVED: usize = 4;

    /// The first map that can be used.
    ///
    /// # Errors
    /// [`Code::Io`](crate::Code::Io) alone: whatever is wrong with a map, the base is a picture.
    pub(in super::super) fn find(
        items: &Items<'_>,
        base: &Header,
        scan: &mut HeaderReader<'_>,
        limits: &Limits,
    ) -> Result<Option<Box<GainMap>>> {
        for id in derived(items).take(MOST_DERIVED) {
            let found = unless_damaged(by_iso(items, id, base, scan, limits))?;
            if found.is_some() {
                return Ok(found);
            }
        }
        unless_damaged(by_apple(items, base, scan, limits))
    }

    /// The map of a derived picture, which is derived from the base and the map, in this order.
    fn by_iso(
        items: &Items<'_>,
        id: u32,
        base: &Header,
        scan: &mut HeaderReader<'_>,
        limits: &Limits,
    ) -> Result<Option<Box<GainMap>>> {
        let [first, map] = items.references(b"dimg", id)[..] else { return Ok(None) };
        let data = content(items, id, scan, limits)?;
        // a version of its own, then the numbers as JPEG's segment has them
        let numbers = data.strip_prefix(&[0]).and_then(iso::parse);
        let Some((metadata, in_base_space)) = numbers.filter(|_| first == items.primary) else {
            return Ok(None);
        };
        let header = secondary::read(items, map, base, scan, limits)?;
        Ok(header.map(|header| made(header, base, scan.length(), metadata, in_base_space)))
    }

    /// Apple's map: its samples and its numbers are brought to the form of ISO 21496-1.
    fn by_apple(
        items: &Items<'_>,
        base: &Header,
        scan: &mut HeaderReader<'_>,
        limits: &Limits,
    ) -> Result<Option<Box<GainMap>>> {
        let Some(map) = find_auxiliary(items, &[APPLE]) else { return Ok(None) };
        let exif = items.referring(b"cdsc", items.primary).find(|id| items.kind(*id) == Some(*b"Exif"));
        let Some(exif) = exif else { return Ok(None) };
        let data = content(items, exif, scan, limits)?;
        let headroom = maker_note::read(&data).and_then(|[overall, gain]| AppleHeadroom::new(overall, gain));
        let metadata = headroom.and_then(AppleHeadroom::metadata);
        let (Some(headroom), Some(metadata)) = (headroom, metadata) else { return Ok(None) };
        let Some(mut header) = secondary::read(items, map, base, scan, limits)? else { return Ok(None) };
        let is_plain = header.color_channels == 1 && header.depth == Depth::Eight;
        let Some(facts) = header.facts.heic.as_mut().filter(|_| is_plain) else { return Ok(None) };
        facts.curve = Some(headroom.curve());
        header.depth = Depth::Sixteen;
        Ok(Some(made(header, base, scan.length(), metadata, true)))
    }

    fn made(
        mut header: Header,
        base: &Header,
        bytes: u64,
        metadata: MapMetadata,
        in_base_space: bool,
    ) -> Box<GainMap> {
        // gains are not colours: nothing is converted
        header.stated_colors.clear();
        header.facts.stretched_over = Some(base.size);
        let probe = Probe { format: SourceFormat::Heic, bytes, header };
        Box::new(GainMap::new(0, probe, metadata, in_base_space))
    }

    /// An item's bytes.
    fn content(items: &Items<'_>, id: u32, scan: &mut HeaderReader<'_>, limits: &Limits) -> Result<Vec<u8>> {
        let mut extents = Vec::new();
        items.extents(id, &mut extents, limits)?;
        let (mut bytes, mut left) = (Vec::new(), MOST_BYTES);
        for extent in extents.into_iter().take(MOST_EXTENTS) {
            let length = extent.length.min(left);
            scan.move_to(extent.start)?;
            bytes.extend(scan.take(length as usize)?);
            left -= length;
        }
        Ok(bytes)
    }
}
