use std::cmp::Ordering;
use std::rc::Rc;

use super::operators::{add, list};
use super::strings::int;
use crate::cel::collections::{Index, List};
use crate::cel::eval::Context;
use crate::cel::signature::{Function, Overload, Run, Sig, function, method};
use crate::cel::value::{Failure, Value};

type Outcome<'v> = Result<Value<'v>, Failure>;

const LIST: Sig = Sig::List(&Sig::A);
const LISTS: Sig = Sig::List(&LIST);
const DYNS: Sig = Sig::List(&Sig::Dyn);

const INTS: Sig = Sig::List(&Sig::Int);
const UINTS: Sig = Sig::List(&Sig::Uint);
const DOUBLES: Sig = Sig::List(&Sig::Double);
const BOOLS: Sig = Sig::List(&Sig::Bool);
const DURATIONS: Sig = Sig::List(&Sig::Duration);
const TIMESTAMPS: Sig = Sig::List(&Sig::Timestamp);
const TEXTS: Sig = Sig::List(&Sig::Str);
const BLOBS: Sig = Sig::List(&Sig::Bytes);

/// `lists.range` makes no longer list.
const LONGEST_RANGE: i64 = 1_000_000;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "isSorted",
        overloads: &of_comparable(Some(Sig::Bool), |_, args| {
            let items = list(&args[0])?.values()?;
            for pair in items.windows(2) {
                if pair[0].compare(&pair[1])? == Ordering::Greater {
                    return Ok(Value::Bool(false));
                }
            }
            Ok(Value::Bool(true))
        }),
    },
    Function {
        name: "sum",
        overloads: &[
            method("list_int_sum_int", &[INTS], Sig::Int, |context, args| {
                sum(context, args, Value::Int(0))
            }),
            method(
                "list_uint_sum_uint",
                &[UINTS],
                Sig::Uint,
                |context, args| sum(context, args, Value::Uint(0)),
            ),
            method(
                "list_double_sum_double",
                &[DOUBLES],
                Sig::Double,
                |context, args| sum(context, args, Value::Double(0.0)),
            ),
            method(
                "list_duration_sum_duration",
                &[DURATIONS],
                Sig::Duration,
                |context, args| sum(context, args, Value::Duration(0)),
            ),
        ],
    },
    Function {
        name: "min",
        overloads: &of_comparable(None, |_, args| extreme(args, "min", Ordering::Greater)),
    },
    Function {
        name: "max",
        overloads: &of_comparable(None, |_, args| extreme(args, "max", Ordering::Less)),
    },
    Function {
        name: "indexOf",
        overloads: &[method(
            "list_a_index_of_int",
            &[LIST, Sig::A],
            Sig::Int,
            |_, args| position(args, |places| places.min()),
        )],
    },
    Function {
        name: "lastIndexOf",
        overloads: &[method(
            "list_a_last_index_of_int",
            &[LIST, Sig::A],
            Sig::Int,
            |_, args| position(args, |places| places.max()),
        )],
    },
    Function {
        name: "includes",
        overloads: &[method(
            "list_includes_dyn_dyn",
            &[Sig::Dyn, Sig::Dyn],
            Sig::Bool,
            |_, args| {
                let found = match &args[0] {
                    Value::List(list) => {
                        let mut items = list.iter();
                        items.any(|item| same(&item, &args[1]))
                    }
                    value => value.equals(&args[1]) == Ok(true),
                };
                Ok(Value::Bool(found))
            },
        )],
    },
    Function {
        name: "slice",
        overloads: &[method(
            "list_slice",
            &[LIST, Sig::Int, Sig::Int],
            LIST,
            slice,
        )],
    },
    Function {
        name: "flatten",
        overloads: &[
            method("list_flatten", &[LISTS], LIST, |_, args| flatten(args, 1)),
            method("list_flatten_int", &[DYNS, Sig::Int], DYNS, |_, args| {
                flatten(args, int(args, 1)?)
            }),
        ],
    },
    Function {
        name: "sort",
        overloads: &of_comparable_list(|_, args| sort(&args[0], &args[0])),
    },
    Function {
        name: "@sortByAssociatedKeys",
        overloads: &[
            method(
                "list_int_sortByAssociatedKeys",
                &[LIST, INTS],
                LIST,
                sort_by,
            ),
            method(
                "list_uint_sortByAssociatedKeys",
                &[LIST, UINTS],
                LIST,
                sort_by,
            ),
            method(
                "list_double_sortByAssociatedKeys",
                &[LIST, DOUBLES],
                LIST,
                sort_by,
            ),
            method(
                "list_bool_sortByAssociatedKeys",
                &[LIST, BOOLS],
                LIST,
                sort_by,
            ),
            method(
                "list_duration_sortByAssociatedKeys",
                &[LIST, DURATIONS],
                LIST,
                sort_by,
            ),
            method(
                "list_timestamp_sortByAssociatedKeys",
                &[LIST, TIMESTAMPS],
                LIST,
                sort_by,
            ),
            method(
                "list_string_sortByAssociatedKeys",
                &[LIST, TEXTS],
                LIST,
                sort_by,
            ),
            method(
                "list_bytes_sortByAssociatedKeys",
                &[LIST, BLOBS],
                LIST,
                sort_by,
            ),
        ],
    },
    Function {
        name: "lists.range",
        overloads: &[function("lists_range", &[Sig::Int], INTS, |_, args| {
            let count = int(args, 0)?;
            if count < 0 {
                return Err(Failure::new(format!(
                    "lists.range: size must be non-negative, got {count}"
                )));
            }
            if count > LONGEST_RANGE {
                return Err(Failure::new(format!(
                    "lists.range: size {count} exceeds maximum allowed ({LONGEST_RANGE})"
                )));
            }
            Ok(Value::list((0..count).map(Value::Int).collect()))
        })],
    },
    Function {
        name: "reverse",
        overloads: &[method("list_reverse", &[LIST], LIST, |_, args| {
            let mut items = list(&args[0])?.values()?;
            items.reverse();
            Ok(Value::list(items))
        })],
    },
    Function {
        name: "distinct",
        overloads: &[method("list_distinct", &[LIST], LIST, |_, args| {
            let mut seen = Index::default();
            let mut items = Vec::new();
            for item in list(&args[0])?.iter() {
                let item = item?;
                if seen.find(&item)?.is_none() {
                    seen.insert(&item, items.len());
                    items.push(item);
                }
            }
            Ok(Value::list(items))
        })],
    },
];

