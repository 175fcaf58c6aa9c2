//! Decoded samples to the working samples that are averaged, and back to 8 bits.
//!
//! A **working sample** is an `i16` where [`ONE`] is full intensity: 64 steps for each 8-bit value, so that the
//! rounding of the stages between costs nothing that 8 bits could show, and the overshoot of a sharpening filter fits.
//! Pixels have four of them, R G B A, premultiplied by alpha, sRGB-coded or as linear light; on the way into the resampler
//! each channel is apart (a [`Line`]).
//!
//! Tables are made once, by `libm` on every target; pixels see integers only.
//!
//! # Guarantees
//! An 8-bit opaque pixel without a profile comes back from [`Converter::convert`] and [`finish_row`] unchanged, in both
//! lights. A transparent one comes back within `2 / alpha + 1/2` of an 8-bit step.

mod curve;
mod icc;
mod matrix;
mod space;

use crate::decode::{Layout, Row};
use crate::error::Result;
use crate::probe::Probe;
use crate::recipe::{Background, Light};
use crate::resample::{Line, ONE};
use curve::Lut;
use matrix::Matrix;
use space::Space;

/// Turns decoded rows into working samples.
pub struct Converter {
    layout: Layout,
    path: Path,
    applied: bool,
    ignored: bool,
}

enum Path {
    /// Coded samples as they are.
    Plain,
    /// Each channel on its own.
    Channels(Box<Lut>),
    /// Through linear light and a matrix.
    Matrix(Box<Matrix>),
}

impl Converter {
    /// For rows of this layout of a probed source.
    ///
    /// A profile that can not be applied (tables of a printer, CMYK, broken) is left aside: see
    /// [`Converter::profile_ignored`].
    ///
    /// # Errors
    /// None today; building tables may get a limit.
    pub fn new(probe: &Probe, layout: Layout, light: Light) -> Result<Self> {
        let gray = layout.gray();
        let named = layout != Layout::Cmyk && (probe.icc().is_some() || probe.png_color().is_some());
        let space = if named { Space::of(probe, gray) } else { None };
        let ignored = (probe.icc().is_some() || probe.png_color().is_some()) && space.is_none();
        let space = space.filter(|s| !s.is_srgb());
        let applied = space.is_some();
        let working = |f: &dyn Fn(f64) -> f64| Path::Channels(Box::new(Lut::new(f, ONE, probe.depth())));
        let path = match (space, light) {
            (None, Light::Srgb) => Path::Plain,
            (None, Light::Linear) => working(&curve::decode_srgb),
            (Some(Space::Gray(trc)), Light::Srgb) => working(&|v| curve::encode_srgb(trc.at(v))),
            (Some(Space::Gray(trc)), Light::Linear) => working(&|v| trc.at(v)),
            (Some(Space::Rgb { trc, to_srgb }), _) => {
                Path::Matrix(Box::new(Matrix::new(&trc, &to_srgb, light, probe.depth())))
            }
        };
        Ok(Self { layout, path, applied, ignored })
    }

    /// Whether the colours are converted by what the source says of them.
    pub fn profile_applied(&self) -> bool {
        self.applied
    }

    /// Whether the source has a profile that is left aside, so that its samples are taken for sRGB.
    pub fn profile_ignored(&self) -> bool {
        self.ignored
    }

    /// Channels of the lines that [`Converter::convert`] fills: gray stays one, and alpha is only there where the
    /// source has it.
    pub fn channels(&self) -> usize {
        match self.layout {
            Layout::Gray => 1,
            layout if layout.alpha() => 4,
            _ => 3,
        }
    }

    /// One row into a line of as many pixels and of [`Converter::channels`].
    pub fn convert(&self, row: Row<'_>, out: &mut Line) {
        match row {
            Row::U8(samples) => self.run(samples, out),
            #[cfg(feature = "formats")]
            Row::U16(samples) => self.run(samples, out),
            Row::Planes(planes) => self.apart(planes, out),
        }
    }

