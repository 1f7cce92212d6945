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

    /// A folder that is absolute.
    pub(crate) fn at(folder: &Path) -> WorkingFolder {
        WorkingFolder {
            path: folder.to_owned(),
        }
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

    /// A text in which paths of the disk are written without their leading `/`, as paths of a tree
    /// with its root there are, with those below the current directory relative to it.
    pub(crate) fn shown_in_text(&self, text: String) -> String {
        let folder = self.path.to_str().and_then(|path| path.strip_prefix('/'));
        let Some(folder) = folder.filter(|folder| text.contains(folder)) else {
            return text;
        };
        let mut shown = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(at) = rest.find(folder) {
            let (before, found) = rest.split_at(at);
            let after = &found[folder.len()..];
            shown.push_str(before);
            rest = after;
            let starts = !before.ends_with(|c: char| c.is_alphanumeric() || "/-_.".contains(c));
            match after.strip_prefix('/') {
                Some(inside) if starts => rest = inside,
                None if starts && !after.starts_with(|c: char| c.is_alphanumeric() || c == '-') => {
                    shown.push('.');
                }
                _ => shown.push_str(folder),
            }
        }
        shown.push_str(rest);
        shown
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
    fn paths_in_texts_are_shown_relative_too() {
        let folder = WorkingFolder {
            path: PathBuf::from("/home/me"),
        };
        let shown = |text: &str| folder.shown_in_text(text.to_owned());
        assert_eq!(shown("looked for home/me/a.yaml"), "looked for a.yaml");
        assert_eq!(
            shown("`home/me/a` leads back to home/me, twice"),
            "`a` leads back to ., twice"
        );
        assert_eq!(shown("at /home/me/a"), "at /home/me/a");
        assert_eq!(shown("home/melody"), "home/melody");
        assert_eq!(shown("nothing"), "nothing");
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
