use rustc_hash::FxHashSet;
use smol_str::SmolStr;
use tidegate_yaml::{Node, Value};

use super::{How, is_set};
use crate::fault::{FaultKind, Faults, shown};
use crate::opaque::is_opaque;
use crate::path::Path;
use crate::structural::{ListType, SchemaRef};

/// Checks that no item of a set, and no key of a list of type map, is there twice.
pub(super) fn check(
    schema: SchemaRef<'_>,
    node: &Node,
    path: &Path<'_>,
    how: How,
    faults: &mut Faults,
) {
    if !schema.below().lists {
        return;
    }
    match &node.value {
        Value::Map(map) => {
            for entry in map {
                let Some(key) = entry.key.text() else {
                    continue;
                };
                if let Some(property) = schema.property(key) {
                    check(property, &entry.value, &path.field(key), how, faults);
                } else if let Some(values) = schema.additional() {
                    check(values, &entry.value, &path.key(key), how, faults);
                }
            }
        }
        Value::Seq(seq) => {
            let Some(items) = schema.items() else {
                return;
            };
            let mut seen = FxHashSet::default();
            for (index, item) in seq.iter().enumerate() {
                let path = path.index(index);
                let key = match schema.list_type {
                    _ if is_opaque(item) => None,
                    Some(ListType::Set) => Some(shown(item)),
                    Some(ListType::Map) => {
                        if item.is_null() && how == How::Apply {
                            let message = "associative list with keys may not have a null element";
                            faults.push(FaultKind::Invalid, &path, item, message);
                            continue;
                        }
                        if item.as_map().is_none() && !item.is_null() {
                            let message = "must be an object for an array of list-type map";
                            faults.push(FaultKind::Invalid, &path, item, message);
                            return;
                        }
                        if how == How::Apply && lacks_keys(schema, items, item) {
                            let names = schema.node().list_map_keys.join(", ");
                            let message = format!("has none of the keys of its list: {names}");
                            faults.push(FaultKind::Invalid, &path, item, message);
                            continue;
                        }
                        key(schema, items, item)
                    }
                    _ => None,
                };
                if let Some(key) = key
                    && !seen.insert(key)
                {
                    faults.duplicate(&path, item);
                }
                check(items, item, &path, how, faults);
            }
        }
        Value::Scalar(_) => {}
    }
}

/// Whether an item has none of the keys that tell it from others, and none of these has a default.
fn lacks_keys(schema: SchemaRef<'_>, items: SchemaRef<'_>, item: &Node) -> bool {
    let has = |name: &SmolStr| {
        let default = || items.property(name)?.node().default.as_ref();
        item.get(name).is_some() || default().is_some()
    };
    let names = &schema.node().list_map_keys;
    let has_unknown_key = || {
        let mut entries = item.as_map().into_iter().flatten();
        entries.any(|entry| is_opaque(&entry.key))
    };
    !names.is_empty() && !names.iter().any(has) && !has_unknown_key()
}

/// The values of the keys of an item, defaults included; none where one is not known.
fn key(schema: SchemaRef<'_>, items: SchemaRef<'_>, item: &Node) -> Option<String> {
    let mut out = String::new();
    for name in &schema.node().list_map_keys {
        let value = item.get(name).filter(|value| is_set(Some(value)));
        let default = || items.property(name)?.node().default.as_ref();
        if let Some(value) = value.or_else(default) {
            if is_opaque(value) {
                return None;
            }
            out.push_str(&shown(value));
        }
        out.push('\u{0}');
    }
    Some(out)
}
