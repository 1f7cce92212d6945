//! Capitals, words and their width.

use super::strings::is_space;
use super::words::{pascal, separated};
use super::{Result, int, text};
use crate::functions::{Call, Function};
use crate::object::Type;
use crate::value::Value;
use tidegate_golang::unicode::{characters, is_digit, is_letter, push};

use Type::Int;

const STR: Type = Type::Str;

/// What both libraries have.
pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("upper", &[STR], |call, args| mapped(call, args, upper)),
    Function::new("lower", &[STR], |call, args| mapped(call, args, lower)),
    Function::new("title", &[STR], title),
];

/// What sprig alone has.
pub(crate) const SPRIG: &[Function] = &[
    Function::new("untitle", &[STR], untitle),
    Function::new("swapcase", &[STR], swap_case),
    Function::new("nospace", &[STR], no_space),
    Function::new("initials", &[STR], initials),
    Function::new("abbrev", &[Int, STR], |_, args| {
        let width = int(args, 0)?;
        match width < 4 {
            true => Ok(args[1].clone()),
            false => abbreviated(args, 1, 0, width),
        }
    }),
    Function::new("abbrevboth", &[Int, Int, STR], |_, args| {
        let (left, right) = (int(args, 0)?, int(args, 1)?);
        match right < 4 || (left > 0 && right < 7) {
            true => Ok(args[2].clone()),
            false => abbreviated(args, 2, left, right),
        }
    }),
    Function::new("wrap", &[Int, STR], |call, args| wrap(call, args, 1, None)),
    Function::new("wrapWith", &[Int, STR, STR], |call, args| {
        let separator = text(args, 1)?.as_bytes().to_vec();
        wrap(call, args, 2, Some(separator))
    }),
    Function::new("snakecase", &[STR], |_, args| {
        Ok(separated(text(args, 0)?.as_bytes(), '_').into())
    }),
    Function::new("kebabcase", &[STR], |_, args| {
        Ok(separated(text(args, 0)?.as_bytes(), '-').into())
    }),
    Function::new("camelcase", &[STR], |_, args| {
        Ok(pascal(text(args, 0)?.as_bytes()).into())
    }),
];

/// `unicode.ToUpper`: one character for one.
pub(crate) fn upper(c: char) -> char {
    let mut all = c.to_uppercase();
    match (all.next(), all.next()) {
        (Some(upper), None) => upper,
        _ => c,
    }
}

/// `unicode.ToLower`
pub(crate) fn lower(c: char) -> char {
    if c == '\u{130}' {
        return 'i';
    }
    let mut all = c.to_lowercase();
    match (all.next(), all.next()) {
        (Some(lower), None) => lower,
        _ => c,
    }
}

/// `unicode.ToTitle`
fn to_title(c: char) -> char {
    match c {
        '\u{1c4}'..='\u{1c6}' => '\u{1c5}',
        '\u{1c7}'..='\u{1c9}' => '\u{1c8}',
        '\u{1ca}'..='\u{1cc}' => '\u{1cb}',
        '\u{1f1}'..='\u{1f3}' => '\u{1f2}',
        '\u{10d0}'..='\u{10fa}' | '\u{10fd}'..='\u{10ff}' => c,
        c => upper(c),
    }
}

/// Each character changed, with the pieces of the string.
fn mapped(call: &mut Call<'_>, args: &[Value], map: fn(char) -> char) -> Result {
    let whole = text(args, 0)?;
    call.reserve(whole.len())?;
    let mut out = call.text();
    out.push_mapped(whole, args[0].origin, |bytes, out| {
        for (_, c) in characters(bytes) {
            push(out, map(c));
        }
    });
    Ok(out.finish().into())
}

/// `strings.Title`
fn title(call: &mut Call<'_>, args: &[Value]) -> Result {
    let whole = text(args, 0)?;
    let mut before = ' ';
    let mut out = call.text();
    out.push_mapped(whole, args[0].origin, |bytes, out| {
        for (_, c) in characters(bytes) {
            push(out, if is_separator(before) { to_title(c) } else { c });
            before = c;
        }
    });
    Ok(out.finish().into())
}

fn is_separator(c: char) -> bool {
    match c {
        c if c.is_ascii() => !(c.is_ascii_alphanumeric() || c == '_'),
        c if is_letter(c) || is_digit(c) => false,
        c => is_space(c),
    }
}

