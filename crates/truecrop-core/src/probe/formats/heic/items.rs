//! The lists in a HEIC file's `meta` box (ISO/IEC 14496-12, 8.11; 23008-12, 9.3): items, where their bytes lie, their properties, and how they
//! refer to each other.
//!
//! Each list is sorted by its items' numbers once, so that looking up stays cheap however long a hostile list is.

use super::boxes::{Fields, boxes};
use crate::error::{Result, damaged};
use crate::limits::Limits;

/// Where a picture may end at most, in bytes.
const LONGEST_FILE: u64 = 1 << 48;

/// A run of bytes of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) start: u64,
    pub(crate) length: u64,
}

/// A property as the file has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Property<'a> {
    pub(super) kind: [u8; 4],
    pub(super) content: &'a [u8],
    /// Its place in the list of properties.
    pub(super) index: usize,
    /// Whether the item must not be shown by who does not know this property.
    pub(super) essential: bool,
}

/// That one item refers to others.
struct Reference<'a> {
    kind: [u8; 4],
    from: u32,
    to: Fields<'a>,
}

/// Where an item's bytes lie, yet to be read.
struct Location<'a> {
    method: u16,
    outside: bool,
    base: u64,
    /// Bytes of an extent's index, offset and length.
    sizes: [usize; 3],
    extents: &'a [u8],
    count: usize,
}

/// What an item's properties are, yet to be read.
struct Association<'a> {
    wide: bool,
    entries: &'a [u8],
}

