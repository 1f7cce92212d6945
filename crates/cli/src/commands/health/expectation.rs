//! What a rendered cluster lets one expect of the real one.

use std::collections::HashMap;

use tidegate_core::apply::as_applied;
use tidegate_core::render::{Applied, Applier, ClusterRender, Outcome as Came};
use tidegate_health::{Content, Expectation, Expected, Field, Observed, SourceId, Unrendered};
use tidegate_kustomize::Object;
use tidegate_source::{Span, Subject};
use tidegate_yaml::{Node, ScalarKind, Value, to_json};

/// What is expected, and where each object of it is written.
pub(crate) struct Expecting {
    pub(crate) expectation: Expectation,
    nodes: HashMap<Subject, Node>,
    applied_by: HashMap<Subject, Subject>,
}

impl Expecting {
    /// All that is applied to a cluster. An object that two apply is expected as the later one has it.
    pub(crate) fn of(
        render: &ClusterRender,
        digest: &str,
        may_be_unjudged: &[String],
    ) -> Expecting {
        let render = as_applied(render);
        let mut nodes = HashMap::new();
        let mut owners = HashMap::new();
        let mut objects: Vec<Expected> = Vec::new();
        let mut places: HashMap<Subject, usize> = HashMap::new();
        let mut unrendered = Vec::new();
        for applied in &render.applied {
            let by = applier(&applied.by);
            match &applied.outcome {
                Came::Objects(_) => {}
                Came::NotRendered(reason) => unrendered.push(Unrendered {
                    subject: by.clone(),
                    why: format!("its objects are not known: {}", reason.as_str()),
                }),
                Came::Failed(_) => unrendered.push(Unrendered {
                    subject: by.clone(),
                    why: "its objects are not known: it cannot be rendered".to_owned(),
                }),
            }
            let ignored = ignored_paths(applied);
            for object in applied.objects() {
                let Some(content) = content(object, &applied.by, &ignored) else {
                    continue;
                };
                let subject = subject(object);
                let expected = Expected {
                    subject: subject.clone(),
                    applied_by: Some(by.clone()),
                    content,
                };
                match places.get(&subject) {
                    Some(at) => objects[*at] = expected,
                    None => {
                        places.insert(subject.clone(), objects.len());
                        objects.push(expected);
                    }
                }
                nodes.insert(subject.clone(), object.node.clone());
                owners.insert(subject, by.clone());
            }
        }
        let sources = render.own_sources.iter().map(|source| SourceId {
            kind: source.kind.clone(),
            namespace: source.namespace.clone(),
            name: source.name.clone(),
        });
        Expecting {
            expectation: Expectation {
                digest: digest.to_owned(),
                sources: sources.collect(),
                objects,
                unrendered,
                may_be_unjudged: may_be_unjudged.to_vec(),
            },
            nodes,
            applied_by: owners,
        }
    }

    /// Where an object is written, or a field of it, or what of its path is there.
    pub(crate) fn span(&self, subject: &Subject, field: Option<&str>) -> Option<Span> {
        let mut node = self.nodes.get(subject)?;
        let mut span = name_of(node).unwrap_or(node).place.span();
        for key in field.unwrap_or_default().split('/').skip(1) {
            let key = key.replace("~1", "/").replace("~0", "~");
            // Places in the live list may be others than in the rendered one.
            let Some(inner) = node.get(&key) else { break };
            node = inner;
            span = node.place.span();
        }
        Some(span)
    }

    /// The Canaries, in the order of their names.
    pub(crate) fn canaries(&self) -> Vec<Observed> {
        let is_canary = |subject: &&Subject| {
            subject.kind == "Canary" && subject.api_version.starts_with("flagger.app/")
        };
        let mut subjects: Vec<&Subject> = self.nodes.keys().filter(is_canary).collect();
        subjects.sort();
        let nodes = subjects
            .into_iter()
            .filter_map(|subject| self.nodes.get(subject));
        nodes.filter_map(observed).collect()
    }

