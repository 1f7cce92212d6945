//! Finds `tidegate.toml` and the files that it names.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tidegate_core::config::{self, Config};
use tidegate_source::{Diagnostic, EntryKind, Severity, SourceFile, Sources, TreePath};

use crate::commands::Failure;
use crate::place::WorkingFolder;
use crate::tree::Tree;

/// The name that is looked for.
const NAME: &str = "tidegate.toml";

/// A config, or that there is none.
pub(crate) struct Configured {
    pub(crate) config: Config,
    /// What is wrong with it.
    pub(crate) findings: Vec<Diagnostic>,
    /// The folder of the tree that its paths are relative to.
    pub(crate) folder: TreePath,
    outside: Outside,
}

impl Configured {
    /// Reads the file that the user named, or else the nearest `tidegate.toml` at `start` or above.
    pub(crate) fn find(
        named: Option<&Path>,
        start: &TreePath,
        tree: &Tree,
        sources: &Sources,
        working: &WorkingFolder,
    ) -> Result<Configured, Failure> {
        match named {
            Some(named) => Configured::read(named, tree, sources, working),
            None => Ok(Configured::search(start, tree, sources)),
        }
    }

    fn search(start: &TreePath, tree: &Tree, sources: &Sources) -> Configured {
        let above = |folder: &TreePath| folder.parent();
        let folders = std::iter::successors(Some(start.clone()), above);
        for folder in folders {
            let Ok(path) = folder.join(NAME) else {
                continue;
            };
            if tree.system().kind(&path) == Ok(EntryKind::File)
                && let Ok(file) = load(tree, sources, &path)
            {
                return Configured::in_tree(&file, folder, tree, sources);
            }
        }
        Configured {
            config: Config::default(),
            findings: Vec::new(),
            folder: start.clone(),
            outside: Outside::default(),
        }
    }

    fn read(
        named: &Path,
        tree: &Tree,
        sources: &Sources,
        working: &WorkingFolder,
    ) -> Result<Configured, Failure> {
        let unreadable = |error: &dyn std::fmt::Display| {
            Failure::new(format!("{} cannot be read: {error}", named.display()))
        };
        let place = working.absolute(named);
        if let Some(path) = tree.tree_path(&place) {
            let file = load(tree, sources, &path).map_err(|why| unreadable(&why))?;
            let folder = path.parent().unwrap_or_else(TreePath::root);
            return Ok(Configured::in_tree(&file, folder, tree, sources));
        }
        let outside = Outside::default();
        let file = outside
            .load(&place, sources)
            .map_err(|why| unreadable(&why))?;
        let folder = place.parent().unwrap_or(&place);
        let beside = WorkingFolder::at(folder);
        let open = |path: &str| {
            let place = beside.absolute(Path::new(path));
            match tree.tree_path(&place) {
                Some(path) => load(tree, sources, &path),
                None => outside.load(&place, sources),
            }
        };
        let folder = TreePath::root();
        let (config, findings) = config::load(sources, &file, &folder, &open);
        Ok(Configured {
            config,
            findings,
            folder,
            outside,
        })
    }

    /// A config of the tree names files of the tree alone: whoever may change the tree must not
    /// learn what else is on the machine that checks it.
    fn in_tree(file: &SourceFile, folder: TreePath, tree: &Tree, sources: &Sources) -> Configured {
        let open = |path: &str| {
            let path = folder.join(path).map_err(|error| error.to_string())?;
            load(tree, sources, &path)
        };
        let (config, findings) = config::load(sources, file, &folder, &open);
        Configured {
            config,
            findings,
            folder,
            outside: Outside::default(),
        }
    }

    /// Whether it can be gone by.
    pub(crate) fn is_sound(&self) -> bool {
        let mut findings = self.findings.iter();
        findings.all(|finding| finding.severity < Severity::Error)
    }

    /// How a path of the tree, or a file that the config brought, is shown.
    pub(crate) fn shown(&self, working: &WorkingFolder, root: &Path, path: &TreePath) -> String {
        match self.outside.files.borrow().get(path) {
            Some(place) => working.shown(place),
            None => working.shown_in(root, path),
        }
    }
}

/// A file of the tree, also one that is left out of the artifact.
fn load(tree: &Tree, sources: &Sources, path: &TreePath) -> Result<Arc<SourceFile>, String> {
    sources.load(path).or_else(|_| {
        let bytes = tree
            .system()
            .read(path)
            .map_err(|error| error.to_string())?;
        Ok(sources.add_file(path.clone(), bytes))
    })
}

/// Files of the disk that are not in the tree, by the names that stand for them in the file table.
#[derive(Default)]
struct Outside {
    files: RefCell<BTreeMap<TreePath, PathBuf>>,
}

impl Outside {
    fn load(&self, place: &Path, sources: &Sources) -> Result<Arc<SourceFile>, String> {
        let metadata = fs::metadata(place).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => "no such file".to_owned(),
            _ => error.to_string(),
        })?;
        if !metadata.is_file() {
            return Err("it is not a file".to_owned());
        }
        if metadata.len() > Sources::MAX_FILE_SIZE {
            return Err(format!(
                "it is larger than {} bytes",
                Sources::MAX_FILE_SIZE
            ));
        }
        let bytes = fs::read(place).map_err(|error| error.to_string())?;
        // A name that no file of the tree has, with the extension that says what is in it.
        let name = format!("outside:/{}", place.display());
        let name = TreePath::new(&name).map_err(|error| error.to_string())?;
        let file = sources.add_file(name.clone(), bytes);
        self.files.borrow_mut().insert(name, place.to_owned());
        Ok(file)
    }
}
