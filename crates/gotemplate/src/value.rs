//! Go's values as templates see them.

use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell, RefMut};
use std::collections::BTreeMap;
use std::rc::Rc;

use tidegate_yaml::SmolStr;

use crate::object::Object;
use crate::origin::{Origin, Origins};
use crate::text::Str;

/// A value and where it came from.
#[derive(Clone, Debug, Default)]
pub struct Value {
    /// What it is.
    pub kind: Kind,
    /// Where it came from. Strings that were put together have pieces instead.
    pub origin: Origin,
}

/// What a value is. Numbers of different types are different values, as in Go.
#[derive(Clone, Debug, Default)]
pub enum Kind {
    /// `nil`, and what a missing key gives.
    #[default]
    Nil,
    /// `bool`
    Bool(bool),
    /// `int`: whole numbers in templates, lengths, indices.
    Int(i64),
    /// `int64`: what sprig's arithmetic gives, and whole numbers as Kubernetes decodes JSON.
    Int64(i64),
    /// `uint64`
    Uint64(u64),
    /// `uint8`: a byte of a string.
    Uint8(u8),
    /// `float64`: numbers as `encoding/json` decodes them.
    Float(f64),
    /// `complex128`, real and imaginary part.
    Complex(f64, f64),
    /// `string`
    Str(Str),
    /// `json.Number`: a number kept as its text.
    JsonNumber(SmolStr),
    /// A slice.
    List(Rc<List>),
    /// A map with strings as keys. It is shared: what `set` changes, all who hold it see.
    Map(Rc<Map>),
    /// Anything else: structs and what has methods.
    Object(Rc<dyn Object>),
}

/// The type of the items of a [`List`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elem {
    /// `[]interface {}`
    Any,
    /// `[]string`
    Str,
    /// `[]int`
    Int,
    /// `[][]interface {}`
    Lists,
    /// `[]uint8`
    Byte,
    /// Helm's `common.VersionSet`: a `[]string` with a name and a method.
    VersionSet,
}

/// A slice of Go.
#[derive(Debug)]
pub struct List {
    /// The items.
    pub items: Vec<Value>,
    /// Their type.
    pub elem: Elem,
    /// How far the builtin `slice` may go beyond the length: what Go happened to allocate.
    pub capacity: usize,
    /// Whether it is a nil slice, which JSON writes as `null`.
    pub is_nil: bool,
}

/// The type of a [`Map`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MapKind {
    /// `map[string]interface {}`
    #[default]
    Any,
    /// `map[string]string`
    Strings,
    /// Helm's `common.Values`: a `map[string]interface {}` with a name and methods.
    Values,
}

/// A map of Go with strings as keys, in the order of the keys.
#[derive(Debug, Default)]
pub struct Map {
    entries: RefCell<BTreeMap<SmolStr, Value>>,
    /// The map that this one is a copy of, as long as nobody has looked into the copy. What is in it never
    /// changes.
    copied: RefCell<Option<Rc<Map>>>,
    /// The map that has the entries, if it is not this one.
    underlying: Option<Rc<Map>>,
    /// How often the entries were changed, or were made to be changed.
    changes: Cell<u32>,
    /// Its type.
    pub kind: MapKind,
    /// Whether it is a nil map, which has no keys and takes none.
    pub is_nil: bool,
}

/// Values that are asked for their origin when one is printed as a whole.
const MOST_ORIGINS: usize = 10_000;

impl Value {
    /// `nil`.
    pub const NIL: Value = Value {
        kind: Kind::Nil,
        origin: Origin::NONE,
    };

    /// The same value with another origin.
    #[must_use]
    pub fn with_origin(mut self, origin: Origin) -> Value {
        self.origin = origin;
        self
    }

    /// A slice of anything.
    pub fn list(items: Vec<Value>) -> Value {
        Value::from(List::new(items, Elem::Any))
    }

    /// A slice of strings.
    pub fn strings(items: impl IntoIterator<Item = Value>) -> Value {
        Value::from(List::new(items.into_iter().collect(), Elem::Str))
    }

    /// A map.
    pub fn map(entries: BTreeMap<SmolStr, Value>) -> Value {
        Value::from(Map::new(entries))
    }

    /// An object.
    pub fn object(object: impl Object + 'static) -> Value {
        Kind::Object(Rc::new(object)).into()
    }