/// The overloads of a function over lists of values that have an order. Without a result the result
/// is of the type of the items.
const fn of_comparable(result: Option<Sig>, run: Run) -> [Overload; 8] {
    const fn or(result: Option<Sig>, item: Sig) -> Sig {
        match result {
            Some(result) => result,
            None => item,
        }
    }
    [
        method("list_int", &[INTS], or(result, Sig::Int), run),
        method("list_uint", &[UINTS], or(result, Sig::Uint), run),
        method("list_double", &[DOUBLES], or(result, Sig::Double), run),
        method("list_bool", &[BOOLS], or(result, Sig::Bool), run),
        method(
            "list_duration",
            &[DURATIONS],
            or(result, Sig::Duration),
            run,
        ),
        method(
            "list_timestamp",
            &[TIMESTAMPS],
            or(result, Sig::Timestamp),
            run,
        ),
        method("list_string", &[TEXTS], or(result, Sig::Str), run),
        method("list_bytes", &[BLOBS], or(result, Sig::Bytes), run),
    ]
}

const fn of_comparable_list(run: Run) -> [Overload; 8] {
    [
        method("list_int_sort", &[INTS], INTS, run),
        method("list_uint_sort", &[UINTS], UINTS, run),
        method("list_double_sort", &[DOUBLES], DOUBLES, run),
        method("list_bool_sort", &[BOOLS], BOOLS, run),
        method("list_duration_sort", &[DURATIONS], DURATIONS, run),
        method("list_timestamp_sort", &[TIMESTAMPS], TIMESTAMPS, run),
        method("list_string_sort", &[TEXTS], TEXTS, run),
        method("list_bytes_sort", &[BLOBS], BLOBS, run),
    ]
}

