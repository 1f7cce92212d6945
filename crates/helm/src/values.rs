//! Values of a chart while they are put together.
//!
//! Helm and helm-controller keep them in Go's maps and slices, which are shared: a map that was
//! merged into another is the same map in both places, and a path that is set in one is set in the
//! other. What comes out depends on that, so it is so here.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;

use tidegate_yaml::{
    Dialect, Entry, Node, Place, ScalarKind, SmolStr, Style, Unwritable, Value as Yaml,
    binary_text, binary_value, float_value, is_yes, json_float, json_key,
};

/// A value: shared, where it can be changed.
#[derive(Clone, Debug)]
pub enum Value {
    /// A map.
    Map(Table),
    /// A list.
    List(List),
    /// Anything else.
    Leaf(Node),
}

/// A map. Clones are the same map.
#[derive(Clone, Debug)]
pub struct Table {
    entries: Rc<RefCell<BTreeMap<SmolStr, Value>>>,
    place: Place,
}

/// A list. Clones are the same list, until one of them is made longer.
#[derive(Clone, Debug)]
pub struct List {
    items: Rc<RefCell<Vec<Value>>>,
    place: Place,
}

impl Value {
    /// A node that was parsed as YAML 1.1, as Helm decodes it: see [`decode_node`].
    pub fn decode(node: &Node) -> Result<Value, Unwritable> {
        Ok(Value::from_node(&decode_node(node)?))
    }

    /// The value of a node that is decoded: all of it is new.
    pub fn from_node(node: &Node) -> Value {
        match &node.value {
            Yaml::Map(_) => Value::Map(Table::from_node(node)),
            Yaml::Seq(seq) => {
                let items = seq.iter().map(Value::from_node);
                Value::List(List::new(items.collect(), node.place.clone()))
            }
            Yaml::Scalar(_) => Value::Leaf(node.clone()),
        }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Leaf(node) if node.is_null())
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Leaf(node) => {
                let scalar = node.as_scalar()?;
                (scalar.kind == ScalarKind::Bool).then(|| is_yes(&scalar.text))
            }
            _ => None,
        }
    }

    /// The map, if it is one.
    pub fn as_table(&self) -> Option<&Table> {
        match self {
            Value::Map(table) => Some(table),
            _ => None,
        }
    }

    /// Null, written at `place`.
    pub fn null(place: &Place) -> Value {
        Value::Leaf(Node::null(place.clone()))
    }

    /// The value as a node, keys sorted.
    pub fn to_node(&self) -> Node {
        match self {
            Value::Map(table) => table.to_node(),
            Value::List(list) => {
                let items = list.items.borrow();
                let items = items.iter().map(Value::to_node);
                Node::seq(items.collect(), list.place.clone())
            }
            Value::Leaf(node) => node.clone(),
        }
    }

    /// Where it is written.
    pub fn place(&self) -> &Place {
        match self {
            Value::Map(table) => &table.place,
            Value::List(list) => &list.place,
            Value::Leaf(node) => &node.place,
        }
    }
}

/// A node that was parsed as YAML 1.1, as Helm decodes it by way of JSON: all numbers are floating point
/// ones, dates are text, keys are text and sorted, and of equal keys the last counts.
///
/// The error is about a key or number that JSON cannot hold.
pub fn decode_node(node: &Node) -> Result<Node, Unwritable> {
    let place = node.place.clone();
    let fail = |node: &Node, reason| Unwritable {
        place: node.place.clone(),
        reason,
    };
    Ok(match &node.value {
        Yaml::Map(map) => {
            let mut entries: Vec<(SmolStr, Entry)> = Vec::with_capacity(map.len());
            for entry in map {
                let key = entry.key.as_scalar();
                let key = key
                    .ok_or("is a collection where a key must be")
                    .and_then(json_key)
                    .map_err(|reason| fail(&entry.key, reason))?;
                let entry = Entry {
                    key: Node::str(key.clone(), entry.key.place.clone()),
                    value: decode_node(&entry.value)?,
                };
                entries.push((key, entry));
            }
            entries.sort_by(|(a, _), (b, _)| a.cmp(b));
            // Equal ones are still in their order.
            entries.dedup_by(|later, kept| {
                let same = later.0 == kept.0;
                if same {
                    std::mem::swap(&mut later.1, &mut kept.1);
                }
                same
            });
            Node::map(entries.into_iter().map(|(_, entry)| entry).collect(), place)
        }
        Yaml::Seq(seq) => {
            let items: Result<Vec<Node>, _> = seq.iter().map(decode_node).collect();
            Node::seq(items?, place)
        }
        Yaml::Scalar(scalar) => match scalar.kind {
            ScalarKind::Int | ScalarKind::Float => {
                let number = float_value(&scalar.text, Dialect::Yaml11);
                let number = number.filter(|number| number.is_finite());
                let number = number.ok_or_else(|| fail(node, "is no number of JSON"))?;
                Node::scalar(json_float(number), ScalarKind::Float, Style::Plain, place)
            }
            ScalarKind::Timestamp => Node::str(scalar.text.clone(), place),
            ScalarKind::Binary => {
                let bytes = binary_value(&scalar.text);
                let bytes = bytes.ok_or_else(|| fail(node, "is not base64"))?;
                Node::str(binary_text(&bytes), place)
            }
            _ => node.clone(),
        },
    })
}

