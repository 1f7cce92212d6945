//! Variables: where they are used, where they are defined, and what they do to what is around them.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use tidegate_yaml::{Node, Style};

use super::misspelt;
use crate::mutate::leaf::{self, Leaf};
use crate::mutate::mutation::{Change, Expected, Mutation, Needed};
use crate::mutate::tree::Tree;
use crate::random::Random;

/// A reference to a variable in a text: `${NAME}`, with nothing to stand in for it.
fn references(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find("${").map(|start| at + start) {
        let name = start + 2;
        let length = text[name..]
            .bytes()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == b'_')
            .count();
        let end = name + length;
        let escaped = start > 0 && text.as_bytes()[start - 1] == b'$';
        if length > 0 && text[end..].starts_with('}') && !escaped {
            found.push(name..end);
        }
        at = name;
    }
    found
}

/// A reference to nothing, put behind a text.
pub(super) fn undefined(tree: &Tree, _: &mut Random) -> Vec<Mutation> {
    append(tree, "${tidegate_undefined}", &["SUB001"])
}

/// An expression that is none, put behind a text.
pub(super) fn not_an_expression(tree: &Tree, _: &mut Random) -> Vec<Mutation> {
    append(tree, "${ tidegate }", &["SUB004"])
}

fn append(tree: &Tree, what: &str, codes: &'static [&'static str]) -> Vec<Mutation> {
    let mut mutations = Vec::new();
    for leaf in leaf::substituted(tree) {
        let old = leaf.written();
        let is_text = old.chars().any(|c| c.is_ascii_alphabetic());
        let is_open = leaf.is_content() && !leaf.is_in_flow() && !leaf.is_put_in();
        if is_open && is_text && !old.contains(['$', '\\', '\'', '"']) {
            let new = format!("{old}{what}");
            mutations.push(Mutation::replace(codes, &leaf.file, leaf.inner(), new));
        }
    }
    mutations
}

/// A reference to something that is called a little differently.
pub(super) fn misspelt_reference(tree: &Tree, random: &mut Random) -> Vec<Mutation> {
    let mut mutations = Vec::new();
    for leaf in leaf::substituted(tree) {
        let Some(variables) = leaf::variables(leaf.cluster, leaf.kustomization) else {
            continue;
        };
        let text = leaf.written();
        for name in references(&text) {
            let new = misspelt(&text[name.clone()], random);
            let start = leaf.inner().start;
            if variables.contains_key(&text[name.clone()]) && !variables.contains_key(&*new) {
                let range = start + name.start..start + name.end;
                mutations.push(Mutation::replace(&["SUB001"], &leaf.file, range, new));
            }
        }
    }
    mutations
}

/// A variable that is used and is no longer defined.
pub(super) fn removed_definition(tree: &Tree, _: &mut Random) -> Vec<Mutation> {
    // The lines of env files that define variables, with the places that use them.
    let mut used: BTreeMap<(String, usize), (Change, String, Vec<Expected>)> = BTreeMap::new();
    for leaf in leaf::substituted(tree) {
        let text = leaf.written();
        for name in references(&text) {
            let place = leaf.inner().start + name.start;
            let Some((key, change)) = definition(tree, &leaf, &text[name.clone()]) else {
                continue;
            };
            let name = text[name].to_owned();
            let (_, _, expected) = used.entry(key).or_insert((change, name, Vec::new()));
            let one = Expected::at(&["SUB001"], &leaf.file, place);
            if !expected.contains(&one) {
                expected.push(one);
            }
        }
    }
    let mutations = used.into_iter();
    mutations
        .map(|((path, _), (change, name, expected))| Mutation {
            what: format!(
                "{path}: `{name}` is no longer defined ({} uses)",
                expected.len()
            ),
            needed: Needed::All,
            changes: vec![change],
            expected,
        })
        .collect()
}

/// The line of an env file that alone defines a variable for the Kustomization of a leaf, and the
/// change that gives it another name.
fn definition(tree: &Tree, leaf: &Leaf<'_>, name: &str) -> Option<((String, usize), Change)> {
    let variables = leaf::variables(leaf.cluster, leaf.kustomization)?;
    let [node] = variables.get(name)?[..] else {
        return None;
    };
    let span = tree.sources.real(node.place.span());
    let file = tree.sources.get(span.file)?;
    let text = file.text().ok()?;
    let line = text[..span.start as usize]
        .rfind('\n')
        .map_or(0, |at| at + 1);
    let is_key = text[line..].starts_with(&format!("{name}="));
    let key = (file.path().to_string(), line);
    is_key.then(|| {
        let change = Change::Replace {
            file: Arc::clone(&file),
            range: line..line + name.len(),
            text: format!("{name}_renamed"),
        };
        (key, change)
    })
}

