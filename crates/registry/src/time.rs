//! Times as servers and indexes write them.

/// Days from 1970 to a date, which is not checked.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // With years that begin in March, so that leap days are their last.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leaps + (153 * month + 2) / 5 + day - 1 - 719_468
}

/// The seconds since 1970 of a date such as `Sun, 06 Nov 1994 08:49:37 GMT`, the one form that RFC 9110
/// lets servers write.
pub(crate) fn http_date(text: &str) -> Option<u64> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let mut words = text.split_once(", ")?.1.strip_suffix(" GMT")?.split(' ');
    let mut next = || words.next();
    let day = number(next()?, 1..=31)?;
    let name = next()?;
    let month = MONTHS.iter().position(|month| *month == name)? as i64 + 1;
    let year = number(next()?, 1970..=9999)?;
    let seconds = days(year, month, day) * 86_400 + clock(next()?)?;
    u64::try_from(seconds).ok()
}

/// Seconds and nanoseconds since 1970 of a time such as `2016-10-06T16:23:20.499814565-06:00`.
pub(crate) fn rfc3339(text: &str) -> Option<(i64, u32)> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let mut parts = date.split('-');
    let mut next = |range| number(parts.next()?, range);
    let (year, month, day) = (next(0..=9999)?, next(1..=12)?, next(1..=31)?);
    let at = time.find(['Z', 'z', '+', '-'])?;
    let (time, zone) = time.split_at(at);
    let offset = match zone {
        "Z" | "z" => 0,
        zone => {
            let (hours, minutes) = zone[1..].split_once(':')?;
            let seconds = number(hours, 0..=23)? * 3600 + number(minutes, 0..=59)? * 60;
            if zone.starts_with('-') {
                -seconds
            } else {
                seconds
            }
        }
    };
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let digits = |byte: u8| byte.is_ascii_digit();
    if !fraction.bytes().all(digits) {
        return None;
    }
    let nanos = format!("{fraction:0<9}");
    let nanos = nanos.get(..9)?.parse().ok()?;
    Some((
        days(year, month, day) * 86_400 + clock(time)? - offset,
        nanos,
    ))
}

/// The seconds of `HH:MM:SS`.
fn clock(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let mut next = |range| number(parts.next()?, range);
    Some(next(0..=23)? * 3600 + next(0..=59)? * 60 + next(0..=60)?)
}

fn number(text: &str, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
    text.parse().ok().filter(|number| range.contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(
            http_date("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(784_111_777)
        );
        assert_eq!(http_date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(
            http_date("Thu, 29 Feb 2024 12:00:00 GMT"),
            Some(1_709_208_000)
        );
        for text in [
            "",
            "soon",
            "Sun, 06 Nov 1994",
            "Sun, 06 Xyz 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 25:00:00 GMT",
        ] {
            assert_eq!(http_date(text), None, "{text}");
        }
    }

    #[test]
    fn times_with_zones_are_compared_as_moments() {
        let check = |text: &str, expected: Option<(i64, u32)>| {
            assert_eq!(rfc3339(text), expected, "{text}");
        };
        check("1994-11-06T08:49:37Z", Some((784_111_777, 0)));
        check(
            "1994-11-06T09:49:37.5+01:00",
            Some((784_111_777, 500_000_000)),
        );
        check(
            "1994-11-06T02:49:37.000000001-06:00",
            Some((784_111_777, 1)),
        );
        for text in [
            "",
            "1994-11-06",
            "1994-13-06T08:49:37Z",
            "1994-11-06T08:49:37",
            "1994-11-06T08:49:37.xZ",
        ] {
            check(text, None);
        }
    }
}
