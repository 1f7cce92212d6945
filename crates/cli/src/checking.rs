//! A check of a tree: as it is packed, by its config, and judged.

use std::mem;
use std::path::Path;
use std::sync::Arc;

use tidegate_core::config::Version;
use tidegate_core::{
    CheckReport, Cluster, Judging, TreePacking, codes, judge, not_checked_error, not_rendered_error,
};
use tidegate_source::{Sink, Sources, Waived};

use crate::charts::AtHandCharts;
use crate::commands::Failure;
use crate::config::Configured;
use crate::place::WorkingFolder;
use crate::plan::{Asked, Plan};
use crate::progress::Progress;
use crate::tree::Tree;
use crate::verdict;

/// What is the same for all checks of a run.
pub(crate) struct Checking<'a> {
    pub(crate) asked: Asked<'a>,
    /// The version that all clusters run, in place of what the config says.
    pub(crate) kubernetes: Option<Version>,
    /// Whether what could not be rendered or checked is an error.
    pub(crate) require_complete: bool,
    /// Whether the tree is to be packed, so that what only matters in an artifact is looked for too.
    pub(crate) is_packed: bool,
    pub(crate) working: &'a WorkingFolder,
    pub(crate) progress: &'a Progress,
}

/// What becomes of findings that a baseline knows.
#[derive(Clone, Copy)]
pub(crate) enum Baselines<'a> {
    /// They do not count: those of the file that the user named, or else of the config.
    Used(Option<&'a Path>),
    /// They count as others do.
    Ignored,
}

/// A check of a tree.
pub(crate) struct Checked {
    pub(crate) sources: Arc<Sources>,
    pub(crate) configured: Configured,
    /// None where the config has errors.
    pub(crate) report: Option<CheckReport>,
    /// Whether there is no cluster that was not checked.
    pub(crate) is_whole: bool,
    /// What is waived, and how much the baseline knows, once that is judged.
    pub(crate) waived: Vec<Waived>,
    pub(crate) known: usize,
    /// The charts that were at hand.
    pub(crate) charts: Arc<AtHandCharts>,
}

impl Checking<'_> {
    /// Checks some clusters; where none are given, those that the user named or that are found.
    ///
    /// How the tree is packed is told in it. Where that may make a difference, it is checked again
    /// as it is packed.
    pub(crate) fn check(&self, tree: &Tree, only: Vec<Cluster>) -> Result<Checked, Failure> {
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
        let plan = Plan::new(&self.asked, tree, packing, self.working)?;
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
                charts,
            });
        }
        if let Some(version) = self.kubernetes {
            options.config.set_kubernetes(version);
        }
        if !only.is_empty() {
            options.clusters = only;
        }
        let report = tidegate_core::check(&sources, &options, &|done, known| {
            self.progress.update(done, known);
        });
        let mut report = report.map_err(|nothing| {
            Failure::new(format!("{nothing} in {}", self.asked.path.display())).with_help(
                "clusters are looked for as folders in `clusters/`, there or one level below, and \
                 kustomizations anywhere below; or name a cluster: --cluster live=PATH",
            )
        })?;
        let mut more = configured.findings.clone();
        if self.require_complete {
            more.extend(report.not_rendered.iter().map(not_rendered_error));
            more.extend(report.not_checked.iter().map(not_checked_error));
        }
        if self.is_packed {
            more.append(&mut report.clear_secrets);
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
            charts,
        })
    }

    /// Leaves the findings that count.
    pub(crate) fn judge(
        &self,
        checked: &mut Checked,
        baselines: Baselines<'_>,
    ) -> Result<(), Failure> {
        let Some(report) = &mut checked.report else {
            return Ok(());
        };
        let baseline = match baselines {
            Baselines::Used(typed) => verdict::baseline(&checked.configured, typed, self.working)?,
            Baselines::Ignored => None,
        };
        let mut not_looked_at = Vec::new();
        if !self.require_complete {
            not_looked_at.extend([codes::NOT_RENDERED, codes::NOT_CHECKED]);
        }
        if !self.is_packed {
            not_looked_at.push(codes::CLEAR_SECRET);
        }
        let judging = Judging {
            config: &checked.configured.config,
            baseline,
            today: verdict::today(),
            everything_was_checked: checked.is_whole,
            not_looked_at: &not_looked_at,
        };
        let found = mem::take(&mut report.findings);
        let verdict = judge(found, &checked.sources, judging);
        report.findings = verdict.findings;
        checked.waived = verdict.waived;
        checked.known = verdict.known;
        Ok(())
    }
}
