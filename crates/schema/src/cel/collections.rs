use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;
use tidegate_yaml::Node;

use super::escape::{escape, unescape};
use super::native::native;
use super::value::{Failure, Value};
use crate::structural::{ListType, SchemaRef};

/// A list.
#[derive(Clone, Debug)]
pub(super) enum List<'v> {
    /// Made by the expression.
    Made(Rc<Vec<Value<'v>>>),
    /// Of the object.
    Nodes(NodeList<'v>),
}

/// A sequence of the object with its schema.
#[derive(Clone, Copy, Debug)]
pub(super) struct NodeList<'v> {
    pub(super) nodes: &'v [Node],
    /// Of the list.
    pub(super) schema: SchemaRef<'v>,
    /// Of the items.
    pub(super) items: SchemaRef<'v>,
}

impl<'v> List<'v> {
    pub(super) fn len(&self) -> usize {
        match self {
            List::Made(items) => items.len(),
            List::Nodes(list) => list.nodes.len(),
        }
    }

    pub(super) fn get(&self, index: usize) -> Option<Result<Value<'v>, Failure>> {
        match self {
            List::Made(items) => items.get(index).cloned().map(Ok),
            List::Nodes(list) => Some(native(list.items, list.nodes.get(index)?)),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Result<Value<'v>, Failure>> {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    pub(super) fn values(&self) -> Result<Vec<Value<'v>>, Failure> {
        self.iter().collect()
    }

    pub(super) fn is_of_object(&self) -> bool {
        matches!(self, List::Nodes(_))
    }

    fn list_type(&self) -> Option<(ListType, &NodeList<'v>)> {
        match self {
            List::Made(_) => None,
            List::Nodes(list) => Some((list.schema.list_type?, list)),
        }
    }

    pub(super) fn equals(&self, other: &List<'v>) -> Result<bool, Failure> {
        if self.len() != other.len() {
            return Ok(false);
        }
        match self.list_type() {
            Some((ListType::Set, _)) => {
                let others = other.values()?;
                let index = Index::of(&others);
                let mut seen = FxHashSet::default();
                for item in self.iter() {
                    match index.find(&item?)? {
                        Some(place) => drop(seen.insert(place)),
                        None => return Ok(false),
                    }
                }
                Ok(seen.len() == others.len())
            }
            Some((ListType::Map, list)) => {
                let others = other.values()?;
                let names = &list.schema.node().list_map_keys;
                let places = map_keys(&others, names)?;
                for item in self.iter() {
                    let item = item?;
                    let Some(place) = places.get(&map_key(&item, names)?) else {
                        return Ok(false);
                    };
                    if !item.equals(&others[*place])? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            _ => {
                for (a, b) in self.iter().zip(other.iter()) {
                    if !a?.equals(&b?)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
        }
    }

    /// `self + other`: sets and maps take what they do not have yet.
    pub(super) fn concat(&self, other: &List<'v>) -> Result<List<'v>, Failure> {
        let mut items = self.values()?;
        match self.list_type() {
            Some((ListType::Set, _)) => {
                let mut index = Index::of(&items);
                for item in other.iter() {
                    let item = item?;
                    if index.find(&item)?.is_none() {
                        index.insert(&item, items.len());
                        items.push(item);
                    }
                }
            }
            Some((ListType::Map, list)) => {
                let names = &list.schema.node().list_map_keys;
                let mut places = map_keys(&items, names)?;
                for item in other.iter() {
                    let item = item?;
                    let key = map_key(&item, names)?;
                    match places.get(&key) {
                        Some(place) => items[*place] = item,
                        None => {
                            places.insert(key, items.len());
                            items.push(item);
                        }
                    }
                }
            }
            _ => items.extend(other.values()?),
        }
        Ok(List::Made(Rc::new(items)))
    }

    pub(super) fn contains(&self, value: &Value<'v>) -> Result<bool, Failure> {
        let mut failure = None;
        for item in self.iter() {
            match item.and_then(|item| item.equals(value)) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(Failure::CostLimit) => return Err(Failure::CostLimit),
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        failure.map_or(Ok(false), Err)
    }
}

/// Where values are in a list, found without going through it where they can be hashed.
#[derive(Default)]
pub(super) struct Index<'v> {
    hashed: FxHashMap<Key, usize>,
    rest: Vec<(Value<'v>, usize)>,
}

/// A value that equals another exactly where their keys do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Absent,
    Null,
    Bool(bool),
    Whole(i128),
    /// The bits of a number with a fraction.
    Double(u64),
    Text(SmolStr),
    Several(Vec<Key>),
}

impl Key {
    pub(super) fn of(value: &Value<'_>) -> Option<Key> {
        Some(match value {
            Value::Null => Key::Null,
            Value::Bool(value) => Key::Bool(*value),
            Value::Int(value) => Key::Whole(i128::from(*value)),
            Value::Uint(value) => Key::Whole(i128::from(*value)),
            Value::Double(value) if value.fract() == 0.0 && value.abs() < 1e20 => {
                Key::Whole(*value as i128)
            }
            Value::Double(value) if !value.is_nan() => Key::Double(value.to_bits()),
            Value::Str(text) => Key::Text(text.clone()),
            _ => return None,
        })
    }
}

impl<'v> Index<'v> {
    /// The index of all items of a list.
    fn of(items: &[Value<'v>]) -> Index<'v> {
        let mut index = Index::default();
        for (place, item) in items.iter().enumerate() {
            index.insert(item, place);
        }
        index
    }

    pub(super) fn insert(&mut self, value: &Value<'v>, place: usize) {
        match Key::of(value) {
            Some(key) => {
                self.hashed.entry(key).or_insert(place);
            }
            None => self.rest.push((value.clone(), place)),
        }
    }

    pub(super) fn find(&self, value: &Value<'v>) -> Result<Option<usize>, Failure> {
        if let Some(key) = Key::of(value) {
            return Ok(self.hashed.get(&key).copied());
        }
        for (known, place) in &self.rest {
            if known.equals(value)? {
                return Ok(Some(*place));
            }
        }
        Ok(None)
    }
}

/// The values of an item's keys in a list of type map.
fn map_key(item: &Value<'_>, names: &[SmolStr]) -> Result<Key, Failure> {
    let Value::Map(map) = item else {
        return Err(Failure::no_such_overload());
    };
    let mut keys = Vec::with_capacity(names.len());
    for name in names {
        let name = escape(name).unwrap_or_else(|| name.clone());
        let value = map.find(&Value::Str(name))?;
        keys.push(
            value
                .and_then(|value| Key::of(&value))
                .unwrap_or(Key::Absent),
        );
    }
    Ok(Key::Several(keys))
}

/// Where each key of a list of type map is.
fn map_keys(items: &[Value<'_>], names: &[SmolStr]) -> Result<FxHashMap<Key, usize>, Failure> {
    let mut places = FxHashMap::default();
    for (place, item) in items.iter().enumerate() {
        places.insert(map_key(item, names)?, place);
    }
    Ok(places)
}

/// A map, or an object of the schema.
#[derive(Clone, Debug)]
pub(super) enum Map<'v> {
    /// Made by the expression.
    Made(Rc<Entries<'v>>),
    /// Of the object.
    Nodes(NodeMap<'v>),
}

/// Entries in the order in which they were made.
#[derive(Clone, Debug, Default)]
pub(super) struct Entries<'v> {
    list: Vec<(Value<'v>, Value<'v>)>,
    places: FxHashMap<Key, usize>,
}

impl<'v> Entries<'v> {
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// Adds an entry whose key must be new.
    pub(super) fn insert(&mut self, key: Value<'v>, value: Value<'v>) -> Result<(), Failure> {
        match self.find(&key) {
            None => self.set(key, value),
            Some(_) => Err(Failure::new(format!(
                "insert failed: key {} already exists",
                super::library::string_format::show(&key)
            ))),
        }
    }

    /// Sets an entry; its key must be text, a truth value or a number.
    pub(super) fn set(&mut self, key: Value<'v>, value: Value<'v>) -> Result<(), Failure> {
        let Some(hash) = Key::of(&key) else {
            let name = key.type_name();
            return Err(Failure::new(format!("unsupported key type: {name}")));
        };
        match self.places.get(&hash) {
            Some(place) => self.list[*place].1 = value,
            None => {
                self.places.insert(hash, self.list.len());
                self.list.push((key, value));
            }
        }
        Ok(())
    }

    fn find(&self, key: &Value<'v>) -> Option<&Value<'v>> {
        let place = self.places.get(&Key::of(key)?)?;
        Some(&self.list[*place].1)
    }
}

impl<'v> FromIterator<(Value<'v>, Value<'v>)> for Entries<'v> {
    /// Entries whose keys are text, truth values or numbers; what has another key is left out.
    fn from_iter<T: IntoIterator<Item = (Value<'v>, Value<'v>)>>(pairs: T) -> Entries<'v> {
        let mut entries = Entries::default();
        for (key, value) in pairs {
            if let Some(hash) = Key::of(&key) {
                entries.places.insert(hash, entries.list.len());
                entries.list.push((key, value));
            }
        }
        entries
    }
}

/// A mapping of the object with its schema.
#[derive(Clone, Copy, Debug)]
pub(super) struct NodeMap<'v> {
    pub(super) map: &'v tidegate_yaml::Map,
    pub(super) schema: SchemaRef<'v>,
    /// Whether it is a resource: `apiVersion`, `kind` and `metadata` are known in any case.
    pub(super) resource: bool,
}

impl<'v> NodeMap<'v> {
    /// Whether it has fields, whose names are escaped, and not keys.
    fn is_object(&self) -> bool {
        self.resource || self.schema.has_properties()
    }

    fn schema_of(&self, key: &str) -> Option<SchemaRef<'v>> {
        if self.is_object() {
            return self.schema.property(key);
        }
        self.schema.additional()
    }

    /// The value of a key of the object, not escaped.
    fn value(&self, key: &str) -> Option<Result<Value<'v>, Failure>> {
        self.value_of(key, self.map.get(key)?)
    }

    /// The same, where the node of the key is known.
    fn value_of(&self, key: &str, node: &'v Node) -> Option<Result<Value<'v>, Failure>> {
        if self.is_object() && node.is_null() {
            return None;
        }
        if self.resource && matches!(key, "apiVersion" | "kind" | "metadata") {
            return resource_field(key, node);
        }
        Some(native(self.schema_of(key)?, node))
    }
}

/// What a resource has in any case.
fn resource_field<'v>(key: &str, node: &'v Node) -> Option<Result<Value<'v>, Failure>> {
    if key != "metadata" {
        return Some(match node.as_str() {
            Some(text) => Ok(Value::text(text)),
            None => Err(Failure::new("invalid data, expected string")),
        });
    }
    let fields = ["name", "generateName"].into_iter().filter_map(|field| {
        let text = node.get(field).and_then(Node::as_str)?;
        Some((Value::text(field), Value::text(text)))
    });
    Some(Ok(Value::Map(Map::Made(Rc::new(fields.collect())))))
}

/// Where keys are in large mappings, kept for the time of one evaluation: a loop over the keys of a
/// mapping can ask for each of them.
#[derive(Default)]
pub(super) struct LargeMaps<'v>(FxHashMap<usize, FxHashMap<&'v str, &'v Node>>);

impl<'v> LargeMaps<'v> {
    /// Mappings of fewer keys are searched from the start.
    const LARGE: usize = 64;

    /// The value of a key, if the value is a large mapping without fields.
    pub(super) fn find(
        &mut self,
        value: &Value<'v>,
        key: &Value<'v>,
    ) -> Option<Result<Option<Value<'v>>, Failure>> {
        let (Value::Map(Map::Nodes(nodes)), Value::Str(key)) = (value, key) else {
            return None;
        };
        if nodes.map.len() < LargeMaps::LARGE || nodes.is_object() {
            return None;
        }
        let identity = nodes.map.entries().as_ptr() as usize;
        let keys = self.0.entry(identity).or_insert_with(|| {
            let entries = nodes.map.iter();
            entries
                .filter_map(|entry| Some((entry.key.text()?, &entry.value)))
                .collect()
        });
        let found = keys
            .get(key.as_str())
            .and_then(|node| nodes.value_of(key, node));
        Some(found.transpose())
    }
}

impl<'v> Map<'v> {
    pub(super) fn len(&self) -> usize {
        match self {
            Map::Made(entries) => entries.len(),
            Map::Nodes(nodes) => nodes.map.len(),
        }
    }

    pub(super) fn is_of_object(&self) -> bool {
        matches!(self, Map::Nodes(_))
    }

    /// The value of a key.
    pub(super) fn find(&self, key: &Value<'v>) -> Result<Option<Value<'v>>, Failure> {
        match self {
            Map::Made(entries) => Ok(entries.find(key).cloned()),
            Map::Nodes(nodes) => {
                let Value::Str(key) = key else {
                    return Err(Failure::no_such_overload());
                };
                if !nodes.is_object() {
                    return nodes.value(key).transpose();
                }
                match unescape(key) {
                    Some(key) => nodes.value(&key).transpose(),
                    None => Ok(None),
                }
            }
        }
    }

    /// The keys that a loop goes over.
    pub(super) fn keys(&self) -> Vec<Value<'v>> {
        match self {
            Map::Made(entries) => entries.list.iter().map(|(key, _)| key.clone()).collect(),
            Map::Nodes(nodes) => {
                let keys = nodes.map.iter().filter_map(|entry| entry.key.text());
                let known = keys.filter(|key| nodes.schema_of(key).is_some());
                let shown = known.map(|key| match nodes.is_object() {
                    true => Value::Str(escape(key).unwrap_or_else(|| key.into())),
                    false => Value::text(key),
                });
                shown.collect()
            }
        }
    }

    /// Keys and values; a key without a value is left out.
    pub(super) fn entries(&self) -> Result<Vec<(Value<'v>, Value<'v>)>, Failure> {
        if let Map::Made(entries) = self {
            return Ok(entries.list.clone());
        }
        let mut out = Vec::with_capacity(self.len());
        for key in self.keys() {
            if let Some(value) = self.find(&key)? {
                out.push((key, value));
            }
        }
        Ok(out)
    }

    pub(super) fn equals(&self, other: &Map<'v>) -> Result<bool, Failure> {
        if self.len() != other.len() {
            return Ok(false);
        }
        if let (Map::Nodes(a), Map::Nodes(b)) = (self, other) {
            let unknown = |entry: &&tidegate_yaml::Entry| {
                let key = entry.key.text();
                key.is_some_and(|key| a.schema_of(key).is_none())
            };
            for entry in a.map.iter().filter(unknown) {
                let twin = entry.key.text().and_then(|key| b.map.get(key));
                if twin.is_some_and(|twin| !twin.same_value(&entry.value)) {
                    return Ok(false);
                }
            }
        }
        for key in self.keys() {
            match (self.find(&key)?, other.find(&key)?) {
                (Some(a), Some(b)) => {
                    if !a.equals(&b)? {
                        return Ok(false);
                    }
                }
                (None, None) => {}
                _ => return Ok(false),
            }
        }
        Ok(true)
    }
}
