//! What is read of a Kustomization of the API group `kustomize.toolkit.fluxcd.io`.

use tidegate_source::{Span, Subject};
use tidegate_yaml::{Map, Node, ScalarKind, Value};

use super::{Named, SourceRef, text};

/// A Flux Kustomization: the object as it was rendered, and what is asked of it again and again.
///
/// Reading takes what is there: a value of the wrong type counts as absent here, and is reported by
/// the decode stage of the build.
#[derive(Clone, Debug)]
pub struct FluxKustomization {
    /// Which object it is.
    pub subject: Subject,
    /// Where its name is written; the object itself where it has none.
    pub name_span: Span,
    /// The whole object.
    pub node: Node,
    /// `spec.path` as written; empty where it is absent.
    pub path: String,
    /// Where `spec.path` is written; the place of the name where it is absent.
    pub path_span: Span,
    /// `spec.sourceRef`.
    pub source: SourceRef,
    /// Where the name in `spec.sourceRef` is written; the place of the name where it is absent.
    pub source_span: Span,
}

/// An entry of `spec.dependsOn`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The namespace: that of the Kustomization where none is written.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// Where the name is written; the entry where it has none.
    pub span: Span,
}

/// `spec.postBuild`.
#[derive(Clone, Copy, Debug)]
pub struct PostBuild<'k> {
    /// The field.
    pub node: &'k Node,
}

/// The kinds that `substituteFrom` takes variables from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DefinitionKind {
    /// A ConfigMap: its `data`.
    ConfigMap,
    /// A Secret: its `data` and `stringData`.
    Secret,
}

impl DefinitionKind {
    /// The kind as Kubernetes spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            DefinitionKind::ConfigMap => "ConfigMap",
            DefinitionKind::Secret => "Secret",
        }
    }
}

/// An entry of `spec.postBuild.substituteFrom`. The object is in the namespace of the
/// Kustomization.
#[derive(Clone, Copy, Debug)]
pub struct SubstituteFrom<'k> {
    /// The kind; none for any other text, which kustomize-controller passes over.
    pub kind: Option<DefinitionKind>,
    /// The name.
    pub name: &'k str,
    /// Whether the object may be absent.
    pub optional: bool,
    /// Where the name is written; the entry where it has none.
    pub span: Span,
}

impl FluxKustomization {
    /// Reads a rendered object, whatever its kind.
    pub fn read(object: &Node) -> FluxKustomization {
        let Named { subject, name_span } = Named::read(object);
        let place = |keys: &[&str]| object.at(keys).map_or(name_span, |node| node.place.span());
        let text = |keys: &[&str]| text(object, keys);
        let mut namespace = text(&["spec", "sourceRef", "namespace"]);
        if namespace.is_empty() {
            namespace.clone_from(&subject.namespace);
        }
        FluxKustomization {
            name_span,
            node: object.clone(),
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

    /// A field of `spec`. Null counts as absent, as it does in Go.
    pub fn spec(&self, field: &str) -> Option<&Node> {
        let node = self.node.at(&["spec", field])?;
        (!node.is_null()).then_some(node)
    }

    /// Whether a field of `spec` says true.
    pub fn is_set(&self, field: &str) -> bool {
        let scalar = self.spec(field).and_then(Node::as_scalar);
        scalar.is_some_and(|scalar| {
            // YAML 1.1 has these words, too.
            let words = ["true", "yes", "on", "y"];
            scalar.kind == ScalarKind::Bool
                && words
                    .iter()
                    .any(|word| scalar.text.eq_ignore_ascii_case(word))
        })
    }

    /// The fields of `spec` that change what is built, with their places. Those that are empty
    /// are left out.
    pub fn settings(&self) -> Vec<(&'static str, Span)> {
        let setting = |field: &'static str| {
            let node = self.spec(field).filter(|node| !is_empty(node))?;
            Some((field, node.place.span()))
        };
        SETTINGS.into_iter().filter_map(setting).collect()
    }

    /// `spec.postBuild`, where variables are put in.
    pub fn post_build(&self) -> Option<PostBuild<'_>> {
        let node = self.spec("postBuild")?;
        Some(PostBuild { node })
    }

