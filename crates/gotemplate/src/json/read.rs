use std::collections::BTreeMap;

use crate::data::{Numbers, number, read_from};
use crate::origin::{Origin, Origins};
use crate::text::Str;
use crate::value::{List, Value};
use tidegate_golang::quote_char;
use tidegate_source::{FileId, Span};

/// Go's limit.
const DEEPEST: usize = 1000;

/// The value of a JSON text. `origin` is that of the text, for texts without pieces. The error is Go's.
pub(crate) fn parse(
    text: &Str,
    origin: Origin,
    numbers: Numbers,
    origins: &mut Origins,
) -> Result<Value, String> {
    match parse_all(text, origin, numbers, origins)? {
        (value, None) => Ok(value),
        (_, Some(error)) => Err(error),
    }
}

/// The value of a JSON text, and the first number in it that no float holds: it is infinite in the value.
pub(crate) fn parse_all(
    text: &Str,
    origin: Origin,
    numbers: Numbers,
    origins: &mut Origins,
) -> Result<(Value, Option<String>), String> {
    let mut reader = Reader {
        bytes: text.as_bytes(),
        at: 0,
        depth: 0,
        numbers,
        text,
        origin,
        origins,
        too_large: None,
    };
    reader.blanks();
    let value = reader.value("looking for beginning of value")?;
    reader.blanks();
    match reader.peek() {
        None => Ok((value, reader.too_large)),
        Some(_) => Err(reader.unexpected("after top-level value")),
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    numbers: Numbers,
    text: &'a Str,
    origin: Origin,
    origins: &'a mut Origins,
    too_large: Option<String>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn unexpected(&self, context: &str) -> String {
        match self.peek() {
            None => "unexpected end of JSON input".to_owned(),
            Some(byte) => {
                let rest = &self.bytes[self.at..];
                let shown = match tidegate_golang::unicode::decode(rest) {
                    Some(('\'', _)) => "'\\''".to_owned(),
                    Some(('"', _)) => "'\"'".to_owned(),
                    Some(('\u{fffd}', 1)) | None => format!("'\\x{byte:02x}'"),
                    Some((c, _)) => quote_char(c, false),
                };
                format!("invalid character {shown} {context}")
            }
        }
    }

    fn from(&mut self, start: usize) -> Origin {
        let span = Span::new(FileId::DETACHED, start, self.at);
        read_from(self.text, self.origin, span, self.origins)
    }

    fn value(&mut self, context: &str) -> Result<Value, String> {
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.nested(Reader::object)?,
            Some(b'[') => self.nested(Reader::array)?,
            Some(b'"') => Value::from(self.string()?),
            Some(b't') => self.word("true", true.into())?,
            Some(b'f') => self.word("false", false.into())?,
            Some(b'n') => self.word("null", Value::NIL)?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => return Err(self.unexpected(context)),
        };
        let origin = self.from(start);
        Ok(value.with_origin(origin))
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, String>) -> Result<Value, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("exceeded max depth".to_owned());
        }
        self.at += 1;
        self.blanks();
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn object(&mut self) -> Result<Value, String> {
        let mut entries = BTreeMap::new();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::map(entries));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("looking for beginning of object key string"));
            }
            let key = self.string()?;
            self.blanks();
            if self.peek() != Some(b':') {
                return Err(self.unexpected("after object key"));
            }
            self.at += 1;
            self.blanks();
            let value = self.value("looking for beginning of value")?;
            entries.insert(Str::from(key).to_text(), value);
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Value::map(entries));
                }
                _ => return Err(self.unexpected("after object key:value pair")),
            }
            self.blanks();
        }
    }

    fn array(&mut self) -> Result<Value, String> {
        let mut items = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::from(List::grown(items)));
        }
        loop {
            items.push(self.value("looking for beginning of value")?);
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::from(List::grown(items)));
                }
                _ => return Err(self.unexpected("after array element")),
            }
            self.blanks();
        }
    }

    fn word(&mut self, word: &'static str, value: Value) -> Result<Value, String> {
        for (i, byte) in word.bytes().enumerate() {
            if self.peek() != Some(byte) {
                let expected = char::from(byte);
                let context = match i {
                    0 => "looking for beginning of value".to_owned(),
                    _ => format!("in literal {word} (expecting '{expected}')"),
                };
                return Err(self.unexpected(&context));
            }
            self.at += 1;
        }
        Ok(value)
    }

    fn digits(&mut self, context: &str) -> Result<(), String> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.unexpected(context));
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Value, String> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits("in numeric literal")?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits("after decimal point in numeric literal")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits("in exponent of numeric literal")?;
        }
        let text = std::str::from_utf8(&self.bytes[start..self.at]).unwrap_or_default();
        let infinite = text.parse::<f64>().is_ok_and(f64::is_infinite);
        if infinite && self.numbers != Numbers::JsonNumber && self.too_large.is_none() {
            let error =
                format!("json: cannot unmarshal number {text} into Go value of type float64");
            self.too_large = Some(error);
        }
        Ok(number(text, self.numbers).into())
    }

    fn string(&mut self) -> Result<String, String> {
        self.at += 1;
        let mut out = Vec::new();
        loop {
            let Some(byte) = self.peek() else {
                return Err(self.unexpected(""));
            };
            match byte {
                b'"' => {
                    self.at += 1;
                    // What is not UTF-8 is replaced, byte by byte.
                    return Ok(crate::text::lossy(&out));
                }
                b'\\' => self.escape(&mut out)?,
                0..0x20 => return Err(self.unexpected("in string literal")),
                byte => {
                    out.push(byte);
                    self.at += 1;
                }
            }
        }
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), String> {
        self.at += 1;
        let byte = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => byte,
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => {
                self.at += 1;
                let unit = self.unit()?;
                let mut c = char::from_u32(unit);
                if (0xd800..0xdc00).contains(&unit) && self.bytes[self.at..].starts_with(b"\\u") {
                    let back = self.at;
                    self.at += 2;
                    let low = self.unit()?;
                    if (0xdc00..0xe000).contains(&low) {
                        c = char::from_u32(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
                    } else {
                        self.at = back;
                    }
                }
                tidegate_golang::unicode::push(out, c.unwrap_or('\u{fffd}'));
                return Ok(());
            }
            _ => return Err(self.unexpected("in string escape code")),
        };
        out.push(byte);
        self.at += 1;
        Ok(())
    }

    fn unit(&mut self) -> Result<u32, String> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else {
                return Err(self.unexpected("in \\u hexadecimal character escape"));
            };
            unit = unit * 16 + digit;
            self.at += 1;
        }
        Ok(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_those_of_go() {
        let check = |text: &str, expected: &str| {
            let read = parse(
                &Str::from(text),
                Origin::NONE,
                Numbers::Float64,
                &mut Origins::off(),
            );
            assert_eq!(read.unwrap_err(), expected, "{text:?}");
        };
        check(
            "{bad",
            "invalid character 'b' looking for beginning of object key string",
        );
        check("", "unexpected end of JSON input");
        check("[1 2]", "invalid character '2' after array element");
        check("1 x", "invalid character 'x' after top-level value");
        check("tru", "unexpected end of JSON input");
        check(
            "trx",
            "invalid character 'x' in literal true (expecting 'u')",
        );
        check("{\"a\" 1}", "invalid character '1' after object key");
        check("01", "invalid character '1' after top-level value");
        check("\"\\q\"", "invalid character 'q' in string escape code");
    }
}