    fn run<S: Sample>(&self, samples: &[S], out: &mut Line) {
        match (&self.path, self.layout) {
            (Path::Plain, Layout::Cmyk) => each(samples, out, |p: [S; 4]| (naive(p).map(S::plain), None)),
            (Path::Channels(lut), Layout::Cmyk) => {
                each(samples, out, |p: [S; 4]| (naive(p).map(|v| v.look(lut)), None));
            }
            (Path::Plain, _) => self.by_channel(samples, out, S::plain),
            (Path::Channels(lut), _) => self.by_channel(samples, out, |v| v.look(lut)),
            #[cfg(feature = "formats")]
            (Path::Matrix(m), Layout::Rgba) => {
                each(samples, out, |[r, g, b, a]: [S; 4]| (m.convert([r, g, b]), Some(a)));
            }
            (Path::Matrix(m), _) => each(samples, out, |p: [S; 3]| (m.convert(p), None)),
        }
    }

    fn by_channel<S: Sample>(&self, samples: &[S], out: &mut Line, f: impl Fn(S) -> i32) {
        match self.layout {
            Layout::Gray => {
                let gray = out.channels_mut().next().unwrap_or_default();
                gray.iter_mut().zip(samples).for_each(|(out, v)| *out = f(*v) as i16);
            }
            #[cfg(feature = "formats")]
            Layout::GrayAlpha => each(samples, out, |[v, a]: [S; 2]| ([f(v); 3], Some(a))),
            Layout::Rgb => each(samples, out, |p: [S; 3]| (p.map(&f), None)),
            #[cfg(feature = "formats")]
            Layout::Rgba => each(samples, out, |[r, g, b, a]: [S; 4]| ([r, g, b].map(&f), Some(a))),
            // mixed before
            Layout::Cmyk => {}
        }
    }

    /// Red, green and blue that are already apart.
    fn apart(&self, planes: [&[u8]; 3], out: &mut Line) {
        let each = |out: &mut Line, f: &dyn Fn(&[u8], &mut [i16])| {
            out.channels_mut().zip(planes).for_each(|(out, plane)| f(plane, out));
        };
        match &self.path {
            Path::Plain => each(out, &|plane, out| {
                out.iter_mut().zip(plane).for_each(|(out, v)| *out = i16::from(*v) << 6);
            }),
            Path::Channels(lut) => each(out, &|plane, out| {
                out.iter_mut().zip(plane).for_each(|(out, v)| *out = v.look(lut) as i16);
            }),
            Path::Matrix(m) => {
                let [red, green, blue] = planes;
                let pixels = red.iter().zip(green).zip(blue);
                spread(out, pixels.map(|((r, g), b)| (m.convert([*r, *g, *b]), None::<u8>)));
            }
        }
    }
}

/// Converts pixel by pixel and premultiplies.
#[inline(always)]
fn each<S: Sample, const N: usize>(
    samples: &[S],
    out: &mut Line,
    pixel: impl Fn([S; N]) -> ([i32; 3], Option<S>),
) {
    spread(out, samples.as_chunks::<N>().0.iter().map(|p| pixel(*p)));
}

