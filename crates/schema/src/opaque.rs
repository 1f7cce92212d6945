//! Values that only the cluster knows: each satisfies whatever is asked of it.

use tidegate_yaml::{Node, ScalarKind, Value};

/// Whether a value is not known.
pub(crate) fn is_opaque(node: &Node) -> bool {
    matches!(&node.value, Value::Scalar(scalar) if scalar.kind == ScalarKind::Opaque)
}

/// Whether a value or any part of it is not known.
pub(crate) fn has_opaque(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(_) => is_opaque(node),
        Value::Map(map) => map
            .iter()
            .any(|entry| is_opaque(&entry.key) || has_opaque(&entry.value)),
        Value::Seq(seq) => seq.iter().any(has_opaque),
    }
}
