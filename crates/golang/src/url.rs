//! URLs as Go's `net/url` takes them apart and puts them together.

use std::collections::HashMap;
use std::net::Ipv6Addr;

use crate::quote::quote;

/// A URL in its parts, escapes undone.
#[derive(Clone, Debug, Default)]
pub struct Url {
    /// In lower case; empty for a relative reference.
    pub scheme: String,
    /// What follows the scheme where that is no `/`.
    pub opaque: String,
    /// Who is named before the host.
    pub user: Option<User>,
    /// Host and port.
    pub host: Vec<u8>,
    /// The path.
    pub path: Vec<u8>,
    /// The path as it was written, where Go would write another one.
    pub raw_path: String,
    /// Whether no `//` follows the scheme although a path with `/` does.
    pub omit_host: bool,
    /// Whether there is a `?` with nothing behind it.
    pub force_query: bool,
    /// What follows `?`, as it was written.
    pub query: String,
    /// What follows `#`.
    pub fragment: Vec<u8>,
    /// The fragment as it was written, where Go would write another one.
    pub raw_fragment: String,
}

/// Who is named before the host.
#[derive(Clone, Debug)]
pub struct User {
    name: Vec<u8>,
    password: Option<Vec<u8>>,
}

/// Where a text stands: other characters are escaped in each place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Path,
    Host,
    Zone,
    User,
    Query,
    Fragment,
}

/// What a URL is read for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// Any reference.
    Reference,
    /// The first line of a request: a URL or an absolute path.
    Request,
}

impl Url {
    /// Reads a URL or a relative reference, as `url.Parse` does. The error is Go's.
    pub fn parse(text: &str) -> Result<Url, String> {
        let (body, fragment) = text.split_once('#').unwrap_or((text, ""));
        let mut url = Url::body(body, Use::Reference).map_err(|reason| refusal(body, &reason))?;
        url.fragment =
            unescape(fragment, Place::Fragment).map_err(|reason| refusal(text, &reason))?;
        if escape(&url.fragment, Place::Fragment) != fragment {
            url.raw_fragment = fragment.to_owned();
        }
        Ok(url)
    }

    /// Reads a URL or an absolute path, as `url.ParseRequestURI` does. The error is Go's.
    pub fn parse_request(text: &str) -> Result<Url, String> {
        Url::body(text, Use::Request).map_err(|reason| refusal(text, &reason))
    }

