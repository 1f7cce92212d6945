//! Paths as the user types and reads them, and paths of the tree.

use std::io;
use std::path::{Component, Path, PathBuf};

use tidegate_source::TreePath;

/// Where the command runs.
pub(crate) struct WorkingFolder {
    path: PathBuf,
}

impl WorkingFolder {
    /// The current directory.
    pub(crate) fn current() -> io::Result<WorkingFolder> {
        let path = std::env::current_dir()?;
        Ok(WorkingFolder { path })
    }

    /// The folder, absolute.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A path that the user typed as an absolute one, without `.` and `..`. Links are not looked
    /// at.
    pub(crate) fn absolute(&self, typed: &Path) -> PathBuf {
        let mut absolute = self.path.clone();
        for part in typed.components() {
            match part {
                Component::CurDir => {}
                Component::ParentDir => {
                    absolute.pop();
                }
                part => absolute.push(part),
            }
        }
        absolute
    }

    /// How an absolute path is shown: relative to the current directory, unless the two have
    /// nothing in common.
    pub(crate) fn shown(&self, path: &Path) -> String {
        let shared = self
            .path
            .components()
            .zip(path.components())
            .take_while(|(a, b)| a == b)
            .count();
        // The root alone is not worth a row of `..`.
        if shared <= 1 && !path.starts_with(&self.path) {
            return path.display().to_string();
        }
        let up = self.path.components().count() - shared;
        let mut relative: PathBuf = std::iter::repeat_n(Component::ParentDir, up).collect();
        relative.extend(path.components().skip(shared));
        if relative.as_os_str().is_empty() {
            ".".to_owned()
        } else {
            relative.display().to_string()
        }
    }

    /// How a path of a tree with its root at `root` is shown.
    pub(crate) fn shown_in(&self, root: &Path, path: &TreePath) -> String {
        self.shown(&root.join(path.as_str()))
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn check(path: &str, expected: &str) {
        let folder = WorkingFolder {
            path: PathBuf::from("/home/me/platform"),
        };
        assert_eq!(folder.shown(Path::new(path)), expected);
    }

    #[test]
    fn paths_are_shown_relative_to_the_current_directory() {
        check("/home/me/platform", ".");
        check("/home/me/platform/apps/a.yaml", "apps/a.yaml");
        check("/home/me/other/a.yaml", "../other/a.yaml");
        check("/home/me", "..");
        check("/srv/tree/a.yaml", "/srv/tree/a.yaml");
    }

    #[test]
    fn typed_paths_become_absolute() {
        let folder = WorkingFolder {
            path: PathBuf::from("/home/me"),
        };
        let absolute = |typed: &str| folder.absolute(Path::new(typed));
        assert_eq!(absolute("."), Path::new("/home/me"));
        assert_eq!(absolute("a/../b/./c"), Path::new("/home/me/b/c"));
        assert_eq!(absolute("../../../.."), Path::new("/"));
        assert_eq!(absolute("/srv"), Path::new("/srv"));
    }
}
