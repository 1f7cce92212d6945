//! Which object an object is, as kustomize sees it when it puts one back after substitution.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;
use tidegate_kustomize::schema::Schema;
use tidegate_yaml::{Node, SmolStr};

/// What kustomize calls the namespace of an object that names none.
const DEFAULT_NAMESPACE: &str = "default";

/// Kind, name and namespace of an object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Identity {
    api_version: SmolStr,
    kind: SmolStr,
    name: SmolStr,
    /// None for a kind that has no namespaces.
    namespace: Option<SmolStr>,
}

impl Identity {
    pub(super) fn of(object: &Node) -> Identity {
        let text = |path: &[&str]| -> SmolStr {
            let node = object.at(path).filter(|node| !node.is_null());
            node.and_then(Node::text).unwrap_or_default().into()
        };
        let (api_version, kind) = (text(&["apiVersion"]), text(&["kind"]));
        let is_namespaced = Schema::kubernetes().namespaced(&api_version, &kind) != Some(false);
        let namespace = is_namespaced.then(|| match text(&["metadata", "namespace"]) {
            none if none.is_empty() => DEFAULT_NAMESPACE.into(),
            namespace => namespace,
        });
        Identity {
            name: text(&["metadata", "name"]),
            api_version,
            kind,
            namespace,
        }
    }
}

/// The objects of a build by their identities, while one after another is put back.
pub(super) struct Identities {
    now: Vec<Identity>,
    holders: HashMap<Identity, Vec<usize>, FxBuildHasher>,
}

impl Identities {
    /// Those of a build.
    pub(super) fn new(objects: impl Iterator<Item = Identity>) -> Identities {
        let now: Vec<Identity> = objects.collect();
        let mut holders: HashMap<Identity, Vec<usize>, FxBuildHasher> = HashMap::default();
        for (index, identity) in now.iter().enumerate() {
            holders.entry(identity.clone()).or_default().push(index);
        }
        Identities { now, holders }
    }

    /// Puts an object back. Gives the other object that has its identity now, if there is one.
    pub(super) fn put_back(&mut self, index: usize, identity: Identity) -> Option<usize> {
        if self.now[index] != identity {
            if let Some(holders) = self.holders.get_mut(&self.now[index]) {
                holders.retain(|holder| *holder != index);
            }
            let holders = self.holders.entry(identity.clone()).or_default();
            holders.push(index);
            self.now[index] = identity;
        }
        let holders = self.holders.get(&self.now[index])?;
        holders.iter().copied().find(|holder| *holder != index)
    }
}
