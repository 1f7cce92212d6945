//! The writes of a promotion and of a rollback.

use jiff::Timestamp;
use tidegate_registry::Digest;

use super::{Decision, EntryStanding, Expected, Failure, Passage, Records, Refusal, refused};
use crate::evidence::{Details, Envelope, Evidence, Outcome, Role, Statement, TestResult};
use crate::ledger::{Entry, Selection, append};

/// What is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing: the environment selects the artifact.
    Nothing,
    /// The pointer: the entry is there, of a run that did not come to its end.
    Finish,
    /// An entry and the pointer.
    Select,
}

/// What was done.
#[derive(Clone, Debug)]
pub struct Done {
    /// Whether anything was written.
    pub changed: bool,
    /// The entry that was added.
    pub entry: Option<Entry>,
    /// What the environment selects now. That may be something newer, where others write too.
    pub after: Selection,
    /// What was attached to artifacts.
    pub attached: Vec<Digest>,
}

impl Done {
    pub(super) fn nothing(before: &Selection) -> Done {
        Done {
            changed: false,
            entry: None,
            after: before.clone(),
            attached: Vec::new(),
        }
    }
}

impl<R: Records> Passage<'_, R> {
    /// Has the environment select an artifact about which there is no doubt: adds an entry, and sets the pointer to
    /// the newest one that counts. `push` does this for the environment that it pushes to.
    pub fn select(&self, digest: &Digest) -> Result<Done, Failure<R::Error>> {
        let before = self.selection()?;
        let newest = before.newest.as_ref().map(|(_, newest)| newest);
        let step = match (before.is(digest), newest == Some(digest)) {
            (true, _) => return Ok(Done::nothing(&before)),
            (false, true) => Step::Finish,
            (false, false) => Step::Select,
        };
        self.write(digest, step, None, self.now, Vec::new())
    }

    pub(super) fn check_expected(
        &self,
        expected: Option<&Expected>,
        found: Option<&Digest>,
    ) -> Result<(), Failure<R::Error>> {
        let holds = match expected {
            None => true,
            Some(Expected::Nothing) => found.is_none(),
            Some(Expected::Artifact(digest)) => found == Some(digest),
        };
        match expected {
            Some(expected) if !holds => refused(Refusal::Moved(
                self.to.clone(),
                expected.clone(),
                found.cloned(),
            )),
            _ => Ok(()),
        }
    }

    /// The two writes.
    pub(super) fn write(
        &self,
        digest: &Digest,
        step: Step,
        expected: Option<&Expected>,
        floor: Timestamp,
        attached: Vec<Digest>,
    ) -> Result<Done, Failure<R::Error>> {
        let before = self.selection()?;
        self.check_expected(expected, before.pointer.as_ref())?;
        let newest = before.newest.map(|(entry, _)| entry);
        let entry = match step {
            Step::Select => Some(append(
                self.repository,
                self.to,
                digest,
                newest.as_ref(),
                floor,
            )?),
            Step::Finish | Step::Nothing => None,
        };
        let settled = self.settle()?;
        if !settled.agrees {
            return refused(Refusal::Unsettled(self.to.clone()));
        }
        if let Some(entry) = entry.as_ref().or(newest.as_ref())
            && settled.selection.ignored.contains(entry)
            && let EntryStanding::Not(doubt) = self.entry_standing(entry, digest)?
        {
            return refused(Refusal::Overruled(digest.clone(), self.to.clone(), *doubt));
        }
        Ok(Done {
            changed: entry.is_some() || settled.writes > 0 || !attached.is_empty(),
            entry,
            after: settled.selection,
            attached,
        })
    }

    /// Checks that a decision against the evidence will be believed.
    pub(super) fn check_approver(&self, decision: Decision<'_>) -> Result<(), Failure<R::Error>> {
        if self.policy.unsigned {
            return Ok(());
        }
        let key = decision.key.map(|key| key.verifying_key());
        let keys = self.policy.keys(Role::Approve, self.to.as_str());
        match key {
            Some(key) if keys.contains(&key) => Ok(()),
            key => {
                let key = key.map(|key| key.id().short().to_owned());
                refused(Refusal::NotYours(Role::Approve, self.to.clone(), key))
            }
        }
    }

    /// Attaches what a person has decided about an artifact.
    pub(super) fn say(
        &self,
        kind: Evidence,
        digest: &Digest,
        content: Option<Digest>,
        decision: Decision<'_>,
        time: Timestamp,
    ) -> Result<Digest, R::Error> {
        let outcome = match kind {
            Evidence::Rejection => Outcome::Failed,
            _ => Outcome::Passed,
        };
        let details = Details {
            environment: Some(self.to.to_string()),
            diff_id: content.map(|content| content.to_string()),
            reason: Some(decision.reason.to_owned()),
            ..Details::new(kind, time)
        };
        let result = TestResult::new(outcome, details);
        let statement = Statement::new(&self.repository.name(), digest, &result);
        let envelope = Envelope::of(&statement, decision.key);
        self.repository.attach(digest, &envelope)
    }
}
