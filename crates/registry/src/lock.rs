//! `tidegate.lock`: which bytes each chart of a tree is.
//!
//! It is made for people to read in a review, so a chart whose version changes changes one entry, and
//! entries are in an order that depends on nothing else.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

use crate::cache::Resolved;
use crate::charts::{ArtifactReference, ChartSource};
use crate::digest::Digest;

/// What each request for a chart of a tree comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    entries: BTreeMap<ChartSource, Resolved>,
}

/// Why a text is no lock file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong, as a sentence.
    pub message: String,
}

/// The version of the form of the file.
const FORM: i64 = 1;

const HEAD: &str = "\
# Which bytes each chart is. Made by `tidegate charts fetch`, to be committed with the tree.
version = 1
";

#[derive(Deserialize)]
struct File {
    version: i64,
    #[serde(default)]
    charts: Vec<toml::Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    source: String,
    chart: Option<String>,
    wanted: Option<String>,
    range: Option<String>,
    filter: Option<String>,
    layer: Option<String>,
    version: String,
    digest: String,
    manifest: Option<String>,
    url: Option<String>,
}

impl Lock {
    /// Reads the file.
    pub fn parse(text: &str) -> Result<Lock, LockError> {
        let line_of = |at: usize| {
            let before = text.as_bytes().get(..at).unwrap_or_default();
            before.iter().filter(|byte| **byte == b'\n').count() + 1
        };
        let file: File = toml::from_str(text).map_err(|error| LockError {
            line: error.span().map_or(1, |span| line_of(span.start)),
            message: error
                .message()
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned(),
        })?;
        if file.version != FORM {
            return Err(LockError {
                line: 1,
                message: format!(
                    "it is of version {}, and this tidegate knows version {FORM}",
                    file.version
                ),
            });
        }
        let mut lock = Lock::default();
        for entry in file.charts {
            let line = line_of(entry.span().start);
            let (source, resolved) = entry
                .into_inner()
                .read()
                .map_err(|message| LockError { line, message })?;
            lock.entries.insert(source, resolved);
        }
        Ok(lock)
    }

    /// What a request comes to, if it was ever asked for.
    pub fn get(&self, source: &ChartSource) -> Option<&Resolved> {
        self.entries.get(&normal(source))
    }

    /// Locks a request, in place of what it came to before.
    pub fn insert(&mut self, source: &ChartSource, resolved: Resolved) {
        self.entries.insert(normal(source), resolved);
    }

    /// Drops the requests that are not wanted any more.
    pub fn retain(&mut self, is_wanted: impl Fn(&ChartSource) -> bool) {
        self.entries.retain(|source, _| is_wanted(source));
    }

    /// Whether nothing is locked.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let mut out = HEAD.to_owned();
        let mut entries: Vec<_> = self.entries.iter().collect();
        entries.sort_by_key(|(source, _)| (source.name(), source.url(), source.wanted(), *source));
        for (source, resolved) in entries {
            out.push_str("\n[[charts]]\n");
            let mut key = |name: &str, value: &str| {
                // Writing to a text cannot fail.
                let _ = writeln!(out, "{name} = {}", quoted(value));
            };
            key("source", source.url());
            if let Some(chart) = source.chart() {
                key("chart", chart);
            }
            match source {
                ChartSource::Artifact {
                    reference, layer, ..
                } => {
                    match reference {
                        ArtifactReference::SemVer { range, filter } => {
                            key("range", range);
                            if !filter.is_empty() {
                                key("filter", filter);
                            }
                        }
                        ArtifactReference::Digest(text) | ArtifactReference::Tag(text) => {
                            key("wanted", text)
                        }
                    }
                    if let Some(layer) = layer {
                        key("layer", layer);
                    }
                }
                ChartSource::Repository { version, .. } | ChartSource::Registry { version, .. } => {
                    key("wanted", version);
                }
            }
            key("version", &resolved.version);
            key("digest", &resolved.digest);
            if let Some(manifest) = &resolved.manifest {
                key("manifest", manifest);
            }
            if let Some(url) = &resolved.url {
                key("url", url);
            }
        }
        out
    }
}

/// A request without what makes no difference.
fn normal(source: &ChartSource) -> ChartSource {
    let trimmed = source.url().to_owned();
    let mut source = source.clone();
    match &mut source {
        ChartSource::Repository { url, .. }
        | ChartSource::Registry { url, .. }
        | ChartSource::Artifact { url, .. } => *url = trimmed,
    }
    source
}

