//! Text as a tree. Strict: RFC 8259 to the letter, nothing behind the value, no depth beyond need.

use super::{Json, Wrong, number};

/// Values inside values. Recipes and receipts need four.
const DEEPEST: u32 = 32;

/// Reads a whole text.
///
/// # Errors
/// [`Wrong`] with what is wrong, when this is not JSON.
pub fn parse(text: &[u8]) -> Result<Json, Wrong> {
    let text = std::str::from_utf8(text).map_err(|_| Wrong::new("it is not UTF-8"))?;
    let mut reader = Reader { text, at: 0, depth: 0 };
    let value = reader.value()?;
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

    /// Takes digits; how many.
    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    /// The text from `start` to here. (Not by index: that brings the words of a failure, with tables of Unicode.)
    fn since(&self, start: usize) -> &str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn number(&mut self) -> Result<Json, Wrong> {
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
            let value = self.since(start).parse().unwrap_or(most).min(most);
            power += if down { -value } else { value };
            whole = false;
        }
        let text = std::str::from_utf8(&digits).unwrap_or_default();
        match text.parse() {
            Ok(value) if whole && !negative => Ok(Json::Whole(value)),
            _ => {
                let value = number::nearest(&digits, power);
                let value = value.ok_or_else(|| Wrong::new("a number is too large"))?;
                Ok(Json::Number(if negative { -value } else { value }))
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

    fn value(&mut self) -> Result<Json, Wrong> {
        Ok(match self.peek() {
            Some(b'"') => Json::Text(self.text()?),
            Some(b'[') => {
                let mut items = Vec::new();
                self.between(b'[', b']', |reader| {
                    items.push(reader.value()?);
                    Ok(())
                })?;
                Json::List(items)
            }
            Some(b'{') => {
                let mut members = Vec::new();
                self.between(b'{', b'}', |reader| {
                    let name = reader.text()?;
                    reader.expect(b':')?;
                    members.push((name, reader.value()?));
                    Ok(())
                })?;
                Json::Members(members)
            }
            Some(b't') if self.word("true") => Json::Bool(true),
            Some(b'f') if self.word("false") => Json::Bool(false),
            Some(b'n') if self.word("null") => Json::Null,
            _ => self.number()?,
        })
    }

    /// Items between brackets, with commas between them.
    fn between(
        &mut self,
        open: u8,
        close: u8,
        mut item: impl FnMut(&mut Self) -> Result<(), Wrong>,
    ) -> Result<(), Wrong> {
        self.expect(open)?;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Wrong::new("it is nested too deeply"));
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
