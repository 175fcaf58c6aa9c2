//! The rows of a picture of tiles: only the tiles under the window are decoded, one row of tiles is held at a time.

use super::band::Band;
use super::tile::{self, DecodedTile};
use crate::decode::Window;
use crate::error::Result;
use crate::limits::Limits;
use crate::probe::formats::heic::{CodedPicture, Stream};
use crate::source::PositionedReader;

/// Which samples of each plane a window needs, with those that its chroma is made denser with.
#[derive(Clone, Copy)]
struct Span {
    /// First and behind the last, of luma.
    luma: [u32; 2],
    /// The same of chroma.
    chroma: [u32; 2],
    /// Luma samples for each chroma sample.
    density: u32,
    /// The first and the last chroma sample of what is shown of the picture.
    ends: [u32; 2],
}

impl Span {
    /// `count` samples of luma from `start` on; `shown`: those that are shown, first and behind the last.
    fn new(start: u32, count: u32, shown: [u32; 2], density: u32) -> Self {
        let ends = [shown[0] / density, (shown[1] - 1) / density];
        // between samples lies a mixture of the two nearest: before an even one the one before counts, behind an odd one the next
        let end = start + count - 1;
        let (before, behind) = match density {
            1 => (0, 0),
            _ => (u32::from(start.is_multiple_of(2)), end % 2),
        };
        let first = (start / density).saturating_sub(before).max(ends[0]);
        let last = (end / density + behind).min(ends[1]);
        Self { luma: [start, start + count], chroma: [first, last + 1], density, ends }
    }

    /// The nearer and the farther chroma sample that a luma sample is mixed of.
    fn pair(&self, luma: u32) -> [u32; 2] {
        let near = luma / self.density;
        let far = match (self.density, luma % self.density) {
            (1, _) => near,
            (_, 0) => near.saturating_sub(1),
            _ => near + 1,
        };
        [near, far.clamp(self.ends[0], self.ends[1])]
    }

    /// The tiles of this many luma samples that are touched: first, and behind the last.
    fn tiles(&self, side: u32) -> [u32; 2] {
        let first = self.luma[0].min(self.chroma[0] * self.density);
        let end = self.luma[1].max(self.chroma[1] * self.density);
        [first / side, end.div_ceil(side)]
    }
}

/// One row of a picture.
#[derive(Default)]
pub(super) struct PlaneRow {
    pub(super) luma: Vec<u16>,
    /// For blue and red: the nearer row of chroma, and the farther.
    pub(super) chroma: [[Vec<u16>; 2]; 2],
    /// For each pixel of the row: the nearer and the farther chroma sample in those rows.
    pub(super) pairs: Vec<[u32; 2]>,
}

/// A picture's rows under a window.
pub(super) struct TileRows {
    picture: CodedPicture,
    across: Span,
    down: Span,
    /// Columns of tiles under the window, and the rows of them that are yet to decode.
    columns: [u32; 2],
    rows: [u32; 2],
    /// The next column of tiles of a row that is begun.
    column: Option<u32>,
    bands: Vec<Band>,
    /// The last configuration that was read.
    stream: Option<(usize, Stream)>,
    /// What stands for samples that are missing.
    missing: u16,
    pub(super) truncated: bool,
}

/// Spans across and down.
fn spans(picture: &CodedPicture, shown: Window, window: Window) -> [Span; 2] {
    let [across, down] = picture.samples.subsampling();
    [
        Span::new(window.x, window.width, [shown.x, shown.x + shown.width], across),
        Span::new(window.y, window.height, [shown.y, shown.y + shown.height], down),
    ]
}

impl TileRows {
    /// `window` is a part of `shown`, which is what is shown of the picture. Of a picture of opacity only the luma is looked at, and what is missing
    /// is transparent.
    pub(super) fn new(picture: &CodedPicture, shown: Window, window: Window, opacity: bool) -> Self {
        let [across, down] = spans(picture, shown, window);
        let samples = picture.samples;
        let chroma = if opacity || samples.chroma == 0 { 0 } else { 2 };
        let mut bands = vec![Band::new(across.luma, down.luma[0], samples.depth)];
        bands.extend((0..chroma).map(|_| Band::new(across.chroma, down.chroma[0], samples.depth)));
        Self {
            picture: picture.clone(),
            across,
            down,
            columns: across.tiles(samples.size.width),
            rows: down.tiles(samples.size.height),
            column: None,
            bands,
            stream: None,
            missing: if opacity { 0 } else { 1 << (samples.depth - 1) },
            truncated: false,
        }
    }