/// An entry of `substituteFrom` that names nothing.
pub(super) fn misspelt_source(tree: &Tree, random: &mut Random) -> Vec<Mutation> {
    let mut mutations = Vec::new();
    for (kustomization, span) in sources(tree) {
        let span = tree.sources.real(span);
        let Some(file) = tree.sources.get(span.file) else {
            continue;
        };
        let range = span.start as usize..span.end as usize;
        let old = file
            .text_lossy()
            .get(range.clone())
            .unwrap_or_default()
            .to_owned();
        if kustomization.contains(&old) {
            let new = misspelt(&old, random);
            let mutation = Mutation::replace(&["SUB002"], &file, range, new);
            if !mutations
                .iter()
                .any(|other: &Mutation| other.expected == mutation.expected)
            {
                mutations.push(mutation);
            }
        }
    }
    mutations
}

/// The entries of `substituteFrom` that must exist and do: what they name, and where.
fn sources(tree: &Tree) -> Vec<(String, tidegate_source::Span)> {
    let mut found = Vec::new();
    for cluster in &tree.render.renders {
        if leaf::may_define_more(cluster) {
            continue;
        }
        for applied in &cluster.applied {
            let Some(kustomization) = applied.kustomization() else {
                continue;
            };
            if leaf::variables(cluster, kustomization).is_none() || applied.objects().is_empty() {
                continue;
            }
            let post_build = kustomization.post_build();
            for from in post_build.into_iter().flat_map(|one| one.substitute_from()) {
                if !from.optional {
                    found.push((from.name.to_owned(), from.span));
                }
            }
        }
    }
    found
}

/// The name in a generator of a ConfigMap that `substituteFrom` reads.
pub(super) fn dropped_config_map(tree: &Tree, random: &mut Random) -> Vec<Mutation> {
    let mut mutations = Vec::new();
    for document in &tree.documents {
        let generators = document
            .root
            .get("configMapGenerator")
            .and_then(Node::as_seq);
        for generator in generators.into_iter().flatten() {
            let Some(node) = generator.get("name") else {
                continue;
            };
            let (Some(range), Some(name)) = (super::written(document, node), node.text()) else {
                continue;
            };
            let expected = readers(tree, document.file.path(), name);
            if !expected.is_empty() {
                let new = misspelt(name, random);
                mutations.push(Mutation {
                    expected,
                    needed: Needed::Any,
                    ..Mutation::replace(&["SUB002"], &document.file, range, new)
                });
            }
        }
    }
    mutations
}

/// The entries of `substituteFrom` that need a ConfigMap which a file generates.
fn readers(tree: &Tree, file: &tidegate_source::TreePath, name: &str) -> Vec<Expected> {
    let mut expected: Vec<Expected> = Vec::new();
    for cluster in &tree.render.renders {
        let mut definitions = cluster.definitions.iter();
        let is_of_file = definitions.any(|(id, by)| {
            let object = cluster.applied[by.applied].objects().get(by.object);
            let place = object.and_then(|object| object.node.at(&["metadata", "name"]));
            let span = place.map(|place| tree.sources.real(place.place.span()));
            let of = span.and_then(|span| tree.sources.get(span.file));
            id.name == name && of.is_some_and(|of| of.path() == file)
        });
        if !is_of_file || leaf::may_define_more(cluster) {
            continue;
        }
        for applied in &cluster.applied {
            let Some(kustomization) = applied.kustomization() else {
                continue;
            };
            let post_build = kustomization.post_build();
            for from in post_build.into_iter().flat_map(|one| one.substitute_from()) {
                if from.optional || from.name != name || applied.objects().is_empty() {
                    continue;
                }
                let span = tree.sources.real(from.span);
                if let Some(of) = tree.sources.get(span.file) {
                    let one = Expected::at(&["SUB002"], &of, span.start as usize);
                    if !expected.contains(&one) {
                        expected.push(one);
                    }
                }
            }
        }
    }
    expected
}

/// Text in quotes that becomes a number.
pub(super) fn lost_quotes(tree: &Tree, random: &mut Random) -> Vec<Mutation> {
    let mut mutations = Vec::new();
    for leaf in leaf::substituted(tree) {
        let Some(variables) = leaf::variables(leaf.cluster, leaf.kustomization) else {
            continue;
        };
        let is_number = |nodes: &&Vec<&Node>| {
            let text = nodes.last().and_then(|node| node.text());
            text.is_some_and(|text| text.parse::<u32>().is_ok())
        };
        let numbers: Vec<&str> = variables
            .iter()
            .filter(|(_, nodes)| is_number(nodes))
            .map(|(name, _)| *name)
            .collect();
        let takes_text = match leaf.path[..] {
            ["metadata", "annotations", _] => true,
            [.., "env", "value"] => true,
            // Not the literals of a generator, nor a variable.
            ["data", _] => leaf.object.kind() == "ConfigMap" && leaf.written_in("ConfigMap"),
            _ => false,
        };
        if takes_text
            && leaf.style != Style::Literal
            && let Some(name) = random.choose(&numbers)
        {
            let new = format!("\"${{{name}}}\"");
            let range = leaf.range.clone();
            mutations.push(Mutation::replace(&["SUB006"], &leaf.file, range, new));
        }
    }
    mutations
}