    /// Whether it is `nil`.
    pub fn is_nil(&self) -> bool {
        matches!(self.kind, Kind::Nil)
    }

    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&Str> {
        match &self.kind {
            Kind::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The map, if it is one.
    pub fn as_map(&self) -> Option<&Rc<Map>> {
        match &self.kind {
            Kind::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The slice, if it is one.
    pub fn as_list(&self) -> Option<&Rc<List>> {
        match &self.kind {
            Kind::List(list) => Some(list),
            _ => None,
        }
    }

    /// The same value, which depends on `origin` too.
    #[must_use]
    pub fn influenced(mut self, origin: Origin, origins: &mut Origins) -> Value {
        if !origin.is_some() {
            return self;
        }
        match self.kind {
            Kind::Str(text) if text.pieces().is_some() => {
                self.kind = Kind::Str(text.influenced(origin, origins));
            }
            kind => {
                self.kind = kind;
                self.origin = origins.union(self.origin, origin);
            }
        }
        self
    }

    /// Where the value came from, but not what is in it. A string's pieces count.
    pub fn own_origin(&self, origins: &mut Origins) -> Origin {
        match &self.kind {
            Kind::Str(text) if text.pieces().is_some() => {
                let parts = text.origin_of(0..text.len(), origins);
                origins.union(self.origin, parts)
            }
            _ => self.origin,
        }
    }

    /// Where the value and all that is in it came from. Nothing when no track is kept.
    pub fn deep_origin(&self, origins: &mut Origins) -> Origin {
        if !origins.is_on() {
            return Origin::NONE;
        }
        if !self.is_collection() {
            return self.own_origin(origins);
        }
        let mut all = vec![self.origin];
        // Values can be shared or hold themselves: what is looked at is bounded.
        let mut left = MOST_ORIGINS;
        self.gather_origins(&mut all, &mut left, 0);
        origins.union_all(all)
    }

    /// The origins of the leaves.
    fn gather_origins(&self, all: &mut Vec<Origin>, left: &mut usize, depth: usize) {
        if *left == 0 || depth > crate::fmt::DEEPEST {
            return;
        }
        *left -= 1;
        let gather = |value: &Value| value.gather_origins(all, left, depth + 1);
        match &self.kind {
            Kind::List(list) => list.items.iter().for_each(gather),
            Kind::Map(map) => {
                let original = map.original();
                let map = original.as_ref().unwrap_or(map);
                map.entries().values().for_each(gather);
            }
            Kind::Str(text) => {
                let pieces = text.pieces().unwrap_or_default();
                all.extend(pieces.iter().map(|piece| piece.origin));
                all.push(self.origin);
            }
            _ => all.push(self.origin),
        }
    }

    /// Go's name of its type, `<nil>` for `nil`.
    pub fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed(match &self.kind {
            Kind::Nil => "<nil>",
            Kind::Bool(_) => "bool",
            Kind::Int(_) => "int",
            Kind::Int64(_) => "int64",
            Kind::Uint64(_) => "uint64",
            Kind::Uint8(_) => "uint8",
            Kind::Float(_) => "float64",
            Kind::Complex(..) => "complex128",
            Kind::Str(_) => "string",
            Kind::JsonNumber(_) => "json.Number",
            Kind::List(list) => list.elem.list_type(),
            Kind::Map(map) => map.kind.type_name(),
            Kind::Object(object) => return object.type_name(),
        })
    }

    /// Go's name of its kind, `invalid` for `nil`.
    pub fn kind_name(&self) -> &'static str {
        match &self.kind {
            Kind::Nil => "invalid",
            Kind::Bool(_) => "bool",
            Kind::Int(_) => "int",
            Kind::Int64(_) => "int64",
            Kind::Uint64(_) => "uint64",
            Kind::Uint8(_) => "uint8",
            Kind::Float(_) => "float64",
            Kind::Complex(..) => "complex128",
            Kind::Str(_) | Kind::JsonNumber(_) => "string",
            Kind::List(_) => "slice",
            Kind::Map(_) => "map",
            Kind::Object(object) => object.kind_name(),
        }
    }

    /// Whether `if` takes it for true: not nil, not zero, not empty.
    pub fn is_true(&self) -> bool {
        match &self.kind {
            Kind::Nil => false,
            Kind::Bool(value) => *value,
            Kind::Int(value) | Kind::Int64(value) => *value != 0,
            Kind::Uint64(value) => *value != 0,
            Kind::Uint8(value) => *value != 0,
            Kind::Float(value) => *value != 0.0,
            Kind::Complex(real, imaginary) => *real != 0.0 || *imaginary != 0.0,
            Kind::Str(text) => !text.is_empty(),
            Kind::JsonNumber(text) => !text.is_empty(),
            Kind::List(list) => !list.items.is_empty(),
            Kind::Map(map) => !map.is_empty(),
            Kind::Object(object) => match object.as_int() {
                Some(value) => value != 0,
                None => !object.is_nil(),
            },
        }
    }
}

impl Elem {
    /// Go's name of the slice type.
    pub fn list_type(self) -> &'static str {
        match self {
            Elem::Any => "[]interface {}",
            Elem::Str => "[]string",
            Elem::Int => "[]int",
            Elem::Lists => "[][]interface {}",
            Elem::Byte => "[]uint8",
            Elem::VersionSet => "common.VersionSet",
        }
    }
}

impl MapKind {
    /// Go's name of the map type.
    pub fn type_name(self) -> &'static str {
        match self {
            MapKind::Any => "map[string]interface {}",
            MapKind::Strings => "map[string]string",
            MapKind::Values => "common.Values",
        }
    }

