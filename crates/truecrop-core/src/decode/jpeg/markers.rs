//! Finds the next marker (ITU-T T.81, B.1.1.2) in the file. What a restart marker does within a scan is in `scan_reader`.

use crate::error::Result;
use crate::source::{ByteWindow, PositionedReader};

/// Moves behind the next marker and gives its code: skips whatever stands before it, fill bytes and stuffed
/// zeros too. `None` at the end of the file.
pub(super) fn next_marker(window: &mut ByteWindow, source: &mut PositionedReader) -> Result<Option<u8>> {
    loop {
        window.ensure(source, 2)?;
        let rest = &window.bytes()[window.pos..];
        match find_ff(rest) {
            Some(at) if at + 1 < rest.len() => match rest[at + 1] {
                0x00 => window.pos += at + 2,
                0xFF => window.pos += at + 1,
                code => {
                    window.pos += at + 2;
                    return Ok(Some(code));
                }
            },
            // the last byte of the window: its second half comes with the next chunk
            Some(at) if !window.is_last() => window.pos += at,
            _ => {
                window.pos = window.bytes().len();
                if window.is_last() {
                    return Ok(None);
                }
            }
        }
    }
}

/// The first 0xFF, eight bytes at a time.
fn find_ff(bytes: &[u8]) -> Option<usize> {
    let (chunks, tail) = bytes.as_chunks::<8>();
    let has = |chunk: &[u8; 8]| has_ff(u64::from_le_bytes(*chunk));
    let base = chunks.iter().position(has).map_or(chunks.len() * 8, |i| i * 8);
    let rest = if base < chunks.len() * 8 { &bytes[base..] } else { tail };
    rest.iter().position(|&b| b == 0xFF).map(|i| base + i)
}

/// Whether one of the eight bytes is 0xFF.
#[inline(always)]
pub(super) fn has_ff(word: u64) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let inverse = !word;
    inverse.wrapping_sub(ONES) & word & (ONES << 7) != 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn every_ff_is_found() {
        for at in 0..40 {
            for fill in [0x00, 0x7F, 0x80, 0xFE] {
                let mut data = vec![fill; 40];
                assert_eq!(find_ff(&data), None);
                data[at] = 0xFF;
                assert_eq!(find_ff(&data), Some(at), "fill {fill}");
            }
        }
    }

    #[test]
    fn markers_are_found_across_chunks() {
        for chunk in 2..9 {
            let file = [1, 0xFF, 0, 2, 0xFF, 0xFF, 0xFF, 0xD0, 3, 0xFF, 0xD9, 0xFF];
            let mut source = PositionedReader::new(Box::new(Cursor::new(file)));
            let mut window = ByteWindow::new(0, chunk);
            assert_eq!(next_marker(&mut window, &mut source).unwrap(), Some(0xD0), "chunk {chunk}");
            assert_eq!(window.offset(), 8);
            assert_eq!(next_marker(&mut window, &mut source).unwrap(), Some(0xD9), "chunk {chunk}");
            assert_eq!(next_marker(&mut window, &mut source).unwrap(), None, "chunk {chunk}");
        }
    }
}
