//! What the rules say of folders, and of what is in them.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use rustc_hash::FxBuildHasher;

use super::packing::{Packer, Packing};
use super::{IgnoreRule, IgnoreRules};
use crate::{EntryKind, System, SystemError, TreePath};

/// The file with rules, one in any folder.
const IGNORE_FILE: &str = ".sourceignore";

/// The folder that no rules are looked for in.
const GIT_FOLDER: &str = ".git";

/// The folders of an artifact, each looked at once.
pub(super) struct Folders {
    tree: Arc<dyn System>,
    root: TreePath,
    packing: Packing,
    /// What Flux adds where the tree has no rules, and what it adds in any case.
    unless_told: IgnoreRules,
    always: IgnoreRules,
    known: RwLock<HashMap<TreePath, Arc<Folder>, FxBuildHasher>>,
    /// Whether there is any rule of the user. It takes a walk over the tree, so it is not asked
    /// before it matters.
    has_rules: OnceLock<bool>,
}

/// What is known of a folder.
pub(super) struct Folder {
    /// The rules that hold in it, those of its own file first; the error is that of the file.
    layer: Result<Option<Arc<Layer>>, SystemError>,
    /// The last rule that matches the folder itself.
    pub(super) rule: Option<Arc<IgnoreRule>>,
    /// Whether anything of it is in the artifact, once that is known.
    pub(super) is_visible: OnceLock<bool>,
}

/// The rules of one file.
struct Layer {
    /// How many folders the file is below the root.
    depth: usize,
    rules: IgnoreRules,
    outer: Option<Arc<Layer>>,
}

impl Folders {
    /// Those of the artifact that is packed from the folder `root` of `tree`.
    pub(super) fn new(tree: Arc<dyn System>, root: TreePath, packing: Packing) -> Folders {
        let (unless_told, always) = match packing.packer {
            Packer::SourceController => {
                (IgnoreRules::unless_told(), IgnoreRules::version_control())
            }
            Packer::Bucket | Packer::FluxCli => Default::default(),
        };
        Folders {
            tree,
            root,
            packing,
            unless_told,
            always,
            known: RwLock::default(),
            has_rules: OnceLock::new(),
        }
    }

    /// The folder that holds `path`, where the artifact does.
    pub(super) fn parent(&self, path: &TreePath) -> Option<TreePath> {
        match path.is_within(&self.root) && *path != self.root {
            true => path.parent(),
            false => None,
        }
    }

    /// What is known of a folder. The error is that of a file with rules, in it or above.
    pub(super) fn folder(&self, path: &TreePath) -> Result<Arc<Folder>, SystemError> {
        let known = {
            let folders = self.known.read().unwrap_or_else(PoisonError::into_inner);
            folders.get(path).cloned()
        };
        let folder = match known {
            Some(folder) => folder,
            None => {
                let folder = Arc::new(self.read_folder(path)?);
                let mut folders = self.known.write().unwrap_or_else(PoisonError::into_inner);
                Arc::clone(folders.entry(path.clone()).or_insert(folder))
            }
        };
        match &folder.layer {
            Ok(_) => Ok(folder),
            Err(error) => Err(error.clone()),
        }
    }

    fn read_folder(&self, path: &TreePath) -> Result<Folder, SystemError> {
        let (rule, outer) = match self.parent(path) {
            Some(parent) => {
                let parent = self.folder(&parent)?;
                (self.rule(&parent, path, true)?, parent.layer.clone()?)
            }
            None => (None, None),
        };
        let layer = self.rules_in(path).map(|rules| match rules.is_empty() {
            true => outer,
            false => Some(Arc::new(Layer {
                depth: self.depth(path),
                rules,
                outer,
            })),
        });
        Ok(Folder {
            layer,
            rule,
            is_visible: OnceLock::new(),
        })
    }

