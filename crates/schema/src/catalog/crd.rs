use std::sync::OnceLock;

use tidegate_yaml::Node;

use super::{Kind, Source};

/// The versions of the kind that a CustomResourceDefinition defines; none where the node is no such.
pub(super) fn kinds(definition: &Node) -> Vec<Kind> {
    let is_crd = definition.get("kind").and_then(Node::as_str) == Some("CustomResourceDefinition");
    let text = |path: &[&str]| definition.at(path).and_then(Node::as_str);
    let (Some(group), Some(name), true) = (
        text(&["spec", "group"]),
        text(&["spec", "names", "kind"]),
        is_crd,
    ) else {
        return Vec::new();
    };
    let versions = definition.at(&["spec", "versions"]).and_then(Node::as_seq);
    let versions = versions.into_iter().flatten().filter_map(|version| {
        Some(Kind {
            group: group.into(),
            version: version.get("name")?.as_str()?.into(),
            name: name.into(),
            namespaced: text(&["spec", "scope"]) != Some("Cluster"),
            served: version.get("served").and_then(Node::text) == Some("true"),
            source: Source::Crd(version.at(&["schema", "openAPIV3Schema"]).cloned()),
            schema: OnceLock::new(),
        })
    });
    versions.collect()
}
