//! What an application allows, beside what the engine can do.

use crate::error::{Code, Error, Result};
use crate::receipt::Receipt;
use crate::recipe::Format;
use crate::view;
use serde::{Deserialize, Serialize};

/// An application's rules; a missing rule allows everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Shapes that outputs may have, exactly: `["1:1", "16:9"]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aspects: Option<Vec<Shape>>,
    /// Formats that outputs may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formats: Option<Vec<Format>>,
    /// Fewest pixels of an output's shorter side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_output_side: Option<u32>,
    /// Most pixels of an output's longer side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_side: Option<u32>,
    /// Most bytes of one output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_bytes: Option<u64>,
    /// Most outputs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_outputs: Option<usize>,
    /// Fewest source pixels of the crop's shorter side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_crop_side: Option<f64>,
    /// Most output pixels per source pixel along a side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_upscale: Option<f64>,
    /// Whether a crop may have another shape than its output, so that the picture is stretched. Allowed when missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_stretch: Option<bool>,
    /// Whether a background may show. Allowed when missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_background: Option<bool>,
}

/// Two whole numbers, as `"16:9"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shape {
    width: u32,
    height: u32,
}

impl Shape {
    /// Whether a size has this shape, exactly: `w * b == h * a` in integers.
    pub fn fits(self, width: u32, height: u32) -> bool {
        u64::from(width) * u64::from(self.height) == u64::from(height) * u64::from(self.width)
    }
}

impl From<Shape> for String {
    fn from(shape: Shape) -> Self {
        format!("{}:{}", shape.width, shape.height)
    }
}

impl TryFrom<String> for Shape {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<Self, String> {
        let parts = text.split_once(':').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
        match parts {
            Some((width, height)) if width > 0 && height > 0 => Ok(Self { width, height }),
            _ => Err(format!("a shape is written 16:9, not {text}")),
        }
    }
}

impl Policy {
    /// Reads a policy from JSON.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] with the reason.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        crate::json::from_slice(json).map_err(|e| {
            Error::new(Code::InvalidOption, format!("The policy can not be read: {e}.")).at("policy")
        })
    }

    /// Checks what a receipt claims.
    ///
    /// # Errors
    /// [`Code::PolicyViolation`], with the field and the figures.
    pub fn check(&self, receipt: &Receipt) -> Result<()> {
        self.check_crop(receipt)?;
        let most = self.max_outputs.unwrap_or(usize::MAX);
        if receipt.outputs.len() > most {
            return Err(violation("outputs", "There are more outputs than this application allows.")
                .figures(most, receipt.outputs.len()));
        }
        (0..receipt.outputs.len()).try_for_each(|i| self.check_output(receipt, i))
    }

    fn check_crop(&self, receipt: &Receipt) -> Result<()> {
        let side = receipt.crop.width().min(receipt.crop.height());
        if let Some(least) = self.min_crop_side.filter(|least| side < *least) {
            return Err(violation("crop", "The crop is closer than this application allows: zoom out.")
                .figures(least, side));
        }
        if self.allow_background == Some(false) && receipt.background.is_some() {
            return Err(violation("background", "This application wants the frame filled by the picture."));
        }
        Ok(())
    }

    fn check_output(&self, receipt: &Receipt, i: usize) -> Result<()> {
        let output = &receipt.outputs[i];
        let at = |field: &str, detail: &str| violation(&format!("outputs[{i}].{field}"), detail);
        if let Some(formats) = self.formats.as_ref().filter(|f| !f.contains(&output.format)) {
            let names: Vec<_> = formats.iter().map(|f| f.as_str()).collect();
            return Err(at("format", "This application does not take this format.")
                .figures(names, output.format.as_str()));
        }
        let (short, long) = (output.width.min(output.height), output.width.max(output.height));
        if let Some(least) = self.min_output_side.filter(|least| short < *least) {
            return Err(
                at("width", "The output is smaller than this application wants.").figures(least, short)
            );
        }
        if let Some(most) = self.max_output_side.filter(|most| long > *most) {
            return Err(at("width", "The output is larger than this application allows.").figures(most, long));
        }
        if let Some(most) = self.max_output_bytes.filter(|most| output.bytes > *most) {
            return Err(at("bytes", "The output has more bytes than this application allows.")
                .figures(most, output.bytes));
        }
        if let Some(shapes) =
            self.aspects.as_ref().filter(|s| !s.iter().any(|s| s.fits(output.width, output.height)))
        {
            let names: Vec<String> = shapes.iter().map(|s| String::from(*s)).collect();
            let got = format!("{}:{}", output.width, output.height);
            return Err(at("width", "The output does not have a shape that this application wants.")
                .figures(names, got));
        }
        let upscale = (f64::from(output.width) / receipt.crop.width())
            .max(f64::from(output.height) / receipt.crop.height());
        if let Some(most) = self.max_upscale.filter(|most| upscale > *most) {
            return Err(
                at("width", "The crop is enlarged more than this application allows.").figures(most, upscale)
            );
        }
        let size = output.spec().size();
        if self.allow_stretch == Some(false) && !view::same_shape(&receipt.crop, size)? {
            let got = format!("{} x {}", receipt.crop.width(), receipt.crop.height());
            return Err(at(
                "width",
                "The crop does not have the output's shape, so the picture is stretched.",
            )
            .figures(format!("{}:{}", output.width, output.height), got));
        }
        Ok(())
    }
}

fn violation(field: &str, detail: &str) -> Error {
    Error::new(Code::PolicyViolation, detail).at(field)
}
