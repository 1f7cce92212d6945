use std::cmp::Ordering;
use std::fmt;

pub(crate) const INVALID: &str = "Invalid Semantic Version";

/// A version, read leniently: `v1.2` is `1.2.0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The first number.
    pub major: u64,
    /// The second number.
    pub minor: u64,
    /// The third number.
    pub patch: u64,
    /// What stands behind the dash; empty where there is none.
    pub prerelease: String,
    /// What stands behind the plus; empty where there is none.
    pub metadata: String,
    /// The text that was read.
    pub original: String,
}

impl Version {
    /// Reads a version. The error is Go's.
    pub fn parse(text: &str) -> Result<Version, String> {
        let (parts, rest) = Parts::read(text, |byte| byte.is_ascii_digit()).ok_or(INVALID)?;
        if !rest.is_empty() {
            return Err(INVALID.to_owned());
        }
        let number = |part: &str| {
            if part.is_empty() {
                return Ok(0);
            }
            part.parse::<u64>().map_err(|_| {
                format!("Error parsing version segment: strconv.ParseUint: parsing {part:?}: value out of range")
            })
        };
        let version = Version {
            major: number(parts.major)?,
            minor: number(parts.minor)?,
            patch: number(parts.patch)?,
            prerelease: parts.prerelease.to_owned(),
            metadata: parts.metadata.to_owned(),
            original: text.to_owned(),
        };
        let zero_first = |part: &str| {
            part.len() > 1
                && part.starts_with('0')
                && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !version.prerelease.is_empty() && version.prerelease.split('.').any(zero_first) {
            return Err("Version segment starts with 0".to_owned());
        }
        Ok(version)
    }

    /// The order of versions; metadata does not count.
    pub fn compare(&self, other: &Version) -> Ordering {
        let numbers = |version: &Version| [version.major, version.minor, version.patch];
        numbers(self)
            .cmp(&numbers(other))
            .then_with(|| compare_prereleases(&self.prerelease, &other.prerelease))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.prerelease.is_empty() {
            write!(f, "-{}", self.prerelease)?;
        }
        if !self.metadata.is_empty() {
            write!(f, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

pub(crate) fn compare_prereleases(a: &str, b: &str) -> Ordering {
    match (a.is_empty(), b.is_empty()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => match (a.parse::<u64>(), b.parse::<u64>()) {
                _ if a == b => Ordering::Equal,
                (Ok(a), Ok(b)) => a.cmp(&b),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => a.cmp(b),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// The parts of a version as text.
pub(crate) struct Parts<'a> {
    pub(crate) text: &'a str,
    pub(crate) major: &'a str,
    pub(crate) minor: &'a str,
    pub(crate) patch: &'a str,
    pub(crate) prerelease: &'a str,
    pub(crate) metadata: &'a str,
}

impl<'a> Parts<'a> {
    /// Reads as much as is a version, and gives the rest.
    pub(crate) fn read(text: &'a str, digit: fn(u8) -> bool) -> Option<(Parts<'a>, &'a str)> {
        let body = text.strip_prefix('v').unwrap_or(text);
        let run = |text: &'a str, fits: fn(u8) -> bool| {
            let end = text
                .bytes()
                .position(|byte| !fits(byte))
                .unwrap_or(text.len());
            text.split_at(end)
        };
        let (major, mut rest) = run(body, digit);
        if major.is_empty() {
            return None;
        }
        let mut next = || {
            let (part, behind) = run(rest.strip_prefix('.')?, digit);
            if part.is_empty() {
                return None;
            }
            rest = behind;
            Some(part)
        };
        let minor = next().unwrap_or_default();
        let patch = if minor.is_empty() {
            ""
        } else {
            next().unwrap_or_default()
        };
        let mut labels = |mark: char| {
            let mut label = rest.strip_prefix(mark)?;
            let start = label;
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            let mut length = 0;
            loop {
                let (part, behind) = run(label, fits);
                if part.is_empty() {
                    break;
                }
                length = start.len() - behind.len();
                match behind.strip_prefix('.') {
                    Some(more) => label = more,
                    None => break,
                }
            }
            if length == 0 {
                return None;
            }
            rest = &start[length..];
            Some(&start[..length])
        };
        let prerelease = labels('-').unwrap_or_default();
        let metadata = labels('+').unwrap_or_default();
        let parts = Parts {
            text: &text[..text.len() - rest.len()],
            major,
            minor,
            patch,
            prerelease,
            metadata,
        };
        Some((parts, rest))
    }
}
