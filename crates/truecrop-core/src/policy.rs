//! Rules that an application sets on top of the engine's limits: shapes, formats, sizes, enlargement. The server reads them from
//! its configuration; `verify` applies them.

use crate::error::{Code, Error, Result};
use crate::geometry::Size;
use crate::receipt::Receipt;
use crate::recipe::Format;
use crate::view;
use serde::{Deserialize, Serialize};

/// An application's rules; a missing rule allows everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Policy {
    /// Shapes that outputs may have, exactly: `["1:1", "16:9"]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aspects: Option<Vec<AspectRatio>>,
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
pub struct AspectRatio {
    width: u32,
    height: u32,
}

impl AspectRatio {
    /// Whether a size has this shape, exactly: `w * b == h * a` in integers.
    pub fn fits(self, size: Size) -> bool {
        u64::from(size.width) * u64::from(self.height) == u64::from(size.height) * u64::from(self.width)
    }
}

impl From<AspectRatio> for String {
    fn from(shape: AspectRatio) -> Self {
        format!("{}:{}", shape.width, shape.height)
    }
}

impl TryFrom<String> for AspectRatio {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<Self, String> {
        let parts = text.split_once(':').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
        match parts {
            Some((width, height)) if width > 0 && height > 0 => Ok(Self { width, height }),
            _ => Err(format!("an aspect ratio is written 16:9, not {text}")),
        }
    }
}

impl Policy {
    /// Reads a policy from JSON.
    ///
    /// ```
    /// use truecrop_core::Code;
    /// use truecrop_core::policy::Policy;
    /// use truecrop_core::recipe::Format;
    ///
    /// let policy = Policy::from_json(br#"{"aspects": ["1:1", "16:9"], "formats": ["jpeg"]}"#)?;
    /// assert_eq!(policy.formats, Some(vec![Format::Jpeg]));
    /// // A misspelt rule is refused: it would allow everything.
    /// assert_eq!(Policy::from_json(br#"{"aspect": ["1:1"]}"#).unwrap_err().code(), Code::InvalidOption);
    /// # Ok::<(), truecrop_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Code::InvalidOption`] with the reason.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        crate::json::from_slice(json).map_err(|e| {
            Error::new(Code::InvalidOption, format!("The policy cannot be read: {e}.")).at("policy")
        })
    }

    /// Checks what a receipt claims.
    ///
    /// # Errors
    /// [`Code::PolicyViolation`], with the field and the figures.
    pub fn check(&self, receipt: &Receipt) -> Result<()> {
        self.check_crop(receipt)?;
        let most = self.max_outputs.unwrap_or(usize::MAX);
        if receipt.outputs().len() > most {
            return Err(violation("outputs", "There are more outputs than this application allows.")
                .figures(most, receipt.outputs().len()));
        }
        (0..receipt.outputs().len()).try_for_each(|i| self.check_output(receipt, i))
    }

    fn check_crop(&self, receipt: &Receipt) -> Result<()> {
        let side = receipt.crop().width().min(receipt.crop().height());
        if let Some(least) = self.min_crop_side.filter(|least| side < *least) {
            return Err(violation("crop", "The crop is closer than this application allows: zoom out.")
                .figures(least, side));
        }
        if self.allow_background == Some(false) && receipt.background().is_some() {
            return Err(violation("background", "This application wants the frame filled by the picture."));
        }
        Ok(())
    }

    fn check_output(&self, receipt: &Receipt, i: usize) -> Result<()> {
        let output = &receipt.outputs()[i];
        let at = |field: &str, detail: &str| violation(&format!("outputs[{i}].{field}"), detail);
        if let Some(formats) = self.formats.as_ref().filter(|f| !f.contains(&output.format())) {
            let names: Vec<_> = formats.iter().map(|f| f.as_str()).collect();
            return Err(at("format", "This application does not take this format.")
                .figures(names, output.format().as_str()));
        }
        let size = output.size();
        for (side, pixels) in [("width", size.width), ("height", size.height)] {
            if let Some(least) = self.min_output_side.filter(|least| pixels < *least) {
                let detail = "The output is smaller than this application wants.";
                return Err(at(side, detail).figures(least, pixels));
            }
            if let Some(most) = self.max_output_side.filter(|most| pixels > *most) {
                let detail = "The output is larger than this application allows.";
                return Err(at(side, detail).figures(most, pixels));
            }
        }
        if let Some(most) = self.max_output_bytes.filter(|most| output.bytes() > *most) {
            return Err(at("bytes", "The output has more bytes than this application allows.")
                .figures(most, output.bytes()));
        }
        self.check_shape(receipt, i)
    }

    /// The output's shape, and how the crop fits it.
    fn check_shape(&self, receipt: &Receipt, i: usize) -> Result<()> {
        let (size, crop) = (receipt.outputs()[i].size(), receipt.crop());
        let at = |detail: &str| violation(&format!("outputs[{i}]"), detail);
        let shape = || format!("{}:{}", size.width, size.height);
        if let Some(aspects) = self.aspects.as_ref().filter(|list| !list.iter().any(|a| a.fits(size))) {
            let names: Vec<String> = aspects.iter().map(|a| String::from(*a)).collect();
            let detail = "The output does not have a shape that this application wants.";
            return Err(at(detail).figures(names, shape()));
        }
        let upscale = (f64::from(size.width) / crop.width()).max(f64::from(size.height) / crop.height());
        if let Some(most) = self.max_upscale.filter(|most| upscale > *most) {
            let detail = "The crop is enlarged more than this application allows.";
            return Err(at(detail).figures(most, upscale));
        }
        if self.allow_stretch == Some(false) && !view::same_shape(crop, size)? {
            let detail = "The crop does not have the output's shape, so the picture is stretched.";
            return Err(at(detail).figures(shape(), format!("{} x {}", crop.width(), crop.height())));
        }
        Ok(())
    }
}

fn violation(field: &str, detail: &str) -> Error {
    Error::new(Code::PolicyViolation, detail).at(field)
}
