//! The ways to break an object.

use tidegate_schema::{ListType, SchemaRef, ValueType};
use tidegate_source::Span;
use tidegate_yaml::{Entry, Node, ScalarKind, Style, Value};

use crate::random::Random;

/// What is broken.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Type,
    Enum,
    Required,
    UnknownField,
    Range,
    Form,
    Name,
    Duplicate,
}

impl Kind {
    pub(super) const ALL: [Kind; 8] = [
        Kind::Type,
        Kind::Enum,
        Kind::Required,
        Kind::UnknownField,
        Kind::Range,
        Kind::Form,
        Kind::Name,
        Kind::Duplicate,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Type => "value of another type",
            Kind::Enum => "value not allowed",
            Kind::Required => "required field left out",
            Kind::UnknownField => "unknown field",
            Kind::Range => "number out of range",
            Kind::Form => "text of another form",
            Kind::Name => "name, label or annotation",
            Kind::Duplicate => "item twice",
        }
    }
}

/// An object that was broken.
pub(super) struct Break {
    /// What was done to it.
    pub(super) what: String,
    pub(super) whole: Node,
    pub(super) broken: Node,
    /// Where what is wrong now is written.
    pub(super) span: Span,
}

/// A step into an object: an index of an entry or of an item.
type Steps = Vec<usize>;

/// A change of a part of an object: what becomes of it, and where that is to be blamed.
struct Change {
    steps: Steps,
    part: Node,
    span: Span,
    what: String,
}

/// So many breaks of one kind are taken of one object.
const MOST: usize = 3;

/// Some breaks of a kind of an object.
pub(super) fn find(
    kind: Kind,
    object: &Node,
    schema: SchemaRef<'_>,
    random: &mut Random,
) -> Vec<Break> {
    let mut changes = Vec::new();
    let mut walk = Walk {
        kind,
        random,
        changes: &mut changes,
        path: Vec::new(),
        steps: Vec::new(),
    };
    match kind {
        Kind::Name => walk.names(object),
        _ => walk.fields(object, schema, true),
    }
    random.shuffle(&mut changes);
    changes.truncate(MOST);
    let name = object.at(&["metadata", "name"]).and_then(Node::text);
    let of = object.get("kind").and_then(Node::text).unwrap_or_default();
    let changes = changes.into_iter().filter(|change| change.span.is_some());
    changes
        .map(|change| Break {
            what: format!("{of} {}: {}", name.unwrap_or_default(), change.what),
            whole: object.clone(),
            broken: replaced(object, &change.steps, change.part),
            span: change.span,
        })
        .collect()
}

/// An object with another part at the end of some steps.
fn replaced(node: &Node, steps: &[usize], part: Node) -> Node {
    let Some((first, rest)) = steps.split_first() else {
        return part;
    };
    let mut node = node.clone();
    match &mut node.value {
        Value::Map(map) => {
            let value = replaced(&map.entries()[*first].value, rest, part);
            map.entries_mut()[*first].value = value;
        }
        Value::Seq(seq) => {
            let value = replaced(&seq.items()[*first], rest, part);
            seq.items_mut()[*first] = value;
        }
        Value::Scalar(_) => {}
    }
    node
}

struct Walk<'w> {
    kind: Kind,
    random: &'w mut Random,
    changes: &'w mut Vec<Change>,
    path: Vec<String>,
    steps: Steps,
}

