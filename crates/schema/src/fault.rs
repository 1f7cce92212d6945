use tidegate_source::Span;
use tidegate_yaml::{Node, Value};

use crate::path::Path;

/// Something for which the API server refuses an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What kind of fault it is.
    pub kind: FaultKind,
    /// The field, as the API server names it; empty for the object as a whole.
    pub path: String,
    /// What is wrong, in the words of the API server.
    pub message: String,
    /// The value or the key at fault. Of a mapping or a sequence it is the first key or item, so that a
    /// line is pointed at and not a block; where a value is missing, it is that of what should have it.
    pub span: Span,
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

/// Gathers faults.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    pub(crate) list: Vec<Fault>,
}

impl Faults {
    pub(crate) fn push(
        &mut self,
        kind: FaultKind,
        path: &Path<'_>,
        node: &Node,
        message: impl Into<String>,
    ) {
        self.list.push(Fault {
            kind,
            path: path.to_string(),
            message: message.into(),
            span: first(node).place.span(),
        });
    }

    pub(crate) fn required(&mut self, path: &Path<'_>, node: &Node, detail: &str) {
        let message = match detail {
            "" => "Required value".to_owned(),
            detail => format!("Required value: {detail}"),
        };
        self.push(FaultKind::Required, path, node, message);
    }

    pub(crate) fn invalid(&mut self, path: &Path<'_>, node: &Node, detail: impl AsRef<str>) {
        let message = format!("Invalid value: {}: {}", shown(node), detail.as_ref());
        self.push(FaultKind::Invalid, path, node, message);
    }

    pub(crate) fn forbidden(&mut self, path: &Path<'_>, node: &Node, detail: &str) {
        self.push(
            FaultKind::Forbidden,
            path,
            node,
            format!("Forbidden: {detail}"),
        );
    }

    pub(crate) fn duplicate(&mut self, path: &Path<'_>, node: &Node) {
        let message = format!("Duplicate value: {}", shown(node));
        self.push(FaultKind::Duplicate, path, node, message);
    }

    pub(crate) fn unsupported<'a>(
        &mut self,
        path: &Path<'_>,
        node: &Node,
        supported: impl Iterator<Item = &'a str>,
    ) {
        let supported: Vec<String> = supported.map(|value| format!("\"{value}\"")).collect();
        let message = format!(
            "Unsupported value: {}: supported values: {}",
            shown(node),
            supported.join(", ")
        );
        self.push(FaultKind::Unsupported, path, node, message);
    }
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
