//! Times and durations, as Go reads and writes them.

use jiff::civil;
use jiff::tz::{Offset, TimeZone};

/// A point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Timestamp {
    /// Seconds since 1970.
    pub(crate) seconds: i64,
    /// Nanoseconds of the second.
    pub(crate) nanos: u32,
}

/// The first and the last second that rules can reckon with: years 1 to 9999.
const SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

const DAY: i64 = 86_400;

impl Timestamp {
    /// A time in seconds; none outside of the years 1 to 9999.
    pub(super) fn from_seconds(seconds: i64) -> Option<Timestamp> {
        SECONDS
            .contains(&seconds)
            .then_some(Timestamp { seconds, nanos: 0 })
    }

    /// A time in nanoseconds since 1970.
    fn from_nanos(nanos: i128) -> Option<Timestamp> {
        let seconds = i64::try_from(nanos.div_euclid(1_000_000_000)).ok()?;
        SECONDS.contains(&seconds).then_some(Timestamp {
            seconds,
            nanos: nanos.rem_euclid(1_000_000_000) as u32,
        })
    }

    fn to_nanos(self) -> i128 {
        i128::from(self.seconds) * 1_000_000_000 + i128::from(self.nanos)
    }

    /// The time that much later.
    pub(super) fn plus(self, duration: i64) -> Option<Timestamp> {
        Timestamp::from_nanos(self.to_nanos() + i128::from(duration))
    }

    /// The time that much earlier.
    pub(super) fn minus(self, duration: i64) -> Option<Timestamp> {
        Timestamp::from_nanos(self.to_nanos() - i128::from(duration))
    }

    /// The nanoseconds from another time to this one.
    pub(super) fn since(self, other: Timestamp) -> Option<i64> {
        i64::try_from(self.to_nanos() - other.to_nanos()).ok()
    }

    /// Whether it is the first second of the year 1.
    pub(super) fn is_zero(self) -> bool {
        self.seconds == *SECONDS.start() && self.nanos == 0
    }

    /// RFC 3339 as Go reads it.
    pub(crate) fn parse_rfc3339(text: &str) -> Option<Timestamp> {
        let bytes = text.as_bytes();
        let digits = |from: usize, length: usize| -> Option<i64> {
            let part = text.get(from..from + length)?;
            let all = part.bytes().all(|b| b.is_ascii_digit());
            all.then(|| part.parse().ok()).flatten()
        };
        let mark = |at: usize, mark: u8| (bytes.get(at) == Some(&mark)).then_some(());
        let (year, month, day) = (digits(0, 4)?, digits(5, 2)?, digits(8, 2)?);
        mark(4, b'-')?;
        mark(7, b'-')?;
        mark(10, b'T')?;
        let (hour, minute, second) = (digits(11, 2)?, digits(14, 2)?, digits(17, 2)?);
        mark(13, b':')?;
        mark(16, b':')?;
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let mut at = 19;
        let mut nanos = 0;
        if matches!(bytes.get(at), Some(b'.' | b',')) {
            let rest = &bytes[at + 1..];
            let length = rest.iter().take_while(|b| b.is_ascii_digit()).count();
            if length == 0 {
                return None;
            }
            let digits = rest[..length].iter().map(|b| u32::from(b - b'0'));
            let padded = digits.chain(std::iter::repeat(0)).take(9);
            nanos = padded.fold(0, |nanos, digit| nanos * 10 + digit);
            at += 1 + length;
        }
        let offset = match bytes.get(at)? {
            b'Z' if bytes.len() == at + 1 => 0,
            sign @ (b'+' | b'-') if bytes.len() == at + 6 => {
                let (hours, minutes) = (digits(at + 1, 2)?, digits(at + 4, 2)?);
                mark(at + 3, b':')?;
                if hours > 24 || minutes > 60 {
                    return None;
                }
                let size = hours * 3600 + minutes * 60;
                if *sign == b'-' { -size } else { size }
            }
            _ => return None,
        };
        let days = days(year, month, day)?;
        let seconds = days * DAY + hour * 3600 + minute * 60 + second - offset;
        Some(Timestamp { seconds, nanos })
    }

    /// A date `2006-01-02` at midnight.
    pub(crate) fn parse_date(text: &str) -> Option<Timestamp> {
        match text.len() {
            10 => Timestamp::parse_rfc3339(&format!("{text}T00:00:00Z")),
            _ => None,
        }
    }

    /// Whether rules can reckon with it.
    pub(super) fn in_range(self) -> bool {
        SECONDS.contains(&self.seconds)
    }

    /// RFC 3339 with as many digits as are needed.
    pub(crate) fn to_rfc3339(self) -> String {
        let local = self.at_offset(0);
        let (year, month, day) = (local.year, local.month, local.day);
        let (hour, minute, second) = (local.hour, local.minute, local.second);
        let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
        if self.nanos > 0 {
            let fraction = format!("{:09}", self.nanos);
            text.push('.');
            text.push_str(fraction.trim_end_matches('0'));
        }
        text.push('Z');
        text
    }

