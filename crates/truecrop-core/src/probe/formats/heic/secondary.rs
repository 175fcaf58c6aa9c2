//! Other pictures of the file that show what its primary one shows: small ones for lists, and gain maps.

use super::geometry::Shown;
use super::items::Items;
use super::{HeicFacts, check_essential, check_presence, coded, colors};
use crate::error::{Code, Result};
use crate::limits::Limits;
use crate::probe::{Depth, Header, Probe, SourceFormat};
use crate::source::HeaderReader;

/// Reads the header of another picture; `None` where it does not lie as the primary one, whose header is `base`, or is larger.
pub(super) fn read(
    items: &Items<'_>,
    id: u32,
    base: &Header,
    scan: &mut HeaderReader<'_>,
    limits: &Limits,
) -> Result<Option<Header>> {
    check_essential(items, id)?;
    let picture = coded::read(items, id, scan, limits)?;
    check_presence(&picture, scan.length())?;
    let shown = Shown::new(picture.size, items.properties(id))?;
    // One that says nothing of how it lies is stored as the primary one is.
    let is_turned = items.properties(id).any(|property| matches!(&property.kind, b"irot" | b"imir"));
    let lies_alike = shown.orientation == base.orientation || !is_turned;
    let fits = shown.size.width <= base.size.width && shown.size.height <= base.size.height;
    if !lies_alike || !fits {
        return Ok(None);
    }
    let (stated_colors, coding) = colors(items, &[id], &picture, limits)?;
    coding.check(picture.samples)?;
    let mut header = Header::new(shown.size.width, shown.size.height);
    header.orientation = base.orientation;
    header.depth = if picture.samples.depth > 8 { Depth::Sixteen } else { Depth::Eight };
    header.color_channels = if picture.samples.chroma == 0 { 1 } else { 3 };
    header.stated_colors = stated_colors;
    header.facts.heic = Some(Box::new(HeicFacts::new(picture, coding, shown.corner)));
    Ok(Some(header))
}

/// What of a secondary picture is damaged counts as not being there.
///
/// # Errors
/// [`Code::Io`] alone.
pub(super) fn unless_damaged<T>(found: Result<Option<T>>) -> Result<Option<T>> {
    match found {
        Err(error) if error.code() != Code::Io => Ok(None),
        other => other,
    }
}

/// The longest side of a small picture that is worth to be decoded before the picture itself: phones store 320 or 512, cameras a larger one too.
const MOST_SIDE: u32 = 640;

/// By how much the shapes of the picture and of the small one may differ: 1/50.
const SHAPE: u64 = 50;

/// Small pictures that are looked at: cameras store three.
const MOST_THUMBNAILS: usize = 8;

/// The largest small picture that is decoded at once; none where the file has none, or all of them show something else.
pub(super) fn thumbnail(
    items: &Items<'_>,
    base: &Header,
    scan: &mut HeaderReader<'_>,
    limits: &Limits,
) -> Result<Option<Box<Probe>>> {
    let mut best: Option<Header> = None;
    for id in items.referring(b"thmb", items.primary).take(MOST_THUMBNAILS) {
        if !matches!(items.kind(id).as_ref(), Some(b"hvc1" | b"grid")) {
            continue;
        }
        let Some(mut found) = unless_damaged(read(items, id, base, scan, limits))? else { continue };
        let size = found.size;
        let [across, down] = [(size.width, base.size.height), (base.size.width, size.height)]
            .map(|(a, b)| u64::from(a) * u64::from(b));
        let is_small = size.width.max(size.height) <= MOST_SIDE;
        let is_better = best.as_ref().is_none_or(|best| best.size.pixels() < size.pixels());
        if is_small && is_better && across.abs_diff(down) * SHAPE <= across.max(down) {
            if found.stated_colors.is_empty() {
                found.stated_colors.clone_from(&base.stated_colors);
            }
            best = Some(found);
        }
    }
    let bytes = scan.length();
    Ok(best.map(|header| Box::new(Probe { format: SourceFormat::Heic, bytes, header })))
}
