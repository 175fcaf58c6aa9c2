//! Reads a source's header: format, size, orientation, alpha, colour profile, and what decoding will need to know.
//!
//! - `signature` tells the format by a file's first bytes, and names the formats that are refused;
//! - `jpeg`, `formats/png`, `formats/webp` and `formats/gif` read the header of each format;
//! - `exif` reads the tags of an EXIF block; `map_signs` sees where a JPEG speaks of a gain map, and `formats/gain_map` finds it;
//! - a fact that is new for all formats is a field of `Header`; one that a single format has is a field of its facts
//!   (`JpegFacts`, `PngFacts`, `WebpFacts`).
//!
//! These readers are the engine's own, because a hostile file must be refused before any decoder sees it: they read
//! little, skip by seeking, take a bounded number of steps, and hold nothing larger than a colour profile.

mod exif;
pub(crate) mod icc_tags;
mod ignored;
#[cfg(feature = "wide")]
pub(crate) mod formats;
/// The same items for the build that knows JPEG alone.
#[cfg(not(feature = "wide"))]
#[path = "jpeg_only.rs"]
pub(crate) mod formats;
mod jpeg;
mod map_signs;
mod signature;
mod stated_color;

#[cfg(feature = "formats")]
pub use formats::gain_map::{self, GainMap, MapMetadata};
pub use ignored::Ignored;
pub use jpeg::JpegFacts;
pub use stated_color::{Chromaticities, StatedColor};

use crate::error::{Code, Error, Result, damaged, module_needed};
use crate::geometry::{Orientation, Size};
use crate::limits::Limits;
use crate::source::HeaderReader;
use crate::source::Source;
use formats::FormatFacts;
use std::io::SeekFrom;

/// A format that the engine decodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SourceFormat {
    /// Baseline, extended or progressive, 8 bits.
    Jpeg,
    /// Every colour type and depth, interlaced or not.
    Png,
    /// Lossy and lossless.
    Webp,
    /// The first frame.
    Gif,
    /// The first page.
    #[cfg(feature = "all-formats")]
    Tiff,
    /// Windows' bitmaps.
    #[cfg(feature = "all-formats")]
    Bmp,
    /// Icons and cursors: the largest picture.
    #[cfg(feature = "all-formats")]
    Ico,
    /// Truevision's Targa.
    #[cfg(feature = "all-formats")]
    Tga,
    /// Netpbm's PBM, PGM, PPM and PAM.
    #[cfg(feature = "all-formats")]
    Pnm,
    /// The Quite OK Image format.
    #[cfg(feature = "all-formats")]
    Qoi,
    /// HEVC's still pictures, tiled or not; of a sequence the primary one.
    #[cfg(feature = "heic")]
    Heic,
    /// What a browser's own decoder gave, with the name of the format that it was decoded from: [`PLATFORM_FORMATS`].
    #[cfg(feature = "platform")]
    Platform(&'static str),
}

/// The formats that browsers decode and no build of this engine does, or not in every build.
#[cfg(feature = "platform")]
pub const PLATFORM_FORMATS: &[&str] = &["avif", "heic", "heif", "jp2", "jxl"];

impl SourceFormat {
    /// The name as in receipts.
    pub fn as_str(self) -> &'static str {
        match self {
            SourceFormat::Jpeg => "jpeg",
            SourceFormat::Png => "png",
            SourceFormat::Webp => "webp",
            SourceFormat::Gif => "gif",
            #[cfg(feature = "all-formats")]
            SourceFormat::Tiff => "tiff",
            #[cfg(feature = "all-formats")]
            SourceFormat::Bmp => "bmp",
            #[cfg(feature = "all-formats")]
            SourceFormat::Ico => "ico",
            #[cfg(feature = "all-formats")]
            SourceFormat::Tga => "tga",
            #[cfg(feature = "all-formats")]
            SourceFormat::Pnm => "pnm",
            #[cfg(feature = "all-formats")]
            SourceFormat::Qoi => "qoi",
            #[cfg(feature = "heic")]
            SourceFormat::Heic => "heic",
            #[cfg(feature = "platform")]
            SourceFormat::Platform(name) => name,
        }
    }

    /// All that this build decodes.
    pub const ALL: &'static [Self] = &[
        Self::Jpeg,
        Self::Png,
        Self::Webp,
        Self::Gif,
        #[cfg(feature = "all-formats")]
        Self::Tiff,
        #[cfg(feature = "all-formats")]
        Self::Bmp,
        #[cfg(feature = "all-formats")]
        Self::Ico,
        #[cfg(feature = "all-formats")]
        Self::Tga,
        #[cfg(feature = "all-formats")]
        Self::Pnm,
        #[cfg(feature = "all-formats")]
        Self::Qoi,
        #[cfg(feature = "heic")]
        Self::Heic,
    ];

    /// From the name as in receipts.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.as_str() == name)
    }

    /// The names of all formats that any build decodes, as in receipts.
    pub const NAMES: &'static [&'static str] =
        &["jpeg", "png", "webp", "gif", "tiff", "bmp", "ico", "tga", "pnm", "qoi", "heic"];
}

