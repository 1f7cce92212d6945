//! The variables that a text refers to, by where they stand in it.

use std::ops::Range;

use crate::envsubst::{Reference, Substituted};

/// References sorted by their places.
pub(super) struct References<'s>(Vec<&'s Reference<'s>>);

impl<'s> References<'s> {
    pub(super) fn of(substituted: &'s Substituted<'_>) -> References<'s> {
        let mut references: Vec<&Reference<'_>> = substituted.references.iter().collect();
        references.sort_by_key(|reference| reference.input.start);
        References(references)
    }

    /// Those that start within a range of the text before substitution.
    pub(super) fn within(&self, range: &Range<u32>) -> &[&'s Reference<'s>] {
        let before = |end: u32| {
            let is_before = |one: &&Reference<'_>| one.input.start < end as usize;
            self.0.partition_point(is_before)
        };
        &self.0[before(range.start)..before(range.end)]
    }

    /// The last one that starts at or before an offset, or else the first one.
    pub(super) fn closest(&self, input: usize) -> Option<&'s Reference<'s>> {
        let behind = self.0.partition_point(|one| one.input.start <= input);
        self.0.get(behind.saturating_sub(1)).copied()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &'s Reference<'s>> {
        self.0.iter().copied()
    }
}
