//! What is written in kustomization files.

use std::collections::BTreeSet;
use std::ops::Range;

use tidegate_source::TreePath;
use tidegate_yaml::{Entry, Node};

use super::{misspelt, written};
use crate::mutate::mutation::{Change, Expected, Mutation, Needed};
use crate::mutate::tree::{Document, Tree};
use crate::random::Random;

fn kustomizations(tree: &Tree) -> impl Iterator<Item = &Document> {
    let is_one = |document: &&Document| {
        let name = document.file.path().file_name();
        matches!(name, Some("kustomization.yaml" | "kustomization.yml"))
    };
    tree.documents.iter().filter(is_one)
}

/// The entries of `resources`, where they are written, and what they lead to.
fn resources(tree: &Tree) -> Vec<(&Document, Range<usize>, TreePath)> {
    let mut found = Vec::new();
    for document in kustomizations(tree) {
        let entries = document.root.get("resources").and_then(Node::as_seq);
        for entry in entries.into_iter().flatten() {
            let folder = document.file.path().parent();
            let path = folder
                .zip(entry.text())
                .map(|(folder, text)| folder.join(text));
            if let (Some(range), Some(Ok(path))) = (written(document, entry), path)
                && tree.exists(&path)
            {
                found.push((document, range, path));
            }
        }
    }
    found
}

pub(super) fn misspelt_resource(tree: &Tree, random: &mut Random) -> Vec<Mutation> {
    let mut found = Vec::new();
    for (document, range, _) in resources(tree) {
        let new = misspelt(&document.file.text_lossy()[range.clone()], random);
        let folder = document.file.path().parent();
        let path = folder.map(|folder| folder.join(&new));
        if path.is_some_and(|path| path.is_ok_and(|path| !tree.exists(&path))) {
            // A name without its ending could be a repository, which would be fetched.
            found.push(Mutation::replace(&["KUS001"], &document.file, range, new));
        }
    }
    found
}

pub(super) fn removed_file(tree: &Tree, _: &mut Random) -> Vec<Mutation> {
    let resources = resources(tree).into_iter();
    let files = resources.filter(|(_, _, path)| {
        let name = path.file_name().unwrap_or_default();
        name.ends_with(".yaml") || name.ends_with(".yml")
    });
    let removed = files.map(|(document, range, path)| Mutation {
        what: format!("{path} removed"),
        expected: vec![Expected::at(&["KUS001"], &document.file, range.start)],
        needed: Needed::All,
        changes: vec![Change::Remove(path)],
    });
    removed.collect()
}

/// Patches that name one object: the name, which no object then has. Their target is written beside
/// them, or is what the patch itself is called.
pub(super) fn misspelt_target(tree: &Tree, random: &mut Random) -> Vec<Mutation> {
    let names: BTreeSet<&str> = tree
        .documents
        .iter()
        .filter_map(|document| document.root.at(&["metadata", "name"])?.text())
        .collect();
    let mut found = Vec::new();
    for document in kustomizations(tree) {
        let patches = document.root.get("patches").and_then(Node::as_seq);
        for patch in patches.into_iter().flatten() {
            let Some((document, range)) = target(tree, document, patch) else {
                continue;
            };
            let old = &document.file.text_lossy()[range.clone()];
            let new = misspelt(old, random);
            if names.contains(old) && !names.contains(new.as_str()) {
                found.push(Mutation::replace(&["KUS012"], &document.file, range, new));
            }
        }
    }
    found
}

/// Where the name is written that an entry of `patches` is for, if it is one name.
fn target<'a>(
    tree: &'a Tree,
    document: &'a Document,
    patch: &Node,
) -> Option<(&'a Document, Range<usize>)> {
    if let Some(name) = patch.at(&["target", "name"]) {
        return Some((document, written(document, name)?));
    }
    if patch.get("target").is_some() {
        return None;
    }
    if let Some(path) = patch.get("path").and_then(Node::text) {
        let path = document.file.path().parent()?.join(path).ok()?;
        let mut of_file = tree.documents.iter().filter(|one| *one.file.path() == path);
        let patch = of_file.next().filter(|_| of_file.next().is_none())?;
        return Some((
            patch,
            written(patch, patch.root.at(&["metadata", "name"])?)?,
        ));
    }
    let span = patch.get("patch")?.place.span();
    let block = document.file.text().ok()?;
    let block = block.get(span.start as usize..span.end as usize)?;
    let metadata = block.find("metadata:")?;
    let key = metadata + block[metadata..].find("name: ")? + "name: ".len();
    let name = block[key..].lines().next()?.trim();
    let start = span.start as usize + key;
    Some((document, start..start + name.len()))
}

pub(super) fn misspelt_field(tree: &Tree, random: &mut Random) -> Vec<Mutation> {
    let mut found = Vec::new();
    for document in kustomizations(tree) {
        let Some(fields) = document.root.as_map() else {
            continue;
        };
        let is_common = |entry: &&Entry| {
            let key = entry.key.text();
            !matches!(key, Some("apiVersion" | "kind" | "metadata"))
        };
        for Entry { key, .. } in fields.iter().filter(is_common) {
            if let (Some(range), Some(old)) = (written(document, key), key.text()) {
                let new = misspelt(old, random);
                found.push(Mutation::replace(
                    &["KUS002", "FLX032"],
                    &document.file,
                    range,
                    new,
                ));
            }
        }
    }
    found
}

/// An entry of `resources` that is there twice, so that its objects are.
pub(super) fn doubled_resource(tree: &Tree, _: &mut Random) -> Vec<Mutation> {
    // What holds no object may be there as often as one likes.
    let holds_objects = |path: &TreePath| {
        let mut documents = tree.documents.iter();
        documents.any(|document| {
            document.file.path().is_within(path) && document.root.get("metadata").is_some()
        })
    };
    let resources = resources(tree).into_iter();
    let resources = resources.filter(|(_, _, path)| holds_objects(path));
    let doubled = resources.map(|(document, range, _)| {
        let text = document.file.text_lossy();
        let line = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
        let end = text[range.end..]
            .find('\n')
            .map_or(text.len(), |at| range.end + at);
        let mut place = Expected::at(&["KUS006"], &document.file, range.start);
        place.line = place.line.map(|line| line + 1);
        Mutation {
            what: format!("{}: `{}` doubled", document.file.path(), &text[range]),
            expected: vec![place],
            needed: Needed::All,
            changes: vec![Change::Replace {
                file: std::sync::Arc::clone(&document.file),
                range: end..end,
                text: format!("\n{}", &text[line..end]),
            }],
        }
    });
    doubled.collect()
}
