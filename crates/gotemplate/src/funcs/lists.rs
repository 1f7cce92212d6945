//! Lists.

use std::collections::HashSet;

use rustc_hash::FxBuildHasher;

use super::cast::strings;
use super::defaults::is_empty;
use super::{NIL_POINTER, Result, list};
use crate::functions::{Call, Failure, Function};
use crate::object::Type;
use crate::value::{Elem, Kind, List, Value};

use Type::{Any, Int};

/// The names of both forms of a function: the plain one, and the one that gives an error. Both end the
/// execution.
macro_rules! both {
    ($name:literal, $must:literal, $params:expr, $code:expr) => {
        [
            Function::new($name, $params, $code),
            Function::new($must, $params, $code),
        ]
    };
}

/// What both libraries have, in both forms.
pub(crate) const PAIRS: &[[Function; 2]] = &[
    both!("append", "mustAppend", &[Any, Any], push),
    both!("push", "mustPush", &[Any, Any], push),
    both!("prepend", "mustPrepend", &[Any, Any], prepend),
    both!("first", "mustFirst", &[Any], |_, args| {
        let list = list(&args[0], "Cannot find first on type")?;
        Ok(list.items.first().cloned().unwrap_or_default())
    }),
    both!("last", "mustLast", &[Any], |_, args| {
        let list = list(&args[0], "Cannot find last on type")?;
        Ok(list.items.last().cloned().unwrap_or_default())
    }),
    both!("rest", "mustRest", &[Any], |_, args| {
        let list = list(&args[0], "Cannot find rest on type")?;
        Ok(match list.items.split_first() {
            Some((_, rest)) => Value::list(rest.to_vec()).with_origin(args[0].origin),
            None => List::nil(Elem::Any).into(),
        })
    }),
    both!("initial", "mustInitial", &[Any], |_, args| {
        let list = list(&args[0], "Cannot find initial on type")?;
        Ok(match list.items.split_last() {
            Some((_, rest)) => Value::list(rest.to_vec()).with_origin(args[0].origin),
            None => List::nil(Elem::Any).into(),
        })
    }),
    both!("reverse", "mustReverse", &[Any], |call, args| {
        let list = list(&args[0], "Cannot find reverse on type")?;
        made(call, args, list.items.iter().rev().cloned().collect())
    }),
    both!("compact", "mustCompact", &[Any], |call, args| {
        let list = list(&args[0], "Cannot compact on type")?;
        made(
            call,
            args,
            list.items
                .iter()
                .filter(|item| !is_empty(item))
                .cloned()
                .collect(),
        )
    }),
    both!("uniq", "mustUniq", &[Any], |call, args| {
        let list = list(&args[0], "Cannot find uniq on type")?;
        let mut seen = Seen::default();
        let mut items = Vec::new();
        for item in &list.items {
            if seen.insert(item)? {
                items.push(item.clone());
            }
        }
        made(call, args, items)
    }),
    both!("has", "mustHas", &[Any, Any], |_, args| {
        if args[1].is_nil() {
            return Ok(false.into());
        }
        let list = list(&args[1], "Cannot find has on type")?;
        let needle = identity(&args[0])?;
        for item in &list.items {
            if same_kind(&args[0], item) && identity(item)? == needle {
                return Ok(true.into());
            }
        }
        Ok(false.into())
    }),
    both!("chunk", "mustChunk", &[Int, Any], chunk),
];

/// What both libraries have, with any number of arguments.
pub(crate) const FUNCTIONS: &[Function] = &[
    Function::variadic("list", &[Any], |call, args| made(call, &[], args.to_vec())),
    Function::variadic("tuple", &[Any], |call, args| made(call, &[], args.to_vec())),
    Function::variadic("without", &[Any, Any], without),
    Function::variadic("mustWithout", &[Any, Any], without),
    Function::variadic("slice", &[Any, Any], slice),
    Function::variadic("mustSlice", &[Any, Any], slice),
    Function::variadic("concat", &[Any], concat),
    Function::new("sortAlpha", &[Any], sort_alpha),
    Function::new("until", &[Int], |call, args| {
        let count = super::int(args, 0)?;
        numbers(call, 0, count, if count < 0 { -1 } else { 1 })
    }),
    Function::new("untilStep", &[Int, Int, Int], |call, args| {
        numbers(
            call,
            super::int(args, 0)?,
            super::int(args, 1)?,
            super::int(args, 2)?,
        )
    }),
];

