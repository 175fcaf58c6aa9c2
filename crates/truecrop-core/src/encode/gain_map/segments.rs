//! The segments of a file with a gain map: made from the map's numbers and the lengths of the two JPEGs, and found again.

use super::START;
use crate::probe::MapMetadata;
use crate::probe::gain_map::{MapChannel, UNIT, iso, mpf};
use std::fmt::Write;

const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;

const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const ISO: &[u8] = b"urn:iso:std:iso:ts:21496:-1\0";
const MPF: &[u8] = b"MPF\0";

const BEFORE: &str = r#"<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="""#;
const ADOBE: &str = r#" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0""#;
const AFTER: &str = "</rdf:Description></rdf:RDF></x:xmpmeta>";

/// The segments of the base: the directory of parts in XMP, the version of ISO 21496-1, the index of pictures. `base`: its
/// length without them; `map`: that of the map with its own.
pub(super) fn of_base(base: usize, map: usize) -> Vec<u8> {
    let directory = format!(
        "{BEFORE} xmlns:Container=\"http://ns.google.com/photos/1.0/container/\" \
         xmlns:Item=\"http://ns.google.com/photos/1.0/container/item/\"{ADOBE}>\
         <Container:Directory><rdf:Seq>\
         <rdf:li rdf:parseType=\"Resource\"><Container:Item Item:Semantic=\"Primary\" Item:Mime=\"image/jpeg\"/></rdf:li>\
         <rdf:li rdf:parseType=\"Resource\"><Container:Item Item:Semantic=\"GainMap\" Item:Mime=\"image/jpeg\" \
         Item:Length=\"{map}\"/></rdf:li>\
         </rdf:Seq></Container:Directory>{AFTER}"
    );
    let mut segments = segment(APP1, XMP, directory.as_bytes());
    // The versions alone: the numbers stand in the map.
    segments.extend(segment(APP2, ISO, &[0; 4]));
    let index_bytes = mpf::write(0, (0, 0)).len();
    let whole = base + segments.len() + 4 + MPF.len() + index_bytes;
    // Offsets are counted from behind the segment's name.
    let start = START + segments.len() + 4 + MPF.len();
    let index = mpf::write(whole as u32, ((whole - start) as u32, map as u32));
    segments.extend(segment(APP2, MPF, &index));
    segments
}

/// The segments of the map: its numbers, as Adobe and as ISO 21496-1 write them.
pub(super) fn of_map(metadata: &MapMetadata) -> Vec<u8> {
    let [least, most] = metadata.headrooms();
    let mut text = format!("{BEFORE}{ADOBE}");
    let mut lists = String::new();
    let by_channel = metadata.differs_by_channel();
    for (name, number) in NUMBERS {
        let [red, green, blue] = metadata.channels().map(|channel| decimal(number(&channel)));
        // Writing to a text does not fail.
        let _ = if by_channel {
            let items = format!("<rdf:li>{red}</rdf:li><rdf:li>{green}</rdf:li><rdf:li>{blue}</rdf:li>");
            write!(lists, "<hdrgm:{name}><rdf:Seq>{items}</rdf:Seq></hdrgm:{name}>")
        } else {
            write!(text, " hdrgm:{name}=\"{red}\"")
        };
    }
    let headrooms = [("HDRCapacityMin", decimal(least)), ("HDRCapacityMax", decimal(most))];
    for (name, number) in headrooms {
        let _ = write!(text, " hdrgm:{name}=\"{number}\"");
    }
    text = format!("{text} hdrgm:BaseRenditionIsHDR=\"False\">{lists}{AFTER}");
    let mut segments = segment(APP1, XMP, text.as_bytes());
    segments.extend(segment(APP2, ISO, &iso::write(metadata)));
    segments
}

type Number = fn(&MapChannel) -> i32;

/// What each channel has, in the order in which it is written.
const NUMBERS: [(&str, Number); 5] = [
    ("GainMapMin", |channel| channel.gain[0]),
    ("GainMapMax", |channel| channel.gain[1]),
    ("Gamma", |channel| channel.gamma),
    ("OffsetSDR", |channel| channel.offsets[0]),
    ("OffsetHDR", |channel| channel.offsets[1]),
];

/// A number in units as a decimal: no exponent, no zeros at the end, no point without digits behind it.
fn decimal(units: i32) -> String {
    let (whole, part) = (units.unsigned_abs() / UNIT as u32, units.unsigned_abs() % UNIT as u32);
    let sign = if units < 0 { "-" } else { "" };
    let text = format!("{sign}{whole}.{part:08}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn segment(marker: u8, name: &[u8], content: &[u8]) -> Vec<u8> {
    let length = (2 + name.len() + content.len()) as u16;
    [&[0xff, marker], &length.to_be_bytes()[..], name, content].concat()
}

/// The APP1 and APP2 segments behind JFIF's; empty where there are none.
pub(super) fn after_jfif(bytes: &[u8]) -> &[u8] {
    let rest = bytes.get(START..).unwrap_or_default();
    let mut end = 0;
    while let Some(([0xff, APP1 | APP2, high, low], _)) = rest[end..].split_first_chunk() {
        let next = end + 2 + usize::from(u16::from_be_bytes([*high, *low]));
        if next < end + 4 || next > rest.len() {
            break;
        }
        end = next;
    }
    &rest[..end]
}

/// The numbers of ISO 21496-1 within a map's segments.
pub(super) fn read_numbers(segments: &[u8]) -> Option<&[u8]> {
    let at = segments.windows(ISO.len()).position(|part| part == ISO)?;
    segments.get(at + ISO.len()..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_spelling() {
        let cases = [
            (0, "0"),
            (UNIT, "1"),
            (-UNIT / 2, "-0.5"),
            (UNIT / 64, "0.015625"),
            (1, "0.00000001"),
            (-1, "-0.00000001"),
            (10 * UNIT, "10"),
            (123_456_789, "1.23456789"),
        ];
        for (units, text) in cases {
            assert_eq!(decimal(units), text);
        }
    }

    #[test]
    fn segments_are_found_as_they_stand() {
        let start = [0; START];
        let own = of_base(1000, 300);
        assert_eq!(after_jfif(&[&start[..], &own, b"\xff\xdb\0\x84"].concat()), own);
        let cut = [&start[..], &own[..own.len() - 1]].concat();
        assert!(after_jfif(&cut).len() < own.len(), "a segment that is cut short does not count");
        for rest in [&b""[..], b"\xff", b"\xff\xe1\0\x01", b"\xff\xe1\0\x02", b"\xff\xe1\xff\xff"] {
            after_jfif(&[&start[..], rest].concat());
            after_jfif(rest);
        }
    }
}
