//! What templates print, read as objects, and what the operator writes into each of them.

use std::fmt;

use tidegate_gotemplate::Output;
use tidegate_source::Span;
use tidegate_yaml::{
    Dialect, Entry, Map, Node, ParseOptions, Scalar, ScalarKind, Style, Value, binary_text,
    binary_value, is_yes, json_key, json_number,
};

use super::error::Result;
use super::map_field;
use super::template::Template;
use super::values::{Identity, Values};
use crate::printed::Printed;
use crate::render::{is_kustomization, is_object, items, set_metadata};

const RECONCILE: &str = "fluxcd.controlplane.io/reconcile";
const OWNER_NAME: &str = "resourceset.fluxcd.controlplane.io/name";
const OWNER_NAMESPACE: &str = "resourceset.fluxcd.controlplane.io/namespace";

/// Why what a template prints are no objects, and what to edit.
pub(super) type NoObjects = (String, Span);

/// The objects that a template printed. An entry of `resources` is one object, whatever it is. Of what a
/// `resourcesTemplate` prints, lists are replaced by their items, and documents without a name and
/// kustomize's own configuration are left out in silence.
pub(super) fn read_objects(
    template: &Template<'_>,
    output: &Output,
    values: &Values,
) -> std::result::Result<Vec<Node>, NoObjects> {
    let no_objects = |message: &str, span: Span| {
        let whole = template.node.place.span();
        let span = if span.is_some() { span } else { whole };
        (format!("the template prints {message}"), span)
    };
    let text = str::from_utf8(&output.text)
        .map_err(|_| no_objects("bytes that are no UTF-8", Span::NONE))?;
    let written = |span| template.place(span);
    let mut opaque = values.opaque.clone();
    template.note_opaque(&mut opaque);
    let printed = Printed::new(text, &output.pieces, &values.origins)
        .written_at(&written)
        .with_opaque(&opaque);
    let roots = printed.read(0..text.len(), ParseOptions::new(Dialect::Yaml11));
    let roots = roots.map_err(|fault| {
        let message = format!("what is not YAML: {}", fault.reason);
        no_objects(&message, fault.place.span())
    })?;
    let is_resource = template.is_resource();
    let most = if is_resource { 1 } else { usize::MAX };
    let mut objects = Vec::new();
    for root in roots.into_iter().take(most) {
        let span = root.place.span();
        let root = as_json(&root).map_err(|what| no_objects(what, span))?;
        if root.as_map().is_none() {
            return Err(no_objects("a document that is no object", span));
        }
        if root
            .get("kind")
            .and_then(Node::as_str)
            .is_none_or(str::is_empty)
        {
            return Err(no_objects("an object without `kind`", span));
        }
        match items(&root) {
            _ if is_resource => objects.push(root),
            Some(items) => {
                if let Some(item) = items.iter().find(|item| item.as_map().is_none()) {
                    let span = item.place.span();
                    return Err(no_objects("a list with an item that is no object", span));
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
/// of it JSON cannot hold.
pub(super) fn as_json(node: &Node) -> std::result::Result<Node, &'static str> {
    let value = match &node.value {
        Value::Scalar(scalar) => Value::Scalar(scalar_as_json(scalar)?),
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
                let key = entry.key.as_scalar().ok_or("a key that is no scalar")?;
                let text = json_key(key).map_err(|_| "a key that JSON cannot hold")?;
                entries.push(Entry {
                    key: Node::str(text, entry.key.place.clone()),
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

/// A scalar as JSON holds it.
fn scalar_as_json(scalar: &Scalar) -> std::result::Result<Scalar, &'static str> {
    let (text, kind) = match scalar.kind {
        ScalarKind::Null => ("null".into(), ScalarKind::Null),
        ScalarKind::Bool => (is_yes(&scalar.text).to_string().into(), ScalarKind::Bool),
        ScalarKind::Int | ScalarKind::Float => {
            let number = |kind| {
                let json = json_number(&scalar.text, kind, Dialect::Yaml11);
                json.ok_or("a number that JSON cannot hold")
            };
            let json = number(scalar.kind)?;
            // Go takes a whole number for a double where it is beyond 64 bits.
            let json = match json.parse::<i64>() {
                Err(_) if scalar.kind == ScalarKind::Int => number(ScalarKind::Float)?,
                _ => json,
            };
            let kind = match json.parse::<u64>().is_err() && json.parse::<i64>().is_err() {
                true => ScalarKind::Float,
                false => ScalarKind::Int,
            };
            (json.into(), kind)
        }
        ScalarKind::Binary => match binary_value(&scalar.text) {
            Some(bytes) => (binary_text(&bytes).into(), ScalarKind::Str),
            None => return Err("a value that is tagged as base64 and is not"),
        },
        ScalarKind::Opaque => (scalar.text.clone(), ScalarKind::Opaque),
        ScalarKind::Str | ScalarKind::Timestamp | ScalarKind::Merge | ScalarKind::Untagged => {
            (scalar.text.clone(), ScalarKind::Str)
        }
    };
    Ok(Scalar {
        text,
        kind,
        style: Style::Plain,
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
        for (key, value, place) in [
            (OWNER_NAME, owner.name(), owner.name_place()),
            (OWNER_NAMESPACE, owner.namespace(), owner.namespace_place()),
        ] {
            let key = Node::str(key, place.clone());
            labels.insert(key, Node::str(value, place.clone()));
        }
        Ok(Metadata {
            labels,
            annotations: map("annotations")?,
        })
    }

    /// Puts it into an object, unless what should hold it is no map.
    pub(super) fn set(&self, object: &mut Node) {
        if object
            .get("metadata")
            .is_some_and(|one| one.as_map().is_none())
        {
            return;
        }
        set_metadata(object, "labels", &self.labels);
        if !self.annotations.is_empty() {
            set_metadata(object, "annotations", &self.annotations);
        }
    }
}
