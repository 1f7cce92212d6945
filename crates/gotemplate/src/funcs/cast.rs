//! Conversions between numbers and strings, as `spf13/cast` does them: what does not fit is zero.

use super::Result;
use crate::functions::{Call, Function};
use crate::number::{parse_float, parse_int};
use crate::object::Type;
use crate::text::Str;
use crate::value::{Kind, Value};

use Type::Any;

/// Conversions.
pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("int64", &[Any], |call, args| {
        Ok(call.cast().int(&args[0]).into())
    }),
    Function::new("int", &[Any], |call, args| {
        Ok(super::from_int(call.cast().int(&args[0])))
    }),
    Function::new("float64", &[Any], |call, args| {
        Ok(call.cast().float(&args[0]).into())
    }),
    Function::new("toDecimal", &[Any], to_decimal),
    Function::new("toString", &[Any], |call, args| {
        Ok(string_value(call, &args[0])?.into())
    }),
    Function::new("atoi", &[Type::Str], |_, args| {
        Ok(super::from_int(atoi(super::text(args, 0)?.as_bytes())))
    }),
];

/// How the libraries make numbers of other values: what does not fit is zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Cast {
    /// `spf13/cast`: text is a number as Go writes constants, `0x1F` or `017`.
    #[default]
    Sprig,
    /// slim-sprig's own: text is a decimal number.
    Slim,
}

impl Cast {
    /// The value as an `int64`.
    pub(crate) fn int(self, value: &Value) -> i64 {
        match &value.kind {
            Kind::Int(value) | Kind::Int64(value) => *value,
            Kind::Uint64(value) if self == Cast::Slim => i64::try_from(*value).unwrap_or(i64::MAX),
            Kind::Uint64(value) => *value as i64,
            Kind::Uint8(value) => i64::from(*value),
            Kind::Float(value) => truncate(*value),
            Kind::Bool(value) => i64::from(*value),
            Kind::Str(text) => text.as_utf8().map_or(0, |text| self.parse(text)),
            Kind::JsonNumber(text) if self == Cast::Sprig => self.parse(text),
            Kind::Object(object) if self == Cast::Slim || object.type_name() != "time.Duration" => {
                object.as_int().unwrap_or(0)
            }
            _ => 0,
        }
    }

    fn parse(self, text: &str) -> i64 {
        match self {
            Cast::Sprig => parse_trimmed(text),
            Cast::Slim => text.parse().unwrap_or(0),
        }
    }

    /// The value as a `float64`.
    pub(crate) fn float(self, value: &Value) -> f64 {
        match &value.kind {
            Kind::Int(value) | Kind::Int64(value) => *value as f64,
            Kind::Uint64(value) => *value as f64,
            Kind::Uint8(value) => f64::from(*value),
            Kind::Float(value) => *value,
            Kind::Bool(value) => f64::from(u8::from(*value)),
            Kind::Str(text) => text
                .as_utf8()
                .and_then(|text| parse_float(text))
                .unwrap_or(0.0),
            Kind::JsonNumber(text) if self == Cast::Sprig => parse_float(text).unwrap_or(0.0),
            Kind::Object(object) => object.as_int().unwrap_or(0) as f64,
            _ => 0.0,
        }
    }
}

impl Call<'_> {
    /// How the functions of the set make numbers of other values.
    pub(crate) fn cast(&self) -> Cast {
        self.set.functions().cast
    }
}

/// A float as a whole number, as Go's conversion does on a usual machine.
pub(crate) fn truncate(value: f64) -> i64 {
    if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&value) {
        value as i64
    } else {
        i64::MIN
    }
}

/// `3.00` is read as `3`.
fn parse_trimmed(text: &str) -> i64 {
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|byte| byte == b'0') && !zeros.is_empty() => {
            whole
        }
        _ => text,
    };
    parse_int(whole).unwrap_or(0)
}

/// `strconv.Atoi`, zero for what it refuses; too large a number is the largest.
fn atoi(text: &[u8]) -> i64 {
    let Ok(text) = std::str::from_utf8(text) else {
        return 0;
    };
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return 0;
    }
    text.parse().unwrap_or(match text.starts_with('-') {
        true => i64::MIN,
        false => i64::MAX,
    })
}

/// The number that octal digits stand for.
fn to_decimal(call: &mut Call<'_>, args: &[Value]) -> Result {
    let text = printed(call, &args[0])?;
    let value = text.as_utf8().and_then(|text| {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        let valid = digits.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
        if valid {
            i64::from_str_radix(text, 8).ok()
        } else {
            None
        }
    });
    Ok(value.unwrap_or(0).into())
}

/// `%v`, with the pieces of a string.
pub(crate) fn printed(call: &mut Call<'_>, value: &Value) -> Result<Str> {
    if let Kind::Str(text) = &value.kind {
        return Ok(text.clone());
    }
    let mut out = call.text();
    call.print_into(value, &mut out)?;
    Ok(out.finish())
}

/// sprig's `strval`: strings and bytes as they are, all else as `%v` prints it.
pub(crate) fn string_value(call: &mut Call<'_>, value: &Value) -> Result<Str> {
    if let Kind::List(list) = &value.kind
        && list.elem == crate::value::Elem::Byte
    {
        let bytes: Vec<u8> = list
            .items
            .iter()
            .map(|item| Cast::Sprig.int(item) as u8)
            .collect();
        return Ok(bytes.into());
    }
    let text = printed(call, value)?;
    // The origin of the value goes with the text, where the text has no pieces of its own.
    if text.pieces().is_none() && value.origin.is_some() {
        let mut out = call.text();
        out.push_str(&text, value.origin);
        return Ok(out.finish());
    }
    Ok(text)
}

/// sprig's `strslice`: the strings of a list without its nils, or a single value as the only one.
pub(crate) fn strings(call: &mut Call<'_>, value: &Value) -> Result<Vec<Str>> {
    match &value.kind {
        Kind::Nil => Ok(Vec::new()),
        Kind::List(list) => {
            let items = list.items.iter().filter(|item| !item.is_nil());
            items.map(|item| string_value(call, item)).collect()
        }
        _ => Ok(vec![string_value(call, value)?]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_numbers_of_go_or_zero() {
        let check = |text: &str, expected: i64| {
            assert_eq!(Cast::Sprig.int(&Value::from(text)), expected, "{text:?}")
        };
        check("0x1F", 31);
        check("017", 15);
        check("3.0", 3);
        check("3.7", 0);
        check("3.", 0);
        check(" 3", 0);
        assert_eq!(Cast::Sprig.int(&Value::from(1e30)), i64::MIN);
        assert_eq!(Cast::Sprig.float(&Value::from("1e3")), 1000.0);
    }
}
