//! The values of a release as templates see them.

use std::collections::BTreeMap;
use std::rc::Rc;

use rustc_hash::FxHashMap;
use tidegate_gotemplate::{Kind, List, Map, Numbers, Origin, Origins, Value};
use tidegate_yaml::{Node, Place, ScalarKind, SmolStr};

use crate::render::SeenValue;
use crate::values::{Table, Value as Given};

/// Makes what templates see out of values. What is one map there is one map here.
pub(super) struct Converter<'o> {
    origins: &'o mut Origins,
    /// What became of maps that are in more than one place, by their addresses.
    maps: FxHashMap<usize, Value>,
    /// All values, where track is kept.
    pub(super) seen: Vec<SeenValue>,
}

impl<'o> Converter<'o> {
    pub(super) fn new(origins: &'o mut Origins) -> Converter<'o> {
        Converter {
            origins,
            maps: FxHashMap::default(),
            seen: Vec::new(),
        }
    }

    /// The values of the outermost chart.
    pub(super) fn root(&mut self, values: &Table) -> Value {
        self.table(values, None, "")
    }

    fn table(&mut self, table: &Table, parent: Option<usize>, key: &str) -> Value {
        if table.is_shared()
            && let Some(known) = self.maps.get(&table.address())
        {
            return known.clone();
        }
        let origin = self.origins.place(table.place());
        let this = self.see(parent, key, origin, table.place());
        let map = Rc::new(Map::default());
        let value = Value::from(Kind::Map(Rc::clone(&map))).with_origin(origin);
        if table.is_shared() {
            self.maps.insert(table.address(), value.clone());
        }
        let mut entries = BTreeMap::new();
        table.each(|key, given| {
            let value = self.value(given, this, key);
            entries.insert(key.clone(), value);
        });
        *map.entries_mut() = entries;
        value
    }

    fn value(&mut self, value: &Given, parent: Option<usize>, key: &str) -> Value {
        match value {
            Given::Map(table) => self.table(table, parent, key),
            Given::List(list) => {
                let origin = self.origins.place(list.place());
                let this = self.see(parent, key, origin, list.place());
                let items = list.items();
                let items = items.iter().enumerate();
                let items = items.map(|(index, item)| self.value(item, this, &index.to_string()));
                Value::from(List::grown(items.collect())).with_origin(origin)
            }
            Given::Leaf(node) => {
                let value = self.leaf(node);
                self.see(parent, key, value.origin, &node.place);
                value
            }
        }
    }

    fn leaf(&mut self, node: &Node) -> Value {
        match node.as_scalar() {
            // A decoded number, whose text Rust reads as Go does.
            Some(scalar) if scalar.kind == ScalarKind::Float => {
                let number = scalar.text.parse().unwrap_or(f64::NAN);
                Value::from(Kind::Float(number)).with_origin(self.origins.place(&node.place))
            }
            // Whole numbers are those that `--set` makes.
            _ => Value::from_node(node, Numbers::Int64, self.origins),
        }
    }

    fn see(
        &mut self,
        parent: Option<usize>,
        key: &str,
        origin: Origin,
        place: &Place,
    ) -> Option<usize> {
        if !self.origins.is_on() {
            return None;
        }
        self.seen.push(SeenValue {
            parent,
            key: SmolStr::from(key),
            place: place.clone(),
            origin,
            read: false,
        });
        Some(self.seen.len() - 1)
    }
}
