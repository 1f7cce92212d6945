//! Layouts: the time `Mon Jan 2 15:04:05 MST 2006` written the way other times are to be written.

use super::{DAYS, MONTHS, Time};

/// A part of a layout that stands for a part of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    LongMonth,
    Month,
    NumMonth,
    ZeroMonth,
    LongWeekday,
    Weekday,
    Day,
    UnderDay,
    ZeroDay,
    UnderYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    UpperPm,
    LowerPm,
    ZoneName,
    /// An offset such as `-07:00`.
    Offset {
        /// `Z` for UTC.
        z: bool,
        colon: bool,
        minutes: bool,
        seconds: bool,
    },
    /// `.000`: as many digits, zeros at the end included.
    Fraction {
        digits: usize,
        zeros: bool,
        comma: bool,
    },
}

const fn offset(z: bool, colon: bool, minutes: bool, seconds: bool) -> Element {
    Element::Offset {
        z,
        colon,
        minutes,
        seconds,
    }
}

/// What starts with each of these is that element, the first that fits.
const ELEMENTS: &[(&str, Element)] = &[
    ("January", Element::LongMonth),
    ("Jan", Element::Month),
    ("Monday", Element::LongWeekday),
    ("Mon", Element::Weekday),
    ("MST", Element::ZoneName),
    ("01", Element::ZeroMonth),
    ("02", Element::ZeroDay),
    ("03", Element::ZeroHour12),
    ("04", Element::ZeroMinute),
    ("05", Element::ZeroSecond),
    ("06", Element::Year),
    ("002", Element::ZeroYearDay),
    ("15", Element::Hour),
    ("1", Element::NumMonth),
    ("2006", Element::LongYear),
    ("2", Element::Day),
    ("_2", Element::UnderDay),
    ("__2", Element::UnderYearDay),
    ("3", Element::Hour12),
    ("4", Element::Minute),
    ("5", Element::Second),
    ("PM", Element::UpperPm),
    ("pm", Element::LowerPm),
    ("-070000", offset(false, false, true, true)),
    ("-07:00:00", offset(false, true, true, true)),
    ("-0700", offset(false, false, true, false)),
    ("-07:00", offset(false, true, true, false)),
    ("-07", offset(false, false, false, false)),
    ("Z070000", offset(true, false, true, true)),
    ("Z07:00:00", offset(true, true, true, true)),
    ("Z0700", offset(true, false, true, false)),
    ("Z07:00", offset(true, true, true, false)),
    ("Z07", offset(true, false, false, false)),
];

/// The text before the first element, the element as it is written and as it is meant, and the rest.
pub(super) fn next(layout: &str) -> Option<(&str, &str, Element, &str)> {
    for (at, _) in layout.char_indices() {
        let rest = &layout[at..];
        // `_2006` is a year behind a line.
        if rest.starts_with("_2006") {
            let (before, rest) = layout.split_at(at + 1);
            return Some((before, &rest[..4], Element::LongYear, &rest[4..]));
        }
        let found = fraction(rest).or_else(|| {
            ELEMENTS.iter().find_map(|(text, element)| {
                let behind = rest.strip_prefix(text)?;
                // `Month` is not `Mon` and `th`.
                let word = matches!(element, Element::Month | Element::Weekday);
                let goes_on = word && behind.starts_with(|c: char| c.is_ascii_lowercase());
                (!goes_on).then_some((text.len(), *element))
            })
        });
        if let Some((length, element)) = found {
            return Some((&layout[..at], &rest[..length], element, &rest[length..]));
        }
    }
    None
}

fn fraction(text: &str) -> Option<(usize, Element)> {
    let body = text.strip_prefix(['.', ','])?;
    let digit = body.chars().next().filter(|c| matches!(c, '0' | '9'))?;
    let digits = body.chars().take_while(|c| *c == digit).count();
    if body[digits..].starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let element = Element::Fraction {
        digits,
        zeros: digit == '0',
        comma: text.starts_with(','),
    };
    Some((digits + 1, element))
}

