use std::io::{self, Write};

use tidegate_core::rules;
use tidegate_report::page_for_terminal;
use tidegate_source::Severity;

use crate::args::{Explain, Global, Rules, When};
use crate::commands::{Failure, Outcome, written};
use crate::config::Configured;
use crate::terminal::{Stream, drawing, is_terminal};

/// Prints all rules, one a line; on a terminal no line is longer than it is wide.
pub(crate) fn list(args: &Rules) -> Result<Outcome, Failure> {
    let config = Configured::here(args.config.as_deref())?.config;
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
