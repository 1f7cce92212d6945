//! A tree on its way into an artifact.

mod frozen;
mod links;
mod origin;
mod part;

use std::collections::BTreeSet;

use tidegate_artifact::{Layer, Modes, Refusal, pack, refusals};
use tidegate_core::codes;
use tidegate_source::{Code, Diagnostic, Location, Severity, TreePath};

use crate::commands::Failure;
use crate::tree::Tree;

pub(crate) use frozen::Frozen;
pub(crate) use origin::Origin;
pub(crate) use part::Part;

/// A tree, packed.
pub(crate) struct Packaged {
    /// The folder that names in the layer are relative to.
    pub(crate) root: TreePath,
    pub(crate) layer: Layer,
    /// Why no cluster could use it; nothing waives that.
    pub(crate) refusals: Vec<Diagnostic>,
}

impl Packaged {
    /// Packs the part of a tree that is to be packed, as an artifact from `root`.
    pub(crate) fn new(tree: &Tree, root: &TreePath, modes: Modes) -> Result<Packaged, Failure> {
        let packed = tree.artifact(root);
        let layer = pack(&packed, root, modes).map_err(|error| Failure::new(error.to_string()))?;
        let mut found = links::escaping(tree, &packed, root, &layer.entries)?;
        for refusal in refusals(&layer.entries) {
            let (code, path): (Code, TreePath) = match &refusal {
                Refusal::Name(name) => {
                    let path = root.join(name).unwrap_or_else(|_| root.clone());
                    (codes::UNEXTRACTABLE_NAME, path)
                }
                Refusal::Empty => (codes::NOTHING_PACKED, tree.part()),
            };
            let message = refusal.to_string();
            let location = Location::Path(path);
            let finding = Diagnostic::new(code, Severity::Error, location, message);
            found.push(match refusal {
                Refusal::Name(_) => finding.with_help("rename it"),
                Refusal::Empty => finding.with_help(
                    "Flux would delete all that it applied: name the folder that holds the tree",
                ),
            });
        }
        Ok(Packaged {
            root: root.clone(),
            layer,
            refusals: found,
        })
    }

    /// The files in it, by their paths in the tree.
    pub(crate) fn files(&self) -> BTreeSet<TreePath> {
        let files = self.layer.entries.iter().filter(|one| one.size.is_some());
        files
            .filter_map(|file| self.root.join(&file.name).ok())
            .collect()
    }
}
