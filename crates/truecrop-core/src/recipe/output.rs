//! One output of a recipe: name, size, format, quality, most bytes, gain map and mask.

use crate::error::{Code, Error, Result};
use crate::geometry::Size;
use serde::{Deserialize, Serialize};

/// The quality of a JPEG when none is asked for. A WebP without a quality is lossless.
pub const DEFAULT_QUALITY: u8 = 85;

/// The format of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Baseline JPEG; never transparent.
    Jpeg,
    /// PNG, 8 bits a channel.
    Png,
    /// WebP: lossy where the output has a quality, lossless where it has none.
    Webp,
}

impl Format {
    /// The name as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Jpeg => "jpeg",
            Format::Png => "png",
            Format::Webp => "webp",
        }
    }

    /// The media type.
    pub fn mime(self) -> &'static str {
        match self {
            Format::Jpeg => "image/jpeg",
            Format::Png => "image/png",
            Format::Webp => "image/webp",
        }
    }

    /// The file name's ending.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Jpeg => "jpg",
            Format::Png => "png",
            Format::Webp => "webp",
        }
    }

    /// From a name or a file name's ending.
    pub fn from_name(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "jpeg" | "jpg" => Some(Format::Jpeg),
            "png" => Some(Format::Png),
            "webp" => Some(Format::Webp),
            _ => None,
        }
    }
}

/// What becomes of the source's gain map, by which displays of high dynamic range show a picture brighter.
#[cfg(feature = "formats")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hdr {
    /// It is cut as the picture is, and stands in the same file. A source without a usable map gives the picture alone.
    Keep,
}

/// The longest side of an output with a [`Mask`], whose share of each pixel is computed in 64 bits.
#[cfg(feature = "formats")]
pub(crate) const MOST_MASKED_SIDE: u32 = 32_767;

/// What of an output's rectangle is seen. The rest is transparent.
#[cfg(feature = "formats")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mask {
    /// The ellipse that touches all four sides: a circle in a square.
    Ellipse,
}

/// One wanted output.
///
/// # Guarantees
/// The name is 1 to 32 of a-z, 0-9, `-` and `_` and none of the reserved ones, both sides are above 0, only a JPEG or a
/// WebP has a quality (1 to 100), only a JPEG an [`Hdr`], only a PNG or a WebP a [`Mask`], and `max_bytes` is above 0.
///
/// ```
/// use truecrop_core::geometry::Size;
/// use truecrop_core::recipe::{Format, OutputSpec};
///
/// let main = OutputSpec::new("main", Size::new(512, 512), Format::Jpeg)?.with_quality(90)?;
/// assert_eq!(main.with_max_bytes(40_000)?.max_bytes(), Some(40_000));
///
/// let lossless = OutputSpec::new("icon", Size::new(64, 64), Format::Png)?.with_quality(90);
/// assert_eq!(lossless.unwrap_err().field(), Some("quality"));
/// # Ok::<(), truecrop_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "super::document::OutputDocument")]
pub struct OutputSpec {
    name: String,
    size: Size,
    format: Format,
    quality: Option<u8>,
    max_bytes: Option<u32>,
    #[cfg(feature = "formats")]
    hdr: Option<Hdr>,
    #[cfg(feature = "formats")]
    mask: Option<Mask>,
}

impl OutputSpec {
    /// An output with its format's usual quality.
    ///
    /// `name` is also the name of the upload's part and of the stored file.
    ///
    /// # Errors
    /// [`Code::InvalidRecipe`] at `name`, `width` or `height`.
    pub fn new(name: impl Into<String>, size: Size, format: Format) -> Result<Self> {
        let name = name.into();
        if !is_output_name(&name) {
            let detail = "An output's name is also the name of a part and of a file.";
            return refuse("name", detail, OUTPUT_NAME, name);
        }
        for (field, side) in [("width", size.width), ("height", size.height)] {
            if side == 0 {
                return refuse(field, "An output needs at least one pixel.", "1 or more", side.to_string());
            }
        }
        Ok(Self {
            name,
            size,
            format,
            quality: None,
            max_bytes: None,
            #[cfg(feature = "formats")]
            hdr: None,
            #[cfg(feature = "formats")]
            mask: None,
        })
    }

    /// Another JPEG quality than [`DEFAULT_QUALITY`]. A WebP becomes lossy by it.
    ///
    /// # Errors
    /// [`Code::InvalidRecipe`] at `quality` unless the format is JPEG or WebP and the quality 1 to 100.
    pub fn with_quality(mut self, quality: u8) -> Result<Self> {
        if self.format == Format::Png {
            let detail = "This format is lossless and has no quality.";
            return refuse("quality", detail, "none", quality.to_string());
        }
        if !(1..=100).contains(&quality) {
            let detail = "The quality runs from 1 to 100.";
            return refuse("quality", detail, "1 to 100", quality.to_string());
        }
        self.quality = Some(quality);
        Ok(self)
    }

