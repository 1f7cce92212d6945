use std::sync::Arc;

use tidegate_yaml::go_float;

use crate::cel::eval::Context;
use crate::cel::signature::{Function, Sig, function};
use crate::cel::time::{Timestamp, parse_go_duration};
use crate::cel::value::{Failure, Value};

type Outcome<'v> = Result<Value<'v>, Failure>;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "type",
        overloads: &[function(
            "type",
            &[Sig::A],
            Sig::Type(&Sig::A),
            |_, args| Ok(Value::Type(args[0].type_name().into())),
        )],
    },
    Function {
        name: "dyn",
        overloads: &[function("to_dyn", &[Sig::A], Sig::Dyn, same)],
    },
    Function {
        name: "bool",
        overloads: &[
            function("bool_to_bool", &[Sig::Bool], Sig::Bool, same),
            function(
                "string_to_bool",
                &[Sig::Str],
                Sig::Bool,
                |_, args| match args[0] {
                    Value::Str(ref text) => match text.as_str() {
                        "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(Value::Bool(true)),
                        "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(Value::Bool(false)),
                        _ => Err(from_text("bool")),
                    },
                    _ => Err(Failure::no_such_overload()),
                },
            ),
        ],
    },
    Function {
        name: "bytes",
        overloads: &[
            function("bytes_to_bytes", &[Sig::Bytes], Sig::Bytes, same),
            function(
                "string_to_bytes",
                &[Sig::Str],
                Sig::Bytes,
                |_, args| match &args[0] {
                    Value::Str(text) => Ok(Value::Bytes(Arc::from(text.as_bytes()))),
                    _ => Err(Failure::no_such_overload()),
                },
            ),
        ],
    },
    Function {
        name: "double",
        overloads: &[
            function("double_to_double", &[Sig::Double], Sig::Double, same),
            function("int64_to_double", &[Sig::Int], Sig::Double, to_double),
            function("string_to_double", &[Sig::Str], Sig::Double, to_double),
            function("uint64_to_double", &[Sig::Uint], Sig::Double, to_double),
        ],
    },
    Function {
        name: "duration",
        overloads: &[
            function(
                "duration_to_duration",
                &[Sig::Duration],
                Sig::Duration,
                same,
            ),
            function(
                "string_to_duration",
                &[Sig::Str],
                Sig::Duration,
                |_, args| match &args[0] {
                    Value::Str(text) => parse_go_duration(text)
                        .map(Value::Duration)
                        .ok_or_else(|| from_text("google.protobuf.Duration")),
                    _ => Err(Failure::no_such_overload()),
                },
            ),
        ],
    },
    Function {
        name: "int",
        overloads: &[
            function("int64_to_int64", &[Sig::Int], Sig::Int, same),
            function("double_to_int64", &[Sig::Double], Sig::Int, to_int),
            function("duration_to_int64", &[Sig::Duration], Sig::Int, to_int),
            function("string_to_int64", &[Sig::Str], Sig::Int, to_int),
            function("timestamp_to_int64", &[Sig::Timestamp], Sig::Int, to_int),
            function("uint64_to_int64", &[Sig::Uint], Sig::Int, to_int),
        ],
    },
    Function {
        name: "uint",
        overloads: &[
            function("uint64_to_uint64", &[Sig::Uint], Sig::Uint, same),
            function("double_to_uint64", &[Sig::Double], Sig::Uint, to_uint),
            function("int64_to_uint64", &[Sig::Int], Sig::Uint, to_uint),
            function("string_to_uint64", &[Sig::Str], Sig::Uint, to_uint),
        ],
    },
    Function {
        name: "string",
        overloads: &[
            function("string_to_string", &[Sig::Str], Sig::Str, same),
            function("bool_to_string", &[Sig::Bool], Sig::Str, to_string),
            function("bytes_to_string", &[Sig::Bytes], Sig::Str, to_string),
            function("double_to_string", &[Sig::Double], Sig::Str, to_string),
            function("duration_to_string", &[Sig::Duration], Sig::Str, to_string),
            function("int64_to_string", &[Sig::Int], Sig::Str, to_string),
            function(
                "timestamp_to_string",
                &[Sig::Timestamp],
                Sig::Str,
                to_string,
            ),
            function("uint64_to_string", &[Sig::Uint], Sig::Str, to_string),
        ],
    },
    Function {
        name: "timestamp",
        overloads: &[
            function(
                "timestamp_to_timestamp",
                &[Sig::Timestamp],
                Sig::Timestamp,
                same,
            ),
            function(
                "int64_to_timestamp",
                &[Sig::Int],
                Sig::Timestamp,
                |_, args| match args[0] {
                    Value::Int(seconds) => Timestamp::from_seconds(seconds)
                        .map(Value::Timestamp)
                        .ok_or_else(|| Failure::new("timestamp overflow")),
                    _ => Err(Failure::no_such_overload()),
                },
            ),
            function(
                "string_to_timestamp",
                &[Sig::Str],
                Sig::Timestamp,
                |_, args| {
                    let Value::Str(text) = &args[0] else {
                        return Err(Failure::no_such_overload());
                    };
                    match Timestamp::parse_rfc3339(text) {
                        Some(time) if time.in_range() => Ok(Value::Timestamp(time)),
                        Some(_) => Err(Failure::new("timestamp overflow")),
                        None => Err(from_text("google.protobuf.Timestamp")),
                    }
                },
            ),
        ],
    },
];