/// Pixels to the channels of a line.
#[inline(always)]
fn spread<S: Sample>(out: &mut Line, pixels: impl Iterator<Item = ([i32; 3], Option<S>)>) {
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

/// An 8- or 16-bit sample.
pub(crate) trait Sample: Copy {
    /// As a working sample, nothing converted; rounded.
    fn plain(self) -> i32;
    /// By a table.
    fn look(self, lut: &Lut) -> i32;
    /// This share of a value of at most [`ONE`]; rounded.
    fn of(self, value: i32) -> i32;
    /// What is missing to the full.
    fn rest(self) -> Self;
    /// This share of another; rounded.
    fn through(self, other: Self) -> Self;
}

impl Sample for u8 {
    #[inline(always)]
    fn plain(self) -> i32 {
        i32::from(self) << 6
    }

    #[inline(always)]
    fn look(self, lut: &Lut) -> i32 {
        lut.at8(self)
    }

    #[inline(always)]
    fn of(self, value: i32) -> i32 {
        (value * i32::from(self) + 127) / 255
    }

    #[inline(always)]
    fn rest(self) -> Self {
        255 - self
    }

    #[inline(always)]
    fn through(self, other: Self) -> Self {
        ((u32::from(self) * u32::from(other) + 127) / 255) as u8
    }
}

#[cfg(feature = "formats")]
impl Sample for u16 {
    #[inline(always)]
    fn plain(self) -> i32 {
        (i32::from(self) * ONE + 32_767) / 65_535
    }

    #[inline(always)]
    fn look(self, lut: &Lut) -> i32 {
        lut.at16(self)
    }

    #[inline(always)]
    fn of(self, value: i32) -> i32 {
        (value * i32::from(self) + 32_767) / 65_535
    }

    #[inline(always)]
    fn rest(self) -> Self {
        65_535 - self
    }

    #[inline(always)]
    fn through(self, other: Self) -> Self {
        ((u64::from(self) * u64::from(other) + 32_767) / 65_535) as u16
    }
}

/// Working samples (four for each pixel) to 8 bits.
///
/// `out` has three or four bytes for each pixel. RGB: laid onto the background when it is a colour, and otherwise taken
/// as opaque. RGBA: straight alpha; where nothing is seen, all four are 0.
pub fn finish_row(samples: &[i16], light: Light, background: Option<Background>, out: &mut [u8]) {
    let pixels = samples.as_chunks::<4>().0;
    match light {
        Light::Srgb => finish(pixels, background, out, |v| v << 6, |v| ((v + 32) >> 6) as u8),
        Light::Linear => {
            let (light, coded) = (curve::light_of_byte(), curve::byte_of_light());
            let to = |v: i32| coded.get(v as usize).copied().unwrap_or(255);
            finish(pixels, background, out, |v| light.at8(v as u8), to);
        }
    }
}

/// `from`: 8 bits to working; `to`: working within 0..=ONE to 8 bits.
#[inline(always)]
fn finish(
    pixels: &[[i16; 4]],
    background: Option<Background>,
    out: &mut [u8],
    from: impl Fn(i32) -> i32,
    to: impl Fn(i32) -> u8,
) {
    if out.len() == pixels.len() * 4 {
        for (p, out) in pixels.iter().zip(out.as_chunks_mut::<4>().0) {
            *out = straight(p.map(i32::from), &to);
        }
        return;
    }
    let outs = out.as_chunks_mut::<3>().0;
    if let Some(Background::Color(color)) = background {
        let behind = color.map(|v| from(v.into()));
        for (&[r, g, b, a], out) in pixels.iter().zip(outs) {
            let gap = ONE - i32::from(a).clamp(0, ONE);
            let lay = |v: i16, behind: i32| to((i32::from(v) + (behind * gap + ONE / 2) / ONE).clamp(0, ONE));
            *out = [lay(r, behind[0]), lay(g, behind[1]), lay(b, behind[2])];
        }
    } else {
        for (&[r, g, b, _], out) in pixels.iter().zip(outs) {
            *out = [r, g, b].map(|v| to(i32::from(v).clamp(0, ONE)));
        }
    }
}

/// Premultiplied to straight. A filter's overshoot may leave colour above alpha: it is cut first.
#[inline(always)]
fn straight([r, g, b, a]: [i32; 4], to: impl Fn(i32) -> u8) -> [u8; 4] {
    let a = a.clamp(0, ONE);
    let alpha = ((a + 32) >> 6) as u8;
    if alpha == 0 {
        return [0; 4];
    }
    let [r, g, b] = [r, g, b].map(|v| {
        let v = v.clamp(0, a);
        to(if a == ONE { v } else { (v * ONE + a / 2) / a })
    });
    [r, g, b, alpha]
}

#[cfg(test)]
mod tests;
