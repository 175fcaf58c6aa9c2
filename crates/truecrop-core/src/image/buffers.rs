//! [`Raster`] to and from the buffers of the crate `image`.

use crate::geometry::Size;
use crate::pixel::Raster;
use ::image::{DynamicImage, ImageBuffer, Pixel, RgbImage, RgbaImage};

/// The same pixels: RGBA where there is alpha, RGB otherwise. Nothing is copied.
///
/// A raster whose `data` is not as long as its size says becomes an empty picture.
///
/// ```
/// use image::DynamicImage;
/// use truecrop_core::geometry::Size;
/// use truecrop_core::image::Raster;
///
/// let raster = Raster { size: Size::new(2, 1), alpha: false, data: vec![255, 0, 0, 0, 0, 255] };
/// let picture = DynamicImage::from(raster.clone());
/// assert_eq!(picture.as_rgb8().unwrap().get_pixel(1, 0).0, [0, 0, 255]);
/// assert_eq!(Raster::from(picture), raster);
/// ```
impl From<Raster> for DynamicImage {
    fn from(raster: Raster) -> Self {
        let Size { width, height } = raster.size;
        if raster.alpha {
            RgbaImage::from_raw(width, height, raster.data).unwrap_or_default().into()
        } else {
            RgbImage::from_raw(width, height, raster.data).unwrap_or_default().into()
        }
    }
}

/// The same pixels, opaque where there is no alpha.
impl From<Raster> for RgbaImage {
    fn from(raster: Raster) -> Self {
        let Size { width, height } = raster.size;
        RgbaImage::from_raw(width, height, raster.into_rgba()).unwrap_or_default()
    }
}

/// The same pixels. Nothing is copied.
impl From<RgbImage> for Raster {
    fn from(picture: RgbImage) -> Self {
        raster_of(picture, false)
    }
}

/// The same pixels. Nothing is copied.
impl From<RgbaImage> for Raster {
    fn from(picture: RgbaImage) -> Self {
        raster_of(picture, true)
    }
}

/// The pixels as 8-bit RGBA where the picture has alpha, as RGB otherwise, by the conversions of the crate `image`. A raster is
/// sRGB: what the picture says of its colours is not looked at.
impl From<DynamicImage> for Raster {
    fn from(picture: DynamicImage) -> Self {
        if picture.color().has_alpha() { picture.into_rgba8().into() } else { picture.into_rgb8().into() }
    }
}

fn raster_of<P: Pixel<Subpixel = u8>>(picture: ImageBuffer<P, Vec<u8>>, alpha: bool) -> Raster {
    let size = Size::new(picture.width(), picture.height());
    // A buffer may be longer than its pixels.
    let mut data = picture.into_raw();
    data.truncate(size.pixels() as usize * usize::from(P::CHANNEL_COUNT));
    Raster { size, alpha, data }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_comes_back_as_it_went() {
        for (alpha, channels) in [(false, 3), (true, 4)] {
            let data: Vec<u8> = (0..5 * 3 * channels).collect();
            let raster = Raster { size: Size::new(5, 3), alpha, data };
            assert_eq!(Raster::from(DynamicImage::from(raster.clone())), raster);
            let rgba = RgbaImage::from(raster.clone());
            assert_eq!(Raster::from(rgba).data, raster.into_rgba());
        }
        let short = Raster { size: Size::new(5, 3), alpha: true, data: vec![1, 2] };
        assert_eq!(Raster::from(DynamicImage::from(short)).size, Size::new(0, 0));
    }

    #[test]
    fn other_pictures_become_eight_bits() {
        let gray = DynamicImage::ImageLuma16(ImageBuffer::from_raw(1, 1, vec![0xABCD]).unwrap());
        assert_eq!(Raster::from(gray), Raster { size: Size::new(1, 1), alpha: false, data: vec![0xAB; 3] });
    }
}
