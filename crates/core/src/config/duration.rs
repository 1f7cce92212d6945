use std::time::Duration;

/// Reads a length of time: numbers with their units, such as `7d` or `1h30m`.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut sum = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        let unit = rest[digits..].chars().next()?;
        let seconds = match unit {
            'w' => 7 * 24 * 3600,
            'd' => 24 * 3600,
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        sum = sum.checked_add(Duration::from_secs(number.checked_mul(seconds)?))?;
        rest = &rest[digits + unit.len_utf8()..];
    }
    // No bound at all would be written otherwise, and dates are reckoned with it.
    (!sum.is_zero() && sum <= MOST).then_some(sum)
}

/// A hundred years.
const MOST: Duration = Duration::from_secs(100 * 366 * 24 * 3600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_units() {
        let check = |text: &str, expected: Option<u64>| {
            let seconds = parse_duration(text).map(|duration| duration.as_secs());
            assert_eq!(seconds, expected, "{text}");
        };
        check("7d", Some(604_800));
        check("1w", Some(604_800));
        check("1h30m5s", Some(5_405));
        for text in [
            "",
            "7",
            "d",
            "0s",
            "7 d",
            "-1d",
            "1.5h",
            "7é",
            "99999999999999999999d",
        ] {
            check(text, None);
        }
        check("101w52000w", None);
        check("1000000000000000000w", None);
    }
}
