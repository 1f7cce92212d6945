//! Quantities such as `100m`, `1.5Gi` or `1e3`, as Kubernetes reads and compares them.

mod canonical;

use std::cmp::Ordering;

pub(crate) use canonical::rewritten;

/// A quantity.
#[derive(Clone, Debug)]
pub struct Quantity {
    amount: Amount,
    /// How it was written.
    format: Notation,
}

/// The notation of a quantity: which suffixes it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// `Ki`, `Mi` and their like.
    Binary,
    /// `k`, `M`, `m` and their like, or none.
    Decimal,
    /// `e3`.
    Exponent,
}

/// Why a text is no quantity, in the words of the API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAQuantity {
    /// It does not have the form of a number with a suffix.
    Form,
    /// Its suffix is unknown.
    Suffix,
    /// Its number cannot be read.
    Number,
}

impl NotAQuantity {
    /// The words of the API server.
    pub fn as_str(self) -> &'static str {
        match self {
            NotAQuantity::Form => {
                "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
            }
            NotAQuantity::Suffix => "unable to parse quantity's suffix",
            NotAQuantity::Number => "unable to parse numeric part of quantity",
        }
    }
}

/// The two forms that the API server holds amounts in. They differ in what counts as an integer.
#[derive(Clone, Debug)]
enum Amount {
    /// `value * 10^scale`.
    Small {
        value: i64,
        scale: i32,
    },
    Large(Decimal),
}

/// Powers of ten beyond this are taken for it: nobody asks for so much, and digits would fill the
/// memory.
const MAX_EXPONENT: i64 = 2_000;

impl Quantity {
    /// Reads a quantity.
    pub fn parse(text: &str) -> Result<Quantity, NotAQuantity> {
        let (negative, unsigned) = match text.as_bytes().first() {
            None => return Err(NotAQuantity::Form),
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            Some(_) => (false, text),
        };
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let whole_end = digits(unsigned);
        let whole = unsigned[..whole_end].trim_start_matches('0');
        let rest = &unsigned[whole_end..];
        let (fraction, suffix) = match rest.strip_prefix('.') {
            Some(rest) => rest.split_at(digits(rest)),
            None => ("", rest),
        };
        check_suffix(suffix)?;
        let (base, exponent, format) = interpret(suffix).ok_or(NotAQuantity::Suffix)?;
        // `+` and `.` alone are numbers to the original, as long as nothing but zeros was dropped.
        if unsigned.is_empty() || (whole_end == 0 && fraction.is_empty() && rest.is_empty()) {
            return Ok(Quantity::small(0, 0, format));
        }
        if whole_end == 0 && fraction.is_empty() {
            return Err(NotAQuantity::Number);
        }
        let whole = if whole.is_empty() && whole_end != unsigned.len() {
            "0"
        } else {
            whole
        };
        if let Some(small) = small(negative, whole, fraction, base, exponent, format) {
            return Ok(small);
        }
        let mut decimal = Decimal::new(negative, whole, fraction);
        if base == 10 {
            decimal.scale += exponent;
        } else {
            for _ in 0..exponent / 10 {
                decimal.multiply(1024);
            }
        }
        decimal.round_up_to_nano();
        if format == Notation::Binary {
            let most = Decimal::from_i64(i64::MAX);
            if decimal.cmp_size(&most) == Ordering::Greater {
                decimal = Decimal { negative, ..most };
            }
        }
        Ok(Quantity {
            amount: Amount::Large(decimal),
            format,
        })
    }

    fn small(value: i64, scale: i32, format: Notation) -> Quantity {
        Quantity {
            amount: Amount::Small { value, scale },
            format,
        }
    }

    /// A whole number.
    pub fn from_i64(value: i64) -> Quantity {
        Quantity::small(value, 0, Notation::Exponent)
    }

    /// How it was written.
    pub fn format(&self) -> Notation {
        self.format
    }

    /// Its value, where the original finds it to be a whole number of 64 bits.
    pub fn as_i64(&self) -> Option<i64> {
        match self.amount {
            Amount::Small { value, scale } => {
                let factor = 10_i64.checked_pow(u32::try_from(scale).ok()?);
                match value {
                    0 => Some(0),
                    _ => value.checked_mul(factor?),
                }
            }
            Amount::Large(_) => None,
        }
    }

