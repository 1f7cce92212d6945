use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tidegate_source::{Entry, EntryKind, System, SystemError, TreePath};

/// A tree that says of a file or folder what it said first, whatever becomes of it on the disk: what is packed
/// is then what was checked. Below it each path is looked at once, so that kinds and modes stay too.
pub(crate) struct Frozen {
    below: Arc<dyn System>,
    files: Answers<Vec<u8>>,
    folders: Answers<Vec<Entry>>,
}

type Answers<T> = Mutex<BTreeMap<TreePath, Result<T, SystemError>>>;

impl Frozen {
    pub(crate) fn new(below: Arc<dyn System>) -> Frozen {
        Frozen {
            below,
            files: Mutex::default(),
            folders: Mutex::default(),
        }
    }
}

/// The first answer. Of two threads that ask at once, both get that of the one that was faster.
fn first<T: Clone>(
    answers: &Answers<T>,
    path: &TreePath,
    ask: impl FnOnce() -> Result<T, SystemError>,
) -> Result<T, SystemError> {
    let lock = || answers.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = lock().get(path) {
        return known.clone();
    }
    let answer = ask();
    lock().entry(path.clone()).or_insert(answer).clone()
}

impl System for Frozen {
    fn read(&self, path: &TreePath) -> Result<Vec<u8>, SystemError> {
        first(&self.files, path, || self.below.read(path))
    }

    fn kind(&self, path: &TreePath) -> Result<EntryKind, SystemError> {
        self.below.kind(path)
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Entry>, SystemError> {
        first(&self.folders, path, || self.below.list(path))
    }

    fn canonical(&self, path: &TreePath) -> Result<TreePath, SystemError> {
        self.below.canonical(path)
    }

    fn mode(&self, path: &TreePath) -> Result<u32, SystemError> {
        self.below.mode(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidegate_system::{DiskSystem, Links};

    #[test]
    fn what_was_looked_at_stays_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("a"), "1").unwrap();
        let disk = DiskSystem::new(folder.path(), Links::Absent).unwrap();
        let frozen = Frozen::new(Arc::new(disk));
        let path = |name: &str| TreePath::new(name).unwrap();
        let names = || frozen.list(&TreePath::root()).unwrap().len();
        assert_eq!(frozen.read(&path("a")).unwrap(), b"1");
        assert_eq!(names(), 1);
        std::fs::write(at("a"), "2").unwrap();
        std::fs::write(at("b"), "2").unwrap();
        assert_eq!(frozen.read(&path("a")).unwrap(), b"1");
        assert_eq!(names(), 1);
        assert_eq!(frozen.read(&path("b")).unwrap(), b"2");
    }
}
