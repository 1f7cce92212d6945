//! `merge` and `mergeOverwrite`, as the library mergo merges maps.

use std::rc::Rc;

use tidegate_yaml::SmolStr;

use super::Result;
use crate::functions::{Call, Failure, Function};
use crate::object::Type;
use crate::value::{Kind, Map, Value};

const MAP: Type = Type::Map;

/// What sprig alone has.
pub(crate) const SPRIG: &[Function] = &[
    Function::variadic("merge", &[MAP, MAP], |call, args| {
        merge_all(call, args, false)
    }),
    Function::variadic("mustMerge", &[MAP, MAP], |call, args| {
        merge_all(call, args, false)
    }),
    Function::variadic("mergeOverwrite", &[MAP, MAP], |call, args| {
        merge_all(call, args, true)
    }),
    Function::variadic("mustMergeOverwrite", &[MAP, MAP], |call, args| {
        merge_all(call, args, true)
    }),
];

fn merge_all(call: &mut Call<'_>, args: &[Value], overwrite: bool) -> Result {
    let target = match &args[0].kind {
        // Go makes a new map of the nil one, which only the result shows.
        Kind::Map(map) if map.is_nil => Value::from(Map::default()),
        _ => args[0].clone(),
    };
    let into = super::map(std::slice::from_ref(&target), 0)?;
    for i in 1..args.len() {
        merge(call, into, super::map(args, i)?, overwrite, 0)?;
    }
    Ok(target)
}

/// Fills what `into` has not, or has empty, from `from`; with `overwrite`, what `from` has counts.
fn merge(
    call: &mut Call<'_>,
    into: &Rc<Map>,
    from: &Rc<Map>,
    overwrite: bool,
    depth: usize,
) -> Result<()> {
    if depth > crate::fmt::DEEPEST {
        return Err(Failure::limit(format!(
            "values are nested more than {} deep",
            crate::fmt::DEEPEST
        )));
    }
    call.reserve(from.len() * size_of::<Value>())?;
    let entries: Vec<(SmolStr, Value)> = {
        let entries = from.entries();
        entries
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    };
    for (key, value) in entries {
        let old = into.get(&key);
        if value.is_nil() {
            if overwrite {
                into.insert(key, value);
            }
            continue;
        }
        if let Some(old) = &old {
            if let (Kind::Map(old), Kind::Map(new)) = (&old.kind, &value.kind) {
                merge(call, old, new, overwrite, depth + 1)?;
                if !old.is_empty() {
                    continue;
                }
            } else if !is_empty(old) && !overwrite {
                continue;
            }
        }
        into.insert(key, value);
    }
    Ok(())
}

/// mergo's idea of an empty value: numbers that are zero, too.
fn is_empty(value: &Value) -> bool {
    match &value.kind {
        Kind::Object(_) | Kind::Complex(..) => false,
        _ => !value.is_true(),
    }
}
