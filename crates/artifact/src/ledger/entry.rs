use std::collections::BTreeSet;
use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tidegate_registry::Digest;

/// Digits of a digest that are in the name of an entry.
const SHORT: usize = 12;

/// The longest name that leaves room for the rest of a tag, which has at most 128 characters.
const LONGEST: usize = 80;

/// The name of an environment, such as `live`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Environment(String);

/// Why a name is none of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAnEnvironment(String);

impl fmt::Display for NotAnEnvironment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` cannot name an environment: it becomes part of a version, so it takes 1 to {LONGEST} \
             letters, digits and dashes, and starts with a letter",
            self.0
        )
    }
}

impl std::error::Error for NotAnEnvironment {}

impl Environment {
    /// Reads a name.
    pub fn new(name: &str) -> Result<Environment, NotAnEnvironment> {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let starts = name.starts_with(|c: char| c.is_ascii_alphabetic());
        match starts && name.len() <= LONGEST && name.bytes().all(known) {
            true => Ok(Environment(name.to_owned())),
            false => Err(NotAnEnvironment(name.to_owned())),
        }
    }

    /// The name, which is its pointer's tag too.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An entry of a log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// When the digest was selected, to the second.
    pub time: Timestamp,
    /// The first digits of the digest.
    pub short: String,
    /// The tag, which leads to the whole digest.
    pub tag: String,
}

impl Entry {
    /// An entry for a digest that is selected at a time, to the second.
    pub fn new(environment: &Environment, time: Timestamp, digest: &Digest) -> Entry {
        let short: String = digest.hex().chars().take(SHORT).collect();
        // What is read back from the tag is the same entry.
        let time = Timestamp::from_second(time.as_second()).unwrap_or(time);
        let written = time.to_zoned(TimeZone::UTC).strftime("%Y%m%d%H%M%S");
        Entry {
            time,
            tag: format!("0.0.0-{environment}.{written}.g{short}"),
            short,
        }
    }

    /// An entry that is behind another one, whatever the clock says.
    pub fn after(
        newest: Option<&Entry>,
        environment: &Environment,
        now: Timestamp,
        digest: &Digest,
    ) -> Entry {
        let second = SignedDuration::from_secs(1);
        let next = newest.and_then(|newest| newest.time.checked_add(second).ok());
        Entry::new(environment, next.map_or(now, |next| next.max(now)), digest)
    }

    /// Reads the tag of an entry; none where it is none of the environment.
    fn read(environment: &Environment, tag: &str) -> Option<Entry> {
        let rest = tag
            .strip_prefix("0.0.0-")?
            .strip_prefix(environment.as_str())?;
        let (time, short) = rest.strip_prefix('.')?.split_once(".g")?;
        let is_digits = time.len() == 14 && time.bytes().all(|byte| byte.is_ascii_digit());
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if !is_digits || short.len() != SHORT || !short.bytes().all(is_hex) {
            return None;
        }
        let time = DateTime::strptime("%Y%m%d%H%M%S", time).ok()?;
        Some(Entry {
            time: time.to_zoned(TimeZone::UTC).ok()?.timestamp(),
            short: short.to_owned(),
            tag: tag.to_owned(),
        })
    }

    /// The last moment of its second.
    pub fn until(&self) -> Timestamp {
        let rest = SignedDuration::from_nanos(999_999_999);
        self.time.checked_add(rest).unwrap_or(self.time)
    }

    /// Whether a digest is the one that the tag was made for. A tag that someone has moved leads to
    /// another one.
    pub fn is_of(&self, digest: &Digest) -> bool {
        digest.hex().starts_with(&self.short)
    }
}

/// The entries of an environment among the tags of a repository, the oldest first.
pub fn entries(environment: &Environment, tags: &BTreeSet<String>) -> Vec<Entry> {
    let entries = tags.iter().filter_map(|tag| Entry::read(environment, tag));
    let mut entries: Vec<Entry> = entries.collect();
    entries.sort();
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(name: &str) -> Environment {
        Environment::new(name).unwrap()
    }

    #[test]
    fn entries_are_tags() {
        let live = environment("live");
        let digest = Digest::of(b"a");
        let time: Timestamp = "2026-11-24T12:00:05Z".parse().unwrap();
        let entry = Entry::new(&live, time, &digest);
        assert_eq!(entry.tag, "0.0.0-live.20261124120005.gca978112ca1b");
        assert_eq!(Entry::read(&live, &entry.tag), Some(entry.clone()));
        assert!(entry.is_of(&digest) && !entry.is_of(&Digest::of(b"b")));
        let others = [
            "live",
            "0.0.0-live.20261324120005.gca978112ca1b",
            "0.0.0-live.2026112412000.gca978112ca1b",
            "0.0.0-live.20261124120005.gCA978112ca1b",
            "0.0.0-live.20261124120005.gca978112ca1b.x",
            "0.0.0-live-b.20261124120005.gca978112ca1b",
            "0.0.0-integration.20261124120005.gca978112ca1b",
        ];
        let mut tags: BTreeSet<String> = others.iter().map(|tag| (*tag).to_owned()).collect();
        assert_eq!(entries(&live, &tags), []);
        let older = Entry::new(&live, "2026-11-24T11:00:00Z".parse().unwrap(), &digest);
        tags.extend([entry.tag.clone(), older.tag.clone()]);
        assert_eq!(entries(&live, &tags), [older, entry]);
    }

    #[test]
    fn names_of_environments() {
        for name in ["live", "Integration-2", "a"] {
            assert_eq!(environment(name).as_str(), name);
        }
        for name in ["", "2live", "-live", "a.b", "a_b", "é", &"a".repeat(81)] {
            assert!(Environment::new(name).is_err(), "{name}");
        }
    }
}
