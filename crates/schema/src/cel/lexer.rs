use smol_str::SmolStr;

use super::CompileError;

/// A token of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name, reserved words included.
    Ident(SmolStr),
    /// A whole number without sign, in decimal or hexadecimal notation.
    Int(SmolStr),
    /// A whole number with the suffix `u`, which is left out.
    Uint(SmolStr),
    /// A number with a fraction or an exponent.
    Double(SmolStr),
    /// Text.
    Str(SmolStr),
    /// Bytes.
    Bytes(Vec<u8>),
    /// An operator or a bracket.
    Punct(&'static str),
    /// The end.
    End,
}

/// The longest operators first.
const PUNCTUATION: [&str; 25] = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "(", ")", "[", "]", "{", "}", ".", ",", ":", "?",
    "+", "-", "*", "/", "%", "!", "=",
];

/// The tokens of an expression with the offset at which each begins; the last one is `End`.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, u32)>, CompileError> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let start = at;
        let rest = &text[at..];
        if matches!(c, ' ' | '\t' | '\r' | '\n' | '\u{c}') {
            at += 1;
            continue;
        }
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
            continue;
        }
        let token = if let Some((raw, bytes, quote)) = literal_prefix(rest) {
            let (token, length) = quoted(rest, raw, bytes, quote, start)?;
            at += length;
            token
        } else if c == '_' || c.is_ascii_alphabetic() {
            let length = rest
                .find(|c: char| c != '_' && !c.is_ascii_alphanumeric())
                .unwrap_or(rest.len());
            at += length;
            Token::Ident(rest[..length].into())
        } else if c.is_ascii_digit()
            || (c == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit()))
        {
            let (token, length) = number(rest);
            at += length;
            token
        } else if let Some(punct) = PUNCTUATION.iter().find(|punct| rest.starts_with(**punct)) {
            at += punct.len();
            Token::Punct(punct)
        } else {
            return Err(CompileError::new(
                start as u32,
                format!("Syntax error: token recognition error at: '{c}'"),
            ));
        };
        out.push((token, start as u32));
    }
    out.push((Token::End, text.len() as u32));
    Ok(out)
}

/// Whether text or bytes begin here: raw, bytes, and the offset of the first quote.
fn literal_prefix(rest: &str) -> Option<(bool, bool, usize)> {
    let bytes = rest.as_bytes();
    let is_quote = |i: usize| matches!(bytes.get(i), Some(b'"' | b'\''));
    let lower = |i: usize| bytes.get(i).map(u8::to_ascii_lowercase);
    match (lower(0), lower(1)) {
        _ if is_quote(0) => Some((false, false, 0)),
        (Some(b'r'), _) if is_quote(1) => Some((true, false, 1)),
        (Some(b'b'), _) if is_quote(1) => Some((false, true, 1)),
        (Some(b'b'), Some(b'r')) if is_quote(2) => Some((true, true, 2)),
        _ => None,
    }
}

fn number(rest: &str) -> (Token, usize) {
    let bytes = rest.as_bytes();
    let digits = |from: usize| {
        let run = bytes[from..].iter().take_while(|b| b.is_ascii_digit());
        from + run.count()
    };
    if rest.starts_with("0x") || rest.starts_with("0X") {
        let run = bytes[2..].iter().take_while(|b| b.is_ascii_hexdigit());
        let end = 2 + run.count();
        if end > 2 {
            return whole(rest, end);
        }
    }
    let mut end = digits(0);
    let mut is_double = false;
    if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
        is_double = true;
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
            is_double = true;
            end = digits(end + 1 + sign);
        }
    }
    match is_double {
        true => (Token::Double(rest[..end].into()), end),
        false => whole(rest, end),
    }
}

fn whole(rest: &str, end: usize) -> (Token, usize) {
    match rest.as_bytes().get(end) {
        Some(b'u' | b'U') => (Token::Uint(rest[..end].into()), end + 1),
        _ => (Token::Int(rest[..end].into()), end),
    }
}

