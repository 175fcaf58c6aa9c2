//! The way in: decoded rows to working samples, by what the source says of its colours.

use super::curve::{self, Lut};
#[cfg(feature = "formats")]
use super::fixed_tables::FixedTables;
use super::matrix::Matrix;
use super::sample::Sample;
use super::source_space::source_space;
use super::space::{ColorSpace, Device};
use crate::decode::{Layout, Row};
use crate::pixel::{ONE, PlanarRow};
use crate::probe::Probe;
use crate::recipe::Light;

/// Turns decoded rows into working samples.
pub struct ToWorking {
    layout: Layout,
    path: Path,
}

enum Path {
    /// Coded samples as they are.
    Plain,
    /// Each channel on its own.
    Channels(Box<Lut>),
    /// Gray samples that a profile gives a tint: one table for each channel of the result.
    Tinted(Box<[Lut; 3]>),
    /// Through linear light and a matrix.
    Matrix(Box<Matrix>),
    /// Through a profile's tables.
    #[cfg(feature = "formats")]
    Tables(Box<FixedTables>),
}

impl ToWorking {
    /// For rows of this layout of a probed source.
    ///
    /// A profile that cannot be applied is left aside: the samples are then taken for sRGB, and CMYK is mixed as by browsers
    /// that know no profile. [`ignored`](super::ignored) tells of it.
    pub fn new(probe: &Probe, layout: Layout, light: Light) -> Self {
        let device = Device::of_layout(layout);
        let space = source_space(probe, device).space;
        let depth = probe.depth();
        let working = |f: &dyn Fn(f64) -> f64| Lut::new(f, ONE, depth);
        let path = match (space, light) {
            (None, Light::Srgb) => Path::Plain,
            (None, Light::Linear) => Path::Channels(Box::new(working(&curve::decode_srgb))),
            (Some(space), _) if device == Device::Gray => {
                let code = |v: f64| if light == Light::Srgb { curve::encode_srgb(v) } else { v };
                let channel = |i: usize| working(&|v| code(space.light_of_gray(v)[i]));
                if space.tints_gray() {
                    Path::Tinted(Box::new([channel(0), channel(1), channel(2)]))
                } else {
                    Path::Channels(Box::new(channel(0)))
                }
            }
            (Some(ColorSpace::Rgb { trc, to_srgb }), _) => {
                Path::Matrix(Box::new(Matrix::new(&trc, &to_srgb, light, depth)))
            }
            #[cfg(feature = "formats")]
            (Some(ColorSpace::Tables(tables)), _) => {
                Path::Tables(Box::new(FixedTables::new(*tables, light, depth)))
            }
            // only gray samples have a gray space
            (Some(ColorSpace::Gray { .. }), _) => Path::Plain,
        };
        Self { layout, path }
    }

    /// Channels of the rows that [`ToWorking::convert`] fills: gray stays one where it keeps no tint, and alpha is only there
    /// where the source has it.
    pub fn channels(&self) -> usize {
        match (self.layout, &self.path) {
            (Layout::Gray, Path::Tinted(_)) => 3,
            (Layout::Gray, _) => 1,
            (layout, _) if layout.alpha() => 4,
            _ => 3,
        }
    }

    /// One row into a row of as many pixels and of [`ToWorking::channels`].
    pub fn convert(&self, row: Row<'_>, out: &mut PlanarRow) {
        match row {
            Row::U8(samples) => self.run(samples, out),
            #[cfg(feature = "wide")]
            Row::U16(samples) => self.run(samples, out),
            Row::Planes(planes) => self.apart(planes, out),
        }
    }

    fn run<S: Sample>(&self, samples: &[S], out: &mut PlanarRow) {
        match (&self.path, self.layout) {
            (Path::Plain, Layout::Cmyk) => each(samples, out, |p: [S; 4]| (naive(p).map(S::plain), None)),
            (Path::Channels(lut), Layout::Cmyk) => {
                each(samples, out, |p: [S; 4]| (naive(p).map(|v| v.look(lut)), None));
            }
            #[cfg(feature = "formats")]
            (Path::Tables(table), Layout::Cmyk) => {
                each(samples, out, |p: [S; 4]| (table.convert(p), None));
            }
            (Path::Plain, _) => self.by_channel(samples, out, S::plain),
            (Path::Channels(lut), _) => self.by_channel(samples, out, |v| v.look(lut)),
            #[cfg(feature = "wide")]
            (Path::Tinted(luts), Layout::GrayAlpha) => {
                each(samples, out, |[v, a]: [S; 2]| ([0, 1, 2].map(|i| v.look(&luts[i])), Some(a)));
            }
            (Path::Tinted(luts), _) => {
                each(samples, out, |[v]: [S; 1]| ([0, 1, 2].map(|i| v.look(&luts[i])), None));
            }
            #[cfg(feature = "formats")]
            (Path::Tables(table), Layout::Rgba) => {
                each(samples, out, |[r, g, b, a]: [S; 4]| (table.convert([r, g, b]), Some(a)));
            }
            #[cfg(feature = "formats")]
            (Path::Tables(table), _) => each(samples, out, |p: [S; 3]| (table.convert(p), None)),
            #[cfg(feature = "wide")]
            (Path::Matrix(m), Layout::Rgba) => {
                each(samples, out, |[r, g, b, a]: [S; 4]| (m.convert([r, g, b]), Some(a)));
            }
            (Path::Matrix(m), _) => each(samples, out, |p: [S; 3]| (m.convert(p), None)),
        }
    }

