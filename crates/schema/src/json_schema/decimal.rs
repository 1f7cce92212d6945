//! Numbers as they are written: exact, where a `f64` is not.

use std::cmp::Ordering;

use tidegate_yaml::{Dialect, Scalar, ScalarKind, float_value, int_value};

/// `digits * 10^exponent`. There are no zeros at the end of the digits, so that equal numbers are
/// equal field by field. What is beyond 38 digits is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    digits: u128,
    exponent: i64,
}

/// Digits that fit in any case.
const MOST_DIGITS: usize = 38;

impl Decimal {
    pub(super) const ZERO: Decimal = Decimal {
        negative: false,
        digits: 0,
        exponent: 0,
    };

    /// A number as JSON writes it.
    pub(super) fn parse(text: &str) -> Option<Decimal> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut exponent = i64::from(exponent) - fraction.len() as i64;
        let mut digits: u128 = 0;
        let mut count = 0;
        for byte in whole.bytes().chain(fraction.bytes()) {
            if !byte.is_ascii_digit() {
                return None;
            }
            if count == MOST_DIGITS {
                exponent += 1;
                continue;
            }
            digits = digits * 10 + u128::from(byte - b'0');
            count += usize::from(digits > 0);
        }
        Some(Decimal::new(negative, digits, exponent))
    }

    fn new(negative: bool, mut digits: u128, mut exponent: i64) -> Decimal {
        if digits == 0 {
            return Decimal::ZERO;
        }
        while digits.is_multiple_of(10) {
            digits /= 10;
            exponent += 1;
        }
        Decimal {
            negative,
            digits,
            exponent,
        }
    }

    /// A number of YAML; none for an infinity and what is not a number.
    pub(super) fn of_scalar(scalar: &Scalar) -> Option<Decimal> {
        if scalar.kind == ScalarKind::Int {
            let value = int_value(&scalar.text, Dialect::Yaml11)?;
            // Numbers of values files are doubles to Helm.
            return match value.unsigned_abs() < 1 << 53 {
                true => Some(Decimal::new(value < 0, value.unsigned_abs(), 0)),
                false => Decimal::of_f64(value as f64),
            };
        }
        Decimal::of_f64(float_value(&scalar.text, Dialect::Yaml11)?)
    }

    fn of_f64(value: f64) -> Option<Decimal> {
        value
            .is_finite()
            .then(|| Decimal::parse(&format!("{value:e}")))
            .flatten()
    }

    pub(super) fn canonical(&self) -> String {
        let sign = if self.negative { "-" } else { "+" };
        format!("{sign}{}e{}", self.digits, self.exponent)
    }

    pub(super) fn as_f64(&self) -> f64 {
        self.canonical().parse().unwrap_or_default()
    }

    pub(super) fn is_integer(&self) -> bool {
        self.exponent >= 0
    }

    /// As a limit on lengths and counts; none where it is not a whole number.
    pub(super) fn as_limit(&self) -> Option<i64> {
        let power = u32::try_from(self.exponent).ok()?;
        let value = 10u128
            .checked_pow(power)
            .and_then(|power| power.checked_mul(self.digits));
        let value = value.map_or(i64::MAX, |value| i64::try_from(value).unwrap_or(i64::MAX));
        Some(if self.negative { -value } else { value })
    }

    /// Whether it is a multiple of the other.
    pub(super) fn is_multiple_of(&self, other: &Decimal) -> bool {
        if other.digits == 0 {
            return false;
        }
        let shift = self.exponent - other.exponent;
        if shift >= 0 {
            let power = power_mod(10, shift.unsigned_abs(), other.digits);
            return multiply_mod(self.digits % other.digits, power, other.digits) == 0;
        }
        let power = u32::try_from(shift.unsigned_abs()).ok();
        let divisor = power
            .and_then(|power| 10u128.checked_pow(power))
            .and_then(|power| power.checked_mul(other.digits));
        self.digits == 0 || divisor.is_some_and(|divisor| self.digits.is_multiple_of(divisor))
    }
}

fn power_mod(base: u128, mut exponent: u64, modulus: u128) -> u128 {
    let mut result = 1 % modulus;
    let mut factor = base % modulus;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = multiply_mod(result, factor, modulus);
        }
        factor = multiply_mod(factor, factor, modulus);
        exponent >>= 1;
    }
    result
}

fn multiply_mod(mut a: u128, mut b: u128, modulus: u128) -> u128 {
    if let Some(product) = a.checked_mul(b) {
        return product % modulus;
    }
    // A decimal has at most 38 digits, which is less than half of what fits: doubling is safe.
    let mut result = 0;
    while b > 0 {
        if b & 1 == 1 {
            result = (result + a) % modulus;
        }
        a = (a * 2) % modulus;
        b >>= 1;
    }
    result
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Decimal) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Decimal) -> Ordering {
        let sign = |one: &Decimal| match (one.digits, one.negative) {
            (0, _) => 0,
            (_, true) => -1,
            (_, false) => 1,
        };
        let by_sign = sign(self).cmp(&sign(other));
        if by_sign.is_ne() || self.digits == 0 {
            return by_sign;
        }
        let (a, b) = (self.digits.to_string(), other.digits.to_string());
        let magnitude = |digits: &str, exponent: i64| digits.len() as i64 + exponent;
        let by_magnitude = magnitude(&a, self.exponent).cmp(&magnitude(&b, other.exponent));
        // Of the same magnitude: digits compare as text, as the shorter one ends in a digit other than zero.
        let by_size = by_magnitude.then_with(|| a.cmp(&b));
        match self.negative {
            true => by_size.reverse(),
            false => by_size,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn order() {
        let sorted = [
            "-1e3", "-12.5", "-0.1", "0", "1e-300", "0.1", "1", "1.05", "1.1", "9", "1e1", "1e400",
        ];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(decimal(a).cmp(&decimal(b)), i.cmp(&j), "{a} {b}");
            }
        }
        assert_eq!(decimal("1.0e2"), decimal("100"));
        assert_eq!(decimal("-0.0"), Decimal::ZERO);
    }

    #[test]
    fn multiples() {
        let check = |a: &str, b: &str, expected: bool| {
            assert_eq!(decimal(a).is_multiple_of(&decimal(b)), expected, "{a} {b}");
        };
        check("4.5", "1.5", true);
        check("0.3", "0.1", true);
        check("0.35", "0.1", false);
        check("1e300", "7", false);
        check("7e300", "7", true);
        check("5", "0.01", true);
        check("1", "3e5", false);
    }

    #[test]
    fn whole() {
        assert!(decimal("2.0").is_integer() && !decimal("2.5").is_integer());
        assert_eq!(decimal("12e1").as_limit(), Some(120));
        assert_eq!(decimal("1e30").as_limit(), Some(i64::MAX));
        assert_eq!(decimal("-2.5").as_f64(), -2.5);
    }
}
