use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::{IgnoreRule, TreePath};

/// What a path names, links followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// Something that is neither, such as a socket.
    Other,
}

impl EntryKind {
    /// The permission bits that one has where nothing else is known.
    pub fn usual_mode(self) -> u32 {
        match self {
            EntryKind::Folder => 0o755,
            EntryKind::File | EntryKind::Other => 0o644,
        }
    }
}

/// One name in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name, without its folder.
    pub name: String,
    /// What it is, links followed; none where a link leads nowhere.
    pub kind: Option<EntryKind>,
    /// Whether the name itself is a symbolic link.
    pub is_link: bool,
}

/// Why a [`System`] could not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SystemError {
    /// There is nothing at that path.
    NotFound,
    /// The path names a folder where a file was asked for.
    IsFolder,
    /// The path names a file where a folder was asked for.
    NotFolder,
    /// The path leads, perhaps through a link, out of the root.
    Escapes,
    /// The path names, or leads through, a symbolic link, in a system that has none.
    Link,
    /// There is something, and this rule leaves it out of the artifact.
    Ignored(Arc<IgnoreRule>),
    /// The path names something that is neither a file nor a folder, such as a named pipe.
    NotRegular,
    /// The file is larger than the stated limit, in bytes.
    TooLarge(u64),
    /// Anything else, in the words of the operating system.
    Other(String),
}

impl fmt::Display for SystemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SystemError::NotFound => f.write_str("no such file or folder"),
            SystemError::IsFolder => f.write_str("it is a folder"),
            SystemError::NotFolder => f.write_str("it is not a folder"),
            SystemError::Escapes => f.write_str("it leads out of the tree"),
            SystemError::Link => {
                f.write_str("it is a symbolic link, which Flux leaves out of its artifacts")
            }
            SystemError::Ignored(rule) => {
                write!(f, "Flux leaves it out of its artifacts: {rule}")
            }
            SystemError::NotRegular => f.write_str("it is neither a file nor a folder"),
            SystemError::TooLarge(limit) => {
                write!(f, "it is larger than the limit of {limit} bytes")
            }
            SystemError::Other(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for SystemError {}

/// Where files come from: a disk, a git revision, an artifact, or memory in tests.
///
/// All paths are relative to the root of the system. Implementations answer the same way for the
/// whole run, and from any thread.
pub trait System: Send + Sync {
    /// The bytes of a file, links followed.
    fn read(&self, path: &TreePath) -> Result<Vec<u8>, SystemError>;

    /// What is at `path`, links followed.
    fn kind(&self, path: &TreePath) -> Result<EntryKind, SystemError>;

    /// The names in a folder, sorted by name.
    fn list(&self, path: &TreePath) -> Result<Vec<Entry>, SystemError>;

    /// The path with all links resolved. It must exist.
    fn canonical(&self, path: &TreePath) -> Result<TreePath, SystemError>;

    /// The permission bits of a file or folder, links followed, with the set-id and sticky bits:
    /// twelve bits, as `chmod` takes them. Where the system keeps less, the rest is as usual.
    fn mode(&self, path: &TreePath) -> Result<u32, SystemError>;
}

/// A [`System`] of files held in memory.
#[derive(Clone, Debug, Default)]
pub struct MemorySystem {
    files: BTreeMap<TreePath, Arc<[u8]>>,
}

impl MemorySystem {
    /// A system without files.
    pub fn new() -> MemorySystem {
        MemorySystem::default()
    }

    /// Adds or replaces a file; its folders come into being with it.
    ///
    /// # Panics
    /// When `path` leads above the root: a mistake in the test that writes it.
    pub fn with(mut self, path: &str, bytes: impl AsRef<[u8]>) -> MemorySystem {
        let path = TreePath::new(path).expect("a path inside the root");
        self.files.insert(path, Arc::from(bytes.as_ref()));
        self
    }

    fn is_folder(&self, path: &TreePath) -> bool {
        path.is_root()
            || self
                .files
                .keys()
                .any(|file| file != path && file.is_within(path))
    }
}

impl System for MemorySystem {
    fn read(&self, path: &TreePath) -> Result<Vec<u8>, SystemError> {
        match self.files.get(path) {
            Some(bytes) => Ok(bytes.to_vec()),
            None if self.is_folder(path) => Err(SystemError::IsFolder),
            None => Err(SystemError::NotFound),
        }
    }

    fn kind(&self, path: &TreePath) -> Result<EntryKind, SystemError> {
        if self.files.contains_key(path) {
            Ok(EntryKind::File)
        } else if self.is_folder(path) {
            Ok(EntryKind::Folder)
        } else {
            Err(SystemError::NotFound)
        }
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Entry>, SystemError> {
        match self.kind(path)? {
            EntryKind::Folder => {}
            _ => return Err(SystemError::NotFolder),
        }
        let depth = path.parts().count();
        let mut names: BTreeMap<&str, EntryKind> = BTreeMap::new();
        for file in self.files.keys().filter(|file| file.is_within(path)) {
            let mut rest = file.parts().skip(depth);
            if let Some(name) = rest.next() {
                let kind = match rest.next() {
                    Some(_) => EntryKind::Folder,
                    None => EntryKind::File,
                };
                names.insert(name, kind);
            }
        }
        Ok(names
            .into_iter()
            .map(|(name, kind)| Entry {
                name: name.to_owned(),
                kind: Some(kind),
                is_link: false,
            })
            .collect())
    }

    fn canonical(&self, path: &TreePath) -> Result<TreePath, SystemError> {
        self.kind(path).map(|_| path.clone())
    }

    fn mode(&self, path: &TreePath) -> Result<u32, SystemError> {
        self.kind(path).map(EntryKind::usual_mode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_has_folders_where_files_are() {
        let system = MemorySystem::new().with("a/b/c.yaml", "x").with("a/d", "y");
        let path = |text| TreePath::new(text).unwrap();
        assert_eq!(system.kind(&path("a/b")), Ok(EntryKind::Folder));
        assert_eq!(system.read(&path("a/b")), Err(SystemError::IsFolder));
        assert_eq!(system.read(&path("nope")), Err(SystemError::NotFound));
        let names: Vec<_> = system.list(&path("a")).unwrap();
        assert_eq!(names.len(), 2);
        assert_eq!((names[0].name.as_str(), names[1].name.as_str()), ("b", "d"));
    }
}
