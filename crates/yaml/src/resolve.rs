use crate::{Dialect, ScalarKind};

/// What a plain scalar without a tag stands for.
///
/// The rules are those of go-yaml: [`Dialect::GoYaml3`] of its version 3, [`Dialect::Yaml11`] of
/// its version 2, which `sigs.k8s.io/yaml` and so the API machinery use.
pub fn resolve(text: &str, dialect: Dialect) -> ScalarKind {
    let Some(&first) = text.as_bytes().first() else {
        return ScalarKind::Null;
    };
    match first {
        b'0'..=b'9' | b'+' | b'-' => resolve_number(text, dialect),
        b'.' => resolve_dot(text),
        b't' | b'T' | b'f' | b'F' | b'n' | b'N' | b'~' | b'y' | b'Y' | b'o' | b'O' => {
            resolve_word(text, dialect)
        }
        b'<' if text == "<<" => ScalarKind::Merge,
        _ => ScalarKind::Str,
    }
}

fn resolve_word(text: &str, dialect: Dialect) -> ScalarKind {
    match text {
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => ScalarKind::Bool,
        "~" | "null" | "Null" | "NULL" => ScalarKind::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "n" | "N" | "no" | "No" | "NO"
        | "off" | "Off" | "OFF"
            if dialect == Dialect::Yaml11 =>
        {
            ScalarKind::Bool
        }
        _ => ScalarKind::Str,
    }
}

fn resolve_dot(text: &str) -> ScalarKind {
    match text {
        ".nan" | ".NaN" | ".NAN" | ".inf" | ".Inf" | ".INF" => ScalarKind::Float,
        _ if dot_float(text).is_some() => ScalarKind::Float,
        _ => ScalarKind::Str,
    }
}

fn resolve_number(text: &str, dialect: Dialect) -> ScalarKind {
    // Nearly all text that starts like a number holds a letter or a sign no number has.
    if text.bytes().any(never_in_number) {
        return ScalarKind::Str;
    }
    match text {
        "+.inf" | "+.Inf" | "+.INF" | "-.inf" | "-.Inf" | "-.INF" => return ScalarKind::Float,
        _ if Timestamp::parse(text).is_some() => return ScalarKind::Timestamp,
        _ => {}
    }
    if int_value(text, dialect).is_some() {
        ScalarKind::Int
    } else if decimal_float(text).is_some() {
        ScalarKind::Float
    } else {
        ScalarKind::Str
    }
}

fn never_in_number(byte: u8) -> bool {
    // Digits (hexadecimal ones too), the prefixes 0x 0o 0b, signs, and what dates hold.
    !matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F' | b'x' | b'X' | b'o' | b'O' | b'_'
        | b'.' | b'+' | b'-' | b':' | b'T' | b't' | b'Z' | b' ' | b',' | b'i' | b'n' | b'I' | b'N')
}

