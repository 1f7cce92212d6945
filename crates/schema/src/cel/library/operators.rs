use std::cmp::Ordering;
use std::rc::Rc;

use crate::cel::collections::{Entries, List, Map};
use crate::cel::eval::Context;
use crate::cel::signature::{Function, Overload, Run, Sig, function, method};
use crate::cel::value::{Failure, Value};

type Outcome<'v> = Result<Value<'v>, Failure>;

const LIST: Sig = Sig::List(&Sig::A);
const MAP: Sig = Sig::Map(&Sig::A, &Sig::B);

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "_==_",
        overloads: &[function(
            "equals",
            &[Sig::A, Sig::A],
            Sig::Bool,
            |_, args| Ok(Value::Bool(args[0].equals(&args[1])?)),
        )],
    },
    Function {
        name: "_!=_",
        overloads: &[function(
            "not_equals",
            &[Sig::A, Sig::A],
            Sig::Bool,
            |_, args| Ok(Value::Bool(!args[0].equals(&args[1])?)),
        )],
    },
    Function {
        name: "_<_",
        overloads: &comparisons(|_, args| compare(args, |order| order == Ordering::Less)),
    },
    Function {
        name: "_<=_",
        overloads: &comparisons(|_, args| compare(args, |order| order != Ordering::Greater)),
    },
    Function {
        name: "_>_",
        overloads: &comparisons(|_, args| compare(args, |order| order == Ordering::Greater)),
    },
    Function {
        name: "_>=_",
        overloads: &comparisons(|_, args| compare(args, |order| order != Ordering::Less)),
    },
    Function {
        name: "_+_",
        overloads: &[
            function("add_bytes", &[Sig::Bytes, Sig::Bytes], Sig::Bytes, add),
            function("add_double", &[Sig::Double, Sig::Double], Sig::Double, add),
            function(
                "add_duration_duration",
                &[Sig::Duration, Sig::Duration],
                Sig::Duration,
                add,
            ),
            function(
                "add_duration_timestamp",
                &[Sig::Duration, Sig::Timestamp],
                Sig::Timestamp,
                add,
            ),
            function(
                "add_timestamp_duration",
                &[Sig::Timestamp, Sig::Duration],
                Sig::Timestamp,
                add,
            ),
            function("add_int64", &[Sig::Int, Sig::Int], Sig::Int, add),
            function("add_list", &[LIST, LIST], LIST, add),
            function("add_string", &[Sig::Str, Sig::Str], Sig::Str, add),
            function("add_uint64", &[Sig::Uint, Sig::Uint], Sig::Uint, add),
        ],
    },
    Function {
        name: "_-_",
        overloads: &[
            function(
                "subtract_double",
                &[Sig::Double, Sig::Double],
                Sig::Double,
                subtract,
            ),
            function(
                "subtract_duration_duration",
                &[Sig::Duration, Sig::Duration],
                Sig::Duration,
                subtract,
            ),
            function("subtract_int64", &[Sig::Int, Sig::Int], Sig::Int, subtract),
            function(
                "subtract_timestamp_duration",
                &[Sig::Timestamp, Sig::Duration],
                Sig::Timestamp,
                subtract,
            ),
            function(
                "subtract_timestamp_timestamp",
                &[Sig::Timestamp, Sig::Timestamp],
                Sig::Duration,
                subtract,
            ),
            function(
                "subtract_uint64",
                &[Sig::Uint, Sig::Uint],
                Sig::Uint,
                subtract,
            ),
        ],
    },
    Function {
        name: "_*_",
        overloads: &[
            function(
                "multiply_double",
                &[Sig::Double, Sig::Double],
                Sig::Double,
                multiply,
            ),
            function("multiply_int64", &[Sig::Int, Sig::Int], Sig::Int, multiply),
            function(
                "multiply_uint64",
                &[Sig::Uint, Sig::Uint],
                Sig::Uint,
                multiply,
            ),
        ],
    },
    Function {
        name: "_/_",
        overloads: &[
            function(
                "divide_double",
                &[Sig::Double, Sig::Double],
                Sig::Double,
                divide,
            ),
            function("divide_int64", &[Sig::Int, Sig::Int], Sig::Int, divide),
            function("divide_uint64", &[Sig::Uint, Sig::Uint], Sig::Uint, divide),
        ],
    },
    Function {
        name: "_%_",
        overloads: &[
            function("modulo_int64", &[Sig::Int, Sig::Int], Sig::Int, modulo),
            function("modulo_uint64", &[Sig::Uint, Sig::Uint], Sig::Uint, modulo),
        ],
    },
    Function {
        name: "-_",
        overloads: &[
            function("negate_double", &[Sig::Double], Sig::Double, negate),
            function("negate_int64", &[Sig::Int], Sig::Int, negate),
        ],
    },
    Function {
        name: "!_",
        overloads: &[function(
            "logical_not",
            &[Sig::Bool],
            Sig::Bool,
            |_, args| match args[0] {
                Value::Bool(value) => Ok(Value::Bool(!value)),
                _ => Err(Failure::no_such_overload()),
            },
        )],
    },
    // These four are evaluated by the interpreter itself; the table has their types.
    Function {
        name: "_?_:_",
        overloads: &[function(
            "conditional",
            &[Sig::Bool, Sig::A, Sig::A],
            Sig::A,
            never,
        )],
    },
    Function {
        name: "_&&_",
        overloads: &[function(
            "logical_and",
            &[Sig::Bool, Sig::Bool],
            Sig::Bool,
            never,
        )],
    },
    Function {
        name: "_||_",
        overloads: &[function(
            "logical_or",
            &[Sig::Bool, Sig::Bool],
            Sig::Bool,
            never,
        )],
    },
    Function {
        name: "@not_strictly_false",
        overloads: &[function(
            "not_strictly_false",
            &[Sig::Bool],
            Sig::Bool,
            never,
        )],
    },
    Function {
        name: "_[_]",
        overloads: &[
            function("index_list", &[LIST, Sig::Int], Sig::A, index),
            function("index_map", &[MAP, Sig::A], Sig::B, index),
            function(
                "optional_list_index_int",
                &[Sig::Optional(&LIST), Sig::Int],
                Sig::Optional(&Sig::A),
                index,
            ),
            function(
                "optional_map_index_value",
                &[Sig::Optional(&MAP), Sig::A],
                Sig::Optional(&Sig::B),
                index,
            ),
        ],
    },
    Function {
        name: "_[?_]",
        overloads: &[
            function(
                "list_optindex_optional_int",
                &[LIST, Sig::Int],
                Sig::Optional(&Sig::A),
                index,
            ),
            function(
                "optional_list_optindex_optional_int",
                &[Sig::Optional(&LIST), Sig::Int],
                Sig::Optional(&Sig::A),
                index,
            ),
            function(
                "map_optindex_optional_value",
                &[MAP, Sig::A],
                Sig::Optional(&Sig::B),
                index,
            ),
            function(
                "optional_map_optindex_optional_value",
                &[Sig::Optional(&MAP), Sig::A],
                Sig::Optional(&Sig::B),
                index,
            ),
        ],
    },
    Function {
        name: "@in",
        overloads: &[
            function(
                "in_list",
                &[Sig::A, LIST],
                Sig::Bool,
                |_, args| match &args[1] {
                    Value::List(list) => Ok(Value::Bool(list.contains(&args[0])?)),
                    _ => Err(Failure::no_such_overload()),
                },
            ),
            function("in_map", &[Sig::A, MAP], Sig::Bool, |context, args| {
                let found = context.lookup(&args[1], &args[0])?;
                Ok(Value::Bool(found.is_some()))
            }),
        ],
    },
    Function {
        name: "size",
        overloads: &[
            function("size_bytes", &[Sig::Bytes], Sig::Int, size),
            method("bytes_size", &[Sig::Bytes], Sig::Int, size),
            function("size_list", &[LIST], Sig::Int, size),
            method("list_size", &[LIST], Sig::Int, size),
            function("size_map", &[MAP], Sig::Int, size),
            method("map_size", &[MAP], Sig::Int, size),
            function("size_string", &[Sig::Str], Sig::Int, size),
            method("string_size", &[Sig::Str], Sig::Int, size),
        ],
    },
    Function {
        name: "cel.@mapInsert",
        overloads: &[
            function(
                "@mapInsert_map_key_value",
                &[MAP, Sig::A, Sig::B],
                MAP,
                insert,
            ),
            function("@mapInsert_map_map", &[MAP, MAP], MAP, insert),
        ],
    },
];

