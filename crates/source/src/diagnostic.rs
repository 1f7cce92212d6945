use std::collections::HashMap;
use std::fmt;

use crate::{FileId, LineCol, Sources, Span, TreePath};

/// The identity of a rule: three letters and three digits, such as `KUS003`. Never reused.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(&'static str);

impl Code {
    /// A code. Written once, as a constant of the crate that reports it; `core` has its page.
    ///
    /// # Panics
    /// At compile time, when the text is not three capital letters and three digits.
    pub const fn new(text: &'static str) -> Code {
        let bytes = text.as_bytes();
        assert!(bytes.len() == 6, "a code has six characters");
        let mut i = 0;
        while i < 6 {
            if i < 3 {
                assert!(bytes[i].is_ascii_uppercase(), "three capital letters first");
            } else {
                assert!(bytes[i].is_ascii_digit(), "three digits last");
            }
            i += 1;
        }
        Code(text)
    }

    /// The text.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; nothing is wrong yet.
    Info,
    /// Probably not what was meant, or will break on an upgrade.
    Warning,
    /// Flux or the API server would refuse it, or apply something else.
    Error,
}

impl Severity {
    /// The word that people and machines read.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// Where a finding is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Location {
    /// A range of a file.
    Span(Span),
    /// A file or folder as a whole, where no line exists.
    Path(TreePath),
}

/// A further place that belongs to a finding, with what is to be seen there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// A few words.
    pub text: String,
}

/// One step of how something got to where it is: a base, a patch, a generator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrailStep {
    /// Where the step is written down.
    pub location: Location,
    /// What it does, such as "resources: entry" or "patch".
    pub text: String,
}

/// The rendered object that a finding is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// `apiVersion` of the object.
    pub api_version: String,
    /// `kind` of the object.
    pub kind: String,
    /// Its namespace; empty where it has none.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        if !self.namespace.is_empty() {
            write!(f, " {}/{}", self.namespace, self.name)
        } else {
            write!(f, " {}", self.name)
        }
    }
}

/// Replacement of a range of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The range to replace.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// A change that mends what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in the imperative.
    pub title: String,
    /// The edits, which do not overlap.
    pub edits: Vec<Edit>,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The rule.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, with the user's names in it: one sentence, no full stop.
    pub message: String,
    /// The place that must be edited.
    pub primary: Location,
    /// What is to be seen at the primary place, in a few words; may be empty.
    pub note: String,
    /// Further places.
    pub labels: Vec<Label>,
    /// How it got there, the outermost (entry) first.
    pub trail: Vec<TrailStep>,
    /// The object it is about.
    pub subject: Option<Subject>,
    /// The clusters whose render shows it; sorted, filled in by `core`.
    pub clusters: Vec<String>,
    /// What to do.
    pub help: Option<String>,
    /// A change that mends it.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// An error at a range of a file.
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, Severity::Error, Location::Span(span), message)
    }

    /// A warning at a range of a file.
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, Severity::Warning, Location::Span(span), message)
    }

    /// A finding anywhere.
    pub fn new(
        code: Code,
        severity: Severity,
        primary: Location,
        message: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic {
            code,
            severity,
            message: message.into(),
            primary,
            note: String::new(),
            labels: Vec::new(),
            trail: Vec::new(),
            subject: None,
            clusters: Vec::new(),
            help: None,
            fix: None,
        }
    }

    /// With a few words at the primary place.
    pub fn with_note(mut self, text: impl Into<String>) -> Diagnostic {
        self.note = text.into();
        self
    }

    /// With a further place.
    pub fn with_label(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// With what to do.
    pub fn with_help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help = Some(text.into());
        self
    }

    /// With the object it is about.
    pub fn with_subject(mut self, subject: Subject) -> Diagnostic {
        self.subject = Some(subject);
        self
    }

    /// With the steps that led there, the outermost first.
    pub fn with_trail(mut self, trail: Vec<TrailStep>) -> Diagnostic {
        self.trail = trail;
        self
    }
}

/// Why something was not rendered. Not a fault: counted and listed apart from findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SkipReason {
    /// A remote resource of a kustomization: it needs the network.
    Remote,
    /// A plugin that starts a program or a container.
    Exec,
    /// A Helm chart named by a kustomization or a HelmRelease.
    Chart,
    /// A ResourceSet.
    ResourceSet,
    /// A source outside this tree.
    OutsideTree,
    /// A value that is put in at apply time.
    Substitution,
    /// An object that another waits for, which something that is not rendered may provide.
    Dependency,
    /// A file that only something which is not rendered could reach.
    Unreached,
    /// Ignore rules of a source, where clusters differ in how they have the tree packed.
    IgnoreRules,
}

