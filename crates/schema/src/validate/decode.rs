use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tidegate_yaml::{Entry, Node, Scalar, Value};

use super::{How, type_name};
use crate::cel::time::Timestamp;
use crate::fault::{FaultKind, Faults};
use crate::number::{Number, is_text};
use crate::opaque::is_opaque;
use crate::path::Path;
use crate::quantity::Quantity;
use crate::structural::{Additional, SchemaRef, ValueType};

/// Decodes a value into types of Go, strictly: what cannot be held and what has no field is a fault.
pub(super) fn native(
    schema: SchemaRef<'_>,
    node: &Node,
    path: &Path<'_>,
    how: How,
    faults: &mut Faults,
) {
    if node.is_null() || is_opaque(node) {
        return;
    }
    let wanted = match (schema.value_type, &node.value) {
        _ if schema.int_or_string => match node.as_scalar().map(|s| (s, Number::of(s))) {
            Some((scalar, _)) if is_text(scalar) => return,
            Some((_, Some(number))) => {
                // Here an apply does not cut off what is too large.
                return whole(number, "int32", node, path, How::Create, faults);
            }
            _ => "integer or string",
        },
        (Some(ValueType::Object), Value::Map(map)) => {
            for entry in map {
                let Some(key) = key_of(entry, path, faults) else {
                    continue;
                };
                if let Some(property) = schema.property(key) {
                    native(property, &entry.value, &path.field(key), how, faults);
                } else if let Some(values) = schema.additional() {
                    native(values, &entry.value, &path.key(key), how, faults);
                } else if !is_open(schema) {
                    unknown(schema, &entry.key, &path.field(key), faults);
                }
            }
            return;
        }
        (Some(ValueType::Array), Value::Seq(seq)) => {
            if let Some(items) = schema.items() {
                for (index, item) in seq.iter().enumerate() {
                    native(items, item, &path.index(index), how, faults);
                }
            }
            return;
        }
        (Some(ValueType::String), Value::Scalar(scalar)) => {
            if let Some(reason) = text(&schema.format, scalar) {
                faults.push(FaultKind::Decode, path, node, reason);
            }
            return;
        }
        (Some(ValueType::Integer), Value::Scalar(scalar)) => match Number::of(scalar) {
            Some(number) => return whole(number, &schema.format, node, path, how, faults),
            None => "integer",
        },
        (Some(ValueType::Number), Value::Scalar(scalar)) if Number::of(scalar).is_some() => return,
        (Some(ValueType::Boolean), Value::Scalar(_)) if type_name(node) == "boolean" => return,
        (None, _) => return,
        (Some(other), _) => other.as_str(),
    };
    let found = type_name(node);
    let message = format!("must be of type {wanted}, not {found}");
    faults.push(FaultKind::Decode, path, node, message);
}

/// The text of a key: JSON has no other keys, but whole numbers and truth values are made texts.
fn key_of<'e>(entry: &'e Entry, path: &Path<'_>, faults: &mut Faults) -> Option<&'e str> {
    match entry.key.text() {
        Some(text) if !entry.key.is_null() => Some(text),
        _ => {
            let message = "has a key that is not text";
            faults.push(FaultKind::Decode, path, &entry.key, message);
            None
        }
    }
}

/// Whether an object may have keys of which nothing is said.
fn is_open(schema: SchemaRef<'_>) -> bool {
    schema.preserve_unknown
        || schema.additional == Additional::Any
        || (schema.is_native() && !schema.has_properties())
}

fn unknown(schema: SchemaRef<'_>, key: &Node, path: &Path<'_>, faults: &mut Faults) {
    let known = schema.node().properties.iter();
    faults.unknown_field(path, key, known.map(|(name, _)| name.as_str()));
}

fn whole(
    number: Number,
    format: &str,
    node: &Node,
    path: &Path<'_>,
    how: How,
    faults: &mut Faults,
) {
    let fits = match number {
        // A server-side apply takes the lower 32 bits of what is too large.
        Number::Whole(value) => {
            format != "int32" || how == How::Apply || i32::try_from(value).is_ok()
        }
        Number::Double(_) => false,
    };
    if !fits {
        let shown = node.text().unwrap_or_default();
        let message = format!("must be a whole number of type {format}, not {shown}");
        faults.push(FaultKind::Decode, path, node, message);
    }
}

/// Why a scalar is not a text of a format.
fn text(format: &str, scalar: &Scalar) -> Option<String> {
    let text = scalar.text.as_str();
    if format == "quantity" {
        let readable = is_text(scalar) || Number::of(scalar).is_some();
        return match readable {
            true => Quantity::parse(text.trim())
                .err()
                .map(|reason| format!("must be a quantity: {}", reason.as_str())),
            false => Some("must be a quantity".to_owned()),
        };
    }
    if !is_text(scalar) {
        let kind = match scalar.kind {
            tidegate_yaml::ScalarKind::Bool => "boolean",
            _ => "number",
        };
        return Some(format!("must be of type string, not {kind}"));
    }
    match format {
        "byte" if scalar.kind != tidegate_yaml::ScalarKind::Binary => {
            let text: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
            let decoded = STANDARD.decode(text.as_bytes());
            decoded.err().map(|_| "must be base64".to_owned())
        }
        "date-time" if Timestamp::parse_rfc3339(text).is_none() => Some(format!(
            "must be a time such as 2006-01-02T15:04:05Z, not {text:?}"
        )),
        _ => None,
    }
}

/// Finds the fields of which the schema of a CRD says nothing.
pub(super) fn structural(
    schema: SchemaRef<'_>,
    node: &Node,
    path: &Path<'_>,
    resource: bool,
    faults: &mut Faults,
) {
    match &node.value {
        Value::Map(map) => {
            for entry in map {
                let Some(key) = key_of(entry, path, faults) else {
                    continue;
                };
                if resource && matches!(key, "apiVersion" | "kind" | "metadata") {
                    continue;
                }
                if let Some(property) = schema.property(key) {
                    let path = path.field(key);
                    structural(property, &entry.value, &path, property.embedded, faults);
                } else if let Some(values) = schema.additional() {
                    let path = path.field(key);
                    structural(values, &entry.value, &path, values.embedded, faults);
                } else if !is_open(schema) {
                    unknown(schema, &entry.key, &path.field(key), faults);
                }
            }
        }
        Value::Seq(seq) => {
            if let Some(items) = schema.items() {
                for (index, item) in seq.iter().enumerate() {
                    structural(items, item, &path.index(index), items.embedded, faults);
                }
            }
        }
        Value::Scalar(_) => {}
    }
}
