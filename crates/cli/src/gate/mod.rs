//! The gate: a tree is checked by the policy of its config, and packed. Both see the same bytes.

mod evidence;
mod report;
mod shown;

use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::path::Path;
use std::thread;

use tidegate_artifact::Modes;
use tidegate_core::config::FailOn;
use tidegate_core::{CheckReport, TreePacking};
use tidegate_source::{Severity, Sink, TreePath};

use crate::args::GateArgs;
use crate::checking::{Baselines, Checked, Checking};
use crate::commands::Failure;
use crate::packing::{Origin, Packaged};
use crate::place::WorkingFolder;
use crate::plan::Asked;
use crate::progress::Progress;
use crate::tree::Tree;

pub(crate) use shown::{named, size};

/// A tree that was held to the gate.
pub(crate) struct Gated {
    pub(crate) tree: Tree,
    pub(crate) checked: Checked,
    pub(crate) packaged: Packaged,
    pub(crate) packing: TreePacking,
    pub(crate) origin: Origin,
    /// Whether nothing was found that the policy does not accept.
    pub(crate) passed: bool,
}

/// What holding a tree to the gate came to.
pub(crate) enum Answer {
    Gated(Box<Gated>),
    /// The config has errors; nothing was checked.
    Misconfigured(Box<(Tree, Checked)>),
}

/// Checks and packs a tree.
pub(crate) fn hold(
    path: &Path,
    args: &GateArgs,
    threads: NonZeroUsize,
    working: &WorkingFolder,
    progress: &Progress,
) -> Result<Answer, Failure> {
    let checking = Checking {
        asked: Asked {
            path,
            clusters: &args.clusters,
            config: args.config.as_deref(),
            cache_dir: args.cache_dir.as_deref(),
            lock: None,
            threads,
        },
        kubernetes: None,
        require_complete: true,
        is_packed: true,
        working,
        progress,
    };
    let opened = Tree::open(path, args.rev.as_deref(), working)?;
    let mut tree = to_pack(&opened, path, working)?;
    let (mut checked, origin) = thread::scope(|scope| {
        let tree = &tree;
        let origin = scope.spawn(move || Origin::of(tree));
        let checked = checking.check(tree, Vec::new())?;
        let origin = origin.join().unwrap_or_else(|panic| resume_unwind(panic));
        Ok::<_, Failure>((checked, origin?))
    })?;
    if let Some(report) = &checked.report
        && let Some(above) = opened.above(&report.lost_paths)?
    {
        tree = to_pack(&above, path, working)?;
        checked = checking.check(&tree, Vec::new())?;
    }
    let Some(report) = &checked.report else {
        return Ok(Answer::Misconfigured(Box::new((tree, checked))));
    };
    let packing = report.packing.clone();
    let modes = match args.keep_modes {
        true => Modes::Kept,
        false => Modes::Normal,
    };
    let packaged = Packaged::new(&tree, &packing.root, modes)?;
    checking.judge(&mut checked, Baselines::Used(None))?;
    // Nothing waives these: no cluster could use such an artifact.
    let passed = match &mut checked.report {
        Some(report) => {
            let mut sink = Sink::new();
            sink.extend(std::mem::take(&mut report.findings));
            sink.extend(packaged.refusals.iter().cloned());
            report.findings = sink.finish(&checked.sources);
            let least = match checked.configured.config.fail_on {
                Some(FailOn::AtLeast(least)) => least.min(Severity::Error),
                Some(FailOn::Never) | None => Severity::Error,
            };
            report.findings.iter().all(|one| one.severity < least)
        }
        None => false,
    };
    Ok(Answer::Gated(Box::new(Gated {
        tree,
        checked,
        packaged,
        packing,
        origin,
        passed,
    })))
}

fn to_pack(tree: &Tree, path: &Path, working: &WorkingFolder) -> Result<Tree, Failure> {
    let part = match tree.is_bare() {
        true => TreePath::root(),
        false => tree.folder(path, working)?,
    };
    Ok(tree.to_pack(part))
}

impl Gated {
    /// What is told of the check that was made.
    fn report(&self) -> Option<&CheckReport> {
        self.checked.report.as_ref()
    }

    /// The files that are packed, or would be, and are not those of the commit.
    pub(crate) fn unlike_commit(&self) -> Vec<TreePath> {
        let files = self.packaged.files();
        self.origin.unlike(&self.tree, &self.packaged.root, &files)
    }
}
