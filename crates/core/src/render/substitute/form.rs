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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tidegate_source::FileId;
    use tidegate_yaml::{Map, ParseOptions, Place, parse_text};

    fn check(node: &Node, expected: bool) {
        assert_eq!(is_unchanged(node), expected, "{node:?}");
    }

    fn scalar(text: &str, kind: ScalarKind) -> Node {
        Node::scalar(text, kind, Style::Plain, Place::default())
    }

    #[test]
    fn what_changes_is_told_from_what_does_not() {
        check(&scalar("plain: 'text'\n", ScalarKind::Str), true);
        check(&scalar("a $ b", ScalarKind::Str), false);
        check(&scalar("a\u{85}b", ScalarKind::Str), false);
        check(&scalar("9007199254740992", ScalarKind::Int), true);
        check(&scalar("0x20000000000001", ScalarKind::Int), false);
        check(&scalar("1.5", ScalarKind::Float), false);
        check(&scalar("2024-01-01", ScalarKind::Timestamp), false);
        let keyed = |key| {
            let key = scalar(key, ScalarKind::Str);
            let value = scalar("v", ScalarKind::Str);
            Node::map(vec![tidegate_yaml::Entry { key, value }], Place::default())
        };
        check(&keyed("k"), true);
        check(&keyed("${A}"), false);
        check(&keyed("<<"), false);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// An object that is passed over is the same when it is written, read and written again.
        #[test]
        fn what_is_passed_over_stays_the_same(
            texts in prop::collection::vec(
                r#"([ a-z0-9:#'"{}&*!|>%@`?=<~.,/\n-]|\[|\]|\\|yes|null|é|日|\r|\x01){0,120}"#, 1..4
            ),
            style in prop::sample::select(vec![
                Style::Plain, Style::SingleQuoted, Style::DoubleQuoted, Style::Literal,
                Style::Folded,
            ]),
        ) {
            let entry = |(index, text): (usize, &String)| tidegate_yaml::Entry {
                key: Node::str(format!("k{index}"), Place::default()),
                value: Node::scalar(text.as_str(), ScalarKind::Str, style, Place::default()),
            };
            let map: Vec<_> = texts.iter().enumerate().map(entry).collect();
            let node = Node::map(map, Place::default());
            prop_assume!(is_unchanged(&node));
            let written = |node: &Node| {
                let mut out = Emitted::default();
                emit_go_yaml2(node, &mut out, false).map(|()| out.text)
            };
            let once = written(&node);
            prop_assert!(once.is_ok(), "{once:?}");
            let once = once.unwrap_or_default();
            let options = ParseOptions::new(Dialect::Yaml11);
            let parsed = parse_text(&once, FileId::DETACHED, options);
            prop_assert_eq!(&parsed.findings, &[]);
            let root = parsed.documents.into_iter().find_map(|one| one.root);
            let root = root.unwrap_or_else(|| Node::null(Place::default()));
            prop_assert_eq!(root.as_map().map(Map::len), Some(texts.len()));
            prop_assert_eq!(written(&root).unwrap_or_default(), once);
        }
    }
}
