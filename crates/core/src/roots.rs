//! What to build in a tree that has no clusters.

use std::collections::BTreeSet;

use tidegate_source::{EntryKind, Sources, System, TreePath};
use tidegate_yaml::{Dialect, Node, ParseOptions, parse};

use crate::render::kustomization_file;

/// The fields of a kustomization that name other kustomizations.
const REFERRING_FIELDS: [&str; 3] = ["resources", "components", "bases"];

/// The folders below `start` that hold a kustomization which no other one refers to, sorted.
/// Components are not among them, as they cannot be built alone.
pub(crate) fn unreferenced_kustomizations(sources: &Sources, start: &TreePath) -> Vec<TreePath> {
    let mut found = Vec::new();
    walk(sources.system(), start, &mut found);
    let mut referred: BTreeSet<TreePath> = BTreeSet::new();
    let mut roots = Vec::new();
    for (folder, file) in found {
        let kustomization = read(sources, &file);
        if let Some(kustomization) = &kustomization {
            referred.extend(entries(&folder, kustomization));
        }
        let kind = kustomization.as_ref().and_then(|node| node.get("kind"));
        if kind.and_then(Node::text) != Some("Component") {
            roots.push(folder);
        }
    }
    roots.retain(|folder| !referred.contains(folder));
    roots
}

/// The files and folders that the kustomization `file` of `folder` names as resources, components
/// and bases. What leads out of the tree is not among them.
pub(crate) fn referred_by(sources: &Sources, folder: &TreePath, file: &TreePath) -> Vec<TreePath> {
    let kustomization = read(sources, file);
    kustomization.map_or_else(Vec::new, |node| entries(folder, &node).collect())
}

fn entries(folder: &TreePath, kustomization: &Node) -> impl Iterator<Item = TreePath> {
    let fields = REFERRING_FIELDS.iter();
    let entries = fields.filter_map(|field| kustomization.get(field)?.as_seq());
    let texts = entries.flatten().filter_map(Node::text);
    texts.filter_map(|entry| folder.join(entry).ok())
}

fn walk(system: &dyn System, folder: &TreePath, found: &mut Vec<(TreePath, TreePath)>) {
    if let Some(file) = kustomization_file(system, folder) {
        found.push((folder.clone(), file));
    }
    for entry in system.list(folder).unwrap_or_default() {
        // A link could lead back up, and what it leads to is found where it really is.
        if entry.kind == Some(EntryKind::Folder)
            && !entry.is_link
            && entry.name != ".git"
            && let Ok(path) = folder.join(&entry.name)
        {
            walk(system, &path, found);
        }
    }
}

/// The root of a kustomization file; none where it cannot be read, which its build reports.
fn read(sources: &Sources, file: &TreePath) -> Option<Node> {
    let options = ParseOptions::new(Dialect::Yaml11);
    let file = sources.load(file).ok()?;
    let parsed = parse(&file, options);
    parsed
        .documents
        .into_iter()
        .find_map(|document| document.root)
}