/// A time written as a layout says.
pub(crate) fn format(time: &Time, layout: &str) -> String {
    let civil = time.civil();
    let (name, offset) = time.zone.at(time.seconds);
    let mut out = String::with_capacity(layout.len() + 10);
    let mut rest = layout;
    while let Some((before, _, element, behind)) = next(rest) {
        out.push_str(before);
        rest = behind;
        let hour12 = match civil.hour % 12 {
            0 => 12,
            hour => hour,
        };
        let month = MONTHS[(civil.month as usize - 1) % 12];
        let day = DAYS[civil.weekday as usize % 7];
        out.push_str(&match element {
            Element::LongMonth => month.to_owned(),
            Element::Month => month[..3].to_owned(),
            Element::NumMonth => civil.month.to_string(),
            Element::ZeroMonth => format!("{:02}", civil.month),
            Element::LongWeekday => day.to_owned(),
            Element::Weekday => day[..3].to_owned(),
            Element::Day => civil.day.to_string(),
            Element::UnderDay => format!("{:2}", civil.day),
            Element::ZeroDay => format!("{:02}", civil.day),
            Element::UnderYearDay => format!("{:3}", civil.year_day),
            Element::ZeroYearDay => format!("{:03}", civil.year_day),
            Element::Hour => format!("{:02}", civil.hour),
            Element::Hour12 => hour12.to_string(),
            Element::ZeroHour12 => format!("{hour12:02}"),
            Element::Minute => civil.minute.to_string(),
            Element::ZeroMinute => format!("{:02}", civil.minute),
            Element::Second => civil.second.to_string(),
            Element::ZeroSecond => format!("{:02}", civil.second),
            Element::LongYear if civil.year < 0 => format!("-{:04}", civil.year.unsigned_abs()),
            Element::LongYear => format!("{:04}", civil.year),
            Element::Year => format!("{:02}", civil.year.unsigned_abs() % 100),
            Element::UpperPm => if civil.hour >= 12 { "PM" } else { "AM" }.to_owned(),
            Element::LowerPm => if civil.hour >= 12 { "pm" } else { "am" }.to_owned(),
            Element::ZoneName if name.is_empty() => format_offset(offset, false, true, false),
            Element::ZoneName => name.clone(),
            Element::Offset { z: true, .. } if offset == 0 => "Z".to_owned(),
            Element::Offset {
                colon,
                minutes,
                seconds,
                ..
            } => format_offset(offset, colon, minutes, seconds),
            Element::Fraction {
                digits,
                zeros,
                comma,
            } => format_fraction(time.nanos, digits, zeros, comma),
        });
    }
    out + rest
}

fn format_offset(offset: i64, colon: bool, minutes: bool, seconds: bool) -> String {
    let whole_minutes = offset / 60;
    let sign = if whole_minutes < 0 { '-' } else { '+' };
    let (size, separator) = (whole_minutes.abs(), if colon { ":" } else { "" });
    let mut out = format!("{sign}{:02}", size / 60);
    if minutes {
        out.push_str(&format!("{separator}{:02}", size % 60));
    }
    if seconds {
        out.push_str(&format!("{separator}{:02}", offset.abs() % 60));
    }
    out
}

fn format_fraction(nanos: u32, digits: usize, zeros: bool, comma: bool) -> String {
    let mut text = format!("{nanos:09}");
    text.truncate(digits.min(9));
    if zeros {
        // Go has no more digits than nine either, and pads none.
    } else {
        text.truncate(text.trim_end_matches('0').len());
        if text.is_empty() {
            return text;
        }
    }
    format!("{}{text}", if comma { ',' } else { '.' })
}

#[cfg(test)]
mod tests {
    use super::super::Zone;
    use super::*;

    #[test]
    fn times_are_written_as_the_layout_says() {
        let time = Time::from_unix(1_700_000_000, 123_450_000);
        let check = |layout: &str, expected: &str| assert_eq!(format(&time, layout), expected);
        check("2006-01-02T15:04:05Z07:00", "2023-11-14T22:13:20Z");
        check("Mon Jan _2 15:04:05 2006", "Tue Nov 14 22:13:20 2023");
        check(
            "Monday, January 2, 06 3:4:5pm",
            "Tuesday, November 14, 23 10:13:20pm",
        );
        check("002 __2 .000 .999999 ,00", "318 318 .123 .12345 ,12");
        check("_2006 Month -07:00 MST", "_2023 Month +00:00 UTC");
        let york = time
            .clone()
            .in_zone(Zone::load("America/New_York").unwrap());
        assert_eq!(format(&york, "15:04 MST -0700"), "17:13 EST -0500");
    }
}