/// The value of a scalar that stands for a whole number, in any notation of the dialect: within
/// the ranges of `i64` and `u64` taken together, as Go holds it.
pub fn int_value(text: &str, dialect: Dialect) -> Option<i128> {
    let cleaned;
    let plain = if text.contains('_') {
        cleaned = text.replace('_', "");
        cleaned.as_str()
    } else {
        text
    };
    if !matches!(text.as_bytes().first(), Some(b'0'..=b'9' | b'+' | b'-')) {
        return None;
    }
    let general = {
        let (negative, digits) = split_sign(plain);
        let (radix, digits) = match digits.as_bytes() {
            [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
            [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
            [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
            [b'0', _, ..] => (8, &digits[1..]),
            _ => (10, digits),
        };
        magnitude(digits, radix).and_then(|value| signed(negative, value, plain))
    };
    general.or_else(|| {
        // Go reads the digits behind these prefixes with a sign of their own.
        let (negative, rest) = match plain.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, plain),
        };
        let (radix, digits) = if let Some(digits) = rest.strip_prefix("0b") {
            (2, digits)
        } else if let Some(digits) = rest.strip_prefix("0o")
            && dialect == Dialect::GoYaml3
        {
            (8, digits)
        } else {
            return None;
        };
        if negative {
            let value = magnitude(digits, radix)?;
            return signed(true, value, plain);
        }
        let (negative, digits) = split_sign(digits);
        signed(negative, magnitude(digits, radix)?, digits)
    })
}

fn split_sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

fn magnitude(digits: &str, radix: u32) -> Option<u64> {
    // `from_str_radix` would take a sign.
    match digits.as_bytes().first() {
        Some(b'+' | b'-') | None => None,
        Some(_) => u64::from_str_radix(digits, radix).ok(),
    }
}

/// Applies the sign; `plain` is the text with its sign, for Go's unsigned reader refuses a `+`.
fn signed(negative: bool, value: u64, plain: &str) -> Option<i128> {
    let value = i128::from(value);
    if negative {
        (value <= -i128::from(i64::MIN)).then_some(-value)
    } else if plain.starts_with('+') && value > i128::from(i64::MAX) {
        None
    } else {
        Some(value)
    }
}

/// The value of a scalar that stands for a number with a fraction or an exponent, an infinity or
/// NaN. Whole numbers have a value too, rounded to what a double can hold.
pub fn float_value(text: &str, dialect: Dialect) -> Option<f64> {
    match text {
        ".nan" | ".NaN" | ".NAN" => return Some(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Some(f64::NEG_INFINITY),
        _ => {}
    }
    if text.starts_with('.') {
        return dot_float(text);
    }
    match int_value(text, dialect) {
        Some(value) => Some(value as f64),
        None => decimal_float(text),
    }
}

/// `.5`, `.5e3`: read as Go reads a floating-point literal, underscores between digits allowed.
fn dot_float(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let misplaced = |i: usize| {
        let digit = |i: Option<usize>| i.and_then(|i| bytes.get(i)).is_some_and(u8::is_ascii_digit);
        bytes[i] == b'_' && !(digit(i.checked_sub(1)) && digit(Some(i + 1)))
    };
    if (0..bytes.len()).any(misplaced) {
        return None;
    }
    decimal_float(text)
}

/// A sign, digits with perhaps a point, perhaps an exponent; underscores do not count.
fn decimal_float(text: &str) -> Option<f64> {
    let cleaned;
    let plain = if text.contains('_') {
        cleaned = text.replace('_', "");
        cleaned.as_str()
    } else {
        text
    };
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (_, rest) = split_sign(plain);
    let whole = digits(rest);
    let mut rest = &rest[whole..];
    if let Some(after) = rest.strip_prefix('.') {
        let fraction = digits(after);
        if whole == 0 && fraction == 0 {
            return None;
        }
        rest = &after[fraction..];
    } else if whole == 0 {
        return None;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let (_, exponent) = split_sign(exponent);
        let count = digits(exponent);
        if count == 0 || count != exponent.len() {
            return None;
        }
    } else if !rest.is_empty() {
        return None;
    }
    plain.parse().ok().filter(|value: &f64| value.is_finite())
}

/// A point in time as go-yaml reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timestamp {
    year: u32,
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
    nanosecond: u32,
    /// East of Greenwich.
    offset_minutes: i32,
}

impl Timestamp {
    pub(crate) fn parse(text: &str) -> Option<Timestamp> {
        let bytes = text.as_bytes();
        if bytes.len() < 8 || bytes[4] != b'-' || !bytes[..4].iter().all(u8::is_ascii_digit) {
            return None;
        }
        let year = text[..4].parse().ok()?;
        let (month, rest) = one_or_two(&text[5..])?;
        let (day, rest) = one_or_two(rest.strip_prefix('-')?)?;
        let mut time = Timestamp {
            year,
            month,
            day,
            hour: 0,
            minute: 0,
            second: 0,
            nanosecond: 0,
            offset_minutes: 0,
        };
        if !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
            return None;
        }
        if rest.is_empty() {
            return Some(time);
        }
        let (zoned, rest) = match rest.as_bytes()[0] {
            b'T' | b't' => (true, &rest[1..]),
            b' ' => (false, rest.trim_start_matches(' ')),
            _ => return None,
        };
        let (hour, rest) = one_or_two(rest)?;
        let (minute, rest) = one_or_two(rest.strip_prefix(':')?)?;
        let (second, rest) = one_or_two(rest.strip_prefix(':')?)?;
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        (time.hour, time.minute, time.second) = (hour, minute, second);
        let mut rest = rest;
        if let Some(after) = rest.strip_prefix(['.', ',']) {
            let count = after.bytes().take_while(u8::is_ascii_digit).count();
            if count > 0 {
                let digits = &after[..count.min(9)];
                let scale = 10u32.pow(9 - digits.len() as u32);
                time.nanosecond = digits.parse::<u32>().ok()? * scale;
                rest = &after[count..];
            }
        }
        if !zoned {
            return rest.is_empty().then_some(time);
        }
        if rest == "Z" {
            return Some(time);
        }
        let zone = rest.as_bytes();
        let [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] = *zone else {
            return None;
        };
        let two = |a: u8, b: u8| {
            let both = a.is_ascii_digit() && b.is_ascii_digit();
            both.then(|| i32::from(a - b'0') * 10 + i32::from(b - b'0'))
        };
        let (hours, minutes) = (two(h1, h2)?, two(m1, m2)?);
        if hours > 24 || minutes > 60 {
            return None;
        }
        let offset = hours * 60 + minutes;
        time.offset_minutes = if sign == b'-' { -offset } else { offset };
        Some(time)
    }

    /// As RFC 3339 with as many digits of the fraction as it needs. Offsets of a day and more
    /// cannot be written.
    pub(crate) fn to_rfc3339(self) -> Option<String> {
        use std::fmt::Write;
        let mut out = format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            self.year, self.month, self.day, self.hour, self.minute, self.second
        );
        if self.nanosecond != 0 {
            let digits = format!("{:09}", self.nanosecond);
            out.push('.');
            out.push_str(digits.trim_end_matches('0'));
        }
        if self.offset_minutes == 0 {
            out.push('Z');
        } else {
            let sign = if self.offset_minutes < 0 { '-' } else { '+' };
            let offset = self.offset_minutes.abs();
            if offset >= 24 * 60 {
                return None;
            }
            let _ = write!(out, "{sign}{:02}:{:02}", offset / 60, offset % 60);
        }
        Some(out)
    }
}

