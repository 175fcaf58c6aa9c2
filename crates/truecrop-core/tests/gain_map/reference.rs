//! What a display of high dynamic range shows of a file, by ISO 21496-1 (5.2 and annex B) and in floating point: an
//! independent reader, by libjpeg-turbo's pixels.

use super::parts::Parts;
use libjpeg_turbo_rs::{PixelFormat, decompress_to};

/// Light, 1 at the base's white; red, green and blue.
#[derive(Clone)]
pub struct Picture {
    width: usize,
    height: usize,
    light: Vec<[f64; 3]>,
}

/// The picture with its map counting in full.
pub fn shown(file: &[u8]) -> Picture {
    let parts = Parts::of(file);
    let numbers = parts.numbers();
    lit(&Plane::of(file), &Plane::of(&parts.map_file()), |base, gain, c| by_iso(base, gain, numbers[c]))
}

/// What a sample of a map (0 to 255) makes of a base's light. `numbers`: the least and the most logarithm of the gain, gamma, both offsets.
pub fn by_iso(base: f64, gain: f64, numbers: [f64; 5]) -> f64 {
    let [least, most, gamma, base_offset, alternate_offset] = numbers;
    let stops = least + (most - least) * (gain / 255.0).powf(1.0 / gamma);
    (base + base_offset) * stops.exp2() - alternate_offset
}

/// The light of a base under a map that is stretched over it: `light` of the base's, the map's sample, and the channel.
pub fn lit(base: &Plane, map: &Plane, light: impl Fn(f64, f64, usize) -> f64) -> Picture {
    let (sx, sy) = (map.width as f64 / base.width as f64, map.height as f64 / base.height as f64);
    let pixel = |x: usize, y: usize| {
        let gain = map.between((x as f64 + 0.5) * sx - 0.5, (y as f64 + 0.5) * sy - 0.5);
        [0, 1, 2].map(|c| light(linear(base.at(x, y)[c] / 255.0), gain[c], c))
    };
    Picture::map(base.width, base.height, pixel)
}

fn linear(code: f64) -> f64 {
    if code <= 0.04045 { code / 12.92 } else { ((code + 0.055) / 1.055).powf(2.4) }
}

/// Decoded samples, 0 to 255.
pub struct Plane {
    pub width: usize,
    pub height: usize,
    pub rgb: Vec<u8>,
}

impl Plane {
    pub fn of(file: &[u8]) -> Self {
        let image = decompress_to(file, PixelFormat::Rgb).unwrap();
        Self { width: image.width as usize, height: image.height as usize, rgb: image.data }
    }

    pub fn at(&self, x: usize, y: usize) -> [f64; 3] {
        let at = (y * self.width + x) * 3;
        [0, 1, 2].map(|c| f64::from(self.rgb[at + c]))
    }

    /// Between four samples, in proportion; at the edges the last ones go on.
    pub fn between(&self, x: f64, y: f64) -> [f64; 3] {
        let ends = |at: f64, count: usize| {
            let last = count as f64 - 1.0;
            let low = at.floor().clamp(0.0, last);
            (low as usize, (low + 1.0).min(last) as usize, (at - low).clamp(0.0, 1.0))
        };
        let ((x0, x1, u), (y0, y1, v)) = (ends(x, self.width), ends(y, self.height));
        [0, 1, 2].map(|c| {
            let across = |y: usize| self.at(x0, y)[c] * (1.0 - u) + self.at(x1, y)[c] * u;
            across(y0) * (1.0 - v) + across(y1) * v
        })
    }
}

impl Picture {
    pub fn pixel(&self, x: usize, y: usize) -> [f64; 3] {
        self.light[y * self.width + x]
    }

    fn map(width: usize, height: usize, pixel: impl Fn(usize, usize) -> [f64; 3]) -> Self {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Self { width, height, light: places.map(|(x, y)| pixel(x, y)).collect() }
    }

    /// As people see what is stored with this orientation (EXIF 2.32, tag 0x0112).
    pub fn oriented(&self, orientation: u8) -> Self {
        let (w, h) = (self.width, self.height);
        let (width, height) = if orientation > 4 { (h, w) } else { (w, h) };
        Self::map(width, height, |x, y| match orientation {
            2 => self.pixel(w - 1 - x, y),
            3 => self.pixel(w - 1 - x, h - 1 - y),
            4 => self.pixel(x, h - 1 - y),
            5 => self.pixel(y, x),
            6 => self.pixel(y, h - 1 - x),
            7 => self.pixel(w - 1 - y, h - 1 - x),
            8 => self.pixel(w - 1 - y, x),
            _ => self.pixel(x, y),
        })
    }

    pub fn cut(&self, [x, y, width, height]: [u32; 4]) -> Self {
        Self::map(width as usize, height as usize, |u, v| self.pixel(x as usize + u, y as usize + v))
    }

    /// Half as many pixels along each side: each the mean of four.
    pub fn halved(&self) -> Self {
        Self::map(self.width / 2, self.height / 2, |x, y| {
            let four = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(u, v)| self.pixel(2 * x + u, 2 * y + v));
            [0, 1, 2].map(|c| four.iter().map(|pixel| pixel[c]).sum::<f64>() / 4.0)
        })
    }
}

/// How far two pictures are apart at most, in steps of 255, and in decibels; both as sRGB codes light of which four times white is the most.
pub fn difference(a: &Picture, b: &Picture) -> (f64, f64) {
    assert_eq!((a.width, a.height), (b.width, b.height));
    let code = |light: f64| {
        let light = (light / 4.0).clamp(0.0, 1.0);
        255.0 * if light <= 0.0031308 { 12.92 * light } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 }
    };
    let all = a.light.as_flattened().iter().zip(b.light.as_flattened());
    let (mut most, mut sum) = (0.0f64, 0.0);
    for (a, b) in all {
        let apart = (code(*a) - code(*b)).abs();
        most = most.max(apart);
        sum += apart * apart;
    }
    let mean = sum / (a.light.len() * 3) as f64;
    (most, 10.0 * (255.0 * 255.0 / mean.max(1e-12)).log10())
}
