//! The coded pictures that a picture is made of: one, or the tiles of a grid (ISO/IEC 23008-12, 6.6.2.3).

use super::boxes::Fields;
use super::hevc::{Coding, Samples, Stream};
use super::items::{Extent, Items};
use super::unsupported;
use crate::error::{Error, Result, damaged};
use crate::geometry::Size;
use crate::limits::Limits;
use crate::source::HeaderReader;
use std::collections::BTreeMap;

/// A picture of coded pictures of one size, side by side.
#[derive(Clone, Debug)]
pub(crate) struct CodedPicture {
    /// What is shown of all tiles together, from the top left corner.
    pub(crate) size: Size,
    /// Of each tile.
    pub(crate) samples: Samples,
    /// What the first tile's stream says of its colours.
    pub(crate) coding: Coding,
    pub(crate) columns: u32,
    /// Row by row.
    tiles: Vec<Tile>,
    extents: Vec<Extent>,
    configs: Vec<Vec<u8>>,
}

/// One coded picture.
#[derive(Clone, Copy, Debug)]
struct Tile {
    /// The first of its extents, and the first of the next tile's.
    extents: [u32; 2],
    config: u32,
}

impl CodedPicture {
    /// The places of a tile's bytes; empty for a tile that is not there.
    pub(crate) fn extents(&self, tile: usize) -> &[Extent] {
        let Some(tile) = self.tiles.get(tile) else { return &[] };
        &self.extents[tile.extents[0] as usize..tile.extents[1] as usize]
    }

    /// Which of the configurations a tile has.
    pub(crate) fn config_of(&self, tile: usize) -> usize {
        self.tiles.get(tile).map_or(0, |tile| tile.config as usize)
    }

    /// The content of an `hvcC` property.
    pub(crate) fn config(&self, index: usize) -> &[u8] {
        self.configs.get(index).map_or(&[], Vec::as_slice)
    }

    /// Bytes of the longest tile.
    pub(crate) fn longest_tile(&self) -> u64 {
        let length =
            |tile: usize| self.extents(tile).iter().fold(0, |sum: u64, e| sum.saturating_add(e.length));
        (0..self.tiles.len()).map(length).max().unwrap_or(0)
    }

    /// Bytes that this list takes.
    pub(crate) fn list_bytes(&self) -> u64 {
        let configs: usize = self.configs.iter().map(|config| config.len() + size_of::<Vec<u8>>()).sum();
        let lists = self.tiles.len() * size_of::<Tile>() + self.extents.len() * size_of::<Extent>();
        (lists + configs) as u64
    }
}

/// Reads what the item `id` is made of.
pub(super) fn read(
    items: &Items<'_>,
    id: u32,
    scan: &mut HeaderReader<'_>,
    limits: &Limits,
) -> Result<CodedPicture> {
    let stated = stated_size(items, id)?;
    limits.check_source_size(stated)?;
    match &kind(items, id)? {
        b"hvc1" => {
            let picture = Builder::new(items, limits).build(&[id], 1, stated)?;
            let Size { width, height } = picture.samples.size;
            if stated != picture.samples.size {
                let stated = format!("{} x {}", stated.width, stated.height);
                let error = damaged("the size that it states is not the one of its picture");
                return Err(error.figures(format!("{width} x {height}"), stated));
            }
            Ok(picture)
        }
        b"grid" => read_grid(items, id, scan, limits, stated),
        kind => Err(not_hevc(*kind)),
    }
}

fn kind(items: &Items<'_>, id: u32) -> Result<[u8; 4]> {
    items.kind(id).ok_or_else(|| damaged("its picture is not in its list"))
}

/// Identities of identities that are followed: files have one.
const MOST_STEPS: usize = 8;

/// The items that a picture is shown by, the last of which has its pixels: itself, behind the identities (`iden`: ISO/IEC 23008-12, 6.6.2.1) that cut or turn it.
///
/// # Errors
/// Refuses what is neither a HEVC picture nor a grid, before anything else of it is looked at.
pub(super) fn chain(items: &Items<'_>, id: u32) -> Result<Vec<u32>> {
    let mut chain = vec![id];
    while let Some(&last) = chain.last() {
        match (&kind(items, last)?, &items.references(b"dimg", last)[..]) {
            (b"hvc1" | b"grid", _) => break,
            (b"iden", &[next]) if chain.len() < MOST_STEPS => chain.push(next),
            (b"iden", _) => return Err(damaged("it does not say what its picture is derived from")),
            (kind, _) => return Err(not_hevc(*kind)),
        }
    }
    Ok(chain)
}

fn not_hevc(kind: [u8; 4]) -> Error {
    unsupported("is not a HEVC picture or a grid of them", name(kind))
}

/// A kind of items, for people.
fn name(kind: [u8; 4]) -> String {
    match &kind {
        b"iovl" => "an overlay".into(),
        b"av01" => "AV1".into(),
        b"avc1" => "H.264".into(),
        b"vvc1" => "H.266".into(),
        b"jpeg" => "JPEG".into(),
        b"j2k1" => "JPEG 2000".into(),
        b"unci" => "uncompressed".into(),
        b"iden" => "a derived picture".into(),
        b"tmap" => "a tone-mapped picture".into(),
        kind => kind.escape_ascii().to_string(),
    }
}

