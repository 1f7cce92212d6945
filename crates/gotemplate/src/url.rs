//! URLs as Go's `net/url` takes them apart and puts them together.

use crate::fmt::quote;

/// A URL in its parts, escapes undone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Url {
    pub scheme: String,
    pub opaque: String,
    pub user: Option<User>,
    pub host: Vec<u8>,
    pub path: Vec<u8>,
    pub raw_path: String,
    pub omit_host: bool,
    pub force_query: bool,
    pub query: String,
    pub fragment: Vec<u8>,
    pub raw_fragment: String,
}

/// Who is named before the host.
#[derive(Clone, Debug)]
pub(crate) struct User {
    name: Vec<u8>,
    password: Option<Vec<u8>>,
}

/// Where a text stands: other characters are escaped in each place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Path,
    Host,
    User,
    Fragment,
}

impl Url {
    /// Reads a URL. The error is Go's.
    pub(crate) fn parse(text: &str) -> Result<Url, String> {
        let (body, fragment) = text.split_once('#').unwrap_or((text, ""));
        let shown =
            |text: &str, error: String| format!("parse {}: {error}", quote(text.as_bytes()));
        let mut url = Url::parse_body(body).map_err(|error| shown(body, error))?;
        url.fragment = unescape(fragment, Place::Fragment).map_err(|error| shown(text, error))?;
        if escape(&url.fragment, Place::Fragment) != fragment {
            url.raw_fragment = fragment.to_owned();
        }
        Ok(url)
    }

    fn parse_body(text: &str) -> Result<Url, String> {
        if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
            return Err("net/url: invalid control character in URL".to_owned());
        }
        let mut url = Url::default();
        if text == "*" {
            url.path = b"*".to_vec();
            return Ok(url);
        }
        let (scheme, mut rest) = scheme(text)?;
        url.scheme = scheme.to_ascii_lowercase();
        match rest.strip_suffix('?') {
            Some(before) if !before.contains('?') => {
                url.force_query = true;
                rest = before;
            }
            _ => {
                if let Some((before, query)) = rest.split_once('?') {
                    url.query = query.to_owned();
                    rest = before;
                }
            }
        }
        if !rest.starts_with('/') {
            if !url.scheme.is_empty() {
                url.opaque = rest.to_owned();
                return Ok(url);
            }
            let segment = rest.split('/').next().unwrap_or_default();
            if segment.contains(':') {
                return Err("first path segment in URL cannot contain colon".to_owned());
            }
        }
        let has_host = !url.scheme.is_empty() || !rest.starts_with("///");
        if let Some(authority) = rest.strip_prefix("//").filter(|_| has_host) {
            let end = authority.find('/').unwrap_or(authority.len());
            url.authority(&authority[..end])?;
            rest = &authority[end..];
        } else if !url.scheme.is_empty() && rest.starts_with('/') {
            url.omit_host = true;
        }
        url.path = unescape(rest, Place::Path)?;
        if escape(&url.path, Place::Path) != rest {
            url.raw_path = rest.to_owned();
        }
        Ok(url)
    }

    fn authority(&mut self, text: &str) -> Result<(), String> {
        let (user, host) = match text.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, text),
        };
        self.host = parse_host(host)?;
        if let Some(user) = user {
            self.user = Some(User::parse(user)?);
        }
        Ok(())
    }

    /// The host without its port and without brackets.
    pub(crate) fn hostname(&self) -> &[u8] {
        let mut host = self.host.as_slice();
        if let Some(colon) = memchr::memrchr(b':', host)
            && is_port(&host[colon..])
        {
            host = &host[..colon];
        }
        match host {
            [b'[', inner @ .., b']'] => inner,
            host => host,
        }
    }

    fn escaped_path(&self) -> String {
        if self.path == b"*" {
            return "*".to_owned();
        }
        // The notation that was read is kept where it means the same.
        if !self.raw_path.is_empty() && valid_encoded(&self.raw_path, Place::Path) {
            return self.raw_path.clone();
        }
        escape(&self.path, Place::Path)
    }
}

impl User {
    /// Reads `name` or `name:password`.
    fn parse(text: &str) -> Result<User, String> {
        let valid = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
        if !text.chars().all(valid) {
            return Err("net/url: invalid userinfo".to_owned());
        }
        let (name, password) = match text.split_once(':') {
            Some((name, password)) => (name, Some(password)),
            None => (text, None),
        };
        Ok(User {
            name: unescape(name, Place::User)?,
            password: password
                .map(|password| unescape(password, Place::User))
                .transpose()?,
        })
    }
}

impl std::fmt::Display for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&escape(&self.name, Place::User))?;
        match &self.password {
            Some(password) => write!(f, ":{}", escape(password, Place::User)),
            None => Ok(()),
        }
    }
}

