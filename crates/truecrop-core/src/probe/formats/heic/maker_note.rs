//! Two numbers of the note that Apple's cameras put into EXIF data: how bright the brightest parts of an HDR photo are.

use crate::probe::exif::Tiff;

/// EXIF's directory, and the camera's note in it (CIPA DC-008, 4.6).
const EXIF: u16 = 0x8769;
const NOTE: u16 = 0x927c;

/// A fraction with a sign.
const SRATIONAL: u16 = 10;

/// The overall headroom, and what the map's gain is lessened by.
const NUMBERS: [u16; 2] = [33, 48];

/// What Apple's notes begin with; a directory follows, whose offsets are counted from the note's start.
const APPLE: &[u8; 14] = b"Apple iOS\0\0\x01MM";

/// Numerators and denominators of tags 33 and 48, out of the content of an `Exif` item; `None` where one is missing.
pub(super) fn read(exif: &[u8]) -> Option<[(i32, i32); 2]> {
    // how far it is to the header
    let (skip, rest) = exif.split_first_chunk::<4>()?;
    let tiff = Tiff::new(rest.get(u32::from_be_bytes(*skip) as usize..)?)?;
    let details = tiff.entry(tiff.u32(4)? as usize, EXIF)?;
    let note = tiff.entry(tiff.u32(details + 8)? as usize, NOTE)?;
    let note = tiff.bytes().get(tiff.u32(note + 8)? as usize..)?;
    note.strip_prefix(APPLE)?;
    let note = Tiff::big_endian(note);
    let number = |tag| {
        let entry = note.entry(APPLE.len(), tag)?;
        if (note.u16(entry + 2)?, note.u32(entry + 4)?) != (SRATIONAL, 1) {
            return None;
        }
        let at = note.u32(entry + 8)? as usize;
        Some((note.u32(at)? as i32, note.u32(at.checked_add(4)?)? as i32))
    };
    let [overall, gain] = NUMBERS.map(number);
    Some([overall?, gain?])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A note with these entries: tag, type, and both numbers of its fraction.
    fn note(entries: &[(u16, u16, i32, i32)]) -> Vec<u8> {
        let mut list = (entries.len() as u16).to_be_bytes().to_vec();
        let mut data = Vec::new();
        let start = APPLE.len() + 2 + 12 * entries.len() + 4;
        for &(tag, kind, over, under) in entries {
            list.extend([tag.to_be_bytes(), kind.to_be_bytes()].concat());
            list.extend(1_u32.to_be_bytes());
            list.extend(((start + data.len()) as u32).to_be_bytes());
            data.extend([over.to_be_bytes(), under.to_be_bytes()].concat());
        }
        [&APPLE[..], &list, &[0; 4], &data].concat()
    }

    /// An `Exif` item with a note.
    fn item(note: &[u8]) -> Vec<u8> {
        let mut file = b"\0\0\0\x06Exif\0\0MM\0*\0\0\0\x08".to_vec();
        file.extend(b"\0\x01\x87\x69\0\x04\0\0\0\x01\0\0\0\x1a\0\0\0\0");
        file.extend(b"\0\x01\x92\x7c\0\x07");
        file.extend([(note.len() as u32).to_be_bytes(), 44_u32.to_be_bytes(), [0; 4]].concat());
        file.extend(note);
        file
    }

    #[test]
    fn both_numbers_are_read_and_nothing_else_is() {
        let of = |entries: &[(u16, u16, i32, i32)]| read(&item(&note(entries)));
        let both = [(8, 10, 1, 2), (33, 10, 63809, 75674), (48, 10, -1, 3)];
        assert_eq!(of(&both), Some([(63809, 75674), (-1, 3)]));
        assert_eq!(of(&both[..2]), None, "one is missing");
        assert_eq!(of(&[both[1], (48, 5, 1, 3)]), None, "of another type");
        let whole = item(&note(&both));
        for end in 0..whole.len() {
            assert_eq!(read(&whole[..end]), None, "cut at {end}");
        }
        let mut other = whole.clone();
        let at = other.windows(9).position(|part| part == b"Apple iOS").unwrap();
        other[at] = b'B';
        assert_eq!(read(&other), None, "another camera");
    }
}
