//! What helm-controller and Helm write into the objects of a release.

use tidegate_kustomize::schema::Schema;
use tidegate_yaml::{Entry, Map, Node, Place, SmolStr, StepKind};

use crate::flux::{HelmRelease, ReleaseNames};

const ORIGIN_NAME: &str = "helm.toolkit.fluxcd.io/name";
const ORIGIN_NAMESPACE: &str = "helm.toolkit.fluxcd.io/namespace";
const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
const RELEASE_NAME: &str = "meta.helm.sh/release-name";
const RELEASE_NAMESPACE: &str = "meta.helm.sh/release-namespace";

/// The metadata that the objects of a release get.
pub(super) struct Marks {
    /// `commonMetadata`, and then the labels that name the HelmRelease.
    labels: Vec<Entry>,
    annotations: Vec<Entry>,
    /// The labels that name the HelmRelease.
    origin: Vec<Entry>,
    /// What says that Helm has the object.
    managed_by: Entry,
    ownership: [Entry; 2],
    namespace: Node,
}

impl Marks {
    pub(super) fn new(release: &HelmRelease, names: &ReleaseNames) -> Marks {
        let written = |path: &[&str]| release.node.at(path).map(|node| node.place.clone());
        let own_name = written(&["metadata", "name"]);
        let own_name = own_name.unwrap_or_else(|| release.node.place.clone());
        let own_namespace = written(&["metadata", "namespace"]);
        let own_namespace = own_namespace.unwrap_or_else(|| own_name.clone());
        let target = written(&["spec", "targetNamespace"]);
        let target = target.unwrap_or_else(|| own_namespace.clone());
        let release_name = written(&["spec", "releaseName"]).unwrap_or_else(|| own_name.clone());
        let origin = vec![
            entry(
                ORIGIN_NAME,
                &release.subject.name,
                &own_name,
                StepKind::Label,
            ),
            entry(
                ORIGIN_NAMESPACE,
                &release.subject.namespace,
                &own_namespace,
                StepKind::Label,
            ),
        ];
        let common = |field| {
            let map = release
                .spec(&["commonMetadata", field])
                .and_then(Node::as_map);
            map.map(text_entries).unwrap_or_default()
        };
        let mut labels = common("labels");
        labels.extend(origin.iter().cloned());
        let added = own_name.then(StepKind::Default, own_name.span());
        let annotation = |key, value, place| entry(key, value, place, StepKind::Annotation);
        let step = StepKind::Namespace;
        Marks {
            labels,
            annotations: common("annotations"),
            origin,
            managed_by: entry(MANAGED_BY, "Helm", &added, StepKind::Label),
            ownership: [
                annotation(RELEASE_NAME, &names.name, &release_name),
                annotation(RELEASE_NAMESPACE, &names.namespace, &target),
            ],
            namespace: Node::str(&names.namespace, target.then(step, target.span())),
        }
    }

    /// Marks what the chart renders, hooks too: what post-renderers of helm-controller's own do.
    pub(super) fn render(&self, object: &mut Node) {
        set(object, "labels", &self.labels);
        set(object, "annotations", &self.annotations);
    }

    /// Marks what Helm installs, and puts it into the namespace of the release where it names none.
    pub(super) fn install(&self, object: &mut Node, is_namespaced: impl Fn(&Node) -> bool) {
        set(object, "labels", std::slice::from_ref(&self.managed_by));
        set(object, "annotations", &self.ownership);
        self.hook(object, is_namespaced);
    }

    /// Puts a hook into the namespace of the release where it names none.
    pub(super) fn hook(&self, object: &mut Node, is_namespaced: impl Fn(&Node) -> bool) {
        let namespace = object.at(&["metadata", "namespace"]);
        let has_namespace = namespace
            .and_then(Node::text)
            .is_some_and(|text| !text.is_empty());
        if has_namespace || !is_namespaced(object) {
            return;
        }
        if let Some(metadata) = metadata(object) {
            let key = Node::str("namespace", self.namespace.place.clone());
            metadata.insert(key, self.namespace.clone());
        }
    }

