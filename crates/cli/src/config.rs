//! Finds `tidegate.toml` and the files that it names.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tidegate_core::config::{self, Config};
use tidegate_core::{TreePacking, validate};
use tidegate_registry::Digest;
use tidegate_source::{Diagnostic, EntryKind, Severity, SourceFile, Sources, TreePath};
use tidegate_yaml::{Dialect, Node, ParseOptions, parse};

use crate::commands::{Failure, working_folder};
use crate::place::WorkingFolder;
use crate::tree::Tree;

/// The name that is looked for.
const NAME: &str = "tidegate.toml";

/// A config, or that there is none.
pub(crate) struct Configured {
    pub(crate) config: Config,
    /// What is wrong with it.
    pub(crate) findings: Vec<Diagnostic>,
    /// The folder of the tree that its paths of the tree are relative to.
    pub(crate) folder: TreePath,
    /// Whether there is one.
    pub(crate) is_there: bool,
    /// What it is called, and the digest of its bytes.
    pub(crate) identity: Option<(String, Digest)>,
    files: Files,
}

impl Configured {
    /// Reads the file that the user named, or else the nearest `tidegate.toml` at `start` or above.
    pub(crate) fn find(
        named: Option<&Path>,
        start: &TreePath,
        tree: &Tree,
        sources: &Arc<Sources>,
        working: &WorkingFolder,
    ) -> Result<Configured, Failure> {
        let mut files = Files {
            tree: tree.clone(),
            sources: Arc::clone(sources),
            beside: None,
            outside: RefCell::default(),
        };
        let Some(named) = named else {
            return Ok(Configured::search(start, files));
        };
        let place = working.absolute(named);
        let file = files
            .at(&place)
            .map_err(|why| Failure::new(format!("{} cannot be read: {why}", named.display())))?;
        let folder = tree.tree_path(&place).and_then(|path| path.parent());
        if folder.is_none() {
            files.beside = place.parent().map(WorkingFolder::at);
        }
        let folder = folder.unwrap_or_else(TreePath::root);
        Ok(Configured::load(&file, folder, files))
    }

    /// Reads the file that the user named, or else the nearest one of the current folder, for a command that is
    /// not about a tree. A config with errors is none to go by.
    pub(crate) fn here(named: Option<&Path>) -> Result<Configured, Failure> {
        let working = working_folder()?;
        let tree = Tree::open(Path::new("."), None, &working)?;
        let start = tree.folder(Path::new("."), &working)?;
        let sources = tree.sources(&TreePacking::default());
        let configured = Configured::find(named, &start, &tree, &sources, &working)?;
        configured.sound()?;
        Ok(configured)
    }

    /// Refuses a config that cannot be gone by.
    pub(crate) fn sound(&self) -> Result<(), Failure> {
        match self.is_sound() {
            true => Ok(()),
            false => Err(Failure::new("the config has errors")
                .with_help("`tidegate check` shows them with their places")),
        }
    }

    fn search(start: &TreePath, files: Files) -> Configured {
        let above = |folder: &TreePath| folder.parent();
        let folders = std::iter::successors(Some(start.clone()), above);
        for folder in folders {
            let Ok(path) = folder.join(NAME) else {
                continue;
            };
            if files.tree.system().kind(&path) == Ok(EntryKind::File)
                && let Ok(file) = files.of_tree(&path)
            {
                return Configured::load(&file, folder, files);
            }
        }
        Configured {
            config: Config::default(),
            findings: Vec::new(),
            folder: start.clone(),
            is_there: false,
            identity: None,
            files,
        }
    }

    fn load(file: &SourceFile, folder: TreePath, files: Files) -> Configured {
        let open = |path: &str| files.named_in(&folder, path);
        let (config, findings) = config::load(&files.sources, file, &folder, &open);
        // Where a config outside of the tree lies is a matter of the machine.
        let name = match files.outside.borrow().contains_key(file.path()) {
            true => file.path().file_name().unwrap_or_default().to_owned(),
            false => file.path().to_string(),
        };
        Configured {
            config,
            findings,
            folder,
            is_there: true,
            identity: Some((name, Digest::of(file.bytes()))),
            files,
        }
    }

    /// Whether it can be gone by.
    pub(crate) fn is_sound(&self) -> bool {
        let mut findings = self.findings.iter();
        findings.all(|finding| finding.severity < Severity::Error)
    }

