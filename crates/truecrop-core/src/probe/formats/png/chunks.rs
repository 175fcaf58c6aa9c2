//! The chunks between IHDR and the pixel data: which of them are used, and what they say.
//!
//! # What counts
//! Every chunk that is used goes through [`content`], which compares its checksum. A palette with a wrong checksum makes the
//! file a damaged one. An ancillary chunk counts as absent, as in libpng and in browsers, when
//!
//! - its checksum or its length is wrong, or its content is none that the specification allows;
//! - it stands in the wrong place: a colour chunk behind PLTE, tRNS before PLTE, any of them behind the pixel data;
//! - one of its kind that counts has come before.

use crate::crc32::Crc32;
use crate::error::Result;
use crate::error::damaged;
use crate::geometry::Orientation;
use crate::limits::Limits;
use crate::probe::{Chromaticities, StatedColor, exif};
use crate::source::HeaderReader;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_PARSE_ZLIB_HEADER, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

/// A larger eXIf chunk is ignored. The orientation is in its first directory, which is short.
const EXIF_BYTES: usize = 64 << 10;

/// What the chunks behind IHDR say.
pub(super) struct Chunks {
    /// The colour type of IHDR.
    color: u8,
    /// Whether PLTE has come, also in a picture that does not use it.
    behind_palette: bool,
    pub(super) palette: Option<Vec<u8>>,
    pub(super) transparent: Option<Vec<u8>>,
    pub(super) animated: bool,
    pub(super) srgb: bool,
    pub(super) icc: Option<StatedColor>,
    pub(super) gamma: Option<u32>,
    pub(super) chromaticities: Option<Chromaticities>,
    /// By cICP.
    pub(super) coded: Option<StatedColor>,
    /// As in browsers, the first eXIf chunk that is a TIFF block counts, also where it says nothing.
    pub(super) orientation: Option<Option<Orientation>>,
}

/// Reads a chunk's content and its checksum, and tells whether the checksum is right. The caller has bounded `length`.
pub(super) fn content(scan: &mut HeaderReader<'_>, kind: &[u8; 4], length: usize) -> Result<(Vec<u8>, bool)> {
    let content = scan.take(length)?;
    let mut sum = Crc32::new();
    sum.update(kind);
    sum.update(&content);
    let right = scan.be32()? == sum.finalize();
    Ok((content, right))
}

impl Chunks {
    pub(super) fn new(color: u8) -> Self {
        Self {
            color,
            behind_palette: false,
            palette: None,
            transparent: None,
            animated: false,
            srgb: false,
            icc: None,
            gamma: None,
            chromaticities: None,
            coded: None,
            orientation: None,
        }
    }

    /// Reads PLTE, if the colour type uses it.
    pub(super) fn read_palette(&mut self, scan: &mut HeaderReader<'_>, length: usize) -> Result<()> {
        self.behind_palette = true;
        if self.color != 3 {
            return Ok(());
        }
        if self.palette.is_some() || !(3..=768).contains(&length) {
            return Err(damaged("its palette cannot be read"));
        }
        let (palette, right) = content(scan, b"PLTE", length)?;
        if !right {
            return Err(damaged("the checksum of its palette is wrong"));
        }
        self.palette = Some(palette);
        Ok(())
    }

    /// Reads any other chunk, if it counts.
    pub(super) fn read_ancillary(
        &mut self,
        scan: &mut HeaderReader<'_>,
        kind: &[u8; 4],
        length: usize,
        limits: &Limits,
    ) -> Result<()> {
        if !self.wants(kind, length) {
            return Ok(());
        }
        if kind == b"iCCP" && length > limits.profile_bytes {
            self.icc = Some(StatedColor::IccTooLarge { bytes: length as u64 });
            return Ok(());
        }
        let (content, right) = content(scan, kind, length)?;
        if right {
            self.apply(kind, &content, limits);
        }
        Ok(())
    }

    /// Whether a chunk of this kind and length may stand here, and none of its kind has made sense yet.
    fn wants(&self, kind: &[u8; 4], length: usize) -> bool {
        let color_may_come = !self.behind_palette;
        let is_unread = |stated: &Option<StatedColor>| matches!(stated, None | Some(StatedColor::Unreadable));
        match kind {
            b"acTL" => length == 8 && !self.animated,
            b"eXIf" => length <= EXIF_BYTES && self.orientation.is_none(),
            b"tRNS" => self.transparent.is_none() && self.fits_transparent(length),
            b"cICP" => color_may_come && length == 4 && is_unread(&self.coded),
            b"iCCP" => color_may_come && is_unread(&self.icc),
            b"sRGB" => color_may_come && length == 1 && !self.srgb,
            b"gAMA" => color_may_come && length == 4 && self.gamma.is_none_or(|gamma| gamma == 0),
            b"cHRM" => color_may_come && length == 32 && self.chromaticities.is_none(),
            _ => false,
        }
    }

