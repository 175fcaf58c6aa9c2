//! The formats that only some builds know: PNG, WebP, GIF and JPEG's gain maps by the feature `formats`; `rare`, those that only the largest
//! build knows; and `heic`, by its feature.

#[cfg(feature = "formats")]
pub mod gain_map;
#[cfg(feature = "formats")]
mod gif;
#[cfg(feature = "heic")]
pub(crate) mod heic;
#[cfg(feature = "formats")]
mod png;
#[cfg(feature = "formats")]
mod prefix_code;
#[cfg(feature = "formats")]
mod prefix_group;
#[cfg(feature = "all-formats")]
pub(crate) mod rare;
#[cfg(feature = "formats")]
mod vp8l;
#[cfg(feature = "formats")]
mod webp;
#[cfg(feature = "formats")]
mod webp_places;

#[cfg(feature = "formats")]
pub(crate) use png::PngFacts;
#[cfg(feature = "formats")]
pub(crate) use prefix_code::{Bits, Parsed, PrefixDecoder, Stop};
#[cfg(feature = "formats")]
pub(crate) use prefix_group::{read_cache, read_group};
#[cfg(feature = "formats")]
pub(crate) use vp8l::WebpFacts;
#[cfg(feature = "formats")]
pub(crate) use webp_places::{ChunkPlace, WebpPlaces};

#[cfg(feature = "formats")]
use super::StatedColor;
use super::map_signs::MapSigns;
use super::{Header, JpegFacts, Probe, SourceFormat};
use crate::error::Result;
#[cfg(not(feature = "formats"))]
use crate::error::module_needed;
#[cfg(feature = "formats")]
use crate::error::{Code, Error};
use crate::geometry::Size;
use crate::limits::Limits;
use crate::source::HeaderReader;
#[cfg(feature = "formats")]
use gain_map::GainMap;

/// What the headers of one format alone say.
#[derive(Clone, Debug, Default)]
pub(crate) struct FormatFacts {
    pub(super) jpeg: Option<JpegFacts>,
    #[cfg(feature = "formats")]
    png: Option<PngFacts>,
    #[cfg(feature = "formats")]
    webp: Option<WebpFacts>,
    #[cfg(feature = "all-formats")]
    rare: Option<rare::RareFacts>,
    /// Boxed: it is the largest, and rare.
    #[cfg(feature = "heic")]
    heic: Option<Box<heic::HeicFacts>>,
    #[cfg(feature = "formats")]
    webp_places: WebpPlaces,
    #[cfg(feature = "formats")]
    gain_map: Option<Box<GainMap>>,
    /// Of a gain map: the stored size of its base.
    #[cfg(feature = "formats")]
    stretched_over: Option<Size>,
}

impl Probe {
    /// What only PNG headers say.
    #[cfg(feature = "formats")]
    pub(crate) fn png(&self) -> Option<&PngFacts> {
        self.header.facts.png.as_ref()
    }

    /// What only WebP headers say.
    #[cfg(feature = "formats")]
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

    /// The small picture that a HEIC has beside its own, where it shows the same and is decoded at once.
    #[cfg(feature = "heic")]
    pub fn thumbnail(&self) -> Option<&Probe> {
        self.heic()?.thumbnail.as_deref()
    }

    /// The gain map of a JPEG or HEIC, where there is one that can be used.
    #[cfg(feature = "formats")]
    pub fn gain_map(&self) -> Option<&GainMap> {
        self.header.facts.gain_map.as_deref()
    }

    /// Bytes of what may be large of these headers: colour profiles and lists of tiles, of all pictures of the file that are known.
    #[cfg(feature = "formats")]
    pub(crate) fn held_bytes(&self) -> u64 {
        let profile = |stated: &StatedColor| match stated {
            StatedColor::Icc(profile) => profile.len() as u64,
            _ => 0,
        };
        let profiles: u64 = self.stated_colors().iter().map(profile).sum();
        let held = profiles + self.gain_map().map_or(0, |map| map.probe().held_bytes());
        #[cfg(feature = "heic")]
        let held = held + self.heic().map_or(0, heic::HeicFacts::held_bytes);
        held
    }

    /// The stored size of the picture in whose pixels crops are stated: its own, or that of a gain map's base.
    pub(crate) fn canvas(&self) -> Size {
        #[cfg(feature = "formats")]
        if let Some(base) = self.header.facts.stretched_over {
            return base;
        }
        self.stored()
    }

    /// Where the parts of a WebP's picture lie.
    #[cfg(feature = "formats")]
    pub(crate) fn webp_places(&self) -> &WebpPlaces {
        &self.header.facts.webp_places
    }
}

/// A JPEG's header with the gain map that it announces, where that can be used.
#[cfg(feature = "formats")]
pub(super) fn find_gain_map(
    scan: &mut HeaderReader<'_>,
    mut header: Header,
    signs: &MapSigns,
    limits: &Limits,
) -> Result<Header> {
    if signs.announced {
        header.facts.gain_map = gain_map::find(scan, signs, &header, limits)?;
    }
    Ok(header)
}

/// Only builds with the web's formats read gain maps.
#[cfg(not(feature = "formats"))]
pub(super) fn find_gain_map(
    _: &mut HeaderReader<'_>,
    header: Header,
    _: &MapSigns,
    _: &Limits,
) -> Result<Header> {
    Ok(header)
}

/// Reads the header of a file of one of these formats.
pub(super) fn read_header(
    format: SourceFormat,
    scan: &mut HeaderReader<'_>,
    limits: &Limits,
) -> Result<Header> {
    match format {
        #[cfg(feature = "heic")]
        SourceFormat::Heic => heic::read_header(scan, limits),
        #[cfg(feature = "platform")]
        SourceFormat::Platform(_) => Err(crate::error::Error::new(
            crate::error::Code::Internal,
            "No file begins as one that the browser decodes.",
        )),
        #[cfg(feature = "formats")]
        SourceFormat::Png => png::read_header(scan, limits),
        #[cfg(feature = "formats")]
        SourceFormat::Webp => webp::read_header(scan, limits),
        #[cfg(feature = "formats")]
        SourceFormat::Gif => gif::read_header(scan),
        #[cfg(feature = "formats")]
        SourceFormat::Jpeg => Err(Error::new(Code::Internal, "JPEG headers are not read here.")),
        #[cfg(feature = "all-formats")]
        _ => rare::read_header(format, scan, limits),
        #[cfg(not(feature = "formats"))]
        _ => Err(module_needed(format.as_str())),
    }
}
