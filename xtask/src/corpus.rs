//! Trees to build: which of their folders hold a kustomization.

use std::path::{Path, PathBuf};

use crate::Outcome;

/// The names that kustomize looks for.
const KUSTOMIZATION_FILES: &[&str] = &["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// The folders below `root` that hold a kustomization, relative to it, sorted.
pub(crate) fn kustomization_folders(root: &Path) -> Outcome<Vec<String>> {
    let mut folders = Vec::new();
    for file in files(root)? {
        let is_named = file
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| KUSTOMIZATION_FILES.contains(&name));
        if let (true, Some(folder)) = (is_named, file.parent()) {
            let folder = folder.strip_prefix(root)?;
            folders.push(folder.to_str().ok_or("a path that is not text")?.to_owned());
        }
    }
    folders.dedup();
    Ok(folders)
}

/// The regular files below `root`, sorted; links are not followed.
pub(crate) fn files(root: &Path) -> Outcome<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder)
            .map_err(|error| format!("{} cannot be read: {error}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Copies a tree. `to` is made, and must not be inside `from`.
pub(crate) fn copy(from: &Path, to: &Path) -> Outcome {
    for file in files(from)? {
        let target = to.join(file.strip_prefix(from)?);
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder)?;
        }
        // Not `fs::copy`: a copy of a read-only tree must still be removable.
        std::fs::write(target, std::fs::read(&file)?)?;
    }
    Ok(())
}

/// The folders in `root`, sorted.
pub(crate) fn trees(root: &Path) -> Outcome<Vec<PathBuf>> {
    let mut trees = Vec::new();
    for entry in std::fs::read_dir(root)? {
        let path = entry?.path();
        if path.is_dir() {
            trees.push(path);
        }
    }
    trees.sort();
    Ok(trees)
}
