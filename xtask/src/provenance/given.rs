//! The same oracle for what templates are given: one scalar of the values or inputs of a case is changed at a
//! time, the case is rendered again, and every leaf that changed has to name the scalar.
//!
//! A scalar is changed in several ways, since another value may take another branch. Each change counts for
//! itself.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tidegate_core::parallel;
use tidegate_kustomize::Object;
use tidegate_source::{SourceFile, Sources};

use super::Arguments;
use super::change::{self, Form};
use super::compare::{self, Leaf, Traced, Verdict};
use super::site::{self, Site};
use crate::Outcome;
use crate::random::Random;
use crate::workspace;

/// The share of changed leaves that must name the scalar.
const BAR: f64 = 0.95;

/// The share of those that one scalar feeds whose primary place it must be.
const PRIMARY_BAR: f64 = 0.90;

/// How many causes of misses are printed.
const CAUSES: usize = 25;

/// Cases whose templates are given something.
pub(super) trait Suite: Sync {
    /// The names of the cases.
    fn names(&self) -> Vec<&str>;

    /// What the misses of a case are listed under.
    fn group(&self, case: usize) -> &str;

    /// The group that is counted apart from all others, and outside of the bars.
    fn apart(&self) -> Option<&str>;

    /// Renders a case, with one of its files replaced by another text; none where it is refused.
    fn made(&self, case: usize, replaced: Option<(usize, String)>) -> Option<Made>;

    /// Whether a scalar of a case's files is given to templates.
    fn is_given(&self, site: &Site) -> bool;
}

/// What a case makes.
pub(super) struct Made {
    pub(super) objects: Vec<Object>,
    /// The files that hold what is given.
    pub(super) files: Vec<Arc<SourceFile>>,
    pub(super) sources: Arc<Sources>,
}

/// A case as it is, and the scalars it is given.
struct Baseline {
    objects: Vec<Object>,
    /// Each with the index of its file.
    sites: Vec<(usize, Site)>,
}

/// A change: the case, the scalar, and how it is changed.
type Pick = (usize, usize, Form);

/// What came of the changes of some cases.
#[derive(Default)]
struct Rates {
    changes: usize,
    /// Case and scalar.
    scalars: BTreeSet<(usize, usize)>,
    silent: usize,
    restructured: usize,
    refused: usize,
    panics: usize,
    leaves: usize,
    named: usize,
    fed_by_one: usize,
    primary: usize,
}

/// Tries the changes, prints the rates, and fails when a bar is missed.
pub(super) fn run(suite: &dyn Suite, arguments: &Arguments) -> Outcome {
    let names = suite.names();
    let wanted = |name: &str| {
        let only = arguments.only.as_deref();
        only.is_none_or(|text| name.contains(text))
    };
    let cases: Vec<usize> = (0..names.len())
        .filter(|&case| wanted(names[case]))
        .collect();
    let threads = workspace::threads();
    let baselines = parallel::map(threads, &cases, |&case| baseline(suite, case));
    let picked = pick(&baselines, arguments);
    // A panic is a result here, and counted: its words would only hide the report.
    std::panic::set_hook(Box::new(|_| {}));
    let verdicts = parallel::map(threads, &picked, |&(index, at, form)| {
        let baseline = baselines[index].as_ref()?;
        Some(attempt(suite, cases[index], baseline, at, form))
    });
    let _ = std::panic::take_hook();

    let (mut all, mut apart) = (Rates::default(), Rates::default());
    let mut causes: BTreeMap<String, usize> = BTreeMap::new();
    for (&(index, at, _), verdict) in picked.iter().zip(verdicts) {
        let Some((verdict, baseline)) = verdict.zip(baselines[index].as_ref()) else {
            continue;
        };
        let (name, group) = (names[cases[index]], suite.group(cases[index]));
        let rates = match suite.apart() == Some(group) {
            true => &mut apart,
            false => &mut all,
        };
        rates.add((index, at), &verdict);
        let (_, site) = &baseline.sites[at];
        if let Verdict::Changed(leaves) = &verdict {
            for leaf in leaves.iter().filter(|leaf| leaf.traced == Traced::No) {
                let path = leaf.name.split_once(' ').map_or("", |(_, path)| path);
                let what = format!("{group}: {} -> {path}", site.role);
                *causes.entry(what).or_default() += 1;
            }
            if arguments.list {
                list(name, site, leaves);
            }
        }
    }
    let mut causes: Vec<_> = causes.into_iter().collect();
    causes.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    for (cause, count) in causes.into_iter().take(CAUSES) {
        println!("{count:6}  {cause}");
    }
    match suite.apart() {
        Some(group) => {
            all.print(&format!("all but {group}"));
            apart.print(group);
        }
        None => all.print("all"),
    }
    match all.panics + apart.panics {
        0 => all.outcome(),
        _ => Err("a change made the engine panic".into()),
    }
}