    /// What a key gives that is not there, as `missingkey=zero` and `index` see it.
    pub(crate) fn zero(self) -> Value {
        match self {
            MapKind::Strings => "".into(),
            MapKind::Any | MapKind::Values => Value::NIL,
        }
    }
}

impl List {
    /// A slice that is as large as its items.
    pub fn new(items: Vec<Value>, elem: Elem) -> List {
        List {
            capacity: items.len(),
            items,
            elem,
            is_nil: false,
        }
    }

    /// The nil slice.
    pub fn nil(elem: Elem) -> List {
        List {
            items: Vec::new(),
            elem,
            capacity: 0,
            is_nil: true,
        }
    }

    /// A slice that grew item by item, as decoders make them.
    pub fn grown(items: Vec<Value>) -> List {
        List {
            capacity: items.len().next_power_of_two(),
            items,
            elem: Elem::Any,
            is_nil: false,
        }
    }
}

impl Map {
    /// A `map[string]interface {}`.
    pub fn new(entries: BTreeMap<SmolStr, Value>) -> Map {
        Map::of(MapKind::Any, entries)
    }

    /// A map of a type.
    pub fn of(kind: MapKind, entries: BTreeMap<SmolStr, Value>) -> Map {
        Map {
            entries: RefCell::new(entries),
            copied: RefCell::default(),
            underlying: None,
            changes: Cell::default(),
            kind,
            is_nil: false,
        }
    }

    /// The same map as Helm's `common.Values`: what is changed in one, the other has.
    pub fn values(map: Rc<Map>) -> Map {
        Map {
            entries: RefCell::default(),
            copied: RefCell::default(),
            is_nil: map.is_nil,
            underlying: Some(map),
            changes: Cell::default(),
            kind: MapKind::Values,
        }
    }

    /// The map that this one is as a `map[string]interface {}`, if it has another type.
    pub(crate) fn underlying(&self) -> Option<&Rc<Map>> {
        self.underlying.as_ref()
    }

    /// A deep copy of a map in which nothing ever changes: what is in it is copied where it is looked at.
    fn copy_of(map: Rc<Map>) -> Map {
        Map {
            entries: RefCell::default(),
            kind: map.kind,
            is_nil: map.is_nil,
            copied: RefCell::new(Some(map)),
            underlying: None,
            changes: Cell::default(),
        }
    }

    /// The nil map of a type.
    pub fn nil(kind: MapKind) -> Map {
        let mut map = Map::of(kind, BTreeMap::new());
        map.is_nil = true;
        map
    }

    /// The map that this one is a copy of, if nobody has looked into the copy: it has the same entries, which
    /// must not be handed out.
    pub(crate) fn original(&self) -> Option<Rc<Map>> {
        match &self.underlying {
            Some(map) => map.original(),
            None => self.copied.borrow().clone(),
        }
    }

    /// Tells whether the entries are still the same: another number says that they may be others.
    pub(crate) fn changes(&self) -> u32 {
        match &self.underlying {
            Some(map) => map.changes(),
            None => self.changes.get(),
        }
    }

    fn changed(&self) {
        match &self.underlying {
            Some(map) => map.changed(),
            None => self.changes.set(self.changes.get().wrapping_add(1)),
        }
    }

