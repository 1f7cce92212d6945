//! The Flux objects that name other parts of the tree.

use std::fmt;

use tidegate_source::{Span, Subject};
use tidegate_yaml::{Node, Value};

use crate::tree::is_substituted;

/// What a rendered object is to the render of a tree.
pub(crate) enum FluxObject {
    /// It names a folder to build and apply.
    Kustomization(Kustomization),
    /// It installs a Helm chart.
    HelmRelease(Named),
    /// It makes objects from a template.
    ResourceSet(Named),
}

/// An object and the place of its name.
pub(crate) struct Named {
    pub(crate) subject: Subject,
    pub(crate) name_span: Span,
}

/// What is read of a Kustomization of the API group `kustomize.toolkit.fluxcd.io`.
#[derive(Clone, Debug)]
pub struct Kustomization {
    /// The object.
    pub subject: Subject,
    /// `spec.path` as written, and its place; the place of the name where it is absent.
    pub path: String,
    /// The place of `spec.path`.
    pub path_span: Span,
    /// `spec.sourceRef`.
    pub source: SourceRef,
    /// The place of its name.
    pub source_span: Span,
    /// The fields of `spec` that change what is built, with their places.
    pub settings: Vec<(&'static str, Span)>,
    /// The place of `spec.postBuild`, where variables are put in.
    pub post_build: Option<Span>,
}

/// The fields of a Kustomization's `spec` that kustomize-controller adds to the kustomization of
/// the folder, or to the objects built from it.
const SETTINGS: [&str; 10] = [
    "buildMetadata",
    "commonMetadata",
    "components",
    "images",
    "namePrefix",
    "nameSuffix",
    "patches",
    "patchesJson6902",
    "patchesStrategicMerge",
    "targetNamespace",
];

/// `spec.sourceRef`, with the namespace that is meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceRef {
    /// Its kind.
    pub kind: String,
    /// Its namespace: that of the Kustomization where none is written.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl fmt::Display for SourceRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}/{}", self.kind, self.namespace, self.name)
    }
}

impl SourceRef {
    /// Whether this is the source that `flux bootstrap` and the Flux Operator make for the tree
    /// that a cluster starts from.
    pub(crate) fn is_flux_system(&self) -> bool {
        self.is_artifact_of_a_tree() && self.name == "flux-system" && self.namespace == self.name
    }

    /// Whether the kind of source holds a tree as it was pushed. (An ExternalArtifact is put
    /// together from others in the cluster.) A kind that is put in at apply time may be one:
    /// `${source_kind}` is how clusters that follow git and clusters that follow artifacts share
    /// their Kustomizations.
    pub(crate) fn is_artifact_of_a_tree(&self) -> bool {
        let kind = self.kind.as_str();
        matches!(kind, "GitRepository" | "OCIRepository" | "Bucket") || is_substituted(kind)
    }

    /// Whether this is `other`, as far as is known before variables are put in.
    pub(crate) fn may_be(&self, other: &SourceRef) -> bool {
        let same_kind = self.kind == other.kind || is_substituted(&self.kind);
        same_kind && self.namespace == other.namespace && self.name == other.name
    }
}

impl FluxObject {
    /// Reads a rendered object; none where it is not one of these.
    pub(crate) fn read(object: &Node) -> Option<FluxObject> {
        let api_version = object.get("apiVersion").and_then(Node::text)?;
        let (group, _) = api_version.split_once('/')?;
        let kind = object.get("kind").and_then(Node::text)?;
        match (group, kind) {
            ("kustomize.toolkit.fluxcd.io", "Kustomization") => {
                Some(FluxObject::Kustomization(Kustomization::read(object)))
            }
            ("helm.toolkit.fluxcd.io", "HelmRelease") => {
                Some(FluxObject::HelmRelease(Named::read(object)))
            }
            ("fluxcd.controlplane.io", "ResourceSet") => {
                Some(FluxObject::ResourceSet(Named::read(object)))
            }
            _ => None,
        }
    }
}

