//! A file of known findings, so that only new ones count.
//!
//! A finding is known again by its rule, file, object and message, and not by its line: it may
//! move.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::json;
use tidegate_source::{Diagnostic, Severity, SourceFile, Sources, Span};
use tidegate_yaml::{Dialect, Node, ParseOptions, parse};

use crate::waivers::codes;

/// The version of the format.
const VERSION: &str = "1";

/// What a finding is known again by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Fingerprint {
    path: String,
    code: String,
    object: String,
    message: String,
}

impl Fingerprint {
    fn of(finding: &Diagnostic, sources: &Sources) -> Fingerprint {
        let path = finding.primary.path(sources);
        let subject = finding.subject.as_ref();
        Fingerprint {
            path: path.map_or(String::new(), |path| path.to_string()),
            code: finding.code.to_string(),
            object: subject.map_or(String::new(), |subject| subject.to_string()),
            message: finding.message.clone(),
        }
    }
}

/// Known findings.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    /// How many there are of each, and where the file says so.
    entries: BTreeMap<Fingerprint, (usize, Span)>,
}

/// A file is no baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotABaseline {
    /// Where, in the file.
    pub span: Span,
    /// Why.
    pub reason: String,
}

/// Writes findings as a baseline.
pub fn write_baseline(findings: &[Diagnostic], sources: &Sources) -> String {
    let mut counts: BTreeMap<Fingerprint, usize> = BTreeMap::new();
    for finding in findings {
        *counts.entry(Fingerprint::of(finding, sources)).or_default() += 1;
    }
    let mut text = format!("{{\n  \"version\": {VERSION},\n  \"findings\": [");
    for (i, (fingerprint, count)) in counts.iter().enumerate() {
        let Fingerprint {
            path,
            code,
            object,
            message,
        } = fingerprint;
        let separator = if i == 0 { "" } else { "," };
        // One line each, in this order, so that a diff of the file can be read. Writing to a String
        // cannot fail.
        let _ = write!(
            text,
            "{separator}\n    {{ \"code\": {}, \"path\": {}, \"object\": {}, \"message\": {}, \
             \"count\": {count} }}",
            json!(code),
            json!(path),
            json!(object),
            json!(message),
        );
    }
    let end = if counts.is_empty() { "" } else { "\n  " };
    let _ = write!(text, "{end}]\n}}\n");
    text
}

impl Baseline {
    /// Reads what [`write_baseline`] wrote.
    pub fn read(file: &SourceFile) -> Result<Baseline, NotABaseline> {
        let wrong = |span: Span, reason: &str| NotABaseline {
            span,
            reason: reason.to_owned(),
        };
        let top = Span::new(file.id(), 0, 0);
        // JSON is YAML, and this parser knows where values are written.
        let parsed = parse(file, ParseOptions::new(Dialect::GoYaml3));
        let mut errors = parsed.findings.iter();
        if let Some(error) = errors.find(|finding| finding.severity == Severity::Error) {
            return Err(wrong(top, &error.message));
        }
        let root = parsed
            .documents
            .first()
            .and_then(|document| document.root.as_ref());
        let root = root.ok_or_else(|| wrong(top, "it is empty"))?;
        if root.get("version").and_then(Node::text) != Some(VERSION) {
            return Err(wrong(
                root.place.span(),
                "it is not a baseline of version 1",
            ));
        }
        let findings = root.get("findings").and_then(Node::as_seq);
        let findings =
            findings.ok_or_else(|| wrong(root.place.span(), "it lists no `findings`"))?;
        let mut entries = BTreeMap::new();
        for entry in findings {
            let span = entry.place.span();
            let text = |key: &str| {
                let text = entry.get(key).and_then(Node::text).map(str::to_owned);
                text.ok_or_else(|| wrong(span, &format!("this entry has no `{key}`")))
            };
            let count = text("count")?.parse();
            let count: usize = count.map_err(|_| wrong(span, "`count` is not a number"))?;
            let fingerprint = Fingerprint {
                path: text("path")?,
                code: text("code")?,
                object: text("object")?,
                message: text("message")?,
            };
            let known = entries.entry(fingerprint).or_insert((0usize, span));
            known.0 = known.0.saturating_add(count);
        }
        Ok(Baseline { entries })
    }

    /// The findings that are not known, in their order, and how many are. Of findings that cannot
    /// be told apart, the first ones are the known ones.
    pub(crate) fn split(
        &mut self,
        findings: Vec<Diagnostic>,
        sources: &Sources,
    ) -> (Vec<Diagnostic>, usize) {
        let before = findings.len();
        let is_new = |finding: &Diagnostic| {
            let known = self.entries.get_mut(&Fingerprint::of(finding, sources));
            match known {
                Some((left, _)) if *left > 0 => {
                    *left -= 1;
                    false
                }
                _ => true,
            }
        };
        let new: Vec<Diagnostic> = findings.into_iter().filter(is_new).collect();
        let known = before - new.len();
        (new, known)
    }

