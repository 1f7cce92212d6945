//! What holds between Kustomizations.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use tidegate_core::render::{Applied, Applier, ClusterRender, FluxKustomization};
use tidegate_kustomize::Object;
use tidegate_source::{SourceFile, Span, TreePath};
use tidegate_yaml::Node;

use super::{misspelt, written};
use crate::mutate::mutation::{Change, Expected, Mutation, Needed};
use crate::mutate::tree::Tree;
use crate::random::Random;

/// A file in which something is added, wherever a tree needs one.
const NEW_FILE: &str = "tidegate-mutation.yaml";

/// A place of a rendered object in its file.
fn place(tree: &Tree, span: Span) -> Option<(Arc<SourceFile>, Range<usize>)> {
    let span = tree.sources.real(span);
    let file = tree.sources.get(span.file)?;
    let range = span.start as usize..span.end as usize;
    file.text().ok()?.get(range.clone())?;
    Some((file, range))
}

/// Whether nothing that is not rendered could make Kustomizations in a cluster.
fn is_known(cluster: &ClusterRender) -> bool {
    let is_rendered = |one: &Applied| match &one.by {
        // Charts make few Kustomizations.
        Applier::HelmRelease(_) => true,
        _ => !one.objects().is_empty() || one.folder.is_some(),
    };
    cluster.applied.iter().all(is_rendered)
}

/// The Kustomizations of all clusters that are objects of the tree.
fn kustomizations(
    tree: &Tree,
) -> impl Iterator<Item = (&ClusterRender, usize, &FluxKustomization)> {
    tree.render.renders.iter().flat_map(|cluster| {
        let applied = cluster.applied.iter().enumerate();
        applied.filter_map(move |(index, applied)| {
            let kustomization = applied.kustomization()?;
            applied.parent?;
            Some((cluster, index, kustomization))
        })
    })
}

/// The change that has a Kustomization depend on another, and the line where it then says so.
fn depend(
    tree: &Tree,
    from: &FluxKustomization,
    on: &FluxKustomization,
) -> Option<(Change, Expected)> {
    let entry = |indent: &str| {
        let namespace = match on.subject.namespace == from.subject.namespace {
            true => String::new(),
            false => format!("\n{indent}  namespace: {}", on.subject.namespace),
        };
        format!("- name: {}{namespace}\n{indent}", on.subject.name)
    };
    let existing = from.spec("dependsOn").and_then(Node::as_seq);
    let first = existing.and_then(|entries| entries.iter().next());
    let (file, range) = match first {
        Some(first) => place(tree, first.place.span())?,
        None => place(tree, from.node.get("spec")?.place.span())?,
    };
    let text = file.text().ok()?;
    let line = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let before = &text[line..range.start];
    let indent = " ".repeat(before.len());
    let (at, added, lines_before) = match first {
        // In front of the dash.
        Some(_) => {
            let dash = line + before.find('-')?;
            let indent = " ".repeat(dash - line);
            (dash, entry(&indent), 0)
        }
        None if before.trim().is_empty() => {
            let below = format!("{indent}  ");
            let entry = entry(&below);
            let entry = entry.trim_end().to_owned();
            (
                range.start,
                format!("dependsOn:\n{below}{entry}\n{indent}"),
                1,
            )
        }
        None => return None,
    };
    let mut expected = Expected::at(&["FLX010"], &file, at);
    expected.line = expected.line.map(|line| line + lines_before);
    let change = Change::Replace {
        file,
        range: at..at,
        text: added,
    };
    Some((change, expected))
}

