//! What is waited for, while it is: a tree that is drawn again on a terminal, lines elsewhere.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tidegate_core::render::SecretValues;
use tidegate_health::{Judged, Moving, Progress, Standing};
use tidegate_source::Subject;

use super::expectation::Expecting;
use crate::terminal::{Stream, is_terminal};

/// How many lines the tree has.
const LINES: usize = 16;

/// Shows what is waited for on standard error.
pub(crate) struct Waiting<'a> {
    expecting: &'a Expecting,
    secret: &'a SecretValues,
    shown: Shown,
}

enum Shown {
    Nothing,
    Lines { last: String },
    Tree(ProgressBar),
}

impl<'a> Waiting<'a> {
    /// Shows nothing where that is asked for.
    pub(crate) fn new(
        quiet: bool,
        expecting: &'a Expecting,
        secret: &'a SecretValues,
    ) -> Waiting<'a> {
        let shown = match (quiet, is_terminal(Stream::Stderr)) {
            (true, _) => Shown::Nothing,
            (false, false) => Shown::Lines {
                last: String::new(),
            },
            (false, true) => {
                let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
                let style = ProgressStyle::with_template("{spinner} {msg}");
                let bar = match style {
                    Ok(style) => bar.with_style(style),
                    Err(_) => bar,
                };
                bar.enable_steady_tick(Duration::from_millis(120));
                Shown::Tree(bar)
            }
        };
        Waiting {
            expecting,
            secret,
            shown,
        }
    }

    /// Shows how far it is.
    pub(crate) fn update(&mut self, progress: &Progress<'_>) {
        let state = state(progress);
        match &mut self.shown {
            Shown::Nothing => {}
            Shown::Lines { last } => {
                if *last != state {
                    let line = format!("{:>5} s  {state}\n", progress.elapsed.as_secs());
                    // What cannot be shown is no reason to end.
                    let _ = std::io::stderr().lock().write_all(line.as_bytes());
                    *last = state;
                }
            }
            Shown::Tree(bar) => {
                let (elapsed, timeout) = (
                    progress.elapsed.as_secs(),
                    progress.timing.timeout.as_secs(),
                );
                let mut text = format!("{elapsed} s of {timeout} s: {state}");
                text.push_str(&tree(self.expecting, &progress.judgement.not_current));
                bar.set_message(self.secret.shown(text));
            }
        }
    }

    /// Takes what is shown off the screen.
    pub(crate) fn finish(self) {
        if let Shown::Tree(bar) = self.shown {
            bar.finish_and_clear();
        }
    }
}

/// Where it stands, in one line.
fn state(progress: &Progress<'_>) -> String {
    let judgement = progress.judgement;
    let counts = judgement.counts;
    if let Some(problem) = judgement.problems.first() {
        return problem.to_string();
    }
    let has = |revision: &str| match revision {
        "" => "no artifact".to_owned(),
        revision => revision.to_owned(),
    };
    match (&judgement.moving, progress.window) {
        (Moving::NoSource, _) => "there is no source with this digest".to_owned(),
        (Moving::Elsewhere { source, revision } | Moving::Pinned { source, revision }, _) => {
            format!("{source} has {}", has(revision))
        }
        (Moving::Here, None) => format!(
            "{} of {} objects are current",
            counts.current, counts.expected
        ),
        (Moving::Here, Some((held, samples))) => format!(
            "all holds for {} s of {} s, in {samples} samples",
            held.as_secs(),
            progress.timing.settle.as_secs()
        ),
    }
}

/// What is not current, below what applies it.
fn tree(expecting: &Expecting, not_current: &[Judged]) -> String {
    let mut groups: BTreeMap<&Subject, Vec<&Judged>> = BTreeMap::new();
    let mut own: BTreeMap<&Subject, &Judged> = BTreeMap::new();
    let is_applier = |subject: &Subject| {
        matches!(
            subject.kind.as_str(),
            "Kustomization" | "HelmRelease" | "ResourceSet"
        )
    };
    for one in not_current {
        if matches!(&one.standing, Standing::NotJudged(not) if not.is_excused) {
            continue;
        }
        if is_applier(&one.subject) {
            own.insert(&one.subject, one);
            groups.entry(&one.subject).or_default();
        } else if let Some(by) = expecting.applied_by(&one.subject) {
            groups.entry(by).or_default().push(one);
        } else {
            own.insert(&one.subject, one);
            groups.entry(&one.subject).or_default();
        }
    }
    let mut lines = Vec::new();
    for (by, members) in groups {
        let said = own.get(by).map(|one| format!(": {}", said(one)));
        lines.push(format!("{by}{}", said.unwrap_or_default()));
        // What waits for its applier says nothing new.
        let members = members.into_iter().filter(|one| one.waits_for.is_none());
        lines.extend(members.map(|one| format!("  {}: {}", one.subject, said_of(one))));
    }
    let mut text = String::new();
    let hidden = lines.len().saturating_sub(LINES);
    for line in lines.into_iter().take(LINES) {
        let line: String = line.chars().take(150).collect();
        // A String takes whatever is written to it.
        let _ = write!(text, "\n    {line}");
    }
    if hidden > 0 {
        let _ = write!(text, "\n    and {hidden} more");
    }
    text
}

fn said(one: &Judged) -> String {
    match &one.waits_for {
        Some(first) => format!("waits for {first}"),
        None => said_of(one),
    }
}

fn said_of(one: &Judged) -> String {
    one.reason().message
}
