//! Failures as findings: one for each value that has to be edited.

use smol_str::SmolStr;
use tidegate_yaml::Place;

use super::failure::{Failure, Reason};
use super::instance::Types;

/// One thing that is wrong with a value.
#[derive(Clone, Debug)]
pub struct Violation {
    /// The keys and indices that lead to the value, or to the object that lacks something.
    pub path: Vec<SmolStr>,
    /// Where it is written: the value, the key that is not allowed, or the object that lacks one.
    pub place: Place,
    /// What is wrong, to be put behind the name of the value: "is a string, and must be an integer".
    pub problem: String,
    /// The key that was likely meant by one that is not allowed.
    pub nearest: Option<SmolStr>,
}

pub(super) fn violations(failures: &[Failure]) -> Vec<Violation> {
    let mut found = Vec::new();
    for failure in failures {
        collect(failure, &mut found);
    }
    // Several parts of a schema may say the same.
    let mut seen: Vec<(Vec<SmolStr>, String)> = Vec::new();
    found.retain(|one| {
        let what = (one.path.clone(), one.problem.clone());
        let new = !seen.contains(&what);
        if new {
            seen.push(what);
        }
        new
    });
    found
}

fn collect(failure: &Failure, found: &mut Vec<Violation>) {
    match &failure.reason {
        Reason::Group | Reason::Reference | Reason::AllOf => {
            for cause in &failure.causes {
                collect(cause, found);
            }
        }
        Reason::AnyOf | Reason::OneOf(None) => match meant(failure) {
            Some(cause) => collect(cause, found),
            None => found.push(violation(failure, alternatives(failure))),
        },
        Reason::Additional(all) => {
            for one in all {
                let mut path = failure.path.clone();
                path.push(one.key.clone());
                found.push(Violation {
                    path,
                    place: one.place.clone(),
                    problem: "is not a value that the schema of the chart knows".to_owned(),
                    nearest: one.nearest.clone(),
                });
            }
        }
        reason => found.push(violation(failure, problem(reason))),
    }
}

fn violation(failure: &Failure, problem: String) -> Violation {
    Violation {
        path: failure.path.clone(),
        place: failure.place.clone(),
        problem,
        nearest: None,
    }
}

/// The alternative that was likely meant: the only one that is of the right type.
fn meant(failure: &Failure) -> Option<&Failure> {
    let depth = failure.path.len();
    let mut of_type = failure
        .causes
        .iter()
        .filter(|cause| !is_other(cause, depth));
    match (of_type.next(), of_type.next()) {
        (Some(one), None) => Some(one),
        _ => None,
    }
}

/// Whether a value is not of an alternative at all: it is of another type, or another constant.
fn is_other(failure: &Failure, depth: usize) -> bool {
    match &failure.reason {
        Reason::Group | Reason::Reference | Reason::AllOf => {
            failure.causes.iter().any(|cause| is_other(cause, depth))
        }
        Reason::AnyOf | Reason::OneOf(None) => {
            failure.causes.iter().all(|cause| is_other(cause, depth))
        }
        Reason::Type { .. } | Reason::False => failure.path.len() == depth,
        // What tells alternatives apart is often a key with one value.
        Reason::Const(_) | Reason::Enum(_) => failure.path.len() <= depth + 1,
        _ => false,
    }
}

/// The types of all alternatives, if nothing else is wrong.
fn alternatives(failure: &Failure) -> String {
    let mut wanted = Types::default();
    let mut got_type = None;
    let mut open: Vec<&Failure> = failure.causes.iter().collect();
    while let Some(cause) = open.pop() {
        match &cause.reason {
            Reason::Type { got, want } if cause.path.len() == failure.path.len() => {
                wanted = wanted.with(*want);
                got_type = Some(*got);
            }
            Reason::Reference | Reason::AnyOf | Reason::OneOf(None) => open.extend(&cause.causes),
            _ => return "fits none of the forms that the schema of the chart allows".to_owned(),
        }
    }
    match got_type {
        Some(got) => problem(&Reason::Type { got, want: wanted }),
        None => "fits none of the forms that the schema of the chart allows".to_owned(),
    }
}

fn problem(reason: &Reason) -> String {
    let names = |all: &[SmolStr]| {
        let all: Vec<String> = all.iter().map(|name| format!("`{name}`")).collect();
        all.join(", ")
    };
    match reason {
        Reason::Type { got, want } => format!("is {}, and must be {}", listed(*got), listed(*want)),
        Reason::Enum(Some(values)) => match values.as_slice() {
            [one] => format!("must be {one}"),
            all => format!("must be one of {}", all.join(", ")),
        },
        Reason::Const(Some(value)) => format!("must be {value}"),
        Reason::Count { keyword, got, want } => count(keyword, *got, *want),
        Reason::Limit { keyword, want, .. } => match *keyword {
            "minimum" => format!("must be at least {want}"),
            "maximum" => format!("must be at most {want}"),
            "exclusiveMinimum" => format!("must be more than {want}"),
            "exclusiveMaximum" => format!("must be less than {want}"),
            _ => format!("must be a multiple of {want}"),
        },
        Reason::Pattern { got, want } => format!("is `{got}`, and must match the pattern `{want}`"),
        Reason::Format { got, want, problem } => {
            format!("is `{got}`, which is not a valid {want}: {problem}")
        }
        Reason::UniqueItems(a, b) => {
            format!("has equal items at {a} and {b}, and each must be different")
        }
        Reason::Required(missing) => format!("lacks {}", names(missing)),
        Reason::Dependency { property, missing } => {
            format!("has `{property}`, and so must have {}", names(missing))
        }
        reason => format!("does not fit the schema of the chart: {reason}"),
    }
}

fn count(keyword: &str, got: usize, want: i64) -> String {
    let (bound, unit) = match keyword {
        "minProperties" => ("at least", "keys"),
        "maxProperties" => ("at most", "keys"),
        "minItems" => ("at least", "items"),
        "maxItems" => ("at most", "items"),
        "minLength" => ("at least", "characters"),
        _ => ("at most", "characters"),
    };
    format!("has {got} {unit}, and must have {bound} {want}")
}

/// Types with their articles.
fn listed(types: Types) -> String {
    let all: Vec<&str> = types
        .names()
        .into_iter()
        .map(|name| match name {
            "null" => "null",
            "boolean" => "a boolean",
            "number" => "a number",
            "integer" => "an integer",
            "string" => "a string",
            "array" => "a list",
            _ => "a map",
        })
        .collect();
    all.join(" or ")
}