impl SkipReason {
    /// The words of the summary.
    pub fn as_str(self) -> &'static str {
        match self {
            SkipReason::Remote => "remote resource",
            SkipReason::Exec => "plugin that runs a program",
            SkipReason::Chart => "Helm chart",
            SkipReason::ResourceSet => "ResourceSet",
            SkipReason::OutsideTree => "source outside this tree",
            SkipReason::Substitution => "substitution",
            SkipReason::Dependency => "dependency on what is not rendered",
            SkipReason::Unreached => "file that nothing rendered reaches",
            SkipReason::IgnoreRules => "ignore rules that not all clusters have",
        }
    }
}

/// Something that was not rendered, and where it is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRendered {
    /// Why.
    pub reason: SkipReason,
    /// What, in the user's words: a URL, a chart, a path.
    pub what: String,
    /// Where it is named.
    pub location: Location,
}

/// Why something that was rendered was not checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NotCheckedReason {
    /// Nothing is known of the kind of some objects.
    UnknownKind,
    /// Objects are applied to another cluster, whatever that has.
    OtherCluster,
    /// The schema of values refers to what is elsewhere: it needs the network.
    ValuesSchema,
}

impl NotCheckedReason {
    /// A word for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            NotCheckedReason::UnknownKind => "unknown kind",
            NotCheckedReason::OtherCluster => "other cluster",
            NotCheckedReason::ValuesSchema => "values schema",
        }
    }
}

/// What was rendered and not checked. Not a fault: counted and listed apart from findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotChecked {
    /// Why.
    pub reason: NotCheckedReason,
    /// `apiVersion` of the objects of an unknown kind, or of the object that applies or has what was not
    /// checked.
    pub api_version: String,
    /// Its kind.
    pub kind: String,
    /// Its name, behind its namespace and `/`; empty for a kind as a whole.
    pub name: String,
    /// How many objects were not checked.
    pub objects: usize,
    /// Where one of an unknown kind says its kind, or where the reason is written.
    pub location: Location,
}

/// A finding that is known and accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waived {
    /// The finding.
    pub finding: Diagnostic,
    /// Why it is accepted.
    pub reason: String,
    /// Where that is written: a comment, or the config.
    pub location: Location,
}

/// Collects findings: makes one of those that differ in their clusters only, and sorts.
#[derive(Debug, Default)]
pub struct Sink {
    findings: Vec<Diagnostic>,
}

impl Sink {
    /// An empty sink.
    pub fn new() -> Sink {
        Sink::default()
    }

    /// Takes one finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.findings.push(diagnostic);
    }

    /// Takes many findings.
    pub fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.findings.extend(diagnostics);
    }

    /// The findings, each once (same code, place and message), sorted by path, offset and code.
    /// Places in virtual files are led back to real ones.
    pub fn finish(self, sources: &Sources) -> Vec<Diagnostic> {
        let mut out: Vec<Diagnostic> = Vec::with_capacity(self.findings.len());
        let mut seen: HashMap<(Code, Location, String), usize> = HashMap::new();
        for mut finding in self.findings {
            finding.resolve(sources);
            let key = (
                finding.code,
                finding.primary.clone(),
                finding.message.clone(),
            );
            match seen.get(&key) {
                Some(&index) => {
                    let known: &mut Diagnostic = &mut out[index];
                    known.clusters.append(&mut finding.clusters);
                    known.clusters.sort();
                    known.clusters.dedup();
                    known.severity = known.severity.max(finding.severity);
                    // The shortest way there explains it best, and does not depend on the order
                    // in which clusters were rendered.
                    if trail_key(&finding, sources) < trail_key(known, sources) {
                        *known = Diagnostic {
                            clusters: std::mem::take(&mut known.clusters),
                            severity: known.severity,
                            ..finding
                        };
                    }
                }
                None => {
                    finding.clusters.sort();
                    finding.clusters.dedup();
                    seen.insert(key, out.len());
                    out.push(finding);
                }
            }
        }
        out.sort_by_cached_key(|finding| {
            let (path, offset) = place_key(&finding.primary, sources);
            (path, offset, finding.code, finding.message.clone())
        });
        out
    }
}

