//! What templates print, read as objects, and what the operator writes into each of them.

use std::fmt;

use tidegate_source::{FileId, Severity, Span};
use tidegate_yaml::{
    Dialect, Entry, Map, Node, ParseOptions, Place, ScalarKind, Value, json_key, parse_text,
};

use super::{BuildError, Cause, Identity, Result, map_field};
use crate::render::{is_kustomization, is_object, items, set_metadata};

const RECONCILE: &str = "fluxcd.controlplane.io/reconcile";
const OWNER_NAME: &str = "resourceset.fluxcd.controlplane.io/name";
const OWNER_NAMESPACE: &str = "resourceset.fluxcd.controlplane.io/namespace";

/// The objects of a text that the template at `span` printed. Lists are replaced by their items.
/// Documents without a name and kustomize's own configuration are left out in silence.
pub(super) fn read_objects(text: &str, span: Span) -> Result<Vec<Node>> {
    let refused = |message: String| BuildError {
        message,
        span,
        cause: Cause::Fault,
    };
    let parsed = parse_text(text, FileId::NONE, ParseOptions::new(Dialect::Yaml11));
    let is_error = |finding: &&tidegate_source::Diagnostic| finding.severity == Severity::Error;
    if let Some(finding) = parsed.findings.iter().find(is_error) {
        return Err(refused(format!(
            "what the template prints is not YAML: {}",
            finding.message
        )));
    }
    let mut objects = Vec::new();
    let roots = parsed.documents.into_iter().filter_map(|one| one.root);
    for root in roots.filter(|root| !root.is_null()) {
        let root = as_json(&root).map_err(|reason| {
            refused(format!("what the template prints has a key that {reason}"))
        })?;
        if root.as_map().is_none() {
            return Err(refused(
                "the template prints a document that is no object".to_owned(),
            ));
        }
        if root
            .get("kind")
            .and_then(Node::as_str)
            .is_none_or(str::is_empty)
        {
            return Err(refused(
                "the template prints an object without `kind`".to_owned(),
            ));
        }
        match items(&root) {
            Some(items) => {
                if items.iter().any(|item| item.as_map().is_none()) {
                    let message = "the template prints a list with an item that is no object";
                    return Err(refused(message.to_owned()));
                }
                objects.extend(items.iter().cloned());
            }
            None if is_object(&root) && !is_kustomization(&root) => objects.push(root),
            None => {}
        }
    }
    Ok(objects)
}

/// A node as JSON holds it: keys are text, and so are dates, as they are written. The error says what
/// a key is that is none.
pub(super) fn as_json(node: &Node) -> std::result::Result<Node, &'static str> {
    let value = match &node.value {
        Value::Scalar(scalar) if scalar.kind == ScalarKind::Timestamp => {
            return Ok(Node::str(scalar.text.clone(), node.place.clone()));
        }
        Value::Scalar(_) => return Ok(node.clone()),
        Value::Seq(seq) => {
            let mut items = Vec::with_capacity(seq.len());
            for item in seq {
                items.push(as_json(item)?);
            }
            Value::Seq(items.into())
        }
        Value::Map(map) => {
            let mut entries = Vec::with_capacity(map.len());
            for entry in map {
                let key = entry.key.as_scalar().ok_or("is no scalar")?;
                entries.push(Entry {
                    key: Node::str(json_key(key)?, entry.key.place.clone()),
                    value: as_json(&entry.value)?,
                });
            }
            Value::Map(entries.into())
        }
    };
    Ok(Node {
        value,
        place: node.place.clone(),
    })
}

/// Whether the object says that the operator shall leave it out.
pub(super) fn is_disabled(object: &Node) -> bool {
    object
        .at(&["metadata", "annotations", RECONCILE])
        .and_then(Node::text)
        .is_some_and(|value| value.eq_ignore_ascii_case("disabled"))
}

/// What tells objects apart. The version is no part of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    group: String,
    kind: String,
    namespace: String,
    name: String,
}

impl Key {
    pub(super) fn of(object: &Node) -> Key {
        let text = |path: &[&str]| {
            let node = object.at(path);
            node.and_then(Node::text).unwrap_or_default().to_owned()
        };
        let version = text(&["apiVersion"]);
        Key {
            group: version
                .rsplit_once('/')
                .map_or("", |(group, _)| group)
                .to_owned(),
            kind: text(&["kind"]),
            namespace: text(&["metadata", "namespace"]),
            name: text(&["metadata", "name"]),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.namespace.as_str() {
            "" => write!(f, "{} {}", self.kind, self.name),
            namespace => write!(f, "{} {namespace}/{}", self.kind, self.name),
        }
    }
}

/// What every object gets: the common metadata, and labels that name the ResourceSet.
pub(super) struct Metadata {
    labels: Map,
    annotations: Map,
}

impl Metadata {
    pub(super) fn new(owner: &Identity, common: Option<&Node>) -> Result<Metadata> {
        let map = |field| {
            let node = common.map_or(Ok(None), |common| map_field(common, field))?;
            Ok(node.and_then(Node::as_map).cloned().unwrap_or_default())
        };
        let mut labels: Map = map("labels")?;
        let place = Place::at(Span::NONE);
        for (key, value) in [
            (OWNER_NAME, &owner.name),
            (OWNER_NAMESPACE, &owner.namespace),
        ] {
            let key = Node::str(key, place.clone());
            labels.insert(key, Node::str(value.clone(), place.clone()));
        }
        Ok(Metadata {
            labels,
            annotations: map("annotations")?,
        })
    }

    pub(super) fn set(&self, object: &mut Node) {
        set_metadata(object, "labels", &self.labels);
        if !self.annotations.is_empty() {
            set_metadata(object, "annotations", &self.annotations);
        }
    }
}