/// `text`, written as RFC 3339, where it is a timestamp that can be written so.
pub fn timestamp_value(text: &str) -> Option<String> {
    Timestamp::parse(text)?.to_rfc3339()
}

fn one_or_two(text: &str) -> Option<(u32, &str)> {
    let count = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    Some((text[..count].parse().ok()?, &text[count..]))
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 31,
    }
}

/// A number as Go's `strconv` writes it with format `g` and the shortest exact precision.
pub fn go_float(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    // Go decides with a precision of six where the shortest one is asked for.
    if !(-4..6).contains(&exponent) {
        with_exponent(mantissa, exponent, 2)
    } else {
        format!("{value}")
    }
}

/// A number as Go's `encoding/json` writes it.
pub fn json_float(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let scientific = format!("{value:e}");
        let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        let width = if exponent < 0 { 1 } else { 2 };
        with_exponent(mantissa, exponent, width)
    } else {
        format!("{value}")
    }
}

fn with_exponent(mantissa: &str, exponent: i32, width: usize) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:0width$}", exponent.abs())
}

/// The text of a whole number or a number with a fraction as JSON writes it after Go has held it:
/// `0x1F` is `31`, `1.0` is `1`. None for infinities, NaN, and what is no number.
pub fn json_number(text: &str, kind: ScalarKind, dialect: Dialect) -> Option<String> {
    match kind {
        ScalarKind::Int => int_value(text, dialect).map(|value| value.to_string()),
        ScalarKind::Float => {
            let value = float_value(text, dialect)?;
            value.is_finite().then(|| json_float(value))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(dialect: Dialect, kind: ScalarKind, texts: &[&str]) {
        for text in texts {
            assert_eq!(resolve(text, dialect), kind, "{text:?}");
        }
    }

    #[test]
    fn kinds_that_both_dialects_share() {
        for dialect in [Dialect::GoYaml3, Dialect::Yaml11] {
            check(dialect, ScalarKind::Bool, &["true", "True", "FALSE"]);
            check(dialect, ScalarKind::Null, &["", "~", "null", "NULL"]);
            check(
                dialect,
                ScalarKind::Int,
                &[
                    "0",
                    "-1",
                    "+1",
                    "007",
                    "0x1F",
                    "0b11",
                    "-0b11",
                    "0b-11",
                    "0O17",
                    "1_000",
                    "0x_1",
                    "18446744073709551615",
                    "-9223372036854775808",
                ],
            );
            check(
                dialect,
                ScalarKind::Float,
                &[
                    "1.5",
                    "08",
                    "1e3",
                    "1.",
                    ".5",
                    "-.5",
                    "+.5e3",
                    "1__0.5",
                    ".1_0",
                    "18446744073709551616",
                    ".inf",
                    "-.INF",
                    ".NaN",
                ],
            );
            check(
                dialect,
                ScalarKind::Timestamp,
                &[
                    "2024-01-02",
                    "2024-1-2",
                    "2024-01-02T03:04:05Z",
                    "2024-01-02t3:4:5.120+02:00",
                    "2024-01-02 03:04:05",
                    "2024-02-29",
                ],
            );
            check(
                dialect,
                ScalarKind::Str,
                &[
                    "2024-13-45",
                    "2023-02-29",
                    "1e400",
                    "12:30",
                    "0x",
                    "0x1G",
                    "1,2",
                    ".",
                    "._5",
                    "-",
                    "=",
                    "True ",
                    "yEs",
                    "1.2.3",
                    "-0x",
                    "1e",
                    "é",
                ],
            );
            check(dialect, ScalarKind::Merge, &["<<"]);
        }
    }

    #[test]
    fn kinds_that_differ() {
        let words = ["yes", "No", "ON", "off", "y", "N"];
        check(Dialect::GoYaml3, ScalarKind::Str, &words);
        check(Dialect::Yaml11, ScalarKind::Bool, &words);
        check(Dialect::GoYaml3, ScalarKind::Int, &["0o17", "-0o7", "0o-7"]);
        // Go reads these with the prefix in both, but behind a sign of their own in one only.
        check(Dialect::Yaml11, ScalarKind::Int, &["0o17", "-0o7"]);
        check(Dialect::Yaml11, ScalarKind::Str, &["0o-7"]);
    }

    #[test]
    fn numbers_are_written_as_go_writes_them() {
        let check = |text: &str, go: &str, json: &str| {
            let value = float_value(text, Dialect::GoYaml3).unwrap();
            assert_eq!(
                (go_float(value).as_str(), json_float(value).as_str()),
                (go, json)
            );
        };
        check("1.20", "1.2", "1.2");
        check("123456.7", "123456.7", "123456.7");
        check("123456789.123", "1.23456789123e+08", "123456789.123");
        check("0.000001", "1e-06", "0.000001");
        check("0.0000001", "1e-07", "1e-7");
        check("1e21", "1e+21", "1e+21");
        check("1e20", "1e+20", "100000000000000000000");
        check("-0.0", "-0", "-0");
    }

    #[test]
    fn dates_become_rfc_3339() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(timestamp_value(text).as_deref(), expected, "{text:?}");
        };
        check("2024-1-2", Some("2024-01-02T00:00:00Z"));
        check("2024-01-02 03:04:05.1200", Some("2024-01-02T03:04:05.12Z"));
        check(
            "2024-01-02T03:04:05-07:30",
            Some("2024-01-02T03:04:05-07:30"),
        );
        check("2024-01-02T03:04:05+00:00", Some("2024-01-02T03:04:05Z"));
        check("2024-01-02T03:04:05+24:00", None);
        check("2024-01-02T24:00:00Z", None);
    }
}