/// A literal in quotes, and its length with prefix and quotes.
fn quoted(
    rest: &str,
    raw: bool,
    bytes: bool,
    quote: usize,
    start: usize,
) -> Result<(Token, usize), CompileError> {
    let error = |reason: &str| CompileError::new(start as u32, format!("Syntax error: {reason}"));
    let mark = &rest[quote..=quote];
    let triple = mark.repeat(3);
    let (close, is_triple) = match rest[quote..].starts_with(&triple) {
        true => (triple.as_str(), true),
        false => (mark, false),
    };
    let body = quote + close.len();
    let mut out = Vec::new();
    let mut at = body;
    loop {
        let here = &rest[at..];
        if here.starts_with(close) {
            break;
        }
        let Some(c) = here.chars().next() else {
            return Err(error("a text is not closed"));
        };
        if !is_triple && matches!(c, '\n' | '\r') {
            return Err(error("a text is not closed on its line"));
        }
        if c == '\\' && !raw {
            at += escape(&here[1..], bytes, &mut out).ok_or_else(|| error("unknown escape"))? + 1;
            continue;
        }
        // A raw text cannot end with an odd number of backslashes: the quote behind one belongs
        // to it.
        if c == '\\' && here[1..].starts_with(mark) {
            out.extend_from_slice(&here.as_bytes()[..2]);
            at += 2;
            continue;
        }
        out.extend_from_slice(&here.as_bytes()[..c.len_utf8()]);
        at += c.len_utf8();
    }
    let length = at + close.len();
    if bytes {
        return Ok((Token::Bytes(out), length));
    }
    let text = String::from_utf8(out).map_err(|_| error("a text is not UTF-8"))?;
    Ok((Token::Str(text.into()), length))
}

/// Writes what stands behind a backslash; its length.
fn escape(rest: &str, bytes: bool, out: &mut Vec<u8>) -> Option<usize> {
    let c = *rest.as_bytes().first()?;
    let plain = match c {
        b'a' => 7,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 11,
        b'\\' | b'?' | b'"' | b'\'' | b'`' => c,
        _ => 0,
    };
    if plain != 0 {
        out.push(plain);
        return Some(1);
    }
    let (digits, radix, skip) = match c {
        b'x' | b'X' => (2, 16, 1),
        b'u' if !bytes => (4, 16, 1),
        b'U' if !bytes => (8, 16, 1),
        b'0'..=b'3' => (3, 8, 0),
        _ => return None,
    };
    let text = rest.get(skip..skip + digits)?;
    if !text.bytes().all(|b| char::from(b).is_digit(radix)) {
        return None;
    }
    let code = u32::from_str_radix(text, radix).ok()?;
    match bytes {
        true => out.push(code as u8),
        false => out.extend_from_slice(char::from_u32(code)?.to_string().as_bytes()),
    }
    Some(skip + digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[Token]) {
        let mut found: Vec<Token> = tokens(text)
            .unwrap()
            .into_iter()
            .map(|(token, _)| token)
            .collect();
        assert_eq!(found.pop(), Some(Token::End));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn numbers_and_texts() {
        let text = |text: &str| Token::Str(text.into());
        check("0x1Fu", &[Token::Uint("0x1F".into())]);
        check("1.5e3", &[Token::Double("1.5e3".into())]);
        check(".5", &[Token::Double(".5".into())]);
        check(
            "1.a",
            &[
                Token::Int("1".into()),
                Token::Punct("."),
                Token::Ident("a".into()),
            ],
        );
        check(r"'a\'b\u00e9\x41\101'", &[text("a'béAA")]);
        check(r"r'\d\'' // rest", &[text(r"\d\'")]);
        check("'''a'b\n'''", &[text("a'b\n")]);
        check(r"b'\xff'", &[Token::Bytes(vec![255])]);
    }

    #[test]
    fn what_is_no_token() {
        for text in ["'a", "'a\nb'", r"'\q'", "#", r"b'\u0041'", r"'\ud800'"] {
            assert!(tokens(text).is_err(), "{text}");
        }
    }
}
