//! `SourceDecoder`: the engine's decoders as an [`ImageDecoder`].

use crate::decode::{self, DecodePlan, Layout, Row, RowSource, Window, scaled};
use crate::error::{Code, Error, Fault, Result};
use crate::geometry::Size;
use crate::limits::Limits;
use crate::probe::{Depth, Probe, StatedColor, probe};
use crate::source::Reader;
use ::image::error::{DecodingError, ImageFormatHint, LimitError, LimitErrorKind};
use ::image::metadata::Orientation;
use ::image::{ColorType, ExtendedColorType, ImageDecoder, ImageError, ImageResult};

/// A decoder of every format that the crate reads, for the crate `image`: the whole picture, or a window of it.
///
/// Of a JPEG or a PNG only the window's rows are held, and of a JPEG at a fraction of its size only that fraction is computed.
/// Pixels are as stored: turned by nothing and converted by nothing, with what the file says of it in
/// [`orientation`](ImageDecoder::orientation) and [`icc_profile`](ImageDecoder::icc_profile). Only inks (CMYK) become RGB, as
/// browsers show them without a profile.
///
/// # Guarantees
/// A window's pixels are those of the same part of the whole picture at that scale. A file that ends too early gives what it
/// has; the rest is gray, or transparent where there is alpha.
///
/// ```
/// use image::{ImageDecoder, RgbImage};
/// use std::io::Cursor;
/// use truecrop_core::Limits;
/// use truecrop_core::image::{SourceDecoder, Window};
///
/// let mut photo = Vec::new();
/// # let pixels = [200; 3 * 64 * 64];
/// # jpeg_encoder::Encoder::new(&mut photo, 90).encode(&pixels, 64, 64, jpeg_encoder::ColorType::Rgb)?;
/// // Read it from somewhere. A quarter of its size: of the 16 x 16 pixels that it then has, the last 4 x 4.
/// let window = Window { x: 12, y: 12, width: 4, height: 4 };
/// let decoder = SourceDecoder::with_window(Box::new(Cursor::new(photo)), &Limits::default(), 2, window)?;
/// let mut picture = RgbImage::new(4, 4);
/// decoder.read_image(&mut picture)?;
/// assert_eq!(picture.get_pixel(3, 3).0, [200; 3]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SourceDecoder {
    rows: Box<dyn RowSource>,
    probe: Probe,
    size: Size,
}

impl SourceDecoder {
    /// The whole picture at its full size.
    ///
    /// # Errors
    /// Those of [`probe`](crate::probe::probe()); [`Code::MemoryOverBudget`] when the decoder itself would hold more than
    /// [`Limits::memory`] (the buffer for the pixels does not count).
    pub fn new(source: Reader, limits: &Limits) -> Result<Self> {
        Self::open(source, limits, 8, None)
    }

    /// A window of the picture at `eighths`/8 of its size. The window is in pixels at that size, as stored: not turned.
    ///
    /// # Errors
    /// As [`SourceDecoder::new`]; [`Code::InvalidOption`] for a size that the format cannot be decoded at (JPEG: 1, 2, 4 and 8;
    /// others: 8), and for a window that is empty or reaches beyond the picture.
    pub fn with_window(source: Reader, limits: &Limits, eighths: u8, window: Window) -> Result<Self> {
        Self::open(source, limits, eighths, Some(window))
    }

    fn open(mut source: Reader, limits: &Limits, scale: u8, window: Option<Window>) -> Result<Self> {
        let probe = probe(&mut *source, limits)?;
        let all = scaled(probe.stored(), scale);
        let window = window.unwrap_or(Window::whole(all));
        if !decode::scales(&probe).contains(&scale) {
            let detail = "This format cannot be decoded at this size: ask for one that it can.";
            return Err(Error::new(Code::InvalidOption, detail).at("eighths").figures("1, 2, 4 or 8", scale));
        }
        if !window.fits(all) {
            let detail = "The window is empty, or reaches beyond the picture.";
            let figures = format!("{} x {} at {}, {}", window.width, window.height, window.x, window.y);
            let bounds = format!("within {} x {}", all.width, all.height);
            return Err(Error::new(Code::InvalidOption, detail).at("window").figures(bounds, figures));
        }
        let plan = DecodePlan { window, scale, coarse_chroma: false };
        limits.check_memory(decode::memory_bytes(&probe, &plan))?;
        let rows = decode::open(source, &probe, &plan, limits, None)?;
        Ok(Self { rows, probe, size: Size::new(window.width, window.height) })
    }