    /// Year, month and so on in a time zone: a name, or an offset such as `-07:30`.
    pub(super) fn at_zone(self, zone: &str) -> Result<Local, String> {
        if zone.contains(':') {
            return Ok(self.at_offset(offset(zone)?));
        }
        if matches!(zone, "" | "UTC") {
            return Ok(self.at_offset(0));
        }
        let unknown = || format!("unknown time zone {zone}");
        let zone = TimeZone::get(zone).map_err(|_| unknown())?;
        let time = jiff::Timestamp::from_second(self.seconds).map_err(|_| unknown())?;
        let offset: Offset = zone.to_offset(time);
        Ok(self.at_offset(i64::from(offset.seconds())))
    }

    fn at_offset(self, offset: i64) -> Local {
        let seconds = self.seconds + offset;
        let (day, second) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
        let (year, month, dom) = civil_from_days(day);
        let first = days(year, 1, 1).unwrap_or(day);
        Local {
            year,
            month,
            day: dom,
            day_of_year: day - first,
            // The first day of 1970 was a Thursday.
            day_of_week: (day + 4).rem_euclid(7),
            hour: second / 3600,
            minute: second / 60 % 60,
            second: second % 60,
            millisecond: i64::from(self.nanos / 1_000_000),
        }
    }
}

/// A time as a calendar and a clock show it.
pub(super) struct Local {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
    pub(super) day_of_year: i64,
    pub(super) day_of_week: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    pub(super) millisecond: i64,
}

/// Seconds of an offset such as `01:30` or `-7:00`.
fn offset(text: &str) -> Result<i64, String> {
    let (hours, minutes) = text.split_once(':').unwrap_or((text, "0"));
    let number = |part: &str| {
        let value = part
            .parse::<i64>()
            .ok()
            .filter(|value| value.abs() < 100_000);
        value.ok_or_else(|| format!("strconv.Atoi: parsing {part:?}: invalid syntax"))
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    if !(0..=59).contains(&minutes) {
        return Err(format!(
            "timezone offset minutes out of range [0, 59]: {text}"
        ));
    }
    let minutes = if text.starts_with('-') {
        -minutes
    } else {
        minutes
    };
    Ok((hours * 60 + minutes) * 60)
}

/// Days from 1970 to a date; none where there is no such date.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let date = civil::Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    );
    let epoch = civil::date(1970, 1, 1);
    Some(i64::from(epoch.until(date.ok()?).ok()?.get_days()))
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    // The days of 400 years, over which the calendar repeats, keep the date within what `jiff` holds.
    let (era, rest) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let span = jiff::Span::new().days(rest);
    let date = civil::date(1970, 1, 1).checked_add(span);
    let date = date.unwrap_or(civil::date(1970, 1, 1));
    (
        i64::from(date.year()) + era * 400,
        i64::from(date.month()),
        i64::from(date.day()),
    )
}

/// A duration such as `1h30m` or `-1.5s` in nanoseconds, as Go's `time.ParseDuration` reads it.
pub(crate) fn parse_go_duration(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: u128 = 0;
    while !rest.is_empty() {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let (whole, after) = rest.split_at(digits(rest));
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => after.split_at(digits(after)),
            None => ("", after),
        };
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let length = after.find(|c: char| c == '.' || c.is_ascii_digit());
        let (unit, after) = after.split_at(length.unwrap_or(after.len()));
        let scale: u128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        let whole: u128 = match whole {
            "" => 0,
            whole if whole.len() > 25 => return None,
            whole => whole.parse().ok()?,
        };
        total = total.checked_add(whole.checked_mul(scale)?)?;
        // Go reckons fractions in floating point, with as many digits as 63 bits hold.
        let fraction = &fraction[..fraction.len().min(18)];
        if !fraction.is_empty() {
            let value: f64 = fraction.parse().ok()?;
            let part = value * (scale as f64 / 10_f64.powi(fraction.len() as i32));
            total += part as u128;
        }
        if total > 1 << 63 {
            return None;
        }
        rest = after;
    }
    match negative {
        true => i64::try_from(-(total as i128)).ok(),
        false => i64::try_from(total).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        let time = Timestamp::parse_rfc3339("2024-01-02T03:04:05.5+01:00").unwrap();
        assert_eq!(time.to_rfc3339(), "2024-01-02T02:04:05.5Z");
        let local = time.at_zone("America/New_York").unwrap();
        assert_eq!((local.day, local.hour, local.day_of_week), (1, 21, 1));
        assert_eq!(time.at_zone("-02:30").unwrap().minute, 34);
        for text in [
            "2024-13-02T03:04:05Z",
            "2023-02-29T03:04:05Z",
            "2024-01-02 03:04:05Z",
            "2024-01-02T03:04:05",
            "2024-01-02T24:04:05Z",
            "bad",
            "",
        ] {
            assert_eq!(Timestamp::parse_rfc3339(text), None, "{text}");
        }
        let old = Timestamp::from_seconds(-62_135_596_800).unwrap();
        assert_eq!(old.to_rfc3339(), "0001-01-01T00:00:00Z");
        assert!(old.is_zero());
    }

    #[test]
    fn durations() {
        let check = |text: &str, expected| assert_eq!(parse_go_duration(text), expected, "{text}");
        check("1h30m", Some(5_400_000_000_000));
        check("-1.5s", Some(-1_500_000_000));
        check("0", Some(0));
        check(".5m", Some(30_000_000_000));
        check("1d", None);
        check("", None);
        check("1", None);
        check("9999999h", None);
    }
}
