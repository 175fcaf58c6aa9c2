//! A gain map's numbers and place as XMP has them: Adobe's `hdrgm`, and Google's directory of a file's parts (Ultra HDR).
//!
//! No XML reader: the few names that count are looked for as they stand, as attributes and as elements, which is how each
//! writer of such files spells them.

use super::metadata::{MapChannel, MapMetadata, UNIT};

/// Parts that a directory may list: a photo has two or three.
const MOST_PARTS: usize = 16;

/// The numbers of a map's own packet; `None` where they are missing or make no sense.
pub(super) fn metadata(packet: &[u8]) -> Option<MapMetadata> {
    let text = std::str::from_utf8(packet).ok()?;
    if values(text, "hdrgm:BaseRenditionIsHDR").is_some_and(|v| !v[0].eq_ignore_ascii_case("false")) {
        return None;
    }
    // Adobe, Gain map metadata: the defaults. Without one the number must be there.
    let numbers = |name: &str, default: Option<i32>| -> Option<[i32; 3]> {
        let Some(values) = values(text, name) else { return default.map(|default| [default; 3]) };
        match values[..] {
            [one] => Some([decimal(one)?; 3]),
            [red, green, blue] => Some([decimal(red)?, decimal(green)?, decimal(blue)?]),
            _ => None,
        }
    };
    let least = numbers("hdrgm:GainMapMin", Some(0))?;
    let most = numbers("hdrgm:GainMapMax", None)?;
    let gamma = numbers("hdrgm:Gamma", Some(UNIT))?;
    let base = numbers("hdrgm:OffsetSDR", Some(UNIT / 64))?;
    let alternate = numbers("hdrgm:OffsetHDR", Some(UNIT / 64))?;
    let headrooms = [numbers("hdrgm:HDRCapacityMin", Some(0))?[0], numbers("hdrgm:HDRCapacityMax", None)?[0]];
    let channel = |i: usize| MapChannel {
        gain: [least[i], most[i]],
        gamma: gamma[i],
        offsets: [base[i], alternate[i]],
    };
    MapMetadata::new(headrooms, [channel(0), channel(1), channel(2)])
}

/// Where the base's packet says that the map lies: its distance from the file's end, and its length.
///
/// The directory gives the lengths of the parts behind the first, in their order; the last one ends with the file.
pub(super) fn place(packet: &[u8]) -> Option<(u64, u64)> {
    let text = std::str::from_utf8(packet).ok()?;
    let parts = text.split("<Container:Item").skip(1).take(MOST_PARTS);
    let length = |part: &str, name: &str| values(part, name).and_then(|v| v[0].parse::<u32>().ok());
    let mut found = None;
    for part in parts {
        let bytes = length(part, "Item:Length").unwrap_or(0);
        let padding = u64::from(length(part, "Item:Padding").unwrap_or(0));
        match (&mut found, values(part, "Item:Semantic").as_deref()) {
            (Some((distance, _)), _) => *distance += u64::from(bytes) + padding,
            (None, Some(["GainMap"])) => found = Some((u64::from(bytes) + padding, u64::from(bytes))),
            _ => {}
        }
    }
    found.filter(|(_, length)| *length > 0)
}

/// The values of a name: of an attribute or a plain element one, of an element with a list each of its items.
fn values<'a>(text: &'a str, name: &str) -> Option<Vec<&'a str>> {
    let closing = format!("</{name}");
    // Looked for once: from each of many tags that are never closed, the rest would be searched again.
    let last_closing = text.rfind(&closing);
    text.match_indices(name).find_map(|(at, _)| {
        let rest = text[at + name.len()..].trim_start();
        if let Some(rest) = rest.strip_prefix('=') {
            let rest = rest.trim_start();
            let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
            return rest[1..].split_once(quote).map(|(value, _)| vec![value.trim()]);
        }
        let is_closed = last_closing.is_some_and(|end| end > at);
        let content = rest.strip_prefix('>').filter(|_| is_closed && text[..at].ends_with('<'))?;
        let (content, _) = content.split_once(&closing)?;
        let items: Vec<&str> = content.split("<rdf:li>").skip(1).take(4).collect();
        let plain = if items.is_empty() { vec![content] } else { items };
        Some(plain.into_iter().map(|item| item.split('<').next().unwrap_or_default().trim()).collect())
    })
}

