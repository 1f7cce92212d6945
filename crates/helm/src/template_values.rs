//! Values as templates get them.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use tidegate_gotemplate::{Kind, List as GoList, Map as GoMap, Numbers, Origins, Value as GoValue};

use tidegate_yaml::ScalarKind;

use crate::values::{List, Table, Value};

impl Table {
    /// The map as templates get it: a map that is in two places is one there too. Each value has the origin
    /// of its place.
    ///
    /// Whole numbers are `int64`, as `--set` makes them, and those with a fraction or of files `float64`.
    pub fn to_template(&self, origins: &mut Origins) -> GoValue {
        let mut shared = HashMap::new();
        table(self, origins, &mut shared)
    }
}

/// The maps that more than one place has, by their addresses.
type Shared = HashMap<usize, GoValue>;

fn table(table: &Table, origins: &mut Origins, shared: &mut Shared) -> GoValue {
    if table.is_shared()
        && let Some(known) = shared.get(&table.address())
    {
        return known.clone();
    }
    let mut entries = BTreeMap::new();
    table.each(|key, item| {
        entries.insert(key.clone(), value(item, origins, shared));
    });
    let map = Kind::Map(Rc::new(GoMap::new(entries)));
    let map = GoValue::from(map).with_origin(origins.place(table.place()));
    if table.is_shared() {
        shared.insert(table.address(), map.clone());
    }
    map
}

fn value(value: &Value, origins: &mut Origins, shared: &mut Shared) -> GoValue {
    match value {
        Value::Map(map) => table(map, origins, shared),
        Value::List(items) => list(items, origins, shared),
        Value::Leaf(node) => {
            let is_whole = node.as_scalar().is_some_and(|s| s.kind == ScalarKind::Int);
            let numbers = match is_whole {
                true => Numbers::Int64,
                false => Numbers::Float64,
            };
            GoValue::from_node(node, numbers, origins)
        }
    }
}

fn list(list: &List, origins: &mut Origins, shared: &mut Shared) -> GoValue {
    let items = list.items();
    let items = items.iter().map(|item| value(item, origins, shared));
    let go = Kind::List(Rc::new(GoList::grown(items.collect())));
    GoValue::from(go).with_origin(origins.place(list.place()))
}

#[cfg(test)]
mod tests {
    use tidegate_yaml::Place;

    use super::*;
    use crate::strvals::{self, Reading};

    #[test]
    fn a_shared_map_is_shared_in_templates_too() {
        let (values, shared) = (Table::new(Place::default()), Table::new(Place::default()));
        for name in ["a", "b"] {
            values.insert(name, Value::Map(shared.clone()));
        }
        let values = values.to_template(&mut Origins::off());
        let map = values.as_map().unwrap().entries();
        let [a, b] = ["a", "b"].map(|name| Rc::clone(map[name].as_map().unwrap()));
        assert!(Rc::ptr_eq(&a, &b));
    }

    #[test]
    fn whole_numbers_of_set_are_int64() {
        let values = Table::new(Place::default());
        strvals::set("a=5", &values, Reading::Typed, &Place::default()).unwrap();
        let values = values.to_template(&mut Origins::off());
        let map = values.as_map().unwrap().entries();
        assert_eq!(map["a"].type_name(), "int64");
    }
}
