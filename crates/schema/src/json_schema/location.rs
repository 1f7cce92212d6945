//! URLs of schemas: what a reference means where it stands.

/// A URL and what stands behind its `#`, unescaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Location {
    pub(super) url: String,
    pub(super) fragment: String,
}

impl Location {
    /// What a reference leads to from a document; none where an escape in it is broken.
    pub(super) fn join(base: &str, reference: &str) -> Option<Location> {
        let (reference, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        Some(Location {
            url: resolve(base, reference),
            fragment: unescape(fragment)?,
        })
    }
}

/// The parts of a URL without fragment: the scheme, what stands between `//` and the path, the path,
/// and the query.
struct Parts<'u> {
    scheme: Option<&'u str>,
    authority: Option<&'u str>,
    path: &'u str,
    query: Option<&'u str>,
}

impl Parts<'_> {
    fn of(url: &str) -> Parts<'_> {
        let scheme_end = url.find(':').filter(|end| {
            let scheme = &url.as_bytes()[..*end];
            let known = |b: &u8| b.is_ascii_alphanumeric() || b"+-.".contains(b);
            scheme.first().is_some_and(u8::is_ascii_alphabetic) && scheme.iter().all(known)
        });
        let (scheme, rest) = match scheme_end {
            Some(end) => (Some(&url[..end]), &url[end + 1..]),
            None => (None, url),
        };
        let (rest, query) = match rest.split_once('?') {
            Some((rest, query)) => (rest, Some(query)),
            None => (rest, None),
        };
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => {
                let end = rest.find('/').unwrap_or(rest.len());
                (Some(&rest[..end]), &rest[end..])
            }
            None => (None, rest),
        };
        Parts {
            scheme,
            authority,
            path,
            query,
        }
    }

    /// A scheme with something that is not a path, as `urn:a:b`.
    fn is_opaque(&self) -> bool {
        self.scheme.is_some() && self.authority.is_none() && !self.path.starts_with('/')
    }

    fn text(&self, path: &str) -> String {
        let mut out = String::new();
        if let Some(scheme) = self.scheme {
            out.push_str(scheme);
            out.push(':');
        }
        if let Some(authority) = self.authority {
            out.push_str("//");
            out.push_str(authority);
        }
        out.push_str(path);
        if let Some(query) = self.query {
            out.push('?');
            out.push_str(query);
        }
        out
    }
}

/// A reference without fragment, made absolute (RFC 3986, section 5.2).
fn resolve(base: &str, reference: &str) -> String {
    if reference.is_empty() {
        return base.to_owned();
    }
    let from = Parts::of(base);
    let to = Parts::of(reference);
    if to.scheme.is_some() {
        return match to.is_opaque() {
            true => reference.to_owned(),
            false => to.text(&without_dots(to.path)),
        };
    }
    if from.is_opaque() {
        return base.to_owned();
    }
    let joined = |authority, path: &str, query| {
        let parts = Parts {
            scheme: from.scheme,
            authority,
            path: "",
            query,
        };
        parts.text(path)
    };
    if to.authority.is_some() {
        return joined(to.authority, &without_dots(to.path), to.query);
    }
    let path = match to.path {
        "" => from.path.to_owned(),
        path if path.starts_with('/') => path.to_owned(),
        path => {
            let folder = from.path.rfind('/').map_or("/", |end| &from.path[..=end]);
            format!("{folder}{path}")
        }
    };
    joined(from.authority, &without_dots(&path), to.query)
}

/// A path with its `.` and `..` carried out.
fn without_dots(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    let mut given = path.split('/').peekable();
    while let Some(segment) = given.next() {
        let last = given.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." && segments.len() > 1 {
                    segments.pop();
                }
                if last {
                    segments.push("");
                }
            }
            segment => segments.push(segment),
        }
    }
    segments.join("/")
}

/// The fragment with its percent signs undone.
fn unescape(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte != b'%' {
            out.push(*byte);
            continue;
        }
        let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
        out.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &rest[2..];
    }
    String::from_utf8(out).ok()
}

/// A pointer as it stands behind the `#` of a URL.
pub(super) fn escape_fragment(pointer: &str) -> String {
    let mut out = String::with_capacity(pointer.len());
    for byte in pointer.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(char::from(byte)),
            b'/' | b'-' | b'_' | b'.' | b'~' | b'$' | b'&' | b'+' | b'=' | b':' | b'@' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        let check = |base: &str, reference: &str, url: &str, fragment: &str| {
            let location = Location::join(base, reference).unwrap();
            assert_eq!(location.url, url);
            assert_eq!(location.fragment, fragment);
        };
        let base = "file:///values.schema.json";
        check(base, "#/definitions/a%20b", base, "/definitions/a b");
        check(base, "other.json#x", "file:///other.json", "x");
        check(base, "../a/./b.json", "file:///a/b.json", "");
        check(
            base,
            "https://example.com/a/../b",
            "https://example.com/b",
            "",
        );
        check(
            "https://example.com/a/b?q",
            "c",
            "https://example.com/a/c",
            "",
        );
        check("https://example.com/a", "//other/x", "https://other/x", "");
        check("urn:example:a", "#/x", "urn:example:a", "/x");
        assert!(Location::join(base, "#%zz").is_none());
    }
}