/// Two mappings with sorted keys as one: `other` wins, and mappings that both have are merged too.
///
/// Source: `MergeMaps` of `helm.sh/helm/v4/pkg/chart/v2/loader`.
pub fn merged(mine: &Node, other: &Node) -> Node {
    let (Some(a), Some(b)) = (mine.as_map(), other.as_map()) else {
        return other.clone();
    };
    let mut entries = Vec::with_capacity(a.len() + b.len());
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    loop {
        let order = match (a.peek(), b.peek()) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => a.key.text().cmp(&b.key.text()),
        };
        entries.extend(match order {
            Ordering::Less => a.next().cloned(),
            Ordering::Greater => b.next().cloned(),
            Ordering::Equal => a.next().zip(b.next()).map(|(a, b)| Entry {
                key: b.key.clone(),
                value: merged(&a.value, &b.value),
            }),
        });
    }
    Node::map(entries, other.place.clone())
}

impl Table {
    /// An empty map.
    pub fn new(place: Place) -> Table {
        Table {
            entries: Rc::default(),
            place,
        }
    }

    /// The map of a node that is decoded; an empty one where it is no mapping.
    pub fn from_node(node: &Node) -> Table {
        let entries = node.as_map().into_iter().flatten();
        let entries = entries.filter_map(|entry| {
            let key = entry.key.as_scalar()?;
            Some((key.text.clone(), Value::from_node(&entry.value)))
        });
        Table {
            entries: Rc::new(RefCell::new(entries.collect())),
            place: node.place.clone(),
        }
    }

    /// A map of these, sorted by key.
    pub(crate) fn of(entries: Vec<(SmolStr, Value)>, place: Place) -> Table {
        Table {
            entries: Rc::new(RefCell::new(entries.into_iter().collect())),
            place,
        }
    }

    /// A new map with the same values in it: those are shared.
    #[must_use]
    pub fn shallow_copy(&self) -> Table {
        Table {
            entries: Rc::new(RefCell::new(self.entries.borrow().clone())),
            place: self.place.clone(),
        }
    }

    /// What tells the map from others while it lives: clones have the same.
    pub fn address(&self) -> usize {
        Rc::as_ptr(&self.entries).addr()
    }

    /// Where it is written.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Whether the map may be in more than one place.
    pub(crate) fn is_shared(&self) -> bool {
        Rc::strong_count(&self.entries) > 1
    }

    /// Calls `f` with each key and value, sorted by key. It must not change the map.
    pub(crate) fn each(&self, mut f: impl FnMut(&SmolStr, &Value)) {
        for (key, value) in self.entries.borrow().iter() {
            f(key, value);
        }
    }

    /// The keys and values as they are now, sorted by key.
    pub fn entries(&self) -> Vec<(SmolStr, Value)> {
        let entries = self.entries.borrow();
        entries
            .iter()
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect()
    }

    /// Sets a key, in place of one that is equal.
    pub fn insert(&self, key: &str, value: Value) {
        self.entries.borrow_mut().insert(key.into(), value);
    }

