use smol_str::SmolStr;
use tidegate_source::nearest;
use tidegate_yaml::{Node, Place, Value};

use crate::opaque::is_opaque;
use crate::path::Path;

/// Something for which the API server refuses an object.
#[derive(Clone, Debug)]
pub struct Fault {
    /// What kind of fault it is.
    pub kind: FaultKind,
    /// The field, as the API server names it; empty for the object as a whole.
    pub path: String,
    /// The value at fault as JSON, or the name of an unknown field; empty where it does not matter.
    pub value: String,
    /// What is wrong with it; may be empty.
    pub detail: String,
    /// The name or the value that was probably meant.
    pub meant: Option<SmolStr>,
    /// The value or the key at fault. Of a mapping or a sequence it is the first key or item, so that a
    /// line is pointed at and not a block; where a value is missing, it is that of what should have it.
    pub place: Place,
}

/// The kinds of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// There is no such field.
    UnknownField,
    /// The value cannot be read as what the field holds.
    Decode,
    /// A value must be there.
    Required,
    /// The value is none of those that are allowed.
    Unsupported,
    /// The value is of another type.
    Type,
    /// The text is too long.
    TooLong,
    /// There are too many items.
    TooMany,
    /// The item is there already.
    Duplicate,
    /// The value may not be there.
    Forbidden,
    /// The value is wrong in another way.
    Invalid,
    /// A rule of the schema is not met.
    Rule,
    /// No such kind, or not in this version.
    Kind,
}

impl FaultKind {
    /// Whether rules of the schema are not checked where there is such a fault.
    pub(crate) fn blocks_rules(self) -> bool {
        matches!(
            self,
            FaultKind::Required
                | FaultKind::Unsupported
                | FaultKind::Type
                | FaultKind::TooLong
                | FaultKind::TooMany
        )
    }
}

impl Fault {
    /// What is wrong, in the words of the API server.
    pub fn message(&self) -> String {
        let Fault { value, detail, .. } = self;
        match self.kind {
            FaultKind::Required if detail.is_empty() => "Required value".to_owned(),
            FaultKind::Required => format!("Required value: {detail}"),
            FaultKind::Unsupported => format!("Unsupported value: {value}: {detail}"),
            FaultKind::Duplicate => format!("Duplicate value: {value}"),
            FaultKind::Forbidden => format!("Forbidden: {detail}"),
            FaultKind::TooLong => format!("Too long: {detail}"),
            FaultKind::TooMany => format!("Too many: {detail}"),
            FaultKind::Invalid | FaultKind::Type | FaultKind::Rule if value.is_empty() => {
                format!("Invalid value: {detail}")
            }
            FaultKind::Invalid | FaultKind::Type | FaultKind::Rule => {
                format!("Invalid value: {value}: {detail}")
            }
            FaultKind::UnknownField => format!("unknown field \"{}\"", self.path),
            FaultKind::Decode | FaultKind::Kind => detail.clone(),
        }
    }
}

/// Gathers faults.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    pub(crate) list: Vec<Fault>,
}

impl Faults {
    /// Of a value that only the cluster knows, nothing is said.
    pub(crate) fn push(
        &mut self,
        kind: FaultKind,
        path: &Path<'_>,
        node: &Node,
        detail: impl Into<String>,
    ) {
        self.add(kind, path, node, String::new(), detail.into());
    }

    fn add(
        &mut self,
        kind: FaultKind,
        path: &Path<'_>,
        node: &Node,
        value: String,
        detail: String,
    ) -> Option<&mut Fault> {
        if is_opaque(node) {
            return None;
        }
        self.list.push(Fault {
            kind,
            path: path.to_string(),
            value,
            detail,
            meant: None,
            place: first(node).place.clone(),
        });
        self.list.last_mut()
    }

    /// `node` is what should have the value, or a value that is none.
    pub(crate) fn required(&mut self, path: &Path<'_>, node: &Node, detail: &str) {
        // A key that only the cluster knows may be the one that is missing.
        let mut keys = node.as_map().into_iter().flatten();
        if !keys.any(|entry| is_opaque(&entry.key)) {
            self.push(FaultKind::Required, path, node, detail);
        }
    }

    /// There is no field of the name of a key; `known` are those that there are.
    pub(crate) fn unknown_field<'a>(
        &mut self,
        path: &Path<'_>,
        key: &Node,
        known: impl Iterator<Item = &'a str>,
    ) {
        let kind = FaultKind::UnknownField;
        let name = key.text().unwrap_or_default();
        if let Some(fault) = self.add(kind, path, key, name.to_owned(), String::new()) {
            fault.meant = nearest(name, known).map(SmolStr::from);
        }
    }

    /// A value of another type than the field has.
    pub(crate) fn mistyped(&mut self, path: &Path<'_>, node: &Node, detail: String) {
        self.add(FaultKind::Type, path, node, shown(node), detail);
    }

    pub(crate) fn invalid(&mut self, path: &Path<'_>, node: &Node, detail: impl AsRef<str>) {
        let detail = detail.as_ref().to_owned();
        self.add(FaultKind::Invalid, path, node, shown(node), detail);
    }

    pub(crate) fn forbidden(&mut self, path: &Path<'_>, node: &Node, detail: &str) {
        self.push(FaultKind::Forbidden, path, node, detail);
    }

    pub(crate) fn duplicate(&mut self, path: &Path<'_>, node: &Node) {
        self.add(FaultKind::Duplicate, path, node, shown(node), String::new());
    }

    pub(crate) fn unsupported<'a>(
        &mut self,
        path: &Path<'_>,
        node: &Node,
        supported: impl Iterator<Item = &'a str>,
    ) {
        let supported: Vec<&str> = supported.collect();
        let quoted: Vec<String> = supported.iter().map(|one| format!("\"{one}\"")).collect();
        let detail = format!("supported values: {}", quoted.join(", "));
        let fault = self.add(FaultKind::Unsupported, path, node, shown(node), detail);
        if let Some(fault) = fault {
            fault.meant = meant(node.text().unwrap_or_default(), &supported);
        }
    }
}

/// The value that was probably meant by one that is not allowed.
fn meant(text: &str, allowed: &[&str]) -> Option<SmolStr> {
    nearest(text, allowed.iter().copied()).map(SmolStr::from)
}

/// The first key of a mapping, the first item of a sequence.
fn first(node: &Node) -> &Node {
    let part = match &node.value {
        Value::Map(map) => map.entries().first().map(|entry| &entry.key),
        Value::Seq(seq) => seq.get(0).map(first),
        Value::Scalar(_) => None,
    };
    part.filter(|part| part.place.span().is_some())
        .unwrap_or(node)
}

/// A value as messages show it.
pub(crate) fn shown(node: &Node) -> String {
    tidegate_yaml::to_json(node).unwrap_or_default()
}
