//! Every bound of the engine in one place, each with its unit and its reason, and the only check of it.
//!
//! A refusal names the bound's own field and its own figures: `expected` is the bound, `got` is what was compared with it.

use crate::error::{Code, Error, Result};
use crate::geometry::Size;
use crate::json::Value;
use serde::{Deserialize, Serialize};

/// What one run may cost. The plan refuses whatever would pass a bound, before pixel memory is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of a source file. A 108-megapixel JPEG has about 20 to 40 MB, an 8K PNG about 60 MB.
    pub source_bytes: u64,
    /// Pixels (width x height) that a source's header may claim; keeps header bombs out before any decoder starts.
    pub source_pixels: u64,
    /// Pixels of a source's longer side. JPEG and GIF end at 65,535, WebP at 16,384, PNG at 2^31 - 1. A crop's coordinates end at
    /// 1,000,000 ([`Crop`](crate::geometry::Crop)), and so do the sides of a PNG in Chromium.
    pub source_side: u32,
    /// Bytes of an embedded colour profile, after inflation. Matrix profiles have under 4 KB, printer tables up to 3 MB. A
    /// larger profile is left aside.
    pub profile_bytes: usize,
    /// Scans of one JPEG file. Encoders write at most a dozen; files made to waste time write thousands.
    pub jpeg_scans: usize,
    /// Bytes of a HEIC file's lists of items and properties (its `meta` box), profile included. iPhones write 4 KB. With 0 no HEIC is
    /// read: such files are refused by name, as by a build without the feature `heic`.
    pub heic_header_bytes: u64,
    /// Entries of each of a HEIC file's lists, tiles among them, and the pieces that pictures lie in. A photo of 108 megapixels in tiles of
    /// 512 x 512 has 430 items.
    pub heic_items: usize,
    /// Outputs of one recipe.
    pub outputs: usize,
    /// Pixels of an output's longer side. JPEG encoders end at 65,535, WebP at 16,383.
    pub output_side: u32,
    /// Pixels of all outputs of one recipe together.
    pub output_pixels: u64,
    /// Peak working memory in bytes that a plan may ask for, beside the source's own bytes.
    pub memory: u64,
    /// Bytes of a receipt or recipe in JSON.
    pub json_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            source_bytes: 256 << 20,
            source_pixels: 1 << 29,
            source_side: 1_000_000,
            profile_bytes: 4 << 20,
            jpeg_scans: 100,
            heic_header_bytes: 4 << 20,
            heic_items: 10_000,
            outputs: 8,
            output_side: 16_383,
            output_pixels: 64 << 20,
            memory: 1 << 30,
            json_bytes: 64 << 10,
        }
    }
}

impl Limits {
    /// Checks the length of a source file.
    ///
    /// # Errors
    /// [`Code::SourceTooLarge`] at `source.bytes`.
    pub(crate) fn check_source_bytes(&self, bytes: u64) -> Result<()> {
        let detail = "The file is too large: pick a smaller one.";
        at_most(self.source_bytes, bytes, || Error::new(Code::SourceTooLarge, detail).at("source.bytes"))
    }

    /// Checks the sides of a source, and all its pixels.
    ///
    /// # Errors
    /// [`Code::TooManyPixels`] at `source.width` or `source.height` for a side, and at `source` for all pixels together.
    pub(crate) fn check_source_size(&self, size: Size) -> Result<()> {
        for (side, pixels) in [("source.width", size.width), ("source.height", size.height)] {
            let detail = "The picture is too long or too wide: pick a smaller one.";
            at_most(self.source_side, pixels, || Error::new(Code::TooManyPixels, detail).at(side))?;
        }
        let detail = "The picture has too many pixels: pick a smaller one.";
        at_most(self.source_pixels, size.pixels(), || Error::new(Code::TooManyPixels, detail).at("source"))
    }

    /// Checks the number of scans of a JPEG.
    ///
    /// # Errors
    /// [`Code::TooManyScans`] at `source`.
    pub(crate) fn check_jpeg_scans(&self, scans: usize) -> Result<()> {
        let detail = "The JPEG file has more scans than any encoder writes: save it again.";
        at_most(self.jpeg_scans, scans, || Error::new(Code::TooManyScans, detail).at("source"))
    }

    /// Checks the length of a HEIC file's lists.
    ///
    /// # Errors
    /// [`Code::TooManyItems`] at `source`.
    #[cfg(feature = "heic")]
    pub(crate) fn check_heic_header_bytes(&self, bytes: u64) -> Result<()> {
        let detail = "The HEIC file's lists are longer than any encoder writes: save it again.";
        at_most(self.heic_header_bytes, bytes, || Error::new(Code::TooManyItems, detail).at("source"))
    }

    /// Checks the entries of one of a HEIC file's lists.
    ///
    /// # Errors
    /// [`Code::TooManyItems`] at `source`.
    #[cfg(feature = "heic")]
    pub(crate) fn check_heic_items(&self, items: usize) -> Result<()> {
        let detail = "The HEIC file lists more items than any encoder writes: save it again.";
        at_most(self.heic_items, items, || Error::new(Code::TooManyItems, detail).at("source"))
    }

