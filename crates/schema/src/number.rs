//! Scalars as JSON has them after the API server has read the YAML.

use tidegate_yaml::{Dialect, Scalar, ScalarKind, float_value, int_value};

/// A number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    /// A whole number of 64 bits, however it was written: `0x10`, `1e3` and `80.0` are such.
    Whole(i64),
    /// Any other.
    Double(f64),
}

impl Number {
    /// The number that a scalar stands for; none where it is none.
    pub(crate) fn of(scalar: &Scalar) -> Option<Number> {
        match scalar.kind {
            ScalarKind::Int => {
                let value = int_value(&scalar.text, Dialect::Yaml11)?;
                Some(match i64::try_from(value) {
                    Ok(value) => Number::Whole(value),
                    Err(_) => Number::Double(value as f64),
                })
            }
            ScalarKind::Float => {
                let value = float_value(&scalar.text, Dialect::Yaml11)?;
                // JSON writes numbers up to this size without exponent, and so as whole ones.
                let whole = value.fract() == 0.0 && value.abs() < 1e21;
                match whole && (-9.2e18..9.2e18).contains(&value) {
                    true => Some(Number::Whole(value as i64)),
                    false => Some(Number::Double(value)),
                }
            }
            _ => None,
        }
    }

    /// Its value.
    pub(crate) fn as_f64(self) -> f64 {
        match self {
            Number::Whole(value) => value as f64,
            Number::Double(value) => value,
        }
    }
}

/// The truth value of a scalar; none where it is none.
pub(crate) fn boolean(scalar: &Scalar) -> Option<bool> {
    if scalar.kind != ScalarKind::Bool {
        return None;
    }
    let first = scalar.text.as_bytes().first()?.to_ascii_lowercase();
    let second = scalar.text.as_bytes().get(1).map(u8::to_ascii_lowercase);
    Some(matches!(
        (first, second),
        (b't' | b'y', _) | (b'o', Some(b'n'))
    ))
}

/// Whether a scalar is text to JSON. Dates and times are.
pub(crate) fn is_text(scalar: &Scalar) -> bool {
    matches!(
        scalar.kind,
        ScalarKind::Str | ScalarKind::Timestamp | ScalarKind::Binary | ScalarKind::Merge
    )
}
