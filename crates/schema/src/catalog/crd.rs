use std::sync::OnceLock;

use tidegate_yaml::Node;

use super::builtin::field;
use super::{Deprecated, Kind, Source};

/// One version of a kind a line, as `cargo xtask schemas crds` writes them: the schema comes last.
const KNOWN: &str = include_str!("../../../../schemas/crds.jsonl");

/// The kinds of CRDs that come with tidegate. Their schemas are read when they are asked for.
pub(super) fn known() -> impl Iterator<Item = Kind> {
    KNOWN.lines().filter_map(|line| {
        let (head, schema) = line.split_once(",\"z\":")?;
        Some(Kind {
            group: field(head, "g")?.into(),
            version: field(head, "v")?.into(),
            name: field(head, "k")?.into(),
            namespaced: field(head, "n")? == "true",
            served: field(head, "s")? == "true",
            deprecated: None,
            source: Source::KnownCrd(schema.strip_suffix('}')?),
            schema: OnceLock::new(),
        })
    })
}

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
            deprecated: deprecated(version),
            source: Source::Crd(version.at(&["schema", "openAPIV3Schema"]).cloned()),
            schema: OnceLock::new(),
        })
    });
    versions.collect()
}

/// What the API server says to those who use a version that is deprecated.
fn deprecated(version: &Node) -> Option<Deprecated> {
    let text = |key| version.get(key).and_then(Node::text);
    (text("deprecated") == Some("true")).then(|| Deprecated {
        warning: text("deprecationWarning").map(Into::into),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cel::{Budget, Verdict, check_rule};
    use crate::structural::SchemaRef;

    #[test]
    fn every_known_kind_has_its_schema_and_its_rules_compile() {
        let mut kinds = 0;
        for kind in known().filter(|kind| kind.served) {
            kinds += 1;
            let schema = kind.schema().root();
            assert!(schema.has_properties(), "{kind:?}");
            compile(schema, true);
        }
        assert!(kinds > 60);
    }

    fn compile(schema: SchemaRef<'_>, root: bool) {
        for rule in &schema.node().rules {
            let null = Node::null(tidegate_yaml::Place::default());
            let verdict = check_rule(rule, schema, root, &null, None, &mut Budget::default());
            assert!(
                !matches!(verdict, Verdict::CompileError(_)),
                "{rule:?}: {verdict:?}"
            );
        }
        let properties = schema
            .node()
            .properties
            .iter()
            .map(|(_, id)| schema.other(*id));
        for part in properties.chain(schema.items()).chain(schema.additional()) {
            compile(part, false);
        }
    }
}
