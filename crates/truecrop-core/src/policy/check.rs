//! What a receipt claims, against a policy.

use super::{Level, OutputMask, Policy};
use crate::error::{Code, Error, Result};
use crate::receipt::{Decoder, OutputFacts, Receipt};
use crate::recipe::{DEFAULT_QUALITY, Format};
use crate::view;

impl Policy {
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

    /// Checks that a source which the browser decoded is taken where this level is wanted.
    pub(crate) fn check_decoder(&self, receipt: &Receipt, level: Level) -> Result<()> {
        let core = receipt.source().decoder == Decoder::Core;
        if core || self.allow_platform.unwrap_or(level == Level::Result) {
            return Ok(());
        }
        let detail = "This application takes no picture whose source the browser decoded: nobody can make it again. Save the photo as JPEG, PNG or WebP.";
        Err(violation("source.decoder", detail).figures("core", "platform"))
    }

    fn check_crop(&self, receipt: &Receipt) -> Result<()> {
        let bytes = receipt.source().bytes;
        if let Some(most) = self.max_source_bytes.filter(|most| bytes > *most) {
            let detail = "The file has more bytes than this application allows: pick a smaller one.";
            return Err(violation("source.bytes", detail).figures(most, bytes));
        }
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
        self.check_mask(output, &at)?;
        if let Some(names) =
            self.output_names.as_ref().filter(|list| !list.iter().any(|n| n == output.name()))
        {
            let detail = "This application does not take an output of this name.";
            return Err(at("name", detail).figures(names.clone(), output.name()));
        }
        if self.allow_hdr == Some(false)
            && let Some(map) = output.map()
        {
            let detail = "This application does not take gain maps (HDR): make the output without hdr.";
            return Err(at("map", detail).figures("none", format!("{} x {}", map.width, map.height)));
        }
        self.check_quality(output, &at)?;
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

    /// What is seen of the output.
    fn check_mask(&self, output: &OutputFacts, at: &dyn Fn(&str, &str) -> Error) -> Result<()> {
        let mask = OutputMask::from(output.mask());
        let Some(masks) = self.masks.as_ref().filter(|masks| !masks.contains(&mask)) else { return Ok(()) };
        let names: Vec<_> = masks.iter().map(|mask| mask.as_str()).collect();
        Err(at("mask", "This application does not take an output with this mask.")
            .figures(names, mask.as_str()))
    }

    /// The quality that a JPEG or lossy WebP was made with.
    fn check_quality(&self, output: &OutputFacts, at: &dyn Fn(&str, &str) -> Error) -> Result<()> {
        let usual = (output.format() == Format::Jpeg).then_some(DEFAULT_QUALITY);
        let (field, made) = match (output.used_quality(), output.quality().or(usual)) {
            (Some(used), _) => ("usedQuality", used),
            (None, Some(quality)) => ("quality", quality),
            // Lossless.
            (None, None) => return Ok(()),
        };
        if let Some(least) = self.min_quality.filter(|least| made < *least) {
            return Err(at(field, "The quality is lower than this application wants.").figures(least, made));
        }
        if let Some(most) = self.max_quality.filter(|most| made > *most) {
            return Err(at(field, "The quality is higher than this application allows.").figures(most, made));
        }
        Ok(())
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
        if let Some(sizes) = self.sizes.as_ref().filter(|list| !list.iter().any(|s| s.0 == size)) {
            let names: Vec<String> = sizes.iter().map(|s| String::from(*s)).collect();
            let detail = "The output does not have a size that this application wants.";
            return Err(at(detail).figures(names, format!("{}x{}", size.width, size.height)));
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
