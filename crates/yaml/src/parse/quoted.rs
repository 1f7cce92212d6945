//! Scalars in quotes, on one line or several, as the quick reader takes them.

use std::borrow::Cow;

use memchr::{memchr2, memchr3};

/// The text of a scalar in quotes.
pub(super) struct Quoted<'a> {
    pub(super) text: Cow<'a, str>,
    /// Behind the closing quote.
    pub(super) end: usize,
}

/// Reads the scalar whose opening quote is at `at`. Its further lines must be indented further than
/// `parent`. None where it has no end, or holds what is left to the full parser.
pub(super) fn read(text: &str, at: usize, parent: usize) -> Option<Quoted<'_>> {
    let is_double = text.as_bytes()[at] == b'"';
    let bytes = text.as_bytes();
    let find = |from: usize| {
        let rest = &bytes[from..];
        let found = match is_double {
            true => memchr3(b'"', b'\\', b'\n', rest),
            false => memchr2(b'\'', b'\n', rest),
        };
        Some(from + found?)
    };
    let mut from = at + 1;
    let mut out: Option<String> = None;
    loop {
        let stop = find(from)?;
        let piece = &text[from..stop];
        let is_doubled = !is_double && bytes.get(stop + 1) == Some(&b'\'');
        match bytes[stop] {
            b'"' | b'\'' if !is_doubled => {
                let text = match out {
                    None => Cow::Borrowed(piece),
                    Some(out) => Cow::Owned(out + piece),
                };
                return Some(Quoted {
                    text,
                    end: stop + 1,
                });
            }
            byte => {
                let out = out.get_or_insert_default();
                match byte {
                    b'\'' => {
                        out.push_str(piece);
                        out.push('\'');
                        from = stop + 2;
                    }
                    b'\\' => {
                        out.push_str(piece);
                        from = escape(text, stop + 1, parent, out)?;
                    }
                    _ => {
                        out.push_str(piece.trim_end_matches(' '));
                        let (content, empty) = next_line(bytes, stop + 1, parent)?;
                        push_break(empty, out);
                        from = content;
                    }
                }
            }
        }
    }
}

/// What a line break between two lines stands for, with so many empty lines in between.
pub(super) fn push_break(empty: usize, out: &mut String) {
    match empty {
        0 => out.push(' '),
        empty => out.extend(std::iter::repeat_n('\n', empty)),
    }
}

/// Where the content of the next line that is not empty starts, and how many empty ones come before
/// it. None where it is not indented further than `parent`.
fn next_line(bytes: &[u8], mut at: usize, parent: usize) -> Option<(usize, usize)> {
    let mut empty = 0;
    loop {
        let blanks = bytes[at..].iter().take_while(|byte| **byte == b' ');
        let blanks = blanks.count();
        match bytes.get(at + blanks)? {
            b'\n' => {
                empty += 1;
                at += blanks + 1;
            }
            _ => return (blanks > parent).then_some((at + blanks, empty)),
        }
    }
}

/// Reads the escape whose backslash is before `at`; gives the place behind it.
fn escape(text: &str, at: usize, parent: usize, out: &mut String) -> Option<usize> {
    let bytes = text.as_bytes();
    let digits = |count: usize| {
        let digits = text.get(at + 1..at + 1 + count)?;
        let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let code = u32::from_str_radix(digits, 16).ok().filter(|_| is_hex)?;
        Some((char::from_u32(code)?, at + 1 + count))
    };
    let (c, end) = match bytes.get(at)? {
        b'n' => ('\n', at + 1),
        b't' => ('\t', at + 1),
        b'r' => ('\r', at + 1),
        b'"' => ('"', at + 1),
        b'\\' => ('\\', at + 1),
        b' ' => (' ', at + 1),
        b'x' => digits(2)?,
        b'u' => digits(4)?,
        b'U' => digits(8)?,
        b'\n' => {
            let (content, empty) = next_line(bytes, at + 1, parent)?;
            return (empty == 0).then_some(content);
        }
        _ => return None,
    };
    out.push(c);
    Some(end)
}
