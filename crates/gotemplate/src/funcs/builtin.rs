//! The functions of text/template itself.

use std::cmp::Ordering;

use crate::exec::unprintable;
use crate::fmt::{needs_space, shown, shown_as_string, sprintf};
use crate::functions::{Call, Code, Failure, Function};
use crate::object::Type;
use crate::origin::Origin;
use crate::text::Str;
use tidegate_yaml::SmolStr;

use crate::value::{Elem, Kind, List, Value};

use Type::{Any, Reflect};

/// All of them.
pub(crate) const FUNCTIONS: &[Function] = &[
    Function::special("and", &[Reflect], Code::And),
    Function::special("or", &[Reflect], Code::Or),
    Function::special("call", &[Reflect, Reflect], Code::CallValue),
    Function::new("not", &[Reflect], |_, args| Ok((!args[0].is_true()).into())),
    Function::variadic("html", &[Any], super::escape::html),
    Function::variadic("js", &[Any], super::escape::js),
    Function::variadic("urlquery", &[Any], super::escape::urlquery),
    Function::variadic("index", &[Reflect, Reflect], index),
    Function::variadic("slice", &[Reflect, Reflect], slice),
    Function::new("len", &[Reflect], len),
    Function::variadic("print", &[Any], print),
    Function::variadic("println", &[Any], println),
    Function::variadic("printf", &[Type::Str, Any], printf),
    Function::variadic("eq", &[Reflect, Reflect], |_, args| {
        equal(args).map(Value::from)
    }),
    Function::new("ne", &[Reflect, Reflect], |_, args| {
        Ok((!equal(args)?).into())
    }),
    Function::new("lt", &[Reflect, Reflect], |_, args| {
        less(args).map(Value::from)
    }),
    Function::new("le", &[Reflect, Reflect], |_, args| {
        less_or_equal(args).map(Value::from)
    }),
    Function::new("gt", &[Reflect, Reflect], |_, args| {
        Ok((!less_or_equal(args)?).into())
    }),
    Function::new("ge", &[Reflect, Reflect], |_, args| {
        Ok((!less(args)?).into())
    }),
];

type Result<T> = std::result::Result<T, Failure>;

/// `fmt.Sprint`, with the pieces of strings.
pub(crate) fn sprint(call: &mut Call<'_>, args: &[Value]) -> Result<Str> {
    let mut out = call.text();
    for (i, arg) in args.iter().enumerate() {
        if i > 0 && needs_space(&args[i - 1], arg) {
            out.push_bytes(b" ", Origin::NONE);
        }
        call.print_into(arg, &mut out)?;
        call.check(out.len())?;
    }
    call.reserve(out.len())?;
    Ok(out.finish())
}

fn print(call: &mut Call<'_>, args: &[Value]) -> Result<Value> {
    sprint(call, args).map(Value::from)
}

fn println(call: &mut Call<'_>, args: &[Value]) -> Result<Value> {
    let mut out = call.text();
    for (i, arg) in args.iter().enumerate() {
        if i > 0 {
            out.push_bytes(b" ", Origin::NONE);
        }
        call.print_into(arg, &mut out)?;
        call.check(out.len())?;
    }
    out.push_bytes(b"\n", Origin::NONE);
    call.reserve(out.len())?;
    Ok(out.finish().into())
}

fn printf(call: &mut Call<'_>, args: &[Value]) -> Result<Value> {
    let Some(format) = args[0].as_str() else {
        return Ok(Value::NIL);
    };
    let limit = call.longest();
    let text =
        sprintf(format, args[0].origin, &args[1..], call.origins, limit).map_err(unprintable)?;
    call.reserve(text.len())?;
    Ok(text.into())
}

fn index_of(value: &Value, limit: usize) -> Result<usize> {
    let index = match &value.kind {
        Kind::Int(index) | Kind::Int64(index) => *index,
        Kind::Uint8(index) => i64::from(*index),
        Kind::Uint64(index) => *index as i64,
        Kind::Nil => return Err("cannot index slice/array with nil".into()),
        _ => {
            let name = value.type_name();
            return Err(format!("cannot index slice/array with type {name}").into());
        }
    };
    match usize::try_from(index) {
        Ok(at) if at <= limit => Ok(at),
        _ => Err(format!("index out of range: {index}").into()),
    }
}

fn string_key(index: &Value) -> Result<SmolStr> {
    match &index.kind {
        Kind::Str(key) => Ok(key.to_text()),
        Kind::Nil => Err("value is nil; should be of type string".into()),
        _ => {
            let name = index.type_name();
            Err(format!("value has type {name}; should be string").into())
        }
    }
}