    /// The nearest floating point number.
    pub fn as_f64(&self) -> f64 {
        let (base, scale) = match &self.amount {
            Amount::Small { value, scale } => (*value as f64, *scale),
            Amount::Large(decimal) => (decimal.unscaled(), decimal.scale as i32),
        };
        match scale {
            0 => base,
            scale => base * 10_f64.powi(scale),
        }
    }

    /// -1, 0 or 1.
    pub fn signum(&self) -> i64 {
        match &self.amount {
            Amount::Small { value, .. } => value.signum(),
            Amount::Large(decimal) if decimal.digits.is_empty() => 0,
            Amount::Large(decimal) if decimal.negative => -1,
            Amount::Large(_) => 1,
        }
    }

    fn decimal(&self) -> Decimal {
        match &self.amount {
            Amount::Small { value, scale } => {
                let mut decimal = Decimal::from_i64(*value);
                decimal.scale = i64::from(*scale);
                decimal
            }
            Amount::Large(decimal) => decimal.clone(),
        }
    }

    /// Whether it is a whole number.
    pub fn is_whole(&self) -> bool {
        let decimal = self.decimal();
        let zeros = decimal.digits.iter().rev().take_while(|d| **d == 0).count();
        decimal.digits.is_empty() || decimal.scale + zeros as i64 >= 0
    }

    /// The order of two quantities by their value.
    pub fn compare(&self, other: &Quantity) -> Ordering {
        match (&self.amount, &other.amount) {
            (
                Amount::Small { value: a, scale },
                Amount::Small {
                    value: b,
                    scale: other,
                },
            ) if scale == other => a.cmp(b),
            _ => self.decimal().compare(&other.decimal()),
        }
    }

    /// The sum.
    pub fn plus(&self, other: &Quantity) -> Quantity {
        if let (Amount::Small { value: a, scale: s }, Amount::Small { value: b, scale: t }) =
            (&self.amount, &other.amount)
            && let Some((value, scale)) = add_small((*a, *s), (*b, *t))
        {
            return Quantity::small(value, scale, self.format);
        }
        Quantity {
            amount: Amount::Large(self.decimal().plus(&other.decimal())),
            format: self.format,
        }
    }

    /// The difference.
    pub fn minus(&self, other: &Quantity) -> Quantity {
        let mut negated = other.clone();
        match &mut negated.amount {
            Amount::Small { value, .. } if *value != i64::MIN => *value = -*value,
            Amount::Small { .. } => {
                let mut decimal = other.decimal();
                decimal.negative = !decimal.negative;
                negated.amount = Amount::Large(decimal);
            }
            Amount::Large(decimal) => decimal.negative = !decimal.negative,
        }
        self.plus(&negated)
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Quantity) -> bool {
        self.compare(other) == Ordering::Equal
    }
}

fn add_small(a: (i64, i32), b: (i64, i32)) -> Option<(i64, i32)> {
    if b.0 == 0 {
        return Some(a);
    }
    if a.0 == 0 {
        return Some(b);
    }
    let scale = a.1.min(b.1);
    let scaled = |(value, from): (i64, i32)| {
        value.checked_mul(10_i64.checked_pow(u32::try_from(from - scale).ok()?)?)
    };
    Some((scaled(a)?.checked_add(scaled(b)?)?, scale))
}

/// The small form, where the original chooses it.
fn small(
    negative: bool,
    whole: &str,
    fraction: &str,
    base: u32,
    exponent: i64,
    format: Notation,
) -> Option<Quantity> {
    let length = (whole.len() + fraction.len()) as i64;
    let (precision, scale, mantissa) = match base {
        10 => (18 - length, exponent, 1),
        _ if fraction.is_empty() => (
            15 - whole.len() as i64 - (exponent as f32 * 3.0 / 10.0) as i64 - 1,
            0,
            1_i64 << exponent,
        ),
        _ => return None,
    };
    let scale = scale - fraction.len() as i64;
    if precision < 0 || scale < -9 {
        return None;
    }
    let shifted = format!("{whole}{fraction}");
    let value: i64 = match shifted.as_str() {
        "" => 0,
        text => text.parse().ok()?,
    };
    let value = value.checked_mul(mantissa)?;
    let value = if negative { -value } else { value };
    Some(Quantity::small(
        value,
        scale.min(MAX_EXPONENT) as i32,
        format,
    ))
}

