//! JSON.

use super::{Result, text};
use crate::data::Numbers;
use crate::functions::{Call, Function};
use crate::json::{Style, parse, parse_all, write};
use crate::object::Type;
use crate::value::Value;

use Type::{Any, Str};

/// What both libraries have.
pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("fromJson", &[Str], |call, args| {
        let json = text(args, 0)?;
        call.reserve(json.len())?;
        let read = parse_all(json, args[0].origin, Numbers::Float64, call.origins);
        Ok(read.map_or(Value::NIL, |(value, _)| value))
    }),
    Function::new("mustFromJson", &[Str], |call, args| Ok(read(call, args)??)),
    Function::new("toJson", &[Any], |call, args| {
        lenient(write(call, &args[0], Style::Compact))
    }),
    Function::new("mustToJson", &[Any], |call, args| {
        Ok(write(call, &args[0], Style::Compact)?.into())
    }),
    Function::new("toPrettyJson", &[Any], |call, args| {
        lenient(write(call, &args[0], Style::Pretty))
    }),
    Function::new("mustToPrettyJson", &[Any], |call, args| {
        Ok(write(call, &args[0], Style::Pretty)?.into())
    }),
    Function::new("toRawJson", &[Any], |call, args| {
        Ok(write(call, &args[0], Style::Raw)?.into())
    }),
    Function::new("mustToRawJson", &[Any], |call, args| {
        Ok(write(call, &args[0], Style::Raw)?.into())
    }),
];

/// What cannot be written is an empty string.
fn lenient(written: Result<crate::text::Str>) -> Result {
    match written {
        Ok(text) => Ok(text.into()),
        Err(failure) if failure.kind == crate::error::ErrorKind::Limit => Err(failure),
        Err(_) => Ok("".into()),
    }
}

fn read(call: &mut Call<'_>, args: &[Value]) -> Result<std::result::Result<Value, String>> {
    let json = text(args, 0)?;
    call.reserve(json.len())?;
    Ok(parse(json, args[0].origin, Numbers::Float64, call.origins))
}
