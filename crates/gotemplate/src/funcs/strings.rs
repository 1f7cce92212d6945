//! Strings.

use memchr::memmem;

use super::cast::{string_value, strings};
use super::{Result, int, text};
use crate::functions::{Call, Function};
use crate::object::Type;
use crate::origin::Origin;
use crate::text::{Str, TextBuilder};
use crate::value::{Elem, Kind, List, Map, MapKind, Value};
use tidegate_golang::{quote, unicode};

use Type::{Any, Int};

const STR: Type = Type::Str;

/// What both libraries have.
pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("hello", &[], |_, _| Ok("Hello!".into())),
    Function::new("trim", &[STR], |call, args| {
        trimmed(call, args, 0, |bytes| trim_where(bytes, is_space))
    }),
    Function::new("trimall", &[STR, STR], trim_all),
    Function::new("trimAll", &[STR, STR], trim_all),
    Function::new("trimSuffix", &[STR, STR], |call, args| {
        let suffix = text(args, 0)?.as_bytes();
        trimmed(call, args, 1, |bytes| {
            0..bytes.strip_suffix(suffix).unwrap_or(bytes).len()
        })
    }),
    Function::new("trimPrefix", &[STR, STR], |call, args| {
        let prefix = text(args, 0)?.as_bytes();
        trimmed(call, args, 1, |bytes| {
            let rest = bytes.strip_prefix(prefix).unwrap_or(bytes);
            bytes.len() - rest.len()..bytes.len()
        })
    }),
    Function::new("trunc", &[Int, STR], trunc),
    Function::new("substr", &[Int, Int, STR], substr),
    Function::new("repeat", &[Int, STR], repeat),
    Function::new("contains", &[STR, STR], |_, args| {
        let found = memmem::find(text(args, 1)?.as_bytes(), text(args, 0)?.as_bytes());
        Ok(found.is_some().into())
    }),
    Function::new("hasPrefix", &[STR, STR], |_, args| {
        Ok(text(args, 1)?
            .as_bytes()
            .starts_with(text(args, 0)?.as_bytes())
            .into())
    }),
    Function::new("hasSuffix", &[STR, STR], |_, args| {
        Ok(text(args, 1)?
            .as_bytes()
            .ends_with(text(args, 0)?.as_bytes())
            .into())
    }),
    Function::variadic("quote", &[Any], double_quote),
    Function::variadic("squote", &[Any], single_quote),
    Function::variadic("cat", &[Any], cat),
    Function::new("indent", &[Int, STR], |call, args| indent(call, args, "")),
    Function::new("nindent", &[Int, STR], |call, args| {
        indent(call, args, "\n")
    }),
    Function::new("replace", &[STR, STR, STR], replace),
    Function::new("plural", &[STR, STR, Int], |_, args| {
        let one = int(args, 2)? == 1;
        Ok(args[usize::from(!one)].clone())
    }),
    Function::new("join", &[STR, Any], join),
    Function::new("split", &[STR, STR], |call, args| {
        let parts = split(text(args, 1)?, text(args, 0)?.as_bytes(), usize::MAX);
        numbered(call, args, 1, parts)
    }),
    Function::new("splitn", &[STR, Int, STR], |call, args| {
        let parts = match int(args, 1)? {
            0 => Vec::new(),
            n => split(
                text(args, 2)?,
                text(args, 0)?.as_bytes(),
                usize::try_from(n).unwrap_or(usize::MAX),
            ),
        };
        numbered(call, args, 2, parts)
    }),
    Function::new("splitList", &[STR, STR], |call, args| {
        let whole = text(args, 1)?;
        let parts = split(whole, text(args, 0)?.as_bytes(), usize::MAX);
        call.reserve(parts.len() * size_of::<Value>())?;
        let slices = parts
            .into_iter()
            .map(|range| slice(call, whole, range, args[1].origin));
        Ok(List::new(slices.collect(), Elem::Str).into())
    }),
    Function::new("toStrings", &[Any], |call, args| {
        let texts = strings(call, &args[0])?;
        Ok(List::new(texts.into_iter().map(Value::from).collect(), Elem::Str).into())
    }),
];

/// `unicode.IsSpace`
pub(crate) fn is_space(c: char) -> bool {
    matches!(c, '\t'..='\r' | ' ' | '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}')
        || matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
        )
}

/// A part of a string as a value, with its pieces.
pub(crate) fn slice(
    call: &Call<'_>,
    text: &Str,
    range: std::ops::Range<usize>,
    origin: Origin,
) -> Value {
    let mut out = call.text();
    out.push_slice(text, range, origin);
    Value::from(out.finish())
}

