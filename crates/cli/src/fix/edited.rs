use std::collections::BTreeMap;
use std::sync::Arc;

use tidegate_source::{Entry, EntryKind, System, SystemError, TreePath};

/// A tree in which some files have other content.
pub(crate) struct Edited {
    below: Arc<dyn System>,
    files: BTreeMap<TreePath, Vec<u8>>,
}

impl Edited {
    /// The files are there below.
    pub(crate) fn new(below: Arc<dyn System>, files: BTreeMap<TreePath, Vec<u8>>) -> Edited {
        Edited { below, files }
    }
}

impl System for Edited {
    fn read(&self, path: &TreePath) -> Result<Vec<u8>, SystemError> {
        match self.files.get(path) {
            Some(bytes) => Ok(bytes.clone()),
            None => self.below.read(path),
        }
    }

    fn kind(&self, path: &TreePath) -> Result<EntryKind, SystemError> {
        self.below.kind(path)
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Entry>, SystemError> {
        self.below.list(path)
    }

    fn canonical(&self, path: &TreePath) -> Result<TreePath, SystemError> {
        self.below.canonical(path)
    }

    fn mode(&self, path: &TreePath) -> Result<u32, SystemError> {
        self.below.mode(path)
    }
}
