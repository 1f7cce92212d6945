//! The same oracle for charts: one scalar of the values of a case is changed at a time, the case is rendered
//! again, and every leaf that changed has to name the value.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use tidegate_core::parallel;
use tidegate_core::printed::Printed;
use tidegate_helm::Rendered;
use tidegate_kustomize::Object;
use tidegate_yaml::{Dialect, ParseOptions};

use super::Arguments;
use super::change;
use super::compare::{self, Leaf, Traced, Verdict};
use super::site::{self, Site};
use crate::Outcome;
use crate::charts::{self, Case, Charts};
use crate::random::Random;
use crate::workspace::{self, Workspace};

/// The share of changed leaves that must name the value.
const BAR: f64 = 0.95;

/// The share of those that one value feeds whose primary place it must be.
const PRIMARY_BAR: f64 = 0.90;

/// The library chart builds all it prints through its own functions, and is counted apart.
const APART: &str = "app-template";

/// A case as it is, and the scalars of its values.
struct Baseline {
    objects: Vec<Object>,
    /// Each with the index of its file.
    sites: Vec<(usize, Site)>,
}

/// What came of the changes of some charts.
#[derive(Default)]
struct Rates {
    changes: usize,
    silent: usize,
    restructured: usize,
    refused: usize,
    panics: usize,
    leaves: usize,
    named: usize,
    fed_by_one: usize,
    primary: usize,
}

pub(super) fn run(workspace: &Workspace, arguments: &Arguments) -> Outcome {
    let (charts, mut cases) = charts::open(workspace)?;
    if let Some(only) = &arguments.only {
        cases.retain(|case| case.name.contains(only.as_str()));
    }
    let threads = workspace::threads();
    let baselines = parallel::map(threads, &cases, |case| baseline(&charts, case));
    let picked = pick(&cases, &baselines, arguments);
    std::panic::set_hook(Box::new(|_| {}));
    let verdicts = parallel::map(threads, &picked, |&(index, at)| {
        let baseline = baselines[index].as_ref()?;
        Some(attempt(
            &charts,
            &cases[index],
            baseline,
            &baseline.sites[at],
        ))
    });
    let _ = std::panic::take_hook();
    let (mut all, mut apart) = (Rates::default(), Rates::default());
    let mut causes: BTreeMap<String, usize> = BTreeMap::new();
    for (&(index, at), verdict) in picked.iter().zip(verdicts) {
        let case = &cases[index];
        let Some((verdict, baseline)) = verdict.zip(baselines[index].as_ref()) else {
            continue;
        };
        let rates = match case.chart == APART {
            true => &mut apart,
            false => &mut all,
        };
        rates.add(&verdict);
        let Verdict::Changed(leaves) = &verdict else {
            continue;
        };
        for leaf in leaves.iter().filter(|leaf| leaf.traced == Traced::No) {
            let (_, site) = &baseline.sites[at];
            let path = leaf.name.split_once(' ').map_or("", |(_, path)| path);
            let what = format!("{}: {} -> {path}", case.chart, site.role);
            *causes.entry(what).or_default() += 1;
            if arguments.list {
                println!("miss: {}: {site}: {}", case.name, leaf.name);
                println!("      {} -> {}", cut(&leaf.before), cut(&leaf.after));
                println!("      {}", leaf.places.join("; "));
            }
        }
        for leaf in leaves
            .iter()
            .filter(|leaf| arguments.list && is_fed_by_one(leaf) && !leaf.primary)
        {
            println!(
                "not primary: {}: {}: {}",
                case.name, baseline.sites[at].1, leaf.name
            );
            println!("      {}", leaf.places.join("; "));
        }
    }
    let mut causes: Vec<_> = causes.into_iter().collect();
    causes.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    for (cause, count) in causes.into_iter().take(25) {
        println!("{count:6}  {cause}");
    }
    all.print("all but app-template");
    apart.print(APART);
    match all.panics + apart.panics {
        0 => all.outcome(),
        _ => Err("a change made the engine panic".into()),
    }
}

fn cut(text: &str) -> String {
    text.chars().take(70).collect()
}

fn baseline(charts: &Charts, case: &Case) -> Option<Baseline> {
    let (files, values) = case.values(&charts.chart(case).sources, None).ok()?;
    let rendered = charts.render(case, &values).ok()?;
    let mut sites = Vec::new();
    for (index, file) in files.iter().enumerate() {
        let mut found = Vec::new();
        site::find(file, &mut found);
        sites.extend(found.into_iter().map(|mut site| {
            // Values are no objects.
            site.steers = false;
            (index, site)
        }));
    }
    Some(Baseline {
        objects: objects(&rendered)?,
        sites,
    })
}

