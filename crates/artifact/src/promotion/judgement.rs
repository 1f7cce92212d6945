//! Whether an artifact may be in an environment, by what is known of it.

use jiff::{SignedDuration, Timestamp};
use tidegate_registry::Digest;

use super::{Passage, Record, Records, rejection_tag};
use crate::evidence::{Evidence, Piece, WhyNot};
use crate::ledger::Environment;

/// How far the clocks of those who write evidence may be ahead of this one.
pub(super) const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Evidence that was found and does not count: what it is called by, and why.
pub type Discounted = (Digest, WhyNot);

/// Why an artifact may not be in an environment.
#[derive(Clone, Debug, PartialEq)]
pub enum Doubt {
    /// No evidence counts that it passed the gate.
    NoGate(Vec<Discounted>),
    /// It did not pass.
    GateFailed(Box<Piece>),
    /// No evidence counts that it was validated there.
    NoValidation(Environment, Vec<Discounted>),
    /// The newest validation there did not pass.
    ValidationFailed(Environment, Box<Piece>),
    /// The newest validation could not tell.
    ValidationInconclusive(Environment, Box<Piece>),
    /// The validation is of before the artifact was selected there, the second time.
    ValidatedBefore(Environment, Timestamp, Timestamp),
    /// The validation is older than the policy allows, the duration.
    TooOld(Environment, Timestamp, SignedDuration),
    /// The evidence says to be of a time that is yet to come.
    FromTheFuture(Digest, Timestamp),
    /// It was rejected in the environment.
    Rejected(Rejected),
}

/// A rejection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Where.
    pub environment: Environment,
    /// The artifact that it is of: another one with the same content, or the one in question.
    pub artifact: Digest,
    /// When.
    pub time: Timestamp,
    /// Why.
    pub reason: Option<String>,
    /// Whether it counts by the policy. One that does not stops an artifact from coming in, and moves nothing.
    pub counts: bool,
}

/// When an artifact is looked at, and what is known of its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct When {
    /// Evidence of later than that is passed over.
    pub(super) until: Timestamp,
    /// When the validation must not be older than the policy allows; at any time, where none is given.
    pub(super) fresh_at: Option<Timestamp>,
    /// When it was selected in the environment that it comes from.
    pub(super) arrived: Option<Timestamp>,
}

impl<R: Records> Passage<'_, R> {
    /// What is attached to an artifact.
    pub fn record(&self, artifact: &Digest) -> Result<Record, R::Error> {
        Record::read(self.repository, artifact, self.to.as_str(), self.policy)
    }

    /// What speaks against an artifact, rejections aside.
    pub(super) fn doubt(&self, record: &Record, when: When) -> Option<Doubt> {
        let discounted = |kind, environment| {
            let own = record.not_counting(kind, environment);
            let all = own.chain(record.unclear());
            let why = all.filter_map(|piece| match &piece.standing {
                crate::evidence::Standing::Not(why) => Some((piece.digest.clone(), why.clone())),
                _ => None,
            });
            why.collect::<Vec<Discounted>>()
        };
        // Whether it passes does not depend on when it was looked at.
        let gate = record.newest(Evidence::Gate, None, when.until);
        let Some(gate) = gate.or_else(|| record.oldest_gate()) else {
            return Some(Doubt::NoGate(discounted(Evidence::Gate, None)));
        };
        if !gate.passed() {
            return Some(Doubt::GateFailed(Box::new(gate.clone())));
        }
        let from = self.from?;
        let there = Some(from.as_str());
        let Some(validation) = record.newest(Evidence::Validation, there, when.until) else {
            let why = discounted(Evidence::Validation, there);
            return Some(Doubt::NoValidation(from.clone(), why));
        };
        if !validation.passed() {
            let says = validation.says.as_ref();
            let is_open = says.is_some_and(|says| says.details.inconclusive);
            let piece = Box::new(validation.clone());
            return Some(match is_open {
                true => Doubt::ValidationInconclusive(from.clone(), piece),
                false => Doubt::ValidationFailed(from.clone(), piece),
            });
        }
        // What counts has a time.
        let time = validation.time().unwrap_or(Timestamp::MIN);
        if time.duration_since(self.now) > CLOCK_SKEW {
            return Some(Doubt::FromTheFuture(validation.digest.clone(), time));
        }
        if let Some(arrived) = when.arrived.filter(|arrived| time < *arrived) {
            return Some(Doubt::ValidatedBefore(from.clone(), time, arrived));
        }
        let is_stale = |at: Timestamp| at.duration_since(time) > self.policy.max_age;
        if when.fresh_at.is_some_and(is_stale) {
            return Some(Doubt::TooOld(from.clone(), time, self.policy.max_age));
        }
        None
    }

    /// Whether an artifact or another one with the same content was rejected in the environment before or at a time,
    /// and nobody has decided for it since. Of those that do not count too, where `all`.
    pub(super) fn rejected(
        &self,
        record: &Record,
        until: Timestamp,
        all: bool,
    ) -> Result<Option<Rejected>, R::Error> {
        let environment = self.to.as_str();
        let of = |record: &Record, content: Option<&Digest>| {
            let piece = record.rejection(environment, until, all)?;
            let details = &piece.says.as_ref()?.details;
            let is_of_content = content.is_none_or(|content| {
                let rejected = details.diff_id.as_deref();
                rejected.and_then(Digest::parse).as_ref() == Some(content)
            });
            is_of_content.then(|| Rejected {
                environment: self.to.clone(),
                artifact: record.artifact.clone(),
                time: piece.time().unwrap_or(Timestamp::MIN),
                reason: details.reason.clone(),
                counts: piece.counts(),
            })
        };
        let mut rejected = of(record, None);
        if let Some(content) = record.content() {
            let tag = rejection_tag(self.to, &content);
            let twin = self.repository.resolve(&tag)?;
            if let Some(twin) = twin.filter(|twin| *twin != record.artifact) {
                let twin = of(&self.record(&twin)?, Some(&content));
                rejected = match (rejected, twin) {
                    (Some(own), Some(twin)) if twin.time > own.time => Some(twin),
                    (own, twin) => own.or(twin),
                };
            }
        }
        let approved = record.newest(Evidence::Approval, Some(environment), until);
        let approved = approved.filter(|piece| piece.passed());
        let approved = approved.and_then(Piece::time);
        Ok(rejected.filter(|rejected| approved.is_none_or(|time| time < rejected.time)))
    }
}
