//! Numeric constants of templates.

use tidegate_yaml::SmolStr;

use crate::ast::Number;
use crate::lex::TokenKind;
use tidegate_golang::{quote, unquote_char};

/// The value of a constant, as each type it can be of. The error is Go's text.
pub(crate) fn number(kind: TokenKind, text: SmolStr) -> Result<Number, String> {
    let mut number = Number {
        int: None,
        uint: None,
        float: None,
        complex: None,
        text,
    };
    let text = number.text.clone();
    match kind {
        TokenKind::CharConstant => {
            let (c, rest) = unquote_char(&text.as_bytes()[1..], b'\'').ok_or("invalid syntax")?;
            if rest != b"'" {
                return Err(format!("malformed character constant: {text}"));
            }
            let value = i64::from(c.value());
            number.int = Some(value);
            number.uint = Some(value as u64);
            number.float = Some(value as f64);
        }
        TokenKind::Complex => {
            let split = text.rfind(['+', '-']).unwrap_or(0);
            // A sign behind an exponent does not part the two.
            let split = match text[..split].ends_with(['e', 'E', 'p', 'P']) {
                true => text[..split].rfind(['+', '-']).unwrap_or(0),
                false => split,
            };
            let real = parse_float(&text[..split]).ok_or("syntax error scanning complex number")?;
            let imaginary = text[split..].trim_end_matches('i');
            let imaginary = parse_float(imaginary).ok_or("syntax error scanning complex number")?;
            number.set_complex(real, imaginary);
        }
        _ => {
            if let Some(imaginary) = text.strip_suffix('i')
                && let Some(value) = parse_float(imaginary)
            {
                number.set_complex(0.0, value);
            } else {
                number.set_real()?;
            }
        }
    }
    Ok(number)
}

impl Number {
    fn set_complex(&mut self, real: f64, imaginary: f64) {
        self.complex = Some((real, imaginary));
        if imaginary == 0.0 {
            self.float = Some(real);
            self.int = exact_int(real);
            self.uint = exact_uint(real);
        }
    }

    fn set_real(&mut self) -> Result<(), String> {
        let text = self.text.as_str();
        self.uint = parse_uint(text);
        self.int = parse_int(text);
        if self.int == Some(0) {
            self.uint = Some(0);
        }
        if let Some(value) = self.int {
            self.float = Some(value as f64);
        } else if let Some(value) = self.uint {
            self.float = Some(value as f64);
        } else if let Some(value) = parse_float(text) {
            if !text.contains(['.', 'e', 'E', 'p', 'P']) {
                return Err(format!("integer overflow: {}", quote(text.as_bytes())));
            }
            self.float = Some(value);
            self.int = exact_int(value);
            self.uint = exact_uint(value);
        } else {
            return Err(format!("illegal number syntax: {}", quote(text.as_bytes())));
        }
        Ok(())
    }
}

fn exact_int(value: f64) -> Option<i64> {
    let whole = value as i64;
    (whole as f64 == value && value < i64::MAX as f64).then_some(whole)
}

fn exact_uint(value: f64) -> Option<u64> {
    let whole = value as u64;
    (whole as f64 == value && value < u64::MAX as f64).then_some(whole)
}

/// A whole number as `strconv.ParseInt` reads it with base 0: prefixes, and `_` between digits.
pub(crate) fn parse_int(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let value = parse_uint(digits)?;
    match negative {
        true if value <= 1 << 63 => Some((value as i64).wrapping_neg()),
        true => None,
        false => i64::try_from(value).ok(),
    }
}

/// A whole number as `strconv.ParseUint` reads it with base 0.
pub(crate) fn parse_uint(text: &str) -> Option<u64> {
    let lower = text.to_ascii_lowercase();
    let (radix, digits) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, &lower[2..]),
        [b'0', b'o', ..] => (8, &lower[2..]),
        [b'0', b'b', ..] => (2, &lower[2..]),
        [b'0', _, ..] => (8, &lower[1..]),
        _ => (10, lower.as_str()),
    };
    if digits.starts_with(['+', '-']) || (lower.contains('_') && !underscores_fit(&lower)) {
        return None;
    }
    u64::from_str_radix(&digits.replace('_', ""), radix).ok()
}

/// `_` stands between digits only, or between a prefix and a digit.
fn underscores_fit(text: &str) -> bool {
    let text = text.trim_start_matches(['+', '-']);
    let prefixed = matches!(text.as_bytes(), [b'0', b'x' | b'o' | b'b', ..]);
    let hex = text.starts_with("0x");
    let body = if prefixed { &text[2..] } else { text };
    let is_digit = |byte: u8| byte.is_ascii_digit() || (hex && byte.is_ascii_hexdigit());
    let bytes = body.as_bytes();
    bytes.iter().enumerate().all(|(i, byte)| {
        let before = match i {
            0 => prefixed,
            i => is_digit(bytes[i - 1]),
        };
        *byte != b'_' || (before && bytes.get(i + 1).is_some_and(|next| is_digit(*next)))
    })
}

/// A number as `strconv.ParseFloat` reads it; none for what is out of range too.
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    let (negative, body) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let sign = if negative { -1.0 } else { 1.0 };
    let lower = body.to_ascii_lowercase();
    if matches!(lower.as_str(), "inf" | "infinity") {
        return Some(sign * f64::INFINITY);
    }
    if lower == "nan" {
        return Some(f64::NAN);
    }
    if let Some(hex) = lower.strip_prefix("0x") {
        return parse_hex_float(&hex.replace('_', "")).map(|value| sign * value);
    }
    // Underscores are for constants of Go with a prefix; `ParseFloat` knows them in base 0 alone.
    if !lower
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b".e+-".contains(&byte))
    {
        return None;
    }
    let value: f64 = lower.parse().ok()?;
    value.is_finite().then_some(sign * value)
}

/// `1.8p3` of `0x1.8p3`.
fn parse_hex_float(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once('p')?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || digits.len() > 13 {
        return None;
    }
    let value = u64::from_str_radix(&digits, 16).ok()?;
    let exponent: i32 = exponent.parse().ok()?;
    let scale = exponent.checked_sub(4 * fraction.len() as i32)?;
    let value = value as f64 * 2f64.powi(scale);
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_have_prefixes_and_underscores() {
        let cases = [
            ("0x1F", Some(31)),
            ("017", Some(15)),
            ("0o17", Some(15)),
            ("0b101", Some(5)),
            ("1_000", Some(1000)),
            ("0x_1", Some(1)),
            ("1__0", None),
            ("_1", None),
            ("1_", None),
            ("08", None),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("", None),
            ("-", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_int(text), expected, "{text:?}");
        }
    }

    #[test]
    fn floats_are_those_of_go() {
        let cases = [
            ("1e3", Some(1000.0)),
            (".5", Some(0.5)),
            ("5.", Some(5.0)),
            ("0x1p4", Some(16.0)),
            ("0x1.8p1", Some(3.0)),
            ("1e999", None),
            (".", None),
            ("1_0.5", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_float(text), expected, "{text:?}");
        }
    }
}