const fn comparisons(run: Run) -> [Overload; 14] {
    [
        function("bool", &[Sig::Bool, Sig::Bool], Sig::Bool, run),
        function("int64", &[Sig::Int, Sig::Int], Sig::Bool, run),
        function("int64_double", &[Sig::Int, Sig::Double], Sig::Bool, run),
        function("int64_uint64", &[Sig::Int, Sig::Uint], Sig::Bool, run),
        function("uint64", &[Sig::Uint, Sig::Uint], Sig::Bool, run),
        function("uint64_double", &[Sig::Uint, Sig::Double], Sig::Bool, run),
        function("uint64_int64", &[Sig::Uint, Sig::Int], Sig::Bool, run),
        function("double", &[Sig::Double, Sig::Double], Sig::Bool, run),
        function("double_int64", &[Sig::Double, Sig::Int], Sig::Bool, run),
        function("double_uint64", &[Sig::Double, Sig::Uint], Sig::Bool, run),
        function("less_string", &[Sig::Str, Sig::Str], Sig::Bool, run),
        function("less_bytes", &[Sig::Bytes, Sig::Bytes], Sig::Bool, run),
        function(
            "timestamp",
            &[Sig::Timestamp, Sig::Timestamp],
            Sig::Bool,
            run,
        ),
        function("duration", &[Sig::Duration, Sig::Duration], Sig::Bool, run),
    ]
}

