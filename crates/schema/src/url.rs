//! URLs as Go reads them.

/// A URL in its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Url {
    pub(crate) scheme: String,
    opaque: String,
    user: Option<String>,
    /// Host and port, the host unescaped.
    pub(crate) host: String,
    path: Vec<u8>,
    escaped_path: String,
    query: Option<String>,
    fragment: Option<String>,
}

/// A part of a URL; each leaves other characters unescaped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Path,
    Host,
    Zone,
    Query,
    User,
    Fragment,
}

impl Url {
    /// A URL as `url.Parse` reads it.
    pub(crate) fn parse(text: &str) -> Result<Url, String> {
        let (rest, fragment) = match text.split_once('#') {
            Some((rest, fragment)) => (rest, Some(fragment)),
            None => (text, None),
        };
        let mut url =
            Url::read(rest, false).map_err(|reason| format!("parse {text:?}: {reason}"))?;
        if let Some(fragment) = fragment.filter(|fragment| !fragment.is_empty()) {
            unescape(fragment, Part::Fragment)
                .map_err(|reason| format!("parse {text:?}: {reason}"))?;
            url.fragment = Some(fragment.to_owned());
        }
        Ok(url)
    }

    /// A URL or an absolute path as `url.ParseRequestURI` reads it.
    pub(crate) fn parse_request(text: &str) -> Result<Url, String> {
        Url::read(text, true).map_err(|reason| format!("parse {text:?}: {reason}"))
    }

    fn read(text: &str, request: bool) -> Result<Url, String> {
        let mut url = Url::default();
        if text.bytes().any(|b| b < b' ' || b == 0x7f) {
            return Err("net/url: invalid control character in URL".to_owned());
        }
        if text.is_empty() && request {
            return Err("empty url".to_owned());
        }
        if text == "*" {
            url.path = b"*".to_vec();
            url.escaped_path = "*".to_owned();
            return Ok(url);
        }
        let (scheme, rest) = split_scheme(text)?;
        url.scheme = scheme.to_ascii_lowercase();
        let (mut rest, query) = match rest.split_once('?') {
            Some((rest, query)) => (rest, Some(query.to_owned())),
            None => (rest, None),
        };
        url.query = query;
        if !rest.starts_with('/') {
            if !scheme.is_empty() {
                url.opaque = rest.to_owned();
                return Ok(url);
            }
            if request {
                return Err("invalid URI for request".to_owned());
            }
            if rest
                .split('/')
                .next()
                .is_some_and(|segment| segment.contains(':'))
            {
                return Err("first path segment in URL cannot contain colon".to_owned());
            }
        }
        let takes_authority = !scheme.is_empty() || (!request && !rest.starts_with("///"));
        if takes_authority && let Some(after) = rest.strip_prefix("//") {
            let end = after.find('/').unwrap_or(after.len());
            let (authority, path) = after.split_at(end);
            url.read_authority(authority)?;
            rest = path;
        }
        url.path = unescape(rest, Part::Path)?;
        url.escaped_path = match is_encoded_path(rest) {
            true => rest.to_owned(),
            false => escape_path(&url.path),
        };
        Ok(url)
    }

    fn read_authority(&mut self, authority: &str) -> Result<(), String> {
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        self.host = read_host(&self.scheme, host)?;
        if let Some(user) = user {
            let known = |b: u8| b.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&b);
            if !user.bytes().all(known) {
                return Err("net/url: invalid userinfo".to_owned());
            }
            unescape(user, Part::User)?;
            self.user = Some(user.to_owned());
        }
        Ok(())
    }

    /// The host without brackets and port.
    pub(crate) fn hostname(&self) -> &str {
        self.split_host().0
    }

    /// The port; empty where none is given.
    pub(crate) fn port(&self) -> &str {
        self.split_host().1
    }

    fn split_host(&self) -> (&str, &str) {
        let (mut host, mut port) = (self.host.as_str(), "");
        if let Some((before, after)) = host.rsplit_once(':')
            && is_optional_port(&host[before.len()..])
        {
            (host, port) = (before, after);
        }
        if host.starts_with('[') && host.ends_with(']') {
            host = &host[1..host.len() - 1];
        }
        (host, port)
    }

    /// The path as it is written in a URL.
    pub(crate) fn escaped_path(&self) -> &str {
        &self.escaped_path
    }

    /// The keys of the query, each with its values. What cannot be read is passed over.
    pub(crate) fn query(&self) -> Vec<(String, Vec<String>)> {
        let mut pairs: Vec<(String, Vec<String>)> = Vec::new();
        let mut places = rustc_hash::FxHashMap::default();
        for part in self.query.as_deref().unwrap_or_default().split('&') {
            if part.is_empty() || part.contains(';') {
                continue;
            }
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let text = |part: &str| unescape(part, Part::Query).ok().map(lossy);
            let (Some(key), Some(value)) = (text(key), text(value)) else {
                continue;
            };
            let next = pairs.len();
            match *places.entry(key.clone()).or_insert(next) {
                place if place == next => pairs.push((key, vec![value])),
                place => pairs[place].1.push(value),
            }
        }
        pairs
    }

    /// The URL as text again.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        if !self.scheme.is_empty() {
            out.push_str(&self.scheme);
            out.push(':');
        }
        out.push_str(&self.opaque);
        if self.opaque.is_empty() && (!self.host.is_empty() || self.user.is_some()) {
            out.push_str("//");
            if let Some(user) = &self.user {
                out.push_str(user);
                out.push('@');
            }
            out.push_str(&self.host);
        }
        out.push_str(&self.escaped_path);
        for (mark, part) in [('?', &self.query), ('#', &self.fragment)] {
            if let Some(part) = part {
                out.push(mark);
                out.push_str(part);
            }
        }
        out
    }
}

fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn split_scheme(text: &str) -> Result<(&str, &str), String> {
    for (i, b) in text.bytes().enumerate() {
        match b {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if i > 0 => {}
            b':' if i == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => return Ok((&text[..i], &text[i + 1..])),
            _ => break,
        }
    }
    Ok(("", text))
}

fn read_host(scheme: &str, host: &str) -> Result<String, String> {
    let port_error = |port: &str| Err(format!("invalid port {port:?} after host"));
    match host.rfind('[') {
        Some(0) => {
            let Some(close) = host.rfind(']') else {
                return Err("missing ']' in host".to_owned());
            };
            let (name, port) = (&host[1..close], &host[close + 1..]);
            if !is_optional_port(port) {
                return port_error(port);
            }
            let name = match name.find("%25") {
                Some(zone) => {
                    let mut name_bytes = unescape(&name[..zone], Part::Host)?;
                    name_bytes.extend(unescape(&name[zone..], Part::Zone)?);
                    lossy(name_bytes)
                }
                None => lossy(unescape(name, Part::Host)?),
            };
            let address = name.split('%').next().unwrap_or(&name);
            match address.parse::<std::net::Ipv6Addr>() {
                Ok(_) => Ok(format!("[{name}]{port}")),
                Err(_) => Err(format!(
                    "invalid host: ParseAddr({name:?}): unable to parse IP"
                )),
            }
        }
        Some(_) => Err("invalid IP-literal".to_owned()),
        None => {
            let first = host.find(':');
            let colon = match scheme {
                "http" | "https" => first,
                _ => host.rfind(':'),
            };
            if let Some(colon) = colon
                && !is_optional_port(&host[colon..])
            {
                return port_error(&host[colon..]);
            }
            Ok(lossy(unescape(host, Part::Host)?))
        }
    }
}

fn is_optional_port(text: &str) -> bool {
    match text.strip_prefix(':') {
        Some(digits) => digits.bytes().all(|b| b.is_ascii_digit()),
        None => text.is_empty(),
    }
}

/// Whether a byte must be escaped in a part.
fn must_escape(b: u8, part: Part) -> bool {
    if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~') {
        return false;
    }
    match part {
        Part::Host | Part::Zone => !b"!$&'()*+,;=:[]<>\"".contains(&b),
        Part::Path => !b"$&+,/:;=@".contains(&b),
        Part::Query | Part::User | Part::Fragment => true,
    }
}

fn unescape(text: &str, part: Part) -> Result<Vec<u8>, String> {
    let bytes = text.as_bytes();
    let in_host = matches!(part, Part::Host | Part::Zone);
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let b = bytes[at];
        if b == b'%' {
            let digits = bytes.get(at + 1..at + 3);
            let value = digits
                .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
                .and_then(|digits| std::str::from_utf8(digits).ok())
                .and_then(|digits| u8::from_str_radix(digits, 16).ok());
            let allowed = value.filter(|value| match part {
                Part::Host => *value >= 0x80 || *value == b'%',
                Part::Zone => matches!(value, b'%' | b' ') || !must_escape(*value, Part::Host),
                _ => true,
            });
            let Some(value) = allowed else {
                let end = (at + 3).min(bytes.len());
                let shown = String::from_utf8_lossy(&bytes[at..end]);
                return Err(format!("invalid URL escape {shown:?}"));
            };
            out.push(value);
            at += 3;
            continue;
        }
        if in_host && b < 0x80 && must_escape(b, part) {
            return Err(format!(
                "invalid character {:?} in host name",
                char::from(b).to_string()
            ));
        }
        out.push(if b == b'+' && part == Part::Query {
            b' '
        } else {
            b
        });
        at += 1;
    }
    Ok(out)
}

/// Whether a path may stand in a URL as it is.
fn is_encoded_path(text: &str) -> bool {
    let known = |b: u8| b"!$&'()*+,;=:@[]%".contains(&b) || !must_escape(b, Part::Path);
    text.bytes().all(known)
}

fn escape_path(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for b in bytes {
        match must_escape(*b, Part::Path) {
            true => out.push_str(&format!("%{b:02X}")),
            false => out.push(char::from(*b)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let url = Url::parse("HTTPS://u:p@h.com:80/a%20b/c d?k=v&k=w&x#f").unwrap();
        assert_eq!(url.scheme, "https");
        assert_eq!(
            (url.host.as_str(), url.hostname(), url.port()),
            ("h.com:80", "h.com", "80")
        );
        assert_eq!(url.escaped_path(), "/a%20b/c%20d");
        let query = url.query();
        assert_eq!(
            query[0],
            ("k".to_owned(), vec!["v".to_owned(), "w".to_owned()])
        );
        assert_eq!(Url::parse("https://[::1]:80/x").unwrap().hostname(), "::1");
    }

    #[test]
    fn what_is_none() {
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
}
