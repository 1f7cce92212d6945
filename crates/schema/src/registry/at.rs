use rustc_hash::FxHashMap;
use tidegate_yaml::Node;

use crate::fault::{FaultKind, Faults};
use crate::number::Number;
use crate::opaque::is_opaque;
use crate::path::Path;
use crate::quantity::Quantity;

/// A field of an object, there or not.
#[derive(Clone, Copy, Debug)]
pub(super) struct At<'n, 'p> {
    value: Option<&'n Node>,
    /// The value, or what it is missing from.
    owner: &'n Node,
    pub(super) path: Path<'p>,
}

impl<'n> At<'n, 'static> {
    pub(super) fn root(object: &'n Node) -> At<'n, 'static> {
        At {
            value: Some(object),
            owner: object,
            path: Path::Root,
        }
    }
}

impl<'n> At<'n, '_> {
    fn part<'q>(&self, value: Option<&'n Node>, path: Path<'q>) -> At<'n, 'q> {
        let value = value.filter(|value| !value.is_null());
        At {
            value,
            owner: value.unwrap_or(self.owner),
            path,
        }
    }

    /// A field of it.
    pub(super) fn field<'q>(&'q self, name: &'q str) -> At<'n, 'q> {
        let value = self.value.and_then(|value| value.get(name));
        self.part(value, self.path.field(name))
    }

    /// The value under a key of a map.
    pub(super) fn key<'q>(&'q self, name: &'q str) -> At<'n, 'q> {
        let value = self.value.and_then(|value| value.get(name));
        self.part(value, self.path.key(name))
    }

    /// The items of a list.
    pub(super) fn items<'q>(&'q self) -> impl Iterator<Item = At<'n, 'q>> {
        let items = self.value.and_then(Node::as_seq).into_iter().flatten();
        items
            .enumerate()
            .map(|(index, item)| self.part(Some(item), self.path.index(index)))
    }

    /// The keys of a map with their values. The node of a key is the key itself where it has no value.
    pub(super) fn entries<'q>(&'q self) -> impl Iterator<Item = (&'n str, At<'n, 'q>)> {
        let entries = self.value.and_then(Node::as_map).into_iter().flatten();
        entries.filter_map(|entry| {
            let key = entry.key.text()?;
            Some((key, self.part(Some(&entry.value), self.path.key(key))))
        })
    }

    /// The values of a map by their keys: for maps that are asked for many keys.
    pub(super) fn by_key<'q>(&'q self) -> FxHashMap<&'n str, At<'n, 'q>> {
        self.entries().collect()
    }

    /// Its text; empty where it has none that is known.
    pub(super) fn text(&self) -> &'n str {
        match self.is_unknown() {
            true => "",
            false => self.value.and_then(Node::text).unwrap_or_default(),
        }
    }

    /// The text below a path of fields; empty where there is none.
    pub(super) fn at(&self, path: &[&str]) -> &'n str {
        let value = self.value.and_then(|value| value.at(path));
        value.and_then(Node::as_str).unwrap_or_default()
    }

    /// Whether only the cluster knows its value.
    pub(super) fn is_unknown(&self) -> bool {
        self.value.is_some_and(is_opaque)
    }

    /// Whether it is a text, where it can be a number as well.
    pub(super) fn is_text(&self) -> bool {
        self.value.is_some() && self.int().is_none()
    }

    /// Its number. What is too large for 32 bits wraps round, as it does in an apply.
    pub(super) fn int(&self) -> Option<i64> {
        match Number::of(self.value?.as_scalar()?)? {
            Number::Whole(value) => Some(i64::from(value as i32)),
            Number::Double(_) => None,
        }
    }

    /// Its number of 64 bits.
    pub(super) fn long(&self) -> Option<i64> {
        match Number::of(self.value?.as_scalar()?)? {
            Number::Whole(value) => Some(value),
            Number::Double(_) => None,
        }
    }

    /// Whether it is the truth value `true`.
    pub(super) fn is_true(&self) -> bool {
        let scalar = self.value.and_then(Node::as_scalar);
        scalar.and_then(crate::number::boolean) == Some(true)
    }

    /// Its quantity.
    pub(super) fn quantity(&self) -> Option<Quantity> {
        Quantity::parse(self.value?.text()?.trim()).ok()
    }

    /// Whether there is a value.
    pub(super) fn is_set(&self) -> bool {
        self.value.is_some()
    }

    /// How many items or keys it has.
    pub(super) fn len(&self) -> usize {
        match self.value {
            Some(value) => value
                .as_seq()
                .map(|seq| seq.len())
                .or_else(|| value.as_map().map(|map| map.len()))
                .unwrap_or(0),
            None => 0,
        }
    }

    /// The value, or what it is missing from.
    pub(super) fn node(&self) -> &'n Node {
        self.owner
    }
}

/// Reports faults of fields.
impl Faults {
    pub(super) fn missing(&mut self, at: &At<'_, '_>, detail: &str) {
        self.required(&at.path, at.node(), detail);
    }

    pub(super) fn wrong(&mut self, at: &At<'_, '_>, detail: impl AsRef<str>) {
        self.invalid(&at.path, at.node(), detail);
    }

    /// All that a rule of names says.
    pub(super) fn all_wrong(&mut self, at: &At<'_, '_>, details: Vec<String>) {
        for detail in details {
            self.wrong(at, detail);
        }
    }

    pub(super) fn not_allowed(&mut self, at: &At<'_, '_>, detail: &str) {
        self.forbidden(&at.path, at.node(), detail);
    }

    pub(super) fn twice(&mut self, at: &At<'_, '_>) {
        self.duplicate(&at.path, at.node());
    }

    pub(super) fn not_found(&mut self, at: &At<'_, '_>) {
        let message = format!("not found: \"{}\"", at.text());
        self.push(FaultKind::Invalid, &at.path, at.node(), message);
    }

    /// A text that must be one of some.
    pub(super) fn one_of(&mut self, at: &At<'_, '_>, values: &[&str]) {
        if at.is_set() && !values.contains(&at.text()) {
            self.unsupported(&at.path, at.node(), values.iter().copied());
        }
    }

    /// A number that may not be negative.
    pub(super) fn not_negative(&mut self, at: &At<'_, '_>) {
        if at.int().is_some_and(|value| value < 0) {
            self.wrong(at, "must be greater than or equal to 0");
        }
    }

    /// A number within bounds.
    pub(super) fn within(&mut self, at: &At<'_, '_>, low: i64, high: i64) {
        if at
            .long()
            .is_some_and(|value| !(low..=high).contains(&value))
        {
            self.wrong(at, format!("must be between {low} and {high}, inclusive"));
        }
    }
}
