//! The folders around what clusters apply, and which files a build of them would read, judging by
//! what kustomizations name.

use std::collections::{BTreeMap, BTreeSet};

use tidegate_source::{EntryKind, Sources, TreePath};

use crate::cluster::is_yaml;
use crate::render::KUSTOMIZATION_FILES;

/// A folder, and what can be built of it.
pub(super) struct Folder {
    pub(super) kustomization: Option<TreePath>,
    /// Whether a build has read the kustomization.
    pub(super) is_read: bool,
    /// The YAML files in it, sorted.
    pub(super) files: Vec<TreePath>,
    /// Those that no build has read.
    pub(super) unread: Vec<TreePath>,
}

/// The folders below some places by path. Charts and hidden folders are left out: Helm reads a
/// chart, and its templates are no YAML.
pub(super) struct Folders<'a> {
    sources: &'a Sources,
    by_path: BTreeMap<TreePath, Folder>,
}

impl<'a> Folders<'a> {
    pub(super) fn below(places: &[TreePath], sources: &'a Sources) -> Folders<'a> {
        let mut folders = Folders {
            sources,
            by_path: BTreeMap::new(),
        };
        let mut next = places.to_vec();
        while let Some(path) = next.pop() {
            folders.read(path, &mut next);
        }
        folders
    }

    fn read(&mut self, path: TreePath, below: &mut Vec<TreePath>) {
        let entries = self.sources.system().list(&path).unwrap_or_default();
        if entries.iter().any(|entry| entry.name == "Chart.yaml") {
            return;
        }
        let is_file = |name: &str| {
            let mut entries = entries.iter();
            entries.any(|entry| entry.name == name && entry.kind == Some(EntryKind::File))
        };
        let kustomization = KUSTOMIZATION_FILES.iter().find(|name| is_file(name));
        let kustomization = kustomization.and_then(|name| path.join(name).ok());
        let shown = entries.iter().filter(|entry| !entry.name.starts_with('.'));
        let files = shown.clone().filter(|entry| is_yaml(entry));
        let files: Vec<TreePath> = files.filter_map(|one| path.join(&one.name).ok()).collect();
        let is_read = |file: &TreePath| self.sources.has_read(file);
        let folder = Folder {
            is_read: kustomization.as_ref().is_some_and(is_read),
            kustomization,
            unread: files
                .iter()
                .filter(|file| !is_read(file))
                .cloned()
                .collect(),
            files,
        };
        self.by_path.insert(path.clone(), folder);
        let folders = shown.filter(|one| one.kind == Some(EntryKind::Folder) && !one.is_link);
        below.extend(folders.filter_map(|one| path.join(&one.name).ok()));
    }

    /// The folder at a path.
    pub(super) fn get(&self, path: &TreePath) -> Option<&Folder> {
        self.by_path.get(path)
    }

    /// All of them, sorted by path.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&TreePath, &Folder)> {
        self.by_path.iter()
    }

    /// All of them.
    pub(super) fn values(&self) -> impl Iterator<Item = &Folder> {
        self.by_path.values()
    }
}

/// The files that builds would read.
pub(super) struct Reach<'a> {
    folders: &'a Folders<'a>,
    pub(super) files: BTreeSet<TreePath>,
}

impl<'a> Reach<'a> {
    pub(super) fn new(folders: &'a Folders<'a>) -> Reach<'a> {
        Reach {
            folders,
            files: BTreeSet::new(),
        }
    }

    /// Adds what a build of a folder would read.
    pub(super) fn folder(&mut self, path: &TreePath) {
        match self.folders.get(path).map(|folder| &folder.kustomization) {
            Some(Some(file)) => self.kustomization(file),
            // A kustomization would be generated, of all that is below.
            Some(None) => {
                let below = self.folders.by_path.range(path.clone()..);
                let below = below.filter(|(other, _)| other.is_within(path));
                for (_, folder) in below {
                    self.files.extend(folder.files.iter().cloned());
                }
            }
            None => {}
        }
    }

    /// Adds the files that a kustomization leads to.
    pub(super) fn kustomization(&mut self, file: &TreePath) {
        let mut files = vec![file.clone()];
        while let Some(file) = files.pop() {
            if !self.files.insert(file.clone()) {
                continue;
            }
            let (Some(folder), Ok(loaded)) = (file.parent(), self.folders.sources.load(&file))
            else {
                continue;
            };
            let text = loaded.text_lossy();
            for name in words(&text) {
                let Ok(named) = folder.join(name) else {
                    continue;
                };
                match self.folders.get(&named) {
                    Some(named) => match &named.kustomization {
                        Some(file) => files.push(file.clone()),
                        None => self.files.extend(named.files.iter().cloned()),
                    },
                    None => {
                        self.files.insert(named);
                    }
                }
            }
        }
    }
}

/// All that could be a path in the text of a kustomization, comments left out.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().map(str::trim_start);
    let lines = lines.filter(|line| !line.starts_with('#'));
    let is_between = |c: char| c.is_whitespace() || "\"',[]{}=".contains(c);
    let words = lines.flat_map(move |line| line.split(is_between));
    // Keys end in a colon.
    words.filter(|word| !matches!(*word, "" | "-" | "." | "..") && !word.ends_with(':'))
}