/// A new list, which came from where the first argument did.
fn made(call: &mut Call<'_>, args: &[Value], items: Vec<Value>) -> Result {
    call.reserve(items.len() * size_of::<Value>())?;
    let origin = args.first().map(|arg| arg.origin).unwrap_or_default();
    Ok(Value::list(items).with_origin(origin))
}

fn push(call: &mut Call<'_>, args: &[Value]) -> Result {
    let list = list(&args[0], "Cannot push on type")?;
    call.reserve((list.items.len() + 1) * size_of::<Value>())?;
    let mut items = Vec::with_capacity(list.items.len() + 1);
    items.extend_from_slice(&list.items);
    items.push(args[1].clone());
    let grown = List {
        capacity: (2 * list.items.len()).max(1),
        items,
        elem: Elem::Any,
        is_nil: false,
    };
    Ok(Value::from(grown).with_origin(args[0].origin))
}

fn prepend(call: &mut Call<'_>, args: &[Value]) -> Result {
    let list = list(&args[0], "Cannot prepend on type")?;
    let mut items = Vec::with_capacity(list.items.len() + 1);
    items.push(args[1].clone());
    items.extend_from_slice(&list.items);
    made(call, args, items)
}

fn chunk(call: &mut Call<'_>, args: &[Value]) -> Result {
    let list = list(&args[1], "Cannot chunk type")?;
    let size = super::int(args, 0)?;
    if list.items.is_empty() {
        return Ok(List::new(Vec::new(), Elem::Lists).into());
    }
    let Some(size) = usize::try_from(size).ok().filter(|size| *size > 0) else {
        return Err("runtime error: makeslice: len out of range".into());
    };
    call.reserve(2 * list.items.len() * size_of::<Value>())?;
    let chunks = list
        .items
        .chunks(size)
        .map(|chunk| Value::list(chunk.to_vec()).with_origin(args[1].origin));
    Ok(List::new(chunks.collect(), Elem::Lists).into())
}

fn without(call: &mut Call<'_>, args: &[Value]) -> Result {
    let list = list(&args[0], "Cannot find without on type")?;
    let mut omitted = Seen::default();
    for arg in &args[1..] {
        omitted.insert(arg)?;
    }
    let mut items = Vec::new();
    for item in &list.items {
        if !omitted.contains(item)? {
            items.push(item.clone());
        }
    }
    made(call, args, items)
}

fn slice(call: &mut Call<'_>, args: &[Value]) -> Result {
    let cast = call.cast();
    let list = list(&args[0], "list should be type of slice or array but")?;
    if list.items.is_empty() {
        return Ok(Value::NIL);
    }
    let start = args.get(1).map_or(0, |start| cast.int(start));
    let end = args
        .get(2)
        .map_or(list.items.len() as i64, |end| cast.int(end));
    match (usize::try_from(start), usize::try_from(end)) {
        (Ok(start), Ok(end)) if start <= end && end <= list.capacity => Ok(
            super::builtin::sublist(list, start, end, list.capacity).with_origin(args[0].origin),
        ),
        _ => Err("reflect.Value.Slice: slice index out of bounds".into()),
    }
}

fn concat(call: &mut Call<'_>, args: &[Value]) -> Result {
    if args.iter().any(Value::is_nil) {
        return Err(NIL_POINTER.into());
    }
    let mut items = Vec::new();
    for arg in args {
        match &arg.kind {
            Kind::List(list) => items.extend_from_slice(&list.items),
            _ => return Err(format!("Cannot concat type {} as list", arg.kind_name()).into()),
        }
    }
    if items.is_empty() {
        return Ok(List::nil(Elem::Any).into());
    }
    made(call, args, items)
}

fn sort_alpha(call: &mut Call<'_>, args: &[Value]) -> Result {
    let mut texts = match &args[0].kind {
        Kind::Nil => return Ok(Value::strings([Value::from("<nil>")])),
        _ => strings(call, &args[0])?,
    };
    texts.sort_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
    Ok(Value::strings(texts.into_iter().map(Value::from)).with_origin(args[0].origin))
}