    /// The rules in the file of a folder, which may be absent.
    fn rules_in(&self, folder: &TreePath) -> Result<IgnoreRules, SystemError> {
        let is_read = match self.packing.packer {
            Packer::SourceController => {
                let mut parts = folder.parts().skip(self.root.parts().count());
                parts.all(|part| part != GIT_FOLDER)
            }
            Packer::Bucket => *folder == self.root,
            Packer::FluxCli => false,
        };
        let Some(path) = folder.join(IGNORE_FILE).ok().filter(|_| is_read) else {
            return Ok(IgnoreRules::default());
        };
        match self.tree.read(&path) {
            Ok(bytes) => Ok(IgnoreRules::of_file(&path, &bytes)),
            Err(SystemError::NotFound | SystemError::NotFolder | SystemError::IsFolder) => {
                Ok(IgnoreRules::default())
            }
            Err(error) => Err(SystemError::Other(format!(
                "{path} cannot be read: {error}"
            ))),
        }
    }

    fn depth(&self, path: &TreePath) -> usize {
        path.parts().count() - self.root.parts().count()
    }

    /// The last rule that matches `path`, which is in `parent`. What matches a folder matches all
    /// that is below.
    pub(super) fn rule(
        &self,
        parent: &Folder,
        path: &TreePath,
        is_folder: bool,
    ) -> Result<Option<Arc<IgnoreRule>>, SystemError> {
        let parts: Vec<&str> = path.parts().skip(self.root.parts().count()).collect();
        let matching = |rules: &IgnoreRules, depth: usize| {
            let matches = |rule: &&Arc<IgnoreRule>| {
                let inherited = parent.rule.as_ref();
                inherited.is_some_and(|inherited| Arc::ptr_eq(inherited, rule))
                    || rule.pattern.matches_last(&parts[depth..], is_folder)
            };
            rules.0.iter().rev().find(matches).cloned()
        };
        if let Some(rule) = matching(&self.packing.given, 0) {
            return Ok(Some(rule));
        }
        let mut layer = parent.layer.as_ref().map_err(SystemError::clone)?.as_ref();
        while let Some(one) = layer {
            if let Some(rule) = matching(&one.rules, one.depth) {
                return Ok(Some(rule));
            }
            layer = one.outer.as_ref();
        }
        match matching(&self.unless_told, 0) {
            Some(rule) if !self.has_rules() => Ok(Some(rule)),
            _ => Ok(matching(&self.always, 0)),
        }
    }

    /// Whether there may be a rule that brings back something in a folder. In all but that of git,
    /// it may be in the folder itself.
    pub(super) fn can_bring_back(&self, path: &TreePath, folder: &Folder) -> bool {
        let is_default = |rule: &Arc<IgnoreRule>| {
            let lists = [&self.unless_told, &self.always];
            let mut rules = lists.iter().flat_map(|list| &list.0);
            rules.any(|one| Arc::ptr_eq(one, rule))
        };
        if folder.rule.as_ref().is_some_and(is_default) && !self.has_rules() {
            return false;
        }
        if path.file_name() != Some(GIT_FOLDER) {
            return true;
        }
        let parts: Vec<&str> = path.parts().skip(self.root.parts().count()).collect();
        let reaches = |rules: &IgnoreRules, depth: usize| {
            let can = |rule: &Arc<IgnoreRule>| {
                rule.pattern.includes && rule.pattern.can_match_below(&parts[depth..])
            };
            rules.0.iter().any(can)
        };
        let mut layer = folder.layer.as_ref().ok().and_then(Option::as_ref);
        let mut reached = reaches(&self.packing.given, 0);
        while let Some(one) = layer {
            reached |= reaches(&one.rules, one.depth);
            layer = one.outer.as_ref();
        }
        reached
    }

    fn has_rules(&self) -> bool {
        *self
            .has_rules
            .get_or_init(|| !self.packing.given.is_empty() || self.has_rules_below(&self.root))
    }

    fn has_rules_below(&self, folder: &TreePath) -> bool {
        let mut folders = vec![folder.clone()];
        while let Some(folder) = folders.pop() {
            let entries = self.tree.list(&folder).unwrap_or_default();
            let has_file = entries.iter().any(|entry| entry.name == IGNORE_FILE);
            if has_file && !self.rules_in(&folder).is_ok_and(|rules| rules.is_empty()) {
                return true;
            }
            let inner = entries.iter().filter(|entry| {
                entry.kind == Some(EntryKind::Folder) && !entry.is_link && entry.name != GIT_FOLDER
            });
            folders.extend(inner.filter_map(|entry| folder.join(&entry.name).ok()));
        }
        false
    }
}
