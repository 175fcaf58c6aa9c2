//! Shapes and sizes as a policy writes them: `"16:9"`, `"512x512"`.

use crate::geometry::Size;
use serde::{Deserialize, Serialize};

/// Two whole numbers, as `"16:9"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AspectRatio {
    width: u32,
    height: u32,
}

impl AspectRatio {
    /// Whether a size has this shape, exactly: `w * b == h * a` in integers.
    pub fn fits(self, size: Size) -> bool {
        u64::from(size.width) * u64::from(self.height) == u64::from(size.height) * u64::from(self.width)
    }

    /// Whether both are the same shape, as 2:2 and 1:1 are.
    pub(super) fn is_shape_of(self, other: Self) -> bool {
        self.fits(Size::new(other.width, other.height))
    }
}

impl From<AspectRatio> for String {
    fn from(shape: AspectRatio) -> Self {
        format!("{}:{}", shape.width, shape.height)
    }
}

impl TryFrom<String> for AspectRatio {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (width, height) =
            two(&text, ':').ok_or_else(|| format!("an aspect ratio is written 16:9, not {text}"))?;
        Ok(Self { width, height })
    }
}

/// The exact size of an output, as `"512x512"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ExactSize(pub(super) Size);

impl From<ExactSize> for String {
    fn from(ExactSize(size): ExactSize) -> Self {
        format!("{}x{}", size.width, size.height)
    }
}

impl TryFrom<String> for ExactSize {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (width, height) =
            two(&text, 'x').ok_or_else(|| format!("a size is written 512x512, not {text}"))?;
        Ok(Self(Size::new(width, height)))
    }
}

/// Two whole numbers above zero, without signs.
fn two(text: &str, between: char) -> Option<(u32, u32)> {
    let (first, second) = text.split_once(between)?;
    let number = |text: &str| {
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|number| digits && *number > 0)
    };
    Some((number(first)?, number(second)?))
}
