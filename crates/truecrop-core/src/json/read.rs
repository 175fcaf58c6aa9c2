//! Text as values, by serde's derives. Strict: RFC 8259 to the letter, nothing behind the value, no depth beyond need.

use super::{Wrong, number};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};

/// Values inside values. Recipes and receipts need four.
const DEEPEST: u32 = 32;

/// Reads a value of a whole text.
///
/// # Errors
/// [`Wrong`] with what is wrong, when this is not JSON of the right shape.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, Wrong> {
    let text = std::str::from_utf8(text).map_err(|_| Wrong::new("it is not UTF-8"))?;
    let mut reader = Reader { text, at: 0, depth: 0 };
    let value = T::deserialize(&mut reader)?;
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err(Wrong::new("something follows its end")),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
}

enum Number {
    Whole(u64),
    Real(f64),
}

impl Reader<'_> {
    /// The next byte that is not white space, which stays.
    fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.byte() {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Takes this byte when it is the next one.
    fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn expect(&mut self, byte: u8) -> Result<(), Wrong> {
        if self.eat(byte) { Ok(()) } else { Err(self.unexpected()) }
    }

    #[cold]
    fn unexpected(&mut self) -> Wrong {
        match self.peek() {
            None => Wrong::new("it ends too early"),
            Some(_) => Wrong::new(&["something else was expected at byte ", &self.at.to_string()].concat()),
        }
    }

    fn word(&mut self, word: &str) -> bool {
        self.peek();
        let there = self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word));
        self.at += if there { word.len() } else { 0 };
        there
    }

    fn enter(&mut self) -> Result<(), Wrong> {
        self.depth += 1;
        if self.depth > DEEPEST { Err(Wrong::new("it is nested too deeply")) } else { Ok(()) }
    }

    /// Takes digits; how many.
    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    fn number(&mut self) -> Result<Number, Wrong> {
        let negative = self.eat(b'-');
        let start = self.at;
        let zero = self.byte() == Some(b'0');
        let count = self.digits();
        if count == 0 || zero && count > 1 {
            return Err(self.unexpected());
        }
        let mut digits = self.text.as_bytes()[start..self.at].to_vec();
        let (mut power, mut whole) = (0, true);
        if self.byte() == Some(b'.') {
            self.at += 1;
            let start = self.at;
            power = -(self.digits() as i32);
            digits.extend(&self.text.as_bytes()[start..self.at]);
            whole = false;
            if power == 0 {
                return Err(self.unexpected());
            }
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            let down = self.byte() == Some(b'-');
            self.at += usize::from(down || self.byte() == Some(b'+'));
            let start = self.at;
            if self.digits() == 0 {
                return Err(self.unexpected());
            }
            // far beyond every number, and far from overflow
            let most = 1 << 24;
            let value = self.text[start..self.at].parse().unwrap_or(most).min(most);
            power += if down { -value } else { value };
            whole = false;
        }
        let text = std::str::from_utf8(&digits).unwrap_or_default();
        match text.parse() {
            Ok(value) if whole && !negative => Ok(Number::Whole(value)),
            _ => {
                let value = number::nearest(&digits, power);
                let value = value.ok_or_else(|| Wrong::new("a number is too large"))?;
                Ok(Number::Real(if negative { -value } else { value }))
            }
        }
    }

    fn text(&mut self) -> Result<String, Wrong> {
        self.expect(b'"')?;
        let mut out = String::new();
        loop {
            let start = self.at;
            while self.byte().is_some_and(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
                self.at += 1;
            }
            out.push_str(&self.text[start..self.at]);
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    self.at += 1;
                    out.push(self.escape()?);
                }
                _ => return Err(self.unexpected()),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Wrong> {
        let byte = self.byte().ok_or_else(|| Wrong::new("it ends too early"))?;
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let mut code = self.unit()?;
                if (0xd800..0xdc00).contains(&code) && self.word("\\u") {
                    let low = self.unit()?.wrapping_sub(0xdc00);
                    // a second half that is none is refused below, as a first half alone is
                    code = if low < 0x400 { 0x1_0000 + ((code - 0xd800) << 10 | low) } else { code };
                }
                char::from_u32(code).ok_or_else(|| Wrong::new("half a character was escaped"))?
            }
            _ => return Err(Wrong::new("an unknown character was escaped")),
        })
    }

    /// What stands between two brackets.
    fn items<T>(
        &mut self,
        open: u8,
        close: u8,
        visit: impl FnOnce(Items<'_, '_>) -> Result<T, Wrong>,
    ) -> Result<T, Wrong> {
        self.expect(open)?;
        self.enter()?;
        let value = visit(Items { reader: self, first: true })?;
        self.depth -= 1;
        self.expect(close)?;
        Ok(value)
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Result<u32, Wrong> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4).unwrap_or_default();
        self.at += digits.len();
        let mut value = 0;
        for digit in digits {
            let digit = char::from(*digit).to_digit(16);
            value = value << 4 | digit.ok_or_else(|| Wrong::new("a character was escaped wrongly"))?;
        }
        if digits.len() == 4 { Ok(value) } else { Err(Wrong::new("it ends too early")) }
    }
}

impl<'de> Deserializer<'de> for &mut Reader<'_> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.peek() {
            Some(b'"') => visitor.visit_string(self.text()?),
            Some(b'[') => self.items(b'[', b']', |items| visitor.visit_seq(items)),
            Some(b'{') => self.items(b'{', b'}', |items| visitor.visit_map(items)),
            Some(b't') if self.word("true") => visitor.visit_bool(true),
            Some(b'f') if self.word("false") => visitor.visit_bool(false),
            Some(b'n') if self.word("null") => visitor.visit_unit(),
            _ => match self.number()? {
                Number::Whole(value) => visitor.visit_u64(value),
                Number::Real(value) => visitor.visit_f64(value),
            },
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        if self.word("null") { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_enum(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

/// What stands between brackets.
struct Items<'r, 'a> {
    reader: &'r mut Reader<'a>,
    first: bool,
}

impl Items<'_, '_> {
    /// Whether another item follows; its comma is taken.
    fn more(&mut self, end: u8) -> Result<bool, Wrong> {
        if self.reader.peek() == Some(end) {
            return Ok(false);
        }
        if !std::mem::replace(&mut self.first, false) {
            self.reader.expect(b',')?;
        }
        Ok(true)
    }
}

impl<'de> SeqAccess<'de> for Items<'_, '_> {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Wrong> {
        if self.more(b']')? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }
}

impl<'de> MapAccess<'de> for Items<'_, '_> {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Wrong> {
        if self.more(b'}')? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Wrong> {
        self.reader.expect(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

/// Enumerations are names alone.
impl<'de> EnumAccess<'de> for &mut Reader<'_> {
    type Error = Wrong;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), Wrong> {
        Ok((seed.deserialize(&mut *self)?, self))
    }
}

impl<'de> VariantAccess<'de> for &mut Reader<'_> {
    type Error = Wrong;

    fn unit_variant(self) -> Result<(), Wrong> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Wrong> {
        Err(self.unexpected())
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Wrong> {
        Err(self.unexpected())
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Wrong> {
        Err(self.unexpected())
    }
}
