//! Quantities of Kubernetes, such as `500m` and `1Gi`, which the API server writes in a form of its own.

/// Whether two texts are the same quantity. Text that is none is equal to nothing.
pub(super) fn are_equal(one: &str, other: &str) -> bool {
    match (Quantity::parse(one), Quantity::parse(other)) {
        (Some(one), Some(other)) => one == other,
        _ => false,
    }
}

/// `digits * 10^exponent`, without zeros at the end, after factors of 1024 are multiplied out.
#[derive(Debug, PartialEq)]
struct Quantity {
    is_negative: bool,
    digits: u128,
    exponent: i32,
}

impl Quantity {
    fn parse(text: &str) -> Option<Quantity> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.');
        let (number, suffix) = unsigned.split_at(end.unwrap_or(unsigned.len()));
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return None;
        }
        let mut digits: u128 = 0;
        for digit in whole.bytes().chain(fraction.bytes()) {
            digits = digits
                .checked_mul(10)?
                .checked_add(u128::from(digit - b'0'))?;
        }
        let places = i32::try_from(fraction.len()).ok()?;
        let (power, factor): (i32, u128) = match suffix {
            "" => (0, 1),
            "n" => (-9, 1),
            "u" => (-6, 1),
            "m" => (-3, 1),
            "k" => (3, 1),
            "M" => (6, 1),
            "G" => (9, 1),
            "T" => (12, 1),
            "P" => (15, 1),
            "E" => (18, 1),
            "Ki" => (0, 1 << 10),
            "Mi" => (0, 1 << 20),
            "Gi" => (0, 1 << 30),
            "Ti" => (0, 1 << 40),
            "Pi" => (0, 1 << 50),
            "Ei" => (0, 1 << 60),
            exponent => (exponent.strip_prefix(['e', 'E'])?.parse().ok()?, 1),
        };
        let mut digits = digits.checked_mul(factor)?;
        let mut exponent = power.checked_sub(places)?;
        while digits != 0 && digits.is_multiple_of(10) {
            digits /= 10;
            exponent = exponent.checked_add(1)?;
        }
        Some(Quantity {
            is_negative: text.starts_with('-') && digits != 0,
            exponent: if digits == 0 { 0 } else { exponent },
            digits,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_one_quantity_are_equal() {
        for (one, other) in [
            ("1", "1000m"),
            ("0.5", "500m"),
            ("1Gi", "1024Mi"),
            ("1.5Gi", "1536Mi"),
            ("1k", "1e3"),
            ("1E3", "1000"),
            ("0", "0m"),
            ("-0", "0"),
            (".5", "0.50"),
            ("1024", "1Ki"),
        ] {
            assert!(are_equal(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("1", "1m"),
            ("1G", "1Gi"),
            ("a", "a"),
            ("", ""),
            ("1e", "1"),
            ("1.2.3", "1.2.3"),
            ("-1", "1"),
            ("99999999999999999999999999999999999999999", "1"),
        ] {
            assert!(!are_equal(one, other), "{one} {other}");
        }
    }
}
