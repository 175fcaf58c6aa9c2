//! A row of working samples, each channel apart: what the resampler takes in.

/// Unused samples behind each channel, so that vector loads may reach beyond its end.
const PADDING: usize = 16;

/// A row of working samples, each channel apart.
///
/// # Guarantees
/// A channel is followed by at least 16 unused samples, and the next begins at a multiple of 32.
#[derive(Clone, Debug)]
pub struct PlanarRow {
    channels: usize,
    width: usize,
    stride: usize,
    data: Vec<i16>,
}

impl PlanarRow {
    /// Room for `width` pixels. `channels`: 1 (gray), 3 (red, green, blue) or 4 (and alpha, premultiplied).
    pub fn new(channels: usize, width: usize) -> Self {
        let stride = Self::stride(width);
        Self { channels, width, stride, data: vec![0; channels * stride] }
    }

    /// Samples from one channel to the next.
    pub(crate) fn stride(width: usize) -> usize {
        (width + PADDING).next_multiple_of(32)
    }

    /// Bytes that [`PlanarRow::new`] takes.
    pub fn memory_bytes(channels: usize, width: usize) -> u64 {
        (channels * Self::stride(width) * 2) as u64
    }

    /// How many channels there are.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Each channel's samples.
    pub fn channels_mut(&mut self) -> impl Iterator<Item = &mut [i16]> {
        let width = self.width;
        self.data.chunks_exact_mut(self.stride).map(move |channel| &mut channel[..width])
    }

    /// All samples, the padding between the channels included.
    pub(crate) fn samples(&self) -> &[i16] {
        &self.data
    }

    pub(crate) fn samples_mut(&mut self) -> &mut [i16] {
        &mut self.data
    }
}
