//! Durations as Go writes them.

/// Whether Go reads `text` as a duration: numbers with units, such as `1h30m`, at most some 292
/// years.
pub(crate) fn is_duration(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if unsigned == "0" {
        return true;
    }
    let mut rest = unsigned;
    let mut nanoseconds = 0.0;
    while !rest.is_empty() {
        let number_end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let (number, behind) = rest.split_at(number_end);
        let unit_end = behind
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(unit_end);
        let Some(scale) = nanoseconds_of(unit) else {
            return false;
        };
        let is_number = number.bytes().any(|byte| byte.is_ascii_digit())
            && number.bytes().filter(|byte| *byte == b'.').count() <= 1;
        if !is_number {
            return false;
        }
        nanoseconds += scale * number.parse::<f64>().unwrap_or(f64::INFINITY);
        rest = behind;
    }
    !unsigned.is_empty() && nanoseconds <= i64::MAX as f64
}

fn nanoseconds_of(unit: &str) -> Option<f64> {
    Some(match unit {
        "ns" => 1.0,
        "us" | "µs" | "μs" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        "m" => 60e9,
        "h" => 3600e9,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_told_from_other_text() {
        for text in [
            "10m", "1h30m", "-1.5h", "0", "+.5s", "1.s", "3us", "2562047h",
        ] {
            assert!(is_duration(text), "{text}");
        }
        for text in [
            "", "10", "1d", "m", ".s", "1.2.3s", "1h ", "-", "2562048h", "1 m",
        ] {
            assert!(!is_duration(text), "{text}");
        }
    }
}
