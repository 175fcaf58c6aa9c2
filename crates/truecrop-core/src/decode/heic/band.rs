//! Rows of one plane that are held: a window's columns, from some row on.

/// Some rows of a plane. Samples beyond 8 bits are held as two bytes apart, so that pictures of 8 bits take no more than they need.
pub(super) struct Band {
    /// Columns of the plane that are held.
    columns: [u32; 2],
    /// The first row that is held.
    first: u32,
    low: Vec<u8>,
    high: Option<Vec<u8>>,
}

impl Band {
    /// No rows yet.
    pub(super) fn new(columns: [u32; 2], first: u32, depth: u8) -> Self {
        Self { columns, first, low: Vec::new(), high: (depth > 8).then(Vec::new) }
    }

    /// Bytes of so many rows.
    pub(super) fn memory_bytes(columns: [u32; 2], rows: u32, depth: u8) -> u64 {
        u64::from(columns[1] - columns[0]) * u64::from(rows) * if depth > 8 { 2 } else { 1 }
    }

    fn width(&self) -> usize {
        (self.columns[1] - self.columns[0]) as usize
    }

    /// The row behind the last that is held.
    pub(super) fn end(&self) -> u32 {
        self.first + (self.low.len() / self.width().max(1)) as u32
    }

    /// Forgets the rows above `row`, and adds rows of `fill` up to `end`.
    pub(super) fn advance(&mut self, row: u32, end: u32, fill: u16) {
        let width = self.width();
        let row = row.clamp(self.first, self.end());
        let gone = (row - self.first) as usize * width;
        self.first = row;
        let length = (end.max(self.end() - gone as u32 / width.max(1) as u32) - row) as usize * width;
        for (samples, fill) in [(Some(&mut self.low), fill as u8), (self.high.as_mut(), (fill >> 8) as u8)] {
            let Some(samples) = samples else { continue };
            samples.drain(..gone);
            samples.reserve_exact(length.saturating_sub(samples.len()));
            samples.resize(length, fill);
        }
    }

    /// Takes over samples of a tile: `plane` with rows of `stride` has the tile's first sample at `from`, which is sample `at` (column, row)
    /// of the whole plane; the tile is `size` large. What is not held is left out.
    pub(super) fn put(&mut self, plane: &[u16], stride: usize, from: [u32; 2], at: [u32; 2], size: [u32; 2]) {
        let columns = [self.columns[0].max(at[0]), self.columns[1].min(at[0] + size[0])];
        let rows = [self.first.max(at[1]), self.end().min(at[1] + size[1])];
        if columns[0] >= columns[1] {
            return;
        }
        let (width, count) = (self.width(), (columns[1] - columns[0]) as usize);
        for row in rows[0]..rows[1] {
            let start = (row - at[1] + from[1]) as usize * stride + (columns[0] - at[0] + from[0]) as usize;
            let Some(samples) = plane.get(start..start + count) else { return };
            let into = (row - self.first) as usize * width + (columns[0] - self.columns[0]) as usize;
            for (low, &sample) in self.low[into..into + count].iter_mut().zip(samples) {
                *low = sample as u8;
            }
            if let Some(high) = &mut self.high {
                for (high, &sample) in high[into..into + count].iter_mut().zip(samples) {
                    *high = (sample >> 8) as u8;
                }
            }
        }
    }

    /// A row that is held.
    pub(super) fn read(&self, row: u32, into: &mut Vec<u16>) {
        let width = self.width();
        let start = row.saturating_sub(self.first) as usize * width;
        into.clear();
        into.extend(self.low.iter().skip(start).take(width).map(|&low| u16::from(low)));
        if let Some(high) = &self.high {
            for (sample, &high) in into.iter_mut().zip(high.iter().skip(start)) {
                *sample |= u16::from(high) << 8;
            }
        }
    }
}
