//! One wanted output.

use crate::error::{Code, Error, Result};
use crate::geometry::Size;
use serde::{Deserialize, Serialize};

/// The quality of a JPEG when none is asked for.
pub const DEFAULT_QUALITY: u8 = 85;

/// The format of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Baseline JPEG; never transparent.
    Jpeg,
    /// PNG, 8 bits a channel.
    Png,
    /// WebP, lossless.
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

/// One wanted output: `{name, width, height, format, quality?, maxBytes?}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputSpec {
    /// 1 to 32 of a-z, 0-9, `-` and `_`; the name of the upload's part and of the stored file.
    pub name: String,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// The format.
    pub format: Format,
    /// 1 to 100, for JPEG only (85 when missing).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<u8>,
    /// Most bytes of the file. A JPEG takes a lower quality for it (docs/RECEIPT.md says which).
    #[serde(default, rename = "maxBytes", skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u32>,
}

impl OutputSpec {
    /// An output with its format's usual quality.
    pub fn new(name: impl Into<String>, size: Size, format: Format) -> Self {
        Self {
            name: name.into(),
            width: size.width,
            height: size.height,
            format,
            quality: None,
            max_bytes: None,
        }
    }

    /// Columns and rows.
    pub fn size(&self) -> Size {
        Size::new(self.width, self.height)
    }

    /// The JPEG quality that is asked for.
    pub fn jpeg_quality(&self) -> u8 {
        self.quality.unwrap_or(DEFAULT_QUALITY)
    }

    /// Field names in the error are relative to the output.
    pub(crate) fn check(&self) -> Result<()> {
        let refuse = |field: &str, detail: &str, expected: &str, got: String| {
            Err(Error::new(Code::InvalidRecipe, detail).at(field).figures(expected, got))
        };
        if !name_is_fine(&self.name) {
            let expected = "1 to 32 of a-z, 0-9, - and _; not receipt, recipe or source";
            return refuse(
                "name",
                "An output's name is also a part's and a file's name.",
                expected,
                self.name.clone(),
            );
        }
        for (field, side) in [("width", self.width), ("height", self.height)] {
            if side == 0 {
                return refuse(field, "An output needs at least one pixel.", "1 or more", side.to_string());
            }
        }
        if self.max_bytes == Some(0) {
            return refuse("maxBytes", "A file has at least one byte.", "1 or more", "0".into());
        }
        match (self.format, self.quality) {
            (Format::Jpeg, None | Some(1..=100)) | (_, None) => Ok(()),
            (Format::Jpeg, Some(q)) => {
                refuse("quality", "JPEG quality runs from 1 to 100.", "1 to 100", q.to_string())
            }
            (_, Some(q)) => {
                refuse("quality", "This format is lossless and has no quality.", "none", q.to_string())
            }
        }
    }
}

fn name_is_fine(name: &str) -> bool {
    let fine = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-' || c == b'_';
    (1..=32).contains(&name.len())
        && name.bytes().all(fine)
        && !["receipt", "recipe", "source"].contains(&name)
}

/// `#rrggbb` as three bytes.
pub fn parse_hex_color(text: &str) -> Option<[u8; 3]> {
    let digits =
        text.strip_prefix('#').filter(|d| d.len() == 6 && d.bytes().all(|b| b.is_ascii_hexdigit()))?;
    let value = u32::from_str_radix(digits, 16).ok()?;
    Some([(value >> 16) as u8, (value >> 8) as u8, value as u8])
}
