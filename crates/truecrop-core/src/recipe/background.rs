//! What fills the frame outside of the picture, and shows through transparent pixels: nothing, or a colour.

use crate::error::{Code, Error, Result};
use serde::{Deserialize, Serialize};

/// What lies where the picture is not, and under transparent pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Background {
    /// Nothing: for outputs that can be transparent.
    Transparent,
    /// A colour, sRGB.
    Color([u8; 3]),
}

impl Serialize for Background {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Background::Transparent => serializer.serialize_str("transparent"),
            Background::Color([r, g, b]) => serializer.serialize_str(&format!("#{r:02x}{g:02x}{b:02x}")),
        }
    }
}

impl<'de> Deserialize<'de> for Background {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|e: Error| serde::de::Error::custom(e.detail()))
    }
}

impl std::str::FromStr for Background {
    type Err = Error;

    /// `transparent` or `#rrggbb`.
    fn from_str(text: &str) -> Result<Self> {
        if text == "transparent" {
            return Ok(Background::Transparent);
        }
        parse_hex_color(text).map(Background::Color).ok_or_else(|| {
            let error = Error::new(Code::InvalidRecipe, "A background is written #rrggbb, or transparent.");
            error.at("background").figures("#rrggbb", text)
        })
    }
}

/// `#rrggbb` as three bytes.
pub fn parse_hex_color(text: &str) -> Option<[u8; 3]> {
    let digits =
        text.strip_prefix('#').filter(|d| d.len() == 6 && d.bytes().all(|b| b.is_ascii_hexdigit()))?;
    let value = u32::from_str_radix(digits, 16).ok()?;
    Some([(value >> 16) as u8, (value >> 8) as u8, value as u8])
}
