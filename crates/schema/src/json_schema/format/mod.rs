//! The formats that Helm's validator knows, each with its words for what is wrong.

mod network;
mod time;

use tidegate_golang::{quote_char, regexp};

use self::network::{email, hostname, ipv4, ipv6, uri_template, url};
use self::time::{date, date_time, duration, period, time};

/// A format of strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    JsonPointer,
    RelativeJsonPointer,
    Uuid,
    Duration,
    Period,
    Ipv4,
    Ipv6,
    Hostname,
    Email,
    Date,
    Time,
    DateTime,
    Uri,
    UriReference,
    UriTemplate,
    Semver,
    Regex,
}

type Checked = Result<(), String>;

impl Format {
    /// None where the format is not known: it holds for everything then.
    pub(super) fn named(name: &str) -> Option<Format> {
        Some(match name {
            "json-pointer" => Format::JsonPointer,
            "relative-json-pointer" => Format::RelativeJsonPointer,
            "uuid" => Format::Uuid,
            "duration" => Format::Duration,
            "period" => Format::Period,
            "ipv4" => Format::Ipv4,
            "ipv6" => Format::Ipv6,
            "hostname" => Format::Hostname,
            "email" => Format::Email,
            "date" => Format::Date,
            "time" => Format::Time,
            "date-time" => Format::DateTime,
            "uri" | "iri" => Format::Uri,
            "uri-reference" | "iri-reference" => Format::UriReference,
            "uri-template" => Format::UriTemplate,
            "semver" => Format::Semver,
            "regex" => Format::Regex,
            _ => return None,
        })
    }

    /// Whether a text has the format; the error says what is wrong with it.
    pub(super) fn check(self, text: &str) -> Checked {
        match self {
            Format::JsonPointer => json_pointer(text),
            Format::RelativeJsonPointer => relative_json_pointer(text),
            Format::Uuid => uuid(text),
            Format::Duration => duration(text),
            Format::Period => period(text),
            Format::Ipv4 => ipv4(text),
            Format::Ipv6 => ipv6(text),
            Format::Hostname => hostname(text),
            Format::Email => email(text),
            Format::Date => date(text),
            Format::Time => time(text),
            Format::DateTime => date_time(text),
            Format::Uri => match url(text)?.scheme.is_empty() {
                true => no("relative url"),
                false => Ok(()),
            },
            Format::UriReference if text.contains('\\') => no("contains \\"),
            Format::UriReference => url(text).map(|_| ()),
            Format::UriTemplate => uri_template(text),
            Format::Semver => semver(text),
            Format::Regex => regexp::compile(text).map(|_| ()),
        }
    }
}

fn no<T>(problem: &str) -> Result<T, String> {
    Err(problem.to_owned())
}

fn invalid_character(c: char) -> Checked {
    Err(format!("invalid character {}", quote_char(c, false)))
}

/// Puts a problem after what it is a problem of.
fn within(what: &str, checked: Checked) -> Checked {
    checked.map_err(|problem| format!("{what}: {problem}"))
}

fn json_pointer(text: &str) -> Checked {
    if text.is_empty() {
        return Ok(());
    }
    let Some(rest) = text.strip_prefix('/') else {
        return no("not starting with /");
    };
    for token in rest.split('/') {
        for escaped in token.split('~').skip(1) {
            if !escaped.starts_with(['0', '1']) {
                return no("~ must be followed by 0 or 1");
            }
        }
    }
    Ok(())
}

fn relative_json_pointer(text: &str) -> Checked {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return no("must start with non-negative integer");
    }
    if digits > 1 && text.starts_with('0') {
        return no("starts with zero");
    }
    match &text[digits..] {
        "#" => Ok(()),
        rest => json_pointer(rest),
    }
}

fn uuid(text: &str) -> Checked {
    let lengths = [8, 4, 4, 4, 12];
    let groups: Vec<&str> = text.split('-').collect();
    if groups.len() != lengths.len() {
        return no("must have 5 elements");
    }
    for (i, (group, length)) in groups.iter().zip(lengths).enumerate() {
        if group.len() != length {
            let number = i + 1;
            return Err(format!("element {number} must be {length} characters long"));
        }
        if let Some(c) = group.chars().find(|c| !c.is_ascii_hexdigit()) {
            return Err(format!("non-hex character {}", quote_char(c, false)));
        }
    }
    Ok(())
}

