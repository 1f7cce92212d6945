//! Addresses, as far as registries and chart repositories need them.

use std::fmt;

/// How a server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// In plain text.
    Http,
    /// With TLS.
    Https,
}

impl Scheme {
    fn name(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }

    fn port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }
}

/// An absolute address of HTTP.
///
/// It has neither a user nor a password: [`Url::parse`] refuses them, so that no message, lock file or
/// cache can hold one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Url {
    scheme: Scheme,
    /// Lower case, with the port where it is not that of the scheme.
    authority: String,
    /// Begins with `/`.
    path: String,
    /// With its `?`, or empty.
    query: String,
}

/// Longer addresses are refused: servers take no more than a few thousand bytes.
const LONGEST: usize = 16 * 1024;

impl Url {
    /// Reads an absolute address that begins with `http://` or `https://`. The error says what is
    /// wrong with it, without repeating it.
    pub fn parse(text: &str) -> Result<Url, &'static str> {
        let (scheme, rest) = scheme_of(text).ok_or("it does not begin with http:// or https://")?;
        Url::behind_scheme(scheme, rest)
    }

    fn behind_scheme(scheme: Scheme, rest: &str) -> Result<Url, &'static str> {
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let authority = authority_of(scheme, authority)?;
        let (path, query) = path_and_query(rest)?;
        Ok(Url {
            scheme,
            authority,
            path: without_dots(if path.is_empty() { "/" } else { path }),
            query: query.to_owned(),
        })
    }

    /// The address of a server's path, both of which are known to be sound.
    pub(crate) fn of_server(scheme: Scheme, authority: &str, path: String) -> Url {
        Url {
            scheme,
            authority: authority.to_owned(),
            path,
            query: String::new(),
        }
    }

    /// The address that a reference in a document at this one leads to, as RFC 3986 resolves it.
    pub fn join(&self, reference: &str) -> Result<Url, &'static str> {
        if let Some((scheme, rest)) = scheme_of(reference) {
            return Url::behind_scheme(scheme, rest);
        }
        if let Some(rest) = reference.strip_prefix("//") {
            return Url::behind_scheme(self.scheme, rest);
        }
        let first = reference.split(['/', '?', '#']).next().unwrap_or_default();
        if first.contains(':') {
            return Err("its scheme is neither http nor https");
        }
        let (path, query) = path_and_query(reference)?;
        let (path, query) = match path {
            "" if query.is_empty() => (self.path.clone(), self.query.as_str()),
            "" => (self.path.clone(), query),
            path if path.starts_with('/') => (without_dots(path), query),
            path => {
                let folder = self.path.rfind('/').map_or("/", |end| &self.path[..=end]);
                (without_dots(&format!("{folder}{path}")), query)
            }
        };
        Ok(Url {
            path,
            query: query.to_owned(),
            ..self.clone()
        })
    }

    /// The address of something in the folder that this is the address of, with the same parameters.
    pub(crate) fn below(&self, name: &str) -> Url {
        let folder = self.path.trim_end_matches('/');
        Url {
            path: format!("{folder}/{name}"),
            ..self.clone()
        }
    }

    /// The address that a reference leads to from the folder that this is the address of, with the same
    /// parameters.
    pub(crate) fn below_as(&self, reference: &str) -> Result<Url, &'static str> {
        let joined = self.below("").join(reference)?;
        Ok(Url {
            query: self.query.clone(),
            ..joined
        })
    }

    /// How the server is spoken to.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Host and port; the port is left out where it is that of the scheme.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The host alone.
    pub fn host(&self) -> &str {
        host_of(&self.authority)
    }

    /// The path, which begins with `/`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What stands behind the authority.
    pub(crate) fn path_and_query(&self) -> String {
        format!("{}{}", self.path, self.query)
    }

    /// Whether both lead to the same server in the same way: what may be told to one may be told to
    /// the other.
    pub fn same_origin(&self, other: &Url) -> bool {
        self.scheme == other.scheme && self.authority == other.authority
    }

    /// Whether what is sent there can be read by others on the way.
    pub fn is_exposed(&self) -> bool {
        self.scheme == Scheme::Http && !is_loopback(self.host())
    }

    /// With a parameter behind the others, whose value is escaped.
    pub fn with_query(mut self, name: &str, value: &str) -> Url {
        self.query
            .push(if self.query.is_empty() { '?' } else { '&' });
        self.query.push_str(name);
        self.query.push('=');
        for byte in value.bytes() {
            let plain = byte.is_ascii_alphanumeric() || b"-._~:/,".contains(&byte);
            match plain {
                true => self.query.push(char::from(byte)),
                false => self.query.push_str(&format!("%{byte:02X}")),
            }
        }
        self
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (
            scheme,
            Url {
                authority,
                path,
                query,
                ..
            },
        ) = (self.scheme.name(), self);
        write!(f, "{scheme}://{authority}{path}{query}")
    }
}