/// A Kustomization that depends on one which depends on it.
pub(super) fn cycle(tree: &Tree, _: &mut Random) -> Vec<Mutation> {
    let mut mutations = Vec::new();
    for (cluster, index, kustomization) in kustomizations(tree) {
        let same_cluster = |(of, other, _): &(&ClusterRender, usize, &FluxKustomization)| {
            std::ptr::eq(*of, cluster) && *other != index
        };
        for (_, _, other) in kustomizations(tree).filter(same_cluster) {
            let depends = kustomization.depends_on();
            let depends = depends.iter().any(|one| {
                (&one.namespace, &one.name) == (&other.subject.namespace, &other.subject.name)
            });
            if depends && let Some((change, expected)) = depend(tree, other, kustomization) {
                mutations.push(Mutation {
                    what: format!("{} depends on {}", other.subject, kustomization.subject),
                    needed: Needed::All,
                    changes: vec![change],
                    expected: vec![expected],
                });
            }
        }
    }
    mutations
}

/// Two Kustomizations that had nothing to do with each other, and now wait for each other.
pub(super) fn mutual(tree: &Tree, random: &mut Random) -> Vec<Mutation> {
    let all: Vec<_> = kustomizations(tree).collect();
    let mut mutations = Vec::new();
    for (cluster, index, one) in &all {
        let others: Vec<_> = all
            .iter()
            .filter(|(of, other, kustomization)| {
                std::ptr::eq(*of, *cluster)
                    && other != index
                    // With one that it applies, one of the two entries is enough.
                    && cluster.applied[*other].parent == cluster.applied[*index].parent
                    && kustomization.depends_on().is_empty()
                    && one.depends_on().is_empty()
            })
            .collect();
        let Some((_, _, other)) = random.choose(&others) else {
            continue;
        };
        if let (Some((first, expected)), Some((second, _))) =
            (depend(tree, one, other), depend(tree, other, one))
            && !is_same_file(&first, &second)
        {
            mutations.push(Mutation {
                what: format!("{} and {} depend on each other", one.subject, other.subject),
                needed: Needed::All,
                changes: vec![first, second],
                expected: vec![expected],
            });
        }
    }
    mutations
}

/// Whether two changes are in one file, where one moves the lines of the other.
fn is_same_file(one: &Change, other: &Change) -> bool {
    match (one, other) {
        (Change::Replace { file, .. }, Change::Replace { file: other, .. }) => {
            file.path() == other.path()
        }
        _ => false,
    }
}

/// An entry of `dependsOn` that names nothing.
pub(super) fn misspelt_dependency(tree: &Tree, random: &mut Random) -> Vec<Mutation> {
    if !tree.render.renders.iter().all(is_known) {
        return Vec::new();
    }
    let mut mutations = Vec::new();
    for document in &tree.documents {
        let entries = document
            .root
            .at(&["spec", "dependsOn"])
            .and_then(Node::as_seq);
        for name in entries
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.get("name"))
        {
            if let (Some(range), Some(old)) = (written(document, name), name.text()) {
                let new = misspelt(old, random);
                mutations.push(Mutation::replace(&["FLX011"], &document.file, range, new));
            }
        }
    }
    mutations
}

/// A dependency that is added and names nothing.
pub(super) fn missing_dependency(tree: &Tree, _: &mut Random) -> Vec<Mutation> {
    let mut mutations = Vec::new();
    for (cluster, _, kustomization) in kustomizations(tree) {
        let mut other = kustomization.clone();
        other.subject.name = "tidegate-missing".to_owned();
        if is_known(cluster)
            && let Some((change, expected)) = depend(tree, kustomization, &other)
        {
            mutations.push(Mutation {
                what: format!("{} depends on nothing", kustomization.subject),
                needed: Needed::All,
                changes: vec![change],
                expected: vec![Expected {
                    codes: &["FLX011"],
                    ..expected
                }],
            });
        }
    }
    mutations
}

/// A Kustomization that waits for all that it applies, and whose child depends on it.
pub(super) fn waits_for_child(tree: &Tree, _: &mut Random) -> Vec<Mutation> {
    let mut mutations = Vec::new();
    for (cluster, _, child) in kustomizations(tree) {
        let parent = cluster.applied.iter().find(|applied| {
            applied.kustomization().is_some_and(|kustomization| {
                kustomization.spec("wait").and_then(Node::text) == Some("true")
                    && applied.objects().iter().any(|object| is(object, child))
            })
        });
        let parent = parent.and_then(|applied| applied.kustomization());
        if let Some(parent) = parent
            && let Some((change, expected)) = depend(tree, child, parent)
        {
            mutations.push(Mutation {
                what: format!("{} depends on its parent", child.subject),
                needed: Needed::All,
                changes: vec![change],
                expected: vec![expected],
            });
        }
    }
    mutations
}

