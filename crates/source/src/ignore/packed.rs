use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::folders::{Folder, Folders};
use super::packing::Packing;
use crate::{Entry, EntryKind, System, SystemError, TreePath};

/// A tree as it is in an artifact: without what the rules leave out, and without symbolic links and
/// whatever else is neither a file nor a folder.
///
/// What the rules leave out answers [`SystemError::Ignored`], and what needs a link
/// [`SystemError::Link`]. A folder that is left out is there all the same where a rule brings back
/// something in it. Files above the root of the artifact are as they are in the tree.
pub struct Packed {
    tree: Arc<dyn System>,
    root: TreePath,
    folders: Folders,
    links: Mutex<HashMap<TreePath, Arc<HashSet<String>>>>,
}

impl Packed {
    /// The artifact that is packed from the folder `root` of `tree`.
    pub fn new(tree: Arc<dyn System>, root: TreePath, packing: Packing) -> Packed {
        Packed {
            folders: Folders::new(Arc::clone(&tree), root.clone(), packing),
            tree,
            root,
            links: Mutex::default(),
        }
    }

    /// Whether an archive of the artifact has no entry for a folder: it is left out, and there for
    /// what a rule brings back in it.
    pub fn is_implied(&self, folder: &TreePath) -> Result<bool, SystemError> {
        let rule = self.folders.folder(folder)?.rule.clone();
        Ok(rule.is_some_and(|rule| !rule.pattern.includes))
    }

    /// Whether `path` is in the artifact; the error tells why not.
    fn look(&self, path: &TreePath, is_folder: bool) -> Result<(), SystemError> {
        let Some(parent) = self.folders.parent(path) else {
            return Ok(());
        };
        let rule = match is_folder {
            true => {
                let folder = self.folders.folder(path)?;
                if self.is_visible(path, &folder) {
                    return Ok(());
                }
                folder.rule.clone()
            }
            false => self
                .folders
                .rule(&*self.folders.folder(&parent)?, path, false)?,
        };
        match rule.filter(|rule| !rule.pattern.includes) {
            Some(rule) => Err(SystemError::Ignored(rule)),
            None => Ok(()),
        }
    }

    /// Refuses what is, or is behind, a link.
    fn refuse_links(&self, path: &TreePath) -> Result<(), SystemError> {
        match self.tree.canonical(path) {
            Ok(real) if real == *path => Ok(()),
            Ok(_) => Err(SystemError::Link),
            Err(error) => match self.needs_link(path) {
                true => Err(SystemError::Link),
                false => Err(error),
            },
        }
    }

    /// Whether what is missing would be there if links were followed. The first folder above it that
    /// is there tells: those above that are not looked at, since some have many entries.
    fn needs_link(&self, path: &TreePath) -> bool {
        let mut path = path.clone();
        while let Some(parent) = path.parent() {
            match self.tree.canonical(&parent) {
                Ok(real) if real == parent => {
                    let name = path.file_name().unwrap_or_default();
                    return self.links(&parent).contains(name);
                }
                Ok(_) => return true,
                Err(_) => path = parent,
            }
        }
        false
    }

    /// The names of the links in a folder. It is asked for with each name that is not there.
    fn links(&self, folder: &TreePath) -> Arc<HashSet<String>> {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        let known = links.entry(folder.clone()).or_insert_with(|| {
            let entries = self.tree.list(folder).unwrap_or_default();
            let links = entries.into_iter().filter(|entry| entry.is_link);
            Arc::new(links.map(|link| link.name).collect())
        });
        Arc::clone(known)
    }

    /// Whether anything of a folder is in the artifact.
    fn is_visible(&self, path: &TreePath, folder: &Folder) -> bool {
        match &folder.rule {
            Some(rule) if !rule.pattern.includes => {}
            _ => return true,
        }
        *folder.is_visible.get_or_init(|| {
            self.folders.can_bring_back(path, folder)
                && self.entries(path).is_ok_and(|entries| !entries.is_empty())
        })
    }

