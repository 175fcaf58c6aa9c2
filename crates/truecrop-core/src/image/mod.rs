//! Beside the crate `image`: conversions between its buffers and this crate's pictures, and an
//! [`ImageDecoder`](::image::ImageDecoder) that decodes windows, and JPEGs at a fraction of their size. By the feature `image`.
//!
//! ```
//! use image::{DynamicImage, ImageDecoder};
//! use std::io::Cursor;
//! use truecrop_core::Limits;
//! use truecrop_core::image::SourceDecoder;
//!
//! // A GIF of a red and a blue pixel. Any open file will do.
//! let source = b"GIF89a\x02\0\x01\0\x80\0\0\xff\0\0\0\0\xff,\0\0\0\0\x02\0\x01\0\0\x02\x02\x44\x0a\0;";
//! let mut decoder = SourceDecoder::new(Box::new(Cursor::new(source)), &Limits::default())?;
//! let orientation = decoder.orientation()?;
//! let mut picture = DynamicImage::from_decoder(decoder)?;
//! picture.apply_orientation(orientation);
//! assert_eq!(picture.to_rgb8().into_raw(), [255, 0, 0, 0, 0, 255]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod buffers;
mod source_decoder;

#[doc(inline)]
pub use crate::decode::Window;
#[doc(inline)]
pub use crate::pixel::Raster;
pub use source_decoder::SourceDecoder;
