//! `format`, and texts of values for messages.

use std::fmt::Write as _;

use tidegate_yaml::go_float;

use super::conversions::text_of;
use super::operators::list;
use super::strings::{quote, text};
use crate::cel::signature::{Function, Sig, method};
use crate::cel::value::{Failure, Value};

const DYNS: Sig = Sig::List(&Sig::Dyn);

/// Digits behind the point where none are asked for.
const PRECISION: usize = 6;

/// More digits than a double has are zeros, and this many are enough of them.
const MOST_DIGITS: usize = 1_000;

pub(super) const FUNCTIONS: &[Function] = &[Function {
    name: "format",
    overloads: &[method(
        "string_format",
        &[Sig::Str, DYNS],
        Sig::Str,
        |_, args| {
            let args_list = list(&args[1])?;
            let mut out = String::new();
            let mut next = 0;
            for piece in pieces(text(args, 0)?) {
                match piece.map_err(Failure::Error)? {
                    Piece::Text(text) => out.push_str(text),
                    Piece::Clause(clause) => {
                        let value = args_list
                            .get(next)
                            .ok_or_else(|| Failure::new(format!("index {next} out of range")))??;
                        out.push_str(&clause.write(&value)?);
                        next += 1;
                    }
                }
            }
            Ok(Value::text(out))
        },
    )],
}];

/// A part of a format.
pub(in crate::cel) enum Piece<'t> {
    Text(&'t str),
    Clause(Clause),
}

/// What stands behind a percent sign.
#[derive(Clone, Copy)]
pub(in crate::cel) enum Clause {
    Text,
    Decimal,
    Fixed(usize),
    Scientific(usize),
    Binary,
    Hex { upper: bool },
    Octal,
}

/// The parts of a format; an error ends them.
pub(in crate::cel) fn pieces(format: &str) -> Vec<Result<Piece<'_>, String>> {
    let mut out = Vec::new();
    let mut rest = format;
    while let Some(start) = rest.find('%') {
        if start > 0 {
            out.push(Ok(Piece::Text(&rest[..start])));
        }
        rest = &rest[start + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            out.push(Ok(Piece::Text("%")));
            rest = after;
            continue;
        }
        match clause(rest) {
            Ok((clause, after)) => {
                out.push(Ok(Piece::Clause(clause)));
                rest = after;
            }
            Err(error) => {
                out.push(Err(error));
                return out;
            }
        }
    }
    if !rest.is_empty() {
        out.push(Ok(Piece::Text(rest)));
    }
    out
}

fn clause(rest: &str) -> Result<(Clause, &str), String> {
    let wrong = |reason: String| Err(format!("could not parse formatting clause: {reason}"));
    let (precision, rest) = match rest.strip_prefix('.') {
        None => (PRECISION, rest),
        Some(rest) => {
            let Some(end) = rest.find(|c: char| !c.is_ascii_digit()) else {
                return wrong("could not find end of precision specifier".to_owned());
            };
            match rest[..end].parse::<usize>() {
                Ok(precision) => (precision.min(MOST_DIGITS), &rest[end..]),
                Err(_) => return wrong("error while converting precision to integer".to_owned()),
            }
        }
    };
    let Some(c) = rest.chars().next() else {
        return Err("unexpected end of string".to_owned());
    };
    let clause = match c {
        's' => Clause::Text,
        'd' => Clause::Decimal,
        'f' => Clause::Fixed(precision),
        'e' => Clause::Scientific(precision),
        'b' => Clause::Binary,
        'x' | 'X' => Clause::Hex { upper: c == 'X' },
        'o' => Clause::Octal,
        _ => return wrong(format!("unrecognized formatting clause \"{c}\"")),
    };
    Ok((clause, &rest[c.len_utf8()..]))
}

impl Clause {
    /// What it says of a value of the wrong type.
    pub(in crate::cel) fn mismatch(self, type_name: &str) -> String {
        let wanted = match self {
            Clause::Text => {
                "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps"
            }
            Clause::Decimal => "decimal clause can only be used on integers",
            Clause::Fixed(_) => "fixed-point clause can only be used on doubles",
            Clause::Scientific(_) => "scientific clause can only be used on doubles",
            Clause::Binary => "only integers and bools can be formatted as binary",
            Clause::Hex { .. } => {
                "only integers, byte buffers, and strings can be formatted as hex"
            }
            Clause::Octal => "octal clause can only be used on integers",
        };
        format!("error during formatting: {wanted}, was given {type_name}")
    }

