//! The functions, by what they are about.

pub(crate) mod builtin;
pub(crate) mod case;
pub(crate) mod cast;
pub(crate) mod certs;
pub(crate) mod crypto;
pub(crate) mod dates;
pub(crate) mod defaults;
mod der;
pub(crate) mod dicts;
pub(crate) mod durations;
pub(crate) mod encoding;
pub(crate) mod escape;
pub(crate) mod helm;
pub(crate) mod json;
pub(crate) mod lists;
pub(crate) mod math;
pub(crate) mod merge;
pub(crate) mod paths;
pub(crate) mod random;
pub(crate) mod regex;
pub(crate) mod semver;
pub(crate) mod slug;
pub(crate) mod strings;
pub(crate) mod toml;
mod unidecode;
pub(crate) mod urls;
mod words;
pub(crate) mod yaml;

use crate::functions::Failure;
use crate::text::Str;
use crate::value::{Kind, List, Map, Value};
use std::rc::Rc;

/// What functions give.
pub(crate) type Result<T = Value> = std::result::Result<T, Failure>;

/// What Go says of a nil where a value is needed.
pub(crate) const NIL_POINTER: &str =
    "runtime error: invalid memory address or nil pointer dereference";

/// An argument that the signature says is a string.
pub(crate) fn text(args: &[Value], index: usize) -> Result<&Str> {
    args.get(index)
        .and_then(Value::as_str)
        .ok_or_else(|| wrong("string"))
}

/// An argument that the signature says is an `int`.
pub(crate) fn int(args: &[Value], index: usize) -> Result<i64> {
    match args.get(index).map(|arg| &arg.kind) {
        Some(Kind::Int(value)) => Ok(*value),
        _ => Err(wrong("int")),
    }
}

/// An argument that the signature says is a `bool`.
pub(crate) fn boolean(args: &[Value], index: usize) -> Result<bool> {
    match args.get(index).map(|arg| &arg.kind) {
        Some(Kind::Bool(value)) => Ok(*value),
        _ => Err(wrong("bool")),
    }
}

/// An argument that the signature says is a map.
pub(crate) fn map(args: &[Value], index: usize) -> Result<&Rc<Map>> {
    args.get(index)
        .and_then(Value::as_map)
        .ok_or_else(|| wrong("map[string]interface {}"))
}

/// Signatures are checked before a call; a function that was called otherwise says so.
fn wrong(wanted: &str) -> Failure {
    format!("wrong type for value; expected {wanted}").into()
}

/// A slice of any type, or what Go says of anything else.
pub(crate) fn list<'a>(value: &'a Value, refusal: &str) -> Result<&'a Rc<List>> {
    match &value.kind {
        Kind::List(list) => Ok(list),
        Kind::Nil => Err(NIL_POINTER.into()),
        _ => Err(format!("{refusal} {}", value.kind_name()).into()),
    }
}

/// A whole number.
pub(crate) fn from_int(value: i64) -> Value {
    Kind::Int(value).into()
}
