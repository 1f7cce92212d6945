//! Which APIs a cluster has beside those of Kubernetes itself.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rustc_hash::FxHasher;
use tidegate_kustomize::Object;
use tidegate_kustomize::schema::Schema;
use tidegate_yaml::Node;

/// The APIs that objects stand for, sorted, each as `group/version` and `group/version/Kind`: those that
/// a CRD among them defines, and those that they are of, as without these they could not be applied.
pub(super) fn apis_of(objects: &[Object]) -> Vec<String> {
    let kubernetes = Schema::kubernetes();
    let mut apis = BTreeSet::new();
    let mut add = |api_version: &str, kind: &str| {
        if !apis.contains(api_version) {
            apis.insert(api_version.to_owned());
        }
        apis.insert(format!("{api_version}/{kind}"));
    };
    for object in objects {
        let (api_version, kind) = (object.api_version(), object.kind());
        if kind == "CustomResourceDefinition" {
            for (api_version, kind) in defined_by(&object.node) {
                add(&api_version, kind);
            }
        } else if api_version.contains('/') && kubernetes.namespaced(api_version, kind).is_none() {
            add(api_version, kind);
        }
    }
    apis.into_iter().collect()
}

/// What a CRD defines, in the versions that are served.
fn defined_by(definition: &Node) -> Vec<(String, &str)> {
    let text = |path: &[&str]| definition.at(path).and_then(Node::text);
    let (Some(group), Some(kind)) = (text(&["spec", "group"]), text(&["spec", "names", "kind"]))
    else {
        return Vec::new();
    };
    let versions = definition.at(&["spec", "versions"]).and_then(Node::as_seq);
    let versions = versions.into_iter().flatten();
    let served = versions.filter(|one| one.get("served").and_then(Node::text) == Some("true"));
    let names = served.filter_map(|one| one.get("name")?.text());
    names
        .map(|name| (format!("{group}/{name}"), kind))
        .collect()
}

/// The APIs of a cluster, counted by what brings them.
#[derive(Default)]
pub(super) struct Apis {
    counts: BTreeMap<String, usize>,
    /// None where it has to be made again.
    list: Option<ApiList>,
}

/// A list of APIs that is compared and hashed without looking at each of them.
#[derive(Clone, Debug)]
pub(super) struct ApiList {
    pub(super) apis: Arc<Vec<String>>,
    hash: u64,
}

impl Apis {
    /// Takes in what brings APIs in place of what brought them before. Both are sorted.
    pub(super) fn replace(&mut self, before: &[String], now: &[String]) {
        if before == now {
            return;
        }
        self.list = None;
        for api in now {
            match self.counts.get_mut(api) {
                Some(count) => *count += 1,
                None => {
                    self.counts.insert(api.clone(), 1);
                }
            }
        }
        for api in before {
            if let Some(count) = self.counts.get_mut(api) {
                *count -= 1;
                if *count == 0 {
                    self.counts.remove(api);
                }
            }
        }
    }

    /// All of them, sorted.
    pub(super) fn list(&mut self) -> ApiList {
        let new = || ApiList::new(self.counts.keys().cloned().collect());
        self.list.get_or_insert_with(new).clone()
    }
}

impl ApiList {
    fn new(apis: Vec<String>) -> ApiList {
        let mut hasher = FxHasher::default();
        apis.hash(&mut hasher);
        ApiList {
            hash: hasher.finish(),
            apis: Arc::new(apis),
        }
    }
}

impl PartialEq for ApiList {
    fn eq(&self, other: &ApiList) -> bool {
        Arc::ptr_eq(&self.apis, &other.apis) || (self.hash == other.hash && self.apis == other.apis)
    }
}

impl Eq for ApiList {}

impl Hash for ApiList {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.hash.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::testing::nodes;

    fn objects(text: &str) -> Vec<Object> {
        nodes(text).into_iter().map(Object::new).collect()
    }

    #[test]
    fn definitions_and_objects_tell_which_apis_there_are() {
        let text = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
                    metadata: {name: x}\nspec:\n  group: example.com\n  names: {kind: Widget}\n  \
                    versions: [{name: v1, served: true}, {name: v0, served: false}]\n---\n\
                    apiVersion: other.io/v2\nkind: Thing\nmetadata: {name: t}\n---\n\
                    apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\n";
        assert_eq!(
            apis_of(&objects(text)),
            [
                "example.com/v1",
                "example.com/v1/Widget",
                "other.io/v2",
                "other.io/v2/Thing"
            ]
        );
    }

    #[test]
    fn an_api_is_there_as_long_as_something_brings_it() {
        let list = |names: &[&str]| -> Vec<String> {
            names.iter().map(|name| (*name).to_owned()).collect()
        };
        let mut apis = Apis::default();
        apis.replace(&[], &list(&["a", "b"]));
        apis.replace(&[], &list(&["b"]));
        let both = apis.list();
        assert_eq!(*both.apis, ["a", "b"]);
        apis.replace(&list(&["a", "b"]), &[]);
        assert_eq!(*apis.list().apis, ["b"]);
        assert_ne!(apis.list(), both);
    }
}