    /// The value of a key: the same one, not a copy.
    pub fn get(&self, key: &str) -> Option<Value> {
        self.entries.borrow().get(key).cloned()
    }

    /// Takes a key out.
    pub fn remove(&self, key: &str) {
        self.entries.borrow_mut().remove(key);
    }

    /// The value at a path of keys, where all before the last are maps.
    pub fn at<'k>(&self, path: impl IntoIterator<Item = &'k str>) -> Option<Value> {
        let mut path = path.into_iter();
        let mut value = self.get(path.next()?)?;
        for key in path {
            value = value.as_table()?.get(key)?;
        }
        Some(value)
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.entries.borrow().is_empty()
    }

    /// A new map with all of this and all of `other`, which wins. Maps that both have are merged
    /// into new ones; everything else is shared with the two.
    ///
    /// Source: `MergeMaps` of `github.com/fluxcd/pkg/chartutil`.
    pub fn merged(&self, other: &Table) -> Table {
        let mut entries = self.entries.borrow().clone();
        for (key, value) in other.entries.borrow().iter() {
            let merged = match (entries.get(key), value) {
                (Some(Value::Map(mine)), Value::Map(others)) => Value::Map(mine.merged(others)),
                _ => value.clone(),
            };
            entries.insert(key.clone(), merged);
        }
        Table {
            entries: Rc::new(RefCell::new(entries)),
            place: other.place.clone(),
        }
    }

    /// The map as a node, keys sorted.
    pub fn to_node(&self) -> Node {
        let entries = self.entries.borrow();
        let entries = entries.iter().map(|(key, value)| Entry {
            key: Node::str(key.clone(), value.place().clone()),
            value: value.to_node(),
        });
        Node::map(entries.collect(), self.place.clone())
    }
}

impl List {
    /// A list of these.
    pub fn new(items: Vec<Value>, place: Place) -> List {
        List {
            items: Rc::new(RefCell::new(items)),
            place,
        }
    }

    /// Where it is written.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The items as they are now.
    pub fn items(&self) -> Vec<Value> {
        self.items.borrow().clone()
    }

    /// The value at an index: the same one, not a copy.
    pub fn get(&self, index: usize) -> Option<Value> {
        self.items.borrow().get(index).cloned()
    }

    /// Sets the value at an index. Where the list is too short, it becomes a list of its own, and
    /// what is missing before is null.
    pub fn set(&mut self, index: usize, value: Value) {
        let length = self.items.borrow().len();
        if index >= length {
            let mut longer = self.items.borrow().clone();
            longer.resize(index + 1, Value::null(value.place()));
            self.items = Rc::new(RefCell::new(longer));
        }
        self.items.borrow_mut()[index] = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidegate_yaml::to_json;

    fn text(text: &str) -> Value {
        Value::Leaf(Node::str(text, Place::default()))
    }

    fn table(entries: &[(&str, Value)]) -> Table {
        let table = Table::new(Place::default());
        for (key, value) in entries {
            table.insert(key, value.clone());
        }
        table
    }

    fn check(table: &Table, expected: &str) {
        assert_eq!(to_json(&table.to_node()).unwrap(), expected);
    }

    #[test]
    fn merged_maps_are_new_and_share_what_only_one_has() {
        let only = table(&[("v", text("1"))]);
        let (mine, others) = (table(&[("x", text("1"))]), table(&[("y", text("2"))]));
        let a = table(&[("both", Value::Map(mine.clone()))]);
        let b = table(&[
            ("both", Value::Map(others)),
            ("only", Value::Map(only.clone())),
        ]);
        let merged = a.merged(&b);
        only.insert("v", text("2"));
        mine.insert("x", text("2"));
        check(&merged, r#"{"both":{"x":"1","y":"2"},"only":{"v":"2"}}"#);
    }

    #[test]
    fn a_list_is_shared_until_it_grows() {
        let list = List::new(vec![text("a")], Place::default());
        let mut other = list.clone();
        other.set(0, text("b"));
        other.set(2, text("c"));
        other.set(0, text("d"));
        let both = table(&[("list", Value::List(list)), ("other", Value::List(other))]);
        check(&both, r#"{"list":["b"],"other":["d",null,"c"]}"#);
    }
}