    /// What of a folder is in the artifact.
    fn entries(&self, path: &TreePath) -> Result<Vec<Entry>, SystemError> {
        let mut entries = self.tree.list(path)?;
        if !path.is_within(&self.root) {
            return Ok(entries);
        }
        let folder = self.folders.folder(path)?;
        let mut failed = None;
        entries.retain(|entry| {
            let is_folder = match entry.kind {
                Some(EntryKind::File) => false,
                Some(EntryKind::Folder) => true,
                Some(EntryKind::Other) | None => return false,
            };
            let is_here = || -> Result<bool, SystemError> {
                let Ok(inner) = path.join(&entry.name) else {
                    return Ok(false);
                };
                if is_folder {
                    // A folder whose own rules cannot be read is one all the same.
                    return match self.folders.folder(&inner) {
                        Ok(folder) => Ok(self.is_visible(&inner, &folder)),
                        Err(_) => Ok(true),
                    };
                }
                let rule = self.folders.rule(&folder, &inner, false)?;
                Ok(rule.is_none_or(|rule| rule.pattern.includes))
            };
            !entry.is_link
                && is_here().unwrap_or_else(|error| {
                    failed = Some(error);
                    false
                })
        });
        match failed {
            Some(error) => Err(error),
            None => Ok(entries),
        }
    }
}

impl System for Packed {
    fn read(&self, path: &TreePath) -> Result<Vec<u8>, SystemError> {
        self.refuse_links(path)?;
        if self.look(path, false).is_ok() {
            match self.tree.read(path) {
                Err(SystemError::IsFolder) => {}
                answer => return answer,
            }
        }
        // A folder is told from a file that is left out, and both from nothing.
        match self.kind(path)? {
            EntryKind::Folder => Err(SystemError::IsFolder),
            EntryKind::File | EntryKind::Other => self.tree.read(path),
        }
    }

