//! Values that templates see, and where they are from.

use std::collections::BTreeMap;
use std::fmt;

use tidegate_gotemplate::{Numbers, Origins, Value};
use tidegate_source::Span;
use tidegate_yaml::{Node, Place, ScalarKind, SmolStr, Value as NodeValue, json_key};

use crate::printed::Opaque;

/// Where values are from.
pub(super) struct Values {
    pub(super) origins: Origins,
    /// What only the cluster knows.
    pub(super) opaque: Opaque,
}

impl Default for Values {
    fn default() -> Values {
        Values {
            origins: Origins::tracking(),
            opaque: Opaque::default(),
        }
    }
}

impl Values {
    /// The value of a node, as the operator reads it.
    pub(super) fn of(&mut self, node: &Node) -> Value {
        self.opaque.note(node);
        Value::from_node(node, Numbers::Int64, &mut self.origins)
    }

    /// A text that is written somewhere.
    pub(super) fn text(&mut self, text: &str, place: &Place) -> Value {
        Value::from(text).with_origin(self.origins.place(place))
    }
}

impl Opaque {
    /// Notes the scalars of a node that are not known.
    pub(super) fn note(&mut self, node: &Node) {
        match &node.value {
            NodeValue::Scalar(scalar) if scalar.kind == ScalarKind::Opaque => {
                self.values.insert(node.place.span());
            }
            NodeValue::Scalar(_) => {}
            NodeValue::Seq(seq) => seq.iter().for_each(|item| self.note(item)),
            NodeValue::Map(map) => map.iter().for_each(|entry| self.note(&entry.value)),
        }
    }
}

/// What input sets know of the object that they come from.
pub(super) struct Identity {
    api_version: Part,
    kind: Part,
    name: Part,
    namespace: Part,
}

/// A part of it, and where it is written.
struct Part {
    text: SmolStr,
    place: Place,
}

impl Identity {
    /// The operator has text for these fields, so that numbers and the like are read as the text that Go
    /// writes for them.
    pub(super) fn of(object: &Node) -> Identity {
        let part = |path: &[&str], absent: &str| {
            let node = object.at(path);
            let text = node
                .and_then(Node::as_scalar)
                .and_then(|scalar| json_key(scalar).ok());
            match (text.filter(|text| !text.is_empty()), node) {
                (Some(text), Some(node)) => Part {
                    text,
                    place: node.place.clone(),
                },
                _ => Part {
                    text: absent.into(),
                    place: Place::at(Span::NONE),
                },
            }
        };
        Identity {
            api_version: part(&["apiVersion"], ""),
            kind: part(&["kind"], ""),
            name: part(&["metadata", "name"], ""),
            namespace: part(&["metadata", "namespace"], "default"),
        }
    }

    pub(super) fn kind(&self) -> &str {
        &self.kind.text
    }

    pub(super) fn name(&self) -> &str {
        &self.name.text
    }

    pub(super) fn namespace(&self) -> &str {
        &self.namespace.text
    }

    pub(super) fn name_place(&self) -> &Place {
        &self.name.place
    }

    pub(super) fn namespace_place(&self) -> &Place {
        &self.namespace.place
    }

    /// A provider of the same namespace that is known by its name alone, as a value.
    pub(super) fn provider_value(
        &self,
        reference: &Node,
        name: &str,
        values: &mut Values,
    ) -> Value {
        let place = reference.get("name").unwrap_or(reference).place.clone();
        let entries = [
            ("apiVersion", Value::from("fluxcd.controlplane.io/v1")),
            ("kind", Value::from("ResourceSetInputProvider")),
            ("name", values.text(name, &place)),
            (
                "namespace",
                values.text(self.namespace(), &self.namespace.place),
            ),
        ];
        let entries = entries.map(|(key, value)| (key.into(), value));
        Value::map(BTreeMap::from(entries))
    }

    /// The same as a value.
    pub(super) fn value(&self, values: &mut Values) -> Value {
        let entries = [
            ("apiVersion", &self.api_version),
            ("kind", &self.kind),
            ("name", &self.name),
            ("namespace", &self.namespace),
        ];
        let entries = entries.map(|(key, part)| {
            let value = match part.place.span().is_some() {
                true => values.text(&part.text, &part.place),
                false => part.text.as_str().into(),
            };
            (key.into(), value)
        });
        Value::map(BTreeMap::from(entries))
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}/{}", self.kind(), self.namespace(), self.name())
    }
}
