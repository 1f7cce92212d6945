use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tidegate_yaml::{Node, Value as NodeValue};

use super::collections::{List, Map, NodeList, NodeMap};
use super::time::Timestamp;
use super::value::{Failure, Value};
use crate::formats::parse_duration;
use crate::number::{Number, boolean, is_text};
use crate::structural::{SchemaRef, ValueType};

/// The value of a node as its schema types it.
pub(super) fn native<'v>(schema: SchemaRef<'v>, node: &'v Node) -> Result<Value<'v>, Failure> {
    native_root(schema, node, schema.embedded)
}

/// The same, for a node that may be the root of a resource.
pub(super) fn native_root<'v>(
    schema: SchemaRef<'v>,
    node: &'v Node,
    resource: bool,
) -> Result<Value<'v>, Failure> {
    let invalid = |what: &str| Err(Failure::new(format!("invalid data, {what}")));
    if node.is_null() {
        return match schema.nullable {
            true => Ok(Value::Null),
            false => invalid("got null for schema with nullable=false"),
        };
    }
    let scalar = node.as_scalar();
    let number = scalar.and_then(Number::of);
    if schema.int_or_string {
        return match (scalar, number) {
            (Some(scalar), _) if is_text(scalar) => Ok(Value::Str(scalar.text.clone())),
            (_, Some(Number::Whole(value))) => Ok(Value::Int(value)),
            _ => invalid("expected XIntOrString value to be either a string or integer"),
        };
    }
    match (schema.value_type, &node.value) {
        (Some(ValueType::Object), NodeValue::Map(map)) => Ok(Value::Map(Map::Nodes(NodeMap {
            map,
            schema,
            resource,
        }))),
        (Some(ValueType::Array), NodeValue::Seq(seq)) => match schema.items() {
            Some(items) => Ok(Value::List(List::Nodes(NodeList {
                nodes: seq.items(),
                schema,
                items,
            }))),
            None => invalid("expected Items with a non-empty Schema"),
        },
        (Some(ValueType::String), NodeValue::Scalar(scalar)) if is_text(scalar) => {
            of_format(&schema.format, &scalar.text)
        }
        (Some(ValueType::Integer), _) => match number {
            Some(Number::Whole(value)) => Ok(Value::Int(value)),
            _ => invalid("expected int"),
        },
        (Some(ValueType::Number), _) => match number {
            Some(number) => Ok(Value::Double(number.as_f64())),
            None => invalid("expected float"),
        },
        (Some(ValueType::Boolean), _) => match scalar.and_then(boolean) {
            Some(value) => Ok(Value::Bool(value)),
            None => invalid("expected bool"),
        },
        (None, _) if schema.preserve_unknown => Ok(Value::Unknown(node)),
        (Some(expected), _) => invalid(&format!("expected {}", expected.as_str())),
        (None, _) => invalid("the schema has no type"),
    }
}

fn of_format<'v>(format: &str, text: &smol_str::SmolStr) -> Result<Value<'v>, Failure> {
    let value = match format {
        "duration" => parse_duration(text).map(Value::Duration),
        "date" => Timestamp::parse_date(text).map(Value::Timestamp),
        "date-time" => crate::formats::parse_date_time(text).map(Value::Timestamp),
        "byte" => STANDARD
            .decode(text.as_bytes())
            .ok()
            .map(|bytes| Value::Bytes(bytes.into())),
        _ => Some(Value::Str(text.clone())),
    };
    value.ok_or_else(|| Failure::new(format!("Invalid {format} formatted string {text}")))
}