    fn body(text: &str, of: Use) -> Result<Url, String> {
        if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
            return Err("net/url: invalid control character in URL".to_owned());
        }
        if text.is_empty() && of == Use::Request {
            return Err("empty url".to_owned());
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
            if of == Use::Request {
                return Err("invalid URI for request".to_owned());
            }
            let segment = rest.split('/').next().unwrap_or_default();
            if segment.contains(':') {
                return Err("first path segment in URL cannot contain colon".to_owned());
            }
        }
        let is_reference = of == Use::Reference;
        let has_host = !url.scheme.is_empty() || (is_reference && !rest.starts_with("///"));
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
        self.host = parse_host(&self.scheme, host)?;
        if let Some(user) = user {
            self.user = Some(User::parse(user)?);
        }
        Ok(())
    }

    /// The host without its port and without brackets.
    pub fn hostname(&self) -> &[u8] {
        self.split_host().0
    }

    /// The port; empty where none is given.
    pub fn port(&self) -> &[u8] {
        self.split_host().1
    }

    fn split_host(&self) -> (&[u8], &[u8]) {
        let (mut host, mut port) = (self.host.as_slice(), [].as_slice());
        if let Some(colon) = memchr::memrchr(b':', host)
            && is_port(&host[colon..])
        {
            (host, port) = (&host[..colon], &host[colon + 1..]);
        }
        match host {
            [b'[', inner @ .., b']'] => (inner, port),
            host => (host, port),
        }
    }

    /// The keys of the query with the values of each, in the order in which they come first. What
    /// cannot be read is passed over.
    pub fn query_values(&self) -> Vec<(Vec<u8>, Vec<Vec<u8>>)> {
        let mut pairs: Vec<(Vec<u8>, Vec<Vec<u8>>)> = Vec::new();
        let mut places = HashMap::new();
        for part in self.query.split('&') {
            if part.is_empty() || part.contains(';') {
                continue;
            }
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let read = |text| unescape(text, Place::Query);
            let (Ok(key), Ok(value)) = (read(key), read(value)) else {
                continue;
            };
            let place = *places.entry(key.clone()).or_insert(pairs.len());
            match pairs.get_mut(place) {
                Some((_, values)) => values.push(value),
                None => pairs.push((key, vec![value])),
            }
        }
        pairs
    }

    /// The path as it stands in the URL.
    pub fn escaped_path(&self) -> String {
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

/// What `url.Parse` says of a text that is no URL.
fn refusal(text: &str, reason: &str) -> String {
    format!("parse {}: {reason}", quote(text.as_bytes()))
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

fn parse_host(scheme: &str, host: &str) -> Result<Vec<u8>, String> {
    let checked = |port: &str| match is_port(port.as_bytes()) {
        true => Ok(()),
        false => {
            let port = quote(port.as_bytes());
            Err(format!("invalid port {port} after host"))
        }
    };
    match host.rfind('[') {
        Some(0) => {
            let Some(close) = host.rfind(']') else {
                return Err("missing ']' in host".to_owned());
            };
            let (name, port) = (&host[1..close], &host[close + 1..]);
            checked(port)?;
            let (name, zone) = name.split_at(name.find("%25").unwrap_or(name.len()));
            let mut address = unescape(name, Place::Host)?;
            address.extend(unescape(zone, Place::Zone)?);
            let text = String::from_utf8_lossy(&address);
            let number = text.split('%').next().unwrap_or(&text);
            if number.parse::<Ipv6Addr>().is_err() {
                let shown = quote(&address);
                return Err(format!(
                    "invalid host: ParseAddr({shown}): unable to parse IP"
                ));
            }
            Ok([b"[", address.as_slice(), b"]", port.as_bytes()].concat())
        }
        Some(_) => Err("invalid IP-literal".to_owned()),
        None => {
            let colon = match scheme {
                "http" | "https" => host.find(':'),
                _ => host.rfind(':'),
            };
            if let Some(colon) = colon {
                checked(&host[colon..])?;
            }
            unescape(host, Place::Host)
        }
    }
}

fn unescape(text: &str, place: Place) -> Result<Vec<u8>, String> {
    let in_host = matches!(place, Place::Host | Place::Zone);
    let mut out = Vec::with_capacity(text.len());
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte == b'%' {
            let digit = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
            let value = digit(at + 1).zip(digit(at + 2));
            let value = value.map(|(high, low)| (high * 16 + low) as u8);
            let allowed = value.filter(|value| match place {
                // Hosts escape bytes that are not ASCII, and the mark of a zone.
                Place::Host => *value >= 0x80 || *value == b'%',
                Place::Zone => matches!(value, b'%' | b' ') || !should_escape(*value, Place::Host),
                _ => true,
            });
            let Some(value) = allowed else {
                let end = (at + 3).min(bytes.len());
                return Err(format!("invalid URL escape {}", quote(&bytes[at..end])));
            };
            out.push(value);
            at += 3;
            continue;
        }
        if in_host && byte.is_ascii() && should_escape(byte, place) {
            return Err(format!("invalid character {} in host name", quote(&[byte])));
        }
        out.push(match byte {
            b'+' if place == Place::Query => b' ',
            byte => byte,
        });
        at += 1;
    }
    Ok(out)
}

fn should_escape(byte: u8, place: Place) -> bool {
    if byte.is_ascii_alphanumeric() {
        return false;
    }
    if matches!(place, Place::Host | Place::Zone) && b"!$&'()*+,;=:[]<>\"".contains(&byte) {
        return false;
    }
    match byte {
        b'-' | b'_' | b'.' | b'~' => false,
        b'$' | b'&' | b'+' | b',' | b'/' | b':' | b';' | b'=' | b'?' | b'@' => match place {
            Place::Path => byte == b'?',
            Place::User => matches!(byte, b'@' | b'/' | b'?' | b':'),
            Place::Fragment => false,
            Place::Host | Place::Zone | Place::Query => true,
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
    fn parts_are_told_apart() {
        let url = Url::parse("HTTPS://u:p@h.com:80/a%20b/c d?k=v&k=w&x#f").unwrap();
        assert_eq!(url.scheme, "https");
        assert_eq!((url.hostname(), url.port()), (&b"h.com"[..], &b"80"[..]));
        assert_eq!(url.escaped_path(), "/a%20b/c%20d");
        let values = url.query_values();
        let expected = (b"k".to_vec(), vec![b"v".to_vec(), b"w".to_vec()]);
        assert_eq!(values[0], expected);
    }

    #[test]
    fn requests_take_less() {
        for text in [
            ":::bad",
            "",
            "a/b",
            "http://[::1",
            "http://a:b",
            "http://a b",
            "http://x/%zz",
            "http://1:2:3",
            "http://[1.2.3.4]/",
        ] {
            assert!(Url::parse_request(text).is_err(), "{text}");
        }
        for text in ["/path", "mailto:a@b", "*", "http://", "//x"] {
            assert!(Url::parse_request(text).is_ok(), "{text}");
        }
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