fn is(object: &Object, kustomization: &FluxKustomization) -> bool {
    object.kind() == "Kustomization"
        && object.name() == kustomization.subject.name
        && object.namespace() == kustomization.subject.namespace
}

/// An entry of `resources` that is gone, so that nothing reads the file.
pub(super) fn unlisted_file(tree: &Tree, _: &mut Random) -> Vec<Mutation> {
    // Files that several kustomizations name would still be read.
    let mut named: Vec<TreePath> = Vec::new();
    let mut entries = Vec::new();
    let patched: BTreeSet<TreePath> = tree
        .documents
        .iter()
        .filter(|document| {
            let fields = ["patches", "replacements", "replicas"];
            fields
                .iter()
                .any(|field| document.root.get(field).is_some())
        })
        .filter_map(|document| document.file.path().parent())
        .collect();
    for document in &tree.documents {
        let Some(folder) = document.file.path().parent() else {
            continue;
        };
        let resources = document.root.get("resources").and_then(Node::as_seq);
        let resources: Vec<&Node> = resources.into_iter().flatten().collect();
        for entry in &resources {
            let Some(Ok(path)) = entry.text().map(|text| folder.join(text)) else {
                continue;
            };
            named.push(path.clone());
            if let Some(range) = written(document, entry)
                && resources.len() > 1
                && path.parent().as_ref() == Some(&folder)
                && !patched.contains(&folder)
                && !tree.is_at_fault(&folder)
            {
                entries.push((document, range, path));
            }
        }
    }
    let mut mutations = Vec::new();
    for (document, range, path) in entries {
        let times = named.iter().filter(|other| **other == path).count();
        let holds_objects = tree.documents.iter().any(|document| {
            *document.file.path() == path && document.root.at(&["metadata", "name"]).is_some()
        });
        let text = document.file.text_lossy();
        let line = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
        let end = text[range.end..].find('\n').map(|at| range.end + at + 1);
        if let (1, true, Some(end)) = (times, holds_objects, end) {
            mutations.push(Mutation {
                what: format!("{}: `{path}` is no longer named", document.file.path()),
                needed: Needed::All,
                changes: vec![Change::Replace {
                    file: Arc::clone(&document.file),
                    range: line..end,
                    text: String::new(),
                }],
                expected: vec![Expected {
                    codes: &["FLX016"],
                    path,
                    line: None,
                }],
            });
        }
    }
    mutations
}

/// The change that has a folder apply one more file.
fn add_file(tree: &Tree, applied: &Applied, text: String) -> Option<(Vec<Change>, TreePath)> {
    let folder = applied.folder.as_ref()?;
    let path = folder.join(NEW_FILE).ok()?;
    let mut changes = vec![Change::Add(path.clone(), text)];
    let kustomization = folder.join("kustomization.yaml").ok()?;
    if tree.exists(&kustomization) {
        let document = tree
            .documents
            .iter()
            .find(|one| *one.file.path() == kustomization)?;
        // What it would do to the object, it would do to this one alone.
        let fields = [
            "namespace",
            "namePrefix",
            "nameSuffix",
            "labels",
            "commonLabels",
            "patches",
        ];
        if fields
            .iter()
            .any(|field| document.root.get(field).is_some())
        {
            return None;
        }
        let resources = document.root.get("resources").and_then(Node::as_seq)?;
        let range = written(document, resources.iter().next()?)?;
        let text = document.file.text().ok()?;
        let line = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
        let dash = text[line..range.start].find('-')?;
        let indent = " ".repeat(dash);
        changes.push(Change::Replace {
            file: Arc::clone(&document.file),
            range: line..line,
            text: format!("{indent}- {NEW_FILE}\n"),
        });
    }
    let settings = [
        "targetNamespace",
        "namePrefix",
        "nameSuffix",
        "patches",
        "commonMetadata",
        "suspend",
    ];
    let kustomization = applied.kustomization()?;
    let is_plain = settings
        .iter()
        .all(|field| kustomization.spec(field).is_none());
    is_plain.then_some((changes, path))
}

