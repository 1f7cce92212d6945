//! One change of a tree, and what must be found because of it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use tidegate_source::{SourceFile, TreePath};

/// One way to break one place of a tree.
pub(super) struct Mutation {
    /// What is done, and to what, for people.
    pub(super) what: String,
    pub(super) changes: Vec<Change>,
    pub(super) expected: Vec<Expected>,
    pub(super) needed: Needed,
}

/// Which of the expected findings must be there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Needed {
    All,
    /// One fault shows in several places, and hides some of them.
    Any,
}

pub(super) enum Change {
    /// Other text in a range of a file. The changes of one file must not overlap.
    Replace {
        file: Arc<SourceFile>,
        range: Range<usize>,
        text: String,
    },
    /// A file less.
    Remove(TreePath),
    /// A file more.
    Add(TreePath, String),
}

/// Where a finding must be.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Expected {
    /// Any of these will do.
    pub(super) codes: &'static [&'static str],
    pub(super) path: TreePath,
    /// From 1; none for the file as a whole.
    pub(super) line: Option<u32>,
}

impl Mutation {
    /// Other text in a range of a file, to be reported at the line of its start.
    pub(super) fn replace(
        codes: &'static [&'static str],
        file: &Arc<SourceFile>,
        range: Range<usize>,
        text: String,
    ) -> Mutation {
        let old = file.text_lossy()[range.clone()].to_owned();
        let line = file.line_col(range.start as u32).line;
        Mutation {
            what: format!("{}:{line}: `{old}` -> `{text}`", file.path()),
            expected: vec![Expected::at(codes, file, range.start)],
            needed: Needed::All,
            changes: vec![Change::Replace {
                file: Arc::clone(file),
                range,
                text,
            }],
        }
    }

    /// The files that are not as they were: their new text, none for those that are gone.
    pub(super) fn files(&self) -> BTreeMap<TreePath, Option<String>> {
        let mut files: BTreeMap<TreePath, Option<String>> = BTreeMap::new();
        let mut edits: Vec<(&Arc<SourceFile>, &Range<usize>, &String)> = Vec::new();
        for change in &self.changes {
            match change {
                Change::Remove(path) => {
                    files.insert(path.clone(), None);
                }
                Change::Add(path, text) => {
                    files.insert(path.clone(), Some(text.clone()));
                }
                Change::Replace { file, range, text } => edits.push((file, range, text)),
            }
        }
        // From the last to the first, so that ranges stay true.
        edits.sort_by_key(|(_, range, _)| std::cmp::Reverse(range.start));
        for (file, range, text) in edits {
            let old = files
                .entry(file.path().clone())
                .or_insert_with(|| Some(file.text_lossy().into_owned()));
            if let Some(old) = old {
                old.replace_range(range.clone(), text);
            }
        }
        files
    }
}

impl Expected {
    /// At the line of an offset of a file.
    pub(super) fn at(codes: &'static [&'static str], file: &SourceFile, offset: usize) -> Expected {
        Expected {
            codes,
            path: file.path().clone(),
            line: Some(file.line_col(offset as u32).line),
        }
    }
}
