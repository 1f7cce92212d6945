//! What an object is to substitution.

use tidegate_yaml::{
    Dialect, Emitted, Node, Scalar, ScalarKind, Style, Unwritable, Value, emit_go_yaml2, int_value,
};

use crate::envsubst::is_disabled;

/// An object on its way into substitution. It is the same for all Kustomizations that have it.
pub(super) enum Form {
    /// A label or annotation keeps it out.
    Disabled,
    /// To write it, read that and write it again gives the same, whatever the variables are.
    Unchanged,
    /// The text that variables are put into, and where each part of it is from.
    Text(Box<Emitted>),
    /// It cannot be written.
    Unwritable(Box<Unwritable>),
}

/// Doubles hold all whole numbers up to this one.
pub(super) const LARGEST_EXACT: i128 = 1 << 53;

impl Form {
    pub(super) fn of(object: &Node) -> Form {
        if is_disabled(object) {
            return Form::Disabled;
        }
        if is_unchanged(object) {
            return Form::Unchanged;
        }
        let mut emitted = Emitted::default();
        match emit_go_yaml2(object, &mut emitted, true) {
            Ok(()) => Form::Text(Box::new(emitted)),
            Err(unwritable) => Form::Unwritable(Box::new(unwritable)),
        }
    }
}

/// Whether a node surely has no expression and loses nothing on its way through YAML 1.1 and JSON.
fn is_unchanged(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(scalar) => is_unchanged_scalar(scalar),
        Value::Seq(seq) => seq.iter().all(is_unchanged),
        Value::Map(map) => map.iter().all(|entry| {
            let key = entry.key.as_scalar();
            let is_text = |key: &Scalar| key.kind == ScalarKind::Str && key.text != "<<";
            key.is_some_and(|key| is_text(key) && is_unchanged_scalar(key))
                && is_unchanged(&entry.value)
        }),
    }
}

fn is_unchanged_scalar(scalar: &Scalar) -> bool {
    let text = scalar.text.as_str();
    match scalar.kind {
        ScalarKind::Str => {
            // What go-yaml takes for line breaks, or does not read, outside of ASCII.
            let is_odd = |c: char| {
                matches!(
                    c,
                    '\x7f'
                        ..='\u{9f}'
                            | '\u{2028}'
                            | '\u{2029}'
                            | '\u{feff}'
                            | '\u{fffe}'
                            | '\u{ffff}'
                )
            };
            memchr::memchr2(b'$', b'\t', text.as_bytes()).is_none()
                && (text.is_ascii() && !text.contains('\x7f')
                    || !text.is_ascii() && !text.contains(is_odd))
        }
        ScalarKind::Bool => true,
        ScalarKind::Null => scalar.style == Style::Plain,
        ScalarKind::Int => int_value(text, Dialect::GoYaml3)
            .is_some_and(|value| (-LARGEST_EXACT..=LARGEST_EXACT).contains(&value)),
        ScalarKind::Float
        | ScalarKind::Timestamp
        | ScalarKind::Binary
        | ScalarKind::Merge
        | ScalarKind::Opaque
        | ScalarKind::Untagged => false,
    }
}
