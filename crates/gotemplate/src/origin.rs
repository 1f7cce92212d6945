//! Where values came from: small indices that values carry, and the table they lead into.

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHasher};
use tidegate_yaml::Place;

/// An index into [`Origins`]: where a value, or a part of a text, came from. It is one place or a
/// set of places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin(u32);

impl Origin {
    /// From nowhere: a constant, or tracking is off.
    pub const NONE: Origin = Origin(0);

    /// Whether there is anything to tell.
    pub fn is_some(self) -> bool {
        self != Origin::NONE
    }
}

/// A set does not grow beyond this many places: what is mixed of more is marked as such. Checksums of whole
/// templates have the most.
const LARGEST_SET: usize = 32;

/// Nor does it name more places that only had a say.
const MOST_INFLUENCES: usize = 32;

#[derive(Clone, Debug)]
enum Entry {
    Place {
        place: Place,
        /// The origin itself: it is its only member.
        this: Origin,
    },
    Set {
        members: Box<[Origin]>,
        influences: Box<[Origin]>,
        mixed: bool,
    },
}

/// What a set is made of. Both lists are sorted, and have nothing twice nor in common.
#[derive(Clone, Debug, Default)]
struct Parts {
    /// What the value was made of.
    members: Vec<Origin>,
    /// What decided that it is there: conditions, and values that were passed over.
    influences: Vec<Origin>,
    /// Whether there was more than a set holds.
    mixed: bool,
}

impl Parts {
    fn clear(&mut self) {
        self.members.clear();
        self.influences.clear();
        self.mixed = false;
    }

    /// Takes in what another origin is made of.
    fn add(&mut self, members: &[Origin], influences: &[Origin], mixed: bool) {
        merge(&mut self.members, members);
        merge(&mut self.influences, influences);
        let members = &self.members;
        self.influences
            .retain(|one| members.binary_search(one).is_err());
        self.mixed |=
            mixed || self.members.len() > LARGEST_SET || self.influences.len() > MOST_INFLUENCES;
        self.members.truncate(LARGEST_SET);
        self.influences.truncate(MOST_INFLUENCES);
    }
}

/// Takes the items of one sorted list into another.
fn merge(into: &mut Vec<Origin>, from: &[Origin]) {
    let mut at = 0;
    for one in from {
        while into.get(at).is_some_and(|known| known < one) {
            at += 1;
        }
        if into.get(at) != Some(one) {
            into.insert(at, *one);
        }
    }
}

