//! The opacity of a lossy picture (ALPH; RFC 9649, 2.7.1.2), row by row.

use crate::decode::webp::vp8l::LosslessRows;
use crate::error::{Error, Result, damaged};
use crate::geometry::Size;
use crate::probe::formats::ChunkPlace;
use crate::source::{ByteWindow, PositionedReader};

/// Bytes that are read from the file at a time.
const CHUNK: usize = 64 << 10;

/// Where the values come from, before predictions are added.
enum Values {
    /// As they are in the file: from here on.
    Stored(ByteWindow),
    /// The green of a lossless picture.
    Compressed(Box<LosslessRows>),
}

/// What was taken off each value: nothing, or what its neighbours foretell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prediction {
    None,
    Left,
    Above,
    Gradient,
}

impl Prediction {
    /// That of a chunk's first byte.
    fn of(info: u8) -> Self {
        [Self::None, Self::Left, Self::Above, Self::Gradient][usize::from(info >> 2 & 3)]
    }
}

pub(super) struct AlphaRows {
    values: Values,
    prediction: Prediction,
    /// The row that was read last, and the one before it.
    row: Vec<u8>,
    above: Vec<u8>,
    /// The next row.
    next: u32,
}

impl AlphaRows {
    /// Opens the chunk of a picture of this size.
    ///
    /// # Errors
    /// [`Code::DamagedSource`](crate::Code::DamagedSource) where it is not whole: it stands before the picture.
    pub(super) fn open(
        source: &mut PositionedReader,
        place: ChunkPlace,
        bytes: u64,
        size: Size,
    ) -> Result<Self> {
        let mut info = [0];
        if place.length == 0 || source.read_at(place.start, &mut info)? == 0 {
            return Err(cut_off());
        }
        let data = ChunkPlace { start: place.start + 1, length: place.length - 1 };
        let values = match info[0] & 3 {
            0 if data.length.min(bytes.saturating_sub(data.start)) < size.pixels() => return Err(cut_off()),
            0 => Values::Stored(ByteWindow::new(data.start, CHUNK)),
            1 => Values::Compressed(Box::new(LosslessRows::open(source, data, bytes, size)?)),
            _ => return Err(damaged("its opacity is compressed in an unknown way")),
        };
        Ok(Self::new(values, Prediction::of(info[0]), size.width))
    }

    fn new(values: Values, prediction: Prediction, width: u32) -> Self {
        let row = vec![0; width as usize];
        Self { values, prediction, above: row.clone(), row, next: 0 }
    }

    /// Most bytes that it holds for a picture of this width, without those of decompressing.
    pub(super) fn memory_bytes(width: u32) -> u64 {
        2 * u64::from(width) + CHUNK as u64
    }

    /// Row `y`. Rows are read from top to bottom; some may be left out.
    pub(super) fn read(&mut self, y: u32, source: &mut PositionedReader) -> Result<&[u8]> {
        let width = self.row.len();
        while self.next <= y {
            std::mem::swap(&mut self.row, &mut self.above);
            match &mut self.values {
                Values::Stored(window) => {
                    window.ensure(source, width)?;
                    let stored = window.bytes().get(window.pos..window.pos + width).ok_or_else(cut_off)?;
                    self.row.copy_from_slice(stored);
                    window.pos += width;
                }
                Values::Compressed(picture) => {
                    let pixels = picture.read(self.next, source)?.ok_or_else(cut_off)?;
                    for (value, pixel) in self.row.iter_mut().zip(pixels) {
                        *value = (pixel >> 8) as u8;
                    }
                }
            }
            restore(self.prediction, &mut self.row, (self.next > 0).then_some(&self.above));
            self.next += 1;
        }
        Ok(&self.row)
    }
}

fn cut_off() -> Error {
    damaged("its opacity is cut off")
}

/// Adds to each value of a row what its neighbours foretell: nothing is left of the first row but by the value to its left.
fn restore(prediction: Prediction, row: &mut [u8], above: Option<&Vec<u8>>) {
    match (prediction, above) {
        (Prediction::None, _) => {}
        (Prediction::Above, Some(above)) => {
            row.iter_mut().zip(above).for_each(|(value, above)| *value = value.wrapping_add(*above));
        }
        (Prediction::Gradient, Some(above)) => {
            let mut left = above[0];
            let mut corner = above[0];
            for (value, &above) in row.iter_mut().zip(above) {
                let gradient = i16::from(left) + i16::from(above) - i16::from(corner);
                *value = value.wrapping_add(gradient.clamp(0, 255) as u8);
                (left, corner) = (*value, above);
            }
        }
        (_, above) => {
            let mut left = above.map_or(0, |above| above[0]);
            for value in row {
                *value = value.wrapping_add(left);
                left = *value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_prediction_is_undone() {
        let (first, second) = ([10, 20, 5], [250, 10, 3]);
        for (prediction, want) in [
            (Prediction::None, [[10, 20, 5], [250, 10, 3]]),
            (Prediction::Left, [[10, 30, 35], [4, 14, 17]]),
            (Prediction::Above, [[10, 30, 35], [4, 40, 38]]),
            // 4 + 30 - 10 = 24, and then 34 + 35 - 30 = 39
            (Prediction::Gradient, [[10, 30, 35], [4, 34, 42]]),
        ] {
            let mut source = PositionedReader::new(Box::new(std::io::Cursor::new([first, second].concat())));
            let mut rows = AlphaRows::new(Values::Stored(ByteWindow::new(0, CHUNK)), prediction, 3);
            for (y, want) in want.iter().enumerate() {
                assert_eq!(rows.read(y as u32, &mut source).unwrap(), want, "{prediction:?}, row {y}");
            }
        }
    }
}
