//! Where values came from: small indices that values carry, and the table they lead into.

use rustc_hash::FxHashMap;
use tidegate_yaml::Place;

/// An index into [`Origins`]: where a value, or a part of a text, came from. It is one place or a
/// set of places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin(u32);

impl Origin {
    /// From nowhere: a constant, or tracking is off.
    pub const NONE: Origin = Origin(0);

    pub(crate) fn index(self) -> u32 {
        self.0
    }

    pub(crate) fn of_index(index: u32) -> Origin {
        Origin(index)
    }

    /// Whether there is anything to tell.
    pub fn is_some(self) -> bool {
        self != Origin::NONE
    }
}

/// A set does not grow beyond this many places: what is mixed of more is marked as such.
const LARGEST_SET: usize = 8;

#[derive(Clone, Debug)]
enum Entry {
    Place(Place),
    Set { members: Box<[Origin]>, mixed: bool },
}

/// The table that origins lead into. One belongs to a render: the data is made with it, and the
/// templates are executed with it.
#[derive(Debug)]
pub struct Origins {
    on: bool,
    entries: Vec<Entry>,
    sets: FxHashMap<Box<[Origin]>, Origin>,
    unions: FxHashMap<(Origin, Origin), Origin>,
    read: Vec<bool>,
}

impl Origins {
    /// A table that keeps track.
    pub fn tracking() -> Origins {
        Origins {
            on: true,
            ..Origins::off()
        }
    }

    /// A table in which nothing is noted, and which costs nothing.
    pub fn off() -> Origins {
        Origins {
            on: false,
            entries: Vec::new(),
            sets: FxHashMap::default(),
            unions: FxHashMap::default(),
            read: Vec::new(),
        }
    }

    /// All single places, in the order in which they were made.
    pub fn places(&self) -> impl Iterator<Item = (Origin, &Place)> {
        self.entries
            .iter()
            .enumerate()
            .filter_map(|(i, entry)| match entry {
                Entry::Place(place) => Some((Origin(i as u32 + 1), place)),
                Entry::Set { .. } => None,
            })
    }

    /// Whether track is kept.
    pub fn is_on(&self) -> bool {
        self.on
    }

    /// A new origin: one place. Each call makes another one, so that two values at one place, such as
    /// a list and its first item, are told apart.
    pub fn place(&mut self, place: &Place) -> Origin {
        if !self.on {
            return Origin::NONE;
        }
        self.push(Entry::Place(place.clone()))
    }

    fn push(&mut self, entry: Entry) -> Origin {
        self.entries.push(entry);
        Origin(self.entries.len() as u32)
    }

    fn entry(&self, origin: Origin) -> Option<&Entry> {
        self.entries.get((origin.0 as usize).checked_sub(1)?)
    }

    /// What came from both.
    pub fn union(&mut self, a: Origin, b: Origin) -> Origin {
        if a == b || !b.is_some() {
            return a;
        }
        if !a.is_some() {
            return b;
        }
        let key = (a.min(b), a.max(b));
        if let Some(known) = self.unions.get(&key) {
            return *known;
        }
        let mut members = [self.members(a), self.members(b)].concat();
        members.sort_unstable();
        members.dedup();
        let mixed = members.len() > LARGEST_SET || self.is_mixed(a) || self.is_mixed(b);
        members.truncate(LARGEST_SET);
        let members = members.into_boxed_slice();
        let union = match self.sets.get(&members) {
            Some(known) if !mixed || self.is_mixed(*known) => *known,
            _ => {
                let set = self.push(Entry::Set {
                    members: members.clone(),
                    mixed,
                });
                self.sets.insert(members, set);
                set
            }
        };
        self.unions.insert(key, union);
        union
    }

    /// The single places behind an origin, in the order in which they were made.
    pub fn members(&self, origin: Origin) -> Vec<Origin> {
        match self.entry(origin) {
            Some(Entry::Set { members, .. }) => members.to_vec(),
            Some(Entry::Place(_)) => vec![origin],
            None => Vec::new(),
        }
    }

    /// The place of a single origin.
    pub fn place_of(&self, origin: Origin) -> Option<&Place> {
        match self.entry(origin) {
            Some(Entry::Place(place)) => Some(place),
            _ => None,
        }
    }

    /// Whether more places than a set holds had a part.
    pub fn is_mixed(&self, origin: Origin) -> bool {
        matches!(self.entry(origin), Some(Entry::Set { mixed: true, .. }))
    }

    /// Notes that a template looked a value up.
    pub fn mark_read(&mut self, origin: Origin) {
        if !origin.is_some() {
            return;
        }
        let index = origin.0 as usize;
        if self.read.len() <= index {
            self.read.resize(self.entries.len().max(index) + 1, false);
        }
        self.read[index] = true;
    }

    /// Whether a template looked the value up by its key or index. What is below a value that was
    /// handed on as a whole does not count.
    pub fn was_read(&self, origin: Origin) -> bool {
        self.read.get(origin.0 as usize).is_some_and(|read| *read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_shared_and_bounded() {
        let mut origins = Origins::tracking();
        let single: Vec<Origin> = (0..10).map(|_| origins.place(&Place::default())).collect();
        let ab = origins.union(single[0], single[1]);
        assert_eq!(origins.union(single[1], single[0]), ab);
        assert_eq!(origins.union(ab, single[0]), ab);
        assert_eq!(origins.members(ab), [single[0], single[1]]);
        let all = single
            .iter()
            .fold(Origin::NONE, |all, one| origins.union(all, *one));
        assert_eq!(origins.members(all).len(), LARGEST_SET);
        assert!(origins.is_mixed(all) && !origins.is_mixed(ab));
    }

    #[test]
    fn nothing_is_noted_when_off() {
        let mut origins = Origins::off();
        assert_eq!(origins.place(&Place::default()), Origin::NONE);
    }
}
