use super::operators::list;
use crate::cel::signature::{Function, Sig, function};
use crate::cel::value::{Failure, Value};

const LIST: Sig = Sig::List(&Sig::A);

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "sets.contains",
        overloads: &[function(
            "list_sets_contains_list",
            &[LIST, LIST],
            Sig::Bool,
            |_, args| Ok(Value::Bool(contains(&args[0], &args[1])?)),
        )],
    },
    Function {
        name: "sets.equivalent",
        overloads: &[function(
            "list_sets_equivalent_list",
            &[LIST, LIST],
            Sig::Bool,
            |_, args| {
                let same = contains(&args[0], &args[1])? && contains(&args[1], &args[0])?;
                Ok(Value::Bool(same))
            },
        )],
    },
    Function {
        name: "sets.intersects",
        overloads: &[function(
            "list_sets_intersects_list",
            &[LIST, LIST],
            Sig::Bool,
            |_, args| {
                let other = list(&args[1])?;
                for item in list(&args[0])?.iter() {
                    if other.contains(&item?)? {
                        return Ok(Value::Bool(true));
                    }
                }
                Ok(Value::Bool(false))
            },
        )],
    },
];

fn contains<'v>(all: &Value<'v>, some: &Value<'v>) -> Result<bool, Failure> {
    let all = list(all)?;
    for item in list(some)?.iter() {
        if !all.contains(&item?)? {
            return Ok(false);
        }
    }
    Ok(true)
}