    fn fits_transparent(&self, length: usize) -> bool {
        match self.color {
            0 => length == 2,
            2 => length == 6,
            // no more alphas than colours
            3 => self.palette.as_ref().is_some_and(|palette| (1..=palette.len() / 3).contains(&length)),
            _ => false,
        }
    }

    /// What a chunk says that counts if it makes sense.
    fn apply(&mut self, kind: &[u8; 4], content: &[u8], limits: &Limits) {
        let mut numbers = content.as_chunks::<4>().0.iter().map(|bytes| u32::from_be_bytes(*bytes));
        match (kind, content) {
            (b"acTL", _) => self.animated = true,
            // without the prefix that the block has in a JPEG (PNG, third edition, 11.3.4.5)
            (b"eXIf", [b'I', b'I', ..] | [b'M', b'M', ..]) => {
                self.orientation = Some(exif::orientation(content))
            }
            (b"tRNS", values) => self.transparent = Some(values.to_vec()),
            (b"cICP", &[primaries, transfer, matrix, full]) => {
                self.coded = Some(match (matrix, full) {
                    (0, 1) => StatedColor::Coded { primaries, transfer },
                    _ => StatedColor::Unreadable,
                });
            }
            (b"iCCP", chunk) => {
                self.icc = Some(inflate_profile(chunk, limits).unwrap_or(StatedColor::Unreadable));
            }
            // a rendering intent
            (b"sRGB", &[intent]) => self.srgb = intent <= 3,
            (b"gAMA", _) => self.gamma = numbers.next(),
            (b"cHRM", _) => {
                let mut next = || numbers.next().unwrap_or_default();
                let white_red_green_blue = [(); 4].map(|()| (next(), next()));
                self.chromaticities = Some(Chromaticities { white_red_green_blue });
            }
            _ => {}
        }
    }
}

/// Inflates an iCCP chunk (name, 0, method, data); `None` for what is no profile. As in libpng, a zlib stream without its check sum, or
/// with a wrong one, counts where it has as many bytes as the profile's own header states. Nothing of a profile that is larger than
/// the limit is held.
fn inflate_profile(chunk: &[u8], limits: &Limits) -> Option<StatedColor> {
    let name = chunk.iter().take(80).position(|&b| b == 0)?;
    let Some([0, data @ ..]) = chunk.get(name + 1..) else {
        return None;
    };
    let length = inflated_length(data, limits.profile_bytes)?;
    if length > limits.profile_bytes {
        return Some(StatedColor::IccTooLarge { bytes: length as u64 });
    }
    let mut profile = vec![0; length];
    let (status, _, made) = decompress(
        &mut DecompressorOxide::new(),
        data,
        &mut profile,
        0,
        TINFL_FLAG_PARSE_ZLIB_HEADER | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
    );
    let stated = profile.first_chunk().map(|bytes| u32::from_be_bytes(*bytes) as usize);
    (made == length && (status == TINFLStatus::Done || stated == Some(length)))
        .then_some(StatedColor::Icc(profile))
}

/// Bytes that a zlib stream inflates to, at least as far as it goes; just beyond `most` if it is more. `None` for what is no such stream.
fn inflated_length(data: &[u8], most: usize) -> Option<usize> {
    let (mut state, mut window) = (DecompressorOxide::new(), vec![0; 32 << 10]);
    let (mut rest, mut at, mut length) = (data, 0, 0);
    loop {
        let (status, taken, made) =
            decompress(&mut state, rest, &mut window, at, TINFL_FLAG_PARSE_ZLIB_HEADER);
        rest = &rest[taken..];
        at = (at + made) % window.len();
        length += made;
        match status {
            _ if length > most => return Some(most + 1),
            TINFLStatus::Done | TINFLStatus::Adler32Mismatch | TINFLStatus::FailedCannotMakeProgress => {
                return Some(length);
            }
            TINFLStatus::HasMoreOutput => {}
            _ => return None,
        }
    }
}
