use std::collections::HashMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustc_hash::FxBuildHasher;
use tidegate_source::{Entry, EntryKind, Sources, System, SystemError, TreePath};

/// What symbolic links are to a [`DiskSystem`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Links {
    /// Followed, as long as they stay inside the root: what `kustomize` sees.
    Followed,
    /// Left out, as source-controller leaves them out of the artifacts it packs: a folder does not
    /// list them, and a path that needs one answers [`SystemError::Link`].
    Absent,
}

/// The files below a folder of the disk.
///
/// Only regular files of at most [`Sources::MAX_FILE_SIZE`] bytes are ever opened: a named pipe or
/// a device cannot hang or exhaust a run.
#[derive(Debug)]
pub struct DiskSystem {
    root: PathBuf,
    links: Links,
    max_file_size: u64,
    /// What was found so far: each path is looked at once, and its parents once for all that is in
    /// them.
    found: RwLock<HashMap<TreePath, Answer, FxBuildHasher>>,
}

type Answer = Result<Arc<Found>, SystemError>;

/// What a path of the tree leads to.
#[derive(Debug)]
struct Found {
    /// Where it is, all links resolved.
    real: PathBuf,
    kind: EntryKind,
    /// In bytes.
    size: u64,
    mode: u32,
}

impl DiskSystem {
    /// The files below `root`, which must be a folder.
    pub fn new(root: &Path, links: Links) -> io::Result<DiskSystem> {
        let root = fs::canonicalize(root)?;
        if !root.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(DiskSystem {
            root,
            links,
            max_file_size: Sources::MAX_FILE_SIZE,
            found: RwLock::default(),
        })
    }

    /// The root, all links resolved.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The path in the tree of a place on the disk, which must be absolute and free of links; none
    /// for what lies outside the root or is not UTF-8.
    pub fn tree_path(&self, place: &Path) -> Option<TreePath> {
        let inside = place.strip_prefix(&self.root).ok()?;
        let parts: Option<Vec<&str>> = inside.iter().map(|part| part.to_str()).collect();
        TreePath::new(&parts?.join("/")).ok()
    }

    fn find(&self, path: &TreePath) -> Answer {
        let known = {
            let found = self.found.read().unwrap_or_else(PoisonError::into_inner);
            found.get(path).cloned()
        };
        known.unwrap_or_else(|| {
            let answer = self.look(path).map(Arc::new);
            let mut found = self.found.write().unwrap_or_else(PoisonError::into_inner);
            found.entry(path.clone()).or_insert(answer).clone()
        })
    }

    fn look(&self, path: &TreePath) -> Result<Found, SystemError> {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            let metadata = fs::metadata(&self.root).map_err(answer)?;
            return Ok(Found::new(self.root.clone(), &metadata));
        };
        let real = self.folder(&parent)?.real.join(name);
        let metadata = fs::symlink_metadata(&real).map_err(answer)?;
        if !metadata.is_symlink() {
            return Ok(Found::new(real, &metadata));
        }
        match self.links {
            Links::Absent => Err(SystemError::Link),
            Links::Followed => self.follow(&real),
        }
    }

    fn follow(&self, link: &Path) -> Result<Found, SystemError> {
        let real = fs::canonicalize(link).map_err(answer)?;
        if !real.starts_with(&self.root) {
            return Err(SystemError::Escapes);
        }
        let metadata = fs::metadata(&real).map_err(answer)?;
        Ok(Found::new(real, &metadata))
    }

    fn folder(&self, path: &TreePath) -> Answer {
        let found = self.find(path)?;
        match found.kind {
            EntryKind::Folder => Ok(found),
            EntryKind::File | EntryKind::Other => Err(SystemError::NotFolder),
        }
    }
}

impl Found {
    fn new(real: PathBuf, metadata: &Metadata) -> Found {
        Found {
            real,
            kind: kind_of(metadata),
            size: metadata.len(),
            mode: mode_of(metadata),
        }
    }
}

impl System for DiskSystem {
    fn read(&self, path: &TreePath) -> Result<Vec<u8>, SystemError> {
        let found = self.find(path)?;
        match found.kind {
            EntryKind::File => {}
            EntryKind::Folder => return Err(SystemError::IsFolder),
            EntryKind::Other => return Err(SystemError::NotRegular),
        }
        if found.size > self.max_file_size {
            return Err(SystemError::TooLarge(self.max_file_size));
        }
        let mut file = File::open(&found.real).map_err(answer)?;
        let mut bytes = Vec::with_capacity(found.size as usize);
        (&mut file)
            .take(found.size)
            .read_to_end(&mut bytes)
            .map_err(answer)?;
        Ok(bytes)
    }