fn index(call: &mut Call<'_>, args: &[Value]) -> Result<Value> {
    let (first, indexes) = args.split_first().ok_or("index of untyped nil")?;
    if first.is_nil() {
        return Err("index of untyped nil".into());
    }
    let mut item = first.clone();
    for index in indexes {
        item = match &item.kind {
            Kind::Nil => return Err("index of nil pointer".into()),
            Kind::Str(text) => {
                let at = index_of(index, text.len())?;
                let byte = text
                    .as_bytes()
                    .get(at)
                    .ok_or("reflect: string index out of range")?;
                Value::from(Kind::Uint8(*byte)).with_origin(item.origin)
            }
            Kind::List(list) => {
                let at = index_of(index, list.items.len())?;
                list.items
                    .get(at)
                    .ok_or("reflect: slice index out of range")?
                    .clone()
            }
            Kind::Map(map) => {
                let key = string_key(index)?;
                map.get(&key).unwrap_or_else(|| {
                    call.mark_missing(item.origin, &key);
                    map.kind.zero()
                })
            }
            Kind::Object(object) => {
                let refused = || format!("can't index item of type {}", item.type_name());
                let entries = object.entries().ok_or_else(refused)?;
                let key = string_key(index)?;
                let found = entries.into_iter().find(|(name, _)| *name == key);
                match found.map(|(_, value)| value).or_else(|| object.field(&key)) {
                    Some(value) => value,
                    None => Value::NIL,
                }
            }
            _ => return Err(format!("can't index item of type {}", item.type_name()).into()),
        };
        call.origins.mark_read(item.origin);
    }
    Ok(item)
}

fn slice(call: &mut Call<'_>, args: &[Value]) -> Result<Value> {
    let (item, indexes) = args.split_first().ok_or("slice of untyped nil")?;
    if item.is_nil() {
        return Err("slice of untyped nil".into());
    }
    if indexes.len() > 3 {
        return Err(format!("too many slice indexes: {}", indexes.len()).into());
    }
    let (length, capacity) = match &item.kind {
        Kind::Str(_) if indexes.len() == 3 => return Err("cannot 3-index slice a string".into()),
        Kind::Str(text) => (text.len(), text.len()),
        Kind::List(list) => (list.items.len(), list.capacity),
        _ => return Err(format!("can't slice item of type {}", item.type_name()).into()),
    };
    let mut bounds = [0, length, capacity];
    for (i, (bound, index)) in bounds.iter_mut().zip(indexes).enumerate() {
        // Unlike `index`, it does not look into an interface.
        if call.is_interface(i + 1) {
            return Err("cannot index slice/array with type interface {}".into());
        }
        *bound = index_of(index, capacity)?;
    }
    let [start, end, capacity] = bounds;
    if start > end {
        return Err(format!("invalid slice index: {start} > {end}").into());
    }
    if end > capacity {
        return Err(format!("invalid slice index: {end} > {capacity}").into());
    }
    match &item.kind {
        Kind::Str(text) => {
            let mut out = call.text();
            out.push_slice(text, start..end, item.origin);
            Ok(out.finish().into())
        }
        Kind::List(list) => Ok(sublist(list, start, end, capacity).with_origin(item.origin)),
        _ => Ok(Value::NIL),
    }
}

/// A part of a slice, which may reach beyond its length.
pub(crate) fn sublist(list: &List, start: usize, end: usize, capacity: usize) -> Value {
    let length = list.items.len();
    let mut items = list.items[start.min(length)..end.min(length)].to_vec();
    let zero = match list.elem {
        Elem::Str => Value::from(""),
        Elem::Int => Kind::Int(0).into(),
        _ => Value::NIL,
    };
    items.resize(end - start, zero);
    List {
        items,
        elem: list.elem,
        capacity: capacity - start,
        is_nil: list.is_nil,
    }
    .into()
}

fn len(call: &mut Call<'_>, args: &[Value]) -> Result<Value> {
    let length = match &args[0].kind {
        Kind::Str(text) => text.len(),
        Kind::JsonNumber(text) => text.len(),
        Kind::List(list) => list.items.len(),
        Kind::Map(map) => map.len(),
        Kind::Nil if call.is_interface(0) => return Err("len of nil pointer".into()),
        Kind::Nil => return Err("reflect: call of reflect.Value.Type on zero Value".into()),
        Kind::Object(object) => match object.entries() {
            Some(entries) => entries.len(),
            None => return Err(format!("len of type {}", object.type_name()).into()),
        },
        _ => return Err(format!("len of type {}", args[0].type_name()).into()),
    };
    Ok(Kind::Int(length as i64).into())
}

/// What values are compared as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Basic<'a> {
    Bool(bool),
    Complex,
    Int,
    Float,
    Str(&'a [u8]),
    Uint,
    Other,
}

