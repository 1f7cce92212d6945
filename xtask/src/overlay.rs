//! A tree on the disk with changes in memory: tasks break trees without writing to them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use tidegate_source::{Entry, EntryKind, System, SystemError, TreePath};
use tidegate_system::DiskSystem;

/// A tree with files replaced, added (in folders that exist) or removed, that remembers what was
/// read of the rest.
pub(crate) struct Overlay {
    below: Arc<DiskSystem>,
    changed: BTreeMap<TreePath, Option<Vec<u8>>>,
    read: Mutex<BTreeSet<TreePath>>,
}

impl Overlay {
    /// The tree as it is.
    pub(crate) fn new(below: Arc<DiskSystem>) -> Overlay {
        Overlay {
            below,
            changed: BTreeMap::new(),
            read: Mutex::default(),
        }
    }

    /// With other bytes in a file, or without the file.
    #[must_use]
    pub(crate) fn with(mut self, path: TreePath, bytes: Option<Vec<u8>>) -> Overlay {
        self.changed.insert(path, bytes);
        self
    }

    /// The files of the disk that were read.
    pub(crate) fn read_so_far(&self) -> BTreeSet<TreePath> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.clone()
    }
}

impl System for Overlay {
    fn read(&self, path: &TreePath) -> Result<Vec<u8>, SystemError> {
        match self.changed.get(path) {
            Some(Some(bytes)) => Ok(bytes.clone()),
            Some(None) => Err(SystemError::NotFound),
            None => {
                let bytes = self.below.read(path)?;
                let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
                read.insert(path.clone());
                Ok(bytes)
            }
        }
    }

    fn kind(&self, path: &TreePath) -> Result<EntryKind, SystemError> {
        match self.changed.get(path) {
            Some(Some(_)) => Ok(EntryKind::File),
            Some(None) => Err(SystemError::NotFound),
            None => self.below.kind(path),
        }
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Entry>, SystemError> {
        let mut entries = self.below.list(path)?;
        for (changed, bytes) in &self.changed {
            let (Some(name), Some(folder)) = (changed.file_name(), changed.parent()) else {
                continue;
            };
            if folder != *path {
                continue;
            }
            entries.retain(|entry| entry.name != name);
            if bytes.is_some() {
                entries.push(Entry {
                    name: name.to_owned(),
                    kind: Some(EntryKind::File),
                    is_link: false,
                });
            }
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    fn canonical(&self, path: &TreePath) -> Result<TreePath, SystemError> {
        match self.changed.get(path) {
            Some(Some(_)) => Ok(path.clone()),
            Some(None) => Err(SystemError::NotFound),
            None => self.below.canonical(path),
        }
    }

    fn mode(&self, path: &TreePath) -> Result<u32, SystemError> {
        self.kind(path).map(EntryKind::usual_mode)
    }
}