    /// What it lists and [`split`](Baseline::split) did not meet, as one finding.
    pub(crate) fn stale(&self) -> Option<Diagnostic> {
        let left = self.entries.values().filter(|(left, _)| *left > 0);
        let (count, first) = left.fold((0usize, None), |(count, first), (left, span)| {
            let first: Option<Span> = first.filter(|first: &Span| first.start < span.start);
            (count.saturating_add(*left), first.or(Some(*span)))
        });
        let findings = match count {
            1 => "a finding".to_owned(),
            count => format!("{count} findings"),
        };
        let message = format!("the baseline lists {findings} that tidegate does not find any more");
        first.map(|first| {
            Diagnostic::warning(codes::STALE_BASELINE, first, message)
                .with_note("the first one")
                .with_help("write it anew with --write-baseline")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tidegate_source::{Code, MemorySystem, Subject, TreePath};

    const CODE: Code = Code::new("TST001");

    fn finding(sources: &Sources, path: &str, start: usize, message: &str) -> Diagnostic {
        let file = sources.load(&TreePath::new(path).unwrap()).unwrap();
        Diagnostic::error(CODE, Span::new(file.id(), start, start + 1), message)
    }

    fn sources() -> Sources {
        let system = MemorySystem::new()
            .with("a.yaml", "a\nb\nc\n")
            .with("b.yaml", "x\n");
        Sources::new(Arc::new(system))
    }

    fn read(text: &str) -> Result<Baseline, NotABaseline> {
        let sources = Sources::new(Arc::new(MemorySystem::new().with("known.json", text)));
        let file = sources.load(&TreePath::new("known.json").unwrap());
        Baseline::read(&file.unwrap())
    }

    #[test]
    fn known_findings_may_move_and_further_ones_count() {
        let sources = sources();
        let odd = "say \"no\"\n\u{1}\\ 😀: {x}";
        let subject = Subject {
            kind: "ConfigMap".to_owned(),
            name: "a".to_owned(),
            ..Subject::default()
        };
        let known = [
            finding(&sources, "a.yaml", 0, "one"),
            finding(&sources, "a.yaml", 2, "one"),
            finding(&sources, "b.yaml", 0, odd).with_subject(subject.clone()),
        ];
        let mut baseline = read(&write_baseline(&known, &sources)).unwrap();
        let found = vec![
            finding(&sources, "a.yaml", 2, "one"),
            finding(&sources, "a.yaml", 3, "one"),
            finding(&sources, "a.yaml", 4, "one"),
            finding(&sources, "b.yaml", 0, odd).with_subject(subject),
            finding(&sources, "b.yaml", 0, odd),
        ];
        let expected = vec![found[2].clone(), found[4].clone()];
        let (new, count) = baseline.split(found, &sources);
        assert_eq!((new, count), (expected, 3));
        assert_eq!(baseline.stale(), None);
    }

    #[test]
    fn what_is_not_found_any_more_is_stale() {
        let sources = sources();
        let known = [
            finding(&sources, "a.yaml", 0, "one"),
            finding(&sources, "a.yaml", 2, "one"),
            finding(&sources, "b.yaml", 0, "two"),
        ];
        let mut baseline = read(&write_baseline(&known, &sources)).unwrap();
        baseline.split(vec![known[0].clone()], &sources);
        let stale = baseline.stale().unwrap();
        let expected = "the baseline lists 2 findings that tidegate does not find any more";
        assert_eq!(stale.message, expected);
    }

    #[test]
    fn what_is_no_baseline_is_refused() {
        let reason = |text: &str| read(text).unwrap_err().reason;
        assert_eq!(reason(""), "it is empty");
        assert_eq!(reason("[]"), "it is not a baseline of version 1");
        assert_eq!(
            reason("{\"version\": 2}"),
            "it is not a baseline of version 1"
        );
        assert_eq!(reason("{\"version\": 1}"), "it lists no `findings`");
        assert_eq!(
            reason("{\"version\": 1, \"findings\": [{\"count\": 1}]}"),
            "this entry has no `path`"
        );
        assert!(read("{\"version\": 1, \"findings\": []}").is_ok());
        assert!(!reason("{").is_empty());
        assert_eq!(
            write_baseline(&[], &sources()),
            "{\n  \"version\": 1,\n  \"findings\": []\n}\n"
        );
    }
}