fn basic(value: &Value) -> Basic<'_> {
    match &value.kind {
        Kind::Bool(value) => Basic::Bool(*value),
        Kind::Int(_) | Kind::Int64(_) => Basic::Int,
        Kind::Uint64(_) | Kind::Uint8(_) => Basic::Uint,
        Kind::Float(_) => Basic::Float,
        Kind::Complex(..) => Basic::Complex,
        Kind::Str(text) => Basic::Str(text.as_bytes()),
        Kind::JsonNumber(text) => Basic::Str(text.as_bytes()),
        Kind::Object(object) if object.as_int().is_some() => Basic::Int,
        _ => Basic::Other,
    }
}

fn whole(value: &Value) -> i128 {
    match &value.kind {
        Kind::Int(value) | Kind::Int64(value) => i128::from(*value),
        Kind::Uint64(value) => i128::from(*value),
        Kind::Uint8(value) => i128::from(*value),
        Kind::Object(object) => object.as_int().unwrap_or(0).into(),
        _ => 0,
    }
}

fn float(value: &Value) -> f64 {
    match value.kind {
        Kind::Float(value) => value,
        _ => 0.0,
    }
}

fn incompatible(a: &Value, b: &Value) -> Failure {
    let (a, b) = (a.type_name(), b.type_name());
    format!("incompatible types for comparison: {a} and {b}").into()
}

fn equal(args: &[Value]) -> Result<bool> {
    let (first, others) = args
        .split_first()
        .ok_or("missing argument for comparison")?;
    if others.is_empty() {
        return Err("missing argument for comparison".into());
    }
    for other in others {
        if equal_pair(first, other)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn equal_pair(a: &Value, b: &Value) -> Result<bool> {
    Ok(match (basic(a), basic(b)) {
        (Basic::Bool(a), Basic::Bool(b)) => a == b,
        (Basic::Str(a), Basic::Str(b)) => a == b,
        (Basic::Float, Basic::Float) => float(a) == float(b),
        (Basic::Int | Basic::Uint, Basic::Int | Basic::Uint) => whole(a) == whole(b),
        (Basic::Complex, Basic::Complex) => match (&a.kind, &b.kind) {
            (Kind::Complex(a, b), Kind::Complex(c, d)) => a == c && b == d,
            _ => false,
        },
        (Basic::Other, Basic::Other) => return equal_others(a, b),
        _ if a.is_nil() || b.is_nil() => false,
        _ => return Err(incompatible(a, b)),
    })
}

fn is_nil(value: &Value) -> bool {
    match &value.kind {
        Kind::Nil => true,
        Kind::List(list) => list.is_nil,
        Kind::Map(map) => map.is_nil,
        Kind::Object(object) => object.is_nil(),
        _ => false,
    }
}

fn equal_others(a: &Value, b: &Value) -> Result<bool> {
    let comparable = a.kind_name() == b.kind_name() || a.is_nil() || b.is_nil();
    if !comparable {
        return Err(format!(
            "non-comparable types {}: {}, {}: {}",
            shown_as_string(a),
            a.type_name(),
            b.type_name(),
            shown(b)
        )
        .into());
    }
    if is_nil(a) || is_nil(b) {
        return Ok(is_nil(a) == is_nil(b));
    }
    match (&a.kind, &b.kind) {
        (Kind::Object(a), Kind::Object(b)) => {
            Ok(a.type_name() == b.type_name() && a.display() == b.display())
        }
        _ => Err(format!(
            "non-comparable type {}: {}",
            shown_as_string(b),
            b.type_name()
        )
        .into()),
    }
}

fn less(args: &[Value]) -> Result<bool> {
    const INVALID: &str = "invalid type for comparison";
    let (a, b) = (&args[0], &args[1]);
    let (kind_a, kind_b) = (basic(a), basic(b));
    if kind_a == Basic::Other || kind_b == Basic::Other {
        return Err(INVALID.into());
    }
    let order = match (kind_a, kind_b) {
        (Basic::Bool(_), Basic::Bool(_)) | (Basic::Complex, Basic::Complex) => {
            return Err(INVALID.into());
        }
        (Basic::Str(a), Basic::Str(b)) => Some(a.cmp(b)),
        (Basic::Float, Basic::Float) => float(a).partial_cmp(&float(b)),
        (Basic::Int | Basic::Uint, Basic::Int | Basic::Uint) => Some(whole(a).cmp(&whole(b))),
        _ => return Err(incompatible(a, b)),
    };
    Ok(order == Some(Ordering::Less))
}

fn less_or_equal(args: &[Value]) -> Result<bool> {
    Ok(less(args)? || equal(args)?)
}
