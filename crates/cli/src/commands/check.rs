use std::collections::BTreeSet;
use std::io::{self, Write};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use tidegate_core::changed::{self, Known};
use tidegate_core::config::FailOn;
use tidegate_core::{Cluster, Scope};
use tidegate_report::{Format, Renderer, Summary};
use tidegate_source::{Diagnostic, Severity, Sink, Sources, TreePath};
use tidegate_system::Changes;

use crate::args::{self, Check, Global};
use crate::charts;
use crate::checking::{Baselines, Checked, Checking};
use crate::commands::{Failure, Outcome, threads, working_folder, written};
use crate::config::Configured;
use crate::fix::{Mended, brings_more};
use crate::plan::Asked;
use crate::progress::Progress;
use crate::remote;
use crate::terminal::{Stream, drawing};
use crate::tree::Tree;
use crate::verdict;

pub(crate) fn run(args: &Check, global: &Global) -> Result<Outcome, Failure> {
    let progress = Progress::start(global.quiet);
    let working = working_folder()?;
    let mut tree = remote::open(&args.path, args.rev.as_deref(), &args.registry, &working)?;
    if args.fix && tree.is_artifact() {
        let failure =
            Failure::new("an artifact is never changed, so that nothing can be fixed in it");
        return Err(failure.with_help("fix the tree that it was packed from"));
    }
    let run = Run {
        args,
        checking: Checking {
            asked: Asked {
                path: &args.path,
                clusters: &args.clusters,
                config: args.config.as_deref(),
                cache_dir: args.cache_dir.as_deref(),
                lock: None,
                threads: threads(global),
            },
            kubernetes: args.kubernetes_version,
            require_complete: args.require_complete,
            is_packed: false,
            working: &working,
            progress: &progress,
        },
    };
    let (mut checked, changes) = thread::scope(|scope| {
        let tree = &tree;
        let changes = args.changed_since.as_deref();
        let changes = changes.map(|revision| scope.spawn(move || tree.changes(revision)));
        let checked = run.checking.check(tree, Vec::new())?;
        let joined =
            changes.map(|changes| changes.join().unwrap_or_else(|panic| resume_unwind(panic)));
        Ok::<_, Failure>((checked, joined.transpose()?))
    })?;
    if let Some(report) = &checked.report
        && let Some(above) = tree.above(&report.lost_paths)?
    {
        tree = above;
        checked = run.checking.check(&tree, Vec::new())?;
    }
    run.judge(&mut checked)?;
    let mut older = 0;
    if let Some(changes) = changes {
        older = run.keep_what_changed(&mut checked, &tree, changes);
    }
    let fixed = match args.fix {
        true => run.fix(&mut checked, &tree)?,
        false => Fixed::default(),
    };
    let Checked {
        sources,
        configured,
        report,
        waived,
        known,
        charts: at_hand,
        ..
    } = checked;
    let elapsed = progress.finish();
    let show_path = |path: &TreePath| configured.shown(&working, tree.root(), path);
    let Some(report) = report else {
        return misconfigured(&configured, &sources, args, global, &show_path);
    };
    if let Some(path) = &args.write_baseline {
        let text = verdict::write(path, &report.findings, &sources)?;
        written(io::stderr().lock().write_all(text.as_bytes()))?;
        return Ok(Outcome::Clean);
    }
    let summary = Summary {
        clusters: report.counts.clusters,
        kustomizations: report.counts.kustomizations,
        objects: report.counts.objects,
        files: report.counts.files,
        bytes: report.counts.bytes,
        elapsed,
        not_rendered: &report.not_rendered,
        not_checked: &report.not_checked,
        waived: &waived,
        known,
    };
    let renderer = |stream| {
        let drawing = drawing(stream, global.color);
        Renderer::new(format(args.format), drawing, &show_path)
    };
    let mut text = Vec::new();
    let stdout = renderer(Stream::Stdout);
    let mut drawn = stdout.write(&report.findings, &sources, &summary, &mut text);
    if args.show_waived {
        drawn = drawn.and_then(|()| stdout.write_waived(&waived, &sources, &mut text));
    }
    written(drawn.and_then(|()| io::stdout().lock().write_all(&text)))?;
    if !global.quiet {
        let mut text = fixed.shown(args.dry_run, &show_path).into_bytes();
        if report.scope == Scope::Kustomizations {
            text.extend_from_slice(NO_CLUSTERS.as_bytes());
        }
        let drawn =
            renderer(Stream::Stderr).write_summary(&report.findings, &sources, &summary, &mut text);
        text.extend_from_slice(charts::unlocked(at_hand.unlocked()).as_bytes());
        if let (Some(revision), 1..) = (&args.changed_since, older) {
            let findings = if older == 1 { "finding" } else { "findings" };
            let line = format!("Not shown: {older} {findings} that {revision} has too\n");
            text.extend_from_slice(line.as_bytes());
        }
        written(drawn.and_then(|()| io::stderr().lock().write_all(&text)))?;
    }
    let fail_on = args.fail_on.map(fail_on).or(configured.config.fail_on);
    Ok(outcome(
        &report.findings,
        fail_on.unwrap_or(FailOn::AtLeast(Severity::Error)),
    ))
}

