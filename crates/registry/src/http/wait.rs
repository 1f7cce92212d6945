//! How long to wait before the next try.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::Retries;

impl Retries {
    /// The wait behind a try, counted from 0, that nothing is said about.
    pub(super) fn wait(&self, tried: u32) -> Duration {
        let doubled = self.first_wait.saturating_mul(1_u32 << tried.min(20));
        // Hashers are seeded at random: no other source of chance is needed for this.
        let chance = RandomState::new().hash_one(tried) % 1000;
        doubled
            .min(self.longest_wait)
            .mul_f64(1.0 - chance as f64 / 2000.0)
    }
}

/// What `Retry-After` asks for: a number of seconds, or a date.
pub(super) fn retry_after(text: &str, now: SystemTime) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let until = UNIX_EPOCH.checked_add(Duration::from_secs(date(text)?))?;
    Some(until.duration_since(now).unwrap_or_default())
}

/// The seconds since 1970 of a date such as `Sun, 06 Nov 1994 08:49:37 GMT`, the one form that RFC 9110
/// lets servers write.
fn date(text: &str) -> Option<u64> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let mut words = text.split_once(", ")?.1.strip_suffix(" GMT")?.split(' ');
    let mut next = || words.next();
    let day: u64 = next()?.parse().ok().filter(|day| (1..=31).contains(day))?;
    let name = next()?;
    let month = MONTHS.iter().position(|month| *month == name)? as u64 + 1;
    let year: u64 = next()?
        .parse()
        .ok()
        .filter(|year| (1970..=9999).contains(year))?;
    let mut clock = next()?.split(':').map(|part| part.parse::<u64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    // Days from 1970, with years that begin in March, so that leap days are their last.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    let seconds = (days.checked_sub(719_468)?) * 86_400 + hour * 3600 + minute * 60 + second;
    (hour < 24 && minute < 60 && second <= 60).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(date("Thu, 29 Feb 2024 12:00:00 GMT"), Some(1_709_208_000));
        for text in [
            "",
            "soon",
            "Sun, 06 Nov 1994",
            "Sun, 06 Xyz 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 25:00:00 GMT",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn a_server_may_say_how_long_to_wait() {
        let now = UNIX_EPOCH + Duration::from_secs(784_111_770);
        let check = |text: &str, expected: Option<u64>| {
            assert_eq!(
                retry_after(text, now),
                expected.map(Duration::from_secs),
                "{text}"
            );
        };
        check("120", Some(120));
        check("Sun, 06 Nov 1994 08:49:37 GMT", Some(7));
        check("Sat, 05 Nov 1994 08:49:37 GMT", Some(0));
        check("-1", None);
    }

    #[test]
    fn waits_grow_and_stay_bounded() {
        let retries = Retries {
            tries: 5,
            first_wait: Duration::from_millis(100),
            longest_wait: Duration::from_secs(2),
        };
        for (tried, longest) in [(0, 100), (1, 200), (3, 800), (40, 2000)] {
            let wait = retries.wait(tried).as_millis();
            assert!((longest / 2..=longest).contains(&wait), "{tried}: {wait}");
        }
    }
}
