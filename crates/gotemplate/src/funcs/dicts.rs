//! Maps.

use std::collections::BTreeMap;

use tidegate_yaml::SmolStr;

use super::cast::string_value;
use super::{Result, map, text};
use crate::functions::{Call, Failure, Function};
use crate::object::Type;
use crate::value::{Elem, Kind, List, Map, MapKind, Value};

use Type::Any;

const MAP: Type = Type::Map;
const STR: Type = Type::Str;

/// What both libraries have.
pub(crate) const FUNCTIONS: &[Function] = &[
    Function::variadic("dict", &[Any], dict),
    Function::new("get", &[MAP, STR], |call, args| {
        let value = map(args, 0)?.get(&key(args, 1)?);
        Ok(match value {
            Some(value) => {
                call.origins.mark_read(value.origin);
                value
            }
            None => {
                call.mark_missing(args[0].origin, &key(args, 1)?);
                "".into()
            }
        })
    }),
    Function::new("set", &[MAP, STR, Any], |call, args| {
        let dict = map(args, 0)?;
        if dict.is_nil {
            return Err("assignment to entry in nil map".into());
        }
        let value = args[2].clone().influenced(call.control(), call.origins);
        dict.insert(key(args, 1)?, value);
        Ok(args[0].clone())
    }),
    Function::new("unset", &[MAP, STR], |_, args| {
        map(args, 0)?.entries_mut().remove(&key(args, 1)?);
        Ok(args[0].clone())
    }),
    Function::new("hasKey", &[MAP, STR], |call, args| {
        let value = map(args, 0)?.get(&key(args, 1)?);
        match &value {
            Some(value) => call.origins.mark_read(value.origin),
            None => call.mark_missing(args[0].origin, &key(args, 1)?),
        }
        Ok(value.is_some().into())
    }),
    Function::variadic("pluck", &[STR, MAP], |_, args| {
        let key = key(args, 0)?;
        let found = (1..args.len()).filter_map(|i| map(args, i).ok()?.get(&key));
        Ok(Value::list(found.collect()))
    }),
    Function::variadic("keys", &[MAP], |call, args| {
        let mut keys = Vec::new();
        for i in 0..args.len() {
            let map = map(args, i)?;
            let entries = map.entries();
            keys.extend(
                entries
                    .iter()
                    .map(|(key, value)| Value::from(key.clone()).with_origin(value.origin)),
            );
        }
        call.reserve(keys.len() * size_of::<Value>())?;
        Ok(List::new(keys, Elem::Str).into())
    }),
    Function::variadic("pick", &[MAP, STR], |call, args| {
        let from = map(args, 0)?;
        let mut picked = BTreeMap::new();
        for i in 1..args.len() {
            let key = key(args, i)?;
            if let Some(value) = from.get(&key) {
                call.origins.mark_read(value.origin);
                picked.insert(key, value);
            }
        }
        Ok(Value::map(picked).with_origin(args[0].origin))
    }),
    Function::variadic("omit", &[MAP, STR], |call, args| {
        let from = map(args, 0)?;
        let mut kept = from.entries().clone();
        call.reserve(kept.len() * size_of::<Value>())?;
        for i in 1..args.len() {
            kept.remove(&key(args, i)?);
        }
        Ok(Value::map(kept).with_origin(args[0].origin))
    }),
    Function::new("values", &[MAP], |call, args| {
        let values: Vec<Value> = map(args, 0)?.entries().values().cloned().collect();
        call.reserve(values.len() * size_of::<Value>())?;
        Ok(Value::list(values).with_origin(args[0].origin))
    }),
    Function::variadic("dig", &[Any], dig),
];

/// `deepCopy`, which slim-sprig has not.
pub(crate) const SPRIG: &[Function] = &[
    Function::new("deepCopy", &[Any], copy),
    Function::new("mustDeepCopy", &[Any], copy),
];

fn key(args: &[Value], index: usize) -> Result<SmolStr> {
    Ok(text(args, index)?.to_text())
}

fn dict(call: &mut Call<'_>, args: &[Value]) -> Result {
    let mut entries = BTreeMap::new();
    for pair in args.chunks(2) {
        let key = string_value(call, &pair[0])?.to_text();
        entries.insert(key, pair.get(1).cloned().unwrap_or_else(|| "".into()));
    }
    call.reserve(size_of_val(args))?;
    Ok(Value::map(entries))
}

fn dig(call: &mut Call<'_>, args: &[Value]) -> Result {
    let [keys @ .., default, dict] = args else {
        return Err("dig needs at least three arguments".into());
    };
    if keys.is_empty() {
        return Err("dig needs at least three arguments".into());
    }
    let refused = |value: &Value, wanted: &str| -> Failure {
        let name = match value.is_nil() {
            true => "nil".into(),
            false => value.type_name(),
        };
        format!("interface conversion: interface {{}} is {name}, not {wanted}").into()
    };
    let as_map = |value: &Value| match &value.kind {
        Kind::Map(map) if map.kind == MapKind::Any => Ok(map.clone()),
        _ => Err(refused(value, "map[string]interface {}")),
    };
    let mut current = as_map(dict)?;
    let mut origin = dict.origin;
    let mut names = Vec::with_capacity(keys.len());
    for key in keys {
        names.push(
            key.as_str()
                .ok_or_else(|| refused(key, "string"))?
                .to_text(),
        );
    }
    for (i, name) in names.iter().enumerate() {
        let Some(value) = current.get(name) else {
            call.mark_missing(origin, name);
            return Ok(default.clone());
        };
        origin = value.origin;
        call.origins.mark_read(value.origin);
        if i + 1 == names.len() {
            return Ok(value);
        }
        current = as_map(&value)?;
    }
    Ok(default.clone())
}

fn copy(call: &mut Call<'_>, args: &[Value]) -> Result {
    if args[0].is_nil() {
        return Err("reflect: call of reflect.Value.Type on zero Value".into());
    }
    deep_copy(call, &args[0], 0)
}

/// A copy that shares nothing that can be changed.
pub(crate) fn deep_copy(call: &mut Call<'_>, value: &Value, depth: usize) -> Result {
    if depth > crate::fmt::DEEPEST {
        return Err(Failure::limit(format!(
            "values are nested more than {} deep",
            crate::fmt::DEEPEST
        )));
    }
    let kind = match &value.kind {
        Kind::Map(map) if let Some(copy) = map.copied_again() => Kind::Map(std::rc::Rc::new(copy)),
        Kind::Map(map) => {
            call.reserve(map.len() * size_of::<Value>())?;
            let entries: Vec<(SmolStr, Value)> = {
                let entries = map.entries();
                entries
                    .iter()
                    .map(|(key, item)| (key.clone(), item.clone()))
                    .collect()
            };
            let mut copy = BTreeMap::new();
            for (key, item) in entries {
                copy.insert(key, deep_copy(call, &item, depth + 1)?);
            }
            Kind::Map(std::rc::Rc::new(Map::of(map.kind, copy)))
        }
        Kind::List(list) => {
            call.reserve(list.items.len() * size_of::<Value>())?;
            let mut items = Vec::with_capacity(list.items.len());
            for item in &list.items {
                items.push(deep_copy(call, item, depth + 1)?);
            }
            Kind::List(std::rc::Rc::new(List {
                capacity: items.len(),
                items,
                elem: list.elem,
                is_nil: list.is_nil,
            }))
        }
        kind => kind.clone(),
    };
    Ok(Value::from(kind).with_origin(value.origin))
}
