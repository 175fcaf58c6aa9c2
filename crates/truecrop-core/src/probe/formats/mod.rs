//! The formats that only the full build knows: PNG, WebP and GIF; `rare`, those that only the largest build knows; and `heic`, by its feature.

mod gif;
#[cfg(feature = "heic")]
pub(crate) mod heic;
mod png;
mod prefix_code;
#[cfg(feature = "all-formats")]
pub(crate) mod rare;
mod vp8l;
mod webp;
mod webp_places;

pub(crate) use png::PngFacts;
pub(crate) use vp8l::WebpFacts;
pub(crate) use webp_places::{ChunkPlace, WebpPlaces};

use super::{Header, JpegFacts, Probe, SourceFormat};
use crate::error::{Code, Error, Result};
use crate::limits::Limits;
use crate::source::HeaderReader;

/// What the headers of one format alone say.
#[derive(Clone, Debug, Default)]
pub(crate) struct FormatFacts {
    pub(super) jpeg: Option<JpegFacts>,
    png: Option<PngFacts>,
    webp: Option<WebpFacts>,
    #[cfg(feature = "all-formats")]
    rare: Option<rare::RareFacts>,
    /// Boxed: it is the largest, and rare.
    #[cfg(feature = "heic")]
    heic: Option<Box<heic::HeicFacts>>,
    webp_places: WebpPlaces,
}

impl Probe {
    /// What only PNG headers say.
    pub(crate) fn png(&self) -> Option<&PngFacts> {
        self.header.facts.png.as_ref()
    }

    /// What only WebP headers say.
    pub(crate) fn webp(&self) -> Option<&WebpFacts> {
        self.header.facts.webp.as_ref()
    }

    /// What only the headers of rare formats say.
    #[cfg(feature = "all-formats")]
    pub(crate) fn rare(&self) -> Option<&rare::RareFacts> {
        self.header.facts.rare.as_ref()
    }

    /// What only HEIC headers say.
    #[cfg(feature = "heic")]
    pub(crate) fn heic(&self) -> Option<&heic::HeicFacts> {
        self.header.facts.heic.as_deref()
    }

    /// Where the parts of a WebP's picture lie.
    pub(crate) fn webp_places(&self) -> &WebpPlaces {
        &self.header.facts.webp_places
    }
}

/// Reads the header of a file of one of these formats.
pub(super) fn read_header(
    format: SourceFormat,
    scan: &mut HeaderReader<'_>,
    limits: &Limits,
) -> Result<Header> {
    match format {
        SourceFormat::Png => png::read_header(scan, limits),
        SourceFormat::Webp => webp::read_header(scan, limits),
        SourceFormat::Gif => gif::read_header(scan),
        #[cfg(feature = "heic")]
        SourceFormat::Heic => heic::read_header(scan, limits),
        SourceFormat::Jpeg => Err(Error::new(Code::Internal, "JPEG headers are not read here.")),
        #[cfg(feature = "all-formats")]
        _ => rare::read_header(format, scan, limits),
    }
}
