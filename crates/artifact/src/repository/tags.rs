use std::collections::BTreeSet;

use tidegate_registry::{Digest, Error, ErrorKind, Expected, Reference};

use super::{Repository, RepositoryError};
use crate::ledger::Tags;

/// What became of a tag that is written once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tagged {
    /// It was not there and is now.
    Now,
    /// It was there, and leads to this digest.
    Before,
}

impl Repository<'_> {
    /// Has a tag lead to a digest, unless it is there: then it must lead to this digest.
    ///
    /// Few registries know a condition, so two that write at the same moment may both be told that the tag was not
    /// there. It is read again afterwards, and whoever lost is told.
    pub fn tag_once(&self, tag: &str, digest: &Digest) -> Result<Tagged, RepositoryError> {
        let taken = |holds: Digest| RepositoryError::Taken {
            tag: tag.to_owned(),
            holds,
            wanted: digest.clone(),
        };
        match self.resolve(tag)? {
            Some(holds) if holds == *digest => return Ok(Tagged::Before),
            Some(holds) => return Err(taken(holds)),
            None => {}
        }
        let reference = Reference::tag(tag)?;
        match self.registry.tag(digest, &reference, &Expected::Nothing) {
            Ok(()) => {}
            // Someone else was faster: what the tag leads to now tells whether that matters.
            Err(error) if error.kind == ErrorKind::Raced => {}
            Err(error) => return Err(self.absent_or(error, digest)),
        }
        match self.resolve(tag)? {
            Some(holds) if holds != *digest => Err(taken(holds)),
            _ => Ok(Tagged::Now),
        }
    }

    fn absent_or(&self, error: Error, digest: &Digest) -> RepositoryError {
        match error.kind {
            ErrorKind::NotFound => RepositoryError::Absent(self.name().clone(), digest.clone()),
            _ => error.into(),
        }
    }
}

impl Tags for Repository<'_> {
    type Error = RepositoryError;

    /// All of them; none where there is no such repository, which comes to be when something is pushed.
    fn tags(&self) -> Result<BTreeSet<String>, RepositoryError> {
        match self.registry.tags() {
            Ok(tags) => Ok(tags),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(BTreeSet::new()),
            Err(error) => Err(error.into()),
        }
    }

    fn resolve(&self, tag: &str) -> Result<Option<Digest>, RepositoryError> {
        Ok(self.registry.resolve(&Reference::tag(tag)?)?)
    }

    fn set(&self, tag: &str, digest: &Digest) -> Result<(), RepositoryError> {
        let reference = Reference::tag(tag)?;
        self.registry
            .tag(digest, &reference, &Expected::Anything)
            .map_err(|error| self.absent_or(error, digest))
    }
}
