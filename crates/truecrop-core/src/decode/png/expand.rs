//! Turns stored pixels into samples of 8 or 16 bits: unpacks small bit depths, looks up palettes, and turns the
//! transparent colour (tRNS) into an alpha channel.

use crate::decode::{Depth, Layout};
use crate::probe::formats::PngFacts;

/// The rule by which a picture's stored pixels become samples.
pub(super) struct Expand {
    kind: Kind,
    layout: Layout,
    depth: Depth,
    /// Bits of a stored pixel.
    bits: usize,
}

enum Kind {
    /// Stored bytes are samples already.
    AsStored,
    /// Gray of fewer than 8 bits: the factor to 8 bits, and the stored value that is transparent.
    SmallGray(u8, Option<u8>),
    /// Whole bytes with a transparent colour: that pixel's bytes.
    ColorKey(Vec<u8>),
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
                let most = (1_u8 << facts.bits) - 1;
                let layout = if key.is_some() { Layout::GrayAlpha } else { Layout::Gray };
                // tRNS has 16 bits, of which the lowest count (PNG, third edition, 11.3.1.1)
                let key = key.and_then(|k| k.get(1)).map(|low| low & most);
                (Kind::SmallGray(255 / most, key), layout)
            }
            (0, Some(key)) => (color_key(key, depth), Layout::GrayAlpha),
            (2, Some(key)) => (color_key(key, depth), Layout::Rgba),
            (3, None) => (Kind::Palette(palette(&facts.palette, &[])), Layout::Rgb),
            (3, Some(alpha)) => (Kind::Palette(palette(&facts.palette, alpha)), Layout::Rgba),
            (0, None) => (Kind::AsStored, Layout::Gray),
            (4, _) => (Kind::AsStored, Layout::GrayAlpha),
            (2, None) => (Kind::AsStored, Layout::Rgb),
            _ => (Kind::AsStored, Layout::Rgba),
        };
        Self { kind, layout, depth, bits: facts.pixel_bits() }
    }

    pub(super) fn layout(&self) -> Layout {
        self.layout
    }

    pub(super) fn depth(&self) -> Depth {
        self.depth
    }

    /// Bytes of one pixel's samples.
    pub(super) fn pixel_bytes(&self) -> usize {
        self.layout.channels() * if self.depth == Depth::Sixteen { 2 } else { 1 }
    }

    /// Bytes of scratch that [`Expand::run`] needs for `width` pixels.
    pub(super) fn scratch(&self, width: u32) -> usize {
        if matches!(self.kind, Kind::AsStored) { 0 } else { width as usize * self.pixel_bytes() }
    }

    /// The samples, as bytes, of `count` pixels of a stored row, beginning with pixel `first`. They are a part of the row
    /// where samples are as stored, and are written to `scratch` otherwise.
    pub(super) fn run<'a>(
        &self,
        row: &'a [u8],
        first: usize,
        count: usize,
        scratch: &'a mut Vec<u8>,
    ) -> &'a [u8] {
        let bytes = self.bits / 8;
        if let Kind::AsStored = self.kind {
            return &row[first * bytes..(first + count) * bytes];
        }
        scratch.clear();
        let indices = (first..first + count).map(|i| packed(row, i, self.bits));
        match &self.kind {
            Kind::SmallGray(factor, None) => scratch.extend(indices.map(|v| v * factor)),
            Kind::SmallGray(factor, Some(key)) => {
                scratch.extend(indices.flat_map(|v| [v * factor, if v == *key { 0 } else { 255 }]));
            }
            Kind::Palette(colors) if self.layout == Layout::Rgb => {
                scratch.extend(indices.flat_map(|i| {
                    let [r, g, b, _] = colors[usize::from(i)];
                    [r, g, b]
                }));
            }
            Kind::Palette(colors) => scratch.extend(indices.flat_map(|i| colors[usize::from(i)])),
            Kind::ColorKey(key) => {
                let alpha = self.pixel_bytes() - bytes;
                for pixel in row[first * bytes..(first + count) * bytes].chunks_exact(bytes) {
                    scratch.extend_from_slice(pixel);
                    let value = if pixel == key { 0 } else { 255 };
                    scratch.extend(std::iter::repeat_n(value, alpha));
                }
            }
            Kind::AsStored => {}
        }
        scratch
    }
}

/// The pixel number `at` of a row whose pixels have up to 8 bits.
fn packed(row: &[u8], at: usize, bits: usize) -> u8 {
    let bit = at * bits;
    let shift = 8 - bits - bit % 8;
    (row[bit / 8] >> shift) & (0xFF >> (8 - bits))
}

/// The bytes of the transparent pixel. tRNS holds 16 bits a sample, whatever the picture's depth.
fn color_key(key: &[u8], depth: Depth) -> Kind {
    let key = match depth {
        Depth::Sixteen => key.to_vec(),
        Depth::Eight => key.iter().skip(1).step_by(2).copied().collect(),
    };
    Kind::ColorKey(key)
}

/// Colours missing from PLTE are black, as in libpng.
fn palette(colors: &[u8], alphas: &[u8]) -> Box<[[u8; 4]; 256]> {
    let mut palette = Box::new([[0, 0, 0, 255]; 256]);
    let colors = colors.as_chunks::<3>().0;
    for (to, [r, g, b]) in palette.iter_mut().zip(colors) {
        *to = [*r, *g, *b, 255];
    }
    for (to, alpha) in palette.iter_mut().zip(alphas) {
        to[3] = *alpha;
    }
    palette
}
