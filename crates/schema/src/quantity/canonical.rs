use std::fmt;

use super::{Amount, Decimal, NotAQuantity, Notation, Quantity};

/// The suffixes of powers of 1000, from the smallest.
const DECIMAL: [&str; 10] = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
/// The suffixes of powers of 1024.
const BINARY: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/// The one way in which Kubernetes writes a quantity: with the largest suffix that leaves no fraction.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimal = self.decimal();
        if decimal.digits.iter().all(|digit| *digit == 0) {
            return f.write_str("0");
        }
        // Small numbers and fractions are not written with a binary suffix.
        let whole = decimal
            .to_i128()
            .filter(|value| value.unsigned_abs() >= 1024);
        if let (Notation::Binary, Some(mut value)) = (self.format(), whole) {
            let mut suffix = 0;
            while value % 1024 == 0 && suffix + 1 < BINARY.len() {
                value /= 1024;
                suffix += 1;
            }
            return write!(f, "{value}{}", BINARY[suffix]);
        }
        let (mut digits, mut exponent) = (decimal.digits, decimal.scale);
        while digits.last() == Some(&0) {
            digits.pop();
            exponent += 1;
        }
        while exponent.rem_euclid(3) != 0 {
            digits.push(0);
            exponent -= 1;
        }
        if decimal.negative {
            f.write_str("-")?;
        }
        for digit in digits {
            write!(f, "{digit}")?;
        }
        match self.format() {
            Notation::Exponent if exponent == 0 => Ok(()),
            Notation::Exponent => write!(f, "e{exponent}"),
            // There is no suffix beyond these, and the original then writes none.
            _ => {
                let index = usize::try_from(exponent / 3 + 3).ok();
                f.write_str(index.and_then(|index| DECIMAL.get(index)).unwrap_or(&""))
            }
        }
    }
}

/// A quantity as Kubernetes writes it once it has read it: a text that looks like the one way to write it
/// is kept, others are written anew.
pub(crate) fn rewritten(text: &str) -> Result<String, NotAQuantity> {
    let quantity = Quantity::parse(text)?;
    Ok(match quantity.is_kept(text) {
        true => text.to_owned(),
        false => quantity.to_string(),
    })
}

impl Quantity {
    /// Whether the original keeps the text that it was read from. `1.5` is kept, which is not the one way.
    fn is_kept(&self, text: &str) -> bool {
        let Amount::Small { scale, .. } = self.amount else {
            return false;
        };
        let unsigned = text.trim_start_matches(['+', '-']);
        let is_digit = |c: char| c.is_ascii_digit() || c == '.';
        let number = unsigned.split(|c| !is_digit(c)).next().unwrap_or_default();
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let whole = whole.trim_start_matches('0');
        match self.format() {
            Notation::Binary => whole.parse::<u64>().is_ok_and(|value| value % 8 != 0),
            Notation::Decimal | Notation::Exponent => {
                let ends_in_zeros = format!("{whole}{fraction}").ends_with("000");
                scale % 3 == 0 && !whole.is_empty() && !ends_in_zeros
            }
        }
    }
}

impl Decimal {
    /// Its value, where it is a whole number of that size.
    fn to_i128(&self) -> Option<i128> {
        let mut value: i128 = 0;
        for digit in &self.digits {
            value = value.checked_mul(10)?.checked_add(i128::from(*digit))?;
        }
        for _ in self.scale..0 {
            if value % 10 != 0 {
                return None;
            }
            value /= 10;
        }
        let factor = u32::try_from(self.scale.max(0)).ok()?;
        let value = value.checked_mul(10_i128.checked_pow(factor)?)?;
        Some(if self.negative { -value } else { value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_kubernetes_writes_them() {
        let check = |text: &str, expected: &str| {
            assert_eq!(
                Quantity::parse(text).unwrap().to_string(),
                expected,
                "{text}"
            );
        };
        for (text, expected) in [
            ("0", "0"),
            ("0.0Gi", "0"),
            ("1", "1"),
            ("1000m", "1"),
            ("0.5", "500m"),
            ("0.5Gi", "512Mi"),
            ("1.5Ki", "1536"),
            ("1024Mi", "1Gi"),
            ("1000Mi", "1000Mi"),
            ("1500", "1500"),
            ("15000", "15k"),
            ("1e3", "1e3"),
            ("1e4", "10e3"),
            ("12E2", "1200"),
            ("100", "100"),
            ("1023Ki", "1023Ki"),
            ("512Ki", "512Ki"),
            ("0.1Ki", "102400m"),
            ("-1.5Gi", "-1536Mi"),
            ("1n", "1n"),
            ("0.1n", "1n"),
            ("10Ei", "9223372036854775807"),
            ("+7", "7"),
            ("3.000", "3"),
            ("1000000k", "1G"),
        ] {
            check(text, expected);
        }
        let kept =
            |text: &str, expected: &str| assert_eq!(rewritten(text).as_deref(), Ok(expected));
        kept("1.500", "1.500");
        kept("1.5", "1500m");
        kept("5Gi", "5Gi");
        kept("1024Mi", "1Gi");
        kept("0.500", "500m");
    }
}
