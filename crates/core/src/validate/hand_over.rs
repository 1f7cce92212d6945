//! An object as Flux hands it over to the API server, as far as that changes the verdict.

use std::borrow::Cow;

use tidegate_yaml::{Dialect, Node, ScalarKind, Value};

/// The start of a value that SOPS has encrypted.
const ENCRYPTED: &str = "ENC[";

/// What is applied of an object: without its status, and without what SOPS adds. What SOPS encrypts,
/// and where `has_variables` what a variable is left in, is a value that only the cluster knows.
pub(super) fn handed_over(object: &Node, has_variables: bool) -> Cow<'_, Node> {
    let mut changed = Cow::Borrowed(object);
    if has_untagged(object) {
        tag(changed.to_mut());
    }
    // Flux reads no labels at all where one of them is no text.
    let metadata = changed.get("metadata");
    let labels = metadata.and_then(|metadata| metadata.get("labels")?.as_map());
    if labels.is_some_and(|labels| labels.iter().any(|label| !is_text(&label.value)))
        && let Some(metadata) = changed.to_mut().get_mut("metadata")
    {
        remove(metadata, "labels");
    }
    let is_definition = object.get("kind").and_then(Node::text) == Some("CustomResourceDefinition");
    if object.get("status").is_some() && !is_definition {
        remove(changed.to_mut(), "status");
    }
    if object.get("sops").is_some() {
        let changed = changed.to_mut();
        remove(changed, "sops");
        hide(changed, &|text| text.starts_with(ENCRYPTED));
    }
    if has_variables && holds(object, &is_template) {
        hide(changed.to_mut(), &is_template);
    }
    changed
}

fn is_text(node: &Node) -> bool {
    node.as_scalar().is_some_and(|scalar| {
        !matches!(
            scalar.kind,
            ScalarKind::Int | ScalarKind::Float | ScalarKind::Bool | ScalarKind::Null
        )
    })
}

/// Whether there are values whose kind is that of their text, once it is read again.
fn has_untagged(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(scalar) => scalar.kind == ScalarKind::Untagged,
        Value::Map(map) => map.iter().any(|entry| has_untagged(&entry.value)),
        Value::Seq(seq) => seq.iter().any(has_untagged),
    }
}

/// Gives such values their kinds.
fn tag(node: &mut Node) {
    match &mut node.value {
        Value::Scalar(scalar) if scalar.kind == ScalarKind::Untagged => {
            scalar.kind = scalar.kind_in(Dialect::GoYaml3);
        }
        Value::Scalar(_) => {}
        Value::Map(map) => {
            for at in 0..map.len() {
                if has_untagged(&map.entries()[at].value) {
                    tag(&mut map.entries_mut()[at].value);
                }
            }
        }
        Value::Seq(seq) => {
            for at in 0..seq.len() {
                if has_untagged(&seq.items()[at]) {
                    tag(&mut seq.items_mut()[at]);
                }
            }
        }
    }
}

fn is_template(text: &str) -> bool {
    text.contains("${")
}

fn remove(object: &mut Node, key: &str) {
    if let Some(map) = object.as_map_mut() {
        map.remove(key);
    }
}

/// Whether there is such a text among keys and values.
fn holds(node: &Node, is_it: &dyn Fn(&str) -> bool) -> bool {
    match &node.value {
        Value::Scalar(scalar) => is_it(&scalar.text),
        Value::Map(map) => map
            .iter()
            .any(|entry| holds(&entry.key, is_it) || holds(&entry.value, is_it)),
        Value::Seq(seq) => seq.iter().any(|item| holds(item, is_it)),
    }
}

/// Marks such keys and values as not known. What has none is not copied.
fn hide(node: &mut Node, is_it: &dyn Fn(&str) -> bool) {
    if !holds(node, is_it) {
        return;
    }
    match &mut node.value {
        Value::Scalar(scalar) => scalar.kind = ScalarKind::Opaque,
        Value::Map(map) => {
            for entry in map.entries_mut() {
                hide(&mut entry.key, is_it);
                hide(&mut entry.value, is_it);
            }
        }
        Value::Seq(seq) => {
            for item in seq.items_mut() {
                hide(item, is_it);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidegate_yaml::{Entry, Place, to_json};

    fn text(text: &str) -> Node {
        Node::str(text, Place::default())
    }

    fn map(entries: &[(&str, Node)]) -> Node {
        let entries = entries.iter().map(|(key, value)| Entry {
            key: text(key),
            value: value.clone(),
        });
        Node::map(entries.collect(), Place::default())
    }

    #[test]
    fn what_only_the_cluster_knows_is_hidden() {
        let secret = map(&[
            ("kind", text("Secret")),
            ("data", map(&[("a", text("ENC[x]")), ("b", text("${c}"))])),
            ("sops", map(&[("mac", text("ENC[y]"))])),
            ("status", map(&[])),
        ]);
        let check = |has_variables, opaque: [bool; 2]| {
            let changed = handed_over(&secret, has_variables);
            let keys = changed.as_map().into_iter().flatten();
            let keys: Vec<&str> = keys.filter_map(|entry| entry.key.text()).collect();
            assert_eq!(keys, ["kind", "data"]);
            for (key, opaque) in ["a", "b"].into_iter().zip(opaque) {
                let value = changed.at(&["data", key]).and_then(Node::as_scalar);
                assert_eq!(value.unwrap().kind == ScalarKind::Opaque, opaque, "{key}");
            }
        };
        check(false, [true, false]);
        check(true, [true, true]);
        assert!(to_json(&secret).unwrap().contains("sops"));
    }
}
