use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rustc_hash::FxBuildHasher;
use tidegate_source::{Entry, EntryKind, System, SystemError, TreePath};

use super::objects::Objects;
use super::{Changes, Git};

/// A tree as it was before a change: what did not change is read from the tree itself, so it costs
/// little more than the files that did.
///
/// Links are absent. A folder that came with the change is there, and empty.
pub struct Before {
    tree: Arc<dyn System>,
    changes: Arc<Changes>,
    objects: Objects,
    /// The files that changed or are gone, and the folders to them, by the folder that they were in.
    former: HashMap<TreePath, BTreeMap<String, EntryKind>, FxBuildHasher>,
}

impl Before {
    /// `tree` without `changes`. Its root is the top of the repository.
    pub fn new(git: &Git, tree: Arc<dyn System>, changes: Arc<Changes>) -> Before {
        let mut former: HashMap<_, BTreeMap<_, _>, FxBuildHasher> = HashMap::default();
        for (path, file) in &changes.files {
            if !file.as_ref().is_some_and(|file| file.mode.is_file()) {
                continue;
            }
            let mut kind = EntryKind::File;
            let mut path = path.clone();
            while let (Some(parent), Some(name)) = (path.parent(), path.file_name()) {
                let names = former.entry(parent.clone()).or_default();
                let is_known = names.insert(name.to_owned(), kind).is_some();
                if is_known && kind == EntryKind::Folder {
                    break;
                }
                kind = EntryKind::Folder;
                path = parent;
            }
        }
        Before {
            tree,
            objects: Objects::new(git.clone()),
            changes,
            former,
        }
    }
}

impl System for Before {
    fn read(&self, path: &TreePath) -> Result<Vec<u8>, SystemError> {
        match self.changes.files.get(path) {
            Some(Some(file)) if file.mode.is_file() => self.objects.read(&file.id),
            Some(Some(_)) => Err(SystemError::Link),
            _ => match self.kind(path)? {
                EntryKind::Folder => Err(SystemError::IsFolder),
                EntryKind::File | EntryKind::Other => self.tree.read(path),
            },
        }
    }

    fn kind(&self, path: &TreePath) -> Result<EntryKind, SystemError> {
        if self.former.contains_key(path) {
            return Ok(EntryKind::Folder);
        }
        match self.changes.files.get(path) {
            Some(Some(file)) if file.mode.is_file() => Ok(EntryKind::File),
            Some(Some(_)) => Err(SystemError::Link),
            Some(None) => Err(SystemError::NotFound),
            None => self.tree.kind(path),
        }
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Entry>, SystemError> {
        let former = self.former.get(path);
        let mut entries = match self.tree.list(path) {
            Ok(entries) => entries,
            Err(error) if former.is_none() => return Err(error),
            Err(_) => Vec::new(),
        };
        entries.retain(|entry| {
            let inner = path.join(&entry.name);
            let is_changed = inner.is_ok_and(|inner| self.changes.files.contains_key(&inner));
            !is_changed && former.is_none_or(|former| !former.contains_key(&entry.name))
        });
        for (name, kind) in former.into_iter().flatten() {
            entries.push(Entry {
                name: name.clone(),
                kind: Some(*kind),
                is_link: false,
            });
        }
        entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    fn canonical(&self, path: &TreePath) -> Result<TreePath, SystemError> {
        self.kind(path).map(|_| path.clone())
    }

    fn mode(&self, path: &TreePath) -> Result<u32, SystemError> {
        match self.changes.files.get(path) {
            Some(Some(file)) => Ok(file.mode.permissions()),
            _ => match self.kind(path)? {
                EntryKind::Folder => Ok(EntryKind::Folder.usual_mode()),
                EntryKind::File | EntryKind::Other => self.tree.mode(path),
            },
        }
    }
}
