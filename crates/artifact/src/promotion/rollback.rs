use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use tidegate_registry::Digest;

use super::judgement::{CLOCK_SKEW, When};
use super::perform::{Done, Step};
use super::{
    Decision, Doubt, Expected, Failure, Follows, Passage, Record, Records, Refusal, newest_entry,
    refused, rejection_tag,
};
use crate::evidence::{Evidence, Piece, SigningKey};
use crate::ledger::{Entry, Selection, entries};

/// Where to roll back to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An artifact that the environment selected before.
    Artifact(Digest),
    /// So many artifacts back, rejected ones aside.
    Back(usize),
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Rollback<'a> {
    /// Where to.
    pub target: Target,
    /// What the pointer leads to just before the write.
    pub expect: Option<Expected>,
    /// What the source of the environment follows, where that is known.
    pub follows: Option<Follows>,
    /// Why the artifact that is left is rejected.
    pub reason: Option<String>,
    /// Takes an artifact whatever speaks against it. The reason is then needed.
    pub force: bool,
    /// Signs what is recorded.
    pub key: Option<&'a SigningKey>,
}

/// What a rollback is going to do, and what it stands on.
#[derive(Clone, Debug)]
pub struct RollbackPlan<'a> {
    /// The artifact that is selected again.
    pub digest: Digest,
    /// The one that is left and rejected.
    pub leaves: Digest,
    /// What the environment selects before.
    pub before: Selection,
    /// What is to be written.
    pub step: Step,
    /// What speaks against it, and is decided against.
    pub forced: Option<Doubt>,
    /// Why.
    pub reason: String,
    /// Whether the artifact that is left is rejected already, by a run that did not come to its end.
    pub is_rejected: bool,
    left: Record,
    expect: Option<Expected>,
    key: Option<&'a SigningKey>,
}