/// Names of functions that are evaluated at once where their argument is a literal.
pub(in crate::cel) const FOLDED: [&str; 9] = [
    "bool",
    "bytes",
    "double",
    "duration",
    "dyn",
    "int",
    "string",
    "timestamp",
    "uint",
];

fn same<'v>(_: &mut Context<'v>, args: &[Value<'v>]) -> Outcome<'v> {
    Ok(args[0].clone())
}

fn from_text(to: &str) -> Failure {
    Failure::new(format!("type conversion error from 'string' to '{to}'"))
}

fn to_double<'v>(_: &mut Context<'v>, args: &[Value<'v>]) -> Outcome<'v> {
    match &args[0] {
        Value::Int(value) => Ok(Value::Double(*value as f64)),
        Value::Uint(value) => Ok(Value::Double(*value as f64)),
        Value::Str(text) => parse_go_float(text)
            .map(Value::Double)
            .ok_or_else(|| from_text("double")),
        _ => Err(Failure::no_such_overload()),
    }
}

/// A number as `strconv.ParseFloat` reads it, hexadecimal notation aside.
fn parse_go_float(text: &str) -> Option<f64> {
    let body = text.strip_prefix(['+', '-']).unwrap_or(text);
    let lower = body.to_ascii_lowercase();
    if matches!(lower.as_str(), "inf" | "infinity" | "nan") {
        return match lower.as_str() {
            "nan" if body.len() != text.len() => None,
            _ => text.parse().ok(),
        };
    }
    if !body.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    text.parse::<f64>().ok().filter(|value| value.is_finite())
}

fn to_int<'v>(_: &mut Context<'v>, args: &[Value<'v>]) -> Outcome<'v> {
    let overflow = || Failure::new("integer overflow");
    match &args[0] {
        Value::Double(value) => {
            // The bounds themselves are out, as they cannot be told from what is beyond them.
            let fits = *value > i64::MIN as f64 && *value < i64::MAX as f64;
            fits.then_some(Value::Int(*value as i64))
                .ok_or_else(overflow)
        }
        Value::Uint(value) => i64::try_from(*value)
            .map(Value::Int)
            .map_err(|_| overflow()),
        Value::Str(text) => text.parse().map(Value::Int).map_err(|_| from_text("int")),
        Value::Timestamp(time) => Ok(Value::Int(time.seconds)),
        Value::Duration(nanos) => Ok(Value::Int(*nanos)),
        _ => Err(Failure::no_such_overload()),
    }
}

fn to_uint<'v>(_: &mut Context<'v>, args: &[Value<'v>]) -> Outcome<'v> {
    let overflow = || Failure::new("unsigned integer overflow");
    match &args[0] {
        Value::Double(value) => {
            let fits = *value >= 0.0 && *value < u64::MAX as f64;
            fits.then_some(Value::Uint(*value as u64))
                .ok_or_else(overflow)
        }
        Value::Int(value) => u64::try_from(*value)
            .map(Value::Uint)
            .map_err(|_| overflow()),
        Value::Str(text) if text.starts_with('+') => Err(from_text("uint")),
        Value::Str(text) => text.parse().map(Value::Uint).map_err(|_| from_text("uint")),
        _ => Err(Failure::no_such_overload()),
    }
}

fn to_string<'v>(_: &mut Context<'v>, args: &[Value<'v>]) -> Outcome<'v> {
    text_of(&args[0]).map(Value::text)
}

/// The text that `string()` makes of a value.
pub(super) fn text_of(value: &Value<'_>) -> Result<String, Failure> {
    Ok(match value {
        Value::Str(text) => text.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Uint(value) => value.to_string(),
        Value::Double(value) => go_float(*value),
        Value::Bytes(bytes) => String::from_utf8(bytes.to_vec())
            .map_err(|_| Failure::new("invalid UTF-8 in bytes, cannot convert to string"))?,
        Value::Duration(nanos) => format!("{}s", *nanos as f64 / 1e9),
        Value::Timestamp(time) => time.to_rfc3339(),
        Value::Type(name) => name.to_string(),
        Value::Ip(address) => address.to_string(),
        Value::Cidr(cidr) => cidr.to_string(),
        _ => return Err(Failure::no_such_overload()),
    })
}