fn read_grid(
    items: &Items<'_>,
    id: u32,
    scan: &mut HeaderReader<'_>,
    limits: &Limits,
    stated: Size,
) -> Result<CodedPicture> {
    let mut extents = Vec::new();
    items.extents(id, &mut extents, limits)?;
    let mut bytes = Vec::new();
    // a grid has 12 bytes at most
    for extent in extents.iter().take(12) {
        scan.move_to(extent.start)?;
        bytes.extend(scan.take(extent.length.min(12) as usize)?);
    }
    let mut fields = Fields(&bytes);
    let [version, flags, rows, columns] = fields.array()?;
    if version != 0 {
        return Err(damaged("its grid is of an unknown version"));
    }
    let (rows, columns) = (u32::from(rows) + 1, u32::from(columns) + 1);
    let size = Size::new(fields.id(flags & 1 != 0)?, fields.id(flags & 1 != 0)?);
    if size != stated {
        return Err(damaged("the size that it states is not the one of its grid").figures(
            format!("{} x {}", size.width, size.height),
            format!("{} x {}", stated.width, stated.height),
        ));
    }
    let tiles = items.references(b"dimg", id);
    limits.check_heic_items(tiles.len())?;
    if tiles.len() as u64 != u64::from(rows) * u64::from(columns) {
        return Err(damaged("its grid has another number of tiles").figures(rows * columns, tiles.len()));
    }
    if tiles.iter().any(|&tile| items.kind(tile) != Some(*b"hvc1")) {
        return Err(unsupported("is a grid of other pictures than HEVC", "mixed"));
    }
    let picture = Builder::new(items, limits).build(&tiles, columns, size)?;
    for &tile in &tiles {
        if stated_size(items, tile)? != picture.samples.size {
            return Err(damaged("the size that its tiles state is not theirs"));
        }
    }
    let covered = |tile: u32, count: u32, side: u32| u64::from(tile) * u64::from(count) >= u64::from(side);
    let Size { width, height } = picture.samples.size;
    if !covered(width, columns, size.width) || !covered(height, rows, size.height) {
        return Err(damaged("its tiles do not cover its grid"));
    }
    Ok(picture)
}

/// The size that an item states (`ispe`).
fn stated_size(items: &Items<'_>, id: u32) -> Result<Size> {
    let property = items.properties(id).find(|property| &property.kind == b"ispe");
    let property = property.ok_or_else(|| damaged("it does not state the size of its picture"))?;
    let mut fields = Fields(property.content);
    fields.version()?;
    let size = Size::new(fields.be32()?, fields.be32()?);
    if size.width == 0 || size.height == 0 {
        return Err(damaged("its header says that it has no pixels"));
    }
    Ok(size)
}

/// Collects tiles, and checks that they are alike.
struct Builder<'a> {
    items: &'a Items<'a>,
    limits: &'a Limits,
    tiles: Vec<Tile>,
    extents: Vec<Extent>,
    configs: Vec<Vec<u8>>,
    /// The configurations by their place in the list of properties.
    known: BTreeMap<usize, u32>,
    facts: Option<(Samples, Coding)>,
}

impl<'a> Builder<'a> {
    fn new(items: &'a Items<'a>, limits: &'a Limits) -> Self {
        let (tiles, extents, configs) = (Vec::new(), Vec::new(), Vec::new());
        Self { items, limits, tiles, extents, configs, known: BTreeMap::new(), facts: None }
    }

    fn build(mut self, ids: &[u32], columns: u32, size: Size) -> Result<CodedPicture> {
        for &id in ids {
            let config = self.config(id)?;
            let first = self.extents.len() as u32;
            self.items.extents(id, &mut self.extents, self.limits)?;
            self.tiles.push(Tile { extents: [first, self.extents.len() as u32], config });
        }
        let (samples, coding) = self.facts.ok_or_else(|| damaged("it has no picture"))?;
        let Self { tiles, extents, configs, .. } = self;
        Ok(CodedPicture { size, samples, coding, columns, tiles, extents, configs })
    }

    /// The configuration of a coded picture; those of all must be of the same samples.
    fn config(&mut self, id: u32) -> Result<u32> {
        let property = self.items.properties(id).find(|property| &property.kind == b"hvcC");
        let property = property.ok_or_else(|| damaged("its pictures' parameters are missing"))?;
        if let Some(&config) = self.known.get(&property.index) {
            return Ok(config);
        }
        let stream = Stream::read(property.content, self.limits)?;
        match self.facts {
            Some((samples, _)) if samples != stream.samples => {
                return Err(damaged("its tiles are of several sizes or kinds"));
            }
            Some(_) => {}
            None => self.facts = Some((stream.samples, stream.coding)),
        }
        let config = self.configs.len() as u32;
        self.configs.push(property.content.to_vec());
        self.known.insert(property.index, config);
        Ok(config)
    }
}