fn semver(text: &str) -> Checked {
    let strange = |text: &str| {
        text.chars()
            .find(|c| !c.is_ascii_alphanumeric() && *c != '-')
    };
    let (rest, build) = match text.split_once('+') {
        Some((rest, build)) => (rest, Some(build)),
        None => (text, None),
    };
    if build == Some("") {
        return no("build is empty");
    }
    for identifier in build.iter().flat_map(|build| build.split('.')) {
        if identifier.is_empty() {
            return no("build identifier is empty");
        }
        if let Some(c) = strange(identifier) {
            let c = quote_char(c, false);
            return Err(format!("invalid character {c} in build identifier"));
        }
    }
    let (core, pre_release) = match rest.split_once('-') {
        Some((core, pre_release)) => (core, Some(pre_release)),
        None => (rest, None),
    };
    for identifier in pre_release.iter().flat_map(|pre| pre.split('.')) {
        if identifier.is_empty() {
            return no("pre-release identifier is empty");
        }
        if let Some(c) = strange(identifier) {
            let c = quote_char(c, false);
            return Err(format!("invalid character {c} in pre-release identifier"));
        }
        let number = identifier.bytes().all(|b| b.is_ascii_digit());
        if number && identifier.len() > 1 && identifier.starts_with('0') {
            return no("pre-release numeric identifier starts with zero");
        }
    }
    let versions: Vec<&str> = core.split('.').collect();
    if versions.len() != 3 {
        return no("versionCore must have 3 numbers separated by dot");
    }
    for (name, version) in ["major", "minor", "patch"].iter().zip(versions) {
        if version.is_empty() {
            return Err(format!("{name} is empty"));
        }
        if version.len() > 1 && version.starts_with('0') {
            return Err(format!("{name} starts with zero"));
        }
        if !version.bytes().all(|b| b.is_ascii_digit()) {
            return Err(format!("{name} contains non-digit"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: &str, text: &str, expected: &str) {
        let problem = Format::named(format).unwrap().check(text).err();
        assert_eq!(problem.unwrap_or_default(), expected, "{format} {text}");
    }

    #[test]
    fn addresses() {
        check("ipv4", "10.0.0.1", "");
        check("ipv4", "10.0.0", "expected four decimals");
        check("ipv4", "10.0.0.256", "decimal must be between 0 and 255");
        check("ipv4", "10.0.0.01", "leading zeros");
        check("ipv6", "::1", "");
        check("ipv6", "::1%eth0", "zone id is not a part of ipv6 address");
        check("hostname", "a.b-c.example.", "");
        check("hostname", "a_b", "invalid character '_'");
        check("email", "me@example.com", "");
        check("email", "me", "missing @");
        check("uri", "https://example.com/x", "");
        check("uri", "/x", "relative url");
    }

    #[test]
    fn times() {
        check("date", "2024-02-29", "");
        check(
            "date",
            "2023-02-29",
            "parsing time \"2023-02-29\": day out of range",
        );
        check("date-time", "2024-02-29T12:00:00Z", "");
        check("time", "23:59:60Z", "");
        check("time", "12:00:60Z", "invalid leap second");
        check("duration", "P1DT2H", "");
        check("duration", "PT2X", "invalid unit 'X'");
        check("period", "P1D/2024-01-01T00:00:00Z", "");
    }

    #[test]
    fn names() {
        check("semver", "1.2.3-rc.1+b", "");
        check("semver", "1.02.3", "minor starts with zero");
        check("uuid", "x", "must have 5 elements");
        check("json-pointer", "/a~1b", "");
        check("json-pointer", "/a~2", "~ must be followed by 0 or 1");
        check("relative-json-pointer", "0#", "");
        check("regex", "^a+$", "");
        assert!(Format::named("password").is_none());
    }
}
