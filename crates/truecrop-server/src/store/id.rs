//! The id of an upload.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use truecrop_core::{Code, Error, Result};

const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const LENGTH: usize = 26;

/// 128 random bits, written as 26 letters (RFC 4648 base 32, lower case): it cannot be guessed, and is safe in a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(u128);

impl Id {
    /// A new id.
    ///
    /// # Errors
    /// [`Code::Io`] when the system gives no random bytes.
    pub fn random() -> Result<Self> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|e| Error::new(Code::Io, format!("No random bytes: {e}.")))?;
        Ok(Self(u128::from_be_bytes(bytes)))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (0..LENGTH).rev().try_for_each(|i| {
            let letter = LETTERS[(self.0 >> (5 * i) & 31) as usize];
            write!(f, "{}", char::from(letter))
        })
    }
}

impl FromStr for Id {
    type Err = ();

    fn from_str(text: &str) -> std::result::Result<Self, ()> {
        if text.len() != LENGTH {
            return Err(());
        }
        let mut value = 0u128;
        for byte in text.bytes() {
            let digit = LETTERS.iter().position(|l| *l == byte).ok_or(())?;
            value = value.checked_mul(32).and_then(|v| v.checked_add(digit as u128)).ok_or(())?;
        }
        Ok(Self(value))
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(|()| serde::de::Error::custom("not an id"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_what_they_write_and_nothing_else() {
        for value in [0, 1, u128::MAX, 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef] {
            let text = Id(value).to_string();
            assert_eq!((text.len(), text.parse()), (26, Ok(Id(value))));
        }
        assert_ne!(Id::random().unwrap(), Id::random().unwrap());
        for wrong in [
            "",
            "a",
            "../../../../../etc/passwd/",
            "AAAAAAAAAAAAAAAAAAAAAAAAAA",
            "zzzzzzzzzzzzzzzzzzzzzzzzzz",
        ] {
            assert_eq!(wrong.parse::<Id>(), Err(()), "{wrong}");
        }
    }
}
