//! `spec.path` of Flux Kustomizations.

use tidegate_source::TreePath;
use tidegate_yaml::Node;

use super::{misspelt as misspelt_word, written};
use crate::mutate::mutation::Mutation;
use crate::mutate::tree::{Document, Tree};
use crate::random::Random;

/// The Flux Kustomizations with a path of the tree itself.
fn kustomizations(tree: &Tree) -> impl Iterator<Item = (&Document, &Node)> {
    tree.documents.iter().filter_map(|document| {
        let text = |path: &[&str]| document.root.at(path).and_then(Node::text);
        let group = text(&["apiVersion"])?.split('/').next()?;
        let is_own = group == "kustomize.toolkit.fluxcd.io"
            && text(&["kind"]) == Some("Kustomization")
            && text(&["spec", "sourceRef", "kind"]) != Some("ExternalArtifact")
            && text(&["spec", "sourceRef", "name"]) == Some("flux-system");
        let path = document.root.at(&["spec", "path"])?;
        let folder = TreePath::new(path.text()?).ok()?;
        (is_own && !folder.is_root() && tree.exists(&folder)).then_some((document, path))
    })
}

pub(super) fn misspelt(tree: &Tree, random: &mut Random) -> Vec<Mutation> {
    let mut found = Vec::new();
    for (document, path) in kustomizations(tree) {
        let (Some(range), Some(old)) = (written(document, path), path.text()) else {
            continue;
        };
        let new = misspelt_word(old, random);
        if TreePath::new(&new).is_ok_and(|folder| !tree.exists(&folder)) {
            found.push(Mutation::replace(&["FLX001"], &document.file, range, new));
        }
    }
    found
}

pub(super) fn above_the_root(tree: &Tree, _: &mut Random) -> Vec<Mutation> {
    let above = |(document, path): (&Document, &Node)| {
        let new = format!("../{}", path.text()?.trim_start_matches("./"));
        let range = written(document, path)?;
        Some(Mutation::replace(&["FLX002"], &document.file, range, new))
    };
    kustomizations(tree).filter_map(above).collect()
}
