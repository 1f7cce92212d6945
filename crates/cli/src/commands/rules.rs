use std::io::{self, Write};
use std::path::Path;

use tidegate_core::config::Config;
use tidegate_core::{TreePacking, rules};
use tidegate_report::page_for_terminal;
use tidegate_source::Severity;

use crate::args::{Explain, Global, Rules, When};
use crate::commands::{Failure, Outcome, working_folder, written};
use crate::config::Configured;
use crate::terminal::{Stream, drawing, is_terminal};
use crate::tree::Tree;

/// Prints all rules, one a line; on a terminal no line is longer than it is wide.
pub(crate) fn list(args: &Rules) -> Result<Outcome, Failure> {
    let config = config(args)?;
    let rules = rules::all();
    let name_width = rules.iter().map(|rule| rule.name.len()).max();
    let name_width = name_width.unwrap_or_default();
    let width = is_terminal(Stream::Stdout).then(|| drawing(Stream::Stdout, When::Never).width);
    let mut text = String::new();
    for rule in rules {
        let level = config.level(rule.code).map(|level| level.severity);
        let level = level.unwrap_or(Some(rule.severity));
        let severity = level.map_or("off", Severity::as_str);
        let (code, name) = (rule.code, rule.name);
        let summary = rule.summary();
        let line = format!("{code}  {severity:7}  {name:name_width$}  {summary}");
        match width.filter(|width| line.chars().count() > *width) {
            Some(width) => {
                text.extend(line.chars().take(width.saturating_sub(1)));
                text.push('…');
            }
            None => text.push_str(&line),
        }
        text.push('\n');
    }
    print(&text)
}

/// The config of the current directory, or the one that is named.
fn config(args: &Rules) -> Result<Config, Failure> {
    let working = working_folder()?;
    let tree = Tree::open(Path::new("."), None, &working)?;
    let start = tree.folder(Path::new("."), &working)?;
    let sources = tree.sources(&TreePacking::default());
    let named = args.config.as_deref();
    let configured = Configured::find(named, &start, &tree, &sources, &working)?;
    match configured.is_sound() {
        true => Ok(configured.config),
        false => Err(Failure::new("the config has errors")
            .with_help("`tidegate check` shows them with their places")),
    }
}

/// Prints the page of one rule.
pub(crate) fn explain(args: &Explain, global: &Global) -> Result<Outcome, Failure> {
    let rule = rules::find(&args.rule).ok_or_else(|| unknown(&args.rule))?;
    let drawing = drawing(Stream::Stdout, global.color);
    print(&page_for_terminal(&rule.page(), drawing))
}

fn print(text: &str) -> Result<Outcome, Failure> {
    written(io::stdout().lock().write_all(text.as_bytes()))?;
    Ok(Outcome::Clean)
}

fn unknown(typed: &str) -> Failure {
    let failure = Failure::new(format!("there is no rule {typed}"));
    match rules::nearest_to(typed) {
        Some(near) => failure.with_help(format!("did you mean {near}?")),
        None => failure.with_help("`tidegate rules` lists all rules"),
    }
}
