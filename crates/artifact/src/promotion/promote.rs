use jiff::Timestamp;
use tidegate_registry::Digest;

use super::judgement::{CLOCK_SKEW, When};
use super::perform::{Done, Step};
use super::{
    Decision, Doubt, Expected, Failure, Follows, Passage, Record, Records, Refusal, Rejected,
    newest_entry, refused,
};
use crate::evidence::{Evidence, Role};
use crate::ledger::{Entry, Selection};

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Promotion<'a> {
    /// The artifact; the one that the pointer of the environment it comes from leads to, where none is named.
    pub digest: Option<Digest>,
    /// What the pointer leads to just before the write.
    pub expect: Option<Expected>,
    /// What the source of the environment follows, where that is known.
    pub follows: Option<Follows>,
    /// Takes an artifact that was rejected.
    pub again: Option<Decision<'a>>,
}

/// What a promotion is going to do, and what it stands on.
#[derive(Clone, Debug)]
pub struct PromotionPlan<'a> {
    /// The artifact.
    pub digest: Digest,
    /// What is attached to it.
    pub record: Record,
    /// What the environment selects before.
    pub before: Selection,
    /// What is to be written.
    pub step: Step,
    /// A rejection that is decided against.
    pub lifted: Option<Rejected>,
    expect: Option<Expected>,
    again: Option<Decision<'a>>,
    /// No entry is older than this.
    floor: Timestamp,
}

impl<R: Records> Passage<'_, R> {
    /// Finds out what a promotion has to do, and whether it may.
    pub fn plan_promotion<'d>(
        &self,
        asked: &Promotion<'d>,
    ) -> Result<PromotionPlan<'d>, Failure<R::Error>> {
        let digest = self.to_promote(asked)?;
        let before = self.selection()?;
        let record = self.record(&digest)?;
        let plan = |step, lifted, floor| PromotionPlan {
            digest: digest.clone(),
            record: record.clone(),
            before: before.clone(),
            step,
            lifted,
            expect: asked.expect.clone(),
            again: asked.again,
            floor,
        };
        if before.is(&digest) {
            return Ok(plan(Step::Nothing, None, self.now));
        }
        self.check_expected(asked.expect.as_ref(), before.pointer.as_ref())?;
        let tags = self.repository.tags()?;
        let mut arrived = None;
        if let Some(from) = self.from {
            let entry = newest_entry(self.repository, from, &tags, &digest, None)?;
            let Some(entry) = entry else {
                return refused(Refusal::NotInLog(digest, from.clone()));
            };
            arrived = Some(entry.time);
        }
        self.check_keys()?;
        let doubtful = |doubt| Refusal::Doubtful(digest.clone(), self.to.clone(), doubt);
        let when = When {
            until: Timestamp::MAX,
            fresh_at: Some(self.now),
            arrived,
        };
        if let Some(doubt) = self.doubt(&record, when) {
            return refused(doubtful(doubt));
        }
        let lifted = self.rejected(&record, Timestamp::MAX, true)?;
        let mut floor = self.validated(&record).unwrap_or(self.now).max(self.now);
        match (&lifted, asked.again) {
            (Some(rejected), None) => {
                return refused(doubtful(Doubt::Rejected(rejected.clone())));
            }
            (Some(rejected), Some(again)) => {
                self.check_approver(again)?;
                if rejected.time.duration_since(self.now) <= CLOCK_SKEW {
                    floor = floor.max(rejected.time);
                }
            }
            (None, _) => {}
        }
        let step = match before
            .newest
            .as_ref()
            .is_some_and(|(_, newest)| *newest == digest)
        {
            true => Step::Finish,
            false => Step::Select,
        };
        if let Some(follows) = &asked.follows {
            let entry = match &before.newest {
                Some((entry, _)) if step == Step::Finish => entry.clone(),
                newest => Entry::after(
                    newest.as_ref().map(|(entry, _)| entry),
                    self.to,
                    floor,
                    &digest,
                ),
            };
            follows
                .would_select(self.to, &entry, &digest, &tags)
                .or_else(|why| refused(Refusal::NotSelected(self.to.clone(), why)))?;
        }
        Ok(plan(step, lifted, floor))
    }

    fn to_promote(&self, asked: &Promotion<'_>) -> Result<Digest, Failure<R::Error>> {
        match (&asked.digest, self.from) {
            (Some(digest), _) => Ok(digest.clone()),
            (None, from) => {
                let from = from.unwrap_or(self.to);
                match self.repository.resolve(from.as_str())? {
                    Some(digest) => Ok(digest),
                    None => refused(Refusal::NothingToPromote(from.clone())),
                }
            }
        }
    }

    /// Checks that somebody could have signed what is needed.
    pub(super) fn check_keys(&self) -> Result<(), Failure<R::Error>> {
        if self.policy.unsigned {
            return Ok(());
        }
        let gate = (Role::Gate, self.to);
        let validate = self.from.map(|from| (Role::Validate, from));
        let needed = [Some(gate), validate].into_iter().flatten();
        for (role, environment) in needed {
            if self.policy.keys(role, environment.as_str()).is_empty() {
                return refused(Refusal::NoKeys(role, environment.to_string()));
            }
        }
        Ok(())
    }

    /// When the validation that counts was made.
    fn validated(&self, record: &Record) -> Option<Timestamp> {
        let from = self.from.map(crate::ledger::Environment::as_str);
        let validation = record.newest(Evidence::Validation, from, Timestamp::MAX);
        validation.and_then(crate::evidence::Piece::time)
    }

    /// Does what was planned.
    pub fn promote(&self, plan: &PromotionPlan<'_>) -> Result<Done, Failure<R::Error>> {
        let digest = &plan.digest;
        if plan.step == Step::Nothing {
            return Ok(Done::nothing(&plan.before));
        }
        let mut attached = Vec::new();
        if let (Some(_), Some(again)) = (&plan.lifted, plan.again) {
            let content = plan.record.content();
            let said = self.say(Evidence::Approval, digest, content, again, plan.floor)?;
            attached.push(said);
        } else if let Some(rejected) = self.rejected(&self.record(digest)?, Timestamp::MAX, true)? {
            let doubt = Doubt::Rejected(rejected);
            return refused(Refusal::Doubtful(digest.clone(), self.to.clone(), doubt));
        }
        self.write(
            digest,
            plan.step,
            plan.expect.as_ref(),
            plan.floor,
            attached,
        )
    }
}