/// A decimal number in units, halves away from zero; `None` for what is none, and beyond what is counted.
fn decimal(text: &str) -> Option<i32> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (number, power) = match digits.split_once(['e', 'E']) {
        Some((number, power)) => (number, power.parse::<i16>().ok()?),
        None => (digits, 0),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let all = whole.bytes().chain(part.bytes());
    let count = all.clone().count();
    if !(1..=36).contains(&count) || !all.clone().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mantissa = all.fold(0i128, |sum, digit| sum * 10 + i128::from(digit - b'0'));
    // The number is `mantissa * 10^power` units: there are 10^8 of them in 1.
    let power = 8 + i32::from(power) - part.len() as i32;
    let units = match u32::try_from(power) {
        Ok(power) if mantissa > 0 => mantissa.checked_mul(10i128.checked_pow(power)?)?,
        Ok(_) => 0,
        Err(_) => match 10i128.checked_pow(power.unsigned_abs()) {
            Some(part) => (mantissa + part / 2) / part,
            None => 0,
        },
    };
    i32::try_from(if text.starts_with('-') { -units } else { units }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimals_are_read_as_they_are_written() {
        let cases = [
            ("1", Some(UNIT)),
            ("-0.5", Some(-UNIT / 2)),
            ("+2.5", Some(5 * UNIT / 2)),
            ("0.015625", Some(1_562_500)),
            ("1e-07", Some(10)),
            ("9.99999974737875163555145263671875E-05", Some(10_000)),
            ("0.000000005", Some(1)),
            ("0.0000000049", Some(0)),
            ("-0.000000005", Some(-1)),
            (".5", Some(UNIT / 2)),
            ("3.", Some(3 * UNIT)),
            ("1e-9999", Some(0)),
            ("0e99", Some(0)),
            ("21", Some(21 * UNIT)),
            ("22", None),
            ("1e99", None),
            ("", None),
            (".", None),
            ("1.2.3", None),
            ("0x1", None),
            ("inf", None),
            ("1e", None),
            ("--1", None),
            ("1 2", None),
            ("1111111111111111111111111111111111111", None),
        ];
        for (text, units) in cases {
            assert_eq!(decimal(text), units, "{text:?}");
        }
    }

    /// A map's packet as each kind of writer spells it.
    #[test]
    fn each_spelling_is_read() {
        let attributes = r#"<rdf:Description xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"
            hdrgm:GainMapMin="-0.5" hdrgm:GainMapMax='2' hdrgm:Gamma = "1.5" hdrgm:OffsetSDR="0.25" hdrgm:OffsetHDR="0.125"
            hdrgm:HDRCapacityMin="0" hdrgm:HDRCapacityMax="2" hdrgm:BaseRenditionIsHDR="False"/>"#;
        let read = metadata(attributes.as_bytes()).unwrap();
        let channel =
            MapChannel { gain: [-UNIT / 2, 2 * UNIT], gamma: 3 * UNIT / 2, offsets: [UNIT / 4, UNIT / 8] };
        assert_eq!(read, MapMetadata::new([0, 2 * UNIT], [channel; 3]).unwrap());
        let elements = r#"<hdrgm:GainMapMax><rdf:Seq><rdf:li>1</rdf:li><rdf:li> 2 </rdf:li><rdf:li>3</rdf:li></rdf:Seq></hdrgm:GainMapMax>
            <hdrgm:HDRCapacityMax>3</hdrgm:HDRCapacityMax>"#;
        let read = metadata(elements.as_bytes()).unwrap();
        assert_eq!(read.channels().map(|channel| channel.gain[1]), [UNIT, 2 * UNIT, 3 * UNIT]);
        assert_eq!(read.channels()[1].offsets, [UNIT / 64; 2], "the default");
        let wrong = [
            ("a most that is missing", r#"hdrgm:HDRCapacityMax="2""#),
            ("a headroom that is missing", r#"hdrgm:GainMapMax="2""#),
            (
                "a base that is HDR",
                r#"hdrgm:GainMapMax="2" hdrgm:HDRCapacityMax="2" hdrgm:BaseRenditionIsHDR="True""#,
            ),
            ("no number", r#"hdrgm:GainMapMax="two" hdrgm:HDRCapacityMax="2""#),
            ("an open quote", r#"hdrgm:GainMapMax="2 hdrgm:HDRCapacityMax=2"#),
            (
                "two values",
                "<hdrgm:GainMapMax><rdf:li>1</rdf:li><rdf:li>2</rdf:li></hdrgm:GainMapMax> hdrgm:HDRCapacityMax=\"2\"",
            ),
        ];
        for (why, text) in wrong {
            assert_eq!(metadata(text.as_bytes()), None, "{why}");
        }
        assert_eq!(metadata(b"\xff\xfe"), None, "no text");
    }

    #[test]
    fn a_directory_tells_where_the_map_lies() {
        let item = |semantic: &str, rest: &str| {
            format!(
                r#"<rdf:li><Container:Item Item:Semantic="{semantic}" Item:Mime="image/jpeg" {rest}/></rdf:li>"#
            )
        };
        let primary = item("Primary", "");
        let map = item("GainMap", r#"Item:Length="1000""#);
        let video = item("MotionPhoto", r#"Item:Length="200" Item:Padding="8""#);
        let element = "<Container:Item rdf:parseType=\"Resource\"><Item:Semantic>GainMap</Item:Semantic><Item:Length>7</Item:Length></Container:Item>";
        let cases = [
            (format!("{primary}{map}"), Some((1000, 1000))),
            (format!("{primary}{map}{video}"), Some((1208, 1000))),
            (format!("{primary}{video}{map}"), Some((1000, 1000))),
            (format!("{primary}{element}"), Some((7, 7))),
            (format!("{primary}{video}"), None),
            (format!("{primary}{}", item("GainMap", "")), None),
            (format!("{primary}{}", item("GainMap", r#"Item:Length="-5""#)), None),
            (format!("{}{map}", video.repeat(16)), None),
        ];
        for (text, found) in cases {
            assert_eq!(place(text.as_bytes()), found, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "[<>=\"'a-z:0-9. /é]{0,60}") {
            for name in ["a", "é", "hdrgm:GainMapMax"] {
                values(&text, name);
                values(&format!("<{name}{text}</{name}>"), name);
            }
            decimal(&text);
            place(format!("<Container:Item {text}").as_bytes());
        }
    }
}