impl Diagnostic {
    /// The same finding where one file is known under another identity.
    #[must_use]
    pub fn moved(mut self, from: FileId, to: FileId) -> Diagnostic {
        let move_span = |span: &mut Span| {
            if span.file == from {
                span.file = to;
            }
        };
        let move_location = |location: &mut Location| {
            if let Location::Span(span) = location {
                move_span(span);
            }
        };
        move_location(&mut self.primary);
        self.labels
            .iter_mut()
            .for_each(|label| move_span(&mut label.span));
        self.trail
            .iter_mut()
            .for_each(|step| move_location(&mut step.location));
        let edits = self.fix.iter_mut().flat_map(|fix| &mut fix.edits);
        edits.for_each(|edit| move_span(&mut edit.span));
        self
    }

    fn resolve(&mut self, sources: &Sources) {
        let real = |location: &mut Location| {
            if let Location::Span(span) = location {
                *span = sources.real(*span);
            }
        };
        real(&mut self.primary);
        for label in &mut self.labels {
            label.span = sources.real(label.span);
        }
        for step in &mut self.trail {
            real(&mut step.location);
        }
        // What is not written as it is read cannot be replaced piece by piece.
        let is_written = |edit: &mut Edit| {
            let length = edit.span.len();
            edit.span = sources.real(edit.span);
            edit.span.len() == length
        };
        if let Some(fix) = &mut self.fix
            && !fix.edits.iter_mut().all(is_written)
        {
            self.fix = None;
        }
    }
}

fn trail_key(finding: &Diagnostic, sources: &Sources) -> (usize, Vec<(String, u32)>) {
    let places = finding.trail.iter();
    let places = places.map(|step| place_key(&step.location, sources));
    (finding.trail.len(), places.collect())
}

fn place_key(location: &Location, sources: &Sources) -> (String, u32) {
    match location {
        Location::Span(span) => match sources.get(span.file) {
            Some(file) => (file.path().as_str().to_owned(), span.start),
            None => (String::new(), 0),
        },
        Location::Path(path) => (path.as_str().to_owned(), 0),
    }
}

impl Location {
    /// The path of the file or folder.
    pub fn path(&self, sources: &Sources) -> Option<TreePath> {
        match self {
            Location::Span(span) => sources.get(span.file).map(|file| file.path().clone()),
            Location::Path(path) => Some(path.clone()),
        }
    }

    /// Line and column of the start; none for a file or folder as a whole.
    pub fn line_col(&self, sources: &Sources) -> Option<LineCol> {
        match self {
            Location::Span(span) => sources.get(span.file).map(|file| file.line_col(span.start)),
            Location::Path(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemorySystem;
    use std::sync::Arc;

    #[test]
    fn one_finding_for_many_clusters_sorted_by_place() {
        let system = MemorySystem::new().with("a.yaml", "x").with("b.yaml", "y");
        let sources = Sources::new(Arc::new(system));
        let b = sources.load(&TreePath::new("b.yaml").unwrap()).unwrap();
        let a = sources.load(&TreePath::new("a.yaml").unwrap()).unwrap();
        let code = Code::new("TST001");
        let at = |file: &crate::SourceFile, cluster: &str| {
            let mut finding = Diagnostic::error(code, Span::new(file.id(), 0, 1), "wrong");
            finding.clusters = vec![cluster.to_owned()];
            finding
        };
        let mut sink = Sink::new();
        sink.extend([at(&b, "live"), at(&a, "live"), at(&b, "dev")]);
        let findings = sink.finish(&sources);
        assert_eq!(findings.len(), 2);
        assert_eq!(findings[0].primary.path(&sources).unwrap(), *a.path());
        assert_eq!(findings[1].clusters, ["dev", "live"]);
    }

    #[test]
    fn the_shortest_way_there_brings_its_own_advice() {
        let system = MemorySystem::new().with("a.yaml", "x");
        let sources = Sources::new(Arc::new(system));
        let file = sources.load(&TreePath::new("a.yaml").unwrap()).unwrap();
        let span = Span::new(file.id(), 0, 1);
        let finding = |cluster: &str| {
            let mut finding = Diagnostic::error(Code::new("TST001"), span, "wrong");
            finding.clusters = vec![cluster.to_owned()];
            finding
        };
        let step = TrailStep {
            location: Location::Span(span),
            text: "step".to_owned(),
        };
        let mut long = finding("dev").with_trail(vec![step]).with_help("long");
        long.fix = Some(Fix {
            title: "Write y".to_owned(),
            edits: Vec::new(),
        });
        let short = finding("live").with_note("short").with_help("short");
        let mut sink = Sink::new();
        sink.extend([long, short.clone()]);
        let clusters = vec!["dev".to_owned(), "live".to_owned()];
        assert_eq!(sink.finish(&sources), [Diagnostic { clusters, ..short }]);
    }
}