/// Bits of a stored sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Depth {
    /// 8 or fewer; decoders give 8.
    Eight,
    /// 16.
    Sixteen,
}

/// What a source's header says.
///
/// # Guarantees
/// Made by [`probe`] only: the sides are at least 1 and within the limits, and a profile that it holds is within its limit. The
/// header can still be wrong about the pixels; decoding finds that out.
#[derive(Clone, Debug)]
pub struct Probe {
    format: SourceFormat,
    bytes: u64,
    header: Header,
}

/// What the header reader of a format found.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    pub(crate) size: Size,
    pub(crate) orientation: Orientation,
    pub(crate) alpha: bool,
    pub(crate) depth: Depth,
    pub(crate) animated: bool,
    pub(crate) interlaced: bool,
    /// A document of several pages, of which only the first is used.
    pub(crate) more_pages: bool,
    /// The file says that it has a gain map.
    gain_map: bool,
    /// Of a decoded pixel, without alpha: 1, 3 or 4.
    color_channels: u8,
    /// In the order of precedence.
    stated_colors: Vec<StatedColor>,
    facts: FormatFacts,
}

impl Header {
    fn new(width: u32, height: u32) -> Self {
        Self {
            size: Size::new(width, height),
            orientation: Orientation::NORMAL,
            alpha: false,
            depth: Depth::Eight,
            animated: false,
            interlaced: false,
            more_pages: false,
            gain_map: false,
            color_channels: 3,
            stated_colors: Vec::new(),
            facts: FormatFacts::default(),
        }
    }
}

/// Whether this build knows more than JPEG. Where it does not, the compiler sees that the facts below are constants, and
/// leaves out the code for all other values.
const WIDE: bool = cfg!(feature = "wide");

impl Probe {
    /// What a browser's own decoder gave of a file of so many bytes: pixels that are upright and in sRGB.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] for a format that is not one of [`PLATFORM_FORMATS`]; those of [`probe`] for what the limits refuse.
    #[cfg(feature = "platform")]
    pub fn of_platform(format: &str, bytes: u64, size: Size, alpha: bool, limits: &Limits) -> Result<Self> {
        let Some(name) = PLATFORM_FORMATS.iter().copied().find(|name| *name == format) else {
            let detail = "The browser's decoder is used for other formats only.";
            return Err(Error::new(Code::InvalidOption, detail)
                .at("format")
                .figures(PLATFORM_FORMATS.join(", "), format));
        };
        limits.check_source_bytes(bytes)?;
        check_size(size, limits)?;
        let header = Header { alpha, ..Header::new(size.width, size.height) };
        Ok(Self { format: SourceFormat::Platform(name), bytes, header })
    }

    /// Whether the browser's own decoder gave the pixels.
    pub(crate) fn is_platform(&self) -> bool {
        #[cfg(feature = "platform")]
        return matches!(self.format, SourceFormat::Platform(_));
        #[cfg(not(feature = "platform"))]
        false
    }

    /// The container.
    pub fn format(&self) -> SourceFormat {
        self.format
    }

    /// The file's length in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Width and height as stored.
    pub fn stored(&self) -> Size {
        self.header.size
    }

    /// Width and height as seen, with the orientation applied.
    pub fn oriented(&self) -> Size {
        self.header.orientation.apply(self.header.size)
    }

    /// How the stored rows lie; [`Orientation::NORMAL`] when the file does not say.
    pub fn orientation(&self) -> Orientation {
        self.header.orientation
    }

    /// Whether some pixels may be transparent.
    pub fn alpha(&self) -> bool {
        WIDE && self.header.alpha
    }

    /// Bits of a sample as decoded.
    pub fn depth(&self) -> Depth {
        if WIDE { self.header.depth } else { Depth::Eight }
    }

    /// Whether there is more than one frame. Only the first one is used.
    pub fn animated(&self) -> bool {
        WIDE && self.header.animated
    }

