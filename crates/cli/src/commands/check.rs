use std::collections::BTreeSet;
use std::io::{self, Write};
use std::mem;
use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use tidegate_core::changed::{self, Known};
use tidegate_core::config::FailOn;
use tidegate_core::{
    CheckReport, Cluster, Judging, Scope, TreePacking, judge, not_checked_error, not_rendered_error,
};
use tidegate_report::{Format, Renderer, Summary};
use tidegate_source::{Diagnostic, Severity, Sink, Sources, TreePath, Waived};
use tidegate_system::Changes;

use crate::args::{self, Check, Global};
use crate::charts;
use crate::commands::{Failure, Outcome, threads, working_folder, written};
use crate::config::Configured;
use crate::fix::{Mended, brings_more};
use crate::place::WorkingFolder;
use crate::plan::{Asked, Plan};
use crate::progress::Progress;
use crate::terminal::{Stream, drawing};
use crate::tree::Tree;
use crate::verdict;

pub(crate) fn run(args: &Check, global: &Global) -> Result<Outcome, Failure> {
    let progress = Progress::start(global.quiet);
    let working = working_folder()?;
    let mut tree = Tree::open(&args.path, args.rev.as_deref(), &working)?;
    let run = Run {
        args,
        threads: threads(global),
        working: &working,
        progress: &progress,
    };
    let (mut checked, changes) = thread::scope(|scope| {
        let tree = &tree;
        let changes = args.changed_since.as_deref();
        let changes = changes.map(|revision| scope.spawn(move || tree.changes(revision)));
        let checked = run.check(tree, Vec::new())?;
        let joined =
            changes.map(|changes| changes.join().unwrap_or_else(|panic| resume_unwind(panic)));
        Ok::<_, Failure>((checked, joined.transpose()?))
    })?;
    if let Some(report) = &checked.report
        && let Some(above) = tree.above(&report.lost_paths)?
    {
        tree = above;
        checked = run.check(&tree, Vec::new())?;
    }
    run.judge(&mut checked, Baselines::Used)?;
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
        unlocked,
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
        text.extend_from_slice(charts::unlocked(unlocked).as_bytes());
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
    threads: NonZeroUsize,
    working: &'a WorkingFolder,
    progress: &'a Progress,
}

/// What becomes of findings that a baseline knows.
#[derive(Clone, Copy)]
enum Baselines {
    /// They do not count.
    Used,
    /// They count as others do.
    Ignored,
}

/// A check of a tree.
struct Checked {
    sources: Arc<Sources>,
    configured: Configured,
    /// None where the config has errors.
    report: Option<CheckReport>,
    /// Whether there is no cluster that was not checked.
    is_whole: bool,
    /// What is waived, and how much the baseline knows, once that is judged.
    waived: Vec<Waived>,
    known: usize,
    /// How many charts were taken although nothing is locked of them.
    unlocked: usize,
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
            let mut again = self.check(&tree.edited(mended.contents()), Vec::new())?;
            self.judge(&mut again, Baselines::Used)?;
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

    /// Checks some clusters; where none are given, those that the user named or that are found.
    ///
    /// How the tree is packed is told in it. Where that may make a difference, it is checked again
    /// as it is packed.
    fn check(&self, tree: &Tree, only: Vec<Cluster>) -> Result<Checked, Failure> {
        let checked = self.check_packed(tree, only.clone(), &TreePacking::default())?;
        match &checked.report {
            Some(report) if report.packing.matters(tree.system()) => {
                self.check_packed(tree, only, &report.packing)
            }
            _ => Ok(checked),
        }
    }

    fn check_packed(
        &self,
        tree: &Tree,
        only: Vec<Cluster>,
        packing: &TreePacking,
    ) -> Result<Checked, Failure> {
        let plan = Plan::new(&self.asked(), tree, packing, self.working)?;
        let is_whole = only.is_empty() && plan.is_whole();
        let Plan {
            sources,
            mut options,
            configured,
            charts,
            ..
        } = plan;
        if !configured.is_sound() {
            return Ok(Checked {
                sources,
                configured,
                report: None,
                is_whole: false,
                waived: Vec::new(),
                known: 0,
                unlocked: 0,
            });
        }
        if let Some(version) = self.args.kubernetes_version {
            options.config.set_kubernetes(version);
        }
        if !only.is_empty() {
            options.clusters = only;
        }
        let report = tidegate_core::check(&sources, &options, &|done, known| {
            self.progress.update(done, known);
        });
        let mut report = report.map_err(|nothing| {
            Failure::new(format!("{nothing} in {}", self.args.path.display())).with_help(
                "clusters are looked for as folders in `clusters/`, there or one level below, and \
                 kustomizations anywhere below; or name a cluster: --cluster live=PATH",
            )
        })?;
        let mut more = configured.findings.clone();
        if self.args.require_complete {
            more.extend(report.not_rendered.iter().map(not_rendered_error));
            more.extend(report.not_checked.iter().map(not_checked_error));
        }
        if !more.is_empty() {
            let mut sink = Sink::new();
            sink.extend(report.findings);
            sink.extend(more);
            report.findings = sink.finish(&sources);
        }
        Ok(Checked {
            sources,
            configured,
            report: Some(report),
            is_whole,
            waived: Vec::new(),
            known: 0,
            unlocked: charts.unlocked(),
        })
    }

    /// Leaves the findings that count.
    fn judge(&self, checked: &mut Checked, baselines: Baselines) -> Result<(), Failure> {
        let Some(report) = &mut checked.report else {
            return Ok(());
        };
        let baseline = match baselines {
            // It is written anew, whatever it was.
            Baselines::Used if self.args.write_baseline.is_none() => {
                let typed = self.args.baseline.as_deref();
                verdict::baseline(&checked.configured, typed, self.working)?
            }
            Baselines::Used | Baselines::Ignored => None,
        };
        let judging = Judging {
            config: &checked.configured.config,
            baseline,
            today: verdict::today(),
            everything_was_checked: checked.is_whole,
        };
        let found = mem::take(&mut report.findings);
        let verdict = judge(found, &checked.sources, judging);
        report.findings = verdict.findings;
        checked.waived = verdict.waived;
        checked.known = verdict.known;
        Ok(())
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
            .and_then(|tree| self.check(&tree, only).ok())
            .and_then(|mut checked| {
                let judged = self.judge(&mut checked, Baselines::Ignored);
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

    fn asked(&self) -> Asked<'_> {
        Asked {
            path: &self.args.path,
            clusters: &self.args.clusters,
            config: self.args.config.as_deref(),
            cache_dir: self.args.cache_dir.as_deref(),
            lock: None,
            threads: self.threads,
        }
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
