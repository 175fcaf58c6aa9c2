//! A decoded row on its way through the resampler.

/// Samples without meaning behind each channel, so that vectors may reach over its end.
const SPARE: usize = 16;

/// A row of working samples, each channel apart.
///
/// # Guarantees
/// A channel is followed by at least 16 samples more, and the next begins at a multiple of 32.
#[derive(Clone, Debug)]
pub struct Line {
    channels: usize,
    width: usize,
    stride: usize,
    data: Vec<i16>,
}

impl Line {
    /// Room for `width` pixels. `channels`: 1 (gray), 3 (red, green, blue) or 4 (and alpha, premultiplied).
    pub fn new(channels: usize, width: usize) -> Self {
        let stride = Self::stride(width);
        Self { channels, width, stride, data: vec![0; channels * stride] }
    }

    /// Samples from one channel to the next.
    pub(super) fn stride(width: usize) -> usize {
        (width + SPARE).next_multiple_of(32)
    }

    /// Bytes that [`Line::new`] takes.
    pub fn bytes(channels: usize, width: usize) -> u64 {
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

    /// All samples, with what lies between the channels.
    pub(super) fn samples(&self) -> &[i16] {
        &self.data
    }

    pub(super) fn samples_mut(&mut self) -> &mut [i16] {
        &mut self.data
    }
}
