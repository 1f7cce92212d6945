//! A tree to break: what is rendered of it and what `check` says of it as it is, and what `check`
//! says of it when it is broken.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use tidegate_core::config::{self, Config};
use tidegate_core::render::{TreeRender, render_tree};
use tidegate_core::{CheckOptions, Cluster, check};
use tidegate_source::{IgnoreRules, Packed, Packing, SourceFile, Sources, System, TreePath};
use tidegate_system::{DiskSystem, Links};
use tidegate_yaml::{Dialect, Node, ParseOptions, parse};

use crate::Outcome;
use crate::mutate::mutation::{Expected, Mutation, Needed};
use crate::overlay::Overlay;

/// The clusters of trees that are not laid out in a way that is recognised.
const CLUSTERS: [(&str, &str, &str); 1] = [("onedr0p-home-ops", "main", "kubernetes/flux/cluster")];

pub(super) struct Tree {
    pub(super) name: String,
    system: Arc<DiskSystem>,
    clusters: Vec<Cluster>,
    /// What is found without any change.
    known: BTreeSet<Found>,
    /// The file table of the render.
    pub(super) sources: Arc<Sources>,
    pub(super) render: TreeRender,
    /// The YAML documents that the render read.
    pub(super) documents: Vec<Document>,
}

/// One document of a file.
pub(super) struct Document {
    pub(super) file: Arc<SourceFile>,
    pub(super) root: Node,
}

/// A finding, as it is compared.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    pub(super) code: &'static str,
    pub(super) path: String,
    pub(super) line: Option<u32>,
    pub(super) message: String,
    /// The lines of the further places.
    pub(super) labels: Vec<(String, u32)>,
}

/// What `check` said of a broken tree.
pub(super) enum Verdict {
    Found,
    /// The code is there, at another place.
    WrongPlace,
    Missed,
}

impl Tree {
    /// Renders and checks a tree as it is.
    pub(super) fn open(folder: &Path) -> Outcome<Tree> {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let mut clusters = Vec::new();
        for (tree, cluster, path) in CLUSTERS {
            if tree == name {
                clusters.push(Cluster {
                    name: cluster.to_owned(),
                    path: TreePath::new(path)?,
                });
            }
        }
        let system = Arc::new(DiskSystem::new(folder, Links::Absent)?);
        let overlay = Arc::new(Overlay::new(Arc::clone(&system)));
        let sources = sources(Arc::clone(&overlay) as _);
        let render = render_tree(&sources, &options(&clusters, &sources), &|_, _| {})?;
        let documents = overlay.read_so_far().into_iter();
        let documents = documents.flat_map(|path| documents_of(&sources, &path));
        let mut tree = Tree {
            name: name.into_owned(),
            system,
            clusters,
            known: BTreeSet::new(),
            documents: documents.collect(),
            sources,
            render,
        };
        let overlay = Overlay::new(Arc::clone(&tree.system));
        tree.known = tree.findings(overlay).into_iter().collect();
        Ok(tree)
    }

    /// Whether there is anything at a path of the tree.
    pub(super) fn exists(&self, path: &TreePath) -> bool {
        self.system.kind(path).is_ok()
    }

    /// Whether something is wrong in a folder without any change.
    pub(super) fn is_at_fault(&self, folder: &TreePath) -> bool {
        let is_in = |found: &Found| {
            let parent = TreePath::new(&found.path)
                .ok()
                .and_then(|path| path.parent());
            parent.as_ref() == Some(folder) && found.line.is_some()
        };
        self.known.iter().any(is_in)
    }

    /// Breaks the tree, and tells what was found because of it.
    pub(super) fn attempt(&self, mutation: &Mutation) -> (Verdict, Vec<Found>) {
        let mut overlay = Overlay::new(Arc::clone(&self.system));
        for (path, text) in mutation.files() {
            overlay = overlay.with(path, text.map(String::into_bytes));
        }
        let mut found = self.findings(overlay);
        found.retain(|finding| !self.known.contains(finding));
        let enough = |is_there: &dyn Fn(&Expected) -> bool| {
            let mut expected = mutation.expected.iter();
            match mutation.needed {
                Needed::All => expected.all(is_there),
                Needed::Any => expected.any(is_there),
            }
        };
        let verdict = if enough(&|one| found.iter().any(|f| one.is(f))) {
            Verdict::Found
        } else if enough(&|one| found.iter().any(|f| one.codes.contains(&f.code))) {
            Verdict::WrongPlace
        } else {
            Verdict::Missed
        };
        (verdict, found)
    }

    fn findings(&self, overlay: Overlay) -> Vec<Found> {
        let sources = sources(Arc::new(overlay));
        let Ok(report) = check(&sources, &options(&self.clusters, &sources), &|_, _| {}) else {
            return Vec::new();
        };
        let findings = report.findings.into_iter().map(|finding| Found {
            code: finding.code.as_str(),
            path: finding
                .primary
                .path(&sources)
                .map_or_else(String::new, |path| path.to_string()),
            line: finding.primary.line_col(&sources).map(|place| place.line),
            message: finding.message,
            labels: finding
                .labels
                .iter()
                .filter_map(|label| {
                    let file = sources.get(label.span.file)?;
                    let line = file.line_col(label.span.start).line;
                    Some((file.path().to_string(), line))
                })
                .collect(),
        });
        findings.collect()
    }
}

/// The tree as Flux packs it.
fn sources(system: Arc<dyn System>) -> Arc<Sources> {
    let packing = Packing::source_controller(IgnoreRules::default());
    let packed = Packed::new(system, TreePath::root(), packing);
    Arc::new(Sources::new(Arc::new(packed)))
}

/// What the tree's own config says.
fn config(sources: &Sources) -> Config {
    let root = TreePath::root();
    let file = root.join("tidegate.toml").map(|path| sources.load(&path));
    match file {
        Ok(Ok(file)) => {
            let open = |path: &str| Err(format!("{path} is not in memory"));
            config::load(sources, &file, &root, &open).0
        }
        _ => Config::default(),
    }
}

fn options(clusters: &[Cluster], sources: &Sources) -> CheckOptions {
    CheckOptions {
        start: TreePath::root(),
        clusters: clusters.to_vec(),
        config: config(sources),
        // The mutations are tried in parallel.
        schemas: Default::default(),
        charts: Arc::new(tidegate_core::release::NoCharts),
        threads: NonZeroUsize::MIN,
    }
}

impl Expected {
    fn is(&self, found: &Found) -> bool {
        let path = self.path.to_string();
        let label = |line| found.labels.contains(&(path.clone(), line));
        self.codes.contains(&found.code)
            && ((found.path == path && found.line == self.line)
                // A circle has no first place, and a common object no first owner.
                || self.line.is_some_and(label))
    }
}

/// The documents of a file; none where it is not sound YAML.
fn documents_of(sources: &Sources, path: &TreePath) -> Vec<Document> {
    let name = path.file_name().unwrap_or_default();
    let is_yaml = name.ends_with(".yaml") || name.ends_with(".yml") || name == "Kustomization";
    let Ok(file) = sources.load(path) else {
        return Vec::new();
    };
    // Offsets in decoded UTF-16 are not those of the bytes.
    if !is_yaml || std::str::from_utf8(file.bytes()).is_err() {
        return Vec::new();
    }
    let parsed = parse(&file, ParseOptions::new(Dialect::GoYaml3));
    if !parsed.findings.is_empty() {
        return Vec::new();
    }
    let roots = parsed.documents.into_iter().filter_map(|one| one.root);
    roots
        .map(|root| Document {
            file: Arc::clone(&file),
            root,
        })
        .collect()
}
