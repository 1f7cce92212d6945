//! How long to wait before the next try.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::Retries;
use crate::time::http_date;

impl Retries {
    /// The wait behind a try, counted from 0, that nothing is said about.
    pub(crate) fn wait(&self, tried: u32) -> Duration {
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
    let until = UNIX_EPOCH.checked_add(Duration::from_secs(http_date(text)?))?;
    Some(until.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

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