impl Entry {
    fn read(self) -> Result<(ChartSource, Resolved), String> {
        for digest in [Some(&self.digest), self.manifest.as_ref()]
            .into_iter()
            .flatten()
        {
            if Digest::parse(digest).is_none() {
                return Err(format!("`{digest}` is no digest"));
            }
        }
        let is_registry = self.source.starts_with("oci://");
        let url = self.source;
        let source = match (self.chart, self.wanted, self.range) {
            (Some(chart), Some(version), None) if is_registry => ChartSource::Registry {
                url,
                chart,
                version,
            },
            (Some(chart), Some(version), None) => ChartSource::Repository {
                url,
                chart,
                version,
            },
            (None, Some(wanted), None) if is_registry => ChartSource::Artifact {
                url,
                reference: match Digest::parse(&wanted) {
                    Some(_) => ArtifactReference::Digest(wanted),
                    None => ArtifactReference::Tag(wanted),
                },
                layer: self.layer,
            },
            (None, None, Some(range)) if is_registry => ChartSource::Artifact {
                url,
                reference: ArtifactReference::SemVer {
                    range,
                    filter: self.filter.unwrap_or_default(),
                },
                layer: self.layer,
            },
            _ => return Err("the entry says not which chart it is about".to_owned()),
        };
        let resolved = Resolved {
            version: self.version,
            digest: self.digest,
            manifest: self.manifest,
            url: self.url,
        };
        Ok((source, resolved))
    }
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\U{:08X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Lock {
        let mut lock = Lock::default();
        let resolved = |version: &str| Resolved {
            version: version.to_owned(),
            digest: Digest::of(version.as_bytes()).to_string(),
            manifest: None,
            url: None,
        };
        lock.insert(
            &ChartSource::Repository {
                url: "https://example.org/charts/".to_owned(),
                chart: "podinfo".to_owned(),
                version: ">=6, <7 \"x\" \\ \u{7}".to_owned(),
            },
            Resolved {
                url: Some("https://example.org/podinfo-6.1.0.tgz".to_owned()),
                ..resolved("6.1.0")
            },
        );
        lock.insert(
            &ChartSource::Registry {
                url: "oci://ghcr.io/org".to_owned(),
                chart: "app".to_owned(),
                version: String::new(),
            },
            resolved("1.0.0"),
        );
        let artifact = |reference| ChartSource::Artifact {
            url: "oci://ghcr.io/org/app".to_owned(),
            reference,
            layer: Some("x".to_owned()),
        };
        let range = ArtifactReference::SemVer {
            range: "1.x".to_owned(),
            filter: "^1".to_owned(),
        };
        lock.insert(&artifact(range), resolved("1.2.0"));
        lock.insert(
            &artifact(ArtifactReference::Tag("1.x".to_owned())),
            resolved("1.x"),
        );
        let digest = Digest::of(b"").to_string();
        lock.insert(&artifact(ArtifactReference::Digest(digest)), resolved("d"));
        lock
    }

    #[test]
    fn what_is_written_is_read_again() {
        let lock = sample();
        let text = lock.text();
        assert_eq!(Lock::parse(&text).unwrap(), lock);
        assert_eq!(Lock::parse(&text).unwrap().text(), text);
        assert_eq!(Lock::parse("version = 1\n").unwrap(), Lock::default());
    }

    #[test]
    fn slashes_at_the_end_of_a_url_make_no_difference() {
        let lock = sample();
        let source = |url: &str| ChartSource::Registry {
            url: url.to_owned(),
            chart: "app".to_owned(),
            version: String::new(),
        };
        assert!(lock.get(&source("oci://ghcr.io/org/")).is_some());
        assert!(lock.get(&source("oci://ghcr.io/orga")).is_none());
    }

    #[test]
    fn what_is_no_lock_file_is_told_with_its_line() {
        let check = |text: &str, line: usize, expected: &str| {
            let error = Lock::parse(text).unwrap_err();
            assert_eq!(error.line, line, "{text}: {error:?}");
            assert!(error.message.contains(expected), "{text}: {error:?}");
        };
        check("version = 2", 1, "this tidegate knows version 1");
        check(
            "version = 1\n[[charts]]\nsource = \"https://a\"\n",
            2,
            "missing field",
        );
        check(
            "version = 1\n\n[[charts]]\nsource = \"a\"\nversion = \"1\"\ndigest = \"sha256:1\"\n",
            3,
            "is no digest",
        );
        check("version = 1\n<<<<<<< HEAD\n", 2, "");
    }
}
