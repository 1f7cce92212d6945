//! The formats of texts that the API server checks.

use crate::cel::time::{Timestamp, parse_go_duration};
use crate::net::{parse_cidr_sloppy, parse_ip_sloppy};
use tidegate_golang::Url;

/// Whether a text has a format. A format that the API server does not know is not checked.
pub(crate) fn has_format(format: &str, text: &str) -> bool {
    let name: String = format.chars().filter(|c| *c != '-').collect();
    match name.as_str() {
        "datetime" => is_date_time(text),
        "date" => Timestamp::parse_date(text).is_some(),
        "duration" => parse_duration(text).is_some(),
        "ipv4" => parse_ip_sloppy(text).is_some() && text.contains('.'),
        "ipv6" => text.contains(':') && text.parse::<std::net::IpAddr>().is_ok(),
        "cidr" => parse_cidr_sloppy(text).is_some(),
        "mac" => is_mac(text),
        "byte" => is_base64(text),
        "uri" => Url::parse_request(text).is_ok(),
        "email" => is_email(text),
        "hostname" => is_hostname(text),
        "uuid" => is_uuid(text, None),
        "uuid3" => is_uuid(text, Some(b'3')),
        "uuid4" => is_uuid(text, Some(b'4')),
        "uuid5" => is_uuid(text, Some(b'5')),
        "bsonobjectid" => text.len() == 24 && text.bytes().all(|b| b.is_ascii_hexdigit()),
        "hexcolor" => {
            let digits = text.strip_prefix('#').unwrap_or(text);
            matches!(digits.len(), 3 | 6) && digits.bytes().all(|b| b.is_ascii_hexdigit())
        }
        "k8sshortname" => crate::names::dns1123_label(text).is_empty(),
        "k8slongname" => crate::names::dns1123_subdomain(text).is_empty(),
        _ => true,
    }
}

/// A duration in Go's notation, or numbers with words such as `3 days`.
pub(crate) fn parse_duration(text: &str) -> Option<i64> {
    const DAY: i64 = 86_400_000_000_000;
    if let Some(duration) = parse_go_duration(text) {
        return Some(duration);
    }
    let mut total: i64 = 0;
    let mut found = false;
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        rest = &rest[start..];
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let number = &rest[..end];
        rest = &rest[end..];
        let blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}');
        let word = rest.trim_start_matches(blank);
        let length = word
            .find(|c: char| !c.is_ascii_alphabetic() && c != 'µ')
            .unwrap_or(word.len());
        if length == 0 {
            continue;
        }
        let (unit, after) = word.split_at(length);
        rest = after;
        let number: i64 = number.parse().ok()?;
        let unit = unit.to_lowercase();
        let scale = match unit.as_str() {
            "ns" => 1,
            "us" | "µs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" | "hr" => 3_600_000_000_000,
            "d" => DAY,
            "w" | "wk" => 7 * DAY,
            _ if unit.starts_with("nano") => 1,
            _ if unit.starts_with("micro") => 1_000,
            _ if unit.starts_with("milli") => 1_000_000,
            _ if unit.starts_with("sec") => 1_000_000_000,
            _ if unit.starts_with("min") => 60_000_000_000,
            _ if unit.starts_with("hour") => 3_600_000_000_000,
            _ if unit.starts_with("day") => DAY,
            _ if unit.starts_with("week") => 7 * DAY,
            _ => continue,
        };
        found = true;
        total = total.wrapping_add(number.wrapping_mul(scale));
    }
    found.then_some(total)
}

/// RFC 3339, with a local time where no zone is given.
pub(crate) fn parse_date_time(text: &str) -> Option<Timestamp> {
    match text {
        "" => Timestamp::parse_rfc3339("1970-01-01T00:00:00Z"),
        _ => {
            Timestamp::parse_rfc3339(text).or_else(|| Timestamp::parse_rfc3339(&format!("{text}Z")))
        }
    }
}

fn is_date_time(text: &str) -> bool {
    let text = text.to_lowercase();
    let mut parts = text.split('t');
    let (Some(date), Some(time)) = (parts.next(), parts.next()) else {
        return false;
    };
    let bytes = time.as_bytes();
    let two = |at: usize, most: u8| {
        let digits = bytes.get(at..at + 2);
        digits.is_some_and(|d| {
            d.iter().all(u8::is_ascii_digit) && (d[0] - b'0') * 10 + (d[1] - b'0') <= most
        })
    };
    let colon = |at: usize| bytes.get(at) == Some(&b':');
    if Timestamp::parse_date(date).is_none()
        || !(two(0, 23) && colon(2) && two(3, 59) && colon(5) && two(6, 59))
    {
        return false;
    }
    let rest = &time[8..];
    let mut chars = rest.chars();
    // Any character may stand in front of the fraction.
    let fraction = match chars.next() {
        Some(c) if !matches!(c, 'z' | '\n') => chars.as_str(),
        _ => "",
    };
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
    let with_fraction = (digits > 0).then(|| &fraction[digits..]);
    let is_zone = |zone: &str| {
        zone == "z"
            || (zone.len() == 6 && zone.starts_with(['+', '-']) && {
                let bytes = zone.as_bytes();
                bytes[3] == b':' && [1, 2, 4, 5].iter().all(|i| bytes[*i].is_ascii_digit())
            })
    };
    is_zone(rest) || with_fraction.is_some_and(is_zone)
}

fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let padding = text.len() - body.len();
    let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    !text.is_empty() && text.len().is_multiple_of(4) && padding <= 2 && body.bytes().all(known)
}

fn is_uuid(text: &str, version: Option<u8>) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut digits = Vec::with_capacity(32);
    for (part, length) in [8, 4, 4, 4, 12].into_iter().enumerate() {
        if part > 0 && bytes.get(at) == Some(&b'-') {
            at += 1;
        }
        match bytes.get(at..at + length) {
            Some(run) if run.iter().all(u8::is_ascii_hexdigit) => digits.extend_from_slice(run),
            _ => return false,
        }
        at += length;
    }
    let variant = match version {
        Some(b'4' | b'5') => matches!(digits[16].to_ascii_lowercase(), b'8' | b'9' | b'a' | b'b'),
        _ => true,
    };
    at == bytes.len() && variant && version.is_none_or(|version| digits[12] == version)
}

fn is_mac(text: &str) -> bool {
    let bytes = text.as_bytes();
    let groups = |separator: u8, size: usize| {
        let parts: Vec<&[u8]> = bytes.split(|b| *b == separator).collect();
        let length = parts.len() * size / 2;
        matches!(length, 6 | 8 | 20)
            && parts
                .iter()
                .all(|part| part.len() == size && part.iter().all(u8::is_ascii_hexdigit))
    };
    match bytes.get(2) {
        Some(b':' | b'-') => groups(bytes[2], 2),
        _ => bytes.get(4) == Some(&b'.') && groups(b'.', 4),
    }
}

fn is_hostname(text: &str) -> bool {
    // The pattern has letters and symbols of any script; what is checked here is what can be told
    // without tables of them.
    let word = |c: char| c.is_alphanumeric() || (!c.is_ascii() && !c.is_whitespace());
    !text.is_empty()
        && text.len() <= 255
        && text.split('.').all(|part| {
            !part.is_empty()
                && part.len() <= 63
                && part.starts_with(word)
                && part.ends_with(word)
                && part.chars().all(|c| word(c) || c == '-')
        })
}

/// An address, alone or as `Name <address>`.
fn is_email(text: &str) -> bool {
    let text = text.trim();
    let address = match text.strip_suffix('>') {
        Some(rest) => rest.rsplit_once('<').map(|(_, address)| address),
        None => Some(text),
    };
    let Some((local, domain)) = address.and_then(|address| address.rsplit_once('@')) else {
        return false;
    };
    let atom =
        |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || !c.is_ascii();
    let dotted = |text: &str| {
        text.split('.')
            .all(|part| !part.is_empty() && part.chars().all(atom))
    };
    let quoted = local.len() > 1 && local.starts_with('"') && local.ends_with('"');
    let literal = domain.starts_with('[') && domain.ends_with(']');
    (quoted || dotted(local)) && (literal || dotted(domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: &str, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(has_format(format, text), "{format} {text}");
        }
        for text in bad {
            assert!(!has_format(format, text), "{format} {text}");
        }
    }

    #[test]
    fn formats() {
        check(
            "date-time",
            &["2024-01-02T03:04:05Z", "2024-01-02t03:04:05.1+01:00"],
            &["2024-01-02", "2024-01-02T25:04:05Z", "2024-01-02T03:04:05"],
        );
        check("date", &["2024-02-29"], &["2023-02-29", "2024-2-9"]);
        check(
            "duration",
            &["1h", "3 days", "1w2d"],
            &["", "x", "3 parsecs"],
        );
        check(
            "ipv4",
            &["1.2.3.4", "01.2.3.4"],
            &["1.2.3", "::1", "1.2.3.256"],
        );
        check("ipv6", &["::1", "::ffff:1.2.3.4"], &["1.2.3.4", "::g"]);
        check(
            "cidr",
            &["10.0.0.0/8", "::/0"],
            &["10.0.0.0/33", "10.0.0.0"],
        );
        check("byte", &["YQ==", "YWJj"], &["", "YQ", "Y===", "a b="]);
        check(
            "uuid",
            &["123e4567-e89b-12d3-a456-426614174000"],
            &["123e4567", "x23e4567-e89b-12d3-a456-426614174000"],
        );
        check("mac", &["00:00:5e:00:53:01", "0000.5e00.5301"], &["00:00"]);
        check("email", &["a@b.c", "A <a@b>"], &["a", "a@", "@b", "a b@c"]);
        check("unknown", &["anything"], &[]);
    }
}