    /// A file of at most this many bytes. A JPEG or lossy WebP takes a lower quality for it (docs/RECEIPT.md says which).
    ///
    /// # Errors
    /// [`Code::InvalidRecipe`] at `maxBytes` for 0.
    pub fn with_max_bytes(mut self, bytes: u32) -> Result<Self> {
        if bytes == 0 {
            return refuse("maxBytes", "A file has at least one byte.", "1 or more", "0".into());
        }
        self.max_bytes = Some(bytes);
        Ok(self)
    }

    /// With the source's gain map, or without it (`None`).
    ///
    /// # Errors
    /// [`Code::InvalidRecipe`] at `hdr` for another format than JPEG.
    #[cfg(feature = "formats")]
    pub fn with_hdr(mut self, hdr: Option<Hdr>) -> Result<Self> {
        if hdr.is_some() && self.format != Format::Jpeg {
            let detail = "Only a JPEG can have a gain map: ask for JPEG, or leave hdr out.";
            return refuse("hdr", detail, "none", "keep".into());
        }
        self.hdr = hdr;
        Ok(self)
    }

    /// With a mask, or without (`None`): what lies outside of it is transparent, over any background.
    ///
    /// # Errors
    /// [`Code::InvalidRecipe`] at `mask` for a JPEG, and for a side of more than 32,767 pixels.
    #[cfg(feature = "formats")]
    pub fn with_mask(mut self, mask: Option<Mask>) -> Result<Self> {
        if mask.is_some() && self.format == Format::Jpeg {
            let detail =
                "JPEG cannot be transparent, so it has no mask: ask for PNG or WebP, or leave mask out.";
            return refuse("mask", detail, "none", "ellipse".into());
        }
        let longest = self.size.width.max(self.size.height);
        if mask.is_some() && longest > MOST_MASKED_SIDE {
            let detail = "An output with a mask has shorter sides.";
            return refuse("mask", detail, "at most 32767", longest.to_string());
        }
        self.mask = mask;
        Ok(self)
    }

    /// An output of parts that were read.
    ///
    /// # Errors
    /// As the builders.
    pub(crate) fn from_parts(
        name: &str,
        size: Size,
        format: Format,
        quality: Option<u8>,
        max_bytes: Option<u32>,
    ) -> Result<Self> {
        let mut output = Self::new(name, size, format)?;
        if let Some(bytes) = max_bytes {
            output = output.with_max_bytes(bytes)?;
        }
        match quality {
            Some(quality) => output.with_quality(quality),
            None => Ok(output),
        }
    }

    /// The name of the output, of the upload's part and of the stored file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Columns and rows.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The format.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The quality, where one was asked for.
    pub fn quality(&self) -> Option<u8> {
        self.quality
    }

    /// Most bytes of the file.
    pub fn max_bytes(&self) -> Option<u32> {
        self.max_bytes
    }

    /// What becomes of the source's gain map; `None`: it is left.
    #[cfg(feature = "formats")]
    pub fn hdr(&self) -> Option<Hdr> {
        self.hdr
    }

    /// What is seen of the rectangle; `None`: all of it.
    #[cfg(feature = "formats")]
    pub fn mask(&self) -> Option<Mask> {
        self.mask
    }

    /// The quality to encode with: a JPEG always has one, a WebP where one was asked for. `None`: the output is lossless.
    pub fn lossy_quality(&self) -> Option<u8> {
        match self.format {
            Format::Jpeg => Some(self.quality.unwrap_or(DEFAULT_QUALITY)),
            Format::Png | Format::Webp => self.quality,
        }
    }

    /// The same output with another quality and no bound of bytes: what was made of it.
    #[cfg(feature = "formats")]
    pub(crate) fn made_with(&self, quality: Option<u8>) -> Self {
        Self { quality, max_bytes: None, ..self.clone() }
    }

    /// A plain output of another size and quality with the same name and format.
    #[cfg(feature = "formats")]
    pub(crate) fn resized(&self, size: Size, quality: Option<u8>) -> Self {
        Self { size, quality, max_bytes: None, hdr: None, mask: None, ..self.clone() }
    }
}

fn refuse(field: &str, detail: &str, expected: &str, got: String) -> Result<OutputSpec> {
    Err(Error::new(Code::InvalidRecipe, detail).at(field).figures(expected, got))
}

/// What an output may be called, in words.
pub(crate) const OUTPUT_NAME: &str = "1 to 32 of a-z, 0-9, - and _; not receipt, recipe or source";

/// Whether an output may be called so.
pub(crate) fn is_output_name(name: &str) -> bool {
    let valid = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-' || c == b'_';
    (1..=32).contains(&name.len())
        && name.bytes().all(valid)
        && !["receipt", "recipe", "source"].contains(&name)
}