/// An object that a second Kustomization applies as well.
pub(super) fn second_owner(tree: &Tree, random: &mut Random) -> Vec<Mutation> {
    let mut mutations = Vec::new();
    for (cluster, index, _) in kustomizations(tree) {
        let applied = &cluster.applied[index];
        let objects: Vec<&Object> = applied.objects().iter().collect();
        let others: Vec<&Applied> = kustomizations(tree)
            .filter(|(of, other, _)| std::ptr::eq(*of, cluster) && *other != index)
            .map(|(_, other, _)| &cluster.applied[other])
            .collect();
        let (Some(object), Some(other)) = (random.choose(&objects), random.choose(&others)) else {
            continue;
        };
        let namespace = match object.namespace() {
            "" => String::new(),
            namespace => format!("  namespace: {namespace}\n"),
        };
        let text = format!(
            "apiVersion: {}\nkind: {}\nmetadata:\n  name: {}\n{namespace}",
            object.api_version(),
            object.kind(),
            object.name()
        );
        let is_flux = object.api_version().contains("toolkit.fluxcd.io/");
        if is_flux || object.kind() == "ConfigMap" || object.name().contains(':') {
            continue;
        }
        if let Some((changes, path)) = add_file(tree, other, text) {
            mutations.push(Mutation {
                what: format!("{path}: {} {} once more", object.kind(), object.name()),
                needed: Needed::All,
                changes,
                expected: vec![Expected {
                    codes: &["FLX013"],
                    path,
                    line: Some(4),
                }],
            });
        }
    }
    mutations
}

/// An object in a namespace that another Kustomization applies, with nothing to say which is first.
pub(super) fn too_early(tree: &Tree, random: &mut Random) -> Vec<Mutation> {
    let mut mutations = Vec::new();
    for (cluster, index, kustomization) in kustomizations(tree) {
        // What comes first is clear where there is no dependency on the way up.
        let mut above = Some(index);
        let mut chain = Vec::new();
        while let Some(one) = above {
            chain.push(one);
            above = cluster.applied[one].parent;
        }
        let depends = |one: &usize| {
            let kustomization = cluster.applied[*one].kustomization();
            kustomization.is_some_and(|kustomization| kustomization.spec("dependsOn").is_some())
        };
        if chain.iter().any(depends) {
            continue;
        }
        let elsewhere = cluster
            .objects()
            .filter(|(owner, object)| object.kind() == "Namespace" && !chain.contains(owner));
        let namespaces: BTreeSet<&str> = elsewhere.map(|(_, object)| object.name()).collect();
        let own = chain.iter().flat_map(|one| cluster.applied[*one].objects());
        let own: BTreeSet<&str> = own.map(Object::name).collect();
        let known = ["kube-system", "default", "flux-system"];
        let namespaces: Vec<&str> = namespaces
            .difference(&own)
            .copied()
            .filter(|name| !known.contains(name))
            .collect();
        let Some(namespace) = random.choose(&namespaces) else {
            continue;
        };
        let text = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: early\n  namespace: {namespace}\n"
        );
        if let Some((changes, path)) = add_file(tree, &cluster.applied[index], text) {
            mutations.push(Mutation {
                what: format!("{}: in namespace {namespace}", kustomization.subject),
                needed: Needed::All,
                changes,
                expected: vec![Expected {
                    codes: &["FLX014"],
                    path,
                    line: Some(4),
                }],
            });
        }
    }
    mutations
}