/// First a case, then a scalar of its values.
fn pick(
    cases: &[Case],
    baselines: &[Option<Baseline>],
    arguments: &Arguments,
) -> Vec<(usize, usize)> {
    let mut random = Random::new(arguments.seed);
    let usable: Vec<(usize, usize)> = (0..cases.len())
        .filter_map(|index| Some((index, baselines[index].as_ref()?.sites.len())))
        .filter(|(_, sites)| *sites > 0)
        .collect();
    let mut picked = BTreeSet::new();
    for _ in 0..arguments.changes * 20 {
        let Some(&(index, sites)) = random.choose(&usable) else {
            break;
        };
        picked.insert((index, random.below(sites)));
        if picked.len() >= arguments.changes {
            break;
        }
    }
    picked.into_iter().collect()
}

fn attempt(charts: &Charts, case: &Case, baseline: &Baseline, site: &(usize, Site)) -> Verdict {
    let (file, site) = site;
    let (text, change) = change::make(site);
    let sources = &charts.chart(case).sources;
    let changed = catch_unwind(AssertUnwindSafe(|| {
        let (_, values) = case.values(sources, Some((*file, text))).ok()?;
        let rendered = charts.render(case, &values).ok()?;
        let after = objects(&rendered)?;
        Some(compare::objects(
            &baseline.objects,
            &after,
            site,
            &change,
            sources,
        ))
    }));
    match changed {
        Ok(verdict) => verdict.unwrap_or(Verdict::Fails),
        Err(_) => Verdict::Panics,
    }
}

/// The objects of a render, with their places.
fn objects(rendered: &Rendered) -> Option<Vec<Object>> {
    let options = ParseOptions::new(Dialect::GoYaml3);
    let mut objects = Vec::new();
    for manifest in rendered.manifests.iter().chain(&rendered.hooks) {
        let text = &manifest.printed.text;
        let printed = Printed::new(text, &manifest.printed.pieces, &rendered.origins);
        let printed = printed.preferring_values();
        let nodes = printed.read(manifest.range.clone(), options).ok()?;
        objects.extend(nodes.into_iter().map(Object::new));
    }
    Some(objects)
}

/// Whether a leaf was made of one value alone, whatever decided that it is there.
fn is_fed_by_one(leaf: &Leaf) -> bool {
    let values = leaf.places.iter().enumerate().filter(|(index, place)| {
        let is_value = place.starts_with("value ") || *index == 0;
        is_value && place.contains("values")
    });
    let values: BTreeSet<&str> = values
        .filter_map(|(_, place)| place.split_once(' '))
        .map(|(_, place)| place)
        .collect();
    values.len() == 1
}

impl Rates {
    fn add(&mut self, verdict: &Verdict) {
        self.changes += 1;
        match verdict {
            Verdict::Panics => self.panics += 1,
            Verdict::Fails => self.refused += 1,
            Verdict::Restructured(_) => self.restructured += 1,
            Verdict::Changed(leaves) if leaves.is_empty() => self.silent += 1,
            Verdict::Changed(leaves) => {
                for leaf in leaves {
                    self.leaves += 1;
                    self.named += usize::from(leaf.traced != Traced::No);
                    if is_fed_by_one(leaf) {
                        self.fed_by_one += 1;
                        self.primary += usize::from(leaf.primary);
                    }
                }
            }
        }
    }

    fn print(&self, what: &str) {
        println!(
            "{what}: {} changes, of which {} reach nothing, {} alter which leaves exist, {} are refused, {} \
             panic",
            self.changes, self.silent, self.restructured, self.refused, self.panics
        );
        println!(
            "  {} of {} changed leaves name the value, {:.1} %; of {} that one value feeds, it is the place of \
             {}, {:.1} %",
            self.named,
            self.leaves,
            share(self.named, self.leaves) * 100.0,
            self.fed_by_one,
            self.primary,
            share(self.primary, self.fed_by_one) * 100.0
        );
    }

    fn outcome(&self) -> Outcome {
        let named = share(self.named, self.leaves);
        let primary = share(self.primary, self.fed_by_one);
        match named < BAR || primary < PRIMARY_BAR {
            true => Err("below the bars of 95 and 90 %".into()),
            false => Ok(()),
        }
    }
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}
