//! Reading times as a layout says. The errors are Go's.

use super::layout::{Element, next};
use super::{DAYS, MONTHS, Time, Zone, days, days_in, is_leap};
use tidegate_golang::quote;

/// What was read so far.
#[derive(Default)]
struct Parts {
    year: i64,
    month: Option<u32>,
    day: Option<u32>,
    year_day: Option<u32>,
    hour: u32,
    minute: u32,
    second: u32,
    nanos: u32,
    am: bool,
    pm: bool,
    utc: bool,
    offset: Option<i64>,
    zone: Option<String>,
}

/// Why a part could not be read.
enum Fault {
    /// It is not one.
    Bad,
    /// It is one, but there is no such time: the name of the part.
    Range(&'static str),
}

type Read<'a, T> = Result<(T, &'a str), Fault>;

/// Reads a time; without a zone in it, it is UTC.
pub(crate) fn parse(layout: &str, value: &str) -> Result<Time, String> {
    let (whole_layout, whole) = (layout, value);
    let failed = |element: &str, rest: &str| {
        format!(
            "parsing time {} as {}: cannot parse {} as {}",
            quote(whole.as_bytes()),
            quote(whole_layout.as_bytes()),
            quote(rest.as_bytes()),
            quote(element.as_bytes())
        )
    };
    let out_of_range = |what: &str| {
        format!(
            "parsing time {}: {what} out of range",
            quote(whole.as_bytes())
        )
    };
    let mut parts = Parts::default();
    let (mut layout, mut rest) = (layout, value);
    loop {
        let found = next(layout);
        let before = found.map_or(layout, |(before, ..)| before);
        rest = skip(rest, before).map_err(|rest| failed(before, rest))?;
        let Some((_, text, element, behind)) = found else {
            break;
        };
        layout = behind;
        match parts.read(element, rest, layout) {
            Ok(after) => rest = after,
            Err(Fault::Bad) => return Err(failed(text, rest)),
            Err(Fault::Range(what)) => return Err(out_of_range(what)),
        }
    }
    if !rest.is_empty() {
        let (whole, rest) = (quote(whole.as_bytes()), quote(rest.as_bytes()));
        return Err(format!("parsing time {whole}: extra text: {rest}"));
    }
    parts
        .time()
        .map_err(|what| format!("parsing time {}: {what}", quote(whole.as_bytes())))
}

/// What is behind a literal text; blanks stand for any number of blanks.
fn skip<'a>(value: &'a str, literal: &str) -> Result<&'a str, &'a str> {
    let (mut value, mut literal) = (value, literal);
    while let Some(c) = literal.chars().next() {
        if c == ' ' {
            if !value.is_empty() && !value.starts_with(' ') {
                return Err(value);
            }
            literal = literal.trim_start_matches(' ');
            value = value.trim_start_matches(' ');
            continue;
        }
        value = value.strip_prefix(c).ok_or(value)?;
        literal = &literal[c.len_utf8()..];
    }
    Ok(value)
}

fn digits(text: &str, most: usize) -> usize {
    text.bytes()
        .take(most)
        .take_while(u8::is_ascii_digit)
        .count()
}

/// One or two digits; with `fixed`, two.
fn number(text: &str, fixed: bool) -> Read<'_, u32> {
    match digits(text, 2) {
        0 => Err(Fault::Bad),
        1 if fixed => Err(Fault::Bad),
        count => Ok((text[..count].parse().unwrap_or(0), &text[count..])),
    }
}

fn within<'a>(
    read: Read<'a, u32>,
    fits: std::ops::Range<u32>,
    what: &'static str,
) -> Read<'a, u32> {
    let (value, rest) = read?;
    match fits.contains(&value) {
        true => Ok((value, rest)),
        false => Err(Fault::Range(what)),
    }
}

