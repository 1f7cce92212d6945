use std::collections::BTreeSet;

use jiff::Timestamp;
use tidegate_registry::Digest;

use super::entry::{Entry, Environment, entries};

/// How often the pointer is set before it is given up: each time someone else was faster.
const MOST_ROUNDS: usize = 100;

/// The tags of a repository.
pub trait Tags {
    /// Why a registry could not answer.
    type Error;

    /// All of them.
    fn tags(&self) -> Result<BTreeSet<String>, Self::Error>;

    /// What a tag leads to; none where there is no such tag.
    fn resolve(&self, tag: &str) -> Result<Option<Digest>, Self::Error>;

    /// Has a tag lead to a digest.
    fn set(&self, tag: &str, digest: &Digest) -> Result<(), Self::Error>;
}

/// What an environment runs by its ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The newest entry that counts, and its digest.
    pub newest: Option<(Entry, Digest)>,
    /// What the pointer leads to.
    pub pointer: Option<Digest>,
    /// Newer entries that do not count.
    pub ignored: Vec<Entry>,
}

impl Selection {
    /// Whether log and pointer agree on a digest.
    pub fn is(&self, digest: &Digest) -> bool {
        let newest = self.newest.as_ref().map(|(_, newest)| newest);
        newest == Some(digest) && self.pointer.as_ref() == Some(digest)
    }

    /// Whether log and pointer agree.
    pub fn is_settled(&self) -> bool {
        self.newest.as_ref().map(|(_, digest)| digest) == self.pointer.as_ref()
    }
}

/// What a selection came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// What the environment runs now.
    pub selection: Selection,
    /// How often the pointer was set.
    pub writes: usize,
    /// Whether log and pointer agree. They may not where others write all the time.
    pub agrees: bool,
}

/// What the ledger says. `counts` tells of each entry, the newest first, whether its digest has the evidence
/// that it needs; it is asked until one counts.
pub fn state<T: Tags>(
    tags: &T,
    environment: &Environment,
    counts: &mut impl FnMut(&Entry, &Digest) -> Result<bool, T::Error>,
) -> Result<Selection, T::Error> {
    let mut ignored = Vec::new();
    let mut newest = None;
    for entry in entries(environment, &tags.tags()?).into_iter().rev() {
        let digest = tags.resolve(&entry.tag)?;
        match digest {
            Some(digest) if entry.is_of(&digest) && counts(&entry, &digest)? => {
                newest = Some((entry, digest));
                break;
            }
            _ => ignored.push(entry),
        }
    }
    Ok(Selection {
        newest,
        pointer: tags.resolve(environment.as_str())?,
        ignored,
    })
}

/// Adds an entry for a digest behind the newest one that counts, whatever the clock says. Those that do not
/// count are passed over: anyone who may push can write one of the year 9000.
pub fn append<T: Tags>(
    tags: &T,
    environment: &Environment,
    digest: &Digest,
    newest: Option<&Entry>,
    now: Timestamp,
) -> Result<Entry, T::Error> {
    let entry = Entry::after(newest, environment, now, digest);
    tags.set(&entry.tag, digest)?;
    Ok(entry)
}

