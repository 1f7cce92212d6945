use std::path::{Path, PathBuf};

/// The top of the git work tree that holds `path`: the nearest folder, `path` itself included, with
/// a `.git` in it (a file in work trees and submodules). `path` should be absolute.
pub fn git_top(path: &Path) -> Option<PathBuf> {
    path.ancestors()
        .find(|folder| folder.join(".git").symlink_metadata().is_ok())
        .map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_nearest_folder_with_git_is_the_top() {
        let outer = tempfile::tempdir().unwrap();
        let inner = outer.path().join("a/b");
        fs::create_dir_all(inner.join("c/d")).unwrap();
        fs::write(inner.join(".git"), "gitdir: elsewhere\n").unwrap();
        fs::create_dir(outer.path().join(".git")).unwrap();
        assert_eq!(git_top(&inner.join("c/d")), Some(inner.clone()));
        assert_eq!(git_top(&inner), Some(inner));
        assert_eq!(
            git_top(&outer.path().join("a")),
            Some(outer.path().to_owned())
        );
    }
}
