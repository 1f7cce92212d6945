use std::fmt;

use crate::digest::Digest;
use crate::error::Error;
use crate::url::{Scheme, authority_of};

/// The registry that names without one belong to.
const DOCKER_HUB: &str = "registry-1.docker.io";

/// A repository of a registry, as in `oci://ghcr.io/org/app`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepositoryName {
    /// Host, and port where it is not the usual one.
    pub(crate) authority: String,
    /// The path without slashes at its ends.
    pub(crate) path: String,
}

/// What of a repository is meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// A name that may lead elsewhere tomorrow.
    Tag(String),
    /// These bytes.
    Digest(Digest),
}

impl RepositoryName {
    /// Reads `oci://HOST/PATH`, without tag and digest.
    pub fn parse(url: &str) -> Result<RepositoryName, Error> {
        let (name, reference) = parse(url)?;
        match reference {
            None => Ok(name),
            Some(_) => Err(Error::invalid(format!(
                "{url} names a tag or a digest, where a repository is wanted"
            ))),
        }
    }

    /// The repository below this one.
    pub fn child(&self, name: &str) -> Result<RepositoryName, Error> {
        RepositoryName::parse(&format!("{self}/{name}"))
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "oci://{}/{}", self.authority, self.path)
    }
}

impl Reference {
    /// Reads a tag, as the specification of OCI allows them.
    pub fn tag(text: &str) -> Result<Reference, Error> {
        let mut bytes = text.bytes();
        let first = bytes
            .next()
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        match first && text.len() <= 128 && bytes.all(fits) {
            true => Ok(Reference::Tag(text.to_owned())),
            false => Err(Error::invalid(format!(
                "`{text}` cannot be a tag: these are up to 128 letters, digits and `._-`, the first \
                 of them a letter, a digit or `_`"
            ))),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reference::Tag(tag) => f.write_str(tag),
            Reference::Digest(digest) => digest.fmt(f),
        }
    }
}

/// Reads `oci://HOST/PATH`, with `:TAG`, `@DIGEST` or both behind it. The digest goes before the tag.
pub fn parse(url: &str) -> Result<(RepositoryName, Option<Reference>), Error> {
    let refuse = |why: &str| Error::invalid(format!("`{url}` is no repository: {why}"));
    let rest = url
        .strip_prefix("oci://")
        .ok_or_else(|| refuse("it does not begin with oci://"))?;
    let (rest, digest) = match rest.split_once('@') {
        Some((rest, digest)) => {
            let digest = Digest::parse(digest);
            (
                rest,
                Some(digest.ok_or_else(|| refuse("behind the @ is no digest"))?),
            )
        }
        None => (rest, None),
    };
    let (authority, path) = rest
        .split_once('/')
        .ok_or_else(|| refuse("it has no path"))?;
    let (path, tag) = match path.rsplit_once(':') {
        Some((path, tag)) => (path, Some(Reference::tag(tag)?)),
        None => (path, None),
    };
    let authority = authority_of(Scheme::Https, authority).map_err(refuse)?;
    let path = path.trim_end_matches('/');
    if path.len() > 255 || !path.split('/').all(is_component) {
        return Err(refuse(
            "paths are made of lower-case letters and digits, with `.`, `_`, `__` or `-` between them",
        ));
    }
    let is_hub = matches!(
        authority.as_str(),
        "docker.io" | "index.docker.io" | DOCKER_HUB
    );
    let name = match is_hub {
        true => RepositoryName {
            authority: DOCKER_HUB.to_owned(),
            path: match path.contains('/') {
                true => path.to_owned(),
                false => format!("library/{path}"),
            },
        },
        false => RepositoryName {
            authority,
            path: path.to_owned(),
        },
    };
    Ok((name, digest.map(Reference::Digest).or(tag)))
}

/// Letters and digits, in groups with a separator between each two.
fn is_component(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if !text.starts_with(letter) || !text.ends_with(letter) {
        return false;
    }
    let separators = text.split(letter).filter(|separator| !separator.is_empty());
    separators.into_iter().all(|separator| {
        matches!(separator, "." | "_" | "__") || separator.bytes().all(|byte| byte == b'-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read() {
        let sha = format!("sha256:{}", "a".repeat(64));
        let check = |url: &str, expected: Option<(&str, Option<&str>)>| {
            let read = parse(url).ok();
            let read = read.map(|(name, of)| (name.to_string(), of.map(|of| of.to_string())));
            let expected = expected.map(|(name, of)| (name.to_owned(), of.map(str::to_owned)));
            assert_eq!(read, expected, "{url}");
        };
        check(
            "oci://ghcr.io/org/app",
            Some(("oci://ghcr.io/org/app", None)),
        );
        check(
            "oci://GHCR.io/org/app/:1.0",
            Some(("oci://ghcr.io/org/app", Some("1.0"))),
        );
        check(
            &format!("oci://localhost:5000/a:b@{sha}"),
            Some(("oci://localhost:5000/a", Some(&sha))),
        );
        check(
            "oci://docker.io/nginx",
            Some(("oci://registry-1.docker.io/library/nginx", None)),
        );
        check(
            "oci://a.b/c__d/e--f.g_h",
            Some(("oci://a.b/c__d/e--f.g_h", None)),
        );
        for url in [
            "ghcr.io/org/app",
            "oci://ghcr.io",
            "oci://ghcr.io/",
            "oci://ghcr.io/Org/app",
            "oci://ghcr.io/a//b",
            "oci://ghcr.io/../a",
            "oci://ghcr.io/a___b",
            "oci://ghcr.io/a:.x",
            "oci://ghcr.io/a@sha256:1",
            "oci://me:word@ghcr.io/a",
            "oci://ghcr.io/a?b",
            "oci://ghcr.io/-a",
        ] {
            check(url, None);
        }
    }
}
