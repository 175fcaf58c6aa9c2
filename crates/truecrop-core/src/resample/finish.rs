//! Collects an output's finished rows or columns in its raster. The conversion to 8 bits itself is `color/from_working`.

#[cfg(feature = "formats")]
use super::Cut;
use crate::color::from_working;
use crate::geometry::Size;
use crate::pixel::{CHANNELS, Raster};
use crate::recipe::{Background, Light};

/// Turns working samples into finished pixels of a raster.
pub struct Finisher {
    raster: Raster,
    light: Light,
    background: Option<Background>,
    line: Vec<u8>,
    #[cfg(feature = "formats")]
    cut: Option<Cut>,
}

impl Finisher {
    /// An empty output. `alpha`: RGBA is wanted. A colour behind it makes that opaque.
    pub fn new(size: Size, alpha: bool, light: Light, background: Option<Background>) -> Self {
        let channels = if alpha { 4 } else { 3 };
        let data = vec![0; size.pixels() as usize * channels];
        let line = vec![0; size.width.max(size.height) as usize * channels];
        Self {
            raster: Raster { size, alpha, data },
            light,
            background,
            line,
            #[cfg(feature = "formats")]
            cut: None,
        }
    }

    /// With the picture cut at the end; it must have opacity.
    #[cfg(feature = "formats")]
    pub fn cut(self, cut: Option<Cut>) -> Self {
        Self { cut, ..self }
    }

    /// Bytes that [`Finisher::new`] takes.
    pub fn memory_bytes(size: Size, alpha: bool) -> u64 {
        let channels = if alpha { 4 } else { 3 };
        (size.pixels() + u64::from(size.width.max(size.height))) * channels
    }

    /// The output's size.
    pub fn size(&self) -> Size {
        self.raster.size
    }

    fn channels(&self) -> usize {
        if self.raster.alpha { 4 } else { 3 }
    }

    /// Samples of output row `v` from column `u` on.
    pub fn row(&mut self, v: usize, u: usize, samples: &[i16]) {
        let channels = self.channels();
        let start = (v * self.raster.size.width as usize + u) * channels;
        let count = samples.len() / CHANNELS;
        let out = &mut self.raster.data[start..start + count * channels];
        from_working(samples, self.light, self.background, out);
    }

    /// Samples of output column `u` from the top on.
    pub fn column(&mut self, u: usize, samples: &[i16]) {
        let channels = self.channels();
        let count = samples.len() / CHANNELS;
        let line = &mut self.line[..count * channels];
        from_working(samples, self.light, self.background, line);
        let pitch = self.raster.size.width as usize * channels;
        for (v, pixel) in line.chunks_exact(channels).enumerate() {
            let at = v * pitch + u * channels;
            self.raster.data[at..at + channels].copy_from_slice(pixel);
        }
    }

    /// The picture.
    pub fn into_raster(self) -> Raster {
        #[cfg(feature = "formats")]
        if let Some(cut) = self.cut {
            let mut raster = self.raster;
            // What cutting holds has its place.
            drop(self.line);
            cut.apply(&mut raster);
            return raster;
        }
        self.raster
    }
}
