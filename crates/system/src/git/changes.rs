use std::collections::{BTreeMap, HashSet};

use rustc_hash::FxBuildHasher;
use tidegate_source::TreePath;

use super::revision::{Mode, tree_path};
use super::{Git, GitError};

/// The files that differ between a revision and what is there now, and what they were.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// What was at the path; none where it did not exist. Submodules are left out.
    pub(super) files: BTreeMap<TreePath, Option<Former>>,
    /// The folders that these are in, near and far.
    folders: HashSet<TreePath, FxBuildHasher>,
}

/// A file or link of the revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Former {
    pub(super) mode: Mode,
    pub(super) id: String,
}

impl Changes {
    /// What changed between `revision` and the work tree: what is committed since, what is staged,
    /// what is not, and files that git does not know and is not told to ignore.
    pub fn of_work_tree(git: &Git, revision: &str) -> Result<Changes, GitError> {
        let mut changes = Changes::default();
        let commit = match revision {
            "HEAD" => None,
            revision => Some(git.commit(revision)?),
        };
        let status = git.answer([
            "status",
            "--porcelain=v2",
            "-z",
            "--branch",
            "--untracked-files=all",
            "--no-renames",
            "--ignore-submodules=all",
        ])?;
        let head = changes.add_status(&String::from_utf8_lossy(&status))?;
        if let (Some(commit), Some(head)) = (commit, head) {
            changes.add_between(git, &commit, &head)?;
        }
        Ok(changes)
    }

    /// What changed between two commits.
    pub fn between(git: &Git, before: &str, after: &str) -> Result<Changes, GitError> {
        let mut changes = Changes::default();
        changes.add_between(git, before, after)?;
        Ok(changes)
    }

    /// The files that changed, in order.
    pub fn paths(&self) -> impl Iterator<Item = &TreePath> {
        self.files.keys()
    }

    /// How many files changed.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Whether a file changed, or anything in a folder.
    pub fn touch(&self, path: &TreePath) -> bool {
        self.files.contains_key(path) || self.folders.contains(path)
    }

    /// Reads what `git status --porcelain=v2` prints, and gives the commit of HEAD.
    fn add_status(&mut self, status: &str) -> Result<Option<String>, GitError> {
        const UNREADABLE: GitError = GitError::Unreadable("a status");
        let mut head = None;
        for entry in status.split('\0').filter(|entry| !entry.is_empty()) {
            let (kind, rest) = entry.split_once(' ').ok_or(UNREADABLE)?;
            // How many words are before the path, and which of them tell of HEAD.
            let (words, mode, id) = match kind {
                "1" => (7, 2, 5),
                "u" => (9, 3, 7),
                "?" => {
                    // A folder is a repository of its own.
                    if !rest.ends_with('/') {
                        self.add(rest, None)?;
                    }
                    continue;
                }
                "#" => {
                    if let Some(commit) = rest.strip_prefix("branch.oid ") {
                        head = (commit != "(initial)").then(|| commit.to_owned());
                    }
                    continue;
                }
                _ => return Err(UNREADABLE),
            };
            let parts: Vec<&str> = rest.splitn(words + 1, ' ').collect();
            let [facts @ .., path] = &parts[..] else {
                return Err(UNREADABLE);
            };
            if facts.len() != words {
                return Err(UNREADABLE);
            }
            self.add(path, former(facts[mode], facts[id])?)?;
        }
        Ok(head)
    }

    fn add_between(&mut self, git: &Git, before: &str, after: &str) -> Result<(), GitError> {
        const UNREADABLE: GitError = GitError::Unreadable("a difference");
        let args = [
            "diff-tree",
            "-r",
            "-z",
            "--raw",
            "--no-renames",
            before,
            after,
        ];
        let difference = git.answer(args)?;
        let difference = String::from_utf8_lossy(&difference);
        let mut parts = difference.split('\0').filter(|part| !part.is_empty());
        while let (Some(facts), Some(path)) = (parts.next(), parts.next()) {
            let facts = facts.strip_prefix(':').ok_or(UNREADABLE)?;
            let facts: Vec<&str> = facts.split(' ').collect();
            let [mode, _, id, ..] = facts[..] else {
                return Err(UNREADABLE);
            };
            self.add(path, former(mode, id)?)?;
        }
        Ok(())
    }

    /// Adds a file, in place of what a later revision says of it.
    fn add(&mut self, path: &str, former: Option<Former>) -> Result<(), GitError> {
        let is_submodule = |former: &Former| former.mode == Mode::Submodule;
        if !former.as_ref().is_some_and(is_submodule) {
            let path = tree_path(path)?;
            let mut folder = path.parent();
            while let Some(path) = folder {
                folder = path.parent();
                if !self.folders.insert(path) {
                    break;
                }
            }
            self.files.insert(path, former);
        }
        Ok(())
    }
}

fn former(mode: &str, id: &str) -> Result<Option<Former>, GitError> {
    if mode == "000000" {
        return Ok(None);
    }
    let mode = Mode::parse(mode).ok_or(GitError::Unreadable("a mode"))?;
    let id = id.to_owned();
    Ok(Some(Former { mode, id }))
}