    /// Whether rows are stored out of order (Adam7, GIF's four passes).
    pub fn interlaced(&self) -> bool {
        self.header.interlaced
    }

    /// Whether it is a document of several pages (TIFF). Only the first one is used.
    pub fn more_pages(&self) -> bool {
        cfg!(feature = "all-formats") && self.header.more_pages
    }

    /// Whether the file says that it has a gain map, by which displays of high dynamic range show it brighter. Whether the map
    /// can be used is another matter.
    pub fn has_gain_map(&self) -> bool {
        self.header.gain_map
    }

    /// Channels of a decoded pixel, without alpha: 1 (gray), 3 (red, green, blue) or 4 (inks).
    pub fn color_channels(&self) -> u8 {
        self.header.color_channels
    }

    /// All that the file says of its colours, in the order of precedence: the first that can be applied counts. PNG (third
    /// edition, 4.3): cICP, iCCP, sRGB, gAMA and cHRM; JPEG and WebP: the ICC profile; HEIC: the ICC profile, then the codes.
    pub fn stated_colors(&self) -> &[StatedColor] {
        &self.header.stated_colors
    }

    /// What only JPEG headers say.
    pub fn jpeg(&self) -> Option<&JpegFacts> {
        self.header.facts.jpeg.as_ref()
    }
}

/// Reads a source's header.
///
/// ```
/// use std::io::Cursor;
/// use truecrop_core::probe::probe;
/// use truecrop_core::Limits;
///
/// let gif = b"GIF89a\x02\0\x01\0\x80\0\0\xff\0\0\0\0\xff,\0\0\0\0\x02\0\x01\0\0\x02\x02\x44\x0a\0;";
/// let probe = probe(&mut Cursor::new(gif), &Limits::default())?;
/// assert_eq!((probe.oriented().width, probe.oriented().height, probe.alpha()), (2, 1, false));
/// # Ok::<(), truecrop_core::Error>(())
/// ```
///
/// A format that is not read is refused by its name:
///
/// ```
/// # use std::io::Cursor;
/// # use truecrop_core::probe::probe;
/// # use truecrop_core::{Code, Limits};
/// let avif = b"\0\0\0\x18ftypavif\0\0\0\0mif1avif";
/// let refused = probe(&mut Cursor::new(avif), &Limits::default()).unwrap_err();
/// assert_eq!(refused.code(), Code::UnsupportedFormat);
/// assert!(refused.detail().contains("AVIF"));
/// ```
///
/// # Errors
/// [`Code::EmptySource`], [`Code::UnsupportedFormat`] (it names what the file seems to be), [`Code::DamagedSource`];
/// [`Code::ModuleNeeded`] for a format that this build was made without;
/// [`Code::SourceTooLarge`], [`Code::TooManyPixels`] by the limits; [`Code::Io`].
pub fn probe(source: &mut dyn Source, limits: &Limits) -> Result<Probe> {
    let bytes = source.seek_to(SeekFrom::End(0))?;
    if bytes == 0 {
        return Err(Error::new(Code::EmptySource, "The file is empty: pick another one.").at("source"));
    }
    limits.check_source_bytes(bytes)?;
    let mut scan = HeaderReader::new(source, bytes)?;
    let head = scan.peek(signature::MAX_LENGTH)?;
    let format = signature::detect_format(head)?;
    #[cfg(feature = "heic")]
    if format == SourceFormat::Heic && limits.heic_header_bytes == 0 {
        return Err(signature::refuse(head));
    }
    let header = match format {
        SourceFormat::Jpeg => jpeg::read_header(&mut scan, limits)
            .and_then(|(header, signs)| formats::find_gain_map(&mut scan, header, &signs, limits)),
        other => formats::read_header(other, &mut scan, limits),
    }?;
    check_tables(&header)?;
    check_size(header.size, limits)?;
    Ok(Probe { format, bytes, header })
}

/// Only the builds with the web's formats apply the tables of profiles.
fn check_tables(header: &Header) -> Result<()> {
    match header.stated_colors.first() {
        Some(StatedColor::Icc(profile))
            if !cfg!(feature = "formats") && icc_tags::tables(profile).is_some() =>
        {
            Err(module_needed("tables of a colour profile"))
        }
        _ => Ok(()),
    }
}

fn check_size(size: Size, limits: &Limits) -> Result<()> {
    if size.width == 0 || size.height == 0 {
        return Err(damaged("its header says that it has no pixels")
            .figures("1 x 1 or more", format!("{} x {}", size.width, size.height)));
    }
    limits.check_source_size(size)
}

#[cfg(test)]
mod tests;
