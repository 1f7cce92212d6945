use tidegate_yaml::{Node, Value};

use super::How;
use crate::structural::SchemaRef;

/// The object with the defaults of its schema filled in; none where nothing is to be filled in.
///
/// A null stands for a default where null is no value. A create drops other such nulls; a server-side
/// apply keeps them, so that they are refused.
pub(super) fn fill(schema: SchemaRef<'_>, node: &Node, how: How) -> Option<Node> {
    if !schema.below().defaults && how == How::Apply {
        return None;
    }
    match &node.value {
        Value::Map(map) => {
            let mut changed: Option<Node> = None;
            let mut dropped = Vec::new();
            for (index, entry) in map.iter().enumerate() {
                let Some(key) = entry.key.text() else {
                    continue;
                };
                let Some(part) = schema.property(key).or_else(|| schema.additional()) else {
                    continue;
                };
                let value = match entry.value.is_null() && !part.nullable {
                    true => {
                        if part.default.is_none() && how == How::Create {
                            dropped.push(index);
                        }
                        part.node().default.as_ref().map(|default| {
                            let default = at(default, &entry.value);
                            fill(part, &default, how).unwrap_or(default)
                        })
                    }
                    false => fill(part, &entry.value, how),
                };
                if let Some(value) = value {
                    let changed = changed.get_or_insert_with(|| node.clone());
                    if let Some(map) = changed.as_map_mut() {
                        map.entries_mut()[index].value = value;
                    }
                }
            }
            for (name, id) in &schema.node().properties {
                let part = schema.other(*id);
                let Some(default) = &part.node().default else {
                    continue;
                };
                if map.get(name).is_none() {
                    let default = at(default, node);
                    let value = fill(part, &default, how).unwrap_or(default);
                    let changed = changed.get_or_insert_with(|| node.clone());
                    if let Some(map) = changed.as_map_mut() {
                        map.insert(Node::str(name.clone(), node.place.clone()), value);
                    }
                }
            }
            if !dropped.is_empty() {
                let changed = changed.get_or_insert_with(|| node.clone());
                if let Some(map) = changed.as_map_mut() {
                    let entries = map.entries_mut();
                    for index in dropped.into_iter().rev() {
                        entries.remove(index);
                    }
                }
            }
            changed
        }
        Value::Seq(seq) => {
            let items = schema.items()?;
            let mut changed: Option<Node> = None;
            for (index, item) in seq.iter().enumerate() {
                if let Some(value) = fill(items, item, how) {
                    let changed = changed.get_or_insert_with(|| node.clone());
                    if let Some(seq) = changed.as_seq_mut() {
                        seq.items_mut()[index] = value;
                    }
                }
            }
            changed
        }
        Value::Scalar(_) => None,
    }
}

/// A default, blamed on what it is filled into.
fn at(default: &Node, owner: &Node) -> Node {
    let mut out = default.clone();
    out.place = owner.place.clone();
    out
}
