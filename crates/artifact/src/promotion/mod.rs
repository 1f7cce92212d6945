//! Which artifact an environment selects next, and why it may.
//!
//! A promotion is two writes to the [ledger](crate::ledger): an entry, then the pointer. What has to be true
//! before that is decided here, from what is found at the digest ([`Record`]) and what the policy asks for: it
//! passed the gate; it was selected in the environment it comes from, and validated there since; nobody has
//! rejected it. The same is asked of every entry that a pointer is set to, whoever wrote it: a tag that was
//! made by hand for an artifact without evidence moves nothing.
//!
//! A rollback first says of the artifact that it leaves that it is rejected, then does the same two writes. Killed
//! in between, it leaves the environment as it was, and what was rejected does not come back by itself.
//!
//! Nothing here knows a registry: everything is read and written through [`Records`].

mod entry;
mod follows;
mod judgement;
mod perform;
mod promote;
mod record;
mod refusal;
mod rollback;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use tidegate_registry::Digest;

use crate::evidence::{Envelope, Policy, SigningKey};
use crate::ledger::{Entry, Environment, Tags, entries};
use crate::{Found, Repository, RepositoryError};

pub use entry::EntryStanding;
pub use follows::{Follows, NotSelected};
pub use judgement::{Discounted, Doubt, Rejected};
pub use perform::{Done, Step};
pub use promote::{Promotion, PromotionPlan};
pub use record::Record;
pub use refusal::{Expected, Refusal, in_words};
pub use rollback::{Rollback, RollbackPlan, Target};

/// A repository with what is attached to its artifacts.
pub trait Records: Tags {
    /// What it is called.
    fn name(&self) -> String;

    /// All that is attached to an artifact.
    fn evidence(&self, digest: &Digest) -> Result<Vec<Found>, Self::Error>;

    /// Attaches an envelope to an artifact.
    fn attach(&self, digest: &Digest, envelope: &Envelope) -> Result<Digest, Self::Error>;
}

impl Records for Repository<'_> {
    fn name(&self) -> String {
        Repository::name(self).to_string()
    }

    fn evidence(&self, digest: &Digest) -> Result<Vec<Found>, RepositoryError> {
        Repository::evidence(self, digest)
    }

    fn attach(&self, digest: &Digest, envelope: &Envelope) -> Result<Digest, RepositoryError> {
        Repository::attach(self, digest, envelope)
    }
}

/// Why a promotion or a rollback did not happen.
#[derive(Clone, Debug)]
pub enum Failure<E> {
    /// It may not.
    Refused(Box<Refusal>),
    /// The registry could not answer.
    Registry(E),
}

impl<E> From<E> for Failure<E> {
    fn from(error: E) -> Failure<E> {
        Failure::Registry(error)
    }
}

impl<E: fmt::Display> fmt::Display for Failure<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Refused(refusal) => refusal.fmt(f),
            Failure::Registry(error) => error.fmt(f),
        }
    }
}

fn refused<T, E>(refusal: Refusal) -> Result<T, Failure<E>> {
    Err(Failure::Refused(Box::new(refusal)))
}

/// An environment that artifacts come into, and what is asked of them.
#[derive(Debug)]
pub struct Passage<'a, R> {
    /// Where the artifacts are.
    pub repository: &'a R,
    /// Whose word counts.
    pub policy: &'a Policy,
    /// The environment that artifacts come from; none where they come from the gate alone.
    pub from: Option<&'a Environment>,
    /// The environment.
    pub to: &'a Environment,
    /// The time.
    pub now: Timestamp,
}

/// A decision of a person against what is known, with the key that says so.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// Why.
    pub reason: &'a str,
    /// The key; none where nothing is to be signed.
    pub key: Option<&'a SigningKey>,
}

/// The tag that leads to an artifact whose content was rejected in an environment: so that the same content is
/// known in another manifest.
fn rejection_tag(environment: &Environment, content: &Digest) -> String {
    let short: String = content.hex().chars().take(24).collect();
    format!("rejected-{environment}-{short}")
}

/// The newest entry for a digest among the tags; with a time, of those that are not behind it.
fn newest_entry<R: Tags>(
    repository: &R,
    environment: &Environment,
    tags: &BTreeSet<String>,
    digest: &Digest,
    until: Option<Timestamp>,
) -> Result<Option<Entry>, R::Error> {
    let entries = entries(environment, tags);
    let is_before = |time| until.is_none_or(|until| time <= until);
    for entry in entries.into_iter().rev() {
        if entry.is_of(digest)
            && is_before(entry.time)
            && repository.resolve(&entry.tag)?.as_ref() == Some(digest)
        {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}