    fn kind(&self, path: &TreePath) -> Result<EntryKind, SystemError> {
        Ok(self.find(path)?.kind)
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Entry>, SystemError> {
        let folder = self.folder(path)?;
        let mut entries = Vec::new();
        for entry in fs::read_dir(&folder.real).map_err(answer)? {
            let entry = entry.map_err(answer)?;
            let kind = entry.file_type().map_err(answer)?;
            let is_link = kind.is_symlink();
            if is_link && self.links == Links::Absent {
                continue;
            }
            let kind = if is_link {
                let target = self.follow(&entry.path());
                target.ok().map(|found| found.kind)
            } else if kind.is_file() {
                Some(EntryKind::File)
            } else if kind.is_dir() {
                Some(EntryKind::Folder)
            } else {
                Some(EntryKind::Other)
            };
            // A name that is not UTF-8 is listed in a form that can be shown but not opened, so
            // that whoever needs it reports it.
            let name = entry.file_name().to_string_lossy().into_owned();
            entries.push(Entry {
                name,
                kind,
                is_link,
            });
        }
        entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    fn canonical(&self, path: &TreePath) -> Result<TreePath, SystemError> {
        let found = self.find(path)?;
        self.tree_path(&found.real).ok_or(SystemError::Escapes)
    }

    fn mode(&self, path: &TreePath) -> Result<u32, SystemError> {
        Ok(self.find(path)?.mode)
    }
}

#[cfg(unix)]
fn mode_of(metadata: &Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o7777
}

#[cfg(not(unix))]
fn mode_of(metadata: &Metadata) -> u32 {
    kind_of(metadata).usual_mode()
}

fn kind_of(metadata: &Metadata) -> EntryKind {
    if metadata.is_file() {
        EntryKind::File
    } else if metadata.is_dir() {
        EntryKind::Folder
    } else {
        EntryKind::Other
    }
}

fn answer(error: io::Error) -> SystemError {
    match error.kind() {
        io::ErrorKind::NotFound => SystemError::NotFound,
        // A name that the disk cannot have is a name that it does not have.
        io::ErrorKind::InvalidFilename | io::ErrorKind::InvalidInput => SystemError::NotFound,
        io::ErrorKind::IsADirectory => SystemError::IsFolder,
        io::ErrorKind::NotADirectory => SystemError::NotFolder,
        io::ErrorKind::PermissionDenied => SystemError::Other("permission denied".to_owned()),
        _ => SystemError::Other(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn tree(files: &[(&str, &str)]) -> TempDir {
        let tree = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = tree.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        tree
    }

    fn path(text: &str) -> TreePath {
        TreePath::new(text).unwrap()
    }

    fn names(system: &DiskSystem, folder: &str) -> Vec<String> {
        let entries = system.list(&path(folder)).unwrap();
        entries.into_iter().map(|entry| entry.name).collect()
    }

    #[test]
    fn files_and_folders_answer_as_what_they_are() {
        let tree = tree(&[("b/c.yaml", "c: 1\n"), ("a.yaml", "a: 1\n")]);
        let system = DiskSystem::new(tree.path(), Links::Followed).unwrap();
        assert_eq!(names(&system, ""), ["a.yaml", "b"]);
        assert_eq!(system.read(&path("b/c.yaml")).unwrap(), b"c: 1\n");
        assert_eq!(system.kind(&path("b")), Ok(EntryKind::Folder));
        assert_eq!(system.kind(&path("b/x")), Err(SystemError::NotFound));
        assert_eq!(system.read(&path("b")), Err(SystemError::IsFolder));
        assert_eq!(system.list(&path("a.yaml")), Err(SystemError::NotFolder));
        assert_eq!(
            system.read(&path("a.yaml/x")),
            Err(SystemError::NotFolder),
            "a file has no files in it"
        );
        assert_eq!(system.read(&path("b/\0")), Err(SystemError::NotFound));
        assert_eq!(
            system.tree_path(&system.root().join("b/c.yaml")),
            Some(path("b/c.yaml"))
        );
        assert_eq!(system.tree_path(Path::new("/")), None);
    }

    #[test]
    fn a_file_above_the_limit_is_not_read() {
        let tree = tree(&[("small", "1234"), ("large", "12345")]);
        let mut system = DiskSystem::new(tree.path(), Links::Followed).unwrap();
        system.max_file_size = 4;
        assert_eq!(system.read(&path("small")).unwrap(), b"1234");
        assert_eq!(system.read(&path("large")), Err(SystemError::TooLarge(4)));
    }

    #[test]
    fn the_root_must_be_a_folder() {
        let tree = tree(&[("file", "")]);
        assert!(DiskSystem::new(&tree.path().join("file"), Links::Followed).is_err());
        assert!(DiskSystem::new(&tree.path().join("absent"), Links::Followed).is_err());
    }

    #[cfg(unix)]
    mod unix {
        use super::*;
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        use std::os::unix::fs::symlink;
        use std::os::unix::net::UnixListener;

        #[test]
        fn links_are_followed_inside_the_root_only() {
            let tree = tree(&[("in/base/x.yaml", "x: 1\n"), ("secret", "s")]);
            let root = tree.path().join("in");
            symlink("base", root.join("link")).unwrap();
            symlink("../secret", root.join("out")).unwrap();
            symlink("..", root.join("up")).unwrap();
            symlink("nowhere", root.join("dangling")).unwrap();
            symlink("loop", root.join("loop")).unwrap();
            let system = DiskSystem::new(&root, Links::Followed).unwrap();
            assert_eq!(system.read(&path("link/x.yaml")).unwrap(), b"x: 1\n");
            assert_eq!(
                system.canonical(&path("link/x.yaml")),
                Ok(path("base/x.yaml"))
            );
            assert_eq!(system.read(&path("out")), Err(SystemError::Escapes));
            assert_eq!(system.read(&path("up/secret")), Err(SystemError::Escapes));
            assert_eq!(system.kind(&path("dangling")), Err(SystemError::NotFound));
            assert!(matches!(
                system.kind(&path("loop")),
                Err(SystemError::Other(_))
            ));
            let kinds: Vec<_> = system.list(&TreePath::root()).unwrap();
            let kinds: Vec<_> = kinds.iter().map(|e| (e.name.as_str(), e.kind)).collect();
            assert_eq!(
                kinds,
                [
                    ("base", Some(EntryKind::Folder)),
                    ("dangling", None),
                    ("link", Some(EntryKind::Folder)),
                    ("loop", None),
                    ("out", None),
                    ("up", None),
                ]
            );
        }

        #[test]
        fn links_are_absent_as_in_an_artifact() {
            let tree = tree(&[("base/x.yaml", "x: 1\n")]);
            symlink("base", tree.path().join("link")).unwrap();
            symlink("x.yaml", tree.path().join("base/y.yaml")).unwrap();
            let system = DiskSystem::new(tree.path(), Links::Absent).unwrap();
            assert_eq!(names(&system, ""), ["base"]);
            assert_eq!(names(&system, "base"), ["x.yaml"]);
            assert_eq!(system.read(&path("link/x.yaml")), Err(SystemError::Link));
            assert_eq!(system.read(&path("base/y.yaml")), Err(SystemError::Link));
            assert_eq!(system.kind(&path("link")), Err(SystemError::Link));
        }

        #[test]
        fn what_is_no_regular_file_is_never_opened() {
            let tree = tree(&[]);
            let _socket = UnixListener::bind(tree.path().join("socket")).unwrap();
            #[allow(clippy::disallowed_methods, reason = "std cannot make a named pipe")]
            let made = std::process::Command::new("mkfifo")
                .arg(tree.path().join("pipe.yaml"))
                .status();
            let system = DiskSystem::new(tree.path(), Links::Followed).unwrap();
            assert_eq!(system.kind(&path("socket")), Ok(EntryKind::Other));
            assert_eq!(system.read(&path("socket")), Err(SystemError::NotRegular));
            if made.is_ok_and(|status| status.success()) {
                assert_eq!(
                    system.read(&path("pipe.yaml")),
                    Err(SystemError::NotRegular)
                );
            }
        }

        #[test]
        fn a_name_that_is_not_utf8_is_listed() {
            let tree = tree(&[]);
            let name = OsStr::from_bytes(b"caf\xe9.yaml");
            // Some disks refuse such names.
            if fs::write(tree.path().join(name), "").is_err() {
                return;
            }
            let system = DiskSystem::new(tree.path(), Links::Followed).unwrap();
            assert_eq!(names(&system, ""), ["caf\u{fffd}.yaml"]);
            assert_eq!(
                system.read(&path("caf\u{fffd}.yaml")),
                Err(SystemError::NotFound)
            );
        }
    }
}