    /// Most bytes that it holds, beside those of decoding a tile.
    pub(super) fn memory_bytes(picture: &CodedPicture, shown: Window, window: Window, opacity: bool) -> u64 {
        let [across, down] = spans(picture, shown, window);
        let (samples, tile) = (picture.samples, picture.samples.size.height);
        // a row of tiles, and what is kept of the one before
        let rows = |all: [u32; 2], tile: u32| (all[1] - all[0]).min(tile.saturating_add(3));
        let luma = Band::memory_bytes(across.luma, rows(down.luma, tile), samples.depth);
        let chroma = Band::memory_bytes(across.chroma, rows(down.chroma, tile / down.density), samples.depth);
        let planes = if opacity || samples.chroma == 0 { luma } else { luma + 2 * chroma };
        // the samples of a row, and for each pixel a pair
        let rows = u64::from(across.luma[1] - across.luma[0] + 2) * (2 * 5 + 8);
        planes + rows + 2 * picture.list_bytes()
    }

    /// Reads row `y` of the picture. Rows are read from the top of the window on.
    pub(super) fn read(
        &mut self,
        y: u32,
        source: &mut PositionedReader,
        limits: &Limits,
        row: &mut PlaneRow,
    ) -> Result<()> {
        while self.decode_next(y, source, limits)? {}
        let [near, far] = self.down.pair(y);
        if row.pairs.is_empty() && self.bands.len() > 1 {
            let start = self.across.chroma[0];
            let pair = |x| self.across.pair(x).map(|sample| sample - start);
            row.pairs.reserve_exact((self.across.luma[1] - self.across.luma[0]) as usize);
            row.pairs.extend((self.across.luma[0]..self.across.luma[1]).map(pair));
        }
        self.bands[0].read(y, &mut row.luma);
        for (band, [nearer, farther]) in self.bands[1..].iter().zip(&mut row.chroma) {
            band.read(near, nearer);
            band.read(far, farther);
        }
        Ok(())
    }

    fn holds(&self, luma: u32, chroma: u32) -> bool {
        self.bands[0].end() > luma && self.bands[1..].iter().all(|band| band.end() > chroma)
    }

    /// Decodes the next tile that row `y` needs; false where it needs no more.
    pub(super) fn decode_next(
        &mut self,
        y: u32,
        source: &mut PositionedReader,
        limits: &Limits,
    ) -> Result<bool> {
        let column = match self.column {
            Some(column) => column,
            None => {
                let [near, far] = self.down.pair(y);
                if self.rows[0] >= self.rows[1] || self.holds(y, near.max(far)) {
                    return Ok(false);
                }
                self.begin_row_of_tiles(y, near.min(far));
                self.columns[0]
            }
        };
        let (row, tile) = (self.rows[0], self.picture.samples.size);
        match self.decode_tile((row * self.picture.columns + column) as usize, source, limits)? {
            Some(decoded) => self.put(&decoded, [column * tile.width, row * tile.height]),
            None => self.truncated = true,
        }
        let next = column + 1;
        self.column = (next < self.columns[1].min(self.picture.columns)).then_some(next);
        self.rows[0] += u32::from(self.column.is_none());
        Ok(true)
    }

    /// Makes room for the next row of tiles, and forgets the rows above these.
    fn begin_row_of_tiles(&mut self, luma: u32, chroma: u32) {
        let end = (self.rows[0] + 1).saturating_mul(self.picture.samples.size.height);
        for (n, band) in self.bands.iter_mut().enumerate() {
            let (above, end) = if n == 0 {
                (luma, end.min(self.down.luma[1]))
            } else {
                (chroma, (end / self.down.density).min(self.down.chroma[1]))
            };
            band.advance(above, end, self.missing);
        }
    }

    fn decode_tile(
        &mut self,
        index: usize,
        source: &mut PositionedReader,
        limits: &Limits,
    ) -> Result<Option<DecodedTile>> {
        let config = self.picture.config_of(index);
        let stream = match self.stream.take() {
            Some((known, stream)) if known == config => stream,
            _ => Stream::read(self.picture.config(config), limits)?,
        };
        let decoded = tile::decode(source, self.picture.extents(index), &stream);
        self.stream = Some((config, stream));
        decoded
    }

    /// Takes over what the window needs of a tile whose first pixel is `at`.
    fn put(&mut self, tile: &DecodedTile, at: [u32; 2]) {
        let size = self.picture.samples.size;
        for (n, band) in self.bands.iter_mut().enumerate() {
            let [across, down] = if n == 0 { [1, 1] } else { [self.across.density, self.down.density] };
            let part = |[x, y]: [u32; 2]| [x / across, y / down];
            let stride = tile.frame.widths[n] as usize;
            let size = part([size.width, size.height]);
            band.put(&tile.frame.planes[n], stride, part(tile.corner), part(at), size);
        }
    }
}