    /// Checks the number of outputs, the sides of each, and the pixels of all of them.
    ///
    /// # Errors
    /// [`Code::OutputTooLarge`] at `outputs` for their number and for all their pixels together, and at
    /// `outputs[i].width` or `outputs[i].height` for a side.
    pub(crate) fn check_outputs(&self, sizes: impl Iterator<Item = Size> + Clone) -> Result<()> {
        let refuse = |detail: &str, field: String| Error::new(Code::OutputTooLarge, detail).at(field);
        let count = sizes.clone().count();
        at_most(self.outputs, count, || refuse("There are too many outputs.", "outputs".into()))?;
        for (i, size) in sizes.clone().enumerate() {
            for (side, pixels) in [("width", size.width), ("height", size.height)] {
                let detail = "This output is too large: ask for a smaller one.";
                at_most(self.output_side, pixels, || refuse(detail, format!("outputs[{i}].{side}")))?;
            }
        }
        let pixels = sizes.map(Size::pixels).sum::<u64>();
        let detail = "The outputs have too many pixels together.";
        at_most(self.output_pixels, pixels, || refuse(detail, "outputs".into()))
    }

    /// Checks the peak of a plan, or what a file makes a decoder take, in bytes.
    ///
    /// # Errors
    /// [`Code::MemoryOverBudget`] at `limits.memory`.
    pub(crate) fn check_memory(&self, peak: u64) -> Result<()> {
        let detail =
            "This would take more memory than allowed: raise the limit, or use a smaller source or output.";
        at_most(self.memory, peak, || Error::new(Code::MemoryOverBudget, detail).at("limits.memory"))
    }

    /// Checks the length of a JSON text. `what`: `receipt` or `recipe`.
    ///
    /// # Errors
    /// [`Code::TooManyBytes`] at `what`.
    pub(crate) fn check_json_bytes(&self, what: &str, bytes: usize) -> Result<()> {
        let refuse = || Error::new(Code::TooManyBytes, format!("The {what} is too long.")).at(what);
        at_most(self.json_bytes, bytes, refuse)
    }
}

/// `refuse` with the figures, unless `got` is within the bound.
fn at_most<T: PartialOrd + Into<Value>>(bound: T, got: T, refuse: impl FnOnce() -> Error) -> Result<()> {
    if got <= bound { Ok(()) } else { Err(refuse().figures(bound, got)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each bound at its largest value, and one beyond it.
    #[test]
    fn every_refusal_names_its_own_bound_and_figures() {
        let limits = Limits {
            source_bytes: 1000,
            source_pixels: 500,
            source_side: 100,
            profile_bytes: 70,
            jpeg_scans: 9,
            heic_header_bytes: 3000,
            heic_items: 30,
            outputs: 2,
            output_side: 50,
            output_pixels: 2600,
            memory: 9000,
            json_bytes: 80,
        };
        let outputs = |sizes: &[(u32, u32)]| {
            let sizes: Vec<Size> = sizes.iter().map(|&(w, h)| Size::new(w, h)).collect();
            limits.check_outputs(sizes.into_iter())
        };
        /// At the bound, beyond it; the field, the bound, the figure beyond it.
        type Case = (Result<()>, Result<()>, &'static str, u64, u64);
        let cases = [
            #[cfg(feature = "heic")]
            (
                limits.check_heic_header_bytes(3000),
                limits.check_heic_header_bytes(3001),
                "source",
                3000,
                3001,
            ),
            #[cfg(feature = "heic")]
            (limits.check_heic_items(30), limits.check_heic_items(31), "source", 30, 31),
            (limits.check_source_bytes(1000), limits.check_source_bytes(1001), "source.bytes", 1000, 1001),
            (source(&limits, 100, 5), source(&limits, 101, 1), "source.width", 100, 101),
            (source(&limits, 5, 100), source(&limits, 1, 102), "source.height", 100, 102),
            (source(&limits, 10, 50), source(&limits, 9, 56), "source", 500, 504),
            (limits.check_jpeg_scans(9), limits.check_jpeg_scans(10), "source", 9, 10),
            (outputs(&[(1, 1); 2]), outputs(&[(1, 1); 3]), "outputs", 2, 3),
            (outputs(&[(50, 1)]), outputs(&[(1, 1), (51, 1)]), "outputs[1].width", 50, 51),
            (outputs(&[(1, 50)]), outputs(&[(1, 52), (1, 1)]), "outputs[0].height", 50, 52),
            (outputs(&[(50, 50), (10, 10)]), outputs(&[(50, 50), (10, 11)]), "outputs", 2600, 2610),
            (limits.check_memory(9000), limits.check_memory(9001), "limits.memory", 9000, 9001),
            (limits.check_json_bytes("recipe", 80), limits.check_json_bytes("recipe", 81), "recipe", 80, 81),
        ];
        for (within, beyond, field, expected, got) in Vec::<Case>::from(cases) {
            assert_eq!(within, Ok(()), "{field}");
            let error = beyond.unwrap_err();
            let told = (error.field(), error.expected(), error.got());
            assert_eq!(told, (Some(field), Some(&expected.into()), Some(&got.into())), "{error}");
        }
    }

    fn source(limits: &Limits, width: u32, height: u32) -> Result<()> {
        limits.check_source_size(Size::new(width, height))
    }
}
