//! Defaults, and questions about values.

use super::lists::deep_equal;
use super::{boolean, text};
use crate::error::ErrorKind;
use crate::functions::{Failure, Function};
use crate::object::Type;
use crate::value::{Kind, Value};

use Type::{Any, Bool, Str};

/// What both libraries have.
pub(crate) const FUNCTIONS: &[Function] = &[
    Function::variadic("default", &[Any, Any], |call, args| {
        Ok(match args.get(1) {
            Some(given) if !is_empty(given) => given.clone(),
            given => {
                let passed_over = given.cloned().unwrap_or_default();
                call.chosen(args[0].clone(), &[passed_over])
            }
        })
    }),
    Function::new("empty", &[Any], |_, args| Ok(is_empty(&args[0]).into())),
    Function::variadic("coalesce", &[Any], |call, args| {
        let Some(at) = args.iter().position(|arg| !is_empty(arg)) else {
            return Ok(Value::NIL);
        };
        Ok(call.chosen(args[at].clone(), &args[..at]))
    }),
    Function::variadic("all", &[Any], |_, args| {
        Ok(args.iter().all(|arg| !is_empty(arg)).into())
    }),
    Function::variadic("any", &[Any], |_, args| {
        Ok(args.iter().any(|arg| !is_empty(arg)).into())
    }),
    Function::new("ternary", &[Any, Any, Bool], |call, args| {
        let chosen = args[usize::from(!boolean(args, 2)?)].clone();
        Ok(call.chosen(chosen, &args[2..]))
    }),
    Function::new("typeOf", &[Any], |_, args| Ok(type_of(&args[0]))),
    Function::new("typeIs", &[Str, Any], |_, args| {
        Ok((text(args, 0)?.as_bytes() == args[1].type_name().as_bytes()).into())
    }),
    Function::new("typeIsLike", &[Str, Any], |_, args| {
        let (wanted, name) = (text(args, 0)?.as_bytes(), args[1].type_name());
        let name = name.as_bytes();
        Ok((wanted == name || name.strip_prefix(b"*") == Some(wanted)).into())
    }),
    Function::new("kindOf", &[Any], |_, args| Ok(args[0].kind_name().into())),
    Function::new("kindIs", &[Str, Any], |_, args| {
        Ok((text(args, 0)?.as_bytes() == args[1].kind_name().as_bytes()).into())
    }),
    Function::new("deepEqual", &[Any, Any], |_, args| {
        Ok(deep_equal(&args[0], &args[1])?.into())
    }),
    Function::new("fail", &[Str], |_, args| {
        let message = text(args, 0)?.to_text();
        Err(Failure::new(ErrorKind::Fail, message))
    }),
];

fn type_of(value: &Value) -> Value {
    value.type_name().as_ref().into()
}

/// sprig's idea of an empty value: structs never are.
pub(crate) fn is_empty(value: &Value) -> bool {
    match &value.kind {
        Kind::Object(object) if object.kind_name() == "struct" => false,
        _ => !value.is_true(),
    }
}
