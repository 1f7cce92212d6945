//! What Helm adds: YAML and JSON, `include`, `tpl`, `required`, and `lookup`.

use std::collections::BTreeMap;

use super::yaml::{lenient, read, to_yaml, write, write_indented, write_line};
use super::{Result, text};
use crate::data::Numbers;
use crate::error::ErrorKind;
use crate::functions::{Call, Failure, Function};
use crate::object::Type;
use crate::value::{Elem, Kind, List, Map, MapKind, Value};

use Type::{Any, Str};

/// How often Helm lets a template include itself.
const NESTED_INCLUDES: usize = 1000;

/// What Helm adds to sprig.
pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("toYaml", &[Any], |call, args| {
        Ok(to_yaml(call, &args[0])?.into())
    }),
    Function::new("mustToYaml", &[Any], |call, args| {
        Ok(write(call, &args[0])?.into())
    }),
    Function::new("toYamlPretty", &[Any], |call, args| {
        Ok(lenient(write_indented(call, &args[0]))?.into())
    }),
    Function::new("fromYaml", &[Str], |call, args| {
        let value = read(call, args)?.transpose();
        Ok(value.map_or_else(|| Map::default().into(), |value| as_map(value, DECODING)))
    }),
    Function::new("fromYamlArray", &[Str], |call, args| {
        let value = read(call, args)?.transpose();
        Ok(value.map_or_else(|| Value::list(Vec::new()), |value| as_list(value, DECODING)))
    }),
    Function::new("fromJson", &[Str], |call, args| {
        let value = read_json(call, args)?;
        Ok(as_map(value, ""))
    }),
    Function::new("fromJsonArray", &[Str], |call, args| {
        let value = read_json(call, args)?;
        Ok(as_list(value, ""))
    }),
    Function::new("toToml", &[Any], |call, args| {
        Ok(super::toml::lenient(call, &args[0])?.into())
    }),
    Function::new("mustToToml", &[Any], |call, args| {
        Ok(super::toml::write(call, &args[0])?.into())
    }),
    Function::new("fromToml", &[Str], |call, args| {
        let value = super::toml::read(call, args)?;
        Ok(as_map(value, ""))
    }),
    Function::new("include", &[Str, Any], |call, args| {
        let name = text(args, 0)?.to_text();
        Ok(call.include(&name, &args[1], NESTED_INCLUDES)?.into())
    }),
    Function::new("tpl", &[Str, Any], |call, args| {
        Ok(call.tpl(text(args, 0)?, args[0].origin, &args[1])?.into())
    }),
    Function::new("required", &[Str, Any], |_, args| {
        let missing = match &args[1].kind {
            Kind::Nil => true,
            Kind::Str(text) => text.is_empty(),
            _ => false,
        };
        if !missing {
            return Ok(args[1].clone());
        }
        let message = text(args, 0)?.to_text();
        Err(Failure::new(ErrorKind::Required, message))
    }),
    Function::host("lookup", &[Str, Str, Str, Str]),
    // Helm asks no name server unless it is told to.
    Function::new("getHostByName", &[Str], |_, _| Ok("".into())),
];

/// What ResourceSets add to slim-sprig.
pub(crate) const FLUX: &[Function] = &[
    Function::new("toYaml", &[Any], |call, args| {
        Ok(lenient(write_line(call, &args[0]))?.into())
    }),
    Function::new("mustToYaml", &[Any], |call, args| {
        Ok(write_line(call, &args[0])?.into())
    }),
];

fn read_json(call: &mut Call<'_>, args: &[Value]) -> Result<std::result::Result<Value, String>> {
    let json = text(args, 0)?;
    call.reserve(json.len())?;
    Ok(crate::json::parse(
        json,
        args[0].origin,
        Numbers::Float64,
        call.origins,
    ))
}

/// What the YAML library says before errors of the JSON one.
const DECODING: &str = "error unmarshaling JSON: while decoding JSON: ";

/// The JSON name of what was found where something else was wanted.
fn json_type(value: &Value) -> &'static str {
    match &value.kind {
        Kind::Bool(_) => "bool",
        Kind::Str(_) => "string",
        Kind::List(_) => "array",
        Kind::Map(_) => "object",
        _ => "number",
    }
}

/// A map; an error, or what is no map, is the value of its key `Error`.
fn as_map(value: std::result::Result<Value, String>, before: &str) -> Value {
    let error = match value {
        Ok(value) if value.as_map().is_some() => return value,
        Ok(value) if value.is_nil() => return Map::nil(MapKind::Any).into(),
        Ok(value) => {
            let found = json_type(&value);
            format!(
                "{before}json: cannot unmarshal {found} into Go value of type map[string]interface {{}}"
            )
        }
        Err(error) => error,
    };
    Value::map(BTreeMap::from([("Error".into(), error.into())]))
}

/// A list; an error, or what is no list, is its only item.
fn as_list(value: std::result::Result<Value, String>, before: &str) -> Value {
    let error = match value {
        Ok(value) if value.as_list().is_some() => return value,
        Ok(value) if value.is_nil() => return List::nil(Elem::Any).into(),
        Ok(value) => {
            let found = json_type(&value);
            format!("{before}json: cannot unmarshal {found} into Go value of type []interface {{}}")
        }
        Err(error) => error,
    };
    Value::list(vec![error.into()])
}
