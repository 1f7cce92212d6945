//! Values from YAML nodes and back, with what they came from.

use std::collections::BTreeMap;
use std::rc::Rc;

use tidegate_source::{FileId, Span};
use tidegate_yaml::{
    Dialect, Entry, Map as NodeMap, Node, Place, Scalar, ScalarKind, Seq, SmolStr, Style,
    Value as NodeValue, binary_value, float_value, json_float, json_number, resolve,
};

use crate::fmt::DEEPEST;
use crate::functions::Failure;
use crate::origin::{Origin, Origins};
use crate::text::Str;
use crate::value::{Elem, Kind, List, Map, Value};

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

    /// The value as a node, as Go writes it as JSON and reads that as YAML: what `toYaml` writes. The
    /// places of its scalars stand for origins: [`Origin::of_place`] leads back. `most` bounds how many
    /// values are written: they can be shared, and a map can hold itself.
    pub fn to_node(&self, origins: &mut Origins, most: usize) -> Result<Node, Failure> {
        let mut budget = most;
        to_node(self, origins, &mut budget, 0)
    }
}

impl Origin {
    /// The origin that a place of a node of [`Value::to_node`] stands for.
    pub fn of_place(place: &Place) -> Origin {
        let span = place.span();
        match span.file == FileId::DETACHED {
            true => Origin::of_index(span.start),
            false => Origin::NONE,
        }
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

/// A place that stands for an origin in nodes that are made to be written out.
fn place_of(origin: Origin) -> Place {
    if !origin.is_some() {
        return Place::default();
    }
    let index = origin.index() as usize;
    Place::at(Span::new(FileId::DETACHED, index, index))
}

fn to_node(
    value: &Value,
    origins: &mut Origins,
    budget: &mut usize,
    depth: usize,
) -> Result<Node, Failure> {
    if depth > DEEPEST {
        return Err(Failure::limit(format!(
            "values are nested more than {DEEPEST} deep"
        )));
    }
    let Some(left) = budget.checked_sub(1) else {
        return Err(Failure::limit("the value is larger than the limit"));
    };
    *budget = left;
    let origin = match &value.kind {
        Kind::Str(text) if text.pieces().is_some() => {
            let parts = text.origin_of(0..text.len(), origins);
            origins.union(value.origin, parts)
        }
        _ => value.origin,
    };
    let place = place_of(origin);
    let scalar = |text: SmolStr, kind| Node::scalar(text, kind, Style::Plain, place.clone());
    Ok(match &value.kind {
        Kind::Nil => Node::null(place),
        Kind::Bool(value) => scalar(
            if *value { "true" } else { "false" }.into(),
            ScalarKind::Bool,
        ),
        Kind::Int(value) | Kind::Int64(value) => scalar(value.to_string().into(), ScalarKind::Int),
        Kind::Uint64(value) => scalar(value.to_string().into(), ScalarKind::Int),
        Kind::Uint8(value) => scalar(value.to_string().into(), ScalarKind::Int),
        Kind::Float(value) if !value.is_finite() => {
            let shown = crate::fmt::format_float(*value, b'g', None);
            return Err(format!("json: unsupported value: {shown}").into());
        }
        Kind::Float(value) => scalar(json_float(*value).into(), ScalarKind::Float),
        Kind::Complex(..) => return Err("json: unsupported type: complex128".into()),
        Kind::JsonNumber(text) => {
            let text = if text.is_empty() {
                "0".into()
            } else {
                text.clone()
            };
            let kind = resolve(&text, Dialect::Yaml11);
            scalar(text, kind)
        }
        Kind::Str(text) => Node::str(text.to_text(), place),
        Kind::List(list) if list.is_nil => Node::null(place),
        Kind::List(list) if list.elem == Elem::Byte => Node::str(byte_text(list), place),
        Kind::List(list) => {
            let items: Result<Vec<Node>, Failure> = list
                .items
                .iter()
                .map(|item| to_node(item, origins, budget, depth + 1))
                .collect();
            Node {
                value: NodeValue::Seq(Seq::from(items?)),
                place,
            }
        }
        Kind::Map(map) if map.is_nil => Node::null(place),
        Kind::Map(map) => {
            let original = map.original();
            let map = original.as_deref().unwrap_or(map);
            let mut entries = Vec::with_capacity(map.len());
            for (key, item) in map.entries().iter() {
                entries.push(Entry {
                    key: Node::str(key.clone(), Place::default()),
                    value: to_node(item, origins, budget, depth + 1)?,
                });
            }
            Node {
                value: NodeValue::Map(NodeMap::from(entries)),
                place,
            }
        }
        Kind::Object(object) => to_node(&object.to_data(), origins, budget, depth + 1)?,
    })
}

/// A `[]byte` is base64 in JSON.
fn byte_text(list: &List) -> SmolStr {
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
