//! The ValueAddTransformer plugin: one value written to, or into the path in, a field.

use tidegate_source::{Diagnostic, Span};
use tidegate_yaml::{Entry, Node, Place, ScalarKind, SmolStr, StepKind, Style, Value};

use super::untyped;
use crate::decode::Text;
use crate::fieldpath::{self, PathPart, is_element};
use crate::fieldspec::{Expected, Mismatch, made_key};
use crate::jsonpatch::DEEPEST;
use crate::resource::Resource;
use crate::{Result, codes};

/// Writes `value` to the field at `path` of an object, which is made where it is missing.
///
/// With a `position` above zero the field holds a file path, and the value becomes the part of
/// that number, counted from 1; too large a number means behind the last part.
pub(crate) fn add_value(
    resource: &mut Resource,
    value: &Text,
    path: &str,
    position: usize,
    entry: Span,
) -> Result<()> {
    let parts = fieldpath::split(path, '/');
    let parts: Vec<&str> = parts.iter().map(|part| part.trim()).collect();
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let place = value.place.then(StepKind::Transformer, entry);
    if parts.len() > DEEPEST {
        let mismatch = Mismatch::new(Expected::Shorter, resource.node());
        return Err(mismatch.into_finding("a value", path, resource.subject(), entry));
    }
    let mut reached = false;
    let result = set(resource.node_mut(), &parts, &place, &mut |leaf| {
        reached = true;
        let Some(scalar) = leaf.as_scalar() else {
            return Err(Mismatch::new(Expected::Scalar, leaf));
        };
        let style = scalar.style;
        *leaf = match position {
            0 => untyped(value.text.clone(), style, place.clone()),
            position => {
                let text = insert_path_part(&scalar.text, position - 1, value);
                let place = leaf.place.mixed(StepKind::Transformer, &place);
                untyped(text, style, place)
            }
        };
        Ok(())
    });
    result.map_err(|mismatch| mismatch.into_finding("a value", path, resource.subject(), entry))?;
    if !reached && position > 0 {
        // Kustomize crashes here; without a position it does nothing.
        let message = format!(
            "{} has nothing at `{path}` to add a part to",
            resource.subject()
        );
        let finding = Diagnostic::error(codes::NOTHING_TO_CHANGE, entry, message)
            .with_label(resource.span(), "the object is here");
        return Err(Box::new(finding));
    }
    Ok(())
}

fn set(
    node: &mut Node,
    parts: &[&str],
    place: &Place,
    leaf: &mut dyn FnMut(&mut Node) -> std::result::Result<(), Mismatch>,
) -> std::result::Result<(), Mismatch> {
    let Some((part, rest)) = parts.split_first() else {
        return leaf(node);
    };
    if node.is_null() {
        return Ok(());
    }
    match PathPart::parse(part) {
        PathPart::Index(index) => match &mut node.value {
            Value::Seq(items) if index < items.len() => {
                set(&mut items.items_mut()[index], rest, place, leaf)
            }
            Value::Seq(_) => Ok(()),
            _ => Err(Mismatch::new(Expected::List, node)),
        },
        PathPart::Last => match &mut node.value {
            Value::Seq(items) => match items.items_mut().last_mut() {
                Some(item) => set(item, rest, place, leaf),
                None => Ok(()),
            },
            _ => Err(Mismatch::new(Expected::List, node)),
        },
        PathPart::Every | PathPart::Invalid => {
            Err(Mismatch::new(Expected::Key(SmolStr::from(*part)), node))
        }
        PathPart::Element(field, value) => match &mut node.value {
            Value::Seq(items) => {
                let index = items.iter().position(|item| is_element(item, field, value));
                let index = index.unwrap_or_else(|| {
                    items.items_mut().push(element(field, value, place));
                    items.len() - 1
                });
                set(&mut items.items_mut()[index], rest, place, leaf)
            }
            _ => Err(Mismatch::new(Expected::List, node)),
        },
        PathPart::Key(key) => {
            let Value::Map(map) = &mut node.value else {
                return Err(Mismatch::new(Expected::Map, node));
            };
            if map.get(key).is_none() {
                let value = blank(rest.first().copied(), place);
                map.entries_mut().push(Entry {
                    key: made_key(key, place.clone()),
                    value,
                });
            }
            match map.get_mut(key) {
                Some(value) => set(value, rest, place, leaf),
                None => Ok(()),
            }
        }
    }
}

fn element(field: &str, value: &str, place: &Place) -> Node {
    let value = untyped(value, Style::Plain, place.clone());
    if field.is_empty() {
        return value;
    }
    let key = made_key(field, place.clone());
    Node::map(vec![Entry { key, value }], place.clone())
}

/// What is made for a key, given what follows it.
fn blank(next: Option<&str>, place: &Place) -> Node {
    match next.map(PathPart::parse) {
        None => Node::scalar("", ScalarKind::Str, Style::Plain, place.clone()),
        Some(PathPart::Index(_) | PathPart::Element(..)) => Node::seq(Vec::new(), place.clone()),
        Some(_) => Node::map(Vec::new(), place.clone()),
    }
}

/// A file path with one more part. A path that starts at the root still does afterwards.
fn insert_path_part(path: &str, position: usize, part: &str) -> String {
    let (root, relative) = match path.strip_prefix('/') {
        Some(relative) => ("/", relative),
        None => ("", path),
    };
    let mut parts: Vec<&str> = relative
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    parts.insert(position.min(parts.len()), part);
    format!("{root}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_gets_a_part() {
        let check = |path, position, expected| {
            assert_eq!(
                insert_path_part(path, position, "PEACH"),
                expected,
                "{path}"
            );
        };
        check("", 0, "PEACH");
        check("/", 3, "/PEACH");
        check("pie", 0, "PEACH/pie");
        check("/pie", 0, "/PEACH/pie");
        check("raw", 9, "raw/PEACH");
        check("/a/nice/warm/pie", 3, "/a/nice/warm/PEACH/pie");
    }
}