/// Sets the pointer to the newest entry that counts, and looks again until both agree.
pub fn settle<T: Tags>(
    tags: &T,
    environment: &Environment,
    counts: &mut impl FnMut(&Entry, &Digest) -> Result<bool, T::Error>,
) -> Result<Settled, T::Error> {
    let mut writes = 0;
    let mut agreed = false;
    loop {
        let selection = state(tags, environment, counts)?;
        let is_settled = selection.is_settled() || selection.newest.is_none();
        if is_settled && (agreed || writes == 0) || writes == MOST_ROUNDS {
            return Ok(Settled {
                agrees: selection.is_settled(),
                selection,
                writes,
            });
        }
        agreed = is_settled;
        if let (false, Some((_, digest))) = (is_settled, &selection.newest) {
            tags.set(environment.as_str(), digest)?;
            writes += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::convert::Infallible;
    use std::sync::Mutex;
    use std::thread;

    use jiff::SignedDuration;

    use super::*;

    /// A registry in memory, whose requests wait for others now and then.
    #[derive(Default)]
    struct Memory(Mutex<BTreeMap<String, Digest>>);

    impl Tags for Memory {
        type Error = Infallible;

        fn tags(&self) -> Result<BTreeSet<String>, Infallible> {
            thread::yield_now();
            Ok(self.0.lock().unwrap().keys().cloned().collect())
        }

        fn resolve(&self, tag: &str) -> Result<Option<Digest>, Infallible> {
            thread::yield_now();
            Ok(self.0.lock().unwrap().get(tag).cloned())
        }

        fn set(&self, tag: &str, digest: &Digest) -> Result<(), Infallible> {
            thread::yield_now();
            self.0
                .lock()
                .unwrap()
                .insert(tag.to_owned(), digest.clone());
            Ok(())
        }
    }

    fn live() -> Environment {
        Environment::new("live").unwrap()
    }

    fn now() -> Timestamp {
        "2026-11-24T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn entries_are_behind_each_other_whatever_the_clock_says() {
        let tags = Memory::default();
        let (a, b) = (Digest::of(b"a"), Digest::of(b"b"));
        let first = append(&tags, &live(), &a, None, now()).unwrap();
        let early = now() - SignedDuration::from_hours(5);
        append(&tags, &live(), &b, Some(&first), early).unwrap();
        let settled = settle(&tags, &live(), &mut |_, _| Ok(true)).unwrap();
        assert!(settled.agrees && settled.selection.is(&b), "{settled:?}");
        assert_eq!(settled.writes, 1);
        let again = settle(&tags, &live(), &mut |_, _| Ok(true)).unwrap();
        assert_eq!(again.writes, 0);
    }

    #[test]
    fn entries_without_evidence_do_not_move_the_pointer() {
        let tags = Memory::default();
        let (good, bad) = (Digest::of(b"good"), Digest::of(b"bad"));
        let entry = append(&tags, &live(), &good, None, now()).unwrap();
        let foreign = append(&tags, &live(), &bad, Some(&entry), now()).unwrap();
        // A tag whose name is of one digest, and which leads to another.
        let moved = Entry::new(&live(), now() + SignedDuration::from_hours(1), &good);
        tags.set(&moved.tag, &bad).unwrap();
        let mut counts = |_: &Entry, digest: &Digest| Ok(*digest == good);
        let settled = settle(&tags, &live(), &mut counts).unwrap();
        assert!(settled.selection.is(&good));
        assert_eq!(settled.selection.ignored, [moved, foreign]);
    }

    #[test]
    fn an_empty_log_leaves_the_pointer_alone() {
        let tags = Memory::default();
        let digest = Digest::of(b"by hand");
        tags.set("live", &digest).unwrap();
        let settled = settle(&tags, &live(), &mut |_, _| Ok(true)).unwrap();
        assert_eq!(settled.writes, 0);
        assert!(!settled.agrees);
        assert_eq!(settled.selection.pointer, Some(digest));
    }

    #[test]
    fn whoever_writes_at_once_the_pointer_ends_at_the_newest_entry() {
        for round in 0..200 {
            let tags = Memory::default();
            thread::scope(|scope| {
                for writer in 0..4 {
                    let tags = &tags;
                    scope.spawn(move || {
                        let digest = Digest::of(format!("{round} {writer}").as_bytes());
                        append(tags, &live(), &digest, None, now()).unwrap();
                        settle(tags, &live(), &mut |_, _| Ok(true)).unwrap();
                    });
                }
            });
            let end = state(&tags, &live(), &mut |_, _| Ok(true)).unwrap();
            assert!(end.is_settled(), "{round}: {end:?}");
            // No entry was lost.
            assert_eq!(entries(&live(), &tags.tags().unwrap()).len(), 4);
        }
    }
}
