//! What could be in a cluster although nothing that was rendered has it.

use std::collections::{BTreeSet, HashSet};

use rustc_hash::FxBuildHasher;
use tidegate_yaml::Node;

use crate::flux::makes;
use crate::graph::Kind;
use crate::render::{Applier, ClusterRender, DefinitionId, DefinitionKind, Outcome, Stage};

/// The kind of providers of inputs.
pub(super) const INPUT_PROVIDER: &str = "ResourceSetInputProvider";

/// What was not rendered, by what it could provide.
#[derive(Default)]
pub(super) struct Unknown<'r> {
    /// Something could provide anything.
    anything: bool,
    /// The namespaces that something could provide anything in.
    namespaces: HashSet<&'r str, FxBuildHasher>,
    /// The kinds that ResourceSets or charts could make.
    kinds: Vec<Kind>,
    /// Whether they could make providers of inputs.
    input_providers: bool,
}

impl<'r> Unknown<'r> {
    pub(super) fn of(render: &'r ClusterRender) -> Unknown<'r> {
        let mut unknown = Unknown::default();
        let mut values = BTreeSet::new();
        for applied in &render.applied {
            let is_known = match &applied.outcome {
                Outcome::Objects(_) => true,
                Outcome::NotRendered(_) => false,
                // What fails later has been read as it is written.
                Outcome::Failed(stage) => *stage >= Stage::Substitute,
            };
            if is_known {
                continue;
            }
            match &applied.by {
                Applier::HelmRelease(release) => {
                    let release = &release.node;
                    unknown.add_kinds(|kind| {
                        makes::chart_may_make(release, kind.group(), kind.as_str())
                    });
                    unknown.input_providers |=
                        makes::chart_may_make(release, Kind::ResourceSet.group(), INPUT_PROVIDER);
                    values.extend(values_from(release));
                }
                Applier::ResourceSet(set) => {
                    let set = &set.node;
                    unknown.add_kinds(|kind| makes::resource_set_may_make(set, kind.as_str()));
                    unknown.input_providers |= makes::resource_set_may_make(set, INPUT_PROVIDER);
                }
                Applier::Entry | Applier::Kustomization(_) => {
                    let target = applied.kustomization();
                    let target = target.and_then(|one| one.spec("targetNamespace")?.text());
                    match (&applied.outcome, target) {
                        (Outcome::NotRendered(_), Some(namespace)) if !namespace.is_empty() => {
                            unknown.namespaces.insert(namespace);
                        }
                        _ => unknown.anything = true,
                    }
                }
            }
        }
        // Many releases take values from the same objects, which are large.
        for object in values.iter().filter_map(|id| defined(render, id)) {
            unknown.add_kinds(|kind| makes::holds_objects(object, kind.group(), kind.as_str()));
        }
        unknown
    }

    fn add_kinds(&mut self, may_make: impl Fn(Kind) -> bool) {
        for kind in Kind::ALL {
            if !self.kinds.contains(&kind) && may_make(kind) {
                self.kinds.push(kind);
            }
        }
    }

    /// Whether there could be Kustomizations that are not known of.
    pub(super) fn may_provide_kustomizations(&self) -> bool {
        !self.namespaces.is_empty() || self.may_provide(Kind::Kustomization, "")
    }

    /// Whether a provider of inputs could be there.
    pub(super) fn may_provide_inputs(&self, namespace: &str) -> bool {
        self.anything || self.namespaces.contains(namespace) || self.input_providers
    }

    /// Whether an object could be there.
    pub(super) fn may_provide(&self, kind: Kind, namespace: &str) -> bool {
        self.anything || self.namespaces.contains(namespace) || self.kinds.contains(&kind)
    }
}

/// What a HelmRelease takes values from.
fn values_from(release: &Node) -> impl Iterator<Item = DefinitionId> {
    fn text<'n>(node: &'n Node, path: &[&str]) -> Option<&'n str> {
        node.at(path).and_then(Node::text)
    }
    let entries = release.at(&["spec", "valuesFrom"]).and_then(Node::as_seq);
    entries.into_iter().flatten().filter_map(move |entry| {
        Some(DefinitionId {
            kind: match text(entry, &["kind"])? {
                "Secret" => DefinitionKind::Secret,
                _ => DefinitionKind::ConfigMap,
            },
            namespace: text(release, &["metadata", "namespace"])?.to_owned(),
            name: text(entry, &["name"])?.to_owned(),
        })
    })
}

/// The object that defines something.
fn defined<'r>(render: &'r ClusterRender, id: &DefinitionId) -> Option<&'r Node> {
    let by = render.definitions.get(id)?;
    let objects = render.applied[by.applied].objects();
    objects.get(by.object).map(|object| &object.node)
}
