//! Reads a JPEG's header: all segments up to the first scan (ITU-T T.81, annex B).

use super::map_signs::MapSigns;
use super::{Header, StatedColor, check_size, exif};
use crate::error::{Code, Error, Result, damaged};
use crate::limits::Limits;
use crate::source::HeaderReader;

/// Segments that are read before the first scan. Large metadata is split into segments of 64 KiB: this allows 512 MiB.
const MAX_SEGMENTS: usize = 8192;

const ICC: &[u8] = b"ICC_PROFILE\0";
/// Browsers take any sixth byte behind it (some cameras write 0xFF).
const EXIF: &[u8] = b"Exif\0";

/// What only JPEG headers say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JpegFacts {
    components: u8,
    progressive: bool,
    adobe: Option<u8>,
    sampling: [(u8, u8); 4],
}

impl JpegFacts {
    /// 1 (gray), 3 (colour) or 4 (CMYK and its kin).
    pub fn components(&self) -> u8 {
        self.components
    }

    /// Whether it is progressive (SOF2): the coefficients come in several scans.
    pub fn progressive(&self) -> bool {
        self.progressive
    }

    /// The colour transform of Adobe's APP14 segment: 0 none, 1 YCbCr, 2 YCCK.
    pub fn adobe(&self) -> Option<u8> {
        self.adobe
    }

    /// The largest subsampling factor: the most pixels, along one axis, that one sample of a component stands for.
    pub fn max_subsampling(&self) -> u8 {
        let most = |side: fn(&(u8, u8)) -> u8| {
            let sides = || self.sampling().iter().map(side);
            sides().max().unwrap_or(1).div_ceil(sides().min().unwrap_or(1).max(1))
        };
        most(|s| s.0).max(most(|s| s.1))
    }

    /// Horizontal and vertical sampling factors of each component.
    pub fn sampling(&self) -> &[(u8, u8)] {
        &self.sampling[..usize::from(self.components)]
    }
}

/// Also gives what the header says of a gain map.
pub(super) fn read_header(scan: &mut HeaderReader<'_>, limits: &Limits) -> Result<(Header, MapSigns)> {
    scan.skip(2)?;
    let mut frame: Option<(Header, JpegFacts)> = None;
    let (mut orientation, mut adobe) = (None, None);
    let (mut profile, mut signs) = (Profile::default(), MapSigns::default());
    for _ in 0..MAX_SEGMENTS {
        let marker = next_marker(scan)?;
        // markers without a length
        if matches!(marker, 0x01 | 0xD0..=0xD8) {
            continue;
        }
        if marker == 0xD9 {
            return Err(damaged("it ends before its first scan"));
        }
        let length =
            u64::from(scan.be16()?).checked_sub(2).ok_or_else(|| damaged("a segment has no length"))?;
        let end = scan.offset() + length;
        match marker {
            0xDA => {
                let (mut header, mut facts) =
                    frame.ok_or_else(|| damaged("a scan comes before the frame"))?;
                header.orientation = orientation.flatten().unwrap_or(header.orientation);
                header.stated_colors.extend(profile.join(limits));
                facts.adobe = adobe;
                header.facts.jpeg = Some(facts);
                header.gain_map = signs.announced;
                return Ok((header, signs));
            }
            0xC0..=0xC2 => {
                if frame.is_some() {
                    return Err(damaged("it has two frame headers"));
                }
                let read = read_frame(scan, marker, length)?;
                // Checked here already, so that a picture that is too large gets this error whatever follows.
                check_size(read.0.size, limits)?;
                frame = Some(read);
            }
            0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => return Err(unsupported(marker)),
            // as in browsers, the first block counts, also where it says nothing
            0xE1 if orientation.is_none() && scan.peek(EXIF.len())? == EXIF => {
                orientation = Some(exif::orientation(&scan.take(length as usize)?));
            }
            0xE2 if length >= 14 && scan.peek(ICC.len())? == ICC => profile.add(scan, length, limits)?,
            0xE1 | 0xE2 => signs.read(scan, length)?,
            0xEE if length >= 12 && scan.peek(5)? == b"Adobe" => adobe = Some(scan.array::<12>()?[11]),
            _ => {}
        }
        scan.skip(end.saturating_sub(scan.offset()))?;
    }
    Err(damaged("it has too many segments before its first scan"))
}

