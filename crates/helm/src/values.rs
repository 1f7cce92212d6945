//! Values of a chart while they are put together.
//!
//! Helm and helm-controller keep them in Go's maps and slices, which are shared: a map that was
//! merged into another is the same map in both places, and a path that is set in one is set in the
//! other. What comes out depends on that, so it is so here.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use tidegate_yaml::{
    Dialect, Entry, Node, Place, ScalarKind, SmolStr, Style, Unwritable, Value as Yaml,
    float_value, json_float, json_key,
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
    /// A node that was parsed as YAML 1.1, as Helm decodes it by way of JSON: all numbers are floating
    /// point ones, dates are text, and of equal keys the last counts.
    ///
    /// The error is about a key or number that JSON cannot hold.
    pub fn decode(node: &Node) -> Result<Value, Unwritable> {
        let place = node.place.clone();
        let fail = |reason| Unwritable {
            place: node.place.clone(),
            reason,
        };
        Ok(match &node.value {
            Yaml::Map(map) => {
                let table = Table::new(place);
                for entry in map {
                    let fail = |reason| Unwritable {
                        place: entry.key.place.clone(),
                        reason,
                    };
                    let key = entry.key.as_scalar();
                    let key = key.ok_or_else(|| fail("is a collection where a key must be"))?;
                    let key = json_key(key).map_err(fail)?;
                    table.insert(&key, Value::decode(&entry.value)?);
                }
                Value::Map(table)
            }
            Yaml::Seq(seq) => {
                let items: Result<_, _> = seq.iter().map(Value::decode).collect();
                Value::List(List::new(items?, place))
            }
            Yaml::Scalar(scalar) => Value::Leaf(match scalar.kind {
                ScalarKind::Int | ScalarKind::Float => {
                    let number = float_value(&scalar.text, Dialect::Yaml11);
                    let number = number.filter(|number| number.is_finite());
                    let number = number.ok_or_else(|| fail("is no number of JSON"))?;
                    number_node(&json_float(number), place)
                }
                ScalarKind::Timestamp => Node::str(scalar.text.clone(), place),
                _ => node.clone(),
            }),
        })
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

fn number_node(text: &str, place: Place) -> Node {
    let kind = match text.contains(['.', 'e']) {
        true => ScalarKind::Float,
        false => ScalarKind::Int,
    };
    Node::scalar(text, kind, Style::Plain, place)
}

impl Table {
    /// An empty map.
    pub fn new(place: Place) -> Table {
        Table {
            entries: Rc::default(),
            place,
        }
    }

    /// Sets a key, in place of one that is equal.
    pub fn insert(&self, key: &str, value: Value) {
        self.entries.borrow_mut().insert(key.into(), value);
    }

    /// The value of a key: the same one, not a copy.
    pub fn get(&self, key: &str) -> Option<Value> {
        self.entries.borrow().get(key).cloned()
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
