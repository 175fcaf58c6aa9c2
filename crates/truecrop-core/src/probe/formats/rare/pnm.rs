//! Reads a PNM header: PBM, PGM and PPM, plain and raw, and PAM (Netpbm's manual pages pbm, pgm, ppm, pam).
//!
//! The library gets a header that we write, which says that the samples fill their bits. It then leaves them as they are, and
//! the exact scaling is ours.

use super::{Change, Header, HeaderReader, Result};
use crate::error::damaged;
use crate::probe::Depth;

/// Bytes of a header, with its comments.
const MAX_HEADER: u64 = 64 << 10;

/// Buffers.
const WORKING: u64 = 64 << 10;

/// Whether a file that begins with these bytes is a PNM: `P1` to `P6`, white space, and a number or a comment; or `P7` and a line's end.
pub(super) fn is_plausible(head: &[u8]) -> bool {
    match head {
        [b'P', b'1'..=b'6', space, rest @ ..] if space.is_ascii_whitespace() => {
            let next = rest.iter().find(|byte| !byte.is_ascii_whitespace());
            next.is_some_and(|byte| byte.is_ascii_digit() || *byte == b'#')
        }
        [b'P', b'7', b'\n', ..] => true,
        _ => false,
    }
}

/// Width, height, channels and the largest sample.
struct Fields {
    width: u32,
    height: u32,
    channels: u32,
    max: u32,
}

pub(super) fn read_header(scan: &mut HeaderReader<'_>) -> Result<Header> {
    let [_, kind] = scan.array()?;
    let fields = if kind == b'7' { read_pam(scan)? } else { read_numbers(scan, kind)? };
    let Fields { width, height, channels, max } = fields;
    let bits = matches!(kind, b'1' | b'4');
    let max = match u16::try_from(max) {
        Ok(max) if max > 0 => max,
        _ => return Err(damaged("its largest sample is not within 1 and 65535").figures("1 to 65535", max)),
    };
    let (depth, full) = if max > 255 { (Depth::Sixteen, u16::MAX) } else { (Depth::Eight, 255) };
    let head = match (kind, channels) {
        (b'1' | b'4', _) => format!("P{}\n{width} {height}\n", char::from(kind)),
        (b'7', 2 | 4) => {
            let tuple = if channels == 2 { "GRAYSCALE_ALPHA" } else { "RGB_ALPHA" };
            format!(
                "P7\nWIDTH {width}\nHEIGHT {height}\nDEPTH {channels}\nMAXVAL {full}\nTUPLTYPE {tuple}\nENDHDR\n"
            )
        }
        (b'7', 1) => format!("P5\n{width} {height}\n{full}\n"),
        (b'7', _) => format!("P6\n{width} {height}\n{full}\n"),
        _ => format!("P{}\n{width} {height}\n{full}\n", char::from(kind)),
    };
    let header = Header::rare(width, height, channels, depth).with_working(WORKING);
    let header = header.with_head(head.into_bytes(), scan.offset());
    Ok(if bits || max == full { header } else { header.with_change(Change::Scale(max)) })
}

/// The numbers of all formats but PAM.
fn read_numbers(scan: &mut HeaderReader<'_>, kind: u8) -> Result<Fields> {
    let (width, height) = (read_number(scan)?, read_number(scan)?);
    let max = if matches!(kind, b'1' | b'4') { 255 } else { read_number(scan)? };
    let channels = if matches!(kind, b'3' | b'6') { 3 } else { 1 };
    Ok(Fields { width, height, channels, max })
}

/// The next number, and the one byte after it. White space and comments come before.
fn read_number(scan: &mut HeaderReader<'_>) -> Result<u32> {
    let mut number: Option<u32> = None;
    let mut comment = false;
    while scan.offset() < MAX_HEADER {
        match (scan.u8()?, number) {
            (b'\n' | b'\r', _) if comment => comment = false,
            _ if comment => {}
            (b'#', None) => comment = true,
            (byte, _) if byte.is_ascii_digit() => {
                let digit = u32::from(byte - b'0');
                let longer = number.unwrap_or(0).checked_mul(10).and_then(|n| n.checked_add(digit));
                number = Some(longer.ok_or_else(|| damaged("a number in its header is too large"))?);
            }
            (byte, Some(number)) if byte.is_ascii_whitespace() => return Ok(number),
            (byte, None) if byte.is_ascii_whitespace() => {}
            _ => return Err(damaged("its header has something else than numbers")),
        }
    }
    Err(damaged("its header is too long"))
}

/// PAM's header: lines of a word and its value, until `ENDHDR`.
fn read_pam(scan: &mut HeaderReader<'_>) -> Result<Fields> {
    scan.skip(1)?;
    let mut values = [None; 4];
    while scan.offset() < MAX_HEADER {
        let line = read_line(scan)?;
        let mut words = line.split_ascii_whitespace();
        let place = match words.next() {
            Some("ENDHDR") => {
                let [Some(width), Some(height), Some(channels @ 1..=4), Some(max)] = values else {
                    return Err(damaged("its header lacks a line, or has too many channels"));
                };
                return Ok(Fields { width, height, channels, max });
            }
            Some("WIDTH") => 0,
            Some("HEIGHT") => 1,
            Some("DEPTH") => 2,
            Some("MAXVAL") => 3,
            Some("TUPLTYPE") | None => continue,
            Some(word) if word.starts_with('#') => continue,
            _ => return Err(damaged("its header has an unknown line")),
        };
        let value = words.next().and_then(|word| word.parse().ok());
        values[place] = Some(value.ok_or_else(|| damaged("its header has something else than numbers"))?);
    }
    Err(damaged("its header is too long"))
}

fn read_line(scan: &mut HeaderReader<'_>) -> Result<String> {
    let mut line = String::new();
    while scan.offset() < MAX_HEADER {
        match scan.u8()? {
            b'\n' => return Ok(line),
            byte => line.push(char::from(byte)),
        }
    }
    Err(damaged("its header is too long"))
}
