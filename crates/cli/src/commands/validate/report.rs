//! What is printed of manifests: each part's findings as they come, but for JSON, which is one document.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use tidegate_report::{Format, Renderer, Summary};
use tidegate_source::{
    Diagnostic, FileId, Location, MemorySystem, NotChecked, Severity, SourceFile, Sources, Span,
    TreePath,
};

use crate::args::Global;
use crate::commands::{Failure, Outcome, written};
use crate::terminal::{Stream, drawing};

/// Prints findings and counts.
pub(super) struct Report<'a> {
    format: Format,
    global: &'a Global,
    /// The names of the inputs: a file in a table is called by the number of its.
    names: Vec<String>,
    pub(super) objects: usize,
    errors: usize,
    warnings: usize,
    not_checked: Vec<NotChecked>,
    /// For a format that is printed at the end.
    kept: Kept,
    unreadable: usize,
}

/// The text of a part, as the one file of a table.
pub(super) struct Text {
    pub(super) sources: Sources,
    pub(super) file: Arc<SourceFile>,
}

/// Findings, with the parts of files that they are in.
struct Kept {
    sources: Sources,
    findings: Vec<Diagnostic>,
}

impl<'a> Report<'a> {
    pub(super) fn new(format: Format, global: &'a Global) -> Report<'a> {
        Report {
            format,
            global,
            names: Vec::new(),
            objects: 0,
            errors: 0,
            warnings: 0,
            not_checked: Vec::new(),
            kept: Kept {
                sources: Sources::new(Arc::new(MemorySystem::new())),
                findings: Vec::new(),
            },
            unreadable: 0,
        }
    }

    /// The path in file tables of an input that is called so.
    pub(super) fn input(&mut self, name: String) -> TreePath {
        self.names.push(name);
        let number = (self.names.len() - 1).to_string();
        TreePath::new(&number).unwrap_or_else(|_| TreePath::root())
    }

    /// Says that something cannot be read.
    pub(super) fn unreadable(&mut self, reason: &str) -> Result<(), Failure> {
        self.unreadable += 1;
        let text = format!("error: {reason}\n");
        written(io::stderr().lock().write_all(text.as_bytes()))
    }

    /// Prints the findings of a part.
    pub(super) fn findings(
        &mut self,
        text: &Text,
        findings: Vec<Diagnostic>,
    ) -> Result<(), Failure> {
        let errors = findings.iter();
        let errors = errors.filter(|finding| finding.severity == Severity::Error);
        let errors = errors.count();
        self.errors += errors;
        self.warnings += findings.len() - errors;
        if findings.is_empty() {
            return Ok(());
        }
        if self.format == Format::Json {
            self.kept.add(text, findings);
            return Ok(());
        }
        self.write(&findings, &text.sources, &Summary::default())
    }

    /// Counts objects that were not checked.
    pub(super) fn not_checked(&mut self, text: &Text, kinds: Vec<NotChecked>) {
        for mut kind in kinds {
            let mut known = self.not_checked.iter_mut();
            let same = |one: &&mut NotChecked| {
                one.api_version == kind.api_version && one.kind == kind.kind
            };
            match known.find(same) {
                Some(known) => known.objects += kind.objects,
                None => {
                    if self.format == Format::Json {
                        kind.location = self.kept.location(text, kind.location);
                    }
                    self.not_checked.push(kind);
                }
            }
        }
    }

    /// Prints what is left, and how it ended.
    pub(super) fn finish(mut self, elapsed: Duration) -> Result<Outcome, Failure> {
        self.not_checked
            .sort_by(|a, b| (&a.api_version, &a.kind).cmp(&(&b.api_version, &b.kind)));
        if self.format == Format::Json {
            let summary = Summary {
                objects: self.objects,
                files: self.names.len(),
                elapsed,
                not_checked: &self.not_checked,
                ..Summary::default()
            };
            self.write(&self.kept.findings, &self.kept.sources, &summary)?;
        }
        let for_people = matches!(self.format, Format::Human | Format::Concise);
        if for_people && !self.global.quiet {
            let text = self.summary(elapsed);
            written(io::stderr().lock().write_all(text.as_bytes()))?;
        }
        Ok(match self.errors + self.unreadable {
            0 => Outcome::Clean,
            _ => Outcome::Refused,
        })
    }

    fn write(
        &self,
        findings: &[Diagnostic],
        sources: &Sources,
        summary: &Summary<'_>,
    ) -> Result<(), Failure> {
        let show_path = |path: &TreePath| {
            let number: Option<usize> = path.as_str().parse().ok();
            let name = number.and_then(|number| self.names.get(number));
            name.cloned().unwrap_or_default()
        };
        let drawing = drawing(Stream::Stdout, self.global.color);
        let renderer = Renderer::new(self.format, drawing, &show_path);
        let mut text = Vec::new();
        let drawn = renderer.write(findings, sources, summary, &mut text);
        written(drawn.and_then(|()| io::stdout().lock().write_all(&text)))
    }

    fn summary(&self, elapsed: Duration) -> String {
        let plural = |count: usize, name: &str| match count {
            1 => format!("1 {name}"),
            count => format!("{count} {name}s"),
        };
        let mut text = format!(
            "Validated {} from {} in {} ms\n",
            plural(self.objects, "object"),
            plural(self.names.len(), "file"),
            elapsed.as_millis()
        );
        if !self.not_checked.is_empty() {
            let kinds = self.not_checked.iter();
            let kinds = kinds.map(|item| format!("{} ({})", item.kind, item.objects));
            let kinds: Vec<String> = kinds.collect();
            let objects: usize = self.not_checked.iter().map(|item| item.objects).sum();
            text.push_str(&format!(
                "Not checked: {} of kinds without a schema: {}\n",
                plural(objects, "object"),
                kinds.join(", ")
            ));
        }
        let found = [(self.errors, "error"), (self.warnings, "warning")];
        let found = found.into_iter().filter(|(count, _)| *count > 0);
        let found: Vec<String> = found.map(|(count, name)| plural(count, name)).collect();
        text.push_str(&match found.as_slice() {
            [] => "No findings\n".to_owned(),
            found => format!("Found {}\n", found.join(" and ")),
        });
        text
    }
}

impl Kept {
    /// Keeps a part and its findings.
    fn add(&mut self, text: &Text, findings: Vec<Diagnostic>) {
        let (from, to) = (text.file.id(), self.part(text));
        let findings = findings.into_iter();
        self.findings
            .extend(findings.map(|one| one.moved(from, to)));
    }

    /// A place in a part that is kept with it.
    fn location(&mut self, text: &Text, location: Location) -> Location {
        match location {
            Location::Span(span) => Location::Span(Span {
                file: self.part(text),
                ..span
            }),
            Location::Path(_) => location,
        }
    }

    /// Keeps the text of a part.
    fn part(&mut self, text: &Text) -> FileId {
        let Text { file, .. } = text;
        let (path, bytes) = (file.path().clone(), file.bytes().to_vec());
        self.sources.add_part(path, bytes, file.start()).id()
    }
}