/// All lists.
#[derive(Default)]
pub(super) struct Items<'a> {
    pub(super) primary: u32,
    kinds: Vec<(u32, [u8; 4])>,
    locations: Vec<(u32, Location<'a>)>,
    associations: Vec<(u32, Association<'a>)>,
    references: Vec<Reference<'a>>,
    wide_references: bool,
    properties: Vec<([u8; 4], &'a [u8])>,
    /// The bytes within the `meta` box that items may lie in.
    data: Option<Extent>,
    file: u64,
}

/// The first entry of an item.
fn find<T>(list: &[(u32, T)], id: u32) -> Option<&T> {
    let at = list.partition_point(|entry| entry.0 < id);
    list.get(at).filter(|entry| entry.0 == id).map(|entry| &entry.1)
}

impl<'a> Items<'a> {
    /// Reads the lists. `meta` is the content of the box, which begins at the file's byte `start`; `file`: the file's length.
    pub(super) fn read(meta: &'a [u8], start: u64, file: u64, limits: &Limits) -> Result<Self> {
        let mut items = Items { file, ..Items::default() };
        let (mut handler, mut primary) = (None, None);
        let mut content = Fields(meta);
        content.version()?;
        let shift = meta.len() - content.0.len();
        for found in boxes(content.0) {
            let found = found?;
            let mut fields = Fields(found.content);
            match &found.kind {
                b"hdlr" => handler = fields.0.get(8..12),
                b"pitm" => {
                    let (version, _) = fields.version()?;
                    primary = Some(fields.id(version > 0)?);
                }
                b"iinf" => items.read_kinds(fields, limits)?,
                b"iloc" => items.read_locations(fields, limits)?,
                b"iref" => items.read_references(fields, limits)?,
                b"iprp" => items.read_properties(fields, limits)?,
                b"idat" => {
                    let start = start + (shift + found.start) as u64;
                    items.data = Some(Extent { start, length: found.content.len() as u64 });
                }
                _ => {}
            }
        }
        if handler != Some(b"pict") {
            return Err(damaged("it has no list of pictures"));
        }
        items.primary = primary.ok_or_else(|| damaged("it does not say which picture to show"))?;
        items.kinds.sort_by_key(|entry| entry.0);
        items.locations.sort_by_key(|entry| entry.0);
        items.associations.sort_by_key(|entry| entry.0);
        Ok(items)
    }

    fn read_kinds(&mut self, mut fields: Fields<'a>, limits: &Limits) -> Result<()> {
        let (version, _) = fields.version()?;
        fields.id(version > 0)?;
        for entry in boxes(fields.0) {
            let entry = entry?;
            let mut fields = Fields(entry.content);
            let (version, _) = fields.version()?;
            if &entry.kind != b"infe" || !matches!(version, 2 | 3) {
                continue;
            }
            let id = fields.id(version == 3)?;
            fields.be16()?;
            self.kinds.push((id, fields.array()?));
            limits.check_heic_items(self.kinds.len())?;
        }
        Ok(())
    }

    fn read_locations(&mut self, mut fields: Fields<'a>, limits: &Limits) -> Result<()> {
        let (version, _) = fields.version()?;
        let [sizes, more] = fields.array()?;
        let (offset, length, base) = (sizes >> 4, sizes & 15, more >> 4);
        let index = if version > 0 { more & 15 } else { 0 };
        let sizes = [index, offset, length].map(usize::from);
        let count = fields.id(version > 1)? as usize;
        limits.check_heic_items(count)?;
        for _ in 0..count {
            let id = fields.id(version > 1)?;
            let method = if version > 0 { fields.be16()? & 15 } else { 0 };
            let outside = fields.be16()? != 0;
            let base = fields.number(base.into())?;
            let count = usize::from(fields.be16()?);
            let extents = fields.take(count * sizes.iter().sum::<usize>())?;
            self.locations.push((id, Location { method, outside, base, sizes, extents, count }));
        }
        Ok(())
    }

    fn read_references(&mut self, mut fields: Fields<'a>, limits: &Limits) -> Result<()> {
        self.wide_references = fields.version()?.0 > 0;
        for found in boxes(fields.0) {
            let found = found?;
            let mut fields = Fields(found.content);
            let from = fields.id(self.wide_references)?;
            let bytes = usize::from(fields.be16()?) * if self.wide_references { 4 } else { 2 };
            let to = Fields(fields.take(bytes)?);
            self.references.push(Reference { kind: found.kind, from, to });
            limits.check_heic_items(self.references.len())?;
        }
        Ok(())
    }

    fn read_properties(&mut self, fields: Fields<'a>, limits: &Limits) -> Result<()> {
        for found in boxes(fields.0) {
            let found = found?;
            match &found.kind {
                b"ipco" => {
                    for property in boxes(found.content) {
                        let property = property?;
                        self.properties.push((property.kind, property.content));
                        limits.check_heic_items(self.properties.len())?;
                    }
                }
                b"ipma" => self.read_associations(Fields(found.content), limits)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn read_associations(&mut self, mut fields: Fields<'a>, limits: &Limits) -> Result<()> {
        let (version, flags) = fields.version()?;
        let wide = flags & 1 != 0;
        for _ in 0..fields.be32()? {
            let id = fields.id(version > 0)?;
            let count = usize::from(fields.u8()?);
            let entries = fields.take(count * if wide { 2 } else { 1 })?;
            self.associations.push((id, Association { wide, entries }));
            limits.check_heic_items(self.associations.len())?;
        }
        Ok(())
    }

    /// What an item is: `hvc1`, `grid`, `Exif` ...
    pub(super) fn kind(&self, id: u32) -> Option<[u8; 4]> {
        find(&self.kinds, id).copied()
    }

    /// An item's properties, in the order that they are applied in.
    pub(super) fn properties(&self, id: u32) -> impl Iterator<Item = Property<'a>> {
        let (wide, entries) = find(&self.associations, id).map_or((false, &[][..]), |a| (a.wide, a.entries));
        entries.chunks_exact(if wide { 2 } else { 1 }).filter_map(move |entry| {
            let (first, index) = match *entry {
                [high, low] => (high, usize::from(high & 0x7F) << 8 | usize::from(low)),
                [byte] => (byte, usize::from(byte & 0x7F)),
                _ => return None,
            };
            let index = index.checked_sub(1)?;
            let (kind, content) = *self.properties.get(index)?;
            Some(Property { kind, content, index, essential: first & 0x80 != 0 })
        })
    }

    /// The items that an item refers to, in order.
    pub(super) fn references(&self, kind: &[u8; 4], from: u32) -> Vec<u32> {
        let reference = self.references.iter().find(|r| r.kind == *kind && r.from == from);
        reference.map_or_else(Vec::new, |r| self.targets(r).collect())
    }

    /// The items that refer to an item.
    pub(super) fn referring(&self, kind: &[u8; 4], to: u32) -> impl Iterator<Item = u32> {
        self.references
            .iter()
            .filter(move |r| r.kind == *kind && self.targets(r).any(|id| id == to))
            .map(|r| r.from)
    }

    fn targets(&self, reference: &Reference<'a>) -> impl Iterator<Item = u32> + use<'a> {
        let (mut to, wide) = (reference.to, self.wide_references);
        std::iter::from_fn(move || to.id(wide).ok())
    }

    /// Appends where an item's bytes lie; what lies beyond the file's end is named all the same.
    pub(super) fn extents(&self, id: u32, into: &mut Vec<Extent>, limits: &Limits) -> Result<()> {
        let Some(location) = find(&self.locations, id) else {
            return Err(damaged("it does not say where a picture lies"));
        };
        let whole = match (location.method, self.data) {
            _ if location.outside => return Err(super::unsupported("has its picture in another file", "")),
            (0, _) => Extent { start: 0, length: self.file },
            (1, Some(data)) => data,
            (1, None) => return Err(damaged("it does not say where a picture lies")),
            _ => return Err(super::unsupported("has pictures made of pieces of others", "")),
        };
        limits.check_heic_items(into.len() + location.count)?;
        let mut fields = Fields(location.extents);
        for _ in 0..location.count {
            let [_, offset, length] = location.sizes;
            fields.number(location.sizes[0])?;
            let (offset, length) = (fields.number(offset)?, fields.number(length)?);
            let beyond = || damaged("a picture lies beyond any file");
            let offset = location.base.checked_add(offset).ok_or_else(beyond)?;
            // a length of zero means all the rest
            let length = if length == 0 { whole.length.saturating_sub(offset) } else { length };
            let start = whole.start.checked_add(offset).ok_or_else(beyond)?;
            // no file is so long, and sums of such lengths stay within 64 bits
            start.checked_add(length).filter(|end| *end <= LONGEST_FILE).ok_or_else(beyond)?;
            // not every source can be asked for what lies far beyond its end
            into.push(Extent { start: start.min(self.file), length });
        }
        Ok(())
    }
}