/// A suffix is letters of the suffixes, a sign, digits.
fn check_suffix(suffix: &str) -> Result<(), NotAQuantity> {
    let letters = suffix.trim_start_matches(|c| "eEinumkKMGTP".contains(c));
    let digits = letters.strip_prefix(['+', '-']).unwrap_or(letters);
    match digits.bytes().all(|b| b.is_ascii_digit()) {
        true => Ok(()),
        false => Err(NotAQuantity::Form),
    }
}

/// Base, exponent and notation of a suffix.
fn interpret(suffix: &str) -> Option<(u32, i64, Notation)> {
    let decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    if let Some(index) = decimal.iter().position(|known| *known == suffix) {
        return Some((10, index as i64 * 3 - 9, Notation::Decimal));
    }
    let binary = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    if let Some(index) = binary.iter().position(|known| *known == suffix) {
        return Some((2, index as i64 * 10 + 10, Notation::Binary));
    }
    let exponent = suffix.strip_prefix(['e', 'E'])?;
    let value: i64 = exponent.parse().ok()?;
    let value = value.clamp(-MAX_EXPONENT, MAX_EXPONENT);
    Some((10, value, Notation::Exponent))
}

/// A decimal number of any size: `0.digits * 10^(len + scale)`, the highest digit first.
#[derive(Clone, Debug)]
struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    scale: i64,
}

impl Decimal {
    fn new(negative: bool, whole: &str, fraction: &str) -> Decimal {
        let digits = whole.bytes().chain(fraction.bytes()).map(|b| b - b'0');
        let mut decimal = Decimal {
            negative,
            digits: digits.collect(),
            scale: -(fraction.len() as i64),
        };
        decimal.trim();
        decimal
    }

    fn from_i64(value: i64) -> Decimal {
        Decimal::new(value < 0, &value.unsigned_abs().to_string(), "")
    }

    fn trim(&mut self) {
        let zeros = self.digits.iter().take_while(|d| **d == 0).count();
        self.digits.drain(..zeros);
    }

    fn unscaled(&self) -> f64 {
        let size: String = self.digits.iter().map(|d| char::from(d + b'0')).collect();
        let size: f64 = size.parse().unwrap_or(0.0);
        if self.negative { -size } else { size }
    }

    fn multiply(&mut self, factor: u32) {
        let mut carry = 0;
        for digit in self.digits.iter_mut().rev() {
            let product = u32::from(*digit) * factor + carry;
            *digit = (product % 10) as u8;
            carry = product / 10;
        }
        while carry > 0 {
            self.digits.insert(0, (carry % 10) as u8);
            carry /= 10;
        }
    }

    /// Rounds away from zero to nine digits behind the point.
    fn round_up_to_nano(&mut self) {
        let excess = -9 - self.scale;
        if excess <= 0 || self.digits.is_empty() {
            return;
        }
        let keep = (self.digits.len() as i64 - excess).max(0) as usize;
        let rest = self.digits.split_off(keep);
        self.scale = -9;
        if rest.iter().any(|digit| *digit != 0) {
            let mut at = self.digits.len();
            loop {
                if at == 0 {
                    self.digits.insert(0, 1);
                    break;
                }
                at -= 1;
                if self.digits[at] < 9 {
                    self.digits[at] += 1;
                    break;
                }
                self.digits[at] = 0;
            }
        }
        self.trim();
    }

    /// The digits with the lowest place at `scale`.
    fn aligned(&self, scale: i64) -> Vec<u8> {
        let mut digits = self.digits.clone();
        let more = (self.scale - scale).clamp(0, 4 * MAX_EXPONENT) as usize;
        if !digits.is_empty() {
            digits.resize(digits.len() + more, 0);
        }
        digits
    }

