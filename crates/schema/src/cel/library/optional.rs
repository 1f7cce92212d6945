use std::rc::Rc;

use super::operators::list;
use crate::cel::signature::{Function, Sig, function, method};
use crate::cel::value::{Failure, Value};

const OPTIONAL: Sig = Sig::Optional(&Sig::A);
const LIST: Sig = Sig::List(&Sig::A);
const OPTIONALS: Sig = Sig::List(&OPTIONAL);

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "optional.of",
        overloads: &[function("optional_of", &[Sig::A], OPTIONAL, |_, args| {
            Ok(Value::some(args[0].clone()))
        })],
    },
    Function {
        name: "optional.ofNonZeroValue",
        overloads: &[function(
            "optional_ofNonZeroValue",
            &[Sig::A],
            OPTIONAL,
            |_, args| {
                Ok(match args[0].is_zero() {
                    true => Value::Optional(None),
                    false => Value::some(args[0].clone()),
                })
            },
        )],
    },
    Function {
        name: "optional.none",
        overloads: &[function("optional_none", &[], OPTIONAL, |_, _| {
            Ok(Value::Optional(None))
        })],
    },
    Function {
        name: "value",
        overloads: &[method("optional_value", &[OPTIONAL], Sig::A, |_, args| {
            optional(&args[0])?
                .map(|value| (*value).clone())
                .ok_or_else(|| Failure::new("optional.none() dereference"))
        })],
    },
    Function {
        name: "hasValue",
        overloads: &[method(
            "optional_hasValue",
            &[OPTIONAL],
            Sig::Bool,
            |_, args| Ok(Value::Bool(optional(&args[0])?.is_some())),
        )],
    },
    // The interpreter evaluates the second argument only where it is needed.
    Function {
        name: "or",
        overloads: &[method(
            "optional_or_optional",
            &[OPTIONAL, OPTIONAL],
            OPTIONAL,
            |_, args| {
                optional(&args[0])?;
                Ok(args[1].clone())
            },
        )],
    },
    Function {
        name: "orValue",
        overloads: &[method(
            "optional_orValue_value",
            &[OPTIONAL, Sig::A],
            Sig::A,
            |_, args| {
                optional(&args[0])?;
                Ok(args[1].clone())
            },
        )],
    },
    Function {
        name: "first",
        overloads: &[method("list_first", &[LIST], OPTIONAL, |_, args| {
            Ok(match list(&args[0])?.get(0) {
                Some(item) => Value::some(item?),
                None => Value::Optional(None),
            })
        })],
    },
    Function {
        name: "last",
        overloads: &[method("list_last", &[LIST], OPTIONAL, |_, args| {
            let list = list(&args[0])?;
            let last = list.len().checked_sub(1).and_then(|index| list.get(index));
            Ok(match last {
                Some(item) => Value::some(item?),
                None => Value::Optional(None),
            })
        })],
    },
    Function {
        name: "optional.unwrap",
        overloads: &[function(
            "optional_unwrap",
            &[OPTIONALS],
            LIST,
            |_, args| unwrap(&args[0]),
        )],
    },
    Function {
        name: "unwrapOpt",
        overloads: &[method(
            "optional_unwrapOpt",
            &[OPTIONALS],
            LIST,
            |_, args| unwrap(&args[0]),
        )],
    },
];

fn optional<'v>(value: &Value<'v>) -> Result<Option<Rc<Value<'v>>>, Failure> {
    match value {
        Value::Optional(value) => Ok(value.clone()),
        _ => Err(Failure::no_such_overload()),
    }
}

fn unwrap<'v>(value: &Value<'v>) -> Result<Value<'v>, Failure> {
    let mut out = Vec::new();
    for item in list(value)?.iter() {
        let item = item?;
        match optional(&item) {
            Ok(Some(value)) => out.push((*value).clone()),
            Ok(None) => {}
            Err(_) => {
                let shown = super::string_format::show(&item);
                return Err(Failure::new(format!("value {shown} is not optional")));
            }
        }
    }
    Ok(Value::list(out))
}