    /// Another copy, if nobody has looked into this one.
    pub(crate) fn copied_again(&self) -> Option<Map> {
        self.original().map(Map::copy_of)
    }

    fn cell(&self) -> &RefCell<BTreeMap<SmolStr, Value>> {
        if let Some(map) = &self.underlying {
            return map.cell();
        }
        if let Some(map) = self.copied.take() {
            let copies = map.entries.borrow();
            let copies = copies.iter();
            let copies = copies.map(|(key, value)| (key.clone(), value.lazy_copy()));
            self.entries.replace(copies.collect());
            self.changed();
        }
        &self.entries
    }

    /// The entries. They must not be changed while this is held.
    pub fn entries(&self) -> Ref<'_, BTreeMap<SmolStr, Value>> {
        self.cell().borrow()
    }

    /// The entries, to change them. Nothing else may look at them while this is held.
    pub fn entries_mut(&self) -> RefMut<'_, BTreeMap<SmolStr, Value>> {
        self.changed();
        self.cell().borrow_mut()
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<Value> {
        self.cell().borrow().get(key).cloned()
    }

    /// Sets a key, and gives what was there.
    pub fn insert(&self, key: impl Into<SmolStr>, value: Value) -> Option<Value> {
        self.entries_mut().insert(key.into(), value)
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        match self.original() {
            Some(map) => map.len(),
            None => self.cell().borrow().len(),
        }
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Drop for List {
    fn drop(&mut self) {
        release(std::mem::take(&mut self.items));
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        let entries = std::mem::take(self.entries.get_mut());
        if entries.values().any(Value::is_collection) {
            release(entries.into_values().collect());
        }
    }
}

/// Drops values without recursion: a template can nest lists as deep as its steps reach.
fn release(mut work: Vec<Value>) {
    if !work.iter().any(Value::is_collection) {
        return;
    }
    while let Some(mut value) = work.pop() {
        match &mut value.kind {
            Kind::List(list) => {
                if let Some(list) = Rc::get_mut(list) {
                    work.append(&mut list.items);
                }
            }
            Kind::Map(map) => {
                if let Some(map) = Rc::get_mut(map) {
                    work.extend(std::mem::take(map.entries.get_mut()).into_values());
                }
            }
            _ => {}
        }
    }
}

impl Value {
    fn is_collection(&self) -> bool {
        matches!(self.kind, Kind::List(_) | Kind::Map(_))
    }

    /// A copy that shares nothing that can be changed with this value, in which nothing ever changes.
    pub(crate) fn lazy_copy(&self) -> Value {
        let kind = match &self.kind {
            Kind::Map(map) => Kind::Map(Rc::new(Map::copy_of(Rc::clone(map)))),
            Kind::List(list) if list.items.iter().any(Value::is_collection) => {
                let items = list.items.iter().map(Value::lazy_copy);
                Kind::List(Rc::new(List {
                    items: items.collect(),
                    elem: list.elem,
                    capacity: list.capacity,
                    is_nil: list.is_nil,
                }))
            }
            kind => kind.clone(),
        };
        Value::from(kind).with_origin(self.origin)
    }
}

impl From<Kind> for Value {
    fn from(kind: Kind) -> Value {
        Value {
            kind,
            origin: Origin::NONE,
        }
    }
}

macro_rules! from {
    ($($from:ty => $kind:expr;)*) => {
        $(impl From<$from> for Value {
            fn from(value: $from) -> Value {
                $kind(value).into()
            }
        })*
    };
}

from! {
    bool => Kind::Bool;
    i64 => Kind::Int64;
    f64 => Kind::Float;
    Str => Kind::Str;
    &str => |text| Kind::Str(Str::from(text));
    String => |text| Kind::Str(Str::from(text));
    SmolStr => |text| Kind::Str(Str::from(text));
    Vec<u8> => |text| Kind::Str(Str::from(text));
    &[u8] => |text| Kind::Str(Str::from(text));
    List => |list| Kind::List(Rc::new(list));
    Map => |map| Kind::Map(Rc::new(map));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_values_are_dropped_without_recursion() {
        let mut value = Value::NIL;
        for _ in 0..200_000 {
            value = Value::list(vec![value]);
        }
        drop(value);
        let mut value = Value::NIL;
        for _ in 0..200_000 {
            value = Value::map(BTreeMap::from([("a".into(), value)]));
        }
        drop(value);
    }
}