/// The table that origins lead into. One belongs to a render: the data is made with it, and the
/// templates are executed with it.
#[derive(Debug)]
pub struct Origins {
    on: bool,
    entries: Vec<Entry>,
    /// By the hash of what they are made of. Of sets with the same hash, each is under the next number.
    sets: FxHashMap<u64, Origin>,
    unions: FxHashMap<(Origin, Origin), Origin>,
    weakened: FxHashMap<Origin, Origin>,
    read: Vec<bool>,
    /// Where sets are put together.
    parts: Parts,
    /// Where the origins of parts of a text are gathered.
    gathered: Vec<Origin>,
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
            weakened: FxHashMap::default(),
            read: Vec::new(),
            parts: Parts::default(),
            gathered: Vec::new(),
        }
    }

    /// All single places, in the order in which they were made.
    pub fn places(&self) -> impl Iterator<Item = (Origin, &Place)> {
        self.entries
            .iter()
            .enumerate()
            .filter_map(|(i, entry)| match entry {
                Entry::Place { place, .. } => Some((Origin(i as u32 + 1), place)),
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
        let this = Origin(self.entries.len() as u32 + 1);
        self.push(Entry::Place {
            place: place.clone(),
            this,
        })
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
        let mut parts = std::mem::take(&mut self.parts);
        parts.clear();
        for one in [a, b] {
            parts.add(self.members(one), self.influences(one), self.is_mixed(one));
        }
        let union = self.set(&parts);
        self.parts = parts;
        self.unions.insert(key, union);
        union
    }

    /// What came from all of them.
    pub(crate) fn union_all(&mut self, all: impl IntoIterator<Item = Origin>) -> Origin {
        let mut gathered = std::mem::take(&mut self.gathered);
        gathered.clear();
        for one in all {
            if one.is_some() && gathered.last() != Some(&one) {
                gathered.push(one);
            }
        }
        if gathered.len() > 2 {
            gathered.sort_unstable();
            gathered.dedup();
        }
        let union = match *gathered {
            [] => Origin::NONE,
            [one] => one,
            [a, b] => self.union(a, b),
            _ => {
                let mut parts = std::mem::take(&mut self.parts);
                parts.clear();
                for one in &gathered {
                    parts.add(
                        self.members(*one),
                        self.influences(*one),
                        self.is_mixed(*one),
                    );
                }
                let union = self.set(&parts);
                self.parts = parts;
                union
            }
        };
        self.gathered = gathered;
        union
    }

    /// The same places, but as what only had a say: conditions, and values that were passed over.
    pub fn weaken(&mut self, origin: Origin) -> Origin {
        if !origin.is_some() {
            return origin;
        }
        if let Some(known) = self.weakened.get(&origin) {
            return *known;
        }
        let mut parts = std::mem::take(&mut self.parts);
        parts.clear();
        let mixed = self.is_mixed(origin);
        parts.add(&[], self.members(origin), mixed);
        parts.add(&[], self.influences(origin), mixed);
        let weakened = self.set(&parts);
        self.parts = parts;
        self.weakened.insert(origin, weakened);
        weakened
    }

    fn set(&mut self, parts: &Parts) -> Origin {
        let mut hasher = FxHasher::default();
        parts.members.hash(&mut hasher);
        parts.influences.hash(&mut hasher);
        let mut number = hasher.finish();
        while let Some(known) = self.sets.get(&number) {
            let is_same = self.members(*known) == parts.members
                && self.influences(*known) == parts.influences
                && self.is_mixed(*known) == parts.mixed;
            if is_same {
                return *known;
            }
            number = number.wrapping_add(1);
        }
        let set = self.push(Entry::Set {
            members: parts.members.as_slice().into(),
            influences: parts.influences.as_slice().into(),
            mixed: parts.mixed,
        });
        self.sets.insert(number, set);
        set
    }

    /// The single places that a value was made of, in the order in which they were made.
    pub fn members(&self, origin: Origin) -> &[Origin] {
        match self.entry(origin) {
            Some(Entry::Set { members, .. }) => members,
            Some(Entry::Place { this, .. }) => std::slice::from_ref(this),
            None => &[],
        }
    }

    /// The single places that decided that a value is there, such as the condition of an `if` around it.
    pub fn influences(&self, origin: Origin) -> &[Origin] {
        match self.entry(origin) {
            Some(Entry::Set { influences, .. }) => influences,
            _ => &[],
        }
    }

    /// The place of a single origin.
    pub fn place_of(&self, origin: Origin) -> Option<&Place> {
        match self.entry(origin) {
            Some(Entry::Place { place, .. }) => Some(place),
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
        let single: Vec<Origin> = (0..LARGEST_SET + 2)
            .map(|_| origins.place(&Place::default()))
            .collect();
        let ab = origins.union(single[0], single[1]);
        assert_eq!(origins.union(single[1], single[0]), ab);
        assert_eq!(origins.union(ab, single[0]), ab);
        assert_eq!(origins.members(ab), [single[0], single[1]]);
        let all = single
            .iter()
            .fold(Origin::NONE, |all, one| origins.union(all, *one));
        assert_eq!(origins.union_all(single.iter().rev().copied()), all);
        assert_eq!(origins.members(all).len(), LARGEST_SET);
        assert!(origins.is_mixed(all) && !origins.is_mixed(ab));
        let weak = origins.weaken(ab);
        let mixed = origins.union(weak, single[1]);
        assert_eq!(origins.members(mixed), [single[1]]);
        assert_eq!(origins.influences(mixed), [single[0]]);
    }

    #[test]
    fn nothing_is_noted_when_off() {
        let mut origins = Origins::off();
        assert_eq!(origins.place(&Place::default()), Origin::NONE);
    }
}
