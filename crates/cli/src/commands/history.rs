//! Lists what an environment has selected.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};
use tidegate_artifact::ledger::{Entry, Tags as _, entries};
use tidegate_artifact::promotion::EntryStanding;
use tidegate_artifact::{Digest, Repository, annotation};

use tidegate_artifact::evidence::to_second;

use crate::args::{History, ListFormat, ResultFormat};
use crate::commands::{Failure, Outcome, written};
use crate::promotion::{Ended, Setting, ago, environment};

pub(crate) fn run(args: &History) -> Result<Outcome, Failure> {
    match listed(args) {
        Ok(()) => Ok(Outcome::Clean),
        Err(ended) => ended.report(ResultFormat::Human),
    }
}

/// An entry as it is shown.
struct Row {
    entry: Entry,
    /// What its tag leads to; none where it leads nowhere.
    digest: Option<Digest>,
    /// The branch and commit that the artifact was made of.
    revision: Option<String>,
    /// Whether it counts; none for one that is behind the newest that does.
    standing: Option<EntryStanding>,
    /// Whether the tag leads to another artifact than its name says.
    is_moved: bool,
}

fn listed(args: &History) -> Result<(), Ended> {
    let to = environment(&args.environment)?;
    let setting = Setting::open(&args.repository, &[&args.environment], None)?;
    let from = setting
        .from(&args.environment)
        .map(environment)
        .transpose()?;
    let repository = setting.repository();
    let passage = setting.passage(&repository, from.as_ref(), &to);
    let all = entries(&to, &repository.tags()?);
    let pointer = repository.resolve(to.as_str())?;
    let mut revisions = BTreeMap::new();
    let mut rows: Vec<Row> = Vec::new();
    let mut is_known = false;
    for entry in all.iter().rev().take(args.limit) {
        let digest = repository.resolve(&entry.tag)?;
        let is_moved = digest.as_ref().is_some_and(|digest| !entry.is_of(digest));
        let standing = match &digest {
            Some(digest) if !is_known && !is_moved => Some(passage.entry_standing(entry, digest)?),
            _ => None,
        };
        is_known |= matches!(
            standing,
            Some(EntryStanding::Counts | EntryStanding::Approved)
        );
        let revision = match &digest {
            Some(digest) => revision(&repository, digest, &mut revisions)?,
            None => None,
        };
        rows.push(Row {
            entry: entry.clone(),
            digest,
            revision,
            standing,
            is_moved,
        });
    }
    let text = match args.output {
        ListFormat::Human => human(&setting, args, &rows, all.len(), pointer.as_ref()),
        ListFormat::Json => {
            let document = document(&setting, args, &rows, all.len(), pointer.as_ref());
            format!("{document:#}\n")
        }
    };
    written(io::stdout().lock().write_all(text.as_bytes()))?;
    Ok(())
}

/// What an artifact was made of, by its annotation.
pub(crate) fn revision(
    repository: &Repository<'_>,
    digest: &Digest,
    known: &mut BTreeMap<Digest, Option<String>>,
) -> Result<Option<String>, Ended> {
    if let Some(known) = known.get(digest) {
        return Ok(known.clone());
    }
    let manifest = repository.manifest(digest)?;
    let revision =
        manifest.and_then(|manifest| manifest.annotations.get(annotation::REVISION).cloned());
    known.insert(digest.clone(), revision.clone());
    Ok(revision)
}

fn human(
    setting: &Setting,
    args: &History,
    rows: &[Row],
    all: usize,
    pointer: Option<&Digest>,
) -> String {
    let environment = &args.environment;
    let mut text = format!("{environment} has selected, in {}:\n", setting.name);
    if rows.is_empty() {
        text = format!(
            "{environment} has selected nothing yet in {}\n",
            setting.name
        );
    }
    let mut is_marked = false;
    for row in rows {
        let digest = row.digest.as_ref();
        let shown = digest.map_or_else(
            || "nothing: the tag leads nowhere".to_owned(),
            Digest::to_string,
        );
        let counts = !matches!(row.standing, Some(EntryStanding::Not(_))) && !row.is_moved;
        let is_selected = !is_marked && counts && digest.is_some() && digest == pointer;
        is_marked |= is_selected;
        let mark = if is_selected { "*" } else { " " };
        text.push_str(&format!("{mark} {}  {shown}\n", to_second(row.entry.time)));
        let mut details = Vec::new();
        if is_selected {
            details.push(format!("selected {}", ago(row.entry.time, setting.now)));
        }
        if let Some(revision) = &row.revision {
            details.push(revision.escape_debug().to_string());
        }
        match &row.standing {
            Some(EntryStanding::Not(doubt)) => details.push(format!("ignored: it {doubt}")),
            Some(EntryStanding::Approved) => details.push("by a person's decision".to_owned()),
            _ => {}
        }
        if row.is_moved {
            details.push(format!(
                "ignored: the tag {} is of another artifact",
                row.entry.tag
            ));
        }
        for detail in details {
            text.push_str(&format!("    {detail}\n"));
        }
    }
    if let Some(more @ 1..) = all.checked_sub(rows.len()) {
        text.push_str(&format!("{more} more: --limit {all}\n"));
    }
    match pointer {
        Some(pointer) if !is_marked => text.push_str(&format!(
            "the tag `{environment}` leads to {pointer}, which is not the newest entry that counts: `tidegate promote \
             --to {environment}` mends that\n"
        )),
        None if !rows.is_empty() => {
            text.push_str(&format!("there is no tag `{environment}`\n"));
        }
        _ => {}
    }
    text
}

fn document(
    setting: &Setting,
    args: &History,
    rows: &[Row],
    all: usize,
    pointer: Option<&Digest>,
) -> Value {
    let entries = rows.iter().map(|row| {
        let (counts, why) = match &row.standing {
            _ if row.is_moved => (
                Some(false),
                Some("the tag is of another artifact".to_owned()),
            ),
            Some(EntryStanding::Not(doubt)) => (Some(false), Some(doubt.to_string())),
            Some(_) => (Some(true), None),
            None => (None, None),
        };
        json!({
            "time": to_second(row.entry.time),
            "tag": row.entry.tag,
            "digest": row.digest.as_ref().map(Digest::to_string),
            "revision": row.revision,
            "counts": counts,
            "why": why,
        })
    });
    json!({
        "version": 1,
        "environment": args.environment,
        "repository": setting.name.to_string(),
        "selected": pointer.map(Digest::to_string),
        "entries": entries.collect::<Vec<Value>>(),
        "total": all,
    })
}