fn never<'v>(_: &mut Context<'v>, _: &[Value<'v>]) -> Outcome<'v> {
    Err(Failure::no_such_overload())
}

fn compare<'v>(args: &[Value<'v>], wanted: fn(Ordering) -> bool) -> Outcome<'v> {
    Ok(Value::Bool(wanted(args[0].compare(&args[1])?)))
}

fn whole<'v>(value: Option<i64>) -> Outcome<'v> {
    value
        .map(Value::Int)
        .ok_or_else(|| Failure::new("integer overflow"))
}

fn unsigned<'v>(value: Option<u64>) -> Outcome<'v> {
    value
        .map(Value::Uint)
        .ok_or_else(|| Failure::new("unsigned integer overflow"))
}

fn duration<'v>(value: Option<i64>) -> Outcome<'v> {
    value
        .map(Value::Duration)
        .ok_or_else(|| Failure::new("duration overflow"))
}

/// The sum of two values, which `sum()` needs as well.
pub(super) fn add<'v>(_: &mut Context<'v>, args: &[Value<'v>]) -> Outcome<'v> {
    use Value as V;
    let time = |time: Option<_>| {
        time.map(V::Timestamp)
            .ok_or_else(|| Failure::new("timestamp overflow"))
    };
    match (&args[0], &args[1]) {
        (V::Int(a), V::Int(b)) => whole(a.checked_add(*b)),
        (V::Uint(a), V::Uint(b)) => unsigned(a.checked_add(*b)),
        (V::Double(a), V::Double(b)) => Ok(V::Double(a + b)),
        (V::Str(a), V::Str(b)) => Ok(V::text(format!("{a}{b}"))),
        (V::Bytes(a), V::Bytes(b)) => Ok(V::Bytes([&**a, &**b].concat().into())),
        (V::List(a), V::List(b)) => Ok(V::List(a.concat(b)?)),
        (V::Duration(a), V::Duration(b)) => duration(a.checked_add(*b)),
        (V::Timestamp(a), V::Duration(b)) | (V::Duration(b), V::Timestamp(a)) => time(a.plus(*b)),
        _ => Err(Failure::no_such_overload()),
    }
}

fn subtract<'v>(_: &mut Context<'v>, args: &[Value<'v>]) -> Outcome<'v> {
    use Value as V;
    match (&args[0], &args[1]) {
        (V::Int(a), V::Int(b)) => whole(a.checked_sub(*b)),
        (V::Uint(a), V::Uint(b)) => unsigned(a.checked_sub(*b)),
        (V::Double(a), V::Double(b)) => Ok(V::Double(a - b)),
        (V::Duration(a), V::Duration(b)) => duration(a.checked_sub(*b)),
        (V::Timestamp(a), V::Timestamp(b)) => duration(a.since(*b)),
        (V::Timestamp(a), V::Duration(b)) => a
            .minus(*b)
            .map(V::Timestamp)
            .ok_or_else(|| Failure::new("timestamp overflow")),
        _ => Err(Failure::no_such_overload()),
    }
}

fn multiply<'v>(_: &mut Context<'v>, args: &[Value<'v>]) -> Outcome<'v> {
    match (&args[0], &args[1]) {
        (Value::Int(a), Value::Int(b)) => whole(a.checked_mul(*b)),
        (Value::Uint(a), Value::Uint(b)) => unsigned(a.checked_mul(*b)),
        (Value::Double(a), Value::Double(b)) => Ok(Value::Double(a * b)),
        _ => Err(Failure::no_such_overload()),
    }
}

fn divide<'v>(_: &mut Context<'v>, args: &[Value<'v>]) -> Outcome<'v> {
    match (&args[0], &args[1]) {
        (Value::Int(_), Value::Int(0)) | (Value::Uint(_), Value::Uint(0)) => {
            Err(Failure::new("division by zero"))
        }
        (Value::Int(a), Value::Int(b)) => whole(a.checked_div(*b)),
        (Value::Uint(a), Value::Uint(b)) => unsigned(a.checked_div(*b)),
        (Value::Double(a), Value::Double(b)) => Ok(Value::Double(a / b)),
        _ => Err(Failure::no_such_overload()),
    }
}

fn modulo<'v>(_: &mut Context<'v>, args: &[Value<'v>]) -> Outcome<'v> {
    match (&args[0], &args[1]) {
        (Value::Int(_), Value::Int(0)) | (Value::Uint(_), Value::Uint(0)) => {
            Err(Failure::new("modulus by zero"))
        }
        (Value::Int(a), Value::Int(b)) => whole(a.checked_rem(*b)),
        (Value::Uint(a), Value::Uint(b)) => unsigned(a.checked_rem(*b)),
        _ => Err(Failure::no_such_overload()),
    }
}

fn negate<'v>(_: &mut Context<'v>, args: &[Value<'v>]) -> Outcome<'v> {
    match &args[0] {
        Value::Int(a) => whole(a.checked_neg()),
        Value::Double(a) => Ok(Value::Double(-a)),
        _ => Err(Failure::no_such_overload()),
    }
}

fn size<'v>(_: &mut Context<'v>, args: &[Value<'v>]) -> Outcome<'v> {
    Ok(Value::Int(args[0].size() as i64))
}

/// The number that an index into a list is: a double does where it is whole.
fn position(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::Int(index) => Some(*index),
        Value::Uint(index) => i64::try_from(*index).ok(),
        Value::Double(index) if index.fract() == 0.0 => Some(*index as i64),
        _ => None,
    }
}

/// The value of an index or a key; none where there is none.
pub(in crate::cel) fn lookup<'v>(
    value: &Value<'v>,
    key: &Value<'v>,
) -> Result<Option<Value<'v>>, Failure> {
    match value {
        Value::List(list) => {
            let index = position(key).ok_or_else(Failure::no_such_overload)?;
            let index = usize::try_from(index).ok();
            index.and_then(|index| list.get(index)).transpose()
        }
        Value::Map(map) => map.find(key),
        _ => Err(Failure::no_such_overload()),
    }
}

/// What is said of a key or an index that is not there.
pub(in crate::cel) fn missing(value: &Value<'_>, key: &Value<'_>) -> Failure {
    let shown = super::string_format::show(key);
    Failure::new(match value {
        Value::List(_) => format!("index out of bounds: {shown}"),
        _ => format!("no such key: {shown}"),
    })
}

fn index<'v>(context: &mut Context<'v>, args: &[Value<'v>]) -> Outcome<'v> {
    let found = context.lookup(&args[0], &args[1])?;
    found.ok_or_else(|| missing(&args[0], &args[1]))
}

fn insert<'v>(_: &mut Context<'v>, args: &[Value<'v>]) -> Outcome<'v> {
    let Value::Map(target) = &args[0] else {
        return Err(Failure::no_such_overload());
    };
    let mut entries: Entries<'v> = target.entries()?.into_iter().collect();
    match &args[1..] {
        [key, value] => entries.insert(key.clone(), value.clone())?,
        [Value::Map(map)] => {
            for (key, value) in map.entries()? {
                entries.insert(key, value)?;
            }
        }
        _ => return Err(Failure::no_such_overload()),
    }
    Ok(Value::Map(Map::Made(Rc::new(entries))))
}

/// The list of an argument.
pub(super) fn list<'a, 'v>(value: &'a Value<'v>) -> Result<&'a List<'v>, Failure> {
    match value {
        Value::List(list) => Ok(list),
        _ => Err(Failure::no_such_overload()),
    }
}
