//! What matters here about the objects of one Kustomization. It is taken down once for all clusters
//! that share them.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use rustc_hash::FxBuildHasher;
use tidegate_kustomize::Object;
use tidegate_source::is_built_in_group;
use tidegate_yaml::{Entry, Node};

use crate::graph::Kind;
use crate::render::{ClusterRender, Outcome};

/// The objects of a Kustomization, by what others have to do with them.
#[derive(Default)]
pub(super) struct Contents<'r> {
    pub(super) objects: &'r [Object],
    /// A hash of group, kind, namespace and name of each object: equal for equal identities.
    pub(super) identities: Vec<u64>,
    /// The objects that wait for others or are waited for, with their indexes.
    pub(super) flux: Vec<(Kind, usize)>,
    /// The objects that say how the controllers of Flux run.
    pub(super) controllers: Vec<usize>,
    /// The names of the Namespaces.
    pub(super) namespaces: Vec<(&'r str, usize)>,
    /// Group and kind of what CustomResourceDefinitions define.
    pub(super) definitions: Vec<((&'r str, &'r str), usize)>,
    /// The namespaces that objects are in, each with its first object and how many there are.
    pub(super) in_namespaces: Vec<(&'r str, Needed)>,
    /// The group and kind of objects that are not built into Kubernetes, in the same way.
    pub(super) of_kinds: Vec<((&'r str, &'r str), Needed)>,
}

/// The objects that need something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Needed {
    /// The index of the first.
    pub(super) first: usize,
    /// How many there are.
    pub(super) count: usize,
}

/// The contents of all Kustomizations of all clusters.
pub(super) struct Catalog<'r> {
    by_address: HashMap<usize, Contents<'r>, FxBuildHasher>,
    nothing: Contents<'r>,
}

impl<'r> Catalog<'r> {
    pub(super) fn new(renders: &'r [ClusterRender]) -> Catalog<'r> {
        let mut by_address: HashMap<usize, Contents<'r>, FxBuildHasher> = HashMap::default();
        for applied in renders.iter().flat_map(|render| &render.applied) {
            if let Outcome::Objects(objects) = &applied.outcome {
                let contents = by_address.entry(Arc::as_ptr(objects).addr());
                contents.or_insert_with(|| Contents::new(objects));
            }
        }
        Catalog {
            by_address,
            nothing: Contents::default(),
        }
    }

    pub(super) fn of(&self, outcome: &Outcome) -> &Contents<'r> {
        match outcome {
            Outcome::Objects(objects) => {
                let known = self.by_address.get(&Arc::as_ptr(objects).addr());
                known.unwrap_or(&self.nothing)
            }
            Outcome::Failed(_) | Outcome::NotRendered(_) => &self.nothing,
        }
    }
}

impl<'r> Contents<'r> {
    fn new(objects: &'r [Object]) -> Contents<'r> {
        let mut contents = Contents {
            objects,
            ..Contents::default()
        };
        let mut in_namespaces: HashMap<&str, usize, FxBuildHasher> = HashMap::default();
        let mut of_kinds: HashMap<(&str, &str), usize, FxBuildHasher> = HashMap::default();
        for (index, object) in objects.iter().enumerate() {
            let Identity {
                api_version,
                kind,
                namespace,
                name,
            } = Identity::of(&object.node);
            let group = group(api_version);
            contents
                .identities
                .push(identity(&(group, kind, namespace, name)));
            if let Some(kind) = Kind::of(api_version, kind) {
                contents.flux.push((kind, index));
            }
            match (group, kind) {
                ("fluxcd.controlplane.io", "FluxInstance") => contents.controllers.push(index),
                ("apps", "Deployment") if name == "kustomize-controller" => {
                    contents.controllers.push(index);
                }
                ("", "Namespace") => contents.namespaces.push((name, index)),
                ("apiextensions.k8s.io", "CustomResourceDefinition") => {
                    let text = |path: &[&str]| object.node.at(path).and_then(Node::text);
                    if let (Some(group), Some(kind)) =
                        (text(&["spec", "group"]), text(&["spec", "names", "kind"]))
                    {
                        contents.definitions.push(((group, kind), index));
                    }
                }
                _ => {}
            }
            if !namespace.is_empty() {
                count(
                    &mut in_namespaces,
                    &mut contents.in_namespaces,
                    namespace,
                    index,
                );
            }
            if !is_built_in_group(group) {
                count(&mut of_kinds, &mut contents.of_kinds, (group, kind), index);
            }
        }
        contents
    }
}

/// Which object a node is. Reading all of it at once takes one look at each key.
#[derive(Default)]
struct Identity<'r> {
    api_version: &'r str,
    kind: &'r str,
    namespace: &'r str,
    name: &'r str,
}

impl<'r> Identity<'r> {
    fn of(object: &'r Node) -> Identity<'r> {
        let mut identity = Identity::default();
        let text = |entry: &'r Entry| entry.value.text().unwrap_or_default();
        for entry in object.as_map().into_iter().flatten() {
            match entry.key.text() {
                Some("apiVersion") => identity.api_version = text(entry),
                Some("kind") => identity.kind = text(entry),
                Some("metadata") => {
                    for entry in entry.value.as_map().into_iter().flatten() {
                        match entry.key.text() {
                            Some("namespace") => identity.namespace = text(entry),
                            Some("name") => identity.name = text(entry),
                            _ => {}
                        }
                    }
                    // Most objects are in the order in which kustomize writes them: what comes now
                    // is what they are for.
                    if !identity.api_version.is_empty() && !identity.kind.is_empty() {
                        break;
                    }
                }
                _ => {}
            }
        }
        identity
    }
}

/// The group of an apiVersion; empty for that of the core.
pub(super) fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

fn count<K: Copy + Eq + Hash>(
    places: &mut HashMap<K, usize, FxBuildHasher>,
    needed: &mut Vec<(K, Needed)>,
    key: K,
    index: usize,
) {
    match places.get(&key) {
        Some(&place) => needed[place].1.count += 1,
        None => {
            places.insert(key, needed.len());
            let first = Needed {
                first: index,
                count: 1,
            };
            needed.push((key, first));
        }
    }
}

fn identity(parts: &(&str, &str, &str, &str)) -> u64 {
    FxBuildHasher.hash_one(parts)
}