    /// `spec.dependsOn`.
    pub fn depends_on(&self) -> Vec<Dependency> {
        let entries = self.spec("dependsOn").and_then(Node::as_seq);
        let dependency = |entry: &Node| {
            let namespace = text(entry, &["namespace"]);
            Dependency {
                namespace: match namespace.is_empty() {
                    true => self.subject.namespace.clone(),
                    false => namespace,
                },
                name: text(entry, &["name"]),
                span: entry.get("name").unwrap_or(entry).place.span(),
            }
        };
        entries
            .into_iter()
            .flatten()
            .filter(|entry| entry.as_map().is_some())
            .map(dependency)
            .collect()
    }
}

impl<'k> PostBuild<'k> {
    /// `substitute`: the variables that are written here.
    pub fn substitute(self) -> Option<&'k Map> {
        self.node.get("substitute")?.as_map()
    }

    /// `substituteFrom`, in the order in which later entries win.
    pub fn substitute_from(self) -> Vec<SubstituteFrom<'k>> {
        let entries = self.node.get("substituteFrom").and_then(Node::as_seq);
        let reference = |entry: &'k Node| {
            let name = entry.get("name");
            SubstituteFrom {
                kind: match entry.get("kind").and_then(Node::text) {
                    Some("ConfigMap") => Some(DefinitionKind::ConfigMap),
                    Some("Secret") => Some(DefinitionKind::Secret),
                    _ => None,
                },
                name: name.and_then(Node::text).unwrap_or_default(),
                optional: entry.get("optional").and_then(Node::text) == Some("true"),
                span: name.unwrap_or(entry).place.span(),
            }
        };
        entries.into_iter().flatten().map(reference).collect()
    }

    /// `substituteStrategy`, as written.
    pub fn strategy(self) -> Option<&'k Node> {
        self.node
            .get("substituteStrategy")
            .filter(|node| !node.is_null())
    }

    /// Whether the strategy asks for substitution even where there is no variable.
    pub fn is_always(self) -> bool {
        self.strategy().and_then(Node::text) == Some("Always")
    }
}

/// The fields of a Kustomization's `spec` that kustomize-controller adds to the kustomization of
/// the folder, or to the objects built from it.
const SETTINGS: [&str; 8] = [
    "buildMetadata",
    "commonMetadata",
    "components",
    "images",
    "namePrefix",
    "nameSuffix",
    "patches",
    "targetNamespace",
];

fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(scalar) => scalar.text.is_empty() || node.is_null(),
        Value::Map(map) => map.is_empty(),
        Value::Seq(seq) => seq.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tidegate_source::{MemorySystem, Sources, TreePath};
    use tidegate_yaml::{Dialect, ParseOptions, parse};

    fn read(text: &str) -> FluxKustomization {
        let sources = Sources::new(Arc::new(MemorySystem::new().with("a.yaml", text)));
        let file = sources.load(&TreePath::new("a.yaml").unwrap()).unwrap();
        let parsed = parse(&file, ParseOptions::new(Dialect::GoYaml3));
        FluxKustomization::read(parsed.documents[0].root.as_ref().unwrap())
    }

    #[test]
    fn a_kustomization_is_read_with_what_it_leaves_out() {
        let kustomization = read(
            "metadata: {name: apps, namespace: team}\n\
             spec:\n  path: ./apps\n  components: [../c]\n  images: []\n  namePrefix: ''\n  \
             postBuild:\n    substitute: {a: b}\n    \
             substituteFrom: [{kind: Secret, name: s, optional: true}, {kind: Other, name: o}]\n  \
             dependsOn: [{name: x}, {name: y, namespace: z}, odd]\n  \
             sourceRef: {kind: GitRepository, name: src}\n",
        );
        assert_eq!(kustomization.path, "./apps");
        assert!(kustomization.path_span.is_some());
        assert_eq!(
            kustomization.source.to_string(),
            "GitRepository team/src",
            "the namespace of a source is that of the Kustomization"
        );
        let settings = kustomization.settings();
        let settings: Vec<_> = settings.iter().map(|(field, _)| *field).collect();
        assert_eq!(settings, ["components"]);
        let post_build = kustomization.post_build().unwrap();
        assert_eq!(post_build.substitute().unwrap().len(), 1);
        assert!(!post_build.is_always());
        let from = post_build.substitute_from();
        let from: Vec<_> = from.iter().map(|f| (f.kind, f.name, f.optional)).collect();
        let secret = Some(DefinitionKind::Secret);
        assert_eq!(from, [(secret, "s", true), (None, "o", false)]);
        let depends = kustomization.depends_on();
        let depends: Vec<_> = depends
            .iter()
            .map(|d| format!("{}/{}", d.namespace, d.name))
            .collect();
        assert_eq!(depends, ["team/x", "z/y"]);
    }
}
