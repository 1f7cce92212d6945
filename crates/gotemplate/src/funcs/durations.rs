//! Helm's functions for durations.

use super::Result;
use super::dates::duration;
use crate::functions::{Call, Function};
use crate::number::parse_float;
use crate::object::Type;
use crate::time::{SECOND, parse_duration};
use crate::value::{Kind, Value};

use Type::Any;

/// What Helm adds.
pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("mustToDuration", &[Any], |_, args| {
        Ok(duration(nanos(&args[0])?))
    }),
    Function::new("durationNanoseconds", &[Any], |_, args| {
        Ok(lenient(args).into())
    }),
    Function::new("durationMicroseconds", &[Any], |_, args| {
        Ok((lenient(args) / 1_000).into())
    }),
    Function::new("durationMilliseconds", &[Any], |_, args| {
        Ok((lenient(args) / 1_000_000).into())
    }),
    Function::new("durationSeconds", &[Any], |_, args| {
        Ok(units(args, 1).into())
    }),
    Function::new("durationMinutes", &[Any], |_, args| {
        Ok(units(args, 60).into())
    }),
    Function::new("durationHours", &[Any], |_, args| {
        Ok(units(args, 3600).into())
    }),
    Function::new("durationDays", &[Any], |_, args| {
        Ok((units(args, 3600) / 24.0).into())
    }),
    Function::new("durationWeeks", &[Any], |_, args| {
        Ok((units(args, 3600) / 24.0 / 7.0).into())
    }),
    Function::new("durationRoundTo", &[Any, Any], |call, args| {
        to_multiple(call, args, round)
    }),
    Function::new("durationTruncateTo", &[Any, Any], |call, args| {
        to_multiple(call, args, |value, multiple| value - value % multiple)
    }),
];

/// A duration, a text of one, or a number of seconds, in nanoseconds. The error is Helm's.
fn nanos(value: &Value) -> Result<i64> {
    let seconds = |seconds: i64| {
        let nanos = seconds.checked_mul(SECOND);
        nanos.ok_or_else(|| format!("duration seconds overflow: {seconds}").into())
    };
    match &value.kind {
        Kind::Nil => Err("invalid duration".into()),
        Kind::Str(text) => {
            let text = text.to_text();
            let trimmed = text.trim();
            if trimmed.is_empty() {
                return Err("empty duration".into());
            }
            if let Ok(nanos) = parse_duration(trimmed) {
                return Ok(nanos);
            }
            match parse_float(trimmed) {
                Some(value) => from_float(value),
                None => Err(format!(
                    "could not parse duration {}",
                    tidegate_golang::quote(text.as_bytes())
                )
                .into()),
            }
        }
        Kind::Int(value) | Kind::Int64(value) => seconds(*value),
        Kind::Uint8(value) => seconds(i64::from(*value)),
        Kind::Uint64(value) => match i64::try_from(*value) {
            Ok(value) => seconds(value),
            Err(_) => Err(format!("duration seconds overflow: {value}").into()),
        },
        Kind::Float(value) => from_float(*value),
        Kind::Object(object) if object.type_name() == "time.Duration" => {
            Ok(object.as_int().unwrap_or(0))
        }
        Kind::Object(object) if object.as_int().is_some() => seconds(object.as_int().unwrap_or(0)),
        _ => Err(format!("unsupported duration type {}", value.type_name()).into()),
    }
}

fn from_float(seconds: f64) -> Result<i64> {
    let shown = || crate::fmt::shown(&seconds.into());
    if !seconds.is_finite() {
        return Err(format!("invalid duration seconds: {}", shown()).into());
    }
    if seconds.abs() > i64::MAX as f64 / SECOND as f64 {
        return Err(format!("duration seconds overflow: {}", shown()).into());
    }
    Ok((seconds * SECOND as f64) as i64)
}

/// Zero for what is no duration.
fn lenient(args: &[Value]) -> i64 {
    nanos(&args[0]).unwrap_or(0)
}

/// In units of a number of seconds: the whole ones and the rest are divided apart, as in Go.
fn units(args: &[Value], seconds: i64) -> f64 {
    let nanos = lenient(args);
    let unit = seconds * SECOND;
    (nanos / unit) as f64 + (nanos % unit) as f64 / unit as f64
}

fn to_multiple(_: &mut Call<'_>, args: &[Value], change: fn(i64, i64) -> i64) -> Result {
    let Ok(value) = nanos(&args[0]) else {
        return Ok(duration(0));
    };
    Ok(duration(match nanos(&args[1]) {
        Ok(multiple) if multiple > 0 => change(value, multiple),
        _ => value,
    }))
}

/// To the nearest multiple, halves away from zero.
fn round(value: i64, multiple: i64) -> i64 {
    let rest = value % multiple;
    let down = value - rest;
    match rest.unsigned_abs() >= multiple.unsigned_abs() - rest.unsigned_abs() {
        true => down.saturating_add(multiple * rest.signum()),
        false => down,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn durations_are_numbers_of_their_units() {
        check(
            r#"{{ durationSeconds "90s" }} {{ durationMinutes "90s" }}"#,
            "90 1.5",
        );
        check(
            r#"{{ durationDays "36h" }} {{ durationWeeks "336h" }}"#,
            "1.5 2",
        );
        check(
            r#"{{ durationMicroseconds 1 }} {{ durationSeconds "nope" }}"#,
            "1000000 0",
        );
        check(r#"{{ durationRoundTo "1h35m" "1h" }}"#, "2h0m0s");
        check(
            r#"{{ durationTruncateTo "1h35m" "1h" }} {{ mustToDuration 5 }}"#,
            "1h0m0s 5s",
        );
    }

    #[test]
    fn what_is_missing_is_not_shown() {
        check(r#"a{{ .x }}b{{ tpl "{{ .y }}c" nil }}"#, "abc");
    }
}
