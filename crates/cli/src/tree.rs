//! The tree that a command is about: a folder of the disk, a revision of a git repository, or an artifact.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tidegate_core::TreePacking;
use tidegate_registry::Digest;
use tidegate_source::{IgnoreRules, Packed, Packing, Sources, System, TreePath};
use tidegate_system::{
    ArtifactSystem, Before, Changes, DiskSystem, Git, GitError, GitRevision, GitVariables, Links,
    git_top,
};

use crate::commands::Failure;
use crate::fix::Edited;
use crate::packing::{Frozen, Part};
use crate::place::WorkingFolder;

/// Digits of a digest that are enough to tell artifacts apart.
const SHOWN_OF_A_DIGEST: usize = 12;

/// A tree, and where it is or would be on the disk.
#[derive(Clone)]
pub(crate) struct Tree {
    root: PathBuf,
    /// All files. Links are absent, as in the artifacts of Flux.
    system: Arc<dyn System>,
    /// The repository whose top is the root.
    git: Option<Git>,
    revision: Option<Arc<Revision>>,
    /// The folder that is packed, at its place in the tree; none where the tree is only looked at.
    part: Option<TreePath>,
    /// What it is called, if it is an artifact.
    artifact: Option<String>,
}

struct Revision {
    /// As it was typed.
    name: String,
    commit: String,
    /// Whether the repository has no work tree, so that typed paths are those of the tree.
    is_bare: bool,
}

impl Tree {
    /// The tree that holds a folder: the git work tree, or else the current directory if it holds
    /// the folder, or else the folder. With a revision, what that has in place of the work tree.
    pub(crate) fn open(
        typed: &Path,
        revision: Option<&str>,
        working: &WorkingFolder,
    ) -> Result<Tree, Failure> {
        let Some(revision) = revision else {
            let start = existing_folder(typed)?;
            let git = git_top(&start);
            let root = git
                .clone()
                .unwrap_or_else(|| root_without_git(&start, working));
            let mut tree = Tree::of_disk(&root)?;
            tree.git = git.map(|top| repository(&top, working));
            return Ok(tree);
        };
        let place = real_place(&working.absolute(typed));
        let top = git_top(&place);
        let root = top.clone().unwrap_or(place);
        let git = repository(&root, working);
        if top.is_none() && !git.is_bare() {
            let message = format!("{} is not in a git repository", typed.display());
            return Err(Failure::new(message).with_help("--rev reads a revision of one"));
        }
        let commit = git.commit(revision).map_err(failure)?;
        let system = GitRevision::new(&git, &commit, Links::Absent).map_err(failure)?;
        Ok(Tree {
            root,
            system: Arc::new(system),
            git: Some(git),
            revision: Some(Arc::new(Revision {
                name: revision.to_owned(),
                commit,
                is_bare: top.is_none(),
            })),
            part: None,
            artifact: None,
        })
    }

    fn of_disk(root: &Path) -> Result<Tree, Failure> {
        let system = DiskSystem::new(root, Links::Absent)
            .map_err(|error| Failure::new(format!("{}: {error}", root.display())))?;
        Ok(Tree {
            root: system.root().to_owned(),
            system: Arc::new(system),
            git: None,
            revision: None,
            part: None,
            artifact: None,
        })
    }

    /// The files of an artifact. Its digest is shown in front of their paths, shortened.
    pub(crate) fn of_artifact(name: &str, digest: &Digest, system: ArtifactSystem) -> Tree {
        let digest = digest.to_string();
        let (algorithm, hex) = digest.split_once(':').unwrap_or(("", &digest));
        let short = hex.get(..SHOWN_OF_A_DIGEST).unwrap_or(hex);
        let name = format!("{name}@{algorithm}:{short}");
        Tree {
            root: PathBuf::from(&name),
            system: Arc::new(system),
            git: None,
            revision: None,
            part: None,
            artifact: Some(name),
        }
    }

