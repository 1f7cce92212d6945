//! Which entries of a log count.

use tidegate_registry::Digest;

use super::judgement::When;
use super::{Doubt, Passage, Record, Records, Rejected, newest_entry};
use crate::evidence::Evidence;
use crate::ledger::{Entry, Selection, Settled, entries, settle, state};

/// Whether an entry counts.
#[derive(Clone, Debug, PartialEq)]
pub enum EntryStanding {
    /// It does.
    Counts,
    /// It does, since a person decided for it.
    Approved,
    /// The artifact may not be there.
    Not(Box<Doubt>),
}

impl<R: Records> Passage<'_, R> {
    /// What the ledger says, with the entries that count.
    pub fn selection(&self) -> Result<Selection, R::Error> {
        state(self.repository, self.to, &mut |entry, digest| {
            self.entry_counts(entry, digest)
        })
    }

    /// Sets the pointer to the newest entry that counts.
    pub fn settle(&self) -> Result<Settled, R::Error> {
        settle(self.repository, self.to, &mut |entry, digest| {
            self.entry_counts(entry, digest)
        })
    }

    fn entry_counts(&self, entry: &Entry, digest: &Digest) -> Result<bool, R::Error> {
        let standing = self.entry_standing(entry, digest)?;
        Ok(!matches!(standing, EntryStanding::Not(_)))
    }

    /// Whether an entry counts, by what was known when it was written. What is found out later moves nothing by
    /// itself: that takes a rollback.
    pub fn entry_standing(
        &self,
        entry: &Entry,
        digest: &Digest,
    ) -> Result<EntryStanding, R::Error> {
        let record = self.record(digest)?;
        if let Some(rejected) = self.rejected_before(entry, digest, &record)? {
            return Ok(EntryStanding::Not(Box::new(Doubt::Rejected(rejected))));
        }
        let approval = record.newest(Evidence::Approval, Some(self.to.as_str()), entry.until());
        if approval.is_some_and(|approval| approval.passed()) {
            return Ok(EntryStanding::Approved);
        }
        let mut when = When {
            until: entry.until(),
            fresh_at: Some(entry.time),
            arrived: None,
        };
        let doubt = match self.doubt(&record, when) {
            // A digest that was selected before comes back by a rollback, with a validation that was fresh then.
            Some(Doubt::TooOld(..)) => {
                let tags = self.repository.tags()?;
                let mut all = entries(self.to, &tags).into_iter();
                let first = all.find(|entry| entry.is_of(digest));
                when.fresh_at = first.map(|first| first.time);
                self.doubt(&record, when)
            }
            None => {
                if let Some(from) = self.from {
                    let tags = self.repository.tags()?;
                    // Logs may be cut: what is not known of the way was looked at when the entry was written.
                    let until = Some(entry.time);
                    let arrived = newest_entry(self.repository, from, &tags, digest, until)?;
                    when.arrived = arrived.map(|arrived| arrived.time);
                }
                self.doubt(&record, when)
            }
            doubt => doubt,
        };
        Ok(match doubt {
            None => EntryStanding::Counts,
            Some(doubt) => EntryStanding::Not(Box::new(doubt)),
        })
    }

    /// The rejection for which an entry of later than that does not count.
    fn rejected_before(
        &self,
        entry: &Entry,
        digest: &Digest,
        record: &Record,
    ) -> Result<Option<Rejected>, R::Error> {
        let is_before = |rejected: &Rejected| rejected.time < entry.time;
        let rejected = self.rejected(record, entry.until(), true)?;
        let Some(rejected) = rejected.filter(is_before) else {
            return Ok(None);
        };
        // One that nobody trusted has signed stops a move, and does not cause one.
        let stays =
            !rejected.counts && self.repository.resolve(self.to.as_str())?.as_ref() == Some(digest);
        if stays {
            let trusted = self.rejected(record, entry.until(), false)?;
            return Ok(trusted.filter(is_before));
        }
        Ok(Some(rejected))
    }
}
