use jiff::Timestamp;
use tidegate_registry::Digest;

use super::Records;
use crate::evidence::{Evidence, Piece, Policy, judge};

/// What is attached to an artifact, judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The artifact.
    pub artifact: Digest,
    /// All of it, the oldest first; what has no time goes before that.
    pub pieces: Vec<Piece>,
}

impl Record {
    /// Reads and judges what is attached to an artifact that comes into an environment.
    pub fn read<R: Records>(
        repository: &R,
        artifact: &Digest,
        environment: &str,
        policy: &Policy,
    ) -> Result<Record, R::Error> {
        let found = repository.evidence(artifact)?;
        let judged = found.iter();
        let judged = judged.map(|found| judge(found, artifact, environment, policy));
        let mut pieces: Vec<Piece> = judged.collect();
        pieces.sort_by_cached_key(|piece| (piece.time(), piece.digest.clone()));
        Ok(Record {
            artifact: artifact.clone(),
            pieces,
        })
    }

    /// All of a kind about an environment that say to be of a time or before it, the newest first.
    fn said<'r, 'e>(
        &'r self,
        kind: Evidence,
        environment: Option<&'e str>,
        until: Timestamp,
    ) -> impl Iterator<Item = &'r Piece> + use<'r, 'e> {
        let is_meant = move |piece: &&Piece| {
            let Some(says) = &piece.says else {
                return false;
            };
            let is_there =
                environment.is_none() || says.details.environment.as_deref() == environment;
            says.details.kind == kind && is_there && piece.time().is_none_or(|time| time <= until)
        };
        self.pieces.iter().rev().filter(is_meant)
    }

    /// The newest that counts, of those that say to be of a time or before it.
    ///
    /// Of those of one second the worst is meant: a second look found what the first did not.
    pub fn newest(
        &self,
        kind: Evidence,
        environment: Option<&str>,
        until: Timestamp,
    ) -> Option<&Piece> {
        let mut counting = self
            .said(kind, environment, until)
            .filter(|piece| piece.counts())
            .peekable();
        let second = |piece: &Piece| piece.time().map(Timestamp::as_second);
        let newest = second(counting.peek()?);
        let open = |piece: &Piece| {
            let says = piece.says.as_ref();
            says.is_some_and(|says| says.details.inconclusive)
        };
        counting
            .take_while(|piece| second(piece) == newest)
            .min_by_key(|piece| (piece.passed(), open(piece)))
    }

    /// The oldest evidence of the gate that counts.
    pub(super) fn oldest_gate(&self) -> Option<&Piece> {
        let gate = self.said(Evidence::Gate, None, Timestamp::MAX);
        gate.filter(|piece| piece.counts()).last()
    }

    /// Those of a kind that do not count, the newest first.
    pub(super) fn not_counting<'r, 'e>(
        &'r self,
        kind: Evidence,
        environment: Option<&'e str>,
    ) -> impl Iterator<Item = &'r Piece> + use<'r, 'e> {
        let said = self.said(kind, environment, Timestamp::MAX);
        said.filter(|piece| !piece.counts())
    }

    /// Those that do not even say what they are, such as a damaged envelope or one about another artifact.
    pub(super) fn unclear(&self) -> impl Iterator<Item = &Piece> {
        self.pieces.iter().filter(|piece| piece.says.is_none())
    }

    /// The digest of its content, by the word of the gate.
    pub fn content(&self) -> Option<Digest> {
        let gate = self.newest(Evidence::Gate, None, Timestamp::MAX)?;
        Digest::parse(gate.says.as_ref()?.details.diff_id.as_deref()?)
    }

    /// The newest rejection in an environment; of those that do not count too where `all`.
    pub(super) fn rejection(
        &self,
        environment: &str,
        until: Timestamp,
        all: bool,
    ) -> Option<&Piece> {
        let mut said = self.said(Evidence::Rejection, Some(environment), until);
        said.find(|piece| all || piece.counts())
    }
}