fn same<'v>(item: &Result<Value<'v>, Failure>, value: &Value<'v>) -> bool {
    matches!(item, Ok(item) if item.equals(value) == Ok(true))
}

fn sum<'v>(context: &mut Context<'v>, args: &[Value<'v>], zero: Value<'v>) -> Outcome<'v> {
    let mut total = zero;
    for item in list(&args[0])?.iter() {
        total = add(context, &[total, item?])?;
    }
    Ok(total)
}

fn extreme<'v>(args: &[Value<'v>], name: &str, worse: Ordering) -> Outcome<'v> {
    let mut best: Option<Value<'v>> = None;
    for item in list(&args[0])?.iter() {
        let item = item?;
        let better = match &best {
            Some(best) => best.compare(&item)? == worse,
            None => true,
        };
        if better {
            best = Some(item);
        }
    }
    best.ok_or_else(|| Failure::new(format!("{name} called on empty list")))
}

fn position<'v>(
    args: &[Value<'v>],
    choose: fn(&mut dyn Iterator<Item = usize>) -> Option<usize>,
) -> Outcome<'v> {
    let items = list(&args[0])?.iter().enumerate();
    let mut places = items.filter_map(|(i, item)| same(&item, &args[1]).then_some(i));
    let found = choose(&mut places);
    Ok(Value::Int(found.map_or(-1, |place| place as i64)))
}

fn slice<'v>(_: &mut Context<'v>, args: &[Value<'v>]) -> Outcome<'v> {
    let list: &List<'v> = list(&args[0])?;
    let (start, end) = (int(args, 1)?, int(args, 2)?);
    let wrong = |reason: &str| {
        Err(Failure::new(format!(
            "cannot slice({start}, {end}), {reason}"
        )))
    };
    if start < 0 || end < 0 {
        return wrong("negative indexes not supported");
    }
    if start > end {
        return wrong("start index must be less than or equal to end index");
    }
    if end > list.len() as i64 {
        return wrong(&format!("list is length {}", list.len()));
    }
    let items = (start as usize..end as usize).filter_map(|index| list.get(index));
    Ok(Value::list(items.collect::<Result<_, _>>()?))
}

fn flatten<'v>(args: &[Value<'v>], depth: i64) -> Outcome<'v> {
    fn walk<'v>(from: &List<'v>, depth: i64, out: &mut Vec<Value<'v>>) -> Result<(), Failure> {
        for item in from.iter() {
            match item? {
                Value::List(inner) if depth > 0 => walk(&inner, depth - 1, out)?,
                other => out.push(other),
            }
        }
        Ok(())
    }
    if depth < 0 {
        return Err(Failure::new("level must be non-negative"));
    }
    let mut out = Vec::new();
    walk(list(&args[0])?, depth, &mut out)?;
    Ok(Value::list(out))
}

fn sort_by<'v>(_: &mut Context<'v>, args: &[Value<'v>]) -> Outcome<'v> {
    sort(&args[0], &args[1])
}

fn sort<'v>(items: &Value<'v>, keys: &Value<'v>) -> Outcome<'v> {
    let (items, keys) = (list(items)?.values()?, list(keys)?.values()?);
    if items.len() != keys.len() {
        return Err(Failure::new(format!(
            "@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got {} and {} elements respectively",
            items.len(),
            keys.len()
        )));
    }
    let first = keys.first().map(Value::type_name);
    if keys.iter().any(|key| Some(key.type_name()) != first) {
        return Err(Failure::new("list elements must have the same type"));
    }
    let mut pairs: Vec<_> = keys.into_iter().zip(items).collect();
    let mut failure = None;
    pairs.sort_by(|(a, _), (b, _)| {
        a.compare(b).unwrap_or_else(|error| {
            failure.get_or_insert(error);
            Ordering::Equal
        })
    });
    match failure {
        Some(error) => Err(error),
        None => Ok(Value::List(List::Made(Rc::new(
            pairs.into_iter().map(|(_, item)| item).collect(),
        )))),
    }
}