    /// What the file's header says.
    pub fn probe(&self) -> &Probe {
        &self.probe
    }

    /// The sizes that this file can be decoded at, in eighths, smallest first.
    pub fn scales(probe: &Probe) -> &'static [u8] {
        decode::scales(probe)
    }
}

impl ImageDecoder for SourceDecoder {
    fn dimensions(&self) -> (u32, u32) {
        (self.size.width, self.size.height)
    }

    fn color_type(&self) -> ColorType {
        match (self.rows.layout(), self.rows.depth()) {
            (Layout::Gray, Depth::Eight) => ColorType::L8,
            (Layout::Gray, Depth::Sixteen) => ColorType::L16,
            (Layout::GrayAlpha, Depth::Eight) => ColorType::La8,
            (Layout::GrayAlpha, Depth::Sixteen) => ColorType::La16,
            (Layout::Rgb, Depth::Sixteen) => ColorType::Rgb16,
            (Layout::Rgb | Layout::Cmyk, _) => ColorType::Rgb8,
            (Layout::Rgba, Depth::Eight) => ColorType::Rgba8,
            (Layout::Rgba, Depth::Sixteen) => ColorType::Rgba16,
        }
    }

    fn original_color_type(&self) -> ExtendedColorType {
        match self.rows.layout() {
            Layout::Cmyk => ExtendedColorType::Cmyk8,
            _ => self.color_type().into(),
        }
    }

    /// The embedded profile, unless it is of inks: the pixels are RGB then.
    fn icc_profile(&mut self) -> ImageResult<Option<Vec<u8>>> {
        let profile = self.probe.stated_colors().iter().find_map(|stated| match stated {
            StatedColor::Icc(profile) if self.rows.layout() != Layout::Cmyk => Some(profile.clone()),
            _ => None,
        });
        Ok(profile)
    }

    fn orientation(&mut self) -> ImageResult<Orientation> {
        let orientation = Orientation::from_exif(self.probe.orientation().value());
        Ok(orientation.unwrap_or(Orientation::NoTransforms))
    }

    /// # Panics
    /// When `buf` is not as long as [`total_bytes`](ImageDecoder::total_bytes) says, as the trait demands.
    fn read_image(mut self, buf: &mut [u8]) -> ImageResult<()> {
        assert_eq!(
            u64::try_from(buf.len()),
            Ok(self.total_bytes()),
            "the buffer has the length of the picture"
        );
        let stride = self.size.width as usize * usize::from(self.color_type().bytes_per_pixel());
        let layout = self.rows.layout();
        let mut lines = buf.chunks_exact_mut(stride.max(1));
        while let Some(row) = self.rows.next_row().map_err(to_image_error)? {
            let Some(line) = lines.next() else { break };
            copy_row(row, layout, line);
        }
        Ok(())
    }

    fn read_image_boxed(self: Box<Self>, buf: &mut [u8]) -> ImageResult<()> {
        (*self).read_image(buf)
    }
}

/// A row in the byte order that the trait asks for, which is the machine's.
fn copy_row(row: Row<'_>, layout: Layout, line: &mut [u8]) {
    match row {
        Row::U8(samples) if layout == Layout::Cmyk => {
            let through = |ink: u8, black: u8| {
                let light = u32::from(255 - ink) * u32::from(255 - black);
                ((light + 127) / 255) as u8
            };
            for ([c, m, y, k], out) in samples.as_chunks::<4>().0.iter().zip(line.as_chunks_mut::<3>().0) {
                *out = [*c, *m, *y].map(|ink| through(ink, *k));
            }
        }
        Row::U8(samples) => line.iter_mut().zip(samples).for_each(|(out, sample)| *out = *sample),
        Row::U16(samples) => {
            line.as_chunks_mut::<2>().0.iter_mut().zip(samples).for_each(|(out, s)| *out = s.to_ne_bytes());
        }
        Row::Planes([red, green, blue]) => {
            let pixels = red.iter().zip(green).zip(blue);
            for (((r, g), b), out) in pixels.zip(line.as_chunks_mut::<3>().0) {
                *out = [*r, *g, *b];
            }
        }
    }
}

