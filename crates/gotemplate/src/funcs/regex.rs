//! Regular expressions, with Go's syntax and its way of replacing.

use std::rc::Rc;

use regex::bytes::{Captures, Regex};

use super::strings::slice;
use super::{Result, int, text};
use crate::functions::{Call, Function};
use crate::object::Type;
use crate::origin::Origin;
use crate::text::Str;
use crate::value::{Elem, List, Value};
use tidegate_golang::regexp::compile;

use Type::Int;

const STR: Type = Type::Str;

/// What both libraries have.
pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("regexMatch", &[STR, STR], |call, args| {
        let found = call
            .regex(text(args, 0)?)?
            .is_ok_and(|regex| matches(&regex, args));
        Ok(found.into())
    }),
    Function::new("mustRegexMatch", &[STR, STR], |call, args| {
        let regex = must(call, args)?;
        Ok(matches(&regex, args).into())
    }),
    Function::new("regexFind", &[STR, STR], |call, args| {
        find(call, args, plain)
    }),
    Function::new("mustRegexFind", &[STR, STR], |call, args| {
        find(call, args, must)
    }),
    Function::new("regexFindAll", &[STR, STR, Int], |call, args| {
        find_all(call, args, plain)
    }),
    Function::new("mustRegexFindAll", &[STR, STR, Int], |call, args| {
        find_all(call, args, must)
    }),
    Function::new("regexReplaceAll", &[STR, STR, STR], |call, args| {
        replace(call, args, plain, true)
    }),
    Function::new("mustRegexReplaceAll", &[STR, STR, STR], |call, args| {
        replace(call, args, must, true)
    }),
    Function::new("regexReplaceAllLiteral", &[STR, STR, STR], |call, args| {
        replace(call, args, plain, false)
    }),
    Function::new(
        "mustRegexReplaceAllLiteral",
        &[STR, STR, STR],
        |call, args| replace(call, args, must, false),
    ),
    Function::new("regexSplit", &[STR, STR, Int], |call, args| {
        split(call, args, plain)
    }),
    Function::new("mustRegexSplit", &[STR, STR, Int], |call, args| {
        split(call, args, must)
    }),
    Function::new("regexQuoteMeta", &[STR], |_, args| {
        let mut out = Vec::new();
        for byte in text(args, 0)?.as_bytes() {
            if b"\\.+*?()|[]{}^$".contains(byte) {
                out.push(b'\\');
            }
            out.push(*byte);
        }
        Ok(out.into())
    }),
];

type Compiled = std::result::Result<Rc<Regex>, String>;

/// Expressions that are kept compiled during an execution.
const KEPT: usize = 1000;

impl Call<'_> {
    /// The expression, compiled once; the inner error is Go's.
    fn regex(&mut self, pattern: &Str) -> Result<Compiled> {
        let key = pattern.to_text();
        if pattern.as_utf8().is_none() {
            return Ok(Err(format!("error parsing regexp: invalid UTF-8: `{key}`")));
        }
        if let Some(known) = self.regexes.get(&key) {
            return Ok(known.clone());
        }
        // Compiling costs about as much memory for each byte.
        self.reserve(pattern.len().saturating_mul(100))?;
        let compiled: Compiled = compile(&key).map(Rc::new);
        if self.regexes.len() < KEPT {
            self.regexes.insert(key, compiled.clone());
        }
        Ok(compiled)
    }
}

/// The functions that give no error panic instead, and Go's panic has more words.
fn plain(call: &mut Call<'_>, args: &[Value]) -> Result<Rc<Regex>> {
    let pattern = text(args, 0)?;
    call.regex(pattern)?.map_err(|error| {
        let pattern = pattern.to_text();
        let shown = match pattern.contains('`') {
            true => tidegate_golang::quote(pattern.as_bytes()),
            false => format!("`{pattern}`"),
        };
        format!("regexp: Compile({shown}): {error}").into()
    })
}

fn must(call: &mut Call<'_>, args: &[Value]) -> Result<Rc<Regex>> {
    Ok(call.regex(text(args, 0)?)??)
}

