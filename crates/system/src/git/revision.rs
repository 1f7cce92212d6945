use std::collections::{HashMap, VecDeque};

use rustc_hash::FxBuildHasher;
use tidegate_source::{Entry, EntryKind, System, SystemError, TreePath};

use super::objects::Objects;
use super::{Git, GitError};
use crate::Links;

/// The most links that one path may lead through, as on Linux.
const MAX_LINKS: usize = 40;

/// The longest target of a link, in bytes, as on Linux.
const MAX_TARGET: usize = 4096;

/// The files of a commit, read without a checkout.
///
/// They are as they are stored: no line ends are converted, and of large files that are kept
/// elsewhere (LFS) there is the pointer. Submodules are absent, as in a clone without them.
#[derive(Debug)]
pub struct GitRevision {
    pub(super) objects: Objects,
    links: Links,
    nodes: HashMap<TreePath, Node, FxBuildHasher>,
}

#[derive(Debug)]
enum Node {
    /// The names in it.
    Folder(Vec<String>),
    /// Its hash, and whether it is executable.
    File(String, Mode),
    /// The hash of its target.
    Link(String),
}

/// What a mode of git stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Folder,
    File,
    Executable,
    Link,
    Submodule,
}

impl Mode {
    pub(super) fn parse(octal: &str) -> Option<Mode> {
        match octal {
            "040000" => Some(Mode::Folder),
            "120000" => Some(Mode::Link),
            "160000" => Some(Mode::Submodule),
            "100755" => Some(Mode::Executable),
            mode if mode.starts_with("100") => Some(Mode::File),
            _ => None,
        }
    }

    pub(super) fn is_file(self) -> bool {
        matches!(self, Mode::File | Mode::Executable)
    }

    /// The permission bits of a checkout.
    pub(super) fn permissions(self) -> u32 {
        match self {
            Mode::Folder | Mode::Executable => 0o755,
            Mode::File | Mode::Link | Mode::Submodule => 0o644,
        }
    }
}

impl GitRevision {
    /// The files of a commit, which [`Git::commit`] finds.
    pub fn new(git: &Git, commit: &str, links: Links) -> Result<GitRevision, GitError> {
        let listing = git.answer(["ls-tree", "-r", "-t", "-z", "--full-tree", commit])?;
        let mut revision = GitRevision {
            objects: Objects::new(git.clone()),
            links,
            nodes: HashMap::default(),
        };
        revision
            .nodes
            .insert(TreePath::root(), Node::Folder(Vec::new()));
        // A folder is listed before what is in it.
        for entry in listing
            .split(|byte| *byte == 0)
            .filter(|entry| !entry.is_empty())
        {
            revision.add(&String::from_utf8_lossy(entry))?;
        }
        Ok(revision)
    }

    /// Adds `MODE TYPE HASH<tab>PATH`.
    fn add(&mut self, entry: &str) -> Result<(), GitError> {
        const UNREADABLE: GitError = GitError::Unreadable("a list of files");
        let (facts, path) = entry.split_once('\t').ok_or(UNREADABLE)?;
        let mut facts = facts.split(' ');
        let mode = facts.next().and_then(Mode::parse).ok_or(UNREADABLE)?;
        let id = facts.nth(1).ok_or(UNREADABLE)?.to_owned();
        let node = match mode {
            Mode::Folder => Node::Folder(Vec::new()),
            Mode::File | Mode::Executable => Node::File(id, mode),
            Mode::Link => Node::Link(id),
            Mode::Submodule => return Ok(()),
        };
        let path = tree_path(path)?;
        let parent = path.parent().and_then(|parent| self.nodes.get_mut(&parent));
        let (Some(Node::Folder(names)), Some(name)) = (parent, path.file_name()) else {
            return Err(UNREADABLE);
        };
        names.push(name.to_owned());
        self.nodes.insert(path, node);
        Ok(())
    }

    /// The node of a path, and where it is, links followed.
    fn find(&self, path: &TreePath) -> Result<(TreePath, &Node), SystemError> {
        match self.nodes.get(path) {
            Some(Node::Link(_)) | None => self.follow(path),
            Some(node) => Ok((path.clone(), node)),
        }
    }

