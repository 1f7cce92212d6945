//! Dates, times and durations.

use tidegate_golang::quote_char;

use super::{Checked, no, within};

pub(super) fn duration(text: &str) -> Checked {
    let Some(rest) = text.strip_prefix('P') else {
        return no("must start with P");
    };
    if rest.is_empty() {
        return no("nothing after P");
    }
    if let Some(weeks) = rest.strip_suffix('W') {
        return match weeks {
            "" => no("no number in week"),
            weeks if weeks.bytes().all(|b| b.is_ascii_digit()) => Ok(()),
            _ => no("invalid week"),
        };
    }
    for (i, part) in rest.split('T').enumerate() {
        if i != 0 && part.is_empty() {
            return no("no time elements");
        }
        let Some(all) = ["YMD", "HMS"].get(i) else {
            return no("more than one T");
        };
        elements(part, all)?;
    }
    Ok(())
}

/// The numbers of one half of a duration, each with its unit, in order.
fn elements(mut part: &str, all: &str) -> Checked {
    let mut units = all;
    while !part.is_empty() {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return no("missing number");
        }
        let mut rest = part[digits..].chars();
        let Some(unit) = rest.next() else {
            return no("missing unit");
        };
        let Some(at) = units.find(unit) else {
            return Err(match all.contains(unit) {
                true => format!("unit {} out of order", quote_char(unit, false)),
                false => format!("invalid unit {}", quote_char(unit, false)),
            });
        };
        units = &units[at + 1..];
        part = rest.as_str();
    }
    Ok(())
}

pub(super) fn period(text: &str) -> Checked {
    let Some((start, end)) = text.split_once('/') else {
        return no("missing slash");
    };
    if start.starts_with('P') {
        within("invalid start duration", duration(start))?;
        return within("invalid end date-time", date_time(end));
    }
    within("invalid start date-time", date_time(start))?;
    match end.starts_with('P') {
        true => within("invalid end duration", duration(end)),
        false => within("invalid end date-time", date_time(end)),
    }
}

pub(super) fn date(text: &str) -> Checked {
    let cannot = |rest: &str, part: &str| {
        Err(format!(
            "parsing time {text:?} as \"2006-01-02\": cannot parse {rest:?} as {part:?}"
        ))
    };
    let mut rest = text;
    let mut numbers = [0u32; 3];
    let parts = [("2006", 4), ("01", 2), ("02", 2)];
    for (i, (name, length)) in parts.into_iter().enumerate() {
        if i > 0 {
            match rest.strip_prefix('-') {
                Some(after) => rest = after,
                None => return cannot(rest, "-"),
            }
        }
        let digits = rest.get(..length).and_then(|digits| {
            let all = digits.bytes().all(|b| b.is_ascii_digit());
            all.then(|| digits.parse().ok()).flatten()
        });
        match digits {
            Some(number) => numbers[i] = number,
            None => return cannot(rest, name),
        }
        rest = &rest[length..];
        if name == "01" && !(1..=12).contains(&numbers[1]) {
            return Err(format!("parsing time {text:?}: month out of range"));
        }
    }
    if !rest.is_empty() {
        return Err(format!("parsing time {text:?}: extra text: {rest:?}"));
    }
    let [year, month, day] = numbers;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    match (1..=days).contains(&day) {
        true => Ok(()),
        false => Err(format!("parsing time {text:?}: day out of range")),
    }
}

/// Numbers with colons between them, as Go's `Atoi` reads each.
fn clock(text: &str, what: &str) -> Result<Vec<i64>, String> {
    let mut numbers = Vec::new();
    for part in text.split(':') {
        match part.parse::<i64>() {
            Ok(number) if number < 0 => return Err(format!("non-positive {what}")),
            Ok(number) => numbers.push(number),
            Err(_) => return Err(format!("invalid {what}")),
        }
    }
    Ok(numbers)
}

pub(super) fn time(text: &str) -> Checked {
    let bytes = text.as_bytes();
    if bytes.len() < 9 {
        return no("less than 9 characters long");
    }
    if bytes[2] != b':' || bytes[5] != b':' {
        return no("missing colon in correct place");
    }
    let Some((clock_text, mut rest)) = text.split_at_checked(8) else {
        return no("invalid hour/min/sec");
    };
    let numbers = clock(clock_text, "hour/min/sec")?;
    let &[mut hour, mut minute, second] = numbers.as_slice() else {
        return no("invalid hour/min/sec");
    };
    if hour > 23 || minute > 59 || second > 60 {
        return no("hour/min/sec out of range");
    }
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return no("no digits in second fraction");
        }
        rest = &fraction[digits..];
    }
    if rest != "z" && rest != "Z" {
        if rest.len() != 6 {
            return no("offset must be 6 characters long");
        }
        let sign = match rest.as_bytes()[0] {
            b'+' => -1,
            b'-' => 1,
            _ => return no("offset must begin with plus/minus"),
        };
        if rest.as_bytes()[3] != b':' {
            return no("missing colon in offset in correct place");
        }
        let offset = clock(&rest[1..], "hour/min in offset")?;
        let &[hours, minutes] = offset.as_slice() else {
            return no("invalid hour/min in offset");
        };
        if hours > 23 || minutes > 59 {
            return no("hour/min in offset out of range");
        }
        let mut total = hour * 60 + minute + sign * (hours * 60 + minutes);
        if total < 0 {
            total += 24 * 60;
        }
        (hour, minute) = (total / 60, total % 60);
    }
    match second >= 60 && (hour, minute) != (23, 59) {
        true => no("invalid leap second"),
        false => Ok(()),
    }
}

pub(super) fn date_time(text: &str) -> Checked {
    if text.len() < 20 {
        return no("less than 20 characters long");
    }
    if !matches!(text.as_bytes()[10], b't' | b'T') {
        return no("11th character must be t or T");
    }
    let (day, rest) = text.split_at(10);
    within("invalid date element", date(day))?;
    within("invalid time element", time(&rest[1..]))
}
