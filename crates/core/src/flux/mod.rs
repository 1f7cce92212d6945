//! The Flux objects that name other parts of the tree.

mod decode;
mod duration;
mod helm_release;
mod kustomization;
mod maker;
pub(crate) mod makes;
mod source_ref;

pub use helm_release::{
    ChartOf, ChartReference, ChartTemplate, CrdsPolicy, HelmRelease, PostRenderStrategy,
    ReleaseNames,
};
pub use kustomization::{DefinitionKind, Dependency, FluxKustomization, PostBuild, SubstituteFrom};
pub use maker::Maker;
pub use source_ref::SourceRef;

use tidegate_source::{Span, Subject};
use tidegate_yaml::Node;

/// What a rendered object is to the render of a tree.
pub enum FluxObject {
    /// It names a folder to build and apply.
    Kustomization(FluxKustomization),
    /// It installs a Helm chart.
    HelmRelease(Maker),
    /// It makes objects from templates.
    ResourceSet(Maker),
}

/// An object and the place of its name.
#[derive(Clone, Debug)]
pub struct Named {
    /// Which object it is.
    pub subject: Subject,
    /// Where its name is written; the object itself where it has none.
    pub name_span: Span,
}

impl FluxObject {
    /// Reads a rendered object; none where it is not one of these.
    pub fn read(object: &Node) -> Option<FluxObject> {
        let api_version = object.get("apiVersion").and_then(Node::text)?;
        let (group, _) = api_version.split_once('/')?;
        let kind = object.get("kind").and_then(Node::text)?;
        match (group, kind) {
            ("kustomize.toolkit.fluxcd.io", "Kustomization") => {
                Some(FluxObject::Kustomization(FluxKustomization::read(object)))
            }
            ("helm.toolkit.fluxcd.io", "HelmRelease") => {
                Some(FluxObject::HelmRelease(Maker::read(object)))
            }
            ("fluxcd.controlplane.io", "ResourceSet") => {
                Some(FluxObject::ResourceSet(Maker::read(object)))
            }
            _ => None,
        }
    }
}

impl Named {
    /// The name of an object, and its place.
    pub fn read(object: &Node) -> Named {
        let name = object.at(&["metadata", "name"]).unwrap_or(object);
        Named {
            subject: subject(object),
            name_span: name.place.span(),
        }
    }
}

/// Which object a node is.
pub(crate) fn subject(object: &Node) -> Subject {
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
        assert!(matches!(
            read("apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec: odd\n"),
            Some(FluxObject::Kustomization(_))
        ));
    }
}
