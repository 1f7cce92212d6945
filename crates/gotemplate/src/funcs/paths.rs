//! Paths with `/`.

use super::{Result, text};
use crate::functions::{Call, Function};
use crate::object::Type;
use crate::value::Value;

const STR: Type = Type::Str;

/// What both libraries have.
pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("base", &[STR], base),
    Function::new("osBase", &[STR], base),
    Function::new("dir", &[STR], dir),
    Function::new("osDir", &[STR], dir),
    Function::new("clean", &[STR], |_, args| {
        Ok(clean(text(args, 0)?.as_bytes()).into())
    }),
    Function::new("osClean", &[STR], |_, args| {
        Ok(clean(text(args, 0)?.as_bytes()).into())
    }),
    Function::new("ext", &[STR], ext),
    Function::new("osExt", &[STR], ext),
    Function::new("isAbs", &[STR], is_abs),
    Function::new("osIsAbs", &[STR], is_abs),
];

/// `path.Clean`
pub(crate) fn clean(path: &[u8]) -> Vec<u8> {
    if path.is_empty() {
        return b".".to_vec();
    }
    let rooted = path[0] == b'/';
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => match parts.last() {
                Some(last) if *last != b".." => {
                    parts.pop();
                }
                _ if rooted => {}
                _ => parts.push(part),
            },
            part => parts.push(part),
        }
    }
    let joined = parts.join(&b'/');
    match (rooted, joined.is_empty()) {
        (true, _) => [b"/", joined.as_slice()].concat(),
        (false, true) => b".".to_vec(),
        (false, false) => joined,
    }
}

fn base(_: &mut Call<'_>, args: &[Value]) -> Result {
    let path = text(args, 0)?.as_bytes();
    if path.is_empty() {
        return Ok(".".into());
    }
    let end = path
        .iter()
        .rposition(|byte| *byte != b'/')
        .map_or(0, |at| at + 1);
    let start = memchr::memrchr(b'/', &path[..end]).map_or(0, |at| at + 1);
    Ok(match &path[start..end] {
        [] => "/".into(),
        name => Value::from(name),
    })
}

fn dir(_: &mut Call<'_>, args: &[Value]) -> Result {
    let path = text(args, 0)?.as_bytes();
    let end = memchr::memrchr(b'/', path).map_or(0, |at| at + 1);
    Ok(clean(&path[..end]).into())
}

fn ext(_: &mut Call<'_>, args: &[Value]) -> Result {
    let path = text(args, 0)?.as_bytes();
    let start = memchr::memrchr(b'/', path).map_or(0, |at| at + 1);
    let dot = memchr::memrchr(b'.', &path[start..]);
    Ok(Value::from(dot.map_or(&b""[..], |at| &path[start + at..])))
}

fn is_abs(_: &mut Call<'_>, args: &[Value]) -> Result {
    Ok(text(args, 0)?.as_bytes().starts_with(b"/").into())
}
