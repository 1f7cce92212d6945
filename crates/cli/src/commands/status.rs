//! Shows what each environment selects.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};
use tidegate_artifact::Digest;
use tidegate_artifact::ledger::{Environment, Selection};
use tidegate_artifact::promotion::{self, Promotion, PromotionPlan, Step};

use tidegate_artifact::evidence::to_second;

use crate::args::{ListFormat, ResultFormat, Status};
use crate::commands::history::revision;
use crate::commands::{Failure, Outcome, written};
use crate::promotion::{Ended, Refused, Setting, ago, environment};

pub(crate) fn run(args: &Status) -> Result<Outcome, Failure> {
    match shown(args) {
        Ok(()) => Ok(Outcome::Clean),
        Err(ended) => ended.report(ResultFormat::Human),
    }
}

/// An environment as it is shown.
struct Row {
    name: Environment,
    from: Option<Environment>,
    selection: Selection,
    revision: Option<String>,
    next: Next,
}

/// What could be promoted.
enum Next {
    /// Nothing comes from another environment.
    Nothing,
    /// What the environment before selects is selected here.
    Same,
    /// This one.
    Ready(Digest),
    /// What the environment before selects may not come in.
    Refused(Refused),
}

fn shown(args: &Status) -> Result<(), Ended> {
    let typed: Vec<&str> = args.environments.iter().map(String::as_str).collect();
    let setting = Setting::open(&args.repository, &typed, None)?;
    let names = match args.environments.is_empty() {
        false => args.environments.clone(),
        true => declared(&setting)?,
    };
    let repository = setting.repository();
    let mut revisions = BTreeMap::new();
    let mut rows = Vec::new();
    for name in names {
        let from = setting.from(&name).map(environment).transpose()?;
        let name = environment(&name)?;
        let passage = setting.passage(&repository, from.as_ref(), &name);
        let next = match &from {
            None => Next::Nothing,
            Some(_) => next(passage.plan_promotion(&Promotion::default()))?,
        };
        let selection = passage.selection()?;
        let revision = match &selection.pointer {
            Some(digest) => revision(&repository, digest, &mut revisions)?,
            None => None,
        };
        rows.push(Row {
            from,
            selection,
            revision,
            next,
            name,
        });
    }
    let text = match args.output {
        ListFormat::Human => human(&setting, &rows),
        ListFormat::Json => format!("{:#}\n", document(&setting, &rows)),
    };
    written(io::stdout().lock().write_all(text.as_bytes()))?;
    Ok(())
}

/// The environments of the config, each behind the one that its artifacts come from.
fn declared(setting: &Setting) -> Result<Vec<String>, Failure> {
    let environments = &setting.configured.config.environments;
    if environments.is_empty() {
        return Err(Failure::new("the config declares no environments").with_help(
            "name them: --env integration --env live; or declare them: `[environments.live] from = \"integration\"`",
        ));
    }
    let depth = |name: &str| {
        let above = |name: &&str| setting.from(name);
        std::iter::successors(Some(name), above)
            .take(environments.len())
            .count()
    };
    let names = environments.iter().map(|one| one.name.value.clone());
    let mut names: Vec<String> = names.collect();
    names.sort_by_cached_key(|name| (depth(name), name.clone()));
    Ok(names)
}

fn next<E: Into<Ended>>(
    plan: Result<PromotionPlan<'_>, promotion::Failure<E>>,
) -> Result<Next, Ended> {
    match plan {
        Ok(plan) if plan.step == Step::Nothing => Ok(Next::Same),
        Ok(plan) => Ok(Next::Ready(plan.digest)),
        Err(promotion::Failure::Refused(refusal)) => Ok(Next::Refused((*refusal).into())),
        Err(promotion::Failure::Registry(error)) => Err(error.into()),
    }
}

fn human(setting: &Setting, rows: &[Row]) -> String {
    let mut text = format!("{}\n", setting.name);
    for row in rows {
        let (name, selection) = (&row.name, &row.selection);
        let mut line = |text_of: String| text.push_str(&format!("  {text_of}\n"));
        match &selection.pointer {
            Some(pointer) => line(format!("{name} selects {pointer}")),
            None => line(format!("{name} selects nothing yet")),
        }
        let mut detail = |text_of: String| text.push_str(&format!("    {text_of}\n"));
        if let Some(revision) = &row.revision {
            detail(format!("made of {}", revision.escape_debug()));
        }
        match &selection.newest {
            Some((entry, digest)) if selection.pointer.as_ref() == Some(digest) => detail(format!(
                "since {} ({})",
                to_second(entry.time),
                ago(entry.time, setting.now)
            )),
            Some((entry, digest)) => detail(format!(
                "but its newest entry is {digest} ({}): a run did not come to its end, or the tag was moved by hand; \
                 the next `tidegate promote --to {name}` mends that",
                entry.tag
            )),
            None if selection.pointer.is_some() => {
                detail("no entry of its log counts: the tag was set by something else".to_owned());
            }
            None => {}
        }
        for entry in &selection.ignored {
            detail(format!(
                "ignored: {}, whose artifact has no evidence that counts",
                entry.tag
            ));
        }
        let from = row.from.as_ref().map_or("", Environment::as_str);
        match &row.next {
            Next::Nothing => {}
            Next::Same => detail(format!("the same as {from}")),
            Next::Ready(digest) => detail(format!("next: {digest} of {from} may be promoted")),
            Next::Refused(Refused { message, help }) => {
                detail(format!("next: {message}"));
                detail(format!("help: {help}"));
            }
        }
    }
    text
}

fn document(setting: &Setting, rows: &[Row]) -> Value {
    let environments = rows.iter().map(|row| {
        let selection = &row.selection;
        let newest = selection.newest.as_ref();
        let ignored: Vec<&str> = selection
            .ignored
            .iter()
            .map(|one| one.tag.as_str())
            .collect();
        let (next, refused) = match &row.next {
            Next::Nothing | Next::Same => (None, None),
            Next::Ready(digest) => (Some(digest.to_string()), None),
            Next::Refused(Refused { message, help }) => {
                (None, Some(json!({ "message": message, "help": help })))
            }
        };
        json!({
            "environment": row.name.as_str(),
            "from": row.from.as_ref().map(Environment::as_str),
            "selected": selection.pointer.as_ref().map(Digest::to_string),
            "revision": row.revision,
            "newest": newest.map(|(_, digest)| digest.to_string()),
            "entry": newest.map(|(entry, _)| entry.tag.clone()),
            "since": newest.map(|(entry, _)| to_second(entry.time)),
            "settled": selection.is_settled(),
            "ignored": ignored,
            "next": next,
            "refused": refused,
        })
    });
    json!({
        "version": 1,
        "repository": setting.name.to_string(),
        "environments": environments.collect::<Vec<Value>>(),
    })
}
