//! Which findings a change brings.

use std::collections::{HashMap, HashSet};

use rustc_hash::FxBuildHasher;
use tidegate_source::{Code, Diagnostic, Location, Sources, TreePath};

/// Whether the place to edit, or another place that a finding points at, is in a file that
/// changed; or in a folder in which something did, where it has no line.
pub fn is_at_change(
    finding: &Diagnostic,
    sources: &Sources,
    has_changed: &dyn Fn(&TreePath) -> bool,
) -> bool {
    let labels = finding
        .labels
        .iter()
        .map(|label| Location::Span(label.span));
    let mut places = std::iter::once(finding.primary.clone()).chain(labels);
    places.any(|place| place.path(sources).is_some_and(|path| has_changed(&path)))
}

/// The findings of a check of the tree as it was.
#[derive(Debug, Default)]
pub struct Known {
    clusters: HashMap<Identity, HashSet<String, FxBuildHasher>, FxBuildHasher>,
}

/// What two findings of two checks have in common when they are the same one, in a file that did
/// not change.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Identity {
    code: Code,
    path: Option<TreePath>,
    range: (u32, u32),
    message: String,
}

impl Known {
    /// The findings, which stand in the file table of their check.
    pub fn new(findings: &[Diagnostic], sources: &Sources) -> Known {
        let mut known = Known::default();
        for finding in findings {
            let clusters = known
                .clusters
                .entry(identity(finding, sources))
                .or_default();
            clusters.extend(finding.clusters.iter().cloned());
        }
        known
    }

    /// Whether a finding, with the file table of its own check, is one of them, in all of its
    /// clusters.
    pub fn has(&self, finding: &Diagnostic, sources: &Sources) -> bool {
        match self.clusters.get(&identity(finding, sources)) {
            Some(clusters) => finding.clusters.iter().all(|one| clusters.contains(one)),
            None => false,
        }
    }
}

fn identity(finding: &Diagnostic, sources: &Sources) -> Identity {
    Identity {
        code: finding.code,
        path: finding.primary.path(sources),
        range: match finding.primary {
            Location::Span(span) => (span.start, span.end),
            Location::Path(_) => (0, 0),
        },
        message: finding.message.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tidegate_source::{MemorySystem, Span};

    const CODE: Code = Code::new("TST001");

    fn sources(first: &str) -> Arc<Sources> {
        let system = MemorySystem::new().with("a", "text").with("b", "text");
        let sources = Arc::new(Sources::new(Arc::new(system)));
        // The identities of files differ from check to check.
        sources.load(&TreePath::new(first).unwrap()).unwrap();
        sources
    }

    fn finding(sources: &Sources, path: &str, start: usize, clusters: &[&str]) -> Diagnostic {
        let file = sources.load(&TreePath::new(path).unwrap()).unwrap();
        let mut finding = Diagnostic::error(CODE, Span::new(file.id(), start, start + 1), "wrong");
        finding.clusters = clusters.iter().map(|name| (*name).to_owned()).collect();
        finding
    }

    #[test]
    fn a_finding_is_known_at_its_place_and_in_its_clusters() {
        let (then, now) = (sources("a"), sources("b"));
        let known = Known::new(&[finding(&then, "a", 1, &["dev", "live"])], &then);
        let is_known = |path: &str, start: usize, clusters: &[&str]| {
            known.has(&finding(&now, path, start, clusters), &now)
        };
        assert!(is_known("a", 1, &["dev", "live"]));
        assert!(is_known("a", 1, &["live"]));
        assert!(!is_known("a", 1, &["live", "stage"]));
        assert!(!is_known("a", 2, &["live"]));
        assert!(!is_known("b", 1, &["live"]));
    }

    #[test]
    fn labels_count_and_folders_do() {
        let sources = sources("a");
        let changed = |path: &TreePath| path.as_str() == "b" || path.as_str() == "folder";
        let label = finding(&sources, "b", 0, &[]);
        let Location::Span(span) = label.primary else {
            panic!("it has a span");
        };
        let plain = finding(&sources, "a", 0, &[]);
        assert!(!is_at_change(&plain, &sources, &changed));
        assert!(is_at_change(
            &plain.with_label(span, "here"),
            &sources,
            &changed
        ));
        let folder = Location::Path(TreePath::new("folder").unwrap());
        let mut of_folder = finding(&sources, "a", 0, &[]);
        of_folder.primary = folder;
        assert!(is_at_change(&of_folder, &sources, &changed));
    }
}