/// The number of a name, whose letters may be of any case.
fn name<'a>(text: &'a str, names: &[&str], length: usize) -> Read<'a, u32> {
    for (i, name) in names.iter().enumerate() {
        let name = &name[..length.min(name.len())];
        if text
            .get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name))
        {
            return Ok((i as u32, &text[name.len()..]));
        }
    }
    Err(Fault::Bad)
}

/// The nanoseconds of `.123`, and the rest.
fn nanos(text: &str, count: usize) -> Read<'_, u32> {
    let body = text.strip_prefix(['.', ',']).ok_or(Fault::Bad)?;
    if digits(body, count) != count {
        return Err(Fault::Bad);
    }
    let kept = &body[..count.min(9)];
    let value: u32 = kept.parse().unwrap_or(0);
    Ok((value * 10u32.pow(9 - kept.len() as u32), &body[count..]))
}

impl Parts {
    /// Reads one element, and gives what is behind it.
    fn read<'a>(
        &mut self,
        element: Element,
        text: &'a str,
        layout: &str,
    ) -> Result<&'a str, Fault> {
        let rest;
        match element {
            Element::Year => {
                let (year, behind) = number(text, true)?;
                self.year = i64::from(year) + if year >= 69 { 1900 } else { 2000 };
                rest = behind;
            }
            Element::LongYear => {
                if digits(text, 4) != 4 {
                    return Err(Fault::Bad);
                }
                self.year = text[..4].parse().unwrap_or(0);
                rest = &text[4..];
            }
            Element::LongMonth | Element::Month => {
                let length = if element == Element::Month {
                    3
                } else {
                    usize::MAX
                };
                let (month, behind) = name(text, &MONTHS, length)?;
                self.month = Some(month + 1);
                rest = behind;
            }
            Element::NumMonth | Element::ZeroMonth => {
                let month = number(text, element == Element::ZeroMonth);
                let (month, behind) = within(month, 1..13, "month")?;
                self.month = Some(month);
                rest = behind;
            }
            Element::LongWeekday => rest = name(text, &DAYS, usize::MAX)?.1,
            Element::Weekday => rest = name(text, &DAYS, 3)?.1,
            Element::Day | Element::UnderDay | Element::ZeroDay => {
                let text = match element {
                    Element::UnderDay => text.strip_prefix(' ').unwrap_or(text),
                    _ => text,
                };
                let (day, behind) = number(text, element == Element::ZeroDay)?;
                self.day = Some(day);
                rest = behind;
            }
            Element::UnderYearDay | Element::ZeroYearDay => {
                let mut text = text;
                for _ in 0..2 {
                    if element == Element::UnderYearDay {
                        text = text.strip_prefix(' ').unwrap_or(text);
                    }
                }
                let count = digits(text, 3);
                if count == 0 || (element == Element::ZeroYearDay && count != 3) {
                    return Err(Fault::Bad);
                }
                self.year_day = Some(text[..count].parse().unwrap_or(0));
                rest = &text[count..];
            }
            Element::Hour => (self.hour, rest) = within(number(text, false), 0..24, "hour")?,
            Element::Hour12 | Element::ZeroHour12 => {
                let hour = number(text, element == Element::ZeroHour12);
                (self.hour, rest) = within(hour, 0..13, "hour")?;
            }
            Element::Minute | Element::ZeroMinute => {
                let minute = number(text, element == Element::ZeroMinute);
                (self.minute, rest) = within(minute, 0..60, "minute")?;
            }
            Element::Second | Element::ZeroSecond => {
                let second = number(text, element == Element::ZeroSecond);
                let behind;
                (self.second, behind) = within(second, 0..60, "second")?;
                rest = self.unasked_fraction(behind, layout)?;
            }
            Element::UpperPm | Element::LowerPm => {
                let (am, pm) = match element {
                    Element::UpperPm => ("AM", "PM"),
                    _ => ("am", "pm"),
                };
                self.am |= text.starts_with(am);
                self.pm |= text.starts_with(pm);
                rest = text
                    .strip_prefix(am)
                    .or_else(|| text.strip_prefix(pm))
                    .ok_or(Fault::Bad)?;
            }
            Element::Offset { z: true, .. } if text.starts_with('Z') => {
                self.utc = true;
                rest = &text[1..];
            }
            Element::Offset {
                colon,
                minutes,
                seconds,
                ..
            } => {
                let (offset, behind) = offset(text, colon, minutes, seconds)?;
                self.offset = Some(offset);
                rest = behind;
            }
            Element::ZoneName => {
                if let Some(behind) = text.strip_prefix("UTC") {
                    self.utc = true;
                    rest = behind;
                } else {
                    let length = zone_name(text).ok_or(Fault::Bad)?;
                    self.zone = Some(text[..length].to_owned());
                    rest = &text[length..];
                }
            }
            Element::Fraction {
                digits,
                zeros: true,
                ..
            } => (self.nanos, rest) = nanos(text, digits)?,
            Element::Fraction { .. } => rest = self.unasked_fraction(text, "")?,
        }
        Ok(rest)
    }

    /// A fraction of a second is read even where the layout has none.
    fn unasked_fraction<'a>(&mut self, text: &'a str, layout: &str) -> Result<&'a str, Fault> {
        let count = text
            .strip_prefix(['.', ','])
            .map_or(0, |body| digits(body, usize::MAX));
        let asked = next(layout)
            .is_some_and(|(_, _, element, _)| matches!(element, Element::Fraction { .. }));
        if count == 0 || asked {
            return Ok(text);
        }
        let rest;
        (self.nanos, rest) = nanos(text, count)?;
        Ok(rest)
    }

    fn time(mut self) -> Result<Time, String> {
        if self.pm && self.hour < 12 {
            self.hour += 12;
        } else if self.am && self.hour == 12 {
            self.hour = 0;
        }
        let (month, day) = self.month_and_day()?;
        if day < 1 || day > days_in(month, self.year) {
            return Err("day out of range".to_owned());
        }
        let clock = i64::from(self.hour * 3600 + self.minute * 60 + self.second);
        let seconds = days(self.year, month, day) * 86_400 + clock;
        let time = Time::from_unix(seconds, self.nanos);
        if self.utc {
            return Ok(time);
        }
        if let Some(offset) = self.offset {
            let name = self.zone.unwrap_or_default();
            let mut time = Time::from_unix(seconds - offset, self.nanos);
            if offset != 0 || !(name.is_empty() || name == "UTC") {
                time.zone = Zone::Fixed(name, offset);
            }
            return Ok(time);
        }
        Ok(match self.zone {
            // What is not known has no offset, but for `GMT+3`, which says it.
            Some(name) => {
                let hours = name
                    .strip_prefix("GMT")
                    .and_then(|hours| hours.parse::<i64>().ok());
                let offset = hours.unwrap_or(0) * 3600;
                Time::from_unix(seconds - offset, self.nanos).in_zone(Zone::Fixed(name, offset))
            }
            None => time,
        })
    }

    fn month_and_day(&self) -> Result<(u32, u32), String> {
        let Some(year_day) = self.year_day else {
            return Ok((self.month.unwrap_or(1), self.day.unwrap_or(1)));
        };
        let length = if is_leap(self.year) { 366 } else { 365 };
        if !(1..=length).contains(&year_day) {
            return Err("day-of-year out of range".to_owned());
        }
        let (mut month, mut day) = (1, year_day);
        while day > days_in(month, self.year) {
            day -= days_in(month, self.year);
            month += 1;
        }
        if self.month.is_some_and(|known| known != month) {
            return Err("day-of-year does not match month".to_owned());
        }
        if self.day.is_some_and(|known| known != day) {
            return Err("day-of-year does not match day".to_owned());
        }
        Ok((month, day))
    }
}

