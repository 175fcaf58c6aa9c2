//! A JSON text to a [`Value`]. Strict: RFC 8259 to the letter, nothing after the value, and a limit of depth.

use super::{Error, Value, number};

/// The most levels of arrays and objects. Recipes and receipts need four.
const MAX_DEPTH: u32 = 32;

/// Parses a whole text.
///
/// # Errors
/// [`Error`] if this is not JSON.
pub fn parse(text: &[u8]) -> Result<Value, Error> {
    let text = std::str::from_utf8(text).map_err(|_| Error::new("it is not UTF-8"))?;
    let mut parser = Parser { text, at: 0, depth: 0 };
    let value = parser.value()?;
    match parser.peek() {
        None => Ok(value),
        Some(_) => Err(Error::new("something follows the value")),
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
}

impl Parser<'_> {
    /// Skips white space; the byte after it, which is not consumed.
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

    /// Consumes this byte if it comes next, after white space.
    fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn expect(&mut self, byte: u8) -> Result<(), Error> {
        if self.eat(byte) { Ok(()) } else { Err(self.unexpected()) }
    }

    #[cold]
    fn unexpected(&mut self) -> Error {
        match self.peek() {
            None => Error::new("it ends too early"),
            Some(_) => Error::new(&["an unexpected character at byte ", &self.at.to_string()].concat()),
        }
    }

    fn eat_word(&mut self, word: &str) -> bool {
        self.peek();
        let there = self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word));
        self.at += if there { word.len() } else { 0 };
        there
    }

    /// Consumes digits; their number.
    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    /// The text from `start` to here. (Not by index: its panic message needs tables of Unicode, which make the module larger.)
    fn since(&self, start: usize) -> &str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn number(&mut self) -> Result<Value, Error> {
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
            // far beyond every finite number, and far from overflow
            let most = 1 << 24;
            let value = self.since(start).parse().unwrap_or(most).min(most);
            power += if down { -value } else { value };
            whole = false;
        }
        let text = std::str::from_utf8(&digits).unwrap_or_default();
        match text.parse() {
            Ok(value) if whole && !negative => Ok(Value::Unsigned(value)),
            _ => {
                let value = number::nearest(&digits, power);
                let value = value.ok_or_else(|| Error::new("a number is too large"))?;
                Ok(Value::Float(if negative { -value } else { value }))
            }
        }
    }

    fn string(&mut self) -> Result<String, Error> {
        self.expect(b'"')?;
        let mut out = String::new();
        loop {
            let start = self.at;
            while self.byte().is_some_and(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
                self.at += 1;
            }
            out.push_str(self.since(start));
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

    fn escape(&mut self) -> Result<char, Error> {
        let byte = self.byte().ok_or_else(|| Error::new("it ends too early"))?;
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let mut code = self.hex4()?;
                if (0xd800..0xdc00).contains(&code) && self.eat_word("\\u") {
                    let low = self.hex4()?.wrapping_sub(0xdc00);
                    // without its second half, the first half is refused below
                    code = if low < 0x400 { 0x1_0000 + ((code - 0xd800) << 10 | low) } else { code };
                }
                char::from_u32(code).ok_or_else(|| Error::new("a surrogate is escaped alone"))?
            }
            _ => return Err(Error::new("an unknown escape")),
        })
    }

    fn value(&mut self) -> Result<Value, Error> {
        Ok(match self.peek() {
            Some(b'"') => Value::String(self.string()?),
            Some(b'[') => {
                let mut items = Vec::new();
                self.sequence(b'[', b']', |parser| {
                    items.push(parser.value()?);
                    Ok(())
                })?;
                Value::Array(items)
            }
            Some(b'{') => {
                let mut members = Vec::new();
                self.sequence(b'{', b'}', |parser| {
                    let name = parser.string()?;
                    parser.expect(b':')?;
                    members.push((name, parser.value()?));
                    Ok(())
                })?;
                Value::Object(members)
            }
            Some(b't') if self.eat_word("true") => Value::Bool(true),
            Some(b'f') if self.eat_word("false") => Value::Bool(false),
            Some(b'n') if self.eat_word("null") => Value::Null,
            _ => self.number()?,
        })
    }

    /// Items in brackets, separated by commas.
    fn sequence(
        &mut self,
        open: u8,
        close: u8,
        mut item: impl FnMut(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.expect(open)?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Error::new("it is nested too deeply"));
        }
        let mut first = true;
        while !self.eat(close) {
            if !std::mem::replace(&mut first, false) {
                self.expect(b',')?;
            }
            item(self)?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// Four hexadecimal digits.
    fn hex4(&mut self) -> Result<u32, Error> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4).unwrap_or_default();
        self.at += digits.len();
        let mut value = 0;
        for digit in digits {
            let digit = char::from(*digit).to_digit(16);
            value = value << 4 | digit.ok_or_else(|| Error::new("an escape is not hexadecimal"))?;
        }
        if digits.len() == 4 { Ok(value) } else { Err(Error::new("it ends too early")) }
    }
}
