//! The files that findings point into, each decoded and its lines counted once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use tidegate_source::{
    Diagnostic, FileId, LineCol, LineIndex, Location, NotChecked, NotRendered, PartStart,
    SourceFile, Sources, Span, TreePath, Waived,
};

use crate::redact::Redactions;

/// Where text made by tidegate itself is said to be.
const NOWHERE: &str = "<generated>";

/// The files that `findings`, `waived`, `not_rendered` and `not_checked` point into.
pub(crate) fn files(
    findings: &[Diagnostic],
    waived: &[Waived],
    not_rendered: &[NotRendered],
    not_checked: &[NotChecked],
    sources: &Sources,
) -> Vec<Arc<SourceFile>> {
    let mut ids: Vec<FileId> = Vec::new();
    let mut locate = |location: &Location| {
        if let Location::Span(span) = location {
            ids.push(span.file);
        }
    };
    for waived in waived {
        locate(&waived.location);
    }
    for finding in findings.iter().chain(waived.iter().map(|one| &one.finding)) {
        locate(&finding.primary);
        for step in &finding.trail {
            locate(&step.location);
        }
        for label in &finding.labels {
            locate(&Location::Span(label.span));
        }
        for edit in finding.fix.iter().flat_map(|fix| &fix.edits) {
            locate(&Location::Span(edit.span));
        }
    }
    for skipped in not_rendered {
        locate(&skipped.location);
    }
    for unchecked in not_checked {
        locate(&unchecked.location);
    }
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().filter_map(|id| sources.get(id)).collect()
}

/// One file, ready to be shown.
pub(crate) struct View<'a> {
    pub(crate) name: String,
    pub(crate) text: Cow<'a, str>,
    pub(crate) lines: &'a LineIndex,
    /// What is in front of it, where it is a part of a file.
    pub(crate) start: PartStart,
    pub(crate) redactions: Redactions,
}

impl View<'_> {
    pub(crate) fn line_col(&self, offset: u32) -> LineCol {
        let place = self.lines.line_col(&self.text, offset);
        LineCol {
            line: place.line.saturating_add(self.start.lines),
            ..place
        }
    }

    /// A byte offset in the file as a whole.
    fn offset(&self, offset: u32) -> u32 {
        offset.saturating_add(self.start.bytes)
    }

    /// The bytes of a line (from 0), its line end left out.
    pub(crate) fn line(&self, line: usize) -> (usize, &str) {
        let start = self.lines.start_of(line).unwrap_or(0) as usize;
        let end = match self.lines.start_of(line + 1) {
            Some(next) => next as usize,
            None => self.text.len(),
        };
        let text = self.text.get(start..end).unwrap_or("");
        (start, text.trim_end_matches(['\n', '\r']))
    }

    /// How many lines there are to be seen: one behind the last line end is not.
    pub(crate) fn line_count(&self) -> usize {
        let last = self.lines.line_of(self.text.len() as u32);
        let empty = self.lines.start_of(last) == Some(self.text.len() as u32);
        if empty { last } else { last + 1 }
    }
}

/// A location as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) path: String,
    /// The start and the end (exclusive) with their byte offsets; none for a file or folder as a
    /// whole.
    pub(crate) range: Option<[(LineCol, u32); 2]>,
}

impl Place {
    /// The line and column of the start.
    pub(crate) fn start(&self) -> Option<LineCol> {
        self.range.map(|[(start, _), _]| start)
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.start() {
            Some(LineCol { line, column }) => write!(f, "{}:{line}:{column}", self.path),
            None => f.write_str(&self.path),
        }
    }
}

/// The views of all files that one report needs.
pub(crate) struct Views<'a> {
    views: HashMap<FileId, View<'a>>,
    show_path: &'a dyn Fn(&TreePath) -> String,
}

impl<'a> Views<'a> {
    pub(crate) fn new(
        files: &'a [Arc<SourceFile>],
        show_path: &'a dyn Fn(&TreePath) -> String,
    ) -> Views<'a> {
        let views = files.iter().map(|file| {
            let text = file.text_lossy();
            let name = file.path().file_name().unwrap_or_default();
            let redactions = match file.is_secret() {
                true => Redactions::everything(),
                false if name.ends_with(".toml") => Redactions::of_toml(&text),
                false => Redactions::of(&text),
            };
            let view = View {
                name: show_path(file.path()),
                lines: file.lines(),
                start: file.start(),
                redactions,
                text,
            };
            (file.id(), view)
        });
        Views {
            views: views.collect(),
            show_path,
        }
    }

    pub(crate) fn get(&self, file: FileId) -> Option<&View<'a>> {
        self.views.get(&file)
    }

    pub(crate) fn place(&self, location: &Location) -> Place {
        match location {
            Location::Span(span) => self.span(*span),
            Location::Path(path) => Place {
                path: (self.show_path)(path),
                range: None,
            },
        }
    }

    pub(crate) fn span(&self, span: Span) -> Place {
        match self.get(span.file) {
            Some(view) => Place {
                path: view.name.clone(),
                range: Some([span.start, span.end].map(|at| (view.line_col(at), view.offset(at)))),
            },
            None => Place {
                path: NOWHERE.to_owned(),
                range: None,
            },
        }
    }
}