impl std::fmt::Display for Url {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = String::new();
        if !self.scheme.is_empty() {
            out.push_str(&self.scheme);
            out.push(':');
        }
        if !self.opaque.is_empty() {
            out.push_str(&self.opaque);
        } else {
            let named = !self.host.is_empty() || self.user.is_some();
            if named || (!self.scheme.is_empty() && !self.omit_host) {
                if named || !self.path.is_empty() {
                    out.push_str("//");
                }
                if let Some(user) = &self.user {
                    out.push_str(&format!("{user}@"));
                }
                out.push_str(&escape(&self.host, Place::Host));
            }
            let path = self.escaped_path();
            if !path.is_empty() && !path.starts_with('/') && !self.host.is_empty() {
                out.push('/');
            }
            let first = path.split('/').next().unwrap_or_default();
            if out.is_empty() && first.contains(':') {
                out.push_str("./");
            }
            out.push_str(&path);
        }
        if self.force_query || !self.query.is_empty() {
            out.push('?');
            out.push_str(&self.query);
        }
        if !self.fragment.is_empty() {
            out.push('#');
            let raw = &self.raw_fragment;
            match !raw.is_empty() && valid_encoded(raw, Place::Fragment) {
                true => out.push_str(raw),
                false => out.push_str(&escape(&self.fragment, Place::Fragment)),
            }
        }
        f.write_str(&out)
    }
}

fn scheme(text: &str) -> Result<(&str, &str), String> {
    for (at, c) in text.char_indices() {
        match c {
            'a'..='z' | 'A'..='Z' => {}
            '0'..='9' | '+' | '-' | '.' if at > 0 => {}
            ':' if at == 0 => return Err("missing protocol scheme".to_owned()),
            ':' => return Ok((&text[..at], &text[at + 1..])),
            _ => break,
        }
    }
    Ok(("", text))
}

/// Nothing, or a colon and digits.
fn is_port(text: &[u8]) -> bool {
    match text {
        [] => true,
        [b':', digits @ ..] => digits.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

fn parse_host(host: &str) -> Result<Vec<u8>, String> {
    let port = match host.rfind('[') {
        Some(0) => match host.rfind(']') {
            Some(close) => &host[close + 1..],
            None => return Err("missing ']' in host".to_owned()),
        },
        Some(_) => return Err("invalid IP-literal".to_owned()),
        None => host.rfind(':').map_or("", |colon| &host[colon..]),
    };
    if !is_port(port.as_bytes()) {
        return Err(format!(
            "invalid port {} after host",
            quote(port.as_bytes())
        ));
    }
    unescape(host, Place::Host)
}

fn unescape(text: &str, place: Place) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(text.len());
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte == b'%' {
            let digit = |at: usize| {
                bytes
                    .get(at)
                    .and_then(|byte| char::from(*byte).to_digit(16))
            };
            let (Some(high), Some(low)) = (digit(at + 1), digit(at + 2)) else {
                let end = (at + 3).min(bytes.len());
                return Err(format!("invalid URL escape {}", quote(&bytes[at..end])));
            };
            let value = (high * 16 + low) as u8;
            // Hosts escape bytes that are not ASCII, and the mark of a zone.
            if place == Place::Host && high < 8 && value != b'%' {
                return Err(format!("invalid URL escape {}", quote(&bytes[at..at + 3])));
            }
            out.push(value);
            at += 3;
            continue;
        }
        if place == Place::Host && byte.is_ascii() && should_escape(byte, place) {
            return Err(format!("invalid character {} in host name", quote(&[byte])));
        }
        out.push(byte);
        at += 1;
    }
    Ok(out)
}

fn should_escape(byte: u8, place: Place) -> bool {
    if byte.is_ascii_alphanumeric() {
        return false;
    }
    if place == Place::Host && b"!$&'()*+,;=:[]<>\"".contains(&byte) {
        return false;
    }
    match byte {
        b'-' | b'_' | b'.' | b'~' => false,
        b'$' | b'&' | b'+' | b',' | b'/' | b':' | b';' | b'=' | b'?' | b'@' => match place {
            Place::Path => byte == b'?',
            Place::User => matches!(byte, b'@' | b'/' | b'?' | b':'),
            Place::Fragment => false,
            Place::Host => true,
        },
        b'!' | b'(' | b')' | b'*' => place != Place::Fragment,
        _ => true,
    }
}

fn escape(bytes: &[u8], place: Place) -> String {
    let mut out = String::with_capacity(bytes.len());
    for byte in bytes {
        if should_escape(*byte, place) {
            out.push_str(&format!("%{byte:02X}"));
        } else {
            out.push(char::from(*byte));
        }
    }
    out
}

/// Whether a text could have been escaped by someone who escapes less than Go.
fn valid_encoded(text: &str, place: Place) -> bool {
    text.bytes().all(|byte| match byte {
        b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' | b':'
        | b'@' => true,
        b'[' | b']' | b'%' => true,
        byte => !should_escape(byte, place),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_and_written() {
        for text in [
            "https://u:p@h:80/p%2Fq?a=1#f",
            "mailto:a@b",
            "//host/x",
            "/only/path?",
            "file:///etc/x",
            "http://[::1]:80/",
        ] {
            assert_eq!(Url::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Url::parse("http://[::1]:80/").unwrap().hostname(), b"::1");
    }

    #[test]
    fn errors_are_those_of_go() {
        let check =
            |text: &str, expected: &str| assert_eq!(Url::parse(text).unwrap_err(), expected);
        check(":bad", "parse \":bad\": missing protocol scheme");
        check(
            "http://h:x/",
            "parse \"http://h:x/\": invalid port \":x\" after host",
        );
        check("/%zz", "parse \"/%zz\": invalid URL escape \"%zz\"");
    }
}
