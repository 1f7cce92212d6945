//! The scalars of what was rendered, where they are written.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use tidegate_core::render::{Applied, ClusterRender, DefinitionId, FluxKustomization, Outcome};
use tidegate_kustomize::Object;
use tidegate_source::SourceFile;
use tidegate_yaml::{Node, Step, StepKind, Style, Value};

use crate::mutate::tree::Tree;

/// A scalar of an object of a Kustomization.
pub(super) struct Leaf<'t> {
    pub(super) cluster: &'t ClusterRender,
    pub(super) kustomization: &'t FluxKustomization,
    pub(super) object: &'t Object,
    /// The keys that lead to it; indexes are left out.
    pub(super) path: Vec<&'t str>,
    pub(super) file: Arc<SourceFile>,
    /// Where it is written, quotes included.
    pub(super) range: Range<usize>,
    pub(super) style: Style,
    steps: Vec<Step>,
}

impl Leaf<'_> {
    /// The text in the file, without quotes.
    pub(super) fn written(&self) -> String {
        self.file.text_lossy()[self.inner()].to_owned()
    }

    /// Its range without quotes.
    pub(super) fn inner(&self) -> Range<usize> {
        let quotes = usize::from(matches!(
            self.style,
            Style::SingleQuoted | Style::DoubleQuoted
        ));
        self.range.start + quotes..self.range.end - quotes
    }

    /// Whether it stands in `[...]` or `{...}`, where other characters count.
    pub(super) fn is_in_flow(&self) -> bool {
        let text = self.file.text_lossy();
        let before = text[..self.range.start].trim_end();
        let after = text[self.range.end..].trim_start_matches(' ');
        before.ends_with(['[', '{', ',']) || after.starts_with([']', '}', ','])
    }

    /// Whether it is written in a file with an object of a kind.
    pub(super) fn written_in(&self, kind: &str) -> bool {
        let text = self.file.text_lossy();
        text.lines()
            .any(|line| line.strip_prefix("kind: ") == Some(kind))
    }

    /// Whether its value was put in.
    pub(super) fn is_put_in(&self) -> bool {
        let mut steps = self.steps.iter();
        steps.any(|step| step.kind == StepKind::Substitution)
    }

    /// Whether text can be added to it without the object becoming another one.
    pub(super) fn is_content(&self) -> bool {
        let steers = |key: &&str| {
            matches!(
                *key,
                "apiVersion" | "apiGroup" | "kind" | "name" | "namespace" | "path" | "labels"
            ) || key.to_ascii_lowercase().contains("selector")
        };
        !self.path.iter().any(steers)
            && !self
                .path
                .first()
                .is_some_and(|key| key.starts_with("data") && self.is_secret())
    }

    fn is_secret(&self) -> bool {
        self.object.kind() == "Secret"
    }
}

/// The scalars of the YAML files that variables are put into, each place once. Only those whose
/// Kustomizations have variables that are all known.
pub(super) fn substituted(tree: &Tree) -> Vec<Leaf<'_>> {
    let mut leaves = Vec::new();
    let mut seen = BTreeSet::new();
    for cluster in &tree.render.renders {
        for applied in &cluster.applied {
            let Some(kustomization) = applied.kustomization() else {
                continue;
            };
            if variables(cluster, kustomization).is_none_or(|variables| variables.is_empty()) {
                continue;
            }
            let objects = applied.objects().iter();
            for object in objects.filter(|object| !is_disabled(object)) {
                let mut path = Vec::new();
                walk(&object.node, &mut path, &mut |path, node, style| {
                    let span = tree.sources.real(node.place.span());
                    let Some(file) = tree.sources.get(span.file) else {
                        return;
                    };
                    let range = span.start as usize..span.end as usize;
                    let name = file.path().file_name().unwrap_or_default();
                    let is_yaml = name.ends_with(".yaml") || name.ends_with(".yml");
                    let text = file.text_lossy();
                    let text = text.get(range.clone()).unwrap_or_default();
                    let style = match text.as_bytes().first() {
                        Some(b'"') => Style::DoubleQuoted,
                        Some(b'\'') => Style::SingleQuoted,
                        _ => style,
                    };
                    let is_plain = matches!(
                        style,
                        Style::Plain | Style::DoubleQuoted | Style::SingleQuoted
                    ) && !text.starts_with(['|', '>']);
                    if is_yaml
                        && is_plain
                        && !text.is_empty()
                        && !text.contains('\n')
                        && !is_template(path)
                        && seen.insert((file.path().clone(), range.start))
                    {
                        leaves.push(Leaf {
                            cluster,
                            kustomization,
                            object,
                            path: path.to_vec(),
                            file,
                            range,
                            style,
                            steps: node.place.steps(),
                        });
                    }
                });
            }
        }
    }
    leaves
}

