//! The types that a schema declares for its values. What has no type is not seen by rules.

use super::escape::{is_reserved, unescape};
use super::types::Type;
use crate::structural::{Additional, SchemaRef, ValueType};

/// The type of a value; none where rules cannot see it.
pub(super) fn declared(schema: SchemaRef<'_>, resource: bool) -> Option<Type> {
    // Lists and maps nest no deeper than schemas do, which are bounded when they are read.
    if schema.int_or_string {
        return Some(Type::Dyn);
    }
    match schema.value_type? {
        ValueType::Array => {
            let items = schema.items()?;
            Some(Type::list(declared(items, items.embedded)?))
        }
        ValueType::Object if resource => Some(Type::Resource(schema.id())),
        ValueType::Object => match schema.additional {
            Additional::Of(_) => {
                let value = schema.additional()?;
                Some(Type::map(Type::Str, declared(value, value.embedded)?))
            }
            _ => Some(Type::Object(schema.id())),
        },
        ValueType::String => Some(match schema.format.as_str() {
            "byte" => Type::Bytes,
            "duration" => Type::Duration,
            "date" | "date-time" => Type::Timestamp,
            _ => Type::Str,
        }),
        ValueType::Boolean => Some(Type::Bool),
        ValueType::Number => Some(Type::Double),
        ValueType::Integer => Some(Type::Int),
    }
}

/// The type of a field of an object, by the name that expressions have for it.
pub(super) fn field(schema: SchemaRef<'_>, of: &Type, name: &str) -> Option<Type> {
    let own = match of {
        Type::Metadata => {
            return matches!(name, "name" | "generateName").then_some(Type::Str);
        }
        Type::Resource(_) if matches!(name, "apiVersion" | "kind") => return Some(Type::Str),
        Type::Resource(_) if name == "metadata" => return Some(Type::Metadata),
        Type::Resource(id) | Type::Object(id) => schema.other(*id),
        _ => return None,
    };
    // Words of the language are found as they are, too.
    let plain = match is_reserved(name) {
        true => name.into(),
        false => {
            let plain = unescape(name)?;
            // Only the escaped form is the name of a property that needs one.
            if super::escape::escape(&plain)? != name {
                return None;
            }
            plain
        }
    };
    let property = own.property(&plain)?;
    declared(property, property.embedded)
}