impl<R: Records> Passage<'_, R> {
    /// Finds out what a rollback has to do, and whether it may.
    pub fn plan_rollback<'k>(
        &self,
        asked: &Rollback<'k>,
    ) -> Result<RollbackPlan<'k>, Failure<R::Error>> {
        let before = self.selection()?;
        let tags = self.repository.tags()?;
        let newest = before.newest.as_ref().map(|(_, digest)| digest);
        // Where a run did not come to its end, the pointer is what the cluster follows still.
        let pointed = match &before.pointer {
            Some(pointer) => self.logged(&tags, pointer)?.map(|entry| (entry, pointer)),
            None => None,
        };
        let of_log = before
            .newest
            .as_ref()
            .map(|(entry, digest)| (entry.clone(), digest));
        let Some((entry, leaves)) = pointed.or(of_log) else {
            return refused(Refusal::NothingToLeave(self.to.clone()));
        };
        let digest = match &asked.target {
            Target::Artifact(digest) => digest.clone(),
            Target::Back(steps) => self.back(&tags, &entry, leaves, *steps)?,
        };
        let left = self.record(leaves)?;
        let default = || format!("rolled back to {digest}");
        let plan = |step, forced| RollbackPlan {
            digest: digest.clone(),
            leaves: leaves.clone(),
            before: before.clone(),
            step,
            forced,
            reason: asked.reason.clone().unwrap_or_else(default),
            is_rejected: self.is_rejected_since(&entry, &left),
            left: left.clone(),
            expect: asked.expect.clone(),
            key: asked.key,
        };
        if before.is(&digest) {
            return Ok(plan(Step::Nothing, None));
        }
        self.check_expected(asked.expect.as_ref(), before.pointer.as_ref())?;
        if self.logged(&tags, &digest)?.is_none() {
            return refused(Refusal::NeverLive(digest, self.to.clone()));
        }
        let forced = self.against(&digest)?;
        match &forced {
            Some(_) if asked.force => self.check_approver(Decision {
                reason: "",
                key: asked.key,
            })?,
            Some(doubt) => {
                let doubt = doubt.clone();
                return refused(Refusal::Doubtful(digest, self.to.clone(), doubt));
            }
            None => self.check_keys()?,
        }
        let step = match newest == Some(&digest) {
            true => Step::Finish,
            false => Step::Select,
        };
        if let Some(follows) = &asked.follows {
            let newest = before.newest.as_ref().map(|(entry, _)| entry);
            let entry = match newest {
                Some(entry) if step == Step::Finish => entry.clone(),
                newest => Entry::after(newest, self.to, self.now, &digest),
            };
            follows
                .would_select(self.to, &entry, &digest, &self.repository.tags()?)
                .or_else(|why| refused(Refusal::NotSelected(self.to.clone(), why)))?;
        }
        Ok(plan(step, forced))
    }

    /// The newest entry of an artifact in the log.
    fn logged(&self, tags: &BTreeSet<String>, digest: &Digest) -> Result<Option<Entry>, R::Error> {
        newest_entry(self.repository, self.to, tags, digest, None)
    }

    /// What was selected some artifacts before an entry.
    fn back(
        &self,
        tags: &BTreeSet<String>,
        left: &Entry,
        leaves: &Digest,
        steps: usize,
    ) -> Result<Digest, Failure<R::Error>> {
        let mut seen = vec![leaves.clone()];
        let older = entries(self.to, tags).into_iter().rev();
        for entry in older.skip_while(|entry| entry > left) {
            let digest = self.repository.resolve(&entry.tag)?;
            let Some(digest) = digest.filter(|digest| entry.is_of(digest)) else {
                continue;
            };
            // What was rejected, or came in without evidence, was no good state.
            if seen.contains(&digest) || self.against(&digest)?.is_some() {
                continue;
            }
            if seen.len() == steps {
                return Ok(digest);
            }
            seen.push(digest);
        }
        refused(Refusal::NoEarlier(self.to.clone(), seen.len() - 1))
    }

    /// What speaks against going back to an artifact. How old its validation is does not matter: it ran here.
    fn against(&self, digest: &Digest) -> Result<Option<Doubt>, R::Error> {
        let record = self.record(digest)?;
        let when = When {
            until: Timestamp::MAX,
            fresh_at: None,
            arrived: None,
        };
        if let Some(doubt) = self.doubt(&record, when) {
            return Ok(Some(doubt));
        }
        let rejected = self.rejected(&record, Timestamp::MAX, true)?;
        Ok(rejected.map(Doubt::Rejected))
    }

    /// Whether an artifact was rejected since it was selected the last time.
    fn is_rejected_since(&self, entry: &Entry, record: &Record) -> bool {
        let rejection = record.rejection(self.to.as_str(), Timestamp::MAX, true);
        let rejected = rejection.and_then(Piece::time);
        rejected.is_some_and(|rejected| entry.time <= rejected)
    }

    /// Does what was planned.
    pub fn rollback(&self, plan: &RollbackPlan<'_>) -> Result<Done, Failure<R::Error>> {
        if plan.step == Step::Nothing {
            return Ok(Done::nothing(&plan.before));
        }
        let pointer = self.repository.resolve(self.to.as_str())?;
        self.check_expected(plan.expect.as_ref(), pointer.as_ref())?;
        let mut attached = Vec::new();
        let decision = Decision {
            reason: &plan.reason,
            key: plan.key,
        };
        let newest = plan.before.newest.as_ref().map(|(entry, _)| entry.time);
        let mut floor = newest.map_or(self.now, |newest| newest.max(self.now));
        if plan.leaves != plan.digest && !plan.is_rejected {
            let here = Some(self.to.as_str());
            let approved = plan.left.newest(Evidence::Approval, here, floor);
            let second = SignedDuration::from_secs(1);
            if let Some(approved) = approved.and_then(Piece::time)
                && let Ok(after) = approved.checked_add(second)
            {
                floor = floor.max(after);
            }
            let content = plan.left.content();
            // Before the rejection: a run that finds that one does not look for this.
            if let Some(content) = &content {
                let tag = rejection_tag(self.to, content);
                self.repository.set(&tag, &plan.leaves)?;
            }
            let leaves = &plan.leaves;
            attached.push(self.say(Evidence::Rejection, leaves, content, decision, floor)?);
        }
        if plan.forced.is_some() {
            floor = self.approve(plan, decision, floor, &mut attached)?;
        }
        self.write(
            &plan.digest,
            plan.step,
            plan.expect.as_ref(),
            floor,
            attached,
        )
    }

    /// Records that an artifact is taken against what speaks against it, unless an earlier run has; the time that the
    /// entry must not be before.
    fn approve(
        &self,
        plan: &RollbackPlan<'_>,
        decision: Decision<'_>,
        floor: Timestamp,
        attached: &mut Vec<Digest>,
    ) -> Result<Timestamp, R::Error> {
        let record = self.record(&plan.digest)?;
        let rejected = self.rejected(&record, Timestamp::MAX, true)?;
        let here = Some(self.to.as_str());
        let approved = record.newest(Evidence::Approval, here, Timestamp::MAX);
        let newest = plan.before.newest.as_ref().map(|(entry, _)| entry.time);
        if rejected.is_none()
            && let Some(approved) = approved.and_then(Piece::time)
            && newest.is_none_or(|newest| newest <= approved)
        {
            return Ok(floor.max(approved));
        }
        let rejected = rejected.map(|rejected| rejected.time);
        let rejected = rejected.filter(|time| time.duration_since(self.now) <= CLOCK_SKEW);
        let floor = rejected.map_or(floor, |rejected| floor.max(rejected));
        let content = record.content();
        attached.push(self.say(Evidence::Approval, &plan.digest, content, decision, floor)?);
        Ok(floor)
    }
}