/// An error of this crate as one of the crate `image`; it stays within, as the source.
fn to_image_error(error: Error) -> ImageError {
    match (error.code(), error.code().fault()) {
        (Code::Io, _) => ImageError::IoError(std::io::Error::other(error)),
        (_, Fault::Limit) => ImageError::Limits(LimitError::from_kind(LimitErrorKind::InsufficientMemory)),
        _ => ImageError::Decoding(DecodingError::new(ImageFormatHint::Unknown, error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::image::{DynamicImage, GenericImageView};
    use std::fs;
    use std::io::Cursor;

    fn open(name: &str, scale: u8, window: Option<Window>) -> Result<SourceDecoder> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/");
        let file = fs::read(format!("{folder}{name}")).unwrap();
        SourceDecoder::open(Box::new(Cursor::new(file)), &Limits::default(), scale, window)
    }

    #[test]
    fn every_layout_has_its_color_type() {
        let cases = [
            ("cat-gray.jpg", ColorType::L8, ExtendedColorType::L8),
            ("coffee.jpg", ColorType::Rgb8, ExtendedColorType::Rgb8),
            ("cat-cmyk.jpg", ColorType::Rgb8, ExtendedColorType::Cmyk8),
            ("cat-alpha.png", ColorType::Rgba8, ExtendedColorType::Rgba8),
            ("cat-16-bit.png", ColorType::Rgb16, ExtendedColorType::Rgb16),
        ];
        for (name, color, original) in cases {
            let decoder = open(name, 8, None).unwrap();
            assert_eq!((decoder.color_type(), decoder.original_color_type()), (color, original), "{name}");
            let size = decoder.probe().stored();
            let picture = DynamicImage::from_decoder(decoder).unwrap();
            assert_eq!((picture.dimensions(), picture.color()), ((size.width, size.height), color), "{name}");
        }
    }

    #[test]
    fn a_window_is_a_part_of_the_whole() {
        for (name, scale) in
            [("coffee.jpg", 8), ("coffee.jpg", 4), ("cat-gray.jpg", 1), ("cat-16-bit.png", 8)]
        {
            let whole = DynamicImage::from_decoder(open(name, scale, None).unwrap()).unwrap();
            let window = Window { x: 5, y: 3, width: 17, height: 11 };
            let part = DynamicImage::from_decoder(open(name, scale, Some(window)).unwrap()).unwrap();
            assert!(part == whole.crop_imm(5, 3, 17, 11), "{name} at {scale}/8");
        }
    }

    #[test]
    fn what_cannot_be_decoded_is_refused() {
        let window = |x, width| Some(Window { x, y: 0, width, height: 1 });
        let cases = [(3, None), (0, None), (8, window(0, 0)), (8, window(u32::MAX, 1)), (1, window(0, 5000))];
        for (scale, window) in cases {
            assert_eq!(
                open("coffee.jpg", scale, window).err().unwrap().code(),
                Code::InvalidOption,
                "{window:?}"
            );
        }
        assert_eq!(open("cat-alpha.png", 4, None).err().unwrap().code(), Code::InvalidOption);
    }

    #[test]
    fn orientation_and_profile_are_told() {
        let mut turned = open("phone-orientation-6.jpg", 8, None).unwrap();
        assert_eq!(turned.orientation().unwrap(), Orientation::Rotate90);
        assert_eq!(&open("cat-p3.png", 8, None).unwrap().icc_profile().unwrap().unwrap()[36..40], b"acsp");
        assert_eq!(open("cat-cmyk.jpg", 8, None).unwrap().icc_profile().unwrap(), None);
    }
}