type Compile = fn(&mut Call<'_>, &[Value]) -> Result<Rc<Regex>>;

fn matches(regex: &Regex, args: &[Value]) -> bool {
    args[1]
        .as_str()
        .is_some_and(|text| regex.is_match(text.as_bytes()))
}

fn find(call: &mut Call<'_>, args: &[Value], compile: Compile) -> Result {
    let regex = compile(call, args)?;
    let whole = text(args, 1)?;
    Ok(match regex.find(whole.as_bytes()) {
        Some(found) => slice(call, whole, found.range(), args[1].origin),
        None => "".into(),
    })
}

/// The largest number of matches that is wanted: all for a negative number.
fn limit(args: &[Value]) -> Result<usize> {
    Ok(usize::try_from(int(args, 2)?).unwrap_or(usize::MAX))
}

fn find_all(call: &mut Call<'_>, args: &[Value], compile: Compile) -> Result {
    let regex = compile(call, args)?;
    let whole = text(args, 1)?;
    let mut items = Vec::new();
    for found in regex.find_iter(whole.as_bytes()).take(limit(args)?) {
        items.push(slice(call, whole, found.range(), args[1].origin));
    }
    call.reserve(items.len() * size_of::<Value>())?;
    if items.is_empty() {
        return Ok(List::nil(Elem::Str).into());
    }
    Ok(List::new(items, Elem::Str).into())
}

fn replace(call: &mut Call<'_>, args: &[Value], compile: Compile, expands: bool) -> Result {
    let regex = compile(call, args)?;
    let (whole, replacement) = (text(args, 1)?, text(args, 2)?);
    let bytes = whole.as_bytes();
    let mut out = call.text();
    let mut from = 0;
    for found in regex.captures_iter(bytes) {
        let Some(all) = found.get(0) else { continue };
        out.push_slice(whole, from..all.start(), args[1].origin);
        if expands {
            let mut expanded = Vec::new();
            expand(replacement.as_bytes(), &found, &mut expanded);
            let origin = match expanded.is_empty() {
                true => Origin::NONE,
                false => call.origins.union(args[1].origin, args[2].origin),
            };
            out.push_bytes(&expanded, origin);
        } else {
            out.push_str(replacement, args[2].origin);
        }
        from = all.end();
        call.check(out.len())?;
    }
    out.push_slice(whole, from..bytes.len(), args[1].origin);
    call.reserve(out.len())?;
    Ok(out.finish().into())
}

/// `$1`, `${1}`, `$name` and `${name}` of a replacement; what there is no group for is empty.
fn expand(template: &[u8], found: &Captures<'_>, out: &mut Vec<u8>) {
    let mut rest = template;
    while let Some(at) = memchr::memchr(b'$', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(behind) = rest.strip_prefix(b"$") {
            out.push(b'$');
            rest = behind;
            continue;
        }
        let Some((name, behind)) = group(rest) else {
            out.push(b'$');
            continue;
        };
        rest = behind;
        let group = match name.parse::<usize>() {
            Ok(number) if name.bytes().all(|byte| byte.is_ascii_digit()) => found.get(number),
            _ => found.name(name),
        };
        if let Some(group) = group {
            out.extend_from_slice(group.as_bytes());
        }
    }
    out.extend_from_slice(rest);
}

/// The name behind a `$`, and what is behind it.
fn group(text: &[u8]) -> Option<(&str, &[u8])> {
    let (inner, braces) = match text.strip_prefix(b"{") {
        Some(inner) => (inner, true),
        None => (text, false),
    };
    let length = tidegate_golang::unicode::characters(inner)
        .find(|(_, c)| !tidegate_golang::unicode::is_letter_or_digit(*c))
        .map_or(inner.len(), |(at, _)| at);
    let name = std::str::from_utf8(&inner[..length])
        .ok()
        .filter(|name| !name.is_empty())?;
    let behind = &inner[length..];
    match braces {
        true => Some((name, behind.strip_prefix(b"}")?)),
        false => Some((name, behind)),
    }
}

fn split(call: &mut Call<'_>, args: &[Value], compile: Compile) -> Result {
    let regex = compile(call, args)?;
    let (pattern, whole) = (text(args, 0)?, text(args, 1)?);
    let limit = limit(args)?;
    if limit == 0 {
        return Ok(List::nil(Elem::Str).into());
    }
    if whole.is_empty() && !pattern.is_empty() {
        return Ok(List::new(vec!["".into()], Elem::Str).into());
    }
    let mut items = Vec::new();
    let (mut from, mut end) = (0, 0);
    for found in regex.find_iter(whole.as_bytes()).take(limit) {
        if items.len() + 1 == limit {
            break;
        }
        end = found.start();
        if found.end() != 0 {
            items.push(slice(call, whole, from..end, args[1].origin));
        }
        from = found.end();
    }
    if end != whole.len() {
        items.push(slice(call, whole, from..whole.len(), args[1].origin));
    }
    call.reserve(items.len() * size_of::<Value>())?;
    Ok(List::new(items, Elem::Str).into())
}