    fn kind(&self, path: &TreePath) -> Result<EntryKind, SystemError> {
        self.refuse_links(path)?;
        let kind = self.tree.kind(path)?;
        self.look(path, kind == EntryKind::Folder)?;
        Ok(kind)
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Entry>, SystemError> {
        match self.kind(path)? {
            EntryKind::Folder => self.entries(path),
            EntryKind::File | EntryKind::Other => Err(SystemError::NotFolder),
        }
    }

    fn canonical(&self, path: &TreePath) -> Result<TreePath, SystemError> {
        self.kind(path).map(|_| path.clone())
    }

    fn mode(&self, path: &TreePath) -> Result<u32, SystemError> {
        self.kind(path)?;
        self.tree.mode(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{IgnoreRules, MemorySystem};

    fn tree(files: &[(&str, &str)]) -> Arc<dyn System> {
        let add = |tree: MemorySystem, (path, text): &(&str, &str)| tree.with(path, text);
        Arc::new(files.iter().fold(MemorySystem::new(), add))
    }

    fn path(text: &str) -> TreePath {
        TreePath::new(text).unwrap()
    }

    fn files(packed: &Packed, folder: &TreePath, found: &mut Vec<String>) {
        for entry in packed.list(folder).unwrap() {
            let inner = folder.join(&entry.name).unwrap();
            match entry.kind {
                Some(EntryKind::Folder) => files(packed, &inner, found),
                _ => found.push(inner.as_str().to_owned()),
            }
        }
    }

    fn check(packing: Packing, tree_files: &[(&str, &str)], expected: &[&str]) -> Packed {
        let packed = Packed::new(tree(tree_files), TreePath::root(), packing.clone());
        let mut found = Vec::new();
        files(&packed, &TreePath::root(), &mut found);
        assert_eq!(found, expected);
        // Whatever is asked first, the answers are the same.
        let packed = Packed::new(tree(tree_files), TreePath::root(), packing);
        for (file, _) in tree_files {
            let is_here = found.iter().any(|one| one == file);
            assert_eq!(packed.read(&path(file)).is_ok(), is_here, "{file}");
            assert_eq!(packed.kind(&path(file)).is_ok(), is_here, "{file}");
        }
        packed
    }

    fn controller(spec_ignore: &str) -> Packing {
        Packing::source_controller(IgnoreRules::named("spec.ignore", spec_ignore))
    }

    const TREE: [(&str, &str); 6] = [
        (".git/config", ""),
        (".github/ci.yaml", ""),
        (".sops.yaml", ""),
        ("app/a.yaml", ""),
        ("app/logo.png", ""),
        ("docs/b.md", ""),
    ];

    fn with(file: (&'static str, &'static str)) -> Vec<(&'static str, &'static str)> {
        TREE.into_iter().chain([file]).collect()
    }

    #[test]
    fn without_rules_flux_has_its_own() {
        check(controller(""), &TREE, &["app/a.yaml", "docs/b.md"]);
    }

    #[test]
    fn any_rule_replaces_those_of_flux_but_not_those_for_git() {
        let all = [
            ".github/ci.yaml",
            ".sops.yaml",
            "app/a.yaml",
            "app/logo.png",
        ];
        check(controller("docs/"), &TREE, &all);
        let mut expected = vec![".github/ci.yaml", ".sops.yaml", "app/.sourceignore"];
        expected.extend(["app/a.yaml", "app/logo.png", "docs/b.md"]);
        check(controller(""), &with(("app/.sourceignore", "x")), &expected);
        expected.retain(|file| *file != "app/.sourceignore");
        check(controller("x"), &TREE, &expected);
    }

    #[test]
    fn rules_of_a_folder_hold_below_it_and_the_nearest_count() {
        let files = [
            (".sourceignore", "*.md\n/x/\n"),
            ("a.md", ""),
            ("x/y/.sourceignore", "!/b.md\n"),
            ("x/y/b.md", ""),
            ("x/y/c.md", ""),
            ("x/b.md", ""),
            ("y/b.md", ""),
        ];
        let packed = check(controller(""), &files, &[".sourceignore", "x/y/b.md"]);
        assert_eq!(packed.kind(&path("x")), Ok(EntryKind::Folder));
        assert!(matches!(packed.kind(&path("y")), Ok(EntryKind::Folder)));
    }

    #[test]
    fn spec_ignore_counts_most() {
        let files = with((".sourceignore", "app/\ndocs/\n"));
        check(
            controller("/*\n!/app"),
            &files,
            &["app/a.yaml", "app/logo.png"],
        );
    }

    #[test]
    fn buckets_and_the_flux_cli_have_fewer_rules() {
        let bucket = Packing::bucket(IgnoreRules::default());
        let mut all: Vec<&str> = TREE.iter().map(|(file, _)| *file).collect();
        check(bucket.clone(), &TREE, &all);
        check(bucket, &with(("app/.sourceignore", "*")), &{
            let mut all = all.clone();
            all.insert(3, "app/.sourceignore");
            all
        });
        all.retain(|file| !file.starts_with(".git/") && !file.ends_with(".png"));
        let cli = Packing::flux_cli(IgnoreRules::of_flux_cli());
        check(cli, &TREE, &all);
    }

    #[test]
    fn the_answer_names_the_rule() {
        let files = with((".sourceignore", "# not these\ndocs/\n"));
        let packed = check(
            controller(""),
            &files,
            &[
                ".github/ci.yaml",
                ".sops.yaml",
                ".sourceignore",
                "app/a.yaml",
                "app/logo.png",
            ],
        );
        let error = |place: &str| packed.read(&path(place)).unwrap_err().to_string();
        let expected = "Flux leaves it out of its artifacts: `docs/` in .sourceignore:2";
        assert_eq!(error("docs/b.md"), expected);
        assert_eq!(error("docs"), expected);
        assert_eq!(
            error(".git/config"),
            "Flux leaves it out of its artifacts: `.git/`, a default rule of Flux"
        );
        assert_eq!(error("docs/absent"), "no such file or folder");
    }

    #[test]
    fn rules_above_the_root_do_not_hold() {
        let files = [
            (".sourceignore", "a.yaml"),
            ("k8s/a.yaml", ""),
            ("k8s/b.jpg", ""),
        ];
        let packed = Packed::new(tree(&files), path("k8s"), controller(""));
        assert!(packed.read(&path("k8s/a.yaml")).is_ok());
        assert!(packed.read(&path("k8s/b.jpg")).is_err());
        assert!(packed.read(&path(".sourceignore")).is_ok());
        assert_eq!(packed.list(&path("k8s")).unwrap().len(), 1);
    }
}