impl Walk<'_> {
    /// Goes through what a schema says something of.
    fn fields(&mut self, node: &Node, schema: SchemaRef<'_>, root: bool) {
        if !root {
            self.value(node, schema);
        }
        match &node.value {
            Value::Map(map) => {
                for (index, entry) in map.iter().enumerate() {
                    let Some(key) = entry.key.text() else {
                        continue;
                    };
                    if root && matches!(key, "apiVersion" | "kind" | "metadata" | "status") {
                        continue;
                    }
                    if let Some(part) = schema.property(key).or_else(|| schema.additional()) {
                        self.into(key, index, |walk| walk.fields(&entry.value, part, false));
                    }
                }
            }
            Value::Seq(seq) => {
                let Some(items) = schema.items() else {
                    return;
                };
                for (index, item) in seq.iter().enumerate() {
                    self.into(&index.to_string(), index, |walk| {
                        walk.fields(item, items, false);
                    });
                }
            }
            Value::Scalar(_) => {}
        }
    }

    fn into(&mut self, name: &str, index: usize, inside: impl FnOnce(&mut Self)) {
        self.path.push(name.to_owned());
        self.steps.push(index);
        inside(self);
        self.path.pop();
        self.steps.pop();
    }

    fn change(&mut self, part: Node, span: Span, what: &str) {
        self.changes.push(Change {
            steps: self.steps.clone(),
            part,
            span,
            what: format!("{} {what}", self.path.join(".")),
        });
    }

    fn value(&mut self, node: &Node, schema: SchemaRef<'_>) {
        let of = schema.node();
        let checks = of.checks.as_deref();
        let span = first(node);
        match self.kind {
            Kind::Type => {
                if let Some(other) = other_type(node, schema) {
                    self.change(other, node.place.span(), "is of another type");
                }
            }
            Kind::Enum => {
                let is_enum = checks.is_some_and(|checks| !checks.one_of_values.is_empty());
                if let (Some(text), true) = (node.as_str(), is_enum) {
                    let part = Node::str(format!("{text}x"), node.place.clone());
                    self.change(part, node.place.span(), "is none of the values");
                }
            }
            Kind::Required => {
                let Some(map) = node.as_map() else { return };
                let required = of.required.iter();
                let there: Vec<&str> = required
                    .filter(|name| map.get(name).is_some())
                    .map(|name| name.as_str())
                    .collect();
                if let Some(name) = self.random.choose(&there) {
                    let mut part = node.clone();
                    if let Some(map) = part.as_map_mut() {
                        map.remove(name);
                    }
                    let span = first(&part);
                    self.change(part, span, &format!("has no {name}"));
                }
            }
            Kind::UnknownField => {
                let Some(map) = node.as_map() else { return };
                let is_closed = schema.has_properties()
                    && !of.preserve_unknown
                    && schema.additional().is_none();
                let Some(beside) = map.entries().last().filter(|_| is_closed) else {
                    return;
                };
                let key = beside.key.text().unwrap_or_default();
                let key = Node::str(format!("{key}s2"), beside.key.place.clone());
                let mut part = node.clone();
                if let Some(map) = part.as_map_mut() {
                    let value = beside.value.clone();
                    map.entries_mut().push(Entry { key, value });
                }
                self.change(part, beside.key.place.span(), "has one more field");
            }
            Kind::Range => {
                let is_number = node
                    .as_scalar()
                    .is_some_and(|one| one.kind == ScalarKind::Int);
                let least = checks.and_then(|checks| checks.minimum);
                let most = checks.and_then(|checks| checks.maximum);
                let name = self.path.last().map(String::as_str).unwrap_or_default();
                let value = match (least, most) {
                    _ if !is_number => return,
                    (Some(least), _) => least as i64 - 1,
                    (_, Some(most)) => most as i64 + 1,
                    _ if name.to_lowercase().ends_with("port") => 70_000,
                    _ => -5,
                };
                self.change(number(value, node), node.place.span(), "is out of range");
            }
            Kind::Form => {
                let has_form = checks.is_some_and(|checks| !checks.pattern.is_empty());
                let is_text = node.as_str().is_some();
                let bad = match of.format.as_str() {
                    "quantity" => "1Zz",
                    "date-time" => "yesterday",
                    _ if has_form && is_text => "?!",
                    _ => return,
                };
                let part = Node::str(bad, node.place.clone());
                self.change(part, node.place.span(), &format!("is {bad}"));
            }
            Kind::Duplicate => {
                let is_set = matches!(of.list_type, Some(ListType::Map | ListType::Set));
                let Some(seq) = node.as_seq().filter(|seq| is_set && !seq.is_empty()) else {
                    return;
                };
                let item = seq.items()[0].clone();
                let mut part = node.clone();
                if let Some(seq) = part.as_seq_mut() {
                    seq.items_mut().push(item);
                }
                self.change(part, span, "has its first item twice");
            }
            Kind::Name => {}
        }
    }

    /// Breaks names, labels and annotations.
    fn names(&mut self, object: &Node) {
        let Some(metadata) = object.get("metadata").and_then(Node::as_map) else {
            return;
        };
        let Some(at) = object.as_map().and_then(|map| map.position("metadata")) else {
            return;
        };
        self.steps.push(at);
        for (index, entry) in metadata.iter().enumerate() {
            let key = entry.key.text().unwrap_or_default();
            self.into(key, index, |walk| match key {
                "name" => {
                    let text = entry.value.text().unwrap_or_default();
                    let bad = match walk.random.below(3) {
                        0 => format!("{text}_x"),
                        1 => format!("-{text}"),
                        _ => format!("{text}{}", "x".repeat(260)),
                    };
                    let part = Node::str(bad.as_str(), entry.value.place.clone());
                    walk.change(part, entry.value.place.span(), &format!("is {bad}"));
                }
                "labels" | "annotations" => walk.keys(key, &entry.value),
                _ => {}
            });
        }
    }

    fn keys(&mut self, of: &str, node: &Node) {
        for (index, entry) in node.as_map().into_iter().flatten().enumerate() {
            let bad = Node::str("a b/c", entry.key.place.clone());
            let mut part = node.clone();
            if let Some(map) = part.as_map_mut() {
                map.entries_mut()[index].key = bad;
            }
            self.change(part, entry.key.place.span(), "has the key `a b/c`");
            if of == "labels" {
                let bad = Node::str("a b", entry.value.place.clone());
                let span = entry.value.place.span();
                self.into(&index.to_string(), index, |walk| {
                    walk.change(bad, span, "is `a b`");
                });
            }
        }
    }
}

/// The place of the first key or item of a node, or its own.
fn first(node: &Node) -> Span {
    let part = match &node.value {
        Value::Map(map) => map.entries().first().map(|entry| &entry.key),
        Value::Seq(seq) => return seq.get(0).map_or(node.place.span(), first),
        Value::Scalar(_) => None,
    };
    part.unwrap_or(node).place.span()
}

fn number(value: i64, at: &Node) -> Node {
    let text = value.to_string();
    Node::scalar(text, ScalarKind::Int, Style::Plain, at.place.clone())
}

/// A value of a type that a field does not take.
fn other_type(node: &Node, schema: SchemaRef<'_>) -> Option<Node> {
    let place = || node.place.clone();
    let of = schema.node();
    Some(match of.value_type {
        _ if of.int_or_string => Node::map(
            vec![Entry {
                key: Node::str("a", place()),
                value: Node::str("b", place()),
            }],
            place(),
        ),
        Some(ValueType::String) if of.format.as_str() == "quantity" => {
            Node::scalar("true", ScalarKind::Bool, Style::Plain, place())
        }
        Some(ValueType::String) => number(7, node),
        Some(_) => Node::str("seven", place()),
        None => return None,
    })
}
