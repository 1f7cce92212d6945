//! Times as Go's package `time` has them: an instant and the zone it is shown in.

mod duration;
mod layout;
mod read;
mod zone;

pub(crate) use duration::{SECOND, format_duration, parse_duration};
pub(crate) use layout::format;
pub(crate) use read::parse;
pub(crate) use zone::Zone;

/// An instant, and the zone it is shown in.
#[derive(Clone, Debug)]
pub(crate) struct Time {
    /// Seconds since 1970.
    pub seconds: i64,
    /// Nanoseconds behind that.
    pub nanos: u32,
    pub zone: Zone,
}

/// The parts that people write a time with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Civil {
    pub year: i64,
    pub month: u32,
    pub day: u32,
    pub hour: u32,
    pub minute: u32,
    pub second: u32,
    /// From 1.
    pub year_day: u32,
    /// From 0, a Sunday.
    pub weekday: u32,
}

pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(crate) const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

const DAY: i64 = 86_400;

impl Time {
    /// The zero time of Go: the first second of year 1.
    pub(crate) fn zero() -> Time {
        Time::from_unix(days(1, 1, 1) * DAY, 0)
    }

    pub(crate) fn from_unix(seconds: i64, nanos: u32) -> Time {
        Time {
            seconds,
            nanos,
            zone: Zone::Utc,
        }
    }

    /// The same instant in another zone.
    pub(crate) fn in_zone(self, zone: Zone) -> Time {
        Time { zone, ..self }
    }

    /// Later by a number of nanoseconds.
    pub(crate) fn add(&self, duration: i64) -> Time {
        let nanos = i64::from(self.nanos) + duration.rem_euclid(SECOND);
        let seconds = self.seconds.wrapping_add(duration.div_euclid(SECOND));
        Time {
            seconds: seconds.wrapping_add(nanos / SECOND),
            nanos: (nanos % SECOND) as u32,
            zone: self.zone.clone(),
        }
    }

    /// Nanoseconds since `other`, as many as fit.
    pub(crate) fn since(&self, other: &Time) -> i64 {
        let seconds = i128::from(self.seconds) - i128::from(other.seconds);
        let nanos = seconds * i128::from(SECOND) + i128::from(self.nanos) - i128::from(other.nanos);
        nanos.clamp(i64::MIN.into(), i64::MAX.into()) as i64
    }

    pub(crate) fn civil(&self) -> Civil {
        let (_, offset) = self.zone.at(self.seconds);
        let local = self.seconds.saturating_add(offset);
        let day_number = local.div_euclid(DAY);
        let rest = local.rem_euclid(DAY) as u32;
        let (year, month, day) = date(day_number);
        Civil {
            year,
            month,
            day,
            hour: rest / 3600,
            minute: rest / 60 % 60,
            second: rest % 60,
            year_day: (day_number - days(year, 1, 1) + 1) as u32,
            weekday: (day_number + 4).rem_euclid(7) as u32,
        }
    }
}

/// The number of a day, 0 for the first one of 1970.
pub(crate) fn days(year: i64, month: u32, day: u32) -> i64 {
    // The year starts in March, so that the leap day is its last.
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let months = i64::from((month + 9) % 12);
    let day_of_year = (153 * months + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month and day of the number of a day.
fn date(number: i64) -> (i64, u32, u32) {
    let number = number + 719_468;
    let era = number.div_euclid(146_097);
    let day_of_era = number.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let months = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * months + 2) / 5 + 1) as u32;
    let month = ((months + 2) % 12 + 1) as u32;
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

pub(crate) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(crate) fn days_in(month: u32, year: i64) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_numbered() {
        for number in (-1_000_000..1_000_000).step_by(97) {
            let (year, month, day) = date(number);
            assert_eq!(days(year, month, day), number);
        }
        assert_eq!(days(1970, 1, 1), 0);
        assert_eq!(days(2000, 3, 1), 11017);
    }
}