    fn follow(&self, path: &TreePath) -> Result<(TreePath, &Node), SystemError> {
        let mut left: VecDeque<String> = path.parts().map(str::to_owned).collect();
        let mut links = 0;
        let mut real = TreePath::root();
        while let Some(part) = left.pop_front() {
            if part == ".." {
                real = real.parent().ok_or(SystemError::Escapes)?;
                continue;
            }
            let next = real.join(&part).map_err(|_| SystemError::Escapes)?;
            match self.nodes.get(&next) {
                Some(Node::Folder(_)) => real = next,
                Some(Node::File(..)) if left.is_empty() => real = next,
                Some(Node::File(..)) => return Err(SystemError::NotFolder),
                Some(Node::Link(id)) => {
                    links += 1;
                    for part in self.target(id, links)?.rsplit('/') {
                        if !matches!(part, "" | ".") {
                            left.push_front(part.to_owned());
                        }
                    }
                }
                None => return Err(SystemError::NotFound),
            }
        }
        match self.nodes.get(&real) {
            Some(node) => Ok((real, node)),
            None => Err(SystemError::NotFound),
        }
    }

    fn target(&self, id: &str, links: usize) -> Result<String, SystemError> {
        if self.links == Links::Absent {
            return Err(SystemError::Link);
        }
        if links > MAX_LINKS {
            return Err(SystemError::Other("links lead in a circle".to_owned()));
        }
        let target = self.objects.read(id)?;
        let target = String::from_utf8(target).map_err(|_| SystemError::NotFound)?;
        match target {
            target if target.starts_with('/') => Err(SystemError::Escapes),
            target if target.len() > MAX_TARGET => Err(SystemError::NotFound),
            target => Ok(target),
        }
    }
}

impl System for GitRevision {
    fn read(&self, path: &TreePath) -> Result<Vec<u8>, SystemError> {
        match self.find(path)? {
            (_, Node::File(id, _)) => self.objects.read(id),
            (_, Node::Folder(_) | Node::Link(_)) => Err(SystemError::IsFolder),
        }
    }

    fn kind(&self, path: &TreePath) -> Result<EntryKind, SystemError> {
        Ok(self.find(path)?.1.kind())
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Entry>, SystemError> {
        let (real, Node::Folder(names)) = self.find(path)? else {
            return Err(SystemError::NotFolder);
        };
        let mut entries = Vec::with_capacity(names.len());
        for name in names {
            let Ok(path) = real.join(name) else { continue };
            let (kind, is_link) = match self.nodes.get(&path) {
                Some(Node::Link(_)) if self.links == Links::Absent => continue,
                Some(Node::Link(_)) => (self.kind(&path).ok(), true),
                Some(node) => (Some(node.kind()), false),
                None => continue,
            };
            entries.push(Entry {
                name: name.clone(),
                kind,
                is_link,
            });
        }
        // git puts `a` behind `a-b` where it is a folder.
        entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    fn canonical(&self, path: &TreePath) -> Result<TreePath, SystemError> {
        Ok(self.find(path)?.0)
    }

    fn mode(&self, path: &TreePath) -> Result<u32, SystemError> {
        match self.find(path)?.1 {
            Node::File(_, mode) => Ok(mode.permissions()),
            node => Ok(node.kind().usual_mode()),
        }
    }
}

impl Node {
    fn kind(&self) -> EntryKind {
        match self {
            Node::Folder(_) => EntryKind::Folder,
            Node::File(..) => EntryKind::File,
            Node::Link(_) => EntryKind::Other,
        }
    }
}

/// A path of a listing, which must not be one that leads elsewhere when it is read as one.
pub(super) fn tree_path(text: &str) -> Result<TreePath, GitError> {
    let is_plain = text.split('/').all(|part| !matches!(part, "" | "." | ".."));
    let path = TreePath::new(text).ok().filter(|_| is_plain);
    path.ok_or_else(|| GitError::ImpossibleName(text.to_owned()))
}