/// Names the leaves that do not name the change, and those whose place it is not.
fn list(name: &str, site: &Site, leaves: &[Leaf]) {
    let cut = |text: &str| text.chars().take(70).collect::<String>();
    for leaf in leaves {
        if leaf.traced == Traced::No {
            println!("miss: {name}: {site}: {}", leaf.name);
            println!("      {} -> {}", cut(&leaf.before), cut(&leaf.after));
            println!("      {}", leaf.places.join("; "));
        } else if is_fed_by_one(leaf) && !leaf.primary {
            println!("not primary: {name}: {site}: {}", leaf.name);
            println!("      {} -> {}", cut(&leaf.before), cut(&leaf.after));
            println!("      {}", leaf.places.join("; "));
        }
    }
}

fn baseline(suite: &dyn Suite, case: usize) -> Option<Baseline> {
    let made = suite.made(case, None)?;
    let mut sites = Vec::new();
    for (index, file) in made.files.iter().enumerate() {
        let mut found = Vec::new();
        site::find(file, &mut found);
        found.retain(|site| suite.is_given(site));
        sites.extend(found.into_iter().map(|mut site| {
            // What is given is no object.
            site.steers = false;
            (index, site)
        }));
    }
    Some(Baseline {
        objects: made.objects,
        sites,
    })
}

/// First a case, then a scalar that it is given, then a form.
fn pick(baselines: &[Option<Baseline>], arguments: &Arguments) -> Vec<Pick> {
    let mut random = Random::new(arguments.seed);
    let sites = |index: usize| baselines[index].as_ref().map_or(&[][..], |one| &one.sites);
    let usable: Vec<usize> = (0..baselines.len())
        .filter(|&index| !sites(index).is_empty())
        .collect();
    let mut picked = BTreeSet::new();
    for _ in 0..arguments.changes * 20 {
        let Some(&index) = random.choose(&usable) else {
            break;
        };
        let at = random.below(sites(index).len());
        let form = random.choose(&change::forms(&sites(index)[at].1)).copied();
        picked.extend(form.map(|form| (index, at, form)));
        if picked.len() >= arguments.changes {
            break;
        }
    }
    picked.into_iter().collect()
}

fn attempt(suite: &dyn Suite, case: usize, baseline: &Baseline, at: usize, form: Form) -> Verdict {
    let (file, site) = &baseline.sites[at];
    let (text, change) = change::make(site, form);
    let made = catch_unwind(AssertUnwindSafe(|| {
        let made = suite.made(case, Some((*file, text)))?;
        let (before, after) = (&baseline.objects, &made.objects);
        Some(compare::objects(
            before,
            after,
            site,
            &change,
            &made.sources,
        ))
    }));
    match made {
        Ok(verdict) => verdict.unwrap_or(Verdict::Fails),
        Err(_) => Verdict::Panics,
    }
}

/// Whether a leaf was made of one given scalar alone, whatever decided that it is there.
fn is_fed_by_one(leaf: &Leaf) -> bool {
    let kind_and_place = |place: &'_ String| {
        let (kind, place) = place.split_once(' ').unwrap_or_default();
        (kind.to_owned(), place.to_owned())
    };
    let mut places = leaf.places.iter().map(kind_and_place).peekable();
    let mut fed_by = BTreeSet::new();
    // Where a value is all of a leaf, the template is a step. Text in a file of values may be a template itself.
    if let Some((_, place)) = places.next()
        && (places.peek().is_some_and(|(kind, _)| kind == "template") || place.contains("values"))
    {
        fed_by.insert(place);
    }
    fed_by.extend(
        places
            .filter(|(kind, _)| kind == "value")
            .map(|(_, place)| place),
    );
    fed_by.len() == 1
}

impl Rates {
    fn add(&mut self, scalar: (usize, usize), verdict: &Verdict) {
        self.changes += 1;
        self.scalars.insert(scalar);
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
            "{what}: {} changes of {} scalars, of which {} reach nothing, {} alter which leaves exist, {} are \
             refused, {} panic",
            self.changes,
            self.scalars.len(),
            self.silent,
            self.restructured,
            self.refused,
            self.panics
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