    /// An object as it is rendered, whatever its version.
    pub(crate) fn observed(
        &self,
        group: &str,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Option<Observed> {
        let of_group = |version: &str| {
            let rest = version.strip_prefix(group);
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        let (_, node) = self.nodes.iter().find(|(subject, _)| {
            subject.kind == kind
                && subject.name == name
                && subject.namespace == namespace
                && of_group(&subject.api_version)
        })?;
        observed(node)
    }

    /// What applies an object.
    pub(crate) fn applied_by(&self, subject: &Subject) -> Option<&Subject> {
        self.applied_by.get(subject)
    }
}

/// An object as JSON. What is not known in it, such as an encrypted value, is text like any other.
fn observed(node: &Node) -> Option<Observed> {
    let json = to_json(node).ok()?;
    serde_json::from_str(&json).ok().map(Observed::new)
}

fn name_of(node: &Node) -> Option<&Node> {
    node.at(&["metadata", "name"])
}

fn subject(object: &Object) -> Subject {
    Subject {
        api_version: object.api_version().to_owned(),
        kind: object.kind().to_owned(),
        namespace: object.namespace().to_owned(),
        name: object.name().to_owned(),
    }
}

/// What applies objects. The entry of a cluster is taken for what a bootstrap and a FluxInstance make.
fn applier(by: &Applier) -> Subject {
    by.subject().cloned().unwrap_or_else(|| Subject {
        api_version: "kustomize.toolkit.fluxcd.io/v1".to_owned(),
        kind: "Kustomization".to_owned(),
        namespace: "flux-system".to_owned(),
        name: "flux-system".to_owned(),
    })
}

/// What is known of the fields of an object; none where Flux does not apply it.
fn content(object: &Object, by: &Applier, ignored: &[Vec<String>]) -> Option<Content> {
    let annotation = |name: &str| {
        let value = object.node.at(&["metadata", "annotations", name])?;
        value.text()
    };
    let is_off =
        |name: &str| annotation(name).is_some_and(|value| value.eq_ignore_ascii_case("disabled"));
    let ssa = annotation("kustomize.toolkit.fluxcd.io/ssa");
    if ssa.is_some_and(|how| how.eq_ignore_ascii_case("Ignore")) {
        return None;
    }
    if object.api_version() == "v1" && object.kind() == "Secret" {
        return Some(Content::Inventory);
    }
    let is_left = ssa.is_some_and(|how| how.eq_ignore_ascii_case("IfNotPresent"))
        || is_off("kustomize.toolkit.fluxcd.io/reconcile")
        || matches!(by, Applier::HelmRelease(_));
    Some(match is_left {
        true => Content::Presence,
        false => Content::Fields(field(&object.node, &mut Vec::new(), ignored)),
    })
}

/// The paths that an applier leaves to others, `spec.ignore` of a Kustomization, whatever objects they are meant
/// for.
fn ignored_paths(applied: &Applied) -> Vec<Vec<String>> {
    let rules = applied
        .by
        .node()
        .and_then(|node| node.at(&["spec", "ignore"])?.as_seq());
    let rules = rules.into_iter().flat_map(|rules| rules.iter());
    let paths = rules.filter_map(|rule| rule.get("paths")?.as_seq());
    let paths = paths.flat_map(|paths| paths.iter()).filter_map(Node::text);
    let keys = |path: &str| {
        let keys = path.split('/').skip(1);
        keys.map(|key| key.replace("~1", "/").replace("~0", "~"))
            .collect()
    };
    paths.map(keys).collect()
}

/// A rendered value, without what is ignored.
fn field(node: &Node, at: &mut Vec<String>, ignored: &[Vec<String>]) -> Field {
    match &node.value {
        Value::Scalar(scalar) if scalar.kind == ScalarKind::Opaque => Field::Unknown,
        Value::Scalar(_) => {
            // What cannot be written is a number that JSON does not have.
            let json = to_json(node)
                .ok()
                .and_then(|text| serde_json::from_str(&text).ok());
            match json {
                None => Field::Unknown,
                Some(serde_json::Value::Bool(value)) => Field::Bool(value),
                Some(serde_json::Value::Number(number)) => Field::Number(number.to_string()),
                Some(serde_json::Value::String(text)) => Field::Text(text),
                Some(_) => Field::Null,
            }
        }
        Value::Map(entries) => {
            let mut fields = Vec::with_capacity(entries.len());
            for entry in entries {
                let key = entry.key.text().unwrap_or_default().to_owned();
                at.push(key.clone());
                if !ignored.iter().any(|path| path == at) {
                    fields.push((key, field(&entry.value, at, ignored)));
                }
                at.pop();
            }
            Field::Map(fields)
        }
        Value::Seq(items) => {
            let mut fields = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                at.push(index.to_string());
                fields.push(field(item, at, ignored));
                at.pop();
            }
            Field::List(fields)
        }
    }
}
