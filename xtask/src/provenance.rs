//! The oracle of provenance: change one scalar of the sources at a time, build again, and ask every
//! leaf whose value changed where it comes from. The changed place must be its primary place or in
//! its trail. No file is written: a changed file lives in memory, over the tree on the disk.

mod change;
mod charts;
mod compare;
mod given;
mod report;
mod resource_sets;
mod site;
mod unit;
mod variables;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tidegate_core::parallel;

use crate::Outcome;
use crate::provenance::change::Form;
use crate::provenance::compare::{Trial, Verdict};
use crate::provenance::report::Report;
use crate::provenance::site::Site;
use crate::provenance::unit::{Baseline, Unit};
use crate::random::Random;
use crate::workspace::{self, Workspace};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How many changes to try
    #[arg(long, default_value_t = 10_000)]
    changes: usize,
    /// Which changes: the same seed gives the same ones
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only units whose name contains this text
    #[arg(long)]
    only: Option<String>,
    /// Names every miss
    #[arg(long)]
    list: bool,
    /// Changes values of charts instead, in the cases of the suite helm
    #[arg(long, conflicts_with = "resource_sets")]
    charts: bool,
    /// Changes inputs of ResourceSets instead, in the cases of the suite resourceset
    #[arg(long)]
    resource_sets: bool,
}

/// Tries the changes, prints the rates, and fails when a bar is missed.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Outcome {
    if arguments.charts {
        return given::run(&charts::OfCharts::open(workspace)?, arguments);
    }
    if arguments.resource_sets {
        return given::run(&resource_sets::OfResourceSets::open(workspace)?, arguments);
    }
    let mut units = Vec::new();
    let mut groups = Vec::new();
    for found in [
        unit::of_corpora(workspace)?,
        unit::of_cases(workspace)?,
        unit::of_variables(workspace)?,
    ] {
        let start = units.len();
        let wanted = |unit: &Unit| {
            let only = arguments.only.as_deref();
            only.is_none_or(|text| unit.name.contains(text))
        };
        units.extend(found.into_iter().filter(wanted));
        groups.push(start..units.len());
    }
    if units.is_empty() {
        return Err("nothing to build: set TIDEGATE_CORPORA and TIDEGATE_CONFORMANCE".into());
    }
    // A panic is a result here, and counted: its words would only hide the report.
    std::panic::set_hook(Box::new(|_| {}));
    let threads = workspace::threads();
    let baselines = parallel::map(threads, &units, Unit::baseline);
    let picked = pick(&groups, &baselines, arguments);
    let trials = parallel::map(threads, &picked, |&(index, at)| {
        let baseline = baselines[index].as_ref()?;
        Some(attempt(&units[index], baseline, &baseline.sites[at]))
    });
    let trials = trials.into_iter().flatten().collect();
    let _ = std::panic::take_hook();
    let report = Report::new(&units, &baselines, trials);
    report.print(arguments.list);
    report.outcome()
}

/// Draws changes, as many from each group of units: first a unit, then one of its files, then a
/// place in it, so that large files do not drown the rest. Where there are variables, every other
/// place is the value of one.
fn pick(
    groups: &[std::ops::Range<usize>],
    baselines: &[Option<Baseline>],
    arguments: &Arguments,
) -> Vec<(usize, usize)> {
    let mut random = Random::new(arguments.seed);
    let mut picked = BTreeSet::new();
    for group in groups {
        let usable: Vec<usize> = group
            .clone()
            .filter(|&index| baselines[index].as_ref().is_some_and(Baseline::has_sites))
            .collect();
        let enough = picked.len() + arguments.changes / groups.len();
        // Small groups run out of new places.
        for _ in 0..arguments.changes * 4 {
            let Some(&index) = random.choose(&usable) else {
                break;
            };
            let Some(baseline) = &baselines[index] else {
                continue;
            };
            let of_variables = !baseline.definitions.is_empty() && random.below(2) == 0;
            let site = match of_variables {
                true => random.choose(&baseline.definitions).copied(),
                false => {
                    let file = random.choose(&baseline.sites_of_files);
                    file.map(|file| file.start + random.below(file.len()))
                }
            };
            picked.extend(site.map(|site| (index, site)));
            if picked.len() >= enough {
                break;
            }
        }
    }
    picked.into_iter().collect()
}

fn attempt(unit: &Unit, baseline: &Baseline, site: &Site) -> Trial {
    let (changed, change) = change::make(site, Form::End);
    let built = catch_unwind(AssertUnwindSafe(|| {
        let (sources, built) = unit.build_with(site.file.path(), changed);
        match built {
            Some(after) => compare::objects(&baseline.objects, &after, site, &change, &sources),
            None => Verdict::Fails,
        }
    }));
    Trial {
        unit: unit.name.clone(),
        place: site.to_string(),
        new: change.new,
        role: site.role.clone(),
        defines: unit.has_variables() && site.defines_variable(),
        verdict: built.unwrap_or(Verdict::Panics),
    }
}
