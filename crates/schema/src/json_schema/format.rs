//! The formats that Helm's validator knows, each with its words for what is wrong.

use std::net::Ipv6Addr;

use tidegate_golang::{Url, quote_char, regexp};

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

fn duration(text: &str) -> Checked {
    let Some(rest) = text.strip_prefix('P') else {
        return no("must start with P");
    };
    if rest.is_empty() {
        return no("nothing after P");
    }
    if let Some(weeks) = rest.strip_suffix('W') {
        return match weeks {
            "" => no("no number in week"),
            weeks if weeks.bytes().all(|b| b.is_ascii_digit()) => Ok(()),
            _ => no("invalid week"),
        };
    }
    for (i, part) in rest.split('T').enumerate() {
        if i != 0 && part.is_empty() {
            return no("no time elements");
        }
        let Some(all) = ["YMD", "HMS"].get(i) else {
            return no("more than one T");
        };
        elements(part, all)?;
    }
    Ok(())
}

/// The numbers of one half of a duration, each with its unit, in order.
fn elements(mut part: &str, all: &str) -> Checked {
    let mut units = all;
    while !part.is_empty() {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return no("missing number");
        }
        let mut rest = part[digits..].chars();
        let Some(unit) = rest.next() else {
            return no("missing unit");
        };
        let Some(at) = units.find(unit) else {
            return Err(match all.contains(unit) {
                true => format!("unit {} out of order", quote_char(unit, false)),
                false => format!("invalid unit {}", quote_char(unit, false)),
            });
        };
        units = &units[at + 1..];
        part = rest.as_str();
    }
    Ok(())
}

fn period(text: &str) -> Checked {
    let Some((start, end)) = text.split_once('/') else {
        return no("missing slash");
    };
    if start.starts_with('P') {
        within("invalid start duration", duration(start))?;
        return within("invalid end date-time", date_time(end));
    }
    within("invalid start date-time", date_time(start))?;
    match end.starts_with('P') {
        true => within("invalid end duration", duration(end)),
        false => within("invalid end date-time", date_time(end)),
    }
}

fn ipv4(text: &str) -> Checked {
    let groups: Vec<&str> = text.split('.').collect();
    if groups.len() != 4 {
        return no("expected four decimals");
    }
    for group in groups {
        if group.len() > 1 && group.starts_with('0') {
            return no("leading zeros");
        }
        let digits = group.strip_prefix(['-', '+']).unwrap_or(group);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(format!("strconv.Atoi: parsing {group:?}: invalid syntax"));
        }
        match group.parse::<i64>() {
            Ok(0..=255) => {}
            Ok(_) => return no("decimal must be between 0 and 255"),
            Err(_) => {
                return Err(format!(
                    "strconv.Atoi: parsing {group:?}: value out of range"
                ));
            }
        }
    }
    Ok(())
}

fn ipv6(text: &str) -> Checked {
    if !text.contains(':') {
        return no("missing colon");
    }
    let (address, zone) = match text.split_once('%') {
        Some((address, zone)) => (address, Some(zone)),
        None => (text, None),
    };
    if zone == Some("") {
        return Err(format!(
            "ParseAddr({text:?}): zone must be a non-empty string"
        ));
    }
    if address.parse::<Ipv6Addr>().is_err() {
        return Err(format!("ParseAddr({text:?}): unable to parse IP"));
    }
    match zone {
        Some(_) => no("zone id is not a part of ipv6 address"),
        None => Ok(()),
    }
}

fn hostname(text: &str) -> Checked {
    let text = text.strip_suffix('.').unwrap_or(text);
    if text.len() > 253 {
        return no("more than 253 characters long");
    }
    for label in text.split('.') {
        if label.is_empty() || label.len() > 63 {
            return no("label must be 1 to 63 characters long");
        }
        if label.starts_with('-') {
            return no("label starts with hyphen");
        }
        if label.ends_with('-') {
            return no("label ends with hyphen");
        }
        let strange = label
            .chars()
            .find(|c| !c.is_ascii_alphanumeric() && *c != '-');
        if let Some(c) = strange {
            return invalid_character(c);
        }
    }
    Ok(())
}

fn email(text: &str) -> Checked {
    if text.len() > 254 {
        return no("more than 255 characters long");
    }
    let Some((local, domain)) = text.rsplit_once('@') else {
        return no("missing @");
    };
    if local.len() > 64 {
        return no("local part more than 64 characters long");
    }
    if local.len() > 1 && local.starts_with('"') && local.ends_with('"') {
        if local[1..local.len() - 1].contains(['\\', '"']) {
            return no("backslash and quote are not allowed within quoted local part");
        }
    } else {
        if local.starts_with('.') {
            return no("starts with dot");
        }
        if local.ends_with('.') {
            return no("ends with dot");
        }
        if local.contains("..") {
            return no("consecutive dots");
        }
        let allowed = |c: &char| c.is_ascii_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(*c);
        if let Some(c) = local.chars().find(|c| !allowed(c)) {
            return invalid_character(c);
        }
    }
    let literal = domain
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    match literal {
        Some(literal) => match literal.strip_prefix("IPv6:") {
            Some(address) => within("invalid ipv6 address", ipv6(address)),
            None => within("invalid ipv4 address", ipv4(literal)),
        },
        None => within("invalid domain", hostname(domain)),
    }
}