fn trimmed(
    call: &mut Call<'_>,
    args: &[Value],
    index: usize,
    range: impl FnOnce(&[u8]) -> std::ops::Range<usize>,
) -> Result {
    let whole = text(args, index)?;
    let range = range(whole.as_bytes());
    if range.len() == whole.len() {
        return Ok(args[index].clone());
    }
    Ok(slice(call, whole, range, args[index].origin))
}

/// The range without the characters at both ends that `cut` takes.
fn trim_where(bytes: &[u8], cut: impl Fn(char) -> bool) -> std::ops::Range<usize> {
    let mut kept = unicode::characters(bytes).filter(|(_, c)| !cut(*c));
    let Some((start, first)) = kept.next() else {
        return 0..0;
    };
    let (at, last) = kept.last().unwrap_or((start, first));
    let width = unicode::decode(&bytes[at..]).map_or(last.len_utf8(), |(_, width)| width);
    start..at + width
}

fn trim_all(call: &mut Call<'_>, args: &[Value]) -> Result {
    let set: Vec<char> = unicode::characters(text(args, 0)?.as_bytes())
        .map(|(_, c)| c)
        .collect();
    trimmed(call, args, 1, |bytes| {
        trim_where(bytes, |c| set.contains(&c))
    })
}

fn trunc(call: &mut Call<'_>, args: &[Value]) -> Result {
    let count = int(args, 0)?;
    trimmed(call, args, 1, |bytes| {
        let length = bytes.len();
        let size = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
        match count {
            _ if size >= length => 0..length,
            count if count < 0 => length - size..length,
            _ => 0..size,
        }
    })
}

fn substr(call: &mut Call<'_>, args: &[Value]) -> Result {
    let (start, end) = (int(args, 0)?, int(args, 1)?);
    let length = text(args, 2)?.len() as i64;
    let (start, end) = match (start, end) {
        (start, end) if start < 0 => (0, end),
        (start, end) if end < 0 || end > length => (start, length),
        both => both,
    };
    if end < 0 || end > length {
        let of = if end < 0 {
            String::new()
        } else {
            format!(" with length {length}")
        };
        return Err(format!("runtime error: slice bounds out of range [:{end}]{of}").into());
    }
    if start > end {
        return Err(format!("runtime error: slice bounds out of range [{start}:{end}]").into());
    }
    trimmed(call, args, 2, |_| start as usize..end as usize)
}

fn repeat(call: &mut Call<'_>, args: &[Value]) -> Result {
    let Ok(count) = usize::try_from(int(args, 0)?) else {
        return Err("strings: negative Repeat count".into());
    };
    let part = text(args, 1)?;
    let size = count
        .checked_mul(part.len())
        .ok_or("strings: Repeat output length overflow")?;
    call.reserve(size)?;
    if part.is_empty() {
        return Ok("".into());
    }
    if part.pieces().is_none() {
        return Ok(Value::from(part.as_bytes().repeat(count)).with_origin(args[1].origin));
    }
    let mut out = call.text();
    for _ in 0..count {
        out.push_str(part, args[1].origin);
    }
    Ok(out.finish().into())
}

