//! Durations in nanoseconds, as `time.Duration` writes and reads them.

pub(crate) const SECOND: i64 = 1_000_000_000;

/// `1h2m3.5s`
pub(crate) fn format_duration(nanos: i64) -> String {
    let size = nanos.unsigned_abs();
    let sign = if nanos < 0 { "-" } else { "" };
    let second = SECOND as u64;
    let text = match size {
        0 => return "0s".to_owned(),
        1..1_000 => format!("{size}ns"),
        1_000..1_000_000 => format!("{}µs", fraction(size, 1_000)),
        1_000_000..1_000_000_000 => format!("{}ms", fraction(size, 1_000_000)),
        _ => {
            let minutes = size / second / 60;
            let seconds = fraction(size - minutes * 60 * second, second);
            match (minutes / 60, minutes % 60) {
                (0, 0) => format!("{seconds}s"),
                (0, minutes) => format!("{minutes}m{seconds}s"),
                (hours, minutes) => format!("{hours}h{minutes}m{seconds}s"),
            }
        }
    };
    format!("{sign}{text}")
}

/// A number in units, without zeros at its end.
fn fraction(value: u64, unit: u64) -> String {
    let (whole, rest) = (value / unit, value % unit);
    if rest == 0 {
        return whole.to_string();
    }
    let width = unit.ilog10() as usize;
    let digits = format!("{rest:0width$}");
    format!("{whole}.{}", digits.trim_end_matches('0'))
}

/// Reads `1h30m`, `-1.5h`, `300ms`. The error is Go's.
pub(crate) fn parse_duration(text: &str) -> Result<i64, String> {
    let invalid = || {
        format!(
            "time: invalid duration {}",
            tidegate_golang::quote(text.as_bytes())
        )
    };
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let whole = &rest[..digits(rest)];
        rest = &rest[whole.len()..];
        let mut part = "";
        if let Some(behind) = rest.strip_prefix('.') {
            part = &behind[..digits(behind)];
            rest = &behind[part.len()..];
        }
        if whole.is_empty() && part.is_empty() {
            return Err(invalid());
        }
        let length = rest
            .find(|c: char| c == '.' || c.is_ascii_digit())
            .unwrap_or(rest.len());
        let (name, behind) = rest.split_at(length);
        rest = behind;
        let quoted = tidegate_golang::quote(text.as_bytes());
        if name.is_empty() {
            return Err(format!("time: missing unit in duration {quoted}"));
        }
        let unit: u64 = match name {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => SECOND as u64,
            "m" => 60 * SECOND as u64,
            "h" => 3600 * SECOND as u64,
            _ => {
                let name = tidegate_golang::quote(name.as_bytes());
                return Err(format!("time: unknown unit {name} in duration {quoted}"));
            }
        };
        let whole: u64 = if whole.is_empty() {
            0
        } else {
            whole.parse().map_err(|_| invalid())?
        };
        let value = whole.checked_mul(unit).ok_or_else(invalid)?;
        let fraction = match part {
            "" => 0,
            part => (format!("0.{part}").parse::<f64>().unwrap_or(0.0) * unit as f64) as u64,
        };
        total = value
            .checked_add(fraction)
            .and_then(|value| total.checked_add(value))
            .filter(|total| *total <= 1 << 63)
            .ok_or_else(invalid)?;
    }
    match negative {
        true => Ok((total as i64).wrapping_neg()),
        false => i64::try_from(total).map_err(|_| invalid()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_and_read() {
        let check = |text: &str, nanos: i64| {
            assert_eq!(parse_duration(text), Ok(nanos));
            assert_eq!(format_duration(nanos), text);
        };
        check("1m35s", 95 * SECOND);
        check("2400h10m5s", 8_640_605 * SECOND);
        check("1.5s", 1_500_000_000);
        check("-1.5ms", -1_500_000);
        check("300ns", 300);
        check("0s", 0);
        assert_eq!(
            parse_duration("bad"),
            Err("time: invalid duration \"bad\"".to_owned())
        );
        assert_eq!(
            parse_duration("3"),
            Err("time: missing unit in duration \"3\"".to_owned())
        );
    }
}
