//! Values from YAML nodes, with what they came from.

use std::collections::BTreeMap;
use std::rc::Rc;

use tidegate_source::Span;
use tidegate_yaml::{
    Dialect, Node, Scalar, ScalarKind, SmolStr, Value as NodeValue, binary_value, float_value,
    json_number,
};

use crate::origin::{Origin, Origins};
use crate::text::Str;
use crate::value::{Kind, List, Map, Value};

/// The types that numbers of JSON and YAML get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Numbers {
    /// All are `float64`, as `encoding/json` decodes them.
    #[default]
    Float64,
    /// Whole numbers are `int64`, as Kubernetes decodes JSON.
    Int64,
    /// All are `json.Number`, which keeps their text.
    JsonNumber,
}

/// A number of JSON as the type asked for.
pub(crate) fn number(text: &str, numbers: Numbers) -> Kind {
    match numbers {
        Numbers::JsonNumber => Kind::JsonNumber(text.into()),
        Numbers::Int64 => match text.parse::<i64>() {
            Ok(value) => Kind::Int64(value),
            Err(_) => Kind::Float(text.parse().unwrap_or(f64::NAN)),
        },
        Numbers::Float64 => Kind::Float(text.parse().unwrap_or(f64::NAN)),
    }
}

impl Value {
    /// The value of a node as Go decodes YAML through JSON. Each value gets an origin of its own in
    /// `origins`, which leads to the place of its node.
    pub fn from_node(node: &Node, numbers: Numbers, origins: &mut Origins) -> Value {
        let mut convert = |node: &Node| origins.place(&node.place);
        from_node(node, numbers, &mut convert)
    }
}

/// The value of a node; `origin` says where a node came from.
pub(crate) fn from_node(
    node: &Node,
    numbers: Numbers,
    origin: &mut dyn FnMut(&Node) -> Origin,
) -> Value {
    let from = origin(node);
    let kind = match &node.value {
        NodeValue::Scalar(scalar) => scalar_kind(scalar, numbers),
        NodeValue::Seq(seq) => {
            let items = seq
                .iter()
                .map(|item| from_node(item, numbers, origin))
                .collect();
            Kind::List(Rc::new(List::grown(items)))
        }
        NodeValue::Map(map) => {
            let mut entries = BTreeMap::new();
            for entry in map {
                if let Some(key) = entry.key.as_scalar() {
                    entries.insert(key_text(key), from_node(&entry.value, numbers, origin));
                }
            }
            Kind::Map(Rc::new(Map::new(entries)))
        }
    };
    Value::from(kind).with_origin(from)
}

fn scalar_kind(scalar: &Scalar, numbers: Numbers) -> Kind {
    let text = &scalar.text;
    let kind = scalar.kind_in(Dialect::Yaml11);
    match kind {
        ScalarKind::Null => Kind::Nil,
        ScalarKind::Bool => Kind::Bool(is_true(text)),
        ScalarKind::Int | ScalarKind::Float => match json_number(text, kind, Dialect::Yaml11) {
            Some(json) => number(&json, numbers),
            None => match float_value(text, Dialect::Yaml11) {
                // Go cannot decode it; whoever reads the text says so.
                Some(value) => Kind::Float(value),
                None => Kind::Str(text.clone().into()),
            },
        },
        ScalarKind::Binary => match binary_value(text) {
            Some(bytes) => Kind::Str(crate::text::lossy(&bytes).into()),
            None => Kind::Str(text.clone().into()),
        },
        _ => Kind::Str(text.clone().into()),
    }
}

/// Keys are text: numbers and booleans are written as JSON has them.
fn key_text(key: &Scalar) -> SmolStr {
    match key.kind {
        ScalarKind::Bool => if is_true(&key.text) { "true" } else { "false" }.into(),
        ScalarKind::Int | ScalarKind::Float => {
            match json_number(&key.text, key.kind, Dialect::Yaml11) {
                Some(text) => text.into(),
                None => key.text.clone(),
            }
        }
        ScalarKind::Null => "null".into(),
        _ => key.text.clone(),
    }
}

fn is_true(text: &str) -> bool {
    matches!(text.as_bytes().first(), Some(b't' | b'T' | b'y' | b'Y'))
        || text.eq_ignore_ascii_case("on")
}

/// A `[]byte` is base64 in JSON.
pub(crate) fn byte_text(list: &List) -> SmolStr {
    let bytes: Vec<u8> = list
        .items
        .iter()
        .map(|item| match item.kind {
            Kind::Uint8(byte) => byte,
            _ => 0,
        })
        .collect();
    crate::funcs::encoding::base64(&bytes).into()
}

/// What a part of a text that was read as YAML came from.
pub(crate) fn read_from(text: &Str, origin: Origin, span: Span, origins: &mut Origins) -> Origin {
    if !origins.is_on() {
        return Origin::NONE;
    }
    let end = (span.end as usize).min(text.len());
    let start = (span.start as usize).min(end);
    let parts = text.origin_of(start..end, origins);
    match text.pieces() {
        Some(_) => parts,
        None => origins.union(parts, origin),
    }
}