/// Values in quotes, with blanks between them; nils are left out.
fn quoted(
    call: &mut Call<'_>,
    args: &[Value],
    write: impl Fn(&mut Call<'_>, &Value, &mut TextBuilder) -> Result<()>,
) -> Result {
    let mut out = call.text();
    for arg in args.iter().filter(|arg| !arg.is_nil()) {
        if !out.is_empty() {
            out.push_bytes(b" ", Origin::NONE);
        }
        write(call, arg, &mut out)?;
        call.check(out.len())?;
    }
    call.reserve(out.len())?;
    Ok(out.finish().into())
}

fn double_quote(call: &mut Call<'_>, args: &[Value]) -> Result {
    quoted(call, args, |call, arg, out| {
        let text = string_value(call, arg)?;
        out.push_bytes(b"\"", Origin::NONE);
        out.push_mapped(&text, arg.origin, |bytes, out| {
            let quoted = quote(bytes);
            out.extend_from_slice(&quoted.as_bytes()[1..quoted.len() - 1]);
        });
        out.push_bytes(b"\"", Origin::NONE);
        Ok(())
    })
}

fn single_quote(call: &mut Call<'_>, args: &[Value]) -> Result {
    quoted(call, args, |call, arg, out| {
        out.push_bytes(b"'", Origin::NONE);
        call.print_into(arg, out)?;
        out.push_bytes(b"'", Origin::NONE);
        Ok(())
    })
}

fn cat(call: &mut Call<'_>, args: &[Value]) -> Result {
    let mut out = call.text();
    for (i, arg) in args.iter().filter(|arg| !arg.is_nil()).enumerate() {
        if i > 0 {
            out.push_bytes(b" ", Origin::NONE);
        }
        call.print_into(arg, &mut out)?;
        call.check(out.len())?;
    }
    call.reserve(out.len())?;
    Ok(out.finish().into())
}

fn indent(call: &mut Call<'_>, args: &[Value], before: &str) -> Result {
    let Ok(width) = usize::try_from(int(args, 0)?) else {
        return Err("strings: negative Repeat count".into());
    };
    let whole = text(args, 1)?;
    let lines = memchr::memchr_iter(b'\n', whole.as_bytes()).count() + 1;
    let added = lines
        .checked_mul(width)
        .ok_or("strings: Repeat output length overflow")?;
    call.reserve(added.saturating_add(whole.len()))?;
    let pad = " ".repeat(width);
    let mut out = TextBuilder::with_capacity(call.origins, before.len() + added + whole.len());
    out.push_bytes(before.as_bytes(), Origin::NONE);
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', whole.as_bytes()).map(|at| at + 1) {
        out.push_bytes(pad.as_bytes(), Origin::NONE);
        out.push_slice(whole, start..end, args[1].origin);
        start = end;
    }
    out.push_bytes(pad.as_bytes(), Origin::NONE);
    out.push_slice(whole, start..whole.len(), args[1].origin);
    Ok(out.finish().into())
}

fn replace(call: &mut Call<'_>, args: &[Value]) -> Result {
    let (old, new, whole) = (text(args, 0)?, text(args, 1)?, text(args, 2)?);
    let bytes = whole.as_bytes();
    let places: Vec<usize> = match old.is_empty() {
        // Before each character, and at the end.
        true => unicode::characters(bytes)
            .map(|(at, _)| at)
            .chain([bytes.len()])
            .collect(),
        false => memmem::find_iter(bytes, old.as_bytes()).collect(),
    };
    if places.is_empty() {
        return Ok(args[2].clone());
    }
    let added = places.len().saturating_mul(new.len());
    call.reserve(added.saturating_add(bytes.len()))?;
    let mut out = TextBuilder::with_capacity(call.origins, bytes.len() + added);
    let mut from = 0;
    for at in places {
        out.push_slice(whole, from..at, args[2].origin);
        out.push_str(new, args[1].origin);
        from = at + old.len();
    }
    out.push_slice(whole, from..bytes.len(), args[2].origin);
    Ok(out.finish().into())
}

fn join(call: &mut Call<'_>, args: &[Value]) -> Result {
    let texts = strings(call, &args[1])?;
    let separator = text(args, 0)?;
    let mut out = call.text();
    for (i, text) in texts.iter().enumerate() {
        if i > 0 {
            out.push_str(separator, args[0].origin);
        }
        out.push_str(text, args[1].origin);
        call.check(out.len())?;
    }
    call.reserve(out.len())?;
    Ok(out.finish().into())
}

/// The ranges between separators, at most `limit` of them; without a separator, the characters.
pub(crate) fn split(text: &Str, separator: &[u8], limit: usize) -> Vec<std::ops::Range<usize>> {
    let bytes = text.as_bytes();
    let mut ranges = Vec::new();
    let mut from = 0;
    if separator.is_empty() {
        for (at, _) in unicode::characters(bytes).skip(1) {
            if ranges.len() + 1 == limit {
                break;
            }
            ranges.push(from..at);
            from = at;
        }
        if from < bytes.len() {
            ranges.push(from..bytes.len());
        }
        return ranges;
    }
    for at in memmem::find_iter(bytes, separator) {
        if ranges.len() + 1 == limit {
            break;
        }
        ranges.push(from..at);
        from = at + separator.len();
    }
    ranges.push(from..bytes.len());
    ranges
}

/// A map with the keys `_0`, `_1` and so on.
fn numbered(
    call: &mut Call<'_>,
    args: &[Value],
    index: usize,
    parts: Vec<std::ops::Range<usize>>,
) -> Result {
    let whole = text(args, index)?;
    call.reserve(parts.len() * 2 * size_of::<Value>())?;
    let entries = parts.into_iter().enumerate().map(|(i, range)| {
        let part = slice(call, whole, range, args[index].origin);
        (format!("_{i}").into(), part)
    });
    Ok(Kind::Map(Map::of(MapKind::Strings, entries.collect()).into()).into())
}
