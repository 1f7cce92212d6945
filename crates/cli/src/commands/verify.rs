//! Lists the evidence that is attached to an artifact.

use std::io::{self, Write};

use serde_json::{Value, json};
use tidegate_artifact::Digest;
use tidegate_artifact::evidence::{Piece, Standing, to_second};
use tidegate_artifact::ledger::Tags as _;
use tidegate_artifact::promotion::{Promotion, Record, Refusal};
use tidegate_registry::Reference;

use crate::args::{ListFormat, ResultFormat, Verify};
use crate::commands::{Failure, Outcome, written};
use crate::promotion::{Ended, Named, Setting, environment, signer};

pub(crate) fn run(args: &Verify) -> Result<Outcome, Failure> {
    match verified(args) {
        Ok(outcome) => Ok(outcome),
        Err(ended) => ended.report(ResultFormat::Human),
    }
}

fn verified(args: &Verify) -> Result<Outcome, Ended> {
    let named = Named::parse(&args.artifact)?;
    let typed: Vec<&str> = args.environment.as_deref().into_iter().collect();
    let setting = Setting::open(&args.repository, &typed, Some(&named))?;
    let repository = setting.repository();
    let digest = match named.reference {
        Reference::Digest(digest) => digest,
        Reference::Tag(tag) => repository.resolve(&tag)?.ok_or_else(|| {
            Failure::new(format!("{} has no tag `{tag}`", setting.name))
                .with_help("`tidegate status` shows what environments select")
        })?,
    };
    if repository.manifest(&digest)?.is_none() {
        let message = format!("{} has no artifact {digest}", setting.name);
        return Err(Failure::new(message).into());
    }
    let of = args
        .environment
        .as_deref()
        .unwrap_or(last_environment(&setting));
    let record = Record::read(&repository, &digest, of, &setting.policy)?;
    let refusal = match &args.environment {
        Some(to) => refusal(&setting, to, &digest)?,
        None => None,
    };
    let text = match args.output {
        ListFormat::Human => human(&record, refusal.as_ref(), args.environment.as_deref()),
        ListFormat::Json => format!("{:#}\n", document(&record, refusal.as_ref(), args)),
    };
    written(io::stdout().lock().write_all(text.as_bytes()))?;
    Ok(match refusal {
        Some(_) => Outcome::Refused,
        None => Outcome::Clean,
    })
}

/// The environment whose keys evidence of the gate is judged by where none is named: one that artifacts are
/// promoted to, as these are asked the most of.
fn last_environment(setting: &Setting) -> &str {
    let environments = &setting.configured.config.environments;
    let promoted = environments.iter().find(|one| one.from.is_some());
    let any = promoted.or(environments.first());
    any.map_or("live", |one| one.name.value.as_str())
}

/// Why the artifact could not be promoted to an environment now.
fn refusal(setting: &Setting, to: &str, digest: &Digest) -> Result<Option<Refusal>, Ended> {
    let to = environment(to)?;
    let from = setting.from(to.as_str()).map(environment).transpose()?;
    let repository = setting.repository();
    let passage = setting.passage(&repository, from.as_ref(), &to);
    let asked = Promotion {
        digest: Some(digest.clone()),
        ..Promotion::default()
    };
    match passage.plan_promotion(&asked) {
        Ok(_) => Ok(None),
        Err(tidegate_artifact::promotion::Failure::Refused(refusal)) => Ok(Some(*refusal)),
        Err(tidegate_artifact::promotion::Failure::Registry(error)) => Err(error.into()),
    }
}

fn human(record: &Record, refusal: Option<&Refusal>, environment: Option<&str>) -> String {
    let mut text = format!("{}\n", record.artifact);
    if record.pieces.is_empty() {
        text.push_str("  nothing is attached to it\n");
    }
    let rows: Vec<[String; 4]> = record.pieces.iter().map(row).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let (what, result, time) = (width(0), width(1), width(2));
    for ([kind, outcome, at, standing], piece) in rows.iter().zip(&record.pieces) {
        let line = format!("{kind:what$}  {outcome:result$}  {at:time$}  {standing}");
        text.push_str(&format!("  {}\n", line.trim_end()));
        let says = piece.says.as_ref();
        if let Some(reason) = says.and_then(|says| says.details.reason.as_ref()) {
            text.push_str(&format!("    reason: {}\n", reason.escape_debug()));
        }
        let failed = says
            .map(|says| says.failed_tests.as_slice())
            .unwrap_or_default();
        for test in failed.iter().take(MOST_TESTS) {
            text.push_str(&format!("    failed: {}\n", test.escape_debug()));
        }
        if let Some(more @ 1..) = failed.len().checked_sub(MOST_TESTS) {
            text.push_str(&format!("    and {more} more\n"));
        }
    }
    match (environment, refusal) {
        (Some(environment), None) => {
            text.push_str(&format!("it may be promoted to {environment}\n"));
        }
        (Some(environment), Some(refusal)) => text.push_str(&format!(
            "it may not be promoted to {environment}: {refusal}\nhelp: {}\n",
            refusal.help()
        )),
        (None, _) => {}
    }
    text
}

/// Failed tests that are shown of a piece.
const MOST_TESTS: usize = 5;

fn row(piece: &Piece) -> [String; 4] {
    let says = piece.says.as_ref();
    let what = says.map_or("unknown".to_owned(), |says| {
        match &says.details.environment {
            Some(environment) => format!("{} in {environment}", says.details.kind.as_str()),
            None => says.details.kind.as_str().to_owned(),
        }
    });
    let result = says.map_or("", |says| result_of(piece, says.result.as_str()));
    let time = piece.time().map(to_second).unwrap_or_default();
    let standing = match &piece.standing {
        Standing::Not(why) => format!("does not count: {why}"),
        standing => format!("counts: {}", signer(standing)),
    };
    [what, result.to_owned(), time, standing]
}

/// The result, with a word of our own for what is open.
fn result_of<'a>(piece: &Piece, result: &'a str) -> &'a str {
    let says = piece.says.as_ref();
    match says.is_some_and(|says| says.details.inconclusive) {
        true => "INCONCLUSIVE",
        false => result,
    }
}

fn document(record: &Record, refusal: Option<&Refusal>, args: &Verify) -> Value {
    let pieces = record.pieces.iter().map(|piece| {
        let says = piece.says.as_ref();
        let (counts, key, why) = match &piece.standing {
            Standing::Signed(key) => (true, Some(key.to_string()), None),
            Standing::Unsigned => (true, None, None),
            Standing::Not(why) => (false, None, Some(why.to_string())),
        };
        json!({
            "digest": piece.digest.to_string(),
            "kind": says.map(|says| says.details.kind.as_str()),
            "environment": says.and_then(|says| says.details.environment.clone()),
            "result": says.map(|says| result_of(piece, says.result.as_str())),
            "time": piece.time().map(to_second),
            "reason": says.and_then(|says| says.details.reason.clone()),
            "counts": counts,
            "key": key,
            "why": why,
        })
    });
    json!({
        "version": 1,
        "artifact": record.artifact.to_string(),
        "evidence": pieces.collect::<Vec<Value>>(),
        "environment": args.environment,
        "mayBePromoted": args.environment.as_ref().map(|_| refusal.is_none()),
        "refused": refusal.map(|refusal| json!({ "message": refusal.to_string(), "help": refusal.help() })),
    })
}
