//! What calls cost. The API server refuses an object whose rules cost too much.

use super::value::{Failure, Value};

/// A list is made.
pub(super) const LIST: u64 = 10;

/// A map is made.
pub(super) const MAP: u64 = 30;

/// Going through text costs this much for each character.
const PER_CHARACTER: f64 = 0.1;

fn scan(size: u64) -> u64 {
    (size as f64 * PER_CHARACTER).ceil() as u64
}

fn pattern(text: u64, pattern: u64) -> u64 {
    let text = ((1.0 + text as f64) * PER_CHARACTER).ceil() as u64;
    text.saturating_mul((pattern as f64 * 0.25).ceil() as u64)
}

/// The cost of a call whose overload is known, or empty where several fit.
pub(super) fn of_call(
    function: &str,
    overload: &str,
    args: &[Value<'_>],
    result: &Value<'_>,
) -> Result<u64, Failure> {
    let size = |index: usize| args.get(index).map_or(0, Value::size);
    let copied = |factor: f64, size: u64| LIST + (factor * size as f64) as u64 + 1;
    Ok(match overload {
        "list_slice" | "lists_range" | "list_reverse" => copied(1.0, result.size()),
        "list_flatten" => copied(1.0, size(0)),
        "list_flatten_int" => match args.get(1) {
            Some(Value::Int(depth)) => copied(*depth as f64, size(0)),
            _ => 1,
        },
        "list_sets_contains_list" | "list_sets_intersects_list" => 1 + size(0) * size(1),
        "list_sets_equivalent_list" => 1 + 2 * size(0) * size(1),
        "list_distinct" => copied(compared(&args[0])?, square(size(0))),
        _ if overload.ends_with("_sort") => copied(compared(&args[0])?, square(size(0))),
        _ if overload.ends_with("_sortByAssociatedKeys") => {
            copied(compared(&args[1])?, square(size(1)))
        }
        _ => match function {
            "isSorted" | "sum" | "max" | "min" | "indexOf" | "lastIndexOf" | "includes" => {
                args[0].traversal()?
            }
            "url" | "lowerAscii" | "upperAscii" | "substring" | "trim" => scan(size(0)),
            "cidr" | "isIP" | "isCIDR" | "quantity" | "isQuantity" | "semver" | "isSemver" => {
                scan(size(0))
            }
            "ip" if overload != "cidr_ip" => scan(size(0)),
            "replace" | "split" | "ip.isCanonical" => scan(2 * size(0)),
            "join" => scan(2 * result.size()),
            "find" | "findAll" => pattern(size(0), size(1)),
            "containsIP" | "containsCIDR" => {
                let mut cost = scan(2 * size(0));
                if function == "containsCIDR" {
                    cost += scan(size(0)) + 1;
                }
                if overload.ends_with("_string") {
                    cost += scan(size(1));
                }
                cost
            }
            "validate" => match &args[0] {
                Value::Format(format) => pattern(size(1), format.size),
                _ => 1,
            },
            "_==_" if is_of_library(&args[0]) => 1,
            _ => of_overload(overload, &size),
        },
    })
}

fn square(size: u64) -> u64 {
    size.saturating_mul(size)
}

/// What it costs to compare two items of a list.
fn compared(list: &Value<'_>) -> Result<f64, Failure> {
    let Value::List(list) = list else {
        return Ok(2.0);
    };
    Ok(match list.get(0).transpose()? {
        Some(Value::Str(_) | Value::Bytes(_)) => 2.0 + PER_CHARACTER,
        _ => 2.0,
    })
}

fn is_of_library(value: &Value<'_>) -> bool {
    matches!(
        value,
        Value::Quantity(_)
            | Value::Ip(_)
            | Value::Cidr(_)
            | Value::Format(_)
            | Value::Url(_)
            | Value::Semver(_)
    )
}

fn of_overload(overload: &str, size: &dyn Fn(usize) -> u64) -> u64 {
    match overload {
        "starts_with_string" | "ends_with_string" => scan(size(1)),
        "string_to_bytes" | "bytes_to_string" | "strings_quote" | "string_format" => scan(size(0)),
        "in_list" => size(1),
        "less_string" | "less_bytes" | "equals" | "not_equals" => scan(size(0).min(size(1))),
        "add_string" | "add_bytes" => scan(size(0) + size(1)),
        "matches" | "matches_string" => pattern(size(0), size(1)),
        "contains_string" => scan(size(0)).saturating_mul(scan(size(1))),
        _ => 1,
    }
}