/// The next marker's code. As in every decoder, fill bytes and stray bytes before it are skipped, but not without end.
fn next_marker(scan: &mut HeaderReader<'_>) -> Result<u8> {
    let mut last = 0;
    for _ in 0..1 << 16 {
        let byte = scan.u8()?;
        if last == 0xFF && byte != 0 && byte != 0xFF {
            return Ok(byte);
        }
        last = byte;
    }
    Err(damaged("its header has bytes that belong to no segment"))
}

fn read_frame(scan: &mut HeaderReader<'_>, marker: u8, length: u64) -> Result<(Header, JpegFacts)> {
    let [precision, h1, h0, w1, w0, components] = scan.array()?;
    if precision != 8 {
        let detail = "The JPEG has more than 8 bits a sample: save it as an ordinary JPEG, or as PNG.";
        return Err(Error::new(Code::UnsupportedFormat, detail).at("source").figures(8, precision));
    }
    if !matches!(components, 1 | 3 | 4) {
        let detail = "The JPEG has an unusual number of colour components: save it as an ordinary JPEG.";
        return Err(Error::new(Code::UnsupportedFormat, detail)
            .at("source")
            .figures("1, 3 or 4", components));
    }
    if length < 6 + 3 * u64::from(components) {
        return Err(damaged("its frame header is too short"));
    }
    let mut sampling = [(1, 1); 4];
    for factor in &mut sampling[..usize::from(components)] {
        let [_, hv, _] = scan.array()?;
        *factor = (hv >> 4, hv & 15);
        if !(1..=4).contains(&factor.0) || !(1..=4).contains(&factor.1) {
            return Err(damaged("its sampling factors are impossible"));
        }
    }
    let (width, height) = (u16::from_be_bytes([w1, w0]), u16::from_be_bytes([h1, h0]));
    let facts = JpegFacts { components, progressive: marker == 0xC2, adobe: None, sampling };
    let mut header = Header::new(width.into(), height.into());
    header.color_channels = components;
    Ok((header, facts))
}

fn unsupported(marker: u8) -> Error {
    let what = match marker {
        0xC9..=0xCF => "uses arithmetic coding",
        0xC3 => "is lossless",
        _ => "is hierarchical",
    };
    let detail = format!("The JPEG {what}, which is not read here: save it as an ordinary JPEG.");
    Error::new(Code::UnsupportedFormat, detail)
        .at("source")
        .figures("SOF0, SOF1 or SOF2", format!("SOF{}", marker & 15))
}

/// An ICC profile in numbered segments (ICC.1, B.4). As in browsers, an incomplete set of them is ignored; but it is said.
#[derive(Default)]
struct Profile {
    /// The segments read so far; number 1 is the first.
    parts: Vec<Option<Vec<u8>>>,
    invalid: bool,
    /// Of all segments, those included that were not kept.
    bytes: u64,
}

impl Profile {
    fn add(&mut self, scan: &mut HeaderReader<'_>, length: u64, limits: &Limits) -> Result<()> {
        let head: [u8; 14] = scan.array()?;
        let (number, count) = (usize::from(head[12]), usize::from(head[13]));
        self.bytes += length - 14;
        let too_large = self.bytes > limits.profile_bytes as u64;
        if too_large {
            // it counts as none: nothing of it is kept, but whether it is valid is still seen
            self.parts.iter_mut().flatten().for_each(|part| *part = Vec::new());
        }
        if self.parts.is_empty() {
            self.parts.resize(count, None);
        }
        match number.checked_sub(1).and_then(|i| self.parts.get_mut(i)) {
            Some(part @ None) if too_large => *part = Some(Vec::new()),
            Some(part @ None) => *part = Some(scan.take((length - 14) as usize)?),
            _ => self.invalid = true,
        }
        Ok(())
    }

    fn join(self, limits: &Limits) -> Option<StatedColor> {
        if self.parts.is_empty() && !self.invalid {
            return None;
        }
        let parts = self.parts.into_iter().collect::<Option<Vec<Vec<u8>>>>().filter(|_| !self.invalid);
        Some(match parts {
            None => StatedColor::Unreadable,
            Some(_) if self.bytes > limits.profile_bytes as u64 => {
                StatedColor::IccTooLarge { bytes: self.bytes }
            }
            Some(parts) => StatedColor::Icc(parts.concat()),
        })
    }
}