fn offset(text: &str, colon: bool, minutes: bool, seconds: bool) -> Read<'_, i64> {
    let (sign, mut rest) = match text.as_bytes().first() {
        Some(b'+') => (1, &text[1..]),
        Some(b'-') => (-1, &text[1..]),
        _ => return Err(Fault::Bad),
    };
    let mut values = [0, 0, 0];
    let wanted = [true, minutes, seconds];
    let limits = [
        (25, "time zone offset hour"),
        (61, "time zone offset minute"),
        (61, "time zone offset second"),
    ];
    for (i, value) in values.iter_mut().enumerate() {
        if !wanted[i] {
            continue;
        }
        if i > 0 && colon {
            rest = rest.strip_prefix(':').ok_or(Fault::Bad)?;
        }
        let (limit, what) = limits[i];
        let (number, behind) = within(number(rest, true), 0..limit, what)?;
        *value = i64::from(number);
        rest = behind;
    }
    let [hours, minutes, seconds] = values;
    Ok((sign * (hours * 3600 + minutes * 60 + seconds), rest))
}

/// The length of what looks like the short name of a zone.
fn zone_name(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    if bytes.len() < 3 {
        return None;
    }
    // Special cases of zones with small letters.
    if text.starts_with("ChST") || text.starts_with("MeST") {
        return Some(4);
    }
    if let Some(hours) = text.strip_prefix("GMT") {
        return Some(3 + signed_hours(hours));
    }
    if matches!(bytes[0], b'+' | b'-') {
        return Some(signed_hours(text)).filter(|length| *length > 0);
    }
    let capitals = bytes
        .iter()
        .take(6)
        .take_while(|byte| byte.is_ascii_uppercase())
        .count();
    match capitals {
        3 => Some(3),
        4 if bytes[3] == b'T' || text.starts_with("WITA") => Some(4),
        5 if bytes[4] == b'T' => Some(5),
        _ => None,
    }
}

