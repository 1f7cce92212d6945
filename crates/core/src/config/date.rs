use std::fmt;

/// A day of the Gregorian calendar. The order is that of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date {
    /// The year.
    pub year: u16,
    /// The month, from 1.
    pub month: u8,
    /// The day of the month, from 1.
    pub day: u8,
}

impl Date {
    /// The day that is `days` behind 1970-01-01; none for days before that and for years of more
    /// than four digits.
    pub fn from_unix_days(days: u64) -> Option<Date> {
        let mut left = u32::try_from(days).ok()?;
        let is_leap = |year: u16| match year.is_multiple_of(100) {
            true => year.is_multiple_of(400),
            false => year.is_multiple_of(4),
        };
        let mut year = 1970;
        loop {
            let length = if is_leap(year) { 366 } else { 365 };
            if left < length {
                break;
            }
            left -= length;
            year = Some(year + 1).filter(|year| *year < 10_000)?;
        }
        let february = if is_leap(year) { 29 } else { 28 };
        let mut month = 1;
        for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
            if left < length {
                break;
            }
            left -= length;
            month += 1;
        }
        let day = u8::try_from(left + 1).ok()?;
        Some(Date { year, month, day })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_over_leap_years() {
        let date = |days| Date::from_unix_days(days).map(|date| date.to_string());
        assert_eq!(date(0).as_deref(), Some("1970-01-01"));
        assert_eq!(date(11_016).as_deref(), Some("2000-02-29"));
        assert_eq!(date(20_781).as_deref(), Some("2026-11-24"));
        assert_eq!(date(20_818).as_deref(), Some("2026-12-31"));
        assert_eq!(date(u64::MAX), None);
    }
}
