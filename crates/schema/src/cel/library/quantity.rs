use std::cmp::Ordering;
use std::rc::Rc;

use super::strings::{int, text};
use crate::cel::signature::{Function, Sig, function, method};
use crate::cel::value::{Failure, Value};
use crate::quantity::Quantity;

const QUANTITY: Sig = Sig::Opaque("kubernetes.Quantity");

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "quantity",
        overloads: &[function(
            "string_to_quantity",
            &[Sig::Str],
            QUANTITY,
            |_, args| match Quantity::parse(text(args, 0)?) {
                Ok(quantity) => Ok(Value::Quantity(Rc::new(quantity))),
                Err(reason) => Err(Failure::new(reason.as_str())),
            },
        )],
    },
    Function {
        name: "isQuantity",
        overloads: &[function(
            "is_quantity_string",
            &[Sig::Str],
            Sig::Bool,
            |_, args| Ok(Value::Bool(Quantity::parse(text(args, 0)?).is_ok())),
        )],
    },
    // The original declares this one as a plain function, so that it cannot be called on a quantity.
    Function {
        name: "sign",
        overloads: &[function(
            "quantity_sign",
            &[QUANTITY],
            Sig::Int,
            |_, args| Ok(Value::Int(quantity(args, 0)?.signum())),
        )],
    },
    Function {
        name: "isGreaterThan",
        overloads: &[method(
            "quantity_is_greater_than",
            &[QUANTITY, QUANTITY],
            Sig::Bool,
            |_, args| Ok(Value::Bool(compare(args)? == Ordering::Greater)),
        )],
    },
    Function {
        name: "isLessThan",
        overloads: &[method(
            "quantity_is_less_than",
            &[QUANTITY, QUANTITY],
            Sig::Bool,
            |_, args| Ok(Value::Bool(compare(args)? == Ordering::Less)),
        )],
    },
    Function {
        name: "compareTo",
        overloads: &[method(
            "quantity_compare_to",
            &[QUANTITY, QUANTITY],
            Sig::Int,
            |_, args| Ok(Value::Int(compare(args)? as i64)),
        )],
    },
    Function {
        name: "asApproximateFloat",
        overloads: &[method(
            "quantity_get_float",
            &[QUANTITY],
            Sig::Double,
            |_, args| Ok(Value::Double(quantity(args, 0)?.as_f64())),
        )],
    },
    Function {
        name: "asInteger",
        overloads: &[method(
            "quantity_get_int",
            &[QUANTITY],
            Sig::Int,
            |_, args| {
                quantity(args, 0)?
                    .as_i64()
                    .map(Value::Int)
                    .ok_or_else(|| Failure::new("cannot convert value to integer"))
            },
        )],
    },
    Function {
        name: "isInteger",
        overloads: &[method(
            "quantity_is_integer",
            &[QUANTITY],
            Sig::Bool,
            |_, args| Ok(Value::Bool(quantity(args, 0)?.as_i64().is_some())),
        )],
    },
    Function {
        name: "add",
        overloads: &[
            method(
                "quantity_add",
                &[QUANTITY, QUANTITY],
                QUANTITY,
                |_, args| Ok(made(quantity(args, 0)?.plus(quantity(args, 1)?))),
            ),
            method(
                "quantity_add_int",
                &[QUANTITY, Sig::Int],
                QUANTITY,
                |_, args| {
                    Ok(made(
                        quantity(args, 0)?.plus(&Quantity::from_i64(int(args, 1)?)),
                    ))
                },
            ),
        ],
    },
    Function {
        name: "sub",
        overloads: &[
            method(
                "quantity_sub",
                &[QUANTITY, QUANTITY],
                QUANTITY,
                |_, args| Ok(made(quantity(args, 0)?.minus(quantity(args, 1)?))),
            ),
            method(
                "quantity_sub_int",
                &[QUANTITY, Sig::Int],
                QUANTITY,
                |_, args| {
                    Ok(made(
                        quantity(args, 0)?.minus(&Quantity::from_i64(int(args, 1)?)),
                    ))
                },
            ),
        ],
    },
];

fn made<'v>(quantity: Quantity) -> Value<'v> {
    Value::Quantity(Rc::new(quantity))
}

fn quantity<'a>(args: &'a [Value<'_>], index: usize) -> Result<&'a Quantity, Failure> {
    match args.get(index) {
        Some(Value::Quantity(quantity)) => Ok(quantity),
        _ => Err(Failure::no_such_overload()),
    }
}

fn compare(args: &[Value<'_>]) -> Result<Ordering, Failure> {
    Ok(quantity(args, 0)?.compare(quantity(args, 1)?))
}