/// The length of `+3` or `-11`; nothing for hours that no zone has.
fn signed_hours(text: &str) -> usize {
    let Some(body) = text.strip_prefix(['+', '-']) else {
        return 0;
    };
    let count = digits(body, usize::MAX);
    match body[..count].parse::<u32>() {
        Ok(0..=23) => 1 + count,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::format;
    use super::*;

    #[test]
    fn times_are_read_as_the_layout_says() {
        let check = |layout: &str, value: &str, expected: &str| {
            let time = parse(layout, value).unwrap();
            assert_eq!(
                format(&time, "2006-01-02 15:04:05.999999999 -0700 MST"),
                expected
            );
        };
        check("2006-01-02", "2020-02-29", "2020-02-29 00:00:00 +0000 UTC");
        check(
            "2006-01-02T15:04:05Z07:00",
            "2020-01-02T03:04:05.5+02:00",
            "2020-01-02 03:04:05.5 +0200 +0200",
        );
        check(
            "Jan _2 3:04PM 06",
            "mar  5 1:02PM 99",
            "1999-03-05 13:02:00 +0000 UTC",
        );
        check("2006-002", "2024-060", "2024-02-29 00:00:00 +0000 UTC");
    }

    #[test]
    fn errors_are_those_of_go() {
        let check = |layout: &str, value: &str, expected: &str| {
            assert_eq!(parse(layout, value).unwrap_err(), expected);
        };
        check(
            "2006-01-02",
            "bad",
            "parsing time \"bad\" as \"2006-01-02\": cannot parse \"bad\" as \"2006\"",
        );
        check(
            "2006-01-02",
            "2020-13-01",
            "parsing time \"2020-13-01\": month out of range",
        );
        check(
            "2006-01-02",
            "2021-02-29",
            "parsing time \"2021-02-29\": day out of range",
        );
        check("2006", "2020x", "parsing time \"2020x\": extra text: \"x\"");
    }
}