    fn by_channel<S: Sample>(&self, samples: &[S], out: &mut PlanarRow, f: impl Fn(S) -> i32) {
        match self.layout {
            Layout::Gray => {
                let gray = out.channels_mut().next().unwrap_or_default();
                gray.iter_mut().zip(samples).for_each(|(out, v)| *out = f(*v) as i16);
            }
            #[cfg(feature = "wide")]
            Layout::GrayAlpha => each(samples, out, |[v, a]: [S; 2]| ([f(v); 3], Some(a))),
            Layout::Rgb => each(samples, out, |p: [S; 3]| (p.map(&f), None)),
            #[cfg(feature = "wide")]
            Layout::Rgba => each(samples, out, |[r, g, b, a]: [S; 4]| ([r, g, b].map(&f), Some(a))),
            // mixed before
            Layout::Cmyk => {}
        }
    }

    /// Red, green and blue that are already apart.
    fn apart(&self, planes: [&[u8]; 3], out: &mut PlanarRow) {
        let each = |out: &mut PlanarRow, f: &dyn Fn(&[u8], &mut [i16])| {
            out.channels_mut().zip(planes).for_each(|(out, plane)| f(plane, out));
        };
        match &self.path {
            Path::Plain => each(out, &|plane, out| {
                out.iter_mut().zip(plane).for_each(|(out, v)| *out = i16::from(*v) << 6);
            }),
            Path::Channels(lut) => each(out, &|plane, out| {
                out.iter_mut().zip(plane).for_each(|(out, v)| *out = v.look(lut) as i16);
            }),
            Path::Matrix(m) => pixels(planes, out, |p| m.convert(p)),
            #[cfg(feature = "formats")]
            Path::Tables(table) => pixels(planes, out, |p| table.convert(p)),
            // gray samples have one plane
            Path::Tinted(_) => {}
        }
    }
}

/// Converts pixels whose red, green and blue are apart.
#[inline(always)]
fn pixels([red, green, blue]: [&[u8]; 3], out: &mut PlanarRow, convert: impl Fn([u8; 3]) -> [i32; 3]) {
    let pixels = red.iter().zip(green).zip(blue);
    spread(out, pixels.map(|((r, g), b)| (convert([*r, *g, *b]), None::<u8>)));
}

/// Converts pixel by pixel and premultiplies.
#[inline(always)]
fn each<S: Sample, const N: usize>(
    samples: &[S],
    out: &mut PlanarRow,
    pixel: impl Fn([S; N]) -> ([i32; 3], Option<S>),
) {
    spread(out, samples.as_chunks::<N>().0.iter().map(|p| pixel(*p)));
}

/// Pixels to the channels of a row.
#[inline(always)]
fn spread<S: Sample>(out: &mut PlanarRow, pixels: impl Iterator<Item = ([i32; 3], Option<S>)>) {
    let mut channels = out.channels_mut();
    let mut next = || channels.next().unwrap_or_default();
    let (red, green, blue, alpha) = (next(), next(), next(), next());
    let colors = red.iter_mut().zip(green).zip(blue);
    let mut alpha = alpha.iter_mut();
    for (((r, g), b), (color, a)) in colors.zip(pixels) {
        let color = match (a, alpha.next()) {
            (Some(a), Some(out)) => {
                *out = a.plain() as i16;
                color.map(|v| a.of(v))
            }
            _ => color,
        };
        (*r, *g, *b) = (color[0] as i16, color[1] as i16, color[2] as i16);
    }
}

/// CMYK without a profile, as browsers show it: each light is what ink and black let through.
#[inline(always)]
fn naive<S: Sample>([c, m, y, k]: [S; 4]) -> [S; 3] {
    [c, m, y].map(|ink| ink.rest().through(k.rest()))
}