    fn cmp_size(&self, other: &Decimal) -> Ordering {
        if self.digits.is_empty() || other.digits.is_empty() {
            return self.digits.len().cmp(&other.digits.len());
        }
        let length = |of: &Decimal| of.digits.len() as i64 + of.scale;
        length(self).cmp(&length(other)).then_with(|| {
            let longest = self.digits.len().max(other.digits.len());
            let digit = |of: &Decimal, i: usize| of.digits.get(i).copied().unwrap_or(0);
            let order = (0..longest).map(|i| digit(self, i).cmp(&digit(other, i)));
            order.fold(Ordering::Equal, Ordering::then)
        })
    }

    fn compare(&self, other: &Decimal) -> Ordering {
        let sign = |of: &Decimal| match (of.digits.is_empty(), of.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let size = self.cmp_size(other);
        sign(self).cmp(&sign(other)).then(match sign(self) {
            -1 => size.reverse(),
            _ => size,
        })
    }

    fn plus(&self, other: &Decimal) -> Decimal {
        let scale = self.scale.min(other.scale);
        let (a, b) = match self.cmp_size(other) {
            Ordering::Less => (other, self),
            _ => (self, other),
        };
        let (mut digits, small) = (a.aligned(scale), b.aligned(scale));
        if digits.len() < small.len() {
            let mut longer = vec![0; small.len() - digits.len()];
            longer.append(&mut digits);
            digits = longer;
        }
        let mut carry = 0_i8;
        let offset = digits.len() - small.len();
        for at in (0..digits.len()).rev() {
            let part = match at.checked_sub(offset) {
                Some(index) => small[index] as i8,
                None => 0,
            };
            let sum = match a.negative == b.negative {
                true => digits[at] as i8 + part + carry,
                false => digits[at] as i8 - part + carry,
            };
            digits[at] = sum.rem_euclid(10) as u8;
            carry = sum.div_euclid(10);
        }
        if carry > 0 {
            digits.insert(0, carry as u8);
        }
        let mut sum = Decimal {
            negative: a.negative,
            digits,
            scale,
        };
        sum.trim();
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantity(text: &str) -> Quantity {
        Quantity::parse(text).unwrap()
    }

    fn check(a: &str, order: Ordering, b: &str) {
        assert_eq!(quantity(a).compare(&quantity(b)), order, "{a} {b}");
        assert_eq!(quantity(b).compare(&quantity(a)), order.reverse());
    }

    #[test]
    fn order() {
        check("1Gi", Ordering::Equal, "1024Mi");
        check("1.5Gi", Ordering::Equal, "1536Mi");
        check("100m", Ordering::Equal, "0.1");
        check("1e3", Ordering::Equal, "1k");
        check("-1", Ordering::Less, "1m");
        check("-2", Ordering::Less, "-1");
        check("9999999999999999999", Ordering::Greater, "1E");
        check("100Ei", Ordering::Equal, "9223372036854775807");
        check("0.0000000001", Ordering::Equal, "1n");
        check("1e30", Ordering::Greater, "1e29");
    }

    #[test]
    fn what_is_none() {
        for text in [
            "", "10Zi", "1 Gi", "Mi", "1.2.3", "1ki", "a", "--1", "1e", "0x10",
        ] {
            assert!(Quantity::parse(text).is_err(), "{text}");
        }
        for text in ["1.", "+1", ".5", "0", "-0", "1e-3", "1E", "5e+2", "1.G"] {
            assert!(Quantity::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn sums() {
        assert_eq!(quantity("50k").plus(&quantity("20k")), quantity("70k"));
        assert_eq!(quantity("1").minus(&quantity("1m")), quantity("999m"));
        assert_eq!(
            quantity("100").minus(&quantity("1e20")),
            quantity("-99999999999999999900")
        );
        assert_eq!(quantity("1e3").as_i64(), Some(1000));
        assert_eq!(quantity("9999999999999999999").as_i64(), None);
        assert_eq!(quantity("1.5").as_i64(), None);
    }
}
