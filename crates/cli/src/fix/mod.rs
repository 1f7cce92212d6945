//! Writes what findings offer to write: the versions of kinds, where nothing else has to change.

mod edited;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use tidegate_core::codes;
use tidegate_source::{Diagnostic, Severity, SourceFile, Sources, TreePath};
use tidegate_system::write_atomically;

pub(crate) use self::edited::Edited;
use crate::commands::Failure;
use crate::tree::Tree;

/// The rules whose fixes change nothing but the version.
const MENDED: [&str; 2] = [
    codes::REMOVED_VERSION.as_str(),
    codes::DEPRECATED_VERSION.as_str(),
];

/// The files that can be mended, by their paths in the tree.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mended {
    files: BTreeMap<TreePath, MendedFile>,
}

#[derive(Clone, Debug)]
struct MendedFile {
    bytes: Vec<u8>,
    changes: Vec<Change>,
}

/// A text that becomes another.
#[derive(Clone, Debug)]
struct Change {
    line: u32,
    from: String,
    to: String,
}

impl Mended {
    /// What the findings offer for files of the tree.
    pub(crate) fn new(findings: &[Diagnostic], sources: &Sources, tree: &Tree) -> Mended {
        // A place may be named by several findings.
        let mut edits: BTreeMap<TreePath, BTreeMap<u32, (Range<usize>, String)>> = BTreeMap::new();
        let mended = findings
            .iter()
            .filter(|one| MENDED.contains(&one.code.as_str()));
        for edit in mended
            .filter_map(|one| one.fix.as_ref())
            .flat_map(|fix| &fix.edits)
        {
            let Some(file) = sources.get(edit.span.file) else {
                continue;
            };
            let range = edit.span.start as usize..edit.span.end as usize;
            let of_file = edits.entry(file.path().clone()).or_default();
            of_file.insert(edit.span.start, (range, edit.text.clone()));
        }
        let mut files = BTreeMap::new();
        for (path, edits) in edits {
            // What is not in the tree, such as a chart that was fetched, is not ours to write.
            let file = sources.load(&path).ok();
            let is_here = |file: &SourceFile| {
                tree.system()
                    .read(&path)
                    .is_ok_and(|bytes| bytes == file.bytes())
            };
            let mended = file
                .filter(|file| is_here(file))
                .and_then(|file| mend(&file, edits));
            if let Some(mended) = mended {
                files.insert(path, mended);
            }
        }
        Mended { files }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// One for each file.
    pub(crate) fn by_file(&self) -> impl Iterator<Item = Mended> {
        self.files.iter().map(|(path, file)| Mended {
            files: BTreeMap::from([(path.clone(), file.clone())]),
        })
    }

    pub(crate) fn extend(&mut self, other: Mended) {
        self.files.extend(other.files);
    }

    /// The files that another one has too little of.
    pub(crate) fn without(&self, other: &Mended) -> Mended {
        let files = self.files.iter();
        let files = files.filter(|(path, _)| !other.files.contains_key(*path));
        Mended {
            files: files
                .map(|(path, file)| (path.clone(), file.clone()))
                .collect(),
        }
    }

    /// The files as they would be.
    pub(crate) fn contents(&self) -> BTreeMap<TreePath, Vec<u8>> {
        let files = self.files.iter();
        files
            .map(|(path, file)| (path.clone(), file.bytes.clone()))
            .collect()
    }

    /// Writes the files, each as a whole.
    pub(crate) fn write(&self, tree: &Tree) -> Result<(), Failure> {
        for (path, file) in &self.files {
            let place = tree.root().join(path.as_str());
            write_atomically(&place, &file.bytes).map_err(|error| {
                Failure::new(format!("{} cannot be written: {error}", place.display()))
            })?;
        }
        Ok(())
    }

    /// A line for each change.
    pub(crate) fn shown(&self, done: &str, show_path: &dyn Fn(&TreePath) -> String) -> String {
        let lines = self.files.iter().flat_map(|(path, file)| {
            let path = show_path(path);
            file.changes.iter().map(move |change| {
                let Change { line, from, to } = change;
                format!("{done} {path}:{line}: {from} -> {to}\n")
            })
        });
        lines.collect()
    }
}

/// A file with edits made; none where its text is not what is written.
fn mend(file: &SourceFile, edits: BTreeMap<u32, (Range<usize>, String)>) -> Option<MendedFile> {
    let text = file.text().ok()?;
    // A mark of the byte order is no part of the text.
    let before = file.bytes().strip_suffix(text.as_bytes())?;
    let mut changes = Vec::with_capacity(edits.len());
    let mut bytes = before.to_vec();
    let mut at = 0;
    for (start, (range, to)) in edits {
        let from = text.get(range.clone())?;
        bytes.extend_from_slice(text.get(at..range.start)?.as_bytes());
        bytes.extend_from_slice(to.as_bytes());
        at = range.end;
        changes.push(Change {
            line: file.line_col(start).line,
            from: from.to_owned(),
            to,
        });
    }
    bytes.extend_from_slice(text.get(at..)?.as_bytes());
    Some(MendedFile { bytes, changes })
}

/// Whether a second check has errors or warnings that the first one had not: a patch that finds nothing
/// to change any more is only a warning.
pub(crate) fn brings_more(before: &[Diagnostic], after: &[Diagnostic]) -> bool {
    fn bad(findings: &[Diagnostic]) -> BTreeSet<(&str, &str)> {
        let bad = findings
            .iter()
            .filter(|one| one.severity >= Severity::Warning);
        bad.map(|one| (one.code.as_str(), one.message.as_str()))
            .collect()
    }
    !bad(after).is_subset(&bad(before))
}