    /// Marks a definition from the folder `crds` of a chart.
    pub(super) fn definition(&self, object: &mut Node) {
        set(object, "labels", &self.origin);
    }
}

/// Whether objects of a kind are in a namespace, as far as Kubernetes itself knows: of a kind that it
/// does not know, they are.
pub(super) fn is_namespaced(object: &Node) -> bool {
    let text = |field| object.get(field).and_then(Node::text).unwrap_or_default();
    Schema::kubernetes().namespaced(text("apiVersion"), text("kind")) != Some(false)
}

fn entry(key: &str, value: &str, place: &Place, step: StepKind) -> Entry {
    let place = place.then(step, place.span());
    Entry {
        key: Node::str(key, place.clone()),
        value: Node::str(value, place),
    }
}

/// The entries of labels or annotations; null is empty text, as it is in Go.
fn text_entries(map: &Map) -> Vec<Entry> {
    let entries = map.iter().map(|entry| {
        let text = match entry.value.is_null() {
            true => "",
            false => entry.value.text().unwrap_or_default(),
        };
        Entry {
            key: entry.key.clone(),
            value: Node::str(SmolStr::from(text), entry.value.place.clone()),
        }
    });
    entries.collect()
}

/// Sets labels or annotations.
fn set(object: &mut Node, field: &str, entries: &[Entry]) {
    let Some(first) = entries.first() else {
        return;
    };
    let place = first.value.place.clone();
    let Some(metadata) = metadata(object) else {
        return;
    };
    if metadata.get(field).and_then(Node::as_map).is_none() {
        let key = Node::str(field, place.clone());
        metadata.insert(key, Node::map(Vec::new(), place));
    }
    if let Some(map) = metadata.get_mut(field).and_then(Node::as_map_mut) {
        for entry in entries {
            map.insert(entry.key.clone(), entry.value.clone());
        }
    }
}

fn metadata(object: &mut Node) -> Option<&mut Map> {
    object.as_map_mut()?.get_mut("metadata")?.as_map_mut()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::testing::nodes;
    use tidegate_kustomize::{Object, to_yaml};

    fn check(spec: &str, object: &str, expected: &str) {
        let release = format!("metadata: {{name: web, namespace: apps}}\nspec: {{{spec}}}\n");
        let release = HelmRelease::read(&nodes(&release)[0]);
        let marks = Marks::new(&release, &release.names());
        let mut object = nodes(object).remove(0);
        marks.render(&mut object);
        marks.install(&mut object, is_namespaced);
        assert_eq!(to_yaml(&[Object::new(object)]).unwrap(), expected);
    }

    #[test]
    fn objects_say_who_installs_them() {
        check(
            "targetNamespace: shop, commonMetadata: {labels: {team: a, \
             helm.toolkit.fluxcd.io/name: x}}",
            "apiVersion: v1\nkind: Secret\nmetadata: {name: s, labels: {team: b, tier: c}}\n",
            "apiVersion: v1\nkind: Secret\nmetadata:\n  annotations:\n    \
             meta.helm.sh/release-name: shop-web\n    meta.helm.sh/release-namespace: shop\n  \
             labels:\n    app.kubernetes.io/managed-by: Helm\n    \
             helm.toolkit.fluxcd.io/name: web\n    helm.toolkit.fluxcd.io/namespace: apps\n    \
             team: a\n    tier: c\n  name: s\n  namespace: shop\n",
        );
    }

    #[test]
    fn a_namespace_that_is_written_stays_and_some_kinds_have_none() {
        let namespace = |object: &str| {
            let release = HelmRelease::read(&nodes("metadata: {name: web, namespace: apps}\n")[0]);
            let mut object = nodes(object).remove(0);
            Marks::new(&release, &release.names()).install(&mut object, is_namespaced);
            let namespace = object.at(&["metadata", "namespace"]);
            namespace.and_then(Node::text).map(str::to_owned)
        };
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: other}\n";
        assert_eq!(namespace(pod).as_deref(), Some("other"));
        let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\n\
                    metadata: {name: r}\n";
        assert_eq!(namespace(role), None);
        let custom = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\n";
        assert_eq!(namespace(custom).as_deref(), Some("apps"));
    }
}
