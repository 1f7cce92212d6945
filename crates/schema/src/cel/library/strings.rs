use smol_str::SmolStr;

use crate::cel::eval::Context;
use crate::cel::signature::{Function, Sig, function, method};
use crate::cel::value::{Failure, Value};

type Outcome<'v> = Result<Value<'v>, Failure>;

const TEXTS: Sig = Sig::List(&Sig::Str);

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "contains",
        overloads: &[method(
            "contains_string",
            &[Sig::Str, Sig::Str],
            Sig::Bool,
            |_, args| {
                Ok(Value::Bool(
                    text(args, 0)?.contains(text(args, 1)?.as_str()),
                ))
            },
        )],
    },
    Function {
        name: "startsWith",
        overloads: &[method(
            "starts_with_string",
            &[Sig::Str, Sig::Str],
            Sig::Bool,
            |_, args| {
                Ok(Value::Bool(
                    text(args, 0)?.starts_with(text(args, 1)?.as_str()),
                ))
            },
        )],
    },
    Function {
        name: "endsWith",
        overloads: &[method(
            "ends_with_string",
            &[Sig::Str, Sig::Str],
            Sig::Bool,
            |_, args| {
                Ok(Value::Bool(
                    text(args, 0)?.ends_with(text(args, 1)?.as_str()),
                ))
            },
        )],
    },
    Function {
        name: "charAt",
        overloads: &[method(
            "string_char_at_int",
            &[Sig::Str, Sig::Int],
            Sig::Str,
            |_, args| {
                let chars = chars(args, 0)?;
                let index = within(int(args, 1)?, chars.len())?;
                Ok(Value::text(String::from_iter(chars.get(index))))
            },
        )],
    },
    Function {
        name: "indexOf",
        overloads: &[
            method(
                "string_index_of_string",
                &[Sig::Str, Sig::Str],
                Sig::Int,
                index_of,
            ),
            method(
                "string_index_of_string_int",
                &[Sig::Str, Sig::Str, Sig::Int],
                Sig::Int,
                index_of,
            ),
        ],
    },
    Function {
        name: "lastIndexOf",
        overloads: &[
            method(
                "string_last_index_of_string",
                &[Sig::Str, Sig::Str],
                Sig::Int,
                last_index_of,
            ),
            method(
                "string_last_index_of_string_int",
                &[Sig::Str, Sig::Str, Sig::Int],
                Sig::Int,
                last_index_of,
            ),
        ],
    },
    Function {
        name: "lowerAscii",
        overloads: &[method(
            "string_lower_ascii",
            &[Sig::Str],
            Sig::Str,
            |_, args| Ok(Value::text(text(args, 0)?.to_ascii_lowercase())),
        )],
    },
    Function {
        name: "upperAscii",
        overloads: &[method(
            "string_upper_ascii",
            &[Sig::Str],
            Sig::Str,
            |_, args| Ok(Value::text(text(args, 0)?.to_ascii_uppercase())),
        )],
    },
    Function {
        name: "replace",
        overloads: &[
            method(
                "string_replace_string_string",
                &[Sig::Str, Sig::Str, Sig::Str],
                Sig::Str,
                replace,
            ),
            method(
                "string_replace_string_string_int",
                &[Sig::Str, Sig::Str, Sig::Str, Sig::Int],
                Sig::Str,
                replace,
            ),
        ],
    },
    Function {
        name: "split",
        overloads: &[
            method("string_split_string", &[Sig::Str, Sig::Str], TEXTS, split),
            method(
                "string_split_string_int",
                &[Sig::Str, Sig::Str, Sig::Int],
                TEXTS,
                split,
            ),
        ],
    },
    Function {
        name: "substring",
        overloads: &[
            method(
                "string_substring_int",
                &[Sig::Str, Sig::Int],
                Sig::Str,
                substring,
            ),
            method(
                "string_substring_int_int",
                &[Sig::Str, Sig::Int, Sig::Int],
                Sig::Str,
                substring,
            ),
        ],
    },
    Function {
        name: "trim",
        overloads: &[method("string_trim", &[Sig::Str], Sig::Str, |_, args| {
            Ok(Value::text(text(args, 0)?.trim()))
        })],
    },
    Function {
        name: "join",
        overloads: &[
            method("list_join", &[TEXTS], Sig::Str, join),
            method("list_join_string", &[TEXTS, Sig::Str], Sig::Str, join),
        ],
    },
    Function {
        name: "strings.quote",
        overloads: &[function(
            "strings_quote",
            &[Sig::Str],
            Sig::Str,
            |_, args| Ok(Value::text(quote(text(args, 0)?))),
        )],
    },
];