fn date(text: &str) -> Checked {
    let cannot = |rest: &str, part: &str| {
        Err(format!(
            "parsing time {text:?} as \"2006-01-02\": cannot parse {rest:?} as {part:?}"
        ))
    };
    let mut rest = text;
    let mut numbers = [0u32; 3];
    let parts = [("2006", 4), ("01", 2), ("02", 2)];
    for (i, (name, length)) in parts.into_iter().enumerate() {
        if i > 0 {
            match rest.strip_prefix('-') {
                Some(after) => rest = after,
                None => return cannot(rest, "-"),
            }
        }
        let digits = rest.get(..length).and_then(|digits| {
            let all = digits.bytes().all(|b| b.is_ascii_digit());
            all.then(|| digits.parse().ok()).flatten()
        });
        match digits {
            Some(number) => numbers[i] = number,
            None => return cannot(rest, name),
        }
        rest = &rest[length..];
        if name == "01" && !(1..=12).contains(&numbers[1]) {
            return Err(format!("parsing time {text:?}: month out of range"));
        }
    }
    if !rest.is_empty() {
        return Err(format!("parsing time {text:?}: extra text: {rest:?}"));
    }
    let [year, month, day] = numbers;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    match (1..=days).contains(&day) {
        true => Ok(()),
        false => Err(format!("parsing time {text:?}: day out of range")),
    }
}

/// Numbers with colons between them, as Go's `Atoi` reads each.
fn clock(text: &str, what: &str) -> Result<Vec<i64>, String> {
    let mut numbers = Vec::new();
    for part in text.split(':') {
        match part.parse::<i64>() {
            Ok(number) if number < 0 => return Err(format!("non-positive {what}")),
            Ok(number) => numbers.push(number),
            Err(_) => return Err(format!("invalid {what}")),
        }
    }
    Ok(numbers)
}

fn time(text: &str) -> Checked {
    let bytes = text.as_bytes();
    if bytes.len() < 9 {
        return no("less than 9 characters long");
    }
    if bytes[2] != b':' || bytes[5] != b':' {
        return no("missing colon in correct place");
    }
    let Some((clock_text, mut rest)) = text.split_at_checked(8) else {
        return no("invalid hour/min/sec");
    };
    let numbers = clock(clock_text, "hour/min/sec")?;
    let &[mut hour, mut minute, second] = numbers.as_slice() else {
        return no("invalid hour/min/sec");
    };
    if hour > 23 || minute > 59 || second > 60 {
        return no("hour/min/sec out of range");
    }
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return no("no digits in second fraction");
        }
        rest = &fraction[digits..];
    }
    if rest != "z" && rest != "Z" {
        if rest.len() != 6 {
            return no("offset must be 6 characters long");
        }
        let sign = match rest.as_bytes()[0] {
            b'+' => -1,
            b'-' => 1,
            _ => return no("offset must begin with plus/minus"),
        };
        if rest.as_bytes()[3] != b':' {
            return no("missing colon in offset in correct place");
        }
        let offset = clock(&rest[1..], "hour/min in offset")?;
        let &[hours, minutes] = offset.as_slice() else {
            return no("invalid hour/min in offset");
        };
        if hours > 23 || minutes > 59 {
            return no("hour/min in offset out of range");
        }
        let mut total = hour * 60 + minute + sign * (hours * 60 + minutes);
        if total < 0 {
            total += 24 * 60;
        }
        (hour, minute) = (total / 60, total % 60);
    }
    match second >= 60 && (hour, minute) != (23, 59) {
        true => no("invalid leap second"),
        false => Ok(()),
    }
}

fn date_time(text: &str) -> Checked {
    if text.len() < 20 {
        return no("less than 20 characters long");
    }
    if !matches!(text.as_bytes()[10], b't' | b'T') {
        return no("11th character must be t or T");
    }
    let (day, rest) = text.split_at(10);
    within("invalid date element", date(day))?;
    within("invalid time element", time(&rest[1..]))
}

fn url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text)?;
    let host = String::from_utf8_lossy(url.hostname());
    if host.contains(':') {
        if !url.host.contains(&b'[') || !url.host.contains(&b']') {
            return no("ipv6 address not enclosed in brackets");
        }
        within("invalid ipv6 address", ipv6(&host))?;
    }
    Ok(url)
}

fn uri_template(text: &str) -> Checked {
    // Braces are escaped where Go writes the path, and so the path as it was written is kept.
    for segment in url(text)?.raw_path.split('/') {
        let segment = segment
            .replace("%7B", "{")
            .replace("%7b", "{")
            .replace("%7D", "}")
            .replace("%7d", "}");
        let mut open = false;
        for c in segment.chars().filter(|c| matches!(c, '{' | '}')) {
            if open == (c == '{') {
                return no("nested curly braces");
            }
            open = !open;
        }
        if open {
            return no("no matching closing brace");
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