fn untitle(_: &mut Call<'_>, args: &[Value]) -> Result {
    let mut out = Vec::new();
    let mut next = true;
    for (_, c) in characters(text(args, 0)?.as_bytes()) {
        let space = is_space(c);
        push(&mut out, if next && !space { lower(c) } else { c });
        next = space;
    }
    Ok(out.into())
}

fn swap_case(_: &mut Call<'_>, args: &[Value]) -> Result {
    let mut out = Vec::new();
    let mut after_space = true;
    for (_, c) in characters(text(args, 0)?.as_bytes()) {
        if c.is_uppercase() || matches!(c, '\u{1c5}' | '\u{1c8}' | '\u{1cb}' | '\u{1f2}') {
            push(&mut out, lower(c));
            after_space = false;
        } else if c.is_lowercase() {
            push(&mut out, if after_space { to_title(c) } else { upper(c) });
            after_space = false;
        } else {
            push(&mut out, c);
            after_space = is_space(c);
        }
    }
    Ok(out.into())
}

fn no_space(_: &mut Call<'_>, args: &[Value]) -> Result {
    let mut out = Vec::new();
    for (_, c) in characters(text(args, 0)?.as_bytes()).filter(|(_, c)| !is_space(*c)) {
        push(&mut out, c);
    }
    Ok(out.into())
}

/// The first byte of each word, each taken for a character.
fn initials(_: &mut Call<'_>, args: &[Value]) -> Result {
    let mut out = String::new();
    let mut after_gap = true;
    for byte in text(args, 0)?.as_bytes() {
        let c = char::from(*byte);
        let gap = is_space(c);
        if after_gap && !gap {
            out.push(c);
        }
        after_gap = gap;
    }
    Ok(out.into())
}

/// Shortened with `...`, counted in bytes.
fn abbreviated(args: &[Value], index: usize, offset: i64, width: i64) -> Result {
    let bytes = text(args, index)?.as_bytes();
    let length = bytes.len() as i64;
    if length <= width || bytes.is_empty() {
        return Ok(args[index].clone());
    }
    let mut offset = offset.min(length);
    if length - offset < width - 3 {
        offset = length - (width - 3);
    }
    let part =
        |from: i64, to: i64| &bytes[from.clamp(0, length) as usize..to.clamp(0, length) as usize];
    const DOTS: &[u8] = b"...";
    let out = if offset <= 4 {
        [part(0, width - 3), DOTS].concat()
    } else if width < 7 {
        // Too short for dots on both sides: sprig drops the error and what came with it.
        Vec::new()
    } else if offset + width - 3 < length {
        let rest = part(offset, length);
        let kept = (width - 6).min(rest.len() as i64) as usize;
        [DOTS, &rest[..kept], DOTS].concat()
    } else {
        [DOTS, part(length - (width - 3), length)].concat()
    };
    Ok(out.into())
}

/// Lines of at most `width` bytes, broken at blanks; with a separator given, long words are broken too.
fn wrap(call: &mut Call<'_>, args: &[Value], index: usize, separator: Option<Vec<u8>>) -> Result {
    let bytes = text(args, index)?.as_bytes();
    let width = usize::try_from(int(args, 0)?.max(1)).unwrap_or(usize::MAX);
    let breaks_words = separator.is_some();
    let separator = separator
        .filter(|text| !text.is_empty())
        .unwrap_or_else(|| b"\n".to_vec());
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while bytes.len() - at > width {
        call.check(out.len())?;
        if bytes[at] == b' ' {
            at += 1;
            continue;
        }
        let window = &bytes[at..at + width + 1];
        if let Some(blank) = memchr::memrchr(b' ', window) {
            out.extend_from_slice(&window[..blank]);
            out.extend_from_slice(&separator);
            at += blank + 1;
        } else if breaks_words {
            out.extend_from_slice(&window[..width]);
            out.extend_from_slice(&separator);
            at += width;
        } else {
            let Some(blank) = memchr::memchr(b' ', &bytes[at + width..]) else {
                out.extend_from_slice(&bytes[at..]);
                at = bytes.len();
                break;
            };
            let blank = at + width + blank;
            out.extend_from_slice(&bytes[at..blank]);
            out.extend_from_slice(&separator);
            at = blank + 1;
        }
    }
    out.extend_from_slice(&bytes[at..]);
    call.reserve(out.len())?;
    Ok(out.into())
}
