use std::sync::Arc;

use tidegate_source::{Entry, EntryKind, System, SystemError, TreePath};

/// A folder of a tree at its place in it: of what is beside it nothing is there.
pub(crate) struct Part {
    tree: Arc<dyn System>,
    folder: TreePath,
}

impl Part {
    pub(crate) fn new(tree: Arc<dyn System>, folder: TreePath) -> Part {
        Part { tree, folder }
    }

    fn is_there(&self, path: &TreePath) -> bool {
        path.is_within(&self.folder) || self.folder.is_within(path)
    }

    fn ask<T>(
        &self,
        path: &TreePath,
        ask: impl FnOnce() -> Result<T, SystemError>,
    ) -> Result<T, SystemError> {
        match self.is_there(path) {
            true => ask(),
            false => Err(SystemError::NotFound),
        }
    }
}

impl System for Part {
    fn read(&self, path: &TreePath) -> Result<Vec<u8>, SystemError> {
        self.ask(path, || self.tree.read(path))
    }

    fn kind(&self, path: &TreePath) -> Result<EntryKind, SystemError> {
        self.ask(path, || self.tree.kind(path))
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Entry>, SystemError> {
        let mut entries = self.ask(path, || self.tree.list(path))?;
        if !path.is_within(&self.folder) {
            entries.retain(|entry| {
                path.join(&entry.name)
                    .is_ok_and(|inner| self.is_there(&inner))
            });
        }
        Ok(entries)
    }

    fn canonical(&self, path: &TreePath) -> Result<TreePath, SystemError> {
        self.ask(path, || self.tree.canonical(path))
    }

    fn mode(&self, path: &TreePath) -> Result<u32, SystemError> {
        self.ask(path, || self.tree.mode(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidegate_source::MemorySystem;

    #[test]
    fn what_is_beside_it_is_not_there() {
        let tree = ["k8s/apps/a.yaml", "k8s/b.yaml", "docs/c", "d"];
        let tree = tree
            .iter()
            .fold(MemorySystem::new(), |tree, path| tree.with(path, ""));
        let path = |text: &str| TreePath::new(text).unwrap();
        let part = Part::new(Arc::new(tree), path("k8s/apps"));
        let names = |folder: &str| {
            let entries = part.list(&path(folder)).unwrap().into_iter();
            entries.map(|entry| entry.name).collect::<Vec<_>>()
        };
        assert_eq!(names(""), ["k8s"]);
        assert_eq!(names("k8s"), ["apps"]);
        assert_eq!(names("k8s/apps"), ["a.yaml"]);
        assert_eq!(part.list(&path("docs")), Err(SystemError::NotFound));
        assert_eq!(part.read(&path("k8s/b.yaml")), Err(SystemError::NotFound));
        assert!(part.read(&path("k8s/apps/a.yaml")).is_ok());
    }
}
