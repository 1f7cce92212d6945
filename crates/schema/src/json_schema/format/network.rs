//! Addresses, names and URLs.

use std::net::Ipv6Addr;

use tidegate_golang::Url;

use super::{Checked, invalid_character, no, within};

pub(super) fn ipv4(text: &str) -> Checked {
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

pub(super) fn ipv6(text: &str) -> Checked {
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

pub(super) fn hostname(text: &str) -> Checked {
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

pub(super) fn email(text: &str) -> Checked {
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

pub(super) fn url(text: &str) -> Result<Url, String> {
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

pub(super) fn uri_template(text: &str) -> Checked {
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
