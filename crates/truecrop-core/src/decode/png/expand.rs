//! Stored pixels as samples of 8 or 16 bits: packed ones unpacked, palettes looked up, the transparent colour as alpha.

use crate::decode::{Depth, Layout};
use crate::probe::PngFacts;

/// How stored pixels become samples.
pub(super) struct Expand {
    kind: Kind,
    layout: Layout,
    depth: Depth,
    /// Bits of a stored pixel.
    bits: usize,
}

enum Kind {
    /// Bytes as they are.
    Same,
    /// Gray of fewer than 8 bits times this; the value that is transparent.
    Packed(u8, Option<u8>),
    /// Whole bytes; the pixel that is transparent.
    Keyed(Vec<u8>),
    Palette(Box<[[u8; 4]; 256]>),
}

impl Expand {
    pub(super) fn new(facts: &PngFacts) -> Self {
        let (depth, small) = match facts.bits {
            16 => (Depth::Sixteen, false),
            bits => (Depth::Eight, bits < 8),
        };
        let key = facts.transparent.as_deref();
        let (kind, layout) = match (facts.color, key) {
            (0, _) if small => {
                let factor = 255 / ((1u16 << facts.bits) - 1) as u8;
                let layout = if key.is_some() { Layout::GrayAlpha } else { Layout::Gray };
                // the value stands in the second byte
                (Kind::Packed(factor, key.and_then(|k| k.get(1).copied())), layout)
            }
            (0, Some(key)) => (keyed(key, depth), Layout::GrayAlpha),
            (2, Some(key)) => (keyed(key, depth), Layout::Rgba),
            (3, None) => (Kind::Palette(palette(&facts.palette, &[])), Layout::Rgb),
            (3, Some(alpha)) => (Kind::Palette(palette(&facts.palette, alpha)), Layout::Rgba),
            (0, None) => (Kind::Same, Layout::Gray),
            (4, _) => (Kind::Same, Layout::GrayAlpha),
            (2, None) => (Kind::Same, Layout::Rgb),
            _ => (Kind::Same, Layout::Rgba),
        };
        Self { kind, layout, depth, bits: facts.pixel_bits() }
    }

    pub(super) fn layout(&self) -> Layout {
        self.layout
    }

    pub(super) fn depth(&self) -> Depth {
        self.depth
    }

    /// Bytes of a pixel's samples.
    pub(super) fn pixel(&self) -> usize {
        self.layout.channels() * if self.depth == Depth::Sixteen { 2 } else { 1 }
    }

    /// Bytes that [`Expand::run`] needs for a row of `width` pixels.
    pub(super) fn scratch(&self, width: u32) -> usize {
        if matches!(self.kind, Kind::Same) { 0 } else { width as usize * self.pixel() }
    }

    /// The samples of `count` pixels of a stored row from `first` on, as bytes; made in `scratch` where they are not
    /// those of the row itself.
    pub(super) fn run<'a>(
        &self,
        row: &'a [u8],
        first: usize,
        count: usize,
        scratch: &'a mut Vec<u8>,
    ) -> &'a [u8] {
        let bytes = self.bits / 8;
        if let Kind::Same = self.kind {
            return &row[first * bytes..(first + count) * bytes];
        }
        scratch.clear();
        let indices = (first..first + count).map(|i| packed(row, i, self.bits));
        match &self.kind {
            Kind::Packed(factor, None) => scratch.extend(indices.map(|v| v * factor)),
            Kind::Packed(factor, Some(key)) => {
                scratch.extend(indices.flat_map(|v| [v * factor, if v == *key { 0 } else { 255 }]));
            }
            Kind::Palette(colors) if self.layout == Layout::Rgb => {
                scratch.extend(indices.flat_map(|i| {
                    let [r, g, b, _] = colors[usize::from(i)];
                    [r, g, b]
                }));
            }
            Kind::Palette(colors) => scratch.extend(indices.flat_map(|i| colors[usize::from(i)])),
            Kind::Keyed(key) => {
                let alpha = self.pixel() - bytes;
                for pixel in row[first * bytes..(first + count) * bytes].chunks_exact(bytes) {
                    scratch.extend_from_slice(pixel);
                    let value = if pixel == key { 0 } else { 255 };
                    scratch.extend(std::iter::repeat_n(value, alpha));
                }
            }
            Kind::Same => {}
        }
        scratch
    }
}

/// A pixel of up to 8 bits.
fn packed(row: &[u8], at: usize, bits: usize) -> u8 {
    let place = at * bits;
    let shift = 8 - bits - place % 8;
    (row[place / 8] >> shift) & (0xFF >> (8 - bits))
}

/// tRNS holds 16 bits a sample, whatever the picture's depth.
fn keyed(key: &[u8], depth: Depth) -> Kind {
    let key = match depth {
        Depth::Sixteen => key.to_vec(),
        Depth::Eight => key.iter().skip(1).step_by(2).copied().collect(),
    };
    Kind::Keyed(key)
}

/// Colours that are not there are black. More alphas than colours are no alphas.
fn palette(colors: &[u8], alphas: &[u8]) -> Box<[[u8; 4]; 256]> {
    let mut palette = Box::new([[0, 0, 0, 255]; 256]);
    let colors = colors.as_chunks::<3>().0;
    for (to, [r, g, b]) in palette.iter_mut().zip(colors) {
        *to = [*r, *g, *b, 255];
    }
    if alphas.len() <= colors.len() {
        for (to, alpha) in palette.iter_mut().zip(alphas) {
            to[3] = *alpha;
        }
    }
    palette
}