    /// The CustomResourceDefinitions of the files and folders that the config names for them. What
    /// cannot be read is added to the findings.
    pub(crate) fn definitions(&mut self) -> Vec<Node> {
        let mut definitions = Vec::new();
        for named in &self.config.schemas {
            let before = definitions.len();
            let read = self.files.add_definitions(&named.value, &mut definitions);
            let why = match read {
                Err(why) => format!("`{}` cannot be read: {why}", named.value),
                Ok(()) if definitions.len() == before => {
                    format!("`{}` has no CustomResourceDefinition", named.value)
                }
                Ok(()) => continue,
            };
            let code = config::codes::UNREADABLE_FILE;
            self.findings.push(Diagnostic::error(code, named.span, why));
        }
        definitions
    }

    /// A file that the config names.
    pub(crate) fn open(&self, path: &str) -> Result<Arc<SourceFile>, String> {
        self.files.named_in(&self.folder, path)
    }

    /// A file that the user named.
    pub(crate) fn open_typed(
        &self,
        typed: &Path,
        working: &WorkingFolder,
    ) -> Result<Arc<SourceFile>, String> {
        self.files.at(&working.absolute(typed))
    }

    /// How a path of the tree, or of a file that was named, is shown.
    pub(crate) fn shown(&self, working: &WorkingFolder, root: &Path, path: &TreePath) -> String {
        match self.files.outside.borrow().get(path) {
            Some(place) => working.shown(place),
            None => working.shown_in(root, path),
        }
    }
}

/// Finds files that are named in the config or by the user.
struct Files {
    tree: Tree,
    sources: Arc<Sources>,
    /// The folder of a config outside of the tree.
    beside: Option<WorkingFolder>,
    /// The files outside of the tree, by the names that stand for them in the file table.
    outside: RefCell<BTreeMap<TreePath, PathBuf>>,
}

impl Files {
    /// A file that a config names, whose folder of the tree is `folder`.
    ///
    /// A config of the tree names files of the tree alone: whoever may change the tree must not
    /// learn what else is on the machine that checks it.
    fn named_in(&self, folder: &TreePath, path: &str) -> Result<Arc<SourceFile>, String> {
        match &self.beside {
            Some(beside) => self.at(&beside.absolute(Path::new(path))),
            None => {
                let path = folder.join(path).map_err(|error| error.to_string())?;
                self.of_tree(&path)
            }
        }
    }

    /// Adds the definitions of a file of the tree, or of all YAML and JSON files of a folder.
    fn add_definitions(&self, path: &TreePath, definitions: &mut Vec<Node>) -> Result<(), String> {
        let system = self.tree.system();
        let kind = system.kind(path).map_err(|error| error.to_string())?;
        if kind != EntryKind::Folder {
            let file = self.of_tree(path)?;
            let parsed = parse(&file, ParseOptions::new(Dialect::Yaml11));
            let roots = parsed.documents.iter().filter_map(|one| one.root.as_ref());
            definitions.extend(roots.flat_map(validate::definitions));
            return Ok(());
        }
        let mut entries = system.list(path).map_err(|error| error.to_string())?;
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        for entry in entries {
            let ends = [".yaml", ".yml", ".json"];
            let is_file = ends.iter().any(|end| entry.name.ends_with(end));
            let is_folder = entry.kind == Some(EntryKind::Folder) && !entry.is_link;
            if is_folder || entry.kind == Some(EntryKind::File) && is_file {
                let path = path.join(&entry.name).map_err(|error| error.to_string())?;
                self.add_definitions(&path, definitions)?;
            }
        }
        Ok(())
    }

    /// The file at an absolute path.
    fn at(&self, place: &Path) -> Result<Arc<SourceFile>, String> {
        match self.tree.tree_path(place) {
            Some(path) => self.of_tree(&path),
            None => self.outside_of_tree(place),
        }
    }

    /// A file of the tree, also one that is left out of the artifact.
    fn of_tree(&self, path: &TreePath) -> Result<Arc<SourceFile>, String> {
        self.sources.load(path).or_else(|_| {
            let bytes = self.tree.system().read(path);
            let bytes = bytes.map_err(|error| error.to_string())?;
            Ok(self.sources.add_file(path.clone(), bytes))
        })
    }

    fn outside_of_tree(&self, place: &Path) -> Result<Arc<SourceFile>, String> {
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
        let file = self.sources.add_file(name.clone(), bytes);
        self.outside.borrow_mut().insert(name, place.to_owned());
        Ok(file)
    }
}