    fn write(self, value: &Value<'_>) -> Result<String, Failure> {
        let sign = |value: &i64| if *value < 0 { "-" } else { "" };
        Ok(match (self, value) {
            (Clause::Text, _) => return written(value),
            (Clause::Decimal, Value::Int(value)) => value.to_string(),
            (Clause::Decimal, Value::Uint(value)) => value.to_string(),
            (Clause::Fixed(precision), Value::Double(value)) => fixed(*value, precision),
            (Clause::Scientific(precision), Value::Double(value)) => scientific(*value, precision),
            (Clause::Fixed(_) | Clause::Scientific(_), Value::Str(text)) => match text.as_str() {
                "NaN" => "NaN".to_owned(),
                "Infinity" => "∞".to_owned(),
                "-Infinity" => "-∞".to_owned(),
                _ => return Err(Failure::Error(self.mismatch(value.type_name()))),
            },
            (Clause::Binary, Value::Bool(value)) => u8::from(*value).to_string(),
            (Clause::Binary, Value::Int(value)) => {
                format!("{}{:b}", sign(value), value.unsigned_abs())
            }
            (Clause::Binary, Value::Uint(value)) => format!("{value:b}"),
            (Clause::Octal, Value::Int(value)) => {
                format!("{}{:o}", sign(value), value.unsigned_abs())
            }
            (Clause::Octal, Value::Uint(value)) => format!("{value:o}"),
            (Clause::Hex { upper }, Value::Int(value)) => {
                format!("{}{}", sign(value), hex(value.unsigned_abs(), upper))
            }
            (Clause::Hex { upper }, Value::Uint(value)) => hex(*value, upper),
            (Clause::Hex { upper }, Value::Str(text)) => hex_bytes(text.as_bytes(), upper),
            (Clause::Hex { upper }, Value::Bytes(bytes)) => hex_bytes(bytes, upper),
            _ => return Err(Failure::Error(self.mismatch(value.type_name()))),
        })
    }
}

fn hex(value: u64, upper: bool) -> String {
    match upper {
        true => format!("{value:X}"),
        false => format!("{value:x}"),
    }
}

fn hex_bytes(bytes: &[u8], upper: bool) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let digits = match upper {
            true => write!(out, "{byte:02X}"),
            false => write!(out, "{byte:02x}"),
        };
        debug_assert!(digits.is_ok());
    }
    out
}

/// A number with a comma between each three digits, as English has it.
fn fixed(value: f64, precision: usize) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "∞" } else { "-∞" }.to_owned();
    }
    let plain = format!("{:.precision$}", value.abs());
    let (whole, fraction) = plain.split_at(plain.find('.').unwrap_or(plain.len()));
    let mut out = String::new();
    if value.is_sign_negative() {
        out.push('-');
    }
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out.push_str(fraction);
    out
}

/// A number with a power of ten in raised digits.
fn scientific(value: f64, precision: usize) -> String {
    if !value.is_finite() {
        return fixed(value, precision);
    }
    let plain = format!("{value:.precision$e}");
    let (mantissa, exponent) = plain.split_once('e').unwrap_or((&plain, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let raised = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let mut out = format!("{mantissa}×10");
    if exponent < 0 {
        out.push('⁻');
    }
    let digits = format!("{:02}", exponent.abs());
    out.extend(
        digits
            .bytes()
            .map(|digit| raised[usize::from(digit - b'0')]),
    );
    out
}

/// What `%s` writes.
fn written(value: &Value<'_>) -> Result<String, Failure> {
    match value {
        Value::Null => Ok("null".to_owned()),
        Value::List(list) => {
            let items = list
                .iter()
                .map(|item| within(&item?))
                .collect::<Result<Vec<_>, _>>()?;
            Ok(format!("[{}]", items.join(", ")))
        }
        Value::Map(map) => {
            let mut pairs = Vec::new();
            for (key, value) in map.entries()? {
                pairs.push((within(&key)?, within(&value)?));
            }
            pairs.sort();
            let pairs = pairs.iter().map(|(key, value)| format!("{key}:{value}"));
            Ok(format!("{{{}}}", pairs.collect::<Vec<_>>().join(", ")))
        }
        Value::Str(_)
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Uint(_)
        | Value::Double(_)
        | Value::Bytes(_)
        | Value::Duration(_)
        | Value::Timestamp(_)
        | Value::Type(_) => text_of(value),
        _ => Err(Failure::Error(Clause::Text.mismatch(value.type_name()))),
    }
}

/// A value within a list or a map.
fn within(value: &Value<'_>) -> Result<String, Failure> {
    Ok(match value {
        Value::Str(text) => quote(text),
        Value::Bytes(_) => format!("b{}", quote(&text_of(value)?)),
        Value::Double(value) if value.is_finite() => fixed(*value, PRECISION),
        Value::Double(value) => quote(&go_float(*value)),
        Value::Timestamp(_) => format!("timestamp(\"{}\")", text_of(value)?),
        Value::Duration(_) => format!("duration(\"{}\")", text_of(value)?),
        _ => written(value)?,
    })
}

/// A value for a message.
pub(in crate::cel) fn show(value: &Value<'_>) -> String {
    written(value).unwrap_or_else(|_| value.type_name().to_owned())
}
