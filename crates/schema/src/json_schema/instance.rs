//! Nodes as JSON Schema sees them.

use std::borrow::Cow;

use smol_str::SmolStr;
use tidegate_yaml::{
    Dialect, Node, Scalar, ScalarKind, Value, binary_text, binary_value, json_key,
};

use super::decimal::Decimal;
use crate::number::boolean;

/// A type of JSON, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Types(u8);

impl Types {
    pub(super) const NULL: Types = Types(1);
    pub(super) const BOOLEAN: Types = Types(2);
    pub(super) const NUMBER: Types = Types(4);
    pub(super) const INTEGER: Types = Types(8);
    pub(super) const STRING: Types = Types(16);
    pub(super) const ARRAY: Types = Types(32);
    pub(super) const OBJECT: Types = Types(64);

    /// In the order in which they are listed to users.
    const NAMES: [(Types, &'static str); 7] = [
        (Types::NULL, "null"),
        (Types::BOOLEAN, "boolean"),
        (Types::NUMBER, "number"),
        (Types::INTEGER, "integer"),
        (Types::STRING, "string"),
        (Types::ARRAY, "array"),
        (Types::OBJECT, "object"),
    ];

    /// None where it names no type.
    pub(super) fn named(name: &str) -> Option<Types> {
        let named = Types::NAMES.iter().find(|(_, known)| *known == name);
        named.map(|(types, _)| *types)
    }

    pub(super) fn names(self) -> Vec<&'static str> {
        let those = Types::NAMES.iter().filter(|(one, _)| self.has(*one));
        those.map(|(_, name)| *name).collect()
    }

    pub(super) fn with(self, other: Types) -> Types {
        Types(self.0 | other.0)
    }

    pub(super) fn has(self, one: Types) -> bool {
        self.0 & one.0 != 0
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// A node as JSON.
pub(super) enum Json<'n> {
    Null,
    Boolean(bool),
    Number(Decimal),
    Text(Cow<'n, str>),
    Array(&'n [Node]),
    Object(&'n tidegate_yaml::Map),
    /// A value that only the cluster knows: any scalar.
    Opaque,
    /// An infinity, or not a number, which JSON does not have.
    Infinite,
}

impl<'n> Json<'n> {
    pub(super) fn of(node: &'n Node) -> Json<'n> {
        match &node.value {
            Value::Map(map) => Json::Object(map),
            Value::Seq(seq) => Json::Array(seq.items()),
            Value::Scalar(scalar) => Json::scalar(scalar),
        }
    }

    fn scalar(scalar: &'n Scalar) -> Json<'n> {
        let text = scalar.text.as_str();
        let kind = scalar.kind_in(Dialect::Yaml11);
        match kind {
            ScalarKind::Null => Json::Null,
            ScalarKind::Bool => Json::Boolean(boolean(scalar).unwrap_or_default()),
            ScalarKind::Int | ScalarKind::Float => {
                Decimal::of_scalar(scalar).map_or(Json::Infinite, Json::Number)
            }
            ScalarKind::Binary => match binary_value(text) {
                Some(bytes) => Json::Text(binary_text(&bytes).into()),
                None => Json::Text(text.into()),
            },
            ScalarKind::Opaque => Json::Opaque,
            ScalarKind::Str | ScalarKind::Timestamp | ScalarKind::Merge | ScalarKind::Untagged => {
                Json::Text(text.into())
            }
        }
    }

    /// None for what has no type.
    pub(super) fn type_of(&self) -> Types {
        match self {
            Json::Null => Types::NULL,
            Json::Boolean(_) => Types::BOOLEAN,
            Json::Number(_) => Types::NUMBER,
            Json::Text(_) => Types::STRING,
            Json::Array(_) => Types::ARRAY,
            Json::Object(_) => Types::OBJECT,
            Json::Opaque | Json::Infinite => Types::default(),
        }
    }

    /// Whether two values are the same to JSON Schema: `1` and `1.0` are.
    pub(super) fn equals(&self, other: &Json<'_>) -> bool {
        match (self, other) {
            (Json::Null, Json::Null) => true,
            (Json::Boolean(a), Json::Boolean(b)) => a == b,
            (Json::Number(a), Json::Number(b)) => a == b,
            (Json::Text(a), Json::Text(b)) => a == b,
            (Json::Array(a), Json::Array(b)) => {
                let mut pairs = a.iter().zip(*b);
                a.len() == b.len() && pairs.all(|(a, b)| Json::of(a).equals(&Json::of(b)))
            }
            (Json::Object(a), Json::Object(b)) => {
                let canonical = |one: &Json<'_>| {
                    let mut out = String::new();
                    one.canonical(&mut out);
                    out
                };
                a.len() == b.len() && canonical(self) == canonical(other)
            }
            _ => false,
        }
    }

    /// A text that is the same for equal values, and for no others.
    pub(super) fn canonical(&self, out: &mut String) {
        match self {
            Json::Null => out.push('n'),
            Json::Boolean(value) => out.push_str(if *value { "t" } else { "f" }),
            Json::Number(number) => out.push_str(&number.canonical()),
            Json::Text(text) => write_text(text, out),
            Json::Array(items) => {
                out.push('[');
                for item in *items {
                    Json::of(item).canonical(out);
                    out.push(',');
                }
                out.push(']');
            }
            Json::Object(map) => {
                let mut entries: Vec<_> = map.iter().map(|e| (key(&e.key), &e.value)).collect();
                entries.sort_by(|a, b| a.0.cmp(&b.0));
                out.push('{');
                for (key, value) in entries {
                    write_text(&key, out);
                    Json::of(value).canonical(out);
                    out.push(',');
                }
                out.push('}');
            }
            Json::Opaque | Json::Infinite => out.push('?'),
        }
    }
}

fn write_text(text: &str, out: &mut String) {
    // The length in front keeps texts apart whatever is in them.
    out.push_str(&text.len().to_string());
    out.push('"');
    out.push_str(text);
}

/// The key of an entry as JSON has it.
pub(super) fn key(node: &Node) -> SmolStr {
    match node.as_scalar() {
        Some(scalar) if scalar.kind == ScalarKind::Str => scalar.text.clone(),
        Some(scalar) => json_key(scalar).unwrap_or_else(|_| scalar.text.clone()),
        None => SmolStr::default(),
    }
}
