//! What is known of a value without having it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use tidegate_yaml::SmolStr;

use super::{Lookups, PlaceId};

/// What a value may be: any of several places in the data, a map that templates made, a list that they made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shape {
    places: BTreeSet<PlaceId>,
    /// The entries of the map.
    entries: Option<Rc<BTreeMap<SmolStr, Shape>>>,
    /// What any of the items is.
    items: Option<Rc<Shape>>,
    /// Whether it is a copy: what is merged into it is not seen elsewhere.
    is_copy: bool,
}

/// A value that may be more places than this is not followed.
const MOST_PLACES: usize = 24;

impl Shape {
    /// Nothing of the data.
    pub fn nothing() -> Shape {
        Shape::default()
    }

    /// A place in the data.
    pub fn place(place: PlaceId) -> Shape {
        Shape {
            places: BTreeSet::from([place]),
            ..Shape::default()
        }
    }

    /// A map. What is not among its entries is nothing of the data.
    pub fn map<'k>(entries: impl IntoIterator<Item = (&'k str, Shape)>) -> Shape {
        let entries = entries.into_iter();
        let entries = entries.map(|(key, shape)| (SmolStr::from(key), shape));
        Shape {
            entries: Some(Rc::new(entries.collect())),
            ..Shape::default()
        }
    }

    pub(super) fn list(items: Shape) -> Shape {
        Shape {
            items: Some(Rc::new(items)),
            ..Shape::default()
        }
    }

    pub(super) fn copied(mut self) -> Shape {
        self.is_copy = true;
        self
    }

    /// Whether what is merged into it may be seen elsewhere.
    pub(super) fn is_shared(&self) -> bool {
        !self.places.is_empty() && !self.is_copy
    }

    /// Either of two.
    pub(super) fn or(mut self, other: &Shape, lookups: &mut Lookups) -> Shape {
        self.places.extend(&other.places);
        if self.places.len() > MOST_PLACES {
            for place in std::mem::take(&mut self.places) {
                lookups.take_whole(place);
            }
        }
        self.entries = match (self.entries.take(), &other.entries) {
            (Some(mine), Some(others)) if mine != *others => {
                let mut all = Rc::unwrap_or_clone(mine);
                for (key, shape) in others.iter() {
                    let mine = all.remove(key).unwrap_or_default();
                    all.insert(key.clone(), mine.or(shape, lookups));
                }
                Some(Rc::new(all))
            }
            (mine, others) => mine.or_else(|| others.clone()),
        };
        self.items = match (self.items.take(), &other.items) {
            (Some(mine), Some(others)) if mine != *others => {
                Some(Rc::new(Rc::unwrap_or_clone(mine).or(others, lookups)))
            }
            (mine, others) => mine.or_else(|| others.clone()),
        };
        self.is_copy &= other.is_copy;
        self
    }

    /// What is below a key.
    pub(super) fn below(&self, key: &str, lookups: &mut Lookups) -> Shape {
        let mut below = Shape::default();
        for place in &self.places {
            below.places.insert(lookups.below(*place, key));
        }
        match self.entries.as_ref().and_then(|entries| entries.get(key)) {
            Some(shape) => below.or(shape, lookups),
            None => below,
        }
    }

    /// What is below a key or index that is not known.
    pub(super) fn below_any(&self, lookups: &mut Lookups) -> Shape {
        let mut below = Shape::default();
        for place in &self.places {
            below.places.insert(lookups.below_any(*place));
        }
        for shape in self.entries.iter().flat_map(|entries| entries.values()) {
            below = below.or(shape, lookups);
        }
        match &self.items {
            Some(items) => below.or(items, lookups),
            None => below,
        }
    }

    /// All in it may be looked up.
    pub(super) fn take_whole(&self, lookups: &mut Lookups) {
        for place in &self.places {
            lookups.take_whole(*place);
        }
        for shape in self.entries.iter().flat_map(|entries| entries.values()) {
            shape.take_whole(lookups);
        }
        if let Some(items) = &self.items {
            items.take_whole(lookups);
        }
    }

    /// The places that it may be itself, without those in maps that were made: all in them may be looked up.
    pub(super) fn take_places(&self, lookups: &mut Lookups) {
        for place in &self.places {
            lookups.take_whole(*place);
        }
    }
}
