use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tidegate_core::config::FailOn;
use tidegate_core::{CheckOptions, CheckReport, Cluster, Scope};
use tidegate_report::{Format, Renderer, Summary};
use tidegate_source::{
    Diagnostic, IgnoreRules, Packed, Packing, Severity, Sink, Sources, System, TreePath,
};
use tidegate_system::{DiskSystem, Links, git_top};

use crate::args::{self, Check, Global};
use crate::commands::{Failure, Outcome, threads, written};
use crate::config::Configured;
use crate::place::WorkingFolder;
use crate::progress::Progress;
use crate::terminal::{Stream, drawing};

pub(crate) fn run(args: &Check, global: &Global) -> Result<Outcome, Failure> {
    let progress = Progress::start(global.quiet);
    let working = WorkingFolder::current()
        .map_err(|error| Failure::new(format!("the current directory cannot be read: {error}")))?;
    let start = existing_folder(&args.path)?;
    let in_git = git_top(&start);
    let root = in_git
        .clone()
        .unwrap_or_else(|| root_without_git(&start, &working));
    let mut checked = Checked::new(root, &start, args, global, &working, &progress)?;
    if in_git.is_none()
        && let Some(report) = &checked.report
        && let Some(above) = root_above(&checked.root, &report.lost_paths)
    {
        checked = Checked::new(above, &start, args, global, &working, &progress)?;
    }
    let Checked {
        root,
        sources,
        configured,
        report,
    } = checked;
    let elapsed = progress.finish();
    let show_path = |path: &TreePath| configured.shown(&working, &root, path);
    let Some(report) = report else {
        return misconfigured(&configured, &sources, args, global, &show_path);
    };
    let summary = Summary {
        clusters: report.counts.clusters,
        kustomizations: report.counts.kustomizations,
        objects: report.counts.objects,
        files: report.counts.files,
        bytes: report.counts.bytes,
        elapsed,
        not_rendered: &report.not_rendered,
    };
    let renderer = |stream| {
        let drawing = drawing(stream, global.color);
        Renderer::new(format(args.format), drawing, &show_path)
    };
    let mut text = Vec::new();
    let drawn = renderer(Stream::Stdout).write(&report.findings, &sources, &summary, &mut text);
    written(drawn.and_then(|()| io::stdout().lock().write_all(&text)))?;
    if !global.quiet {
        let mut text = Vec::new();
        if report.scope == Scope::Kustomizations {
            text.extend_from_slice(NO_CLUSTERS.as_bytes());
        }
        let drawn =
            renderer(Stream::Stderr).write_summary(&report.findings, &sources, &summary, &mut text);
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

/// A check of the tree with its root at a folder.
struct Checked {
    root: PathBuf,
    sources: Arc<Sources>,
    configured: Configured,
    /// None where the config has errors.
    report: Option<CheckReport>,
}

impl Checked {
    fn new(
        root: PathBuf,
        start: &Path,
        args: &Check,
        global: &Global,
        working: &WorkingFolder,
        progress: &Progress,
    ) -> Result<Checked, Failure> {
        let system = DiskSystem::new(&root, Links::Absent)
            .map_err(|error| Failure::new(format!("{}: {error}", root.display())))?;
        let system = Arc::new(system);
        let start = tree_path(&system, start, &args.path)?;
        let named = clusters(&system, args)?;
        let packing = Packing::source_controller(IgnoreRules::default());
        let disk = Arc::clone(&system) as Arc<dyn System>;
        let packed = Packed::new(disk, TreePath::root(), packing);
        let sources = Arc::new(Sources::new(Arc::new(packed)));
        let mut configured =
            Configured::find(args.config.as_deref(), &start, &system, &sources, working)?;
        let tree = sources.system();
        let (found, unknown) = configured.config.clusters(tree, &start, &configured.folder);
        configured.findings.extend(unknown);
        if !configured.is_sound() {
            return Ok(Checked {
                root,
                sources,
                configured,
                report: None,
            });
        }
        let options = CheckOptions {
            start,
            clusters: if named.is_empty() { found } else { named },
            config: configured.config.clone(),
            threads: threads(global),
        };
        let report = tidegate_core::check(&sources, &options, &|done, known| {
            progress.update(done, known);
        });
        let mut report = report.map_err(|nothing| {
            Failure::new(format!("{nothing} in {}", args.path.display())).with_help(
                "clusters are looked for as folders in `clusters/`, there or one level below, and \
                 kustomizations anywhere below; or name a cluster: --cluster live=PATH",
            )
        })?;
        if !configured.findings.is_empty() {
            let mut sink = Sink::new();
            sink.extend(report.findings);
            sink.extend(configured.findings.iter().cloned());
            report.findings = sink.finish(&sources);
        }
        Ok(Checked {
            root,
            sources,
            configured,
            report: Some(report),
        })
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

fn format(format: args::Format) -> Format {
    match format {
        args::Format::Human => Format::Human,
        args::Format::Concise => Format::Concise,
        args::Format::Json => Format::Json,
        args::Format::Github => Format::Github,
    }
}

/// A folder that the user named, without links.
fn existing_folder(typed: &Path) -> Result<PathBuf, Failure> {
    let shown = typed.display();
    let folder = fs::canonicalize(typed).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Failure::new(format!("{shown}: no such folder")),
        _ => Failure::new(format!("{shown}: {error}")),
    })?;
    match folder.is_dir() {
        true => Ok(folder),
        false => Err(Failure::new(format!("{shown} is not a folder"))),
    }
}

/// The folder that nothing which is checked can lead out of, where there is no git work tree: the
/// current directory if it holds what is checked.
fn root_without_git(start: &Path, working: &WorkingFolder) -> PathBuf {
    match start.starts_with(working.path()) {
        true => working.path().to_owned(),
        false => start.to_owned(),
    }
}

/// The nearest folder above `root` below which one of the paths exists.
fn root_above(root: &Path, lost_paths: &[String]) -> Option<PathBuf> {
    let exists = |folder: &Path, path: &String| {
        let inside = path.trim_start_matches(['.', '/']);
        !inside.is_empty() && folder.join(inside).is_dir()
    };
    let mut above = root.ancestors().skip(1);
    let found = above.find(|folder| lost_paths.iter().any(|path| exists(folder, path)));
    found.map(Path::to_owned)
}

fn tree_path(system: &DiskSystem, place: &Path, typed: &Path) -> Result<TreePath, Failure> {
    system.tree_path(place).ok_or_else(|| {
        let root = system.root().display();
        Failure::new(format!("{} is not below {root}", typed.display()))
            .with_help("what is checked together must lie in one git repository, or below PATH")
    })
}

fn clusters(system: &DiskSystem, args: &Check) -> Result<Vec<Cluster>, Failure> {
    let mut clusters = Vec::with_capacity(args.clusters.len());
    for (name, typed) in &args.clusters {
        let path = tree_path(system, &existing_folder(typed)?, typed)?;
        if clusters.iter().any(|known: &Cluster| known.name == *name) {
            return Err(Failure::new(format!("two clusters are named {name}")));
        }
        if system.list(&path).is_ok_and(|entries| entries.is_empty()) {
            return Err(Failure::new(format!("{} is empty", typed.display())));
        }
        clusters.push(Cluster {
            name: name.clone(),
            path,
        });
    }
    clusters.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(clusters)
}