/// Says what is wrong with the config. Nothing was checked.
fn misconfigured(
    configured: &Configured,
    sources: &Sources,
    args: &Check,
    global: &Global,
    show_path: &dyn Fn(&TreePath) -> String,
) -> Result<Outcome, Failure> {
    let mut sink = Sink::new();
    sink.extend(configured.findings.iter().cloned());
    let findings = sink.finish(sources);
    let drawing = drawing(Stream::Stdout, global.color);
    let renderer = Renderer::new(format(args.format), drawing, show_path);
    let mut text = Vec::new();
    let drawn = renderer.write(&findings, sources, &Summary::default(), &mut text);
    written(drawn.and_then(|()| io::stdout().lock().write_all(&text)))?;
    if !global.quiet {
        let text = "Nothing was checked: the config has errors\n";
        written(io::stderr().lock().write_all(text.as_bytes()))?;
    }
    Ok(Outcome::Misconfigured)
}

/// What is the same for all checks of a run.
struct Run<'a> {
    args: &'a Check,
    checking: Checking<'a>,
}

/// What `--fix` did.
#[derive(Default)]
struct Fixed {
    mended: Mended,
    /// What would have broken something else.
    left: Mended,
}

impl Fixed {
    fn shown(&self, is_dry: bool, show_path: &dyn Fn(&TreePath) -> String) -> String {
        let done = if is_dry { "Would fix" } else { "Fixed" };
        let mut text = self.mended.shown(done, show_path);
        text.push_str(
            &self
                .left
                .shown("Not fixed, as something else would break:", show_path),
        );
        text
    }
}