/// An argument that is text.
pub(super) fn text<'a>(args: &'a [Value<'_>], index: usize) -> Result<&'a SmolStr, Failure> {
    match args.get(index) {
        Some(Value::Str(text)) => Ok(text),
        _ => Err(Failure::no_such_overload()),
    }
}

/// An argument that is a whole number.
pub(super) fn int(args: &[Value<'_>], index: usize) -> Result<i64, Failure> {
    match args.get(index) {
        Some(Value::Int(value)) => Ok(*value),
        _ => Err(Failure::no_such_overload()),
    }
}

fn chars(args: &[Value<'_>], index: usize) -> Result<Vec<char>, Failure> {
    Ok(text(args, index)?.chars().collect())
}

fn within(index: i64, length: usize) -> Result<usize, Failure> {
    let valid = usize::try_from(index).ok().filter(|index| *index <= length);
    valid.ok_or_else(|| Failure::new(format!("index out of range: {index}")))
}

/// How many characters stand in front of an offset in bytes.
fn chars_before(text: &str, offset: usize) -> usize {
    text[..offset].chars().count()
}

fn index_of<'v>(_: &mut Context<'v>, args: &[Value<'v>]) -> Outcome<'v> {
    let (text, part) = (text(args, 0)?, text(args, 1)?);
    let offset = if args.len() > 2 { int(args, 2)? } else { 0 };
    let length = text.chars().count();
    let start = usize::try_from(offset)
        .map_err(|_| Failure::new(format!("index out of range: {offset}")))?;
    if part.is_empty() {
        return Ok(Value::Int(start.min(length) as i64));
    }
    let byte = text.char_indices().nth(start).map(|(byte, _)| byte);
    let found = byte.and_then(|byte| Some(byte + text[byte..].find(part.as_str())?));
    Ok(Value::Int(
        found.map_or(-1, |byte| chars_before(text, byte) as i64),
    ))
}

fn last_index_of<'v>(_: &mut Context<'v>, args: &[Value<'v>]) -> Outcome<'v> {
    let (text, part) = (text(args, 0)?, text(args, 1)?);
    let length = text.chars().count();
    let last = match args.len() {
        2 if part.is_empty() => return Ok(Value::Int(length as i64)),
        2 => length.saturating_sub(1),
        _ => {
            let offset = int(args, 2)?;
            let start = usize::try_from(offset)
                .map_err(|_| Failure::new(format!("index out of range: {offset}")))?;
            if part.is_empty() {
                return Ok(Value::Int(start.min(length) as i64));
            }
            if start >= length {
                return Ok(Value::Int(-1));
            }
            start
        }
    };
    // A find may begin at `last` at the latest, and so ends this many characters later.
    let end = last.saturating_add(part.chars().count());
    let end = text
        .char_indices()
        .nth(end)
        .map_or(text.len(), |(byte, _)| byte);
    let found = text[..end].rfind(part.as_str());
    Ok(Value::Int(
        found.map_or(-1, |byte| chars_before(text, byte) as i64),
    ))
}

fn replace<'v>(_: &mut Context<'v>, args: &[Value<'v>]) -> Outcome<'v> {
    let (text, from, to) = (text(args, 0)?, text(args, 1)?, text(args, 2)?);
    let count = if args.len() > 3 { int(args, 3)? } else { -1 };
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    Ok(Value::text(text.replacen(from.as_str(), to, count)))
}

fn split<'v>(_: &mut Context<'v>, args: &[Value<'v>]) -> Outcome<'v> {
    let (text, separator) = (text(args, 0)?, text(args, 1)?);
    let count = if args.len() > 2 { int(args, 2)? } else { -1 };
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let parts: Vec<Value<'v>> = match count {
        0 => Vec::new(),
        // Go splits at each character where nothing separates.
        _ if separator.is_empty() => {
            let mut parts = Vec::new();
            let mut rest = text.as_str();
            while let Some(c) = rest.chars().next() {
                if parts.len() + 1 == count {
                    parts.push(Value::text(rest));
                    break;
                }
                let (first, more) = rest.split_at(c.len_utf8());
                parts.push(Value::text(first));
                rest = more;
            }
            parts
        }
        _ => text
            .splitn(count, separator.as_str())
            .map(Value::text)
            .collect(),
    };
    Ok(Value::list(parts))
}

fn substring<'v>(_: &mut Context<'v>, args: &[Value<'v>]) -> Outcome<'v> {
    let chars = chars(args, 0)?;
    let start = int(args, 1)?;
    let end = match args.len() {
        2 => chars.len(),
        _ => {
            let end = int(args, 2)?;
            if start > end {
                return Err(Failure::new(format!(
                    "invalid substring range. start: {start}, end: {end}"
                )));
            }
            within(start, chars.len())?;
            within(end, chars.len())?
        }
    };
    let start = within(start, chars.len())?;
    Ok(Value::text(String::from_iter(&chars[start..end])))
}

fn join<'v>(_: &mut Context<'v>, args: &[Value<'v>]) -> Outcome<'v> {
    let separator = if args.len() > 1 {
        text(args, 1)?.as_str()
    } else {
        ""
    };
    let mut out = String::new();
    for (i, item) in super::operators::list(&args[0])?.iter().enumerate() {
        if i > 0 {
            out.push_str(separator);
        }
        match item? {
            Value::Str(text) => out.push_str(&text),
            other => {
                let shown = super::string_format::show(&other);
                return Err(Failure::new(format!("join: invalid input: {shown}")));
            }
        }
    }
    Ok(Value::text(out))
}

/// Text in double quotes, what cannot be seen escaped.
pub(super) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}
