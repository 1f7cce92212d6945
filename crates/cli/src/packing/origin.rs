use std::collections::BTreeSet;

use tidegate_source::{EntryKind, System, TreePath};
use tidegate_system::{Changes, Commit, GitError, GitRevision, Links};

use crate::commands::Failure;
use crate::tree::{Tree, failure};

/// What a tree is made of, by git.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    /// The commit; none outside of a git repository, and in one without a commit.
    pub(crate) commit: Option<Commit>,
    /// Where the repository is from, as an address without credentials.
    pub(crate) source: Option<String>,
    /// What of the part that is packed may be other than in the commit.
    unlike: BTreeSet<TreePath>,
    /// The files of the commit; none where the tree is a revision, or there is no commit.
    files: Option<GitFiles>,
}

#[derive(Clone, Debug)]
struct GitFiles(std::sync::Arc<GitRevision>);

impl Origin {
    /// Asks git.
    pub(crate) fn of(tree: &Tree) -> Result<Origin, Failure> {
        let Some((git, revision)) = tree.repository() else {
            return Ok(Origin::default());
        };
        let commit = match git.describe(revision.unwrap_or("HEAD")) {
            Ok(commit) => commit,
            Err(GitError::UnknownRevision { .. }) if revision.is_none() => {
                return Ok(Origin::default());
            }
            Err(error) => return Err(failure(error)),
        };
        let mut origin = Origin {
            source: git.origin(),
            ..Origin::default()
        };
        if revision.is_none() {
            let changes = Changes::of_work_tree(git, "HEAD").map_err(failure)?;
            let part = tree.part();
            let inside = changes.paths().filter(|path| path.is_within(&part));
            origin.unlike = inside.cloned().collect();
            let files = GitRevision::new(git, &commit.id, Links::Absent).map_err(failure)?;
            origin.files = Some(GitFiles(std::sync::Arc::new(files)));
        }
        origin.commit = Some(commit);
        Ok(origin)
    }

    /// The files that are packed, or would be, and are not those of the commit: changed, new, removed, or kept from
    /// git by its ignore rules. `packed` are the files that are packed from `root`.
    pub(crate) fn unlike(
        &self,
        tree: &Tree,
        root: &TreePath,
        packed: &BTreeSet<TreePath>,
    ) -> Vec<TreePath> {
        let Some(GitFiles(files)) = &self.files else {
            return Vec::new();
        };
        let is_file = |path: &TreePath| files.kind(path) == Ok(EntryKind::File);
        let was_packed = {
            let before = tree.with_system(std::sync::Arc::<GitRevision>::clone(files));
            let before = before.artifact(root);
            move |path: &TreePath| path.is_within(root) && before.kind(path).is_ok()
        };
        let changed = self.unlike.iter();
        let changed = changed.filter(|path| packed.contains(*path) || was_packed(path));
        let unknown = packed.iter().filter(|path| !is_file(path));
        let all: BTreeSet<&TreePath> = changed.chain(unknown).collect();
        all.into_iter().cloned().collect()
    }
}
