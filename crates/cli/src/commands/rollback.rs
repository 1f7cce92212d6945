//! Has an environment select an artifact that it selected before.

use std::io::{self, Write};

use serde_json::{Value, json};
use tidegate_artifact::Digest;
use tidegate_artifact::promotion::{Done, Rollback, RollbackPlan, Step, Target};

use crate::args::{self, Global};
use crate::commands::promote::{expected, step_word};
use crate::commands::{Failure, Outcome, threads, written};
use crate::promotion::{
    Ended, Followed, Named, Setting, environment, followed, print_result, result_lines,
};
use crate::signing::{APPROVE_KEY, signing_key};

pub(crate) fn run(args: &args::Rollback, global: &Global) -> Result<Outcome, Failure> {
    match rolled_back(args, global) {
        Ok(()) => Ok(Outcome::Clean),
        Err(ended) => ended.report(args.output),
    }
}

fn rolled_back(args: &args::Rollback, global: &Global) -> Result<(), Ended> {
    let (target, named) = target(&args.to)?;
    let to = environment(&args.environment)?;
    let setting = Setting::open(&args.repository, &[&args.environment], named.as_ref())?;
    let from = setting
        .from(&args.environment)
        .map(environment)
        .transpose()?;
    let key = signing_key(args.key.as_deref(), APPROVE_KEY)?;
    let source = followed(&setting, &to, &args.repository, threads(global))?;
    let asked = Rollback {
        target,
        expect: expected(args.expect.as_deref())?,
        follows: Some(source.follows.clone()),
        reason: args.reason.clone(),
        force: args.force,
        key: key.as_ref(),
    };
    let unsigned = match key {
        None if !setting.policy.unsigned => Some(
            "warning: the rejection is not signed: it keeps `promote` from the artifact that is left, but others \
             may take it away; sign it with --key FILE\n",
        ),
        _ => None,
    };
    for warning in [setting.warning(), unsigned].into_iter().flatten() {
        written(io::stderr().lock().write_all(warning.as_bytes()))?;
    }
    let repository = setting.repository();
    let passage = setting.passage(&repository, from.as_ref(), &to);
    let plan = passage.plan_rollback(&asked)?;
    let done = match args.dry_run {
        true => None,
        false => Some(passage.rollback(&plan)?),
    };
    let shown = Shown {
        args,
        setting: &setting,
        plan: &plan,
        source: &source,
        done: done.as_ref(),
    };
    print_result(
        args.output,
        || shown.human(),
        || shown.json(),
        || shown.github(),
    )?;
    Ok(())
}

/// What `--to` says, with the repository where that is named too.
fn target(text: &str) -> Result<(Target, Option<Named>), Failure> {
    if let Some(steps) = text.strip_prefix('-') {
        return match steps.parse::<usize>() {
            Ok(steps @ 1..) => Ok((Target::Back(steps), None)),
            _ => Err(
                Failure::new(format!("`{text}` is no number of artifacts to go back"))
                    .with_help("write --to -1 for the one before, or name one by its digest"),
            ),
        };
    }
    let named = Named::parse(text)?;
    let digest = named.clone().digest()?;
    Ok((Target::Artifact(digest), Some(named)))
}

/// What is said of a rollback.
struct Shown<'a> {
    args: &'a args::Rollback,
    setting: &'a Setting,
    plan: &'a RollbackPlan<'a>,
    source: &'a Followed,
    done: Option<&'a Done>,
}

impl Shown<'_> {
    fn human(&self) -> String {
        let (plan, environment) = (self.plan, &self.args.environment);
        let digest = &plan.digest;
        let mut text = match (plan.step, self.done) {
            (Step::Nothing, _) => format!("{environment} selects {digest} already\n"),
            (_, None) => format!("{environment} would select {digest} again\n"),
            (Step::Finish, Some(_)) => {
                format!("{environment} selects {digest} again: an earlier run was finished\n")
            }
            (Step::Select, Some(_)) => format!("{environment} selects {digest} again\n"),
        };
        let mut line = |name: &str, value: String| {
            text.push_str(&format!("  {name:<11} {value}\n"));
        };
        if plan.step != Step::Nothing {
            let leaves = &plan.leaves;
            match (leaves == digest, plan.is_rejected) {
                (true, _) => {}
                (false, true) => line("rejected", format!("{leaves}, by an earlier run")),
                (false, false) => line("rejected", format!("{leaves}: {}", plan.reason)),
            }
            if let Some(doubt) = &plan.forced {
                line("forced", format!("although it {doubt}: {}", plan.reason));
            }
            line("source", self.source.shown());
        }
        if let Some(entry) = self.done.and_then(|done| done.entry.as_ref()) {
            line("log entry", entry.tag.clone());
        }
        let newer = self.done.and_then(|done| done.after.newest.as_ref());
        if let Some((entry, newer)) = newer.filter(|(_, newer)| newer != digest) {
            line(
                "since then",
                format!("another run had it select {newer} ({})", entry.tag),
            );
        }
        text
    }

    /// What is rejected, where something is.
    fn rejected(&self) -> Option<String> {
        let plan = self.plan;
        let is_left = plan.step != Step::Nothing && plan.leaves != plan.digest;
        is_left.then(|| plan.leaves.to_string())
    }

    fn json(&self) -> Value {
        let plan = self.plan;
        let entry = self.done.and_then(|done| done.entry.as_ref());
        let after = self.done.and_then(|done| done.after.pointer.as_ref());
        json!({
            "version": 1,
            "environment": self.args.environment,
            "repository": self.setting.name.to_string(),
            "digest": plan.digest.to_string(),
            "previous": plan.before.pointer.as_ref().map(Digest::to_string),
            "selected": after.or(plan.before.pointer.as_ref()).map(Digest::to_string),
            "rejected": self.rejected(),
            "reason": plan.reason,
            "forced": plan.forced.as_ref().map(ToString::to_string),
            "changed": self.changed(),
            "dryRun": self.args.dry_run,
            "step": step_word(plan.step),
            "entry": entry.map(|entry| entry.tag.clone()),
            "source": self.source.shown(),
        })
    }

    fn github(&self) -> String {
        let plan = self.plan;
        let entry = self.done.and_then(|done| done.entry.as_ref());
        result_lines(&[
            ("environment", self.args.environment.clone()),
            ("digest", plan.digest.to_string()),
            ("rejected", self.rejected().unwrap_or_default()),
            ("changed", self.changed().to_string()),
            (
                "entry",
                entry.map(|entry| entry.tag.clone()).unwrap_or_default(),
            ),
        ])
    }

    fn changed(&self) -> bool {
        self.done.is_some_and(|done| done.changed)
    }
}