/// A patch that a Flux object carries in a scalar is text inside of text.
fn is_template(path: &[&str]) -> bool {
    path.iter()
        .any(|key| matches!(*key, "patch" | "resourcesTemplate"))
}

fn is_disabled(object: &Object) -> bool {
    ["labels", "annotations"].iter().any(|kind| {
        let key = "kustomize.toolkit.fluxcd.io/substitute";
        let value = object.node.at(&["metadata", kind, key]);
        value.and_then(Node::text) == Some("disabled")
    })
}

/// Calls `found` for each scalar with the keys that lead to it.
fn walk<'n>(
    node: &'n Node,
    path: &mut Vec<&'n str>,
    found: &mut impl FnMut(&[&'n str], &'n Node, Style),
) {
    match &node.value {
        Value::Scalar(scalar) => found(path, node, scalar.style),
        Value::Seq(seq) => seq.iter().for_each(|item| walk(item, path, found)),
        Value::Map(map) => {
            for entry in map {
                path.push(entry.key.text().unwrap_or_default());
                walk(&entry.value, path, found);
                path.pop();
            }
        }
    }
}

/// Whether ConfigMaps and Secrets could come to a cluster that are not rendered yet: a ResourceSet
/// makes Kustomizations, or such objects.
pub(super) fn may_define_more(cluster: &ClusterRender) -> bool {
    let not_rendered = |one: &&Applied| !matches!(one.outcome, Outcome::Objects(_));
    let mut sets = cluster.applied.iter().filter(not_rendered);
    sets.any(|one| {
        let set = one.by.maker();
        let template = set.and_then(|set| set.node.at(&["spec", "resourcesTemplate"]));
        let kinds = ["Kustomization", "ConfigMap", "ResourceSet"];
        let lines = template
            .and_then(Node::text)
            .into_iter()
            .flat_map(str::lines);
        lines
            .filter_map(|line| line.strip_prefix("kind: "))
            .any(|kind| kinds.contains(&kind) || kind.contains("Secret"))
    })
}

/// The variables of a Kustomization, with the nodes that define them; none where something that it
/// reads is not rendered.
pub(super) fn variables<'t>(
    cluster: &'t ClusterRender,
    kustomization: &'t FluxKustomization,
) -> Option<BTreeMap<&'t str, Vec<&'t Node>>> {
    let mut variables: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
    let post_build = kustomization.post_build()?;
    for from in post_build.substitute_from() {
        let id = DefinitionId {
            kind: from.kind?,
            namespace: kustomization.subject.namespace.clone(),
            name: from.name.to_owned(),
        };
        let by = cluster.definitions.get(&id)?;
        let object = cluster.applied[by.applied].objects().get(by.object)?;
        let data = object.node.get("data").and_then(Node::as_map);
        for entry in data.into_iter().flatten() {
            let nodes = variables.entry(entry.key.text()?).or_default();
            nodes.push(&entry.value);
        }
    }
    for entry in post_build.substitute().into_iter().flatten() {
        let nodes = variables.entry(entry.key.text()?).or_default();
        nodes.push(&entry.value);
    }
    Some(variables)
}
