//! The checksum of PNG chunks (W3C PNG, 5.5): CRC-32 with the polynomial 0xEDB88320.
//!
//! Natively it is a library's, which uses the processors' instructions for it, because photos of many megabytes are
//! checked. In the wasm module it is our own: the library's tables would add 16 KB that do not compress, while these are
//! computed at run time.

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use crc32fast::Hasher as Crc32;
#[cfg(target_arch = "wasm32")]
pub(crate) use own::Crc32;

#[cfg(any(test, target_arch = "wasm32"))]
mod own {
    use std::sync::LazyLock;

    /// Bytes processed at once, with one table for each.
    const AT_ONCE: usize = 16;

    /// `TABLES[n][b]`: the sum of the byte `b` followed by `n` zero bytes, beginning with a sum of 0.
    static TABLES: LazyLock<[[u32; 256]; AT_ONCE]> = LazyLock::new(tables);

    fn tables() -> [[u32; 256]; AT_ONCE] {
        let mut tables = [[0; 256]; AT_ONCE];
        for byte in 0..=255u8 {
            let mut sum = u32::from(byte);
            for _ in 0..8 {
                sum = (sum >> 1) ^ if sum & 1 == 1 { 0xEDB8_8320 } else { 0 };
            }
            tables[0][usize::from(byte)] = sum;
        }
        for n in 1..AT_ONCE {
            for byte in 0..256 {
                let sum = tables[n - 1][byte];
                tables[n][byte] = (sum >> 8) ^ tables[0][(sum & 0xFF) as usize];
            }
        }
        tables
    }

    /// A checksum that is being computed.
    #[derive(Clone, Debug)]
    pub(crate) struct Crc32(u32);

    impl Crc32 {
        pub(crate) fn new() -> Self {
            Self(!0)
        }

        pub(crate) fn update(&mut self, bytes: &[u8]) {
            let tables = &*TABLES;
            let (blocks, rest) = bytes.as_chunks::<AT_ONCE>();
            for block in blocks {
                let before = self.0.to_le_bytes();
                self.0 = 0;
                for i in 0..AT_ONCE {
                    let byte = block[i] ^ if i < 4 { before[i] } else { 0 };
                    self.0 ^= tables[AT_ONCE - 1 - i][usize::from(byte)];
                }
            }
            for byte in rest {
                self.0 = (self.0 >> 8) ^ tables[0][usize::from(self.0 as u8 ^ byte)];
            }
        }

        pub(crate) fn finalize(self) -> u32 {
            !self.0
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use proptest::prelude::*;

        #[test]
        fn the_specifications_check_value() {
            let mut sum = Crc32::new();
            sum.update(b"123456789");
            assert_eq!(sum.finalize(), 0xCBF4_3926);
        }

        proptest! {
            #[test]
            fn the_librarys_sum_in_whatever_pieces(
                pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..70), 0..9)
            ) {
                let mut sum = Crc32::new();
                pieces.iter().for_each(|piece| sum.update(piece));
                prop_assert_eq!(sum.finalize(), crc32fast::hash(&pieces.concat()));
            }
        }
    }
}
