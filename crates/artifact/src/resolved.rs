use std::sync::Arc;

use tidegate_source::{Entry, EntryKind, System, SystemError, TreePath};

/// A tree in which links are what they lead to, as `--resolve-symlinks` of Flux copies it: a link that
/// leads nowhere is an error, and one that leads back to a folder above it an empty folder.
pub struct Resolved {
    tree: Arc<dyn System>,
    root: TreePath,
}

impl Resolved {
    /// The files of `tree`, which follows links, to be packed from `root`.
    pub fn new(tree: Arc<dyn System>, root: TreePath) -> Resolved {
        Resolved { tree, root }
    }

    /// Whether a folder is one that the path to it leads through.
    fn is_loop(&self, path: &TreePath) -> Result<bool, SystemError> {
        let real = self.tree.canonical(path)?;
        let mut above = path.parent();
        while let Some(folder) = above.filter(|folder| folder.is_within(&self.root)) {
            if self.tree.canonical(&folder)? == real {
                return Ok(true);
            }
            above = folder.parent();
        }
        Ok(false)
    }
}

impl System for Resolved {
    fn read(&self, path: &TreePath) -> Result<Vec<u8>, SystemError> {
        self.tree.read(path)
    }

    fn kind(&self, path: &TreePath) -> Result<EntryKind, SystemError> {
        self.tree.kind(path)
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Entry>, SystemError> {
        if self.is_loop(path)? {
            return Ok(Vec::new());
        }
        let mut entries = self.tree.list(path)?;
        for entry in &mut entries {
            if entry.kind.is_none() {
                let error = format!("`{}` in it is a link that leads nowhere", entry.name);
                return Err(SystemError::Other(error));
            }
            entry.is_link = false;
        }
        Ok(entries)
    }

    fn canonical(&self, path: &TreePath) -> Result<TreePath, SystemError> {
        self.tree.kind(path).map(|_| path.clone())
    }

    fn mode(&self, path: &TreePath) -> Result<u32, SystemError> {
        self.tree.mode(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidegate_system::{DiskSystem, Links};

    #[test]
    #[cfg(unix)]
    #[allow(clippy::disallowed_methods, reason = "it makes the tree that it reads")]
    fn links_are_what_they_lead_to() {
        use std::os::unix::fs::symlink;
        let tree = tempfile::tempdir().unwrap();
        let at = |path: &str| tree.path().join(path);
        std::fs::create_dir_all(at("top/dir")).unwrap();
        std::fs::write(at("top/dir/x"), "x").unwrap();
        std::fs::write(at("outside"), "o").unwrap();
        symlink("..", at("top/dir/loop")).unwrap();
        symlink("dir", at("top/again")).unwrap();
        symlink("../outside", at("top/out")).unwrap();
        let disk = Arc::new(DiskSystem::new(tree.path(), Links::Followed).unwrap());
        let path = |text: &str| TreePath::new(text).unwrap();
        let resolved = Resolved::new(Arc::clone(&disk) as Arc<dyn System>, path("top"));
        let names = |folder: &str| {
            let entries = resolved.list(&path(folder)).unwrap();
            assert!(entries.iter().all(|entry| !entry.is_link));
            entries
                .into_iter()
                .map(|entry| entry.name)
                .collect::<Vec<_>>()
        };
        assert_eq!(names("top"), ["again", "dir", "out"]);
        assert_eq!(names("top/again"), ["loop", "x"]);
        assert_eq!(names("top/again/loop"), [""; 0]);
        assert_eq!(resolved.read(&path("top/again/x")).unwrap(), b"x");
        symlink("nowhere", at("top/dangling")).unwrap();
        assert!(resolved.list(&path("top")).is_err());
    }
}