impl Named {
    fn read(object: &Node) -> Named {
        let name = object.at(&["metadata", "name"]).unwrap_or(object);
        Named {
            subject: subject(object),
            name_span: name.place.span(),
        }
    }
}

impl Kustomization {
    fn read(object: &Node) -> Kustomization {
        let Named { subject, name_span } = Named::read(object);
        let place = |keys: &[&str]| object.at(keys).map_or(name_span, |node| node.place.span());
        let text = |keys: &[&str]| text(object, keys);
        let mut namespace = text(&["spec", "sourceRef", "namespace"]);
        if namespace.is_empty() {
            namespace.clone_from(&subject.namespace);
        }
        let setting = |field: &'static str| {
            let node = object.at(&["spec", field])?;
            (!is_empty(node)).then(|| (field, node.place.span()))
        };
        Kustomization {
            settings: SETTINGS.into_iter().filter_map(setting).collect(),
            post_build: setting("postBuild").map(|(_, span)| span),
            path: text(&["spec", "path"]),
            path_span: place(&["spec", "path"]),
            source: SourceRef {
                kind: text(&["spec", "sourceRef", "kind"]),
                namespace,
                name: text(&["spec", "sourceRef", "name"]),
            },
            source_span: place(&["spec", "sourceRef", "name"]),
            subject,
        }
    }
}

fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(scalar) => scalar.text.is_empty() || node.is_null(),
        Value::Map(map) => map.is_empty(),
        Value::Seq(seq) => seq.is_empty(),
    }
}

fn subject(object: &Node) -> Subject {
    Subject {
        api_version: text(object, &["apiVersion"]),
        kind: text(object, &["kind"]),
        namespace: text(object, &["metadata", "namespace"]),
        name: text(object, &["metadata", "name"]),
    }
}

fn text(object: &Node, keys: &[&str]) -> String {
    let node = object.at(keys).filter(|node| !node.is_null());
    node.and_then(Node::text).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tidegate_source::{MemorySystem, Sources, TreePath};
    use tidegate_yaml::{Dialect, ParseOptions, parse};

    fn read(text: &str) -> Option<FluxObject> {
        let sources = Sources::new(Arc::new(MemorySystem::new().with("a.yaml", text)));
        let file = sources.load(&TreePath::new("a.yaml").unwrap()).unwrap();
        let options = ParseOptions::new(Dialect::GoYaml3);
        let parsed = parse(&file, options);
        FluxObject::read(parsed.documents[0].root.as_ref().unwrap())
    }

    #[test]
    fn a_kustomization_is_read_with_what_it_leaves_out() {
        let read = read(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n\
             metadata: {name: apps, namespace: team}\n\
             spec:\n  path: ./apps\n  components: [../c]\n  images: []\n  namePrefix: ''\n  \
             postBuild: {substitute: {a: b}}\n  sourceRef: {kind: GitRepository, name: src}\n",
        );
        let Some(FluxObject::Kustomization(kustomization)) = read else {
            panic!("a Kustomization");
        };
        assert_eq!(kustomization.path, "./apps");
        assert_eq!(
            kustomization.source.to_string(),
            "GitRepository team/src",
            "the namespace of a source is that of the Kustomization"
        );
        let settings: Vec<_> = kustomization.settings.iter().map(|(f, _)| *f).collect();
        assert_eq!(settings, ["components"]);
        assert!(kustomization.post_build.is_some());
        assert!(kustomization.path_span.is_some());
    }

    #[test]
    fn other_objects_are_none_of_these() {
        assert!(read("apiVersion: v1\nkind: ConfigMap\n").is_none());
        assert!(
            read("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n").is_none()
        );
        assert!(read("just text").is_none());
        assert!(matches!(
            read("apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: [odd]\n"),
            Some(FluxObject::HelmRelease(_))
        ));
    }
}
