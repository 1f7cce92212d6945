//! Has an environment select an artifact.

use std::io::{self, Write};

use serde_json::{Value, json};
use tidegate_artifact::Digest;
use tidegate_artifact::evidence::{Evidence, to_second};
use tidegate_artifact::promotion::{
    Decision, Done, Expected, Passage, Promotion, PromotionPlan, Record, Step,
};

use crate::args::{Global, Promote};
use crate::commands::{Failure, Outcome, threads, written};
use crate::promotion::{
    Ended, Followed, Named, Setting, ago, environment, followed, print_result, result_lines, signer,
};
use crate::signing::{APPROVE_KEY, signing_key};

pub(crate) fn run(args: &Promote, global: &Global) -> Result<Outcome, Failure> {
    match promoted(args, global) {
        Ok(()) => Ok(Outcome::Clean),
        Err(ended) => ended.report(args.output),
    }
}

fn promoted(args: &Promote, global: &Global) -> Result<(), Ended> {
    let named = args.digest.as_deref().map(Named::parse).transpose()?;
    let to = environment(&args.to)?;
    let mut typed = vec![args.to.as_str()];
    typed.extend(args.from.as_deref());
    let setting = Setting::open(&args.repository, &typed, named.as_ref())?;
    let from = environment(&origin(args, &setting)?)?;
    let key = match args.again {
        true => signing_key(args.key.as_deref(), APPROVE_KEY)?,
        false => None,
    };
    let source = followed(&setting, &to, &args.repository, threads(global))?;
    let asked = Promotion {
        digest: named.map(Named::digest).transpose()?,
        expect: expected(args.expect.as_deref())?,
        follows: Some(source.follows.clone()),
        again: args.reason.as_deref().map(|reason| Decision {
            reason,
            key: key.as_ref(),
        }),
    };
    if let Some(warning) = setting.warning() {
        written(io::stderr().lock().write_all(warning.as_bytes()))?;
    }
    let repository = setting.repository();
    let passage = setting.passage(&repository, Some(&from), &to);
    let plan = passage.plan_promotion(&asked)?;
    let done = match args.dry_run {
        true => None,
        false => Some(passage.promote(&plan)?),
    };
    let shown = Shown {
        args,
        setting: &setting,
        passage: &passage,
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

/// The environment that artifacts come from: what was typed must not differ from the config.
fn origin(args: &Promote, setting: &Setting) -> Result<String, Failure> {
    let to = &args.to;
    match (&args.from, setting.from(to)) {
        (Some(typed), Some(declared)) if typed != declared => Err(Failure::new(format!(
            "artifacts come into {to} from {declared} by the config, and not from {typed}"
        ))
        .with_help("leave --from away, or change `from` in the config")),
        (Some(typed), _) => Ok(typed.clone()),
        (None, Some(declared)) => Ok(declared.to_owned()),
        (None, None) => Err(Failure::new(format!(
            "which environment artifacts come into {to} from is not known"
        ))
        .with_help(format!(
            "name it: --from integration; or in the config: `[environments.{to}] from = \"integration\"`"
        ))),
    }
}

/// What `--expect` says.
pub(crate) fn expected(typed: Option<&str>) -> Result<Option<Expected>, Failure> {
    match typed {
        None => Ok(None),
        Some("none") => Ok(Some(Expected::Nothing)),
        Some(text) => match Digest::parse(text) {
            Some(digest) => Ok(Some(Expected::Artifact(digest))),
            None => Err(Failure::new(format!("`{text}` is no digest"))
                .with_help("--expect takes sha256:... with all 64 digits, or `none`")),
        },
    }
}

/// What is said of a promotion.
struct Shown<'a, R> {
    args: &'a Promote,
    setting: &'a Setting,
    passage: &'a Passage<'a, R>,
    plan: &'a PromotionPlan<'a>,
    source: &'a Followed,
    done: Option<&'a Done>,
}

impl<R> Shown<'_, R> {
    fn human(&self) -> String {
        let (plan, to) = (self.plan, &self.args.to);
        let digest = &plan.digest;
        let mut text = match (plan.step, self.done) {
            (Step::Nothing, _) => format!("{to} selects {digest} already\n"),
            (Step::Finish, None) => {
                format!(
                    "{to} would select {digest}: its entry is there, and the pointer is not set\n"
                )
            }
            (Step::Select, None) => format!("{to} would select {digest}\n"),
            (Step::Finish, Some(_)) => {
                format!("{to} selects {digest}: an earlier run was finished\n")
            }
            (Step::Select, Some(_)) => format!("{to} selects {digest}\n"),
        };
        let mut line = |name: &str, value: String| {
            text.push_str(&format!("  {name:<11} {value}\n"));
        };
        if plan.step != Step::Nothing {
            let before = plan.before.pointer.as_ref();
            let before = before.map_or("nothing".to_owned(), Digest::to_string);
            line("before", before);
            for (kind, name) in [
                (Evidence::Gate, "gate"),
                (Evidence::Validation, "validation"),
            ] {
                if let Some(said) = self.evidence(&plan.record, kind) {
                    line(name, said);
                }
            }
            if let Some(lifted) = &plan.lifted {
                let reason = self.args.reason.as_deref().unwrap_or_default();
                line("again", format!("it {lifted}; taken since: {reason}"));
            }
            line("source", self.source.shown());
        }
        match self.done.and_then(|done| done.entry.as_ref()) {
            Some(entry) => line("log entry", entry.tag.clone()),
            None if self.args.dry_run && plan.step == Step::Select => {
                line(
                    "would write",
                    format!("an entry in the log, and the tag `{to}`"),
                );
            }
            None => {}
        }
        for entry in &plan.before.ignored {
            line(
                "ignored",
                format!("{}: the artifact has no evidence that counts", entry.tag),
            );
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

    /// A kind of evidence that counts, in a line.
    fn evidence(&self, record: &Record, kind: Evidence) -> Option<String> {
        let from = self.passage.from.map(|from| from.as_str());
        let environment = from.filter(|_| kind == Evidence::Validation);
        let piece = record.newest(kind, environment, jiff::Timestamp::MAX)?;
        let says = piece.says.as_ref()?;
        let time = piece.time()?;
        let place = environment.map_or(String::new(), |environment| format!(" in {environment}"));
        Some(format!(
            "{}{place} {}, {} ({})",
            says.result.as_str(),
            ago(time, self.setting.now),
            signer(&piece.standing),
            to_second(time)
        ))
    }

    fn json(&self) -> Value {
        let plan = self.plan;
        let entry = self.done.and_then(|done| done.entry.as_ref());
        let ignored: Vec<&str> = plan
            .before
            .ignored
            .iter()
            .map(|one| one.tag.as_str())
            .collect();
        let after = self.done.and_then(|done| done.after.pointer.as_ref());
        json!({
            "version": 1,
            "environment": self.args.to,
            "repository": self.setting.name.to_string(),
            "digest": plan.digest.to_string(),
            "previous": plan.before.pointer.as_ref().map(Digest::to_string),
            "selected": after.or(plan.before.pointer.as_ref()).map(Digest::to_string),
            "changed": self.changed(),
            "dryRun": self.args.dry_run,
            "step": step_word(plan.step),
            "entry": entry.map(|entry| entry.tag.clone()),
            "source": self.source.shown(),
            "ignored": ignored,
        })
    }

    fn github(&self) -> String {
        let plan = self.plan;
        let entry = self.done.and_then(|done| done.entry.as_ref());
        let previous = plan.before.pointer.as_ref();
        result_lines(&[
            ("environment", self.args.to.clone()),
            ("digest", plan.digest.to_string()),
            (
                "previous",
                previous.map(Digest::to_string).unwrap_or_default(),
            ),
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

/// What was or is to be written, for machines.
pub(crate) fn step_word(step: Step) -> &'static str {
    match step {
        Step::Nothing => "none",
        Step::Finish => "pointer",
        Step::Select => "entry-and-pointer",
    }
}
