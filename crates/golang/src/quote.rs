//! Go's quoted strings.

use std::fmt::Write;

use crate::unicode::{characters, decode, is_printable};

/// A string as `strconv.Quote` writes it.
pub fn quote(bytes: &[u8]) -> String {
    quote_with(bytes, '"', false)
}

/// A string in quotes; with `ascii` all that is not ASCII is escaped.
pub fn quote_with(bytes: &[u8], mark: char, ascii: bool) -> String {
    let mut out = String::with_capacity(bytes.len() + 2);
    out.push(mark);
    for (at, c) in characters(bytes) {
        if c == '\u{fffd}' && !bytes[at..].starts_with("\u{fffd}".as_bytes()) {
            let _ = write!(out, "\\x{:02x}", bytes[at]);
        } else {
            escape(&mut out, c, mark, ascii);
        }
    }
    out.push(mark);
    out
}

/// A character in single quotes, as `strconv.QuoteRune` writes it.
pub fn quote_char(c: char, ascii: bool) -> String {
    let mut out = "'".to_owned();
    escape(&mut out, c, '\'', ascii);
    out.push('\'');
    out
}

fn escape(out: &mut String, c: char, mark: char, ascii: bool) {
    if c == mark || c == '\\' {
        out.push('\\');
        out.push(c);
        return;
    }
    if (c.is_ascii() || !ascii) && is_printable(c) {
        out.push(c);
        return;
    }
    let short = match c {
        '\x07' => 'a',
        '\x08' => 'b',
        '\x0c' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\x0b' => 'v',
        _ => {
            let number = u32::from(c);
            let _ = match number {
                0..0x20 | 0x7f => write!(out, "\\x{number:02x}"),
                0..0x10000 => write!(out, "\\u{number:04x}"),
                _ => write!(out, "\\U{number:08x}"),
            };
            return;
        }
    };
    out.push('\\');
    out.push(short);
}

/// What an escape of a quoted string stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unquoted {
    /// A character.
    Char(char),
    /// A byte, of `\x` and octal escapes.
    Byte(u8),
}

impl Unquoted {
    /// The number of the character or byte.
    pub fn value(self) -> u32 {
        match self {
            Unquoted::Char(c) => c.into(),
            Unquoted::Byte(byte) => byte.into(),
        }
    }
}

/// The first character of the inside of a quoted string, and the rest.
pub fn unquote_char(text: &[u8], mark: u8) -> Option<(Unquoted, &[u8])> {
    let (c, width) = decode(text)?;
    let rest = &text[width..];
    if c != '\\' {
        if c == char::from(mark) && (mark == b'\'' || mark == b'"') {
            return None;
        }
        return Some((Unquoted::Char(c), rest));
    }
    let (kind, rest) = rest.split_first()?;
    let simple = |byte| Some((Unquoted::Char(char::from(byte)), rest));
    match kind {
        b'a' => simple(7),
        b'b' => simple(8),
        b'f' => simple(12),
        b'n' => simple(b'\n'),
        b'r' => simple(b'\r'),
        b't' => simple(b'\t'),
        b'v' => simple(11),
        b'\\' => simple(b'\\'),
        b'\'' | b'"' if *kind == mark => simple(*kind),
        b'x' => numeric(rest, 2, 16).and_then(|(value, rest)| {
            let byte = u8::try_from(value).ok()?;
            Some((Unquoted::Byte(byte), rest))
        }),
        b'u' | b'U' => {
            let digits = if *kind == b'u' { 4 } else { 8 };
            let (value, rest) = numeric(rest, digits, 16)?;
            Some((Unquoted::Char(char::from_u32(value)?), rest))
        }
        b'0'..=b'7' => {
            let digits = text.get(1..4)?;
            let (value, _) = numeric(digits, 3, 8)?;
            Some((Unquoted::Byte(u8::try_from(value).ok()?), &text[4..]))
        }
        _ => None,
    }
}

fn numeric(text: &[u8], digits: usize, radix: u32) -> Option<(u32, &[u8])> {
    let (digits, rest) = text.split_at_checked(digits)?;
    let mut value = 0u32;
    for digit in digits {
        value = value
            .checked_mul(radix)?
            .checked_add(char::from(*digit).to_digit(radix)?)?;
    }
    Some((value, rest))
}

/// The value of a quoted string, as `strconv.Unquote` reads it.
pub fn unquote(text: &[u8]) -> Option<Vec<u8>> {
    let (mark, inner) = match text {
        [mark @ (b'"' | b'`'), inner @ .., end] if mark == end => (*mark, inner),
        _ => return None,
    };
    if mark == b'`' {
        return Some(
            inner
                .iter()
                .copied()
                .filter(|byte| *byte != b'\r')
                .collect(),
        );
    }
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while !rest.is_empty() {
        if rest[0] != b'\\' && rest[0] != b'\n' && rest[0] != mark {
            out.push(rest[0]);
            rest = &rest[1..];
            continue;
        }
        if rest[0] == b'\n' {
            return None;
        }
        let (c, behind) = unquote_char(rest, mark)?;
        match c {
            Unquoted::Char(c) => crate::unicode::push(&mut out, c),
            Unquoted::Byte(byte) => out.push(byte),
        }
        rest = behind;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_quoted_as_go_does() {
        let check = |input: &[u8], expected: &str| assert_eq!(quote(input), expected);
        check(b"a\"b\\", r#""a\"b\\""#);
        check(
            "é\n\u{1}\u{200b}\u{1f680}\u{e000}".as_bytes(),
            "\"é\\n\\x01\\u200b🚀\\ue000\"",
        );
        check(b"\xff\x7f", r#""\xff\x7f""#);
        assert_eq!(
            quote_with("é🚀".as_bytes(), '"', true),
            r#""\u00e9\U0001f680""#
        );
    }

    #[test]
    fn quoted_strings_are_read() {
        let check = |input: &str, expected: Option<&[u8]>| {
            assert_eq!(unquote(input.as_bytes()).as_deref(), expected, "{input}");
        };
        check(r#""a\n\x41\u00e9\101\"""#, Some("a\nAéA\"".as_bytes()));
        check(r#""\xff""#, Some(b"\xff"));
        check(r#""\q""#, None);
        check(r#""\'""#, None);
        check("`a\\n\r`", Some(b"a\\n"));
        check(r#""\ud800""#, None);
    }
}
