//! The index of a file of several pictures: CIPA DC-007, Multi-Picture Format.

/// Pictures that an index may list; no camera writes so many.
const MOST_PICTURES: u64 = 16;

/// The tag of the list of entries, and the bytes of each.
const ENTRIES: u16 = 0xb002;
const ENTRY_BYTES: u32 = 16;

/// Where the pictures behind the first lie, counted from the start of `index`, and how long each is. `index`: the APP2
/// segment behind its name. Empty for what cannot be read.
pub(super) fn pictures(index: &[u8]) -> Vec<(u32, u32)> {
    read(index).unwrap_or_default()
}

fn read(index: &[u8]) -> Option<Vec<(u32, u32)>> {
    let little = match index.first_chunk()? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let at = |at: u64| index.get(usize::try_from(at).ok()?..);
    let long = |place: u64| {
        let four = *at(place)?.first_chunk()?;
        Some(if little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) })
    };
    let short = |place: u64| {
        let two = *at(place)?.first_chunk()?;
        Some(if little { u16::from_le_bytes(two) } else { u16::from_be_bytes(two) })
    };
    let directory = u64::from(long(4)?);
    let fields = u64::from(short(directory)?);
    let field = (0..fields).map(|i| directory + 2 + 12 * i).find(|&field| short(field) == Some(ENTRIES))?;
    let count = u64::from(long(field + 4)? / ENTRY_BYTES).min(MOST_PICTURES);
    let first = u64::from(long(field + 8)?);
    let entry = |i: u64| {
        let entry = first + u64::from(ENTRY_BYTES) * i;
        Some((long(entry + 8)?, long(entry + 4)?))
    };
    let mut pictures = (0..count).map(entry).collect::<Option<Vec<_>>>()?;
    // The first picture is the file's own beginning: its offset is 0.
    pictures.retain(|(offset, _)| *offset > 0);
    Some(pictures)
}

/// The index of two pictures as this engine writes it: the first one's length, and where the second lies and how long it is.
pub(crate) fn write(first: u32, second: (u32, u32)) -> Vec<u8> {
    let mut index = b"MM\0*\0\0\0\x08\0\x03".to_vec();
    index.extend(b"\xb0\0\0\x07\0\0\0\x040100");
    index.extend(b"\xb0\x01\0\x04\0\0\0\x01\0\0\0\x02");
    index.extend(b"\xb0\x02\0\x07\0\0\0\x20\0\0\0\x32\0\0\0\0");
    // The first is the representative picture; what depends on others is nothing.
    for [attributes, bytes, offset] in [[0x0003_0000, first, 0], [0, second.1, second.0]] {
        for word in [attributes, bytes, offset, 0] {
            index.extend(word.to_be_bytes());
        }
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_written_is_read() {
        let index = write(5000, (4900, 300));
        assert_eq!(pictures(&index), [(4900, 300)]);
        // the last four bytes say what the second depends on: nothing reads them
        for end in 0..index.len() - 4 {
            assert_eq!(pictures(&index[..end]), [], "cut at {end}");
        }
    }

    /// Of an index with little-endian numbers, and three pictures.
    #[test]
    fn other_spellings_are_read() {
        let mut index = b"II*\0\x08\0\0\0\x01\0\x02\xb0\x07\0\x30\0\0\0\x1a\0\0\0\0\0\0\0".to_vec();
        for word in [0u32, 900, 0, 0, 0, 50, 890, 0, 0, 60, 940, 0] {
            index.extend(word.to_le_bytes());
        }
        assert_eq!(pictures(&index), [(890, 50), (940, 60)]);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(mut index in prop::collection::vec(any::<u8>(), 0..90), little in any::<bool>()) {
            pictures(&index);
            index.splice(0..0, *if little { b"II*\0" } else { b"MM\0*" });
            pictures(&index);
            let mut own = write(1, (2, 3));
            let length = own.len();
            for (i, byte) in index.iter().enumerate() {
                own[i * 7 % length] = *byte;
                pictures(&own);
            }
        }
    }
}
