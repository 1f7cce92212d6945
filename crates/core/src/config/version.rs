use std::fmt;
use std::str::FromStr;

/// A release of Flux or Kubernetes. Which patch it is makes no difference to what is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
}

impl Version {
    /// The release `major.minor`.
    pub const fn new(major: u32, minor: u32) -> Version {
        Version { major, minor }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The text is no version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAVersion;

impl fmt::Display for NotAVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a version is written as MAJOR.MINOR or MAJOR.MINOR.PATCH, such as 2.9")
    }
}

impl std::error::Error for NotAVersion {}

impl FromStr for Version {
    type Err = NotAVersion;

    /// Reads `2.9`, `v2.9`, `2.9.3`, `v1.34.2+k3s1` and `2.9.x`.
    fn from_str(text: &str) -> Result<Version, NotAVersion> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let number = |text: Option<&str>| -> Result<u32, NotAVersion> {
            let digits = text.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
            digits.and_then(|text| text.parse().ok()).ok_or(NotAVersion)
        };
        let mut parts = text.splitn(3, '.');
        let (major, minor) = (number(parts.next())?, number(parts.next())?);
        if let Some(patch) = parts.next()
            && !matches!(patch, "x" | "*")
        {
            let end = patch.find(['-', '+']).unwrap_or(patch.len());
            number(Some(&patch[..end]))?;
        }
        Ok(Version { major, minor })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_read_as_people_write_them() {
        let read = |text: &str| text.parse::<Version>().map(|version| version.to_string());
        for text in ["2.9", "v2.9", "2.9.3", "v2.9.0-rc.1", "2.9.x", "2.9.*"] {
            assert_eq!(read(text), Ok("2.9".to_owned()), "{text}");
        }
        assert_eq!(read("v1.34.2+k3s1"), Ok("1.34".to_owned()));
        for text in [
            "2",
            "",
            "2.",
            "2.x",
            ">=2.9",
            "2.9.",
            "2.9.a",
            "-1.2",
            "99999999999.1",
        ] {
            assert_eq!(read(text), Err(NotAVersion), "{text}");
        }
        assert!(Version::new(2, 10) > Version::new(2, 9));
    }
}