    /// The tree with its root at the nearest folder above below which one of the paths exists; none
    /// in a git repository or an artifact, which nothing leads out of.
    pub(crate) fn above(&self, lost_paths: &[String]) -> Result<Option<Tree>, Failure> {
        let exists = |folder: &Path, path: &String| {
            let inside = path.trim_start_matches(['.', '/']);
            !inside.is_empty() && folder.join(inside).is_dir()
        };
        if self.git.is_some() || self.is_artifact() {
            return Ok(None);
        }
        let mut above = self.root.ancestors().skip(1);
        let found = above.find(|folder| lost_paths.iter().any(|path| exists(folder, path)));
        found.map(Tree::of_disk).transpose()
    }

    /// The folder of the disk that the root is.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Whether typed paths are those of the tree, as there is no work tree.
    pub(crate) fn is_bare(&self) -> bool {
        let mut revision = self.revision.iter();
        self.is_artifact() || revision.any(|revision| revision.is_bare)
    }

    /// Whether it is an artifact: its root is what all paths are relative to.
    pub(crate) fn is_artifact(&self) -> bool {
        self.artifact.is_some()
    }

    /// The tree with other content in some of its files.
    pub(crate) fn edited(&self, files: BTreeMap<TreePath, Vec<u8>>) -> Tree {
        let system = Edited::new(Arc::clone(&self.system), files);
        Tree {
            system: Arc::new(system),
            ..self.clone()
        }
    }

    /// All files.
    pub(crate) fn system(&self) -> &dyn System {
        &*self.system
    }

    /// A file table over the files that Flux packs.
    pub(crate) fn sources(&self, packing: &TreePacking) -> Arc<Sources> {
        let files: Arc<dyn System> = match &self.part {
            Some(_) => Arc::new(self.artifact(&packing.root)),
            None => Arc::clone(&self.system),
        };
        Arc::new(Sources::new(Arc::new(packing.pack(files))))
    }

    /// The tree of which a folder is packed, as an artifact from `root`. Its files stay what they are
    /// when they are first looked at.
    pub(crate) fn to_pack(&self, part: TreePath) -> Tree {
        Tree {
            system: Arc::new(Frozen::new(Arc::clone(&self.system))),
            part: Some(part),
            ..self.clone()
        }
    }

    /// What `flux push artifact` would pack from `root`, of the part that is packed.
    pub(crate) fn artifact(&self, root: &TreePath) -> Packed {
        let files: Arc<dyn System> = match &self.part {
            Some(part) => Arc::new(Part::new(Arc::clone(&self.system), part.clone())),
            None => Arc::clone(&self.system),
        };
        let packing = Packing::flux_cli(IgnoreRules::of_flux_cli());
        Packed::new(files, root.clone(), packing)
    }

    /// The same files with links followed, as long as they stay in the tree.
    pub(crate) fn with_links(&self) -> Result<Box<dyn System>, Failure> {
        let git = self.git.as_ref().zip(self.revision.as_ref());
        Ok(match git {
            Some((git, revision)) => {
                Box::new(GitRevision::new(git, &revision.commit, Links::Followed).map_err(failure)?)
            }
            None => Box::new(
                DiskSystem::new(&self.root, Links::Followed)
                    .map_err(|error| Failure::new(format!("{}: {error}", self.root.display())))?,
            ),
        })
    }

    /// The git repository, and the commit that the tree is; none for a work tree.
    pub(crate) fn repository(&self) -> Option<(&Git, Option<&str>)> {
        let revision = self.revision.as_ref();
        let commit = revision.map(|revision| revision.commit.as_str());
        Some((self.git.as_ref()?, commit))
    }

    /// The tree with other files in it.
    pub(crate) fn with_system(&self, system: Arc<dyn System>) -> Tree {
        Tree {
            system,
            ..self.clone()
        }
    }

    /// The folder that is packed.
    pub(crate) fn part(&self) -> TreePath {
        self.part.clone().unwrap_or_else(TreePath::root)
    }

    /// The path in the tree of a place on the disk.
    pub(crate) fn tree_path(&self, place: &Path) -> Option<TreePath> {
        let inside = place.strip_prefix(&self.root).ok()?;
        let parts: Option<Vec<&str>> = inside.iter().map(|part| part.to_str()).collect();
        TreePath::new(&parts?.join("/")).ok()
    }