impl Run<'_> {
    /// Leaves the findings that count.
    fn judge(&self, checked: &mut Checked) -> Result<(), Failure> {
        let baselines = match self.args.write_baseline {
            None => Baselines::Used(self.args.baseline.as_deref()),
            // It is written anew, whatever it was.
            Some(_) => Baselines::Ignored,
        };
        self.checking.judge(checked, baselines)
    }

    /// Mends what the findings offer to, and checks the result.
    fn fix(&self, checked: &mut Checked, tree: &Tree) -> Result<Fixed, Failure> {
        let Some(report) = &checked.report else {
            return Ok(Fixed::default());
        };
        let all = Mended::new(&report.findings, &checked.sources, tree);
        if all.is_empty() {
            return Ok(Fixed::default());
        }
        let try_out = |mended: &Mended| {
            let mut again = self
                .checking
                .check(&tree.edited(mended.contents()), Vec::new())?;
            self.judge(&mut again)?;
            let after = again.report.as_ref().map(|report| &report.findings[..]);
            let is_fine = after.is_some_and(|after| !brings_more(&report.findings, after));
            Ok::<_, Failure>(is_fine.then_some(again))
        };
        let mut mended = all.clone();
        let mut again = try_out(&mended)?;
        if again.is_none() {
            mended = Mended::default();
            for one in all.by_file() {
                if try_out(&one)?.is_some() {
                    mended.extend(one);
                }
            }
            again = match mended.is_empty() {
                true => None,
                false => try_out(&mended)?,
            };
            if again.is_none() {
                mended = Mended::default();
            }
        }
        let left = all.without(&mended);
        if let Some(again) = again
            && !self.args.dry_run
        {
            mended.write(tree)?;
            *checked = again;
        }
        Ok(Fixed { mended, left })
    }

    /// Leaves the findings that point at a file that changed, and those that the tree did not have
    /// before; and says how many others there are. The tree as it was is checked only where a
    /// finding is elsewhere.
    fn keep_what_changed(&self, checked: &mut Checked, tree: &Tree, changes: Changes) -> usize {
        let Some(report) = &mut checked.report else {
            return 0;
        };
        let changes = Arc::new(changes);
        let sources = &checked.sources;
        let has_changed = |path: &TreePath| changes.touch(path);
        let is_here = |one: &Diagnostic| changed::is_at_change(one, sources, &has_changed);
        let mut elsewhere = report
            .findings
            .iter()
            .filter(|one| !is_here(one))
            .peekable();
        if elsewhere.peek().is_none() {
            return 0;
        }
        // What no cluster is named for, all of them together may bring.
        let clusters: Option<BTreeSet<&String>> =
            elsewhere.try_fold(BTreeSet::new(), |mut all, one| {
                all.extend(&one.clusters);
                (!one.clusters.is_empty()).then_some(all)
            });
        let is_needed = |one: &&Cluster| {
            clusters
                .as_ref()
                .is_some_and(|names| names.contains(&one.name))
        };
        let only = report.clusters.iter().filter(is_needed).cloned().collect();
        // What could not be checked has nothing that is known.
        let before = tree
            .before(&changes)
            .and_then(|tree| self.checking.check(&tree, only).ok())
            .and_then(|mut checked| {
                let judged = self.checking.judge(&mut checked, Baselines::Ignored);
                judged.ok().map(|()| checked)
            });
        let known = match &before {
            Some(Checked {
                sources,
                report: Some(report),
                ..
            }) => Known::new(&report.findings, sources),
            _ => Known::default(),
        };
        let all = report.findings.len();
        let findings = &mut report.findings;
        findings.retain(|one| is_here(one) || !known.has(one, sources));
        all - findings.len()
    }
}

const NO_CLUSTERS: &str = "No folder `clusters/`: checked each kustomization that no other one \
                           refers to. Name clusters with --cluster NAME=PATH\n";

fn outcome(findings: &[Diagnostic], fail_on: FailOn) -> Outcome {
    let fails = match fail_on {
        FailOn::AtLeast(least) => findings.iter().any(|one| one.severity >= least),
        FailOn::Never => false,
    };
    match fails {
        true => Outcome::Refused,
        false => Outcome::Clean,
    }
}

fn fail_on(typed: args::FailOn) -> FailOn {
    match typed {
        args::FailOn::Error => FailOn::AtLeast(Severity::Error),
        args::FailOn::Warning => FailOn::AtLeast(Severity::Warning),
        args::FailOn::Info => FailOn::AtLeast(Severity::Info),
        args::FailOn::Never => FailOn::Never,
    }
}

/// How findings are printed.
pub(crate) fn format(format: args::Format) -> Format {
    match format {
        args::Format::Human => Format::Human,
        args::Format::Concise => Format::Concise,
        args::Format::Json => Format::Json,
        args::Format::Github => Format::Github,
    }
}