/// Whether a host is this machine, so that plain text leaves it not.
pub fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<std::net::IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => bare == "localhost" || bare.ends_with(".localhost"),
    }
}

/// The host of an authority, without its port.
pub(crate) fn host_of(authority: &str) -> &str {
    match authority.rfind(':') {
        Some(at) if !authority[at..].contains(']') => &authority[..at],
        _ => authority,
    }
}

/// Checks an authority, and writes it as all are compared.
pub(crate) fn authority_of(scheme: Scheme, text: &str) -> Result<String, &'static str> {
    if text.contains('@') {
        return Err("it holds a user or a password; these belong into credentials");
    }
    let host = host_of(text);
    let port = match text[host.len()..].strip_prefix(':') {
        None | Some("") => None,
        Some(port) => Some(
            port.parse::<u16>()
                .map_err(|_| "its port is no number up to 65535")?,
        ),
    };
    let inner = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let sound = match inner {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
            !host.is_empty() && host.len() <= 253 && host.bytes().all(fits)
        }
    };
    if !sound {
        return Err("its host is no name or address of a machine");
    }
    let host = host.to_ascii_lowercase();
    Ok(match port {
        Some(port) if port != scheme.port() => format!("{host}:{port}"),
        _ => host,
    })
}

fn scheme_of(text: &str) -> Option<(Scheme, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    if scheme.eq_ignore_ascii_case("https") {
        Some((Scheme::Https, rest))
    } else if scheme.eq_ignore_ascii_case("http") {
        Some((Scheme::Http, rest))
    } else {
        None
    }
}

/// Parts of a text without its fragment; the query keeps its `?`.
fn path_and_query(text: &str) -> Result<(&str, &str), &'static str> {
    if text.len() > LONGEST {
        return Err("it is longer than 16 KiB");
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("it holds blanks or characters that have to be escaped");
    }
    let text = text.split('#').next().unwrap_or_default();
    Ok(text.split_at(text.find('?').unwrap_or(text.len())))
}

/// A path that begins with `/`, without `.` and `..`.
fn without_dots(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let mut all = path.strip_prefix('/').unwrap_or(path).split('/').peekable();
    while let Some(part) = all.next() {
        let is_last = all.peek().is_none();
        match part {
            "." | ".." => {
                if part == ".." {
                    parts.pop();
                }
                if is_last {
                    parts.push("");
                }
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        let check = |text: &str, expected: Result<&str, &str>| {
            let url = Url::parse(text).map(|url| url.to_string());
            assert_eq!(url.as_deref().map_err(|why| *why), expected, "{text}");
        };
        check("https://Example.org", Ok("https://example.org/"));
        check(
            "HTTP://example.org:80/a/./b/../c?x=1#y",
            Ok("http://example.org/a/c?x=1"),
        );
        check("http://[::1]:5000/v2/", Ok("http://[::1]:5000/v2/"));
        check("https://example.org?x", Ok("https://example.org/?x"));
        check("https://example.org/../../a", Ok("https://example.org/a"));
        check(
            "oci://example.org",
            Err("it does not begin with http:// or https://"),
        );
        check(
            "https://me:word@example.org",
            Err("it holds a user or a password; these belong into credentials"),
        );
        check(
            "https://",
            Err("its host is no name or address of a machine"),
        );
        check(
            "https://a b/",
            Err("its host is no name or address of a machine"),
        );
        check(
            "https://example.org:99999/",
            Err("its port is no number up to 65535"),
        );
        check(
            "https://example.org/\u{1}",
            Err("it holds blanks or characters that have to be escaped"),
        );
    }

    #[test]
    fn references_lead_where_rfc_3986_says() {
        let base = Url::parse("https://example.org/charts/index.yaml?v=1").unwrap();
        let check = |reference: &str, expected: &str| {
            assert_eq!(base.join(reference).unwrap().to_string(), expected);
        };
        check("a-1.0.0.tgz", "https://example.org/charts/a-1.0.0.tgz");
        check("../a.tgz?x=1", "https://example.org/a.tgz?x=1");
        check("/a.tgz", "https://example.org/a.tgz");
        check("//other.org/a", "https://other.org/a");
        check("http://other.org/a", "http://other.org/a");
        check("", "https://example.org/charts/index.yaml?v=1");
        check("?n=2", "https://example.org/charts/index.yaml?n=2");
        assert!(base.join("ftp://other.org").is_err());
    }

    #[test]
    fn a_query_value_is_escaped() {
        let url = Url::parse("https://example.org/token").unwrap();
        let url = url
            .with_query("service", "a b&c")
            .with_query("scope", "repository:a/b:pull");
        assert_eq!(
            url.to_string(),
            "https://example.org/token?service=a%20b%26c&scope=repository:a/b:pull"
        );
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for host in [
            "localhost",
            "127.0.0.1",
            "127.8.0.1",
            "[::1]",
            "a.localhost",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "example.org",
            "10.0.0.1",
            "localhost.example.org",
            "127.0.0.1.example.org",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
