//! How Flux packs the tree, as far as the tree says so itself.

use std::collections::BTreeSet;
use std::sync::Arc;

use tidegate_source::{
    EntryKind, IgnoreRules, Location, NotRendered, Packed, Packing, SkipReason, Span, System,
    TreePath,
};
use tidegate_yaml::Node;

use crate::flux::subject;
use crate::render::ClusterRender;

/// How the tree becomes an artifact.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct TreePacking {
    /// The folder that is packed.
    pub root: TreePath,
    /// Whether the source is a Bucket, to which other rules apply.
    pub is_bucket: bool,
    /// `spec.ignore` of the source.
    pub ignore: Option<SpecIgnore>,
}

/// `spec.ignore` of a source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SpecIgnore {
    /// Which source it is of.
    pub source: String,
    /// The rules.
    pub text: String,
}

impl TreePacking {
    /// The tree as it is in the artifact.
    pub fn pack(&self, tree: Arc<dyn System>) -> Packed {
        let rules = match &self.ignore {
            Some(SpecIgnore { source, text }) => {
                IgnoreRules::named(&format!("`spec.ignore` of {source}"), text)
            }
            None => IgnoreRules::default(),
        };
        let packing = match self.is_bucket {
            true => Packing::bucket(rules),
            false => Packing::source_controller(rules),
        };
        Packed::new(tree, self.root.clone(), packing)
    }

    /// Whether it may leave out other files of `tree` than that of the whole tree without
    /// `spec.ignore` does.
    pub fn matters(&self, tree: &dyn System) -> bool {
        let has_rules = |folder: &TreePath| {
            let file = folder.join(".sourceignore");
            file.is_ok_and(|file| tree.kind(&file) == Ok(EntryKind::File))
        };
        let mut above = std::iter::successors(self.root.parent(), TreePath::parent);
        self.is_bucket || self.ignore.is_some() || above.any(|folder| has_rules(&folder))
    }
}

/// How the clusters have the tree packed, where all of them have it packed alike; otherwise as if
/// nothing were said, and what was passed over.
pub(crate) fn packing(renders: &[ClusterRender]) -> (TreePacking, Vec<NotRendered>) {
    let mut packings = BTreeSet::new();
    let mut passed_over = Vec::new();
    for render in renders {
        let mut is_silent = true;
        for (_, object) in render.objects() {
            let Some(found) = of_source(render, &object.node) else {
                continue;
            };
            if let (Some(ignore), Some(span)) = (&found.packing.ignore, found.span) {
                passed_over.push(NotRendered {
                    reason: SkipReason::IgnoreRules,
                    what: format!("spec.ignore of {}", ignore.source),
                    location: Location::Span(span),
                });
            }
            is_silent = false;
            packings.insert(found.packing);
        }
        if is_silent {
            packings.insert(TreePacking {
                root: render.root.clone(),
                ..TreePacking::default()
            });
        }
    }
    match packings.len() {
        0 | 1 => (packings.pop_first().unwrap_or_default(), Vec::new()),
        _ => (TreePacking::default(), passed_over),
    }
}

struct Found {
    packing: TreePacking,
    /// Where `spec.ignore` is written.
    span: Option<Span>,
}

/// What an object says, if it is a source that holds the tree itself.
fn of_source(render: &ClusterRender, object: &Node) -> Option<Found> {
    let api_version = object.get("apiVersion").and_then(Node::text)?;
    if !api_version.starts_with("source.toolkit.fluxcd.io/") {
        return None;
    }
    let subject = subject(object);
    let shown = subject.to_string();
    let source = render.own_source(subject)?;
    let ignore = object.at(&["spec", "ignore"]);
    let text = ignore.and_then(Node::text);
    Some(Found {
        packing: TreePacking {
            root: render.root.clone(),
            is_bucket: source.kind == "Bucket",
            ignore: text.map(|text| SpecIgnore {
                source: shown,
                text: text.to_owned(),
            }),
        },
        span: ignore.map(|node| node.place.span()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::{CheckOptions, check};
    use std::num::NonZeroUsize;
    use tidegate_source::{MemorySystem, Sources};

    fn source(kind: &str, ignore: &str) -> String {
        format!(
            "apiVersion: source.toolkit.fluxcd.io/v1\nkind: {kind}\n\
             metadata: {{name: flux-system, namespace: flux-system}}\nspec: {{{ignore}}}\n---\n\
             apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n\
             metadata: {{name: apps, namespace: flux-system}}\n\
             spec: {{path: ./apps, prune: true, sourceRef: {{kind: {kind}, name: flux-system}}}}\n"
        )
    }

    fn check_packing(clusters: &[String], expected: &TreePacking, passed_over: usize) {
        let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
        let mut system = MemorySystem::new().with("k8s/apps/a.yaml", map);
        for (i, text) in clusters.iter().enumerate() {
            system = system.with(&format!("k8s/clusters/c{i}/flux.yaml"), text);
        }
        let options = CheckOptions {
            start: TreePath::root(),
            clusters: Vec::new(),
            config: Config::default(),
            schemas: Default::default(),
            charts: Arc::new(crate::release::NoCharts),
            threads: NonZeroUsize::MIN,
        };
        let sources = Arc::new(Sources::new(Arc::new(system)));
        let report = check(&sources, &options, &|_, _| {}).unwrap();
        assert_eq!(report.packing, *expected);
        let is_ignore = |one: &&NotRendered| one.what.starts_with("spec.ignore");
        assert_eq!(
            report.not_rendered.iter().filter(is_ignore).count(),
            passed_over
        );
    }

    #[test]
    fn the_source_of_the_tree_says_how_it_is_packed() {
        let ignore = SpecIgnore {
            source: "GitRepository flux-system/flux-system".to_owned(),
            text: "/docs".to_owned(),
        };
        let expected = TreePacking {
            root: TreePath::new("k8s").unwrap(),
            is_bucket: false,
            ignore: Some(ignore),
        };
        let one = source("GitRepository", "ignore: /docs");
        check_packing(&[one.clone(), one.clone()], &expected, 0);
        let other = source("GitRepository", "ignore: /other");
        check_packing(&[one, other], &TreePacking::default(), 2);
        let bucket = TreePacking {
            is_bucket: true,
            ignore: None,
            ..expected
        };
        check_packing(&[source("Bucket", "")], &bucket, 0);
    }

    #[test]
    fn rules_above_the_folder_that_is_packed_matter() {
        let packing = TreePacking {
            root: TreePath::new("k8s").unwrap(),
            ..TreePacking::default()
        };
        let tree = MemorySystem::new().with("k8s/.sourceignore", "x");
        assert!(!packing.matters(&tree));
        assert!(packing.matters(&tree.with(".sourceignore", "x")));
    }
}
