//! `MapSigns`: what the segments of a JPEG say of a gain map.

use crate::error::Result;
use crate::source::HeaderReader;

/// The names of XMP's APP1 segment, and of the APP2 segment of ISO 21496-1.
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const ISO: &[u8] = b"urn:iso:std:iso:ts:21496:-1\0";

/// What stands in the XMP packet of a base with a gain map, and in that of the map.
const ADOBE: &[u8] = b"hdrgm:Version";

/// The name of the APP2 segment with the index of the file's pictures.
#[cfg(feature = "formats")]
const MPF: &[u8] = b"MPF\0";

/// What the segments of a JPEG say of a gain map. Of each kind of segment the first one that speaks of it counts.
#[derive(Default)]
pub(super) struct MapSigns {
    /// Whether they say that there is one. This rule is the same in every build: the receipt depends on it.
    pub(super) announced: bool,
    #[cfg(feature = "formats")]
    packet: Option<Vec<u8>>,
    #[cfg(feature = "formats")]
    numbers: Option<Vec<u8>>,
    /// The index, and the file offset that it counts from.
    #[cfg(feature = "formats")]
    index: Option<(u64, Vec<u8>)>,
}

impl MapSigns {
    /// Looks at an APP1 or APP2 segment with this much content; may move on within it.
    pub(super) fn read(&mut self, scan: &mut HeaderReader<'_>, length: u64) -> Result<()> {
        let head = scan.peek(XMP.len())?;
        #[cfg(feature = "formats")]
        if head.starts_with(MPF) && length > MPF.len() as u64 {
            if self.index.is_none() {
                let start = scan.offset() + MPF.len() as u64;
                self.index = Some((start, scan.take(length as usize)?.split_off(MPF.len())));
            }
            return Ok(());
        }
        if head.starts_with(ISO) && length >= ISO.len() as u64 {
            self.announced = true;
            #[cfg(feature = "formats")]
            if self.numbers.is_none() {
                self.numbers = Some(scan.take(length as usize)?.split_off(ISO.len()));
            }
        } else if head == XMP {
            let packet = scan.take(length as usize)?;
            if packet.windows(ADOBE.len()).any(|part| part == ADOBE) {
                self.announced = true;
                #[cfg(feature = "formats")]
                self.packet.get_or_insert(packet);
            }
        }
        Ok(())
    }
}

/// What finding the map needs.
#[cfg(feature = "formats")]
impl MapSigns {
    /// The XMP packet.
    pub(super) fn packet(&self) -> Option<&[u8]> {
        self.packet.as_deref()
    }

    /// The content of the segment of ISO 21496-1.
    pub(super) fn numbers(&self) -> Option<&[u8]> {
        self.numbers.as_deref()
    }

    /// The index of the file's pictures, and the file offset that it counts from.
    pub(super) fn index(&self) -> Option<(u64, &[u8])> {
        self.index.as_ref().map(|(start, index)| (*start, index.as_slice()))
    }
}