    /// A folder that the user named.
    pub(crate) fn folder(
        &self,
        typed: &Path,
        working: &WorkingFolder,
    ) -> Result<TreePath, Failure> {
        if let Some(artifact) = &self.artifact {
            let path = typed.to_str().and_then(|path| TreePath::new(path).ok());
            let path = path.filter(|path| self.system.list(path).is_ok());
            return path.ok_or_else(|| {
                Failure::new(format!("{}: no such folder in {artifact}", typed.display()))
            });
        }
        let Some(revision) = &self.revision else {
            return self.tree_path(&existing_folder(typed)?).ok_or_else(|| {
                let root = self.root.display();
                Failure::new(format!("{} is not below {root}", typed.display())).with_help(
                    "what is checked together must lie in one git repository, or below PATH",
                )
            });
        };
        let place = real_place(&working.absolute(typed));
        let path = match self.tree_path(&place) {
            Some(path) => Some(path),
            None if revision.is_bare => typed.to_str().and_then(|path| TreePath::new(path).ok()),
            None => None,
        };
        let is_folder = |path: &TreePath| self.system.list(path).is_ok();
        path.filter(is_folder).ok_or_else(|| {
            let (typed, name) = (typed.display(), &revision.name);
            Failure::new(format!("{typed}: no such folder in revision {name}"))
        })
    }

    /// What changed since a revision.
    pub(crate) fn changes(&self, revision: &str) -> Result<Changes, Failure> {
        if let Some(artifact) = &self.artifact {
            let failure = Failure::new(format!(
                "{artifact} is an artifact, of which no revision is known"
            ));
            return Err(failure.with_help("`tidegate diff` compares two artifacts"));
        }
        let Some(git) = &self.git else {
            let message = format!("{} is not in a git repository", self.root.display());
            return Err(Failure::new(message).with_help("--changed-since compares with a revision"));
        };
        let changes = match &self.revision {
            None => Changes::of_work_tree(git, revision),
            Some(own) => git
                .commit(revision)
                .and_then(|before| Changes::between(git, &before, &own.commit)),
        };
        changes.map_err(failure)
    }

    /// The tree as it was before changes.
    pub(crate) fn before(&self, changes: &Arc<Changes>) -> Option<Tree> {
        let git = self.git.clone()?;
        let before = Before::new(&git, Arc::clone(&self.system), Arc::clone(changes));
        Some(Tree {
            root: self.root.clone(),
            system: Arc::new(before),
            git: Some(git),
            revision: self.revision.clone(),
            part: self.part.clone(),
            artifact: None,
        })
    }
}

/// The repository at a place. What git has set for a hook counts where this runs in it.
fn repository(top: &Path, working: &WorkingFolder) -> Git {
    let is_own =
        git_top(working.path()).map_or_else(|| working.path().starts_with(top), |own| own == top);
    let variables = match is_own {
        true => GitVariables::Kept,
        false => GitVariables::Removed,
    };
    Git::new(top, variables)
}

pub(crate) fn failure(error: GitError) -> Failure {
    let failure = Failure::new(error.to_string());
    match error.help() {
        Some(help) => failure.with_help(help),
        None => failure,
    }
}

/// A folder that the user named, without links.
fn existing_folder(typed: &Path) -> Result<PathBuf, Failure> {
    let shown = typed.display();
    let folder = fs::canonicalize(typed).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Failure::new(format!("{shown}: no such folder")),
        _ => Failure::new(format!("{shown}: {error}")),
    })?;
    match folder.is_dir() {
        true => Ok(folder),
        false => Err(Failure::new(format!("{shown} is not a folder"))),
    }
}

/// A place without links, of which only the upper part may exist.
fn real_place(place: &Path) -> PathBuf {
    let mut above = place.ancestors();
    let found = above.find_map(|folder| Some((folder, fs::canonicalize(folder).ok()?)));
    match found {
        Some((folder, real)) => match place.strip_prefix(folder) {
            Ok(rest) if rest != Path::new("") => real.join(rest),
            _ => real,
        },
        None => place.to_owned(),
    }
}

/// The folder that nothing which is checked can lead out of, where there is no git work tree: the
/// current directory if it holds what is checked.
fn root_without_git(start: &Path, working: &WorkingFolder) -> PathBuf {
    match start.starts_with(working.path()) {
        true => working.path().to_owned(),
        false => start.to_owned(),
    }
}