/// The numbers from `start` up or down to `stop`, without it.
pub(crate) fn steps(
    start: i64,
    stop: i64,
    step: i64,
) -> Option<impl ExactSizeIterator<Item = i64>> {
    let distance = i128::from(stop) - i128::from(start);
    let step = i128::from(step);
    let count = match (distance, step) {
        (distance, step) if distance < 0 && step < 0 => (distance + step + 1) / step,
        (distance, step) if distance > 0 && step > 0 => (distance + step - 1) / step,
        _ => 0,
    };
    let count = u32::try_from(count).ok()? as usize;
    Some((0..count).map(move |i| start.wrapping_add((i as i64).wrapping_mul(step as i64))))
}

fn numbers(call: &mut Call<'_>, start: i64, stop: i64, step: i64) -> Result {
    let Some(steps) = steps(start, stop, step) else {
        return Err(Failure::limit(
            "a list of more than 4,294,967,295 numbers is larger than the limit",
        ));
    };
    call.reserve(steps.len() * size_of::<Value>())?;
    Ok(List::new(steps.map(super::from_int).collect(), Elem::Int).into())
}

/// Values that were seen, told apart as `reflect.DeepEqual` does.
#[derive(Default)]
struct Seen(HashSet<Vec<u8>, FxBuildHasher>);

impl Seen {
    fn insert(&mut self, value: &Value) -> Result<bool> {
        Ok(self.0.insert(identity(value)?))
    }

    fn contains(&self, value: &Value) -> Result<bool> {
        Ok(self.0.contains(&identity(value)?))
    }
}

fn same_kind(a: &Value, b: &Value) -> bool {
    std::mem::discriminant(&a.kind) == std::mem::discriminant(&b.kind)
}

/// Whether two values are deeply equal: of the same types, with the same content.
pub(crate) fn deep_equal(a: &Value, b: &Value) -> Result<bool> {
    Ok(same_kind(a, b) && identity(a)? == identity(b)?)
}

/// Bytes that are equal for deeply equal values only.
fn identity(value: &Value) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    identify(value, &mut out, 0)?;
    Ok(out)
}

/// What an identity may hold: values can be shared so often that they are larger than any memory.
const LARGEST_IDENTITY: usize = 64 << 20;

fn identify(value: &Value, out: &mut Vec<u8>, depth: usize) -> Result<()> {
    if depth > crate::fmt::DEEPEST || out.len() > LARGEST_IDENTITY {
        return Err(Failure::limit(
            "a value is too large or too deep to be compared",
        ));
    }
    let counted = |out: &mut Vec<u8>, bytes: &[u8]| {
        out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        out.extend_from_slice(bytes);
    };
    counted(out, value.type_name().as_bytes());
    match &value.kind {
        Kind::Nil => {}
        Kind::Bool(value) => out.push(u8::from(*value)),
        Kind::Int(value) | Kind::Int64(value) => out.extend_from_slice(&value.to_le_bytes()),
        Kind::Uint64(value) => out.extend_from_slice(&value.to_le_bytes()),
        Kind::Uint8(value) => out.push(*value),
        Kind::Float(value) => {
            let value = if *value == 0.0 { 0.0 } else { *value };
            out.extend_from_slice(&value.to_le_bytes());
        }
        Kind::Complex(real, imaginary) => {
            out.extend_from_slice(&real.to_le_bytes());
            out.extend_from_slice(&imaginary.to_le_bytes());
        }
        Kind::Str(text) => counted(out, text.as_bytes()),
        Kind::JsonNumber(text) => counted(out, text.as_bytes()),
        Kind::List(list) => {
            out.push(u8::from(list.is_nil));
            out.extend_from_slice(&(list.items.len() as u64).to_le_bytes());
            for item in &list.items {
                identify(item, out, depth + 1)?;
            }
        }
        Kind::Map(map) => {
            out.push(u8::from(map.is_nil));
            out.extend_from_slice(&(map.len() as u64).to_le_bytes());
            for (key, item) in map.entries().iter() {
                counted(out, key.as_bytes());
                identify(item, out, depth + 1)?;
            }
        }
        Kind::Object(object) => counted(out, object.display().as_bytes()),
    }
    Ok(())
}
